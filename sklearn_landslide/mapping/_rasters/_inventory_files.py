"""Files that hold an inventory: shapes of many formats, packed or not, and tables."""

import os
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from sklearn_landslide._optional import import_optional
from sklearn_landslide._words import listed, nearest
from sklearn_landslide.mapping._rasters._bands import one_line
from sklearn_landslide.tables import read_frame

# Other files are read as tables, by what they hold.
_VECTOR_SUFFIXES = (".gpkg", ".shp", ".geojson", ".json", ".geojsonl", ".fgb", ".gml", ".kml")
_PARQUET_SUFFIXES = (".parquet", ".geoparquet", ".pq")


def _check_exists(path):
    if not path.exists():
        files = [other.name for other in path.parent.iterdir()] if path.parent.is_dir() else []
        raise FileNotFoundError(f"No such file: {path}.{nearest(path.name, files)}")


def _packed(path):
    """Name of the one file of shapes in a ZIP file, as GDAL opens it."""
    try:
        with ZipFile(path) as packed:
            names = [name for name in packed.namelist() if not name.startswith("__MACOSX/")]
    except (BadZipFile, OSError) as error:
        raise ValueError(f"{path} is no ZIP file that can be read: {one_line(error)}.") from error
    shapes = [name for name in names if name.lower().endswith(_VECTOR_SUFFIXES)]
    if not shapes:
        raise ValueError(
            f"{path} holds no file of points or polygons; it has {listed(names, 5) or 'no files'}."
        )
    if len(shapes) > 1:
        raise ValueError(f"{path} holds {listed(shapes, 5)}: unpack it, and name one of them.")
    return f"/vsizip/{{{path.absolute()}}}/{shapes[0]}"


def _read_vector(path, source):
    """Read a file of shapes that has one layer with rows."""
    geopandas = import_optional("geopandas", extra="map")
    pyogrio = import_optional("pyogrio", extra="map")
    errors = import_optional("pyogrio.errors", extra="map")
    try:
        layers = [name for name, kind in pyogrio.list_layers(source) if kind is not None]
        if len(layers) > 1:
            # A KML has a layer for each folder, and many of these are empty.
            layers = [
                name
                for name in layers
                if pyogrio.read_info(source, layer=name, force_feature_count=True)["features"]
            ] or layers
        if len(layers) == 1:
            return geopandas.read_file(source, layer=layers[0], engine="pyogrio")
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


def _read_geoparquet(path):
    """Read a GeoParquet file; None if it is a plain table."""
    geopandas = import_optional("geopandas", extra="map")
    parquet = import_optional("pyarrow.parquet", extra="parquet")
    try:
        metadata = parquet.read_schema(path).metadata or {}
        return geopandas.read_parquet(path) if b"geo" in metadata else None
    except (ValueError, OSError) as error:
        # Also what pyarrow raises for a file that is none of its own.
        raise ValueError(f"{path} cannot be read as Parquet: {one_line(error)}.") from error


def read_inventory_file(points):
    """Read a file of shapes, or a table.

    Parameters
    ----------
    points : str or path-like
        GeoPackage, Shapefile, GeoJSON, FlatGeobuf, GML, KML, KMZ or GeoParquet; a ZIP file with
        one of these; or a table that :func:`~sklearn_landslide.tables.read_table` reads.

    Returns
    -------
    frame : GeoDataFrame or DataFrame
        The rows.
    decimal : str
        The decimal sign of a table.
    where : str
        What to call the file.
    """
    if not isinstance(points, str | os.PathLike):
        raise TypeError(
            f"an inventory is a file, a GeoDataFrame or a DataFrame, got {type(points).__name__}."
        )
    path = Path(points)
    suffix = path.suffix.lower()
    if suffix in (".zip", ".kmz", *_VECTOR_SUFFIXES):
        _check_exists(path)
        source = _packed(path) if suffix in (".zip", ".kmz") else path
        return _read_vector(path, source), ".", str(path)
    if suffix in _PARQUET_SUFFIXES:
        _check_exists(path)
        frame = _read_geoparquet(path)
        if frame is not None:
            return frame, ".", str(path)
    frame, decimal = read_frame(path, 0)
    return frame.dropna(how="all"), decimal, str(path)
