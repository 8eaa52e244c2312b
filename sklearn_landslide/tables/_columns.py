"""From raw columns to labels, numbers and classes; each refusal names the column and the cell."""

import re
import warnings

import numpy as np
import pandas as pd
from pandas.api import types

from sklearn_landslide._classes import is_landslide_label, label_key, landslide_label
from sklearn_landslide._codes import canonical_code, read_codes, sorted_codes
from sklearn_landslide._hints import hinting
from sklearn_landslide._nodata import LARGEST, mask_nodata
from sklearn_landslide._words import listed, plural

# What R, pandas, Excel and databases write for a missing value. None is not among them: of a
# class, it is a name.
_FROM_R_AND_EXCEL = ("NA", "N/A", "n/a", "#N/A", "#N/A N/A", "#NA")
_FROM_PYTHON_AND_SQL = ("<NA>", "NaN", "nan", "-NaN", "-nan", "NULL", "null")
_FROM_WINDOWS = ("1.#IND", "-1.#IND", "1.#QNAN", "-1.#QNAN")
MISSING_WORDS = frozenset((*_FROM_R_AND_EXCEL, *_FROM_PYTHON_AND_SQL, *_FROM_WINDOWS))
# So many texts in a column of numbers are no slips; if so large a share differs, they name rows.
_MANY, _DIFFERENT = 10, 0.9
MISSING_NUMBERS = ["", "None", *MISSING_WORDS]
_WHOLE = re.compile(r"[+-]?\d+")
_GROUPED = {mark: re.compile(rf"[+-]?[1-9]\d{{0,2}}(\{mark}\d{{3}})+") for mark in ".,"}


def may_be_grouped(cells, mark):
    """Return a cell whose mark may group thousands, or None if the column shows that it does not.

    So it is where every number with the mark has three digits behind it, and there are whole
    numbers below 1000 beside them that are greater than these numbers if the mark is a decimal one.

    Parameters
    ----------
    cells : sequence of str
        The column.
    mark : {".", ","}
        The decimal mark.

    Returns
    -------
    cell : str or None

    Examples
    --------
    >>> from sklearn_landslide.tables._columns import may_be_grouped
    >>> may_be_grouped(["250", "1.269"], "."), may_be_grouped(["250", "1.27"], ".")
    ('1.269', None)
    """
    marked = [cell for cell in cells if mark in cell]
    if not marked or not all(map(_GROUPED[mark].fullmatch, marked)):
        return None
    whole = [abs(int(cell)) for cell in cells if _WHOLE.fullmatch(cell) and len(cell) < 5]
    n_whole = sum(_WHOLE.fullmatch(cell) is not None for cell in cells)
    # The first mark of 1.234.567 as the decimal one.
    read = [abs(float(".".join(cell.split(mark)[:2]))) for cell in marked]
    if len(whole) < n_whole or max(whole, default=0) >= 1000:
        return None
    return marked[0] if max(whole, default=0) > max(*read, 9) else None


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


def without_nodata(column, nodata):
    """Leave out the cells of a raw column that were declared to stand for no data.

    Parameters
    ----------
    column : Series
        The column, of any type.
    nodata : sequence of number or str
        What was declared.

    Returns
    -------
    column : Series
        The column itself if it has none of them.
    """
    if not nodata:
        return column
    numbers = [number for number in nodata if not isinstance(number, str)]
    if types.is_numeric_dtype(column) and not types.is_bool_dtype(column):
        values = column.to_numpy(dtype=float, na_value=np.nan)
        missing = mask_nodata(values, numbers) & ~np.isinf(values)
    else:
        positions, codes = read_codes(column)
        declared = {str(canonical_code(value)) for value in nodata}
        # Whatever the number of its decimals.
        of_code = [str(code) in declared or _as_float(code) in numbers for code in codes]
        missing = np.array([*of_code, False])[positions]
    return column.mask(missing) if missing.any() else column


def _as_float(code):
    try:
        return float(code)
    except (ValueError, OverflowError):
        return None


def as_labels(column, positive_class=None, *, one_class=False):
    """Turn a column of labels into 1 for landslide and 0 for none.

    Parameters
    ----------
    column : Series
        Numbers, booleans or words of two kinds.
    positive_class : label, default=None
        The label of a landslide. None: it is known, as of 0 and 1 or of no and yes.
    one_class : bool, default=False
        Whether there may be one label only.

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
        raise ValueError(
            f"The target {name!r} has {len(values)} different values "
            f"({', '.join(shown[:5])}{more}); "
            "two are needed: recode them to 1 for landslide and 0 for none."
        )
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
    if (example := may_be_grouped(texts, decimal)) is not None:
        raise ValueError(
            f"Column {name!r} has cells such as {example!r}, which may be a decimal number or "
            "thousands: write numbers with a decimal point and without grouping."
        )
    cells = present
    if decimal == ",":
        # Beside decimal commas, 1.234 may be a thousand: not for us to guess.
        cells = cells.astype(str)
        cells = cells.mask(cells.str.contains(".", regex=False)).str.replace(",", ".")
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
