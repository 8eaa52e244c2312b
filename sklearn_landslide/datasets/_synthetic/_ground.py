"""The ground of a region: how deep its soil is, how wet it gets and what holds it."""

from typing import NamedTuple

import numpy as np

from sklearn_landslide.datasets._synthetic._stability import factor_of_safety

# Standard deviation of ln FS from the weathering that no map shows.
WEATHERING = 0.15

# Index 0 is not a class. Fluvisol, Leptosol, Cambisol, Acrisol, Andosol.
_SOIL_COHESION = np.array([np.nan, 4.0, 3.0, 5.0, 9.0, 6.5])  # kPa
_SOIL_DEPTH = np.array([np.nan, 2.2, 0.7, 1.4, 1.8, 1.6])  # m
_SOIL_PORE_SPACE = np.array([np.nan, 0.16, 0.22, 0.18, 0.14, 0.24])  # free to fill
# Forest, shrub, grassland, cropland, built-up, bare ground.
_ROOT_COHESION = np.array([np.nan, 6.0, 3.5, 1.5, 1.0, 2.0, 0.0])  # kPa
# Alluvium, sandstone, shale, limestone, granite, tuff.
_FRICTION_ANGLE = np.array([np.nan, 31.0, 34.0, 26.0, 36.0, 33.0, 28.5])  # degrees
_LAYERED = (2, 3, 4)  # sandstone, shale, limestone
# Between storms the water table lies this share of the depth lower than in the region's storm.
_DEFICIT = 0.3
_SUCTION = 15.0  # kPa
# How far the strength of a slope has come to match the storms that it outlasted, 0 to 1.
_ADJUSTED = 0.8


class Ground(NamedTuple):
    """What there is before it rains: the factors and what no map shows.

    Attributes
    ----------
    factors : dict of str to ndarray of shape (rows, columns)
        The 16 factors, in the order of the table.
    dip_direction : float
        Direction in which the rock's layers fall, degrees clockwise from north.
    weathering, thickness : ndarray of shape (rows, columns)
        Unobserved fields of mean 0 and standard deviation 1.
    """

    factors: dict
    dip_direction: float
    weathering: np.ndarray
    thickness: np.ndarray

    def at(self, cells):
        """Take some cells, by their flat indices."""
        return Ground(
            {name: values.ravel()[cells] for name, values in self.factors.items()},
            self.dip_direction,
            self.weathering.ravel()[cells],
            self.thickness.ravel()[cells],
        )


def soil_depth(factors, thickness):
    """Depth of the soil, down to the surface on which it would slide.

    Parameters
    ----------
    factors : dict of str to ndarray
        Of the factors, soil, slope and the two curvatures.
    thickness : ndarray
        Unobserved field of mean 0 and standard deviation 1.

    Returns
    -------
    depth : ndarray
        Meters, measured vertically.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.datasets._synthetic._ground import soil_depth
    >>> plane = {"soil": 3, "slope": 20.0, "plan_curvature": 0.0, "profile_curvature": 0.0}
    >>> float(soil_depth(plane, 0.0))
    1.4
    """
    # Soil gathers in hollows and is washed off spurs and very steep ground.
    hollow = -np.tanh(60.0 * (factors["plan_curvature"] + 0.5 * factors["profile_curvature"]))
    depth = _SOIL_DEPTH[factors["soil"]] * np.exp(0.3 * hollow + 0.2 * thickness)
    return np.maximum(depth * np.exp(-np.maximum(factors["slope"] - 32.0, 0.0) / 5.0), 0.25)


def pore_space(factors, thickness):
    """Height of the water that fills the soil.

    Parameters
    ----------
    factors, thickness
        As in :func:`soil_depth`.

    Returns
    -------
    water : ndarray
        Meters.

    Examples
    --------
    >>> from sklearn_landslide.datasets._synthetic._ground import pore_space
    >>> plane = {"soil": 3, "slope": 20.0, "plan_curvature": 0.0, "profile_curvature": 0.0}
    >>> round(float(pore_space(plane, 0.0)), 3)
    0.252
    """
    return _SOIL_PORE_SPACE[factors["soil"]] * soil_depth(factors, thickness)


