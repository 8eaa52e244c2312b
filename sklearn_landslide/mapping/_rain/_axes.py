"""Which variable of a file is the rain, and which of its dimensions are time, y and x."""

import numpy as np

from sklearn_landslide._words import listed, nearest
from sklearn_landslide.mapping._rain._parts import asking

_DEGREES = {
    "x": ("degrees_east", "degree_east", "degrees_e", "degree_e", "degreese"),
    "y": ("degrees_north", "degree_north", "degrees_n", "degree_n", "degreesn"),
}
_STANDARD = {
    "x": ("longitude", "projection_x_coordinate", "grid_longitude"),
    "y": ("latitude", "projection_y_coordinate", "grid_latitude"),
    "time": ("time",),
}
_NAMES = {
    "x": ("x", "lon", "longitude", "long", "easting", "rlon"),
    "y": ("y", "lat", "latitude", "northing", "rlat"),
    "time": ("time", "valid_time", "t"),
}


def _is_axis(axis, name, coordinate):
    """Whether a coordinate is an axis, by what its attributes say or else by its name."""
    attrs = coordinate.attrs
    units = str(attrs.get("units", "")).lower()
    if str(attrs.get("standard_name", "")) in _STANDARD[axis]:
        return True
    if str(attrs.get("axis", "")).upper() == axis[0].upper():
        return True
    if axis == "time":
        return " since " in units or coordinate.dtype.kind == "M" or name.lower() in _NAMES[axis]
    return units in _DEGREES[axis] or name.lower() in _NAMES[axis]


def find_axes(array, where):
    """Say which dimension of an array is which.

    Parameters
    ----------
    array : xarray.DataArray
        With coordinates.
    where : str
        The file.

    Returns
    -------
    axes : dict of str to str
        The dimensions of ``"time"``, ``"y"`` and ``"x"``.

    Raises
    ------
    ValueError
        If one is not found, or there are more.
    """
    axes = {}
    for axis in ("time", "y", "x"):
        found = [name for name in array.dims if _is_axis(axis, str(name), array[name])]
        # A file may have the time of the forecast, too.
        found = found if len(found) < 2 else [name for name in found if array.sizes[name] > 1]
        if len(found) != 1:
            raise ValueError(
                f"{where} has {len(found) or 'no'} dimensions that are {axis}, by their "
                f"standard_name, axis or name, among {listed(array.dims)}: rename them to 'time', "
                "'y' and 'x'."
            )
        axes[axis] = found[0]
        if axis != "time" and found[0] not in array.coords:
            raise ValueError(
                f"{where} has no coordinates along {found[0]!r}: bring it on a grid whose x and y "
                "are evenly spaced first."
            )
    return axes


def is_longitude(coordinate, axis):
    """Whether a coordinate is longitude (x) or latitude (y), in degrees of the earth."""
    standard = str(coordinate.attrs.get("standard_name", ""))
    degrees = str(coordinate.attrs.get("units", "")).lower() in _DEGREES[axis]
    if standard.startswith("grid_"):
        return False
    names = _NAMES[axis][1:4] if axis == "x" else _NAMES[axis][1:3]
    plain = str(coordinate.name).lower() in names and not coordinate.attrs.get("units")
    return standard in ("longitude", "latitude") or degrees or plain


def choose_variable(dataset, variable, where):
    """Choose the variable of a file that is the rain.

    Parameters
    ----------
    dataset : xarray.Dataset
        What the file holds.
    variable : str or None
        The one that is named.
    where : str
        The file.

    Returns
    -------
    array : xarray.DataArray
    """
    names = [str(name) for name in dataset.data_vars]
    if variable is not None:
        if variable not in names:
            hint = f"variable={variable!r}"
            raise asking(
                f"{where} has no variable {variable!r}, named by {hint}."
                f"{nearest(variable, names)} It has {listed(names)}.",
                hint,
            )
        return dataset[variable]
    known = [name for name in names if _may_be_rain(dataset[name])]
    if len(known) > 1:
        rain = [name for name in known if _is_rain(dataset[name])]
        known = rain if len(rain) == 1 else known
    if not known:
        raise ValueError(
            f"{where} has no variable of time, y and x; it has {listed(names) or 'none at all'}."
        )
    if len(known) > 1:
        hint = f"variable={known[0]!r}"
        raise asking(
            f"{where} has the variables {listed(known)}: say which one is the rain, such as "
            f"{hint}.",
            hint,
        )
    return dataset[known[0]]


def _may_be_rain(array):
    """Whether a variable has three dimensions of numbers."""
    return array.ndim >= 3 and np.issubdtype(array.dtype, np.number)


def _is_rain(array):
    """Whether the standard name of a variable is that of rain or precipitation."""
    standard = str(array.attrs.get("standard_name", ""))
    return "precipitation" in standard or "rainfall" in standard
