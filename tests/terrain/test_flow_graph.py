"""Pits and flow accumulation against hand-made and brute-force cases."""

import heapq

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from sklearn_landslide.terrain._flow_graph import fill_pits, flow_accumulation

HAND_MADE = np.array(
    [
        [9.0, 8.0, 7.0, 9.0],
        [8.0, 6.0, 5.0, 8.0],
        [9.0, 7.0, 4.0, 2.0],
        [9.0, 9.0, 8.0, 9.0],
    ]
)
SMALL_GRIDS = arrays(
    np.int64,
    st.tuples(st.integers(2, 9), st.integers(2, 9)),
    elements=st.integers(0, 12),
)


def _neighbors(row, column, shape):
    for r in range(max(row - 1, 0), min(row + 2, shape[0])):
        for c in range(max(column - 1, 0), min(column + 2, shape[1])):
            if (r, c) != (row, column):
                yield r, c


def _priority_flood(elevation):
    """Fill pits cell by cell from the edge inward, always from the lowest shore."""
    rows, columns = elevation.shape
    filled = np.full(elevation.shape, np.inf)
    shore = []
    for r in range(rows):
        for c in range(columns):
            if r in (0, rows - 1) or c in (0, columns - 1):
                filled[r, c] = elevation[r, c]
                heapq.heappush(shore, (filled[r, c], r, c))
    while shore:
        level, r, c = heapq.heappop(shore)
        for neighbor in _neighbors(r, c, elevation.shape):
            if np.isinf(filled[neighbor]):
                filled[neighbor] = max(level, elevation[neighbor])
                heapq.heappush(shore, (filled[neighbor], *neighbor))
    return filled


def test_d8_accumulation_of_a_hand_made_grid():
    # By hand: (1, 1) gathers its three upper left neighbors, (1, 2) the row above it and
    # (2, 1) the lower left corner; all meet in (2, 2) and leave at (2, 3).
    cells = np.array([[1, 1, 1, 1], [1, 4, 4, 1], [1, 2, 8, 16], [1, 1, 1, 1]])
    area = flow_accumulation(HAND_MADE, 30.0, method="d8")
    np.testing.assert_allclose(area, cells * 900.0)


def test_multiple_flow_is_shared_by_slope_and_contour_length():
    grid = np.array([[9.0, 9.0, 9.0], [9.0, 5.0, 4.0], [9.0, 9.0, 4.0]])
    # Into the center, by hand: tangent times contour length (1/2 straight, sqrt(2)/4
    # diagonal) of the way to the center over the sum for all lower neighbors.
    center = 1 + 1 + 2 / 3.25 + 1 / 3.5 + 1 + 1 + 2 / 5.75
    # The center gives 0.5 : 0.25 to the cells east and south-east of it.
    east = 1 + center * 2 / 3 + 1.25 / 3.25 + 2.5 / 3.5 + 1.25 / 5.75
    south_east = 1 + center / 3 + 2.5 / 5.75
    area = flow_accumulation(grid, 1.0)
    assert area[1, 1] == pytest.approx(center)
    assert area[1, 2] == pytest.approx(east)
    assert area[2, 2] == pytest.approx(south_east)


@settings(deadline=None, max_examples=60)
@given(SMALL_GRIDS)
def test_filled_level_equals_a_priority_flood(grid):
    filled, _, _ = fill_pits(grid.astype(float))
    np.testing.assert_array_equal(filled, _priority_flood(grid.astype(float)))


@settings(deadline=None, max_examples=60)
@given(SMALL_GRIDS)
def test_drainage_paths_of_filled_pits_never_rise_and_reach_the_edge(grid):
    filled, parent, depth = fill_pits(grid.astype(float))
    level = np.append(filled.ravel(), -np.inf)
    assert (level[parent] <= level[:-1]).all()
    steps = np.append(depth, 0)
    np.testing.assert_array_equal(steps[parent], depth - 1)


@settings(deadline=None, max_examples=60)
@given(SMALL_GRIDS, st.sampled_from(["d8", "multiple"]))
def test_all_area_leaves_through_the_edge(grid, method):
    filled, _, _ = fill_pits(grid.astype(float))
    area = flow_accumulation(grid.astype(float), 1.0, method=method)
    outlets = np.zeros(grid.shape, dtype=bool)
    for r, c in np.ndindex(grid.shape):
        edge = r in (0, grid.shape[0] - 1) or c in (0, grid.shape[1] - 1)
        lower = any(filled[n] < filled[r, c] for n in _neighbors(r, c, grid.shape))
        outlets[r, c] = edge and not lower
    assert (area >= 1 - 1e-12).all()
    assert area[outlets].sum() == pytest.approx(grid.size)
