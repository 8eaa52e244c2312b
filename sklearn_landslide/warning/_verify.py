"""Were the warnings right: tables of warnings and of events become scores."""

import numpy as np
import pandas as pd

from sklearn_landslide._words import plural
from sklearn_landslide.warning._levels import WarningLevels
from sklearn_landslide.warning._match import counted_cells, lead_hours, to_cells, windows
from sklearn_landslide.warning._scores import WarningScores
from sklearn_landslide.warning._times import length, needs, places, usual_step, utc

_DAY = 24 * 3_600_000_000_000


def verify_warnings(
    warnings,
    events,
    *,
    levels=None,
    unit="unit",
    step=None,
    period=None,
    tolerance="0h",
    block="10D",
    time_label="end",
):
    """Compare warnings with the landslides that occurred.

    Place and time are cut into cells: a place (municipality, catchment) in a step or a longer
    `period`. A cell with an event and a warning is a hit, with only an event a miss, with only a
    warning a false alarm, and with neither a correct rejection. The highest level or probability
    of a cell is its warning; several events in one cell are one.

    Parameters
    ----------
    warnings : DataFrame
        One row per place and step: ``time`` with ``level`` (0 for none, 1 for the lowest) or
        ``probability``, or both; a column `unit` for the place; and ``issued``, the time at which
        the warning was issued, if that is not the end of the step (forecasts). Rows without level
        and probability had no forecast: they are left out, and counted. Give all rows of the
        season, also those without a warning.
    events : DataFrame
        One row per landslide: ``time``, and the column `unit`. If no event has an hour, they are
        dates, and the time is taken to be noon.
    levels : WarningLevels, default=None
        Turns probabilities into levels. None: the column ``level`` of `warnings`; without one
        the probabilities alone are scored.
    unit : str or None, default="unit"
        Column of the place in both tables. None, or a column that neither has: everything is one
        place.
    step : str or timedelta, default=None
        How long a row of `warnings` is. None: the most frequent interval between two rows.
    period : str or timedelta, default=None
        Length of a cell, such as ``"1D"``; counted from midnight UTC. None: a row is a cell.
    tolerance : str, timedelta or pair of them, default="0h"
        By how much a warning may be earlier, or later, than the event and still be a hit; a pair
        says (earlier, later). Cells without an event, but with one within the tolerance, count
        neither as false alarms nor as correct rejections. A wide tolerance produces hits by
        chance.
    block : str or timedelta, default="10D"
        Blocks of time for the intervals: the weather in a block is drawn again as a whole. Or a
        column of `warnings` with names of blocks, such as the storm.
    time_label : {"end", "start"}, default="end"
        Which end of its step ``time`` is. A table of dates has ``"start"``.

    Returns
    -------
    scores : WarningScores
        Scores, lead times, value, reliability; printing it says them in words.

    Raises
    ------
    ValueError
        If a table lacks a column or has missing times, no event lies in the time and places of the
        warnings, or `levels` was fitted on times that are scored here. This is known only if
        ``fit`` was given ``time``; times are compared, not places, because one storm is in many
        places.

    See Also
    --------
    WarningLevels : Levels, learned on other seasons.

    Examples
    --------
    >>> import pandas as pd
    >>> from sklearn_landslide.warning import verify_warnings
    >>> days = pd.date_range("2020-05-01", periods=6)
    >>> warnings = pd.DataFrame({"time": days, "unit": "Bozen", "level": [0, 1, 2, 0, 1, 0]})
    >>> events = pd.DataFrame({"time": ["2020-05-03", "2020-05-04"], "unit": "Bozen"})
    >>> scores = verify_warnings(warnings, events, time_label="start")
    >>> scores.table[["hits", "misses", "false_alarms", "correct_rejections"]].to_numpy().tolist()
    [[1, 1, 2, 2], [1, 1, 0, 4]]
    """
    if time_label not in ("end", "start"):
        raise ValueError(f"time_label must be 'end' or 'start', got {time_label!r}.")
    needs(warnings, ["time"], of="warnings")
    needs(events, ["time"], of="events")
    unit = _unit_column(unit, warnings, events)
    rows, n_missing = _read_warnings(warnings, levels, unit, block)
    events, dates_only = _read_events(events, unit)
    _check_not_fitted_on(levels, rows)
    step, width = _lengths(step, period, rows)
    rows["time"] = rows["time"].astype(np.int64) + (step if time_label == "start" else 0)
    issued = rows["issued"].astype("datetime64[ns]").astype(np.int64)
    rows["issued"] = issued.where(rows["issued"].notna(), rows["time"])
    rows["block"] = _blocks(rows, block)
    facts = {"n_missing": n_missing, "dates_only": dates_only}
    tolerance = _tolerance(tolerance)
    return _scored(rows, events, levels, step, width, tolerance, facts)


