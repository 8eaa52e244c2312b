"""Units of rain: what a value is in millimeters in a step."""

import re

import numpy as np

from sklearn_landslide.mapping._rain._parts import asking

# Millimeters of one unit; a kilogram of water on a square meter is one millimeter.
_AMOUNTS = {
    "mm": 1.0,
    "millimeter": 1.0,
    "millimeters": 1.0,
    "millimetre": 1.0,
    "millimetres": 1.0,
    "kg m-2": 1.0,
    "cm": 10.0,
    "m": 1000.0,
    "m of water equivalent": 1000.0,
    "in": 25.4,
    "inch": 25.4,
    "inches": 25.4,
}
_HOURS = {
    "s": 1 / 3600,
    "sec": 1 / 3600,
    "second": 1 / 3600,
    "min": 1 / 60,
    "minute": 1 / 60,
    "h": 1.0,
    "hr": 1.0,
    "hour": 1.0,
    "d": 24.0,
    "day": 24.0,
}
_KNOWN = "mm, cm, m, inch, kg m-2, and these per s, min, h or day, such as mm/h"
# What cell methods over time may say of a sum or a mean rate.
_NOT_OVER_A_STEP = ("maximum", "minimum", "median", "standard_deviation", "variance", "range")


def _spelled(units):
    """Write a unit in one way: kg m**-2 and kg/m^2 as kg m-2."""
    text = " ".join(str(units).strip().lower().replace("**", "").replace("^", "").split())
    text = text.replace("kg/m2", "kg m-2").replace("kg*m-2", "kg m-2").replace("kg.m-2", "kg m-2")
    return text.replace("·", " ").replace("⁻¹", "-1").replace("⁻²", "-2")


def parse_units(units):
    """Read a unit of rain.

    Parameters
    ----------
    units : str
        Such as ``"mm"``, ``"mm/h"``, ``"mm h-1"``, ``"kg m-2 s-1"`` or ``"m"``.

    Returns
    -------
    millimeters : float
        Of one unit; in the time that `hours` says, for a rate.
    hours : float or None
        The time of a rate; None for an amount.

    Raises
    ------
    KeyError
        If it is not a unit of rain that is known.

    Examples
    --------
    >>> from sklearn_landslide.mapping._rain._units import parse_units
    >>> parse_units("mm h-1"), parse_units("m"), parse_units("cm/day")
    ((1.0, 1.0), (1000.0, None), (10.0, 24.0))
    """
    text = _spelled(units)
    if text in _AMOUNTS:
        return _AMOUNTS[text], None
    rate = re.fullmatch(r"(?P<amount>.+?)\s*(?:/|\bper\b)\s*(?P<time>[a-z]+)", text)
    rate = rate or re.fullmatch(r"(?P<amount>.+?)[\s.]+(?P<time>[a-z]+)-1", text)
    if rate is None:
        # The time first: s-1 kg m-2.
        rate = re.fullmatch(r"(?P<time>[a-z]+)-1\s+(?P<amount>.+)", text)
    if rate is None:
        raise KeyError(units)
    return _AMOUNTS[rate["amount"].strip()], _HOURS[rate["time"]]


def _kind(name):
    """Say whether a standard name is that of an amount or a rate; None for others."""
    if re.search(r"flux|rate", name):
        return "rate"
    return "amount" if "amount" in name else None


def _check_methods(facts, where):
    """Refuse what is not a sum or mean over its time."""
    for method in _NOT_OVER_A_STEP:
        if re.search(rf"\btime:\s*(\w+:\s*)*{method}\b", str(facts.get("cell_methods", ""))):
            raise ValueError(
                f"{where} is the {method} over time, by its cell_methods: sums or mean rates "
                "are needed."
            )


def unit_of(facts, units, where):
    """Say what the values of a file are.

    Parameters
    ----------
    facts : dict of str to str
        ``units``, ``standard_name`` and ``cell_methods`` of the file.
    units : str or None
        What the user says, which counts more.
    where : str
        The file.

    Returns
    -------
    millimeters, hours : float, float or None
        As of :func:`parse_units`.
    name : str
        The unit in words.

    Raises
    ------
    ValueError
        If it is not known or contradictory.
    """
    _check_methods(facts, where)
    stated = facts.get("units")
    name = stated if units is None else units
    if name is None:
        raise asking(
            f"{where} does not say whether its values are mm per step or mm/h: give units='mm' "
            "or units='mm/h'.",
            "units='mm'",
            "units='mm/h'",
        )
    try:
        millimeters, hours = parse_units(name)
    except KeyError as error:
        hint = "units=..." if units is None else f"units={units!r}"
        raise asking(
            f"{where} is in {name!r}, which is not a unit of rain that is known: give {hint}. "
            f"Known are {_KNOWN}."
            if units is None
            else f"{hint} is not a unit of rain that is known. Known are {_KNOWN}.",
            hint,
        ) from error
    standard = str(facts.get("standard_name") or "")
    kind = "amount" if hours is None else "rate"
    mean = re.search(r"\btime:\s*mean\b", str(facts.get("cell_methods", "")))
    if units is None and (_kind(standard) not in (None, kind) or (mean and kind == "amount")):
        said = f"standard_name {standard!r}" if _kind(standard) not in (None, kind) else "mean"
        raise asking(
            f"{where} has the units {name!r}, an amount or a rate, but is another by its {said}: "
            "give units=...",
            "units=...",
        )
    return millimeters, hours, name


def in_steps(values, millimeters, hours, step):
    """Turn values into millimeters in a step.

    Parameters
    ----------
    values : dask array
        In the unit of the file.
    millimeters, hours : float, float or None
        As of :func:`parse_units`.
    step : Timedelta
        How long a step is.

    Returns
    -------
    values : dask array of float64
    """
    factor = millimeters
    if hours is not None:
        factor *= step.total_seconds() / 3600 / hours
    values = values.astype(np.float64)
    return values if factor == 1 else values * factor
