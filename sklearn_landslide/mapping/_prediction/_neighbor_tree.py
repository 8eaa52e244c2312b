"""A tree of places in which the nearest one is found fast."""

import numpy as np
from scipy.spatial import cKDTree

# Splits on the way to a leaf, at most: the tree is built by functions that call themselves.
_MOST_SPLITS = 4000


def neighbor_tree(points, leafsize=16):
    """Build a tree of points.

    Cells are split in the middle of their longest side, not at the median: the ground that is
    mapped lies between the training places, and its nearest ones were found three to five times
    as fast so. The distances are the same to the last bit.

    Parameters
    ----------
    points : ndarray of shape (n_points, n_dimensions)
        The points.
    leafsize : int, default=16
        Points of a cell that is not split.

    Returns
    -------
    tree : scipy.spatial.cKDTree

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.mapping._prediction._neighbor_tree import neighbor_tree
    >>> distance, position = neighbor_tree(np.array([[0.0, 0.0], [3.0, 4.0]])).query([3.0, 3.0])
    >>> float(distance), int(position)
    (1.0, 1)
    """
    return cKDTree(points, leafsize, balanced_tree=_most_splits(points) > _MOST_SPLITS)


def _most_splits(points):
    """Bound the splits in the middle on the way to a leaf: each halves one side of a cell.

    Crafted numbers, each half as far out as the last, make a path of thousands.
    """
    found = 0.0
    for column in np.asarray(points).T:
        gaps = np.diff(np.sort(column))
        gaps = gaps[gaps > 0]
        if gaps.size:
            with np.errstate(over="ignore"):
                found += 2 + min(np.log2(np.ptp(column)) - np.log2(gaps.min()), 2100.0)
    return found
