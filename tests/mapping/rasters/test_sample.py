"""The table from a stack has the values of the cells that hold the places."""

import geopandas
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from rasterio.transform import Affine
from shapely.geometry import LineString, MultiPoint, MultiPolygon, Point, Polygon, box

from sklearn_landslide.mapping import open_stack, sample_absences, sample_stack
from sklearn_landslide.mapping._rasters._grids import Grid

# rasterio ignores this warning while it writes, but another thread may undo that for a moment.
pytestmark = pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")

CRS = "EPSG:32717"
X0, Y0 = 700_000, 9_560_000
ROWS, COLUMNS = 6, 8
VALUES = 1000.0 * np.arange(ROWS)[:, None] + np.arange(COLUMNS)


@pytest.fixture
def stack(write_raster):
    path = write_raster("all.tif", VALUES, VALUES % 2, descriptions=("slope", "soil"))
    return open_stack(path, chunks=4)


def places(*offsets, labels=None, **columns):
    """Points by meters east and south of the stack's first corner."""
    x, y = np.array(offsets, dtype=float).T
    labels = np.arange(len(x)) % 2 if labels is None else labels
    return pd.DataFrame({"x": X0 + x, "y": Y0 - y, "landslide": labels, **columns})


def shapes(*geometries, labels=None, crs=CRS):
    labels = np.arange(len(geometries)) % 2 if labels is None else labels
    return geopandas.GeoDataFrame({"landslide": labels}, geometry=list(geometries), crs=crs)


def square(left, top, right, bottom):
    """A rectangle by meters east and south of the first corner."""
    return box(X0 + left, Y0 - bottom, X0 + right, Y0 - top)


def refuses(message, stack, points, error=ValueError, **options):
    with pytest.raises(error, match=message) as caught:
        sample_stack(stack, points, **options)
    assert "\n" not in str(caught.value)


# --------------------------------------------------------------------- points


def test_a_point_has_the_value_of_its_cell(stack):
    table = sample_stack(stack, places((5, 5), (71, 12), (39.9, 59.9)))
    assert_array_equal(table.X["slope"], [0, 1007, 5003])
    assert_array_equal(table.y, [0, 1, 0])
    assert_array_equal(
        table.coordinates, [[X0 + 5, Y0 - 5], [X0 + 71, Y0 - 12], [X0 + 39.9, Y0 - 59.9]]
    )
    assert table.coordinates.columns.tolist() == ["x", "y"]
    assert table.X.dtypes["slope"] == np.float64
    assert table.target == "landslide"
    assert (table.n_outside, table.n_nodata) == (0, 0)


def test_a_point_on_an_edge_is_in_the_next_cell_and_on_the_border_in_the_last(stack):
    table = sample_stack(stack, places((10, 0), (0, 10), (80, 30), (45, 60), (80, 60)))
    assert_array_equal(table.X["slope"], [1, 1000, 3007, 5004, 5007])


@settings(max_examples=60, deadline=None)
@given(
    row=st.integers(0, 5),
    column=st.integers(0, 7),
    part=st.tuples(st.floats(0.01, 0.99), st.floats(0.01, 0.99)),
    x_step=st.sampled_from([30.0, -30.0, 1 / 3600]),
    y_step=st.sampled_from([30.0, -30.0, 1 / 3600]),
)
def test_every_point_of_a_cell_is_in_it_whatever_the_axes(row, column, part, x_step, y_step):
    grid = Grid(None, Affine(x_step, 0, -79.3, 0, y_step, 12345.6), ROWS, COLUMNS)
    found = grid.cells(*grid.to_xy(np.array([row + part[0]]), np.array([column + part[1]])))
    assert_array_equal(found, [[row], [column]])


def test_rows_from_the_south_are_sampled_at_their_places(write_raster):
    south = Affine(10, 0, X0, 0, 10, Y0)
    stack = open_stack({"slope": write_raster("s.tif", VALUES, transform=south)}, chunks=3)
    points = pd.DataFrame({"x": [X0 + 25, X0 + 75], "y": [Y0 + 5, Y0 + 55], "landslide": [0, 1]})
    assert_array_equal(sample_stack(stack, points).X["slope"], [2, 5007])


def test_a_part_of_a_stack_is_sampled_at_its_own_places(stack):
    part = stack.isel(y=slice(2, None), x=slice(3, None))
    table = sample_stack(part, places((35, 25), (75, 55)))
    assert_array_equal(table.X["slope"], [2003, 5007])


def test_points_outside_are_counted_and_left_out(stack):
    points = places((5, 5), (-1, 5), (5, 61), (81, 5), (15, 5))
    with pytest.warns(UserWarning, match=r"^3 of 5 places of the inventory lie outside the stack"):
        table = sample_stack(stack, points)
    assert_array_equal(table.X["slope"], [0, 1])
    assert_array_equal(table.y, [0, 0])
    assert_array_equal(table.groups, [0, 4])
    assert table.X.index.tolist() == table.coordinates.index.tolist() == [0, 1]
    assert (table.n_outside, table.n_landslides_outside) == (3, 2)


