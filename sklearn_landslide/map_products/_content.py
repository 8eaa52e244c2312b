"""A few digits for what a model, a table or a stack consists of: the same for the same content."""

import hashlib
from collections.abc import Mapping
from functools import partial

import joblib
import numpy as np
import pandas as pd

# Rows of a raster that are read at a time.
_ROWS = 512
# What a net remembers of its training, with times of the clock, and does not predict with.
_OF_TRAINING = {"history_", "callbacks_", "optimizer_", "_history", "_callbacks", "_torch_state"}


def _array(values):
    if values.dtype == object:
        return _sha256(repr([_of(value) for value in values.ravel().tolist()]).encode())
    return _sha256(f"{values.dtype} {values.shape}".encode(), values.tobytes())


def _sha256(*parts):
    found = hashlib.sha256()
    for part in parts:
        found.update(part)
    return found.hexdigest()


def _frame(frame):
    columns = {str(name): frame.iloc[:, place] for place, name in enumerate(frame.columns)}
    return [
        [name, str(column.dtype), _array(column.to_numpy(dtype=object))]
        if column.dtype.kind not in "biuf"
        else [name, _array(column.to_numpy())]
        for name, column in columns.items()
    ]


def _net(net):
    """Describe a net by its parameters and its weights."""
    weights = {name: value.detach().cpu() for name, value in net.module_.state_dict().items()}
    return [_of(net.get_params()), {name: _of(value.numpy()) for name, value in weights.items()}]


def _of(value):
    """Turn anything into what `repr` shows the same way in each process."""
    kind = f"{type(value).__module__}.{type(value).__qualname__}"
    if isinstance(value, (type(None), bool, int, float, complex, str, bytes)):
        return value
    if isinstance(value, np.ndarray | np.generic):
        return [kind, _array(np.asarray(value))]
    if isinstance(value, pd.DataFrame):
        return [kind, _frame(value)]
    if isinstance(value, pd.Series | pd.Index):
        return [kind, _frame(value.to_frame())]
    if isinstance(value, Mapping):
        return [kind, [[_of(name), _of(item)] for name, item in value.items()]]
    if isinstance(value, list | tuple):
        return [kind, [_of(item) for item in value]]
    if isinstance(value, set | frozenset):
        return [kind, sorted(repr(_of(item)) for item in value)]
    if isinstance(value, type) or hasattr(value, "__qualname__"):
        return f"{value.__module__}.{value.__qualname__}"
    if isinstance(value, partial):
        return [kind, _of(value.func), _of(value.args), _of(value.keywords)]
    if hasattr(value, "module_") and hasattr(value, "get_params"):
        return [kind, _net(value)]
    if isinstance(value, np.random.RandomState):
        return [kind, _of(value.get_state())]
    if hasattr(value, "__dict__"):
        return [kind, {k: _of(v) for k, v in sorted(vars(value).items()) if k not in _OF_TRAINING}]
    try:
        return [kind, joblib.hash(value)]
    except Exception:
        # Whatever pickling raises: a lock, an open file. It decides nothing that can be told.
        return kind


def content_digest(value):
    """Digest a model, fitted or not, a table, or whatever consists of numbers, texts and such.

    Parameters
    ----------
    value : object
        What is looked at.

    Returns
    -------
    digest : str
        SHA-256, as hexadecimal digits.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn_landslide.map_products._content import content_digest
    >>> content_digest(LogisticRegression()) == content_digest(LogisticRegression(C=1.0))
    True
    >>> content_digest(LogisticRegression()) == content_digest(LogisticRegression(C=2.0))
    False
    """
    try:
        return _sha256(repr(_of(value)).encode(errors="surrogatepass"))
    except RecursionError:
        # It holds itself.
        return _sha256(repr(type(value)).encode())


def values_digest(stack):
    """Digest the values of a stack, a few rows at a time.

    Parameters
    ----------
    stack : xarray.Dataset
        Of `open_stack`.

    Returns
    -------
    digest : str
        SHA-256, as hexadecimal digits.
    """
    found = hashlib.sha256()
    for name, band in stack.data_vars.items():
        if band.ndim != 2:
            continue
        meaning = band.attrs.get("class_names")
        found.update(f"{name} {band.dtype} {band.shape} {meaning or ''}".encode())
        for row in range(0, band.shape[0], _ROWS):
            found.update(np.ascontiguousarray(band[row : row + _ROWS].to_numpy()).data)
    return found.hexdigest()
