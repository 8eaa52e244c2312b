"""Friedman's test and Nemenyi's comparisons, against Demšar (2006) and scikit-posthocs."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scikit_posthocs import posthoc_nemenyi_friedman
from scipy import stats

from sklearn_landslide.metrics import friedman_nemenyi
from sklearn_landslide.metrics._friedman import iman_davenport

# Demšar (2006), table 6: the ranks of four variants of C4.5 on 14 data sets.
RANKS = pd.DataFrame(
    [
        [4, 3, 2, 1],
        [1, 2, 3, 4],
        [4, 1, 2, 3],
        [4, 1, 3, 2],
        [4, 2, 3, 1],
        [1, 2.5, 4, 2.5],
        [3, 2, 4, 1],
        [2.5, 2.5, 4, 1],
        [4, 3, 2, 1],
        [2.5, 2.5, 2.5, 2.5],
        [4, 2.5, 1, 2.5],
        [3, 2, 4, 1],
        [4, 1, 2, 3],
        [3, 1, 4, 2],
    ],
    columns=["C4.5", "C4.5+m", "C4.5+cf", "C4.5+m+cf"],
)
TABLES = st.integers(3, 5).flatmap(
    lambda k: st.lists(st.lists(st.integers(0, 9), min_size=k, max_size=k), min_size=2, max_size=9)
)


def test_the_mean_ranks_and_statistics_are_those_of_the_paper():
    result = friedman_nemenyi(RANKS, greater_is_better=False)
    assert result.mean_ranks.round(3).to_dict() == {
        "C4.5": 3.143,
        "C4.5+m": 2.000,
        "C4.5+cf": 2.893,
        "C4.5+m+cf": 1.964,
    }
    # The paper's formula leaves out the correction for ties: one of four, three of two.
    ties = 1 - (60 + 3 * 6) / (14 * (4**3 - 4))
    assert result.statistic * ties == pytest.approx(9.28, abs=0.005)
    # From unrounded ranks; the paper rounds them on the way to its 3.69.
    assert iman_davenport(9.28, 14, 4)[0] == pytest.approx(3.69, abs=0.005)
    assert stats.f.isf(0.05, 3, 39) == pytest.approx(2.85, abs=0.005)
    assert result.pvalue < 0.05
    assert result.f_pvalue < 0.05


@pytest.mark.parametrize(("alpha", "expected"), [(0.05, 1.25), (0.10, 1.12)])
def test_the_critical_difference_is_that_of_the_paper(alpha, expected):
    result = friedman_nemenyi(RANKS, greater_is_better=False, alpha=alpha)
    assert result.critical_difference == pytest.approx(expected, abs=0.005)


# Demšar (2006), table 5a, level 0.05.
@pytest.mark.parametrize(
    ("n_models", "q"),
    [(3, 2.343), (4, 2.569), (5, 2.728), (6, 2.850), (7, 2.949), (8, 3.031), (9, 3.102)],
)
def test_the_critical_values_are_those_of_the_paper(n_models, q):
    scores = np.random.default_rng(0).random((6, n_models))
    unit = np.sqrt(n_models * (n_models + 1) / 36)
    # The paper cuts some of its values where others round.
    assert friedman_nemenyi(scores).critical_difference / unit == pytest.approx(q, abs=0.0015)


def test_the_papers_conclusion_at_the_level_of_ten_per_cent():
    # "C4.5 performs significantly worse than C4.5+m and C4.5+m+cf"; C4.5+cf stays undecided.
    pairwise = friedman_nemenyi(RANKS, greater_is_better=False, alpha=0.1).pairwise
    worse = pairwise.loc["C4.5"] < 0.1
    assert worse[worse].index.tolist() == ["C4.5+m", "C4.5+m+cf"]


@settings(deadline=None, max_examples=25)
@given(TABLES)
def test_the_pairwise_p_values_are_those_of_scikit_posthocs(rows):
    scores = np.array(rows, dtype=float)
    expected = posthoc_nemenyi_friedman(scores).to_numpy()
    assert_allclose(friedman_nemenyi(scores).pairwise, expected, atol=1e-6)


@settings(deadline=None, max_examples=25)
@given(TABLES)
def test_the_statistic_is_that_of_scipy_and_nothing_warns_without_any_difference(rows):
    scores = np.array(rows, dtype=float)
    result = friedman_nemenyi(scores)
    if (scores == scores[:, :1]).all():
        assert result.statistic == result.f_statistic == 0
        assert result.pvalue == result.f_pvalue == 1
        assert (result.pairwise == 1).all(axis=None)
        return
    expected = stats.friedmanchisquare(*scores.T)
    assert result.statistic == pytest.approx(expected.statistic)
    assert result.pvalue == pytest.approx(expected.pvalue)


@settings(deadline=None, max_examples=25)
@given(TABLES)
def test_errors_are_ranked_the_other_way_and_only_the_order_counts(rows):
    scores = np.array(rows, dtype=float)
    one, other = (
        friedman_nemenyi(np.exp(scores)),
        friedman_nemenyi(-scores, greater_is_better=False),
    )
    assert_allclose(one.mean_ranks, other.mean_ranks)
    assert_allclose(one.pairwise, other.pairwise)
    assert one.statistic == other.statistic
    # Best 1, worst k: turned around, ranks add up to k + 1.
    turned = friedman_nemenyi(scores, greater_is_better=False)
    assert_allclose(one.mean_ranks + turned.mean_ranks, scores.shape[1] + 1)


def test_the_critical_difference_is_where_a_pair_reaches_the_level():
    gaps, pvalues = [], []
    rng, skill = np.random.default_rng(0), np.array([0, 0.1, 0.3, 0.6])
    for _ in range(20):
        result = friedman_nemenyi(rng.random((8, 4)) + skill)
        ranks = result.mean_ranks.to_numpy()
        gaps.append(np.abs(np.subtract.outer(ranks, ranks)))
        pvalues.append(result.pairwise)
    reached = np.array(pvalues) <= 0.05
    assert reached.any()
    assert not reached.all()
    assert ((np.array(gaps) >= result.critical_difference) == reached).all()


def test_the_same_order_everywhere_is_infinitely_sure():
    result = friedman_nemenyi([[3, 2, 1]] * 4)
    assert result.statistic == 8
    assert (result.f_statistic, result.f_pvalue) == (np.inf, 0)


@pytest.mark.parametrize(
    ("scores", "message"),
    [
        (np.ones((5, 2)), "at least 3 models .columns. on 2 data sets .rows., got 2 on 5"),
        (np.ones((1, 3)), "got 3 on 1"),
        ([[1, 2, np.nan], [1, 2, 3]], "scores has 1 missing or infinite values"),
    ],
)
def test_what_cannot_be_tested_is_named_in_one_line(scores, message):
    with pytest.raises(ValueError, match=message) as error:
        friedman_nemenyi(scores)
    assert "\n" not in str(error.value)
