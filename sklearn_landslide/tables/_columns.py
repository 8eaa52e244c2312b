"""From raw columns to labels, numbers and classes; each refusal names the column and the cell."""

import warnings

import numpy as np
import pandas as pd
from pandas.api import types

from sklearn_landslide._classes import is_landslide_label, label_key, landslide_label
from sklearn_landslide._codes import read_codes, sorted_codes
from sklearn_landslide._hints import hinting
from sklearn_landslide._nodata import LARGEST
from sklearn_landslide._words import listed, plural
from sklearn_landslide.tables._marks import decimal_of, with_point
from sklearn_landslide.tables._rules import labels_by_rule, rule_for, rule_of

# What R, pandas, Excel and databases write for a missing value. None is not among them: of a
# class, it is a name.
_FROM_R_AND_EXCEL = ("NA", "N/A", "n/a", "#N/A", "#N/A N/A", "#NA")
_FROM_PYTHON_AND_SQL = ("<NA>", "NaN", "nan", "-NaN", "-nan", "NULL", "null")
_FROM_WINDOWS = ("1.#IND", "-1.#IND", "1.#QNAN", "-1.#QNAN")
MISSING_WORDS = frozenset((*_FROM_R_AND_EXCEL, *_FROM_PYTHON_AND_SQL, *_FROM_WINDOWS))
# So many texts in a column of numbers are not slips; if so large a share differs, they name rows.
_MANY, _DIFFERENT = 10, 0.9
MISSING_NUMBERS = ["", "None", *MISSING_WORDS]


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


def as_labels(column, positive_class=None, *, one_class=False, decimal="."):
    """Turn a column of labels into 1 for landslide and 0 for none.

    Parameters
    ----------
    column : Series
        Numbers, booleans or words of two kinds.
    positive_class : label, default=None
        The label of a landslide, or a rule such as ``">0"``. None: it is known, as of 0 and 1 or
        of no and yes.
    one_class : bool, default=False
        Whether there may be one label only.
    decimal : {".", ","}, default="."
        The decimal mark, for a rule on numbers.

    Returns
    -------
    labels : ndarray of int64, shape (n_samples,)
    """
    name = column.name
    if isinstance(column.dtype, pd.CategoricalDtype):
        column = column.astype(object)
    missing = column.isna() | column.isin(MISSING_WORDS)
    if missing.any():
        raise ValueError(
            f"The target {name!r} is missing in {plural(missing.sum(), 'row')} "
            f"(first in row {column.index[missing][0]}): fill or remove them."
        )
    keys = column.map(label_key)
    first = ~keys.duplicated()
    # Each as it is written where it comes first.
    values = dict(zip(keys[first], column[first], strict=True))
    # On one line, whatever the cells hold.
    shown = [repr(str(value))[1:-1][:40] for value in values.values()]
    if rule_of(positive_class) and label_key(positive_class) not in values:
        labels = labels_by_rule(column, positive_class, lambda cells: as_number(cells, decimal))
        if not one_class and len(set(labels)) == 1:
            hint = f"positive_class={positive_class!r}"
            every = "every row" if labels[0] else "no row"
            error = ValueError(f"by {hint} {every} of the target {name!r} is a landslide.")
            raise hinting(error, hint)
        return labels
    if len(values) == 1 and one_class:
        is_landslide = is_landslide_label(column.iloc[0], positive_class, of=f"the target {name!r}")
        return np.full(len(column), int(is_landslide), dtype=np.int64)
    if len(values) == 1:
        raise ValueError(
            f"The target {name!r} has one class, {shown[0]}: both landslides (1) and "
            "other places (0) are needed."
        )
    if len(values) > 2:
        more = ", ..." if len(values) > 5 else ""
        hint = f"positive_class={rule_for(values.values())!r}"
        error = ValueError(
            f"The target {name!r} has {len(values)} different values "
            f"({', '.join(shown[:5])}{more}); two are needed: recode them to 1 for landslide and 0 "
            f"for none, or say by a rule which are landslides, such as {hint}."
        )
        raise hinting(error, hint)
    try:
        landslide = landslide_label(values.values(), positive_class, of=f"the target {name!r}")
    except ValueError:
        if positive_class is not None:
            raise
        raise hinting(
            ValueError(
                f"The target {name!r} has the values {shown[0]} and {shown[1]}: recode them to 1 "
                "for landslide and 0 for none, or say which is a landslide, positive_class=..."
            ),
            "positive_class=...",
        ) from None
    return (keys == label_key(landslide)).to_numpy(dtype=np.int64)


