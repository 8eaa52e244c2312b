import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats.contingency import association, crosstab
from sklearn.feature_selection import f_classif
from sklearn.metrics import mutual_info_score

from sklearn_landslide.feature_selection._association import (
    anova_f,
    indicators,
    pairwise_association,
    standardized,
)
from sklearn_landslide.feature_selection._columns import category_codes
from sklearn_landslide.feature_selection._discretize import (
    n_bins_for,
    quantile_bins,
    three_states,
)
from sklearn_landslide.feature_selection._mutual_information import pairwise_information

codes_tables = arrays(
    np.int64, st.tuples(st.integers(2, 40), st.just(3)), elements=st.integers(0, 4)
)


@settings(max_examples=60, deadline=None)
@given(codes_tables)
def test_information_without_debiasing_equals_scikit_learns(codes):
    information = pairwise_information(codes, debias=False).information
    expected = [[mutual_info_score(a, b) for a in codes.T] for b in codes.T]
    np.testing.assert_allclose(information, expected, atol=1e-12)


def test_hand_computed_information_and_miller_madow_correction():
    # 2 x 2 table of counts 3, 1 / 1, 3: n = 8, margins 4 and 4.
    codes = np.array([[0, 0]] * 3 + [[0, 1]] + [[1, 0]] + [[1, 1]] * 3)
    information = 2 * 3 / 8 * np.log(3 / 8 / 0.25) + 2 * 1 / 8 * np.log(1 / 8 / 0.25)
    plain = pairwise_information(codes, debias=False)
    assert plain.information[0, 1] == pytest.approx(information)
    assert plain.information[0, 0] == pytest.approx(np.log(2))
    assert plain.chance_level[0, 1] == pytest.approx(1 / 16)
    debiased = pairwise_information(codes, debias=True).information
    # (m_f + m_s - m_fs - 1) / 2n: (2 + 2 - 4 - 1) / 16 for the pair, (2 - 1) / 16 for an entropy.
    assert debiased[0, 1] == pytest.approx(information - 1 / 16)
    assert debiased[0, 0] == pytest.approx(np.log(2) + 1 / 16)


def test_debiasing_removes_what_two_independent_factors_show():
    rng = np.random.default_rng(0)
    pairs = [
        np.column_stack([quantile_bins(rng.normal(size=300), 10) for _ in range(2)])
        for _ in range(200)
    ]
    plain = np.mean([pairwise_information(p, debias=False).information[0, 1] for p in pairs])
    debiased = np.mean([pairwise_information(p, debias=True).information[0, 1] for p in pairs])
    # (10 - 1)^2 / (2 * 300) = 0.135 by the first-order formula, less than there is.
    assert 0.135 < plain < 0.16
    # With 3 rows a cell some cells stay empty, so a part of the bias remains.
    assert debiased < 0.03


def test_g_test_p_values_are_uniform_for_independent_factors():
    rng = np.random.default_rng(1)
    target = rng.integers(0, 2, size=(1000, 1))
    codes = np.column_stack([quantile_bins(x, 9) for x in rng.normal(size=(120, 1000))])
    p_values = pairwise_information(np.hstack([codes, target]), debias=True).p_values[:-1, -1]
    assert np.mean(p_values < 0.05) == pytest.approx(0.05, abs=0.05)
    assert np.mean(p_values) == pytest.approx(0.5, abs=0.08)


def test_constant_column_has_no_information_and_no_significance():
    codes = np.array([[0, 0], [0, 1], [0, 0], [0, 1]])
    result = pairwise_information(codes, debias=True)
    assert result.information[0].tolist() == [0, 0]
    assert result.p_values[0].tolist() == [1, 1]


def test_three_states_reproduce_the_published_rule_on_a_hand_computed_table():
    # Mean 5, sum of squares 60, divisor 8: deviation 2.7386, half of it 1.3693.
    values = np.array([1.0, 2, 3, 4, 5, 6, 7, 8, 9])
    assert three_states(values).tolist() == [0, 0, 0, 1, 1, 1, 2, 2, 2]
    # Mean 2, deviation 4, cut points 0 and 4: a value on a cut point is in the middle.
    assert three_states(np.array([0.0, 0, 0, 8])).tolist() == [0, 0, 0, 1]
    assert three_states(np.full(4, 0.1)).tolist() == [0, 0, 0, 0]


@pytest.mark.parametrize(
    ("n_samples", "n_bins"), [(20, 3), (300, 5), (600, 7), (1000, 9), (3375, 15), (10**6, 15)]
)
def test_number_of_bins_grows_with_the_sample_and_is_odd(n_samples, n_bins):
    assert n_bins_for(n_samples) == n_bins


