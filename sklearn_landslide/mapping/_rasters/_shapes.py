"""Read lines, polygons or points that become a factor: in the grid's CRS, whole and valid."""

import os
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np

from sklearn_landslide._hints import hinting
from sklearn_landslide._optional import import_optional
from sklearn_landslide._words import listed, plural
from sklearn_landslide.mapping._rasters._grids import crs_name
from sklearn_landslide.mapping._rasters._inventory import project_shapes
from sklearn_landslide.mapping._rasters._inventory_files import read_inventory_file

# Positions that a warning names.
_MOST_NAMED = 5
# In the numbers of GEOS.
_POLYGON = 3


@dataclass(frozen=True, eq=False)
class Shapes:
    """Shapes of a file or a frame, without those that are not places.

    Parameters
    ----------
    geometry : ndarray of shapely geometries
        Valid, with two coordinates, in the CRS that was asked for.
    frame : GeoDataFrame
        The rows that they come from, as they were read.
    where : str
        What to call them in messages.
    title : str
        A short name of them.
    """

    geometry: Any
    frame: Any
    where: str
    title: str


def _load(source, what):
    """Return a GeoDataFrame, what to call it, and a short name."""
    geopandas = import_optional("geopandas", extra="map")
    if isinstance(source, geopandas.GeoSeries):
        return geopandas.GeoDataFrame(geometry=source), f"the GeoSeries of {what}", what
    if isinstance(source, geopandas.GeoDataFrame):
        return source, f"the GeoDataFrame of {what}", what
    if not isinstance(source, str | os.PathLike):
        raise TypeError(
            f"{what} are a file or a GeoDataFrame, got {type(source).__name__}: {source!r:.60}."
        )
    frame, _, where = read_inventory_file(source)
    if not isinstance(frame, geopandas.GeoDataFrame):
        raise ValueError(
            f"{where} is a table without shapes: give a GeoPackage, a Shapefile or the like."
        )
    name = os.path.basename(os.fspath(source))
    return frame, where, name.partition(".")[0] or name


def _positions(mask):
    """Name the first positions of rows."""
    places = np.flatnonzero(mask)
    more = ", ..." if len(places) > _MOST_NAMED else ""
    return ", ".join(map(str, places[:_MOST_NAMED].tolist())) + more


def read_shapes(source, grid_crs, *, what, crs=None):
    """Read lines, polygons or points, and leave out what is not a place.

    Parameters
    ----------
    source : str, path-like, GeoDataFrame or GeoSeries
        GeoPackage, Shapefile, GeoJSON, FlatGeobuf, GML, KML, KMZ or GeoParquet, also in a ZIP
        file; or a frame.
    grid_crs : rasterio.crs.CRS
        Where the shapes are needed.
    what : str
        What the argument is called.
    crs : str, int or CRS, default=None
        The CRS of shapes that state none.

    Returns
    -------
    shapes : Shapes

    Raises
    ------
    ValueError
        If there is no shape, or no CRS is known.

    Warns
    -----
    UserWarning
        If rows have no shape or no place in the CRS, or polygons had to be made valid.
    """
    shapely = import_optional("shapely", extra="map")
    frame, where, title = _load(source, what)
    if frame.empty:
        raise ValueError(f"{where} has no rows.")
    if frame.crs is None and crs is None:
        hint = "crs='EPSG:...'"
        error = ValueError(f"{where} states no CRS: pass {hint}, that of its coordinates.")
        raise hinting(error, hint)
    given = frame.geometry.to_numpy()
    empty = shapely.is_missing(given) | shapely.is_empty(given)
    known = shapely.force_2d(np.where(empty, shapely.Point(), given))
    broken = _is_broken(known)
    known = np.where(broken, shapely.Point(), known)
    flat = frame.set_geometry(
        import_optional("geopandas", extra="map").GeoSeries(known, index=frame.index, crs=frame.crs)
    )
    # Positions are spoken of, whatever the index is.
    geometry = project_shapes(flat, crs, grid_crs, where, True).to_numpy()
    nowhere = _is_broken(geometry)
    left_out = empty | broken | nowhere
    said = [
        f"{mask.sum()} {text} (at position {_positions(mask)})"
        for mask, text in (
            (empty, "without geometry"),
            (broken, "with coordinates that are not numbers"),
            (nowhere, f"without a place in {crs_name(grid_crs)}"),
        )
        if mask.any()
    ]
    if left_out.all():
        raise ValueError(f"{where} has no shape that is a place: {'; '.join(said)}.")
    if said:
        warnings.warn(
            f"{where}: {plural(left_out.sum(), 'row')} of {len(frame)} left out, "
            f"{'; '.join(said)}.",
            UserWarning,
            stacklevel=4,
        )
    geometry = _mended(geometry, left_out, where)
    return Shapes(geometry[~left_out], frame[~left_out], where, title)


