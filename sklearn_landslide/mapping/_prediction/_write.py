"""A map in a file: window by window, complete or not at all."""

import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from tqdm.auto import tqdm

from sklearn_landslide._hints import hinting
from sklearn_landslide._optional import import_optional
from sklearn_landslide.mapping._prediction._map_bands import (
    as_bands,
    color_table,
    dtype_of,
    file_tags,
    nodata_of,
    windows_of,
)
from sklearn_landslide.mapping._prediction._partial import PartialMap, digest
from sklearn_landslide.mapping._prediction._workers import n_workers, process_pool
from sklearn_landslide.mapping._rasters._grids import grid_of

# Windows in flight for each worker: two, so that none waits while others finish.
_PER_WORKER = 2
# Space that is needed for the final file beside the partial one: compressed, with overviews.
_SPACE = 1.9


def _compute(bands, windows, dtype):
    """Compute windows side by side."""
    dask = import_optional("dask", extra="map")
    lazy = [
        [band.data[row : row + height, column : column + width] for band in bands.values()]
        for row, column, height, width in windows
    ]
    blocks = dask.compute(*lazy)
    return {
        window: np.stack([np.asarray(part) for part in block]).astype(dtype, copy=False)
        for window, block in zip(windows, blocks, strict=True)
    }


def check_space(folder, n_bytes, what="a map"):
    """Raise if a folder has no room for a map, on its way and finished.

    Parameters
    ----------
    folder : Path
        It exists.
    n_bytes : int
        Size of the numbers.
    what : object, default="a map"
        What is written, for the message.

    Raises
    ------
    OSError
        If there is too little.
    """
    free = shutil.disk_usage(folder).free
    if free < _SPACE * n_bytes:
        raise OSError(
            f"{what} needs about {_SPACE * n_bytes / 1e6:.0f} MB of disk while it is written, "
            f"and {free / 1e6:.0f} MB are free: make room, or write elsewhere."
        )


def check_target(path, overwrite, n_bytes=0):
    """Raise unless a map can be written.

    Parameters
    ----------
    path : pathlib.Path
        Its file.
    overwrite : bool
        Whether the file may be there already.
    n_bytes : int, default=0
        Size of the numbers.

    Raises
    ------
    ValueError
        If the path is a folder, is taken, or is in a folder that does not exist.
    OSError
        If there is too little room.
    """
    if path.is_dir():
        raise ValueError(f"{path} is a folder: give the name of a file, such as map.tif.")
    # A link to nothing is something, too.
    if os.path.lexists(path) and not overwrite:
        error = ValueError(f"{path} exists: give another name, or set overwrite=True.")
        raise hinting(error, "overwrite=True")
    if not path.parent.is_dir():
        raise ValueError(f"The folder {path.parent} does not exist: make it first.")
    check_space(path.parent, n_bytes, path)


def _show(progress, n_windows):
    """Turn `progress` into a function of the number of windows that are done, and its end."""
    if progress is None or progress is False:
        return (lambda n_done: None), (lambda: None)
    if progress is not True:
        return (lambda n_done: progress(n_done, n_windows)), (lambda: None)
    bar = tqdm(total=n_windows, desc="map", unit="window")

    def show(n_done):
        bar.update(n_done - bar.n)

    return show, bar.close


def write_map(
    array,
    path,
    *,
    tags=None,
    band_names=None,
    colors=None,
    overwrite=False,
    resume=False,
    progress=None,
):
    """Write a map as a Cloud-Optimized GeoTIFF, window by window.

    Lazy maps are computed as they are written, a few windows at a time, so memory does not grow
    with the raster. The file gets its name only when it is complete. Until then it is
    ``PATH.partial``, with a journal in ``PATH.partial.json``; a run that was killed leaves these
    two files, and `resume` continues from them.

    Parameters
    ----------
    array : xarray.DataArray, xarray.Dataset or dict of str to xarray.DataArray
        The map, or several on the same grid, which become bands. The dimensions are y and x.
    path : str or path-like
        The file; its folder must exist.
    tags : dict of str to object, default=None
        Additional tags of the file. The tags ``date``, in UTC, and ``software`` are always
        written, and for maps of :func:`predict_map` also ``model``, ``random_state`` and
        ``sklearn_landslide``, the version.
    band_names : list of str, default=None
        Descriptions of the bands. None takes the names of the maps.
    colors : dict of int to tuple of int, default=None
        Color table of a map of zones (uint8): red, green, blue and opacity, 0 to 255.
    overwrite : bool, default=False
        Whether an existing file is replaced once the new one is complete.
    resume : bool, default=False
        Whether to continue from the finished windows of a run that was killed. That run must have
        had the same grid, windows and tags; one finished window is computed again, to make sure
        that model and rasters are the same. With `resume`, an interrupt or an error also leaves
        the finished windows for the next run. If there is no unfinished map, a new one is begun.
    progress : bool or callable, default=None
        True shows a progress bar. A function is called with the number of finished windows and of
        all windows.

    Returns
    -------
    path : pathlib.Path
        The file.

    Raises
    ------
    TypeError
        If `array` is not a map.
    ValueError
        If the file exists, its folder does not, the bands do not fit together, the unfinished map
        belongs to another run, another process is writing it, or a file of that name is not an
        unfinished map.
    OSError
        If the file cannot be written, mostly because the disk is full. Nothing remains that looks
        finished.

    See Also
    --------
    predict_map : Makes the map.

    Notes
    -----
    The file is tiled (512 by 512 pixels), compressed without loss (DEFLATE with a predictor) and
    has overviews: means of probabilities, the most frequent class of classes. Nodata is NaN in
    maps of floats. Each band has its name as description and the attribute ``units`` of its map as
    unit. While the map is written, it also needs its uncompressed size on disk.

    References
    ----------
    Open Geospatial Consortium (2023). OGC Cloud Optimized GeoTIFF Standard, 21-026.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> import numpy as np, rasterio, rioxarray, xarray as xr
    >>> from sklearn_landslide.mapping import write_map
    >>> probability = xr.DataArray(
    ...     np.full((3, 2), 0.25, dtype="float32"),
    ...     coords={"y": [75.0, 45.0, 15.0], "x": [15.0, 45.0]},
    ...     dims=("y", "x"),
    ...     name="susceptibility",
    ... ).rio.write_crs("EPSG:32717")
    >>> with TemporaryDirectory() as folder:
    ...     path = write_map(probability, Path(folder, "map.tif"), tags={"region": "example"})
    ...     with rasterio.open(path) as file:
    ...         print(file.descriptions, file.tags()["region"], file.read(1)[0, 0])
    ('susceptibility',) example 0.25
    """
    path = Path(path)
    bands = as_bands(array, band_names)
    dtype = dtype_of(bands)
    return write_bands(
        bands,
        path,
        dtype=dtype,
        nodata=nodata_of(bands, dtype),
        tags=file_tags(bands, tags),
        colors=color_table(colors, dtype),
        overviews="average" if dtype.kind == "f" else "mode",
        overwrite=overwrite,
        resume=resume,
        progress=progress,
        facts=[(_unit_of(band), {}) for band in bands.values()],
    )


