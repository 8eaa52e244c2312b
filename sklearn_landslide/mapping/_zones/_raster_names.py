"""Names and colors of the classes of a raster, as the .aux.xml that GDAL reads beside it."""

from collections.abc import Mapping
from xml.sax.saxutils import escape

from sklearn_landslide._escaping import escaped

# Field of the table: its name, its type (0 whole number, 2 text) and what it is to GDAL.
_FIELDS = (
    ("Value", 0, 5),
    ("Class", 2, 2),
    ("Red", 0, 6),
    ("Green", 0, 7),
    ("Blue", 0, 8),
    ("Alpha", 0, 9),
)
_NO_COLOR = (255, 255, 255, 0)


def raster_names(names: Mapping[int, str], colors: Mapping[int, tuple[int, ...]]):
    """Write the names and colors of a raster's classes for GDAL, and all that read by it.

    The color table of a GeoTIFF has 256 entries, and those that are not a class would be listed,
    too. This one has the classes alone.

    Parameters
    ----------
    names : dict of int to str
        Name of each class, by its number from 0 to 255.
    colors : dict of int to tuple of int
        Red, green, blue and opacity of each class, 0 to 255.

    Returns
    -------
    text : str
        XML, for a file named as the raster with ``.aux.xml`` behind.

    Examples
    --------
    >>> from sklearn_landslide.mapping._zones._raster_names import raster_names
    >>> text = raster_names({0: "no data", 1: "low"}, {0: (0, 0, 0, 0), 1: (255, 250, 205, 255)})
    >>> "<Category>low</Category>" in text
    True
    """
    shown = {number: escape(escaped(name)) for number, name in names.items()}
    numbers = range(max(shown) + 1)
    categories = "".join(f"<Category>{shown.get(number, '')}</Category>" for number in numbers)
    entries = "".join(
        "<Entry "
        + " ".join(
            f'c{place}="{part}"'
            for place, part in enumerate(colors.get(number, _NO_COLOR), start=1)
        )
        + "/>"
        for number in numbers
    )
    fields = "".join(
        f'<FieldDefn index="{place}"><Name>{name}</Name><Type>{kind}</Type><Usage>{usage}</Usage>'
        "</FieldDefn>"
        for place, (name, kind, usage) in enumerate(_FIELDS)
    )
    rows = "".join(
        f'<Row index="{place}">'
        + "".join(f"<F>{one}</F>" for one in (number, name, *colors.get(number, _NO_COLOR)))
        + "</Row>"
        for place, (number, name) in enumerate(shown.items())
    )
    return (
        '<PAMDataset><PAMRasterBand band="1">'
        f"<CategoryNames>{categories}</CategoryNames><ColorTable>{entries}</ColorTable>"
        f'<GDALRasterAttributeTable tableType="thematic">{fields}{rows}'
        "</GDALRasterAttributeTable></PAMRasterBand></PAMDataset>\n"
    )
