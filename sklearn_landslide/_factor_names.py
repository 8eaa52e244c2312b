"""The factors of the field, by all the names that tables give them."""

import re
from dataclasses import dataclass

from sklearn_landslide._label_words import meaning

# Name here; kind of unit; other names of the same; names of nearly the same.
_TABLE = """
elevation | length | elev, altitude, alt, alti, dem, dtm, elevation_asl, elevacion, altitud, altimetria, quota, hoehe, höhe, 高程, 海拔 | dsm, height
slope | angle | slope_angle, slope_gradient, slope_inclination, gradient, slp, steepness, pendiente, pendenza, pente, declividade, hangneigung, neigung, 坡度 |
aspect | direction | slope_aspect, asp, slope_direction, exposition, esposizione, exposicion, orientacion, 坡向 |
northness | | cos_aspect, aspect_cos, cosaspect |
eastness | | sin_aspect, aspect_sin, sinaspect |
plan_curvature | curvature | plan, plan_curv, plancurv, plc, cplan, planc, planform_curvature, curvature_plan, curv_plan, 平面曲率 | horizontal_curvature, contour_curvature, tangential_curvature
profile_curvature | curvature | profile, profile_curv, profcurv, prof_curv, prc, cprof, profc, curvature_profile, curv_prof, curv_profile, 剖面曲率 | vertical_curvature, longitudinal_curvature
curvature | curvature | curv, general_curvature, 曲率 | total_curvature, mean_curvature
tri | | terrain_ruggedness_index, topographic_ruggedness_index, ruggedness_index, ruggedness | terrain_ruggedness
roughness | | surface_roughness, terrain_roughness |
tpi | | topographic_position_index, topographic_position |
relief | | local_relief, relative_relief, relief_amplitude, 地形起伏度 |
contributing_area | | log10_contributing_area, log10_carea, log10_catchment_area, log_carea | log10_flow_accumulation
catchment_area | area | carea, upslope_area, upslope_contributing_area, specific_catchment_area | flow_accumulation, flow_acc, flowacc
twi | | topographic_wetness_index, topographic_wetness, wetness_index, wetness, cti, compound_topographic_index | saga_wetness_index, swi
spi | | stream_power_index, stream_power |
sti | | sediment_transport_index, sediment_transport | ls_factor
ndvi | index | normalized_difference_vegetation_index, normalised_difference_vegetation_index | vegetation_index
rainfall | rain | rain, precipitation, precip, precipitacion, pluviometria, niederschlag, piogge, 降雨量, 年降雨量 | annual_rainfall, annual_precipitation, mean_annual_rainfall, mean_annual_rain, mean_annual_precipitation, annual_rain
temperature | | temp, mean_temperature, air_temperature, temperatura | mean_annual_temperature
pga | | peak_ground_acceleration |
lithology | classes | lith, litho, lithologies, lithologic_unit, lithological_unit, rock_type, rock, rocktype, litologia, lithologie, 岩性, 地层岩性 | geology, geol, geological_unit, geologic_unit, geologia, geologie
soil | classes | soils, soil_type, soiltype, soil_class, suelo, suelos, suolo, bodenart, bodentyp, 土壤, 土壤类型 | soil_texture
landuse | classes | land_use, landuse_type, land_use_type, lu, uso_suelo, uso_del_suelo, uso_suolo, landnutzung, 土地利用 | landcover, land_cover, land_cover_type, lulc, lc, corine, clc, landuse_landcover, land_use_land_cover
geomorphon | classes | geomorphons | landform, landforms, geomorphology
"""  # noqa: E501
# What distances are measured to; other names of the same; what is nearly the same.
_TARGETS = """
river | rivers, stream, streams, watercourse, watercourses, water, waterway, waterways, rio, rios, fiume, hydrology | drainage, drainages, drainage_network, channel, channels, hydrography
road | roads, street, streets, highway, highways, carretera, strada, strasse | path, paths, track, tracks
fault | faults, fault_line, faults_lines, falla, faglia | lineament, lineaments, tectonic_line
railway | railways, rail, rails |
"""  # noqa: E501
# Their height above zero is itself a cause: an angle at which slopes fail, an amount of rain.
LEVELS = frozenset({"elevation", "slope", "rainfall", "temperature", "pga"})
# Of these there are several formulas, and what comes out depends on the size of a cell.
SEVERAL_FORMULAS = frozenset(
    {"spi", "sti", "twi", "tri", "tpi", "roughness", "relief", "contributing_area"}
    | {"catchment_area", "curvature", "plan_curvature", "profile_curvature"}
)
_UNIT_ENDINGS = {
    "angle": {"deg": "degree", "pct": "percent", "perc": "percent", "rad": "radian", "tan": "ratio"}
    | {name: name for name in ("degree", "percent", "radian", "ratio")}
    | {"degrees": "degree", "radians": "radian"},
    "direction": {"deg": "degree", "degree": "degree", "degrees": "degree", "rad": "radian"},
    "length": {"m": "m", "meter": "m", "meters": "m", "metre": "m", "metres": "m", "masl": "m"}
    | {"km": "km", "ft": "ft", "feet": "ft"},
    "rain": {"mm": "mm", "cm": "cm", "in": "in", "inch": "in", "inches": "in"},
    "area": {"m2": "m2", "km2": "km2", "ha": "ha"},
}
_WORDS = "(?:distance|dist|proximity|prox|abstand|distancia|distanza)"
_DISTANCE = re.compile(
    rf"(?:euclidean_)?{_WORDS}(?P<gap>_?)(?:(?:to|from|of|a|al|zu|da)_|2_?)?(?:the_)?(?:nearest_)?"
    rf"(?P<one>\w+)|(?P<other>\w+?)(?P<space>_?){_WORDS}"
)
_NO_FACTORS = """
x, y, lon, lat, long, longitude, latitude, easting, northing, coord_x, coord_y, x_coord, y_coord
xcoord, ycoord, pointx, pointy, point_x, point_y, utm_x, utm_y
date, datetime, timestamp
label, labels, class, target, landslide_label
"""
# Numbers that programs and people give to rows.
_ROW_NUMBERS = """
id, fid, oid, objectid, object_id, gid, uid, uuid, pkid, rowid, row_id, ogc_fid, point_id, pointid
sample_id, index, unnamed:_0, orig_fid
"""
# Words behind the name of a thing that say that a column has its classes.
_OF_CLASSES = {"class", "classes", "code", "codes", "type", "types", "category", "categories"}
_OF_CLASSES |= {"klasse", "clase", "classe", "tipo", "codigo"}
_BEHIND_CLASSES = {"id", "no", "nr"}


