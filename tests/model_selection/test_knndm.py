"""kNNDM: distances by brute force, the best of the candidates, never above random folds."""

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.spatial.distance import cdist
from scipy.stats import wasserstein_distance

from sklearn_landslide.datasets import make_landslides
from sklearn_landslide.model_selection import KNNDM
from sklearn_landslide.model_selection._knndm import _deal


def clustered(n, seed, *, spread=200, n_centers=8, side=20_000):
    """Samples around a few places of a square, and places all over it."""
    rng = np.random.default_rng(seed)
    centers = rng.uniform(0, side, (n_centers, 2))
    points = centers[rng.integers(n_centers, size=n)] + rng.normal(0, spread, (n, 2))
    y = rng.random(n) < 0.4
    y[:10] = np.tile([True, False], 5)
    return points, y.astype(int), rng.uniform(0, side, (2000, 2))


def brute_wasserstein(points, splits, places):
    """W from all pairs, as the area between two distribution functions."""
    test = np.concatenate([cdist(points[b], points[a]).min(axis=1) for a, b in splits])
    to_samples = cdist(places, points).min(axis=1)
    steps = np.sort(np.concatenate([test, to_samples]))
    shares = [np.searchsorted(np.sort(d), steps[:-1], "right") / len(d) for d in (test, to_samples)]
    area = np.sum(np.abs(shares[0] - shares[1]) * np.diff(steps))
    assert area == pytest.approx(wasserstein_distance(test, to_samples))
    return area


@pytest.mark.parametrize("seed", range(4))
def test_the_distance_of_the_chosen_folds_is_that_of_all_pairs_and_the_least(seed):
    points, y, places = clustered(200, seed)
    cv = KNNDM(points, places, random_state=seed)
    table = cv.candidates(points, y)
    chosen = table[table["chosen"]]
    assert len(chosen) == 1
    splits = list(cv.split(points, y))
    w = brute_wasserstein(points, splits, places)
    assert_allclose(chosen["wasserstein"].item(), w)
    assert w == pytest.approx(table["wasserstein"].min())
    assert table["clustering"][0] == "random"
    # On clustered samples random folds are far off.
    assert w < 0.5 * table["wasserstein"][0]
    assert_allclose(chosen["largest_share"].item(), max(len(b) for _, b in splits) / 200)


def test_clusters_as_far_apart_as_the_map_is_are_folds():
    offsets = np.array([[0, 0], [1, 0], [0, 1], [1, 1]])
    corners = np.array([[0, 0], [100, 0], [0, 100]])
    points = (corners[:, None] + offsets).reshape(-1, 2)
    # The map lies 100 m from the samples.
    places = np.column_stack([np.linspace(0, 1, 50), np.full(50, -99.0)])
    cv = KNNDM(points, places, 3, random_state=0)
    tests = sorted(tuple(test) for _, test in cv.split(points, np.tile([0, 1], 6)))
    assert tests == [(0, 1, 2, 3), (4, 5, 6, 7), (8, 9, 10, 11)]


@pytest.mark.parametrize("sampling", ["regular", "random"])
def test_samples_spread_as_the_map_get_random_folds(sampling):
    rng = np.random.default_rng(1)
    points, places = rng.uniform(0, 1000, (150, 2)), rng.uniform(0, 1000, (3000, 2))
    if sampling == "regular":
        points = np.stack(np.meshgrid(np.arange(15) * 66.0, np.arange(10) * 100.0), -1)
        points = points.reshape(-1, 2)
    y = np.arange(150) % 2
    cv = KNNDM(points, places, random_state=0)
    assert cv.candidates(points, y)["clustering"].tolist() == ["random"]
    for _, test in cv.split(points, y):
        assert len(test) == 30
        assert y[test].sum() == 15


def test_large_clusters_stay_alone_and_small_ones_are_dealt_along_the_axis():
    # Twelve points along a line: one cluster of six, four of one, one of two.
    clusters = np.array([0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 5])
    along = np.array([0, 0, 0, 0, 0, 0, 9, 8, 7, 6, 5, 5.0])
    # In the order of the line: cluster 5, 4, 3, 2, 1, in turn to folds 1 and 2.
    assert_array_equal(_deal(clusters, along, 3), [0] * 6 + [1, 2, 1, 2, 1, 1])


