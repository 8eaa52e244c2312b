"""From the X and the column choices a user passes to plain columns."""

import numpy as np
import pandas as pd
from sklearn.utils import assert_all_finite

# A category seen in fewer rows tells more about these rows than about the category.
MIN_ROWS = 5


def categorical_by_dtype(X):
    """Tell which columns of a pandas or polars frame have a categorical dtype.

    Parameters
    ----------
    X : object
        The X that was passed to fit, before any validation.

    Returns
    -------
    is_categorical : list of bool or None
        One entry a column; None if X is no frame.
    """
    if not (hasattr(X, "columns") and hasattr(X, "dtypes")):
        return None
    known = {"CategoricalDtype", "Categorical", "Enum"}  # of pandas, and the two of polars
    return [type(dtype).__name__ in known for dtype in X.dtypes]


def column_indices(which, *, n_features, feature_names, parameter):
    """Turn names, indices or a mask of columns into indices, in the order given.

    Parameters
    ----------
    which : array-like of str, int or bool, or None
        The columns.
    n_features : int
        Number of columns there are.
    feature_names : ndarray of shape (n_features,) or None
        Their names, if they have any.
    parameter : str
        Name of the parameter, for the error message.

    Returns
    -------
    indices : list of int
        Each column once.

    Raises
    ------
    ValueError
        If a column does not exist or the kind of `which` is none of the above.
    """
    which = [] if which is None else list(which)
    if not which:
        return []
    if all(isinstance(item, str) for item in which):
        names = [] if feature_names is None else list(feature_names)
        missing = [item for item in which if item not in names]
        if missing and not names:
            raise ValueError(
                f"{parameter} has names, but X has no column names: pass indices, got {missing}."
            )
        if missing:
            raise ValueError(f"{parameter} has names that X has not: {missing}; X has {names}.")
        which = [names.index(item) for item in which]
    elif all(isinstance(item, bool | np.bool_) for item in which):
        if len(which) != n_features:
            raise ValueError(
                f"{parameter} as a mask needs one entry a feature: X has {n_features} features, "
                f"got {len(which)} entries."
            )
        which = np.flatnonzero(which).tolist()
    elif not all(isinstance(item, int | np.integer) for item in which):
        raise ValueError(f"{parameter} must hold only names, only indices or a mask, got {which}.")
    if outside := [item for item in which if not 0 <= item < n_features]:
        raise ValueError(f"{parameter} must lie in 0 to {n_features - 1}, got {outside}.")
    return [int(item) for item in dict.fromkeys(which)]


def numeric_column(values, name):
    """Return a column as float64, or say which column holds text or infinities.

    Parameters
    ----------
    values : ndarray of shape (n_samples,)
        The column.
    name : str or int
        Its name, for the error message.

    Returns
    -------
    values : ndarray of shape (n_samples,), dtype=float64
        The same as numbers.

    Raises
    ------
    ValueError
        If the column holds text or a value that is not finite.
    """
    try:
        values = np.asarray(values, dtype=np.float64)
    except ValueError as error:
        text = next(value for value in values if isinstance(value, str))
        raise ValueError(
            f"Feature {name!r} holds text such as {text!r}: name it in categorical_features or "
            "give its column the category dtype."
        ) from error
    assert_all_finite(values, input_name=f"Feature {name!r}")
    return values


def category_codes(values, *, pool_rare):
    """Give each category of a column a number, from 0.

    Parameters
    ----------
    values : ndarray of shape (n_samples,)
        Numbers or text without missing values.
    pool_rare : bool
        Whether all categories with fewer than ``MIN_ROWS`` rows become one.

    Returns
    -------
    codes : ndarray of shape (n_samples,), dtype=int64
        The number of each row's category.
    """
    codes = pd.factorize(values)[0]
    if pool_rare:
        rare = np.bincount(codes) < MIN_ROWS
        codes = np.unique(np.where(rare[codes], -1, codes), return_inverse=True)[1]
    return codes.astype(np.int64)
