"""DeLong's test, against published figures and the definition."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy import stats
from sklearn.metrics import roc_auc_score

from sklearn_landslide.metrics import delong_covariance, delong_test

# Albumin, total protein, K-G score and outcome of the 43 complete patients of DeLong, DeLong and
# Clarke-Pearson (1988), as printed in the user's guide of SAS/STAT, The LOGISTIC Procedure,
# "Comparing Receiver Operating Characteriztic Curves".
PATIENTS = """
3.0 5.8 10 0  3.2 6.3 5 1  3.9 6.8 3 1  2.8 4.8 6 0  3.2 5.8 3 1  0.9 4.0 5 0  2.5 5.7 8 0
1.6 5.6 5 1  3.8 5.7 5 1  3.7 6.7 6 1  3.2 5.4 4 1  3.8 6.6 6 1  4.1 6.6 5 1  3.6 5.7 5 1
4.3 7.0 4 1  3.6 6.7 4 0  2.3 4.4 6 1  4.2 7.6 4 0  4.0 6.6 6 0  3.5 5.8 6 1  3.8 6.8 7 1
3.0 4.7 8 0  4.5 7.4 5 1  3.7 7.4 5 1  3.1 6.6 6 1  4.1 8.2 6 1  4.3 7.0 5 1  4.3 6.5 4 1
3.2 5.1 5 1  2.6 4.7 6 1  3.3 6.8 6 0  1.7 4.0 7 0  3.7 6.1 5 1  3.3 6.3 7 1  4.2 7.7 6 1
3.5 6.2 5 1  2.9 5.7 9 0  2.1 4.8 7 1  2.8 6.2 8 0  4.0 7.0 7 1  3.3 5.7 6 1  3.7 6.9 5 1
3.6 6.6 5 1
"""

# Few different values, so that ties are common; at least two rows of each class.
ROWS = st.lists(
    st.tuples(st.booleans(), st.integers(0, 5), st.integers(0, 5)), min_size=4, max_size=40
).filter(lambda rows: 2 <= sum(label for label, _, _ in rows) <= len(rows) - 2)


def columns(rows):
    y, a, b = map(np.array, zip(*rows, strict=True))
    return y.astype(int), a / 5, b / 5


def patients():
    albumin, protein, score, outcome = np.array(PATIENTS.split(), dtype=float).reshape(-1, 4).T
    return outcome, np.column_stack([albumin, 10 - score, protein])


def by_definition(y, scores):
    """Areas and covariance from all pairs: the structural components of the paper."""
    y, scores = np.asarray(y), np.asarray(scores, dtype=float)
    gaps = scores[y == 1][:, None, :] - scores[y == 0][None, :, :]
    right = (gaps > 0) + (gaps == 0) / 2
    parts = right.mean(axis=1), right.mean(axis=0)
    covariance = sum(np.cov(part.T, ddof=1) / len(part) for part in parts)
    return right.mean(axis=(0, 1)), np.atleast_2d(covariance)


def test_areas_and_errors_are_those_published_for_the_papers_patients():
    outcome, scores = patients()
    aucs, covariance = delong_covariance(outcome, scores)
    assert_allclose(aucs, [0.7366, 0.7258, 0.6478], atol=5e-5)
    assert_allclose(np.sqrt(np.diag(covariance)), [0.0927, 0.1028, 0.1000], atol=5e-5)


@pytest.mark.parametrize(
    ("column", "difference", "error", "chi2", "pvalue"),
    [(0, 0.0108, 0.0953, 0.0127, 0.9102), (2, -0.0780, 0.1046, 0.5554, 0.4561)],
    ids=["albumin", "total protein"],
)
def test_contrasts_are_those_published_for_the_papers_patients(
    column, difference, error, chi2, pvalue
):
    outcome, scores = patients()
    result = delong_test(outcome, scores[:, column], scores[:, 1])
    assert result.difference == pytest.approx(difference, abs=5e-5)
    assert result.standard_error == pytest.approx(error, abs=5e-5)
    assert result.statistic**2 == pytest.approx(chi2, abs=5e-5)
    assert result.pvalue == pytest.approx(pvalue, abs=5e-5)


def test_the_joint_contrast_is_the_one_published_for_the_papers_patients():
    aucs, covariance = delong_covariance(*patients())
    contrast = np.array([[1, -1, 0], [0, -1, 1]])
    gap = contrast @ aucs
    chi2 = gap @ np.linalg.solve(contrast @ covariance @ contrast.T, gap)
    assert chi2 == pytest.approx(2.5340, abs=5e-5)
    assert stats.chi2.sf(chi2, 2) == pytest.approx(0.2817, abs=5e-5)


def test_the_error_is_the_one_published_for_hanley_and_mcneils_ratings():
    # Hanley and McNeil (1982), table of five ratings; Stata's manual, roctab: 0.8932, 0.0307.
    normal, abnormal = [33, 6, 6, 11, 2], [3, 2, 2, 11, 33]
    ratings = np.repeat(np.tile(np.arange(5), 2), normal + abnormal)
    y = np.repeat([0, 1], [58, 51])
    aucs, covariance = delong_covariance(y, ratings[:, None])
    assert aucs[0] == pytest.approx(0.8932, abs=5e-5)
    assert np.sqrt(covariance[0, 0]) == pytest.approx(0.0307, abs=5e-5)


@settings(deadline=None)
@given(ROWS)
def test_mid_ranks_give_what_all_pairs_give(rows):
    y, a, b = columns(rows)
    scores = np.column_stack([a, b, a + b])
    aucs, covariance = delong_covariance(y, scores)
    expected_aucs, expected_covariance = by_definition(y, scores)
    assert_allclose(aucs, expected_aucs, atol=1e-12)
    assert_allclose(covariance, expected_covariance, atol=1e-12)
    assert_allclose(aucs, [roc_auc_score(y, score) for score in scores.T], atol=1e-12)


@settings(deadline=None)
@given(ROWS)
def test_the_error_of_a_difference_follows_from_the_covariance(rows):
    y, a, b = columns(rows)
    result = delong_test(y, a, b)
    (auc, reference_auc), covariance = delong_covariance(y, np.column_stack([a, b]))
    assert (result.auc, result.reference_auc) == (auc, reference_auc)
    variance = covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1]
    assert result.standard_error**2 == pytest.approx(variance, abs=1e-12)


@settings(deadline=None)
@given(ROWS)
def test_exchanging_the_models_changes_the_sign_and_nothing_else(rows):
    y, a, b = columns(rows)
    one, other = delong_test(y, a, b), delong_test(y, b, a)
    assert one.difference == -other.difference
    assert one.statistic == -other.statistic
    assert one.standard_error == other.standard_error
    assert one.pvalue == other.pvalue


@settings(deadline=None)
@given(ROWS)
def test_only_the_order_of_the_scores_counts(rows):
    y, a, b = columns(rows)
    assert delong_test(y, a, b) == delong_test(y, np.exp(5 * a) - 3, b**3)


@settings(deadline=None)
@given(ROWS)
def test_a_model_against_itself_is_no_difference_and_no_warning(rows):
    y, a, _ = columns(rows)
    result = delong_test(y, a, 7 * a)
    assert result[2:] == (0, 0, 0, 1)
    assert result.confidence_interval() == (0, 0)


def test_a_perfect_against_a_reversed_model_is_infinitely_sure():
    y = np.array([0, 0, 0, 1, 1, 1, 1])
    assert delong_test(y, y, 1 - y) == (1, 0, 1, 0, np.inf, 0)
    assert delong_test(y, 1 - y, y) == (0, 1, -1, 0, -np.inf, 0)


def test_p_values_of_equally_good_models_are_uniform():
    rng = np.random.default_rng(0)
    y = np.repeat([0, 1], [150, 100])
    pvalues = []
    for _ in range(300):
        shared = y + rng.normal(size=250)
        pvalues.append(
            delong_test(y, shared + rng.normal(size=250), shared + rng.normal(size=250)).pvalue
        )
    assert stats.kstest(pvalues, "uniform").pvalue > 0.01


def test_the_interval_is_that_of_the_normal_distribution():
    outcome, scores = patients()
    # SAS/STAT: 0.0108 with Wald limits -0.1761 and 0.1976.
    interval = delong_test(outcome, scores[:, 0], scores[:, 1]).confidence_interval()
    assert interval == pytest.approx((-0.1761, 0.1976), abs=5e-5)


@pytest.mark.parametrize(
    ("y", "a", "message"),
    [
        ([0, 0, 1], [1, 2, 3], "needs two rows of each class, got 1 of one"),
        ([1, 1, 1], [1, 2, 3], "nothing but landslides"),
        ([0, 0, 1, 1], [1, 2, 3], "y_prob has 3 values and y_true has 4"),
        ([0, 0, 1, 1], [1, 2, 3, np.inf], "y_prob has 1 missing or infinite values"),
    ],
)
def test_what_cannot_be_tested_is_named_in_one_line(y, a, message):
    with pytest.raises(ValueError, match=message) as error:
        delong_test(y, a, np.zeros(len(y)))
    assert "\n" not in str(error.value)


def test_the_covariance_wants_a_column_for_each_model():
    with pytest.raises(ValueError, match=r"one column per model, got shape \(4,\)"):
        delong_covariance([0, 0, 1, 1], [0.1, 0.2, 0.3, 0.4])
