"""How many landslides lie in the most susceptible 5, 10, 20 ... percent of the ground."""

import numpy as np

from sklearn_landslide.metrics._rate_curve import rate_curve

# What tables show.
CAPTURE_SHARES = (0.05, 0.1, 0.2, 0.3, 0.5)


def landslide_capture(y_true, y_prob, *, area=None, shares=CAPTURE_SHARES):
    """Share of the landslides within the most susceptible shares of the ground.

    The prediction-rate curve, read at a few shares of area [1]_: what a planner gets who can look
    after so much ground and no more. Where equal probabilities straddle a share, the landslides
    among them count in proportion.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        1 where there is a landslide, 0 where there is none.
    y_prob : array-like of shape (n_samples,)
        Probability, or any other measure of susceptibility.
    area : array-like of shape (n_samples,), default=None
        Area of each row, as in :func:`rate_curve`. None: the same for all.
    shares : array-like of shape (n_shares,), default=(0.05, 0.1, 0.2, 0.3, 0.5)
        Shares of the area, 0 to 1.

    Returns
    -------
    capture : ndarray of shape (n_shares,)
        Share of the landslides in each of them, 0 to 1.

    Raises
    ------
    ValueError
        As :func:`rate_curve`, and for shares that are not between 0 and 1.

    See Also
    --------
    rate_curve : The whole curve.

    References
    ----------
    .. [1] C.-J. F. Chung and A. G. Fabbri, "Validation of spatial prediction models for
       landslide hazard mapping", Natural Hazards 30, 451-472, 2003.

    Examples
    --------
    >>> from sklearn_landslide.metrics import landslide_capture
    >>> y_true = [1, 0, 1, 0, 0, 0, 0, 0, 0, 0]
    >>> y_prob = [0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1, 0.0]
    >>> landslide_capture(y_true, y_prob, shares=[0.1, 0.2, 0.3]).tolist()
    [0.5, 0.5, 1.0]
    """
    shares = np.asarray(shares, dtype=float)
    if not ((shares >= 0) & (shares <= 1)).all():
        raise ValueError(f"shares are numbers from 0 to 1, got {shares.tolist()}.")
    area_share, landslide_share, _ = rate_curve(y_true, y_prob, area=area)
    return np.interp(shares, area_share, landslide_share)