def _scored(rows, events, levels, step, width, tolerance, facts):
    """Match warnings and events, and return the scores."""
    cells = to_cells(rows, width, step)
    found = windows(cells, events, width, *tolerance)
    inside = found[0] >= 0
    if not inside.any():
        raise ValueError(
            f"none of {plural(len(events), 'event')} lies in the time and places of the warnings: "
            "look at the years, the time zone, and the names of the places."
        )
    counted, n_near = counted_cells(cells, *found)
    names = _names(levels, rows)
    leads = {
        name: lead_hours(rows, cells, events, found, number, width, step)
        for number, name in enumerate(names, 1)
    }
    for table in (counted, rows, events):
        table["time"] = table["time"].astype("datetime64[ns]")
    return WarningScores(
        cells=counted,
        rows=rows.drop(columns="issued"),
        events=events.assign(inside=inside),
        leads=pd.DataFrame(leads, index=events.index),
        names=names,
        edges=None if levels is None else tuple(levels.edges_.tolist()),
        period=pd.Timedelta(width),
        step=pd.Timedelta(step),
        tolerance=tuple(map(pd.Timedelta, tolerance)),
        n_near=n_near,
        **facts,
    )


def _lengths(step, period, rows):
    """Return the length of a row and of a cell in ns."""
    if step is None:
        step = usual_step(rows["time"], rows["unit"])
    else:
        step = length(step, name="step", least=1)
    width = step if period is None else length(period, name="period", least=1)
    if width < step:
        raise ValueError(f"period={period!r} is shorter than a row of the warnings.")
    return step, width


def _unit_column(unit, warnings, events):
    """Return the column of the place, or None where there is none."""
    if unit is None:
        return None
    there = [unit in table for table in (warnings, events)]
    if any(there) and not all(there):
        which = "events" if there[0] else "warnings"
        raise ValueError(f"{which} has no column {unit!r}, the other table has: or give unit=None.")
    return unit if any(there) else None


def _read_warnings(table, levels, unit, block):
    """Return rows with time, place, level, probability and the time of issue."""
    rows = pd.DataFrame({"time": utc(table["time"], of="warnings")})
    rows["unit"] = places(table, unit, of="warnings")
    rows["issued"] = utc(table["issued"], of="issued") if "issued" in table else pd.NaT
    if isinstance(block, str) and block in table:
        rows["block"] = table[block].to_numpy()
    known = np.zeros(len(rows), dtype=bool)
    if "probability" in table:
        rows["probability"] = np.asarray(table["probability"], dtype=float)
        known |= np.isfinite(rows["probability"].to_numpy())
        if not rows.loc[known, "probability"].between(0, 1).all():
            raise ValueError("probability of the warnings must lie between 0 and 1.")
    if levels is not None:
        if not isinstance(levels, WarningLevels):
            raise ValueError(f"levels must be WarningLevels, got {type(levels).__name__}.")
        if "probability" not in rows:
            raise ValueError("levels need a column 'probability' in warnings.")
        rows["level"] = levels.predict(rows["probability"])
    elif "level" in table:
        level = pd.to_numeric(table["level"], errors="coerce").to_numpy(dtype=float)
        is_level = np.isfinite(level) & (level >= 0)
        if (level[is_level] % 1 != 0).any():
            raise ValueError("level must be 0 for no warning, 1 for the lowest level, and so on.")
        known = known & is_level if "probability" in rows else is_level
        rows["level"] = np.where(is_level, level, -1).astype(int)
    elif "probability" not in rows:
        raise ValueError("warnings has neither a column 'level' nor 'probability'.")
    if not known.any():
        raise ValueError("no row of the warnings has a level or a probability.")
    return rows[known].reset_index(drop=True), int((~known).sum())


def _read_events(table, unit):
    """Return times in ns and places of the events, and whether they are dates."""
    times = utc(table["time"], of="events")
    dates_only = bool((times == times.astype("datetime64[D]")).all())
    numbers = times.astype(np.int64) + (_DAY // 2 if dates_only else 0)
    return pd.DataFrame({"unit": places(table, unit, of="events"), "time": numbers}), dates_only


def _check_not_fitted_on(levels, rows):
    """Refuse to score the season that the levels were learned on."""
    known = getattr(levels, "_times", None)
    if known is None:
        return
    if n_shared := int(np.isin(rows["time"].to_numpy(dtype="datetime64[ns]"), known).sum()):
        raise ValueError(
            f"levels was fitted on times that {plural(n_shared, 'row')} of the warnings have "
            f"({levels.training_[0][:10]} to {levels.training_[1][:10]}): score other seasons."
        )


def _tolerance(tolerance):
    """Return how much earlier and later a warning may be, in ns."""
    pair = tolerance if isinstance(tolerance, tuple | list) else (tolerance, tolerance)
    if len(pair) != 2:
        raise ValueError(f"tolerance must be one length of time or a pair, got {tolerance!r}.")
    return tuple(length(part, name="tolerance") for part in pair)


def _blocks(rows, block):
    """Return the number of the block of each row."""
    if "block" in rows:
        return pd.factorize(rows["block"])[0]
    return (rows["time"] - 1) // length(block, name="block", least=1)


def _names(levels, rows):
    """Return the names of the levels, the lowest first."""
    if levels is not None:
        return tuple(map(str, levels.names))
    if "level" not in rows:
        return ()
    return tuple(f"level {number}" for number in range(1, max(int(rows["level"].max()), 1) + 1))
