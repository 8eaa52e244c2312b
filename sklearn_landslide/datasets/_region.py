"""A whole synthetic region: the factors and the true chance of failure of every cell."""

from typing import NamedTuple

import numpy as np

from sklearn_landslide.datasets._elevation import make_elevation
from sklearn_landslide.datasets._geology import (
    LITHOLOGY,
    SOIL,
    distance_to,
    make_faults,
    make_lithology,
    make_soil,
)
from sklearn_landslide.datasets._hydrology import flow_accumulation, wetness_factors
from sklearn_landslide.datasets._land_cover import LANDUSE, make_landuse, make_ndvi, make_roads
from sklearn_landslide.datasets._random_field import random_field
from sklearn_landslide.datasets._stability import (
    factor_of_safety,
    failure_probability,
    strength_for_prevalence,
)
from sklearn_landslide.datasets._storm import make_rainfall
from sklearn_landslide.datasets._terrain import terrain_factors

FACTORS = (
    "altitude",
    "slope",
    "aspect",
    "plan_curvature",
    "profile_curvature",
    "twi",
    "spi",
    "sti",
    "distance_to_river",
    "distance_to_fault",
    "distance_to_road",
    "ndvi",
    "rainfall",
    "soil",
    "landuse",
    "lithology",
)
CATEGORIES = {"soil": SOIL, "landuse": LANDUSE, "lithology": LITHOLOGY}

# Share of cells that the storm is expected to fail.
PREVALENCE = 0.1
# What is not known of a cell: standard deviation of ln FS, and of the unobserved fields.
SPREAD = 0.18
WEATHERING = 0.15
RIVER_AREA = 0.6e6  # m² that feed a river

# Index 0 is no class. Fluvisol, Leptosol, Cambisol, Acrisol, Andosol.
_SOIL_COHESION = np.array([np.nan, 4.0, 3.0, 5.0, 9.0, 6.5])  # kPa
_SOIL_DEPTH = np.array([np.nan, 2.2, 0.7, 1.4, 1.8, 1.6])  # m
_SOIL_PORE_SPACE = np.array([np.nan, 0.16, 0.22, 0.18, 0.14, 0.24])  # free to fill
# Forest, shrub, grassland, cropland, built-up, bare ground.
_ROOT_COHESION = np.array([np.nan, 6.0, 3.5, 1.5, 1.0, 2.0, 0.0])  # kPa
# Alluvium, sandstone, shale, limestone, granite, tuff.
_FRICTION_ANGLE = np.array([np.nan, 31.0, 34.0, 26.0, 36.0, 33.0, 28.5])  # degrees
_LAYERED = (2, 3, 4)  # sandstone, shale, limestone


class Region(NamedTuple):
    """A synthetic region.

    Attributes
    ----------
    factors : dict of str to ndarray of shape (rows, columns)
        The 16 factors, in the order of `FACTORS`.
    probability : ndarray of shape (rows, columns)
        True chance that the storm fails the cell.
    """

    factors: dict
    probability: np.ndarray


def make_region(shape, cell_size, rng):
    """Make the factors and the failure probability of a synthetic region.

    Parameters
    ----------
    shape : tuple of (int, int)
        Rows and columns.
    cell_size : float
        Side of a cell in metres.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    region : Region
        Factors and probability.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.datasets._region import make_region
    >>> region = make_region((40, 50), 30.0, np.random.default_rng(0))
    >>> len(region.factors), round(float(region.probability.mean()), 6)
    (16, 0.1)
    """
    elevation, filled = make_elevation(shape, cell_size, rng)
    factors = {"altitude": elevation, **terrain_factors(elevation, cell_size)}
    spread_out = flow_accumulation(elevation, cell_size, method="multiple", filled=filled)
    factors |= wetness_factors(spread_out, factors["slope"], cell_size)
    channelled = flow_accumulation(elevation, cell_size, method="d8", filled=filled)
    # A region too small for a river has its largest brook.
    rivers = channelled >= min(RIVER_AREA, np.quantile(channelled, 0.995))
    roads = make_roads(elevation, factors["slope"], cell_size, rng)
    factors["distance_to_river"] = distance_to(rivers, cell_size)
    factors["distance_to_fault"] = distance_to(make_faults(shape, cell_size, rng), cell_size)
    factors["distance_to_road"] = distance_to(roads, cell_size)
    factors["rainfall"] = make_rainfall(elevation, cell_size, rng)
    factors["lithology"], dip_direction = make_lithology(
        elevation, factors["slope"], factors["distance_to_river"], cell_size, rng
    )
    factors["soil"] = make_soil(
        factors["slope"], factors["twi"], factors["lithology"], cell_size, rng
    )
    factors["landuse"] = make_landuse(
        elevation, factors["slope"], factors["distance_to_road"], cell_size, rng
    )
    factors["ndvi"] = make_ndvi(factors["landuse"], elevation, cell_size, rng)

    weathering = random_field(shape, cell_size, length=350.0, exponent=5.0, rng=rng)
    thickness = random_field(shape, cell_size, length=250.0, exponent=4.0, rng=rng)
    safety = ground_safety(
        factors, dip_direction=dip_direction, weathering=weathering, thickness=thickness
    )
    strength = strength_for_prevalence(safety, SPREAD, PREVALENCE)
    probability = failure_probability(strength * safety, SPREAD)
    return Region({name: factors[name] for name in FACTORS}, probability)


def ground_safety(factors, *, dip_direction, weathering, thickness):
    """Factor of safety from the factors and what no map shows.

    Parameters
    ----------
    factors : dict of str to ndarray
        The 16 factors.
    dip_direction : float
        Direction in which the rock's layers fall, degrees clockwise from north.
    weathering, thickness : ndarray
        Unobserved fields of mean 0 and standard deviation 1.

    Returns
    -------
    safety : ndarray
        Median factor of safety, before the strength of the region is set.

    References
    ----------
    .. [1] Beven, K. J., Kirkby, M. J. (1979). A physically based, variable contributing area
       model of basin hydrology. Hydrological Sciences Bulletin 24, 43-69.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.datasets._region import ground_safety
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
    soil = factors["soil"]
    # Soil gathers in hollows and is washed off spurs and very steep ground.
    hollow = -np.tanh(60.0 * (factors["plan_curvature"] + 0.5 * factors["profile_curvature"]))
    depth = _SOIL_DEPTH[soil] * np.exp(0.3 * hollow + 0.2 * thickness)
    depth = np.maximum(depth * np.exp(-np.maximum(factors["slope"] - 32.0, 0.0) / 5.0), 0.25)
    # Rain fills the pore space from below; the hillslope shares it out by its wetness index.
    supply = 0.45 * factors["rainfall"] / 1000.0 / (_SOIL_PORE_SPACE[soil] * depth)
    wetness = np.clip(supply + 0.12 * (factors["twi"] - 6.0), 0.0, 1.0)
    cohesion = _SOIL_COHESION[soil] + _ROOT_COHESION[factors["landuse"]] * np.clip(
        0.3 + factors["ndvi"], 0.0, 1.2
    )
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
