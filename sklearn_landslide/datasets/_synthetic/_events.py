"""Periods of rain over a region, and the probability that they fail a place at an hour."""

from typing import NamedTuple

import numpy as np

from sklearn_landslide.datasets._synthetic._ground import (
    Ground,
    pore_space,
    safety_after_rain,
    soil_depth,
)
from sklearn_landslide.datasets._synthetic._infiltration import (
    hour_weights,
    soil_stores,
    wetness_rise,
)
from sklearn_landslide.datasets._synthetic._rain_periods import draw_rain_cells
from sklearn_landslide.datasets._synthetic._rainstorms import Places, hourly_rain, places_of
from sklearn_landslide.datasets._synthetic._region import SPREAD, make_ground
from sklearn_landslide.datasets._synthetic._stability import (
    failure_probability,
    strength_for_prevalence,
)

N_EVENTS = 24
# Hours of each period at which places are observed; the main storm falls within them.
OBSERVED_HOURS = 72
# Share of places and hours that are expected to fail.
EVENT_PREVALENCE = 0.02
_CALIBRATION_CELLS = 1000


class RainyRegion(NamedTuple):
    """A region and its periods of rain.

    Attributes
    ----------
    ground : Ground
        Factors and what no map shows.
    places : Places
        All cells as places of rain.
    periods : list of list of RainCell
        Rain of each period.
    n_hours : int
        Hours before and at an observation that the table shows.
    strength : float
        Factor on the strength of all ground.
    worst : int
        The period in which most failures are expected.
    """

    ground: Ground
    places: Places
    periods: list
    n_hours: int
    strength: float
    worst: int

    @property
    def period_hours(self):
        """Length of every period: at the first observed hour a whole window has passed."""
        return self.n_hours - 1 + OBSERVED_HOURS

    def rain(self, event, cells=slice(None)):
        """Rain of a period at some cells, shape (period_hours, n_cells)."""
        places = Places(*(values[cells] for values in self.places))
        return hourly_rain(self.periods[event], places, self.period_hours)


class Observations(NamedTuple):
    """Places at a time.

    Attributes
    ----------
    event, hour, cell : ndarray of int of shape (n,)
        Period, hour of the period and flat index of the cell.
    """

    event: np.ndarray
    hour: np.ndarray
    cell: np.ndarray

    def by_event(self):
        """Periods and, of each, the positions of its observations."""
        return [(int(e), np.flatnonzero(self.event == e)) for e in np.unique(self.event)]


def make_rainy_region(shape, cell_size, n_hours, *, ground_rng, rain_rng):
    """Make a region, draw its periods of rain and set its strength.

    Parameters
    ----------
    shape : tuple of (int, int)
        Rows and columns.
    cell_size : float
        Side of a cell in meters.
    n_hours : int
        Hours that an observation shows.
    ground_rng, rain_rng : numpy.random.Generator
        Sources of randomness.

    Returns
    -------
    region : RainyRegion
        Half of its periods have a main storm.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.datasets._synthetic._events import make_rainy_region
    >>> first, second = (np.random.default_rng(seed) for seed in (0, 1))
    >>> region = make_rainy_region((20, 30), 30.0, 24, ground_rng=first, rain_rng=second)
    >>> len(region.periods), region.rain(0).shape
    (24, (95, 600))
    """
    ground = make_ground(shape, cell_size, ground_rng)
    extent = (shape[1] * cell_size, shape[0] * cell_size)
    region = RainyRegion(ground, places_of(ground.factors, cell_size), [], n_hours, 1.0, 0)
    for storm in rain_rng.permutation(N_EVENTS) < N_EVENTS / 2:
        region.periods.append(
            draw_rain_cells(region.period_hours, OBSERVED_HOURS, extent, storm=storm, rng=rain_rng)
        )
    # A sample of its own: the strength does not depend on what is asked of the region.
    seen = draw_observations(region, min(_CALIBRATION_CELLS, shape[0] * shape[1]), rain_rng)
    safety = safety_at(region, seen)
    strength = strength_for_prevalence(safety, SPREAD, EVENT_PREVALENCE)
    probability = failure_probability(strength * safety, SPREAD)
    worst = np.argmax(np.bincount(seen.event, weights=probability))
    return region._replace(strength=strength, worst=int(worst))


def draw_observations(region, n_cells, rng):
    """Draw cells, of every period again, and for each one observed hour.

    Parameters
    ----------
    region : RainyRegion
        The region.
    n_cells : int
        Cells of each period.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    observations : Observations
        No cell twice in a period.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.datasets._synthetic._events import (
    ...     draw_observations,
    ...     make_rainy_region,
    ... )
    >>> first, second, third = (np.random.default_rng(seed) for seed in range(3))
    >>> region = make_rainy_region((20, 30), 30.0, 24, ground_rng=first, rain_rng=second)
    >>> seen = draw_observations(region, 5, third)
    >>> seen.cell.size, bool((seen.hour >= 23).all() and (seen.hour < 95).all())
    (120, True)
    """
    n_events = len(region.periods)
    cells = [rng.choice(region.places.x.size, n_cells, replace=False) for _ in range(n_events)]
    hour = rng.integers(region.n_hours - 1, region.period_hours, n_events * n_cells)
    return Observations(np.repeat(np.arange(n_events), n_cells), hour, np.concatenate(cells))


