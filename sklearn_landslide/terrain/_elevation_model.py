"""An elevation model as every factor needs it: meters both ways, on cells of a known size."""

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from sklearn_landslide._hints import hinting
from sklearn_landslide._optional import import_optional
from sklearn_landslide._words import listed
from sklearn_landslide.mapping import (
    Grid,
    grid_of,
    noted_range,
    open_stack,
    true_scale,
    utm_zone,
    why_no_meters,
)
from sklearn_landslide.preprocessing import field_bounds
from sklearn_landslide.terrain._elevation_checks import check_elevations
from sklearn_landslide.terrain._vertical_units import METERS, stated_unit, unit_length
from sklearn_landslide.terrain._warp import warp_bilinear

# Cells whose sides differ by less are square: pixels of 28.5549 by 28.5551 m.
_SQUARE = 0.01
NAME = "elevation"


@dataclass(frozen=True)
class ElevationModel:
    """Elevation in meters on a grid of cells in meters.

    Parameters
    ----------
    values : dask array of shape (grid.height, grid.width), float
        Elevation in meters; NaN is a void.
    grid : Grid
        Where the cells lie.
    dx, dy : float
        Meters on the ground from a column to the next, positive eastward, and from a row to the
        one before it, positive northward.
    """

    values: Any
    grid: Grid
    dx: float
    dy: float

    @property
    def cell(self):
        """Width and height of a cell in meters."""
        return abs(self.dx), abs(self.dy)


def _source(dem):
    """Name the raster that holds the elevation, and where it came from."""
    xarray = import_optional("xarray", extra="terrain")
    import_optional("rioxarray", extra="terrain")
    if isinstance(dem, xarray.Dataset):
        names = [name for name, variable in dem.data_vars.items() if variable.ndim]
        if len(names) != 1:
            raise ValueError(
                f"dem holds {listed(names) or 'nothing'}: give the elevation alone, such as "
                "dem[['elevation']]."
            )
        return dem[names[0]], "dem"
    if isinstance(dem, xarray.DataArray):
        return dem, "dem"
    if isinstance(dem, str | os.PathLike):
        return dem, os.fspath(dem)
    kind = "a dict" if isinstance(dem, Mapping) else f"{dem!r:.60}"
    raise TypeError(f"dem must be a raster file, a DataArray or a Dataset, got {kind}.")


def _bounds(length):
    """Range of elevations on earth, in units of a length."""
    low, high = field_bounds(NAME)
    return low / length, high / length


def _bounds_for(raster, unit, length):
    """Bounds for `open_stack`: in the unit of the values, unless an earlier stack lifted them."""
    lifted = hasattr(raster, "attrs") and noted_range(raster) == (-math.inf, math.inf)
    return "field" if lifted or unit == METERS else {NAME: _bounds(length)}


def open_elevation_model(
    dem, *, vertical_units=None, nodata=None, crs=None, align=None, chunks=512
):
    """Open an elevation model, check it, and bring it into meters.

    Parameters
    ----------
    dem : str, path-like, DataArray or Dataset
        As `terrain_factors` takes it, and so all others.
    vertical_units : {"m", "ft", "us-ft"}, default=None
        Unit of the values. If None, what the raster states, else meters.
    nodata : float or sequence of float, default=None
        Numbers that stand for voids.
    crs : str, int or CRS, default=None
        The CRS of a raster that states none.
    align : "auto", default=None
        Warp a model that is in degrees, is distorted or has no square cells.
    chunks : int, default=512
        Side of the windows, in cells.

    Returns
    -------
    model : ElevationModel

    Raises
    ------
    ValueError
        If the model has no meters, fewer than 3 x 3 cells, or one elevation everywhere.

    Warns
    -----
    UserWarning
        As :func:`~sklearn_landslide.terrain.terrain_factors` says.

    Examples
    --------
    >>> import numpy as np, xarray as xr
    >>> from sklearn_landslide.terrain._elevation_model import open_elevation_model
    >>> cells = {"y": [35.0, 25.0, 15.0, 5.0], "x": [5.0, 15.0, 25.0]}
    >>> dem = xr.DataArray(np.arange(12.0).reshape(4, 3), cells)
    >>> open_elevation_model(dem, crs="EPSG:32717").cell
    (10.0, 10.0)
    """
    raster, where = _source(dem)
    unit = vertical_units or stated_unit(raster, where)
    length = unit_length(unit)
    stack = open_stack(
        {NAME: raster},
        nodata=nodata,
        crs=crs,
        chunks=chunks,
        bounds=_bounds_for(raster, unit, length),
    )
    grid = grid_of(stack)
    _check_size(grid, where)
    scale = true_scale(grid.crs, grid.bounds)
    target = _target(grid, scale, where, align)
    known = noted_range(stack[NAME])
    if known is None:
        raise _not_on_earth(where, unit, length)
    values = _within(stack[NAME].data, known)
    check_elevations(values, where, length)
    if unit != METERS:
        values = values.astype(np.float64) * length
    if target is not None:
        values = warp_bilinear(values, grid, target, int(chunks))
        grid, scale = target, true_scale(target.crs, target.bounds)
    a, _, _, _, e, _ = tuple(grid.transform)[:6]
    return ElevationModel(values, grid, float(a * scale.length), float(-e * scale.length))


