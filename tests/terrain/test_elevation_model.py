"""What is wrong with elevation models is said in one line, or put right aloud."""

import numpy as np
import pytest

rasterio = pytest.importorskip("rasterio")
pytest.importorskip("rioxarray")
xr = pytest.importorskip("xarray")

from pyproj import Transformer  # noqa: E402
from rasterio.transform import from_origin  # noqa: E402

from sklearn_landslide._hints import hints_spelled  # noqa: E402
from sklearn_landslide.mapping import open_stack  # noqa: E402
from sklearn_landslide.terrain import terrain_factors  # noqa: E402

INNER = (slice(1, -1), slice(1, -1))


def plane(rows=12, columns=14, rise=10.0):
    """Rise by `rise` from column to column, eastward."""
    return 500 + np.tile(rise * np.arange(columns), (rows, 1))


def degrees(longitude, latitude, rise=0.3, step=1 / 3600 * 3, n=120):
    """Slope that rises eastward by `rise` meters for each meter of the UTM zone."""
    x = longitude + step * np.arange(n)
    y = latitude - step * np.arange(n)
    zone = 32600 + int((longitude + 180) // 6) + 1 + (100 if latitude < 0 else 0)
    to_meters = Transformer.from_crs(4326, zone, always_xy=True)
    east, _ = to_meters.transform(*np.meshgrid(x, y))
    heights = 800 + rise * (east - east.min())
    return xr.DataArray(heights, {"y": y, "x": x}, ("y", "x")).rio.write_crs(4326), zone


def same(stack, other):
    """Whether two stacks hold the same numbers."""
    return all(np.array_equal(stack[n], other[n], equal_nan=True) for n in stack)


@pytest.mark.parametrize(("longitude", "latitude"), [(73.3, 34.7), (-79.1, -3.9), (178.2, -38.0)])
def test_degrees_are_refused_with_the_zone_or_warped_to_it(longitude, latitude):
    dem, zone = degrees(longitude, latitude)
    with pytest.raises(ValueError, match=f"in degrees .*EPSG:{zone}.*align='auto'") as caught:
        terrain_factors(dem, "slope")
    assert "\n" not in str(caught.value)
    with (
        pytest.raises(ValueError, match=r"have it done: --align auto\."),
        hints_spelled(lambda hint: f"--{hint.name} {hint.value}"),
    ):
        terrain_factors(dem, "slope")
    stack = terrain_factors(dem, ["slope", "aspect"], align="auto").compute()
    assert stack.rio.crs.to_epsg() == zone
    width, height = stack.rio.resolution()
    assert width == pytest.approx(-height)
    assert 60 < width < 95
    slope = stack["slope"].to_numpy()
    slope = slope[np.isfinite(slope)]
    assert len(slope) > 8000
    # Straight between the cells of the source, so that an even slope stays even everywhere.
    np.testing.assert_allclose(slope, np.degrees(np.arctan(0.3)), atol=0.01)
    aspect = stack["aspect"].to_numpy()
    np.testing.assert_allclose(aspect[np.isfinite(aspect)], 270, atol=0.05)


def test_degrees_near_the_pole_have_no_zone():
    cells = {"y": 88 - 0.01 * np.arange(5), "x": 10 + 0.01 * np.arange(5)}
    dem = xr.DataArray(plane(5, 5), cells, ("y", "x")).rio.write_crs(4326)
    for align in (None, "auto"):
        with pytest.raises(ValueError, match=r"reproject it to a system in meters made for"):
            terrain_factors(dem, "slope", align=align)


def test_a_continent_in_degrees_fits_no_zone():
    cells = {"y": 60 - 0.5 * np.arange(60), "x": -5 + 0.5 * np.arange(90)}
    dem = xr.DataArray(plane(60, 90, 20.0), cells, ("y", "x")).rio.write_crs(4326)
    with pytest.raises(
        ValueError, match=r"reaches too far beyond the UTM zone of its middle, EPSG"
    ):
        terrain_factors(dem, "slope", align="auto")


def test_a_range_in_meters_that_a_stack_noted_does_not_hold_in_feet(make_dem):
    heights = plane() + 8300
    opened = open_stack({"elevation": make_dem(heights)})
    assert opened["elevation"].attrs["plausible_range"] == (-500.0, 9000.0)
    heights[3, 4] = 9500
    opened["elevation"][3, 4] = 9500
    stack = terrain_factors(opened, "slope", vertical_units="ft")
    np.testing.assert_allclose(stack["elevation"], heights * 0.3048, rtol=1e-6)


def test_a_distorted_projection_is_refused_with_the_zone_or_warped(make_dem):
    # Web Mercator, 300 km from north to south at 60 degrees.
    dem = make_dem(plane(150, 150, 20.0), "EPSG:3857", 2000.0)
    with pytest.raises(ValueError, match=r"in EPSG:3857, where a meter on the map is .* EPSG:326"):
        terrain_factors(dem, "slope")
    with pytest.raises(ValueError, match=r"align='auto'"):
        terrain_factors(dem, "slope")
    stack = terrain_factors(dem, "slope", align="auto")
    assert stack.rio.crs.to_epsg() == 32632


def test_feet_on_the_map_are_converted(make_dem):
    # Texas North Central, US survey feet; heights in meters.
    foot = 1200 / 3937
    dem = make_dem(plane(rise=30 * foot), "EPSG:2276", 30.0)
    dem = dem.assign_coords(x=dem.x + 1.7e6, y=dem.y - 2.5e6)
    stack = terrain_factors(dem, ["slope", "relief_10"]).compute()
    np.testing.assert_allclose(stack["slope"][INNER], 45.0, rtol=1e-6)
    # 10 m is one cell of 9.144 m.
    np.testing.assert_allclose(stack["relief_10"][INNER], 60 * foot, rtol=1e-6)


@pytest.mark.parametrize(
    ("text", "unit", "length"),
    [
        ("feet", "ft", 0.3048),
        ("ft", "ft", 0.3048),
        ("US survey foot", "us-ft", 1200 / 3937),
        ("metre", "m", 1.0),
    ],
)
def test_units_that_a_band_states_are_used_aloud(make_dem, tmp_path, text, unit, length):
    heights = plane()
    path = tmp_path / "dem.tif"
    options = {"driver": "GTiff", "height": 12, "width": 14, "count": 1, "dtype": "float64"}
    transform = from_origin(700_000, 9_560_000, 10, 10)
    with rasterio.open(path, "w", crs="EPSG:32717", transform=transform, **options) as file:
        file.write(heights, 1)
        file.units = [text]
    expected = terrain_factors(make_dem(heights * length), ["slope", "tri"]).compute()
    for source in (path, make_dem(heights, units=text)):
        # Who names the unit need not be told.
        named = terrain_factors(source, "slope", vertical_units="m")
        np.testing.assert_allclose(named["slope"][INNER], 45.0, rtol=1e-6)
        if unit == "m":
            assert same(terrain_factors(source, ["slope", "tri"]), expected)
            continue
        told = terrain_factors(make_dem(heights), ["slope", "tri"], vertical_units=unit)
        with pytest.warns(UserWarning, match=f"states its elevations in '{text}'") as caught:
            stack = terrain_factors(source, ["slope", "tri"])
        assert [one.filename for one in caught if one.category is UserWarning] == [__file__]
        assert same(stack, told)
        for name in expected:
            np.testing.assert_allclose(stack[name], expected[name], rtol=1e-6)


def test_the_vertical_axis_of_the_system_states_a_unit(make_dem):
    # UTM zone 17N with heights above NAVD88 in US survey feet.
    dem = make_dem(plane(), "EPSG:32617+6360")
    with pytest.warns(UserWarning, match="states its elevations in 'US survey foot'"):
        stack = terrain_factors(dem, "slope")
    np.testing.assert_allclose(stack["elevation"][:, 0], 500 * 1200 / 3937, rtol=1e-6)


def test_a_unit_that_is_not_known_is_refused(make_dem):
    with pytest.raises(ValueError, match=r"in 'cm': convert it.*vertical_units='m'"):
        terrain_factors(make_dem(plane(), units="cm"), "slope")


def test_feet_that_nobody_states_are_found_where_they_are_too_high(make_dem):
    heights = plane() + 15_000
    with pytest.raises(ValueError, match=r"outside \[-500, 9000\] m, .*unit, vertical_units='ft'"):
        terrain_factors(make_dem(heights), "slope")
    stack = terrain_factors(make_dem(heights), "slope", vertical_units="ft")
    np.testing.assert_allclose(stack["elevation"], heights * 0.3048, rtol=1e-6)


def test_the_sea_floor_is_taken_from_a_stack_without_bounds(make_dem):
    heights = plane() - 6000
    with pytest.raises(ValueError, match=r"of the sea floor, give open_stack\(\.\.\., bounds="):
        terrain_factors(make_dem(heights), "slope")
    opened = open_stack({"elevation": make_dem(heights)}, bounds={"elevation": None})
    for unit, length in [("m", 1.0), ("ft", 0.3048)]:
        stack = terrain_factors(opened, "slope", vertical_units=unit)
        np.testing.assert_allclose(stack["elevation"], heights * length, rtol=1e-6)
        assert np.isfinite(stack["slope"][INNER]).all()


def test_cells_that_are_not_square_are_used_or_made_square(make_dem):
    dem = make_dem(plane(40, 60, rise=6.0), cell=10.0, across=6.0)
    stack = terrain_factors(dem, "slope")
    np.testing.assert_allclose(stack["slope"][INNER], 45.0, rtol=1e-6)
    assert tuple(map(abs, stack.rio.resolution())) == (6.0, 10.0)
    warped = terrain_factors(dem, "slope", align="auto")
    width, height = warped.rio.resolution()
    assert width == pytest.approx(-height)
    slope = warped["slope"].to_numpy()
    slope = slope[np.isfinite(slope)]
    assert len(slope) > 0.8 * warped["slope"].size
    np.testing.assert_allclose(slope, 45.0, rtol=1e-5)


def test_a_model_on_square_meters_is_never_warped(make_dem):
    dem = make_dem(plane())
    assert same(terrain_factors(dem, "slope", align="auto"), terrain_factors(dem, "slope"))


def test_rows_from_the_south_give_the_same_factors(make_dem, rough):
    heights = rough(20, 30)
    names = ["aspect", "northness", "plan_curvature", "profile_curvature", "tpi_30", "relief_30"]
    north_up = terrain_factors(make_dem(heights), names).compute()
    south_up = terrain_factors(make_dem(heights[::-1], north_up=False), names).compute()
    for name in names:
        np.testing.assert_allclose(
            south_up[name].to_numpy()[::-1], north_up[name], atol=1e-5, err_msg=name
        )


def test_undeclared_nodata_is_named_and_becomes_a_void_when_declared(make_dem, rough):
    heights = rough(40, 40)
    heights[10:13, 20:23] = -9999
    with pytest.warns(UserWarning, match="-9999 in 9 of 1600 values.*nodata=-9999"):
        terrain_factors(make_dem(heights), "slope")
    stack = terrain_factors(make_dem(heights), "slope", nodata=-9999)
    assert np.isnan(stack["elevation"]).sum() == 9
    assert np.isnan(stack["slope"][INNER]).sum() == 25


def test_impossible_elevations_are_voids_aloud(make_dem, rough):
    heights = rough(40, 40)
    heights[5, 5] = 12_000
    with pytest.warns(UserWarning, match=r"outside \[-500, 9000\].* count as no data"):
        stack = terrain_factors(make_dem(heights), "slope")
    assert np.isnan(stack["elevation"][5, 5])
    assert np.isnan(stack["slope"][INNER]).sum() == 9


def test_whole_meters_with_steps_are_warned_of_with_their_share(make_dem):
    terraces = np.repeat(700 + np.arange(12), 5)
    heights = np.tile(terraces, (40, 1)).astype(np.int16)
    # Three of each five columns have neighbors of their own height: 36 of 60, less the border.
    share = 36 * 38 / (40 * 60)
    with pytest.warns(UserWarning, match=f"holds whole meters, and {share:.0%} of its cells"):
        terrain_factors(make_dem(heights), "slope")
    # No warning: a lake in a model with decimals is level and no step, and so are few cells.
    terrain_factors(make_dem(heights + 0.25), "slope")
    terrain_factors(make_dem(np.round(plane(rise=7.0)).astype(np.int16)), "slope")


@pytest.mark.parametrize("sea", [0, -3])
def test_the_sea_is_level_ground_aloud_until_it_is_declared(make_dem, sea):
    # A plain that rises from the coast.
    heights = np.arange(1600.0).reshape(40, 40).T / 400 - 1
    heights[:, :12] = sea
    heights[20, 30] = -4
    dem = make_dem(heights)
    # 10 of 40 columns have water on both sides, less the first and the last row.
    said = f"level at elevation {sea} in 24% of its cells.*nodata={sea}"
    with pytest.warns(UserWarning, match=said):
        stack = terrain_factors(dem, "slope")
    assert (stack["slope"][1:-1, 1:11] == 0).all()
    declared = terrain_factors(dem, "slope", nodata=sea)
    assert np.isnan(declared["elevation"][:, :12]).all()
    assert np.isfinite(declared["elevation"][:, 12:]).all()


@pytest.mark.parametrize("void", [False, True])
def test_one_elevation_everywhere_is_refused(make_dem, void):
    heights = np.full((700, 30), 830.0)
    if void:
        heights[:200] = np.nan
    with pytest.raises(ValueError, match=r"has the elevation 830 in every cell"):
        terrain_factors(make_dem(heights), "slope")


def test_a_model_that_differs_in_one_far_cell_is_not_of_one_elevation(make_dem):
    heights = np.full((2100, 300), 830.25)
    heights[400, 280] = 831
    assert float(terrain_factors(make_dem(heights), "roughness")["roughness"].max()) == 0.75


@pytest.mark.parametrize("shape", [(2, 9), (9, 2)])
def test_fewer_than_three_rows_or_columns_are_refused(make_dem, shape):
    with pytest.raises(ValueError, match=f"has {shape[0]} x {shape[1]} cells: a slope needs 3 x 3"):
        terrain_factors(make_dem(plane(*shape)), "slope")


def test_a_system_that_is_not_stated_must_be_named(make_dem):
    dem = make_dem(plane()).drop_vars("spatial_ref")
    with pytest.raises(ValueError, match=r"has no CRS: pass crs='EPSG:\.\.\.'"):
        terrain_factors(dem, "slope")
    assert terrain_factors(dem, "slope", crs=32717).rio.crs.to_epsg() == 32717


def test_more_than_an_elevation_is_refused(make_dem):
    dem = make_dem(plane())
    with pytest.raises(ValueError, match=r"dem holds 'dem', 'slope': give the elevation alone"):
        terrain_factors(xr.Dataset({"dem": dem, "slope": dem}), "slope")
    with pytest.raises(TypeError, match="dem must be a raster file, a DataArray or a Dataset"):
        terrain_factors({"elevation": "dem.tif"}, "slope")
    assert same(terrain_factors(dem.to_dataset(), "slope"), terrain_factors(dem, "slope"))


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"No such file: .*dem\.tif"):
        terrain_factors(tmp_path / "dem.tif", "slope")


