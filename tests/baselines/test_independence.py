"""The omnibus tests of conditional independence, by hand and on what they are made for."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from scipy.stats import norm

from sklearn_landslide.baselines import ConditionalIndependence, WeightsOfEvidence


@pytest.fixture(scope="module")
def steep():
    """8 of 10 landslides and 10 of 30 other places are steep."""
    steep = np.repeat([1, 0, 1, 0], [8, 2, 10, 20])
    return pd.DataFrame({"steep": steep}), np.repeat([1, 0], [10, 30])


def test_one_factor_predicts_as_many_landslides_as_there_are(steep):
    X, y = steep
    test = WeightsOfEvidence().fit(X, y).conditional_independence()
    assert_allclose([test.observed, test.predicted, test.ratio, test.p_value], [10, 10, 1, 0.5])


def test_a_factor_that_comes_twice_is_found_as_worked_by_hand(steep):
    X, y = steep
    test = WeightsOfEvidence().fit(X.assign(again=X["steep"]), y).conditional_independence()
    # Odds 1/3, weights ln 2.4 and ln 0.3, twice: 1/3 * 2.4^2 = 1.92 and 1/3 * 0.3^2 = 0.03.
    high, low = 18 * 1.92 / 2.92, 22 * 0.03 / 1.03
    assert_allclose(test.predicted, high + low)
    # Variances of the weights: 1/8 + 1/10 and 1/2 + 1/20, twice, and 1/10 for the prior.
    variance = high**2 * (0.1 + 2 * 0.225) + low**2 * (0.1 + 2 * 0.55)
    assert_allclose(test.predicted_std, np.sqrt(variance))
    assert_allclose(test.ratio, 0.8015, atol=5e-5)
    assert_allclose(test.statistic, 0.2812, atol=5e-5)
    assert_allclose(test.p_value, norm.sf(0.28123), atol=1e-5)
    assert test.to_dict()["ratio"] == test.ratio
    assert "factors say the same thing more than once" in test.in_words()[0]


def test_rows_of_the_same_classes_are_one_condition_whatever_their_order_and_weight(steep):
    X, y = steep
    X = X.assign(again=X["steep"])
    plain = WeightsOfEvidence().fit(X, y)
    order = np.random.default_rng(0).permutation(40)
    mixed = WeightsOfEvidence().fit(X.iloc[order], y[order])
    doubled = WeightsOfEvidence().fit(pd.concat([X, X]), np.tile(y, 2))
    weighted = WeightsOfEvidence().fit(X, y, np.full(40, 2.0))
    for one, other in ((plain, mixed), (doubled, weighted)):
        assert_allclose(one.predicted_landslides_, other.predicted_landslides_)
        assert_allclose(one.predicted_landslides_std_, other.predicted_landslides_std_)


def test_independent_factors_pass_and_repeated_ones_do_not():
    rng = np.random.default_rng(1)
    y = (rng.random(4000) < 0.1).astype(int)
    # Given the landslides, each is drawn by itself.
    X = pd.DataFrame({f"f{i}": rng.random(4000) < 0.3 + 0.3 * y for i in range(4)}).astype(int)
    passed = WeightsOfEvidence().fit(X, y).conditional_independence()
    assert passed.p_value > 0.05 and 0.95 < passed.ratio < 1.05
    assert "nothing speaks against" in passed.in_words()[0]
    repeated = X.assign(a=X["f0"], b=X["f0"], c=X["f0"], d=X["f0"])
    failed = WeightsOfEvidence().fit(repeated, y).conditional_independence()
    assert failed.p_value < 0.01 and failed.ratio < 0.85


def test_an_excess_that_is_small_but_certain_is_said_so():
    said = ConditionalIndependence(1000, 1050, 10).in_words()
    assert "more than by chance (p = 2.9e-07)" in said[0]


def test_calibration_changes_no_test(steep):
    X, y = steep
    X = X.assign(again=X["steep"])
    by_hand = [WeightsOfEvidence(calibrate=c).fit(X, y) for c in (True, False)]
    assert by_hand[0].conditional_independence() == by_hand[1].conditional_independence()
    assert_allclose(by_hand[1].predict_proba(X)[:, 1].sum(), by_hand[1].predicted_landslides_)
