"""Spatial blocks: compact, balanced, both classes in every part, the buffer kept."""

import numpy as np
import pandas as pd
import pytest
import sklearn
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from scipy.spatial.distance import cdist

from sklearn_landslide.model_selection import (
    SpatialBlockKFold,
    autocorrelation_range,
    spatial_blocks,
)

SKLEARN = tuple(map(int, sklearn.__version__.split(".")[:2]))
# Four places far from each other, four samples at each.
CORNERS = np.array([[0, 0], [1000, 0], [0, 1000], [1000, 1000]])
OFFSETS = np.array([[10, 10], [20, 10], [10, 20], [20, 20]])
POINTS = (CORNERS[:, None] + OFFSETS).reshape(-1, 2)
Y = np.tile([0, 1, 0, 1], 4)
PLACE = np.repeat(range(4), 4)


def splits(cv, y=Y, X=None):
    return list(cv.split(np.zeros((len(y), 1)) if X is None else X, y))


def test_squares_are_numbered_from_the_south_west_row_by_row():
    points = [[150, 250], [10, 10], [150, 20], [190, 290], [-10, 10]]
    blocks = spatial_blocks(points, method="grid", block_size=100)
    # Rows from south to north: (-1, 0), (0, 0), (1, 0), then (1, 2).
    assert_array_equal(blocks, [3, 1, 2, 3, 0])


def test_a_place_is_in_the_same_square_whatever_the_other_points_are():
    points = np.random.default_rng(0).uniform(0, 5000, (200, 2))
    blocks = spatial_blocks(points, method="grid", block_size=700)
    part = spatial_blocks(points[::3], method="grid", block_size=700)
    together = blocks[::3][:, None] == blocks[::3]
    assert_array_equal(part[:, None] == part, together)


def test_the_default_squares_are_about_as_many_as_asked():
    points = np.random.default_rng(0).uniform([0, 0], [6000, 3000], (5000, 2))
    assert 30 <= len(np.unique(spatial_blocks(points, method="grid", n_blocks=40))) <= 60
    line = np.column_stack([np.arange(100.0), np.zeros(100)])
    assert 10 <= len(np.unique(spatial_blocks(line, method="grid", n_blocks=10))) <= 11


def test_clusters_are_the_four_places_and_keep_the_index():
    frame = pd.DataFrame(POINTS, columns=["x", "y"], index=[f"row {i}" for i in range(16)])
    blocks = spatial_blocks(frame, n_blocks=4, random_state=0)
    assert blocks.index.equals(frame.index)
    assert_array_equal(blocks.to_numpy()[:, None] == blocks.to_numpy(), PLACE[:, None] == PLACE)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_blocks": 17}, "n_blocks=17 is more than the 16 different places"),
        ({"block_size": 10}, 'block_size=10 is for method="grid"'),
        ({"method": "hexagons"}, "The 'method' parameter"),
    ],
    ids=["too many", "size without grid", "method"],
)
def test_blocks_that_cannot_be_made_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        spatial_blocks(POINTS, **options)


def test_each_place_is_a_fold_of_kmeans():
    found = splits(SpatialBlockKFold(POINTS, 4, random_state=0))
    assert sorted(tuple(test) for _, test in found) == [
        (0, 1, 2, 3), (4, 5, 6, 7), (8, 9, 10, 11), (12, 13, 14, 15)
    ]  # fmt: skip
    for train, test in found:
        assert_array_equal(train, np.setdiff1d(range(16), test))


def test_a_cluster_of_one_class_is_joined_to_its_nearest():
    # A fifth place near the first holds no landslide.
    points = np.vstack([POINTS, OFFSETS + np.array([300, 0])])
    y = np.append(Y, [0, 0, 0, 0])
    tests = [set(test) for _, test in splits(SpatialBlockKFold(points, 4, random_state=0), y)]
    assert {0, 1, 2, 3, 16, 17, 18, 19} in tests
    # Asked for as many folds as there are places, one place must be divided.
    found = splits(SpatialBlockKFold(points, 5, random_state=0), y)
    assert len(found) == 5
    for train, test in found:
        assert set(y[train]) == set(y[test]) == {0, 1}


def test_squares_are_dealt_to_folds_of_equal_size_and_share():
    points = np.random.default_rng(0).uniform(0, 1000, (400, 2))
    y = (np.arange(400) % 4 == 0).astype(int)
    cv = SpatialBlockKFold(points, 5, method="grid", block_size=100, random_state=0)
    blocks = spatial_blocks(points, method="grid", block_size=100)
    # Before 1.8 scikit-learn deals groups less evenly.
    off, off_landslides = (5, 2) if SKLEARN >= (1, 8) else (12, 8)
    for train, test in splits(cv, y):
        assert not set(blocks[train]) & set(blocks[test])
        assert abs(len(test) - 80) <= off
        assert abs(y[test].sum() - 20) <= off_landslides


