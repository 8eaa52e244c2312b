"""Which columns of a table are categories: one answer for the whole package."""

import numpy as np
from sklearn.utils.validation import _num_features


def column_names(X):
    """Return the column names of a frame as a list of str, None for anything else."""
    columns = getattr(X, "columns", None)
    if columns is None or not all(isinstance(name, str) for name in columns):
        return None
    return list(columns)


def _is_categorical_dtype(dtype):
    # "category" in pandas; "Categorical(...)" and "Enum(...)" in polars.
    return str(dtype).startswith(("category", "Categorical", "Enum"))


def categorical_mask(X, categorical_features):
    """Say for each column of a table whether it is a categorical factor.

    Parameters
    ----------
    X : array or frame of shape (n_samples, n_features)
        The table; pandas and polars frames are known by their ``columns`` and ``dtypes``.
    categorical_features : "from_dtype", None or array-like of str, int or bool
        Categorical columns by data type, none, by name, by position or as a mask.

    Returns
    -------
    mask : ndarray of shape (n_features,), bool

    Raises
    ------
    ValueError
        If a name, a position or the length of a mask does not fit the table.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide._categories import categorical_mask
    >>> categorical_mask(np.ones((2, 3)), [2])
    array([False, False,  True])
    """
    n_features = _num_features(X)
    mask = np.zeros(n_features, dtype=bool)
    if categorical_features is None:
        return mask
    if isinstance(categorical_features, str):
        if categorical_features != "from_dtype":
            raise ValueError(
                "categorical_features must be 'from_dtype', None, or a list of names, positions "
                f"or booleans, got {categorical_features!r}."
            )
        if not hasattr(X, "columns"):
            return mask
        return np.array([_is_categorical_dtype(dtype) for dtype in X.dtypes], dtype=bool)
    wanted = np.asarray(categorical_features)
    if wanted.size == 0:
        return mask
    if wanted.dtype == bool:
        if wanted.shape != mask.shape:
            raise ValueError(
                f"categorical_features is a mask of length {wanted.size}, "
                f"but X has {n_features} features: give one boolean for each."
            )
        return wanted.copy()
    if wanted.dtype.kind in "iu":
        if wanted.min() < 0 or wanted.max() >= n_features:
            raise ValueError(
                f"categorical_features={wanted.tolist()} must lie in [0, {n_features - 1}], "
                f"as X has {n_features} features."
            )
        mask[wanted] = True
        return mask
    names = column_names(X)
    if names is None:
        raise ValueError(
            f"categorical_features={wanted.tolist()} are names, but X has no column names: "
            "pass a DataFrame, or give positions."
        )
    if missing := [name for name in wanted.tolist() if name not in names]:
        raise ValueError(f"categorical_features={missing} are not columns of X, which has {names}.")
    return np.isin(names, wanted.tolist())
