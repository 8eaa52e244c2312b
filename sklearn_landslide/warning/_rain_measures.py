"""What the steps before an observation say in two numbers, as thresholds need them."""

import numpy as np
import pandas as pd

from sklearn_landslide.warning._cut_events import cut_events
from sklearn_landslide.warning._rain_events import gap_steps


def event_measures(values, step_hours, dry_gap, min_rain):
    """Return the event that goes on at the end of each series.

    Parameters
    ----------
    values : ndarray of shape (n_series, n_steps)
        Rain in mm, NaN where it is lost.
    step_hours, dry_gap, min_rain : float
        As in :func:`~sklearn_landslide.warning.rain_events`.

    Returns
    -------
    table : DataFrame
        ``duration`` (hours) and ``rain`` (mm), NaN where no event goes on; ``lost_hours``.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.warning._rain_measures import event_measures
    >>> event_measures(np.array([[0, 2.0, 1.0, 0], [1.0, 0, 0, 0]]), 1.0, 2.0, 0.2)
       duration  rain  lost_hours
    0       2.0   3.0         0.0
    1       NaN   NaN         0.0
    """
    found = cut_events(values, gap_steps(dry_gap, step_hours), min_rain)
    now = np.flatnonzero(found.going_on)
    # Where the gap is longer than what is left, several events go on: the last one counts.
    now = now[np.append(np.diff(found.series[now]) > 0, True)[: len(now)]]
    rows = found.series[now]
    table = np.full((3, len(values)), np.nan)
    table[2] = 0.0
    table[0, rows] = (found.last[now] + 1 - found.first[now]) * step_hours
    table[1, rows] = found.rain[now]
    table[2, rows] = found.lost[now] * step_hours
    return pd.DataFrame(dict(zip(["duration", "rain", "lost_hours"], table, strict=True)))


def antecedent_measures(values, step_hours, days, decay, min_rain):
    """Return the rain of the last 24 hours, and that of the days before.

    Parameters
    ----------
    values : ndarray of shape (n_series, n_steps)
        Rain in mm, NaN where it is lost.
    step_hours : float
        Length of a step in hours.
    days : int
        How many days before the last one count, as far as the series goes.
    decay : float
        What a day counts of what the day after it counts; that before the last one counts
        ``decay``.
    min_rain : float
        A last day with less, in mm, was dry.

    Returns
    -------
    table : DataFrame
        ``antecedent_rain`` and ``rain`` (mm), the latter NaN on a dry day; ``lost_hours``.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.warning._rain_measures import antecedent_measures
    >>> antecedent_measures(np.array([[8.0, 4.0, 9.0]]), 24.0, 2, 0.5, 0.2)
       antecedent_rain  rain  lost_hours
    0              4.0   9.0         0.0
    """
    a_day = max(round(24 / step_hours), 1)
    day = np.minimum(np.arange(values.shape[1])[::-1] // a_day, days + 1)
    rain = np.nan_to_num(values, nan=0.0)
    today = rain[:, day == 0].sum(axis=1)
    counts = np.where((day > 0) & (day <= days), float(decay) ** day, 0.0)
    lost = np.isnan(values[:, day <= days]).sum(axis=1) * float(step_hours)
    return pd.DataFrame(
        {
            "antecedent_rain": rain @ counts,
            "rain": np.where(today >= min_rain, today, np.nan),
            "lost_hours": lost,
        }
    )
