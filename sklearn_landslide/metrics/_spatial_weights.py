"""Which places are neighbors, as sparse matrices of weights whose rows sum to 1."""

from numbers import Real

import numpy as np
from scipy.sparse import csr_array
from scipy.spatial import cKDTree

# So many pairs of neighbors take about 1 GB.
MOST_PAIRS = 20_000_000


def check_edges(distance):
    """Return the edges of bands of distance, or raise.

    Parameters
    ----------
    distance : float or array-like of shape (n_bands + 1,)
        A number stands for one band from 0.

    Returns
    -------
    edges : ndarray of float64 of shape (n_bands + 1,)
        Rising, in meters.
    """
    edges = np.asarray(distance, dtype=np.float64)
    if edges.ndim == 0:
        edges = np.array([0.0, edges])
    rises = edges.ndim == 1 and len(edges) > 1 and edges[0] >= 0
    if not rises or not (np.isfinite(edges).all() and (np.diff(edges) > 0).all()):
        raise ValueError(
            "distance must be a number of meters above 0, or the rising edges of bands, such as "
            f"[0, 500, 1000]; got {distance!r}."
        )
    return edges


def _in_rows(rows, columns, n_points):
    """Make weights of pairs: each neighbor of a place counts the same."""
    counts = np.bincount(rows, minlength=n_points)
    return csr_array((1 / counts[rows], (rows, columns)), shape=(n_points, n_points))


def nearest_weights(points, n_neighbors):
    """Weights of the nearest neighbors.

    Parameters
    ----------
    points : ndarray of float64 of shape (n_points, 2)
        Coordinates.
    n_neighbors : int
        Neighbors of each place, fewer than there are places.

    Returns
    -------
    weights : csr_array of shape (n_points, n_points)
        Each row sums to 1.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.metrics._spatial_weights import nearest_weights
    >>> nearest_weights(np.array([[0.0, 0], [1, 0], [3, 0]]), 1).toarray()
    array([[0., 1., 0.],
           [1., 0., 0.],
           [0., 1., 0.]])
    """
    n_points = len(points)
    found = cKDTree(points).query(points, k=n_neighbors + 1)[1]
    # Of several places at one point, a place need not be the first of its own neighbors.
    other = found != np.arange(n_points)[:, None]
    other[other.all(axis=1), -1] = False
    rows = np.repeat(np.arange(n_points), n_neighbors)
    return _in_rows(rows, found[other], n_points)


def band_weights(points, edges):
    """Weights of the neighbors in each band of distance.

    Parameters
    ----------
    points : ndarray of float64 of shape (n_points, 2)
        Coordinates.
    edges : ndarray of float64 of shape (n_bands + 1,)
        Edges of the bands. A distance on an edge belongs to the nearer band, 0 to the first band
        if that begins at 0.

    Returns
    -------
    weights : list of csr_array of shape (n_points, n_points)
        One a band. Each row sums to 1, or to 0 where a place has no neighbor.

    Raises
    ------
    ValueError
        If there are too many pairs to hold.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.metrics._spatial_weights import band_weights
    >>> band_weights(np.array([[0.0, 0], [1, 0], [3, 0]]), np.array([0, 2.0]))[0].toarray()
    array([[0. , 1. , 0. ],
           [0.5, 0. , 0.5],
           [0. , 1. , 0. ]])
    """
    tree = cKDTree(points)
    n_pairs = (int(tree.count_neighbors(tree, edges[-1])) - len(points)) // 2
    if n_pairs > MOST_PAIRS:
        raise ValueError(
            f"{n_pairs:,} pairs of {len(points):,} places are within {edges[-1]:g} m, more than "
            f"the {MOST_PAIRS:,} that fit into memory: lower the distance, or take fewer places."
        )
    first, second = tree.query_pairs(edges[-1], output_type="ndarray").T
    apart = np.linalg.norm(points[first] - points[second], axis=1)
    band = np.searchsorted(edges, apart) - 1
    if edges[0] == 0:
        band[apart == 0] = 0
    weights = []
    for number in range(len(edges) - 1):
        here = band == number
        rows = np.concatenate([first[here], second[here]])
        columns = np.concatenate([second[here], first[here]])
        weights.append(_in_rows(rows, columns, len(points)))
    return weights


def mean_distance(points, weights):
    """Mean distance of neighbors, each pair once a direction; NaN if there is none."""
    rows, columns = weights.nonzero()
    if not len(rows):
        return float("nan")
    return float(np.linalg.norm(points[rows] - points[columns], axis=1).mean())


def is_one_number(distance):
    """Say whether a distance is one number and no edges of bands."""
    return isinstance(distance, Real) or np.ndim(distance) == 0