def safety_at(region, observations):
    """Median factor of safety of places at their hours, before the strength is set.

    Parameters
    ----------
    region : RainyRegion
        The region.
    observations : Observations
        Places and hours.

    Returns
    -------
    safety : ndarray of shape (n,)
        Of the rain of the period up to the hour, that before the table's window included.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.datasets._synthetic._events import (
    ...     Observations,
    ...     make_rainy_region,
    ...     safety_at,
    ... )
    >>> first, second, third = (np.random.default_rng(seed) for seed in range(3))
    >>> region = make_rainy_region((20, 30), 30.0, 24, ground_rng=first, rain_rng=second)
    >>> seen = Observations(event=np.array([3]), hour=np.array([90]), cell=np.array([7]))
    >>> bool(safety_at(region, seen)[0] > 0)
    True
    """
    safety = np.empty(observations.cell.size)
    for event, which in observations.by_event():
        cells, hours = observations.cell[which], observations.hour[which]
        ground = region.ground.at(cells)
        supply = np.empty(which.size)
        for hour, rise in enumerate(wetness_rise(region.rain(event, cells), _stores(ground))):
            now = hours == hour
            supply[now] = rise[now]
        safety[which] = safety_after_rain(ground, supply)
    return safety


def failure_probability_at(region, observations):
    """Give the true probability of failure of places at their hours.

    Parameters
    ----------
    region : RainyRegion
        The region.
    observations : Observations
        Places and hours.

    Returns
    -------
    probability : ndarray of shape (n,)
        Chance that the log-normal factor of safety is below 1.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.datasets._synthetic._events import (
    ...     draw_observations, failure_probability_at, make_rainy_region)
    >>> first, second, third = (np.random.default_rng(seed) for seed in range(3))
    >>> region = make_rainy_region((20, 30), 30.0, 24, ground_rng=first, rain_rng=second)
    >>> probability = failure_probability_at(region, draw_observations(region, 500, third))
    >>> bool(0.01 < probability.mean() < 0.03)
    True
    """
    return failure_probability(region.strength * safety_at(region, observations), SPREAD)


def rain_windows(region, observations):
    """Rain of the hours up to each observation, and by how much each of them wets the ground.

    Parameters
    ----------
    region : RainyRegion
        The region.
    observations : Observations
        Places and hours.

    Returns
    -------
    rain, weights : ndarray of shape (n, n_hours)
        mm per hour, oldest first, and the derivative of the saturated share of the depth, per mm.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.datasets._synthetic._events import (
    ...     Observations,
    ...     make_rainy_region,
    ...     rain_windows,
    ... )
    >>> first, second, third = (np.random.default_rng(seed) for seed in range(3))
    >>> region = make_rainy_region((20, 30), 30.0, 24, ground_rng=first, rain_rng=second)
    >>> seen = Observations(event=np.array([3]), hour=np.array([90]), cell=np.array([7]))
    >>> rain, weights = rain_windows(region, seen)
    >>> np.allclose(rain[0], region.rain(3)[67:91, 7]), weights.shape
    (True, (1, 24))
    """
    rain, weights = np.empty((2, observations.cell.size, region.n_hours))
    for event, which in observations.by_event():
        cells, hours = observations.cell[which], observations.hour[which]
        steps = hours + np.arange(1 - region.n_hours, 1)[:, None]
        window = region.rain(event, cells)[steps, np.arange(which.size)]
        rain[which] = window.T
        weights[which] = hour_weights(window, _stores(region.ground.at(cells))).T
    return rain, weights


def storm_maps(region):
    """Rain and probability of failure of the worst period, hour by hour over the whole region.

    Parameters
    ----------
    region : RainyRegion
        The region.

    Returns
    -------
    rain : ndarray of shape (period_hours, rows, columns), float32
        mm per hour.
    probability : ndarray of shape (72, rows, columns), float32
        True probability at the observed hours, the last ones of the rain.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.datasets._synthetic._events import make_rainy_region, storm_maps
    >>> first, second, third = (np.random.default_rng(seed) for seed in range(3))
    >>> region = make_rainy_region((20, 30), 30.0, 24, ground_rng=first, rain_rng=second)
    >>> rain, probability = storm_maps(region)
    >>> rain.shape, probability.shape
    ((95, 20, 30), (72, 20, 30))
    """
    shape = region.ground.weathering.shape
    rain = region.rain(region.worst)
    ground = region.ground.at(slice(None))
    probability = np.empty((OBSERVED_HOURS, shape[0] * shape[1]), dtype=np.float32)
    for hour, rise in enumerate(wetness_rise(rain, _stores(ground)), 1 - region.n_hours):
        if hour >= 0:
            safety = region.strength * safety_after_rain(ground, rise)
            probability[hour] = failure_probability(safety, SPREAD)
    return rain.reshape(-1, *shape), probability.reshape(-1, *shape)


def _stores(ground):
    """Give the stores of the soil of some ground."""
    factors, thickness = ground.factors, ground.thickness
    return soil_stores(
        factors["soil"], soil_depth(factors, thickness), pore_space(factors, thickness)
    )
