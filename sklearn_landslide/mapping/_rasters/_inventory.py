"""Read an inventory of landslides and other places: points or polygons, with labels."""

import os
import warnings
from pathlib import Path

import numpy as np
import pandas as pd

from sklearn_landslide._hints import hinting
from sklearn_landslide._optional import import_optional
from sklearn_landslide._words import listed, nearest, plural
from sklearn_landslide.mapping._rasters._bands import one_line
from sklearn_landslide.mapping._rasters._grids import crs_name, parse_crs, same_crs
from sklearn_landslide.tables import as_labels, as_number, read_frame

# Other files are read as tables, by what they hold.
_VECTOR_SUFFIXES = (".gpkg", ".shp", ".geojson", ".json", ".fgb", ".gml", ".kml")
_KINDS = ("Point", "MultiPoint", "Polygon", "MultiPolygon")


def _read_vector(path):
    """Read a file of shapes that has one layer."""
    geopandas = import_optional("geopandas", extra="map")
    pyogrio = import_optional("pyogrio", extra="map")
    errors = import_optional("pyogrio.errors", extra="map")
    if not path.exists():
        files = [other.name for other in path.parent.iterdir()] if path.parent.is_dir() else []
        raise FileNotFoundError(f"No such file: {path}.{nearest(path.name, files)}")
    try:
        layers = [name for name, kind in pyogrio.list_layers(path) if kind is not None]
        if len(layers) == 1:
            return geopandas.read_file(path, layer=layers[0], engine="pyogrio")
    except (errors.DataSourceError, errors.DataLayerError, errors.GeometryError) as error:
        raise ValueError(
            f"{path} cannot be read as points or polygons: {one_line(error)}."
        ) from error
    if not layers:
        raise ValueError(f"{path} has no layer of points or polygons.")
    raise ValueError(
        f"{path} has the layers {listed(layers)}: write one to a file of its own, or pass "
        "the frame that geopandas.read_file(path, layer=...) returns."
    )


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


def _load(points, coordinates):
    """Return the inventory as a GeoDataFrame, what to call it, and if it could state a CRS."""
    geopandas = import_optional("geopandas", extra="map")
    if isinstance(points, geopandas.GeoSeries):
        points = geopandas.GeoDataFrame(geometry=points)
    if isinstance(points, geopandas.GeoDataFrame):
        return points, "the inventory", True
    if isinstance(points, pd.DataFrame):
        return _points_of_table(points, coordinates, ".", "the inventory"), "the inventory", False
    if not isinstance(points, str | os.PathLike):
        raise TypeError(
            f"an inventory is a file, a GeoDataFrame or a DataFrame, got {type(points).__name__}."
        )
    path = Path(points)
    if path.suffix.lower() in _VECTOR_SUFFIXES:
        return _read_vector(path), str(path), True
    frame, decimal = read_frame(path, 0)
    frame = frame.dropna(how="all")
    return _points_of_table(frame, coordinates, decimal, str(path)), str(path), False


def _labels(frame, target, where):
    """Return 1 for landslide and 0 for none; an inventory may hold one of the two only."""
    if target is None:
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
    values = column.unique()
    if len(values) == 1 and pd.api.types.is_number(values[0]) and values[0] in (0, 1):
        return column.to_numpy(dtype=np.int64)
    return as_labels(column)


def _check_shapes(geometry, where):
    """Refuse rows without a shape, and shapes that are no places."""
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


def _project(frame, crs, grid_crs, where, may_state_crs):
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


def read_inventory(points, grid_crs, *, target, coordinates, crs):
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

    Returns
    -------
    geometry : GeoSeries
        Valid points and polygons in the stack's CRS, indexed by their position; empty where
        the CRS has no such place.
    labels : ndarray of int
        1 for landslide.
    where : str
        What to call the inventory in messages.
    """
    frame, where, may_state_crs = _load(points, list(coordinates))
    if frame.empty:
        raise ValueError(f"{where} has no rows.")
    labels = _labels(frame, target, where)
    _check_shapes(frame.geometry, where)
    geometry = _project(frame, crs, grid_crs, where, may_state_crs).reset_index(drop=True)
    shapely = import_optional("shapely", extra="map")
    # What the stack's projection cannot hold lies nowhere.
    nowhere = ~np.isfinite(geometry.bounds).all(axis=1)
    geometry = geometry.where(~nowhere, shapely.Point())
    crossed = ~geometry.is_valid & geometry.geom_type.str.endswith("Polygon")
    if crossed.any():
        mended = geometry[crossed].make_valid(method="structure", keep_collapsed=False)
        geometry = geometry.where(~crossed, mended)
    return geometry, labels, where
