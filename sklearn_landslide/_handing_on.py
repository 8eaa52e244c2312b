"""What a step hands on where its user asked for polars, which has no categories but text."""

import warnings

import numpy as np
import pandas as pd
from sklearn.utils._set_output import _get_output_config

from sklearn_landslide._codes import canonical_code
from sklearn_landslide._words import listed

_INT64 = np.iinfo(np.int64)


def _is_too_large(code):
    return isinstance(code, int) and not _INT64.min <= code <= _INT64.max


def hand_on(step, table):
    """Make a table ready for the output that was asked for.

    Parameters
    ----------
    step : transformer
        The step that returns it.
    table : ndarray or DataFrame
        What it returns.

    Returns
    -------
    table : ndarray or DataFrame
        The same, but for whole numbers beyond 64 bits where polars was asked for: they are text.

    Warns
    -----
    UserWarning
        If categories that are not text become plain columns of polars.
    """
    is_frame = isinstance(table, pd.DataFrame)
    if not is_frame or _get_output_config("transform", step)["dense"] != "polars":
        return table
    lost, columns = [], {}
    for name, column in table.items():
        columns[name] = column
        if not isinstance(column.dtype, pd.CategoricalDtype):
            continue
        codes = column.cat.categories
        if codes.dtype == object and any(map(_is_too_large, codes)):
            columns[name] = column.cat.rename_categories([str(canonical_code(c)) for c in codes])
        elif not all(isinstance(code, str) for code in codes):
            lost.append(name)
    if lost:
        warnings.warn(
            f"polars has no categories but text, so the codes in {listed(lost, 5)} become a plain "
            "column, which the next step takes for a quantity: name it in its "
            'categorical_features, or take set_output(transform="pandas").',
            stacklevel=4,
        )
    return pd.DataFrame(columns, index=table.index)
