"""Classes side by side whose places are similar in all other factors."""

import numpy as np

from sklearn_landslide.inspection._grids import quantile_edges

_N_QUANTILES = 100


def _largest_gaps(values, classes, n_classes):
    """Kolmogorov-Smirnov distances of a quantity between all classes."""
    known = (classes >= 0) & ~np.isnan(values)
    if not known.any():
        return np.zeros((n_classes, n_classes))
    edges = quantile_edges(values[known], _N_QUANTILES)
    heights = np.zeros((n_classes, len(edges)))
    for place in range(n_classes):
        own = np.sort(values[known & (classes == place)])
        if len(own):
            heights[place] = np.searchsorted(own, edges, side="right") / len(own)
    return np.abs(heights[:, None] - heights[None]).max(axis=2)


def _shares_apart(others, classes, n_classes):
    """Total variation of a factor of classes between all classes."""
    known = (classes >= 0) & (others >= 0)
    counts = np.zeros((n_classes, max(others.max(initial=-1) + 1, 1)))
    np.add.at(counts, (classes[known], others[known]), 1)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    return np.abs(shares[:, None] - shares[None]).sum(axis=2) / 2


def similar_first(classes, n_classes, others):
    """Order classes so that neighbors are similar in the other factors.

    The distance of two classes is the sum of the distances of their distributions over all other
    factors, and the order is that of one-dimensional scaling (appendix E of Apley and Zhu 2020).

    Parameters
    ----------
    classes : ndarray of int of shape (n_samples,)
        Class of each row, -1 where it is missing.
    n_classes : int
        Number of classes.
    others : list of ndarray of shape (n_samples,)
        The other factors: floats of quantities, integers of classes with -1 for missing.

    Returns
    -------
    order : ndarray of int of shape (n_classes,)
        Positions of the classes.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.inspection._class_order import similar_first
    >>> slope = np.array([1.0, 5, 30, 34, 4, 31])
    >>> similar_first(np.array([0, 0, 1, 1, 2, 2]), 3, [slope]).tolist()
    [0, 2, 1]
    """
    order = np.arange(n_classes)
    if n_classes < 3 or not others:
        return order
    distances = np.zeros((n_classes, n_classes))
    for factor in others:
        is_quantity = factor.dtype.kind == "f"
        distances += (_largest_gaps if is_quantity else _shares_apart)(factor, classes, n_classes)
    squares = distances**2
    centered = squares - squares.mean(axis=0) - squares.mean(axis=1)[:, None] + squares.mean()
    coordinate = np.linalg.eigh(-centered / 2)[1][:, -1]
    if coordinate[0] > coordinate[-1]:
        coordinate = -coordinate
    # Rounded: what is equal but for the last bits stays in the order of the codes.
    return np.argsort(coordinate.round(9), kind="stable")
