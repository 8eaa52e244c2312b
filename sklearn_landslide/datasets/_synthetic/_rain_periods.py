"""Weeks of weather: dry and wet spells, fronts and bursts."""

import numpy as np

from sklearn_landslide.datasets._synthetic._rainstorms import RainCell

# Mean number of fronts a day, in a dry, an ordinary and a wet spell, and how often each is met.
_SPELLS = (0.1, 0.5, 1.0)
_SPELL_SHARES = (0.35, 0.4, 0.25)
# Embedded cells for every square kilometer of the region and its surroundings.
_CELLS_PER_AREA = 0.01e-6


def draw_rain_cells(n_hours, storm_hours, extent, *, storm, rng):
    """Draw the rain of one period over the region.

    Fronts arrive at random, rarely or often by the spell: a wide band of rain in which smaller
    and stronger cells are embedded, all with one velocity. Half of the main storms are
    stronger and longer fronts, the other half bursts of convective cells without a band.

    Parameters
    ----------
    n_hours : int
        Length of the period.
    storm_hours : int
        Last hours of it, in which the main storm falls.
    extent : tuple of (float, float)
        Width and height of the region in meters.
    storm : bool
        Whether there is a main storm.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    cells : list of RainCell
        Those whose rain can reach the region.

    References
    ----------
    .. [1] Cox, D. R., Isham, V. (1988). A simple spatial-temporal model of rainfall.
       Proceedings of the Royal Society of London A 415, 317-328.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.datasets._synthetic._rain_periods import draw_rain_cells
    >>> rng = np.random.default_rng(0)
    >>> cells = draw_rain_cells(191, 72, (5e3, 4e3), storm=True, rng=rng)
    >>> len(cells) > 1, all(0 < cell.peak < 150 for cell in cells)
    (True, True)
    """
    rate = rng.choice(_SPELLS, p=_SPELL_SHARES)
    cells = []
    for hour in rng.uniform(0, n_hours, rng.poisson(rate * n_hours / 24)):
        peak, duration = 2.0 * rng.lognormal(0, 0.4), rng.uniform(2, 6)
        cells += _front(hour, peak, duration, extent, rng)
    if storm:
        hour = n_hours - storm_hours * rng.uniform(0.2, 0.8)
        if rng.random() < 0.5:
            peak, duration = rng.uniform(7, 12), rng.uniform(4, 10)
            cells += _front(hour, peak, duration, extent, rng)
        else:
            cells += _embedded(hour, 40.0, 3.0, _velocity(10e3, rng), extent, rng)
    return cells


def _front(hour, peak, duration, extent, rng):
    """Make a band of rain and what is embedded in it."""
    east, south = velocity = _velocity(25e3, rng)
    x, y = (rng.normal(side / 2, 10e3) for side in extent)
    band = RainCell(peak, hour, x, y, east, south, 60e3, duration)
    return [band, *_embedded(hour, 3.0 * peak, duration, velocity, extent, rng)]


def _embedded(hour, peak, duration, velocity, extent, rng):
    """Small cells around an hour, all over the region and as far as they can come from."""
    margin = 6e3
    area = np.prod([side + 2 * margin for side in extent])
    return [
        RainCell(
            peak * rng.uniform(0.5, 1.5),
            rng.normal(hour, duration),
            *(rng.uniform(-margin, side + margin) for side in extent),
            *velocity,
            radius=rng.uniform(1.5e3, 4e3),
            duration=rng.uniform(0.5, 1.5),
        )
        for _ in range(rng.poisson(_CELLS_PER_AREA * area * duration))
    ]


def _velocity(typical, rng):
    """East and south components of a velocity, in meters per hour."""
    speed, heading = typical * rng.uniform(0.5, 1.5), rng.uniform(0, 2 * np.pi)
    return speed * np.cos(heading), speed * np.sin(heading)
