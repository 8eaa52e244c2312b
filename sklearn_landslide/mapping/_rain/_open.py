"""Rain of a region as one lazy cube of time, y and x, in millimeters in each step."""

import os
from numbers import Real
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.utils._param_validation import Interval, Options, StrOptions, validate_params

from sklearn_landslide._nodata import mask_nodata
from sklearn_landslide._optional import import_optional
from sklearn_landslide._words import nearest, plural
from sklearn_landslide.mapping._rain._grid import in_order
from sklearn_landslide.mapping._rain._netcdf import open_dataset, read_dataset
from sklearn_landslide.mapping._rain._parts import asking, joined
from sklearn_landslide.mapping._rain._steps import as_step, in_words, steps_of
from sklearn_landslide.mapping._rain._tiffs import SUFFIXES, read_tiffs, tiffs_in
from sklearn_landslide.mapping._rain._times import to_utc
from sklearn_landslide.mapping._rain._units import in_steps, unit_of
from sklearn_landslide.mapping._rasters._grids import crs_name, grid_of, parse_crs

# Below zero by less is what packing and differences leave, in millimeters.
_ROUNDING = 0.01
# More never fell in a day: 1825 mm on La Reunion, 1966.
_MOST_IN_A_DAY = 2000.0
# As many steps are looked at when a file is opened.
_LOOKED_AT = 48
_LEAST_RISING = 12


def _files_of(source):
    """List the files that are meant by a path or a list of paths."""
    if isinstance(source, str | os.PathLike):
        path = Path(source)
        if not path.exists():
            files = [one.name for one in path.parent.iterdir()] if path.parent.is_dir() else []
            raise FileNotFoundError(f"No such file: {path}.{nearest(path.name, files)}")
        if not path.is_dir() or (path / ".zgroup").exists() or (path / "zarr.json").exists():
            return [path]
        found = tiffs_in(path) or sorted(path.glob("*.nc"))
        if not found:
            raise ValueError(f"{path} holds no GeoTIFF (.tif) and no NetCDF file (.nc).")
        return found
    if not isinstance(source, list | tuple) or not source:
        raise TypeError(
            "rain is a file, a folder, a list of files or an xarray object, got "
            f"{type(source).__name__}: {source!r:.60}."
        )
    return [one for path in source for one in _files_of(path)]


def _read(source, variable, time_format, crs):
    """Read a source of whatever kind."""
    xarray = import_optional("xarray", extra="map")
    if isinstance(source, xarray.DataArray):
        source = source.to_dataset(name=source.name or "rain")
    if isinstance(source, xarray.Dataset):
        return read_dataset(source, variable, crs, "the rain")
    paths = _files_of(source)
    is_tiff = [path.suffix.lower() in SUFFIXES for path in paths]
    if all(is_tiff):
        where = str(paths[0]) if len(paths) == 1 else f"the {len(paths)} GeoTIFFs of rain"
        return read_tiffs(paths, time_format, crs, where)
    if any(is_tiff):
        raise ValueError(
            f"{paths[is_tiff.index(True)]} is a GeoTIFF and {paths[is_tiff.index(False)]} is not: "
            "open them one by one."
        )
    return joined([read_dataset(open_dataset(path), variable, crs, str(path)) for path in paths])


def _without(block, nodata, negative):
    """Set what is no data to NaN; what is negative, too, if that is what it means."""
    missing = mask_nodata(block, nodata)
    if negative:
        missing |= block < 0
    return np.where(missing, np.nan, block.astype(np.float64))


def _checked(block, limit, rounding, where):
    """Return rain that is possible; say what is not."""
    # NaN is neither.
    low, high = block < -rounding, block > limit
    if low.any():
        raise asking(
            f"{where} has negative rain ({block[low].min():g} mm in {low.sum()} values): declare "
            "what stands for no data, nodata=..., or nodata='negative' if all of it does.",
            "nodata=...",
            "nodata='negative'",
        )
    if high.any():
        raise asking(
            f"{where} has {block[high].max():g} mm of rain in a step, more than ever fell: give "
            "other units=..., or declare what stands for no data, nodata=...",
            "units=...",
            "nodata=...",
        )
    return np.where(block < 0, 0.0, block)


