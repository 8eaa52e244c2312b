"""Calibration error and the parts of the Brier score."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.calibration import calibration_curve
from sklearn.metrics import brier_score_loss

from sklearn_landslide.metrics import brier_decomposition, expected_calibration_error

ROWS = st.lists(st.tuples(st.booleans(), st.floats(0, 1)), min_size=1)
BINS = st.one_of(st.none(), st.integers(1, 12))
STRATEGIES = st.sampled_from(["uniform", "quantile"])


def columns(rows):
    y, p = map(np.array, zip(*rows, strict=True))
    return y.astype(int), p.astype(float)


def test_the_error_is_the_one_counted_by_hand():
    # Bins up to 0.5 and above: |1/3 - 0.3| and |1/2 - 0.8|, weights 3/5 and 2/5.
    y, p = [0, 1, 0, 1, 0], [0.2, 0.3, 0.4, 0.7, 0.9]
    expected = 3 / 5 * abs(1 / 3 - 0.3) + 2 / 5 * abs(1 / 2 - 0.8)
    assert expected_calibration_error(y, p, n_bins=2) == pytest.approx(expected)
    # Of five rows, the quantile 0.5 is the third: the same two bins.
    assert expected_calibration_error(y, p, n_bins=2, strategy="quantile") == pytest.approx(
        expected
    )
    # Each value by itself: 0.2 + 0.7 + 0.4 + 0.3 + 0.9 over 5.
    assert expected_calibration_error(y, p, n_bins=None) == pytest.approx(2.5 / 5)


@pytest.mark.parametrize("strategy", ["uniform", "quantile"])
def test_the_bins_are_those_of_scikit_learn(strategy):
    rng = np.random.default_rng(0)
    p = np.round(rng.beta(1, 3, size=500), 2)
    y = (rng.random(500) < p**2).astype(int)
    share, probability = calibration_curve(y, p, n_bins=7, strategy=strategy)
    edges = np.linspace(0, 1, 8)
    if strategy == "quantile":
        edges = np.percentile(p, 100 * edges)
    counts = np.bincount(np.searchsorted(edges[1:-1], p))
    expected = np.sum(counts[counts > 0] * np.abs(share - probability)) / 500
    error = expected_calibration_error(y, p, n_bins=7, strategy=strategy)
    assert error == pytest.approx(expected)
    parts = brier_decomposition(y, p, n_bins=7, strategy=strategy)
    squares = np.sum(counts[counts > 0] * (share - probability) ** 2) / 500
    assert parts.reliability == pytest.approx(squares)


@settings(deadline=None)
@given(ROWS, BINS, STRATEGIES)
def test_the_parts_add_up_to_the_brier_score_of_scikit_learn(rows, n_bins, strategy):
    y, p = columns(rows)
    parts = brier_decomposition(y, p, n_bins=n_bins, strategy=strategy)
    total = (
        parts.reliability
        - parts.resolution
        + parts.uncertainty
        + parts.within_bin_variance
        - parts.within_bin_covariance
    )
    assert total == pytest.approx(parts.brier, abs=1e-12)
    assert parts.brier == pytest.approx(brier_score_loss(y, p, labels=[0, 1], pos_label=1))


@settings(deadline=None)
@given(ROWS, BINS, STRATEGIES)
def test_every_part_is_within_its_bounds(rows, n_bins, strategy):
    y, p = columns(rows)
    parts = brier_decomposition(y, p, n_bins=n_bins, strategy=strategy)
    assert 0 <= parts.resolution <= parts.uncertainty + 1e-12
    assert parts.uncertainty <= 0.25
    assert parts.reliability >= 0
    assert parts.within_bin_variance >= 0
    error = expected_calibration_error(y, p, n_bins=n_bins, strategy=strategy)
    assert 0 <= error <= 1
    # The mean of squares is not below the square of the mean.
    assert error**2 <= parts.reliability + 1e-12
    if n_bins is None:
        assert parts.within_bin_variance == pytest.approx(0, abs=1e-12)
        assert parts.within_bin_covariance == pytest.approx(0, abs=1e-12)


@settings(deadline=None)
@given(ROWS, st.integers(1, 12))
def test_calling_the_other_class_a_landslide_changes_nothing(rows, n_bins):
    y, p = columns(rows)
    # Away from the edges of the bins, which belong to the bin below.
    p = np.clip(np.round(p, 1) + 0.0123, 0, 0.99)
    error = expected_calibration_error(y, p, n_bins=n_bins)
    assert expected_calibration_error(1 - y, 1 - p, n_bins=n_bins) == pytest.approx(error)


def test_a_perfect_model_has_nothing_but_resolution():
    y = np.array([0, 1, 1, 0])
    parts = brier_decomposition(y, y)
    assert parts == (0, 0, 0.25, 0.25, 0, 0)
    assert expected_calibration_error(y, y) == 0


def test_always_saying_the_prevalence_has_nothing_but_uncertainty():
    y = [0, 1, 0, 0]
    parts = brier_decomposition(y, [0.25] * 4)
    assert parts == (0.1875, 0, 0, 0.1875, 0, 0)
    assert expected_calibration_error(y, [0.25] * 4) == 0


def test_a_shifted_prior_shows_in_reliability_and_in_nothing_else_by_unique_values():
    rng = np.random.default_rng(0)
    true = rng.choice([0.05, 0.1, 0.3], size=4000)
    y = rng.random(4000) < true
    # The prior as it is after balancing, odds times nine.
    shifted = 9 * true / (1 - true + 9 * true)
    honest, moved = (brier_decomposition(y, p, n_bins=None) for p in (true, shifted))
    assert moved.resolution == pytest.approx(honest.resolution)
    assert honest.reliability < 0.001 < 0.1 < moved.reliability


def test_the_published_sum_without_the_terms_within_is_off():
    # Stephenson et al. (2008): with bins of unequal values the three classic terms do not
    # give the score; if they did, the two further ones would test nothing.
    parts = brier_decomposition([0, 1, 1, 1], [0.2, 0.3, 0.7, 0.8], n_bins=2)
    assert parts.reliability - parts.resolution + parts.uncertainty == pytest.approx(0.1875)
    assert parts.brier == pytest.approx((0.04 + 0.49 + 0.09 + 0.04) / 4)


@pytest.mark.parametrize("function", [brier_decomposition, expected_calibration_error])
@pytest.mark.parametrize(
    ("y", "p", "message"),
    [
        ([0, 1], [0.1, 1.2], "must be probabilities, 0 to 1; got 0.1 to 1.2"),
        (["a", "b"], [0.1, 0.2], "must hold 1 .landslide. and 0 .none., got"),
        ([0, 1], [0.1, 0.2, 0.3], "y_prob has 3 values and y_true has 2"),
    ],
)
def test_what_are_no_probabilities_is_named_in_one_line(function, y, p, message):
    with pytest.raises(ValueError, match=message) as error:
        function(y, p)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("params", [{"n_bins": 0}, {"strategy": "jenks"}])
def test_unknown_bins_are_refused(params):
    with pytest.raises(ValueError, match=next(iter(params))):
        expected_calibration_error([0, 1], [0.1, 0.2], **params)
