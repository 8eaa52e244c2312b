"""From the table that a person passes to the rows that the network reads."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from numbers import Number

import numpy as np
import pandas as pd
import torch
from scipy.sparse import issparse
from sklearn.utils import _safe_indexing, assert_all_finite
from sklearn.utils.validation import (
    _get_feature_names,
    _num_samples,
    check_array,
    validate_data,
)

from sklearn_landslide._categories import categorical_mask
from sklearn_landslide._sequences import resolve_sequences
from sklearn_landslide.nn._sequence_encoding import learn_sequence


class EncodedRows(np.ndarray):
    """Rows that are validated and encoded: skorch hands them back to the net as they are."""


@dataclass(frozen=True)
class TableColumns:
    """What the columns of a training table are.

    Parameters
    ----------
    names : ndarray of shape (n_features,) or None
        Their names, where they are all strings.
    is_categorical : ndarray of shape (n_features,), bool
        Which are taken as categories.
    categories : list of ndarray
        The sorted values of each categorical column; the place of a value is its code.
    groups : sequence of SequenceGroup, default=()
        The groups of columns that are variables over time.
    sequences : sequence of SequenceEncoding, default=()
        What was learned of each group.
    """

    names: np.ndarray | None
    is_categorical: np.ndarray
    categories: list
    groups: tuple | list = ()
    sequences: tuple | list = ()

    @property
    def n_features(self):
        """Number of columns."""
        return len(self.is_categorical)


@dataclass(frozen=True)
class TrainingRows:
    """The rows of a training table, and what its columns are.

    Parameters
    ----------
    rows : EncodedRows of shape (n_samples, n_features), float32
        Categories as codes from 0, -1 for a missing one.
    columns : TableColumns
        What was found.
    """

    rows: EncodedRows
    columns: TableColumns


def distinct_codes(column):
    """Sorted distinct values of a categorical column; missing ones do not count."""
    # By value, not by the order in which a frame declares its categories.
    values = pd.Index(np.asarray(pd.Index(column).unique().dropna()))
    try:
        return values.sort_values().to_numpy()
    except TypeError:
        raise ValueError(
            f"Categorical column {getattr(column, 'name', None)!r} mixes types, "
            f"such as {values[0]!r} and {values[-1]!r}: give all codes one type."
        ) from None


def as_numpy(X):
    """Return a tensor, on whatever device, as an array; anything else as it is.

    Parameters
    ----------
    X : Tensor or object
        What may be a tensor.

    Returns
    -------
    X : ndarray or object
    """
    return X.detach().cpu().numpy() if torch.is_tensor(X) else X


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


def read_training_rows(net, X):
    """Read a training table; the net is asked for its parameters and not changed.

    Missing steps of sequences are filled; a static factor must not miss a value.

    Parameters
    ----------
    net : LandslideNet
        Its parameters say which columns are categories, and which are sequences.
    X : array-like or frame of shape (n_samples, n_features)
        The table.

    Returns
    -------
    found : TrainingRows
    """
    X = as_numpy(X)
    how = _how_to_check(with_sequences=net.sequences is not None)
    is_categorical = None
    if hasattr(X, "columns") or not _by_dtype(net.categorical_features):
        is_categorical = categorical_mask(X, net.categorical_features)
    if is_categorical is None or not is_categorical.any():
        refuse_non_numbers(X)
        names = _get_feature_names(X)
        rows = check_array(X, **how, estimator=net, input_name="X")
        columns = TableColumns(names, np.zeros(rows.shape[1], dtype=bool), [])
    else:
        names, X = _get_feature_names(X), _as_table(X)
        categories = [distinct_codes(column) for column in _select(X, is_categorical)]
        columns = TableColumns(names, is_categorical, categories)
        rows = _encode(X, columns.is_categorical, columns.categories, net, how)
    if net.sequences is not None:
        columns = _find_sequences(net.sequences, columns, rows)
        _fill_steps(rows, columns.sequences, net)
    return TrainingRows(rows.view(EncodedRows), columns)


def read_rows(net, X):
    """Read a table for a fitted net, as the training table was read.

    Parameters
    ----------
    net : LandslideNet
        The fitted net.
    X : array-like or frame of shape (n_samples, n_features)
        The table.

    Returns
    -------
    rows : EncodedRows of shape (n_samples, n_features), float32
        Categories as codes from 0, -1 for a missing or an unknown one.
    """
    if isinstance(X, EncodedRows):
        return X
    X = as_numpy(X)
    how = _how_to_check(with_sequences=bool(net._sequences))
    if not hasattr(net, "is_categorical_"):
        # A module of the user's that was initialized and not fitted.
        return check_array(X, **how, estimator=net, input_name="X").view(EncodedRows)
    if net.is_categorical_.any():
        X = _as_table(X)
        validate_data(net, X, skip_check_array=True, reset=False)
        rows = _encode(X, net.is_categorical_, net.categories_, net, how)
    else:
        refuse_non_numbers(X)
        rows = validate_data(net, X, **how, reset=False)
    if net._sequences:
        _fill_steps(rows, net._sequences, net)
    return rows.view(EncodedRows)


def _by_dtype(categorical_features):
    return categorical_features is None or isinstance(categorical_features, str)


def _how_to_check(*, with_sequences):
    """Return what scikit-learn's check of an array is told."""
    # torch takes no arrays that are read-only, as those of a float32 frame are. Missing steps of
    # sequences are filled later.
    return {
        "dtype": np.float32,
        "force_writeable": True,
        "ensure_all_finite": "allow-nan" if with_sequences else True,
    }


def _as_table(X):
    """Return what has rows and columns, of any type."""
    if hasattr(X, "columns"):
        return X
    return check_array(X, dtype=None, ensure_all_finite=False)


def _select(X, mask):
    """Columns of a table, one by one."""
    return [_safe_indexing(X, int(j), axis=1) for j in np.flatnonzero(mask)]


def _encode(X, is_categorical, categories, net, how):
    """Rows of a table in which some columns are categories."""
    if not _num_samples(X):
        raise ValueError(f"Found array with 0 sample(s) (shape={X.shape}): pass some rows.")
    rows = np.empty((len(X), len(is_categorical)), dtype=np.float32)
    columns = _select(X, is_categorical)
    for j, column, known in zip(np.flatnonzero(is_categorical), columns, categories, strict=True):
        rows[:, j] = pd.Index(known).get_indexer(pd.Index(column))
    if not is_categorical.all():
        numbers = _safe_indexing(X, np.flatnonzero(~is_categorical), axis=1)
        refuse_non_numbers(numbers)
        rows[:, ~is_categorical] = check_array(numbers, **how, estimator=net, input_name="X")
    return rows


def _find_sequences(sequences, columns, rows):
    """Return the columns with the groups of sequences, and what the rows tell of them."""
    groups = resolve_sequences(
        sequences,
        n_features=columns.n_features,
        names=None if columns.names is None else columns.names.tolist(),
        is_categorical=columns.is_categorical,
    )
    encodings = [learn_sequence(rows, group.positions) for group in groups]
    return replace(columns, groups=groups, sequences=encodings)


def _fill_steps(rows, sequences, net):
    """Fill the missing steps of sequences, in place; refuse other missing values."""
    static = np.ones(rows.shape[1], dtype=bool)
    for sequence in sequences:
        static[sequence.positions] = False
    assert_all_finite(rows[:, static], estimator_name=type(net).__name__, input_name="X")
    for sequence in sequences:
        sequence.fill_in(rows)
