"""Decision trees as arrays: what must hold before any row goes through them."""

import numpy as np


def check_branches(left, right, is_leaf):
    """Raise unless the nodes are one tree, from the first of them.

    scikit-learn follows the numbers in a tree without looking, so wrong ones would read
    whatever lies in memory.

    Parameters
    ----------
    left, right : ndarray of shape (n_nodes,), int
        Numbers of each node's children; not looked at for a leaf.
    is_leaf : ndarray of shape (n_nodes,), bool
        Which nodes have none.

    Returns
    -------
    depth : int
        Steps from the first node to the deepest leaf.

    Raises
    ------
    ValueError
        If there is no node, or the nodes are not a tree in which children follow their parents.
    """
    if len(left) == 0:
        raise ValueError("a tree has no nodes")
    parents = np.flatnonzero(~is_leaf)
    children = np.concatenate([left[parents], right[parents]])
    # Every node but the first has one parent, which comes before it: no walk goes in circles.
    if not np.array_equal(np.sort(children), np.arange(1, len(left))):
        raise ValueError("a tree has branches that lead nowhere")
    if np.any(left[parents] <= parents) or np.any(right[parents] <= parents):
        raise ValueError("a tree has branches that lead nowhere")
    depth, level = 0, np.array([0])
    while len(level := level[~is_leaf[level]]):
        depth, level = depth + 1, np.concatenate([left[level], right[level]])
    return depth


def check_factors(factors, n_factors):
    """Raise if a tree asks for a factor that is not there.

    Parameters
    ----------
    factors : ndarray of int
        Factors that the nodes ask for.
    n_factors : int or float
        Number of factors.

    Raises
    ------
    ValueError
        If one of them is not among 0 ... ``n_factors`` - 1.
    """
    if np.any(factors < 0) or np.any(factors >= n_factors):
        raise ValueError("a tree asks for a factor that is not there")
