"""What all tests share: where the real tables are, and one switch of SciPy's."""

import gc
import os
from pathlib import Path

import pytest

# Set before SciPy is imported, or one of scikit-learn's estimator checks would be skipped.
os.environ.setdefault("SCIPY_ARRAY_API", "1")

REAL_DATA = Path(__file__).parents[2] / "shared" / "data"


def pytest_collection_finish():
    # What was imported stays to the end: a search for garbage need not look at it each time.
    gc.collect()
    gc.freeze()


def pytest_runtest_setup(item):
    # Not in the fixture: skipped here, all of them are one line of pytest's summary.
    if "real_data" in item.fixturenames and not REAL_DATA.is_dir():
        pytest.skip("the real tables are not here: ../shared/data, beside the project")


@pytest.fixture(scope="session")
def real_data():
    """Folder of the real tables and rasters; what needs it is skipped in a clone without."""
    return REAL_DATA
