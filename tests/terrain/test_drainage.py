"""Contributing area on surfaces whose areas are known, and what a raster may be like."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from sklearn_landslide.terrain import drainage
from sklearn_landslide.terrain._flow_directions import OUTLET
from sklearn_landslide.terrain._multiple_flow import multiple_flow_area

# Of few levels, so that there are depressions, flats and ties; 13 stands for a void.
GRIDS = arrays(
    np.float64,
    st.tuples(st.integers(1, 9), st.integers(1, 9)),
    elements=st.integers(0, 13).map(float),
).map(lambda grid: np.where(grid == 13, np.nan, grid))
CELL = (20.0, 10.0)
CELL_AREA = 200.0


def areas(elevation, cell_size):
    """Contributing area by both routings, and where water leaves."""
    found = drainage(elevation, cell_size=cell_size, river_area=1e9)
    multiple = multiple_flow_area(found.filled, found.directions, found.cell_size)
    return found, {"d8": found.area, "multiple": multiple}


def valley(rows=8, half=3):
    """Sides that fall by 10 m a cell to a channel that falls southward by 1 m a cell."""
    across = np.abs(np.arange(-half, half + 1))
    return 1000.0 + 10 * across - np.arange(rows)[:, None]


def test_area_of_an_inclined_plane_grows_by_a_cell_with_each_row():
    plane = np.tile(100.0 - np.arange(6.0)[:, None], (1, 5))
    found, _ = areas(plane, CELL)
    expected = np.tile(CELL_AREA * np.arange(1, 7)[:, None], (1, 5))
    np.testing.assert_array_equal(found.area, expected)


def test_channel_of_a_valley_gathers_all_rows_above():
    found, _ = areas(valley(), CELL)
    np.testing.assert_array_equal(found.area[:, 3], 7 * CELL_AREA * np.arange(1, 9))
    # Each side hands on cell by cell, from the edges inward.
    np.testing.assert_array_equal(found.area[4, :3], CELL_AREA * np.array([1, 2, 3]))
    np.testing.assert_array_equal(found.area[4, 4:], CELL_AREA * np.array([3, 2, 1]))


@pytest.mark.parametrize("routing", ["d8", "multiple"])
def test_everything_leaves_a_cone_at_its_border(routing):
    y, x = np.mgrid[-20:21, -20:21]
    cone = 500.0 - np.hypot(x, y)
    found, by_routing = areas(cone, (10.0, 10.0))
    outlets = found.directions == OUTLET
    area = by_routing[routing]
    # Four lines of steepest descent run along the axes, and the corners are lowest.
    assert set(zip(*np.nonzero(outlets), strict=True)) == {(0, 0), (0, 40), (40, 0), (40, 40)}
    assert area[outlets].sum() == pytest.approx(41 * 41 * 100)
    assert area[20, 20] == 100


def test_multiple_flow_spreads_a_cone_evenly_where_d8_gathers_it_in_lines():
    y, x = np.mgrid[-40:41, -40:41]
    radius = np.hypot(x, y)
    _, by_routing = areas(500.0 - radius, (10.0, 10.0))
    ring = (radius > 28) & (radius < 32)
    # The disc above a contour drains through it: a = r / 2, times the side of a cell.
    expected = 10 * 10 * radius[ring] / 2
    spread = {name: np.std(area[ring] / expected) for name, area in by_routing.items()}
    # Flow to both sides of the steepest way makes for a tenth more.
    assert np.mean(by_routing["multiple"][ring] / expected) == pytest.approx(1.12, abs=0.02)
    assert spread["multiple"] < 0.05
    assert spread["d8"] > 0.5


@settings(deadline=None, max_examples=100)
@given(
    GRIDS.filter(lambda grid: grid.size > 1 and not np.isnan(grid).all()),
    st.sampled_from([(1.0, 1.0), (30.0, 20.0)]),
)
def test_all_area_of_the_ground_leaves_by_the_outlets(grid, cell_size):
    cell = cell_size[0] * cell_size[1]
    found, by_routing = areas(grid, cell_size)
    ground = ~np.isnan(grid)
    for area in by_routing.values():
        assert area[found.directions == OUTLET].sum() == pytest.approx(ground.sum() * cell)
        assert (area[ground] >= cell * (1 - 1e-12)).all()
        np.testing.assert_array_equal(np.isnan(area), ~ground)


def test_no_flow_goes_through_a_void_and_what_is_behind_begins_anew():
    plane = np.tile(100.0 - np.arange(7.0)[:, None], (1, 3))
    plane[3] = np.nan
    for area in areas(plane, CELL)[1].values():
        np.testing.assert_allclose(area[2].sum(), 9 * CELL_AREA)
        np.testing.assert_allclose(area[4].sum(), 3 * CELL_AREA)
        assert np.isnan(area[3]).all()


def test_a_lake_that_is_a_void_takes_what_drains_towards_it():
    y, x = np.mgrid[-4:5, -4:5]
    bowl = 10.0 * np.maximum(abs(x), abs(y))
    lake = np.where(bowl <= 10, np.nan, bowl)
    found, _ = areas(lake, (1.0, 1.0))
    shore = bowl == 20
    assert found.area[shore].sum() == 81 - 9
    np.testing.assert_array_equal(found.filled[shore], 20)
    # Without the void, the bowl fills up to its rim.
    np.testing.assert_array_equal(areas(bowl, (1.0, 1.0))[0].filled, 40)


def test_what_drains_into_voids_is_told_and_what_leaves_at_the_rim_is_not():
    y, x = np.mgrid[-4:5, -4:5]
    bowl = 10.0 * np.maximum(abs(x), abs(y))
    lake = np.where(bowl <= 10, np.nan, bowl)
    said = []
    drainage(bowl, cell_size=1.0, log=said.append)
    assert len(said) == 1
    drainage(lake, cell_size=1.0, log=said.append)
    assert said[2].startswith("100.0% of the ground drains into voids")
    # Of 40 cells, 8 drain down two columns to a void; a column beside it turns away to the
    # ground, and the last one is at the rim.
    plane = np.tile(100.0 - np.arange(6.0)[:, None], (1, 8))
    plane[4:, 4:] = np.nan
    drainage(plane, cell_size=1.0, log=said.append)
    assert said[4].startswith("20.0% of the ground")


def test_the_sea_may_be_a_level_of_zero_or_a_void():
    # Four rows of land that fall to the shore in the south.
    coast = np.zeros((9, 5))
    coast[:4] = np.array([40.0, 30.0, 20.0, 10.0])[:, None]
    level, _ = areas(coast, CELL)
    void, _ = areas(np.where(coast > 0, coast, np.nan), CELL)
    for found in (level, void):
        np.testing.assert_array_equal(found.area[3], 4 * CELL_AREA)
        assert found.area[found.directions == OUTLET].sum() == pytest.approx(
            (~np.isnan(found.filled)).sum() * CELL_AREA
        )


def test_level_ground_drains_to_the_nearest_border():
    found, _ = areas(np.full((5, 5), 3.0), (1.0, 1.0))
    border = np.ones((5, 5), dtype=bool)
    border[1:-1, 1:-1] = False
    np.testing.assert_array_equal(found.directions == OUTLET, border)
    assert found.area[border].sum() == 25


@pytest.mark.parametrize("shape", [(1, 6), (6, 1)])
def test_a_single_row_or_column_drains_along_itself(shape):
    line = np.array([3.0, 2.0, 1.0, 4.0, 5.0, 6.0]).reshape(shape)
    for area in areas(line, (1.0, 1.0))[1].values():
        np.testing.assert_array_equal(area.ravel(), [1, 2, 6, 3, 2, 1])


def test_whole_numbers_infinite_and_huge_values_are_read_as_what_they_are():
    whole = np.array([[3, 2], [4, 1]], dtype=np.int16)
    np.testing.assert_array_equal(drainage(whole, cell_size=1, river_area=2).area, [[1, 1], [1, 4]])
    odd = np.array([[3.0, 2.0, np.inf], [4.0, 1.0, -3.4e38]])
    area = drainage(odd, cell_size=1, river_area=2).area
    np.testing.assert_array_equal(area, [[1, 1, np.nan], [1, 4, np.nan]])


def test_the_elevation_is_left_as_it_was():
    bowl = np.array([[9.0, 9.0, 9.0], [9.0, 1.0, np.inf], [9.0, 9.0, 9.0]])
    before = bowl.copy()
    drainage(bowl, cell_size=1.0)
    np.testing.assert_array_equal(bowl, before)


@pytest.mark.parametrize(
    ("elevation", "options", "message"),
    [
        (np.full((3, 4), np.nan), {}, "holds no ground: all 12 cells are no data"),
        (np.zeros(4), {}, "two-dimensional array of numbers, not of shape \\(4,\\)"),
        (np.array([["a"]]), {}, "type <U1"),
        (np.zeros((1, 1)), {}, "more than one cell"),
        (np.zeros((2, 2)), {"cell_size": 0}, "positive lengths in meters, not 0"),
        (np.zeros((2, 2)), {"cell_size": (1, np.nan)}, "positive lengths"),
        (np.zeros((2, 2)), {"cell_size": (1, 2, 3)}, "one or two"),
        (np.zeros((2, 2)), {"river_area": 100}, "river_area=100 must be larger than a cell"),
        (np.zeros((2, 2)), {"river_area": np.nan}, "river_area=nan"),
    ],
)
def test_what_cannot_be_drained_is_refused_in_a_line(elevation, options, message):
    with pytest.raises(ValueError, match=message) as refused:
        drainage(elevation, **{"cell_size": 10.0} | options)
    assert "\n" not in str(refused.value)
