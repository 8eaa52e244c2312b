"""Rows of a table in space and time: factors and rain at places and times."""

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from sklearn_landslide._hints import hinting
from sklearn_landslide._optional import import_optional
from sklearn_landslide._words import plural
from sklearn_landslide.mapping._rain._check_rain import check_rain, ends_of
from sklearn_landslide.mapping._rain._draw_events import Region
from sklearn_landslide.mapping._rain._windows import last_steps, rain_cells, read_windows
from sklearn_landslide.mapping._rasters._sample import sample_stack


@dataclass(frozen=True, eq=False)
class EventRows:
    """Rows of one label.

    Parameters
    ----------
    table : Bunch
        As of :func:`sample_stack`.
    times : DatetimeIndex
        When the windows end.
    windows : ndarray of shape (n_rows, n_steps)
        Rain.
    groups : ndarray of int
        The landslide whose place it is, or another number.
    kind : ndarray of str
        What kind of row it is.
    n_no_rain : int
        Rows that were left out.
    """

    table: Any
    times: pd.DatetimeIndex
    windows: np.ndarray
    groups: np.ndarray
    kind: np.ndarray
    n_no_rain: int


@dataclass(frozen=True, eq=False)
class Sampler:
    """Takes factors and rain.

    Parameters
    ----------
    stack : xarray.Dataset
        The factors.
    rain : xarray.DataArray
        The cube.
    grid : Grid
        Cells of the stack.
    n_steps : int
        Steps of a window.
    options : dict
        Of :func:`sample_stack`.
    """

    stack: Any
    rain: Any
    grid: Any
    n_steps: int
    options: dict

    def landslides(self, read, times, polygons, generator):
        """Make the rows of landslides that have a time.

        Parameters
        ----------
        read : Inventory
            All of them.
        times : DatetimeIndex
            When; NaT where it is not known.
        polygons : str or int
            What a polygon becomes.
        generator : numpy.random.Generator
            Source of the draw among the cells of polygons.
        """
        geopandas = import_optional("geopandas", extra="map")
        dated = np.flatnonzero(~times.isna())
        shapes = geopandas.GeoDataFrame(geometry=read.geometry[dated], crs=self.grid.crs)
        seed = int(generator.integers(2**31 - 1))
        table = sample_stack(
            self.stack, shapes, polygons=polygons, random_state=seed, **self.options
        )
        groups = dated[table.groups]
        kind = np.full(len(groups), "landslide")
        rows = self._rows(table, times[groups], groups, kind)
        if not len(rows.times):
            raise ValueError(
                f"no landslide of {read.where} has rain in the steps before it: is the rain of "
                "another time or region, or the inventory in another time zone?"
            )
        return rows

    def others(self, region, n_events, which, times, kind):
        """Make the rows of places and times that were drawn.

        Parameters
        ----------
        region : Region
            Whose cells they are.
        n_events : int
            Rows of the inventory; places of no landslide have higher numbers.
        which : ndarray of int
            Positions of the cells.
        times : ndarray of int64
            When, in nanoseconds.
        kind : ndarray of str
            What kind each is.
        """
        geopandas = import_optional("geopandas", extra="map")
        points = geopandas.points_from_xy(region.x[which], region.y[which])
        shapes = geopandas.GeoDataFrame(geometry=points, crs=self.grid.crs)
        table = sample_stack(self.stack, shapes, **self.options)
        own = region.landslide[which]
        _, place = np.unique(region.cells[which], return_inverse=True)
        groups = np.where(own >= 0, own, n_events + place.ravel())
        times = pd.DatetimeIndex(times.astype("datetime64[ns]"))
        # A cell is left out by sample_stack if no factor is known there.
        kept = table.groups
        return self._rows(table, times[kept], groups[kept], kind[kept])

    def _rows(self, table, times, groups, kind):
        """Add the rain; leave out rows that have none in any step."""
        step = check_rain(self.rain)
        cells = rain_cells(self.rain, table.coordinates.to_numpy(), self.grid.crs)
        windows = read_windows(self.rain, *cells, last_steps(self.rain, times, step), self.n_steps)
        known = ~np.isnan(windows).all(axis=1)
        if n_without := int((~known).sum()):
            warnings.warn(
                f"{n_without} of {plural(len(known), 'row')} have no rain in any step before them "
                "and are left out.",
                UserWarning,
                stacklevel=5,
            )
        table.X = table.X[known].reset_index(drop=True)
        table.coordinates = table.coordinates[known].reset_index(drop=True)
        return EventRows(table, times[known], windows[known], groups[known], kind[known], n_without)

    def region(self, landslides, spare, wet_hours):
        """Collect where and when can be drawn.

        Parameters
        ----------
        landslides : EventRows
            Whose cells are drawn from.
        spare : ndarray of int
            Numbers of other cells.
        wet_hours : float
            Hours whose rain makes a time wet or dry.

        Returns
        -------
        region : Region
        """
        grid, ends = self.grid, ends_of(self.rain).to_numpy().astype(np.int64)
        step = check_rain(self.rain)
        wet_steps = max(1, round(pd.Timedelta(wet_hours, "h") / step))
        first = max(self.n_steps, wet_steps) - 1
        if first >= len(ends):
            hints = f"n_steps={self.n_steps}", f"wet_hours={wet_hours}"
            error = ValueError(
                f"rain has {plural(len(ends), 'step')}, fewer than a window ({hints[0]}, "
                f"{hints[1]}): nothing can be drawn."
            )
            raise hinting(error, *hints)
        rows, columns = grid.cells(*landslides.table.coordinates.to_numpy().T)
        order = np.argsort(landslides.groups, kind="stable")
        numbers = np.concatenate([(rows * grid.width + columns)[order], spare])
        owner = np.concatenate([landslides.groups[order], np.full(len(spare), -1)])
        x, y = grid.centers(*np.divmod(numbers, grid.width))
        cells = np.stack(rain_cells(self.rain, np.stack([x, y], axis=1), grid.crs))
        inside = cells[0] >= 0
        _, one = np.unique(landslides.groups, return_index=True)
        failed = landslides.times[one].to_numpy().astype(np.int64)
        failed = failed[(failed >= ends[first]) & (failed <= ends[-1])]
        return Region(
            self.rain,
            ends,
            first,
            wet_steps,
            numbers[inside],
            x[inside],
            y[inside],
            cells[:, inside],
            owner[inside],
            failed,
        )
