"""DeLong's test: areas under ROC curves on the same rows, with their covariance."""

from typing import NamedTuple

import numpy as np
from scipy import stats

from sklearn_landslide.metrics._checks import check_labels, check_scores


class DeLongResult(NamedTuple):
    """Result of :func:`delong_test`.

    Parameters
    ----------
    auc : float
        ROC-AUC of the model.
    reference_auc : float
        ROC-AUC of the reference.
    difference : float
        The first minus the second.
    standard_error : float
        Standard error of the difference.
    statistic : float
        Their quotient, standard normal if the areas are the same.
    pvalue : float
        Two-sided.

    Examples
    --------
    >>> from sklearn_landslide.metrics import delong_test
    >>> result = delong_test([0, 0, 1, 1], [0.1, 0.4, 0.3, 0.8], [0.2, 0.1, 0.6, 0.7])
    >>> result.auc, result.reference_auc
    (0.75, 1.0)
    """

    auc: float
    reference_auc: float
    difference: float
    standard_error: float
    statistic: float
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
        width = stats.norm.isf((1 - confidence_level) / 2) * self.standard_error
        return self.difference - float(width), self.difference + float(width)


def placements(is_landslide, scores):
    """Share of the other class that each row is ordered rightly against, from mid-ranks.

    Parameters
    ----------
    is_landslide : ndarray of shape (n_samples,), dtype=bool
        The labels.
    scores : ndarray of shape (n_models, n_samples)
        The scores.

    Returns
    -------
    of_landslides : ndarray of shape (n_models, n_landslides)
        Share of the other rows with a lower score, ties counting half.
    of_others : ndarray of shape (n_models, n_others)
        Share of the landslides with a higher score, ties counting half.
    """
    among_all = stats.rankdata(scores, axis=1)
    parts = []
    for rows in (is_landslide, ~is_landslide):
        among_own = stats.rankdata(scores[:, rows], axis=1)
        parts.append((among_all[:, rows] - among_own) / np.count_nonzero(~rows))
    return parts[0], 1 - parts[1]


def check_both_twice(y_true):
    """Return the labels as True and False, at least two of each.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        1 for landslide, 0 for none.

    Returns
    -------
    is_landslide : ndarray of shape (n_samples,), dtype=bool
        The labels.
    """
    y_true = check_labels(y_true)
    fewest = int(np.bincount(y_true).min())
    if fewest < 2:
        raise ValueError(f"DeLong's variance needs two rows of each class, got {fewest} of one.")
    return y_true == 1


def delong_covariance(y_true, y_probs):
    r"""ROC-AUC of several models on the same rows, and their covariance matrix.

    The area is the share of pairs, a landslide and another row, in the right order. Its
    variance over samples, and the covariance of two models' areas, follow from how each row
    does against all rows of the other class [1]_; mid-ranks give that in
    :math:`O(n \log n)` [2]_.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        1 where there is a landslide, 0 where there is none; at least two of each.
    y_probs : array-like of shape (n_samples, n_models)
        Probabilities, or anything that orders the rows, one column per model.

    Returns
    -------
    aucs : ndarray of shape (n_models,)
        Area under each ROC curve.
    covariance : ndarray of shape (n_models, n_models)
        Their covariance matrix.

    Raises
    ------
    ValueError
        For labels other than 0 and 1, fewer than two rows of a class, missing or infinite
        values, or a different number of rows.

    See Also
    --------
    delong_test : Test of two of the areas.

    References
    ----------
    .. [1] E. R. DeLong, D. M. DeLong and D. L. Clarke-Pearson, "Comparing the areas under two or
       more correlated receiver operating characteriztic curves: a nonparametric approach",
       Biometrics 44, 837-845, 1988.
    .. [2] X. Sun and W. Xu, "Fast implementation of DeLong's algorithm for comparing the areas
       under correlated receiver operating characteriztic curves", IEEE Signal Processing
       Letters 21, 1389-1393, 2014.

    Examples
    --------
    >>> from sklearn_landslide.metrics import delong_covariance
    >>> aucs, covariance = delong_covariance(
    ...     [0, 0, 1, 1], [[0.1, 0.2], [0.4, 0.1], [0.3, 0.6], [0.8, 0.7]]
    ... )
    >>> aucs.tolist()
    [0.75, 1.0]
    >>> covariance.tolist()
    [[0.125, 0.0], [0.0, 0.0]]
    """
    is_landslide = check_both_twice(y_true)
    y_probs = np.asarray(y_probs, dtype=np.float64)
    if y_probs.ndim != 2 or 0 in y_probs.shape:
        raise ValueError(f"y_probs must have one column per model, got shape {y_probs.shape}.")
    scores = np.stack(
        [check_scores(column, is_landslide.size, name="y_probs") for column in y_probs.T]
    )
    of_landslides, of_others = placements(is_landslide, scores)
    covariance = sum(
        np.atleast_2d(np.cov(part)) / part.shape[1] for part in (of_landslides, of_others)
    )
    return of_landslides.mean(axis=1), covariance


def delong_test(y_true, y_prob, y_prob_reference):
    """Test whether two models have the same ROC-AUC, on the same rows.

    It takes the scores as given and the rows as independent: it says nothing of how the areas
    would change with other training data, and neighboring places make it too confident.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        1 where there is a landslide, 0 where there is none; at least two of each.
    y_prob : array-like of shape (n_samples,)
        Probabilities of the model, or anything that orders the rows.
    y_prob_reference : array-like of shape (n_samples,)
        Those of the reference, for the same rows.

    Returns
    -------
    result : DeLongResult
        Both areas, difference, standard error, z and p-value. Two models that order the rows in
        the same way have z = 0 and p = 1. Where the standard error is 0 and the difference is
        not, z is infinite and p is 0.

    Raises
    ------
    ValueError
        As :func:`delong_covariance`.

    See Also
    --------
    delong_covariance : Areas and covariance of any number of models.

    References
    ----------
    .. [1] E. R. DeLong, D. M. DeLong and D. L. Clarke-Pearson, "Comparing the areas under two or
       more correlated receiver operating characteriztic curves: a nonparametric approach",
       Biometrics 44, 837-845, 1988.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.metrics import delong_test
    >>> rng = np.random.default_rng(0)
    >>> y = np.repeat([0, 1], 100)
    >>> good, poor = y + rng.normal(size=200), y + rng.normal(size=200, scale=9)
    >>> delong_test(y, good, poor).pvalue < 0.01
    True
    """
    is_landslide = check_both_twice(y_true)
    n_rows = is_landslide.size
    scores = np.stack(
        [
            check_scores(y_prob, n_rows),
            check_scores(y_prob_reference, n_rows, name="y_prob_reference"),
        ]
    )
    of_landslides, of_others = placements(is_landslide, scores)
    auc, reference_auc = of_landslides.mean(axis=1).tolist()
    # The variance of the differences is exactly 0 for equal orders, which the sum of the
    # covariance matrix with signs is not.
    gaps = [part[0] - part[1] for part in (of_landslides, of_others)]
    spreads = [gap.var(ddof=1) / gap.size if np.ptp(gap) else 0.0 for gap in gaps]
    error = float(np.sqrt(sum(spreads)))
    difference = float(gaps[0].mean())
    if error == 0:
        statistic = float(np.copysign(np.inf, difference)) if difference else 0.0
    else:
        statistic = difference / error
    pvalue = float(2 * stats.norm.sf(abs(statistic)))
    return DeLongResult(auc, reference_auc, difference, error, statistic, pvalue)
