"""Wetness, stream power and sediment transport: contributing area and slope together."""

import numpy as np

# Below this slope (in radians, 0.1 degrees) wetness would grow without bound.
MINIMUM_SLOPE = np.radians(0.1)


def wetness_factors(area, slope, cell_size):
    """Topographic wetness, stream power and sediment transport.

    Parameters
    ----------
    area : ndarray
        Upslope contributing area in m².
    slope : ndarray
        Slope in degrees; at least 0.1 degrees is used.
    cell_size : float
        Side of a cell in meters. ``area / cell_size`` is the specific catchment area a.

    Returns
    -------
    factors : dict of str to ndarray
        - ``twi``: topographic wetness index ln(a / tan b), a in m;
        - ``spi``: stream power index a tan b, in m;
        - ``sti``: sediment transport index (a / 22.13) ** 0.6 (sin b / 0.0896) ** 1.3,
          without unit.

    References
    ----------
    .. [1] Moore, I. D., Grayson, R. B., Ladson, A. R. (1991). Digital terrain modelling: a
       review of hydrological, geomorphological, and biological applications. Hydrological
       Processes 5, 3-30.

    Examples
    --------
    >>> from sklearn_landslide.terrain._wetness import wetness_factors
    >>> factors = wetness_factors(9000.0, 45.0, 30.0)
    >>> [round(float(factors[name]), 3) for name in ("twi", "spi", "sti")]
    [5.704, 300.0, 70.083]
    """
    specific_area = area / cell_size
    angle = np.maximum(np.radians(slope), MINIMUM_SLOPE)
    return {
        "twi": np.log(specific_area / np.tan(angle)),
        "spi": specific_area * np.tan(angle),
        "sti": (specific_area / 22.13) ** 0.6 * (np.sin(angle) / 0.0896) ** 1.3,
    }
