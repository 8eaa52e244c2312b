"""Names of classes that other programs keep with a raster: categories and attribute tables.

rasterio offers neither. GDAL writes both into a virtual raster, which is a short XML text.
"""

from pathlib import Path
from tempfile import TemporaryDirectory
from xml.etree import ElementTree

from sklearn_landslide._optional import import_optional

_LONGEST_XML = 20_000_000
# What a column of a raster attribute table is for, in GDAL's numbers.
_NAME, _VALUE = "2", "5"
_TEXT = "2"
_NAMES_OF_VALUES = ("value", "code", "id", "class_id")
_NAMES_OF_NAMES = ("class_name", "class_names", "classname", "class", "name", "label", "category")


def foreign_class_names(file):
    """Read the category names and raster attribute tables of an open file.

    Parameters
    ----------
    file : rasterio.DatasetReader
        The file.

    Returns
    -------
    names : dict of int to dict of float to str
        By the number of the band, names by code; bands without are not in it.
    """
    errors = import_optional("rasterio.errors", extra="map")
    shutil = import_optional("rasterio.shutil", extra="map")
    with TemporaryDirectory() as folder:
        path = Path(folder, "names.vrt")
        try:
            shutil.copy(file, path, driver="VRT")
            if path.stat().st_size > _LONGEST_XML:
                return {}
            root = ElementTree.fromstring(path.read_bytes())
        except (errors.RasterioError, ElementTree.ParseError, OSError, SystemError):
            # A raster that GDAL cannot describe in this way has its values all the same.
            return {}
    found = {}
    for band in root.iterfind("VRTRasterBand"):
        names = _of_table(band.find("GDALRasterAttributeTable")) or {
            code: one.text.strip()
            for code, one in enumerate(band.iterfind("CategoryNames/Category"))
            if one.text and one.text.strip()
        }
        if names:
            found[int(band.get("band", "0"))] = names
    return found


def _column(columns, usage, titles, kinds):
    """Place of the column that is for something, else of one that has a usual title."""
    by_use = [place for place, column in enumerate(columns) if column["Usage"] == usage]
    by_title = [
        place
        for title in titles
        for place, column in enumerate(columns)
        if column["Name"].lower() == title and column["Type"] in kinds
    ]
    return (by_use + by_title + [None])[0]


def _of_table(table):
    """Names by code of a raster attribute table; empty if it has no names."""
    if table is None:
        return {}
    columns = [
        {key: definition.findtext(key, "") for key in ("Name", "Type", "Usage")}
        for definition in table.iterfind("FieldDefn")
    ]
    value = _column(columns, _VALUE, _NAMES_OF_VALUES, ("0", "1"))
    name = _column(columns, _NAME, _NAMES_OF_NAMES, (_TEXT,))
    if name is None:
        return {}
    found = {}
    for place, row in enumerate(table.iterfind("Row")):
        cells = [cell.text or "" for cell in row.iterfind("F")]
        try:
            code = place if value is None else float(cells[value])
            text = cells[name].strip()
        except (IndexError, ValueError):
            continue
        if text:
            found.setdefault(code, text)
    return found
