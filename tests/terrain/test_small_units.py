"""Small units join the neighbor that they should, and never one that they must not."""

import numpy as np
import pytest
from scipy import ndimage

from sklearn_landslide.terrain._small_units import Nodes, borders, join_small, pieces

# A strip of small cells, 1, between three others.
LABELS = np.array([[0, 0, 0, 2], [0, 1, 1, 2], [3, 3, 3, 2], [3, 3, 3, 2]])
EAST, NORTH = (1.0, 0.0), (0.0, 1.0)


def joined(directions, *, home=(0, 0, 0, 0), parent=(-1,), allowed=lambda sums: True, smallest=3):
    counts = np.bincount(LABELS.ravel()).astype(float)
    sums = np.stack([counts, counts, *(counts * np.array(directions).T)], axis=1)
    return join_small(
        borders(LABELS), Nodes(np.array(parent)), list(home), sums, smallest, allowed
    ).tolist()


def test_borders_are_counted_in_sides_of_cells_and_corners_hardly():
    found = borders(LABELS)
    assert found[1] == pytest.approx({0: 3.002, 2: 1.002, 3: 2.001}, abs=5e-3)
    assert all(
        found[other][one] == border for one in range(4) for other, border in found[one].items()
    )
    assert round(found[0][3]) == 1


def test_a_small_unit_joins_where_the_border_is_longest_and_the_aspect_alike():
    assert joined([EAST, EAST, EAST, EAST]) == [0, 0, 2, 3]
    # Three sides of a unit that faces the other way count as none, two of one at right angles
    # as one.
    assert joined([(-1.0, 0.0), EAST, NORTH, EAST]) == [0, 3, 2, 3]
    assert joined([NORTH, EAST, NORTH, EAST]) == [0, 3, 2, 3]


def test_a_unit_that_is_large_enough_joins_none():
    assert joined([EAST] * 4, smallest=2) == [0, 1, 2, 3]


def test_a_small_unit_stays_within_the_part_that_it_was_cut_from():
    # Node 0 was divided into 1 and 2; the small unit and the last were cut from 2, the others
    # from 1.
    parent = (-1, 0, 0)
    assert joined([EAST] * 4, home=(1, 2, 1, 2), parent=parent) == [0, 3, 2, 3]
    # Cut from the whole, it may join any part of it.
    assert joined([EAST] * 4, home=(1, 0, 1, 2), parent=parent) == [0, 0, 2, 3]
    # Alone in its part, it stays.
    assert joined([EAST] * 4, home=(1, 2, 1, 1), parent=parent) == [0, 1, 2, 3]
    # A half-basin without any bank but its own is a part of none.
    assert joined([EAST] * 4, home=(-1, -1, -1, -1)) == [0, 1, 2, 3]


def test_units_that_would_break_the_limits_together_are_not_joined():
    assert joined([EAST] * 4, allowed=lambda sums: sums[0] <= 6) == [0, 0, 2, 3]
    assert joined([EAST] * 4, allowed=lambda sums: sums[0] <= 5) == [0, 1, 2, 3]


def test_joined_units_that_are_still_small_go_on():
    labels = np.array([[0, 1, 2, 3, 3, 3, 3]])
    counts = np.bincount(labels.ravel()).astype(float)
    sums = np.stack([counts, counts, counts, 0 * counts], axis=1)
    into = join_small(borders(labels), Nodes(np.array([-1])), [0] * 4, sums, 4, lambda sums: True)
    assert len(set(into.tolist())) == 1


def test_pieces_are_those_of_scipy_with_corners():
    labels = np.random.default_rng(0).integers(-1, 3, (30, 40))
    found = pieces(labels)
    assert (found[labels < 0] == -1).all()
    for label in range(3):
        expected, count = ndimage.label(labels == label, np.ones((3, 3)))
        pairs = np.unique(np.stack([expected, found])[:, labels == label], axis=1)
        assert pairs.shape[1] == count == len(np.unique(pairs[1]))
