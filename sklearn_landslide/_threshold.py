"""When a probability reaches a threshold."""

# Far below any difference that means something, far above what a correction of the prior rounds.
_ROUNDING = 1e-9


def reaches(probability, threshold):
    """Say which probabilities are at least the threshold, up to rounding.

    A probability that equals the threshold but for the last bits, as after the correction of the
    prior, reaches it: a tie must not hang on how a number was rounded.

    Parameters
    ----------
    probability : array-like of shape (n_samples,)
        Probabilities of a landslide.
    threshold : float or array-like of shape (n_samples,)
        The threshold, or one for each row.

    Returns
    -------
    reached : ndarray of bool of shape (n_samples,)
        True where the place counts as a landslide.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide._threshold import reaches
    >>> reaches(np.array([0.1 + 0.2, 0.3, 0.29]), 0.1 + 0.2).tolist()
    [True, True, False]
    """
    return probability >= threshold * (1 - _ROUNDING)
