"""Factors of flow by hand on a valley, and against other programs on real elevation."""

import shutil
import subprocess
import sys

import numpy as np
import pytest
import rasterio

from sklearn_landslide.terrain import drainage, flow_factors, river_cells

STREAMS = ["height_above_drainage", "distance_to_drainage"]


def valley(rows=8, half=3):
    """Sides that fall by 10 m a cell to a channel that falls southward by 1 m a cell."""
    across = np.abs(np.arange(-half, half + 1))
    return 1000.0 + 10 * across - np.arange(rows)[:, None]


def test_height_and_distance_to_the_stream_of_a_valley():
    # A row gathers 7 cells of 20 m x 10 m: the stream begins in the third row, at 4200 m².
    factors = flow_factors(valley(), STREAMS, cell_size=(20.0, 10.0), river_area=4200.0)
    across = np.abs(np.arange(-3, 4))[None]
    # Above its beginning, water goes on down the channel to it.
    along = np.maximum(2 - np.arange(8), 0)[:, None]
    np.testing.assert_array_equal(factors["height_above_drainage"], 10 * across + along)
    np.testing.assert_array_equal(factors["distance_to_drainage"], 20 * across + 10 * along)


def test_diagonal_steps_are_as_long_as_the_diagonal_of_a_cell():
    y, x = np.mgrid[:4, :4]
    falls = 100.0 - 10 * np.minimum(y, x) - 0.0 * y
    falls[y != x] += 50
    factors = flow_factors(falls, STREAMS, cell_size=(4.0, 3.0), river_area=192.0)
    np.testing.assert_allclose(np.diag(factors["distance_to_drainage"]), [15, 10, 5, 0])
    np.testing.assert_allclose(np.diag(factors["height_above_drainage"]), [30, 20, 10, 0])


def test_height_is_that_of_the_filled_elevation():
    # A pit of 5 m in the channel, filled to the level of the next cell.
    grid = valley()
    grid[5, 3] -= 5
    factors = flow_factors(grid, STREAMS, cell_size=10.0, river_area=3 * 700.0)
    assert (factors["height_above_drainage"] >= 0).all()
    assert factors["height_above_drainage"][5, 2] == 10 + 1


def test_height_is_that_of_pyflwdir_where_a_cell_drains_into_a_stream():
    rng = np.random.default_rng(5)
    y, x = np.mgrid[:40, :50]
    grid = 3.0 * abs(x - 25) - 0.5 * y + 10 * rng.standard_normal((40, 50))
    grid[10:13, 5:9] = np.nan
    flow = drainage(grid, cell_size=10.0, river_area=5000.0)
    found = flow_factors(grid, STREAMS[:1], cell_size=10.0, river_area=5000.0)[STREAMS[0]]
    known = ~np.isnan(found)
    assert 0.5 < known.mean() < 1
    # It adds up falls on the way, in Python.
    theirs = flow.network.hand(flow.streams, flow.filled.astype(float))
    np.testing.assert_allclose(found[known], theirs[known], atol=1e-4)


def test_height_and_distance_are_unknown_where_water_leaves_without_a_stream():
    # Behind column 5, the ground falls to a ditch in the east, which gathers 2400 m².
    grid = np.hstack([valley(), valley()[:, -2:] - 100])
    said = []
    factors = flow_factors(grid, STREAMS, cell_size=10.0, river_area=2500.0, log=said.append)
    for values in factors.values():
        np.testing.assert_array_equal(np.isnan(values), np.tile(np.arange(9) > 5, (8, 1)))
    assert said[1].startswith("24 of 72 cells drain out of the elevation model before")


def test_wetness_and_power_use_area_over_the_side_of_a_cell_and_the_given_slope():
    slope = np.full((8, 7), 45.0)
    names = ["sti", "twi", "contributing_area", "spi"]
    factors = flow_factors(valley(), names, cell_size=(5.0, 20.0), slope=slope)
    assert list(factors) == names
    assert {values.dtype for values in factors.values()} == {np.dtype("float32")}
    # Fourth row of the channel: 28 cells of 100 m², of a side of 10 m in the mean.
    assert factors["contributing_area"][3, 3] == pytest.approx(np.log10(2800))
    assert factors["spi"][3, 3] == pytest.approx(280)
    assert factors["twi"][3, 3] == pytest.approx(np.log(280))
    assert factors["sti"][3, 3] == pytest.approx((280 / 22.13) ** 0.6 * (0.5**0.5 / 0.0896) ** 1.3)


def test_streams_are_those_of_the_steepest_descent_under_both_routings():
    options = {"cell_size": 10.0, "river_area": 2100.0}
    names = ["contributing_area", *STREAMS]
    one, many = (flow_factors(valley(), names, routing=r, **options) for r in ("d8", "multiple"))
    for name in STREAMS:
        np.testing.assert_array_equal(one[name], many[name])
    assert (one["contributing_area"] != many["contributing_area"]).any()


