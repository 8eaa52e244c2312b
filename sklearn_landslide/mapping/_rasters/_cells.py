"""Which cells of a grid the points and polygons of an inventory cover."""

import numpy as np
import pandas as pd

from sklearn_landslide._optional import import_optional


def _point_cells(points, grid):
    """Find the cells of points, one a point, and keep their own coordinates."""
    shapely = import_optional("shapely", extra="map")
    points = points[~points.is_empty]
    shapes = points.to_numpy()
    x, y = shapely.get_x(shapes), shapely.get_y(shapes)
    rows, columns = grid.cells(x, y)
    cells = {"source": points.index.to_numpy(), "row": rows, "column": columns, "x": x, "y": y}
    return pd.DataFrame(cells)[rows >= 0]


def _polygon_cells(polygon, grid):
    """Rows and columns of the cells whose centers lie in a polygon."""
    shapely = import_optional("shapely", extra="map")
    features = import_optional("rasterio.features", extra="map")
    left, bottom, right, top = shapely.bounds(polygon)
    rows, columns = grid.to_row_column(np.array([left, right]), np.array([bottom, top]))
    first = max(0, int(np.floor(rows.min()))), max(0, int(np.floor(columns.min())))
    last = (
        min(grid.height, int(np.ceil(rows.max()))),
        min(grid.width, int(np.ceil(columns.max()))),
    )
    shape = last[0] - first[0], last[1] - first[1]
    if min(shape) <= 0:
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    window = grid.window(first, last)
    inside = features.rasterize([polygon], shape, transform=window.transform, dtype=np.uint8)
    rows, columns = np.nonzero(inside)
    return rows + first[0], columns + first[1]


def _cells_of_polygons(polygons, grid):
    """Find the cells of polygons; one too small to hold a center has the cell it lies in."""
    rasterio = import_optional("rasterio", extra="map")
    shapely = import_optional("shapely", extra="map")
    found = []
    # One environment for all: making one takes as long as drawing a polygon.
    with rasterio.Env():
        for polygon in polygons:
            rows, columns = _polygon_cells(polygon, grid)
            if not len(rows):
                inner = shapely.point_on_surface(polygon)
                rows, columns = grid.cells(shapely.get_x(inner), shapely.get_y(inner))
            found.append((np.atleast_1d(rows), np.atleast_1d(columns)))
    source = np.repeat(polygons.index.to_numpy(), [len(rows) for rows, _ in found])
    rows, columns = (np.concatenate(parts) for parts in zip(*found, strict=True))
    x, y = grid.centers(rows, columns)
    cells = pd.DataFrame({"source": source, "row": rows, "column": columns, "x": x, "y": y})
    return cells[cells["row"] >= 0]


def inventory_cells(geometry, grid, polygons="cells"):
    """Find the cells of an inventory.

    Parameters
    ----------
    geometry : GeoSeries
        Points and polygons in the CRS of the grid, indexed by position.
    grid : Grid
        The grid.
    polygons : {"cells", "point"}, default="cells"
        Whether a polygon stands for all cells whose centers it holds, or for the cell
        of a point in its middle.

    Returns
    -------
    cells : DataFrame
        ``source`` (position in the inventory), ``row``, ``column``, ``x`` and ``y`` (of the
        point, or of the cell's center for polygons) and ``is_point``, in the inventory's order.
        Places outside the grid are left out.
    """
    is_polygon = geometry.geom_type.str.endswith("Polygon")
    points = geometry[~is_polygon].explode()
    parts = [_point_cells(points, grid).assign(is_point=True)]
    areas = geometry[is_polygon]
    if polygons == "point":
        inner = areas.representative_point()
        parts.append(_point_cells(inner, grid).assign(is_point=False))
    elif len(areas):
        parts.append(_cells_of_polygons(areas.explode(), grid).assign(is_point=False))
    cells = pd.concat(parts, ignore_index=True)
    return cells.sort_values("source", kind="stable", ignore_index=True)
