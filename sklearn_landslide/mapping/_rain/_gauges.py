"""Rain gauges between which rain is interpolated, on a grid or at places."""

import os
from numbers import Real

import numpy as np
import pandas as pd
from sklearn.utils._param_validation import Interval, StrOptions, validate_params

from sklearn_landslide._optional import import_optional
from sklearn_landslide._words import listed, nearest, plural
from sklearn_landslide.mapping._rain._parts import RainPart, asking
from sklearn_landslide.mapping._rain._steps import as_step, in_words, steps_of
from sklearn_landslide.mapping._rain._times import parse_times, to_utc
from sklearn_landslide.mapping._rain._windows import as_times
from sklearn_landslide.mapping._rasters._grids import Grid, crs_name, grid_of, parse_crs, same_crs
from sklearn_landslide.mapping._rasters._meters import true_scale, why_no_meters
from sklearn_landslide.tables import as_number, read_frame

# A gauge nearer than this, in meters, is at the place.
_AT_THE_PLACE = 1e-3
_VALUES_AT_ONCE = 4_000_000


def _column(frame, name, where):
    if name not in frame.columns:
        raise ValueError(
            f"{where} has no column {name!r}.{nearest(name, frame.columns)} Its columns are "
            f"{listed(frame.columns)}."
        )
    return frame[name]


def _times_of(column, timezone, where):
    """Read the times of a table; in UTC."""
    try:
        zoned = parse_times(column).tz is not None
        times = as_times(column)
    except (ValueError, TypeError) as error:
        raise ValueError(
            f"{where} has times that cannot be read: write them as 2021-07-12 05:00."
        ) from error
    if times.hasnans:
        raise ValueError(f"{where} has {plural(int(times.isna().sum()), 'row')} without a time.")
    if timezone is None:
        return times
    if zoned:
        hint = f"timezone={timezone!r}"
        raise asking(f"{hint}, but {where} has times with a time zone: leave it out.", hint)
    return to_utc(times, timezone, where)


def _read_gauges(gauges, names, timezone):
    """Read a table as millimeters by time and station, and places by station."""
    where, decimal = "the table of gauges", "."
    if isinstance(gauges, str | os.PathLike):
        where = str(gauges)
        gauges, decimal = read_frame(gauges, 0)
    if not isinstance(gauges, pd.DataFrame) or gauges.empty:
        raise ValueError(f"{where} has no rows, or is not a table.")
    numbers = {name: as_number(_column(gauges, name, where), decimal) for name in names[2:]}
    rows = pd.DataFrame({name: column.to_numpy(float) for name, column in numbers.items()})
    rows.columns = ["mm", "x", "y"]
    rows["station"] = _column(gauges, names[0], where).to_numpy()
    rows["time"] = _times_of(_column(gauges, names[1], where), timezone, where)
    if rows[["station", "x", "y"]].isna().any(axis=None):
        raise ValueError(f"{where} has rows without station or coordinates: remove them.")
    repeated = rows.duplicated(["station", "time"])
    if repeated.any():
        first = rows[repeated].iloc[0]
        raise ValueError(
            f"{where} has {first.station!r} at {first.time:%Y-%m-%d %H:%M} more than once "
            f"({plural(int(repeated.sum()), 'repetition')}): keep one row for each."
        )
    if (rows["mm"] < 0).any():
        raise ValueError(
            f"{where} has {plural(int((rows['mm'] < 0).sum()), 'row')} of negative rain: make them "
            "empty if they are missing."
        )
    places = rows.groupby("station", sort=True)[["x", "y"]].agg(["min", "max"])
    moved = places[("x", "min")].ne(places[("x", "max")]) | places[("y", "min")].ne(
        places[("y", "max")]
    )
    if moved.any():
        raise ValueError(f"{where} has more than one place for {moved.index[moved][0]!r}.")
    table = rows.pivot(index="time", columns="station", values="mm").sort_index()
    return table, places.xs("min", axis=1, level=1).to_numpy(), where


def _target_grid(target, cell_size):
    """Return the grid that is asked for: that of a raster, or one of other cells over it."""
    grid = grid_of(target, "the target")
    if grid.crs is None:
        raise asking("the target has no CRS: name it with rio.write_crs.")
    if cell_size is None:
        return grid
    left, right, bottom, top = grid.bounds
    shape = (int(np.ceil((side - 1e-9) / cell_size)) for side in (top - bottom, right - left))
    height, width = (max(1, size) for size in shape)
    transform = type(grid.transform)(cell_size, 0, left, 0, -cell_size, top)
    return Grid(grid.crs, transform, height, width)


