"""Physically possible ranges of the usual factors, by their names."""

import re

from sklearn_landslide._undeclared import RAIN

# Each bound is what nature or the definition allows, not what is usual: a value
# outside is an error of the table. Where practice has two forms of a factor, the
# bound is wide enough for both and still catches nodata codes such as -9999.
_BOUNDS = {
    # degrees
    r"slope(_(angle|deg|degree|degrees))?": (0.0, 90.0),
    # degrees from north; -1 is flat ground in GIS tables
    r"(slope_)?aspect(_(deg|degree|degrees))?": (-1.0, 360.0),
    # m: the Dead Sea's shore lies at -430, Everest at 8849
    r"(elevation|elev|altitude|alt|dem|dtm)(_m)?": (-500.0, 9000.0),
    # mm, or mm per hour; also the hourly columns rain_000, rain_001 ...
    rf"((mean|max|maximum|total|annual|daily|hourly|monthly|antecedent)_)*{RAIN}"
    r"(_(\d+\w*|mm|intensity|sum|total|mean|max|annual|daily|hourly))*": (0.0, None),
    r"ndvi|ndwi|ndmi|ndbi|ndsi": (-1.0, 1.0),
    # m
    r"(distance|dist)(_(to|from))?_\w+|\w+_(distance|dist)|proximity_to_\w+": (0.0, None),
    # ln(a / tan b), a in m: from a = 0.1 on a cliff (-9) to a = 1e9 on a plain (28)
    r"twi|topographic_wetness_index": (-10.0, 40.0),
    # a * tan b and (a / 22.13)^m * (sin b / 0.0896)^n are not negative, but their
    # logarithms are also published under these names
    r"spi|sti|stream_power_index|sediment_transport_index": (-20.0, None),
    r"tri|roughness|relief|local_relief|relief_amplitude|\w+_density": (0.0, None),
    r"(soil|regolith)_(depth|thickness)|slope_length": (0.0, None),
    r"hillshade": (0.0, 255.0),
}
# A transformed factor has another range.
_TRANSFORMED = re.compile(r"(log|ln|sqrt|delta|diff|change|z|scaled|norm|std)\d*_.*|.*_(anomaly|z)")


def field_bounds(name):
    """Physically possible range of a factor, by its name.

    Parameters
    ----------
    name : str
        Name of the factor. Case, blanks and hyphens do not matter.

    Returns
    -------
    bounds : tuple of (float or None, float or None), or None
        Lowest and highest possible value, None for an open end; None for a
        name that is unknown, transformed (``log_rainfall``) or of an unbounded
        factor (curvature). Units are degrees, meters and millimeters.

    Examples
    --------
    >>> from sklearn_landslide.preprocessing import field_bounds
    >>> field_bounds("slope")
    (0.0, 90.0)
    >>> field_bounds("Distance to river")
    (0.0, None)
    >>> field_bounds("plan_curvature") is None
    True
    """
    key = re.sub(r"[\s\-./()]+", "_", str(name).strip().lower()).strip("_")
    if _TRANSFORMED.fullmatch(key):
        return None
    for pattern, bounds in _BOUNDS.items():
        if re.fullmatch(pattern, key):
            return bounds
    return None
