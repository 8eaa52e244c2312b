"""Maps of an event: each hour that is not there yet, and what follows from all of them."""

from contextlib import suppress
from pathlib import Path

import pandas as pd

from sklearn_landslide._lock import locked
from sklearn_landslide._output_folder import OutputFolder
from sklearn_landslide._words import plural
from sklearn_landslide.map_products._map_model import MapModel
from sklearn_landslide.map_products._nowcast._folder import LOCK, STATE, EventFolder, describe
from sklearn_landslide.map_products._nowcast._products import look_at, pictures_of, writers_of
from sklearn_landslide.map_products._nowcast._summary import summary_of
from sklearn_landslide.mapping import (
    cells_of_units,
    files_by_factor,
    grid_of,
    open_rain,
    open_stack,
    predict_events,
    writes_netcdf,
)
from sklearn_landslide.persistence import load_model
from sklearn_landslide.plotting import draws_pictures, figure_class

# The summary first: where it is, the files are of one run (see OutputFolder).
FILES = (
    "summary.md",
    "highest.tif",
    "hour_of_highest.tif",
    "highest_level.tif",
    "hours.csv",
    "units.csv",
    "event.nc",
    "highest.png",
    "event.gif",
)

# Hours that are mapped together, and the cells that they have at most: what a killed run loses, and
# what it holds in memory.
_MOST_HOURS, _MOST_CELLS = 8, 2**26


def _maps_of(request, times):
    """Prepare the maps of hours, lazily, but for those that end after the rain does."""
    model = load_model(request.model)
    if isinstance(model, MapModel):
        model = model.model
    stack = open_stack(files_by_factor(list(request.stack), None))
    rain = open_rain(request.rain, **(request.rain_options or {}))
    request.log(f"rain: {rain.attrs['facts']}")
    ends = pd.DatetimeIndex(rain["time"].to_numpy())
    step = pd.Timedelta(float(rain.attrs["step_hours"]), "h")
    there = times[(times >= ends[0]) & (times < ends[-1] + step)]
    if not len(there):
        return None
    n_cells = stack.sizes["y"] * stack.sizes["x"]
    at_once = min(_MOST_HOURS, max(1, _MOST_CELLS // n_cells))

    def maps_at(times):
        return predict_events(
            model, stack, rain, times=times, window=request.window, hours_at_once=at_once
        )

    maps = maps_at(there)
    # Not every model takes the rain of an hour whose own step is lost, and its map is not written.
    lost = maps["last_step_lost"].to_numpy()
    return maps if lost.all() or not lost.any() else maps_at(there[~lost])


def _write_hours(request, folder, maps):
    """Write the hours, a few at a time; none where the last step of all of them is lost."""
    if maps["last_step_lost"].all():
        return
    at_once = maps.chunksizes["time"][0]
    for start in range(0, maps.sizes["time"], at_once):
        for layer in maps[start : start + at_once].compute():
            folder.hours.write(layer)
            lost = int(layer["lost_steps"])
            words = f", {lost} of {maps.attrs['n_steps']} steps of rain lost" if lost else ""
            request.log(f"{pd.Timestamp(layer['time'].item()):%Y-%m-%d %H:%M}{words}")


def make_nowcast(request):
    """Map the hours of an event that are not there yet, and write what follows from all.

    Parameters
    ----------
    request : NowcastRequest
        What is asked for.

    Returns
    -------
    folder : Path
        With ``hours/``, a GeoTIFF for each hour, and the files of `FILES`.

    Raises
    ------
    ValueError
        If the folder is of another run, no hour can be mapped, or an input does not fit.
    """
    if request.animation:
        figure_class()
    times, every = request.times()
    levels = request.checked_levels()
    run = describe(request, every)
    folder = EventFolder(request.out, run, overwrite=request.overwrite)
    left = times.difference(folder.times())
    maps = _maps_of(request, left) if len(left) else None
    if maps is None and not len(folder.times()):
        raise ValueError(
            f"the rain has no step that ends at one of the {plural(len(times), 'hour')} from "
            f"{times[0]:%Y-%m-%d %H:%M} to {times[-1]:%Y-%m-%d %H:%M} (UTC)."
        )
    units = None
    if request.units is not None:
        grid = folder.hours.grid() if maps is None else grid_of(maps)
        units = cells_of_units(request.units, grid, name=request.unit_names)
    is_new = not folder.path.exists()
    folder.path.mkdir(parents=True, exist_ok=True)
    try:
        with locked(folder.path / LOCK, folder.path, patience=1.0):
            folder.open()
            if maps is not None:
                _write_hours(request, folder, maps)
            _write_products(request, folder, times, every, levels, units)
    except BaseException:
        if is_new and not len(folder.times()):
            _take_back(folder.path)
        raise
    return Path(request.out)


def _take_back(path):
    """Remove the folder of a run that has written no hour."""
    with suppress(OSError):
        (path / STATE).unlink(missing_ok=True)
        (path / "hours").rmdir()
        path.rmdir()


def _write_products(request, folder, times, every, levels, units):
    """Write what follows from all hours that are there."""
    there = folder.times()
    missing = times.difference(there)
    if not len(there):
        raise ValueError(
            f"no rain is known for any of {plural(len(times), 'hour')}: nothing was mapped."
        )
    found = look_at(folder.hours, levels=levels, units=units)
    writers = writers_of(found, folder.hours, every, levels)
    if not writes_netcdf():
        del writers["event.nc"]
        request.log("no event.nc, as netCDF4 is not installed; the hours are GeoTIFFs")
    if draws_pictures():
        writers |= pictures_of(found, folder.hours, levels, animation=request.animation)
    else:
        request.log("no highest.png, as matplotlib is not installed")
    text = summary_of(found, missing, levels, list(writers))
    writers["summary.md"] = lambda path: path.write_text(text, encoding="utf-8")
    if len(missing):
        request.log(f"no rain for {plural(len(missing), 'hour')}: not mapped")
    OutputFolder(folder.path, FILES, overwrite=True).write(writers)
