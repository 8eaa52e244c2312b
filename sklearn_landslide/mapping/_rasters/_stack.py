"""The factors of a region as one lazy stack of rasters, each known by its name."""

import os
from collections.abc import Mapping
from numbers import Integral, Real

import numpy as np
import pandas as pd
from sklearn.utils._param_validation import Interval, StrOptions, validate_params

from sklearn_landslide._hints import hinting
from sklearn_landslide._optional import import_optional
from sklearn_landslide._undeclared import warn_of_undeclared
from sklearn_landslide._words import listed, nearest
from sklearn_landslide.mapping._rasters._align import align_array, resampling_methods
from sklearn_landslide.mapping._rasters._bands import (
    read_array,
    read_bands,
    read_stack_attrs,
    split_array,
)
from sklearn_landslide.mapping._rasters._check_stack import stack_factors
from sklearn_landslide.mapping._rasters._first_look import look_at, warn_of_impossible
from sklearn_landslide.mapping._rasters._grids import difference, parse_crs
from sklearn_landslide.mapping._rasters._ground import (
    RANGE,
    Ground,
    check_nodata,
    plausible_ranges,
)


def _as_names(names):
    return [names] if isinstance(names, str) else list(names)


def _check_unique(names, where):
    if repeated := sorted({name for name in names if names.count(name) > 1}):
        raise ValueError(f"{where} has more than one band named {listed(repeated)}: rename them.")


def _name_bands(bands, factors, where):
    """Give every band its factor's name, from the file or from `factors`; keep those asked for."""
    known = [band.name for band in bands]
    _check_unique([name for name in known if name is not None], where)
    if factors is not None and not set(factors) <= set(known):
        agree = len(factors) == len(known) and all(
            old in (None, new) for old, new in zip(known, factors, strict=True)
        )
        if not agree and None in known:
            raise ValueError(
                f"{where} has {len(known)} bands, named {listed(known)}, and factors names "
                f"{len(factors)}: {listed(factors)}. Name each band, in the file's order."
            )
        if not agree:
            missing = next(name for name in factors if name not in known)
            raise ValueError(
                f"{where} has no band {missing!r}.{nearest(missing, known)} "
                f"Its bands are {listed(known)}."
            )
        for band, name in zip(bands, factors, strict=True):
            band.name = name
    elif factors is None and None in known:
        bare = [number for number, name in enumerate(known, start=1) if name is None]
        error = ValueError(
            f"{where} has no description of band {', '.join(map(str, bare[:5]))}: pass "
            f"factors=[...] with {len(known)} names, in the order of the bands."
        )
        raise hinting(error, "factors=[...]")
    by_name = {band.name: band for band in bands}
    return by_name if factors is None else {name: by_name[name] for name in factors}


def _bands_of_mapping(source, factors, chunks, crs):
    """Take one band for each factor from the files and arrays that it names."""
    if not source:
        raise ValueError("source is an empty dict: give a raster for each factor.")
    if strange := [name for name in source if not isinstance(name, str)]:
        raise TypeError(f"factors have text as names, got {strange[0]!r}.")
    for name in factors or ():
        if name not in source:
            raise ValueError(
                f"source has no factor {name!r}.{nearest(name, source)} It has {listed(source)}."
            )
    found = {}
    for name in source if factors is None else factors:
        raster = source[name]
        if hasattr(raster, "rio"):
            found[name] = read_array(raster, chunks, crs, f"the DataArray of {name!r}")
            continue
        if not isinstance(raster, str | os.PathLike):
            raise TypeError(f"{name!r} must be a file or a DataArray, got {raster!r:.60}.")
        bands = read_bands(raster, chunks, crs)
        if len(bands) > 1:
            bands = [band for band in bands if band.name == name]
        if len(bands) != 1:
            raise ValueError(
                f"{raster} has more than one band and {len(bands) or 'none'} of them is named "
                f"{name!r}: give a file of one band, or describe the bands."
            )
        found[name] = bands[0]
    return found


def _bands_of(source, factors, chunks, crs):
    xarray = import_optional("xarray", extra="map")
    import_optional("rioxarray", extra="map")
    if isinstance(source, xarray.Dataset):
        names = stack_factors(source)
        arrays = {name: source[name] for name in names}
        return _bands_of_mapping(arrays, factors, chunks, crs)
    if isinstance(source, xarray.DataArray):
        return _name_bands(split_array(source, chunks, crs), factors, "the DataArray")
    if isinstance(source, Mapping):
        return _bands_of_mapping(source, factors, chunks, crs)
    if isinstance(source, str | os.PathLike):
        return _name_bands(read_bands(source, chunks, crs), factors, source)
    raise TypeError(
        "source must be a dict of rasters by factor, a file of several bands or an xarray object, "
        f"got {source!r:.60}."
    )


