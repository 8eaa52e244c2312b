"""Windows of a map: many enough to run side by side, and the same on every machine."""

import pytest

pytest.importorskip("rioxarray")

import numpy as np
import xarray as xr

from sklearn_landslide.map_products._layers import window_of


@pytest.mark.parametrize(
    ("shape", "window", "expected"),
    [
        ((987, 826), 512, 256),
        # Sixteen of that side, or all that a tile allows.
        ((2048, 2048), 512, 512),
        ((2047, 1500), 512, 256),
        ((300, 300), 512, 128),
        ((987, 826), 640, 256),
        # What was asked for is never made larger.
        ((987, 826), 100, 100),
        ((987, 826), 200, 200),
    ],
)
def test_windows_are_at_least_sixteen_where_tiles_allow(shape, window, expected):
    stack = xr.Dataset({"slope": (("y", "x"), np.empty(shape, dtype="uint8"))})
    assert window_of(window, stack) == expected
