"""Drawing rows so that what belongs together stays together."""

import numpy as np
import pandas as pd


def group_codes(rows):
    """Give each group of rows a number; without groups each row is one."""
    if rows.groups is None:
        return np.arange(len(rows.y))
    return pd.factorize(np.asarray(rows.groups))[0]


def units_in_random_order(units, rng, weights=None):
    """Put units in a random order, heavier ones earlier.

    Drawing them one after the other without replacement, each time with chances in proportion to
    the weights, gives the same order [1]_.

    Parameters
    ----------
    units : ndarray of int of shape (n_rows,)
        Which unit a row belongs to, from 0.
    rng : numpy.random.Generator
        It is asked for one number a unit.
    weights : ndarray of shape (n_rows,), default=None
        Weights of the rows, 0 or more; a unit has their mean. None: all count equally.

    Returns
    -------
    order : ndarray of int of shape (n_units,)
        Units of weight 0 come last.

    References
    ----------
    .. [1] P. S. Efraimidis and P. G. Spirakis, "Weighted random sampling with a reservoir",
       Information Processing Letters 97, 181-185, 2006.
    """
    n_units = int(units.max()) + 1 if len(units) else 0
    waits = rng.exponential(size=n_units)
    if weights is None:
        return np.argsort(waits, kind="stable")
    mean = np.bincount(units, weights, n_units) / np.maximum(
        np.bincount(units, minlength=n_units), 1
    )
    with np.errstate(divide="ignore"):
        return np.lexsort([waits, waits / mean])


def first_units(order, sizes, wanted):
    """Take units from the front until their rows are as near to a number as they can be.

    Parameters
    ----------
    order : ndarray of int
        The units.
    sizes : ndarray of int of shape (n_units,)
        Their rows.
    wanted : int
        Number of rows. The last unit is never taken.

    Returns
    -------
    taken : ndarray of int
    """
    if not len(order):
        return order
    totals = np.concatenate([[0], np.cumsum(sizes[order])[:-1]])
    return order[: int(np.abs(totals - wanted).argmin())]


def drawn(rows, candidates, share, rng, weights=None):
    """Draw a share of some rows; those of a group and class together, never all of a class.

    Parameters
    ----------
    rows : FoldRows
        The rows.
    candidates : ndarray of bool of shape (n_rows,)
        Which of them may be drawn.
    share : float
        How many of these, from 0 to 1.
    rng : numpy.random.Generator
        The same one draws more of the same rows where the share is greater.
    weights : ndarray of shape (n_rows,), default=None
        See `units_in_random_order`.

    Returns
    -------
    is_drawn : ndarray of bool of shape (n_rows,)
    """
    units = pd.factorize(2 * group_codes(rows) + rows.y)[0]
    order = units_in_random_order(units, rng, weights)
    sizes = np.bincount(units[candidates], minlength=len(order))
    order = order[sizes[order] > 0]
    wanted = round(share * int(candidates.sum()))
    taken = first_units(order, sizes, wanted)
    if len(order) and wanted >= sizes.sum() and not _is_whole_class(rows, candidates):
        taken = order
    return candidates & np.isin(units, taken)


def _is_whole_class(rows, candidates):
    """Say whether the candidates are all rows of a class."""
    return any(candidates[rows.y == label].all() for label in (0, 1) if (rows.y == label).any())
