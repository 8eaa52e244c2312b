"""Moran's I: by hand, against esda and libpysal, and what it says of known patterns."""

import warnings

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from sklearn_landslide.metrics import moran_test
from sklearn_landslide.metrics._spatial_weights import band_weights, nearest_weights

PLACES = np.random.default_rng(0).uniform(0, 1000, (120, 2))
VALUES = np.random.default_rng(1).normal(size=120) + PLACES[:, 0] / 400
LINE = np.column_stack([np.arange(4.0), np.zeros(4)])


@pytest.fixture(scope="module")
def pysal():
    """Neighbors and Moran's I of another package, which warns as it is imported."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from esda.moran import Moran
        from libpysal.weights import KNN, DistanceBand

    def moran(values, kind, *args, **kwargs):
        with warnings.catch_warnings():
            # It tells of places without neighbors.
            warnings.simplefilter("ignore")
            weights = {"nearest": KNN, "band": DistanceBand}[kind](PLACES, *args, **kwargs)
            return Moran(values, weights, transformation="r", permutations=0)

    return moran


def assert_alike(result, theirs):
    assert_allclose(result.statistic, theirs.I, rtol=1e-10)
    assert_allclose(result.expected, theirs.EI, rtol=1e-10)
    assert_allclose(result.variance, theirs.VI_rand, rtol=1e-10)
    assert_allclose(result.zscore, theirs.z_rand, rtol=1e-10)
    assert_allclose(result.pvalue_normal, theirs.p_rand / 2, rtol=1e-8)


@pytest.mark.parametrize("distance", [60, 200], ids=["with lonely places", "without"])
def test_neighbors_within_a_distance_give_the_numbers_of_esda(pysal, distance):
    theirs = pysal(VALUES, "band", threshold=distance, binary=True)
    assert bool(theirs.w.islands) == (distance == 60)
    assert_alike(moran_test(VALUES, PLACES, distance=distance, n_permutations=0), theirs)


def test_nearest_neighbors_give_the_numbers_of_esda(pysal):
    theirs = pysal(VALUES, "nearest", k=5)
    assert_alike(moran_test(VALUES, PLACES, n_neighbors=5, n_permutations=0), theirs)


def test_four_places_in_a_row_counted_by_hand():
    # Centered (3, -1, 1, -3) / 1: products of ends with 1 neighbor and of the middle with 2.
    values = [6, 2, 4, 0]
    rows = [3 * -1, -1 * (3 + 1) / 2, 1 * (-1 - 3) / 2, -3 * 1]
    result = moran_test(values, LINE, distance=1, n_permutations=0)
    assert result.statistic == pytest.approx(sum(rows) / (9 + 1 + 1 + 9))
    assert result.expected == pytest.approx(-1 / 3)
    assert (result.n_pairs, result.distance) == (6, 1)
    assert np.isnan(result.pvalue)


def test_mean_and_variance_are_those_of_all_orders_of_the_values():
    from itertools import permutations

    values = [5.0, 1, 2, 7]
    each = [
        moran_test(list(order), LINE, distance=1, n_permutations=0).statistic
        for order in permutations(values)
    ]
    result = moran_test(values, LINE, distance=1, n_permutations=0)
    assert result.expected == pytest.approx(np.mean(each))
    # With 4 values the closed form divides by n - 3 = 1.
    assert result.variance == pytest.approx(np.var(each))


def test_a_distance_on_an_edge_belongs_to_the_nearer_band():
    near, far = band_weights(LINE, np.array([0, 1.0, 2.0]))
    assert_array_equal(near.toarray()[0], [0, 1, 0, 0])
    assert_array_equal(far.toarray()[0], [0, 0, 1, 0])


def test_places_at_one_point_are_neighbors_and_never_their_own():
    points = np.zeros((5, 2))
    assert_allclose(nearest_weights(points, 2).diagonal(), 0)
    assert_allclose(nearest_weights(points, 2).sum(axis=1), 1)
    assert band_weights(points, np.array([0, 1.0]))[0].nnz == 20


def test_bands_are_what_each_band_alone_is():
    edges = [0, 100, 300, 301]
    bands = moran_test(VALUES, PLACES, distance=edges, n_permutations=99, random_state=0)
    nearest = moran_test(VALUES, PLACES, distance=100, n_permutations=99, random_state=0)
    for field in nearest._fields:
        assert getattr(bands, field)[0] == pytest.approx(getattr(nearest, field))
    assert (np.diff(bands.distance) > 0).all()


def test_a_band_without_pairs_is_missing_and_the_others_are_not():
    result = moran_test([1, 2, 3, 5], LINE, distance=[0, 0.5, 1.5], random_state=0)
    assert_array_equal(np.isnan(result.statistic), [True, False])
    assert_array_equal(np.isnan(result.pvalue), [True, False])
    assert_array_equal(result.n_pairs, [0, 6])


def test_values_without_order_in_space_are_found_as_often_as_the_level_says():
    rng = np.random.default_rng(0)
    found = [
        moran_test(rng.normal(size=60), PLACES[:60], n_permutations=99, random_state=k)
        for k in range(200)
    ]
    pvalues = np.array([[one.pvalue, one.pvalue_normal] for one in found])
    # Three standard errors of a share of 0.1 in 200.
    assert_allclose((pvalues <= 0.1).mean(axis=0), 0.1, atol=3 * np.sqrt(0.09 / 200))


def test_alike_neighbors_are_found_and_unlike_ones_only_if_asked_for():
    board = np.stack(np.meshgrid(range(8), range(8)), axis=-1).reshape(-1, 2)
    stripes, checks = board[:, 0] > 3, board.sum(axis=1) % 2
    options = {"distance": 1, "n_permutations": 199, "random_state": 0}
    assert moran_test(stripes, board, **options).pvalue == 1 / 200
    assert moran_test(checks, board, **options).pvalue == 1
    assert moran_test(checks, board, alternative="two-sided", **options).pvalue == 1 / 200
    assert moran_test(checks, board, **options).statistic == pytest.approx(-64 / 64)


def test_the_same_seed_gives_the_same():
    one, other = (moran_test(VALUES, PLACES, n_permutations=9, random_state=3) for _ in range(2))
    assert one == other


@pytest.mark.parametrize(
    ("values", "options", "message"),
    [
        (VALUES[:5], {}, "values has 5 values and coordinates has 120"),
        (np.full(120, np.nan), {}, "120 missing"),
        (np.ones(120), {}, "all 120 values are 1"),
        (VALUES, {"n_neighbors": 120}, "n_neighbors=120 is not fewer than the 120 places"),
        (VALUES, {"distance": 0}, "distance must be a number of meters above 0"),
        (VALUES, {"distance": [500, 100]}, "the rising edges"),
        (VALUES, {"distance": 1e-9}, "no two places"),
    ],
)
def test_what_cannot_be_tested_is_refused_in_one_line(values, options, message):
    with pytest.raises(ValueError, match=message) as refused:
        moran_test(values, PLACES, **options)
    assert "\n" not in str(refused.value)


def test_few_values_are_refused():
    with pytest.raises(ValueError, match="needs 4 at least"):
        moran_test([1, 2, 3], LINE[:3])


def test_meters_are_refused_where_coordinates_are_degrees():
    frame = pd.DataFrame(PLACES, columns=["x", "y"])
    frame.attrs.update(meters_per_unit=None, crs="EPSG:4326")
    with pytest.raises(ValueError, match="distance=500 is in meters"):
        moran_test(VALUES, frame, distance=500)


def test_more_pairs_than_fit_into_memory_are_refused(monkeypatch):
    monkeypatch.setattr("sklearn_landslide.metrics._spatial_weights.MOST_PAIRS", 100)
    with pytest.raises(ValueError, match=r"pairs of 120 places are within 900 m, more than"):
        moran_test(VALUES, PLACES, distance=900)
