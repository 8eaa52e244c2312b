"""Between which rows SMOTE has put the new ones, and what these weigh."""

from contextlib import contextmanager

import numpy as np


@contextmanager
def noted_parents(sampler):
    """Note between which rows a sampler of imbalanced-learn puts its new rows.

    Parameters
    ----------
    sampler : SMOTE or SMOTENC
        It samples as usual inside.

    Yields
    ------
    drawn : list of (ndarray, ndarray, ndarray)
        For each class that is grown, the two rows of each new one, as positions among the rows of
        the class, and how far it is on the way from the first to the second.
    """
    drawn = []
    generate = sampler._generate_samples

    def noting(X, nn_data, nn_num, rows, cols, steps, *args, **params):
        drawn.append((rows, nn_num[rows, cols], np.ravel(steps)))
        return generate(X, nn_data, nn_num, rows, cols, steps, *args, **params)

    vars(sampler)["_generate_samples"] = noting
    try:
        yield drawn
    finally:
        del vars(sampler)["_generate_samples"]


def weights_between(weights, parents):
    """Return what new rows weigh: between the weights of two rows, as far as they are.

    Parameters
    ----------
    weights : ndarray of shape (n_samples,)
        Weights of the rows of a class.
    parents : (ndarray, ndarray, ndarray) of shape (n_new,)
        The two rows of each new one, and how far it is on the way.

    Returns
    -------
    weights : ndarray of shape (n_new,)

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.over_sampling._drawn_parents import weights_between
    >>> weights_between(np.array([1.0, 3.0]), ([0, 1], [1, 1], np.array([0.25, 0.5])))
    array([1.5, 3. ])
    """
    base, other, gap = parents
    return weights[base] + gap * (weights[other] - weights[base])


def resampled_weights(weights, y, wanted, drawn):
    """Return the weights of a table that SMOTE has made larger.

    Parameters
    ----------
    weights : ndarray of shape (n_samples,)
        Weights of the rows that there were.
    y : ndarray of shape (n_samples,)
        Their labels.
    wanted : dict of label to int
        New rows of each class.
    drawn : list of (ndarray, ndarray, ndarray)
        The parents of the new rows of each class that was grown. Where there are none, because
        all factors are categories, new rows get the mean weight of their class.

    Returns
    -------
    weights : ndarray of shape (n_samples_new,)
        Those of the rows, then those of the new ones.
    """
    parts, drawn = [weights], iter(drawn)
    for label, n_new in wanted.items():
        if n_new > 0:
            of_class = weights[y == label]
            parents = next(drawn, None)
            parts.append(
                np.full(n_new, of_class.mean())
                if parents is None
                else weights_between(of_class, parents)
            )
    return np.concatenate(parts)
