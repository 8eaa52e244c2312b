"""Do probabilities mean what they say: calibration error and parts of the Brier score."""

from numbers import Integral
from typing import NamedTuple

import numpy as np
from sklearn.utils._param_validation import Interval, StrOptions, validate_params

from sklearn_landslide.metrics._checks import check_labels, check_scores


class BrierDecomposition(NamedTuple):
    """Parts of a Brier score, from :func:`brier_decomposition`.

    ``brier = reliability - resolution + uncertainty + within_bin_variance -
    within_bin_covariance``, exactly.

    Parameters
    ----------
    brier : float
        The Brier score: mean squared distance of probability and outcome.
    reliability : float
        Mean squared distance of a bin's mean probability from its share of landslides; 0 is
        perfect.
    resolution : float
        How far the bins' shares of landslides spread around the overall share; the more, the
        better.
    uncertainty : float
        ``p (1 - p)`` of the overall share `p`: the score of always saying `p`.
    within_bin_variance : float
        Variance of the probabilities within the bins.
    within_bin_covariance : float
        Twice the covariance of probabilities and outcomes within the bins.

    Examples
    --------
    >>> from sklearn_landslide.metrics import brier_decomposition
    >>> parts = brier_decomposition([0, 1, 0, 1], [0.25, 0.25, 0.75, 0.75], n_bins=None)
    >>> parts.brier, parts.reliability, parts.resolution, parts.uncertainty
    (0.3125, 0.0625, 0.0, 0.25)
    """

    brier: float
    reliability: float
    resolution: float
    uncertainty: float
    within_bin_variance: float
    within_bin_covariance: float


def bin_numbers(y_prob, n_bins, strategy):
    """Find the bin of each probability; the bins are those of scikit-learn.

    Parameters
    ----------
    y_prob : ndarray of shape (n_samples,)
        Probabilities, 0 to 1.
    n_bins : int or None
        Number of bins; None for one a value.
    strategy : "uniform" or "quantile"
        Bins of equal width, or of an equal number of rows.

    Returns
    -------
    numbers : ndarray of shape (n_samples,)
        0 and up; bins without rows have no number, so there is no gap.
    """
    if n_bins is None:
        return np.unique(y_prob, return_inverse=True)[1]
    edges = np.linspace(0, 1, n_bins + 1)
    if strategy == "quantile":
        edges = np.quantile(y_prob, edges)
    numbers = np.searchsorted(edges[1:-1], y_prob)
    return np.unique(numbers, return_inverse=True)[1]


def bin_means(y_true, y_prob, numbers):
    """Count the rows of each bin; average its probabilities and labels.

    Parameters
    ----------
    y_true, y_prob : ndarray of shape (n_samples,)
        Labels and probabilities.
    numbers : ndarray of shape (n_samples,)
        Bin of each row.

    Returns
    -------
    counts, probability, share : ndarray of shape (n_bins,)
        One value a bin.
    """
    counts = np.bincount(numbers)
    probability = np.bincount(numbers, weights=y_prob) / counts
    return counts, probability, np.bincount(numbers, weights=y_true) / counts


BINNED = {
    "y_true": ["array-like"],
    "y_prob": ["array-like"],
    "n_bins": [Interval(Integral, 1, None, closed="left"), None],
    "strategy": [StrOptions({"uniform", "quantile"})],
}


