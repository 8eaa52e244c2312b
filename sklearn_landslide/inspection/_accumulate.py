"""Local effects of all folds put together: curves of factors, surfaces of pairs, their errors."""

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import distance_transform_edt


@dataclass(frozen=True, eq=False)
class Curves:
    """The effect of a factor at its points.

    Parameters
    ----------
    mean : ndarray of shape (n_points,)
        From all held-out rows; its mean over the rows of the table is 0.
    folds : ndarray of shape (n_folds, n_points)
        From the rows of each fold; missing where it has none.
    weights : ndarray of shape (n_points,)
        Share of the rows at each point.
    test_share : float
        Held-out rows of a fold by its training rows, on average.
    """

    mean: np.ndarray
    folds: np.ndarray
    weights: np.ndarray
    test_share: float

    def error(self, values=None):
        """Return the standard error over the folds of numbers of each, by default of the curve.

        Parameters
        ----------
        values : ndarray of shape (n_folds, ...), default=None
            One per fold.

        Returns
        -------
        error : ndarray
            Missing where fewer than two folds have a number.
        """
        values = self.folds if values is None else values
        return standard_error(values, self.test_share)

    def between(self, first, last):
        """Return the curves from one point to another."""
        points = slice(first, last)
        return Curves(
            self.mean[points], self.folds[:, points], self.weights[points], self.test_share
        )

    def strength(self):
        """Return the standard deviation of the effect over the rows, and its standard error."""
        spread = np.sqrt(self.weights @ self.mean**2)
        # A fold that has rows at a part of the points only is judged there.
        weights = np.where(np.isnan(self.folds), 0, self.weights)
        total = weights.sum(axis=1)
        squares = (weights * np.nan_to_num(self.folds) ** 2).sum(axis=1)
        of_folds = np.sqrt(
            np.divide(squares, total, out=np.full(len(total), np.nan), where=total > 0)
        )
        return float(spread), float(self.error(of_folds))


def standard_error(values, test_share):
    """Return the standard error of a mean over folds whose training rows overlap.

    Parameters
    ----------
    values : ndarray of shape (n_folds, ...)
        One number a fold, NaN where it has none.
    test_share : float
        Held-out rows by training rows (Nadeau and Bengio 2003).

    Returns
    -------
    error : ndarray of shape (...)

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.inspection._accumulate import standard_error
    >>> float(standard_error(np.array([1.0, 3.0]), 0.0))
    1.0
    """
    n_folds = (~np.isnan(values)).sum(axis=0)
    enough = n_folds > 1
    mean = np.nansum(values, axis=0) / np.maximum(n_folds, 1)
    squares = np.nansum((values - mean) ** 2, axis=0)
    variance = squares / np.maximum(n_folds - 1, 1)
    return np.where(enough, np.sqrt(variance * (1 / np.maximum(n_folds, 1) + test_share)), np.nan)


def _mean_steps(sums, counts):
    """Mean difference over each step, missing where no row took it."""
    return np.divide(sums, counts, out=np.full(sums.shape, np.nan), where=counts > 0)


def accumulate(sums, counts, weights, test_share):
    """Add up the mean differences from step to step, and center the curves.

    Parameters
    ----------
    sums, counts : ndarray of shape (n_folds, n_points - 1)
        Sum of the differences over each step, and number of rows that took it.
    weights : ndarray of shape (n_points,)
        Share of the rows at each point.
    test_share : float
        Held-out rows of a fold by its training rows.

    Returns
    -------
    curves : Curves
        A fold without rows at a step between others goes on as all folds together do.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.inspection._accumulate import accumulate
    >>> sums, counts = np.array([[4.0, 3.0]]), np.array([[2, 1]])
    >>> accumulate(sums, counts, np.array([0.25, 0.5, 0.25]), 0.0).mean.tolist()
    [-2.25, -0.25, 2.75]
    """
    # Where no row is, nothing is known of a change.
    together = np.nan_to_num(_mean_steps(sums.sum(axis=0), counts.sum(axis=0)))
    of_folds = np.where(counts > 0, _mean_steps(sums, counts), together)
    steps = np.vstack([together, of_folds])
    curves = np.concatenate([np.zeros((len(steps), 1)), np.cumsum(steps, axis=1)], axis=1)
    curves -= (curves @ weights)[:, None]
    return Curves(curves[0], np.where(_reached(counts), curves[1:], np.nan), weights, test_share)


def _reached(counts):
    """Which points lie between the first and the last step that a fold has rows for."""
    has_rows = counts > 0
    from_left = np.maximum.accumulate(has_rows, axis=1)
    from_right = np.maximum.accumulate(has_rows[:, ::-1], axis=1)[:, ::-1]
    inside = from_left & from_right
    reached = np.zeros((len(counts), counts.shape[1] + 1), dtype=bool)
    reached[:, :-1] |= inside
    reached[:, 1:] |= inside
    return reached if counts.shape[1] else np.ones((len(counts), 1), dtype=bool)


def _filled(steps):
    """Give a cell without rows what the nearest one with rows has."""
    missing = np.isnan(steps)
    if missing.all():
        return np.zeros_like(steps)
    sampling = 1 / np.array(steps.shape)
    nearest = distance_transform_edt(
        missing, sampling=sampling, return_distances=False, return_indices=True
    )
    return steps[tuple(nearest)]


