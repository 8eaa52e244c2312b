"""From the table that a person passes to the rows that the network reads."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
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


def refuse_text(X):
    """Raise for a frame's column of text: it is either a category, or a mistake."""
    if not hasattr(X, "columns"):
        return
    for name in X.columns:
        values = np.asarray(X[name][:1])
        if values.ndim == 1 and values.size and isinstance(values[0], str):
            raise ValueError(
                f"Column {name!r} holds text such as {values[0]!r}: name it in "
                "categorical_features, or give it the data type category."
            )


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
    how = _how_to_check(with_sequences=net.sequences is not None)
    is_categorical = None
    if hasattr(X, "columns") or not _by_dtype(net.categorical_features):
        is_categorical = categorical_mask(X, net.categorical_features)
    if is_categorical is None or not is_categorical.any():
        refuse_text(X)
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
    how = _how_to_check(with_sequences=bool(net._sequences))
    if net.is_categorical_.any():
        X = _as_table(X)
        validate_data(net, X, skip_check_array=True, reset=False)
        rows = _encode(X, net.is_categorical_, net.categories_, net, how)
    else:
        refuse_text(X)
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
        refuse_text(numbers)
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
