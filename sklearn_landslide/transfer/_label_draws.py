"""Which places of a region get a label: each number of them holds the smaller ones."""

import math

import numpy as np
import pandas as pd


def n_landslides_of(k, n_positive, n_negative, least):
    """Return how many of k labeled places are landslides.

    Their share is that of the table, but there are at least `least` of them or a third of k, and
    no more than the table has, and one place at least is of the other kind.

    Parameters
    ----------
    k : int
        Number of places, up to all of them.
    n_positive, n_negative : int
        Landslides and other places that there are.
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


def landslides_of(is_landslide, rows, groups=None):
    """Tell which landslide each row of one is: the cells of a polygon are one landslide.

    Parameters
    ----------
    is_landslide : ndarray of bool of shape (n_samples,)
        The labels of the table.
    rows : ndarray of int
        Rows of it.
    groups : ndarray of shape (n_samples,) or None, default=None
        Group of each row, such as its polygon. None: each row is a landslide of its own.

    Returns
    -------
    slides : ndarray of int
        Those of the rows that are a landslide.
    which : ndarray of int
        For each of them the number of its landslide, from 0.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.transfer._label_draws import landslides_of
    >>> y = np.array([1, 0, 1, 1])
    >>> landslides_of(y == 1, np.arange(4), np.array(["a", "a", "b", "a"]))
    (array([0, 2, 3]), array([0, 1, 0]))
    """
    rows = np.asarray(rows)
    slides = rows[is_landslide[rows]]
    if groups is None:
        return slides, np.arange(len(slides))
    return slides, pd.factorize(groups[slides])[0]


def n_places(is_landslide, rows, groups=None):
    """Return the number of places among rows: landslides, and other rows.

    Parameters
    ----------
    is_landslide, rows, groups
        As of `landslides_of`.

    Returns
    -------
    n_landslides, n_others : int
    """
    slides, which = landslides_of(is_landslide, rows, groups)
    return int(which.max(initial=-1)) + 1, len(rows) - len(slides)


def draw_labeled(is_landslide, rows, ks, least, rng, groups=None):
    """Draw places to be labeled, those of a smaller number among those of a larger one.

    Parameters
    ----------
    is_landslide : ndarray of bool of shape (n_samples,)
        The labels of the table.
    rows : ndarray of int
        Rows that may be drawn.
    ks : sequence of int
        Numbers of places, none of them larger than there are.
    least : int
        As of `n_landslides_of`.
    rng : RandomState
        The generator.
    groups : ndarray of shape (n_samples,) or None, default=None
        Group of each row: a landslide is drawn with all of its cells, and counts once.

    Returns
    -------
    draws : dict of int to ndarray of int
        By number the rows, sorted.
    """
    rows = np.asarray(rows)
    slides, which = landslides_of(is_landslide, rows, groups)
    n_landslides, n_others = n_places(is_landslide, rows, groups)
    order = rng.permutation(n_landslides)
    others = rng.permutation(rows[~is_landslide[rows]])
    draws = {}
    for k in ks:
        n = n_landslides_of(k, n_landslides, n_others, least)
        drawn = slides[np.isin(which, order[:n])]
        draws[k] = np.sort(np.concatenate([drawn, others[: k - n]]))
    return draws
