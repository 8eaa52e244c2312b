"""Columns that are not factors: numbers of rows, coordinates, what landslides leave, values."""

import numpy as np

from sklearn_landslide._factor_names import is_row_number, names_classes, read_name
from sklearn_landslide._words import join_names, plural
from sklearn_landslide.checks._result import NOTE, SERIOUS, WARNING, TableFinding
from sklearn_landslide.checks._table import whole_numbers
from sklearn_landslide.tables import names_like_values

# In fewer rows, whole numbers are all different by coincidence.
_FEWEST_ROWS = 20
# Texts of which so many are different name rows and no classes.
_DIFFERENT = 0.9
# From this ROC-AUC on, the order of the rows is the label.
_SORTED = 0.9
# Codes of more classes are rare, and so are quantities with fewer values.
_MOST_CODES, _FEW_VALUES = 100, 9


def find_ids(table):
    """Find the columns that number the rows, and say why each looks so.

    Parameters
    ----------
    table : CheckedTable

    Returns
    -------
    found : dict of str to str
        By column, what was seen.
    """
    found = {}
    n_rows = len(table.y)
    for name, values in table.quantities.items():
        if seen := _of_numbers(values, n_rows) or (
            "has the name of one" if is_row_number(name) else ""
        ):
            found[name] = seen
    for name, codes in table.classes.items():
        n_different = codes.nunique()
        if n_rows >= _FEWEST_ROWS and n_different >= _DIFFERENT * n_rows:
            found[name] = f"has {n_different} different texts or codes in {n_rows} rows"
        elif is_row_number(name):
            found[name] = "has the name of one"
    return found


def _of_numbers(values, n_rows):
    """Say why whole numbers look like those of rows; nothing if they do not."""
    numbers = whole_numbers(values)
    if numbers is None or len(numbers) < n_rows or n_rows < _FEWEST_ROWS:
        return ""
    steps = np.diff(numbers)
    if (steps > 0).all() or (steps < 0).all():
        return f"is another whole number in each of {n_rows} rows, in their order"
    if np.ptp(numbers) < 2 * n_rows and np.unique(numbers).size == n_rows:
        return f"is another whole number in each of {n_rows} rows"
    return ""


def check_ids(table, ids):
    """Name the columns that number the rows."""
    for name, seen in ids.items():
        roc_auc = table.roc_auc(table.quantities[name]) if name in table.quantities else None
        severity, follows, numbers = WARNING, "", {}
        if roc_auc is not None:
            numbers["roc_auc"] = roc_auc
            if max(roc_auc, 1 - roc_auc) >= _SORTED:
                severity = SERIOUS
                follows = f" It tells the label (ROC-AUC {max(roc_auc, 1 - roc_auc):.4f} alone)"
                follows += ", as in a table that is sorted by it."
        yield TableFinding(
            "id",
            severity,
            (name,),
            f"{name!r} looks like an id: it {seen}.{follows}",
            "A model that uses it as a factor learns the order in which rows were written.",
            **table.remedies.drop([name]),
            numbers=numbers,
        )


def check_coordinates(table, place):
    """Name the coordinates among the factors, which the audit of a validation finds alike.

    Parameters
    ----------
    table : CheckedTable
    place : Finding
        As of the audit.
    """
    names = [str(name) for name in place.numbers["columns"]]
    if not names:
        return
    are_two = table.points is None and len(names) == 2
    yield TableFinding(
        "coordinates among the factors",
        WARNING,
        tuple(names),
        place.finding,
        "A model that knows the place learns where landslides were mapped, not why they happen"
        + (": say that these are the coordinates." if are_two else "."),
        **(table.remedies.coordinates if are_two else table.remedies.drop)(names),
    )


def check_codes(table, others):
    """Find codes of classes that are taken for quantities.

    Parameters
    ----------
    table : CheckedTable
    others : collection of str
        Columns of which something else was found.
    """
    named, few = {}, {}
    for name, values in table.quantities.items():
        numbers = whole_numbers(values)
        n_codes = 0 if numbers is None else np.unique(numbers).size
        # Of two codes it does not matter what they are taken for.
        if name in others or n_codes < 3:
            continue
        if names_classes(name) and n_codes <= _MOST_CODES:
            named[name] = n_codes
        # So few whole numbers in so many rows.
        elif n_codes <= _FEW_VALUES and n_codes < len(values) / 10 and not _counts(name):
            few[name] = n_codes
    for severity, found in ((WARNING, named), (NOTE, few)):
        if not found:
            continue
        shown = [f"{name!r} ({count} different)" for name, count in found.items()]
        by_name = severity == WARNING
        yield TableFinding(
            "codes taken for quantities" if by_name else "few values",
            severity,
            tuple(found),
            f"{_have(found)} whole numbers only, which are taken for quantities: "
            f"{join_names(shown)}.",
            "By the name they are codes of classes: code 6 is not twice code 3."
            if by_name
            else "If these are codes of classes, say so; leave them if they count or rank.",
            **table.remedies.categorical(found),
            numbers=found,
        )


def _counts(name):
    """Say whether few whole numbers are to be expected, as of rain in mm."""
    return read_name(name).units == "rain"


def _have(found):
    return "One column has" if len(found) == 1 else f"{len(found)} columns have"


def check_header(table):
    """Find out whether the first row of values was taken for the names."""
    numeric = names_like_values(table.frame.columns)
    if numeric:
        yield TableFinding(
            "missing header",
            SERIOUS,
            tuple(numeric),
            f"{len(numeric)} of {plural(len(table.frame.columns), 'factor')} are called by numbers "
            f"({join_names(map(repr, numeric))}): the first row seems to hold values and was taken "
            "for the names, so one place is lost.",
            "Write names into a first row of the file, or say that it has none.",
            option="--no-header",
            python="header=False",
        )
