"""Factor tables as they come in: one frame, whatever the caller passed."""

from datetime import date
from numbers import Number

import numpy as np
import pandas as pd
from pandas.api.types import is_bool_dtype, is_complex_dtype, is_numeric_dtype
from sklearn.utils.validation import validate_data


class FactorTableMixin:
    """Tags of estimators on factor tables: missing values and categories are allowed."""

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.categorical = True
        tags.input_tags.string = True
        if tags.transformer_tags is not None:
            tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags


def from_polars(X):
    """Turn a polars frame into a pandas one, and leave all else as it is.

    Column by column and without pyarrow, which is not a core dependency.

    Parameters
    ----------
    X : object
        Any table.

    Returns
    -------
    X : object
        A pandas DataFrame if `X` was a polars one, `X` otherwise. Polars
        categoricals and enums become pandas categoricals.

    Examples
    --------
    >>> from sklearn_landslide._factor_tables import from_polars
    >>> from_polars([[31.5]])
    [[31.5]]
    """
    if type(X).__module__.partition(".")[0] != "polars" or not hasattr(X, "get_columns"):
        return X
    columns = {}
    for series in X.get_columns():
        if str(series.dtype).startswith(("Categorical", "Enum")):
            columns[series.name] = pd.Categorical(series.to_list())
        else:
            columns[series.name] = series.to_numpy()
    return pd.DataFrame(columns)


def is_number_column(column):
    """Say whether a pandas Series holds quantities: numbers, no truth values, no categories.

    Parameters
    ----------
    column : pandas.Series
        The column.

    Returns
    -------
    is_number : bool
        False for text, truth values, dates and categories.

    Examples
    --------
    >>> import pandas as pd
    >>> from sklearn_landslide._factor_tables import is_number_column
    >>> is_number_column(pd.Series([31.5])), is_number_column(pd.Series(["granite"]))
    (True, False)
    """
    return bool(is_numeric_dtype(column.dtype) and not is_bool_dtype(column.dtype))


def quantity_values(column):
    """Return the values of a column of quantities, or None if it is none.

    Parameters
    ----------
    column : pandas.Series of shape (n_samples,)
        The column; one of objects is a quantity if they are numbers.

    Returns
    -------
    values : ndarray of float64, shape (n_samples,), or None
        Missing values are NaN.

    Examples
    --------
    >>> import pandas as pd
    >>> from sklearn_landslide._factor_tables import quantity_values
    >>> quantity_values(pd.Series([31.5, None, 4], dtype=object))
    array([31.5,  nan,  4. ])
    """
    if is_number_column(column):
        return column.to_numpy(dtype=np.float64, na_value=np.nan)
    if column.dtype != object:
        return None
    cells = column.dropna()
    numbers = all(isinstance(c, Number) and not isinstance(c, bool | np.bool_) for c in cells)
    if cells.empty or not numbers:
        return None
    try:
        return column.to_numpy(dtype=np.float64, na_value=np.nan)
    except (TypeError, OverflowError):
        return None


def check_factors(estimator, X, *, reset):
    """Validate a factor table and return it as a pandas frame.

    Arrays of numbers go through scikit-learn's own checks; frames, and arrays
    that hold text, keep the type of each column.

    Parameters
    ----------
    estimator : estimator
        Its ``n_features_in_`` and ``feature_names_in_`` are set or checked.
    X : {array-like, pandas or polars DataFrame} of shape (n_samples, n_factors)
        The table. NaN is allowed, infinity is not.
    reset : bool
        True in fit, False afterwards.

    Returns
    -------
    frame : pandas.DataFrame of shape (n_samples, n_factors)
        The table; the caller copies before it writes.
    was_frame : bool
        Whether `X` was a frame, so that an array can be given back for an
        array.

    Raises
    ------
    ValueError
        For no rows, no columns, infinities, complex numbers, or columns that
        are not those of fit.
    """
    X = from_polars(X)
    if isinstance(X, pd.DataFrame):
        _check_frame(X)
        validate_data(estimator, X, skip_check_array=True, reset=reset)
        return X, True
    if _holds_text(X):
        # Text in an array is a category that the caller names by position.
        array = validate_data(estimator, X, dtype=object, ensure_all_finite=False, reset=reset)
        frame = pd.DataFrame(array).infer_objects()
        _check_frame(frame)
        return frame, False
    array = validate_data(
        estimator,
        X,
        dtype=[np.float64, np.float32],
        ensure_all_finite="allow-nan",
        reset=reset,
    )
    return pd.DataFrame(array), False


