"""What a fold takes as a whole: a row, or all rows of a group."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.utils.validation import _num_samples

from sklearn_landslide._hints import hinting
from sklearn_landslide.model_selection._side_information import check_group_labels, matching_rows

# So often groups are dealt to folds before giving up.
_TRIES = 20


def group_codes(groups, n_rows):
    """Give the groups of the rows of a table a number each.

    Parameters
    ----------
    groups : array-like of shape (n_samples,) or None
        One label a row.
    n_rows : int
        Number of rows of the table.

    Returns
    -------
    codes : ndarray of int64 of shape (n_samples,), or None
        From 0, in the order in which the groups appear. None if there are no groups, or each is
        one row, which comes to the same.

    Raises
    ------
    ValueError
        If there is not one label a row, or a label is missing.

    Examples
    --------
    >>> from sklearn_landslide.model_selection._units import group_codes
    >>> group_codes(["slide 7", "slide 7", "slide 2"], 3)
    array([0, 0, 1])
    >>> group_codes([4, 5, 6], 3) is None
    True
    """
    if groups is None:
        return None
    labels = check_group_labels(groups, "groups")
    if len(labels) != n_rows:
        raise ValueError(f"X has {n_rows} rows and groups {len(labels)}: give one label a row.")
    codes, labels = pd.factorize(labels)
    return None if len(labels) == n_rows else codes


def groups_of(side, X, groups):
    """Find the group of each row of X, from the call or else from the splitter.

    Parameters
    ----------
    side : {array-like, Series} or None
        What the splitter was given, matched by index as its coordinates are.
    X : {array-like, DataFrame} of shape (n_samples, n_features)
        The table, or a part of it.
    groups : array-like of shape (n_samples,) or None
        What the call was given, by position.

    Returns
    -------
    codes : ndarray of int64 of shape (n_samples,), or None
        As of :func:`group_codes`.
    """
    if groups is None and side is not None:
        groups = check_group_labels(side, "groups")[matching_rows(side, X, "groups")]
    return group_codes(groups, _num_samples(X))


@dataclass(frozen=True)
class Units:
    """Rows, or groups of rows at the mean of their places, in an order of their own.

    Parameters
    ----------
    of_row : ndarray of int64 of shape (n_samples,)
        The unit of each row.
    points : ndarray of float64 of shape (n_units, 2)
        Where the units are.
    counts : ndarray of int64 of shape (n_units, 2)
        Rows of both classes in each unit.
    sizes : ndarray of int64 of shape (n_units,), or None
        Rows in each unit; None if each is one row.
    """

    of_row: np.ndarray
    points: np.ndarray
    counts: np.ndarray
    sizes: np.ndarray | None

    def class_counts(self, labels):
        """Count the rows of both classes under each label 0, 1, ...; shape (n_labels, 2)."""
        return np.column_stack([np.bincount(labels, count) for count in self.counts.T])

    def in_order(self):
        """List the rows, those of the first unit first."""
        return np.argsort(self.of_row, kind="stable")


def make_units(points, codes, groups):
    """Make units of rows, in an order that does not depend on that of the rows.

    Parameters
    ----------
    points : ndarray of float64 of shape (n_samples, 2)
        Coordinates.
    codes : ndarray of int of shape (n_samples,)
        The class of each row, 0 or 1.
    groups : ndarray of int64 of shape (n_samples,), or None
        Groups from 0; None if each row stands for itself.

    Returns
    -------
    units : Units

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.model_selection._units import make_units
    >>> points = np.array([[9.0, 0.0], [0.0, 0.0], [2.0, 0.0]])
    >>> units = make_units(points, np.array([0, 1, 1]), np.array([0, 1, 1]))
    >>> units.points.tolist(), units.counts.tolist(), units.of_row.tolist()
    ([[1.0, 0.0], [9.0, 0.0]], [[0, 2], [1, 0]], [1, 0, 0])
    """
    sizes = None
    counts = np.column_stack([codes == 0, codes == 1]).astype(np.int64)
    if groups is not None:
        # In the order of the rows' places, so that sums are the same to the last bit.
        order = np.lexsort((codes, points[:, 1], points[:, 0]))
        sizes = np.bincount(groups)
        points = np.column_stack(
            [np.bincount(groups[order], axis[order]) / sizes for axis in points.T]
        )
        counts = np.column_stack([np.bincount(groups, count) for count in counts.T])
        counts = counts.astype(np.int64)
    order = np.lexsort((*counts.T, points[:, 1], points[:, 0]))
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    return Units(
        of_row=place if groups is None else place[groups],
        points=points[order],
        counts=counts[order],
        sizes=None if sizes is None else sizes[order],
    )


def check_enough(units, classes, n_splits):
    """Raise if a class has fewer rows, or is in fewer groups, than there are folds."""
    holding = (units.counts > 0).sum(axis=0)
    rare = holding.argmin()
    if holding[rare] >= n_splits:
        return
    has = f"has {holding[rare]} rows" if units.sizes is None else f"is in {holding[rare]} groups"
    hint = f"n_splits={n_splits}"
    error = ValueError(f"class {classes[rare]!s} {has}, fewer than {hint}: lower n_splits.")
    raise hinting(error, hint, "n_splits")


def dealt_folds(groups, codes, n_splits, rng):
    """Deal groups of rows to balanced folds that hold both classes, or return None.

    Parameters
    ----------
    groups : ndarray of int64 of shape (n_samples,)
        What is dealt.
    codes : ndarray of int of shape (n_samples,)
        The class of each row, 0 or 1.
    n_splits : int
        Number of folds.
    rng : RandomState
        Shuffles the groups.

    Returns
    -------
    folds : ndarray of int64 of shape (n_samples,), or None
        The fold of each row.
    """
    for _ in range(_TRIES):
        splitter = StratifiedGroupKFold(n_splits, shuffle=True, random_state=rng)
        folds = np.empty(len(codes), dtype=np.int64)
        for k, (_, test) in enumerate(splitter.split(codes, codes, groups)):
            folds[test] = k
        counts = np.bincount(2 * folds + codes, minlength=2 * n_splits)
        if counts.min() > 0:
            return folds
    return None


def without_groups_of(train, test, groups):
    """Leave out training rows whose group is in the test part, too."""
    return train if groups is None else train[~np.isin(groups[train], groups[test])]
