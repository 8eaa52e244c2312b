"""Which events lie in which cells of place and time, and how long before they were warned of."""

import numpy as np
import pandas as pd

HOUR = 3_600_000_000_000


def to_cells(rows, width, step):
    """Put the rows of a place together to cells of time; the highest level counts.

    Parameters
    ----------
    rows : DataFrame
        ``unit``, ``time`` (int, end of the step in ns), and of ``level``, ``probability`` and
        ``block`` those that there are.
    width, step : int
        Length of a cell, and of a row, in ns.

    Returns
    -------
    cells : DataFrame
        The same columns, ``time`` the end of the cell; by place and time.

    Examples
    --------
    >>> import pandas as pd
    >>> from sklearn_landslide.warning._match import to_cells
    >>> rows = pd.DataFrame({"unit": "a", "time": [1, 2, 3], "level": [0, 2, 1]})
    >>> to_cells(rows, 2, 1)["level"].tolist()
    [2, 1]
    """
    ends = rows["time"] if width == step else -(-rows["time"] // width) * width
    how = {name: "max" for name in ("level", "probability") if name in rows}
    how |= {"block": "first"} if "block" in rows else {}
    return rows.assign(time=ends).groupby(["unit", "time"], as_index=False, sort=True).agg(how)


def windows(cells, events, width, before, after):
    """Find the cells of each event, those near it included.

    Parameters
    ----------
    cells : DataFrame
        ``unit`` and ``time`` (int), by place and time.
    events : DataFrame
        ``unit`` and ``time`` (int).
    width, before, after : int
        Length of a cell, and how much earlier and later a warning may be, in ns.

    Returns
    -------
    own, first, last : ndarray of int of shape (n_events,)
        Position of the cell in which the event lies, -1 without; and of the first cell that counts
        for it, and of the one after the last.

    Examples
    --------
    >>> import pandas as pd
    >>> from sklearn_landslide.warning._match import windows
    >>> cells = pd.DataFrame({"unit": ["a"] * 3, "time": [10, 20, 30]})
    >>> events = pd.DataFrame({"unit": ["a", "b"], "time": [20, 20]})
    >>> [found.tolist() for found in windows(cells, events, 10, 5, 5)]
    [[1, -1], [1, 0], [3, 0]]
    """
    own, first, last = (np.full(len(events), fill) for fill in (-1, 0, 0))
    positions = pd.RangeIndex(len(cells)).to_series().groupby(cells["unit"].to_numpy())
    places = {unit: (part.iloc[0], part.iloc[-1] + 1) for unit, part in positions}
    ends, times = cells["time"].to_numpy(), events["time"].to_numpy()
    for unit, rows in events.groupby("unit").indices.items():
        if unit not in places:
            continue
        start, stop = places[unit]
        of_place, happened = ends[start:stop], times[rows]
        # A cell holds the times after its start, up to its end.
        first[rows] = start + np.searchsorted(of_place, happened - before)
        last[rows] = start + np.searchsorted(of_place, happened + after + width)
        at = np.searchsorted(of_place, happened)
        inside = np.minimum(at, of_place.size - 1)
        is_in = (at < of_place.size) & (of_place[inside] - width < happened)
        own[rows] = np.where(is_in, start + at, -1)
    return own, first, last


def counted_cells(cells, own, first, last):
    """Mark cells with an event; give them the highest warning near it; leave out those near.

    Parameters
    ----------
    cells : DataFrame
        Cells by place and time.
    own, first, last : ndarray of int of shape (n_events,)
        What :func:`windows` returns.

    Returns
    -------
    counted : DataFrame
        The cells that count, with a column ``event`` of 0 and 1.
    n_near : int
        Cells that were left out: no event within, but one within the tolerance.
    """
    happened, near = np.zeros(len(cells), dtype=int), np.zeros(len(cells), dtype=bool)
    found = cells.copy()
    inside = np.flatnonzero(own >= 0)
    happened[own[inside]] = 1
    for name in {"level", "probability"} & set(cells):
        values, highest = cells[name].to_numpy(), cells[name].to_numpy(copy=True)
        for number in inside:
            cell = own[number]
            best = values[first[number] : last[number]].max()
            highest[cell] = max(highest[cell], best)
        found[name] = highest
    for number in inside:
        near[first[number] : last[number]] = True
    near &= happened == 0
    found["event"] = happened
    return found[~near].reset_index(drop=True), int(near.sum())


def lead_hours(rows, cells, events, found, level, width, step):
    """Hours from the first warning of the warned spell to each event.

    Parameters
    ----------
    rows, cells, events : DataFrame
        Rows as they were given, with ``issued`` (int); cells; events.
    found : tuple of three ndarray of int of shape (n_events,)
        What :func:`windows` returns.
    level : int
        Least level that counts as a warning.
    width, step : int
        Length of a cell and of a row in ns.

    Returns
    -------
    hours : ndarray of shape (n_events,)
        Negative where the warning came after the event; NaN where there was none, or no cell.
    """
    own, first, last = found
    hours = np.full(len(events), np.nan)
    warned = rows[rows["level"] >= level].groupby(["unit", "time"])["issued"].min().reset_index()
    of_unit = dict(iter(warned.groupby("unit")))
    ends = cells["time"].to_numpy()
    for number in np.flatnonzero(own >= 0):
        place = of_unit.get(events["unit"].iloc[number])
        if place is None:
            continue
        times, issued = place["time"].to_numpy(), place["issued"].to_numpy()
        begin = np.searchsorted(times, ends[first[number]] - width, side="right")
        end = np.searchsorted(times, ends[last[number] - 1], side="right")
        if begin == end:
            continue
        happened = events["time"].iloc[number]
        in_time = np.flatnonzero(issued[begin:end] <= happened)
        at = begin + (in_time[-1] if in_time.size else 0)
        breaks = np.flatnonzero(np.diff(times[: at + 1]) > step)
        spell = breaks[-1] + 1 if breaks.size else 0
        hours[number] = (happened - issued[spell : at + 1].min()) / HOUR
    return hours
