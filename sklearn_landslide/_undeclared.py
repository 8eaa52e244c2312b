"""Values of a table or a stack that look like undeclared "no data", named in one warning."""

import re
import warnings

import numpy as np
import pandas as pd

from sklearn_landslide._codes import canonical_code, is_part_of_a_table
from sklearn_landslide._hints import spelled
from sklearn_landslide._nodata import USUAL, UndeclaredNodataWarning, suspect_codes, suspect_nodata
from sklearn_landslide._words import plural

_SHOWN = 3
# What rain is called, as a regular expression.
RAIN = r"(rain|rainfall|precipitation|precip)"
# A step of rain, and what RainfallSums makes of steps: 0 is dry. No year is without rain.
_MAY_BE_DRY = re.compile(rf"(log_)?{RAIN}_(\d+|sum_\d+h|max)")


def find_undeclared(columns, dry=()):
    """Find values that look as if they stood for "no data".

    In a column of a step of rain (``rain_003``), or of sums of steps, 0 is dry.

    Parameters
    ----------
    columns : dict of str to (ndarray of float, or Series of category dtype)
        Quantities and categories by name.
    dry : collection of str, default=()
        Further columns in which 0 is a value, under whatever name.

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
        if name in dry or _MAY_BE_DRY.fullmatch(str(name).strip().lower()):
            said = [(value, words) for value, words in said if value != 0]
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


def declaration(found, columns):
    """Say how values are declared to stand for "no data", as the caller's user does it.

    Parameters
    ----------
    found : dict of str to list of (value, str)
        As of :func:`find_undeclared`.
    columns : dict of str to (ndarray of float, or Series of category dtype)
        Those in which they were found. Where a value may be one of another column's own, such as
        0 or 255, the values are declared by column.

    Returns
    -------
    remedy : str

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from sklearn_landslide._undeclared import declaration, find_undeclared
    >>> columns = {"slope": np.array([1.0, 2.0, 3.0, -9999.0])}
    >>> declaration(find_undeclared(columns), columns)
    'declare it: nodata=-9999.'
    >>> columns["soil"] = pd.Series([1, 2, 255], dtype="category")
    >>> declaration(find_undeclared(columns), columns)
    "declare it: nodata={'slope': -9999, 'soil': 255}."
    """
    hint = f"nodata={to_declare(found, columns)!r}"
    return spelled(f"declare it: {hint}.", hint)


def to_declare(found, columns):
    """Return what is to be declared as "no data": values, or a dict of them by column.

    Parameters
    ----------
    found, columns : dict
        As of :func:`declaration`.

    Returns
    -------
    nodata : number, str, list of these, or dict of str to these

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide._undeclared import find_undeclared, to_declare
    >>> columns = {"slope": np.array([1.0, 2.0, 3.0, -9999.0])}
    >>> to_declare(find_undeclared(columns), columns)
    -9999
    """
    by_name = {name: [value for value, _ in said] for name, said in found.items()}
    values = list(dict.fromkeys(value for some in by_name.values() for value in some))
    of_no_factor = all(isinstance(value, str) or (value in USUAL and value < 0) for value in values)
    elsewhere = any(
        value not in by_name.get(name, ()) and _holds(column, value)
        for name, column in columns.items()
        for value in values
    )
    if elsewhere or not of_no_factor:
        return {name: _one_or_all(some) for name, some in by_name.items()}
    return _one_or_all(values)


def _one_or_all(values):
    return values[0] if len(values) == 1 else values


def _holds(column, value):
    if isinstance(column, pd.Series):
        counts = column.value_counts()
        return str(value) in {str(canonical_code(code)) for code in counts[counts > 0].index}
    return not isinstance(value, str) and bool(np.any(column == value))


def warn_of_undeclared(columns, remedy=None, *, whose=None, stacklevel=3):
    """Name values that look as if they stood for "no data" in one warning.

    Parameters
    ----------
    columns : dict of str to (ndarray of float, or Series of category dtype)
        Quantities and categories by name.
    remedy : callable, default=None
        Called with the list of values; returns what to do. None: `declaration` says it.
    whose : dict of str to str, default=None
        Where each column comes from, to be said behind its name.
    stacklevel : int, default=3
        As in :func:`warnings.warn`, counted from here.

    Returns
    -------
    found : dict of str to list of (value, str)
        As of :func:`find_undeclared`.

    Warns
    -----
    UndeclaredNodataWarning
        If there are any.
    """
    # Of the whole table it is said before.
    found = {} if is_part_of_a_table() else find_undeclared(columns)
    if not found:
        return found
    values = list(dict.fromkeys(value for said in found.values() for value, _ in said))
    places = {name: f" ({place})" for name, place in (whose or {}).items()}
    shown = [
        f"{name!r}{places.get(name, '')} has {text}"
        for name, said in list(found.items())[:_SHOWN]
        for _, text in said
    ]
    more = len(found) - _SHOWN
    rest = f"; and so in {plural(more, 'more column')}" if more > 0 else ""
    stands = "If it stands" if len(values) == 1 else "If they stand"
    what_to_do = declaration(found, columns) if remedy is None else remedy(values)
    warnings.warn(
        f"{'; '.join(shown)}{rest}. {stands} for no data, {what_to_do}",
        UndeclaredNodataWarning,
        stacklevel=stacklevel,
    )
    return found
