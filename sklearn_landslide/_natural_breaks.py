"""Natural breaks: the best grouping of numbers in a row, found exactly."""

import numpy as np

# Above this number of different values they are gathered in as many bins of equal width. Half a
# bin, 0.025 % of the range, is then all that an edge may be off.
N_BINS = 2048


def _support(values, weights):
    """Different values and how much each counts, in at most `N_BINS` bins."""
    points, places = np.unique(values, return_inverse=True)
    counts = np.bincount(places, weights)
    if points.size <= N_BINS:
        return points, counts
    bins = np.minimum((points - points[0]) / np.ptp(points) * N_BINS, N_BINS - 1).astype(int)
    weight = np.bincount(bins, counts)
    filled = np.flatnonzero(weight)
    return np.bincount(bins, counts * points)[filled] / weight[filled], weight[filled]


def natural_breaks(values, n_classes, weights=None):
    """Edges between the classes with the least squared deviation from their means.

    Parameters
    ----------
    values : ndarray of shape (n_values,)
        Finite numbers.
    n_classes : int
        Number of classes, at least 2.
    weights : ndarray of shape (n_values,), default=None
        What each number counts, above 0. None: 1.

    Returns
    -------
    edges : ndarray of shape (n_classes - 1,) or None
        Half-way between the neighbors on the two sides; None if there are fewer different
        values than classes.

    Notes
    -----
    The best grouping into k classes of the values up to the j-th is a best grouping into k - 1
    classes of the values up to some i, and one class of the rest [1]_. The table of all of them
    is filled class by class.

    References
    ----------
    .. [1] W. D. Fisher, "On grouping for maximum homogeneity", Journal of the American
       Statistical Association 53, 789-798, 1958.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide._natural_breaks import natural_breaks
    >>> natural_breaks(np.array([0.1, 0.1, 0.2, 0.8, 0.9]), 2)
    array([0.5])
    """
    points, counts = _support(values, weights)
    if points.size < n_classes:
        return None
    # Sums of the values before each point; centered, so that squares lose no digits.
    centered = points - np.average(points, weights=counts)
    total, first, second = (
        np.concatenate([[0.0], np.cumsum(counts * centered**power)]) for power in range(3)
    )

    def deviation(start, stop):
        """Squared deviation of the points from `start` to before `stop`."""
        size, linear = total[stop] - total[start], first[stop] - first[start]
        return second[stop] - second[start] - linear**2 / size

    n = points.size
    least = np.full(n + 1, np.inf)
    least[1:] = deviation(0, np.arange(1, n + 1))
    starts = np.zeros((n_classes, n + 1), dtype=int)
    for number in range(1, n_classes):
        longer = np.full(n + 1, np.inf)
        for stop in range(number + 1, n + 1):
            candidates = np.arange(number, stop)
            cost = least[candidates] + deviation(candidates, stop)
            best = int(np.argmin(cost))
            longer[stop], starts[number, stop] = cost[best], candidates[best]
        least = longer
    edges, stop = [], n
    for number in range(n_classes - 1, 0, -1):
        stop = starts[number, stop]
        edges.append((points[stop - 1] + points[stop]) / 2)
    return np.array(edges[::-1])
