"""A whole synthetic region: the factors and the true probability of failure of every cell."""

from typing import NamedTuple

import numpy as np

from sklearn_landslide.datasets._synthetic._elevation import make_elevation
from sklearn_landslide.datasets._synthetic._geology import (
    LITHOLOGY,
    SOIL,
    distance_to,
    make_faults,
    make_lithology,
    make_soil,
)
from sklearn_landslide.datasets._synthetic._ground import Ground, ground_safety
from sklearn_landslide.datasets._synthetic._land_cover import (
    LANDUSE,
    make_landuse,
    make_ndvi,
    make_roads,
)
from sklearn_landslide.datasets._synthetic._random_field import random_field
from sklearn_landslide.datasets._synthetic._stability import (
    failure_probability,
    strength_for_prevalence,
)
from sklearn_landslide.datasets._synthetic._storm import make_rainfall
from sklearn_landslide.terrain import flow_accumulation, surface_factors, wetness_factors

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
# What is not known of a cell: standard deviation of ln FS.
SPREAD = 0.18
RIVER_AREA = 0.6e6  # m² that feed a river


class Region(NamedTuple):
    """A synthetic region.

    Attributes
    ----------
    factors : dict of str to ndarray of shape (rows, columns)
        The 16 factors, in the order of `FACTORS`.
    probability : ndarray of shape (rows, columns)
        True probability that the storm fails the cell.
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
        Side of a cell in meters.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    region : Region
        Factors and probability.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.datasets._synthetic._region import make_region
    >>> region = make_region((40, 50), 30.0, np.random.default_rng(0))
    >>> len(region.factors), round(float(region.probability.mean()), 6)
    (16, 0.1)
    """
    ground = make_ground(shape, cell_size, rng)
    safety = ground_safety(**ground._asdict())
    strength = strength_for_prevalence(safety, SPREAD, PREVALENCE)
    return Region(ground.factors, failure_probability(strength * safety, SPREAD))


def make_ground(shape, cell_size, rng):
    """Make the factors of a synthetic region and what no factor shows.

    Parameters
    ----------
    shape : tuple of (int, int)
        Rows and columns.
    cell_size : float
        Side of a cell in meters.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    ground : Ground
        Factors, in the order of `FACTORS`, dip of the rock, weathering and soil thickness.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.datasets._synthetic._region import make_ground
    >>> ground = make_ground((40, 50), 30.0, np.random.default_rng(0))
    >>> len(ground.factors), ground.thickness.shape
    (16, (40, 50))
    """
    elevation, filled = make_elevation(shape, cell_size, rng)
    factors = {"altitude": elevation, **surface_factors(elevation, cell_size)}
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
    factors = {name: factors[name] for name in FACTORS}
    return Ground(factors, dip_direction, weathering, thickness)
