"""Mapping units as they come: polygons in the CRS of a grid, each with its number."""

import warnings

import numpy as np

from sklearn_landslide._optional import import_optional
from sklearn_landslide._words import listed, plural
from sklearn_landslide.mapping import read_shapes

# Share of the smaller of two units from which on they overlap: reprojected borders do by less.
_OVERLAP = 0.01


def read_units(units, grid, crs=None):
    """Read units as polygons in the CRS of a grid, with their numbers.

    Parameters
    ----------
    units : str, path-like or GeoDataFrame
        The units.
    grid : Grid
        The grid.
    crs : str, int, CRS or None, default=None
        Of units that state none.

    Returns
    -------
    frame : GeoDataFrame
        Indexed by position.
    numbers : ndarray
        The column ``unit`` where there is one, otherwise the index.
    where : str
        What to call them.
    """
    geopandas = import_optional("geopandas", extra="map")
    shapely = import_optional("shapely", extra="map")
    shapes = read_shapes(units, grid.crs, what="units", crs=crs)
    if (strange := shapely.get_dimensions(shapes.geometry) != 2).any():
        kinds = sorted({shape.geom_type for shape in shapes.geometry[strange]})
        raise ValueError(
            f"{shapes.where} has shapes of the kind {listed(kinds)}: units are polygons."
        )
    numbers = shapes.frame.get("unit", shapes.frame.index)
    frame = geopandas.GeoDataFrame(geometry=shapes.geometry, crs=grid.crs)
    return frame, np.asarray(numbers), shapes.where


def warn_of_overlaps(frame, where):
    """Count pairs of units that cover the same ground."""
    shapely = import_optional("shapely", extra="map")
    polygons = frame.geometry.to_numpy()
    one, other = shapely.STRtree(polygons).query(polygons, predicate="intersects")
    one, other = one[one < other], other[one < other]
    area = shapely.area(polygons)
    common = shapely.area(shapely.intersection(polygons[one], polygons[other]))
    if n_pairs := int((common > _OVERLAP * np.minimum(area[one], area[other])).sum()):
        warnings.warn(
            f"{plural(n_pairs, 'pair')} of units of {where} overlap: what lies in two units is "
            "counted in both, and may be in a training and in a test fold.",
            UserWarning,
            stacklevel=4,
        )
