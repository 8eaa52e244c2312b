"""Models of a variogram, and their fit by weighted least squares."""

from dataclasses import dataclass

import numpy as np

MODELS = ("exponential", "spherical")
# An exponential variogram is at 95 % of its sill at three times its scale.
_PRACTICAL = 3.0
# Ranges up to so many times the longest distance are tried.
_LONGEST = 10.0
# Ranges and nuggets that are tried at a time, and how often around the best ones of before.
_RANGES, _NUGGETS, _ZOOMS = 41, 31, 4


def rise(distance, practical_range, model):
    """How far a variogram has risen from its nugget to its sill, 0 to 1.

    Parameters
    ----------
    distance : ndarray of float64
        In meters.
    practical_range : float or ndarray
        Where a spherical model reaches its sill, and an exponential one 95 % of it.
    model : {"exponential", "spherical"}
        The shape.

    Returns
    -------
    share : ndarray of float64

    Examples
    --------
    >>> from sklearn_landslide.model_selection._variogram_models import rise
    >>> rise(100.0, 100.0, "spherical").item(), rise(100.0, 100.0, "exponential").round(2).item()
    (1.0, 0.95)
    """
    share = np.asarray(distance, dtype=np.float64) / practical_range
    if model == "exponential":
        return 1 - np.exp(-_PRACTICAL * share)
    share = np.minimum(share, 1)
    return 1.5 * share - 0.5 * share**3


@dataclass(frozen=True)
class FittedVariogram:
    """A model of a variogram.

    Parameters
    ----------
    model : {"exponential", "spherical"}
        The shape.
    nugget : float
        Semivariance of places next to each other.
    sill : float
        Semivariance far away.
    range : float
        Practical range in meters.
    loss : float
        Weighted mean of the squared relative distances from the empirical variogram.
    """

    model: str
    nugget: float
    sill: float
    range: float
    loss: float

    def __call__(self, distance):
        """Return the semivariance at distances in meters."""
        return self.nugget + (self.sill - self.nugget) * rise(distance, self.range, self.model)


def fit_variogram(variogram, model, max_distance):
    r"""Fit a model by weighted least squares.

    With the semivariances :math:`\hat\gamma_k` of :math:`N_k` pairs,
    :math:`\sum_k N_k (\hat\gamma_k / \gamma(h_k) - 1)^2` is made least (Cressie 1985, equation
    2.7). For a given range and share of the nugget the sill follows in closed form, so the two are
    sought on a grid that gets finer around the best pair.

    Parameters
    ----------
    variogram : EmpiricalVariogram
        With semivariances above 0.
    model : {"exponential", "spherical"}
        The shape.
    max_distance : float
        Longest distance of pairs, in meters.

    Returns
    -------
    fitted : FittedVariogram
    """
    weights = variogram.n_pairs / variogram.n_pairs.sum()
    logs = np.log([variogram.distance[0] / 2, _LONGEST * max_distance])
    nuggets = np.array([0.0, 1.0])
    for _ in range(_ZOOMS):
        log_ranges, shares = np.linspace(*logs, _RANGES), np.linspace(*nuggets, _NUGGETS)
        shape = rise(variogram.distance, np.exp(log_ranges)[:, None, None], model)
        shape = shares[:, None] + (1 - shares[:, None]) * shape
        # A nugget of 0 at a range far beyond the nearest places.
        ratio = variogram.semivariance / np.maximum(shape, 1e-12)
        sill = (weights * ratio**2).sum(axis=-1) / (weights * ratio).sum(axis=-1)
        losses = (weights * (ratio / sill[..., None] - 1) ** 2).sum(axis=-1)
        i, j = np.unravel_index(losses.argmin(), losses.shape)
        logs, nuggets = _around(log_ranges, i), _around(shares, j)
    nugget = shares[j] * sill[i, j]
    return FittedVariogram(
        model,
        float(nugget),
        float(sill[i, j]),
        float(np.exp(log_ranges[i])),
        float(losses[i, j]),
    )


def _around(grid, place):
    """Return the neighbors of a place in a grid."""
    return grid[[max(place - 1, 0), min(place + 1, len(grid) - 1)]]
