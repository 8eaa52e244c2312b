"""What a landslide polygon becomes: all its cells, one in its middle, its highest, or some."""

import geopandas
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from rasterio.transform import Affine
from shapely.geometry import MultiPolygon, Point, Polygon, box

from sklearn_landslide.mapping import open_stack, sample_absences, sample_stack
from sklearn_landslide.mapping._rasters._cells import inventory_cells
from sklearn_landslide.mapping._rasters._draw import generator_of
from sklearn_landslide.mapping._rasters._grids import Grid
from sklearn_landslide.mapping._rasters._polygons import chosen_cells

# rasterio ignores this warning while it writes, but another thread may undo that for a moment.
pytestmark = pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")

CRS = "EPSG:32717"
X0, Y0 = 700_000, 9_560_000
NUMBER = np.arange(80.0).reshape(8, 10)
# A ridge along column 6, which rises to the north.
HEIGHT = 500 - 20 * abs(np.arange(10)[None] - 6.0) + 3 * np.arange(8)[::-1, None]


@pytest.fixture
def stack(write_raster):
    height = HEIGHT.copy()
    height[2, 6] = np.nan
    files = {"number": write_raster("n.tif", NUMBER), "elev": write_raster("e.tif", height)}
    return open_stack(files, chunks=4)


def rectangle(left, top, right, bottom):
    """By cells: their columns and rows."""
    return box(X0 + 10 * left, Y0 - 10 * bottom, X0 + 10 * right, Y0 - 10 * top)


def frame(*shapes):
    landslide = [1] * len(shapes)
    return geopandas.GeoDataFrame({"landslide": landslide}, geometry=list(shapes), crs=CRS)


def sampled(stack, inventory, polygons, **options):
    table = sample_stack(stack, inventory, polygons=polygons, **options)
    return table.X["number"].astype(int).tolist(), table


def test_one_cell_is_the_one_nearest_to_the_middle_and_inside(stack):
    # 3 x 3 cells around row 2, column 4; and a bow whose middle is outside of it.
    bow = Polygon(
        [
            (X0 + 10 * a, Y0 - 10 * b)
            for a, b in [(6, 1), (10, 1), (10, 8), (6, 8), (6, 7), (9, 7), (9, 2), (6, 2)]
        ]
    )
    found, table = sampled(stack, frame(rectangle(3, 1, 6, 4), bow), "one")
    assert found[0] == 24
    assert bow.contains(Point(table.coordinates.iloc[1]))
    assert_array_equal(table.coordinates.iloc[0], [X0 + 45, Y0 - 25])
    assert table.groups.tolist() == [0, 1]
    assert (table.n_landslides, table.polygons) == (2, "one")


def test_of_equally_near_cells_the_north_western_is_taken(stack):
    # The middle of 2 x 2 cells is their common corner.
    assert sampled(stack, frame(rectangle(3, 4, 5, 6)), "one")[0] == [43]


def test_the_scarp_is_the_highest_cell_whose_elevation_is_known(stack):
    # The ridge: column 6; its cell in row 2 is unknown, so that the scarp is below it.
    inventory = frame(rectangle(4, 2, 8, 6), rectangle(0, 3, 3, 7))
    found, table = sampled(stack, inventory, "scarp")
    assert found == [36, 32]
    assert table.polygons == "scarp"


def test_a_scarp_needs_an_elevation(stack):
    with pytest.raises(ValueError, match="polygons='scarp' needs the elevation") as caught:
        sample_stack(stack[["number"]], frame(rectangle(3, 1, 6, 4)), polygons="scarp")
    assert "elevation, elev, altitude, dem, dtm" in str(caught.value)
    assert caught.value.hints == ("polygons='scarp'", "polygons='one'")
    assert "\n" not in str(caught.value)


def test_some_cells_are_drawn_without_replacement_and_all_where_there_are_fewer(stack):
    inventory = frame(rectangle(0, 0, 5, 4), rectangle(7, 0, 9, 1), Point(X0 + 95, Y0 - 75))
    found, table = sampled(stack, inventory, 6, random_state=0)
    assert table.groups.tolist() == [0] * 6 + [1] * 2 + [2]
    assert len(set(found)) == 9
    assert {*found[:6]} <= {10 * row + column for row in range(4) for column in range(5)}
    assert found[6:] == [7, 8, 79]
    assert sampled(stack, inventory, 6, random_state=0)[0] == found
    draws = {tuple(sampled(stack, inventory, 6, random_state=seed)[0]) for seed in range(5)}
    assert len(draws) == 5


def test_every_cell_of_a_polygon_is_as_likely_to_be_drawn(stack):
    inventory = frame(rectangle(0, 0, 4, 1))
    drawn = np.concatenate(
        [sampled(stack, inventory, 1, random_state=seed)[0] for seed in range(80)]
    )
    # Four cells, 20 draws each expected; three standard deviations are 11.6.
    assert (abs(np.bincount(drawn, minlength=4) - 20) < 11.6).all()