def test_what_has_no_place_in_the_projection_is_outside(stack):
    near = shapes(Point(X0 + 5, Y0 - 5)).to_crs("EPSG:4326").geometry.iloc[0]
    pole = shapes(near, Point(-79, 95), box(-79, 91, -78, 99), crs="EPSG:4326")
    with pytest.warns(UserWarning, match="^2 of 3 places"):
        assert_array_equal(sample_stack(stack, pole).X["slope"], [0])


def test_an_inventory_elsewhere_is_refused_with_both_places(stack):
    degrees = pd.DataFrame({"x": [-79.2, -79.1], "y": [-3.9, -3.8], "landslide": [0, 1]})
    refuses(
        r"no place .* its x are -79.2 to -79.1 and its y -3.9 to -3.8, the stack's 700000 to "
        r"700080 and 9559940 to 9560000 in EPSG:32717. Is its CRS another\?",
        stack,
        degrees,
    )


def test_nodata_is_missing_and_nowhere_a_sample_alone(write_raster):
    hole, other = VALUES.copy(), VALUES.copy()
    hole[0, :2] = np.nan
    other[0, 0] = np.nan
    stack = open_stack({"slope": write_raster("a.tif", hole), "twi": write_raster("b.tif", other)})
    points = places((5, 5), (15, 5), (25, 5), labels=[0, 1, 1])
    with pytest.warns(UserWarning, match="^1 of 3 samples of the inventory are nodata in every"):
        table = sample_stack(stack, points)
    assert_array_equal(table.X, [[np.nan, 1], [2, 2]])
    assert_array_equal(table.y, [1, 1])
    assert table.n_nodata == 1
    refuses("every factor is nodata at all 1 sample of", stack, points[:1])
    refuses("'slope' is nodata at 1 sample, which is all of them", stack, points[1:2])


def test_codes_become_categories(stack):
    table = sample_stack(stack, places((5, 5), (15, 5), (25, 5)), categorical="soil")
    assert table.X["soil"].dtype == pd.CategoricalDtype([0, 1])
    assert table.X["soil"].tolist() == [0, 1, 0]
    marked = sample_stack(open_stack(stack, categorical=["soil"]), places((5, 5), (15, 5)))
    assert marked.X["soil"].dtype == pd.CategoricalDtype([0, 1])
    refuses(
        "categorical='soli' is not a factor. Did you mean 'soil'",
        stack,
        places((5, 5)),
        categorical=["soli"],
    )


# ------------------------------------------------------------------- polygons


def test_a_polygon_has_the_cells_whose_centers_it_holds(stack):
    # Columns 1 to 3 (centers 15, 25, 35) and rows 1 and 2; 46 does not reach 55.
    table = sample_stack(stack, shapes(square(12, 11, 36, 29), square(54, 44, 71, 51)))
    assert_array_equal(table.X["slope"], [1001, 1002, 1003, 2001, 2002, 2003, 4005, 4006])
    assert_array_equal(table.y, [0] * 6 + [1] * 2)
    assert_array_equal(table.groups, [0] * 6 + [1] * 2)
    assert_array_equal(table.coordinates.iloc[0], [X0 + 15, Y0 - 15])


def test_a_polygon_gives_one_cell_on_request(stack):
    crescent = Polygon(
        [
            (X0 + a, Y0 - b)
            for a, b in [(0, 0), (60, 0), (60, 60), (0, 60), (0, 41), (41, 41), (41, 19), (0, 19)]
        ]
    )
    table = sample_stack(stack, shapes(crescent, square(11, 1, 39, 9)), polygons="one")
    assert table.groups.tolist() == [0, 1]
    assert crescent.contains(Point(table.coordinates.iloc[0]))
    assert table.X["slope"][1] == 2


def test_a_polygon_without_a_center_has_the_cell_of_a_point_in_it(stack):
    table = sample_stack(stack, shapes(square(11, 21, 13, 23), square(76, 56, 79, 59)))
    assert_array_equal(table.X["slope"], [2001, 5007])


def test_holes_parts_and_multipoints_count_as_they_lie(stack):
    ring = Polygon(square(0, 0, 30, 30).exterior, [square(10, 10, 20, 20).exterior])
    parts = MultiPolygon([square(40, 0, 50, 10), square(60, 0, 70, 10)])
    points = MultiPoint([(X0 + 5, Y0 - 55), (X0 + 75, Y0 - 55)])
    table = sample_stack(stack, shapes(ring, parts, points))
    wanted = [0, 1, 2, 1000, 1002, 2000, 2001, 2002, 4, 6, 5000, 5007]
    assert_array_equal(table.X["slope"], wanted)
    assert_array_equal(table.groups, [0] * 8 + [1] * 2 + [2] * 2)


