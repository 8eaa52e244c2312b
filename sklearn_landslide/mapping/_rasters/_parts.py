"""The files that a raster or an inventory consists of, besides the one that was named."""

import os
import warnings
from pathlib import Path

from sklearn_landslide._optional import import_optional

# What GDAL reads with a file of this ending, if it is there.
_PARTS = {
    ".shp": (".shx", ".dbf", ".prj", ".cpg", ".qpj"),
    ".gml": (".gfs", ".xsd"),
    ".tab": (".dat", ".map", ".id", ".ind"),
    ".mif": (".mid",),
}
# Behind the whole name; the first holds what SQLite has yet to move into a GeoPackage.
_BEHIND = ("-wal", ".aux.xml")


def inventory_parts(path):
    """List the local files that make up an inventory.

    Parameters
    ----------
    path : str or path-like
        The file that was named.

    Returns
    -------
    parts : list of pathlib.Path
        The file itself first; none if there is no such local file.
    """
    path = Path(path)
    if not path.is_file():
        return []
    endings = _PARTS.get(path.suffix.lower(), ())
    found = {
        other.name: other
        for other in path.parent.iterdir()
        if other != path
        and (
            (other.stem == path.stem and other.suffix.lower() in endings)
            or other.name in {f"{path.name}{ending}" for ending in _BEHIND}
        )
        and other.is_file()
    }
    return [path, *(found[name] for name in sorted(found))]


def raster_parts(path):
    """List the local files that make up a raster, those behind a virtual one included.

    Parameters
    ----------
    path : str or path-like
        What GDAL opens: a file, or any other name.

    Returns
    -------
    parts : list of pathlib.Path
        The file itself first, if it is one.
    is_local : bool
        Whether these are all. Otherwise a part lies elsewhere, on a server or in an archive.
    """
    rasterio = import_optional("rasterio", extra="map")
    found, is_local, waiting = {}, True, [os.fspath(path)]
    while waiting:
        name = waiting.pop(0)
        if name in found:
            continue
        local = Path(name)
        found[name] = local if local.is_file() else None
        is_local = is_local and found[name] is not None
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)
                with rasterio.open(name) as file:
                    # GDAL names the sources of a virtual raster, but not theirs.
                    waiting += file.files
        except rasterio.errors.RasterioIOError:
            # A part that is not a raster: a header, statistics, a world file.
            continue
    return [part for part in found.values() if part is not None], is_local
