"""The distance from each cell to the nearest line, polygon or point."""

from numbers import Integral

import numpy as np
from sklearn.utils._param_validation import Interval, validate_params

from sklearn_landslide._optional import import_optional
from sklearn_landslide.mapping import (
    grid_like,
    lazy_raster,
    read_shapes,
    simple_parts,
    true_scale,
    why_no_meters,
)

_POLYGON = 3


class Nearest:
    """Measures distances to shapes, exactly.

    Lines and outlines are held by their segments: the distance to a line is the least of those
    to its segments, and a tree finds the nearest of many short ones sooner than that of a few
    long ones.

    Parameters
    ----------
    geometry : ndarray of shapely geometries
        Valid points, lines and polygons.
    """

    def __init__(self, geometry):
        shapely = import_optional("shapely", extra="terrain")
        parts, _ = simple_parts(geometry)
        self.polygons = parts[shapely.get_type_id(parts) == _POLYGON]
        outlines = shapely.get_rings(self.polygons)
        lines = np.concatenate([parts[np.isin(shapely.get_type_id(parts), (1, 2))], outlines])
        corners, of = shapely.get_coordinates(lines, return_index=True)
        joined = of[1:] == of[:-1]
        segments = shapely.linestrings(np.stack([corners[:-1][joined], corners[1:][joined]], 1))
        points = parts[shapely.get_type_id(parts) == 0]
        self.tree = shapely.STRtree(np.concatenate([points, segments]))
        self.boxes = shapely.STRtree(self.polygons)
        self._prepare()

    def __setstate__(self, state):
        """Prepare polygons in another process, too."""
        vars(self).update(state)
        self._prepare()

    def _prepare(self):
        """Index the polygons; a question builds the index, which threads must not do together."""
        shapely = import_optional("shapely", extra="terrain")
        shapely.prepare(self.polygons)
        left, bottom, right, top = shapely.bounds(self.polygons).T
        shapely.intersects_xy(self.polygons, (left + right) / 2, (bottom + top) / 2)

    def distances(self, x, y):
        """Distance of places to the nearest shape, 0 within polygons, in units of the CRS."""
        shapely = import_optional("shapely", extra="terrain")
        found = np.empty(x.shape)
        within = np.zeros(x.shape, dtype=bool)
        for number in self.boxes.query(shapely.box(x.min(), y.min(), x.max(), y.max())):
            polygon = self.polygons[number]
            left, bottom, right, top = shapely.bounds(polygon)
            near = (x >= left) & (x <= right) & (y >= bottom) & (y <= top) & ~within
            within[near] = shapely.intersects_xy(polygon, x[near], y[near])
        found[within] = 0.0
        points = shapely.points(x[~within], y[~within])
        if len(points):
            _, found[~within] = self.tree.query_nearest(
                points, return_distance=True, all_matches=False
            )
        return found


def _tile(shared, grid, rows, columns):
    """Distances of the centers of a tile in meters."""
    nearest, meters = shared
    row, column = np.meshgrid(np.arange(*rows), np.arange(*columns), indexing="ij")
    x, y = grid.centers(row.ravel(), column.ravel())
    return (nearest.distances(x, y) * meters).astype(np.float32).reshape(row.shape)


@validate_params(
    {
        "name": [str],
        "chunks": [Interval(Integral, 1, None, closed="left")],
    },
    prefer_skip_nested_validation=True,
)
def distance_to(lines, like, *, name="distance", crs=None, chunks=512):
    """Compute the distance to the nearest line, polygon or point, such as a fault or a road.

    The distance is that from the center of a cell to the shape itself, not to the cells that the
    shape crosses, which would be off by up to a cell's diagonal. Shapes beyond the raster's edge
    count: pass lines for a larger area than the raster, otherwise distances near its edge are too
    large.

    Parameters
    ----------
    lines : str, path-like, GeoDataFrame or GeoSeries
        Lines, polygons (0 inside) or points: a GeoPackage, Shapefile, GeoJSON, FlatGeobuf,
        KML, KMZ or GeoParquet, also in a ZIP file; or a frame. They are brought into the CRS of
        `like`, corner by corner.
    like : Dataset, DataArray, str or path-like
        The grid: a stack of :func:`~sklearn_landslide.mapping.open_stack`, a raster or a file.
    name : str, default="distance"
        The name of the result.
    crs : str, int or CRS, default=None
        The coordinate reference system of lines that state none.
    chunks : int, default=512
        Side of the windows of the result, in cells. The values do not depend on it.

    Returns
    -------
    distance : xarray.DataArray of shape (rows, columns), float32
        Meters on the ground, lazy. Where the projection's scale is off by more than 1 % and the
        same all over the raster, it is corrected. ``long_name``, ``units`` and ``method`` are
        among its attributes.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If the file cannot be read or has no shape, a CRS is missing, or the raster's CRS has no
        meters that are the same everywhere, such as degrees or Web Mercator over a large area.

    Warns
    -----
    UserWarning
        If rows without geometry are left out, or polygons were made valid.

    Notes
    -----
    The Euclidean distance in the plane of the CRS: the smallest distance to the segments of the
    shapes, found with GEOS' tree of rectangles (sort-tile-recursive).

    References
    ----------
    Leutenegger, S. T., Lopez, M. A., and Edgington, J. (1997). STR: a simple and efficient
    algorithm for R-tree packing. Proceedings of the 13th International Conference on Data
    Engineering, 497-506.

    Examples
    --------
    >>> import geopandas as gpd, numpy as np, xarray as xr
    >>> from shapely import LineString
    >>> from sklearn_landslide.mapping import open_stack
    >>> from sklearn_landslide.terrain import distance_to
    >>> cells = {"y": [25.0, 15.0, 5.0], "x": [5.0, 15.0]}
    >>> slope = xr.DataArray(np.arange(6.0).reshape(3, 2), cells)
    >>> stack = open_stack({"slope": slope}, crs="EPSG:32717")
    >>> fault = gpd.GeoSeries([LineString([(0, 0), (0, 100)])], crs="EPSG:32717")
    >>> distance_to(fault, stack).compute().to_numpy()
    array([[ 5., 15.],
           [ 5., 15.],
           [ 5., 15.]], dtype=float32)
    """
    grid = grid_like(like)
    scale = true_scale(grid.crs, grid.bounds)
    if scale.length is None:
        raise ValueError(f"No distances in meters: like is {why_no_meters(grid.crs, scale)}.")
    shapes = read_shapes(lines, grid.crs, what="lines", crs=crs)
    attrs = {
        "long_name": f"distance to the nearest of {shapes.title}",
        "units": "m",
        "method": "exact distance from the center of a cell to the nearest shape",
    }
    return lazy_raster(_tile, (Nearest(shapes.geometry), scale.length), grid, chunks, name, attrs)