def test_a_cell_in_several_polygons_counts_once_and_as_a_landslide(stack):
    overlap = shapes(
        square(0, 0, 30, 10), square(20, 0, 50, 10), square(40, 0, 60, 10), labels=[0, 1, 1]
    )
    table = sample_stack(stack, overlap)
    assert_array_equal(table.X["slope"], [0, 1, 2, 3, 4, 5])
    assert_array_equal(table.y, [0, 0, 1, 1, 1, 1])
    # Points are measured places: two in one cell are two samples.
    assert len(sample_stack(stack, places((1, 1), (2, 2), labels=1)).X) == 2


def test_cells_with_both_labels_are_counted(stack):
    both = places((1, 1), (2, 2), (5, 15), (6, 16), (55, 5), labels=[0, 1, 1, 1, 0])
    with pytest.warns(UserWarning, match="1 cell of 3 hold landslides and places without"):
        assert len(sample_stack(stack, both).X) == 5


def test_polygons_at_the_border_keep_their_inner_cells(stack):
    across = shapes(square(-500, -500, 20, 10), square(-50, 0, -20, 10), labels=[1, 0])
    with pytest.warns(UserWarning, match="1 of 2 places"):
        table = sample_stack(stack, across)
    assert_array_equal(table.X["slope"], [0, 1])


def test_a_crossed_outline_is_mended(stack):
    bow = Polygon([(X0, Y0), (X0 + 40, Y0 - 40), (X0 + 40, Y0), (X0, Y0 - 40)])
    table = sample_stack(stack, shapes(bow, square(60, 40, 80, 60)))
    # The two triangles left and right, each with the centers on one side of the diagonals.
    assert {1000, 2000, 1003, 2003} <= set(table.X["slope"])
    assert not {1, 2, 3001, 3002} & set(table.X["slope"])


# ---------------------------------------------------------- files of all kinds


@pytest.mark.parametrize("name", ["slides.gpkg", "slides.shp", "slides.geojson", "slides.csv"])
def test_inventories_come_from_files(stack, tmp_path, name):
    points = places((5, 5), (71, 12), (39, 59))
    frame = geopandas.GeoDataFrame(
        points[["landslide"]], geometry=geopandas.points_from_xy(points["x"], points["y"]), crs=CRS
    )
    if name.endswith("csv"):
        points.to_csv(tmp_path / name, index=False)
    elif name.endswith("geojson"):
        frame.to_crs("EPSG:4326").to_file(tmp_path / name)
    else:
        frame.to_file(tmp_path / name)
    table = sample_stack(stack, tmp_path / name)
    assert_array_equal(table.X["slope"], [0, 1007, 5003])
    assert_array_equal(table.y, [0, 1, 0])
    assert np.abs(table.coordinates.to_numpy() - points[["x", "y"]].to_numpy()).max() < 0.01


def test_a_decimal_comma_and_other_column_names_are_read(stack, tmp_path):
    path = tmp_path / "slides.csv"
    path.write_text(f"E;N;slide\n{X0 + 5},5;{Y0 - 5},5;no\n{X0 + 71},5;{Y0 - 12},5;yes\n")
    table = sample_stack(stack, path, coordinates=("E", "N"), target="slide")
    assert_array_equal(table.X["slope"], [0, 1007])
    assert_array_equal(table.y, [0, 1])


def test_another_crs_is_transformed_and_a_missing_one_is_said(stack):
    near = shapes(Point(X0 + 5, Y0 - 5), Point(X0 + 71, Y0 - 12))
    degrees = near.to_crs("EPSG:4326")
    assert_array_equal(sample_stack(stack, degrees).X["slope"], [0, 1007])
    bare = degrees.set_crs(None, allow_override=True)
    assert_array_equal(sample_stack(stack, bare, crs="EPSG:4326").X["slope"], [0, 1007])
    table = pd.DataFrame({"x": degrees.geometry.x, "y": degrees.geometry.y, "landslide": [0, 1]})
    assert_array_equal(sample_stack(stack, table, crs=4326).X["slope"], [0, 1007])
    unknown = near.set_crs(None, allow_override=True)
    with pytest.warns(UserWarning, match="states no CRS; it is taken to be the stack's, EPSG:327"):
        assert_array_equal(sample_stack(stack, unknown).X["slope"], [0, 1007])
    refuses("crs='EPSG:4326', but the inventory states EPSG:32717", stack, near, crs="EPSG:4326")


