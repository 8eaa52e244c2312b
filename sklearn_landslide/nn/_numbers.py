"""Columns of a table that are to be numbers: what cannot be one is named."""

from collections.abc import Mapping
from numbers import Number

import numpy as np
import pandas as pd
from scipy.sparse import issparse

from sklearn_landslide._frames import default_names
from sklearn_landslide._words import plural


def refuse_non_numbers(X):
    """Raise for a column of text, dates or geometries: it is either a category, or a mistake.

    Parameters
    ----------
    X : array-like or frame of shape (n_samples, n_features)
        The columns that are to be numbers.
    """
    # A sparse table by keys is a dict as well; scikit-learn has words for it.
    if isinstance(X, Mapping) and not issparse(X):
        raise TypeError(f"X is a {type(X).__name__}: pass one table, a frame or an array.")
    if not hasattr(X, "columns"):
        found = None
        if isinstance(X, np.ndarray) and X.dtype.kind == "O":
            found = _first_non_number(X)
        if found is not None and not isinstance(found, str):
            raise TypeError(f"X holds {_shown(found)}: an argument must be a string or a number.")
        return
    for name in X.columns:
        values = np.asarray(X[name])
        found = _first_non_number(values) if values.ndim == 1 else None
        if isinstance(found, str):
            raise ValueError(
                f"Column {name!r} holds text such as {_shown(found)}: name it in "
                "categorical_features, or give it the data type category."
            )
        if found is not None:
            raise ValueError(
                f"Column {name!r} holds no numbers but {_shown(found)}: drop it, "
                "or turn it into numbers."
            )


def _shown(value):
    """Return a value in one short line."""
    text = repr(value) if isinstance(value, str) else f"{type(value).__name__} {str(value)!r}"
    return text if len(text) <= 60 else f"{text[:56]} ..."


def _first_non_number(values):
    """Return the first value that is neither a number nor missing, else None."""
    if values.dtype.kind in "biufc" or not values.size:
        return None
    if values.dtype.kind != "O":
        return values.flat[0]
    for value in values.flat:
        is_missing = value is None or value is pd.NA
        if not (is_missing or isinstance(value, Number | np.number | np.bool_)):
            return value
    return None


def refuse_gaps(rows, names, sequences):
    """Raise for missing and infinite numbers; missing steps of sequences may be.

    Parameters
    ----------
    rows : ndarray of shape (n_samples, n_features), float32
        The table.
    names : sequence of str or None
        Names of its columns, if they have any.
    sequences : sequence of SequenceGroup or SequenceEncoding
        Which columns are steps in time.
    """
    # Of a table without a fault one number tells.
    with np.errstate(invalid="ignore"):
        if np.isfinite(rows.sum(dtype=np.float64)):
            return
    names = default_names(rows.shape[1]) if names is None else names
    may_miss = np.zeros(rows.shape[1], dtype=bool)
    for sequence in sequences:
        may_miss[sequence.positions] = True
    of = f"of {plural(len(rows), 'row')}"
    for j, name in enumerate(names):
        n_infinite, n_missing = int(np.isinf(rows[:, j]).sum()), int(np.isnan(rows[:, j]).sum())
        if n_infinite:
            raise ValueError(
                f"Column {name!r} contains infinity, or a number too large for float32, in "
                f"{n_infinite} {of}: correct these values or drop the rows."
            )
        if n_missing and not may_miss[j]:
            raise ValueError(
                f"Column {name!r} contains NaN in {n_missing} {of}: fill in the missing values, "
                "as FactorImputer does, or drop the rows."
            )
