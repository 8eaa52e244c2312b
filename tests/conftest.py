"""What all tests share: where the real tables are, and one switch of SciPy's."""

import gc
import os
import sys
from pathlib import Path

import pytest

# Set before SciPy is imported, or one of scikit-learn's estimator checks would be skipped.
os.environ.setdefault("SCIPY_ARRAY_API", "1")

REAL_DATA = Path(__file__).parents[2] / "shared" / "data"
BENCHMARKS = Path(__file__).parents[1] / "benchmarks"


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


@pytest.fixture(scope="module")
def benchmarks_on_path():
    """Makes the modules of the benchmarks importable."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(BENCHMARKS))
        yield
        # Names such as "map" and "speed" are not for other tests to find.
        for name in [path.stem for path in BENCHMARKS.glob("*.py")]:
            sys.modules.pop(name, None)


@pytest.fixture
def coarse_pictures(monkeypatch):
    """Maps that commands draw have a sixteenth of the pixels, for tests that do not look at them.

    What fixtures of a module make is drawn as ever: they run before this one.
    """
    from sklearn_landslide.plotting import SusceptibilityMapDisplay

    defaults = SusceptibilityMapDisplay.save.__kwdefaults__
    monkeypatch.setitem(defaults, "dpi", defaults["dpi"] / 4)


@pytest.fixture(scope="module")
def two_folds():
    """Models of maps are tested in two folds of a kind, not five, for tests of other things."""
    from sklearn_landslide.map_products import _train

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_train, "N_FOLDS", 2)
        yield


@pytest.fixture(autouse=True)
def no_figure_stays_open():
    """Else whoever opens the twenty-first is warned of all that others have left."""
    yield
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")