def _set_of(table):
    return {word for line in table.strip().splitlines() for word in line.split(", ")}


_NO_FACTOR, _ROW_NUMBER = _set_of(_NO_FACTORS), _set_of(_ROW_NUMBERS)


@dataclass(frozen=True)
class FactorName:
    """What the name of a column says.

    Parameters
    ----------
    factor : str
        The name that this package uses, or the column's own in plain spelling.
    units : str or None, default=None
        Kind of its units: ``"angle"``, ``"length"`` and so on; ``"classes"`` for codes.
    unit : str or None, default=None
        The unit, where the name ends with it.
    is_near : bool, default=False
        Whether the name stands for nearly the same rather than the same.
    is_known : bool, default=True
        Whether the table of names has it.
    """

    factor: str
    units: str | None = None
    unit: str | None = None
    is_near: bool = False
    is_known: bool = True


def plain_name(name):
    """Spell a name with small letters and underscores only.

    Parameters
    ----------
    name : object
        Name of a column.

    Returns
    -------
    key : str

    Examples
    --------
    >>> from sklearn_landslide._factor_names import plain_name
    >>> plain_name("Distance to River (m)")
    'distance_to_river_m'
    """
    return re.sub(r"[\s\-./()\[\]]+", "_", str(name).strip().lower()).strip("_")


def _words(cell):
    return [word.strip() for word in cell.split(",") if word.strip()]


