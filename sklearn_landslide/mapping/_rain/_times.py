"""Times of a file: its units, its calendar and its time zone."""

import re
from datetime import datetime, timedelta

import numpy as np
import pandas as pd

from sklearn_landslide._optional import import_optional
from sklearn_landslide.mapping._rain._parts import asking
from sklearn_landslide.mapping._rasters._bands import one_line

# A zone behind a time of day, which the end of a date such as 1970-01-01 is not.
_ZONE = re.compile(r"(?P<clock>\d:\d{1,2}(:[\d.]+)?)\s*(?P<zone>Z|UTC|GMT|[+-]\d{1,2}(:?\d{2})?)$")
_REAL = ("standard", "gregorian", "proleptic_gregorian")
_NO_LEAP = ("noleap", "365_day")


def _offset(zone):
    """Hours and minutes of a zone such as +02:00 as a timedelta."""
    if zone in ("Z", "UTC", "GMT"):
        return timedelta(0)
    digits = zone[1:].replace(":", "")
    hours, minutes = (digits[:-2], digits[-2:]) if len(digits) > 2 else (digits, 0)
    return (-1 if zone[0] == "-" else 1) * timedelta(hours=int(hours), minutes=int(minutes))


def _real_dates(dates, where):
    """Make real dates of those of another calendar, where each of them exists."""
    calendar = dates[0].calendar
    if calendar not in (*_REAL, *_NO_LEAP):
        raise ValueError(
            f"{where} has the calendar {calendar!r}, whose days are not those of the weather: "
            "convert it first, for instance with xarray's convert_calendar('standard')."
        )
    if not all(1700 < date.year < 2250 for date in dates):
        raise ValueError(f"{where} has times before 1700 or after 2250: correct their units.")
    made = [
        datetime(d.year, d.month, d.day, d.hour, d.minute, d.second, d.microsecond) for d in dates
    ]
    return pd.DatetimeIndex(np.array(made, dtype="datetime64[ns]"))


def _decoded(numbers, units, calendar, where):
    """Turn numbers since a date into times in UTC, and say which zone was stated."""
    cftime = import_optional("cftime", extra="rain")
    zone = _ZONE.search(units)
    shift = timedelta(0)
    if zone:
        shift, units = _offset(zone["zone"]), units[: zone.end("clock")]
    if not np.isfinite(numbers).all():
        raise ValueError(f"{where} has times that are missing: remove these steps.")
    try:
        dates = cftime.num2date(numbers, units, calendar, only_use_cftime_datetimes=True)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"{where} has times that cannot be read: {one_line(error)}.") from error
    times = _real_dates(np.ravel(dates), where)
    # Hours as fractions of a day are off by less than a second.
    return times.round("s") - shift, zone and zone["zone"]


def read_times(values, attrs, where):
    """Read times of a file.

    Parameters
    ----------
    values : ndarray
        Numbers, datetime64, or dates of cftime, of any shape.
    attrs : dict
        With ``units`` and ``calendar`` of numbers, and ``timezone`` if it is stated there.
    where : str
        The file.

    Returns
    -------
    times : DatetimeIndex
        Naive; in UTC if a zone is stated.
    zone : str or None
        The zone that is stated.

    Raises
    ------
    ValueError
        If they cannot be read, or the calendar has days that do not exist.
    """
    flat = np.ravel(values)
    zone = None
    if flat.dtype.kind == "M":
        times = pd.DatetimeIndex(flat.astype("datetime64[ns]"))
        if times.hasnans:
            raise ValueError(f"{where} has times that are missing: remove these steps.")
    elif flat.dtype.kind == "O":
        times = _real_dates(flat, where)
    else:
        units = str(attrs.get("units", "")).strip()
        if " since " not in units:
            raise ValueError(
                f"{where} has times in the unit {units!r}, which is no 'hours since ...': "
                "correct it."
            )
        calendar = str(attrs.get("calendar", "standard")).lower()
        times, zone = _decoded(flat.astype(np.float64), units, calendar, where)
    stated = next((attrs[name] for name in ("timezone", "time_zone") if attrs.get(name)), None)
    if zone is None and stated is not None:
        return to_utc(times, str(stated), where), str(stated)
    return times, zone


def parse_times(values):
    """Read times of a table: datetimes, or text in the order of year, month and day.

    Parameters
    ----------
    values : array-like
        What a column holds. The order of 05/06/2021 is not known, and so not read.

    Returns
    -------
    times : DatetimeIndex
        With a time zone if they have one; NaT where there is nothing.
    """
    values = pd.Series(values)
    is_text = values.dtype.kind not in "M" and not isinstance(values.dtype, pd.DatetimeTZDtype)
    options = {"format": "ISO8601"} if is_text else {}
    return pd.DatetimeIndex(pd.to_datetime(values, **options)).as_unit("ns")


def to_utc(times, timezone, where):
    """Bring naive times of a time zone into UTC.

    Parameters
    ----------
    times : DatetimeIndex
        Naive.
    timezone : str
        A name such as ``"Asia/Hong_Kong"``, or an offset such as ``"+08:00"``.
    where : str
        Whose times they are.

    Returns
    -------
    times : DatetimeIndex
        Naive, in UTC.
    """
    if re.fullmatch(r"Z|UTC|GMT|[+-]\d{1,2}(:?\d{2})?", timezone):
        return times - _offset(timezone)
    hint = f"timezone={timezone!r}"
    try:
        local = times.tz_localize(timezone, ambiguous="NaT", nonexistent="NaT")
    except (KeyError, ValueError, OSError) as error:
        raise asking(
            f"{hint} is not a time zone: give a name such as 'Asia/Hong_Kong' or an offset such as "
            "'+08:00'.",
            hint,
        ) from error
    if (local.isna() & ~times.isna()).any():
        raise asking(
            f"{where} has times that exist twice or not at all in {hint}, where clocks change: "
            "give an offset such as '+01:00', if its clock does not change.",
            hint,
        )
    return local.tz_convert("UTC").tz_localize(None)
