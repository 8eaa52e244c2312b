"""Success-rate and prediction-rate curves: how many landslides lie in how little area."""

from numbers import Integral, Real
from typing import NamedTuple

import numpy as np
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval, validate_params

from sklearn_landslide.metrics._checks import check_area, check_labels, check_scores

# Shares of area at which the band is given.
GRID = np.linspace(0, 1, 101)


class RateCurveBand(NamedTuple):
    """A rate curve with its bootstrap band, from :func:`rate_curve_band`.

    Parameters
    ----------
    area_share : ndarray of shape (101,)
        Shares of the area, 0 to 1 in steps of 0.01.
    landslide_share : ndarray of shape (101,)
        The curve at these shares.
    lower, upper : ndarray of shape (101,)
        The band around it, for each share by itself.
    auc : float
        Area under the curve.
    auc_lower, auc_upper : float
        The interval of the area.

    Examples
    --------
    >>> from sklearn_landslide.metrics import rate_curve_band
    >>> band = rate_curve_band([1, 0, 1, 0], [0.9, 0.2, 0.6, 0.7], random_state=0)
    >>> bool(band.auc_lower <= band.auc <= band.auc_upper)
    True
    """

    area_share: np.ndarray
    landslide_share: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    auc: float
    auc_lower: float
    auc_upper: float


def cumulative_shares(area, landslides):
    """Cumulate steps of the curve, beginning at 0 and 0.

    Parameters
    ----------
    area, landslides : ndarray of shape (n_steps,)
        What each step adds, most susceptible first.

    Returns
    -------
    area_share, landslide_share : ndarray of shape (n_steps + 1,)
        Shares, 0 to 1.
    """
    x, y = (np.concatenate([[0.0], np.cumsum(part)]) for part in (area, landslides))
    return x / x[-1], y / y[-1]


def steps(y_true, y_prob, area):
    """Order the rows and find where a new probability begins.

    Parameters
    ----------
    y_true, y_prob, area : array-like of shape (n_samples,)
        As in :func:`rate_curve`.

    Returns
    -------
    y_true, y_prob, area : ndarray of shape (n_samples,)
        Checked, the most susceptible row first.
    starts : ndarray of shape (n_steps,)
        Where each group of equal probabilities begins.
    """
    y_true = check_labels(y_true, needs=(1,))
    y_prob = check_scores(y_prob, y_true.size)
    area = check_area(area, y_true.size)
    order = np.argsort(-y_prob, kind="stable")
    y_true, y_prob, area = y_true[order], y_prob[order], area[order]
    return y_true, y_prob, area, np.flatnonzero(np.r_[True, np.diff(y_prob) != 0])


def rate_curve(y_true, y_prob, *, area=None):
    r"""Share of the landslides within the most susceptible share of the area.

    The rows are ordered by susceptibility, the highest first; the curve is the cumulative share
    of landslides over the cumulative share of area. Rows of equal probability are one step, a
    straight segment, as nothing tells their order. With the landslides that the model was
    trained on it is a *success-rate* curve, which tells how well the model fits; with landslides
    that it has not seen it is a *prediction-rate* curve, which tells how well it predicts [1]_.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        1 where there is a landslide, 0 where there is none.
    y_prob : array-like of shape (n_samples,)
        Probability, or any other measure of susceptibility.
    area : array-like of shape (n_samples,), default=None
        Area of each row, in any unit: that of a slope unit, or the area that a sampled place
        stands for. 0 is allowed, for points of an inventory beside the cells of a map. None:
        the same for all.

    Returns
    -------
    area_share : ndarray of shape (n_steps + 1,)
        Cumulative share of area, 0 to 1.
    landslide_share : ndarray of shape (n_steps + 1,)
        Cumulative share of landslides, 0 to 1.
    thresholds : ndarray of shape (n_steps + 1,)
        Lowest probability of each share; infinity for the first, which is empty.

    Raises
    ------
    ValueError
        If there is no landslide or no area, for labels other than 0 and 1, missing or infinite
        values, or arrays of different length.

    See Also
    --------
    rate_curve_auc : Area under the curve.
    sklearn.metrics.roc_curve : The same over the share of the area without landslides.

    Notes
    -----
    Where the rows are a sample with far more landslides than the study area, the area axis is
    that of the sample unless `area` says what each row stands for: on a balanced sample even a
    perfect model needs half of the "area". With equal areas and a share :math:`\pi` of
    landslides, the area under the curve is :math:`\pi / 2 + (1 - \pi)` times the ROC-AUC.

    References
    ----------
    .. [1] C.-J. F. Chung and A. G. Fabbri, "Validation of spatial prediction models for
       landslide hazard mapping", Natural Hazards 30, 451-472, 2003.

    Examples
    --------
    >>> from sklearn_landslide.metrics import rate_curve
    >>> area_share, landslide_share, _ = rate_curve([1, 0, 1, 0, 0], [0.9, 0.4, 0.6, 0.6, 0.1])
    >>> area_share.tolist()
    [0.0, 0.2, 0.6, 0.8, 1.0]
    >>> landslide_share.tolist()
    [0.0, 0.5, 1.0, 1.0, 1.0]
    """
    y_true, y_prob, area, starts = steps(y_true, y_prob, area)
    x, y = cumulative_shares(np.add.reduceat(area, starts), np.add.reduceat(y_true, starts))
    return x, y, np.concatenate([[np.inf], y_prob[starts]])


