"""Factors and landslides of units against numbers counted by hand and with NumPy alone."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import xarray as xr
from shapely import MultiPolygon, Point, Polygon, box
from shapely.geometry import LineString

from sklearn_landslide.mapping import open_stack
from sklearn_landslide.terrain import (
    aggregate_to_units,
    delineate_slope_units,
    units_to_raster,
)

CRS = "EPSG:32643"
# Four rows and columns of 10 m; y from 40 at the top to 0.
NUMBERS = np.arange(16.0).reshape(4, 4)
WEST, EAST = box(0, 0, 20, 40), box(20, 0, 40, 40)


def raster(values, **attrs):
    rows, columns = np.shape(values)
    cells = {"y": 10 * (rows - np.arange(rows) - 0.5), "x": 10 * (np.arange(columns) + 0.5)}
    return xr.DataArray(np.asarray(values, dtype=float), cells, ("y", "x"), attrs=attrs)


def stack_of(**factors):
    stack = open_stack({name: raster(values) for name, values in factors.items()}, crs=CRS)
    return stack.chunk({"y": 2, "x": 3})


def frame_of(*shapes, crs=CRS, **columns):
    return gpd.GeoDataFrame(columns, geometry=list(shapes), crs=crs)


TWO = frame_of(WEST, EAST)


def test_mean_spread_and_quantiles_are_those_of_the_cells_of_a_unit():
    table = aggregate_to_units(
        stack_of(relief=NUMBERS), TWO, statistics=("mean", "std", "min", "max", "median", 0.25)
    )
    west, east = NUMBERS[:, :2], NUMBERS[:, 2:]
    # Of equal cells, exactextract's quantiles are linear between them, as NumPy's are.
    expected = pd.DataFrame(
        {
            "relief_mean": [west.mean(), east.mean()],
            "relief_std": [west.std(), east.std()],
            "relief_min": [west.min(), east.min()],
            "relief_max": [west.max(), east.max()],
            "relief_median": [np.median(west), np.median(east)],
            "relief_q25": [np.quantile(west, 0.25), np.quantile(east, 0.25)],
        }
    )
    pd.testing.assert_frame_equal(table.X, expected)
    assert table.y is None
    assert table.coordinates.to_numpy().tolist() == [[10, 20], [30, 20]]
    assert table.units.tolist() == [0, 1]


def test_a_cell_counts_with_the_share_that_lies_in_the_unit():
    # One whole and half of a column: 0, 4, 8, 12 and half of 1, 5, 9, 13.
    table = aggregate_to_units(stack_of(relief=NUMBERS), frame_of(box(0, 0, 15, 40)))
    weights, values = np.repeat([1, 0.5], 4), np.r_[NUMBERS[:, 0], NUMBERS[:, 1]]
    mean = np.average(values, weights=weights)
    std = np.sqrt(np.average((values - mean) ** 2, weights=weights))
    np.testing.assert_allclose(table.X.to_numpy(), [[mean, std]])


def test_a_mean_aspect_is_no_mean_of_degrees():
    # 350 and 10 degrees face north on average, not south.
    aspect = np.tile([350.0, 10.0, 80.0, 100.0], (4, 1))
    table = aggregate_to_units(stack_of(aspect=aspect), TWO)
    assert list(table.X) == ["aspect_northness", "aspect_eastness", "aspect_variance"]
    length = np.cos(np.radians(10))
    np.testing.assert_allclose(
        table.X.to_numpy(), [[length, 0, 1 - length], [0, length, 1 - length]], atol=1e-7
    )


def test_directions_of_other_names_and_in_radians_are_told_by_the_user():
    wind = np.tile([350.0, 10.0, 80.0, 100.0], (4, 1))
    in_degrees = aggregate_to_units(stack_of(wind=wind), TWO, circular="wind")
    stack = stack_of(wind=np.radians(wind))
    stack["wind"].attrs["units"] = "rad"
    in_radians = aggregate_to_units(stack, TWO, circular="wind")
    np.testing.assert_allclose(in_degrees.X, in_radians.X, atol=1e-6)
    assert next(iter(in_degrees.X)) == "wind_northness"
    # Whoever lists none has a number as any other.
    plain = aggregate_to_units(stack_of(aspect=wind), TWO, circular=())
    np.testing.assert_allclose(plain.X["aspect_mean"], [180, 90])


def test_shares_of_classes_are_named_and_of_equal_ones_the_lowest_code_is_the_majority():
    soil = [[1, 1, 7, 7], [1, 3, 7, np.nan], [3, 3, 7, np.nan], [1, 3, 7, np.nan]]
    stack = open_stack({"soil": raster(soil)}, categorical="soil", crs=CRS)
    by_code = aggregate_to_units(stack, TWO).X
    assert list(by_code) == ["soil_1", "soil_3", "soil_7", "soil_majority"]
    np.testing.assert_allclose(by_code[["soil_1", "soil_3", "soil_7"]], [[0.5, 0.5, 0], [0, 0, 1]])
    assert by_code["soil_majority"].tolist() == [1, 7]
    assert by_code["soil_majority"].dtype == "category"
    stack["soil"].attrs["class_names"] = {1: "clay", 3: "sand", 7: "rock"}
    by_name = aggregate_to_units(stack, TWO).X
    assert list(by_name) == ["soil_clay", "soil_sand", "soil_rock", "soil_majority"]
    stack["soil"].attrs["class_names"] = {1: "loose", 3: "loose", 7: "majority"}
    with pytest.raises(ValueError, match="class named 'majority'"):
        aggregate_to_units(stack, TWO)


def test_codes_of_one_name_are_one_class():
    stack = stack_of(soil=np.tile([1.0, 2, 3, 3], (4, 1)))
    stack["soil"].attrs["class_names"] = {1: "loose", 2: "loose", 3: "rock"}
    X = aggregate_to_units(stack, TWO, categorical="soil").X
    np.testing.assert_allclose(X["soil_loose"], [1, 0])
    np.testing.assert_allclose(X["soil_rock"], [0, 1])


def test_impossible_values_and_nodata_do_not_count():
    slope = np.full((4, 4), 30.0)
    slope[0, :2] = [-5.0, np.nan]
    with pytest.warns(UserWarning, match="slope"):
        stack = open_stack({"slope": raster(slope)}, crs=CRS)
    assert aggregate_to_units(stack, TWO).X["slope_mean"].tolist() == [30, 30]


def test_a_landslide_lies_in_the_unit_of_its_point_and_where_it_covers_enough():
    stack = stack_of(relief=NUMBERS)
    # 4 by 10 m in the west, and 1 by 10 m in the east: 5 % and 1.25 % of 800 m².
    across = frame_of(box(16, 10, 21, 20))

    def labels(**parameters):
        return aggregate_to_units(stack, TWO, landslides=across, **parameters).y.tolist()

    assert labels() == [1, 0]
    assert labels(min_share=0.0125) == [1, 1]
    # The point counts, however small the part.
    assert labels(min_share=0.9) == [1, 0]
    assert labels(label="share") == [0.05, 0.0125]


def test_landslides_are_counted_each_and_shares_of_what_overlaps_once():
    stack = stack_of(relief=NUMBERS)
    slides = frame_of(box(0, 0, 10, 20), box(0, 10, 10, 30), box(5, 33, 6, 34), Point(33, 33))
    count = aggregate_to_units(stack, TWO, landslides=slides, label="count")
    assert count.y.tolist() == [3, 1]
    share = aggregate_to_units(stack, TWO, landslides=slides, label="share")
    np.testing.assert_allclose(share.y, [301 / 800, 0])


def test_with_an_elevation_the_highest_cell_of_a_landslide_says_where_it_is():
    falls_east = np.tile([40.0, 30, 20, 10], (4, 1))
    stack = stack_of(elevation=falls_east)
    mostly_east = frame_of(box(14, 10, 40, 20))
    options = {"landslides": mostly_east, "min_share": 0.9}
    assert aggregate_to_units(stack, TWO, **options).y.tolist() == [0, 1]
    assert aggregate_to_units(stack, TWO, elevation="elevation", **options).y.tolist() == [1, 0]


def test_units_that_a_landslide_joins_are_one_group():
    columns = [box(10 * number, 0, 10 * number + 10, 40) for number in range(4)]
    slides = frame_of(box(9, 0, 11, 5), Point(35, 5))
    table = aggregate_to_units(stack_of(relief=NUMBERS), frame_of(*columns), landslides=slides)
    assert table.groups[0] == table.groups[1]
    assert len(set(table.groups)) == 3
    # Over a second landslide, a third unit.
    slides = frame_of(box(9, 0, 11, 5), box(19, 30, 21, 40))
    table = aggregate_to_units(stack_of(relief=NUMBERS), frame_of(*columns), landslides=slides)
    assert table.groups.tolist() == [0, 0, 0, 1]


def test_only_rows_with_a_landslide_count_where_there_are_labels():
    places = pd.DataFrame({"x": [5, 25], "y": [5, 5], "slide": [0, 1]})
    table = aggregate_to_units(
        stack_of(relief=NUMBERS), TWO, landslides=places, target="slide", crs=CRS
    )
    assert table.y.tolist() == [0, 1]
    assert table.target == "slide"


def test_units_and_landslides_in_another_crs_are_brought_into_the_stack_s(tmp_path):
    shift = 500_000
    values = raster(NUMBERS).assign_coords(
        x=shift + 10 * (np.arange(4) + 0.5), y=3_800_000 + 10 * (3.5 - np.arange(4))
    )
    stack = open_stack({"relief": values}, crs=CRS)
    units = TWO.translate(shift, 3_800_000)
    units = gpd.GeoDataFrame({"unit": [7, 9]}, geometry=units, crs=CRS).to_crs("EPSG:4326")
    units.to_file(tmp_path / "units.gpkg")
    slide = frame_of(Point(shift + 25, 3_800_005)).to_crs("EPSG:4326")
    table = aggregate_to_units(stack, tmp_path / "units.gpkg", landslides=slide)
    np.testing.assert_allclose(
        table.X["relief_mean"], [NUMBERS[:, :2].mean(), NUMBERS[:, 2:].mean()], atol=1e-3
    )
    assert table.y.tolist() == [0, 1]
    assert table.units.tolist() == [7, 9]
    assert table.geometry.crs.to_epsg() == 32643


def test_units_without_values_are_left_out_with_a_warning():
    values = np.where(np.arange(4) < 2, np.nan, NUMBERS)
    units = frame_of(WEST, EAST, box(100, 100, 120, 120), unit=["a", "b", "c"])
    with pytest.warns(UserWarning, match="2 of 3 units .* no value of any factor and are left out"):
        table = aggregate_to_units(stack_of(relief=values), units)
    assert table.units.tolist() == ["b"]
    assert table.n_nodata == 2
    assert len(table.X) == len(table.coordinates) == len(table.groups) == len(table.geometry) == 1


def test_what_is_wrong_with_units_and_landslides_is_said_in_one_line():
    stack = stack_of(relief=NUMBERS)
    far = frame_of(box(1000, 1000, 1010, 1010))
    with pytest.raises(ValueError, match=r"no unit .* has a value of any factor: they lie at x"):
        aggregate_to_units(stack, far)
    with pytest.raises(ValueError, match="kind 'LineString': units are polygons"):
        aggregate_to_units(stack, frame_of(LineString([(0, 0), (9, 9)])))
    with pytest.raises(ValueError, match=r"no landslide .* lies in a unit: they lie at x 1000"):
        aggregate_to_units(stack, TWO, landslides=far)
    with pytest.raises(ValueError, match="which cover no share of a unit: pass label='presence'"):
        aggregate_to_units(stack, TWO, landslides=frame_of(Point(5, 5)), label="share")
    with pytest.raises(ValueError, match=r"statistics has 'meen'. Did you mean 'mean'?"):
        aggregate_to_units(stack, TWO, statistics=["meen"])
    with pytest.raises(ValueError, match=r"circular='releif' is not a factor. Did you mean"):
        aggregate_to_units(stack, TWO, circular="releif")
    with pytest.warns(UserWarning, match="1 pair of units .* overlap"):
        aggregate_to_units(stack, frame_of(WEST, box(10, 0, 40, 40)))
    with pytest.warns(UserWarning, match="1 of 2 landslides .* lie in no unit"):
        table = aggregate_to_units(stack, TWO, landslides=frame_of(Point(5, 5), Point(500, 5)))
    assert table.n_outside == 1
    bowtie = Polygon([(0, 0), (20, 40), (20, 0), (0, 40)])
    with pytest.warns(UserWarning, match="made valid"):
        aggregate_to_units(stack, frame_of(bowtie, EAST))


@pytest.mark.parametrize(("a", "e"), [(10, 10), (-10, -10), (-10, 10)])
def test_rows_from_the_south_and_columns_from_the_east_are_the_same_ground(a, e):
    turned = raster(NUMBERS)
    turned = turned[:: 1 if e < 0 else -1, :: 1 if a > 0 else -1]
    expected = aggregate_to_units(stack_of(relief=NUMBERS), TWO).X
    found = aggregate_to_units(open_stack({"relief": turned}, crs=CRS), TWO).X
    pd.testing.assert_frame_equal(found, expected)


def test_units_along_cells_have_the_numbers_of_a_plain_groupby_of_their_raster(real_data):
    with rasterio.open(real_data / "ecuador_terrain.tif") as file:
        elevation, slope = file.read(4), file.read(1)
        grid = {"crs": file.crs, "transform": file.transform}
    rows, columns = slice(100, 220), slice(120, 250)
    transform = grid["transform"] * rasterio.Affine.translation(120, 100)
    x0, y0, cell = transform.c, transform.f, transform.a
    cells = {"y": y0 - cell * (np.arange(120) + 0.5), "x": x0 + cell * (np.arange(130) + 0.5)}
    elevation, slope = (
        xr.DataArray(values[rows, columns], cells, ("y", "x")) for values in (elevation, slope)
    )
    stack = open_stack({"slope": slope}, crs="EPSG:32717")
    units, labels = delineate_slope_units(
        elevation,
        river_area=1e5,
        min_area=2e4,
        clean=5e3,
        crs="EPSG:32717",
        return_raster=True,
    )
    assert len(units) > 15
    table = aggregate_to_units(stack, units, statistics=("mean", "std", "min", "max"))
    frame = pd.DataFrame({"unit": labels.to_numpy().ravel(), "slope": slope.to_numpy().ravel()})
    groups = frame[frame["unit"] > 0].astype({"slope": float}).groupby("unit")["slope"]
    np.testing.assert_array_equal(table.units, groups.mean().index)
    np.testing.assert_allclose(table.X["slope_mean"], groups.mean(), rtol=1e-6)
    np.testing.assert_allclose(table.X["slope_std"], groups.std(ddof=0), rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(table.X["slope_min"], groups.min(), rtol=1e-6)
    np.testing.assert_allclose(table.X["slope_max"], groups.max(), rtol=1e-6)

    # And back: the map of numbers is the raster of the units.
    painted = units_to_raster(table.units, table.geometry, stack)
    found = painted.fillna(0).to_numpy()
    np.testing.assert_array_equal(found, labels.to_numpy())


def test_a_map_of_units_is_lazy_and_the_same_in_any_windows():
    like = stack_of(relief=np.zeros((600, 1100)))
    rng = np.random.default_rng(0)
    corners = rng.uniform(0, 10_000, (40, 2))
    shapes = [box(x, y, x + 900, y + 700) for x, y in corners]
    values = rng.random(40)
    values[3] = np.nan
    painted = units_to_raster(values, frame_of(*shapes), like, name="probability", chunks=250)
    assert painted.chunks[0][0] == 250
    assert painted.name == "probability"
    assert painted.rio.crs.to_epsg() == 32643
    expected = rasterio.features.rasterize(
        zip(shapes, range(1, 41), strict=True),
        (600, 1100),
        transform=rasterio.transform.from_origin(0, 6000, 10, 10),
    )
    expected = np.append(np.nan, values).astype(np.float32)[expected]
    np.testing.assert_array_equal(painted.to_numpy(), expected)


def test_a_map_needs_one_number_for_each_unit():
    like = stack_of(relief=NUMBERS)
    with pytest.raises(ValueError, match="there are 3 values for 2 units"):
        units_to_raster([0.1, 0.2, 0.3], TWO, like)
    with pytest.raises(ValueError, match="values must be one number for each unit"):
        units_to_raster(["a", "b"], TWO, like)
    # A unit of two parts is one unit.
    both = frame_of(MultiPolygon([box(0, 0, 10, 10), box(30, 30, 40, 40)]))
    painted = units_to_raster([0.5], both, like).to_numpy()
    assert painted[3, 0] == painted[0, 3] == 0.5
    assert np.isnan(painted).sum() == 14