def _weights(places, gauges, max_distance, power, meters):
    """Weights of gauges at places: by distance, none beyond the greatest."""
    sparse = import_optional("scipy.sparse", extra="map")
    tree = import_optional("scipy.spatial", extra="map").cKDTree
    pairs = tree(places).sparse_distance_matrix(
        tree(gauges), max_distance / meters, output_type="coo_matrix"
    )
    weights = np.maximum(pairs.data * meters, _AT_THE_PLACE) ** -power
    # Of equal distances it matters only how they compare.
    return sparse.csr_matrix((weights, (pairs.row, pairs.col)), (len(places), len(gauges)))


def _interpolated(values, weights):
    """Weighted mean of the gauges that are there; NaN where there is none."""
    known = ~np.isnan(values)
    total = weights @ np.where(known, values, 0.0).T
    weight = weights @ known.T.astype(np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(weight > 0, total / weight, np.nan).T


def _steps_and_values(table, step, label, where):
    """Every step of the table, with NaN where no gauge has it."""
    part = RainPart(None, None, None, pd.DatetimeIndex(table.index), None, None, None, {}, where)
    steps = steps_of(part, step=step, label=label, accumulated=False)
    every = pd.date_range(steps.ends[0], steps.ends[-1], freq=steps.step)
    table = table.set_axis(steps.ends).reindex(every)
    return steps, table


@validate_params(
    {
        "station": [str],
        "time": [str],
        "amount": [str],
        "coordinates": ["array-like"],
        "max_distance": [Interval(Real, 0, None, closed="neither")],
        "power": [Interval(Real, 0, None, closed="neither")],
        "cell_size": [Interval(Real, 0, None, closed="neither"), None],
        "label": [StrOptions({"begin", "middle", "end"}), None],
        "timezone": [str, None],
    },
    prefer_skip_nested_validation=True,
)
def interpolate_gauges(
    gauges,
    target,
    *,
    max_distance,
    power=2.0,
    station="station",
    time="time",
    amount="mm",
    coordinates=("x", "y"),
    cell_size=None,
    step=None,
    label=None,
    timezone=None,
    crs=None,
):
    r"""Interpolate the rain of gauges by inverse distance, on a grid or at places.

    The rain at a place is the mean of the gauges within `max_distance` that have a value at this
    time, each with the weight :math:`d^{-p}`, where d is its distance and p the `power` [1]_. A
    gauge that lacks an hour is left out for this hour. Where no gauge is near enough, there is no
    value.

    Parameters
    ----------
    gauges : str, path-like or DataFrame
        A table with one row for each station and time, as
        :func:`~sklearn_landslide.tables.read_table` reads files.

    target : xarray.Dataset, xarray.DataArray or array-like of shape (n_places, 2)
        A raster whose grid is taken, such as a stack, or the x and y of places.

    max_distance : float
        The greatest distance of a gauge that counts, in meters.

    power : float, default=2.0
        How fast the weights fall with distance.

    station : str, default="station"
        The column with the name of the station.

    time : str, default="time"
        The column with the time.

    amount : str, default="mm"
        The column with the rain of the step in millimeters.

    coordinates : sequence of str, default=("x", "y")
        The two columns with the place of the station.

    cell_size : float, default=None
        Side of the cells, in units of the CRS, of a grid over the whole of the raster `target`:
        rain between gauges has no detail of a few meters. If None, its own cells.

    step : str, Timedelta or float, default=None
        Length of a step, as in :func:`open_rain`.

    label : {"begin", "middle", "end"}, default=None
        Which part of its step a time marks. It must be given, because a table does not say.

    timezone : str, default=None
        Time zone of times without one, as in :func:`open_rain`.

    crs : str, int or CRS, default=None
        The coordinate reference system of the stations. If None, that of the raster; for places,
        that of the places. Distances need meters.

    Returns
    -------
    rain : xarray.DataArray or DataFrame
        On a grid the cube that :func:`open_rain` returns, lazily. At places a frame of shape
        (n_steps, n_places) whose index is the end of each step, in UTC.

    Raises
    ------
    ValueError
        If a station has two rows for one time or two places, rain is negative, steps are not
        regular, or the CRS has no meters.

    Notes
    -----
    Kriging is not offered, because its variogram would have to be fitted and checked for each
    storm.

    References
    ----------
    .. [1] D. Shepard, "A two-dimensional interpolation function for irregularly-spaced data",
       Proceedings of the 23rd ACM National Conference, 517-524, 1968.

    Examples
    --------
    Two gauges, of which one is twice as far away: its weight is a quarter.

    >>> import pandas as pd
    >>> from sklearn_landslide.mapping import interpolate_gauges
    >>> gauges = pd.DataFrame(
    ...     {
    ...         "station": ["north", "south"],
    ...         "time": "2021-07-12 05:00",
    ...         "mm": [10.0, 5.0],
    ...         "x": 0.0,
    ...         "y": [1000.0, -2000.0],
    ...     }
    ... )
    >>> options = {"max_distance": 5000, "step": "1h", "label": "end"}
    >>> interpolate_gauges(gauges, [[0.0, 0.0]], crs="EPSG:32632", **options).iloc[0, 0].item()
    9.0
    """
    xarray = import_optional("xarray", extra="map")
    import_optional("rioxarray", extra="map")
    names = [station, time, amount, *coordinates]
    if len(names) != 5:
        raise ValueError(f"coordinates are two columns, x and y; got {listed(coordinates)}.")
    table, places, where = _read_gauges(gauges, names, timezone)
    steps, table = _steps_and_values(table, None if step is None else as_step(step), label, where)
    crs = None if crs is None else parse_crs(crs)
    if not isinstance(target, xarray.DataArray | xarray.Dataset):
        wanted = np.asarray(target, dtype=np.float64)
        if crs is None:
            raise asking("places have no CRS: give crs='EPSG:...'.", "crs='EPSG:...'")
        bounds = [f(wanted[:, axis]) for axis in (0, 1) for f in (np.min, np.max)]
        weights = _weights(wanted, places, max_distance, power, _meters(crs, bounds))
        return pd.DataFrame(_interpolated(table.to_numpy(), weights), table.index)
    grid = _target_grid(target, cell_size)
    meters = _meters(grid.crs, grid.bounds)
    if crs is not None and not same_crs(crs, grid.crs):
        pyproj = import_optional("pyproj", extra="map")
        to_grid = pyproj.Transformer.from_crs(crs.to_wkt(), grid.crs.to_wkt(), always_xy=True)
        places = np.stack(to_grid.transform(*places.T), axis=1)
    rows, columns = np.divmod(np.arange(grid.height * grid.width), grid.width)
    centers = np.stack(grid.centers(rows, columns), axis=1)
    weights = _weights(centers, places, max_distance, power, meters)
    cube = _cube(table, weights, grid)
    n_reached = int((np.diff(weights.indptr) > 0).sum())
    cube.attrs |= {
        "units": "mm",
        "long_name": "rain in each step",
        "cell_methods": "time: sum",
        "step_hours": steps.step.total_seconds() / 3600,
        "n_missing_steps": len(table) - len(steps.ends),
        "facts": f"inverse distance, power {power:g}, of {plural(len(places), 'gauge')} within "
        f"{max_distance:g} m; {n_reached} of {weights.shape[0]} cells have one; steps of "
        f"{in_words(steps.step)}; {steps.label}; CRS {crs_name(grid.crs)}",
    }
    cube["time"].attrs = {"standard_name": "time", "step_label": "end"}
    return cube


def _meters(crs, bounds):
    """Meters of a unit; an error where there are none."""
    scale = true_scale(crs, tuple(bounds))
    if scale.length is None:
        raise ValueError(
            f"distances of gauges need meters, and this is {why_no_meters(crs, scale)}."
        )
    return scale.length


def _cube(table, weights, grid):
    """Make the lazy cube, some steps at a time."""
    xarray = import_optional("xarray", extra="map")
    dask = import_optional("dask.array", extra="map")
    n_cells = grid.height * grid.width
    at_once = max(1, _VALUES_AT_ONCE // n_cells)

    def layers(block):
        return _interpolated(block[:, :, 0], weights).reshape(len(block), grid.height, grid.width)

    values = dask.from_array(table.to_numpy()[:, :, None], chunks=(at_once, -1, -1))
    chunks = (values.chunks[0], (grid.height,), (grid.width,))
    cube = values.map_blocks(layers, dtype=np.float64, chunks=chunks)
    axes = {"time": table.index, **grid.axes}
    return xarray.DataArray(cube, axes, ("time", "y", "x"), name="rain").rio.write_crs(grid.crs)
