"""SMOTE for rows that hold series: a new place gets a storm that there was, never a mean of two."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from imblearn.utils import check_neighbors_object
from sklearn.utils import check_random_state

from sklearn_landslide._factor_tables import as_numbers


class Parents(NamedTuple):
    """Which rows each new row is made from.

    Attributes
    ----------
    base, other : ndarray of shape (n_new,), int64
        The two rows between which it lies.
    gap : ndarray of shape (n_new,)
        How far it is on the way from `base` to `other`, 0 to 1.
    storm : ndarray of shape (n_new,), int64
        The one of the two that gives all its series.
    kind : ndarray of shape (n_new, n_categories), int64
        The row that gives each of its categories.
    """

    base: np.ndarray
    other: np.ndarray
    gap: np.ndarray
    storm: np.ndarray
    kind: np.ndarray


def neighbor_space(static, series, codes):
    """Place the rows of a class so that each factor counts once, a series as one.

    Parameters
    ----------
    static : ndarray of shape (n_samples, n_static)
        Quantities, as they are.
    series : list of ndarray of shape (n_samples, n_steps)
        Variables over time. Their squared difference is the mean over the steps.
    codes : ndarray of shape (n_samples, n_categories), int64
        Categories. Two that differ are as far apart as the median factor spreads, as in SMOTENC.

    Returns
    -------
    space : ndarray of shape (n_samples, n_dimensions)
        Euclidean distances are meant.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.over_sampling._series_smote import neighbor_space
    >>> rain = np.array([[0.0, 0.0, 0.0, 0.0], [2.0, 2.0, 2.0, 2.0]])
    >>> a, b = neighbor_space(np.zeros((2, 1)), [rain], np.zeros((2, 0), dtype=int))
    >>> float(np.linalg.norm(a - b))
    2.0
    """
    parts = [static, *(steps / np.sqrt(steps.shape[1]) for steps in series)]
    spreads = [*static.std(axis=0), *(np.sqrt(part.var(axis=0).sum()) for part in parts[1:])]
    apart = np.median(spreads) / np.sqrt(2)
    indicators = [apart * (code[:, None] == np.unique(code)) for code in codes.T]
    return np.hstack([*parts, *indicators])


def draw_parents(space, codes, *, n_new, k_neighbors, rng):
    """Draw the rows that new rows of a class are made from.

    Parameters
    ----------
    space : ndarray of shape (n_samples, n_dimensions)
        From :func:`neighbor_space`.
    codes : ndarray of shape (n_samples, n_categories), int64
        Categories.
    n_new : int
        Number of new rows.
    k_neighbors : int or estimator
        Neighbors between which they are made.
    rng : RandomState
        Random numbers.

    Returns
    -------
    parents : Parents
        Numbers of rows of `space`.
    """
    search = check_neighbors_object("k_neighbors", k_neighbors, additional_neighbor=1)
    near = search.fit(space).kneighbors(space, return_distance=False)[:, 1:]
    base = rng.randint(len(space), size=n_new)
    around = near[base]
    other = around[np.arange(n_new), rng.randint(near.shape[1], size=n_new)]
    gap = rng.uniform(size=n_new)
    storm = np.where(rng.uniform(size=n_new) < gap, other, base)
    kind = np.empty((n_new, codes.shape[1]), dtype=np.int64)
    for column, code in enumerate(codes.T):
        votes = (code[around][:, :, None] == code[around][:, None, :]).sum(axis=2)
        # Less than one vote, so that it decides between equals only.
        pick = (votes + rng.uniform(0, 0.5, size=votes.shape)).argmax(axis=1)
        kind[:, column] = around[np.arange(n_new), pick]
    return Parents(base, other, gap, storm, kind)


def resample_with_series(X, y, *, wanted, series, is_categorical, k_neighbors, random_state, drawn):
    """Add rows to classes: static quantities between two neighbors, the series of one of them.

    Parameters
    ----------
    X : {ndarray, DataFrame} of shape (n_samples, n_features)
        The table.
    y : ndarray of shape (n_samples,)
        The labels.
    wanted : dict of label to int
        Number of new rows of each class.
    series : list of ndarray of int64
        Columns of each variable over time.
    is_categorical : ndarray of bool, shape (n_features,)
        Which columns are categories; a new row has the most frequent of its neighbors.
    k_neighbors : int or estimator
        Neighbors between which new rows are made.
    random_state : int, RandomState instance or None
        Seed.
    drawn : list
        Gets, for each class that is grown, between which of its rows the new ones lie, and where.

    Returns
    -------
    X_resampled : {ndarray, DataFrame}
        The rows of `X`, then the new ones.
    y_resampled : ndarray
        Their labels.
    """
    rng = check_random_state(random_state)
    frame = X if isinstance(X, pd.DataFrame) else pd.DataFrame(X)
    in_series = np.zeros(frame.shape[1], dtype=bool)
    for positions in series:
        in_series[positions] = True
    numbers = {
        p: as_numbers(frame.iloc[:, p], frame.columns[p]) for p in np.flatnonzero(~is_categorical)
    }
    static = np.flatnonzero(~is_categorical & ~in_series)
    categories = np.flatnonzero(is_categorical)
    codes = {p: pd.factorize(frame.iloc[:, p])[0] for p in categories}
    tables, labels = [frame], [y]
    for label, n_new in wanted.items():
        if n_new == 0:
            continue
        rows = np.flatnonzero(y == label)
        class_codes = _side_by_side(codes, categories, rows).astype(np.int64)
        space = neighbor_space(
            _side_by_side(numbers, static, rows),
            [_side_by_side(numbers, positions, rows) for positions in series],
            class_codes,
        )
        parents = draw_parents(space, class_codes, n_new=n_new, k_neighbors=k_neighbors, rng=rng)
        drawn.append((parents.base, parents.other, parents.gap))
        # All series of a row and all that is copied come from here; the rest is written over.
        new = frame.iloc[rows[parents.storm]].reset_index(drop=True)
        for p in static:
            start, end = numbers[p][rows[parents.base]], numbers[p][rows[parents.other]]
            new.isetitem(p, (start + parents.gap * (end - start)).astype(start.dtype))
        for column, p in enumerate(categories):
            kind = frame.iloc[rows[parents.kind[:, column]], p]
            new.isetitem(p, kind.reset_index(drop=True))
        tables.append(new)
        labels.append(np.full(n_new, label, dtype=y.dtype))
    table = pd.concat(tables, ignore_index=True)
    return (table if frame is X else table.to_numpy()), np.concatenate(labels)


def _side_by_side(columns, positions, rows):
    """Put some rows of some columns into one array of floats, possibly without columns."""
    table = np.empty((len(rows), len(positions)))
    for j, p in enumerate(positions):
        table[:, j] = columns[p][rows]
    return table
