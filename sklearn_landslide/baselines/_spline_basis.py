"""Cubic B-splines with a penalty on bends, as columns whose plain ridge is that penalty."""

from dataclasses import dataclass

import numpy as np
from scipy.interpolate import BSpline

_DEGREE = 3
# A cumulated weight that reaches a quantile but for rounding reaches it.
_ROUNDING = 1e-9


@dataclass(frozen=True)
class SplineBasis:
    """The splines of one quantity, and how their coefficients become a line and bends.

    Parameters
    ----------
    knots : ndarray of shape (n_knots,)
        Increasing; the first and the last are the ends of the training rows.
    maps : ndarray of shape (n_knots + 2, n_knots + 1)
        Coefficients of the splines from those of the columns: first of a straight line with mean 0
        and spread 1 over the rows, then of bends with mean 0, whose squares add up to the penalty.
    """

    knots: np.ndarray
    maps: np.ndarray

    def columns(self, values):
        """Return the columns of the rows.

        Parameters
        ----------
        values : ndarray of shape (n_samples,)
            The quantity.

        Returns
        -------
        columns : ndarray of shape (n_samples, n_knots + 1)
        """
        return design(values, self.knots) @ self.maps


def padded(knots):
    """Repeat the first and the last knot, as cubic splines need it."""
    return np.concatenate([[knots[0]] * _DEGREE, knots, [knots[-1]] * _DEGREE])


def design(values, knots):
    """Return the value of each spline; beyond the ends that of the nearer end.

    Parameters
    ----------
    values : ndarray of shape (n_samples,)
        The quantity.
    knots : ndarray of shape (n_knots,)
        As of `SplineBasis`.

    Returns
    -------
    splines : ndarray of shape (n_samples, n_knots + 2)
        Each row adds up to 1.
    """
    inside = np.clip(np.asarray(values, dtype=np.float64), knots[0], knots[-1])
    return BSpline.design_matrix(inside, padded(knots), _DEGREE).toarray()


def curve(values, knots, coefficients):
    """Return the sum of the splines, each times its coefficient.

    Parameters
    ----------
    values : ndarray of shape (n_samples,)
        The quantity.
    knots : ndarray of shape (n_knots,)
        As of `SplineBasis`.
    coefficients : ndarray of shape (n_knots + 2,)
        Of the splines.

    Returns
    -------
    sums : ndarray of shape (n_samples,)

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.baselines._spline_basis import abscissae, curve
    >>> knots = np.array([0.0, 1.0, 5.0])
    >>> curve(np.array([-9.0, 0.5, 4.0, 9.0]), knots, abscissae(knots)).round(6).tolist()
    [0.0, 0.5, 4.0, 5.0]
    """
    inside = np.clip(np.asarray(values, dtype=np.float64), knots[0], knots[-1])
    return BSpline(padded(knots), coefficients, _DEGREE)(inside)


def quantile_knots(values, weights, n_knots):
    """Return values that part the rows evenly, both ends among them, each once.

    Parameters
    ----------
    values : ndarray of shape (n_samples,)
        The quantity.
    weights : ndarray of shape (n_samples,)
        What each row counts; a row of weight 2 is the row twice.
    n_knots : int
        How many, at the most.

    Returns
    -------
    knots : ndarray of shape (n_found,)
        Increasing; a single one for a quantity that does not vary.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.baselines._spline_basis import quantile_knots
    >>> quantile_knots(np.array([0.0, 0.0, 0.0, 1.0, 7.0]), np.ones(5), 4).tolist()
    [0.0, 1.0, 7.0]
    """
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weights[order])
    wanted = np.linspace(0, 1, n_knots) * reached[-1] * (1 - _ROUNDING)
    places = np.searchsorted(reached, wanted)
    places[-1] = len(order) - 1
    return np.unique(np.asarray(values, dtype=np.float64)[order][places])


def abscissae(knots):
    """Return the coefficients for which the splines add up to the quantity itself (Greville)."""
    windows = np.lib.stride_tricks.sliding_window_view(padded(knots)[1:-1], _DEGREE)
    return windows.mean(axis=1)


def bends(knots):
    """Return the matrix of second differences of coefficients.

    Each row is how far a coefficient lies from the line through its neighbors, times -2: with
    evenly spaced splines the plain second difference of Eilers and Marx, and 0 for every straight
    line wherever the knots are.

    Parameters
    ----------
    knots : ndarray of shape (n_knots,)
        As of `SplineBasis`.

    Returns
    -------
    differences : ndarray of shape (n_knots, n_knots + 2)
    """
    steps = np.diff(abscissae(knots))
    before, after = steps[:-1], steps[1:]
    differences = np.zeros((len(before), len(steps) + 1))
    rows = np.arange(len(before))
    differences[rows, rows] = 2 * after / (before + after)
    differences[rows, rows + 1] = -2
    differences[rows, rows + 2] = 2 * before / (before + after)
    return differences


def make_basis(values, weights, n_knots):
    """Make the splines of one quantity.

    Parameters
    ----------
    values : ndarray of shape (n_samples,)
        The quantity.
    weights : ndarray of shape (n_samples,)
        What each row counts.
    n_knots : int
        How many knots, at the most.

    Returns
    -------
    basis : SplineBasis or None
        None where the quantity does not vary.
    """
    knots = quantile_knots(values, weights, n_knots)
    if len(knots) < 2:
        return None
    differences = bends(knots)
    # Coefficients u become D'(DD')^-1 u, whose differences D are u: the penalty is their squares.
    wiggles = differences.T @ np.linalg.inv(differences @ differences.T)
    maps = np.column_stack([abscissae(knots), wiggles])
    share = weights / weights.sum()
    # The splines add up to 1: what is taken from all coefficients is taken from the curve.
    maps -= (share @ design(values, knots)) @ maps
    spread = np.sqrt(share @ (design(values, knots) @ maps[:, 0]) ** 2)
    maps[:, 0] /= spread
    return SplineBasis(knots, maps)
