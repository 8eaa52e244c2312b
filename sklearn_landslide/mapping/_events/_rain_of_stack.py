"""The part of a cube of rain that a stack needs, and where its pixels lie in it."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from sklearn_landslide._optional import import_optional
from sklearn_landslide.mapping._rain._check_rain import check_rain, ends_of
from sklearn_landslide.mapping._rain._windows import as_times, last_steps, rain_cells
from sklearn_landslide.mapping._rasters._grids import crs_name, grid_of
from sklearn_landslide.mapping._rasters._sample import compute

# Pixels from one place to the next that are looked at to find the part of the cube.
_STRIDE = 64


@dataclass(frozen=True, eq=False)
class PixelCells:
    """In which cells of a cube the pixels of a stack lie.

    Parameters
    ----------
    grid : Grid
        That of the stack.
    layer : xarray.DataArray of shape (n_rows, n_columns)
        A layer on the grid of the cube.
    """

    grid: Any
    layer: Any

    def of(self, rows, columns):
        """Find the cells of pixels by the centers.

        Parameters
        ----------
        rows, columns : ndarray of int
            The pixels.

        Returns
        -------
        rows, columns : ndarray of int
            Of the cells; -1 outside.
        """
        x, y = self.grid.centers(np.ravel(rows), np.ravel(columns))
        found = rain_cells(self.layer, np.column_stack([x, y]), self.grid.crs)
        return tuple(axis.reshape(np.shape(rows)) for axis in found)

    def window(self, first, shape):
        """Find the cell of each pixel of a window, as one number; -1 outside."""
        rows, columns = np.indices(shape)
        rows, columns = self.of(rows + first[0], columns + first[1])
        return np.where(rows < 0, -1, rows * self.layer.sizes["x"] + columns)


def _lattice(size):
    """Rows or columns that are looked at: every few, and the last."""
    return np.unique(np.append(np.arange(0, size, _STRIDE), size - 1))


def _needed(cells, size):
    """Cells that a stack needs along one axis, by those of a lattice of its pixels."""
    inside = cells >= 0
    steps = [np.abs(np.diff(cells, axis=axis)) for axis in (0, 1)]
    pairs = [
        inside[1:] & inside[:-1],
        inside[:, 1:] & inside[:, :-1],
    ]
    # No pixel between two of the lattice is farther from both than they are from each other.
    reach = 1 + max(int(step[pair].max(initial=0)) for step, pair in zip(steps, pairs, strict=True))
    return slice(
        max(0, int(cells[inside].min()) - reach), min(size, int(cells[inside].max()) + reach + 1)
    )


def cut_to_stack(rain, grid):
    """Leave out the cells of a cube that are far from a stack.

    Parameters
    ----------
    rain : xarray.DataArray
        The cube, which may be lazy.
    grid : Grid
        That of the stack.

    Returns
    -------
    rain : xarray.DataArray
        A part of the cube.
    cells : PixelCells
        Where the pixels lie in it.

    Raises
    ------
    ValueError
        If the cube is elsewhere.
    """
    rain = rain.transpose("time", "y", "x")
    layer = _layer_of(rain)
    rows, columns = np.meshgrid(_lattice(grid.height), _lattice(grid.width), indexing="ij")
    rows, columns = PixelCells(grid, layer).of(rows, columns)
    if (rows < 0).all():
        there = grid_of(layer, "rain")
        raise ValueError(
            f"rain does not cover the stack: it lies at {_extent(there)}, the stack at "
            f"{_extent(grid)}."
        )
    if min(layer.shape) > 1:
        part = {"y": _needed(rows, layer.sizes["y"]), "x": _needed(columns, layer.sizes["x"])}
        # A single row or column no longer says how large its cells are.
        part = {axis: _at_least_two(cut, layer.sizes[axis]) for axis, cut in part.items()}
        rain, layer = rain.isel(part), layer.isel(part)
    return rain, PixelCells(grid, layer)


def _at_least_two(cut, size):
    """Widen a slice that holds one cell."""
    if cut.stop - cut.start > 1:
        return cut
    start = min(cut.start, size - 2)
    return slice(start, start + 2)


def _layer_of(rain):
    """Make a layer with the grid of a cube and without its numbers."""
    xarray = import_optional("xarray", extra="map")
    layer = rain.isel(time=0)
    empty = np.zeros(layer.shape, dtype=bool)
    coords = {
        name: layer.coords[name] for name in ("y", "x", "spatial_ref") if name in layer.coords
    }
    return xarray.DataArray(empty, coords, ("y", "x")).rio.write_crs(rain.rio.crs)


def _extent(grid):
    left, right, bottom, top = grid.bounds
    return f"x {left:.6g} to {right:.6g} and y {bottom:.6g} to {top:.6g} ({crs_name(grid.crs)})"


@dataclass(frozen=True, eq=False)
class RainWindows:
    """The steps of rain before each hour.

    Parameters
    ----------
    rain : xarray.DataArray
        The cube, cut to a stack.
    times : DatetimeIndex
        The hours.
    step : Timedelta
        Length of a step.
    last : ndarray of int, shape (n_times,)
        Position of the last step of each hour, which may lie outside.
    n_steps : int
        Number of steps.
    lost : ndarray of bool, shape (n_times, n_steps)
        Steps of which no rain is known at any cell.
    """

    rain: Any
    times: Any
    step: Any
    last: np.ndarray
    n_steps: int
    lost: np.ndarray

    def of(self, number):
        """Rain of the steps before an hour, lazily; NaN outside.

        Parameters
        ----------
        number : int
            The hour.

        Returns
        -------
        rain : dask array of shape (n_steps, n_cells)
            In one piece, oldest step first.
        """
        dask = import_optional("dask.array", extra="map")
        stop = int(self.last[number]) + 1
        start, n_known = stop - self.n_steps, len(self.rain)
        inside = slice(min(max(start, 0), n_known), min(max(stop, 0), n_known))
        known = dask.asarray(self.rain.data[inside])
        before = min(max(0, -start), self.n_steps) if stop > 0 else self.n_steps
        after = self.n_steps - before - len(known)
        parts = [
            dask.full((n, *known.shape[1:]), np.nan, dtype=np.float64) for n in (before, after)
        ]
        series = dask.concatenate([parts[0], known.astype(np.float64), parts[1]])
        return series.reshape(self.n_steps, -1).rechunk((self.n_steps, -1))


def rain_windows(rain, times, n_steps):
    """Find the steps before each hour, and those of which nothing is known.

    Parameters
    ----------
    rain : xarray.DataArray
        The cube, cut to a stack.
    times : array-like of datetimes, or one
        The hours; naive ones are in UTC.
    n_steps : int
        Number of steps before each.

    Returns
    -------
    windows : RainWindows

    Raises
    ------
    ValueError
        If a time is missing or there twice, or no rain is known of any.
    """
    step = check_rain(rain)
    times = as_times(times)
    if times.hasnans or not len(times):
        raise ValueError("times has none, or missing ones: give the hours to map.")
    if times.has_duplicates:
        raise ValueError(f"times has {times[times.duplicated()][0]} twice: name each hour once.")
    last = last_steps(rain, times, step)
    steps = last[:, None] + np.arange(1 - n_steps, 1)
    inside = (steps >= 0) & (steps < len(rain))
    lost = np.ones(steps.shape, dtype=bool)
    if inside.any():
        first, end = int(steps[inside].min()), int(steps[inside].max()) + 1
        nothing = np.asarray(compute(rain[first:end].isnull().all(("y", "x")).data))
        lost[inside] = nothing[steps[inside] - first]
    if lost.all():
        ends = ends_of(rain)
        raise ValueError(
            f"no rain is known before {times[0]:%Y-%m-%d %H:%M} to {times[-1]:%Y-%m-%d %H:%M}: its "
            f"steps end from {ends[0]:%Y-%m-%d %H:%M} to {ends[-1]:%Y-%m-%d %H:%M} (UTC)."
        )
    return RainWindows(rain, times, step, last, n_steps, lost)
