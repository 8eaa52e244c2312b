"""Codes of a category, whatever file they came from: 1, 1.0, "1" and " 1" are one code.

One column of soil may hold whole numbers in one file, floats in another, because a value is
missing there, and text in a third, because someone wrote "?". A code is therefore known by its
canonical form, an integer or a text, and columns are matched by it.
"""

import re
import warnings
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from decimal import Decimal
from numbers import Integral, Real

import numpy as np
import pandas as pd

from sklearn_landslide._nodata import LARGEST
from sklearn_landslide._words import listed

# Also 1.0, and 1e+05, which is how R writes 100000.
_NUMBER = re.compile(r"[+-]?\d{1,40}(\.0*|\.\d*[eE]\+0?\d{1,2}|[eE]\+0?\d{1,2})?")
_TRUTH = {"true": 1, "false": 0}
_INT64 = np.iinfo(np.int64)
# More unknown values than this are said: of a few that is most, of many a tenth.
_MOST, _MANY, _SHARE = 0.5, 10, 0.1

_may_be_unknown = ContextVar("may_be_unknown", default=False)


def canonical_code(value):
    """Return the one form of a code: an int for a whole number, a text for anything else.

    Parameters
    ----------
    value : object
        A code as a table holds it.

    Returns
    -------
    code : int, str or None
        None where it stands for no data: missing, or a number beyond 1e30. Truth values, and the
        words for them, are 1 and 0. Spaces around a text do not count.

    Examples
    --------
    >>> from sklearn_landslide._codes import canonical_code
    >>> [canonical_code(value) for value in (1, 1.0, " 1", "1.0", True, "clay ", 1.5, None)]
    [1, 1, 1, 1, 1, 'clay', '1.5', None]
    """
    if pd.api.types.is_scalar(value) and pd.isna(value):
        return None
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    if isinstance(value, str):
        code = _read_text(value.strip())
    elif isinstance(value, Integral | np.bool_):
        code = int(value)
    elif isinstance(value, Real | Decimal):
        is_whole = np.isfinite(float(value)) and value == int(value)
        code = int(value) if is_whole else str(value)
    elif isinstance(value, datetime):
        code = value.isoformat(" ").removesuffix(" 00:00:00")
    else:
        code = value.isoformat() if isinstance(value, date) else str(value)
    if isinstance(code, int) and abs(code) > LARGEST:
        return None
    return code or (code if code == 0 else None)


def _read_text(text):
    """Read a whole number or a truth value; any other text is itself."""
    if text.lower() in _TRUTH:
        return _TRUTH[text.lower()]
    if not _NUMBER.fullmatch(text):
        return text
    number = Decimal(text)
    return int(number) if number == int(number) else text


def read_codes(column):
    """Read a column of codes.

    Parameters
    ----------
    column : array-like of shape (n_samples,)
        A pandas or polars Series, a Categorical or an array, of any type.

    Returns
    -------
    positions : ndarray of shape (n_samples,), int64
        Place of each value among the codes, -1 for no data.
    codes : list of int or str
        The canonical codes that occur, each once, in the order in which they first do.

    Examples
    --------
    >>> from sklearn_landslide._codes import read_codes
    >>> positions, codes = read_codes(["2", "?", 2.0, None])
    >>> positions.tolist(), codes
    ([0, 1, 0, -1], [2, '?'])
    """
    if isinstance(column, np.ndarray):
        column = pd.Series(column)
    elif not isinstance(column, pd.Series | pd.Index | pd.Categorical):
        # polars: a list, whatever the type.
        values = column.to_list() if hasattr(column, "to_list") else list(column)
        column = pd.Series(values, dtype=object)
    try:
        places, values = pd.factorize(column)
    except TypeError:
        raise ValueError(
            "a column of categories holds lists or the like: give each row one code."
        ) from None
    found, places_of = {}, []
    for value in values:
        code = canonical_code(value)
        places_of.append(-1 if code is None else found.setdefault(code, len(found)))
    # The last one is for places of -1.
    return np.array([*places_of, -1], dtype=np.int64)[places], list(found)


def sorted_codes(codes):
    """Sort codes, and give them one type: integers if all are, text otherwise.

    Parameters
    ----------
    codes : sequence of int or str
        Canonical codes.

    Returns
    -------
    codes : pandas.Index
        Of int64 or of text.

    Examples
    --------
    >>> from sklearn_landslide._codes import sorted_codes
    >>> sorted_codes([10, 9]).tolist(), sorted_codes([10, 9, "?"]).tolist()
    ([9, 10], ['10', '9', '?'])
    """
    if all(isinstance(code, int) and _INT64.min <= code <= _INT64.max for code in codes):
        return pd.Index(sorted(codes), dtype=np.int64)
    return pd.Index(sorted(map(str, codes)))


