"""Classes of a factor: where a quantity is cut, how classes are called, which one a row has."""

from itertools import pairwise
from numbers import Real

import numpy as np

from sklearn_landslide._natural_breaks import natural_breaks
from sklearn_landslide._words import listed


def edges_between(values, weights, binning, n_bins):
    """Find where a quantity is cut into classes.

    Parameters
    ----------
    values : ndarray of shape (n_values,)
        The known values of the training rows.
    weights : ndarray of shape (n_values,)
        What each row counts.
    binning : {"quantile", "natural_breaks"}
        Classes with as many rows each as the values allow, or with the least squared deviation.
    n_bins : int
        Number of classes, at least 2; there are fewer where there are fewer different values.

    Returns
    -------
    edges : ndarray of shape (n_classes - 1,)
        Half-way between two neighboring values, rising.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.baselines._binning import edges_between
    >>> edges_between(np.array([3.0, 1.0, 2.0, 10.0]), np.ones(4), "quantile", 2)
    array([2.5])
    >>> edges_between(np.array([3.0, 1.0, 2.0, 10.0]), np.ones(4), "natural_breaks", 2)
    array([6.5])
    """
    points, places = np.unique(values, return_inverse=True)
    if points.size <= n_bins:
        return _half_way(points, np.arange(points.size - 1))
    if binning == "natural_breaks":
        return natural_breaks(values, n_bins, weights)
    below = np.cumsum(np.bincount(places, weights))
    # The first value at which so many rows are passed; rounding must not move it by one value.
    wanted = below[-1] * np.arange(1, n_bins) / n_bins
    ends = np.searchsorted(below, wanted * (1 - 1e-12))
    return _half_way(points, np.unique(ends[ends < points.size - 1]))


def _half_way(points, ends):
    """Cut between each of these points and the next one."""
    return (points[ends] + points[ends + 1]) / 2


def given_edges(bins, name):
    """Check the edges that a person gave for a factor.

    Parameters
    ----------
    bins : array-like of shape (n_classes - 1,)
        Inner edges.
    name : str
        The factor, for the message.

    Returns
    -------
    edges : ndarray of shape (n_classes - 1,)
        Rising.

    Raises
    ------
    ValueError
        If they are not finite numbers, or do not rise.
    """
    given = list(bins) if np.ndim(bins) == 1 else []
    are_numbers = all(isinstance(b, Real) and not isinstance(b, bool) for b in given)
    edges = np.array(given, dtype=np.float64) if given and are_numbers else np.array([np.nan])
    if not (np.isfinite(edges).all() and (np.diff(edges) > 0).all()):
        raise ValueError(
            f"bins[{name!r}]={bins!r} must be a list of numbers that rise, such as [5, 15, 30]: "
            "each is the upper end of a class, and what is above the last is one class more."
        )
    return edges


def check_bins(bins, names, categorical):
    """Raise if bins are given for what is not a quantity of the table.

    Parameters
    ----------
    bins : dict of str to array-like
        Edges by factor.
    names : list of str
        All factors.
    categorical : sequence of str
        Those that are categories.
    """
    if unknown := [name for name in bins if name not in names]:
        raise ValueError(f"bins names {listed(unknown)}, and the table has {listed(names)}.")
    if coded := [name for name in bins if name in categorical]:
        raise ValueError(f"bins names {listed(coded)}, whose codes are classes already.")


def place_in(values, edges):
    """Find the class of each value; an edge belongs to the class below it.

    Parameters
    ----------
    values : ndarray of shape (n_samples,)
        Values, NaN where missing.
    edges : ndarray of shape (n_classes - 1,)
        Inner edges.

    Returns
    -------
    places : ndarray of shape (n_samples,), int64
        From 0; -1 for a missing value.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.baselines._binning import place_in
    >>> place_in(np.array([5.0, 5.1, 40.0, np.nan]), np.array([5.0, 15.0]))
    array([ 0,  1,  2, -1])
    """
    return np.where(np.isnan(values), -1, np.searchsorted(edges, values))


def labels_between(edges):
    """Call the classes between edges by words.

    Parameters
    ----------
    edges : ndarray of shape (n_classes - 1,)
        Inner edges.

    Returns
    -------
    labels : list of str
        All different.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.baselines._binning import labels_between
    >>> labels_between(np.array([5.0, 15.25]))
    ['up to 5', '5 to 15.25', 'above 15.25']
    """
    if len(edges) == 0:
        return ["all values"]
    for digits in range(4, 18):
        shown = [f"{edge:.{digits}g}" for edge in edges]
        if len(set(shown)) == len(shown):
            break
    between = [f"{low} to {high}" for low, high in pairwise(shown)]
    return [f"up to {shown[0]}", *between, f"above {shown[-1]}"]
