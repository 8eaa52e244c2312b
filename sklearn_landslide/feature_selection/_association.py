"""Pearson's correlation of all pairs of columns, carried over to categories."""

from typing import NamedTuple

import numpy as np


class PairwiseAssociation(NamedTuple):
    """Squared association between all pairs of ``p`` columns, 0 to 1.

    Attributes
    ----------
    squared : ndarray of shape (p, p)
        Squared Pearson correlation, correlation ratio or Cramér's V.
    chance_level : ndarray of shape (p, p)
        Its mean for two independent columns.
    """

    squared: np.ndarray
    chance_level: np.ndarray


def standardized(values):
    """Center a quantity and scale it to length 1; a constant becomes 0.

    Parameters
    ----------
    values : ndarray of shape (n_samples,)
        The quantity.

    Returns
    -------
    block : ndarray of shape (n_samples, 1)
        The same, centered, with a sum of squares of 1.
    """
    if np.ptp(values) == 0:
        return np.zeros((values.size, 1))
    # Without this scaling the squares of very large values would overflow.
    centered = values / np.abs(values).max()
    centered = centered - centered.mean()
    return (centered / np.linalg.norm(centered))[:, None]


def indicators(codes):
    """Center the one-hot columns of a category, each scaled by the root of its count.

    Parameters
    ----------
    codes : ndarray of shape (n_samples,), dtype=int64
        Categories, numbered from 0 without gaps.

    Returns
    -------
    block : ndarray of shape (n_samples, n_categories)
        Centered indicators.
    """
    counts = np.bincount(codes)
    return (np.eye(counts.size)[codes] - counts / codes.size) / np.sqrt(counts)


def pairwise_association(blocks, *, debias):
    r"""Measure the association of every pair of columns.

    Each column is a block: one standardized column for a quantity, its indicators for a
    category. The sum of squares of the product of two blocks, divided by the smaller of their
    degrees of freedom, is the squared Pearson correlation of two quantities, the correlation
    ratio of a quantity and a category, and the squared Cramér's V of two categories. With
    :math:`c = \max(d_i, d_j) / (n - 1)`, its mean under independence, debiasing turns
    :math:`r^2` into :math:`(r^2 - c) / (1 - c)`, not below 0: the adjusted R².

    Parameters
    ----------
    blocks : list of ndarray of shape (n_samples, width)
        The columns, from :func:`standardized` and :func:`indicators`.
    debias : bool
        Whether to subtract what chance gives.

    Returns
    -------
    result : PairwiseAssociation
        Squared association and its chance level, each of shape (p, p).
    """
    n_samples = blocks[0].shape[0]
    widths = np.array([block.shape[1] for block in blocks])
    starts = np.cumsum(widths) - widths
    side_by_side = np.hstack(blocks)
    squares = (side_by_side.T @ side_by_side) ** 2
    sums = np.add.reduceat(np.add.reduceat(squares, starts, axis=0), starts, axis=1)
    freedom = np.maximum(widths - 1, 1)
    squared = np.clip(sums / np.minimum.outer(freedom, freedom), 0, 1)
    squared = (squared + squared.T) / 2
    chance_level = np.minimum(np.maximum.outer(freedom, freedom) / (n_samples - 1), 1)
    if debias:
        room = np.where(chance_level < 1, 1 - chance_level, 1)
        squared = np.maximum(squared - chance_level, 0) / room
    return PairwiseAssociation(squared, chance_level)


def anova_f(squared, *, n_samples, n_classes):
    """Turn the squared correlation ratio with the target into the F of an analysis of variance.

    Parameters
    ----------
    squared : ndarray of shape (n_features,)
        Squared correlation ratio, not debiased.
    n_samples : int
        Number of rows.
    n_classes : int
        Number of classes of the target.

    Returns
    -------
    f : ndarray of shape (n_features,)
        F, infinite where the classes explain everything.
    """
    freedom = max(n_samples - n_classes, 0) / (n_classes - 1)
    rest = 1 - squared
    # What is left of 1 - 1 after rounding is not a variance within the classes.
    rest = np.where(rest > 1e-12, rest, 0)
    return np.divide(squared * freedom, rest, out=np.full(squared.shape, np.inf), where=rest > 0)
