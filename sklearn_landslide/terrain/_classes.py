"""Polygons of classes, such as a geological map, as a raster of codes with names."""

import warnings
from numbers import Integral

import numpy as np
import pandas as pd
from sklearn.utils._param_validation import Interval, validate_params

from sklearn_landslide._codes import read_codes, sorted_codes
from sklearn_landslide._optional import import_optional
from sklearn_landslide._words import listed, nearest
from sklearn_landslide.mapping import (
    burn,
    grid_like,
    lazy_raster,
    near_tile,
    polygons_of,
    read_shapes,
    tiles_of,
    where_they_lie,
)


class Areas:
    """Polygons with codes, the largest first.

    Parameters
    ----------
    polygons : ndarray of shapely geometries
        Valid polygons, in the CRS of the grid.
    codes : ndarray of int
        Their codes.
    """

    def __init__(self, polygons, codes):
        shapely = import_optional("shapely", extra="terrain")
        # Of two of one size, that of the lower code is drawn last, wherever it is in the file.
        order = np.lexsort([-codes, -shapely.area(polygons)])
        self.polygons, self.codes = polygons[order], codes[order]
        self.tree = shapely.STRtree(self.polygons)

    def burn(self, grid, rows, columns, smallest=True):
        """Codes of the cells of a tile by the smallest polygon that holds the center, else 0."""
        here = near_tile(self.tree, grid, rows, columns)
        here = here if smallest else here[::-1]
        return burn(self.polygons[here], self.codes[here], grid, rows, columns)


def _tile(areas, grid, rows, columns):
    """Codes of a tile, NaN outside of all polygons."""
    codes = areas.burn(grid, rows, columns)
    return np.where(codes > 0, codes, np.nan).astype(np.float32)


def _classes(column, name, where):
    """Positions of the classes of a column, and their names, in order."""
    positions, found = read_codes(column)
    if not found:
        raise ValueError(f"the column {name!r} of {where} has no value.")
    order = sorted_codes(found)
    place = {str(code): number for number, code in enumerate(order, start=1)}
    codes = np.array([*(place[str(code)] for code in found), 0], dtype=np.int64)
    return codes[positions], {number: str(code) for number, code in enumerate(order, start=1)}


def _column(shapes, name):
    """Return the one column of a name."""
    columns = [other for other in shapes.frame.columns if other != shapes.frame.geometry.name]
    if name not in columns:
        raise ValueError(
            f"{shapes.where} has no column {name!r}.{nearest(name, columns)} "
            f"Its columns are {listed(columns)}."
        )
    column = shapes.frame[name]
    if isinstance(column, pd.DataFrame):
        raise ValueError(f"{shapes.where} has more than one column named {name!r}.")
    return column


def _check_cover(areas, grid, where):
    """Raise if no cell is covered; warn of cells in polygons of several classes."""
    n_cells = n_disputed = 0
    for line in tiles_of(grid):
        for rows, columns in line:
            codes = areas.burn(grid, rows, columns)
            n_cells += np.count_nonzero(codes)
            n_disputed += np.count_nonzero(codes != areas.burn(grid, rows, columns, smallest=False))
    if not n_cells:
        raise ValueError(
            f"no polygon of {where} holds the center of a cell: "
            f"{where_they_lie(areas.polygons, grid)}."
        )
    if n_disputed:
        warnings.warn(
            f"{n_disputed} of {n_cells} cells ({n_disputed / n_cells:.2g}) lie in polygons of "
            f"several classes of {where}: the smallest polygon counts.",
            UserWarning,
            stacklevel=4,
        )


@validate_params(
    {
        "column": [str],
        "name": [str, None],
        "chunks": [Interval(Integral, 1, None, closed="left")],
    },
    prefer_skip_nested_validation=True,
)
def rasterize_classes(polygons, column, like, *, name=None, crs=None, chunks=512):
    """Turn polygons of classes, such as the units of a geological map, into a raster of codes.

    A cell has the class of the polygon that holds its center. Where polygons of several classes
    overlap, the smallest counts, whatever its position in the file, so a lens drawn over a large
    unit is kept; a warning says how many cells this concerns. Cells in no polygon are NaN.

    Parameters
    ----------
    polygons : str, path-like, GeoDataFrame
        A GeoPackage, Shapefile, GeoJSON, FlatGeobuf, KML, KMZ or GeoParquet, also in a ZIP file;
        or a frame. They are brought into the CRS of `like`.
    column : str
        The column of class names. Numbers are also used as names: ``6`` and ``6.0`` are the class
        ``"6"``.
    like : Dataset, DataArray, str or path-like
        The grid: a stack of :func:`~sklearn_landslide.mapping.open_stack`, a raster or a file.
    name : str, default=None
        The name of the result; None takes that of the column.
    crs : str, int or CRS, default=None
        The coordinate reference system of polygons that state none.
    chunks : int, default=512
        Side of the windows of the result, in cells. The values do not depend on it.

    Returns
    -------
    classes : xarray.DataArray of shape (rows, columns), float32
        Codes from 1, lazy. The names of all classes of the file, in sorted order (numbers by
        value), have the codes 1, 2 and so on: ``class_names`` among the attributes is a dict from
        code to name. ``categorical``, ``long_name`` and ``method`` are there, too.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If the file cannot be read or has no polygons, the column is missing or empty, a CRS is
        missing, or no polygon holds the center of a cell.

    Warns
    -----
    UserWarning
        If polygons overlap, have no value in the column, were made valid, or rows have no
        polygon.

    Notes
    -----
    A center exactly on the border of two polygons is in one of them, by the rule of GDAL's
    scan lines. To count overlaps, all cells are rasterized once at the call.

    Examples
    --------
    >>> import geopandas as gpd, numpy as np, xarray as xr
    >>> from shapely import box
    >>> from sklearn_landslide.mapping import open_stack
    >>> from sklearn_landslide.terrain import rasterize_classes
    >>> cells = {"y": [25.0, 15.0, 5.0], "x": [5.0, 15.0]}
    >>> slope = xr.DataArray(np.arange(6.0).reshape(3, 2), cells)
    >>> stack = open_stack({"slope": slope}, crs="EPSG:32717")
    >>> geology = gpd.GeoDataFrame(
    ...     {"unit": ["marl", "granite"]},
    ...     geometry=[box(0, 0, 10, 30), box(10, 10, 20, 30)],
    ...     crs="EPSG:32717",
    ... )
    >>> unit = rasterize_classes(geology, "unit", stack)
    >>> unit.attrs["class_names"]
    {1: 'granite', 2: 'marl'}
    >>> unit.compute().to_numpy()
    array([[ 2.,  1.],
           [ 2.,  1.],
           [ 2., nan]], dtype=float32)
    """
    grid = grid_like(like)
    shapes = read_shapes(polygons, grid.crs, what="polygons", crs=crs)
    codes, names = _classes(_column(shapes, column), column, shapes.where)
    parts, source = polygons_of(shapes)
    codes = codes[source]
    if (missing := codes == 0).any():
        warnings.warn(
            f"{missing.sum()} of {len(codes)} polygons of {shapes.where} have no value in "
            f"{column!r}: their cells are NaN unless another polygon holds them.",
            UserWarning,
            stacklevel=2,
        )
    areas = Areas(parts[~missing], codes[~missing])
    _check_cover(areas, grid, shapes.where)
    attrs = {
        "long_name": f"{column} of {shapes.title}",
        "method": "class of the smallest polygon that holds the center of the cell",
        "categorical": True,
        "class_names": names,
    }
    return lazy_raster(_tile, areas, grid, chunks, column if name is None else name, attrs)
