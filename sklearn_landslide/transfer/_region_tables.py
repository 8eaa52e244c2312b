"""What is known of a region: a table of its factors, or a model that was fitted there."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from pandas.api.types import is_bool_dtype

from sklearn_landslide._codes import as_codes
from sklearn_landslide._factor_names import read_name
from sklearn_landslide._factor_tables import check_columns, from_polars, quantity_values
from sklearn_landslide._nodata import LARGEST
from sklearn_landslide._words import listed
from sklearn_landslide.mapping import fitted_parts, known_codes


@dataclass(frozen=True)
class Region:
    """Factors of a region.

    Parameters
    ----------
    of : str
        ``"source"`` or ``"target"``.
    names : list of str
        The factors.
    index : pandas.Index or None
        That of the table; None for a model.
    numbers : dict of str to ndarray of float64
        Values of the quantities; of a model the medians that it knows, if any.
    classes : dict of str to pandas.Categorical
        The codes of the others, one a row; of a model each code that it knows once.
    """

    of: str
    names: list
    index: pd.Index | None
    numbers: dict = field(default_factory=dict)
    classes: dict = field(default_factory=dict)

    @property
    def is_model(self):
        """Whether there are no rows."""
        return self.index is None


def is_table(thing):
    """Say whether this is a frame, of pandas or polars.

    Parameters
    ----------
    thing : object
        Anything.

    Returns
    -------
    is_table : bool
    """
    return isinstance(from_polars(thing), pd.DataFrame)


def are_classes(column, name):
    """Say whether a column holds codes of classes: by its type, or by its name.

    Parameters
    ----------
    column : pandas.Series
        The column.
    name : str
        Its name; ``lithology`` is never a quantity, whatever its numbers.

    Returns
    -------
    are_classes : bool
    """
    if isinstance(column.dtype, pd.CategoricalDtype) or read_name(name).units == "classes":
        return True
    return quantity_values(column) is None and not is_bool_dtype(column) and column.notna().any()


def read_table(X, of, declared=()):
    """Read a table of factors.

    Parameters
    ----------
    X : {pandas or polars DataFrame} of shape (n_samples, n_factors)
        The table.
    of : {"source", "target"}
        Whose it is, for messages.
    declared : sequence of str, default=()
        Columns that are codes.

    Returns
    -------
    region : Region

    Raises
    ------
    TypeError
        If it is not a frame.
    ValueError
        If it has no rows, no columns or infinite values.
    """
    frame = from_polars(X)
    if not isinstance(frame, pd.DataFrame):
        raise TypeError(
            f"the {of} must be a DataFrame, whose columns have the names of the factors, "
            f"got {type(X).__name__}."
        )
    if min(frame.shape) == 0:
        raise ValueError(f"the {of} has no {'rows' if frame.shape[0] == 0 else 'columns'}.")
    frame = frame.set_axis([str(name) for name in frame.columns], axis=1)
    if not frame.columns.is_unique:
        name = frame.columns[frame.columns.duplicated()][0]
        raise ValueError(f"the {of} has more than one column {name!r}: drop or rename one.")
    # A column without values is somebody else's finding.
    known = frame.dropna(axis=1, how="all")
    try:
        if known.shape[1]:
            check_columns(known)
    except ValueError as error:
        raise ValueError(f"the {of}: {error}") from None
    numbers, classes = {}, {}
    for name, column in frame.items():
        if name in declared or are_classes(column, name):
            classes[name] = as_codes(column)
        else:
            values = quantity_values(column)
            if values is None:
                # Truth values, or nothing at all.
                values = column.to_numpy(dtype=np.float64, na_value=np.nan)
            numbers[name] = np.where(np.abs(values) > LARGEST, np.nan, values)
    return Region(of, list(frame.columns), frame.index, numbers, classes)


def read_model(model):
    """Read what a fitted model knows of the region that it was fitted in.

    Parameters
    ----------
    model : fitted estimator
        A model, a pipeline, or a search or an ensemble of them.

    Returns
    -------
    region : Region
        With the codes that the model knows, and the medians that it would fill in.

    Raises
    ------
    TypeError
        If it was fitted without names, or is not a model.
    """
    names = getattr(model, "feature_names_in_", None)
    if names is None:
        what = "was fitted without names" if hasattr(model, "n_features_in_") else "is not fitted"
        if not hasattr(model, "fit"):
            raise TypeError(
                f"the source must be a DataFrame or a fitted model, got {type(model).__name__}."
            )
        raise TypeError(
            f"the source, {type(model).__name__}, {what}: fit it on a DataFrame whose columns are "
            "named."
        )
    names = [str(name) for name in names]
    codes = {
        name: as_codes(pd.Series(found, dtype=object)) for name, found in known_codes(model).items()
    }
    medians = {}
    for part in fitted_parts(model):
        known = getattr(part, "statistics_", None)
        if isinstance(known, dict):
            medians |= {
                name: np.array([value], dtype=np.float64)
                for name, value in known.items()
                if name not in codes and name not in medians and not isinstance(value, str)
            }
    classes = {name: found for name, found in codes.items() if name in names}
    numbers = {name: medians.get(name, np.empty(0)) for name in names if name not in classes}
    return Region("source", names, None, numbers, classes)


def check_declared(categorical_features, *tables):
    """Return the names of the columns that were declared to be codes.

    Parameters
    ----------
    categorical_features : "from_dtype" or list of str
        What was declared.
    *tables : object
        The tables; what is none does not count.

    Returns
    -------
    declared : list of str

    Raises
    ------
    ValueError
        If no table has a column of that name.
    """
    if isinstance(categorical_features, str):
        if categorical_features == "from_dtype":
            return []
        raise ValueError(
            "categorical_features must be 'from_dtype' or a list of names, got "
            f"{categorical_features!r}."
        )
    declared = [str(name) for name in categorical_features]
    known = {str(name) for table in tables if is_table(table) for name in table.columns}
    if strange := [name for name in declared if name not in known]:
        raise ValueError(
            f"categorical_features names {listed(strange, 3)}, and no region has such a column."
        )
    return declared