@validate_params(BINNED, prefer_skip_nested_validation=True)
def expected_calibration_error(y_true, y_prob, *, n_bins=10, strategy="uniform"):
    r"""Mean distance of the probabilities from the share of landslides among similar rows.

    .. math:: \mathrm{ECE} = \sum_k \frac{n_k}{n} \left|\bar{y}_k - \bar{p}_k\right|

    over bins :math:`k` of similar probability, with their :math:`n_k` rows, share of landslides
    :math:`\bar{y}_k` and mean probability :math:`\bar{p}_k` [1]_. 0 is perfect. It falls with
    the number of rows and rises with the number of bins, so compare models on the same rows and
    bins.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        1 where there is a landslide, 0 where there is none.
    y_prob : array-like of shape (n_samples,)
        Probability of a landslide.
    n_bins : int or None, default=10
        Number of bins. None: each value is its own, for models that give few values.
    strategy : {"uniform", "quantile"}, default="uniform"
        Bins of equal width, or with an equal number of rows; the latter where most
        probabilities are small.

    Returns
    -------
    error : float
        The error, 0 to 1.

    Raises
    ------
    ValueError
        For labels other than 0 and 1, values that are not probabilities, or arrays of different
        length.

    See Also
    --------
    sklearn.calibration.calibration_curve : The bins themselves.

    References
    ----------
    .. [1] M. P. Naeini, G. F. Cooper and M. Hauskrecht, "Obtaining well calibrated
       probabilities using Bayesian binning", AAAI 2015, 2901-2907.

    Examples
    --------
    >>> from sklearn_landslide.metrics import expected_calibration_error
    >>> expected_calibration_error([0, 1, 1, 1], [0.25, 0.25, 0.75, 0.75])
    0.25
    """
    y_true = check_labels(y_true, needs=())
    y_prob = check_scores(y_prob, y_true.size, bounded=True)
    counts, probability, share = bin_means(y_true, y_prob, bin_numbers(y_prob, n_bins, strategy))
    return float(np.sum(counts * np.abs(share - probability)) / y_true.size)


@validate_params(BINNED, prefer_skip_nested_validation=True)
def brier_decomposition(y_true, y_prob, *, n_bins=10, strategy="uniform"):
    r"""Split the Brier score into reliability, resolution and uncertainty.

    Murphy's decomposition [1]_, :math:`\mathrm{BS} = \mathrm{REL} - \mathrm{RES} +
    \mathrm{UNC}`, is exact when all probabilities of a bin are the same. Otherwise two terms
    within the bins complete it [2]_: :math:`+ \mathrm{WBV} - \mathrm{WBC}`, of which
    :math:`\mathrm{RES} - \mathrm{WBV} + \mathrm{WBC}` is the generalized resolution.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        1 where there is a landslide, 0 where there is none.
    y_prob : array-like of shape (n_samples,)
        Probability of a landslide.
    n_bins : int or None, default=10
        Number of bins. None: each value is its own bin, and the terms within are 0. That is for
        models that give few values; where every row has its own, both reliability and
        resolution come out far too large.
    strategy : {"uniform", "quantile"}, default="uniform"
        Bins of equal width, or with an equal number of rows.

    Returns
    -------
    parts : BrierDecomposition
        The score and its parts.

    Raises
    ------
    ValueError
        For labels other than 0 and 1, values that are not probabilities, or arrays of different
        length.

    See Also
    --------
    sklearn.metrics.brier_score_loss : The score alone.

    References
    ----------
    .. [1] A. H. Murphy, "A new vector partition of the probability score", Journal of Applied
       Meteorology 12, 595-600, 1973.
    .. [2] D. B. Stephenson, C. A. S. Coelho and I. T. Jolliffe, "Two extra components in the
       Brier score decomposition", Weather and Forecasting 23, 752-757, 2008, equation 6.

    Examples
    --------
    >>> from sklearn_landslide.metrics import brier_decomposition
    >>> parts = brier_decomposition([0, 1, 1, 1], [0.2, 0.3, 0.7, 0.8], n_bins=2)
    >>> {name: round(value, 4) for name, value in parts._asdict().items()}
    {'brier': 0.165, 'reliability': 0.0625, 'resolution': 0.0625, 'uncertainty': 0.1875,
    'within_bin_variance': 0.0025, 'within_bin_covariance': 0.025}
    """
    y_true = check_labels(y_true, needs=())
    y_prob = check_scores(y_prob, y_true.size, bounded=True)
    numbers = bin_numbers(y_prob, n_bins, strategy)
    counts, probability, share = bin_means(y_true, y_prob, numbers)
    weights, overall = counts / y_true.size, y_true.mean()
    rest_prob, rest_true = y_prob - probability[numbers], y_true - share[numbers]
    parts = (
        np.mean((y_prob - y_true) ** 2),
        np.sum(weights * (probability - share) ** 2),
        np.sum(weights * (share - overall) ** 2),
        overall * (1 - overall),
        np.mean(rest_prob**2),
        2 * np.mean(rest_prob * rest_true),
    )
    return BrierDecomposition(*map(float, parts))
