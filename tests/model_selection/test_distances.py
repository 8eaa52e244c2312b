"""Nearest-neighbor distances, against all pairs."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from scipy.spatial.distance import cdist
from sklearn.model_selection import KFold

from sklearn_landslide.model_selection import fold_distances, nearest_neighbor_distances
from sklearn_landslide.model_selection._distances import MOST_MAP_POINTS, map_distances

POINTS = np.random.default_rng(0).uniform(0, 1000, (60, 2))


def test_distances_among_points_are_those_of_all_pairs():
    pairs = cdist(POINTS, POINTS)
    np.fill_diagonal(pairs, np.inf)
    assert_allclose(nearest_neighbor_distances(POINTS), pairs.min(axis=1))


def test_distances_to_others_are_those_of_all_pairs():
    assert_allclose(
        nearest_neighbor_distances(POINTS[:20], POINTS[20:]),
        cdist(POINTS[:20], POINTS[20:]).min(axis=1),
    )


def test_a_double_is_a_neighbor_at_distance_zero():
    assert nearest_neighbor_distances([[0, 0], [0, 0], [3, 4]]).tolist() == [0, 0, 5]


def test_a_single_point_has_no_neighbor():
    with pytest.raises(ValueError, match="1 point, which has no neighbor"):
        nearest_neighbor_distances([[0, 0]])


def test_fold_distances_are_those_of_all_pairs_and_follow_the_index():
    order = np.random.default_rng(1).permutation(60)
    X = pd.DataFrame({"slope": order}, index=order)
    coordinates = pd.DataFrame(POINTS, columns=["x", "y"])
    wanted = []
    for train, test in KFold(4).split(order):
        pairs = cdist(POINTS[order[test]], POINTS[order[train]])
        wanted += list(pairs.min(axis=1))
    y = np.arange(60) % 2
    assert_allclose(fold_distances(KFold(4), X, y, coordinates), wanted)


def test_many_places_of_a_map_are_drawn_alike_every_time():
    places = np.random.default_rng(2).uniform(0, 1000, (3 * MOST_MAP_POINTS, 2))
    drawn = map_distances(POINTS, places)
    assert len(drawn) == MOST_MAP_POINTS
    assert_allclose(drawn, map_distances(POINTS, places))
    every = nearest_neighbor_distances(places, POINTS)
    assert set(drawn) <= set(every)
    # The draw stands for all of them.
    assert_allclose(
        np.quantile(drawn, [0.1, 0.5, 0.9]), np.quantile(every, [0.1, 0.5, 0.9]), rtol=0.05
    )
