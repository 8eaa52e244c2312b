"""Rain as it comes in, one series or many, as one table of numbers with the times it is of."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sklearn_landslide._factor_tables import from_polars
from sklearn_landslide._nodata import mask_nodata


@dataclass(frozen=True)
class RainTable:
    """Series of rain of the same length.

    Parameters
    ----------
    values : ndarray of shape (n_series, n_steps)
        Rain of each step in mm, oldest first, NaN where it is lost.
    names : pandas.Index of shape (n_series,)
        What the series are called.
    ends : ndarray of datetime64[ns], shape (n_series,), or None
        When the last step of each series ends.
    """

    values: np.ndarray
    names: pd.Index
    ends: np.ndarray | None


def known_rain(values):
    """Return a copy in which what cannot be rain, below 0 or no data, is NaN.

    Parameters
    ----------
    values : ndarray of numbers
        Rain.

    Returns
    -------
    known : ndarray of float64

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.warning._rain_table import known_rain
    >>> known_rain(np.array([0.4, -9999.0, np.inf]))
    array([0.4, nan, nan])
    """
    known = np.array(values, dtype=np.float64)
    known[mask_nodata(known) | (known < 0)] = np.nan
    return known


def as_times(times, what):
    """Return times as naive UTC; NaT is refused.

    Parameters
    ----------
    times : array-like of datetime
        With a time zone, or without one and then in UTC.
    what : str
        What they are, for the message.

    Returns
    -------
    times : DatetimeIndex

    Examples
    --------
    >>> from sklearn_landslide.warning._rain_table import as_times
    >>> as_times(["2024-06-01T02:00+02:00"], "ends")[0]
    Timestamp('2024-06-01 00:00:00')
    """
    try:
        found = pd.DatetimeIndex(pd.to_datetime(np.atleast_1d(np.asarray(times, dtype=object))))
    except (ValueError, TypeError) as error:
        raise ValueError(f"{what} must be times, such as '2024-06-01T05:00': {error}") from None
    if found.tz is not None:
        found = found.tz_convert("UTC").tz_localize(None)
    if found.hasnans:
        raise ValueError(f"{what} has {int(found.isna().sum())} missing times: drop these.")
    return found.as_unit("ns")


def read_rain(rain, step_hours, ends):
    """Read one series or many.

    Parameters
    ----------
    rain : Series, DataFrame or array-like
        As in :func:`~sklearn_landslide.warning.rain_events`.
    step_hours : float
        Length of a step in hours.
    ends : array-like of datetime or None
        When the series end, where the table does not say it.

    Returns
    -------
    table : RainTable

    Raises
    ------
    ValueError
        For no steps, text, steps at irregular times, or ends that are not one for each series.

    Examples
    --------
    >>> import pandas as pd
    >>> from sklearn_landslide.warning._rain_table import read_rain
    >>> hours = pd.date_range("2024-06-01T01:00", periods=3, freq="h")
    >>> read_rain(pd.Series([0.0, 1.0, 2.0], hours), 1.0, None).ends[0]
    np.datetime64('2024-06-01T03:00:00.000000000')
    """
    rain = from_polars(rain)
    if isinstance(rain, pd.Series):
        rain = rain.to_frame(0 if rain.name is None else rain.name).T
    if not isinstance(rain, pd.DataFrame):
        rain = pd.DataFrame(np.atleast_2d(np.asarray(rain)))
    try:
        values = known_rain(rain.to_numpy(dtype=np.float64, na_value=np.nan))
    except (ValueError, TypeError):
        raise ValueError(
            "rain holds text: give numbers of mm alone, one column for each step."
        ) from None
    if not values.size:
        raise ValueError("rain has no steps: give one column for each step, oldest first.")
    if isinstance(rain.columns, pd.DatetimeIndex):
        if ends is not None:
            raise ValueError("ends is for rain without times: leave it out.")
        last = _regular(rain.columns, step_hours)[-1]
        ends = np.full(len(values), last.to_datetime64())
    elif ends is not None:
        ends = as_times(ends, "ends").to_numpy()
        if len(ends) != len(values):
            raise ValueError(f"ends has {len(ends)} times for {len(values)} series: give one each.")
    return RainTable(values, rain.index, ends)


def _regular(times, step_hours):
    """Return the times of the steps, or say where they are not one step apart."""
    times = as_times(times, "the times of rain")
    step = pd.Timedelta(hours=step_hours)
    wrong = np.flatnonzero(np.diff(times) != step)
    if len(wrong):
        before, after = times[wrong[0]], times[wrong[0] + 1]
        raise ValueError(
            f"rain of {after} follows that of {before}, which is not step_hours={step_hours:g}: "
            "sort it and fill in lost steps with NaN, as rain.asfreq('h') does."
        )
    return times