def _amounts(part, steps, unit, nodata):
    """Make millimeters in each step of the values of a file, lazily."""
    dask = import_optional("dask.array", extra="map")
    negative = isinstance(nodata, str)
    numbers = () if nodata is None or negative else np.ravel(nodata).tolist()
    values = part.values
    if (np.diff(steps.order) < 0).any():
        values = values[steps.order]
    values = values.map_blocks(
        _without, numbers, negative, dtype=np.float64, meta=np.empty((0,) * 3)
    )
    values = in_steps(values, unit[0], unit[1], steps.step)
    if steps.running.any():
        nothing = dask.zeros_like(values[:1])
        before = dask.concatenate([nothing, values[:-1]])
        running = np.zeros(len(values), dtype=bool)
        running[len(values) - len(steps.ends) :] = steps.running
        values = dask.where(running[:, None, None], values - before, values)
        values = values.rechunk({0: "auto"}) if len(values.chunks[0]) > 2 * len(values) else values
    values = values[len(values) - len(steps.ends) :]
    if not steps.whole.all():
        values = dask.where(steps.whole[:, None, None], values, np.nan)
    limit = _MOST_IN_A_DAY if steps.step <= pd.Timedelta(1, "D") else np.inf
    return values.map_blocks(_checked, limit, _ROUNDING, part.where, dtype=np.float64)


