"""Fit a model again to a bootstrap sample; in a module of its own, light for other processes."""

import numpy as np
import pandas as pd
from sklearn.base import clone


def refit(model, X, y, seed, groups=None):
    """Fit a copy of a model to rows drawn with replacement, as many of each class as there are.

    Parameters
    ----------
    model : classifier
        It stays as it is.
    X : DataFrame of shape (n_samples, n_factors)
        The factors.
    y : ndarray of shape (n_samples,)
        The labels.
    seed : int or SeedSequence
        Seed of the draw.
    groups : ndarray of shape (n_samples,), default=None
        Rows that belong together, such as the cells of a polygon: groups are drawn whole, as many
        of each class as there are. None: each row stands for itself.

    Returns
    -------
    refit : classifier
        Fitted.
    """
    rng = np.random.default_rng(seed)
    drawn = np.sort(np.concatenate(list(_drawn_rows(y, groups, rng))))
    return clone(model).fit(X.iloc[drawn].reset_index(drop=True), y[drawn])


def _drawn_rows(y, groups, rng):
    """Yield the rows that are drawn for each class."""
    codes = np.arange(len(y)) if groups is None else pd.factorize(np.asarray(groups))[0]
    for label in np.unique(y):
        rows = np.flatnonzero(y == label)
        units, members = np.unique(codes[rows], return_inverse=True)
        by_unit = np.split(rows[np.argsort(members, kind="stable")], np.bincount(members).cumsum())
        drawn = rng.choice(np.arange(len(units)), len(units))
        yield np.concatenate([by_unit[unit] for unit in drawn])
