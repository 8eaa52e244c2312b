"""The unit in which an elevation model holds heights."""

import os
import warnings

from sklearn_landslide._hints import hinting, spelled
from sklearn_landslide._optional import import_optional

METERS = "m"
_LENGTHS = {METERS: 1.0, "ft": 0.3048, "us-ft": 1200 / 3937}
VERTICAL_UNITS = tuple(_LENGTHS)
_SPELLINGS = {
    METERS: ("m", "meter", "meters", "metre", "metres"),
    "ft": ("ft", "feet", "foot", "international foot", "international feet"),
    "us-ft": ("us-ft", "ftus", "us survey foot", "us survey feet", "us foot", "us feet"),
}


def unit_length(unit):
    """Length of a unit in meters.

    Parameters
    ----------
    unit : {"m", "ft", "us-ft"}
        The unit: meters, feet or those of the United States' survey.

    Examples
    --------
    >>> from sklearn_landslide.terrain._vertical_units import unit_length
    >>> unit_length("ft")
    0.3048
    """
    return _LENGTHS[unit]


def _stated(raster):
    """Return what a file or an array says of its unit, and of its system's vertical axis."""
    if not isinstance(raster, str | os.PathLike):
        return raster.attrs.get("units"), raster.rio.crs
    rasterio = import_optional("rasterio", extra="terrain")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)
            with rasterio.open(raster) as file:
                return next(iter(file.units), None), file.crs
    except rasterio.errors.RasterioIOError:
        # Opening it says what is wrong.
        return None, None


def _axis_unit(crs):
    """Return the unit of the vertical axis of a compound system; None if it has none."""
    if crs is None:
        return None
    pyproj = import_optional("pyproj", extra="terrain")
    errors = import_optional("pyproj.exceptions", extra="terrain")
    try:
        axes = pyproj.CRS.from_wkt(crs.to_wkt()).axis_info[2:]
    except errors.CRSError:
        return None
    return axes[0].unit_name if axes else None


def stated_unit(raster, where):
    """Find the unit that a raster states for its elevations.

    Parameters
    ----------
    raster : str, path-like or DataArray
        The elevation model.
    where : str
        What to call it.

    Returns
    -------
    unit : {"m", "ft", "us-ft"}
        Meters where it states nothing.

    Raises
    ------
    ValueError
        If it states another unit.

    Warns
    -----
    UserWarning
        If it states feet, as elevations are converted.

    Examples
    --------
    >>> import numpy as np, rioxarray, xarray as xr
    >>> from sklearn_landslide.terrain._vertical_units import stated_unit
    >>> stated_unit(xr.DataArray(np.zeros((3, 3)), attrs={"units": "metre"}), "dem")
    'm'
    """
    text, crs = _stated(raster)
    text = str(text).strip() if text else _axis_unit(crs)
    if not text:
        return METERS
    found = [unit for unit, spelled in _SPELLINGS.items() if text.lower() in spelled]
    if not found:
        hint = "vertical_units='m'"
        error = ValueError(
            f"{where} states its elevations in {text!r}: convert it to meters, or say what they "
            f"are, such as {hint}."
        )
        raise hinting(error, hint)
    if found[0] != METERS:
        hint = "vertical_units='m'"
        warnings.warn(
            f"{where} states its elevations in {text!r}: they are converted to meters. "
            + spelled(f"If they are meters, pass {hint}.", hint),
            UserWarning,
            stacklevel=5,
        )
    return found[0]
