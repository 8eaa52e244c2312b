"""From the columns of a table to numbers and codes."""

import numpy as np
import pandas as pd
from sklearn.utils import assert_all_finite

from sklearn_landslide._codes import read_codes

# A category seen in fewer rows says more about these rows than about the category.
MIN_ROWS = 5
# Whole numbers up to here are different as floats.
_EXACT = 2**53


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
    codes = read_codes(values)[0]
    if pool_rare:
        rare = np.bincount(codes) < MIN_ROWS
        codes = np.unique(np.where(rare[codes], -1, codes), return_inverse=True)[1]
    return codes.astype(np.int64)


def codes_in_frame(frame, is_categorical):
    """Put a number for each category into a frame, so that no common type can merge any.

    Parameters
    ----------
    frame : DataFrame of shape (n_samples, n_features)
        The table; not changed.
    is_categorical : ndarray of bool, shape (n_features,)
        Which columns are categories.

    Returns
    -------
    frame : DataFrame of shape (n_samples, n_features)
        With numbers as objects in these columns, NaN where the category is missing: beside
        objects the other columns keep their values, too.
    """
    frame = frame.copy(deep=False)
    for j in np.flatnonzero(is_categorical):
        positions = read_codes(frame.iloc[:, j])[0]
        frame.isetitem(j, np.where(positions < 0, np.nan, positions.astype(object)))
    return frame


def with_exact_codes(table):
    """Hold codes that floats would merge as objects, so that an array of all columns keeps them.

    Parameters
    ----------
    table : array-like or DataFrame of shape (n_samples, n_features)
        The table; not changed.

    Returns
    -------
    table : array-like or DataFrame of shape (n_samples, n_features)
    """
    if not isinstance(table, pd.DataFrame):
        return table
    exact = table.copy(deep=False)
    for j, dtype in enumerate(table.dtypes):
        codes = getattr(dtype, "categories", None)
        if codes is None or codes.dtype.kind not in "iu" or codes.empty:
            continue
        if max(abs(int(codes.min())), abs(int(codes.max()))) > _EXACT:
            exact.isetitem(j, table.iloc[:, j].astype(object))
    return exact
