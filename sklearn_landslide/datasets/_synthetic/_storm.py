"""A rainstorm that moves over the terrain."""

import numpy as np
from scipy.ndimage import gaussian_filter

from sklearn_landslide.datasets._synthetic._random_field import random_field

STORM_HOURS = 72


def make_rainfall(elevation, cell_size, rng):
    """Rain total of one storm of 72 hours.

    Widespread rain plus one cell, 3 km wide, that crosses the region and grows and dies on its
    way; both are strengthened on high and on windward ground.

    Parameters
    ----------
    elevation : ndarray of shape (rows, columns)
        Meters.
    cell_size : float
        Side of a cell in meters.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    rainfall : ndarray of shape (rows, columns)
        Storm total in mm.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.datasets._synthetic._storm import make_rainfall
    >>> rng = np.random.default_rng(0)
    >>> rain = make_rainfall(np.arange(600.0).reshape(20, 30), 30.0, rng)
    >>> bool((rain > 50).all() and (rain < 1200).all())
    True
    """
    rows, columns = elevation.shape
    y, x = np.arange(rows) * cell_size, np.arange(columns) * cell_size
    heading = rng.uniform(0, 2 * np.pi)
    toward = np.array([np.cos(heading), np.sin(heading)])
    middle = np.array([rng.uniform(0.2, 0.8) * x[-1], rng.uniform(0.2, 0.8) * y[-1]])
    progress = np.linspace(-0.6, 0.6, STORM_HOURS)
    center = middle + np.outer(progress * np.hypot(x[-1], y[-1]), toward)
    strength = np.exp(-((progress - rng.uniform(-0.2, 0.2)) ** 2) / (2 * 0.25**2))
    # A round Gaussian is a product of one in x and one in y: the hours add up in one product.
    width = 3000.0
    in_y = np.exp(-((y[:, None] - center[:, 1]) ** 2) / (2 * width**2))
    in_x = np.exp(-((x[:, None] - center[:, 0]) ** 2) / (2 * width**2))
    cell = (in_y * strength) @ in_x.T
    cell *= 260.0 / cell.max()

    # Air does not follow every bump: lift comes from the terrain at a scale of a kilometer.
    smooth = gaussian_filter(elevation, 600.0 / cell_size, mode="nearest")
    down, right = np.gradient(smooth, cell_size)
    lift = 1.2 * (toward[0] * right + toward[1] * down)
    height = (smooth - smooth.mean()) / 1000.0
    patches = random_field(elevation.shape, cell_size, length=1500.0, exponent=5.0, rng=rng)
    orography = np.exp(np.clip(0.5 * height + lift, -0.5, 0.5) + 0.05 * patches)
    return (200.0 + cell) * orography
