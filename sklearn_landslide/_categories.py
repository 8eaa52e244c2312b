"""Which columns of a table are meant, and which are categories: one answer everywhere."""

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


def column_positions(which, *, n_features, names, parameter):
    """Turn names, positions or a mask of columns into positions.

    Parameters
    ----------
    which : array-like of str, int or bool, or None
        The columns.
    n_features : int
        Number of columns there are.
    names : sequence of str or None
        Their names, if they have any.
    parameter : str
        Name of the parameter, for the error message.

    Returns
    -------
    positions : list of int
        Each column once, in the order given.

    Raises
    ------
    ValueError
        If a name, a position or the length of a mask does not fit the table.

    Examples
    --------
    >>> from sklearn_landslide._categories import column_positions
    >>> column_positions(["soil"], n_features=2, names=["slope", "soil"], parameter="always_keep")
    [1]
    """
    wanted = np.asarray([] if which is None else which)
    if wanted.size == 0:
        return []
    if wanted.dtype == bool:
        if wanted.shape != (n_features,):
            raise ValueError(
                f"{parameter} is a mask of length {wanted.size}, "
                f"but X has {n_features} features: give one boolean for each."
            )
        return np.flatnonzero(wanted).tolist()
    if wanted.dtype.kind in "iu":
        if wanted.min() < 0 or wanted.max() >= n_features:
            raise ValueError(
                f"{parameter}={wanted.tolist()} must lie in [0, {n_features - 1}], "
                f"as X has {n_features} feature(s)."
            )
        return list(dict.fromkeys(wanted.tolist()))
    if not all(isinstance(item, str) for item in which):
        raise ValueError(
            f"{parameter}={list(which)} must hold only names, only positions or a mask."
        )
    if names is None:
        raise ValueError(
            f"{parameter}={wanted.tolist()} are names, but X has no column names: "
            "pass a DataFrame, or give positions."
        )
    names = list(names)
    if missing := [name for name in wanted.tolist() if name not in names]:
        raise ValueError(f"{parameter}={missing} are not columns of X, which has {names}.")
    return [names.index(name) for name in dict.fromkeys(wanted.tolist())]


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
    positions = column_positions(
        categorical_features,
        n_features=n_features,
        names=column_names(X),
        parameter="categorical_features",
    )
    mask[positions] = True
    return mask