def _look_at(cube, unit, is_told, where):
    """Read the first steps: impossible values show at once, and so do running totals."""
    rows, columns = (max(1, size // 32) for size in cube.shape[1:])
    values = cube[:_LOOKED_AT, ::rows, ::columns].values
    if is_told or unit[1] is not None or len(values) < _LEAST_RISING:
        return
    changes = np.diff(values, axis=0)
    rises, falls = ((part).any(axis=(1, 2)) for part in (changes > 0, changes < 0))
    times = pd.DatetimeIndex(cube["time"].to_numpy()[1 : len(values)])
    # Totals of a day begin again at one hour; daily values have no other.
    hours = set((times - times.normalize())[falls])
    n_hours = len(set(times - times.normalize()))
    if rises.sum() > len(changes) / 2 and len(hours) <= (n_hours > _LEAST_RISING):
        when = "never falls" if not hours else "falls at one hour of the day only"
        raise asking(
            f"{where} {when} in its first {len(values)} steps, as totals since a start do: "
            "give accumulated='start' or 'day', or accumulated=False if each is the rain of its "
            "step.",
            "accumulated='start'",
            "accumulated=False",
        )


def _every_step(cube, steps, where):
    """Put NaN where steps are missing, and count them."""
    every = pd.date_range(steps.ends[0], steps.ends[-1], freq=steps.step)
    n_missing = len(every) - len(steps.ends) + int((~steps.whole).sum())
    if len(every) != len(steps.ends):
        cube = cube.reindex(time=every)
    return cube, n_missing


def _in_utc(part, timezone):
    """Bring the times of a file into UTC; say what was done."""
    if timezone is None:
        said = "taken to be UTC" if part.zone is None else f"converted from {part.zone} to UTC"
        return part, f"times {said}"
    if part.zone is not None:
        hint = f"timezone={timezone!r}"
        raise asking(f"{hint}, but {part.where} states {part.zone}: leave it out.", hint)
    times = to_utc(part.times, timezone, part.where)
    bounds = part.bounds
    if bounds is not None:
        flat = to_utc(pd.DatetimeIndex(bounds.ravel()), timezone, part.where)
        bounds = flat.to_numpy().reshape(bounds.shape)
    part = type(part)(**(part.__dict__ | {"times": times, "bounds": bounds}))
    return part, f"times converted from {timezone} to UTC"


def _words_of(unit, steps, zone, n_missing, n_steps, grid_words, crs):
    """Say what was found and what was done."""
    unit_words = f"values in {unit[2]!r}"
    if unit[1] is not None:
        unit_words += f", a rate, times the step of {in_words(steps.step)}"
    elif unit[0] != 1:
        unit_words += f", times {unit[0]:g}"
    n_running = int(steps.running.sum())
    return "; ".join(
        [
            unit_words,
            f"steps of {in_words(steps.step)}",
            steps.label,
            *([f"{n_running} running totals became differences"] if n_running else []),
            zone,
            f"{plural(n_missing, 'missing step')} of {n_steps}, NaN"
            if n_missing
            else "no step missing",
            *grid_words,
            f"CRS {crs_name(crs)}",
        ]
    )


@validate_params(
    {
        "variable": [str, None],
        "units": [str, None],
        "accumulated": [StrOptions({"start", "day"}), Options(bool, {False}), None],
        "label": [StrOptions({"begin", "middle", "end"}), None],
        "timezone": [str, None],
        "time_format": [str, None],
        "nodata": [
            Interval(Real, None, None, closed="neither"),
            StrOptions({"negative"}),
            "array-like",
            None,
        ],
        "chunks": [StrOptions({"auto"}), dict],
    },
    prefer_skip_nested_validation=True,
)
def open_rain(
    source,
    *,
    variable=None,
    units=None,
    accumulated=None,
    step=None,
    label=None,
    timezone=None,
    time_format=None,
    crs=None,
    nodata=None,
    chunks="auto",
):
    """Open rain as a cube of time, y and x: millimeters in each step, by the end of the step.

    Nothing is computed before it is needed, except for a look at the first steps. What neither the
    file nor an argument states is never guessed: an error asks for it.

    Parameters
    ----------
    source : str, path-like, list of these, xarray.Dataset or xarray.DataArray
        A NetCDF file, a folder of Zarr, a folder of NetCDF files or of GeoTIFFs (one band for each
        time, which is in the name of the file), a list of such files, or an xarray object.

    variable : str, default=None
        The variable of rain, where a file has several.

    units : str, default=None
        The unit of the values: an amount per step (``"mm"``, ``"cm"``, ``"m"``, ``"inch"``, ``"kg
        m-2"``) or a rate (``"mm/h"``, ``"kg m-2 s-1"``, ``"mm/day"`` and the like). If None, the
        unit that the file states.

    accumulated : {"start", "day"} or False, default=None
        Whether the values are running totals: since the first time (``"start"``), or since the
        beginning of each day in UTC (``"day"``, as in ERA5-Land). Steps are then their
        differences. With ``"start"`` the first time is only where counting begins, not a step. If
        None, totals are recognized by the bounds of the times; without bounds, values that never
        fall raise an error that asks.

    step : str, Timedelta or float, default=None
        Length of a step, such as ``"1h"`` or ``"5min"``; a number is hours. If None, it comes from
        the bounds of the times, or else is the most common interval between two times.

    label : {"begin", "middle", "end"}, default=None
        Which part of its step a time marks. If None, it comes from the bounds of the times, or
        from the step type of ECMWF.

    timezone : str, default=None
        Time zone of times that state none: a name such as ``"Asia/Hong_Kong"``, or an offset
        such as ``"+08:00"``. If None, UTC.

    time_format : str, default=None
        How the name of a GeoTIFF is to be read, with or without its ending, such as
        ``"radar_%Y%m%d_%H%M"`` (see :meth:`datetime.datetime.strptime`). If None, names
        that hold one time, such as ``radar_20210712T0500Z.tif`` or ``2021-07-12_05.tif``, are
        read.

    crs : str, int or CRS, default=None
        The coordinate reference system of a file that states none. Longitude and latitude
        are taken to be EPSG:4326.

    nodata : float, sequence of float or "negative", default=None
        Numbers that stand for no data, in addition to those that the file declares;
        ``"negative"``: all numbers below zero.

    chunks : "auto" or dict, default="auto"
        The pieces that are read together: those of the file, or sizes by ``"time"``, ``"y"`` and
        ``"x"``.

    Returns
    -------
    rain : xarray.DataArray of shape (n_steps, n_rows, n_columns)
        With the dimensions time, y (from the north) and x (from the west), float64, and the CRS as
        rioxarray's accessor ``rio`` knows it. ``time`` is the end of each step, naive, in UTC;
        steps are regular. NaN is unknown rain. Its ``attrs`` have ``units`` ("mm"),
        ``step_hours``, ``n_missing_steps``, and in ``facts`` a description in words of what was
        found and done.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If something is unknown, contradictory or impossible: units, time stamps, two values for
        one time, irregular steps, a calendar with other days, negative rain (more than 0.01 mm
        below zero; less is taken as 0), or more than 2000 mm in a step of a day or less. The last
        two are found in the first steps when the rain is opened, and in others when they are
        computed.

    See Also
    --------
    rain_at : The rain before given times at given places.
    interpolate_gauges : The same cube from rain gauges.

    Notes
    -----
    A running total that falls counts as negative rain. Where a total or a step is missing, the
    difference to the one before is not the rain of one step, so both are missing. A calendar
    without leap days is read, with the leap day missing. Longitudes of 0 to 360 become -180 to
    180, unless the region lies across 180.

    References
    ----------
    .. [1] B. Eaton et al., "NetCDF Climate and Forecast (CF) Metadata Conventions", version 1.11,
       sections 4 (coordinates), 7.1 (bounds) and 7.3 (cell methods).

    Examples
    --------
    >>> import numpy as np, pandas as pd, xarray as xr
    >>> from sklearn_landslide.mapping import open_rain
    >>> rates = xr.DataArray(
    ...     np.full((3, 2, 2), 6.0),
    ...     {
    ...         "time": pd.date_range("2021-07-12", periods=3, freq="10min"),
    ...         "lat": [46.0, 46.1],
    ...         "lon": [11.0, 11.1],
    ...     },
    ...     name="rate",
    ... )
    >>> rain = open_rain(rates, units="mm/h", label="begin")
    >>> rain.sizes["time"], str(rain.time.values[0])[:16], float(rain[0, 0, 0])
    (3, '2021-07-12T00:10', 1.0)
    >>> print(rain.attrs["facts"].partition("; time stamps")[0])
    values in 'mm/h', a rate, times the step of 10 min; steps of 10 min
    """
    import_optional("rioxarray", extra="map")
    xarray = import_optional("xarray", extra="map")
    step = None if step is None else as_step(step)
    part = _read(source, variable, time_format, None if crs is None else parse_crs(crs))
    part, zone = _in_utc(part, timezone)
    unit = unit_of(part.facts, units, part.where)
    steps = steps_of(part, step=step, label=label, accumulated=accumulated)
    if steps.running.any() and unit[1] is not None:
        raise asking(
            f"{part.where} has the unit {unit[2]!r}, a rate, and values that are running totals: "
            "give units=... or accumulated=False.",
            "units=...",
            "accumulated=False",
        )
    values, x, y, grid_words = in_order(_amounts(part, steps, unit, nodata), part)
    axes = {"time": steps.ends, "y": y, "x": x}
    cube = xarray.DataArray(values, axes, ("time", "y", "x"), name="rain")
    cube = cube.rio.write_crs(part.crs)
    grid_of(cube, part.where)
    is_told = accumulated is not None or steps.by_bounds
    _look_at(cube, unit, is_told, part.where)
    cube, n_missing = _every_step(cube, steps, part.where)
    # Also of what an xarray object held in one piece.
    cube = cube.chunk(chunks if isinstance(chunks, dict) else {})
    cube.attrs |= {
        "units": "mm",
        "long_name": "rain in each step",
        "cell_methods": "time: sum",
        "step_hours": steps.step.total_seconds() / 3600,
        "n_missing_steps": n_missing,
        "facts": _words_of(unit, steps, zone, n_missing, cube.sizes["time"], grid_words, part.crs),
    }
    cube["time"].attrs = {"standard_name": "time", "step_label": "end"}
    return cube
