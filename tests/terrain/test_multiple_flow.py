"""Multiple flow against the equations of flow, solved, and against values by hand."""

import numpy as np
import pytest

from sklearn_landslide.terrain._flow_directions import (
    OUTLET,
    STEPS,
    fill_depressions,
    flow_directions,
)
from sklearn_landslide.terrain._flow_graph import fill_pits, flow_accumulation
from sklearn_landslide.terrain._multiple_flow import multiple_flow_area


def area_of(grid, cell_size=(1.0, 1.0)):
    filled = fill_depressions(np.asarray(grid, dtype=float))
    return multiple_flow_area(filled, flow_directions(filled, cell_size), cell_size)


def test_area_equals_the_solution_of_the_sparse_equations_of_flow():
    rng = np.random.default_rng(3)
    y, x = np.mgrid[:40, :50]
    grid = np.round(20 * np.hypot(y - 20, x - 30) + 30 * rng.standard_normal((40, 50)))
    filled = fill_depressions(grid)
    directions = flow_directions(filled, (30.0, 30.0))
    offsets = np.zeros(256, dtype=int)
    for code, (down, right) in STEPS.items():
        offsets[code] = down * 50 + right
    # The same ways over level ground as those of this implementation.
    parent = np.where(directions == OUTLET, grid.size, np.arange(grid.size).reshape(grid.shape))
    parent = (parent + offsets[directions]).ravel()
    depth, ahead = np.zeros(grid.size, dtype=int), np.arange(grid.size)
    while (ahead < grid.size).any():
        depth += ahead < grid.size
        ahead = np.append(parent, grid.size)[ahead]
    solved = flow_accumulation(grid, 30.0, filled=(filled.astype(float), parent, depth))
    found = multiple_flow_area(filled, directions, (30.0, 30.0))
    assert (filled != grid).mean() > 0.05
    np.testing.assert_allclose(found, solved, rtol=1e-9)


def test_area_equals_that_of_the_sparse_graph_where_nothing_is_level():
    rng = np.random.default_rng(4)
    y, x = np.mgrid[:30, :30]
    grid = 5.0 * (y + x) + rng.uniform(0, 2, (30, 30)).astype(np.float32)
    np.testing.assert_array_equal(fill_pits(grid)[0], grid)
    np.testing.assert_allclose(
        area_of(grid, (25.0, 25.0)), flow_accumulation(grid, 25.0), rtol=1e-5
    )


def test_flow_is_shared_by_slope_and_contour_of_cells_that_are_not_square():
    # 4 m wide, 3 m high, diagonal 5 m. The center falls east by 1, south by 2, south-east by 3.
    size = (4.0, 3.0)
    grid = np.array([[9.0, 9.0, 9.0], [9.0, 5.0, 4.0], [9.0, 3.0, 2.0]])
    weights = np.array([1 / 4 * 3 / 2, 2 / 3 * 4 / 2, 3 / 5 * 5 / 4])
    from_center = weights / weights.sum()
    found = area_of(grid, size)

    higher = [(0, 0), (0, 1), (0, 2), (1, 0), (2, 0)]
    center = 12 * (1 + sum(_share(cell, (1, 1), grid, size) for cell in higher))
    assert found[1, 1] == pytest.approx(center)
    east = 12 * (1 + sum(_share(cell, (1, 2), grid, size) for cell in [(0, 1), (0, 2)]))
    assert found[1, 2] == pytest.approx(east + center * from_center[0])
    south = 12 * (1 + sum(_share(cell, (2, 1), grid, size) for cell in [(1, 0), (2, 0)]))
    # What comes from the center, and from east of it on the diagonal.
    across = found[1, 2] * _share((1, 2), (2, 1), grid, size)
    assert found[2, 1] == pytest.approx(south + across + center * from_center[1])
    assert found[2, 2] == pytest.approx(9 * 12)


def _share(cell, target, grid, cell_size):
    """Share of a cell that one of its neighbors gets, written out."""
    weights = {}
    for down in (-1, 0, 1):
        for right in (-1, 0, 1):
            r, c = cell[0] + down, cell[1] + right
            if (down, right) == (0, 0) or not (0 <= r < 3 and 0 <= c < 3):
                continue
            length = np.hypot(down * cell_size[1], right * cell_size[0])
            contour = length / 4 if down and right else cell_size[0 if down else 1] / 2
            weights[r, c] = max(grid[cell] - grid[r, c], 0) / length * contour
    if target not in weights:
        return 0.0
    return weights[target] / sum(weights.values())
