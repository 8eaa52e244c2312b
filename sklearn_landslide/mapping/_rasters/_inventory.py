"""Read an inventory of landslides and other places: points or polygons, with labels."""

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from sklearn_landslide._hints import hinting
from sklearn_landslide._optional import import_optional
from sklearn_landslide._words import listed, nearest, plural
from sklearn_landslide.mapping._rasters._grids import crs_name, parse_crs, same_crs
from sklearn_landslide.mapping._rasters._inventory_files import read_inventory_file
from sklearn_landslide.tables import as_labels, as_number

_KINDS = ("Point", "MultiPoint", "Polygon", "MultiPolygon")


@dataclass(frozen=True, eq=False)
class Inventory:
    """Landslides and other places.

    Parameters
    ----------
    geometry : GeoSeries
        Valid points and polygons in the stack's CRS, indexed by their position; empty where the
        CRS has no such place.
    labels : ndarray of int
        1 for landslide.
    where : str
        What to call the inventory in messages.
    given : GeoSeries
        The shapes as they were read.
    frame : GeoDataFrame
        The rows as they were read.
    """

    geometry: Any
    labels: np.ndarray
    where: str
    given: Any
    frame: Any


def _points_of_table(frame, coordinates, decimal, where):
    """Make points of two columns of a table."""
    geopandas = import_optional("geopandas", extra="map")
    if frame.empty:
        raise ValueError(f"{where} has no rows.")
    if len(coordinates) != 2 or len(set(coordinates)) != 2:
        raise ValueError(f"coordinates are two columns, x and y; got {listed(coordinates)}.")
    for name in coordinates:
        if name not in frame.columns:
            raise ValueError(
                f"{where} has no column {name!r}, named as a coordinate."
                f"{nearest(name, frame.columns)} Its columns are {listed(frame.columns)}."
            )
    x, y = (as_number(frame[name], decimal).to_numpy(dtype=float) for name in coordinates)
    missing = np.isnan(x) | np.isnan(y)
    if missing.any():
        raise ValueError(
            f"the coordinates {listed(coordinates)} of {where} are missing in "
            f"{plural(missing.sum(), 'row')} (first in row {frame.index[missing][0]})."
        )
    return geopandas.GeoDataFrame(frame, geometry=geopandas.points_from_xy(x, y))


def load_inventory(points, coordinates):
    """Read the rows of an inventory.

    Parameters
    ----------
    points : str, path-like, GeoDataFrame or DataFrame
        The inventory.
    coordinates : list of str
        The two columns of a table.

    Returns
    -------
    frame : GeoDataFrame
        The rows.
    where : str
        What to call it.
    may_state_crs : bool
        Whether what was given could state a CRS.
    """
    geopandas = import_optional("geopandas", extra="map")
    if isinstance(points, geopandas.GeoSeries):
        points = geopandas.GeoDataFrame(geometry=points)
    if isinstance(points, geopandas.GeoDataFrame):
        return points, "the inventory", True
    if isinstance(points, pd.DataFrame):
        return _points_of_table(points, coordinates, ".", "the inventory"), "the inventory", False
    frame, decimal, where = read_inventory_file(points)
    if isinstance(frame, geopandas.GeoDataFrame):
        return frame, where, True
    return _points_of_table(frame, coordinates, decimal, where), where, False


def _labels(frame, target, positive_class, where):
    """Return 1 for landslide and 0 for none; an inventory may hold one of the two only."""
    if target is None:
        if positive_class is not None:
            error = ValueError(
                f"positive_class={positive_class!r} is a label, and no column of labels is named: "
                "name it, target=..."
            )
            raise hinting(error, f"positive_class={positive_class!r}", "target=...")
        return np.ones(len(frame), dtype=np.int64)
    if target not in frame.columns:
        error = ValueError(
            f"{where} has no target column {target!r}.{nearest(target, frame.columns)} Pass "
            "target=None if every row is a landslide."
        )
        raise hinting(error, "target=None")
    column = frame[target]
    if isinstance(column, pd.DataFrame):
        raise ValueError(f"{where} has more than one column named {target!r}.")
    return as_labels(column, positive_class, one_class=True)


def _check_shapes(geometry, where):
    """Refuse rows without a shape, and shapes that are not places."""
    shapely = import_optional("shapely", extra="map")
    empty = (geometry.isna() | geometry.is_empty).to_numpy()
    if empty.any():
        raise ValueError(
            f"{where} has {plural(empty.sum(), 'row')} without geometry (first at position "
            f"{np.flatnonzero(empty)[0]}): remove them."
        )
    kinds = geometry.geom_type
    if strange := sorted(set(kinds) - set(_KINDS)):
        raise ValueError(
            f"{where} has shapes of the kind {listed(strange)}: points or polygons are needed."
        )
    broken = [not np.isfinite(shapely.get_coordinates(shape)).all() for shape in geometry]
    if any(broken):
        raise ValueError(
            f"{where} has {plural(sum(broken), 'row')} with coordinates that are not numbers "
            f"(first at position {broken.index(True)}): correct or remove them."
        )


