"""Filled depressions and directions of flow against brute force and cases made by hand."""

import heapq

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from sklearn_landslide.terrain._flow_directions import (
    OUTLET,
    STEPS,
    VOID,
    fill_depressions,
    flow_directions,
)

# Of few levels, so that there are depressions, flats and ties; 13 stands for a void.
GRIDS = arrays(
    np.float64,
    st.tuples(st.integers(1, 9), st.integers(1, 9)),
    elements=st.integers(0, 13).map(float),
).map(lambda grid: np.where(grid == 13, np.nan, grid))
CELL_SIZES = st.sampled_from([(1.0, 1.0), (30.0, 20.0), (10.0, 25.0)])


def neighbors(grid, row, column):
    """Row, column and code of the neighbors that are ground."""
    for code, (down, right) in STEPS.items():
        r, c = row + down, column + right
        if 0 <= r < grid.shape[0] and 0 <= c < grid.shape[1] and not np.isnan(grid[r, c]):
            yield r, c, code


def at_border(grid, row, column):
    return len(list(neighbors(grid, row, column))) < 8


def ground(grid):
    return [(r, c) for r, c in np.ndindex(grid.shape) if not np.isnan(grid[r, c])]


def priority_flood(grid):
    """Fill cell by cell from the border inward, always from the lowest shore."""
    filled = np.full(grid.shape, np.nan)
    shore = [(grid[cell], *cell) for cell in ground(grid) if at_border(grid, *cell)]
    for level, r, c in shore:
        filled[r, c] = level
    heapq.heapify(shore)
    while shore:
        level, row, column = heapq.heappop(shore)
        for r, c, _ in neighbors(grid, row, column):
            if np.isnan(filled[r, c]):
                filled[r, c] = max(level, grid[r, c])
                heapq.heappush(shore, (filled[r, c], r, c))
    return filled


@settings(deadline=None, max_examples=150)
@given(GRIDS)
def test_filled_level_equals_a_priority_flood_from_the_borders_of_raster_and_voids(grid):
    np.testing.assert_array_equal(fill_depressions(grid), priority_flood(grid))


def test_filled_level_is_exact_for_heights_that_no_float32_holds():
    # 0.1 and 1000.3 round differently in float32, and so does their difference.
    rng = np.random.default_rng(0)
    grid = rng.uniform(0, 1000, (40, 40)) ** rng.integers(0, 2, (40, 40)) + 0.1
    filled = fill_depressions(grid)
    np.testing.assert_array_equal(filled, priority_flood(grid.astype(np.float32)))


@settings(deadline=None, max_examples=150)
@given(GRIDS, CELL_SIZES)
def test_water_takes_the_steepest_way_and_never_rises(grid, cell_size):
    filled = priority_flood(grid).astype(np.float32)
    directions = flow_directions(filled, cell_size)
    width, height = cell_size
    for cell in ground(grid):
        falls = {
            code: (filled[cell] - filled[r, c])
            / np.hypot(STEPS[code][1] * width, STEPS[code][0] * height)
            for r, c, code in neighbors(grid, *cell)
        }
        code = directions[cell]
        if max(falls.values(), default=0) > 0:
            assert falls[code] == pytest.approx(max(falls.values()), rel=1e-6)
        elif at_border(grid, *cell):
            assert code == OUTLET
        else:
            assert falls[code] == 0
    np.testing.assert_array_equal(directions == VOID, np.isnan(grid))


@settings(deadline=None, max_examples=150)
@given(GRIDS, CELL_SIZES)
def test_water_leaves_at_a_border_after_as_few_steps_over_level_ground_as_can_be(grid, cell_size):
    filled = priority_flood(grid).astype(np.float32)
    directions = flow_directions(filled, cell_size)
    for cell in ground(grid):
        steps, here = 0, cell
        while directions[here] != OUTLET and not _falls(filled, here):
            down, right = STEPS[directions[here]]
            here, steps = (here[0] + down, here[1] + right), steps + 1
            assert steps <= grid.size, "a loop"
        assert steps == _fewest_steps(filled, cell)


def _fewest_steps(filled, start):
    """Search breadth first for a cell from which water falls or leaves."""
    seen, ring, steps = {start}, {start}, 0
    while not any(_falls(filled, cell) or at_border(filled, *cell) for cell in ring):
        around = {(*cell, *other[:2]) for cell in ring for other in neighbors(filled, *cell)}
        ring = {to for *cell, r, c in around if filled[to := (r, c)] == filled[tuple(cell)]} - seen
        seen |= ring
        steps += 1
    return steps


def _falls(filled, cell):
    return any(filled[r, c] < filled[cell] for r, c, _ in neighbors(filled, *cell))


def test_an_inclined_plane_drains_straight_down():
    # The lowest of the three southern neighbors is none: they are level. pyflwdir's own
    # directions take the first of them, a diagonal.
    plane = np.tile(-np.arange(5.0)[:, None], (1, 4)).astype(np.float32)
    expected = np.full((5, 4), 4)
    expected[-1] = OUTLET
    np.testing.assert_array_equal(flow_directions(plane, (30.0, 30.0)), expected)


def test_the_length_of_the_step_decides_what_is_steepest():
    # East falls by 1, south by 2; the cell is 4 m wide and 10 m high: 1/4 against 2/10.
    grid = np.array([[5.0, 4.0], [3.0, 9.0]], dtype=np.float32)
    assert flow_directions(grid, (4.0, 10.0))[0, 0] == 1
    assert flow_directions(grid, (10.0, 4.0))[0, 0] == 4
    assert flow_directions(grid, (10.0, 10.0))[0, 0] == 4
