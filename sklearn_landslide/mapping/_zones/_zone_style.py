"""The colors of zones in a GeoPackage, as QGIS reads them when it opens the file."""

import sqlite3
from contextlib import closing
from xml.sax.saxutils import quoteattr

from sklearn_landslide.mapping._zones._zone_colors import zone_colors

# As QGIS makes the table, so that it can also change the style.
_TABLE = """CREATE TABLE layer_styles (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  f_table_catalog TEXT(256), f_table_schema TEXT(256), f_table_name TEXT(256),
  f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT, styleSLD TEXT,
  useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30),
  update_time DATETIME DEFAULT CURRENT_TIMESTAMP)"""
_OUTLINE = "80,80,80,255"


def zone_style(names):
    """Write the style of polygons whose column ``zone`` counts from 1.

    Parameters
    ----------
    names : sequence of str
        Names of the zones, the lowest first.

    Returns
    -------
    style : str
        QML, the XML of QGIS.

    Examples
    --------
    >>> from sklearn_landslide.mapping._zones._zone_style import zone_style
    >>> style = zone_style(["low", "high"])
    >>> style.count("<category "), 'label="high"' in style
    (2, True)
    """
    colors = zone_colors(len(names))
    categories, symbols = [], []
    for place, name in enumerate(names):
        color = ",".join(map(str, colors[place + 1]))
        categories.append(
            f'<category value="{place + 1}" label={quoteattr(str(name))} symbol="{place}" '
            'render="true" type="integer"/>'
        )
        symbols.append(
            f'<symbol name="{place}" type="fill" alpha="1"><layer class="SimpleFill" '
            'enabled="1" locked="0" pass="0"><Option type="Map">'
            f'<Option name="color" type="QString" value="{color}"/>'
            f'<Option name="outline_color" type="QString" value="{_OUTLINE}"/>'
            '<Option name="outline_width" type="QString" value="0.05"/>'
            '<Option name="outline_style" type="QString" value="solid"/>'
            '<Option name="style" type="QString" value="solid"/>'
            "</Option></layer></symbol>"
        )
    return (
        '<!DOCTYPE qgis PUBLIC "http://mrcc.com/qgis.dtd" "SYSTEM">\n'
        '<qgis version="3.22" styleCategories="Symbology">'
        '<renderer-v2 type="categorizedSymbol" attr="zone" symbollevels="0" enableorderby="0">'
        f"<categories>{''.join(categories)}</categories><symbols>{''.join(symbols)}</symbols>"
        "</renderer-v2></qgis>"
    )


def add_zone_style(path, layer, names):
    """Keep the style of a layer in its GeoPackage.

    Parameters
    ----------
    path : str or path-like
        The GeoPackage.
    layer : str
        A layer with a column ``zone``.
    names : sequence of str
        Names of the zones, the lowest first.
    """
    with closing(sqlite3.connect(path)) as database, database:
        column = database.execute(
            "SELECT column_name FROM gpkg_geometry_columns WHERE table_name = ?", (layer,)
        ).fetchone()[0]
        database.execute(_TABLE)
        database.execute(
            "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, "
            "f_geometry_column, styleName, styleQML, styleSLD, useAsDefault, description, owner) "
            "VALUES ('', '', ?, ?, 'zones', ?, '', 1, 'susceptibility zones', '')",
            (layer, column, zone_style(names)),
        )
        database.execute(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier, last_change) "
            "SELECT 'layer_styles', 'attributes', 'layer_styles', last_change "
            "FROM gpkg_contents WHERE table_name = ?",
            (layer,),
        )