def _mended(geometry, where):
    """Make polygons valid; one without area becomes a point on it, with a warning."""
    shapely = import_optional("shapely", extra="map")
    is_polygon = geometry.geom_type.str.endswith("Polygon") & ~geometry.is_empty
    crossed = ~geometry.is_valid & is_polygon
    whole = geometry
    if crossed.any():
        mended = geometry[crossed].make_valid(method="structure", keep_collapsed=False)
        geometry = geometry.where(~crossed, mended)
    flat = is_polygon & (geometry.is_empty | ~(geometry.area > 0))
    if flat.any():
        corners = [shapely.multipoints(shapely.get_coordinates(shape)) for shape in whole[flat]]
        # Of the corners, the one nearest to their middle is on the outline.
        middle = shapely.point_on_surface(corners)
        geometry = geometry.where(~flat, pd.Series(middle, index=whole.index[flat]))
        warnings.warn(
            f"{where} has {plural(flat.sum(), 'polygon')} without area (first at position "
            f"{np.flatnonzero(flat)[0]}): each counts as a point on its outline.",
            UserWarning,
            stacklevel=4,
        )
    return geometry


def project_shapes(frame, crs, grid_crs, where, may_state_crs):
    """Bring the shapes into the stack's CRS."""
    given = None if crs is None else parse_crs(crs)
    stated = None if frame.crs is None else parse_crs(frame.crs)
    if given is not None and stated is not None and not same_crs(given, stated):
        hint = f"crs={crs!r}"
        error = ValueError(f"{hint}, but {where} states {crs_name(stated)}: leave it out.")
        raise hinting(error, hint)
    if stated is None and given is None:
        if may_state_crs:
            warnings.warn(
                f"{where} states no CRS; it is taken to be the stack's, {crs_name(grid_crs)}.",
                UserWarning,
                stacklevel=5,
            )
        return frame.geometry
    known = frame if stated is not None else frame.set_crs(given)
    if same_crs(stated or given, grid_crs):
        return known.geometry
    return known.geometry.to_crs(grid_crs)


def read_inventory(points, grid_crs, *, target, coordinates, crs, positive_class=None):
    """Read points or polygons and their labels.

    Parameters
    ----------
    points : str, path-like, GeoDataFrame or DataFrame
        A file of shapes (GeoPackage, Shapefile, GeoJSON ...), a table with two columns of
        coordinates, or a frame.
    grid_crs : rasterio.crs.CRS
        The CRS of the stack.
    target : str or None
        Column of labels; None if every row is a landslide.
    coordinates : sequence of str
        The two columns of a table.
    crs : str, int, CRS or None
        The CRS of an inventory that states none; if None, it is the stack's.
    positive_class : label, default=None
        The label of a landslide; None: it is known, as of 0 and 1 or of no and yes.

    Returns
    -------
    inventory : Inventory
    """
    frame, where, may_state_crs = load_inventory(points, list(coordinates))
    if frame.empty:
        raise ValueError(f"{where} has no rows.")
    labels = _labels(frame, target, positive_class, where)
    _check_shapes(frame.geometry, where)
    geometry = project_shapes(frame, crs, grid_crs, where, may_state_crs).reset_index(drop=True)
    shapely = import_optional("shapely", extra="map")
    # What the stack's projection cannot hold lies nowhere.
    nowhere = ~np.isfinite(geometry.bounds).all(axis=1)
    geometry = _mended(geometry.where(~nowhere, shapely.Point()), where)
    given = frame.geometry if frame.crs is not None or crs is None else frame.geometry.set_crs(crs)
    return Inventory(geometry, labels, where, given, frame)


def looks_swapped(inventory, grid):
    """Say whether the places of an inventory lie within a grid once x and y change places.

    Parameters
    ----------
    inventory : Inventory
        None of whose places does.
    grid : Grid
        The stack's.
    """
    shapely = import_optional("shapely", extra="map")
    given = inventory.given.reset_index(drop=True)
    swapped = given.copy()
    swapped[:] = shapely.transform(given.to_numpy(), lambda corners: corners[:, ::-1])
    if swapped.crs is not None and not same_crs(parse_crs(swapped.crs), grid.crs):
        swapped = swapped.to_crs(grid.crs)
    left, bottom, right, top = swapped.bounds.to_numpy().T
    # What is not a place in the other order becomes infinite, which is in no cell.
    with np.errstate(invalid="ignore"):
        rows, _ = grid.cells((left + right) / 2, (bottom + top) / 2)
    return bool((rows >= 0).any())
