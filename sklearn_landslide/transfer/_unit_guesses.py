"""Units of factors: how one becomes the other, and what numbers say of theirs."""

from dataclasses import dataclass

import numpy as np
from scipy.stats import ks_2samp


def _by(factor):
    """Return what brings a unit of this size to the base unit, and what brings it back."""
    return (lambda values: values * factor), (lambda values: values / factor)


_TANGENT = (
    lambda values: np.degrees(np.arctan(values)),
    lambda values: np.tan(np.radians(values)),
)
_PERCENT = (
    lambda values: np.degrees(np.arctan(values / 100)),
    lambda values: 100 * np.tan(np.radians(values)),
)
_RADIAN = (np.degrees, np.radians)
# By kind, each unit with its way to the first one and back.
UNITS = {
    "angle": {"degree": _by(1), "percent": _PERCENT, "ratio": _TANGENT, "radian": _RADIAN},
    "direction": {"degree": _by(1), "radian": _RADIAN},
    "length": {"m": _by(1), "km": _by(1000), "ft": _by(0.3048)},
    "rain": {"mm": _by(1), "cm": _by(10), "m": _by(1000), "in": _by(25.4)},
    "index": {"1": _by(1), "x100": _by(1e-2), "x1000": _by(1e-3), "x10000": _by(1e-4)},
    "curvature": {"1/m": _by(1), "1/100m": _by(1e-2), "1/km": _by(1e-3)},
    "area": {"m2": _by(1), "ha": _by(1e4), "km2": _by(1e6)},
}
_SPELLINGS = {
    "degrees": "degree",
    "deg": "degree",
    "°": "degree",
    "%": "percent",
    "radians": "radian",
    "rad": "radian",
    "tangent": "ratio",
    "meter": "m",
    "meters": "m",
    "metres": "m",
    "kilometers": "km",
    "kilometres": "km",
    "feet": "ft",
    "foot": "ft",
    "inch": "in",
    "inches": "in",
    "m²": "m2",
    "km²": "km2",
}
# What nature allows, in the first unit of the kind.
_LIMITS = {"angle": (0, 90), "direction": (-1, 360), "index": (-1, 1)}
_HEIGHTS = (-500, 9000)
# Where nineteen of twenty values are smaller than this, again in the first unit, it is not a region
# with slopes, heights, plants or ways to anywhere.
_LEAST, _LEAST_HEIGHT = {"angle": 3, "length": 20, "index": 0.02}, 10
# Shares of the values that may lie beyond, such as codes for no data.
_BEYOND = 0.005
# Where one region's numbers are this far from the other's, and a unit that is so many times larger
# or smaller brings them nearer by this much, they are in that unit; where another unit leaves a
# quarter of some distance, they may be.
# Between landscapes, feet and percent leave half of it now and then, and a quarter rarely.
_FAR, _NEARER, _LARGE, _SOME, _LEFT = 0.9, 0.4, 9, 0.3, 0.25
# What a coarser grid does to them, another unit does, too.
_NEVER_SURE = ("curvature", "area")
# The distribution of fewer values tells nothing.
_FEWEST = 5


def distance(source, target):
    """Two-sample Kolmogorov-Smirnov distance of two arrays without gaps."""
    return float(ks_2samp(source, target, method="asymp").statistic)


def unit_name(unit):
    """Return the spelling of a unit that the tables here have."""
    unit = str(unit).strip()
    return _SPELLINGS.get(unit.lower(), unit)


def convert(values, unit, to):
    """Bring values from one unit to another.

    Parameters
    ----------
    values : ndarray
        The values.
    unit, to : str
        Units of one kind.

    Returns
    -------
    converted : ndarray

    Raises
    ------
    ValueError
        If there is no way from one to the other.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.transfer._unit_guesses import convert
    >>> convert(np.array([100.0]), "percent", "degree")
    array([45.])
    >>> convert(np.array([1.5]), "km", "m")
    array([1500.])
    """
    for units in UNITS.values():
        if unit in units and to in units:
            return units[to][1](units[unit][0](values))
    known = "; ".join(", ".join(units) for units in UNITS.values())
    raise ValueError(f"there is no way from {unit!r} to {to!r}; units are {known}.")


