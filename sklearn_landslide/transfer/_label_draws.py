"""Which rows of a region get a label: each number of them holds the smaller ones."""

import math

import numpy as np


def n_landslides_of(k, n_positive, n_negative, least):
    """Return how many of k labeled rows are landslides.

    Their share is that of the table, but there are at least `least` of them or a third of k, and
    no more than the table has, and one row at least is of the other kind.

    Parameters
    ----------
    k : int
        Number of rows, up to all of them.
    n_positive, n_negative : int
        Landslides and other rows that there are.
    least : int
        Landslides that are wanted in any case.

    Returns
    -------
    n_landslides : int

    Examples
    --------
    >>> from sklearn_landslide.transfer._label_draws import n_landslides_of
    >>> [n_landslides_of(k, 50, 950, 10) for k in (3, 30, 100, 300, 1000)]
    [1, 10, 10, 15, 50]
    """
    # Not round(), which goes to even numbers: with one row more there is never one less of a kind.
    natural = math.floor(k * n_positive / (n_positive + n_negative) + 0.5)
    wanted = max(natural, min(least, k // 3), 1)
    return max(min(wanted, n_positive, k - 1), k - n_negative)


def draw_labeled(is_landslide, rows, ks, least, rng):
    """Draw rows to be labeled, those of a smaller number among those of a larger one.

    Parameters
    ----------
    is_landslide : ndarray of bool of shape (n_samples,)
        The labels of the table.
    rows : ndarray of int
        Rows that may be drawn.
    ks : sequence of int
        Numbers of rows, none of them larger than there are.
    least : int
        As of `n_landslides_of`.
    rng : RandomState
        The generator.

    Returns
    -------
    draws : dict of int to ndarray of int
        By number the rows, sorted.
    """
    rows = np.asarray(rows)
    landslides = rng.permutation(rows[is_landslide[rows]])
    others = rng.permutation(rows[~is_landslide[rows]])
    draws = {}
    for k in ks:
        n = n_landslides_of(k, len(landslides), len(others), least)
        draws[k] = np.sort(np.concatenate([landslides[:n], others[: k - n]]))
    return draws
