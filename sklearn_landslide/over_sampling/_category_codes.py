"""Categories as small numbers on their way through a sampler, and back."""

import numpy as np
import pandas as pd

from sklearn_landslide._codes import read_codes, sorted_codes
from sklearn_landslide._factor_tables import as_numbers


def small_codes(X, is_categorical):
    """Return a table as floats, each category as the place of its code among all, sorted.

    Parameters
    ----------
    X : {ndarray, DataFrame} of shape (n_samples, n_features)
        The table, its categories of any type.
    is_categorical : ndarray of bool, shape (n_features,)
        Which columns are categories.

    Returns
    -------
    table : ndarray of float64, shape (n_samples, n_features)

    Raises
    ------
    ValueError
        If a category is missing, or another column is not numeric.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from sklearn_landslide.over_sampling._category_codes import small_codes
    >>> X = pd.DataFrame({"slope": [31.5, 4.0], "road": pd.Categorical([True, False])})
    >>> small_codes(X, np.array([False, True]))
    array([[31.5,  1. ],
           [ 4. ,  0. ]])
    """
    frame = X if isinstance(X, pd.DataFrame) else pd.DataFrame(X)
    table = np.empty(frame.shape)
    for j, name in enumerate(frame.columns):
        column = frame.iloc[:, j]
        table[:, j] = (
            category_places(column, name) if is_categorical[j] else as_numbers(column, name)
        )
    return table


def category_places(column, name):
    """Return the place of each value among the sorted codes of its column.

    Parameters
    ----------
    column : Series of shape (n_samples,)
        A category of any type.
    name : str or int
        Its name, for the message.

    Returns
    -------
    places : ndarray of int64, shape (n_samples,)
    """
    positions, codes = read_codes(column)
    if n_missing := int((positions < 0).sum()):
        raise ValueError(
            f"column {name!r} has no category in {n_missing} of {len(positions)} rows: fill in "
            "what is missing before the rows are resampled, as FactorImputer does."
        )
    order = sorted_codes(codes).astype(str)
    return order.get_indexer([str(code) for code in codes])[positions]


def original_values(X, table, resampled, is_categorical):
    """Return resampled rows with the values that the small numbers stand for.

    Parameters
    ----------
    X : {ndarray, DataFrame} of shape (n_samples, n_features)
        The table.
    table : ndarray of shape (n_samples, n_features)
        The same with small numbers, from :func:`small_codes`.
    resampled : ndarray of shape (n_samples_new, n_features)
        What the sampler made of it.
    is_categorical : ndarray of bool, shape (n_features,)
        Which columns are categories.

    Returns
    -------
    X_resampled : {ndarray, DataFrame} of shape (n_samples_new, n_features)
        Each category in the type that it has in `X`.
    """
    was_frame = isinstance(X, pd.DataFrame)
    frame = X if was_frame else pd.DataFrame(X)
    columns = []
    for j in range(frame.shape[1]):
        values = resampled[:, j]
        if not is_categorical[j]:
            columns.append(pd.Series(np.asarray(values, dtype=np.float64)))
            continue
        # Any row with a code has its value.
        known, rows = np.unique(table[:, j], return_index=True)
        rows = rows[np.searchsorted(known, np.asarray(values, dtype=np.float64))]
        rows[: len(frame)] = np.arange(len(frame))
        columns.append(frame.iloc[rows, j].reset_index(drop=True))
    new = pd.concat(columns, axis=1)
    new.columns = frame.columns
    if was_frame:
        return new
    return new.to_numpy(dtype=X.dtype)
