"""What was compared and how: kept with the result, so that a report can say it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from numbers import Integral

import numpy as np
import pandas as pd
from pandas.api import types
from sklearn.base import clone

from sklearn_landslide._categories import categorical_mask
from sklearn_landslide._codes import as_codes
from sklearn_landslide._factor_tables import quantity_values
from sklearn_landslide._frames import as_frame
from sklearn_landslide._words import count_groups

# Objects without a text of their own show where they lie in memory.
_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")
_LONGEST = 300


def plain_text(thing):
    """Return the repr of an object on one line, of bounded length, without memory addresses."""
    text = " ".join(_ADDRESS.sub("", repr(thing)).split())
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def name_columns(X, categorical_features):
    """Return the table as a frame of floats, and of categories: what is declared, or no number.

    Parameters
    ----------
    X : {ndarray, DataFrame} of shape (n_samples, n_factors)
        The factors; columns without names become x0, x1 ...
    categorical_features : "from_dtype", array-like or None
        Which of them are categories.

    Returns
    -------
    frame : DataFrame of shape (n_samples, n_factors)
        The table itself is not changed.
    """
    frame = as_frame(X)
    declared = categorical_mask(frame, categorical_features)
    columns = []
    for j in range(frame.shape[1]):
        column = frame.iloc[:, j]
        # Objects may be numbers; truth values count as numbers, as in the pipeline.
        values = None if declared[j] else quantity_values(column)
        if values is None and not declared[j] and types.is_bool_dtype(column):
            values = column.to_numpy(dtype=np.float64, na_value=np.nan)
        columns.append(pd.Series(as_codes(column) if values is None else values, frame.index))
    return pd.concat(columns, axis=1).set_axis([str(name) for name in frame.columns], axis=1)


def table_digest(frame):
    """Return the SHA-256 of a table: names, values and order of its columns and rows.

    Hashed are, column by column, the name in UTF-8 and a zero byte, and then the values: of
    numbers their little-endian 8-byte floats, with one bit pattern for missing values and 0 for
    -0; of anything else the text of each value in UTF-8 and a zero byte, with an empty text for
    missing values. The index, the kind of number and the order of categories do not count.

    Parameters
    ----------
    frame : DataFrame
        The table.

    Returns
    -------
    digest : str
        64 hexadecimal digits.
    """
    digest = sha256()
    for name, column in frame.items():
        digest.update(f"{name}\0".encode())
        if types.is_numeric_dtype(column):
            values = column.to_numpy(dtype=np.float64, na_value=np.nan) + 0.0
            digest.update(np.where(np.isnan(values), np.nan, values).astype("<f8").tobytes())
        else:
            texts = ("" if pd.isna(value) else str(value) for value in column)
            digest.update("".join(f"{text}\0" for text in texts).encode())
    return digest.hexdigest()


@dataclass(frozen=True, eq=False)
class ComparisonInputs:
    """What :func:`compare_models` was given, as a report needs it.

    Parameters
    ----------
    X : {ndarray, DataFrame} of shape (n_samples, n_factors)
        The factors: the very table, not a copy.
    y : ndarray of bool of shape (n_samples,)
        Which rows are landslides.
    categorical_features : "from_dtype", array-like or None
        Which factors are categories.
    digest : str
        SHA-256 of factors and labels when they were compared, see :func:`table_digest`.
    cv : str
        The folds in words.
    fold_names : list of str
        One name a fold.
    coordinates : {array-like, DataFrame} of shape (n_samples, 2) or None
        Those that the splitter knows.
    random_state : str
        The seed.
    estimators : dict of str to estimator
        The models with their pipelines, as they were cross-validated, not fitted.
    sequences : dict or None, default=None
        Which columns are one variable over time.
    n_groups : int or None, default=None
        Groups of the rows of landslides; None: no groups were given.
    """

    X: object
    y: np.ndarray
    categorical_features: object
    digest: str
    cv: str
    fold_names: list
    coordinates: object
    random_state: str
    estimators: dict
    sequences: object = None
    n_groups: int | None = None

    def frame(self):
        """Return the factors as a frame, if they are still those that were compared."""
        frame = name_columns(self.X, self.categorical_features)
        if self._digest_of(frame, self.y) != self.digest:
            raise ValueError(
                "the table has been changed since the models were compared: give "
                "compare_models a copy of it."
            )
        return frame

    @staticmethod
    def _digest_of(frame, y):
        labels = pd.Series(y, index=frame.index, name="landslide")
        return table_digest(pd.concat([frame, labels], axis=1))


def remember_inputs(
    X,
    y,
    *,
    cv,
    groups,
    splits,
    random_state,
    estimators,
    categorical_features,
    sequences=None,
):
    """Note what was compared, before anything is fitted.

    Parameters
    ----------
    X, y : {ndarray, DataFrame}, ndarray of bool
        The table, and which of its rows are landslides.
    cv, groups : object
        As they were given.
    splits : list of (train, test)
        The folds.
    random_state : object
        As it was given.
    estimators : dict of str to estimator
        The models with their pipelines.
    categorical_features : "from_dtype", array-like or None
        As it was given.
    sequences : dict or None, default=None
        As it was given.

    Returns
    -------
    inputs : ComparisonInputs
        The note.
    """
    frame = name_columns(X, categorical_features)
    names = [str(fold) for fold in range(len(splits))]
    if hasattr(cv, "fold_names"):
        names = cv.fold_names(X, y)
    return ComparisonInputs(
        X=X,
        y=y,
        categorical_features=categorical_features,
        digest=ComparisonInputs._digest_of(frame, y),
        cv=folds_in_words(cv, groups, len(splits)),
        fold_names=names,
        coordinates=getattr(cv, "coordinates", None),
        random_state=plain_text(random_state),
        estimators={name: clone(estimator) for name, estimator in estimators.items()},
        sequences=sequences,
        n_groups=count_groups(groups, y),
    )


def folds_in_words(cv, groups, n_splits):
    """Say how the folds were drawn."""
    if isinstance(cv, Integral) and groups is None:
        return f"{n_splits} random folds, stratified by class"
    if isinstance(cv, Integral):
        return f"{n_splits} random folds, stratified by class, which do not divide a group"
    if hasattr(cv, "split") and not isinstance(cv, str | Mapping):
        words = cv.widths_in_words() if hasattr(cv, "widths_in_words") else ""
        return f"{n_splits} folds of {plain_text(cv)}{words and f', with {words}'}"
    return f"{n_splits} folds, given as lists of rows"
