"""How much more or less frequent landslides are in the target: one shift of all log-odds."""

import numpy as np
from scipy.special import expit, logit

_LEAST = 1e-12
_ROUNDS, _TOLERANCE = 1000, 1e-10


def log_odds(probability, least=_LEAST):
    """Return the log-odds of probabilities; finite for 0 and 1.

    Parameters
    ----------
    probability : ndarray of shape (n_samples,)
        Probabilities of a landslide.
    least : float, default=1e-12
        Probabilities of 0 and 1 count as if they were so far from it.

    Returns
    -------
    log_odds : ndarray of shape (n_samples,)

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.transfer._prior_shift import log_odds
    >>> log_odds(np.array([0.5])).tolist()
    [0.0]
    """
    return logit(np.clip(probability, least, 1 - least))


def stated_shift(new, old):
    """Return the shift of log-odds from one share of landslides to another.

    Parameters
    ----------
    new, old : float
        Shares of landslides.

    Returns
    -------
    shift : float

    Examples
    --------
    >>> from sklearn_landslide.transfer._prior_shift import stated_shift
    >>> round(stated_shift(0.5, 0.1), 3)
    2.197
    """
    return float(logit(new) - logit(old))


def learned_shift(scores, codes):
    """Find the shift under which the rows' labels are most likely.

    Then the mean probability is the share of landslides among the rows.

    Parameters
    ----------
    scores : ndarray of shape (n_samples,)
        Log-odds of a landslide.
    codes : ndarray of shape (n_samples,), int
        1 is a landslide; both classes are there.

    Returns
    -------
    shift : float

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.transfer._prior_shift import learned_shift
    >>> round(learned_shift(np.zeros(4), np.array([0, 0, 0, 1])), 3)
    -1.099
    """
    # The share of landslides lies between the means for the two ends of this bracket.
    goal = logit(np.mean(codes))
    low, high = goal - scores.max(), goal - scores.min()
    for _ in range(200):
        middle = (low + high) / 2
        if expit(scores + middle).mean() > np.mean(codes):
            high = middle
        else:
            low = middle
    return float((low + high) / 2)


def unlabeled_share(scores, share):
    """Estimate the share of landslides among rows without labels, by expectation-maximization.

    Parameters
    ----------
    scores : ndarray of shape (n_samples,)
        Log-odds of a landslide, where landslides have the share `share`.
    share : float
        Share of landslides to which the log-odds refer.

    Returns
    -------
    found : float
        Share of landslides under which the rows are most likely, if landslides look alike in
        both regions, and other places too.

    References
    ----------
    Saerens, M., Latinne, P., Decaestecker, C. (2002). Adjusting the outputs of a classifier to
    new a priori probabilities: a simple procedure. Neural Computation 14 (1), 21-41, eq. 2.9.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.transfer._prior_shift import unlabeled_share
    >>> scores = np.where(np.arange(1000) < 100, 20.0, -20.0)
    >>> round(unlabeled_share(scores, 0.5), 3)
    0.1
    """
    found = share
    for _ in range(_ROUNDS):
        last, found = found, float(expit(scores + stated_shift(found, share)).mean())
        found = min(max(found, _LEAST), 1 - _LEAST)
        if abs(found - last) < _TOLERANCE:
            break
    return found


def blended(one, other, weight):
    """Average two probabilities as log-odds.

    Parameters
    ----------
    one, other : ndarray of shape (n_samples,)
        Probabilities of a landslide.
    weight : float
        Share of the second.

    Returns
    -------
    probability : ndarray of shape (n_samples,)
    """
    return expit((1 - weight) * log_odds(one) + weight * log_odds(other))
