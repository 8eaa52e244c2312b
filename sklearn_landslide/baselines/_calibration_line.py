"""The straight line from an index to log-odds, so that an index becomes a probability."""

import numpy as np
from sklearn.linear_model import LogisticRegression


def fit_line(index, landslide, weights):
    r"""Fit log-odds that rise with an index.

    .. math:: \operatorname{logit} p = a + b \cdot \mathrm{index}, \quad b \ge 0

    by logistic regression. The slope, in standard deviations of the index, is drawn to 0 as weakly
    as scikit-learn's ``C=1`` does, so that it stays finite where the index separates the classes;
    the intercept is free, so the mean probability of the rows is their share of landslides.

    Parameters
    ----------
    index : ndarray of shape (n_samples,)
        Finite numbers.
    landslide : ndarray of bool, shape (n_samples,)
        Which rows are landslides; both kinds are there.
    weights : ndarray of shape (n_samples,)
        What each row counts.

    Returns
    -------
    intercept, slope : float

    Examples
    --------
    >>> import numpy as np
    >>> from scipy.special import expit
    >>> from sklearn_landslide.baselines._calibration_line import fit_line
    >>> index, landslide = np.array([0.0, 1.0, 2.0, 3.0]), np.array([False, False, True, False])
    >>> a, b = fit_line(index, landslide, np.ones(4))
    >>> round(float(expit(a + b * index).mean()), 6)
    0.25
    """
    center = float(np.average(index, weights=weights))
    spread = float(np.sqrt(np.average((index - center) ** 2, weights=weights)))
    prior = np.average(landslide, weights=weights)
    flat = float(np.log(prior / (1 - prior))), 0.0
    if spread <= 1e-12 * max(abs(center), 1.0):
        return flat
    line = LogisticRegression(solver="newton-cholesky", tol=1e-10, max_iter=200)
    line.fit(((index - center) / spread)[:, np.newaxis], landslide, sample_weight=weights)
    slope = float(line.coef_[0, 0]) / spread
    if slope <= 0:
        # Only where missing values themselves go with the classes: the index says nothing.
        return flat
    return float(line.intercept_[0]) - slope * center, slope