def check_columns(frame, categorical=None, series=()):
    """Raise for a column that no pipeline can learn from, before anything is fitted.

    Parameters
    ----------
    frame : pandas.DataFrame of shape (n_samples, n_factors)
        The whole table.
    categorical : ndarray of bool, shape (n_factors,), default=None
        Which columns are categories. None: text is left to the caller.
    series : sequence of ndarray of int64, default=()
        Columns of each variable over time, of which one may be empty: along time it is filled.

    Raises
    ------
    ValueError
        For a column without any value, with infinities, or of text that is not
        declared categorical; the message names it.
    """
    _check_frame(frame)
    in_series = {int(position) for positions in series for position in positions}
    for positions in series:
        check_series(frame, positions)
    for position, name in enumerate(frame.columns):
        column = frame.iloc[:, position]
        if position not in in_series and column.isna().all():
            raise ValueError(f"column {name!r} has no value in any of {len(frame)} rows: drop it.")
        if categorical is not None and not categorical[position]:
            as_numbers(column, name)


def check_series(frame, positions):
    """Raise for a variable over time without any value.

    Parameters
    ----------
    frame : pandas.DataFrame of shape (n_samples, n_factors)
        The whole table.
    positions : ndarray of shape (n_steps,), int64
        Columns of the variable.

    Raises
    ------
    ValueError
        Names its first and last column.
    """
    if frame.iloc[:, positions].isna().all(axis=None):
        first, last = frame.columns[positions[[0, -1]]]
        raise ValueError(
            f"the sequence from {first!r} to {last!r} has no value in any of {len(frame)} rows: "
            f"drop its {len(positions)} columns and leave it out of sequences."
        )


def as_numbers(column, name):
    """Return a column as an array of floats, or say that it is not numeric.

    Parameters
    ----------
    column : pandas.Series of shape (n_samples,)
        The column.
    name : str
        Its name, for the message.

    Returns
    -------
    values : ndarray of shape (n_samples,), float32 or float64
        Float32 stays float32; missing values are NaN.

    Raises
    ------
    ValueError
        If the column holds anything but numbers.

    Examples
    --------
    >>> import pandas as pd
    >>> from sklearn_landslide._factor_tables import as_numbers
    >>> as_numbers(pd.Series([2, 3]), "slope")
    array([2., 3.])
    """
    dtype = np.float32 if column.dtype == np.float32 else np.float64
    if isinstance(column.dtype, pd.CategoricalDtype):
        column = column.astype(object)
    # Text such as "12" is not taken for a quantity, nor is a date for its nanoseconds.
    is_number = is_numeric_dtype(column.dtype) or (
        column.dtype.kind == "O" and not any(isinstance(cell, str) for cell in column)
    )
    if is_number:
        try:
            return column.to_numpy(dtype=dtype, na_value=np.nan)
        except (TypeError, ValueError, OverflowError):
            pass
    known = column.dropna()
    # A column of dates may have no date.
    found = f"it has {known.iloc[0]!r}" if len(known) else f"it is empty, of type {column.dtype}"
    raise ValueError(
        f"column {name!r} is not numeric ({found}) and is not declared categorical: "
        "name it in categorical_features, or leave it out."
    )


def _is_text(cell):
    """Say whether a cell is text, or a date."""
    return isinstance(cell, str | date | np.datetime64)


def _holds_text(X):
    """Say whether an array, or a list of rows, has a cell of text or a date."""
    if isinstance(X, list):
        return any(isinstance(cell, str) for row in X if isinstance(row, list) for cell in row)
    dtype = getattr(X, "dtype", None)
    if not isinstance(dtype, np.dtype) or getattr(X, "ndim", 0) != 2:
        return False
    return dtype.kind == "U" or (dtype.kind == "O" and any(map(_is_text, np.asarray(X).ravel())))


def _check_frame(frame):
    """Raise for frames that no factor table can be."""
    if min(frame.shape) == 0:
        unit = "sample" if frame.shape[0] == 0 else "feature"
        raise ValueError(
            f"Found array with 0 {unit}(s) (shape={frame.shape}) while a minimum of 1 is required."
        )
    if not frame.columns.is_unique:
        name = frame.columns[frame.columns.duplicated()][0]
        raise ValueError(f"column {name!r} appears more than once: give every factor its own name.")
    for position, name in enumerate(frame.columns):
        column = frame.iloc[:, position]
        if is_complex_dtype(column.dtype):
            raise ValueError(f"Complex data not supported: column {name!r} has {column.dtype}.")
        if column.dtype.kind in "fO" and (values := quantity_values(column)) is not None:
            n_infinite = int(np.isinf(values).sum())
            if n_infinite:
                raise ValueError(
                    f"column {name!r} contains infinity in {n_infinite} of {len(values)} rows: "
                    "replace these values by NaN or drop the rows."
                )
