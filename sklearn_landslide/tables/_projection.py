"""From coordinates of any system to meters on the ground, in which distances are distances."""

import numpy as np
import pandas as pd

from sklearn_landslide._hints import hinting
from sklearn_landslide._optional import import_optional
from sklearn_landslide.tables._text import one_line

DEGREES = "EPSG:4326"
# A projection that is off by less is taken as it is.
_DISTORTION = 0.01
_LONGITUDES = ("lon", "long", "lng", "longitude")
_LATITUDES = ("lat", "latitude")
# Beyond it, UTM has no zones.
_MOST_NORTH = 84


def utm_name(longitude, latitude):
    """Name the zone of UTM that holds a place.

    Parameters
    ----------
    longitude, latitude : float
        The place, in degrees.

    Returns
    -------
    name : str or None
        None where there is no zone.

    Examples
    --------
    >>> from sklearn_landslide.tables import utm_name
    >>> utm_name(-79.1, -4.0), utm_name(12.0, 87.0)
    ('EPSG:32717', None)
    """
    if not np.isfinite([longitude, latitude]).all() or abs(latitude) > _MOST_NORTH:
        return None
    zone = int((longitude + 180) // 6) % 60 + 1
    return f"EPSG:{(32600 if latitude >= 0 else 32700) + zone}"


def parse_system(crs, name="crs"):
    """Make a system of pyproj of a name, an EPSG code or another library's object.

    Parameters
    ----------
    crs : str, int or CRS
        What was given.
    name : str, default="crs"
        The parameter that it was given as, for messages.

    Returns
    -------
    system : pyproj.CRS
    """
    pyproj = import_optional("pyproj", extra="map")
    errors = import_optional("pyproj.exceptions", extra="map")
    try:
        return pyproj.CRS.from_user_input(crs)
    except (errors.CRSError, ValueError, TypeError) as error:
        hint = f"{name}={crs!r}"
        raise hinting(ValueError(f"{hint} is not a coordinate reference system."), hint) from error


def system_name(system):
    """Name a system so that it can be read again: by its EPSG code, else as WKT.

    Parameters
    ----------
    system : pyproj.CRS or rasterio.crs.CRS or None
        The system.

    Returns
    -------
    name : str or None
    """
    if system is None:
        return None
    return f"EPSG:{code}" if (code := system.to_epsg()) else system.to_wkt()


def _meters(system):
    """Nominal length of a unit in meters; None if it is not a length."""
    if system.is_geographic:
        return None
    factors = {axis.unit_conversion_factor for axis in system.axis_info[:2]}
    return factors.pop() if len(factors) == 1 and system.is_projected else None


def _is_true(system, degrees):
    """Say whether a meter of a system is a meter on the ground, at all places."""
    pyproj = import_optional("pyproj", extra="map")
    errors = import_optional("pyproj.exceptions", extra="map")
    if _meters(system) != 1:
        return False
    try:
        found = pyproj.Proj(system).get_factors(*degrees.T)
    except errors.ProjError:
        # Nothing is known of it.
        return True
    scales = np.array([found.tissot_semimajor, found.tissot_semiminor])
    return bool((np.abs(scales - 1) <= _DISTORTION).all())


def _middle(degrees):
    """Middle of places on the globe, which may lie on both sides of the date line."""
    longitude, latitude = np.radians(degrees).T
    x, y, z = np.mean(
        [
            np.cos(latitude) * np.cos(longitude),
            np.cos(latitude) * np.sin(longitude),
            np.sin(latitude),
        ],
        axis=1,
    )
    return float(np.degrees(np.arctan2(y, x))), float(np.degrees(np.arctan2(z, np.hypot(x, y))))


def _system_around(degrees):
    """Choose a system in meters: UTM, for a wide region one of its own; None if all are off."""
    longitude, latitude = _middle(degrees)
    names = [
        utm_name(longitude, latitude),
        f"+proj=laea +lon_0={longitude:.1f} +lat_0={latitude:.1f} +units=m",
    ]
    systems = (parse_system(name) for name in names if name)
    return next((system for system in systems if _is_true(system, degrees)), None)


def _check_degrees(points, system, where):
    """Refuse what is not a place on the globe, and say if x and y changed places."""
    (left, bottom), (right, top) = points.min(axis=0), points.max(axis=0)
    if left >= -180 and right <= 360 and bottom >= -90 and top <= 90:
        return
    swapped = bottom >= -180 and top <= 360 and left >= -90 and right <= 90
    advice = (
        "but it would be if they changed places: x is the longitude, the first of the two"
        if swapped
        else "so their CRS is another: name it, crs=..."
    )
    error = ValueError(
        f"the coordinates of {where} are {left:.6g} to {right:.6g} (x) and {bottom:.6g} to "
        f"{top:.6g} (y), which is not a longitude and latitude ({system_name(system)}), {advice}."
    )
    raise hinting(error, "crs=...")


def projected(points, system, target):
    """Bring points from one system into another.

    Parameters
    ----------
    points : ndarray of float64, shape (n_points, 2)
        x and y; longitude is x.
    system, target : pyproj.CRS
        Their systems.

    Returns
    -------
    points : ndarray of float64, shape (n_points, 2)
        Infinite where the system has no such place.
    """
    pyproj = import_optional("pyproj", extra="map")
    if system == target:
        return points
    errors = import_optional("pyproj.exceptions", extra="map")
    try:
        transformer = pyproj.Transformer.from_crs(system, target, always_xy=True)
    except errors.ProjError as error:
        names = " to ".join(map(system_name, (system, target)))
        raise ValueError(f"no way is known from {names}: {one_line(error)}.") from error
    return np.column_stack(transformer.transform(*points.T))


def to_meters(points, crs, to_crs, where):
    """Bring coordinates into a system in which a unit is a meter on the ground.

    Parameters
    ----------
    points : ndarray of float64, shape (n_points, 2)
        x and y.
    crs : str, int or CRS
        Their system.
    to_crs : str, int, CRS or None
        The system to bring them into. None: theirs, if its meters are true to a hundredth at all
        points; else the zone of UTM of their middle, or where that is too wide an equal-area system
        around it.
    where : str
        What has these coordinates, for messages.

    Returns
    -------
    points : ndarray of float64, shape (n_points, 2)
        In meters.
    crs : str
        Their system now.

    Raises
    ------
    ValueError
        If a system is unknown or is not in meters, a place does not exist in one, or the places
        are too far from each other for any.
    """
    system = parse_system(crs)
    if system.is_geographic:
        _check_degrees(points, system, where)
    degrees = projected(points, system, parse_system(DEGREES))
    if not np.isfinite(degrees).all():
        raise ValueError(
            f"{where} has coordinates that do not exist in {system_name(system)}: is it their CRS?"
        )
    if to_crs is not None:
        target = parse_system(to_crs, "to_crs")
        if _meters(target) != 1:
            hint = f"to_crs={to_crs!r}"
            raise hinting(ValueError(f"{hint} is not in meters: name one that is."), hint)
    else:
        target = system if _is_true(system, degrees) else _system_around(degrees)
    if target is None:
        error = ValueError(
            f"the coordinates of {where} lie too far apart for one system in meters: divide the "
            "table, or name a system, to_crs=..."
        )
        raise hinting(error, "to_crs=...")
    moved = projected(points, system, target)
    if not np.isfinite(moved).all():
        raise ValueError(f"{where} has coordinates that do not exist in {system_name(target)}.")
    return moved, system_name(target)


def system_of_names(names, points):
    """Say which system the names of two columns stand for; None if they do not say it.

    Parameters
    ----------
    names : sequence of two str
        Those of x and y.
    points : ndarray of float64, shape (n_points, 2)
        The coordinates.

    Returns
    -------
    crs : str or None
        Degrees of WGS 84 for longitude and latitude.

    Raises
    ------
    ValueError
        If latitude is given as x.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.tables._projection import system_of_names
    >>> system_of_names(["Lon", "Lat"], np.array([[78.1, 30.2]]))
    'EPSG:4326'
    """
    x, y = (str(name).strip().lower() for name in names)
    if x in _LATITUDES and y in _LONGITUDES:
        raise ValueError(
            f"The coordinates are x, then y: {names[0]!r} is y. Give {names[1]!r}, then "
            f"{names[0]!r}."
        )
    in_range = np.abs(points).max(axis=0) <= (360, 90)
    return DEGREES if x in _LONGITUDES and y in _LATITUDES and in_range.all() else None


def placed(x, y, crs=None, meters=True):
    """Put coordinates into a frame that says what is known of their unit.

    Parameters
    ----------
    x, y : array-like of shape (n_points,)
        The coordinates.
    crs : str, default=None
        Their system.
    meters : bool, default=True
        Whether a unit is a meter.

    Returns
    -------
    points : DataFrame of shape (n_points, 2)
        Columns x and y.
    """
    points = pd.DataFrame({"x": np.asarray(x, dtype=float), "y": np.asarray(y, dtype=float)})
    if not meters:
        # As sample_stack does, for the splitters.
        points.attrs = {"crs": crs, "meters_per_unit": None}
    return points
