"""Holm's adjustment of p-values for several tests."""

import numpy as np


def holm_adjusted(pvalues):
    """Adjust p-values so that the probability of any false discovery keeps its level.

    The smallest of m p-values is multiplied by m, the next by m - 1 and so on; none becomes
    smaller than one before it, or larger than 1. Missing ones stay missing and do not count.

    Parameters
    ----------
    pvalues : array-like of shape (n_tests,)
        P-values, some of which may be NaN.

    Returns
    -------
    adjusted : ndarray of shape (n_tests,)
        In the order of the input.

    References
    ----------
    .. [1] S. Holm, "A simple sequentially rejective multiple test procedure", Scandinavian
       Journal of Statistics 6, 65-70, 1979.

    Examples
    --------
    >>> from sklearn_landslide.metrics._holm import holm_adjusted
    >>> holm_adjusted([0.25, 0.125, float("nan")]).tolist()
    [0.25, 0.25, nan]
    """
    pvalues = np.asarray(pvalues, dtype=np.float64)
    adjusted = pvalues.copy()
    known = np.flatnonzero(~np.isnan(pvalues))
    order = known[np.argsort(pvalues[known], kind="stable")]
    factors = np.arange(order.size, 0, -1)
    adjusted[order] = np.minimum(np.maximum.accumulate(pvalues[order] * factors), 1)
    return adjusted
