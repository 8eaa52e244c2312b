"""The stack of factors: names, facts, voids, windows and the recipe."""

import json
import re

import numpy as np
import pytest

dask = pytest.importorskip("dask")
pytest.importorskip("rioxarray")
pytest.importorskip("pyflwdir")

from sklearn_landslide.mapping import open_stack  # noqa: E402
from sklearn_landslide.terrain import (  # noqa: E402
    factor_recipe,
    flow_factors,
    replay_recipe,
    terrain_factors,
)
from sklearn_landslide.terrain._factor_table import TABLE, factor_names  # noqa: E402

CELLS = [name for name, one in TABLE.items() if one.needs == "3 x 3 cells"]
DISCS = ["tpi_40", "relief_40", "tpi_100", "relief_100"]
LOCAL = ["elevation", *CELLS, *DISCS]


def test_no_names_stand_for_all_factors_and_a_kind_for_all_scales():
    assert factor_names(None, (100.0, 300.0, 1000.0)) == [
        "elevation",
        "slope",
        "aspect",
        "northness",
        "eastness",
        "plan_curvature",
        "profile_curvature",
        "tangential_curvature",
        "tri",
        "roughness",
        "tpi_100",
        "tpi_300",
        "tpi_1000",
        "relief_100",
        "relief_300",
        "relief_1000",
        "contributing_area",
        "twi",
        "spi",
        "sti",
        "height_above_drainage",
        "distance_to_drainage",
    ]
    assert factor_names(["relief", "tpi_55.5", "slope", "relief_50"], (50.0,)) == [
        "relief_50",
        "tpi_55.5",
        "slope",
    ]


def test_the_page_has_each_factor_with_its_unit():
    rows = re.findall(r"^ *``(\w+?)(?:_<meters>)?`` +(\S+)", terrain_factors.__doc__, re.M)
    assert dict(rows) == {name: factor.units for name, factor in TABLE.items()}


def test_elevation_comes_first_or_where_it_is_named(make_dem, rough):
    dem = make_dem(rough(9, 9))
    assert list(terrain_factors(dem, "slope")) == ["elevation", "slope"]
    assert list(terrain_factors(dem, ["tri", "elevation"])) == ["tri", "elevation"]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("slop", "Did you mean 'slope'"),
        ("tpi_wide", "tpi_<meters>"),
        ("tpi_0", "no terrain factor 'tpi_0'"),
        ("relif_100", "Did you mean 'relief'"),
        ("slope_100", "no terrain factor 'slope_100'"),
    ],
)
def test_an_unknown_factor_is_refused_with_the_nearest(make_dem, rough, name, said):
    with pytest.raises(ValueError, match=said):
        terrain_factors(make_dem(rough(9, 9)), name)


def test_a_radius_below_a_cell_and_scales_that_are_none_are_refused(make_dem, rough):
    dem = make_dem(rough(9, 9))
    with pytest.raises(ValueError, match=r"'tpi_9' looks 9 m around, and a cell has 10 m"):
        terrain_factors(dem, ["tpi_9"])
    assert "tpi_10" in terrain_factors(dem, ["tpi_10"])
    for scales in ([0], [-5], ["100"], [np.nan]):
        with pytest.raises(ValueError, match="scales are radii in meters above 0"):
            terrain_factors(dem, "tpi", scales=scales)


def test_the_stack_is_as_one_that_is_opened(make_dem, rough):
    dem = make_dem(rough(30, 40))
    stack = terrain_factors(dem, LOCAL, chunks=16)
    opened = open_stack(dem.to_dataset(name="elevation"), chunks=16)
    assert stack.rio.crs == opened.rio.crs
    assert stack.rio.transform() == opened.rio.transform()
    for axis in ("x", "y"):
        np.testing.assert_array_equal(stack[axis], opened[axis])
    for name, values in stack.items():
        assert values.dims == ("y", "x")
        assert values.dtype == np.float32
        assert values.chunks == opened["elevation"].chunks, name
    # And can be opened once more.
    assert list(open_stack(stack, factors=["slope", "tri"])) == ["slope", "tri"]


