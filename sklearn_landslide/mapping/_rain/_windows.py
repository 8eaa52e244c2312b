"""The rain before given times at given places."""

import warnings
from numbers import Integral

import numpy as np
from sklearn.utils._param_validation import Interval, validate_params

from sklearn_landslide._optional import import_optional
from sklearn_landslide._words import plural
from sklearn_landslide.mapping._rain._check_rain import check_rain, ends_of
from sklearn_landslide.mapping._rain._times import parse_times
from sklearn_landslide.mapping._rasters._grids import grid_of, parse_crs, same_crs
from sklearn_landslide.mapping._rasters._sample import compute

# Steps that are read together, where the chunks of the cube are shorter.
_AT_ONCE = 240


def as_times(times, n_places=None):
    """Return times as naive ones in UTC; one time holds for all places.

    Parameters
    ----------
    times : array-like of datetimes, or one
        Naive ones are in UTC.
    n_places : int, default=None
        How many are needed.

    Returns
    -------
    times : DatetimeIndex
        With nanoseconds.
    """
    index = parse_times([times] if np.ndim(times) == 0 else times)
    if index.tz is not None:
        index = index.tz_convert("UTC").tz_localize(None)
    if n_places is not None and len(index) == 1:
        index = index.repeat(n_places)
    if n_places is not None and len(index) != n_places:
        raise ValueError(f"{len(index)} times for {plural(n_places, 'place')}: give one for each.")
    return index


def rain_cells(rain, coordinates, crs=None):
    """Find the cells of a cube in which places lie.

    Parameters
    ----------
    rain : xarray.DataArray
        The cube.
    coordinates : ndarray of shape (n_places, 2)
        x and y.
    crs : rasterio.crs.CRS or None
        Their CRS; None: that of the cube.

    Returns
    -------
    rows, columns : ndarray of int
        -1 outside.
    """
    grid = grid_of(rain, "rain")
    x, y = coordinates.T
    if crs is not None and not same_crs(crs, grid.crs):
        pyproj = import_optional("pyproj", extra="map")
        to_grid = pyproj.Transformer.from_crs(crs.to_wkt(), grid.crs.to_wkt(), always_xy=True)
        x, y = (np.asarray(axis) for axis in to_grid.transform(x, y))
    if grid.crs.is_geographic:
        # A region across 180 degrees has longitudes beyond.
        left = grid.bounds[0]
        x = np.where(x < left, left + (x - left) % 360, x)
    return grid.cells(x, y)


def groups_of_steps(rain):
    """Cut time where the chunks of a cube end, into parts that are worth a reading."""
    lengths = rain.chunksizes.get("time", (rain.sizes["time"],))
    start = stop = 0
    for length in lengths:
        stop += length
        if stop - start >= _AT_ONCE:
            yield start, stop
            start = stop
    if stop > start:
        yield start, stop


def read_windows(rain, rows, columns, last, n_steps):
    """Read windows of steps in cells.

    Parameters
    ----------
    rain : xarray.DataArray
        The cube.
    rows, columns : ndarray of shape (n_places,)
        Cells, -1 outside.
    last : ndarray of int
        Position of the last step of each window, which may lie outside.
    n_steps : int
        Length of the windows.

    Returns
    -------
    windows : ndarray of shape (n_places, n_steps)
        NaN outside.
    """
    windows = np.full((len(rows), n_steps), np.nan)
    bare = rain.drop_vars(["x", "y", "time"], errors="ignore")
    steps = np.arange(n_steps)
    for start, stop in groups_of_steps(rain):
        here = np.flatnonzero((rows >= 0) & (last >= start) & (last - n_steps + 1 < stop))
        if not len(here):
            continue
        first = max(start, int((last[here] - n_steps + 1).min()))
        end = min(stop, int(last[here].max()) + 1)
        cells, which = np.unique(np.stack([rows[here], columns[here]]), axis=1, return_inverse=True)
        picked = bare.isel(
            time=slice(first, end), y=("place", cells[0]), x=("place", cells[1])
        ).transpose("time", "place")
        values = compute(picked.data)
        at = last[here][:, None] - n_steps + 1 + steps - first
        inside = (at >= 0) & (at < end - first)
        found = values[np.clip(at, 0, end - first - 1), which.ravel()[:, None]]
        windows[here] = np.where(inside, found, windows[here])
    return windows


