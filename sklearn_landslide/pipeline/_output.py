"""What a pipeline hands out, and what it was handed: tables, frames and their categories."""

import warnings

import numpy as np
import pandas as pd

from sklearn_landslide._optional import import_optional
from sklearn_landslide._words import join_names
from sklearn_landslide.preprocessing import FactorImputer

# A column of codes: so many different whole numbers, each often.
_MOST_CODES, _ROWS_PER_CODE = 30, 10


def hands_on_pandas(step):
    """Say whether a step was told to return pandas tables."""
    return getattr(step, "_sklearn_output_config", {}).get("transform") == "pandas"


def _plain(column):
    """Take a column of categories as its values."""
    if not isinstance(column.dtype, pd.CategoricalDtype):
        return column
    kind = column.cat.categories.dtype
    return column.astype(np.float64 if kind.kind in "iu" and column.hasnans else kind)


def hand_out(pipeline, table):
    """Convert a table to what ``set_output`` of a pipeline asked for.

    Parameters
    ----------
    pipeline : LandslidePipeline
        The pipeline.
    table : ndarray, sparse matrix or DataFrame
        What its last step returned; anything but a pandas table is as it was asked for.

    Returns
    -------
    table : ndarray, sparse matrix or DataFrame
        Categories are category dtype in pandas, and their values elsewhere; in polars text is
        categorical.
    """
    asked = getattr(pipeline, "_sklearn_output_config", {}).get("transform", "pandas")
    if asked == "pandas" or not isinstance(table, pd.DataFrame):
        return table
    columns = {name: _plain(column) for name, column in table.items()}
    if asked == "default":
        return pd.DataFrame(columns).to_numpy()
    polars = import_optional("polars", extra="test")
    return polars.DataFrame([_polars_series(polars, str(name), columns[name]) for name in table])


def _polars_series(polars, name, column):
    if column.dtype.kind in "iufb":
        return polars.Series(name, column.to_numpy())
    return polars.Series(name, column.to_list(), dtype=polars.Categorical)


def warn_of_lost_categories(X, steps):
    """Warn where an array seems to hold codes of categories, which are known by dtype only.

    Bagging and others turn a table into an array on the way to the pipeline.

    Parameters
    ----------
    X : array-like or DataFrame
        What ``fit`` got.
    steps : list of (str, estimator)
        Steps of the pipeline.
    """
    imputers = [step for _, step in steps if isinstance(step, FactorImputer)]
    by_dtype = imputers and isinstance(imputers[0].categorical_features, str)
    if not by_dtype or not isinstance(X, np.ndarray) or X.ndim != 2 or X.dtype.kind not in "iuf":
        return
    codes = [position for position, column in enumerate(X.T) if _looks_like_codes(column)]
    if codes:
        columns = f"column{'s' * (len(codes) > 1)} {join_names(codes, most=30)}"
        warnings.warn(
            f"the array has few different whole numbers in {columns}, which are taken as "
            "quantities, as an array has no dtype that marks categories (Bagging, for instance, "
            "makes arrays of tables): if they are codes of classes, set "
            f"categorical_features={codes} in make_landslide_pipeline; if not, set None.",
            UserWarning,
            stacklevel=2,
        )


def _looks_like_codes(column):
    # Two values mean the same as numbers and as classes.
    known = column[~np.isnan(column)] if column.dtype.kind == "f" else column
    if len(known) == 0 or known.min() < 0 or np.any(known != np.floor(known)):
        return False
    different = len(np.unique(known))
    return 2 < different <= min(_MOST_CODES, len(known) / _ROWS_PER_CODE)