def test_the_buffer_drops_what_is_nearer_and_keeps_what_is_not():
    points = [[0, 0], [10, 0], [100, 0], [110, 0], [150, 0], [160, 0]]
    y = [0, 1, 0, 1, 0, 1]
    near = SpatialBlockKFold(points, 3, method="grid", block_size=50, buffer=41, random_state=0)
    by_test = {tuple(test): train.tolist() for train, test in splits(near, y)}
    assert by_test == {(0, 1): [2, 3, 4, 5], (2, 3): [0, 1, 5], (4, 5): [0, 1, 2]}
    exact = SpatialBlockKFold(points, 3, method="grid", block_size=50, buffer=40, random_state=0)
    by_test = {tuple(test): train.tolist() for train, test in splits(exact, y)}
    # From 150 to 110 it is 40, which is not nearer than 40.
    assert by_test[(4, 5)] == [0, 1, 2, 3]


@pytest.mark.parametrize(("buffer", "n_left"), [(2000, 0), (995, 2)])
def test_a_buffer_that_takes_a_class_is_refused_with_its_numbers(buffer, n_left):
    # Two places 1000 m apart; the nearer half of each holds one class.
    cv = SpatialBlockKFold(POINTS[:8], 2, buffer=buffer, random_state=0)
    with pytest.raises(ValueError, match=f"m leaves fold 0 {n_left} of 4 training rows, none of"):
        splits(cv, Y[:8])


