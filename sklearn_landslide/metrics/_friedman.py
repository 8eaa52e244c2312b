"""Friedman's test with Nemenyi's comparisons: several models across several data sets."""

from numbers import Real
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats
from sklearn.utils._param_validation import Interval, validate_params


class FriedmanNemenyiResult(NamedTuple):
    """Result of :func:`friedman_nemenyi`.

    Parameters
    ----------
    mean_ranks : Series
        Mean rank of each model over the data sets; 1 is the best.
    statistic : float
        Friedman's chi-squared, corrected for ties.
    pvalue : float
        Its p-value.
    f_statistic : float
        The F of Iman and Davenport, which is less conservative.
    f_pvalue : float
        Its p-value.
    critical_difference : float
        Two models differ at the level `alpha` if their mean ranks differ by at least this.
    pairwise : DataFrame
        Nemenyi's p-value of each pair of models, which are its rows and columns.

    Examples
    --------
    >>> from sklearn_landslide.metrics import friedman_nemenyi
    >>> result = friedman_nemenyi([[0.9, 0.8, 0.7], [0.8, 0.9, 0.6], [0.9, 0.7, 0.5]])
    >>> result.mean_ranks.round(2).tolist()
    [1.33, 1.67, 3.0]
    """

    mean_ranks: pd.Series
    statistic: float
    pvalue: float
    f_statistic: float
    f_pvalue: float
    critical_difference: float
    pairwise: pd.DataFrame


def iman_davenport(statistic, n_sets, n_models):
    """Turn Friedman's chi-squared into F.

    Parameters
    ----------
    statistic : float
        Friedman's chi-squared.
    n_sets, n_models : int
        Number of data sets and of models.

    Returns
    -------
    f, pvalue : float
        F with ``n_models - 1`` and ``(n_models - 1) * (n_sets - 1)`` degrees of freedom, and
        its p-value; infinity and 0 if all data sets have the same order.
    """
    largest = n_sets * (n_models - 1)
    if np.isclose(statistic, largest, rtol=1e-12):
        return np.inf, 0.0
    f = (n_sets - 1) * statistic / (largest - statistic)
    return float(f), float(stats.f.sf(f, n_models - 1, (n_models - 1) * (n_sets - 1)))


def check_score_table(scores):
    """Return scores as a frame, at least two data sets and three models.

    Parameters
    ----------
    scores : {array-like, DataFrame} of shape (n_sets, n_models)
        The scores.

    Returns
    -------
    scores : DataFrame of shape (n_sets, n_models)
        The same, in float64.
    """
    frame = pd.DataFrame(scores).astype(np.float64)
    n_sets, n_models = frame.shape
    if n_models < 3 or n_sets < 2:
        raise ValueError(
            "Friedman's test needs at least 3 models (columns) on 2 data sets (rows), "
            f"got {n_models} on {n_sets}."
        )
    if n_bad := int((~np.isfinite(frame.to_numpy())).sum()):
        raise ValueError(f"scores has {n_bad} missing or infinite values: drop these data sets.")
    return frame


@validate_params(
    {
        "scores": ["array-like"],
        "greater_is_better": ["boolean"],
        "alpha": [Interval(Real, 0, 1, closed="neither")],
    },
    prefer_skip_nested_validation=True,
)
def friedman_nemenyi(scores, *, greater_is_better=True, alpha=0.05):
    r"""Compare models across data sets by their ranks.

    Friedman's test asks whether any model has other ranks than the rest; if so, Nemenyi's test
    tells which: those whose mean ranks differ by at least the critical difference
    :math:`q_\alpha \sqrt{k (k + 1) / (6 N)}` for :math:`k` models on :math:`N` data sets [1]_.
    A data set is one independent table or region; folds of the same table are not, and belong
    to :func:`corrected_resampled_ttest`.

    Parameters
    ----------
    scores : {array-like, DataFrame} of shape (n_sets, n_models)
        One score a data set (row) and model (column); a frame's columns name the models.
    greater_is_better : bool, default=True
        False for errors such as the Brier score.
    alpha : float, default=0.05
        Level of the critical difference.

    Returns
    -------
    result : FriedmanNemenyiResult
        Mean ranks, both forms of Friedman's test, critical difference and pairwise p-values.
        If all models are equal on every data set, the statistics are 0 and p is 1.

    Raises
    ------
    ValueError
        For fewer than 3 models or 2 data sets, missing or infinite scores.

    Notes
    -----
    Equal scores share their mean rank, and chi-squared is corrected for them, as in
    :func:`scipy.stats.friedmanchisquare`; the formula of [1]_ leaves that out and is a little
    smaller where there are ties.

    References
    ----------
    .. [1] J. Demšar, "Statistical comparisons of classifiers over multiple data sets", Journal
       of Machine Learning Research 7, 1-30, 2006.
    .. [2] R. L. Iman and J. M. Davenport, "Approximations of the critical region of the Friedman
       statistic", Communications in Statistics A 9, 571-595, 1980.

    Examples
    --------
    >>> import pandas as pd
    >>> from sklearn_landslide.metrics import friedman_nemenyi
    >>> auc = pd.DataFrame(
    ...     {"LR": [0.81, 0.77, 0.74, 0.88], "RF": [0.85, 0.80, 0.79, 0.90],
    ...      "SVM": [0.84, 0.78, 0.75, 0.89]}
    ... )
    >>> result = friedman_nemenyi(auc)
    >>> result.mean_ranks.to_dict()
    {'LR': 3.0, 'RF': 1.0, 'SVM': 2.0}
    >>> round(result.critical_difference, 2)
    1.66
    >>> result.pairwise.round(3)
            LR     RF    SVM
    LR   1.000  0.013  0.333
    RF   0.013  1.000  0.333
    SVM  0.333  0.333  1.000
    """
    frame = check_score_table(scores)
    n_sets, n_models = frame.shape
    ranks = stats.rankdata(-frame if greater_is_better else frame, axis=1)
    mean_ranks = pd.Series(ranks.mean(axis=0), index=frame.columns, name="mean_rank")
    statistic, pvalue = 0.0, 1.0
    if np.ptp(ranks):
        statistic, pvalue = map(float, stats.friedmanchisquare(*ranks.T))
    f_statistic, f_pvalue = iman_davenport(statistic, n_sets, n_models)

    # Nemenyi's q is the studentized range over the root of 2.
    unit = np.sqrt(n_models * (n_models + 1) / (6 * n_sets)) / np.sqrt(2)
    gaps = np.abs(np.subtract.outer(mean_ranks.to_numpy(), mean_ranks.to_numpy()))
    # Rounding makes 1 of a gap of 0 only nearly; the p-value of a model and itself is 1.
    pairwise = np.where(gaps == 0, 1.0, stats.studentized_range.sf(gaps / unit, n_models, np.inf))
    return FriedmanNemenyiResult(
        mean_ranks=mean_ranks,
        statistic=statistic,
        pvalue=pvalue,
        f_statistic=f_statistic,
        f_pvalue=f_pvalue,
        critical_difference=float(stats.studentized_range.isf(alpha, n_models, np.inf) * unit),
        pairwise=pd.DataFrame(pairwise, index=frame.columns, columns=frame.columns),
    )
