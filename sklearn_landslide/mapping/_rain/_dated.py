"""Landslides with a time: when and where each was, and when there was none near."""

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from sklearn_landslide._optional import import_optional
from sklearn_landslide._words import listed, nearest, plural
from sklearn_landslide.mapping._rain._parts import asking
from sklearn_landslide.mapping._rain._times import parse_times, to_utc
from sklearn_landslide.mapping._rasters._cells import inventory_cells

_NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True, eq=False)
class Failures:
    """What is known of landslides in space and time.

    Parameters
    ----------
    geometry : ndarray of shapely geometries
        Points and polygons in the CRS of the stack.
    times : ndarray of int64, shape (n_landslides,)
        When, in nanoseconds; the smallest number where it is not known.
    first : Series of int64
        The first landslide in each cell that has one, by the number of the cell.
    buffer : float
        In units of the CRS.
    gap : int
        In nanoseconds.
    """

    geometry: Any
    times: np.ndarray
    first: pd.Series
    buffer: float
    gap: int

    def allow(self, numbers, x, y, times):
        """Mark places and times that are no landslide, nor near one, nor where one was before.

        Parameters
        ----------
        numbers : ndarray of int, shape (n_candidates,)
            Cells.
        x, y : ndarray
            Their centers.
        times : ndarray of int64
            When, in nanoseconds.

        Returns
        -------
        allowed : ndarray of bool
        """
        shapely = import_optional("shapely", extra="map")
        first = self.first.reindex(numbers, fill_value=_NEVER).to_numpy()
        # A slope that failed is another slope; shortly before, too, it is not stable.
        allowed = times < np.where(first == _NEVER, _NEVER, first - self.gap)
        tree = shapely.STRtree(self.geometry)
        place, landslide = tree.query(
            shapely.points(x, y), predicate="dwithin", distance=self.buffer
        )
        other = self.times[landslide]
        unknown = other == np.iinfo(np.int64).min
        # Where a difference of such a number would run over.
        apart = np.abs(times[place] - np.where(unknown, 0, other))
        allowed[place[unknown | (apart < self.gap)]] = False
        return allowed


def times_of_events(frame, column, when, timezone, where):
    """Read when landslides happened.

    Parameters
    ----------
    frame : DataFrame
        The inventory.
    column : str
        Its column of times.
    when : {"hour", "day"}
        Whether the time of day is known.
    timezone : str or None
        Zone of times without one.
    where : str
        What to call the inventory.

    Returns
    -------
    times : DatetimeIndex
        In UTC; the end of the day for ``when="day"``; NaT where it is not known.
    """
    if column not in frame.columns:
        raise ValueError(
            f"{where} has no column {column!r} with the time of each landslide."
            f"{nearest(column, frame.columns)} Its columns are {listed(frame.columns)}."
        )
    values = frame[column]
    try:
        times = parse_times(values)
    except (ValueError, TypeError) as error:
        raise ValueError(
            f"{where} has times in {column!r} that cannot be read: write them as 2021-07-12 05:00."
        ) from error
    zoned = times.tz is not None
    if zoned and timezone is not None:
        hint = f"timezone={timezone!r}"
        raise asking(f"{hint}, but {where} has times with a time zone: leave it out.", hint)
    if when == "day":
        times = times.normalize() + pd.DateOffset(days=1)
    elif len(times.dropna()) and (times.dropna() == times.dropna().normalize()).all():
        raise asking(
            f"{where} has no time of day in {column!r}: give when='day', and each window ends at "
            "the end of the day.",
            "when='day'",
        )
    if zoned:
        return times.tz_convert("UTC").tz_localize(None).as_unit("ns")
    return times if timezone is None else to_utc(times, timezone, where)


def failures_of(geometry, times, grid, buffer, gap):
    """Collect landslides in space and time.

    Parameters
    ----------
    geometry : GeoSeries
        Points and polygons in the CRS of the grid.
    times : DatetimeIndex
        When; NaT where it is not known.
    grid : Grid
        The cells of the stack.
    buffer : float
        In units of the CRS.
    gap : Timedelta
        The least time between a landslide and none.

    Returns
    -------
    failures : Failures
    cells : DataFrame
        All cells that hold a landslide, as of `inventory_cells`.
    """
    # NaT is the smallest number: a landslide of unknown time was before every time.
    numbers = times.to_numpy().astype("datetime64[ns]").astype(np.int64)
    cells = inventory_cells(geometry, grid)
    in_time = pd.Series(numbers, geometry.index)[cells["source"]].to_numpy()
    first = pd.Series(in_time, cells["row"] * grid.width + cells["column"]).groupby(level=0).min()
    # So that the gap can be taken off.
    gap = gap.as_unit("ns").value
    first = first.clip(lower=np.iinfo(np.int64).min + gap)
    return Failures(geometry.to_numpy(), numbers, first, buffer, gap), cells


def storms_of(times, days):
    """Give landslides the number of their storm: those within some days of the next are one.

    Parameters
    ----------
    times : ndarray of datetime64, shape (n_rows,)
        When landslides happened.
    days : float
        The greatest time between two of one storm.

    Returns
    -------
    storms : ndarray of int
        From 0, in the order of time.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.mapping._rain._dated import storms_of
    >>> storms_of(np.array(["2021-07-14", "2021-07-12", "2021-08-01"], "M8[D]"), days=3)
    array([0, 0, 1])
    """
    order = np.argsort(times, kind="stable")
    gaps = np.diff(times[order]) > pd.Timedelta(days, "D").to_timedelta64()
    storms = np.empty(len(times), dtype=np.int64)
    storms[order] = np.concatenate([[0], np.cumsum(gaps)])
    return storms


def nearest_storms(times, landslide_times, storms):
    """Give other rows the storm that is nearest in time.

    Parameters
    ----------
    times : ndarray of datetime64, shape (n_rows,)
        When.
    landslide_times : ndarray of datetime64, shape (n_landslides,)
        When landslides happened.
    storms : ndarray of int, shape (n_landslides,)
        Their storms.

    Returns
    -------
    nearest : ndarray of int, shape (n_rows,)
    """
    order = np.argsort(landslide_times, kind="stable")
    known = landslide_times[order]
    after = np.clip(np.searchsorted(known, times), 1, max(1, len(known) - 1))
    before = after - 1
    after = np.minimum(after, len(known) - 1)
    nearer = np.where(times - known[before] <= known[after] - times, before, after)
    return storms[order][nearer]


def warn_of_undated(times, where):
    """Count landslides whose time is not known."""
    if n_undated := int(times.isna().sum()):
        if n_undated == len(times):
            raise ValueError(f"{where} has no landslide with a time.")
        warnings.warn(
            f"{n_undated} of {plural(len(times), 'landslide')} of {where} have no time: they are "
            "left out, and near them nothing is drawn at any time.",
            UserWarning,
            stacklevel=4,
        )