def _stack_attrs(source):
    """Take what is known of a stack as a whole; of a dict of rasters nothing is."""
    xarray = import_optional("xarray", extra="map")
    if isinstance(source, xarray.Dataset):
        return dict(source.attrs)
    return read_stack_attrs(source) if isinstance(source, str | os.PathLike) else {}


def _ranges(bands, categorical, bounds):
    """Plausible range of each quantity: what the caller says, else what an earlier stack noted."""
    names = [name for name in bands if name not in categorical]
    ranges = plausible_ranges(names, bounds)
    if isinstance(bounds, dict):
        # What is lifted stays so, whoever opens the stack next.
        lifted = [name for name, given in bounds.items() if given is None]
        ranges |= dict.fromkeys(lifted, (-np.inf, np.inf))
    noted = {name: bands[name].noted_range for name in names if bands[name].noted_range is not None}
    return ranges | noted if isinstance(bounds, str) else ranges


def _note_ground(bands, declared, ranges, categorical):
    """Finish the bands, look at some values of each, and return the ranges that fit."""
    seen = {}
    for name, band in bands.items():
        band.declare(declared[name])
        seen[name] = look_at(name, band)
        band.values = band.scaled(band.values)
    # As in the file: so they are declared.
    columns = seen | {name: pd.Series(seen[name], dtype="category") for name in categorical}
    whose = {name: band.where for name, band in bands.items()}
    found = warn_of_undeclared(columns, whose=whose, stacklevel=4)
    fitting = {}
    for name, band in bands.items():
        if name not in ranges:
            continue
        suspects = [value for value, _ in found.get(name, ())]
        values = band.scaled(seen[name][~np.isin(seen[name], suspects)])
        if warn_of_impossible(name, band.where, values, ranges[name]):
            fitting[name] = ranges[name]
    return fitting


def _on_one_grid(bands, align, methods, chunks, ranges):
    """Bring all bands on the grid of one, or refuse those that are on another."""
    array = import_optional("dask.array", extra="map")
    first = align or next(iter(bands))
    reference = bands[first]
    if reference.grid.is_rotated:
        raise ValueError(
            f"{first!r} ({reference.where}) is rotated: warp it to rows along x first, for "
            "instance with gdalwarp" + ("." if align else ", or align it to another factor.")
        )
    values = {}
    for name, band in bands.items():
        values[name] = band.values
        if not (how := difference(band.grid, reference.grid)):
            continue
        if align is None:
            hint = f"align={first!r}"
            error = ValueError(
                f"{name!r} ({band.where}) is not on the grid of {first!r} ({reference.where}): "
                f"{how}. Align it with {hint} and resampling=..., or warp the file."
            )
            raise hinting(error, hint, "resampling=...")
        if methods[name] is None:
            error = ValueError(
                f"{name!r} ({band.where}) must be resampled, as {how}: name the method, such as "
                "resampling='bilinear', or name the factor as categorical."
            )
            raise hinting(error, "resampling='bilinear'")
        ground = Ground(None, *ranges.get(name, (-np.inf, np.inf)))
        # What is not ground must not be mixed with what is.
        source = array.where(ground.holds(band.values), band.values, np.nan)
        source = source.astype(band.values.dtype)
        values[name] = align_array(source, band.grid, reference.grid, methods[name], chunks)
    return values, reference.grid


