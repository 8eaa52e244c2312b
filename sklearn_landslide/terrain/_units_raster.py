"""Values of units as a raster, for maps."""

import numpy as np

from sklearn_landslide._optional import import_optional
from sklearn_landslide._words import plural
from sklearn_landslide.mapping import burn, grid_like, lazy_raster, near_tile
from sklearn_landslide.terrain._read_units import read_units


class _Painted:
    """Polygons in a tree, with a value each."""

    def __init__(self, polygons, values):
        shapely = import_optional("shapely", extra="map")
        self.polygons, self.values = polygons, values
        self.tree = shapely.STRtree(polygons)


def _tile(painted, grid, rows, columns):
    """Values of the cells of one tile."""
    # In the order of the rows: of units that overlap, the later one counts.
    found = near_tile(painted.tree, grid, rows, columns)
    # By number: GDAL would paint NaN, and whole numbers are exact.
    numbers = burn(painted.polygons[found], np.arange(1, found.size + 1), grid, rows, columns)
    return np.append(np.nan, painted.values[found]).astype(np.float32)[numbers]


def units_to_raster(values, units, like, *, name="susceptibility", chunks=512, crs=None):
    """Give every cell the value of the unit that it lies in: a map of units.

    Parameters
    ----------
    values : array-like of shape (n_units,)
        A number for each unit, such as its susceptibility; NaN stays NaN.

    units : str, path-like, GeoDataFrame or GeoSeries
        The units in the same order, such as ``table.geometry`` from :func:`aggregate_to_units`.

    like : Dataset, DataArray, str or path-like
        The grid: a stack of :func:`~sklearn_landslide.mapping.open_stack`, a raster or a file.

    name : str, default="susceptibility"
        The name of the result.

    chunks : int, default=512
        Side of the windows of the result, in cells.

    crs : str, int or CRS, default=None
        The coordinate reference system of units that state none.

    Returns
    -------
    raster : xarray.DataArray of shape (rows, columns), float32
        Lazy. A cell has the value of the unit that holds its center, the last of several, and
        NaN where there is none.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If there are more or fewer values than units, values are not numbers, or units cannot be
        read.

    Examples
    --------
    >>> import geopandas as gpd, numpy as np, xarray as xr
    >>> from shapely import box
    >>> from sklearn_landslide.mapping import open_stack
    >>> from sklearn_landslide.terrain import units_to_raster
    >>> cells = {"y": [15.0, 5.0], "x": [5.0, 15.0, 25.0]}
    >>> slope = xr.DataArray(np.zeros((2, 3)), cells)
    >>> stack = open_stack({"slope": slope}, crs="EPSG:32717")
    >>> units = gpd.GeoSeries([box(0, 0, 10, 20), box(10, 0, 30, 10)], crs="EPSG:32717")
    >>> units_to_raster([0.2, 0.7], units, stack).compute().to_numpy()
    array([[0.2, nan, nan],
           [0.2, 0.7, 0.7]], dtype=float32)
    """
    grid = grid_like(like)
    frame, _, where = read_units(units, grid, crs)
    values = np.asarray(values)
    if values.ndim != 1 or values.dtype.kind not in "fiub":
        raise ValueError(
            f"values must be one number for each unit, got an array of shape {values.shape} and "
            f"type {values.dtype}."
        )
    if len(values) != len(frame):
        raise ValueError(
            f"there are {plural(len(values), 'value')} for {plural(len(frame), 'unit')} of "
            f"{where}: give one for each, in the same order."
        )
    painted = _Painted(frame.geometry.to_numpy(), values.astype(np.float64))
    return lazy_raster(_tile, painted, grid, chunks, name, {"long_name": name})
