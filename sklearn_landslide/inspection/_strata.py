"""Strata within which a factor is shuffled, so that the factors it goes with stay as they are."""

from itertools import pairwise

import numpy as np
import pandas as pd
from sklearn.tree import DecisionTreeRegressor

from sklearn_landslide._factor_tables import quantity_values

# Test rows that a stratum is to have on average, so that there is something to exchange.
ROWS_OF_STRATUM = 10
# Of a category the most frequent classes are told apart.
_MOST_CLASSES = 50


def _numbers(column):
    """Numbers of a column, without gaps: a quantity with a mark of its gaps, or one-hot classes."""
    values = quantity_values(column)
    if values is None and column.dtype == bool:
        values = column.to_numpy(dtype=np.float64)
    if values is None:
        codes = pd.factorize(column.astype(object), use_na_sentinel=False)[0]
        frequent = np.argsort(-np.bincount(codes), kind="stable")[:_MOST_CLASSES]
        return np.column_stack([codes == code for code in frequent]).astype(np.float64)
    is_gap = ~np.isfinite(values)
    if is_gap.all():
        return np.zeros((len(values), 1))
    filled = np.where(is_gap, np.median(values[~is_gap]), values)[:, None]
    return np.column_stack([filled, is_gap]) if is_gap.any() else filled


def as_numbers_without_gaps(frame):
    """Return a table as numbers, for a tree that finds what goes with what.

    Parameters
    ----------
    frame : DataFrame of shape (n_rows, n_columns)
        Quantities and categories.

    Returns
    -------
    numbers : ndarray of shape (n_rows, n_numbers)
    places : list of slice
        Where the numbers of each column are.
    """
    blocks = [_numbers(frame.iloc[:, place]) for place in range(frame.shape[1])]
    ends = np.cumsum([0, *(block.shape[1] for block in blocks)])
    places = [slice(*pair) for pair in pairwise(ends)]
    return np.hstack(blocks), places


def _columns_of(places, which):
    return np.concatenate([np.arange(places[place].start, places[place].stop) for place in which])


def strata(numbers, places, train, test, columns, seed):
    """Divide test rows so that within a stratum the other factors say little about some columns.

    A tree predicts the columns from all others on the training rows, without the labels; its
    leaves are the strata.

    Parameters
    ----------
    numbers : ndarray of shape (n_rows, n_numbers)
        The table, from `as_numbers_without_gaps`.
    places : list of slice
        Where the numbers of each column are.
    train, test : ndarray of int
        Rows.
    columns : list of int
        Positions of the columns that will be shuffled.
    seed : int
        Seed of the tree.

    Returns
    -------
    stratum : ndarray of int of shape (n_test,)
    """
    others = [place for place in range(len(places)) if place not in set(columns)]
    if not others:
        return np.zeros(len(test), dtype=np.intp)
    of_own, of_others = _columns_of(places, columns), _columns_of(places, others)
    target = numbers[np.ix_(train, of_own)]
    spread = target.std(axis=0)
    target = target / np.where(spread > 0, spread, 1)
    smallest = int(np.ceil(ROWS_OF_STRATUM * max(1.0, len(train) / len(test))))
    tree = DecisionTreeRegressor(min_samples_leaf=smallest, random_state=seed)
    tree.fit(numbers[np.ix_(train, of_others)], target)
    return tree.apply(numbers[np.ix_(test, of_others)])


def exchanged(stratum, rng):
    """Say from which row of its stratum each row gets its values: never from itself.

    Parameters
    ----------
    stratum : ndarray of int of shape (n_rows,)
        Stratum of each row.
    rng : numpy.random.Generator
        Random numbers.

    Returns
    -------
    donors : ndarray of int of shape (n_rows,)
        A permutation. In each stratum it is one ring in random order, so that any other row is as
        likely as another. A row alone in its stratum keeps its values.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.inspection._strata import exchanged
    >>> exchanged(np.array([0, 1, 0, 2]), np.random.default_rng(0)).tolist()
    [2, 1, 0, 3]
    """
    shuffled = rng.permutation(len(stratum))
    order = shuffled[np.argsort(stratum[shuffled], kind="stable")]
    donors = np.empty_like(order)
    starts = np.flatnonzero(np.r_[True, np.diff(stratum[order]) != 0])
    for ring in np.split(order, starts[1:]):
        donors[ring] = np.roll(ring, 1)
    return donors
