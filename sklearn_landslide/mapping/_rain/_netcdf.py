"""Rain in NetCDF and Zarr, by the conventions for climate and forecast data (CF)."""

import re
import warnings

import numpy as np

from sklearn_landslide._optional import import_optional
from sklearn_landslide.mapping._rain._axes import choose_variable, find_axes, is_longitude
from sklearn_landslide.mapping._rain._parts import RainPart, asking
from sklearn_landslide.mapping._rain._times import read_times
from sklearn_landslide.mapping._rasters._bands import one_line
from sklearn_landslide.mapping._rasters._grids import crs_name, parse_crs, same_crs


def open_dataset(path):
    """Open a NetCDF file or a folder of Zarr lazily, times as they are.

    Parameters
    ----------
    path : pathlib.Path
        What to open.

    Returns
    -------
    dataset : xarray.Dataset
    """
    xarray = import_optional("xarray", extra="rain")
    if path.is_dir():
        engine = import_optional("zarr", extra="rain").__name__
    else:
        engine = import_optional("netCDF4", extra="rain").__name__.lower()
    try:
        with warnings.catch_warnings():
            # A file without consolidated metadata, odd chunks: read all the same.
            warnings.simplefilter("ignore")
            options = {"engine": engine, "decode_times": False, "decode_coords": "all"}
            with xarray.open_dataset(path, **options) as look:
                # Texts cannot be cut into pieces of a size, and are not needed.
                texts = [name for name, one in look.variables.items() if one.dtype.kind in "OSU"]
            return xarray.open_dataset(path, chunks="auto", drop_variables=texts, **options)
    except (OSError, ValueError, KeyError, RuntimeError, TypeError) as error:
        raise ValueError(f"{path} cannot be read as {engine}: {one_line(error)}.") from error


def _crs_of(array, dataset, axes, crs, where):
    """Find the CRS that a file states, or take the one that is given."""
    pyproj = import_optional("pyproj", extra="map")
    stated = None
    mapping = array.attrs.get("grid_mapping", array.encoding.get("grid_mapping", ""))
    name = re.split(r"[:\s]", str(mapping).strip())[0]
    name = name or ("spatial_ref" if "spatial_ref" in dataset.variables else "")
    if name in dataset.variables:
        attrs = dataset[name].attrs
        try:
            text = attrs.get("crs_wkt", attrs.get("spatial_ref"))
            made = pyproj.CRS.from_wkt(text) if text else pyproj.CRS.from_cf(attrs)
            stated = parse_crs(made.to_wkt())
        except (ValueError, KeyError, TypeError, RuntimeError) as error:
            if crs is None:
                raise asking(
                    f"{where} has a grid mapping that cannot be read ({one_line(error)}): give "
                    "crs='EPSG:...'.",
                    "crs='EPSG:...'",
                ) from error
    if stated is None and all(is_longitude(array[axes[axis]], axis) for axis in ("x", "y")):
        stated = parse_crs("EPSG:4326")
    if crs is None and stated is None:
        raise asking(f"{where} states no CRS: give crs='EPSG:...'.", "crs='EPSG:...'")
    if crs is not None and stated is not None and not same_crs(crs, stated):
        raise asking(
            f"crs=..., but {where} states {crs_name(stated)}, not {crs_name(crs)}: leave it out.",
            "crs=...",
        )
    return stated if crs is None else crs


def _bounds_of(array, dataset, time, where):
    """Read the bounds of the times; None if there are none."""
    coordinate = array[time]
    name = coordinate.attrs.get("bounds", coordinate.encoding.get("bounds"))
    if name not in dataset.variables:
        return None
    bounds = dataset[name]
    # They have the units and the calendar of the times, by the conventions.
    attrs = coordinate.attrs | {k: v for k, v in bounds.attrs.items() if k in ("units", "calendar")}
    times, _ = read_times(bounds.to_numpy(), attrs, where)
    return times.to_numpy().reshape(-1, 2)


def _centers(coordinate, where):
    """Centers of the cells along an axis, kilometers as meters."""
    centers = coordinate.to_numpy()
    if coordinate.ndim != 1 or centers.dtype.kind not in "fiu":
        raise ValueError(
            f"{where} has {coordinate.name} of type {centers.dtype} on {coordinate.ndim} axes: one "
            "number for each row or column is needed."
        )
    factor = 1000.0 if str(coordinate.attrs.get("units", "")).lower() in ("km", "kilometer") else 1
    return centers * factor if factor != 1 else centers


def read_dataset(dataset, variable, crs, where):
    """Take the rain out of a dataset.

    Parameters
    ----------
    dataset : xarray.Dataset
        Of a file or of a user.
    variable : str or None
        Its name, where it is given.
    crs : rasterio.crs.CRS or None
        The CRS of a file that states none.
    where : str
        What to call it in messages.

    Returns
    -------
    part : RainPart
    """
    array = choose_variable(dataset, variable, where)
    axes = find_axes(array, where)
    others = [name for name in array.dims if name not in axes.values()]
    if large := [name for name in others if array.sizes[name] > 1]:
        raise ValueError(
            f"{where} has {array.sizes[large[0]]} values along {large[0]!r} besides time, y and x: "
            f"choose one, for instance with xarray's isel({large[0]}=0)."
        )
    array = array.squeeze(others, drop=True).transpose(axes["time"], axes["y"], axes["x"])
    crs = _crs_of(array, dataset, axes, crs, where)
    time = array[axes["time"]]
    times, zone = read_times(time.to_numpy(), time.attrs, where)
    facts = {
        name: str(array.attrs[name])
        for name in ("units", "standard_name", "cell_methods")
        if array.attrs.get(name) not in (None, "")
    }
    # What ECMWF writes of an amount or a mean over a step; its times are their ends.
    is_step = array.attrs.get("GRIB_stepType") in ("accum", "avg")
    label = time.attrs.get("step_label", "end" if is_step else None)
    facts |= {} if label is None else {"label": str(label)}
    dask = import_optional("dask.array", extra="map")
    values = array.data
    return RainPart(
        values if hasattr(values, "dask") else dask.from_array(np.asarray(values), chunks="auto"),
        _centers(array[axes["x"]], where),
        _centers(array[axes["y"]], where),
        times,
        _bounds_of(array, dataset, axes["time"], where),
        zone,
        crs,
        facts,
        where,
    )