@dataclass(frozen=True, eq=False)
class PairCounts:
    """How the rows of the table lie between two factors.

    Parameters
    ----------
    cells : ndarray of shape (n_steps_first, n_steps_second)
        Rows that take both steps.
    first, second : ndarray
        Rows that take a step of the one, at each point of the other: shapes
        (n_steps_first, n_points_second) and (n_points_first, n_steps_second).
    points : ndarray of shape (n_points_first, n_points_second)
        Rows at both points.
    """

    cells: np.ndarray
    first: np.ndarray
    second: np.ndarray
    points: np.ndarray

    @classmethod
    def of(cls, first, second):
        """Count the rows of two grids."""
        moves, shares = first.move_counts(), first.point_shares()
        other_moves, other_shares = second.move_counts(), second.point_shares()
        return cls(
            moves.T @ other_moves,
            moves.T @ other_shares,
            shares.T @ other_moves,
            shares.T @ other_shares,
        )


def _mean_by(changes, counts, axis):
    """Mean of changes along an axis, weighted by the rows."""
    total = counts.sum(axis=axis)
    return np.divide(
        (changes * counts).sum(axis=axis), total, out=np.zeros_like(total), where=total > 0
    )


def accumulate_pair(steps, counts):
    """Add up second differences in both directions, and take away what is of one factor alone.

    Equations 17 to 20 of Apley and Zhu (2020): what is left has no effect of either factor, and
    mean 0.

    Parameters
    ----------
    steps : ndarray of shape (n_steps_first, n_steps_second)
        Mean second difference of each cell, missing where no row is.
    counts : PairCounts
        Where the rows of the table lie.

    Returns
    -------
    surface : ndarray of shape (n_points_first, n_points_second)
        The effect of both together.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.inspection._accumulate import PairCounts, accumulate_pair
    >>> evenly = np.ones((1, 1)), np.full((1, 2), 0.5), np.full((2, 1), 0.5), np.full((2, 2), 0.25)
    >>> accumulate_pair(np.array([[4.0]]), PairCounts(*evenly)).tolist()
    [[1.0, -1.0], [-1.0, 1.0]]
    """
    surface = np.zeros(np.add(steps.shape, 1))
    surface[1:, 1:] = _filled(steps).cumsum(axis=0).cumsum(axis=1)
    alone = _mean_by(np.diff(surface, axis=0), counts.first, axis=1)
    other = _mean_by(np.diff(surface, axis=1), counts.second, axis=0)
    surface -= np.append(0, alone.cumsum())[:, None] + np.append(0, other.cumsum())
    return surface - (surface * counts.points).sum() / counts.points.sum()


def jackknife_error(values, test_share):
    """Return the standard error of a number from its values with one fold left out each.

    Parameters
    ----------
    values : ndarray of shape (n_folds,)
        One number without each fold.
    test_share : float
        Held-out rows by training rows, as in :func:`standard_error`.

    Returns
    -------
    error : float
        Missing for a single fold. Of a mean it is that of :func:`standard_error`.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.inspection._accumulate import jackknife_error
    >>> jackknife_error(np.array([3.0, 1.0]), 0.0)
    1.0
    """
    n_folds = len(values)
    if n_folds < 2:
        return np.nan
    squares = ((values - values.mean()) ** 2).sum()
    return float(np.sqrt((n_folds - 1) / n_folds * squares * (1 + n_folds * test_share)))


def share_together(surface, first, second, counts):
    """Return how much of what two factors do they do together alone: Friedman's H squared.

    Parameters
    ----------
    surface : ndarray of shape (n_points_first, n_points_second)
        What both do beyond each.
    first, second : ndarray of shape (n_points_first,) and (n_points_second,)
        What each does.
    counts : ndarray of shape (n_points_first, n_points_second)
        Rows at both points.

    Returns
    -------
    h_squared : float
        Mean square of the surface by the variance of the sum of all three, over the rows.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.inspection._accumulate import share_together
    >>> surface, evenly = np.array([[1.0, -1.0], [-1.0, 1.0]]), np.full((2, 2), 0.25)
    >>> share_together(surface, np.array([-1.0, 1.0]), np.zeros(2), evenly)
    0.5
    """
    weights = counts / counts.sum()
    both = first[:, None] + second + surface
    variance = (weights * (both - (weights * both).sum()) ** 2).sum()
    return float((weights * surface**2).sum() / variance) if variance > 0 else 0.0


def pair_surface(sums, counts, rows, test_share):
    """Make the surface of a pair, with its strength.

    Parameters
    ----------
    sums, counts : ndarray of shape (n_folds, n_steps_first, n_steps_second)
        Sum of the second differences in each cell, and number of rows in it.
    rows : PairCounts
        Where the rows of the table lie.
    test_share : float
        Held-out rows by training rows.

    Returns
    -------
    surface : ndarray of shape (n_points_first, n_points_second)
        From all held-out rows.
    strength, error : float
        Its standard deviation over the rows of the table, and the error of that.
    """

    def of(sums, counts):
        surface = accumulate_pair(_mean_steps(sums, counts), rows)
        variance = (surface**2 * rows.points).sum() / rows.points.sum()
        return surface, float(np.sqrt(variance))

    all_sums, all_counts = sums.sum(axis=0), counts.sum(axis=0)
    surface, strength = of(all_sums, all_counts)
    # A single fold has rows in few cells only, all but one of them in most.
    without = [of(all_sums - a, all_counts - b)[1] for a, b in zip(sums, counts, strict=True)]
    return surface, strength, jackknife_error(np.array(without), test_share)
