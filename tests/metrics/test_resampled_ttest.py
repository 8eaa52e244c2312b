"""The corrected resampled t-test."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from sklearn_landslide.metrics import corrected_resampled_ttest

# Not with all digits: the mean of differences such as 1e-308 overflows in SciPy's own test.
SCORE = st.floats(0, 1).map(lambda score: round(score, 9))
SCORES = st.lists(st.tuples(SCORE, SCORE), min_size=2, max_size=30)


def test_the_test_is_the_one_worked_out_by_hand():
    # Differences .04 .05 .01 .04 .05: mean .038, squares around it .00108, s2 = .00027.
    a, b = [0.84, 0.86, 0.81, 0.85, 0.83], [0.80, 0.81, 0.80, 0.81, 0.78]
    result = corrected_resampled_ttest(a, b, n_train=80, n_test=20)
    assert result.difference == pytest.approx(0.038)
    assert result.standard_error == pytest.approx(np.sqrt((1 / 5 + 1 / 4) * 0.00027))
    assert result.statistic == pytest.approx(0.038 / np.sqrt(0.0001215))
    assert result.df == 4
    # Student's t with 4 degrees of freedom has a closed form.
    t = result.statistic
    tail = 1 / 2 - t / 2 * (t**2 + 6) / (t**2 + 4) ** 1.5
    assert result.pvalue == pytest.approx(2 * tail)


def test_sizes_of_the_folds_enter_by_the_mean_of_their_quotients():
    a, b = [0.9, 0.8, 0.85], [0.7, 0.75, 0.8]
    result = corrected_resampled_ttest(a, b, n_train=[50, 100, 200], n_test=[50, 50, 50])
    variance = np.var([0.2, 0.05, 0.05], ddof=1)
    assert result.standard_error == pytest.approx(np.sqrt(variance * (1 / 3 + 1.75 / 3)))


@settings(deadline=None)
@given(SCORES)
def test_without_shared_training_rows_it_is_the_paired_t_test(pairs):
    a, b = map(np.array, zip(*pairs, strict=True))
    if np.ptp(a - b) < 1e-6:
        return
    # Next to no test rows against infinitely many training rows: nothing is shared.
    result = corrected_resampled_ttest(a, b, n_train=1e30, n_test=1)
    expected = stats.ttest_rel(a, b)
    assert result.statistic == pytest.approx(expected.statistic)
    assert result.pvalue == pytest.approx(expected.pvalue)
    assert result.confidence_interval() == pytest.approx(tuple(expected.confidence_interval()))


@settings(deadline=None)
@given(SCORES)
def test_exchanging_the_models_changes_the_sign_and_nothing_else(pairs):
    a, b = map(np.array, zip(*pairs, strict=True))
    one = corrected_resampled_ttest(a, b, n_train=80, n_test=20)
    other = corrected_resampled_ttest(b, a, n_train=80, n_test=20)
    assert one.difference == -other.difference
    assert one.statistic == -other.statistic
    assert one.standard_error == other.standard_error
    assert one.pvalue == other.pvalue


@settings(deadline=None)
@given(SCORES)
def test_the_correction_never_makes_a_difference_look_surer(pairs):
    a, b = map(np.array, zip(*pairs, strict=True))
    plain = corrected_resampled_ttest(a, b, n_train=1e30, n_test=1)
    corrected = corrected_resampled_ttest(a, b, n_train=80, n_test=20)
    assert corrected.pvalue >= plain.pvalue - 1e-12


def test_equal_scores_are_no_difference_and_no_warning():
    result = corrected_resampled_ttest([0.7, 0.8], [0.7, 0.8], n_train=80, n_test=20)
    assert result == (0, 0, 0, 1, 1)
    assert result.confidence_interval() == (0, 0)


@pytest.mark.parametrize("sign", [1, -1])
def test_the_same_difference_on_all_folds_is_infinitely_sure(sign):
    result = corrected_resampled_ttest([sign * 0.5] * 3, [0] * 3, n_train=80, n_test=20)
    assert result == (sign * 0.5, 0, sign * np.inf, 2, 0)


def test_it_keeps_its_level_where_the_usual_test_does_not():
    # Two models that are equally good; each fold's scores come from shared training rows:
    # a common part of the differences, as strong as test rows are to training rows.
    rng = np.random.default_rng(0)
    corrected = usual = 0
    for _ in range(500):
        shared = rng.normal(scale=np.sqrt(0.2))
        difference = shared + rng.normal(size=10)
        corrected += (
            corrected_resampled_ttest(difference, np.zeros(10), n_train=5, n_test=1).pvalue < 0.05
        )
        usual += stats.ttest_1samp(difference, 0).pvalue < 0.05
    assert corrected <= 40 < 80 < usual


@pytest.mark.parametrize(
    ("a", "b", "sizes", "message"),
    [
        ([0.5], [0.4], (80, 20), "at least two folds, got 1"),
        ([0.5, 0.6], [0.4], (80, 20), "scores on 2 folds and the reference on 1"),
        ([0.5, np.nan], [0.4, 0.4], (80, 20), "scores of 1 folds are missing or infinite"),
        ([0.5, 0.6], [0.4, 0.4], (0, 20), "n_train must be above 0, got 0"),
        ([0.5, 0.6], [0.4, 0.4], (80, [1, 2, 3]), "n_test must be one number, or one for each"),
    ],
)
def test_what_cannot_be_tested_is_named_in_one_line(a, b, sizes, message):
    with pytest.raises(ValueError, match=message) as error:
        corrected_resampled_ttest(a, b, n_train=sizes[0], n_test=sizes[1])
    assert "\n" not in str(error.value)
