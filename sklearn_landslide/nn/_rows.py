"""From the table that a person passes to the rows that the network reads."""

from dataclasses import dataclass, replace

import numpy as np
import torch
from sklearn.utils import _safe_indexing
from sklearn.utils.validation import (
    _get_feature_names,
    _num_samples,
    check_array,
    validate_data,
)

from sklearn_landslide._categories import categorical_mask
from sklearn_landslide._codes import as_codes, match_codes
from sklearn_landslide._frames import default_names
from sklearn_landslide._sequences import resolve_sequences
from sklearn_landslide.nn._numbers import refuse_gaps, refuse_non_numbers
from sklearn_landslide.nn._sequence_encoding import learn_sequence

# What scikit-learn's check of an array is told. torch takes no arrays that are read-only, as those
# of a float32 frame are; of missing values we say more.
_HOW = {"dtype": np.float32, "force_writeable": True, "ensure_all_finite": False}


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
        The sorted canonical codes of each categorical column; the place of one is its number.
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
        Categories as numbers from 0, -1 for a missing one.
    columns : TableColumns
        What was found.
    """

    rows: EncodedRows
    columns: TableColumns


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
    is_categorical = None
    if hasattr(X, "columns") or not _by_dtype(net.categorical_features):
        is_categorical = categorical_mask(X, net.categorical_features)
    if is_categorical is None or not is_categorical.any():
        refuse_non_numbers(X)
        names = _get_feature_names(X)
        rows = check_array(X, **_HOW, estimator=net, input_name="X")
        columns = TableColumns(names, np.zeros(rows.shape[1], dtype=bool), [])
    else:
        names, X = _get_feature_names(X), _as_table(X)
        found = [as_codes(column).categories for column in _select(X, is_categorical)]
        columns = TableColumns(names, is_categorical, [codes.to_numpy() for codes in found])
        rows = _encode(X, names, columns.is_categorical, columns.categories, net)
    groups = ()
    if net.sequences is not None:
        groups = _find_groups(net.sequences, columns)
    refuse_gaps(rows, names, groups)
    if net.sequences is not None:
        encodings = [learn_sequence(rows, group.positions) for group in groups]
        columns = replace(columns, groups=groups, sequences=encodings)
        _fill_steps(rows, encodings)
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
        Categories as numbers from 0, -1 for a missing or an unknown one.
    """
    if isinstance(X, EncodedRows):
        return X
    X = as_numpy(X)
    if not hasattr(net, "is_categorical_"):
        # A module of the user's that was initialized and not fitted.
        rows = check_array(X, **_HOW, estimator=net, input_name="X")
    elif net.is_categorical_.any():
        X = _as_table(X)
        validate_data(net, X, skip_check_array=True, reset=False)
        names = getattr(net, "feature_names_in_", None)
        rows = _encode(X, names, net.is_categorical_, net.categories_, net)
    else:
        refuse_non_numbers(X)
        rows = validate_data(net, X, **_HOW, reset=False)
    refuse_gaps(rows, getattr(net, "feature_names_in_", None), net._sequences)
    _fill_steps(rows, net._sequences)
    return rows.view(EncodedRows)


def check_codes(net, X):
    """Say of a whole table what :func:`read_rows` says of a part of it about unknown codes.

    Parameters
    ----------
    net : LandslideNet
        The fitted net.
    X : array-like or frame of shape (n_samples, n_features)
        The table.
    """
    if hasattr(net, "is_categorical_") and net.is_categorical_.any():
        X = _as_table(as_numpy(X))
        validate_data(net, X, skip_check_array=True, reset=False)
        names = getattr(net, "feature_names_in_", None)
        for _ in _match(X, names, net.is_categorical_, net.categories_):
            pass


def _by_dtype(categorical_features):
    return categorical_features is None or isinstance(categorical_features, str)


def _as_table(X):
    """Return what has rows and columns, of any type."""
    if hasattr(X, "columns"):
        return X
    return check_array(X, dtype=None, ensure_all_finite=False)


def _select(X, mask):
    """Columns of a table, one by one."""
    return [_safe_indexing(X, int(j), axis=1) for j in np.flatnonzero(mask)]


def _match(X, names, is_categorical, categories):
    """Yield each categorical column's position and the places of its codes among the known ones."""
    names = default_names(len(is_categorical)) if names is None else names
    columns = _select(X, is_categorical)
    for j, column, known in zip(np.flatnonzero(is_categorical), columns, categories, strict=True):
        places, _ = match_codes(column, known, names[j])
        yield j, np.where(places < len(known), places, -1)


def _encode(X, names, is_categorical, categories, net):
    """Rows of a table in which some columns are categories."""
    if not _num_samples(X):
        raise ValueError(f"Found array with 0 sample(s) (shape={X.shape}): pass some rows.")
    rows = np.empty((len(X), len(is_categorical)), dtype=np.float32)
    for j, places in _match(X, names, is_categorical, categories):
        rows[:, j] = places
    if not is_categorical.all():
        numbers = _safe_indexing(X, np.flatnonzero(~is_categorical), axis=1)
        refuse_non_numbers(numbers)
        rows[:, ~is_categorical] = check_array(numbers, **_HOW, estimator=net, input_name="X")
    return rows


def _find_groups(sequences, columns):
    """Return the groups of columns that are variables over time."""
    return resolve_sequences(
        sequences,
        n_features=columns.n_features,
        names=None if columns.names is None else columns.names.tolist(),
        is_categorical=columns.is_categorical,
    )


def _fill_steps(rows, sequences):
    """Fill the missing steps of sequences, in place."""
    for sequence in sequences:
        sequence.fill_in(rows)
