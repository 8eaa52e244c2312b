"""The look of a map's rasters in QGIS, as the .qml file that it reads beside each of them."""

from collections.abc import Sequence
from xml.sax.saxutils import quoteattr

import numpy as np

from sklearn_landslide._escaping import escaped
from sklearn_landslide.mapping._zones._zone_colors import zone_colors

_HEAD = '<!DOCTYPE qgis PUBLIC "http://mrcc.com/qgis.dtd" "SYSTEM">\n'
# From almost white to dark blue: no eye takes it for the yellow to red of the susceptibility.
_UNCERTAINTY = ((247, 251, 255), (198, 219, 239), (107, 174, 214), (33, 113, 181), (8, 48, 107))
# As matplotlib's viridis: of what is neither good nor bad.
_FACTOR = ((68, 1, 84), (59, 82, 139), (33, 145, 140), (94, 201, 98), (253, 231, 37))
# From purple to orange, as matplotlib's PuOr, which the color-blind can tell apart.
_FOR_AND_AGAINST = ((84, 39, 136), (178, 171, 210), (247, 247, 247), (253, 184, 99), (179, 88, 6))
# Half-transparent, so that the map below is seen: rasters of QGIS have no hatch.
APPLICABILITY_COLORS = {0: (90, 90, 90, 140), 1: (255, 255, 255, 0)}
APPLICABILITY_NAMES = {
    0: "outside the area of applicability",
    1: "inside the area of applicability",
}


def _hex(color):
    return "#" + "".join(f"{part:02x}" for part in color[:3])


def _opacity(color):
    return color[3] if len(color) == 4 else 255


def _page(renderer):
    return (
        f'{_HEAD}<qgis version="3.22" styleCategories="Symbology"><pipe>{renderer}'
        '<brightnesscontrast brightness="0" contrast="0"/>'
        '<huesaturation saturation="0" grayscaleMode="0" colorizeOn="0"/>'
        '<rasterresampler maxOversampling="2"/></pipe><blendMode>0</blendMode></qgis>\n'
    )


def _classes(entries, band):
    """Write a renderer of classes: value, color and name of each."""
    rows = "".join(
        f'<paletteEntry value="{value}" color="{_hex(color)}" alpha="{_opacity(color)}" '
        f"label={quoteattr(str(name))}/>"
        for value, color, name in entries
    )
    return _page(
        f'<rasterrenderer type="paletted" band="{band}" opacity="1" alphaBand="-1" '
        f'nodataColor=""><rasterTransparency/><colorPalette>{rows}</colorPalette></rasterrenderer>'
    )


def _ramp(stops, band=1):
    """Write a renderer whose colors run from stop to stop: value, color and label of each."""
    rows = "".join(
        f'<item value="{value:.9g}" color="{_hex(color)}" alpha="{_opacity(color)}" '
        f"label={quoteattr(label)}/>"
        for value, color, label in stops
    )
    low, high = f"{stops[0][0]:.9g}", f"{stops[-1][0]:.9g}"
    return _page(
        f'<rasterrenderer type="singlebandpseudocolor" band="{band}" opacity="1" alphaBand="-1" '
        f'nodataColor="" classificationMin="{low}" classificationMax="{high}">'
        "<rasterTransparency/><rastershader>"
        f'<colorrampshader colorRampType="INTERPOLATED" classificationMode="1" clip="0" '
        f'minimumValue="{low}" maximumValue="{high}" labelPrecision="4">{rows}'
        '<rampLegendSettings useContinuousLegend="0" orientation="2" direction="0"/>'
        "</colorrampshader></rastershader></rasterrenderer>"
    )


def _between(colors, n_colors):
    """Take so many colors, evenly spaced, from a row of them."""
    places = np.linspace(0, len(colors) - 1, n_colors)
    channels = [np.interp(places, range(len(colors)), part) for part in np.transpose(colors)]
    return np.rint(np.column_stack(channels)).astype(int).tolist()


def zones_raster_style(names: Sequence[str]):
    """Write the style of a raster of zones, which counts them from 1.

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
    >>> from sklearn_landslide.mapping._zones._raster_style import zones_raster_style
    >>> '<paletteEntry value="2" color="#6e0028" alpha="255" label="high"/>' in zones_raster_style(
    ...     ["low", "high"]
    ... )
    True
    """
    colors = zone_colors(len(names))
    return _classes([(zone, colors[zone], name) for zone, name in enumerate(names, start=1)], 1)


