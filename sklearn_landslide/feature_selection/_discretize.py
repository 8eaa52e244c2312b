"""From a quantity to a few bins, so that information can be counted."""

import numpy as np
from scipy.stats import rankdata


def n_bins_for(n_samples):
    """Choose how many quantile bins a sample can fill.

    The cube root of the sample size, odd, from 3 to 15: a pair of factors then has about
    ``n_samples ** (1 / 3)`` rows a cell. 9 bins for 600 rows, 15 from 3,375 rows on.

    Parameters
    ----------
    n_samples : int
        Number of rows.

    Returns
    -------
    n_bins : int
        An odd number.
    """
    # The small term: the cube root of 3,375 comes out a little below 15.
    return 1 + 2 * int((np.clip(np.cbrt(n_samples) + 1e-9, 3, 15) - 1) / 2)


def quantile_bins(values, n_bins):
    """Sort values into bins of about equal size; equal values share a bin.

    Only ranks count, so every increasing transform of the values gives the same bins. With
    an odd number of bins a decreasing transform gives the same bins in reverse. If there are
    at most `n_bins` different values, each is its own bin.

    Parameters
    ----------
    values : ndarray of shape (n_samples,)
        Finite numbers.
    n_bins : int
        Largest number of bins.

    Returns
    -------
    codes : ndarray of shape (n_samples,), dtype=int64
        Bin of each value, from 0, without gaps.
    """
    distinct, codes = np.unique(values, return_inverse=True)
    if distinct.size > n_bins:
        n_samples = values.size
        centered = rankdata(values) - (n_samples + 1) / 2
        # Rounding mirrors with the sign, which flooring does not: hence odd numbers of bins.
        bins = np.rint(centered * n_bins / n_samples - (n_bins % 2 == 0) / 2)
        codes = np.unique(bins, return_inverse=True)[1]
    return codes.astype(np.int64)


def three_states(values):
    """Sort values into low, middle and high: cut at mean minus and plus half a deviation.

    The states of [1]_, with the sample standard deviation (divisor ``n_samples - 1``).

    Parameters
    ----------
    values : ndarray of shape (n_samples,)
        Finite numbers.

    Returns
    -------
    codes : ndarray of shape (n_samples,), dtype=int64
        State of each value, from 0, without gaps where a state is empty.

    References
    ----------
    .. [1] C. Ding and H. Peng, "Minimum redundancy feature selection from microarray gene
       expression data", J. Bioinform. Comput. Biol. 3(2), 185-205, 2005.
    """
    if np.ptp(values) == 0:
        return np.zeros(values.size, dtype=np.int64)
    mean, half = values.mean(), values.std(ddof=1) / 2
    states = (values >= mean - half).astype(int) + (values > mean + half)
    return np.unique(states, return_inverse=True)[1].astype(np.int64)


def discretize(values, bins):
    """Apply the rule that `bins` names.

    Parameters
    ----------
    values : ndarray of shape (n_samples,)
        Finite numbers.
    bins : {"auto", "three_states"} or int
        As in :class:`MRMRSelector`.

    Returns
    -------
    codes : ndarray of shape (n_samples,), dtype=int64
        Bin of each value, from 0, without gaps.
    """
    if bins == "three_states":
        return three_states(values)
    return quantile_bins(values, n_bins_for(values.size) if bins == "auto" else bins)
