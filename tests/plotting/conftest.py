"""What the tests of figures share."""

import matplotlib as mpl
import pytest


@pytest.fixture(autouse=True)
def backend_without_window():
    """Figures are drawn into memory, on whatever screen the tests run."""
    with mpl.rc_context({"backend": "agg"}):
        yield
