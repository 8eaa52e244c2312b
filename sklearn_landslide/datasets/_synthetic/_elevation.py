"""A fractal mountain region with valleys."""

import numpy as np
from scipy.ndimage import gaussian_filter
from scipy.optimize import brentq

from sklearn_landslide.datasets._synthetic._random_field import random_field
from sklearn_landslide.terrain import fill_pits, flow_accumulation, surface_derivatives

MEAN_SLOPE = 25.0  # degrees, before pits are filled
LOWEST_POINT = 120.0  # meters above the sea


def make_elevation(shape, cell_size, rng):
    """Make the elevation model of a synthetic mountain region.

    A fractal surface (Hurst exponent 0.9, outer scale 4 km) is lowered along its drainage
    lines, stretched to a mean slope of 25 degrees, and its pits are filled with sediment.

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
    elevation : ndarray of shape (rows, columns)
        Meters above the sea, 120 at the lowest point.
    filled : tuple
        The result of :func:`fill_pits`, for routing flow.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.datasets._synthetic._elevation import make_elevation
    >>> elevation, filled = make_elevation((40, 50), 30.0, np.random.default_rng(0))
    >>> elevation.shape, float(elevation.min().round())
    ((40, 50), 120.0)
    """
    surface = random_field(shape, cell_size, length=4000.0, exponent=3.8, rng=rng)
    surface = surface / _stretch(surface, cell_size, MEAN_SLOPE)
    area = flow_accumulation(surface, cell_size, method="d8")
    # Rivers cut deeper the more water they carry; the blur widens the cuts to valleys.
    incision = gaussian_filter(np.log1p(area / 1e5), 90.0 / cell_size, mode="nearest")
    surface = surface - 18.0 * incision
    surface = surface / _stretch(surface, cell_size, MEAN_SLOPE)
    surface += LOWEST_POINT - surface.min()
    filled = fill_pits(surface)
    # A little of the old relief stays in the sediment: no floor is exactly level.
    elevation = filled[0] - 0.02 * (filled[0] - surface)
    return elevation + (LOWEST_POINT - elevation.min()), filled


def _stretch(surface, cell_size, mean_slope):
    """Divisor of heights that gives the surface the mean slope, in degrees."""
    z_x, z_y, *_ = surface_derivatives(surface, cell_size)
    gradient = np.hypot(z_x, z_y)
    typical = gradient.mean()

    def excess(log_divisor):
        slopes = np.degrees(np.arctan(gradient / (typical * np.exp(log_divisor))))
        return slopes.mean() - mean_slope

    return typical * np.exp(brentq(excess, -3.0, 6.0))
