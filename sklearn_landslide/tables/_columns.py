"""From raw columns to labels, numbers and classes; each refusal names the column and the cell."""

import numpy as np
import pandas as pd
from pandas.api import types

from sklearn_landslide._words import plural

_LABELS = {"0": 0, "1": 1, "-1": 0, "false": 0, "true": 1, "no": 0, "yes": 1}


def _check_finite(column):
    infinite = np.isinf(column.to_numpy(dtype=float, na_value=np.nan))
    if infinite.any():
        raise ValueError(
            f"Column {column.name!r} has {plural(infinite.sum(), 'infinite value')} "
            f"(first in row {column.index[infinite][0]}): correct it, or leave the cell empty "
            "if the value is missing."
        )


def _check_not_empty(column):
    if column.isna().all():
        raise ValueError(f"Column {column.name!r} is empty: drop it.")


def as_labels(column):
    """Turn a column of numbers, booleans or the words no/yes and false/true into 0 and 1."""
    name = column.name
    missing = column.isna()
    if missing.any():
        raise ValueError(
            f"The target {name!r} is missing in {plural(missing.sum(), 'row')} "
            f"(first in row {column.index[missing][0]}): fill or remove them."
        )
    values = list(column.unique())
    if len(values) == 1:
        raise ValueError(
            f"The target {name!r} has one class, {values[0]!s}: both landslides (1) and "
            "other places (0) are needed."
        )
    if len(values) > 2:
        shown = ", ".join(map(str, values[:5])) + (", ..." if len(values) > 5 else "")
        raise ValueError(
            f"The target {name!r} has {len(values)} different values ({shown}); "
            "two are needed: recode them to 1 for landslide and 0 for none."
        )
    codes = [_LABELS.get(str(value).strip().lower().removesuffix(".0")) for value in values]
    if set(codes) != {0, 1}:
        raise ValueError(
            f"The target {name!r} has the values {values[0]!s} and {values[1]!s}: "
            "recode them to 1 for landslide and 0 for none."
        )
    return (column == values[codes.index(1)]).to_numpy(dtype=np.int64)


def as_number(column, decimal):
    """Turn a raw column into numbers, or name the cell that is none."""
    name = column.name
    _check_not_empty(column)
    if types.is_bool_dtype(column) and not types.is_extension_array_dtype(column):
        return column.astype(np.int64)
    present = column.dropna()
    if types.is_datetime64_any_dtype(column) or types.is_timedelta64_dtype(column):
        raise ValueError(f"Column {name!r} holds dates (such as {present.iloc[0]}): drop it.")
    if not types.is_numeric_dtype(column) or types.is_extension_array_dtype(column):
        cells = present
        if decimal == ",":
            # Beside decimal commas, 1.234 may be a thousand: not for us to guess.
            cells = cells.astype(str)
            cells = cells.mask(cells.str.contains(".", regex=False)).str.replace(",", ".")
        numbers = pd.to_numeric(cells, errors="coerce").astype(float)
        bad = present[numbers.isna()]
        cell = f"{str(bad.iloc[0])[:40]!r} in row {bad.index[0]}" if len(bad) else ""
        if len(bad) > len(present) / 2:
            raise ValueError(
                f"Column {name!r} holds text (such as {cell}): declare it categorical or drop it."
            )
        if len(bad):
            raise ValueError(
                f"Column {name!r} has {plural(len(bad), 'cell')} that cannot be read as a number "
                f"({cell}): correct it, or leave the cell empty if the value is missing."
            )
        column = numbers.reindex(column.index)
    _check_finite(column)
    return column


def as_category(column):
    """Turn a raw column into ``category`` dtype: whole numbers stay, all else becomes text."""
    _check_not_empty(column)
    if isinstance(column.dtype, pd.CategoricalDtype):
        return column.cat.remove_unused_categories()
    if types.is_numeric_dtype(column):
        _check_finite(column)
        values = column.to_numpy(dtype=float, na_value=np.nan)
        codes = np.unique(values[~np.isnan(values)])
        if np.array_equal(codes, codes.round()):
            codes = codes.astype(np.int64)
        return pd.Series(pd.Categorical(values, categories=codes), column.index, name=column.name)
    return column.map(lambda value: str(value).strip(), na_action="ignore").astype("category")
