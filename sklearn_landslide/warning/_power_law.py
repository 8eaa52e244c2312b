r"""Power laws through events: least squares on logarithms, and how the events scatter about them.

.. math:: \log_{10} y = \log_{10} \alpha_{50} + \gamma \log_{10} x + \epsilon

Many sets of weights are fitted at once, those of all events and those of the bootstrap.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

_N_GRID = 512
_STEPS, _ENOUGH = 60, 1e-8


@dataclass(frozen=True)
class PowerLaws:
    """Power laws and the normal distributions of what they leave over.

    Parameters
    ----------
    intercept, slope : ndarray of shape (n_laws,)
        Decadic logarithm of y at x = 1, and the exponent.
    mean, std : ndarray of shape (n_laws,)
        Of the residuals, in decadic logarithms.
    """

    intercept: np.ndarray
    slope: np.ndarray
    mean: np.ndarray
    std: np.ndarray

    def log_alpha(self, share):
        """Return the decadic logarithm of alpha below whose law this share of the events lies."""
        return self.intercept + self.mean + self.std * ndtri(share)


def fit_power_laws(x, y, weights, residuals):
    """Fit one power law for each set of weights.

    Parameters
    ----------
    x, y : ndarray of shape (n_events,)
        Decadic logarithms.
    weights : ndarray of shape (n_laws, n_events)
        As how many events each event counts. Each set has one that counts.
    residuals : {"kernel", "normal"}
        How the residuals are described: by the normal curve nearest to their kernel density, or by
        their own standard deviation.

    Returns
    -------
    laws : PowerLaws
        Where all events have the same x, the slope is 0.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.warning._power_law import fit_power_laws
    >>> x = np.array([0.0, 1.0, 2.0])
    >>> laws = fit_power_laws(x, 1.0 + 0.5 * x, np.ones((1, 3)), "normal")
    >>> laws.intercept.round(9), laws.slope.round(9)
    (array([1.]), array([0.5]))
    """
    parts = []
    # Whole matrices of weights and residuals, so not too many at once.
    n_at_once = max(1, 2_000_000 // max(len(x), _N_GRID))
    for begin in range(0, len(weights), n_at_once):
        parts.append(_fit_some(x, y, weights[begin : begin + n_at_once], residuals))
    return PowerLaws(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _fit_some(x, y, weights, residuals):
    """Fit some of the laws: intercept, slope, mean and standard deviation of each."""
    n = weights.sum(axis=1)
    x_mean, y_mean = weights @ x / n, weights @ y / n
    dx = x - x_mean[:, np.newaxis]
    sxx = np.sum(weights * dx**2, axis=1)
    sxy = np.sum(weights * dx * (y - y_mean[:, np.newaxis]), axis=1)
    has_slope = sxx > 1e-12 * n * np.maximum(x_mean**2, 1)
    slope = np.where(has_slope, sxy / np.where(has_slope, sxx, 1), 0.0)
    intercept = y_mean - slope * x_mean
    left = y - intercept[:, np.newaxis] - slope[:, np.newaxis] * x
    squares = np.sum(weights * left**2, axis=1)
    # Two parameters are fitted, where there are events enough for that.
    std = np.sqrt(squares / np.where(n > 3, n - 2, n))
    mean = np.zeros_like(std)
    if residuals == "kernel":
        wide = np.flatnonzero(std > 1e-9)
        mean[wide], std[wide] = _normal_curves(left[wide], weights[wide], std[wide])
    return intercept, slope, mean, std


def _normal_curves(left, weights, std):
    """Fit normal curves to kernel densities: mean and standard deviation of each."""
    if not len(left):
        return np.empty(0), np.empty(0)
    # In standard deviations.
    left = left / std[:, np.newaxis]
    grid, density = _kernel_densities(left, weights)
    # A quarter of the points says as much of so smooth a curve.
    mean, spread = _fit_normal(grid[:, ::4], density[:, ::4])
    return mean * std, spread * std


def _bandwidths(values, weights):
    """Return Silverman's rule of thumb: 0.9 times the lesser of two spreads, times n^(-1/5)."""
    n = weights.sum(axis=1)
    order = np.argsort(values, axis=1, kind="stable")
    ranked = np.take_along_axis(values, order, axis=1)
    reached = np.cumsum(np.take_along_axis(weights, order, axis=1), axis=1) / n[:, np.newaxis]
    quartiles = [
        np.take_along_axis(ranked, np.argmax(reached >= q - 1e-12, axis=1)[:, np.newaxis], 1)[:, 0]
        for q in (0.25, 0.75)
    ]
    mean = np.sum(weights * values, axis=1) / n
    variance = np.sum(weights * (values - mean[:, np.newaxis]) ** 2, axis=1) / n
    spread, std = (quartiles[1] - quartiles[0]) / 1.34, np.sqrt(variance)
    least = np.where(spread > 1e-9, np.minimum(spread, std), std)
    return 0.9 * np.maximum(least, 1e-3) * np.maximum(n, 1) ** -0.2