def _unit_of(band):
    """Return the unit of a band, as a file can keep it; empty if there is none."""
    unit = str(band.attrs.get("units", ""))
    return unit if unit.isprintable() else ""


def write_bands(
    bands,
    path,
    *,
    dtype,
    nodata,
    tags,
    overviews,
    overwrite,
    resume,
    progress,
    colors=None,
    facts=(),
    by_band=False,
):
    """Write bands window by window, complete or not at all.

    Parameters
    ----------
    bands : dict of str to DataArray
        On one grid, in the same windows of dask.
    path : Path
        The file.
    dtype : numpy.dtype
        Type of the numbers.
    nodata : float or None
        The number that is no data.
    tags : dict of str to str
        Tags of the file.
    overviews : str
        How pixels of overviews are made, in GDAL's words.
    overwrite, resume, progress
        As in :func:`write_map`.
    colors : dict of int to tuple of 4 int, default=None
        Color table of the first band.
    facts : sequence of tuple (str, dict of str to str), default=()
        Unit and tags of each band.
    by_band : bool, default=False
        Whether the file is not a Cloud-Optimized GeoTIFF but has one band after the other, as
        factors are read, each on its own.

    Returns
    -------
    path : Path
    """
    grid = grid_of(next(iter(bands.values())))
    profile = {
        "width": grid.width,
        "height": grid.height,
        "count": len(bands),
        "dtype": dtype.name,
        "crs": grid.crs,
        "transform": grid.transform,
        "nodata": nodata,
    }
    windows = windows_of(next(iter(bands.values())))
    about = {
        **{name: str(value) for name, value in profile.items()},
        "windows": [list(sizes) for sizes in next(iter(bands.values())).chunks],
        "bands": list(bands),
        "colors": str(colors),
        "tags": tags,
    }
    if facts:
        about["facts"] = [list(one) for one in facts]
    partial = PartialMap(path, profile, about)
    check_target(path, overwrite, partial.n_bytes())
    show, close = _show(progress, len(windows))
    try:
        with process_pool():
            partial.claim()
            if resume and partial.is_there():
                partial.take_up(windows)
                _check_same_numbers(partial, bands, dtype)
            else:
                date = datetime.now(UTC).isoformat(timespec="seconds")
                partial.create({"date": date} | tags, list(bands), colors, facts)
            show(len(partial.done))
            left = [window for window in windows if window not in partial.done]
            n_at_once = _PER_WORKER * n_workers()
            for start in range(0, len(left), n_at_once):
                partial.write(_compute(bands, left[start : start + n_at_once], dtype))
                show(len(partial.done))
        partial.write_cog(overviews, by_band=by_band)
        _put_in_place(partial, path, overwrite)
    except BaseException:
        if partial.is_claimed:
            partial.remove_cog()
            if not resume:
                partial.remove()
        partial.release()
        raise
    finally:
        close()
    partial.remove()
    return path


def _check_same_numbers(partial, bands, dtype):
    """Compute one finished window again, and raise if the numbers are others."""
    done = partial.probe()
    if done is None:
        return
    window, expected = done
    if digest(_compute(bands, [window], dtype)[window]) != expected:
        error = ValueError(
            f"{partial.file} holds other numbers than this model and these rasters give: "
            "delete it, or start again (resume=False)."
        )
        raise hinting(error, "resume=False")


def _put_in_place(partial, path, overwrite):
    """Give the finished file its name."""
    if os.path.lexists(path) and not overwrite:
        raise ValueError(f"{path} exists since this run began: give another name.")
    if overwrite:
        # What GDAL keeps beside a file, statistics and overviews, was of the old one.
        for ending in (".aux.xml", ".ovr", ".msk"):
            Path(f"{path}{ending}").unlink(missing_ok=True)
    os.replace(partial.cog, path)
