"""From hourly rain to the water in a slope: two stores behind a limit to infiltration."""

from typing import NamedTuple

import numpy as np

# Index 0 is not a class. Fluvisol, Leptosol, Cambisol, Acrisol, Andosol.
_CAPACITY = np.array([np.nan, 16.0, 30.0, 20.0, 12.0, 35.0])  # mm/h
_DRAINAGE_TIME = np.array([np.nan, 60.0, 25.0, 40.0, 55.0, 45.0])  # hours
DIFFUSIVITY = 0.72  # m²/h, that is 2e-4 m²/s
# Share of the stored water that reaches the sliding surface.
RECHARGE = 0.7


class Stores(NamedTuple):
    """How the soil of some places takes up and loses water.

    Attributes
    ----------
    capacity : ndarray
        Most rain that can enter, mm per hour; the rest runs off.
    storage : ndarray
        Water that fills the pores down to the sliding surface, in mm.
    drainage_time : ndarray
        Hours in which the stored water falls to 1/e without rain.
    response_time : ndarray
        Hours in which pore pressure follows a lasting rain to 1 - 1/e.
    """

    capacity: np.ndarray
    storage: np.ndarray
    drainage_time: np.ndarray
    response_time: np.ndarray


def soil_stores(soil, depth, pore_water):
    """Give the stores of a soil.

    Parameters
    ----------
    soil : ndarray of int
        Codes of the soil classes.
    depth : ndarray
        Depth of the sliding surface in meters.
    pore_water : ndarray
        Water that fills the soil, in meters.

    Returns
    -------
    stores : Stores
        Pressure spreads downward by diffusion, so its response time is depth² / diffusivity.

    References
    ----------
    .. [1] Iverson, R. M. (2000). Landslide triggering by rain infiltration. Water Resources
       Research 36, 1897-1910.

    Examples
    --------
    >>> from sklearn_landslide.datasets._synthetic._infiltration import soil_stores
    >>> stores = soil_stores(3, depth=1.2, pore_water=0.216)
    >>> [round(float(value), 6) for value in stores]
    [20.0, 216.0, 40.0, 2.0]
    """
    return Stores(
        _CAPACITY[soil], 1000.0 * pore_water, _DRAINAGE_TIME[soil], depth**2 / DIFFUSIVITY
    )


def wetness_rise(rain, stores):
    """Share of the depth that rain has saturated, hour by hour.

    ::

        dS/dt = i - S / drainage_time             antecedent water S in mm
        dF/dt = (i - F) / response_time           pressure front F in mm per hour
        rise = RECHARGE * S / storage + F / capacity

    with the infiltration ``i = min(rain, capacity)``. A lasting rain at the limit of
    infiltration puts the whole depth under pressure, as seepage along the slope does. Both stores
    are empty at first; within an hour the rain is even, so that the steps are exact.

    Parameters
    ----------
    rain : ndarray of shape (n_hours, n_places)
        mm per hour, oldest first.
    stores : Stores
        Arrays of shape (n_places,).

    Yields
    ------
    rise : ndarray of shape (n_places,)
        At the end of each hour; not limited to 1.

    References
    ----------
    .. [1] Wilson, R. C., Wieczorek, G. F. (1995). Rainfall thresholds for the initiation of
       debris flows at La Honda, California. Environmental & Engineering Geoscience 1, 11-27.
    .. [2] Iverson, R. M. (2000). Landslide triggering by rain infiltration. Water Resources
       Research 36, 1897-1910.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.datasets._synthetic._infiltration import Stores, wetness_rise
    >>> stores = Stores(*np.array([[40.0], [216.0], [40.0], [4.0]]))
    >>> [round(float(rise[0]), 4) for rise in wetness_rise(np.array([[10.0], [0.0]]), stores)]
    [0.0873, 0.0743]
    """
    slow_kept, slow_gain, fast_kept, fast_gain = _steps(stores)
    slow = fast = 0.0
    for hour in rain:
        entered = np.minimum(hour, stores.capacity)
        slow = slow_kept * slow + slow_gain * entered
        fast = fast_kept * fast + fast_gain * entered
        yield slow + fast


def hour_weights(rain, stores):
    """By how much a little more rain in each hour raises the wetness of the last one.

    Parameters
    ----------
    rain : ndarray of shape (n_hours, n_places)
        mm per hour, oldest first.
    stores : Stores
        Arrays of shape (n_places,).

    Returns
    -------
    weights : ndarray of shape (n_hours, n_places)
        Derivatives of the last value of :func:`wetness_rise`, per mm; 0 in an hour whose
        rain runs off already.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.datasets._synthetic._infiltration import Stores, hour_weights
    >>> stores = Stores(*np.array([[40.0], [216.0], [40.0], [4.0]]))
    >>> hour_weights(np.array([[10.0], [90.0], [0.0]]), stores).ravel().round(4)
    array([0.0064, 0.    , 0.0087])
    """
    slow_kept, slow_gain, fast_kept, fast_gain = _steps(stores)
    age = np.arange(len(rain))[::-1, None]
    weights = slow_gain * slow_kept**age + fast_gain * fast_kept**age
    return np.where(rain < stores.capacity, weights, 0.0)


def _steps(stores):
    """Share of each store that an hour leaves, and what a mm of rain adds to the wetness."""
    slow_kept = np.exp(-1.0 / stores.drainage_time)
    fast_kept = np.exp(-1.0 / stores.response_time)
    slow_gain = RECHARGE * stores.drainage_time * (1.0 - slow_kept) / stores.storage
    fast_gain = (1.0 - fast_kept) / stores.capacity
    return slow_kept, slow_gain, fast_kept, fast_gain