@pytest.mark.parametrize("polygons", ["cells", "one", "scarp", 2])
def test_a_polygon_smaller_than_a_cell_has_the_cell_it_lies_in(stack, polygons):
    small = box(X0 + 31, Y0 - 48, X0 + 33, Y0 - 46)
    assert sampled(stack, frame(small), polygons)[0] == [43]


@pytest.mark.parametrize("polygons", ["one", "scarp", 1])
def test_a_landslide_of_several_parts_is_one(stack, polygons):
    parts = MultiPolygon([rectangle(0, 0, 2, 2), rectangle(5, 5, 8, 8)])
    found, table = sampled(stack, frame(parts), polygons)
    assert len(found) == table.n_landslides == 1
    if polygons == "scarp":
        assert found == [56]


def test_cells_that_several_landslides_choose_count_once(stack):
    same = rectangle(3, 1, 6, 4)
    found, table = sampled(stack, frame(same, same), "one")
    assert (found, table.n_landslides) == ([24], 1)


def test_points_are_what_they_were(stack):
    inventory = frame(Point(X0 + 5, Y0 - 5), Point(X0 + 25, Y0 - 35))
    for polygons in ("cells", "one", "scarp", 3):
        found, table = sampled(stack, inventory, polygons)
        assert (found, table.polygons, table.n_landslides) == ([0, 32], None, 2)


@pytest.mark.parametrize(("polygons", "wanted"), [("cells", 18), ("one", 6), ("scarp", 6), (3, 12)])
def test_absences_are_counted_for_each_sample(stack, polygons, wanted):
    # Six cells, two cells and a point; two absences each.
    inventory = frame(rectangle(0, 0, 3, 2), rectangle(5, 5, 7, 6), Point(X0 + 95, Y0 - 5))
    absences = sample_absences(
        stack, inventory, ratio=2, buffer=0, polygons=polygons, random_state=0
    )
    n_samples = len(sample_stack(stack, inventory, polygons=polygons, random_state=0).X)
    assert len(absences) == 2 * n_samples == wanted
    # No cell of a landslide is drawn, taken or not.
    covered = sample_stack(stack, inventory).X["number"]
    assert not set(covered) & set(sample_stack(stack, absences).X["number"])


@pytest.mark.parametrize("polygons", ["point", 0, 2.5, None])
def test_other_choices_are_refused(stack, polygons):
    with pytest.raises(ValueError, match="'polygons' parameter"):
        sample_stack(stack, frame(rectangle(3, 1, 6, 4)), polygons=polygons)


@settings(max_examples=50, deadline=None)
@given(
    corners=st.lists(
        st.tuples(st.floats(-20, 110), st.floats(-20, 90), st.floats(1, 60), st.floats(1, 60)),
        min_size=1,
        max_size=5,
    ),
    number=st.integers(1, 30),
    seed=st.integers(0, 99),
)
def test_a_choice_is_among_all_cells_and_as_large_as_asked_for(corners, number, seed):
    grid = Grid(None, Affine(10, 0, X0, 0, -10, Y0), 8, 10)
    shapes = geopandas.GeoSeries(
        [box(X0 + x, Y0 - y - h, X0 + x + w, Y0 - y) for x, y, w, h in corners]
    )
    cells = inventory_cells(shapes, grid)
    chosen = {
        polygons: chosen_cells(cells, None, shapes, polygons, generator_of(seed), None)
        for polygons in ("cells", "one", number)
    }
    keys = {
        polygons: set(zip(cells["source"], cells["row"], cells["column"], strict=True))
        for polygons, cells in chosen.items()
    }
    sizes = chosen["cells"].groupby("source").size()
    for polygons, most in (("one", 1), (number, number)):
        assert keys[polygons] <= keys["cells"]
        assert_array_equal(chosen[polygons].groupby("source").size(), sizes.clip(upper=most))


def test_the_landslides_of_kaghan_are_one_cell_each(real_data):
    folder = real_data / "kaghan"
    stack = open_stack({"elevation": folder / "elevation_aw3d30.tif"})
    # A third of them, with some outside the stack.
    landslides = geopandas.read_file(folder / "landslides.shp").iloc[::3]
    tables = {}
    for polygons in ("cells", "one", "scarp", 2):
        with pytest.warns(UserWarning, match="lie outside the stack"):
            tables[polygons] = sample_stack(
                stack,
                landslides,
                target=None,
                polygons=polygons,
                random_state=0,
            )
    highest = tables["cells"].X["elevation"].groupby(tables["cells"].groups).max()
    scarp = tables["scarp"].X["elevation"].groupby(tables["scarp"].groups).max()
    # A cell that several landslides cover counts for one of them only.
    both = scarp.index.intersection(highest.index)
    assert (scarp.loc[both] >= highest.loc[both]).all()
    assert (scarp.loc[both] == highest.loc[both]).mean() > 0.95
    for polygons in ("one", "scarp"):
        # Small landslides may share a cell.
        assert len(tables[polygons].X) == tables[polygons].n_landslides > 1150
    assert len(tables["one"].X) < len(tables[2].X) < len(tables["cells"].X)
