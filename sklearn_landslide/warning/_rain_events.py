"""Rain events: when it rained without a long break, how long and how much."""

from collections.abc import Mapping
from numbers import Integral, Real

import numpy as np
import pandas as pd
from sklearn.utils._param_validation import Interval, validate_params

from sklearn_landslide.warning._cut_events import cut_events
from sklearn_landslide.warning._rain_table import RainTable, as_times, read_rain

_HOUR = np.timedelta64(3_600_000_000_000, "ns")


@validate_params(
    {
        "step_hours": [Interval(Real, 0, None, closed="neither")],
        "min_rain": [Interval(Real, 0, None, closed="neither")],
    },
    prefer_skip_nested_validation=True,
)
def rain_events(rain, *, step_hours=1.0, dry_gap=48.0, min_rain=0.2, ends=None, until=None):
    """Cut series of rain into events between dry spells.

    An event begins with a step of at least `min_rain` mm and ends with the last such step before
    `dry_gap` hours without one [1]_. In the mountains of Italy the gap is 48 hours in the warm
    season, April to October, and 96 hours in the cold one, when the ground dries more slowly [2]_.

    Parameters
    ----------
    rain : Series, DataFrame or array-like of shape (n_steps,) or (n_series, n_steps)
        Rain of each step in mm, the oldest first. In a frame each row is a series and each column
        a step. The index of a Series, or the columns of a frame, may be times: each step is named
        by its end, in UTC unless a time zone says otherwise. For a table of gauges with the times
        in its index pass ``rain.T``. NaN, and what is below 0, is lost.
    step_hours : float, default=1.0
        Length of a step in hours.
    dry_gap : float or dict of int to float, default=48.0
        How many hours without rain end an event; or a dict with the hours for each month (all of 1
        to 12) in which the last rain fell. Months need times.
    min_rain : float, default=0.2
        Rain in mm from which a step is not dry. Less rain counts within an event, but does not
        begin one.
    ends : array-like of datetime of shape (n_series,), default=None
        When the last step of each series ends, where the rain has no times.
    until : array-like of datetime, default=None
        Times of landslides: one for each series, or any number for a single series. Rain after the
        landslide does not count. Needs times.

    Returns
    -------
    events : DataFrame
        One row per event, ordered by series and time. With `until`: one row per landslide, in
        their order, with the event in progress at that time, or empty if there was none because
        more than `dry_gap` hours had been dry. Columns:

        - ``series``: the row's name in the index of the frame, or its number;
        - ``start``, ``end``: when the first step with rain began and the last one ended, as times,
          or else in hours from the beginning of the series;
        - ``duration``: hours between them, D;
        - ``rain``: mm between them, E;
        - ``intensity``, ``max_intensity``: mean, and that of the wettest step, in mm per hour;
        - ``lost_hours``: hours of the event whose rain is lost, which makes ``rain`` too small;
        - ``cut``: whether the event may have been longer: the series begins or ends, or hours are
          lost, within the dry spell before or after it. With `until`: before it.

    Raises
    ------
    ValueError
        If the rain is text or has no steps, its times are not regular, a month has no gap, or
        times are missing, too many, or outside of the rain.

    See Also
    --------
    RainfallThreshold : Thresholds learned from such events.

    References
    ----------
    .. [1] M. T. Brunetti, S. Peruccacci, M. Rossi, S. Luciani, D. Valigi and F. Guzzetti,
       "Rainfall thresholds for the possible occurrence of landslides in Italy", Natural Hazards
       and Earth System Sciences 10, 447-458, 2010.
    .. [2] M. Melillo, M. T. Brunetti, S. Peruccacci, S. L. Gariano and F. Guzzetti, "An algorithm
       for the objective reconstruction of rainfall events responsible for landslides", Landslides
       12, 311-320, 2015.

    Examples
    --------
    >>> import pandas as pd
    >>> from sklearn_landslide.warning import rain_events
    >>> hours = pd.date_range("2024-06-01T01:00", periods=8, freq="h")
    >>> rain = pd.Series([0, 2.0, 4.0, 0, 0, 0, 1.0, 0], hours)
    >>> events = rain_events(rain, dry_gap=3)
    >>> events[["start", "duration", "rain", "intensity"]]
                    start  duration  rain  intensity
    0 2024-06-01 01:00:00       2.0   6.0        3.0
    1 2024-06-01 06:00:00       1.0   1.0        1.0

    Up to a landslide at half past two:

    >>> rain_events(rain, dry_gap=3, until=["2024-06-01T02:30"])[["duration", "rain"]]
       duration  rain
    0       1.0   2.0
    """
    table = read_rain(rain, step_hours, ends)
    if until is None:
        return _events(table, step_hours, dry_gap, min_rain)
    return _events_until(table, until, step_hours, dry_gap, min_rain)


def gap_steps(dry_gap, step_hours):
    """Return the smallest number of steps that last at least as long as a gap.

    Parameters
    ----------
    dry_gap, step_hours : float
        In hours.

    Returns
    -------
    steps : int

    Examples
    --------
    >>> from sklearn_landslide.warning._rain_events import gap_steps
    >>> gap_steps(48, 1), gap_steps(7, 3), gap_steps(0.3, 0.1)
    (48, 3, 3)
    """
    # 0.3 / 0.1 is a little more than 3.
    return max(int(np.ceil(dry_gap / step_hours - 1e-9)), 1)


