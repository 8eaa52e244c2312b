"""Mutual information of all pairs of columns at once, from bins."""

from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_array
from scipy.special import xlogy
from scipy.stats import chi2


class PairwiseInformation(NamedTuple):
    """Information between all pairs of ``p`` columns, in nats.

    Attributes
    ----------
    information : ndarray of shape (p, p)
        Mutual information; the entropies are the diagonal.
    chance_level : ndarray of shape (p, p)
        What the plain estimate gives, on average, for two independent columns with as many
        bins: ``(bins_i - 1) * (bins_j - 1) / (2 * n)``.
    p_values : ndarray of shape (p, p)
        Of the G-test that the two columns are independent.
    """

    information: np.ndarray
    chance_level: np.ndarray
    p_values: np.ndarray


def one_hot(codes):
    """Lay the bins of all columns side by side.

    Parameters
    ----------
    codes : ndarray of shape (n_samples, p), dtype=int64
        Bins of each column, numbered from 0.

    Returns
    -------
    bins : csr_array of shape (n_samples, n_bins_total)
        1 where a row is in a bin.
    columns : csr_array of shape (n_bins_total, p)
        1 where a bin belongs to a column.
    """
    n_samples, p = codes.shape
    sizes = codes.max(axis=0) + 1
    total = sizes.sum()
    position = codes + np.cumsum(sizes) - sizes
    bins = csr_array(
        (np.ones(codes.size), position.ravel(), np.arange(0, codes.size + 1, p)),
        shape=(n_samples, total),
    )
    columns = csr_array(
        (np.ones(total), np.repeat(np.arange(p), sizes), np.arange(total + 1)), shape=(total, p)
    )
    return bins, columns


def pairwise_information(codes, *, debias):
    r"""Count the mutual information of every pair of columns.

    All joint counts are one sparse product of the one-hot bins with themselves. With
    :math:`H = -\sum p \log p` and :math:`m` the number of bins (or cells of a pair) that are not
    empty,

    .. math:: I(f; s) = H(f) + H(s) - H(f, s) + \frac{m_f + m_s - m_{fs} - 1}{2 n},

    where the fraction is the correction of Miller and Madow [1]_.

    Parameters
    ----------
    codes : ndarray of shape (n_samples, p), dtype=int64
        Bins of each column, numbered from 0.
    debias : bool
        Whether to apply the correction and to raise what falls below 0 to 0.

    Returns
    -------
    result : PairwiseInformation
        Information, the chance level and p-values, each of shape (p, p).

    References
    ----------
    .. [1] G. A. Miller, "Note on the bias of information estimates", Information Theory in
       Psychology: Problems and Methods, 95-100, 1955.
    """
    n_samples = codes.shape[0]
    bins, columns = one_hot(codes)
    counts = bins.T @ bins
    occupied = counts.copy()
    occupied.data = np.ones_like(occupied.data)
    cells = (columns.T @ occupied @ columns).toarray()
    counts.data = xlogy(counts.data, counts.data)
    joint_entropy = np.log(n_samples) - (columns.T @ counts @ columns).toarray() / n_samples
    entropy, m = np.diag(joint_entropy), np.diag(cells)
    information = np.maximum(entropy[:, None] + entropy - joint_entropy, 0)
    # The sums run over the bins in another order for (i, j) than for (j, i).
    information = (information + information.T) / 2

    freedom = np.outer(m - 1, m - 1)
    with np.errstate(invalid="ignore"):
        p_values = chi2.sf(2 * n_samples * information, freedom)
    p_values = np.where(freedom > 0, p_values, 1.0)
    if debias:
        correction = (m[:, None] + m - cells - 1) / (2 * n_samples)
        information = np.where(freedom > 0, np.maximum(information + correction, 0), 0.0)
    return PairwiseInformation(information, freedom / (2 * n_samples), p_values)
