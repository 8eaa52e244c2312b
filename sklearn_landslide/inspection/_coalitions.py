"""Which factors are taken from a place, and which from the background, in what order."""

from dataclasses import dataclass
from itertools import pairwise
from math import comb

import numpy as np


@dataclass(frozen=True, eq=False)
class Coalitions:
    """Sets of factors whose worth is asked for, and how it becomes contributions.

    Parameters
    ----------
    masks : ndarray of bool, shape (n_sets, n_players)
        The factors of each set. The first set is empty, the last one holds all.
    weights : ndarray of shape (n_estimates, n_players, n_sets)
        Each estimate of the contributions is ``weights[k] @ worth``.
    """

    masks: np.ndarray
    weights: np.ndarray

    def contributions(self, worth):
        """Return the mean of the estimates, and its standard error.

        Parameters
        ----------
        worth : ndarray of shape (n_sets, n_rows)
            Mean log-odds with the factors of each set taken from the place.

        Returns
        -------
        values, errors : ndarray of shape (n_rows, n_players)
            The standard error over the estimates; 0 for a single, exact one.
        """
        estimates = np.einsum("kps,sr->krp", self.weights, worth)
        n_estimates = len(estimates)
        if n_estimates == 1:
            return estimates[0], np.zeros_like(estimates[0])
        return estimates.mean(axis=0), estimates.std(axis=0, ddof=1) / np.sqrt(n_estimates)


def all_coalitions(n_players):
    """Return every set of factors, with Shapley's weights: the contributions are exact.

    Parameters
    ----------
    n_players : int
        Number of factors; there are ``2 ** n_players`` sets.

    Returns
    -------
    coalitions : Coalitions

    References
    ----------
    Shapley, L. S. (1953). A value for n-person games. Contributions to the Theory of Games 2,
    307-317.

    Examples
    --------
    >>> from sklearn_landslide.inspection._coalitions import all_coalitions
    >>> two = all_coalitions(2)
    >>> two.masks.astype(int).tolist(), two.weights[0, 0].tolist()
    ([[0, 0], [1, 0], [0, 1], [1, 1]], [-0.5, 0.5, -0.5, 0.5])
    """
    masks = (np.arange(2**n_players)[:, None] >> np.arange(n_players)) % 2 == 1
    sizes = masks.sum(axis=1)
    gained = np.array([1 / (n_players * comb(n_players - 1, max(size - 1, 0))) for size in sizes])
    lost = np.array(
        [1 / (n_players * comb(n_players - 1, min(size, n_players - 1))) for size in sizes]
    )
    weights = np.where(masks, gained[:, None], -lost[:, None]).T
    return Coalitions(masks, weights[None])


def permuted_coalitions(n_players, n_permutations, rng):
    """Return the sets that random orders of the factors go through, forward and backward.

    Along one order the steps from one set to the next sum to the whole, so the contributions
    do, too, whatever the number of orders.

    Parameters
    ----------
    n_players : int
        Number of factors.
    n_permutations : int
        Number of orders, each of which is gone through both ways.
    rng : RandomState
        What draws the orders.

    Returns
    -------
    coalitions : Coalitions

    References
    ----------
    Castro, J., Gomez, D., Tejada, J. (2009). Polynomial calculation of the Shapley value based on
    sampling. Computers and Operations Research 36, 1726-1730.

    Mitchell, R., Cooper, J., Frank, E., Holmes, G. (2022). Sampling permutations for Shapley value
    estimation. Journal of Machine Learning Research 23 (43), 1-46.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.inspection._coalitions import permuted_coalitions
    >>> permuted_coalitions(3, 1, np.random.RandomState(0)).masks.sum(axis=1).tolist()
    [0, 1, 2, 1, 2, 3]
    """
    places = {(): 0}
    steps = []
    for _ in range(n_permutations):
        order = rng.permutation(n_players).tolist()
        walked = []
        for way in (order, order[::-1]):
            sets = [tuple(sorted(way[:size])) for size in range(n_players)]
            numbers = [places.setdefault(one, len(places)) for one in sets]
            walked += zip(way, pairwise([*numbers, -1]), strict=True)
        steps.append(walked)
    masks = np.zeros((len(places) + 1, n_players), dtype=bool)
    for one, place in places.items():
        masks[place, list(one)] = True
    masks[-1] = True
    weights = np.zeros((n_permutations, n_players, len(masks)))
    for number, walked in enumerate(steps):
        for player, (before, after) in walked:
            weights[number, player, before] -= 0.5
            weights[number, player, after] += 0.5
    return Coalitions(masks, weights)


def as_columns(sets, columns):
    """Turn sets of factors into sets of columns.

    Parameters
    ----------
    sets : ndarray of bool, shape (n_sets, n_players)
        The factors of each set.
    columns : list of list of int
        Columns of each factor; together they are all columns.

    Returns
    -------
    masks : ndarray of bool, shape (n_sets, n_columns)

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.inspection._coalitions import as_columns
    >>> as_columns(np.array([[True, False]]), [[0, 2], [1]]).tolist()
    [[True, False, True]]
    """
    masks = np.zeros((len(sets), sum(map(len, columns))), dtype=bool)
    for number, one in enumerate(columns):
        masks[:, one] = sets[:, [number]]
    return masks