def _gaps(table, dry_gap, step_hours):
    """Return the gap of each step, in steps."""
    if not isinstance(dry_gap, Mapping):
        _check_gap(dry_gap, "dry_gap")
        return gap_steps(dry_gap, step_hours)
    for month, gap in dry_gap.items():
        if not isinstance(month, Integral) or not 1 <= month <= 12:
            raise ValueError(f"dry_gap has the key {month!r}: name months by 1 to 12.")
        _check_gap(gap, f"dry_gap[{month}]")
    missing = [month for month in range(1, 13) if month not in dry_gap]
    if missing:
        raise ValueError(f"dry_gap has no hours for month {missing[0]}: give all of 1 to 12.")
    if table.ends is None:
        raise ValueError("dry_gap by month needs times: give ends=..., or rain with times.")
    steps = np.array([0, *(gap_steps(dry_gap[month], step_hours) for month in range(1, 13))])
    # The month in which a step begins: the last hour of May ends in June.
    before = np.arange(table.values.shape[1], 0, -1) * step_hours
    begins = table.ends[:, np.newaxis] - (before * 3.6e12).astype("timedelta64[ns]")
    months = begins.astype("datetime64[M]").astype(int) % 12 + 1
    return steps[months]


def _check_gap(gap, name):
    if not isinstance(gap, Real) or isinstance(gap, bool) or not 0 < gap < np.inf:
        raise ValueError(f"{name} is {gap!r}: give a number of hours above 0.")


def _events(table, step_hours, dry_gap, min_rain):
    """Return the events of all series."""
    found = cut_events(table.values, _gaps(table, dry_gap, step_hours), min_rain)
    start, end = found.first * step_hours, (found.last + 1) * step_hours
    duration = end - start
    if table.ends is not None:
        begin = table.ends[found.series] - _span(table.values.shape[1] * step_hours)
        start, end = (begin + _span(hours) for hours in (start, end))
    columns = {
        "series": table.names[found.series],
        "start": start,
        "end": end,
        "duration": duration,
        "rain": found.rain,
        "intensity": found.rain / duration,
        "max_intensity": found.most / step_hours,
        "lost_hours": found.lost * step_hours,
        "cut": found.cut,
    }
    return pd.DataFrame(columns, index=pd.RangeIndex(len(duration)))


def _span(hours):
    """Return hours as a time delta of whole nanoseconds."""
    return np.rint(np.asarray(hours) * 3.6e12).astype("timedelta64[ns]")


def _events_until(table, until, step_hours, dry_gap, min_rain):
    """Return the event that each landslide ends."""
    if table.ends is None:
        raise ValueError("until needs times: give ends=..., or rain with times.")
    until = as_times(until, "until").to_numpy()
    n_series = len(table.values)
    if n_series not in (1, len(until)):
        raise ValueError(f"until has {len(until)} times for {n_series} series: give one each.")
    rows = [
        _last_event(_rain_before(table, i, time, step_hours), i, step_hours, dry_gap, min_rain)
        for i, time in enumerate(until)
    ]
    found = [row for row in rows if len(row)] or rows[:1]
    events = pd.concat(found).reindex(range(len(until)))
    series = np.arange(len(until)) if n_series > 1 else np.zeros(len(until), int)
    cut = pd.Series([len(row) > 0 and bool(row["cut"].iloc[0]) for row in rows])
    return events.assign(series=table.names[series], cut=cut)


def _rain_before(table, i, time, step_hours):
    """Return the series of a landslide up to the last step that ended before it."""
    row = slice(i, i + 1) if len(table.values) > 1 else slice(0, 1)
    n_steps = table.values.shape[1]
    age = (table.ends[row][0] - time) / _HOUR
    left = n_steps - int(np.ceil(age / step_hours - 1e-9))
    if age < -step_hours or left < 1:
        raise ValueError(
            f"until holds {pd.Timestamp(time)}, of which there is no rain: "
            "drop it, or give rain from before it up to its hour."
        )
    left = min(left, n_steps)
    ends = table.ends[row] - _span((n_steps - left) * step_hours)
    return RainTable(table.values[row, :left], table.names[row], ends)


def _last_event(table, place, step_hours, dry_gap, min_rain):
    """Return the event that goes on at the end of a series: a table of one row, or of none."""
    gaps = _gaps(table, dry_gap, step_hours)
    found = cut_events(table.values, gaps, min_rain)
    events = _events(table, step_hours, dry_gap, min_rain)
    if not found.going_on[-1:].any():
        return events[:0]
    event = events[-1:]
    first = found.first[-1]
    gap = np.broadcast_to(gaps, table.values.shape)[0, first]
    before = table.values[0, max(first - gap, 0) : first]
    cut = bool(first < gap or np.isnan(before).any())
    return event.assign(cut=cut).set_axis([place])