def as_codes(column):
    """Turn a column into a Categorical of canonical codes, sorted.

    Parameters
    ----------
    column : array-like of shape (n_samples,)
        The column, of any type.

    Returns
    -------
    codes : pandas.Categorical
        Its categories are those that occur.

    Examples
    --------
    >>> from sklearn_landslide._codes import as_codes
    >>> as_codes([3.0, "1", None]).categories.tolist()
    [1, 3]
    """
    positions, codes = read_codes(column)
    known = sorted_codes(codes)
    places = {str(code): place for place, code in enumerate(known)}
    order = np.array([*(places[str(code)] for code in codes), -1], dtype=np.int64)
    return pd.Categorical.from_codes(order[positions], categories=known)


def match_codes(column, known, name):
    """Find the codes of a column among those that a fit knew.

    Parameters
    ----------
    column : array-like of shape (n_samples,)
        The column, of any type.
    known : sequence
        The codes of fit, of any type.
    name : str or int
        The column's name, for messages.

    Returns
    -------
    positions : ndarray of shape (n_samples,), int64
        Place of each value among `known`, -1 for no data; unknown codes are counted on from the
        number of known ones.
    unknown : list of int or str
        The unknown codes, in that order, as integers only where all known ones are numbers.

    Raises
    ------
    ValueError
        If the column has two different codes or more, none of them is known, and they are at
        least half as many as the known ones or no numbers where these are.

    Warns
    -----
    UserWarning
        If most values are unknown, or ten values and a tenth of all; not for a column of one
        code, which is a region of one rock rather than a file with other codes.

    Examples
    --------
    >>> from sklearn_landslide._codes import match_codes
    >>> positions, unknown = match_codes(["3", " 1", None, "?"], [1, 3], "soil")
    >>> positions.tolist(), unknown
    ([1, 0, -1, 2], ['?'])
    """
    positions, codes = read_codes(column)
    known = list(known)
    places = {str(canonical_code(code)): place for place, code in enumerate(known)}
    as_text = any(isinstance(code, str) for code in known)
    unknown, order = [], []
    for code in codes:
        if str(code) not in places:
            places[str(code)] = len(known) + len(unknown)
            unknown.append(str(code) if as_text else code)
        order.append(places[str(code)])
    positions = np.array([*order, -1], dtype=np.int64)[positions]
    if unknown and not _may_be_unknown.get():
        _check_unknown(positions, known, unknown, all_unknown=len(unknown) == len(codes), name=name)
    return positions, unknown


def _check_unknown(positions, known, unknown, *, all_unknown, name):
    """Refuse a column of which nothing is known, and say where much is not."""
    if all_unknown and len(unknown) == 1:
        # A region of one rock, say, that was left out of the fit: other places, not other codes.
        return
    n_values, n_unknown = int((positions >= 0).sum()), int((positions >= len(known)).sum())
    said = f"(such as {listed(unknown, 3)}); known are {listed(known, 5)}"
    # A few rocks may be left out together, but hardly half of them, nor are they written otherwise.
    if all_unknown and (
        2 * len(unknown) >= len(known) or _are_numbers(unknown) != _are_numbers(known)
    ):
        raise ValueError(
            f"none of the {len(unknown)} codes of column {name!r} is known from the fit "
            f"{said}: give the column the codes that it had in fit."
        )
    if n_unknown > _MOST * n_values or (n_unknown >= _MANY and n_unknown >= _SHARE * n_values):
        warnings.warn(
            f"{n_unknown} of {n_values} values of column {name!r} are unknown from the fit {said}.",
            # One place, so that the same is said once.
            stacklevel=1,
        )


def _are_numbers(codes):
    """Say whether all codes are whole numbers, in whatever type."""
    return all(isinstance(canonical_code(code), int) for code in codes)


@contextmanager
def codes_may_be_unknown():
    """Say nothing of unknown codes in this block, nor of values that look like undeclared nodata.

    That is right where a part of a table is predicted, such as a fold that leaves out a unit of
    rock or a window of a raster, and where both have been said.

    Examples
    --------
    >>> from sklearn_landslide._codes import codes_may_be_unknown, match_codes
    >>> with codes_may_be_unknown():
    ...     match_codes(["marl", "tuff"], ["clay"], "rock")[1]
    ['marl', 'tuff']
    """
    token = _may_be_unknown.set(True)
    try:
        yield
    finally:
        _may_be_unknown.reset(token)


def is_part_of_a_table():
    """Say whether we are in a block of :func:`codes_may_be_unknown`.

    Returns
    -------
    is_part : bool

    Examples
    --------
    >>> from sklearn_landslide._codes import codes_may_be_unknown, is_part_of_a_table
    >>> with codes_may_be_unknown():
    ...     is_part_of_a_table()
    True
    """
    return _may_be_unknown.get()