def _check_size(grid, where):
    """Refuse a model without a whole window of 3 x 3 cells."""
    if min(grid.height, grid.width) < 3:
        raise ValueError(
            f"The elevation model ({where}) has {grid.height} x {grid.width} cells: a slope needs "
            "3 x 3 at least."
        )


def _not_on_earth(where, unit, length):
    low, high = _bounds(length)
    lifted = "of the sea floor, give open_stack(..., bounds={'elevation': None})"
    error = ValueError(
        f"Many elevations of {where} lie outside [{low:.0f}, {high:.0f}] {unit}, where the earth "
        f"has land: correct the file, name its unit, vertical_units='ft', or, {lifted}."
    )
    return hinting(
        error,
        "vertical_units='ft'",
        lifted,
        instead={lifted: "of the sea floor, make the factors in Python"},
    )


def _within(values, known):
    """Make a void of every elevation that the earth does not have."""
    array = import_optional("dask.array", extra="terrain")
    low, high = known
    if not (math.isfinite(low) or math.isfinite(high)):
        return values
    return array.where((values >= low) & (values <= high), values, values.dtype.type(np.nan))


def _target(grid, scale, where, align):
    """Return the grid onto which a model must be warped, None where it can stay as it is."""
    a, _, _, _, e, _ = tuple(grid.transform)[:6]
    if scale.length is not None and (align is None or abs(abs(a) / abs(e) - 1) <= _SQUARE):
        return None
    if scale.length is not None:
        return _square(grid)
    zone = utm_zone(grid)
    why = why_no_meters(grid.crs, scale).partition(": ")[0]
    if align is None or zone is None:
        goal = zone or "a system in meters made for the region"
        hint = "align='auto'"
        also = f", or have it done: {hint}" if zone else ""
        error = ValueError(
            f"The elevation model ({where}) is {why}, and slopes need meters: reproject it to "
            f"{goal}{also}."
        )
        raise hinting(error, hint) if zone else error
    warp = import_optional("rasterio.warp", extra="terrain")
    crs = type(grid.crs).from_string(zone)
    left, right, bottom, top = grid.bounds
    # Square cells, as many as there are along the diagonal.
    transform, width, height = warp.calculate_default_transform(
        grid.crs, crs, grid.width, grid.height, left, bottom, right, top
    )
    target = Grid(crs, transform, int(height), int(width))
    _check_size(target, where)
    if true_scale(crs, target.bounds).length is None:
        raise ValueError(
            f"The elevation model ({where}) reaches too far beyond the UTM zone of its middle, "
            f"{zone}: cut it into regions, or reproject it to a system in meters made for it."
        )
    return target


def _square(grid):
    """Return a grid of square cells over the same region, about as many."""
    left, right, bottom, top = grid.bounds
    a, _, _, _, e, _ = tuple(grid.transform)[:6]
    side = math.sqrt(abs(a * e))
    transform = type(grid.transform)(side, 0.0, left, 0.0, -side, top)
    height, width = math.ceil((top - bottom) / side), math.ceil((right - left) / side)
    return Grid(grid.crs, transform, height, width)