def test_each_factor_says_what_it_is_and_how_it_was_made(make_dem, rough):
    dem = make_dem(rough(9, 9))
    stack = terrain_factors(dem, LOCAL)
    for name, values in stack.items():
        assert set(values.attrs) >= {"long_name", "units", "method"}, name
        assert "{" not in values.attrs["method"]
    assert stack["tpi_100"].attrs == {
        "long_name": "topographic position index, 100 m",
        "units": "m",
        "method": "elevation minus the mean of all other cells within 100 m, Weiss (2001)",
    }
    assert "Horn" in stack["slope"].attrs["method"]
    assert "Evans" in stack["plan_curvature"].attrs["method"]
    other = terrain_factors(dem, LOCAL, method="zevenbergen_thorne")
    assert "Zevenbergen" in other["slope"].attrs["method"]
    assert "Zevenbergen" in other["plan_curvature"].attrs["method"]


def test_a_void_takes_the_cells_around_it_and_discs_fill_in(make_dem, rough):
    heights = rough(30, 30)
    whole = terrain_factors(make_dem(heights), LOCAL).compute()
    heights[10, 20] = np.nan
    stack = terrain_factors(make_dem(heights), LOCAL).compute()
    near = np.zeros(heights.shape, dtype=bool)
    near[9:12, 19:22] = True
    ring = np.ones(heights.shape, dtype=bool)
    ring[1:-1, 1:-1] = False
    for name in CELLS:
        np.testing.assert_array_equal(np.isnan(stack[name]), near | ring, err_msg=name)
        np.testing.assert_array_equal(
            stack[name].to_numpy()[~near], whole[name].to_numpy()[~near], err_msg=name
        )
    for name in DISCS:
        np.testing.assert_array_equal(np.isnan(stack[name]), np.isnan(heights), err_msg=name)


@pytest.mark.parametrize("method", ["horn", "zevenbergen_thorne"])
def test_values_are_the_same_to_the_last_bit_for_all_windows(make_dem, rough, method):
    heights = rough(700, 530).astype(np.float32)
    heights[500:520, 505:515] = np.nan
    heights[0, :40] = np.nan
    dem = make_dem(heights)
    expected = terrain_factors(dem, LOCAL, method=method).compute()
    for source, chunks in [(dem, 100), (dem.chunk({"y": 77, "x": 530}), 512)]:
        stack = terrain_factors(source, LOCAL, method=method, chunks=chunks)
        with dask.config.set(scheduler="threads"):
            stack = stack.compute()
        for name in LOCAL:
            one, other = stack[name].to_numpy(), expected[name].to_numpy()
            np.testing.assert_array_equal(one.view(np.uint32), other.view(np.uint32), name)


def test_nothing_is_computed_before_it_is_asked_for(make_dem, rough, monkeypatch):
    from sklearn_landslide.terrain import _factor_stack

    def computed(*args, **kwargs):
        raise AssertionError("computed too early")

    monkeypatch.setattr(_factor_stack, "window_factors", computed)
    monkeypatch.setattr(_factor_stack, "disc_factors", computed)
    stack = terrain_factors(make_dem(rough(20, 20)), LOCAL)
    assert np.isfinite(stack["elevation"]).all()
    with pytest.raises(AssertionError, match="too early"):
        stack["slope"].compute()


