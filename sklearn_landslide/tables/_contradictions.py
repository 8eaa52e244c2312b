"""Rows that say one thing and its contrary: equal factors, and both labels."""

import numpy as np
import pandas as pd


def contradictory_rows(frame, y):
    """Find the rows that are equal to a row of the other label.

    Parameters
    ----------
    frame : DataFrame of shape (n_samples, n_columns)
        What counts, such as all factors or the coordinates. Missing values are equal.
    y : ndarray of shape (n_samples,)
        Two labels.

    Returns
    -------
    contradictory : ndarray of bool, shape (n_samples,)

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from sklearn_landslide.tables import contradictory_rows
    >>> contradictory_rows(pd.DataFrame({"slope": [31.5, 4.0, 31.5]}), np.array([1, 0, 0]))
    array([ True, False,  True])
    """
    # A column of zeros and its negatives are one: -0.0 is 0.0.
    frame = frame.copy(deep=False)
    for name in frame.select_dtypes("float"):
        frame[name] = frame[name] + 0.0
    row = pd.factorize(pd.util.hash_pandas_object(frame, index=False))[0]
    is_second = np.asarray(y) == np.max(y)
    n_rows = np.bincount(row)
    n_second = np.bincount(row, weights=is_second)
    return ((n_second > 0) & (n_second < n_rows))[row]
