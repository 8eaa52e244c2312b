"""Arrays as frames, whose columns have the names that scikit-learn gives them; rows of either."""

import numpy as np
import pandas as pd
from sklearn.utils import _safe_indexing


def default_names(n_columns):
    """Name columns that have no names: x0, x1 and so on."""
    return [f"x{position}" for position in range(n_columns)]


def fitted_names(estimator):
    """Return the names of the columns that an estimator was fitted on, x0, x1 ... without any."""
    names = getattr(estimator, "feature_names_in_", None)
    return default_names(estimator.n_features_in_) if names is None else [str(n) for n in names]


def as_frame(X):
    """Return a table as a frame; the columns of an array become x0, x1 and so on.

    Parameters
    ----------
    X : {ndarray, DataFrame} of shape (n_samples, n_columns)
        The table.

    Returns
    -------
    frame : DataFrame of shape (n_samples, n_columns)
        A frame is returned as it is. Columns of an array of objects get the type of their values.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide._frames import as_frame
    >>> as_frame(np.array([[31.5, "clay"]], dtype=object)).dtypes.astype(str).to_dict()["x0"]
    'float64'
    """
    if isinstance(X, pd.DataFrame):
        return X
    return pd.DataFrame(X, columns=default_names(X.shape[1])).infer_objects()


def take_rows(table, positions):
    """Return some rows of a table, in a given order.

    Parameters
    ----------
    table : array-like, frame or None
        A table, its labels or its groups.
    positions : ndarray of int
        The rows.

    Returns
    -------
    rows : array-like, frame or None
        None of None; an array of what is neither a frame nor an array.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide._frames import take_rows
    >>> take_rows([[1, 2], [3, 4]], np.array([1, 1]))
    array([[3, 4],
           [3, 4]])
    """
    if table is None:
        return None
    if not hasattr(table, "shape"):
        table = np.asarray(table, dtype=object if _mixes_text(table) else None)
    return _safe_indexing(table, positions)


def _mixes_text(table):
    """Say whether a list holds text, which NumPy would make of all numbers beside it."""
    return np.asarray(table).dtype.kind in "US"
