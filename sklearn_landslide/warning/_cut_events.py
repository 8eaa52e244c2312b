"""Where rain begins and ends: events between spells without rain."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class CutEvents:
    """Rain events of a table of series, ordered by series and time.

    Parameters
    ----------
    series : ndarray of int, shape (n_events,)
        Row of the table.
    first, last : ndarray of int, shape (n_events,)
        First and last step with rain.
    rain, most : ndarray of float, shape (n_events,)
        Sum and greatest value of the steps from first to last, in mm.
    lost : ndarray of int, shape (n_events,)
        Lost steps between first and last.
    cut : ndarray of bool, shape (n_events,)
        Whether the spell without rain before or after is not wholly known.
    going_on : ndarray of bool, shape (n_events,)
        Whether the series ends before the spell after it is long enough.
    """

    series: np.ndarray
    first: np.ndarray
    last: np.ndarray
    rain: np.ndarray
    most: np.ndarray
    lost: np.ndarray
    cut: np.ndarray
    going_on: np.ndarray


def cut_events(values, gaps, min_rain):
    """Cut series into rain events.

    Parameters
    ----------
    values : ndarray of shape (n_series, n_steps)
        Rain in mm, NaN where it is lost.
    gaps : int or ndarray of int, shape (n_series, n_steps)
        After how many steps without rain an event is over, by its last step with rain.
    min_rain : float
        A step with this much, in mm, has rain; above 0.

    Returns
    -------
    events : CutEvents

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.warning._cut_events import cut_events
    >>> events = cut_events(np.array([[0, 2.0, 0, 1.0, 0, 0, 4.0]]), 2, 0.2)
    >>> events.first, events.last, events.rain
    (array([1, 6]), array([3, 6]), array([3., 4.]))
    """
    n_steps = values.shape[1]
    gaps = np.broadcast_to(gaps, values.shape)
    lost = np.isnan(values)
    rows, steps = np.nonzero(np.where(lost, 0.0, values) >= min_rain)
    # An event begins with a series, and after a spell that is long enough.
    spell = np.diff(steps) - 1 >= gaps[rows[:-1], steps[:-1]]
    begins = np.concatenate([np.ones(min(len(rows), 1), bool), (np.diff(rows) > 0) | spell])
    opens = np.flatnonzero(begins)
    closes = np.append(opens[1:], len(rows))[: len(opens)] - 1
    series, first, last = rows[opens], steps[opens], steps[closes]
    missing = np.column_stack([np.zeros(len(values), int), np.cumsum(lost, axis=1)])
    from_, to = np.maximum(first - gaps[series, first], 0), last + 1 + gaps[series, last]
    outside = (first - gaps[series, first] < 0) | (to > n_steps)
    within = missing[series, last + 1] - missing[series, first]
    around = missing[series, np.minimum(to, n_steps)] - missing[series, from_]
    return CutEvents(
        series=series,
        first=first,
        last=last,
        rain=_reduce(np.add, values, series, first, last),
        most=_reduce(np.maximum, values, series, first, last),
        lost=within,
        cut=outside | (around > within),
        going_on=to > n_steps,
    )


def _reduce(ufunc, values, series, first, last):
    """Sum, or greatest value, of each event."""
    if not len(series):
        return np.empty(0)
    # The 0 at the end is where the last event may end.
    flat = np.append(np.nan_to_num(values, nan=0.0).ravel(), 0.0)
    n_steps = values.shape[1]
    bounds = np.column_stack([series * n_steps + first, series * n_steps + last + 1]).ravel()
    return ufunc.reduceat(flat, bounds)[::2]
