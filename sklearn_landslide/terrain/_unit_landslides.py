"""Which units landslides lie in, how much of a unit they cover, and which units they join."""

import numpy as np
from scipy.sparse import coo_array, csgraph

from sklearn_landslide._optional import import_optional
from sklearn_landslide.terrain._unit_statistics import extracted


def _points_of(slides, units, elevation, grid):
    """One point for each landslide: its own, its highest cell's, or one inside of it."""
    shapely = import_optional("shapely", extra="map")
    geopandas = import_optional("geopandas", extra="map")
    points = shapely.point_on_surface(slides)
    is_polygon = shapely.get_dimensions(slides) == 2
    if elevation is None or not is_polygon.any():
        return points
    frame = geopandas.GeoDataFrame(geometry=slides[is_polygon], crs=units.crs)
    asked = [("max_center_x", {}), ("max_center_y", {})]
    ((x, y),) = extracted([(elevation, asked)], grid, frame)
    highest = shapely.points(x.astype(float), y.astype(float))
    # A cell that the polygon only brushes has its center beyond it: the point of the polygon
    # that is nearest.
    known = np.isfinite(x.astype(float)) & np.isfinite(y.astype(float))
    places = np.flatnonzero(is_polygon)[known]
    lines = shapely.shortest_line(slides[places], highest[known])
    points[places] = shapely.get_point(lines, 0)
    return points


def landslides_in(slides, units, label, min_share, elevation, grid):
    """Count landslides in units.

    Parameters
    ----------
    slides : ndarray of shapely geometries
        Valid points and polygons in the CRS of the units.
    units : GeoDataFrame
        The units.
    label : {"presence", "count", "share"}
        What is returned.
    min_share : float
        Share of a unit from which on a part of a landslide counts.
    elevation : ndarray or None
        Values from which the highest point of a polygon is found.
    grid : Grid
        Theirs.

    Returns
    -------
    y : ndarray of shape (n_units,)
        Labels.
    groups : ndarray of shape (n_units,)
        Equal where a landslide joins units, directly or over others; from 0.
    n_outside : int
        Landslides that touch no unit.
    """
    shapely = import_optional("shapely", extra="map")
    polygons = units.geometry.to_numpy()
    tree = shapely.STRtree(polygons)
    slide, unit = tree.query(slides, predicate="intersects")
    parts = shapely.intersection(slides[slide], polygons[unit])
    area = shapely.area(parts)
    points = _points_of(slides, units, elevation, grid)
    # On a border, the first unit only.
    of, at = tree.query(points, predicate="intersects")
    _, first = np.unique(of, return_index=True)
    has_point = np.zeros(len(slides), dtype=np.int64) - 1
    has_point[of[first]] = at[first]
    inside = has_point[slide] == unit
    joins = (area > 0) | inside
    n_units = len(polygons)
    y = np.zeros(n_units)
    if label == "share":
        order = np.lexsort((slide, unit))
        order = order[area[order] > 0]
        hit, start = np.unique(unit[order], return_index=True)
        for one, pieces in zip(hit, np.split(parts[order], start[1:]), strict=True):
            y[one] = shapely.area(shapely.union_all(pieces)) / shapely.area(polygons[one])
        y = np.minimum(y, 1.0)
    else:
        counts = inside | ((area > 0) & (area >= min_share * shapely.area(polygons[unit])))
        y = np.bincount(unit[counts], minlength=n_units)
        y = np.minimum(y, 1) if label == "presence" else y
        y = y.astype(np.int64)
    graph = coo_array(
        (
            np.ones(joins.sum()),
            (unit[joins].astype(np.int32), (n_units + slide[joins]).astype(np.int32)),
        ),
        shape=(n_units + len(slides),) * 2,
    )
    _, groups = csgraph.connected_components(graph.tocsr(), directed=False)
    _, groups = np.unique(groups[:n_units], return_inverse=True)
    return y, groups, len(slides) - len(np.unique(slide[joins]))
