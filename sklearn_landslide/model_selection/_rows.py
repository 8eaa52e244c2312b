"""A table and its labels, row by row, before anything is split."""

import numpy as np
import pandas as pd
from sklearn.utils import column_or_1d

from sklearn_landslide._classes import plain_labels
from sklearn_landslide._factor_tables import from_polars


def check_rows(X, y):
    """Return a table and its labels as pandas or NumPy, of one length.

    Parameters
    ----------
    X : {array-like, pandas or polars DataFrame} of shape (n_samples, n_factors)
        The factors.
    y : array-like of shape (n_samples,)
        The labels.

    Returns
    -------
    X : {ndarray, DataFrame} of shape (n_samples, n_factors)
        The factors.
    y : ndarray of shape (n_samples,)
        The labels.

    Raises
    ------
    ValueError
        If X is not a table of rows and columns, or y does not hold one label for each row.

    Examples
    --------
    >>> from sklearn_landslide.model_selection import check_rows
    >>> check_rows([[31.5], [4.0]], [1, 0])[0].shape
    (2, 1)
    """
    X = from_polars(X)
    if not isinstance(X, pd.DataFrame):
        X = np.asarray(X)
    if X.ndim != 2 or min(X.shape) == 0:
        raise ValueError(f"X must be a table of rows and columns, got shape {X.shape}.")
    y = column_or_1d(np.asarray(y))
    if len(y) != len(X):
        raise ValueError(f"X has {len(X)} rows and y has {len(y)} labels: they must match.")
    if n_missing := int(pd.isna(y).sum()):
        raise ValueError(f"y has {n_missing} missing labels: drop these rows.")
    return X, plain_labels(y)