def susceptibility_style(edges):
    """Write the style of a raster of probabilities: the colors of the zones, without steps.

    Each edge between zones has a color of its own, whatever the probabilities are: a ramp from 0
    to 1 would show nothing of a map whose highest probability is 0.02.

    Parameters
    ----------
    edges : array-like of shape (n_zones + 1,)
        Probabilities that limit the zones, rising.

    Returns
    -------
    style : str
        QML.
    """
    anchors = list(zone_colors(5).values())[1:]
    colors = _between(anchors, len(edges))
    return _ramp([(float(e), c, f"{e:.3g}") for e, c in zip(edges, colors, strict=True)])


def uncertainty_style(highest):
    """Write the style of a raster of standard deviations.

    Parameters
    ----------
    highest : float
        The largest value on the map.

    Returns
    -------
    style : str
        QML.
    """
    # A map of one value still needs a ramp.
    stops = np.linspace(0, highest if highest > 0 else 1, len(_UNCERTAINTY))
    return _ramp([(s, c, f"± {s:.2g}") for s, c in zip(stops, _UNCERTAINTY, strict=True)])


def contributions_style(usual, band=1):
    """Write the style of a raster of contributions, in log-odds.

    Parameters
    ----------
    usual : float
        Size at which the colors end; what is larger has the last color.
    band : int, default=1
        Which band it is.

    Returns
    -------
    style : str
        QML: purple speaks against a landslide, orange for one.
    """
    ends = usual if usual > 0 else 1
    stops = np.linspace(-ends, ends, len(_FOR_AND_AGAINST))
    return _ramp([(s, c, f"{s:+.2g}") for s, c in zip(stops, _FOR_AND_AGAINST, strict=True)], band)


def classes_style(names, colors):
    """Write the style of a raster of classes that are counted from 0.

    Parameters
    ----------
    names : sequence of str
        Name of each class.
    colors : dict of int to tuple of int
        Color of each class.

    Returns
    -------
    style : str
        QML.

    Examples
    --------
    >>> from sklearn_landslide.mapping._zones._raster_style import classes_style
    >>> 'value="1" color="#0072b2" alpha="255" label="twi"/>' in classes_style(
    ...     ["slope", "twi"], {0: (213, 94, 0, 255), 1: (0, 114, 178, 255)}
    ... )
    True
    """
    return _classes([(place, colors[place], escaped(n)) for place, n in enumerate(names)], 1)


def dissimilarity_style(threshold):
    """Write the style of a raster of dissimilarities to the training places.

    Parameters
    ----------
    threshold : float
        The largest one inside the area of applicability: the middle of the ramp.

    Returns
    -------
    style : str
        QML.
    """
    ends = 2 * threshold if np.isfinite(threshold) and threshold > 0 else 1
    stops, middle = np.linspace(0, ends, len(_UNCERTAINTY)), len(_UNCERTAINTY) // 2
    said = [f"{stop:.2g}" for stop in stops]
    said[middle] += ", the edge of the area of applicability"
    return _ramp(list(zip(stops, _UNCERTAINTY, said, strict=True)))


def factors_style(stack):
    """Write the style of a raster of factors: the first quantity in steps of one ramp.

    Without a style QGIS shows three factors as red, green and blue.

    Parameters
    ----------
    stack : xarray.Dataset
        The factors, in the order of the bands.

    Returns
    -------
    style : str
        QML; of classes only, if no factor is a quantity.
    """
    is_classes = [bool(factor.attrs.get("categorical")) for factor in stack.values()]
    place = is_classes.index(False) if False in is_classes else 0
    name, factor = list(stack.items())[place]
    low, high = float(factor.min().compute()), float(factor.max().compute())
    if is_classes[place]:
        named = factor.attrs.get("class_names") or {low: name, high: name}
        shown = _between(_FACTOR, len(named))
        rows = zip(named.items(), shown, strict=True)
        return _classes([(code, color, escaped(text)) for (code, text), color in rows], 1)
    stops = np.linspace(low, high if high > low else low + 1, len(_FACTOR))
    unit = factor.attrs.get("units", "")
    said = [f"{stop:.3g} {unit}".strip() for stop in stops]
    said[0] = f"{escaped(name)}: {said[0]}"
    return _ramp(list(zip(stops, _FACTOR, said, strict=True)), place + 1)


def applicability_style(band=1):
    """Write the style of a raster that is 1 inside the area of applicability and 0 outside.

    Parameters
    ----------
    band : int, default=1
        Which band it is.

    Returns
    -------
    style : str
        QML: a gray veil outside, through which the map below is seen, and nothing inside.
    """
    return _classes(
        [(value, APPLICABILITY_COLORS[value], name) for value, name in APPLICABILITY_NAMES.items()],
        band,
    )