def test_warped_values_are_the_same_to_the_last_bit_for_all_windows():
    dem, _ = degrees(73.3, 34.7, rise=0.1, n=560)
    dem = dem + 40 * np.sin(np.arange(560) / 5)
    dem[100:110, 300:305] = np.nan
    expected = terrain_factors(dem, ["slope", "tpi_200"], align="auto").compute()
    assert max(expected["slope"].shape) > 512
    void = np.isnan(expected["elevation"])
    assert 50 < void.sum() < 0.1 * void.size
    for chunks in (96, 200):
        stack = terrain_factors(dem.chunk(90), ["slope", "tpi_200"], align="auto", chunks=chunks)
        assert same(stack, expected)


def as_options(hint):
    """Spell a parameter as the command line does, if it has an option for it."""
    return f"--{hint.name} {hint.value}" if hint.name in ("nodata", "vertical_units") else None


def test_messages_name_parameters_as_the_caller_knows_them(make_dem):
    coast = np.maximum(np.arange(1600.0).reshape(40, 40) / 400 - 1, 0)
    with hints_spelled(as_options):
        with pytest.warns(UserWarning, match=r"declare it: --nodata 0\."):
            terrain_factors(make_dem(coast), "slope")
        with pytest.warns(UserWarning, match=r"pass --vertical_units m\."):
            terrain_factors(make_dem(plane(), units="ft"), "slope")
    said = r"unit, --vertical_units ft, or, of the sea floor, make the factors in Python\."
    with pytest.raises(ValueError, match=said), hints_spelled(as_options):
        terrain_factors(make_dem(plane() - 6000), "slope")