def test_the_recipe_makes_the_same_factors_again(make_dem, rough):
    dem = make_dem(rough(40, 40))
    how = {"method": "zevenbergen_thorne", "river_area": 5e4, "routing": "multiple"}
    stack = terrain_factors(dem, ["slope", "tpi", "relief_55.5"], scales=(40, 80), **how)
    recipe = factor_recipe(stack)
    assert recipe == {
        "factors": ["elevation", "slope", "tpi_40", "tpi_80", "relief_55.5"],
        **how,
        "cell_size": [10.0, 10.0],
    }
    recipe = json.loads(json.dumps(recipe))
    again = replay_recipe(dem, recipe)
    assert again.identical(stack)
    # Through a file, which keeps texts.
    assert factor_recipe(stack.assign_attrs(dict(stack.attrs))) == recipe
    assert factor_recipe(stack[["tpi_80"]])["factors"] == ["tpi_80"]
    assert list(replay_recipe(dem, factor_recipe(stack[["tpi_80"]]))) == ["elevation", "tpi_80"]


def test_other_cells_than_those_of_the_recipe_are_warned_of(make_dem, rough):
    recipe = factor_recipe(terrain_factors(make_dem(rough(20, 20)), "slope"))
    replay_recipe(make_dem(rough(20, 20), cell=10.9), recipe)
    with pytest.warns(UserWarning, match=r"cells of 30 x 30 m.* on cells of 10 x 10 m") as caught:
        replay_recipe(make_dem(rough(20, 20), cell=30.0), recipe)
    assert [one.filename for one in caught if one.category is UserWarning] == [__file__]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"factors": ["slope", "slop"]}, "no terrain factor 'slop'"),
        ({"method": None}, "no 'method'"),
        ({"cell_size": None}, "no 'cell_size'"),
    ],
)
def test_a_recipe_that_is_not_whole_is_refused(make_dem, rough, change, said):
    dem = make_dem(rough(20, 20))
    recipe = factor_recipe(terrain_factors(dem, "slope")) | change
    recipe = {name: value for name, value in recipe.items() if value is not None}
    with pytest.raises(ValueError, match=said):
        replay_recipe(dem, recipe)


@pytest.mark.parametrize("text", [None, "no json", 5, "[]", "{}"])
def test_a_stack_without_a_recipe_is_refused(make_dem, rough, text):
    stack = terrain_factors(make_dem(rough(9, 9)), "slope")
    stack.attrs = {} if text is None else {"terrain_recipe": text}
    with pytest.raises(ValueError, match=r"does not say how|has no 'factors'"):
        factor_recipe(stack)


FLOW = [name for name, one in TABLE.items() if one.needs == "flow"]


@pytest.mark.parametrize("routing", ["d8", "multiple"])
def test_flow_is_that_of_the_whole_raster_with_the_slope_of_the_stack(make_dem, rough, routing):
    heights = rough(60, 50)
    heights[20:23, 30:34] = np.nan
    how = {"routing": routing, "river_area": 1e4}
    stack = terrain_factors(make_dem(heights), ["slope", *FLOW], chunks=16, **how)
    slope = stack["slope"].to_numpy()
    expected = flow_factors(heights, FLOW, cell_size=10.0, slope=slope, **how)
    for name in FLOW:
        np.testing.assert_array_equal(stack[name], expected[name], err_msg=name)
        assert stack[name].chunks == stack["slope"].chunks
        said = stack[name].attrs["method"]
        assert ("10000 m²" in said) == ("drainage" in name)
        assert "drainage" in name or ("D8" in said) == (routing == "d8")
    # Slope is made for the index, and not handed out.
    assert list(terrain_factors(make_dem(heights), "twi", **how)) == ["elevation", "twi"]
    twi = terrain_factors(make_dem(heights), "twi", **how)["twi"]
    np.testing.assert_array_equal(twi, stack["twi"])


def test_flow_knows_cells_that_are_not_square(make_dem, rough):
    heights = rough(60, 50)
    dem = make_dem(heights, cell=10.0, across=7.0)
    found = terrain_factors(dem, "contributing_area")["contributing_area"].to_numpy()
    expected = flow_factors(heights, ["contributing_area"], cell_size=(7.0, 10.0))
    np.testing.assert_array_equal(found, expected["contributing_area"])
    np.testing.assert_allclose(found.min(), np.log10(70), rtol=1e-6)
