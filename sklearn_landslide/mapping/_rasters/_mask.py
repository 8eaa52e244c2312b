"""Keep a stack's values inside an area of interest, and drop them where nothing is to be mapped."""

import warnings

import numpy as np

from sklearn_landslide._hints import hinting
from sklearn_landslide._optional import import_optional
from sklearn_landslide._words import plural
from sklearn_landslide.mapping._rasters._burn import burn, near_tile
from sklearn_landslide.mapping._rasters._check_stack import check_stack
from sklearn_landslide.mapping._rasters._grids import grid_of
from sklearn_landslide.mapping._rasters._like import lazy_raster, tiles_of
from sklearn_landslide.mapping._rasters._shapes import polygons_of, read_shapes, where_they_lie

# Where a stack notes what it was cut to.
MASK = "mask"


class _Inside:
    """Tells which centers of cells lie in polygons.

    Parameters
    ----------
    polygons : ndarray of shapely geometries
        In the CRS of the grid.
    """

    def __init__(self, polygons):
        self.polygons = polygons
        self.tree = import_optional("shapely", extra="map").STRtree(polygons)

    def tile(self, grid, rows, columns):
        """Mark the cells of a tile."""
        here = near_tile(self.tree, grid, rows, columns)
        return burn(self.polygons[here], np.ones(len(here)), grid, rows, columns) > 0


def _kept(sides, grid, rows, columns):
    """Cells of a tile that are in the area and not excluded, as 1."""
    area, exclude = sides
    kept = np.ones((rows[1] - rows[0], columns[1] - columns[0]), dtype=np.float32)
    if area is not None:
        kept *= area.tile(grid, rows, columns)
    if exclude is not None:
        kept *= ~exclude.tile(grid, rows, columns)
    return kept


def _count(grid, *sides):
    """Count the cells that are kept."""
    tiles = (tile for line in tiles_of(grid) for tile in line)
    return int(sum(_kept(sides, grid, *tile).sum(dtype=np.float64) for tile in tiles))


def _read(source, grid, what, crs):
    """Read the polygons of one side."""
    if source is None:
        return None, what
    shapes = read_shapes(source, grid.crs, what=what, crs=crs)
    return _Inside(polygons_of(shapes)[0]), shapes.where


def mask_stack(stack, area=None, *, exclude=None, crs=None):
    """Keep the values of a stack inside an area and outside of excluded polygons.

    Every other cell becomes NaN in all factors, so that it is not sampled, drawn as an absence or
    mapped: outside a district, on a lake, a glacier or a plain. The center of a cell decides.

    Parameters
    ----------
    stack : xarray.Dataset
        The factors, from :func:`open_stack`.
    area : str, path-like, GeoDataFrame or GeoSeries, default=None
        Polygons of the area to keep: a GeoPackage, Shapefile, GeoJSON, FlatGeobuf, KML, KMZ or
        GeoParquet, also in a ZIP file; or a frame. None keeps all that is not excluded.
    exclude : str, path-like, GeoDataFrame or GeoSeries, default=None
        Polygons to leave out.
    crs : str, int or CRS, default=None
        The coordinate reference system of polygons that state none.

    Returns
    -------
    masked : xarray.Dataset
        The stack, lazy, on the same grid. ``attrs["mask"]`` is a dict of the polygons that it was
        cut to (``area``, ``exclude``) and of the numbers of kept cells and of all cells
        (``n_kept``, ``n_cells``).

    Raises
    ------
    TypeError
        If `stack` is not a Dataset.
    ValueError
        If neither is given, a file cannot be read or has no polygons, a CRS is missing, the area
        lies outside the stack, or nothing is left.

    Warns
    -----
    UserWarning
        If the excluded polygons hold no cell, or polygons were repaired or left out.

    Notes
    -----
    The cells are counted when the function is called, without reading the factors; a kept cell may
    be nodata in them.

    Examples
    --------
    >>> import geopandas as gpd, numpy as np, xarray as xr
    >>> from shapely import box
    >>> from sklearn_landslide.mapping import mask_stack, open_stack
    >>> cells = {"y": [25.0, 15.0, 5.0], "x": [5.0, 15.0]}
    >>> slope = xr.DataArray(np.arange(6.0).reshape(3, 2), cells)
    >>> stack = open_stack({"slope": slope}, crs="EPSG:32717")
    >>> district = gpd.GeoSeries([box(0, 10, 20, 30)], crs="EPSG:32717")
    >>> lake = gpd.GeoSeries([box(0, 20, 10, 30)], crs="EPSG:32717")
    >>> masked = mask_stack(stack, district, exclude=lake)
    >>> masked["slope"].to_numpy()
    array([[nan,  1.],
           [ 2.,  3.],
           [nan, nan]])
    >>> masked.attrs["mask"]["n_kept"]
    3
    """
    array = import_optional("dask.array", extra="map")
    stack = check_stack(stack)
    if area is None and exclude is None:
        hints = "area=...", "exclude=..."
        raise hinting(ValueError("no polygons were given: pass area=... or exclude=..."), *hints)
    grid = grid_of(stack, "the stack")
    inside, where = _read(area, grid, "area", crs)
    outside, where_excluded = _read(exclude, grid, "exclude", crs)
    n_cells = grid.height * grid.width
    n_inside = n_cells if inside is None else _count(grid, inside, None)
    if not n_inside:
        raise ValueError(
            f"no polygon of {where} holds the center of a cell: "
            f"{where_they_lie(inside.polygons, grid)}."
        )
    n_kept = n_inside if outside is None else _count(grid, inside, outside)
    if not n_kept:
        raise ValueError(
            f"nothing is left: {where_excluded} covers all {plural(n_inside, 'cell')}"
            + (" of the stack." if inside is None else f" of {where}.")
        )
    if outside is not None and n_kept == n_inside and not n_cells - _count(grid, None, outside):
        warnings.warn(
            f"no polygon of {where_excluded} holds the center of a cell, so nothing is excluded: "
            f"{where_they_lie(outside.polygons, grid)}.",
            UserWarning,
            stacklevel=2,
        )
    variables, masks = {}, {}
    for name, factor in stack.data_vars.items():
        lazy = factor if factor.chunks is not None else factor.chunk()
        chunks = lazy.data.chunks
        if chunks not in masks:
            # By position: coordinates may differ in the last digit.
            masks[chunks] = lazy_raster(_kept, (inside, outside), grid, chunks, MASK, {}).data > 0
        values = lazy.data if lazy.dtype.kind == "f" else lazy.data.astype(np.float64)
        variables[name] = factor.copy(
            data=array.where(masks[chunks], values, values.dtype.type(np.nan))
        )
    said = {"area": None if inside is None else where}
    said |= {"exclude": None if outside is None else where_excluded}
    return stack.assign(variables).assign_attrs(
        {MASK: said | {"n_kept": n_kept, "n_cells": n_cells}}
    )
