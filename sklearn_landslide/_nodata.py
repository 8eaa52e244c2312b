"""Numbers that stand for "no data": one rule for tables and rasters."""

from dataclasses import dataclass

import numpy as np

# No quantity of the field comes near it. Numbers beyond are the ends of float32 and float64, which
# GIS programs write where there is nothing, or bytes that were read wrongly.
LARGEST = 1e30

# What GIS programs, spreadsheets and whole-number types write where there is nothing.
USUAL = (-99, -128, -999, -9999, -32768, -99999, -2147483648)
USUAL += (99, 127, 255, 999, 9999, 32767, 65535, 99999, 2147483647, 4294967295)

# A number that is none of these must return this often, as a count and as a share, and only a
# quantity has so many other values.
_FEWEST, _SHARE, _OTHERS = 3, 0.005, 20
# Fill around an elevation model is apart from the other values by less, but far more frequent
# than any of them.
_FILL_FEWEST, _FILL_SHARE, _FILL_APART, _FILL_TIMES = 10, 0.01, 0.1, 10


# What people write for it in a column of text.
_WORDS = {"nodata", "no data", "no_data", "no-data"}


class UndeclaredNodataWarning(UserWarning):
    """A number or a code looks as if it stood for "no data", and nobody said so."""


@dataclass(frozen=True)
class SuspectedNodata:
    """A number that looks as if it stood for "no data".

    Parameters
    ----------
    value : float
        The number.
    count, total : int
        How many of how many known values it is.
    low, high : float
        Range of all other values.
    """

    value: float
    count: int
    total: int
    low: float
    high: float

    def __str__(self):
        return (
            f"{self.value:g} in {self.count} of {self.total} values, apart from all others, "
            f"which lie between {self.low:g} and {self.high:g}"
        )


def mask_nodata(values, nodata=()):
    """Mark what is no data: NaN, what is beyond 1e30, and what was declared.

    Parameters
    ----------
    values : ndarray of numbers
        The values.
    nodata : sequence of float, default=()
        Numbers that were declared to stand for "no data".

    Returns
    -------
    missing : ndarray of bool, of the same shape

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide._nodata import mask_nodata
    >>> mask_nodata(np.array([31.5, -3.4e38, -9999.0, np.nan]), nodata=[-9999])
    array([False,  True,  True,  True])
    """
    # Written so that NaN is missing, too.
    missing = ~(np.abs(values.astype(np.float64)) <= LARGEST)
    for number in nodata:
        # A raster of float32 holds the float32 that is nearest to the declared number.
        missing |= values == values.dtype.type(number) if values.dtype.kind == "f" else False
        missing |= values == number
    return missing


def suspect_nodata(values):
    """Find numbers at the ends of the values that look as if they stood for "no data".

    One is suspected where it is apart from all other values and either a number that is usual for
    this, or one that returns often.

    Parameters
    ----------
    values : ndarray of numbers
        The known and unknown values of a column or a raster, of any shape.

    Returns
    -------
    suspects : list of SuspectedNodata
        At most one at each end. Empty for what has fewer than three different values.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide._nodata import suspect_nodata
    >>> (found,) = suspect_nodata(np.array([12.0, 30.5, -9999.0, 22.0, 41.0]))
    >>> print(found)
    -9999 in 1 of 5 values, apart from all others, which lie between 12 and 41
    """
    values = values.astype(np.float64).ravel()
    distinct, counts = np.unique(values[~mask_nodata(values)], return_counts=True)
    if len(distinct) < 3:
        return []
    total = int(counts.sum())
    suspects = []
    for end, opposite in ((0, -1), (-1, 0)):
        left_out = [end]
        # Two such numbers must not hide each other.
        if len(distinct) > 3 and distinct[opposite] in USUAL:
            left_out.append(opposite)
        value, count = distinct[end], counts[end]
        others, other_counts = np.delete(distinct, left_out), np.delete(counts, left_out)
        if _is_suspect(value, count, count / total, others, other_counts):
            low, high = float(others[0]), float(others[-1])
            suspects.append(SuspectedNodata(float(value), int(count), total, low, high))
    return suspects


def _is_suspect(value, count, share, others, other_counts):
    """Judge a number at one end of the values by its distance to the others and its count."""
    spread = others[-1] - others[0]
    gap = np.abs(others - value).min()
    if value in USUAL and gap > spread:
        return True
    if len(others) < _OTHERS:
        # A class code may be far from the others, and frequent.
        return False
    if gap > spread and count >= _FEWEST and share >= _SHARE:
        return True
    return (
        gap > _FILL_APART * spread
        and count >= max(_FILL_FEWEST, _FILL_TIMES * other_counts.max())
        and share >= _FILL_SHARE
    )


def suspect_codes(codes):
    """Find codes of a category that look as if they stood for "no data".

    Parameters
    ----------
    codes : sequence of int or str
        The different codes.

    Returns
    -------
    suspects : list of int or str
        Negative numbers, and 255 and its like, that are usual for this and far from all other
        codes, and words such as "nodata". Empty for fewer than two codes.

    Examples
    --------
    >>> from sklearn_landslide._nodata import suspect_codes
    >>> suspect_codes([1, 2, 3, -9999]), suspect_codes(["clay", "nodata", "-9999"])
    ([-9999], ['nodata', '-9999'])
    """
    if len(codes) < 2:
        return []
    numbers = {str(number) for number in USUAL}
    if all(isinstance(code, str) for code in codes):
        others = [number for code in codes if (number := _as_float(code)) not in USUAL]
        words = [
            code
            for code in codes
            if code.lower() in _WORDS
            # Among other numbers, as of catchments, 99 is one of them.
            or (code in numbers and not _is_within(float(code), others))
        ]
        # Where all are like that, they are the codes.
        return words if len(words) < len(codes) else []
    others = sorted(code for code in codes if code not in USUAL)
    if not others:
        return []
    spread = max(others[-1] - others[0], 1)
    gap = {code: min(abs(code - others[0]), abs(code - others[-1])) for code in codes}
    outside = [code for code in codes if not others[0] <= code <= others[-1]]
    return [
        code
        for code in outside
        if code in USUAL and ((code < 0 <= others[0]) or gap[code] > spread)
    ]


def _as_float(text):
    try:
        return float(text)
    except ValueError:
        return np.nan


def _is_within(number, others):
    others = np.array(others)
    return bool((others < number).any() and (others > number).any())