@validate_params(
    {
        "factors": [str, "array-like", None],
        "align": [str, None],
        "resampling": [str, dict, None],
        "categorical": [str, "array-like"],
        "nodata": [Real, "array-like", dict, None],
        "bounds": [StrOptions({"field"}), dict, None],
        "chunks": [Interval(Integral, 1, None, closed="left")],
    },
    prefer_skip_nested_validation=True,
)
def open_stack(
    source,
    *,
    factors=None,
    align=None,
    resampling=None,
    categorical=(),
    nodata=None,
    bounds="field",
    crs=None,
    chunks=512,
):
    """Open the factors of a region as one lazy stack.

    Every factor is identified by its name, never by the position of its band. All lie on one grid:
    rasters on other grids are refused, or aligned on request. Only a few windows are read before
    something is computed.

    Nodata values (of each band), masks and alpha bands, numbers beyond 1e30 and NaN all become
    NaN. The scale and offset that a band states are applied. A number that looks like an
    undeclared nodata value, such as -9999 far from all others, is named in a warning.

    Parameters
    ----------
    source : dict, str, path-like, Dataset or DataArray
        A dict of factor names to raster files or two-dimensional DataArrays; one file of
        several bands, whose descriptions are the names; a Dataset with one variable per
        factor; or a DataArray of bands.

    factors : str or sequence of str, default=None
        The factors to keep, in this order. For bands without description, the names of all
        bands in the order of the file. If None, all factors.

    align : str, default=None
        The factor onto whose grid the others are brought. If None, all must be on one grid,
        to a hundredth of a cell.

    resampling : str or dict of str to str, default=None
        With `align`, how numeric factors are resampled to the other grid, for all or by factor:
        ``"nearest"``, ``"bilinear"``, ``"cubic"``, ``"average"`` or another of rasterio's methods.

    categorical : str or sequence of str, default=()
        The factors that hold class codes. They are aligned with ``"nearest"``, and
        :func:`sample_stack` turns them into categories.

    nodata : float, sequence of float, or dict of str to these, default=None
        Numbers that stand for "no data" besides those that the rasters state, for all factors or
        by factor: ``{"slope": -9999, "soil": [0, 255]}``, where the name None means all factors.
        The numbers are those in the file, before its scale is applied.

    bounds : "field", dict or None, default="field"
        Plausible ranges of the factors, as in
        :class:`~sklearn_landslide.preprocessing.PlausibleRange`. Cells with values outside are not
        sampled, drawn as absences or mapped. ``{"slope": None}`` removes a range, for instance for
        a slope in percent. If more than a tenth of the values are outside a range, the range is
        taken to be for another unit and is not applied.

    crs : str, int or CRS, default=None
        The coordinate reference system of rasters that state none, such as ``"EPSG:32717"``.

    chunks : int, default=512
        Side of the windows in which the stack is read, in cells.

    Returns
    -------
    stack : xarray.Dataset
        One variable per factor, of dimensions y and x, in windows of dask, with NaN where there
        is not a value: float32, or float64 for 32-bit integers and doubles. The CRS and the
        transform are where rioxarray looks for them, the class codes are marked by the
        attribute ``categorical``, and plausible ranges are in ``plausible_range``. What the
        source says of a factor is there, too: ``long_name``, ``units``, ``method`` and
        ``class_names``, a dict from code to name (of files also from GDAL's category names and
        raster attribute tables). A Dataset, and a file of :func:`write_stack`, keep their
        attributes.

    Raises
    ------
    FileNotFoundError
        If a file does not exist.
    ValueError
        If a file is not a raster or is damaged, does not say where its cells lie, is on another
        grid, is rotated or unevenly spaced, holds only nodata, or if names are missing or
        repeated.

    Warns
    -----
    UndeclaredNodataWarning
        If a number or a code looks like an undeclared nodata value.
    UserWarning
        If values are impossible.

    Notes
    -----
    To warn, up to six windows of each factor are read, in the middle and at every side.

    Aligning adds no detail: a coarse raster stays coarse in content. Where cells become larger,
    ``"average"`` (``"mode"`` for classes) uses all the small ones.

    Examples
    --------
    >>> import numpy as np, xarray as xr
    >>> from sklearn_landslide.mapping import open_stack
    >>> cells = {"y": [35.0, 25.0, 15.0, 5.0], "x": [5.0, 15.0, 25.0]}
    >>> slope = xr.DataArray(np.arange(12.0).reshape(4, 3), cells)
    >>> stack = open_stack({"slope": slope, "relief": 10 * slope}, crs="EPSG:32717")
    >>> list(stack), stack["relief"].shape, stack.rio.resolution()
    (['slope', 'relief'], (4, 3), (10.0, -10.0))
    """
    xarray = import_optional("xarray", extra="map")
    if crs is not None:
        crs = parse_crs(crs)
    categorical = _as_names(categorical)
    if factors is not None:
        factors = _as_names(factors)
        _check_unique(factors, "factors")
    bands = _bands_of(source, factors, int(chunks), crs)
    if not bands:
        raise ValueError(
            "the source has no band of values, or factors names none: there is nothing to open."
        )
    declared = check_nodata(nodata, list(bands))
    if unknown := [name for name in categorical if name not in bands]:
        hint = f"categorical={unknown[0]!r}"
        error = ValueError(
            f"{hint} is not a factor.{nearest(unknown[0], bands)} They are {listed(bands)}."
        )
        raise hinting(error, hint)
    for name, band in bands.items():
        if band.grid.crs is None:
            error = ValueError(f"{name!r} ({band.where}) has no CRS: pass crs='EPSG:...'.")
            raise hinting(error, "crs='EPSG:...'")
    categorical += [name for name, band in bands.items() if band.categorical]
    methods = resampling_methods(list(bands), align, resampling, categorical)
    ranges = _note_ground(bands, declared, _ranges(bands, categorical, bounds), categorical)
    values, grid = _on_one_grid(bands, align, methods, int(chunks), ranges)
    variables = {
        name: xarray.Variable(
            ("y", "x"),
            data,
            bands[name].facts
            | ({"categorical": True} if name in categorical else {})
            | ({RANGE: ranges[name]} if name in ranges else {}),
        )
        for name, data in values.items()
    }
    stack = xarray.Dataset(variables, grid.axes, _stack_attrs(source))
    return stack.rio.write_crs(grid.crs).rio.write_transform(grid.transform)