def test_an_inventory_may_hold_one_class(stack):
    points = places((5, 5), (15, 5))
    bare = points.drop(columns="landslide")
    assert_array_equal(sample_stack(stack, bare, target=None).y, [1, 1])
    assert_array_equal(sample_stack(stack, points.assign(landslide=0)).y, [0, 0])
    refuses("no target column 'landslide'. Pass target=None if every row", stack, bare)
    refuses("3 different values", stack, places((5, 5), (6, 6), (7, 7), labels=[0, 1, 2]))


@pytest.mark.parametrize(
    ("labels", "options"),
    [
        (("landslide", "non-landslide"), {}),
        (("ja", "nein"), {}),
        ((True, False), {}),
        (("1", "0"), {}),
        (("A", "B"), {"positive_class": "A"}),
        (("B", "A"), {"positive_class": "B"}),
        ((2, 1), {"positive_class": "2"}),
    ],
)
def test_labels_of_an_inventory_are_known_or_named(stack, labels, options):
    """Landslides are at (5, 5) and (25, 5), whatever they are called; nothing is guessed."""
    points = places((5, 5), (15, 5), (25, 5), labels=[labels[0], labels[1], labels[0]])
    assert_array_equal(sample_stack(stack, points, **options).y, [1, 0, 1])
    alone = points.iloc[::2]
    assert_array_equal(sample_stack(stack, alone, **options).y, [1, 1])
    absences = sample_absences(stack, points, buffer=0, ratio=1, random_state=0, **options)
    assert len(absences) == 2
    if options:
        refuses("positive_class=...", stack, points)
        refuses("say whether it is a landslide, positive_class=", stack, alone)
        refuses("positive_class='C' is not in the target", stack, points, positive_class="C")
    else:
        assert_array_equal(sample_stack(stack, points.iloc[1:2]).y, [0])


def test_a_label_without_a_column_of_labels_is_refused(stack):
    points = places((5, 5), (15, 5))
    refuses("no column of labels is named", stack, points, target=None, positive_class="A")


@pytest.mark.parametrize(
    ("points", "error", "message"),
    [
        ([1, 2], TypeError, "a file, a GeoDataFrame or a DataFrame, got list"),
        (places((5, 5))[:0], ValueError, "the inventory has no rows"),
        (places((5, 5)).drop(columns="y"), ValueError, "no column 'y', named as a coordinate"),
        (places((5, 5), (np.nan, 5)), ValueError, r"missing in 1 row \(first in row 1\)"),
        (places((5, 5), (np.inf, 5)), ValueError, "Column 'x' has 1 infinite value"),
        (shapes(Point(X0, Y0), None), ValueError, r"1 row without geometry \(first at position 1"),
        (shapes(LineString([(0, 0), (1, 1)])), ValueError, "of the kind 'LineString'"),
    ],
    ids=["list", "empty", "no column", "missing", "infinite", "no geometry", "line"],
)
def test_bad_inventories_are_refused(stack, points, error, message):
    refuses(message, stack, points, error)


def test_bad_files_are_refused(stack, tmp_path):
    broken = tmp_path / "slides.gpkg"
    broken.write_bytes(b"nothing of the kind")
    refuses("slides.gpkg cannot be read as points or polygons", stack, broken)
    missing = tmp_path / "slide.gpkg"
    refuses("Did you mean 'slides.gpkg'", stack, missing, FileNotFoundError)
    frame = shapes(Point(X0, Y0), Point(X0, Y0))
    two = tmp_path / "two.gpkg"
    frame.to_file(two, layer="before")
    frame.to_file(two, layer="after")
    refuses("has the layers 'before', 'after': write one", stack, two)
    refuses("stack must be what open_stack returns", VALUES, frame, TypeError)


def test_a_raster_that_breaks_while_it_is_read_is_one_line(write_raster):
    noise = np.random.default_rng(0).random((1024, 1024))
    path = write_raster("slope.tif", noise, tiled=True, blockxsize=256, blockysize=256)
    stack = open_stack({"slope": path}, chunks=256)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    # In the last row of tiles, of which the opened stack has not seen the first one.
    far = pd.DataFrame({"x": [X0 + 5, X0 + 5], "y": [Y0 - 10_235, Y0 - 5], "landslide": [0, 1]})
    refuses("damaged or cut off", stack, far)


# ------------------------------------------------------------------ real data


def test_the_ecuador_table_comes_back_from_its_rasters(real_data):
    stack = open_stack(real_data / "ecuador_terrain.tif")
    points = pd.read_csv(real_data / "ecuador_points.csv")
    table = sample_stack(stack, real_data / "ecuador_points.csv")
    assert table.X.columns.tolist() == ["slope", "cplan", "cprof", "elev", "log10_carea"]
    assert_array_equal(table.y, points["landslide"])
    wanted = points[table.X.columns.tolist()]
    # The points lie on cell centers; the table has the elevation with 2 or 3 decimals.
    assert_allclose(table.X, wanted, rtol=1e-6)
    assert_array_equal(table.coordinates, points[["x", "y"]])