def last_steps(rain, times, step):
    """Position of the last step that ends at a time or before; it may lie outside the cube."""
    return np.asarray((times - ends_of(rain)[0]) // step).astype(np.int64)


@validate_params(
    {
        "coordinates": ["array-like"],
        "n_steps": [Interval(Integral, 1, None, closed="left")],
    },
    prefer_skip_nested_validation=True,
)
def rain_at(rain, coordinates, times, *, n_steps, crs=None):
    """Return the rain of the last steps before given times at given places.

    A place has the rain of the cell in which it lies; nothing is interpolated. The window of a
    time t are the `n_steps` steps that end in (t - n_steps * step, t]: a step that has not ended
    by t is not included.

    Parameters
    ----------
    rain : xarray.DataArray
        The cube, from :func:`open_rain`.

    coordinates : array-like of shape (n_places, 2)
        x and y.

    times : array-like of shape (n_places,), or one datetime
        When the windows end. Times with a zone are converted; others are in UTC.

    n_steps : int
        Length of the windows in steps.

    crs : str, int or CRS, default=None
        The coordinate reference system of `coordinates`. If None, that of the cube.

    Returns
    -------
    windows : ndarray of shape (n_places, n_steps)
        Millimeters, oldest step first. NaN where rain is missing in the cube, outside its cells,
        and outside its period.

    Raises
    ------
    ValueError
        If places and times do not match, or `rain` is not such a cube.

    Warns
    -----
    UserWarning
        If places lie outside the cells, or windows reach beyond the period, with their number.

    Examples
    --------
    >>> import numpy as np, pandas as pd, xarray as xr
    >>> from sklearn_landslide.mapping import open_rain, rain_at
    >>> hours = pd.date_range("2021-07-12 01:00", periods=4, freq="h")
    >>> cells = {"time": hours, "y": [1500.0, 500.0], "x": [500.0, 1500.0]}
    >>> data = xr.DataArray(np.arange(16.0).reshape(4, 2, 2), cells, name="rain")
    >>> rain = open_rain(data, units="mm", label="end", crs="EPSG:32632")
    >>> rain_at(rain, [[1400, 700]], ["2021-07-12 03:30"], n_steps=3)
    array([[ 3.,  7., 11.]])
    """
    step = check_rain(rain)
    places = np.asarray(coordinates, dtype=np.float64)
    if places.ndim != 2 or places.shape[1] != 2:
        raise ValueError(f"coordinates have the shape {places.shape}: x and y of each place.")
    times = as_times(times, len(places))
    if times.hasnans:
        raise ValueError(f"{plural(int(times.isna().sum()), 'time')} of {len(times)} missing.")
    rows, columns = rain_cells(rain, places, None if crs is None else parse_crs(crs))
    last = last_steps(rain, times, step)
    _warn_of_outside(rain, rows, last, n_steps)
    return read_windows(rain, rows, columns, last, n_steps)


def _warn_of_outside(rain, rows, last, n_steps):
    """Count places outside the cells, and windows that reach beyond the time."""
    ends = ends_of(rain)
    beyond = (last - n_steps + 1 < 0) | (last >= len(ends))
    for count, what in (
        (int((rows < 0).sum()), "places lie outside the cells of the rain"),
        (
            int((beyond & (rows >= 0)).sum()),
            f"windows reach beyond the rain, whose steps end from {ends[0]:%Y-%m-%d %H:%M} to "
            f"{ends[-1]:%Y-%m-%d %H:%M}",
        ),
    ):
        if count:
            warnings.warn(
                f"{count} of {len(rows)} {what}: what is not known is NaN.",
                UserWarning,
                stacklevel=4,
            )
