"""Arrays as frames, whose columns have the names that scikit-learn gives them."""

import pandas as pd


def default_names(n_columns):
    """Name columns that have no names: x0, x1 and so on."""
    return [f"x{position}" for position in range(n_columns)]


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
