"""What a cube of rain must be before anything is read from it."""

import numpy as np
import pandas as pd

from sklearn_landslide._optional import import_optional
from sklearn_landslide._words import listed


def check_rain(rain):
    """Check a cube of rain, and say how long its steps are.

    Parameters
    ----------
    rain : xarray.DataArray
        As :func:`open_rain` returns it.

    Returns
    -------
    step : Timedelta
        Length of a step.

    Raises
    ------
    TypeError
        If it is not a DataArray.
    ValueError
        If it has other dimensions, no CRS, or steps that are not regular.
    """
    xarray = import_optional("xarray", extra="map")
    import_optional("rioxarray", extra="map")
    if not isinstance(rain, xarray.DataArray):
        raise TypeError(
            f"rain must be what open_rain returns, got {type(rain).__name__}: pass open_rain(...)."
        )
    if rain.dims != ("time", "y", "x") or rain["time"].dtype.kind != "M":
        raise ValueError(
            f"rain has the dimensions {listed(rain.dims)}, not time, y and x: pass open_rain(rain)."
        )
    if rain.rio.crs is None:
        raise ValueError("rain has no CRS: pass open_rain(rain, crs='EPSG:...').")
    times = ends_of(rain)
    if len(times) < 2:
        if "step_hours" not in rain.attrs:
            raise ValueError("rain has a single step of unknown length: pass open_rain(rain).")
        return pd.Timedelta(float(rain.attrs["step_hours"]), "h").round("ms")
    gaps = np.diff(times.to_numpy())
    if (gaps != gaps[0]).any() or gaps[0] <= np.timedelta64(0):
        raise ValueError("rain has steps that are not regular: pass open_rain(rain).")
    return pd.Timedelta(gaps[0])


def ends_of(rain):
    """Return the ends of the steps of a cube, in nanoseconds."""
    return pd.DatetimeIndex(rain["time"].to_numpy().astype("datetime64[ns]"))