def test_where_there_is_no_ground_there_are_no_factors():
    grid = valley()
    grid[2:4, 5] = np.nan
    names = ["contributing_area", "twi", *STREAMS]
    for routing in ("d8", "multiple"):
        factors = flow_factors(
            grid, names, cell_size=10, river_area=2100, routing=routing, slope=grid * 0 + 30
        )
        for values in factors.values():
            np.testing.assert_array_equal(np.isnan(values), np.isnan(grid))


@pytest.mark.parametrize(
    ("names", "options", "message"),
    [
        (["twy"], {}, "'twy' is not a factor of flow. Did you mean 'twi'"),
        (["twi", "spi"], {}, "twi, spi need the slope in degrees: pass slope="),
        (["twi"], {"slope": np.zeros((2, 2))}, r"shape \(2, 2\), the elevation of shape \(8, 7\)"),
        (["twi"], {"routing": "dinf", "slope": valley()}, "routing='dinf' is neither"),
        (STREAMS, {"river_area": 1e6}, "area of river_area=1e\\+06 m²; the largest is 5600 m²"),
    ],
)
def test_what_cannot_be_computed_is_refused_in_a_line(names, options, message):
    with pytest.raises(ValueError, match=message) as refused:
        flow_factors(valley(), names, cell_size=10.0, **options)
    assert "\n" not in str(refused.value)


def test_rivers_are_where_the_contributing_area_reaches_that_of_a_river():
    rivers = river_cells(drainage(valley(), cell_size=10.0, river_area=2100.0))
    expected = np.zeros((8, 7), dtype=bool)
    expected[2:, 3] = True
    np.testing.assert_array_equal(rivers, expected)


def test_results_are_the_same_each_time(real_data):
    elevation = _read(real_data / "kaghan" / "elevation_aw3d30.tif")[300:500, 300:500]
    for routing in ("d8", "multiple"):
        one, other = (
            flow_factors(elevation, ["contributing_area"], cell_size=28.55, routing=routing)
            for _ in range(2)
        )
        np.testing.assert_array_equal(one["contributing_area"], other["contributing_area"])


def _read(path, band=1):
    with rasterio.open(path) as raster:
        return raster.read(band, masked=True).astype(float).filled(np.nan)


def test_multiple_flow_is_near_the_contributing_area_of_another_program(real_data):
    # log10_carea of this table is from SAGA, with multiple flow of another exponent. It does not
    # go through all depressions, so its largest areas are smaller; hillslopes agree.
    path = real_data / "ecuador_terrain.tif"
    elevation, reference = _read(path, 4), _read(path, 5)
    differences = {}
    for routing in ("d8", "multiple"):
        area = flow_factors(elevation, ["contributing_area"], cell_size=10.0, routing=routing)
        differences[routing] = (area["contributing_area"] - reference)[~np.isnan(reference)]
    assert np.median(differences["multiple"]) == pytest.approx(0.018, abs=0.005)
    assert np.mean(np.abs(differences["multiple"]) < 0.05) > 0.88
    # In one direction only, areas of slopes are scattered around it.
    assert np.median(differences["d8"]) == pytest.approx(-0.19, abs=0.02)
    assert np.mean(np.abs(differences["d8"]) < 0.05) < 0.15


@pytest.mark.skipif(shutil.which("grass") is None, reason="GRASS is not installed")
def test_single_flow_is_that_of_grass_in_nearly_all_cells(real_data, tmp_path):
    path = real_data / "kaghan" / "elevation_aw3d30.tif"
    script = tmp_path / "run.sh"
    script.write_text(
        f"r.in.gdal -o --quiet input={path} output=dem && g.region raster=dem && "
        "r.watershed -s -a --quiet elevation=dem accumulation=cells && "
        f"r.out.gdal -c --quiet input=cells type=Float64 output={tmp_path}/cells.tif"
    )
    command = ["grass", "--tmp-location", "XY", "--exec", "sh", str(script)]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    theirs = _read(tmp_path / "cells.tif")
    ours = drainage(_read(path), cell_size=1.0, river_area=1e3).area
    # It finds its way out of depressions by the least cost, where we fill them.
    assert np.mean(ours == theirs) > 0.9
    assert np.mean(np.abs(np.log10(ours / theirs)) < np.log10(1.05)) > 0.95
    assert np.corrcoef(np.log10(ours.ravel()), np.log10(theirs.ravel()))[0, 1] > 0.97


def test_flow_leaves_threads_and_warnings_as_they_are():
    script = """
import warnings
import numpy as np
import numba
import pyflwdir
before = numba.get_num_threads(), list(warnings.filters), np.geterr()
from sklearn_landslide.terrain import flow_factors
names = ["contributing_area", "height_above_drainage", "distance_to_drainage"]
for routing in ("d8", "multiple"):
    flow_factors(np.eye(9), names, cell_size=1.0, river_area=2.0, routing=routing)
after = numba.get_num_threads(), list(warnings.filters), np.geterr()
assert before == after, (before, after)
"""
    subprocess.run([sys.executable, "-W", "error", "-c", script], check=True)