def _read(table):
    """Read a table of names: by each name the first one, and whether it is only near."""
    found, kinds = {}, {}
    for line in table.strip().splitlines():
        first, *kind, same, near = (cell.strip() for cell in line.split("|"))
        kinds[first] = kind[0] if kind and kind[0] else None
        found[first] = (first, False)
        found |= {word: (first, False) for word in _words(same)}
        for word in _words(near):
            found.setdefault(word, (first, True))
    return found, kinds


_NAMES, _KINDS = _read(_TABLE)
_OBJECTS, _ = _read(_TARGETS)


def _look_up(key):
    if key in _NAMES:
        factor, is_near = _NAMES[key]
        return FactorName(factor, _KINDS[factor], is_near=is_near)
    if key.startswith("d_") and key[2:] in _OBJECTS:
        key = f"dist_{key[2:]}"
    if found := _DISTANCE.fullmatch(key):
        thing = found["one"] or found["other"]
        if not (found["gap"] or found["space"]) and thing not in _OBJECTS:
            # Nor is a district a distance.
            return None
        thing, is_near = _OBJECTS.get(thing, (thing, False))
        return FactorName(f"distance_to_{thing}", "length", is_near=is_near)
    return None


def read_name(name):
    """Say which factor a column holds, by its name.

    Parameters
    ----------
    name : object
        Name of the column.

    Returns
    -------
    found : FactorName
        Under its own name where it is not known.

    Examples
    --------
    >>> from sklearn_landslide._factor_names import read_name
    >>> read_name("Altitude (ft)")
    FactorName(factor='elevation', units='length', unit='ft', is_near=False, is_known=True)
    >>> read_name("dist_streams").factor, read_name("geology").is_near
    ('distance_to_river', True)
    """
    key = plain_name(name)
    # A name such as dist_to_river_km is of a river, not of a thing called river_km.
    base, _, ending = key.rpartition("_")
    stem = _look_up(base) if base else None
    unit = _UNIT_ENDINGS.get(stem.units, {}).get(ending) if stem else None
    if unit is not None and key not in _NAMES:
        return FactorName(stem.factor, stem.units, unit, stem.is_near)
    return _look_up(key) or FactorName(key, is_known=False)


def is_no_factor(name):
    """Say whether a column is a label, a coordinate, a date or a number of a row, by its name.

    Parameters
    ----------
    name : object
        Name of the column.

    Returns
    -------
    is_none : bool

    Examples
    --------
    >>> from sklearn_landslide._factor_names import is_no_factor
    >>> is_no_factor("landslide"), is_no_factor("Longitude"), is_no_factor("slope")
    (True, True, False)
    """
    key = plain_name(name)
    return key in _NO_FACTOR or key in _ROW_NUMBER or meaning(key) is True


def is_row_number(name):
    """Say whether a column numbers the rows, by its name.

    Parameters
    ----------
    name : object
        Name of a column.

    Returns
    -------
    is_one : bool

    Examples
    --------
    >>> from sklearn_landslide._factor_names import is_row_number
    >>> is_row_number("OBJECTID"), is_row_number("soil_id"), is_row_number("slope")
    (True, False, False)
    """
    return plain_name(name) in _ROW_NUMBER


def names_classes(name):
    """Say whether a column holds codes of classes that have no order, by its name.

    Parameters
    ----------
    name : object
        Name of a column.

    Returns
    -------
    holds_codes : bool
        False for the classes of what is a quantity, such as ``slope_class``.

    Examples
    --------
    >>> from sklearn_landslide._factor_names import names_classes
    >>> names_classes("Lithology"), names_classes("soil_code"), names_classes("lulc_2015")
    (True, True, True)
    >>> names_classes("slope_class"), names_classes("soil_depth")
    (False, False)
    """
    words = plain_name(name).split("_")
    stem = list(words)
    while len(stem) > 1 and (stem[-1] in _OF_CLASSES | _BEHIND_CLASSES or stem[-1].isdecimal()):
        stem.pop()
    found = read_name("_".join(stem))
    return found.units == "classes" or (words[-1] in _OF_CLASSES and not found.is_known)
