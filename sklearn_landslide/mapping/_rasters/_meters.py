"""How many meters a unit of a map is: true lengths and areas, also where a projection distorts."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from sklearn_landslide._optional import import_optional
from sklearn_landslide.mapping._rasters._grids import crs_name
from sklearn_landslide.tables import utm_name

# A projection that is off by less is taken as it is; one whose scale is the same to this all over
# a map can be corrected.
DISTORTION = 0.01
_ANGLES = ("degree", "radian", "grad", "gon", "second", "minute", "unknown")
_STEP = 100.0  # meters
_PLACES = np.linspace(0.0, 1.0, 3)


@dataclass(frozen=True)
class Scale:
    """Meters and square meters of a unit; None where they are not the same all over the map.

    Parameters
    ----------
    length : float or None
        Meters of a unit, in every direction.
    area : float or None
        Square meters of a square unit.
    lowest, highest : float
        Least and greatest of true and nominal length.
    advice : str
        A system without distortion here.
    """

    length: float | None
    area: float | None
    lowest: float = 1.0
    highest: float = 1.0
    advice: str = "UTM"


def unit_in_meters(crs):
    """Nominal length of a unit of a CRS in meters; None if it is not a length.

    Parameters
    ----------
    crs : rasterio.crs.CRS
        The system.
    """
    if crs.is_projected:
        return float(crs.linear_units_factor[1])
    if crs.is_geographic:
        return None
    # Of a local system, which GDAL knows no unit of.
    pyproj = import_optional("pyproj", extra="map")
    axes = pyproj.CRS.from_wkt(crs.to_wkt()).axis_info[:2]
    factors = {axis.unit_conversion_factor for axis in axes}
    is_angle = any(angle in axis.unit_name.lower() for axis in axes for angle in _ANGLES)
    if len(axes) != 2 or len(factors) != 1 or is_angle or crs.to_epsg() == 4978:
        return None
    return float(factors.pop())


def _utm(longitude, latitude):
    """Name the zone of UTM that holds a place, or say what to use instead."""
    return utm_name(longitude, latitude) or "a system in meters made for the region"


def utm_zone(grid):
    """Name the zone of UTM in which the middle of a grid lies.

    Parameters
    ----------
    grid : Grid
        With a CRS that has a place on the earth.

    Returns
    -------
    name : str or None
        Such as ``"EPSG:32643"``; None beyond 84 degrees, or where the place is not known.
    """
    pyproj = import_optional("pyproj", extra="map")
    errors = import_optional("pyproj.exceptions", extra="map")
    left, right, bottom, top = grid.bounds
    try:
        crs = pyproj.CRS.from_wkt(grid.crs.to_wkt())
        to_degrees = pyproj.Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
        place = to_degrees.transform((left + right) / 2, (bottom + top) / 2)
    except errors.ProjError:
        return None
    return utm_name(*place)


def _ratio(low, high):
    """Factor that corrects a scale, None if it is not the same everywhere."""
    if low >= 1 - DISTORTION and high <= 1 + DISTORTION:
        return 1.0
    middle = (low + high) / 2
    return middle if high - low <= 2 * DISTORTION * middle else None


@lru_cache(maxsize=64)
def _measured(wkt, unit, bounds):
    """Measure lengths and areas along the ellipsoid at nine places of a map."""
    pyproj = import_optional("pyproj", extra="map")
    errors = import_optional("pyproj.exceptions", extra="map")
    left, right, bottom, top = bounds
    x, y = (
        axis.ravel()
        for axis in np.meshgrid(
            left + _PLACES * (right - left), bottom + _PLACES * (top - bottom), indexing="ij"
        )
    )
    step = _STEP / unit
    # East, north and the two diagonals; the corners of a square.
    moves = np.array([[0, 0], [1, 0], [0, 1], [1, 1]]) * step
    try:
        crs = pyproj.CRS.from_wkt(wkt)
        to_degrees = pyproj.Transformer.from_crs(crs, crs.geodetic_crs, always_xy=True)
        geod = crs.get_geod()
        corners = [to_degrees.transform(x + dx, y + dy) for dx, dy in moves]
        place = to_degrees.transform((left + right) / 2, (bottom + top) / 2)
    except (errors.ProjError, AttributeError, TypeError):
        return Scale(unit, unit**2)
    seen = np.isfinite(corners).all(axis=(0, 1))
    if geod is None or not seen.any():
        return Scale(unit, unit**2)
    corners = np.array(corners)[:, :, seen]
    lengths = []
    for one, other, nominal in ((0, 1, 1), (0, 2, 1), (0, 3, np.sqrt(2)), (1, 2, np.sqrt(2))):
        found = geod.inv(*corners[one], *corners[other])[2]
        lengths.append(found / (nominal * _STEP))
    areas = [
        abs(geod.polygon_area_perimeter(*corners[[0, 1, 3, 2], :, place].T)[0]) / _STEP**2
        for place in range(corners.shape[2])
    ]
    low, high = float(np.min(lengths)), float(np.max(lengths))
    length, area = _ratio(low, high), _ratio(min(areas), max(areas))
    return Scale(
        None if length is None else unit * length,
        None if area is None else unit**2 * area,
        low,
        high,
        _utm(*place),
    )


def true_scale(crs, bounds=None):
    """Find how many meters a unit is.

    Parameters
    ----------
    crs : rasterio.crs.CRS
        The system of a map.
    bounds : tuple of 4 floats, default=None
        The smallest and largest x, then y, of the map. None: the unit is taken at its word.

    Returns
    -------
    scale : Scale
        Without length and area for degrees.
    """
    unit = unit_in_meters(crs)
    if unit is None:
        return Scale(None, None)
    if bounds is None or not crs.is_projected:
        return Scale(unit, unit**2)
    return _measured(crs.to_wkt(), unit, tuple(float(side) for side in bounds))


def why_no_meters(crs, scale):
    """Say why a map has no true meters, and what to do.

    Parameters
    ----------
    crs : rasterio.crs.CRS
        Its system.
    scale : Scale
        What was found.
    """
    name = crs_name(crs)
    if crs.is_geographic:
        return f"in degrees ({name}), where pixels differ in area: reproject it to meters"
    if not crs.is_projected:
        return f"in units that are not lengths ({name}): reproject it to meters"
    return (
        f"in {name}, where a meter on the map is {scale.lowest:.3g} to {scale.highest:.3g} m on "
        f"the ground: reproject it, for instance to {scale.advice}"
    )


def pixel_area(grid):
    """Area of a grid's cell in square kilometers.

    Parameters
    ----------
    grid : Grid
        With a CRS.

    Returns
    -------
    area : float
        On the ground: what the projection distorts is corrected.

    Raises
    ------
    ValueError
        If cells differ in area, or have none that is known.
    """
    if grid.crs is None:
        raise ValueError(
            "The map has no CRS, so its pixels have no known area: name it with rio.write_crs."
        )
    scale = true_scale(grid.crs, grid.bounds)
    if scale.area is None:
        raise ValueError(f"The map is {why_no_meters(grid.crs, scale)}.")
    a, b, _, d, e, _ = tuple(grid.transform)[:6]
    return abs(a * e - b * d) * scale.area / 1e6


def meters_per_unit(grid):
    """Length of a unit of a grid in meters; None if it is no length, or differs by place."""
    return None if grid.crs is None else true_scale(grid.crs, grid.bounds).length
