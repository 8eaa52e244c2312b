"""The infinite-slope model: factor of safety and probability of failure."""

import numpy as np
from scipy.optimize import brentq
from scipy.special import ndtr

WATER_UNIT_WEIGHT = 9.81  # kN/m³


def factor_of_safety(slope, *, depth, cohesion, friction_angle, wetness, unit_weight=19.0):
    """Factor of safety of an infinite slope with seepage parallel to the surface.

    ::

        FS = (c + (g - w g_w) z cos² b tan phi) / (g z sin b cos b)

    Parameters
    ----------
    slope : array-like
        Slope b in degrees.
    depth : array-like
        Depth z of the sliding surface in meters, measured vertically.
    cohesion : array-like
        Cohesion c of soil and roots in kPa.
    friction_angle : array-like
        Angle of internal friction phi in degrees.
    wetness : array-like
        Share w of the depth that is saturated, 0 to 1.
    unit_weight : array-like, default=19.0
        Unit weight g of the soil in kN/m³.

    Returns
    -------
    safety : ndarray
        Resisting over driving stress; infinite on level ground.

    References
    ----------
    .. [1] Skempton, A. W., DeLory, F. A. (1957). Stability of natural slopes in London Clay.
       Proc. 4th Int. Conf. Soil Mechanics and Foundation Engineering 2, 378-381.

    Examples
    --------
    >>> from sklearn_landslide.datasets._synthetic._stability import factor_of_safety
    >>> round(float(factor_of_safety(30, depth=2, cohesion=0, friction_angle=30, wetness=0)), 6)
    1.0
    """
    slope = np.radians(slope)
    effective_weight = unit_weight - np.asarray(wetness) * WATER_UNIT_WEIGHT
    friction = effective_weight * depth * np.cos(slope) ** 2 * np.tan(np.radians(friction_angle))
    driving = np.asarray(unit_weight * depth * np.sin(slope) * np.cos(slope))
    infinite = np.full(np.broadcast(friction, driving, cohesion).shape, np.inf)
    return np.divide(cohesion + friction, driving, out=infinite, where=driving > 0)


def failure_probability(safety, spread):
    """Chance that a log-normal factor of safety is below 1.

    Parameters
    ----------
    safety : array-like
        Median factor of safety.
    spread : float
        Standard deviation of its natural logarithm: what is not known of strength, depth
        and pore pressure within a cell.

    Returns
    -------
    probability : ndarray
        Values in 0 to 1; 0.5 where the factor of safety is 1.

    References
    ----------
    .. [1] Duncan, J. M. (2000). Factors of safety and reliability in geotechnical
       engineering. J. Geotechnical and Geoenvironmental Engineering 126, 307-316.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.datasets._synthetic._stability import failure_probability
    >>> failure_probability([1.0, np.inf], 0.2)
    array([0.5, 0. ])
    """
    return ndtr(-np.log(safety) / spread)


def strength_for_prevalence(safety, spread, prevalence):
    """Factor on the strength of all ground at which a given share of cells fails.

    Parameters
    ----------
    safety : ndarray
        Median factors of safety.
    spread : float
        As in :func:`failure_probability`.
    prevalence : float
        Wanted mean of the failure probability, between 0 and 1.

    Returns
    -------
    strength : float
        Factor by which to multiply `safety`, which is linear in cohesion and in the tangent
        of the friction angle.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.datasets._synthetic._stability import strength_for_prevalence
    >>> round(strength_for_prevalence(np.array([2.0, 2.0]), 0.2, 0.5), 6)
    0.5
    """
    return brentq(
        lambda strength: failure_probability(safety * strength, spread).mean() - prevalence,
        1e-3,
        1e3,
    )