def _kernel_densities(values, weights):
    """Return the Gaussian kernel density of each row on a grid of its own."""
    counted = weights > 0
    width = _bandwidths(values, weights)
    low = np.where(counted, values, np.inf).min(axis=1) - 4 * width
    high = np.where(counted, values, -np.inf).max(axis=1) + 4 * width
    step = (high - low) / (_N_GRID - 1)
    place = np.where(counted, (values - low[:, np.newaxis]) / step[:, np.newaxis], 0.0)
    left_of = np.minimum(place.astype(int), _N_GRID - 2)
    share = place - left_of
    # Each value is divided between the two points of the grid next to it.
    flat = (np.arange(len(values))[:, np.newaxis] * _N_GRID + left_of).ravel()
    n_bins = len(values) * _N_GRID
    bins = np.bincount(flat, (weights * (1 - share)).ravel(), n_bins)
    bins = bins + np.bincount(flat + 1, (weights * share).ravel(), n_bins)
    bins = bins.reshape(len(values), _N_GRID) / weights.sum(axis=1)[:, np.newaxis]
    # Twice as long, so that the two ends do not meet.
    frequency = 2 * np.pi * np.fft.rfftfreq(2 * _N_GRID)
    damping = np.exp(-0.5 * (frequency * (width / step)[:, np.newaxis]) ** 2)
    smooth = np.fft.irfft(np.fft.rfft(bins, 2 * _N_GRID) * damping, 2 * _N_GRID)[:, :_N_GRID]
    grid = low[:, np.newaxis] + step[:, np.newaxis] * np.arange(_N_GRID)
    return grid, smooth / step[:, np.newaxis]


def _fit_normal(grid, density):
    """Fit curves of the form a exp(-(x - b)^2 / (2 c^2)) by Levenberg and Marquardt: b and c."""
    total = density.sum(axis=1)
    b = np.sum(grid * density, axis=1) / total
    c = np.sqrt(np.sum((grid - b[:, np.newaxis]) ** 2 * density, axis=1) / total)
    found = np.column_stack([density.max(axis=1), b, c])
    damping = np.full(len(found), 1e-3)
    going = np.arange(len(found))
    for _ in range(_STEPS):
        step, error = _step(found[going], grid[going], density[going], damping[going])
        tried = found[going] + step
        tried[:, 2] = np.abs(tried[:, 2])
        left = density[going] - _bell(tried, grid[going])
        better = np.sum(left**2, axis=1) <= error
        found[going[better]] = tried[better]
        damping[going] *= np.where(better, 0.2, 5.0)
        going = going[np.abs(step).max(axis=1) > _ENOUGH]
        if not len(going):
            break
    return found[:, 1], found[:, 2]


def _step(curve, grid, density, damping):
    """Return the next change of the three parameters of each curve, and its sum of squares."""
    b, c = curve[:, 1, np.newaxis], curve[:, 2, np.newaxis]
    bell, z = _bell(curve, grid), (grid - b) / c
    left = density - bell
    slopes = np.stack([bell / curve[:, :1], bell * z / c, bell * z**2 / c], axis=1)
    normal = slopes @ slopes.transpose(0, 2, 1)
    diagonal = np.eye(3) * np.einsum("lpp->lp", normal)[:, np.newaxis]
    damped = normal + damping[:, np.newaxis, np.newaxis] * diagonal
    step = np.linalg.solve(damped, slopes @ left[..., np.newaxis])
    return step[..., 0], np.sum(left**2, axis=1)


def _bell(curve, grid):
    a, b, c = (curve[:, i, np.newaxis] for i in range(3))
    return a * np.exp(-0.5 * ((grid - b) / c) ** 2)
