"""Where quantities are cut into classes."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from sklearn_landslide._natural_breaks import natural_breaks
from sklearn_landslide.baselines import FrequencyRatio, WeightsOfEvidence
from sklearn_landslide.baselines._binning import edges_between, labels_between

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("n_bins", [2, 5, 10])
def test_quantile_classes_hold_as_many_rows_each(n_bins):
    values = RNG.permutation(np.arange(100.0))
    edges = edges_between(values, np.ones(100), "quantile", n_bins)
    assert_array_equal(np.bincount(np.searchsorted(edges, values)), [100 // n_bins] * n_bins)
    assert_allclose(edges, np.arange(1, n_bins) * 100 / n_bins - 0.5)


def test_a_value_that_many_rows_have_is_one_class():
    values = np.array([0.0] * 80 + list(range(1, 21)))
    edges = edges_between(values, np.ones(100), "quantile", 10)
    assert edges[0] == 0.5
    assert len(edges) == 2
    # The one end that is left: 90 rows are passed at 10.
    assert edges[1] == 10.5


@pytest.mark.parametrize("binning", ["quantile", "natural_breaks"])
def test_few_values_are_a_class_each(binning):
    edges = edges_between(np.array([1.0, 3.0, 3.0, 7.0]), np.ones(4), binning, 5)
    assert_array_equal(edges, [2, 5])


@pytest.mark.parametrize("binning", ["quantile", "natural_breaks"])
def test_a_weight_is_so_many_rows(binning):
    values, weights = RNG.gamma(2, 3, 60), RNG.integers(1, 5, 60)
    weighted = edges_between(values, weights.astype(float), binning, 6)
    repeated = edges_between(np.repeat(values, weights), np.ones(weights.sum()), binning, 6)
    assert_allclose(weighted, repeated)


def test_natural_breaks_are_those_of_the_zones():
    values = RNG.gamma(2, 3, 200)
    X, y = pd.DataFrame({"twi": values}), (values > 6).astype(int)
    model = FrequencyRatio(5, binning="natural_breaks").fit(X, y)
    assert_array_equal(model.edges_["twi"], natural_breaks(values, 5))


def test_edges_by_hand_belong_to_the_class_below():
    X = pd.DataFrame({"slope": [5.0, 5.1, 15.0, 30.0, 31.0], "twi": [1.0, 2, 3, 4, 5]})
    model = FrequencyRatio(2, bins={"slope": (5, 15, 30)}).fit(X, [0, 1, 0, 1, 1])
    assert model.class_table("slope")["rows"].tolist() == [1, 2, 1, 1]
    assert len(model.class_table("twi")) == 2


@pytest.mark.parametrize(
    ("bins", "message"),
    [
        ({"slop": [5]}, "bins names 'slop', and the table has 'slope', 'soil'"),
        ({"soil": [5]}, "bins names 'soil', whose codes are classes already"),
        ({"slope": [15, 5]}, r"must be a list of numbers that rise, such as \[5, 15, 30\]"),
        ({"slope": [5, np.inf]}, "must be a list of numbers that rise"),
        ({"slope": []}, "must be a list of numbers that rise"),
        ({"slope": 5}, "must be a list of numbers that rise"),
        ({"slope": ["a"]}, "must be a list of numbers that rise"),
    ],
)
def test_wrong_edges_are_refused_in_one_line(bins, message):
    X = pd.DataFrame({"slope": [1.0, 9.0, 20.0], "soil": pd.Categorical([1, 2, 1])})
    with pytest.raises(ValueError, match=message):
        FrequencyRatio(bins=bins).fit(X, [0, 1, 0])


def test_classes_learn_nothing_from_rows_without_weight():
    X, y = pd.DataFrame({"slope": np.arange(20.0)}), np.arange(20) % 2
    weights = (np.arange(20) < 10).astype(float)
    cut = WeightsOfEvidence(4).fit(X, y, weights).edges_["slope"]
    assert_array_equal(cut, WeightsOfEvidence(4).fit(X[:10], y[:10]).edges_["slope"])


def test_labels_are_as_short_as_they_may_be_and_differ():
    assert labels_between(np.array([0.123456, 2000000.0])) == [
        "up to 0.1235",
        "0.1235 to 2e+06",
        "above 2e+06",
    ]
    assert labels_between(np.array([1000.01, 1000.02])) == [
        "up to 1000.01",
        "1000.01 to 1000.02",
        "above 1000.02",
    ]


def test_numbers_beyond_all_quantities_are_missing():
    X = pd.DataFrame({"slope": [1.0, 2.0, 3.0, -3.4e38]})
    model = FrequencyRatio(3).fit(X, [0, 1, 1, 0])
    assert model.class_table("slope").loc["missing", "rows"] == 1
    assert len(model.edges_["slope"]) == 2