@dataclass(frozen=True)
class UnitGuess:
    """What numbers say of their units.

    Parameters
    ----------
    target, source : str
        The unit of each region.
    others : tuple of str
        Units of the target that would fit about as well.
    is_sure : bool
        False where it may be another landscape just as well.
    """

    target: str
    source: str
    others: tuple
    is_sure: bool


def _is_possible(values, kind, unit, factor):
    """Say whether (nearly) all values are possible in this unit."""
    is_height = factor == "elevation"
    limits = _HEIGHTS if is_height else _LIMITS.get(kind)
    least = _LEAST_HEIGHT if is_height else _LEAST.get(kind, 0)
    values = UNITS[kind][unit][0](values)
    if len(values) >= _FEWEST and np.quantile(np.abs(values), 0.95) < least:
        return False
    if limits is None or len(values) == 0:
        return True
    low, high = limits
    # Rounding: 360 degrees in radians, written with five digits.
    slack = 1e-3 * (high - low)
    return np.mean((values < low - slack) | (values > high + slack)) <= _BEYOND


def guess_units(source, target, kind, *, factor="", named=(None, None)):
    """Say whether two regions have a factor in different units.

    Parameters
    ----------
    source, target : ndarray of float
        The known values of both regions; of the source its median is enough, and none may be
        known.
    kind : str
        Kind of the units.
    factor : str, default=""
        Name of the factor; heights have limits of their own.
    named : pair of (str or None), default=(None, None)
        The units of source and target, where the names of the columns say so.

    Returns
    -------
    guess : UnitGuess or None
        None if nothing speaks for different units.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.transfer._unit_guesses import guess_units
    >>> meters = np.linspace(1, 5000, 50)
    >>> guess_units(meters, meters / 1000, "length")
    UnitGuess(target='km', source='m', others=(), is_sure=True)
    """
    units = UNITS.get(kind)
    if units is None:
        return None
    if None not in named:
        return None if named[0] == named[1] else UnitGuess(named[1], named[0], (), True)
    if len(target) == 0:
        return None
    possible = [
        [unit for unit in units if _is_possible(values, kind, unit, factor)]
        for values in (source, target)
    ]
    possible = [
        [name] if name is not None else found for name, found in zip(named, possible, strict=True)
    ]
    usual = next(iter(units))
    if len(source) == 0:
        # A model that knows no median: it probably has the usual unit.
        others = () if usual in possible[1] else tuple(possible[1])
        return UnitGuess(others[0], usual, others[1:], False) if others else None
    seen = {}
    for ours in possible[0]:
        for theirs in possible[1]:
            if ours != theirs and (usual in (ours, theirs) or named != (None, None)):
                seen[ours, theirs] = _apart(source, target, kind, ours, theirs)
    if not seen:
        return None
    before = _apart(source, target, kind, usual, usual)
    (ours, theirs), after = min(seen.items(), key=lambda item: item[1])
    alike = tuple(
        unit
        for (one, unit), d in seen.items()
        if one == ours and unit != theirs and d < after + 0.1
    )
    if not set(possible[0]) & set(possible[1]):
        return UnitGuess(theirs, ours, alike, True)
    # The name of one says an unusual unit, or the usual one is impossible for one only.
    stated = any(unit not in (None, usual) for unit in named)
    stated |= (usual in possible[0]) != (usual in possible[1])
    if stated:
        return UnitGuess(theirs, ours, alike, after < before and kind not in _NEVER_SURE)
    if len(target) < _FEWEST:
        return None
    center = np.median(np.abs(target))
    times = np.median(np.abs(convert(target, theirs, ours))) / center if center > 0 else 1
    is_large = not 1 / _LARGE < times < _LARGE and kind not in _NEVER_SURE
    if before >= _FAR and after <= before - _NEARER and is_large:
        return UnitGuess(theirs, ours, alike, True)
    if before > _SOME and after < _LEFT * before:
        return UnitGuess(theirs, ours, alike, False)
    return None


def _apart(source, target, kind, ours, theirs):
    """Distance of both regions' values, each taken to be in a unit."""
    source, target = UNITS[kind][ours][0](source), UNITS[kind][theirs][0](target)
    if kind == "curvature":
        # Both signs: their size tells the unit.
        source, target = np.abs(source), np.abs(target)
    return distance(source, target)
