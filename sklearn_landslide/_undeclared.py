"""Values of a table that look like undeclared "no data", named in one warning."""

import warnings

import pandas as pd

from sklearn_landslide._codes import canonical_code, is_part_of_a_table
from sklearn_landslide._nodata import UndeclaredNodataWarning, suspect_codes, suspect_nodata
from sklearn_landslide._words import plural

_SHOWN = 3


def find_undeclared(columns):
    """Find values that look as if they stood for "no data".

    Parameters
    ----------
    columns : dict of str to (ndarray of float, or Series of category dtype)
        Quantities and categories by name.

    Returns
    -------
    found : dict of str to list of (value, str)
        By column, the values and what is said of each.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from sklearn_landslide._undeclared import find_undeclared
    >>> find_undeclared({"soil": pd.Series([1, 2, 2, -9999], dtype="category")})
    {'soil': [(-9999, '-9999 in 1 of 4 values, among the codes')]}
    """
    found = {}
    for name, column in columns.items():
        said = _of_codes(column) if isinstance(column, pd.Series) else _of_numbers(column)
        if said:
            found[name] = said
    return found


def _of_numbers(values):
    return [(_plain(one.value), str(one)) for one in suspect_nodata(values)]


def _of_codes(column):
    counts = column.value_counts()
    counts = counts[counts > 0]
    codes = {canonical_code(code): int(n) for code, n in counts.items()}
    if not all(isinstance(code, int) for code in codes):
        codes = {str(code): n for code, n in codes.items()}
    total = sum(codes.values())
    return [
        (code, f"{code} in {codes[code]} of {plural(total, 'value')}, among the codes")
        for code in suspect_codes(list(codes))
    ]


def _plain(value):
    """Write a whole number without its .0."""
    return int(value) if float(value).is_integer() else value


def warn_of_undeclared(columns, remedy, *, stacklevel=3):
    """Name values that look as if they stood for "no data" in one warning.

    Parameters
    ----------
    columns : dict of str to (ndarray of float, or Series of category dtype)
        Quantities and categories by name.
    remedy : callable
        Called with the list of values; returns what to do.
    stacklevel : int, default=3
        As in :func:`warnings.warn`, counted from here.

    Warns
    -----
    UndeclaredNodataWarning
        If there are any.
    """
    # Of the whole table it is said before.
    found = {} if is_part_of_a_table() else find_undeclared(columns)
    if not found:
        return
    values = list(dict.fromkeys(value for said in found.values() for value, _ in said))
    shown = [
        f"{name!r} has {text}" for name, said in list(found.items())[:_SHOWN] for _, text in said
    ]
    more = len(found) - _SHOWN
    rest = f"; and so in {plural(more, 'more column')}" if more > 0 else ""
    stands = "If it stands" if len(values) == 1 else "If they stand"
    warnings.warn(
        f"{'; '.join(shown)}{rest}. {stands} for no data, {remedy(values)}",
        UndeclaredNodataWarning,
        stacklevel=stacklevel,
    )