def rate_curve_auc(y_true, y_prob, *, area=None):
    """Area under the success-rate or prediction-rate curve.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        1 where there is a landslide, 0 where there is none.
    y_prob : array-like of shape (n_samples,)
        Probability, or any other measure of susceptibility.
    area : array-like of shape (n_samples,), default=None
        Area of each row, in any unit. None: the same for all.

    Returns
    -------
    auc : float
        0.5 for a model that knows nothing; 1 would be all landslides in no area at all.

    Raises
    ------
    ValueError
        As :func:`rate_curve`.

    Examples
    --------
    >>> from sklearn_landslide.metrics import rate_curve_auc
    >>> round(rate_curve_auc([1, 0, 1, 0, 0], [0.9, 0.4, 0.6, 0.6, 0.1]), 3)
    0.75
    """
    x, y, _ = rate_curve(y_true, y_prob, area=area)
    return float(np.trapezoid(y, x))


@validate_params(
    {
        "y_true": ["array-like"],
        "y_prob": ["array-like"],
        "area": ["array-like", None],
        "confidence_level": [Interval(Real, 0, 1, closed="neither")],
        "n_resamples": [Interval(Integral, 2, None, closed="left")],
        "random_state": ["random_state"],
    },
    prefer_skip_nested_validation=True,
)
def rate_curve_band(
    y_true, y_prob, *, area=None, confidence_level=0.95, n_resamples=1000, random_state=None
):
    """Rate curve with a bootstrap band.

    Landslides and places without are each drawn again with replacement, as often as there are
    of them, and the curve is computed from every draw. The band holds the middle of the curves
    at each share of area: percentiles, point by point. It tells what the choice of the rows
    does to the curve of this one model, not how the curve would change with other training
    data, and it takes the rows as independent: for clustered rows it is too narrow.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        1 where there is a landslide, 0 where there is none.
    y_prob : array-like of shape (n_samples,)
        Probability, or any other measure of susceptibility.
    area : array-like of shape (n_samples,), default=None
        Area of each row, in any unit. None: the same for all.
    confidence_level : float, default=0.95
        Share of the curves that the band holds at each share of area.
    n_resamples : int, default=1000
        Number of draws.
    random_state : int, RandomState instance or None, default=None
        Seed of the draws.

    Returns
    -------
    band : RateCurveBand
        Curve, band, area under the curve and its interval.

    Raises
    ------
    ValueError
        As :func:`rate_curve`, and if a draw has no area because few rows have any.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.metrics import rate_curve_band
    >>> rng = np.random.default_rng(0)
    >>> y = rng.random(300) < 0.2
    >>> band = rate_curve_band(y, y + rng.normal(size=300), random_state=0)
    >>> bool((band.lower <= band.upper).all())
    True
    """
    y_true, _, area, starts = steps(y_true, y_prob, area)
    rng = check_random_state(random_state)
    classes = [rows for label in (1, 0) if (rows := np.flatnonzero(y_true == label)).size]

    def curve(times):
        """Curve when each row comes so many times."""
        drawn = np.add.reduceat(area * times, starts)
        if not drawn.any():
            raise ValueError(
                f"a draw has no area: only {(area > 0).sum()} of {area.size} rows have one."
            )
        x, y = cumulative_shares(drawn, np.add.reduceat(y_true * times, starts))
        return np.interp(GRID, x, y), np.trapezoid(y, x)

    curves, aucs = np.empty((n_resamples, GRID.size)), np.empty(n_resamples)
    for number in range(n_resamples):
        times = np.empty(y_true.size)
        for rows in classes:
            draw = rng.randint(rows.size, size=rows.size)
            times[rows] = np.bincount(draw, minlength=rows.size)
        curves[number], aucs[number] = curve(times)
    tails = [(1 - confidence_level) / 2, (1 + confidence_level) / 2]
    middle, auc = curve(np.ones(y_true.size))
    lower, upper = np.quantile(curves, tails, axis=0)
    return RateCurveBand(
        GRID.copy(), middle, lower, upper, float(auc), *map(float, np.quantile(aucs, tails))
    )
