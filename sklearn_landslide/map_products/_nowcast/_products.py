"""What follows from the hours of an event: the highest of all, levels, tables."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from sklearn_landslide._escaping import without_formulas
from sklearn_landslide.mapping import write_event_netcdf, write_layer
from sklearn_landslide.plotting import MOST_FRAMES, save_event_animation, save_event_map

_NO_LEVEL = 255


@dataclass(eq=False)
class Found:
    """What the hours say together.

    Parameters
    ----------
    times : DatetimeIndex
        The hours.
    grid : Grid
        Where the maps lie.
    highest : ndarray of shape (n_rows, n_columns), float32
        Highest probability, NaN for no data.
    hour : ndarray of shape (n_rows, n_columns), float32
        Hours from the first one to that of the highest probability, the first of equal ones.
    table : DataFrame of shape (n_times, n_columns)
        Mean, greatest value and shares of each hour.
    units : DataFrame or None
        The same of each polygon and hour.
    """

    times: Any
    grid: Any
    highest: np.ndarray
    hour: np.ndarray
    table: pd.DataFrame
    units: Any


def _share_columns(levels):
    return [f"share_from_{level:g}" for level in levels]


def _by_unit(values, cells, n_units, levels):
    """Cells, mean, greatest value and shares of each unit at one hour."""
    known = ~np.isnan(values) & (cells > 0)
    unit, value = cells[known] - 1, values[known].astype(np.float64)
    count = np.bincount(unit, minlength=n_units)
    greatest = np.full(n_units, -np.inf)
    np.maximum.at(greatest, unit, value)
    with np.errstate(invalid="ignore", divide="ignore"):
        found = {
            "n_cells": count,
            "mean": np.bincount(unit, value, n_units) / count,
            "max": np.where(count > 0, greatest, np.nan),
        }
        for name, level in zip(_share_columns(levels), levels, strict=True):
            found[name] = np.bincount(unit[value >= level], minlength=n_units) / count
    return pd.DataFrame(found)


def look_at(hours, *, levels, units=None):
    """Read all hours, one at a time.

    Parameters
    ----------
    hours : HourFiles
        At least one.
    levels : list of float
        Probabilities, rising.
    units : tuple of (list of str, ndarray of int32), default=None
        Names of polygons, and the position of that of each cell, from 1.

    Returns
    -------
    found : Found
    """
    times, grid = hours.times(), hours.grid()
    shape = (grid.height, grid.width)
    highest = np.full(shape, np.nan, dtype=np.float32)
    hour = np.full(shape, np.nan, dtype=np.float32)
    everywhere = np.ones(shape, dtype=np.int32)
    names, cells = units or (None, None)
    rows, unit_rows = [], []
    for time in times:
        values = hours.read(time)
        higher = ~np.isnan(values) & ~(values <= highest)
        highest[higher] = values[higher]
        hour[higher] = (time - times[0]) / pd.Timedelta(1, "h")
        row = _by_unit(values, everywhere, 1, levels)
        row.insert(0, "time", f"{time:%Y-%m-%dT%H:%MZ}")
        rows.append(row.assign(lost_steps=hours.lost_steps(time)))
        if names is not None:
            row = _by_unit(values, cells, len(names), levels)
            row.insert(0, "time", f"{time:%Y-%m-%dT%H:%MZ}")
            row.insert(0, "unit", names)
            unit_rows.append(row)
    by_unit = pd.concat(unit_rows, ignore_index=True) if unit_rows else None
    return Found(times, grid, highest, hour, pd.concat(rows, ignore_index=True), by_unit)


def _level_of(highest, levels):
    """Highest level that a probability has reached; 0 below the first."""
    reached = np.searchsorted(levels, highest, side="right").astype(np.uint8)
    return np.where(np.isnan(highest), _NO_LEVEL, reached).astype(np.uint8)


def pictures_of(found, hours, levels, *, animation):
    """Say how the pictures of the hours are drawn.

    Parameters
    ----------
    found : Found
        What the hours say.
    hours : HourFiles
        The hours.
    levels : list of float
        Probabilities, rising.
    animation : bool
        Whether all hours are drawn one after the other.

    Returns
    -------
    writers : dict of str to callable
        By file, a function that writes it at the path it is given.
    """
    times = found.times
    how = {"levels": levels, "most": float(np.nanmax(found.highest))}
    span = " to ".join(dict.fromkeys(f"{time:%Y-%m-%d %H:%M}" for time in times[[0, -1]]))
    every_nth = -(-len(times) // MOST_FRAMES)
    shown = ((f"{time:%Y-%m-%d %H:%M} UTC", hours.read(time)) for time in times[::every_nth])
    title = f"highest, {span} UTC"
    writers = {
        "highest.png": lambda path: save_event_map(
            found.highest, found.grid, path, title=title, **how
        )
    }
    if animation:
        writers["event.gif"] = lambda path: save_event_animation(shown, found.grid, path, **how)
    return writers


def writers_of(found, hours, every, levels):
    """Say how the files that follow from the hours are written.

    Parameters
    ----------
    found : Found
        What the hours say.
    hours : HourFiles
        The hours.
    every : Timedelta
        From one hour to the next.
    levels : list of float
        Probabilities, rising.

    Returns
    -------
    writers : dict of str to callable
        By file, a function that writes it at the path it is given.
    """
    span = {"first_time": f"{found.times[0]:%Y-%m-%dT%H:%MZ}", "n_times": len(found.times)}

    def layer(values, nodata, **tags):
        return lambda path: write_layer(values, found.grid, path, nodata=nodata, tags=span | tags)

    def table(frame):
        return lambda path: without_formulas(frame).to_csv(path, index=False, lineterminator="\n")

    writers = {
        "highest.tif": layer(found.highest, np.nan, units="probability"),
        "hour_of_highest.tif": layer(
            found.hour, np.nan, units=f"hours since {found.times[0]:%Y-%m-%d %H:%M} UTC"
        ),
        "hours.csv": table(found.table),
        "event.nc": lambda path: write_event_netcdf(hours, path, every),
    }
    if levels:
        words = ", ".join(f"{number} from {level:g}" for number, level in enumerate(levels, 1))
        writers["highest_level.tif"] = layer(
            _level_of(found.highest, levels), _NO_LEVEL, levels=f"0 below, {words}"
        )
    if found.units is not None:
        writers["units.csv"] = table(found.units)
    return writers
