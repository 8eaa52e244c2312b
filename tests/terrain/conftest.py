"""Elevation models whose every height is known by where it is."""

import numpy as np
import pytest

CELL = 10.0
CRS = "EPSG:32717"


@pytest.fixture
def make_dem():
    """Make an elevation model of heights, rows from the north."""
    pytest.importorskip("rioxarray")
    xr = pytest.importorskip("xarray")

    def make(heights, crs=CRS, cell=CELL, *, across=None, north_up=True, **attrs):
        rows, columns = heights.shape
        y = 9_560_000 + cell * np.arange(rows)
        return xr.DataArray(
            heights,
            {
                "y": y[::-1] if north_up else y,
                "x": 700_000 + (across or cell) * np.arange(columns),
            },
            ("y", "x"),
            name="dem",
            attrs=attrs,
        ).rio.write_crs(crs)

    return make


@pytest.fixture
def rough():
    """Heights of a region with valleys of several sizes, in steps that float32 adds exactly."""

    def make(rows, columns, seed=0):
        random = np.random.default_rng(seed)
        y, x = np.mgrid[:rows, :columns]
        waves = 300 * np.sin(x / 17) * np.cos(y / 23) + 80 * np.sin((x + 2 * y) / 7)
        return np.round((600 + waves + random.normal(0, 4, (rows, columns))) * 16) / 16

    return make