def _is_broken(shapes):
    """Mark shapes with a coordinate that is not a number."""
    shapely = import_optional("shapely", extra="map")
    corners, of = shapely.get_coordinates(shapes, return_index=True)
    broken = np.zeros(len(shapes), dtype=bool)
    broken[of[~np.isfinite(corners).all(axis=1)]] = True
    return broken


def _mended(geometry, left_out, where):
    """Make polygons valid, with a warning."""
    shapely = import_optional("shapely", extra="map")
    # A line is what it is, also where it is one point only.
    crossed = (shapely.get_dimensions(geometry) == 2) & ~shapely.is_valid(geometry) & ~left_out
    if crossed.any():
        geometry = geometry.copy()
        geometry[crossed] = shapely.make_valid(
            geometry[crossed], method="structure", keep_collapsed=True
        )
        warnings.warn(
            f"{where}: {plural(crossed.sum(), 'polygon')} made valid that crossed itself or the "
            f"like, at position {_positions(crossed)}: look at what became of the inside.",
            UserWarning,
            stacklevel=5,
        )
    return geometry


def simple_parts(geometry):
    """Take shapes apart into points, lines and polygons.

    Parameters
    ----------
    geometry : ndarray of shapely geometries
        Any, collections of collections included.

    Returns
    -------
    parts : ndarray of shapely geometries
        Without empty ones.
    source : ndarray of int
        For each part, the position of the shape that it comes from.
    """
    shapely = import_optional("shapely", extra="map")
    parts, source = np.asarray(geometry), np.arange(len(geometry))
    while np.any(shapely.get_type_id(parts) > 3):
        parts, of = shapely.get_parts(parts, return_index=True)
        source = source[of]
    there = ~shapely.is_empty(parts)
    return parts[there], source[there]


def polygons_of(shapes):
    """Take the polygons of shapes; other kinds have no inside.

    Parameters
    ----------
    shapes : Shapes
        Of :func:`read_shapes`.

    Returns
    -------
    polygons : ndarray of shapely geometries
        Each by itself, without those that have no area.
    source : ndarray of int
        For each polygon, the position of the shape that it comes from.

    Raises
    ------
    ValueError
        If there is none.

    Warns
    -----
    UserWarning
        If rows have no polygon.
    """
    shapely = import_optional("shapely", extra="map")
    parts, source = simple_parts(shapes.geometry)
    is_polygon = shapely.get_type_id(parts) == _POLYGON
    n_rows = len(shapes.geometry)
    n_others = n_rows - len(np.unique(source[is_polygon]))
    if n_others == n_rows:
        kinds = sorted({shape.geom_type for shape in shapes.geometry})
        raise ValueError(
            f"{shapes.where} has no polygons but shapes of the kind {listed(kinds)}: areas are "
            "needed."
        )
    if n_others:
        warnings.warn(
            f"{n_others} of {n_rows} rows of {shapes.where} are not polygons and are left out.",
            UserWarning,
            stacklevel=4,
        )
    return parts[is_polygon], source[is_polygon]


def where_they_lie(shapes, grid):
    """Say where shapes lie, and where a grid does.

    Parameters
    ----------
    shapes : ndarray of shapely geometries
        In the CRS of the grid.
    grid : Grid
        The grid.
    """
    shapely = import_optional("shapely", extra="map")
    left, bottom, right, top = shapely.total_bounds(shapes)
    x0, x1, y0, y1 = grid.bounds
    return (
        f"they lie at x {left:.10g} to {right:.10g} and y {bottom:.10g} to {top:.10g}, the raster "
        f"at x {x0:.10g} to {x1:.10g} and y {y0:.10g} to {y1:.10g} in {crs_name(grid.crs)}"
    )