def test_no_fold_holds_more_than_the_largest_share():
    points, y, places = clustered(200, 3, n_centers=3)
    table = KNNDM(points, places, 4, max_share=0.3, random_state=0).candidates(points, y)
    assert table["largest_share"].max() <= 0.3
    assert len(table) > 5


def test_the_order_of_the_rows_does_not_matter():
    points, y, places = clustered(150, 1)
    order = np.random.default_rng(0).permutation(150)
    first = KNNDM(points, places, random_state=0).split(points, y)
    moved = KNNDM(points[order], places, random_state=0).split(points, y[order])
    for (_, test), (_, test_moved) in zip(first, moved, strict=True):
        assert_array_equal(np.sort(order[test_moved]), test)


def test_many_samples_are_gathered_first_and_it_stays_quick(monkeypatch):
    points, y, places = clustered(3000, 0)
    start = time.process_time()
    cv = KNNDM(points, places, random_state=0)
    whole = cv.candidates(points, y)
    assert time.process_time() - start < 20
    monkeypatch.setattr("sklearn_landslide.model_selection._knndm._MOST_LEAVES", 300)
    gathered = cv.candidates(points, y)
    assert gathered["n_clusters"][1:].max() <= 300 < whole["n_clusters"][1:].max()
    # The coarse clusters that matter come out alike.
    best = whole["wasserstein"].min()
    assert gathered["wasserstein"].min() == pytest.approx(best, rel=0.25)


def test_samples_at_the_same_places_are_split():
    points, y, places = clustered(40, 0)
    points, y = np.repeat(points, 3, axis=0), np.repeat(y, 3)
    table = KNNDM(points, places, random_state=0).candidates(points, y)
    assert table["wasserstein"].min() < table["wasserstein"][0]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_splits": 2}, "max_share=0.5 is no more than 1 / n_splits=2"),
        ({"n_splits": 30}, "class 0 has 20 rows, fewer than n_splits=30"),
        ({"max_share": 1.5}, "The 'max_share' parameter of KNNDM must be"),
        ({"map_coordinates": [[1, 2, 3]]}, r"map_coordinates must have one row per point"),
        ({"map_coordinates": [[1, np.nan]]}, "map_coordinates has 1 points that are missing"),
    ],
    ids=["two folds", "many folds", "share", "map shape", "map nan"],
)
def test_what_cannot_be_matched_is_refused(options, message):
    points, _, places = clustered(40, 0)
    cv = KNNDM(points, **{"map_coordinates": places, **options})
    with pytest.raises(ValueError, match=message):
        list(cv.split(points, np.tile([0, 1], 20)))


@settings(max_examples=12, deadline=None)
@given(
    n=st.integers(20, 40),
    seed=st.integers(0, 10_000),
    spread=st.sampled_from([5, 300, 5000]),
    n_splits=st.integers(3, 5),
)
def test_folds_divide_the_rows_hold_both_classes_and_are_never_worse_than_random(
    n, seed, spread, n_splits
):
    points, y, places = clustered(n, seed, spread=spread, n_centers=4)
    cv = KNNDM(points, places, n_splits, random_state=seed)
    splits = list(cv.split(points, y))
    assert len(splits) == n_splits == cv.get_n_splits()
    assert_array_equal(np.sort(np.concatenate([test for _, test in splits])), range(n))
    for train, test in splits:
        assert_array_equal(np.sort(np.append(train, test)), range(n))
        assert len(np.unique(y[train])) == len(np.unique(y[test])) == 2
    table = cv.candidates(points, y)
    w = brute_wasserstein(points, splits, places)
    assert w <= table["wasserstein"][0] + 1e-9
    assert_allclose(w, table.loc[table["chosen"], "wasserstein"].item())


def test_clustered_landslides_are_matched_better_than_by_random_folds():
    region = make_landslides(400, clustering=1.0, return_stack=True, random_state=0)
    rows, columns = np.indices(region.landslide_map.shape).reshape(2, -1)
    side, _, west, _, _, north = region.transform
    places = np.column_stack([west + side * (columns + 0.5), north - side * (rows + 0.5)])
    table = KNNDM(region.coordinates, places, random_state=0).candidates(region.data, region.target)
    assert table["wasserstein"].min() < 0.5 * table["wasserstein"][0]
