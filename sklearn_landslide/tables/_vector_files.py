"""Files of GIS: points and polygons with attributes, packed or not, and DBF."""

from zipfile import BadZipFile, ZipFile

from sklearn_landslide._hints import hinting
from sklearn_landslide._optional import import_optional
from sklearn_landslide._words import listed, nearest
from sklearn_landslide.tables._encodings import check_encoding, unknown_encoding
from sklearn_landslide.tables._text import one_line

# Other files are read as tables, by what they hold.
SHAPES = (".gpkg", ".shp", ".geojson", ".json", ".geojsonl", ".fgb", ".gml", ".kml")
_PARQUET = (".parquet", ".geoparquet", ".pq")
# The language driver of a DBF, in its header: 0 says nothing.
_DRIVER_BYTE = 29


def is_vector(path):
    """Say whether a file is one of GIS, by its name, or for a ZIP file by the names in it.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    """
    suffix = path.suffix.lower()
    if suffix == ".zip":
        try:
            with ZipFile(path) as packed:
                return any(name.lower().endswith(SHAPES) for name in packed.namelist())
        except (BadZipFile, OSError):
            return False
    return suffix in (".dbf", ".kmz", *SHAPES)


def _packed(path):
    """Name of the one file of shapes in a ZIP file, as GDAL opens it."""
    try:
        with ZipFile(path) as packed:
            names = [name for name in packed.namelist() if not name.startswith("__MACOSX/")]
    except (BadZipFile, OSError) as error:
        raise ValueError(
            f"{path} is not a ZIP file that can be read: {one_line(error)}."
        ) from error
    shapes = [name for name in names if name.lower().endswith(SHAPES)]
    if not shapes:
        raise ValueError(
            f"{path} holds no file of points or polygons; it has {listed(names, 5) or 'no files'}."
        )
    if len(shapes) > 1:
        raise ValueError(f"{path} holds {listed(shapes, 5)}: unpack it, and name one of them.")
    return f"/vsizip/{{{path.absolute()}}}/{shapes[0]}"


def _chosen_layer(path, source, sheet):
    """Name of the layer that is meant: the only one with rows, or the one that was named."""
    pyogrio = import_optional("pyogrio", extra="map")
    found = pyogrio.list_layers(source).tolist()
    layers = [name for name, _ in found]
    if sheet not in (0, None):
        if sheet in layers:
            return sheet
        if str(sheet).isdecimal() and int(sheet) < len(layers):
            return layers[int(sheet)]
        raise ValueError(f"{path} has no layer {sheet!r}; its layers are {listed(layers)}.")
    # A GeoPackage may keep tables of its own beside the shapes.
    layers = [name for name, kind in found if kind is not None] or layers
    if len(layers) > 1:
        # A KML has a layer for each folder, and many of these are empty.
        layers = [
            name
            for name in layers
            if pyogrio.read_info(source, layer=name, force_feature_count=True)["features"]
        ] or layers
    if len(layers) == 1:
        return layers[0]
    if not layers:
        raise ValueError(f"{path} has no layer of points or polygons.")
    if sheet is None:
        raise ValueError(
            f"{path} has the layers {listed(layers)}: write one to a file of its own, or pass "
            "the frame that geopandas.read_file(path, layer=...) returns."
        )
    error = ValueError(f"{path} has the layers {listed(layers)}: name one of them, sheet=...")
    raise hinting(error, "sheet=...")


def _unstated(path):
    """Say whether nothing states how the text of a Shapefile or DBF is encoded."""
    if path.suffix.lower() not in (".shp", ".dbf"):
        return False
    if any(path.with_suffix(suffix).exists() for suffix in (".cpg", ".CPG")):
        return False
    tables = [path.with_suffix(suffix) for suffix in (".dbf", ".DBF")]
    table = next((table for table in tables if table.exists()), None)
    if table is None:
        return False
    with table.open("rb") as stream:
        head = stream.read(_DRIVER_BYTE + 1)
    return len(head) > _DRIVER_BYTE and head[_DRIVER_BYTE] == 0


def _foreign(frame):
    """Find a text with letters beyond ASCII among the names and the cells of a frame."""
    texts = [name for name in frame.columns if isinstance(name, str)]
    for _, column in frame.select_dtypes(["object", "string"]).items():
        texts += [cell for cell in column.dropna().unique() if isinstance(cell, str)]
    return next((text for text in texts if not text.isascii()), None)


def _read_layer(path, source, sheet, encoding):
    pyogrio = import_optional("pyogrio", extra="map")
    errors = import_optional("pyogrio.errors", extra="map")
    try:
        layer = _chosen_layer(path, source, sheet)
        frame = pyogrio.read_dataframe(source, layer=layer, encoding=encoding)
        if encoding is None and _unstated(path) and (text := _foreign(frame)) is not None:
            # GDAL took it for Latin-1, in which a byte is a letter.
            raise unknown_encoding(path, text.encode("latin-1", "replace"))
    except (
        errors.DataSourceError,
        errors.DataLayerError,
        errors.GeometryError,
        errors.FieldError,
    ) as error:
        raise ValueError(
            f"{path} cannot be read as points or polygons: {one_line(error)}."
        ) from error
    except UnicodeDecodeError as error:
        raise unknown_encoding(path, error.object, encoding) from error
    return frame


def read_vector(path, sheet=0, encoding=None):
    """Read the rows of a file of GIS.

    Parameters
    ----------
    path : pathlib.Path
        One of which `is_vector` says that it is.
    sheet : int, str or None, default=0
        The layer, by name or position; 0 is the only one with shapes. None: so it is, and the
        caller has no way to name another.
    encoding : str, default=None
        That of text; None: as the file states it.

    Returns
    -------
    frame : GeoDataFrame or DataFrame
        The latter of a table without shapes. The index counts from 1.
    """
    if encoding is not None:
        check_encoding(encoding)
    source = _packed(path) if path.suffix.lower() in (".zip", ".kmz") else path
    frame = _read_layer(path, source, sheet, encoding)
    frame.index += 1
    return frame


def read_geoparquet(path):
    """Read a GeoParquet file; None if it is a plain table.

    Parameters
    ----------
    path : pathlib.Path
        A file.

    Returns
    -------
    frame : GeoDataFrame or None
        The index counts from 1.
    """
    if path.suffix.lower() not in _PARQUET:
        return None
    parquet = import_optional("pyarrow.parquet", extra="tables")
    try:
        if b"geo" not in (parquet.read_schema(path).metadata or {}):
            return None
        frame = import_optional("geopandas", extra="map").read_parquet(path)
    except ImportError:
        raise
    # A damaged file may fail in any layer of the readers.
    except Exception as error:
        raise ValueError(f"{path} cannot be read as Parquet: {one_line(error)}.") from error
    frame = frame.reset_index(drop=True)
    frame.index += 1
    return frame


def check_exists(path):
    """Raise if there is no such file, and name one that was perhaps meant.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    """
    if path.is_dir():
        raise ValueError(f"{path} is a folder, not a table; give one file in it.")
    if path.exists():
        return
    if not path.parent.is_dir():
        raise FileNotFoundError(f"No such file: {path} (there is no folder {path.parent}).")
    hint = nearest(path.name, (other.name for other in path.parent.iterdir()))
    raise FileNotFoundError(f"No such file: {path}.{hint}")