def test_quantile_bins_are_even_and_keep_ties_together():
    assert quantile_bins(np.arange(12.0), 4).tolist() == [0] * 3 + [1] * 3 + [2] * 3 + [3] * 3
    sizes = np.bincount(quantile_bins(np.arange(600.0), 9))
    assert sizes.size == 9
    assert sizes.min() >= 66
    assert sizes.max() <= 67
    mostly_zero = np.r_[np.zeros(80), np.arange(1.0, 21)]
    codes = quantile_bins(mostly_zero, 5)
    assert set(codes[:80]) == {0}
    assert codes.max() >= 1
    assert quantile_bins(np.array([5.0, 5, 7, 9]), 5).tolist() == [0, 0, 1, 2]


values_lists = st.lists(st.integers(-1000, 1000), min_size=2, max_size=60)


@settings(max_examples=60, deadline=None)
@given(values_lists, st.sampled_from([3, 5, 7, 15]))
def test_monotone_transforms_keep_or_mirror_the_bins(values, n_bins):
    x = np.array(values, dtype=float)
    codes = quantile_bins(x, n_bins)
    np.testing.assert_array_equal(quantile_bins(x**3 + 5, n_bins), codes)
    np.testing.assert_array_equal(quantile_bins(-2 * x, n_bins), codes.max() - codes)


@settings(max_examples=60, deadline=None)
@given(values_lists, st.integers(2, 15))
def test_a_varying_feature_never_becomes_constant_by_binning(values, n_bins):
    codes = quantile_bins(np.array(values, dtype=float), n_bins)
    assert (codes.max() > 0) == (len(set(values)) > 1)
    assert set(codes) == set(range(codes.max() + 1))


def test_rare_categories_are_pooled_only_on_request():
    soil = np.array(["clay"] * 6 + ["sand"] * 5 + ["peat"] * 2 + ["rock"], dtype=object)
    assert category_codes(soil, pool_rare=False).max() == 3
    pooled = category_codes(soil, pool_rare=True)
    assert np.bincount(pooled).tolist() == [3, 6, 5]


def test_association_is_correlation_correlation_ratio_and_cramers_v():
    rng = np.random.default_rng(2)
    x = rng.normal(size=(2, 200))
    x[1] += x[0]
    groups = np.digitize(x[0] + rng.normal(size=200), [-0.5, 0.5])
    other = (groups + (rng.random(200) < 0.3)) % 3
    blocks = [standardized(x[0]), standardized(x[1]), indicators(groups), indicators(other)]
    squared = pairwise_association(blocks, debias=False).squared
    assert np.sqrt(squared[0, 1]) == pytest.approx(abs(np.corrcoef(x)[0, 1]))
    means = np.array([x[0][groups == g].mean() for g in range(3)])
    counts = np.bincount(groups)
    between = counts @ (means - x[0].mean()) ** 2 / np.sum((x[0] - x[0].mean()) ** 2)
    assert squared[0, 2] == pytest.approx(between)
    cramer = association(crosstab(groups, other).count, method="cramer")
    assert np.sqrt(squared[2, 3]) == pytest.approx(cramer)
    np.testing.assert_allclose(np.diag(squared), 1)


def test_debiased_association_is_the_adjusted_r_squared():
    rng = np.random.default_rng(3)
    x, group = rng.normal(size=30), rng.integers(0, 3, size=30)
    x = x + group
    blocks = [standardized(x), indicators(group)]
    plain = pairwise_association(blocks, debias=False).squared[0, 1]
    debiased = pairwise_association(blocks, debias=True).squared
    assert debiased[0, 1] == pytest.approx(1 - (1 - plain) * 29 / (30 - 3))
    assert debiased[0, 0] == pytest.approx(1)


def test_f_equals_scikit_learns():
    rng = np.random.default_rng(4)
    group = rng.integers(0, 3, size=80)
    X = rng.normal(size=(80, 4)) + group[:, None] * [0, 0.2, 1, 5]
    blocks = [standardized(column) for column in X.T] + [indicators(group)]
    squared = pairwise_association(blocks, debias=False).squared[:-1, -1]
    f = anova_f(squared, n_samples=80, n_classes=3)
    np.testing.assert_allclose(f, f_classif(X, group)[0])
    assert anova_f(np.array([1.0, 0.0]), n_samples=80, n_classes=3).tolist() == [np.inf, 0]
