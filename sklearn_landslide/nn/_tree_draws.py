"""Which rows each tree of the memory sees, where rows have weights.

A leaf of one row is as sure of it whatever it weighs. So it is not the leaf that knows the weight,
but the share of the trees that have seen the row.
"""

import numpy as np

# A row that weighs more than so many of those that the weights stand for is in every tree, and so
# are all like it: of a few rows that outweigh all others no forest could be grown.
_HEAVY = 2


def row_chances(weights):
    """Return how likely a tree sees each row, in proportion to the weights.

    Parameters
    ----------
    weights : ndarray of shape (n_samples,)
        Weights of the rows, all above zero.

    Returns
    -------
    chances : ndarray of shape (n_samples,)
        1 for the heaviest.
    counts : ndarray of shape (n_samples,)
        What a row counts in a tree that sees it: 1, and more where the chance is 1 and the weight
        asks for more.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.nn._tree_draws import row_chances
    >>> [part.tolist() for part in row_chances(np.array([1.0, 1.0, 0.25]))]
    [[1.0, 1.0, 0.25], [1.0, 1.0, 1.0]]
    """
    # A row drawn by its weight has this weight on average: the unit of Kish's number of rows.
    unit = (weights**2).sum() / weights.sum()
    relative = weights / min(weights.max(), _HEAVY * unit)
    return np.minimum(relative, 1), np.maximum(relative, 1)


def draw_rows(weights, n_trees, seed):
    """Draw the rows of each tree.

    Parameters
    ----------
    weights : ndarray of shape (n_samples,)
        Weights of the rows, all above zero.
    n_trees : int
        Number of trees.
    seed : int
        Seed of the draws.

    Yields
    ------
    counts : ndarray of shape (n_samples,)
        What each row counts in the tree; 0 for those that it does not see. On average over the
        trees it is in proportion to the weight.
    """
    rng = np.random.default_rng(seed)
    chances, counts = row_chances(weights)
    for _ in range(n_trees):
        yield np.where(rng.random(len(chances)) < chances, counts, 0.0)
