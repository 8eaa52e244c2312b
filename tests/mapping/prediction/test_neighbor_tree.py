"""The tree of neighbors: the same distances as any other, and safe to build of any numbers."""

import numpy as np
import pytest
from scipy.spatial import cKDTree

from sklearn_landslide.mapping import neighbor_tree


@pytest.mark.parametrize("leafsize", [1, 16])
def test_distances_are_those_of_a_balanced_tree(leafsize):
    rng = np.random.default_rng(0)
    points = rng.normal(size=(500, 6)) ** 3
    # Codes, a constant, and places that are there twice.
    points[:, 4], points[:, 5] = rng.integers(0, 2, 500), 1.0
    points = np.concatenate([points, points[:50]])
    places = np.concatenate([rng.normal(size=(300, 6)) ** 3, points[::7]])
    found, _ = neighbor_tree(points, leafsize).query(places)
    expected, _ = cKDTree(points).query(places)
    np.testing.assert_array_equal(found, expected)


def depth_of(tree):
    left, deepest = [(tree.tree, 1)], 0
    while left:
        node, depth = left.pop()
        deepest = max(deepest, depth)
        if node.lesser is not None:
            left += [(node.lesser, depth + 1), (node.greater, depth + 1)]
    return deepest


def test_crafted_points_do_not_make_it_deep():
    # Each point half as far out as the last: split in the middle, one is cut off at a time.
    columns = [np.zeros(8000) for _ in range(8)]
    for number, column in enumerate(columns):
        column[1000 * number : 1000 * (number + 1)] = 2.0 ** -np.arange(1000)
    points = np.column_stack(columns)
    assert depth_of(neighbor_tree(points, 1)) < 20
    assert depth_of(neighbor_tree(np.random.default_rng(0).normal(size=(8000, 8)), 1)) < 60