@pytest.mark.parametrize(
    ("y", "options", "message"),
    [
        ([0] * 15 + [1], {}, "class 1 has 1 rows, fewer than n_splits=4: lower n_splits"),
        ([0] * 12 + [1] * 4, {}, "cannot be clustered into n_splits=4 compact folds"),
        (
            [0] * 12 + [1] * 4,
            {"method": "grid", "block_size": 500},
            "class 1 is in 1 of the 4 blocks of 500 m, too few",
        ),
        ([0] * 16, {}, r"y must have two classes, landslide and not, got 1 \(0\)"),
        (list(range(16)), {}, r"y must have two classes, landslide and not, got 16 \(0, 1"),
        ([0, 1], {}, "X has 16 rows and y has 2 labels"),
        (None, {}, "y is missing"),
        (Y, {"block_size": 5}, 'block_size=5 is for method="grid"'),
        (Y, {"buffer": -1}, "The 'buffer' parameter of SpatialBlockKFold must be"),
        (Y, {"n_splits": 1}, "The 'n_splits' parameter of SpatialBlockKFold must be"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_be_split_is_said_in_one_line(y, options, message):
    cv = SpatialBlockKFold(POINTS, **{"n_splits": 4, "random_state": 0, **options})
    with pytest.raises(ValueError, match=message) as caught:
        list(cv.split(np.zeros((16, 1)), y))
    assert "\n" not in str(caught.value)


def test_text_labels_work():
    found = splits(SpatialBlockKFold(POINTS, 4, random_state=0), np.where(Y, "slide", "none"))
    assert len(found) == 4


@pytest.mark.parametrize("method", ["kmeans", "grid"])
def test_the_same_seed_gives_the_same_folds_in_any_order_of_the_rows(method):
    rng = np.random.default_rng(0)
    points, y = rng.uniform(0, 1000, (90, 2)), np.arange(90) % 2
    order = rng.permutation(90)
    first = splits(SpatialBlockKFold(points, 3, method=method, random_state=5), y)
    second = splits(SpatialBlockKFold(points[order], 3, method=method, random_state=5), y[order])
    for (train, test), (train_moved, test_moved) in zip(first, second, strict=True):
        assert_array_equal(np.sort(order[test_moved]), test)
        assert_array_equal(np.sort(order[train_moved]), train)
    other = splits(SpatialBlockKFold(points, 3, method="grid", random_state=6), y)
    assert any(set(a[1]) != set(b[1]) for a, b in zip(first, other, strict=True))


@settings(max_examples=60, deadline=None)
@given(
    points=st.lists(st.tuples(*[st.integers(0, 60)] * 2), min_size=10, max_size=40),
    n_splits=st.integers(2, 4),
    method=st.sampled_from(["kmeans", "grid"]),
    buffer=st.sampled_from([0, 3, 20]),
    data=st.data(),
)
def test_folds_divide_the_rows_hold_both_classes_and_keep_the_buffer(
    points, n_splits, method, buffer, data
):
    points = np.array(points, dtype=float)
    y = np.array(data.draw(st.lists(st.booleans(), min_size=len(points), max_size=len(points))))
    cv = SpatialBlockKFold(points, n_splits, method=method, buffer=buffer, random_state=0)
    try:
        found = splits(cv, y)
    except ValueError as error:
        assert "\n" not in str(error)
        return
    assert_array_equal(np.sort(np.concatenate([test for _, test in found])), range(len(y)))
    assert len(found) == n_splits == cv.get_n_splits()
    for train, test in found:
        assert len(np.unique(y[train])) == len(np.unique(y[test])) == 2
        others = np.setdiff1d(range(len(y)), test)
        far = cdist(points[others], points[test]).min(axis=1) >= buffer
        assert_array_equal(train, others[far])


@pytest.fixture(scope="module")
def ranged():
    """Places in 6 x 6 km, one factor in squares of 500 m, and labels that know nothing of it."""
    rng = np.random.default_rng(0)
    points = rng.uniform(0, 6000, (500, 2))
    levels = rng.normal(size=(13, 13))
    columns, rows = np.floor(points / 500).astype(int).T
    X = pd.DataFrame({"ndvi": levels[rows, columns], "noise": rng.normal(size=500)})
    return X, rng.integers(0, 2, 500), points


def test_the_range_of_the_factors_is_the_side_of_the_squares(ranged):
    X, y, points = ranged
    cv = SpatialBlockKFold(points, method="grid", block_size="range", random_state=0)
    found = splits(cv, y, X)
    expected = autocorrelation_range(X, points, random_state=0).block_size
    # Squares of 500 m are spherical-like, with a range of their side to their diagonal.
    assert 400 < expected < 900
    assert cv.block_size_ == expected
    same = SpatialBlockKFold(points, method="grid", block_size=expected, random_state=0)
    for (train, test), (other_train, other_test) in zip(found, splits(same, y, X), strict=True):
        assert_array_equal(train, other_train)
        assert_array_equal(test, other_test)


def test_the_range_is_learned_without_the_labels(ranged):
    X, y, points = ranged
    sides = set()
    for labels in (y, 1 - y, np.roll(y, 7)):
        cv = SpatialBlockKFold(points, method="grid", block_size="range", random_state=0)
        splits(cv, labels, X)
        sides.add(cv.block_size_)
    assert len(sides) == 1


def test_a_buffer_may_be_as_wide_as_the_range(ranged):
    X, y, points = ranged
    cv = SpatialBlockKFold(points, buffer="range", random_state=0)
    for train, test in cv.split(X, y):
        assert cdist(points[train], points[test]).min() >= cv.buffer_ > 400
    assert "buffer='range'" in repr(cv)
    assert cv.block_size_ is None


@pytest.mark.parametrize(
    ("options", "columns", "message"),
    [
        ({"block_size": "range"}, ["noise"], "block_size='range': none of the 1 factors"),
        ({"buffer": "range"}, ["noise"], "buffer='range': none of the 1 factors"),
        (
            {"block_size": "range", "n_splits": 150},
            ["ndvi"],
            r"blocks of \d+\.?\d* m \(the median range of the factors\), .* lower n_splits",
        ),
        ({"block_size": "area"}, ["ndvi"], "The 'block_size' parameter"),
    ],
)
def test_a_range_that_gives_no_folds_is_refused_in_one_line(ranged, options, columns, message):
    X, y, points = ranged
    method = "grid" if "block_size" in options else "kmeans"
    with pytest.raises(ValueError, match=message) as refused:
        splits(SpatialBlockKFold(points, method=method, random_state=0, **options), y, X[columns])
    assert "\n" not in str(refused.value)


def test_a_range_longer_than_the_region_is_refused_with_its_numbers(ranged):
    _, y, points = ranged
    wave = np.sin(points[:, 0] / 2000) * np.cos(points[:, 1] / 1900)
    cv = SpatialBlockKFold(points, method="grid", block_size="range", random_state=0)
    with pytest.raises(ValueError, match=r"1 of 1 factors are similar beyond \d+ m.*in meters"):
        splits(cv, y, pd.DataFrame({"wave": wave}))


def test_the_range_is_for_squares_not_for_clusters(ranged):
    X, y, points = ranged
    with pytest.raises(ValueError, match="block_size='range' is for method=\"grid\""):
        splits(SpatialBlockKFold(points, block_size="range"), y, X)


def test_a_part_of_the_table_has_a_range_of_its_own(ranged):
    X, y, points = ranged
    coordinates = pd.DataFrame(points, columns=["x", "y"])
    cv = SpatialBlockKFold(coordinates, 3, method="grid", block_size="range", random_state=0)
    part = X.iloc[::2]
    splits(cv, y[::2], part)
    assert cv.block_size_ == autocorrelation_range(part, coordinates, random_state=0).block_size