def ground_safety(factors, *, dip_direction, weathering, thickness, supply=None, suction=0.0):
    """Factor of safety from the factors and what no map shows.

    Parameters
    ----------
    factors : dict of str to ndarray
        The 16 factors.
    dip_direction : float
        Direction in which the rock's layers fall, degrees clockwise from north.
    weathering, thickness : ndarray
        Unobserved fields of mean 0 and standard deviation 1.
    supply : ndarray, default=None
        Share of the depth that rain has saturated. If None, what the storm whose total is
        the factor ``rainfall`` leaves in the pore space.
    suction : float, default=0.0
        Cohesion in kPa that the tension of water adds to dry soil; it goes as the soil
        saturates.

    Returns
    -------
    safety : ndarray
        Median factor of safety, before the strength of the region is set.

    References
    ----------
    .. [1] Beven, K. J., Kirkby, M. J. (1979). A physically based, variable contributing area
       model of basin hydrology. Hydrological Sciences Bulletin 24, 43-69.
    .. [2] Fredlund, D. G., Morgenstern, N. R., Widger, R. A. (1978). The shear strength of
       unsaturated soils. Canadian Geotechnical Journal 15, 313-321.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.datasets._synthetic._ground import ground_safety
    >>> site = {"slope": 35.0, "aspect": 180.0, "plan_curvature": 0.0,
    ...         "profile_curvature": 0.0, "twi": 6.0, "distance_to_river": 500.0,
    ...         "distance_to_fault": 2000.0, "distance_to_road": 900.0, "ndvi": 0.7,
    ...         "rainfall": 300.0, "soil": 3, "landuse": 1, "lithology": 2}
    >>> site = {name: np.asarray(value) for name, value in site.items()}
    >>> unseen = {"dip_direction": 90.0, "weathering": 0.0, "thickness": 0.0}
    >>> dry = ground_safety(site | {"rainfall": np.asarray(20.0)}, **unseen)
    >>> bool(dry > ground_safety(site, **unseen) > 1)
    True
    """
    soil, depth = factors["soil"], soil_depth(factors, thickness)
    if supply is None:
        supply = 0.45 * factors["rainfall"] / 1000.0 / pore_space(factors, thickness)
    # Rain fills the pore space from below; the hillslope shares it out by its wetness index.
    wetness = np.clip(supply + 0.12 * (factors["twi"] - 6.0), 0.0, 1.0)
    cohesion = _SOIL_COHESION[soil] + _ROOT_COHESION[factors["landuse"]] * np.clip(
        0.3 + factors["ndvi"], 0.0, 1.2
    )
    cohesion = cohesion + suction * (1.0 - wetness)
    safety = factor_of_safety(
        factors["slope"],
        depth=depth,
        cohesion=cohesion,
        friction_angle=_FRICTION_ANGLE[factors["lithology"]],
        wetness=wetness,
    )
    # Layers that fall with the slope let it slide, layers that fall into it hold it.
    bedding = np.cos(np.radians(factors["aspect"] - dip_direction)) * np.isin(
        factors["lithology"], _LAYERED
    )
    # Crushed rock along faults, road cuts, and banks undercut by rivers.
    weakness = (
        0.4 * np.exp(-factors["distance_to_fault"] / 400.0)
        + 0.4 * np.exp(-factors["distance_to_road"] / 80.0)
        + 0.25 * np.exp(-factors["distance_to_river"] / 80.0)
        + 0.3 * bedding
        + WEATHERING * weathering
    )
    return safety * np.exp(-weakness)


def safety_after_rain(ground, rise):
    """Factor of safety of a landscape that is used to its climate.

    What falls in the storm of the climate has fallen: slopes that stand have a strength that
    partly matches it, and fail by what exceeds it.

    Parameters
    ----------
    ground : Ground
        Factors, among them the climate's storm ``rainfall``, and what no map shows.
    rise : ndarray
        Share of the depth that rain has saturated.

    Returns
    -------
    safety : ndarray
        Median factor of safety, before the strength of the region is set.

    References
    ----------
    .. [1] Guzzetti, F., Peruccacci, S., Rossi, M., Stark, C. P. (2007). Rainfall thresholds
       for the initiation of landslides in central and southern Europe. Meteorology and
       Atmospheric Physics 98, 239-267.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.datasets._synthetic._ground import safety_after_rain
    >>> from sklearn_landslide.datasets._synthetic._region import make_ground
    >>> ground = make_ground((20, 30), 30.0, np.random.default_rng(0))
    >>> bool((safety_after_rain(ground, 0.8) <= safety_after_rain(ground, 0.1)).all())
    True
    """
    usual = ground_safety(**ground._asdict(), suction=_SUCTION)
    now = ground_safety(**ground._asdict(), supply=rise - _DEFICIT, suction=_SUCTION)
    # Level ground, infinitely safe, has nothing to match.
    return now * np.minimum(usual, 4.0) ** -_ADJUSTED
