"""Fit a model again to a bootstrap sample; in a module of its own, light for other processes."""

import numpy as np
from sklearn.base import clone


def refit(model, X, y, seed):
    """Fit a copy of a model to rows drawn with replacement, as many of each class as there are.

    Parameters
    ----------
    model : classifier
        It stays as it is.
    X : DataFrame of shape (n_samples, n_factors)
        The factors.
    y : ndarray of shape (n_samples,)
        The labels.
    seed : int or SeedSequence
        Seed of the draw.

    Returns
    -------
    refit : classifier
        Fitted.
    """
    rng = np.random.default_rng(seed)
    rows = [np.flatnonzero(y == label) for label in np.unique(y)]
    drawn = np.sort(np.concatenate([rng.choice(some, len(some)) for some in rows]))
    return clone(model).fit(X.iloc[drawn].reset_index(drop=True), y[drawn])
