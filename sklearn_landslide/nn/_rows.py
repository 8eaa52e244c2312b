"""From the table and the labels that a person passes to what the network reads."""

import numpy as np
import pandas as pd
from sklearn.utils import _safe_indexing, assert_all_finite, column_or_1d
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import _num_samples, check_array, validate_data

from sklearn_landslide._categories import categorical_mask
from sklearn_landslide._sequences import resolve_sequences
from sklearn_landslide.nn._sequence_encoding import learn_sequence


class EncodedRows(np.ndarray):
    """Rows that are validated and encoded: skorch hands them back to the net as they are."""


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


def read_rows(net, X, *, reset):
    """Return validated float32 rows: categories as codes from 0, -1 for an unknown one.

    Missing steps of sequences are filled; a static factor must not miss a value.
    """
    if isinstance(X, EncodedRows):
        return X
    if reset:
        net._groups, net._sequences = (), ()
    if net.sequences is None if reset else not net._sequences:
        return _read(net, X, reset=reset)
    rows = _read(net, X, reset=reset, ensure_all_finite="allow-nan")
    if reset:
        names = getattr(net, "feature_names_in_", None)
        net._groups = resolve_sequences(
            net.sequences,
            n_features=rows.shape[1],
            names=None if names is None else names.tolist(),
            is_categorical=net.is_categorical_,
        )
        net._sequences = [learn_sequence(rows, group.positions) for group in net._groups]
    static = np.ones(rows.shape[1], dtype=bool)
    for sequence in net._sequences:
        static[sequence.positions] = False
    assert_all_finite(rows[:, static], estimator_name=type(net).__name__, input_name="X")
    for sequence in net._sequences:
        sequence.fill_in(rows)
    return rows


def _read(net, X, *, reset, ensure_all_finite=True):
    """Read the rows; missing values stay, where the check lets them pass."""
    is_categorical = None if reset else net.is_categorical_
    is_frame = hasattr(X, "columns")
    by_dtype = net.categorical_features is None or isinstance(net.categorical_features, str)
    if reset and (is_frame or not by_dtype):
        is_categorical = categorical_mask(X, net.categorical_features)
    if is_categorical is None or not is_categorical.any():
        refuse_text(X)
        # torch takes no arrays that are read-only, as those of a float32 frame are.
        rows = validate_data(
            net,
            X,
            dtype=np.float32,
            force_writeable=True,
            ensure_all_finite=ensure_all_finite,
            reset=reset,
        )
        if reset:
            net.is_categorical_ = np.zeros(rows.shape[1], dtype=bool)
            net.categories_ = []
        return rows.view(EncodedRows)
    if not is_frame:
        X = check_array(X, dtype=None, ensure_all_finite=False)
    validate_data(net, X, skip_check_array=True, reset=reset)
    if not _num_samples(X):
        raise ValueError(f"Found array with 0 sample(s) (shape={X.shape}): pass some rows.")
    at = np.flatnonzero(is_categorical)
    columns = [_safe_indexing(X, int(j), axis=1) for j in at]
    if reset:
        net.is_categorical_ = is_categorical
        net.categories_ = [distinct_codes(column) for column in columns]
    rows = np.empty((len(X), len(is_categorical)), dtype=np.float32)
    for j, column, categories in zip(at, columns, net.categories_, strict=True):
        rows[:, j] = pd.Index(categories).get_indexer(pd.Index(column))
    if not is_categorical.all():
        numbers = _safe_indexing(X, np.flatnonzero(~is_categorical), axis=1)
        refuse_text(numbers)
        rows[:, ~is_categorical] = check_array(
            numbers,
            dtype=np.float32,
            ensure_all_finite=ensure_all_finite,
            estimator=net,
            input_name="X",
        )
    return rows.view(EncodedRows)


def read_labels(net, y, *, reset, classes=None):
    """Labels as codes; learns the classes if ``reset``."""
    y = column_or_1d(y, warn=True)
    assert_all_finite(y, input_name="y")
    check_classification_targets(y)
    if reset:
        given = classes if classes is not None else net.classes
        net.classes_inferred_ = np.unique(y if given is None else given)
        if len(net.classes_) < 2:
            raise ValueError(
                f"y has one class, {net.classes_.tolist()[0]!r}: LandslideNet needs "
                "places with and without landslides."
            )
    if unknown := sorted(set(np.unique(y).tolist()) - set(net.classes_.tolist())):
        raise ValueError(
            f"y has the label {unknown[0]!r}, which is not among the classes "
            f"{net.classes_.tolist()}."
        )
    return np.searchsorted(net.classes_, y)
