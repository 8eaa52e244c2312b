"""Corrected resampled t-test: folds share training rows, so their scores are not independent."""

from typing import NamedTuple

import numpy as np
from scipy import stats
from sklearn.utils import column_or_1d


class CorrectedTTestResult(NamedTuple):
    """Result of :func:`corrected_resampled_ttest`.

    Parameters
    ----------
    difference : float
        Mean over the folds of the model's score minus the reference's.
    standard_error : float
        Its corrected standard error.
    statistic : float
        Student's t: their quotient.
    df : int
        Degrees of freedom, folds - 1.
    pvalue : float
        Two-sided.

    Examples
    --------
    >>> from sklearn_landslide.metrics import corrected_resampled_ttest
    >>> result = corrected_resampled_ttest([0.9, 0.8], [0.7, 0.7], n_train=50, n_test=50)
    >>> low, high = result.confidence_interval(0.9)
    >>> round(low, 3), round(high, 3)
    (-0.397, 0.697)
    """

    difference: float
    standard_error: float
    statistic: float
    df: int
    pvalue: float

    def confidence_interval(self, confidence_level=0.95):
        """Return the bounds of the difference.

        Parameters
        ----------
        confidence_level : float, default=0.95
            Between 0 and 1.

        Returns
        -------
        low, high : float
            The bounds.
        """
        width = stats.t.isf((1 - confidence_level) / 2, self.df) * self.standard_error
        return self.difference - float(width), self.difference + float(width)


def check_fold_scores(scores, reference_scores):
    """Return two arrays of scores on the same folds.

    Parameters
    ----------
    scores, reference_scores : array-like of shape (n_folds,)
        Scores of the model and of the reference.

    Returns
    -------
    scores, reference_scores : ndarray of shape (n_folds,), dtype=float64
        The same, finite, at least two of each.
    """
    scores, reference_scores = (
        column_or_1d(np.asarray(part, dtype=np.float64)) for part in (scores, reference_scores)
    )
    if scores.size != reference_scores.size:
        raise ValueError(
            f"the model has scores on {scores.size} folds and the reference on "
            f"{reference_scores.size}: both need the same folds."
        )
    if scores.size < 2:
        raise ValueError(f"the test needs at least two folds, got {scores.size}.")
    if n_bad := int((~np.isfinite(scores - reference_scores)).sum()):
        raise ValueError(f"scores of {n_bad} folds are missing or infinite: drop these folds.")
    return scores, reference_scores


def check_size(size, n_folds, name):
    """Return the number of rows in a part of every fold.

    Parameters
    ----------
    size : int or array-like of shape (n_folds,)
        Number of rows, of all folds or of each.
    n_folds : int
        Number of folds.
    name : str
        What the errors call it.

    Returns
    -------
    size : ndarray of shape (n_folds,), dtype=float64
        Number of rows.
    """
    given = np.asarray(size, dtype=np.float64)
    if given.shape not in ((), (n_folds,)):
        raise ValueError(f"{name} must be one number, or one for each of the {n_folds} folds.")
    if not (given > 0).all():
        raise ValueError(f"{name} must be above 0, got {given.min():g}.")
    return np.broadcast_to(given, n_folds)


def corrected_resampled_ttest(scores, reference_scores, *, n_train, n_test):
    r"""Paired t-test of two models on the same folds of a cross-validation.

    The training parts of the folds overlap, so the scores of different folds are correlated,
    and the usual standard error is too small. The corrected one [1]_ is

    .. math:: \sqrt{\left(\frac{1}{J} + \frac{n_\mathrm{test}}{n_\mathrm{train}}\right) s^2}

    with :math:`s^2` the variance of the differences over the :math:`J` folds (divisor
    :math:`J - 1`). Folds of repeated cross-validation are just more folds. With
    cross-validation it is an approximation, as it is exact for no design; it does not know that
    neighboring folds of a map are similar.

    Parameters
    ----------
    scores : array-like of shape (n_folds,)
        Scores of the model.
    reference_scores : array-like of shape (n_folds,)
        Scores of the reference, on the same folds in the same order.
    n_train : int or array-like of shape (n_folds,)
        Number of training rows, of all folds or of each.
    n_test : int or array-like of shape (n_folds,)
        Number of test rows. The quotient in the formula is the mean over the folds.

    Returns
    -------
    result : CorrectedTTestResult
        Difference, standard error, t, degrees of freedom and p-value. If all differences are 0,
        t is 0 and p is 1; if they are all the same but not 0, t is infinite and p is 0.

    Raises
    ------
    ValueError
        For fewer than two folds, a different number of folds, missing or infinite scores, or
        numbers of rows that are not above 0.

    References
    ----------
    .. [1] C. Nadeau and Y. Bengio, "Inference for the generalization error", Machine Learning
       52, 239-281, 2003, section 3.

    Examples
    --------
    >>> from sklearn_landslide.metrics import corrected_resampled_ttest
    >>> result = corrected_resampled_ttest(
    ...     [0.84, 0.86, 0.81, 0.85, 0.83], [0.80, 0.81, 0.80, 0.81, 0.78], n_train=80, n_test=20
    ... )
    >>> round(result.difference, 3), round(result.standard_error, 4), round(result.pvalue, 3)
    (0.038, 0.011, 0.026)
    """
    scores, reference_scores = check_fold_scores(scores, reference_scores)
    n_folds = scores.size
    n_train, n_test = (
        check_size(size, n_folds, name) for size, name in ((n_train, "n_train"), (n_test, "n_test"))
    )
    differences = scores - reference_scores
    difference = float(differences.mean())
    # The spread of equal numbers is 0, not what rounding makes of it.
    spread = 0.0 if np.ptp(differences) == 0 else differences.var(ddof=1)
    error = float(np.sqrt(spread * (1 / n_folds + np.mean(n_test / n_train))))
    if error == 0:
        statistic = float(np.copysign(np.inf, difference)) if difference else 0.0
    else:
        statistic = difference / error
    pvalue = float(2 * stats.t.sf(abs(statistic), n_folds - 1))
    return CorrectedTTestResult(difference, error, statistic, n_folds - 1, pvalue)