def as_number(column, decimal):
    """Turn a raw column into numbers, or name the cell that is none.

    Numbers beyond 1e30 are missing values.
    """
    name = column.name
    _check_not_empty(column)
    if isinstance(column.dtype, pd.CategoricalDtype):
        column = column.astype(object)
    if types.is_bool_dtype(column) and not types.is_extension_array_dtype(column):
        return column.astype(np.int64)
    if not (types.is_numeric_dtype(column) or types.is_datetime64_any_dtype(column)):
        # In CSV these are missing, and so they are where a file has cells of text.
        column = column.mask(column.map(_says_missing).astype(bool))
        _check_not_empty(column)
    present = column.dropna()
    if types.is_datetime64_any_dtype(column) or types.is_timedelta64_dtype(column):
        raise ValueError(f"Column {name!r} holds dates (such as {present.iloc[0]}): drop it.")
    if not types.is_numeric_dtype(column) or types.is_extension_array_dtype(column):
        column = _parse_numbers(column, present, decimal)
    _check_finite(column)
    beyond = np.abs(column.to_numpy(dtype=float, na_value=np.nan)) > LARGEST
    if beyond.any():
        column = column.mask(beyond)
        _check_not_empty(column)
    return column


def _says_missing(cell):
    return isinstance(cell, str) and cell.strip() in MISSING_NUMBERS


def _parse_numbers(column, present, decimal):
    """Read the cells of a column that are there as numbers."""
    name = column.name
    texts = [cell.strip() for cell in present if isinstance(cell, str)]
    cells = present
    if texts:
        decimal, grouped = decimal_of(texts, decimal, name)
        if grouped or decimal == ",":
            cells = present.map(
                lambda cell: (
                    with_point(cell.strip(), decimal, grouped) if isinstance(cell, str) else cell
                )
            )
    numbers = _to_numbers(cells)
    bad = present[numbers.isna()]
    if len(bad):
        _refuse_text(name, bad, len(present))
    return numbers.reindex(column.index)


def _refuse_text(name, bad, n_present):
    """Refuse a column for its texts, without an advice that would make gaps of a label."""
    cell = f"{str(bad.iloc[0])[:40]!r} in row {bad.index[0]}"
    if len(bad) >= _MANY and bad.astype(str).nunique() >= _DIFFERENT * len(bad):
        hint = f"drop=[{name!r}]"
        error = ValueError(
            f"Column {name!r} has {len(bad)} texts, nearly all of them different (such as {cell}): "
            f"it looks like an id, so leave it out: {hint}."
        )
        raise hinting(error, hint)
    if len(bad) > n_present / 2:
        raise ValueError(
            f"Column {name!r} holds text (such as {cell}): declare it categorical or drop it."
        )
    remedy = "correct it, or leave the cell empty if the value is missing."
    if len(bad) >= _MANY:
        # Emptied by the hundred, they may be the rows of one label.
        remedy = "correct them, declare the column categorical or drop it."
    raise ValueError(
        f"Column {name!r} has {plural(len(bad), 'cell')} that cannot be read as a number "
        f"({cell}): {remedy}"
    )


def _to_numbers(cells):
    """Read cells as floats, NaN where that cannot be done."""
    try:
        return pd.to_numeric(cells, errors="coerce").astype(float)
    except (TypeError, ValueError, OverflowError):
        # Lists, dates among numbers and other things that no cell of a table should hold.
        return cells.map(lambda cell: np.nan if _as_number(cell) is None else _as_number(cell))


def _as_number(cell):
    try:
        return float(cell)
    except (TypeError, ValueError, OverflowError):
        return None


def as_category(column):
    """Turn a raw column into ``category`` dtype: whole numbers become integers, all else text.

    The type of a code does not depend on the file: 1, 1.0 and "1" are the integer 1, and in a
    column that holds any other text all codes are text. Empty cells are missing, and so are the
    words in `MISSING_WORDS`, which is said.
    """
    _check_not_empty(column)
    try:
        positions, codes = read_codes(column)
    except ValueError as error:
        raise ValueError(f"Column {column.name!r}: {error}") from None
    _check_codes(column, positions, codes)
    words = [place for place, code in enumerate(codes) if code in MISSING_WORDS]
    if words:
        n_words = int(np.isin(positions, words).sum())
        warnings.warn(
            f"Column {column.name!r} has {listed(codes[place] for place in words)} in "
            f"{plural(n_words, 'row')}, which is read as a missing value: write it in another way "
            "if it is a class.",
            stacklevel=4,
        )
    kept = sorted_codes([code for place, code in enumerate(codes) if place not in words])
    if kept.empty:
        raise ValueError(f"Column {column.name!r} is empty: drop it.")
    texts = kept.astype(str)
    order = np.array([*texts.get_indexer([str(code) for code in codes]), -1])
    values = pd.Categorical.from_codes(order[positions], categories=kept)
    return pd.Series(values, column.index, name=column.name)


def _check_codes(column, positions, codes):
    """Refuse infinities, which no class is called."""
    infinite = [place for place, code in enumerate(codes) if _is_infinite(code)]
    if infinite:
        rows = np.isin(positions, infinite)
        raise ValueError(
            f"Column {column.name!r} has {plural(rows.sum(), 'infinite value')} "
            f"(first in row {column.index[rows][0]}): correct it, or leave the cell empty "
            "if the value is missing."
        )


def _is_infinite(code):
    return isinstance(code, str) and code.lower().lstrip("+-") in ("inf", "infinity")
