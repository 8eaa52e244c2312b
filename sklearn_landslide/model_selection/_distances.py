"""How far points are from their nearest neighbors: among samples, folds and the map."""

import numpy as np
from scipy.spatial import cKDTree
from sklearn.model_selection import check_cv

from sklearn_landslide.model_selection._side_information import check_coordinates, matching_rows

# More points of the map do not change the distribution of distances by much.
MOST_MAP_POINTS = 10_000


def nearest_neighbor_distances(coordinates, others=None):
    """Distance from each point to its nearest neighbor.

    Parameters
    ----------
    coordinates : {array-like, DataFrame} of shape (n_points, 2)
        x and y in meters.
    others : {array-like, DataFrame} of shape (n_others, 2), default=None
        The points among which the neighbor is sought. None: the other points of
        `coordinates`. A second point at the same place is a neighbor at distance 0.

    Returns
    -------
    distances : ndarray of shape (n_points,)
        In meters.

    Raises
    ------
    ValueError
        If coordinates are not two columns of finite numbers, or a single point has no other.

    Examples
    --------
    >>> from sklearn_landslide.model_selection import nearest_neighbor_distances
    >>> nearest_neighbor_distances([[0, 0], [3, 4], [3, 5]])
    array([5., 1., 1.])
    >>> nearest_neighbor_distances([[0, 0], [3, 0]], [[0, 2]]).round(1)
    array([2. , 3.6])
    """
    points = check_coordinates(coordinates)
    if others is not None:
        return cKDTree(check_coordinates(others, "others")).query(points)[0]
    if len(points) < 2:
        raise ValueError("coordinates hold 1 point, which has no neighbor: give others.")
    # The first neighbor is the point itself, or its double, at distance 0 either way.
    return cKDTree(points).query(points, k=2)[0][:, 1]


def fold_distances(cv, X, y, coordinates, *, groups=None):
    """Distance from each test row to the nearest training row of its fold.

    Parameters
    ----------
    cv : int, splitter or iterable of (train, test)
        The folds, as in :func:`~sklearn.model_selection.cross_validate`.
    X : {array-like, DataFrame} of shape (n_samples, n_features)
        The table.
    y : array-like of shape (n_samples,)
        The labels.
    coordinates : {array-like, DataFrame} of shape (n_samples, 2)
        x and y of the rows in meters; matched by index if both are pandas objects.
    groups : array-like of shape (n_samples,), default=None
        Group of each row, for the splitter.

    Returns
    -------
    distances : ndarray of shape (n_tested,)
        In meters, fold after fold; a row that is tested twice is in it twice.

    Raises
    ------
    ValueError
        If the coordinates do not fit to X, or the folds cannot be drawn.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.model_selection import KFold
    >>> from sklearn_landslide.model_selection import fold_distances
    >>> coordinates = np.array([[0, 0], [1, 0], [10, 0], [11, 0]])
    >>> X, y = np.zeros((4, 1)), [0, 1, 0, 1]
    >>> fold_distances(KFold(2), X, y, coordinates)
    array([10.,  9.,  9., 10.])
    """
    points = check_coordinates(coordinates)[matching_rows(coordinates, X, "coordinates")]
    splits = check_cv(cv, y, classifier=True).split(X, y, groups)
    return distances_to_train(points, splits)


def distances_to_train(points, splits):
    """Distances from test to training points, fold after fold."""
    return np.concatenate([cKDTree(points[train]).query(points[test])[0] for train, test in splits])


def map_distances(points, map_coordinates):
    """Distances from the places of the map, or a fixed draw of many, to the samples."""
    places = check_coordinates(map_coordinates, "map_coordinates")
    if len(places) > MOST_MAP_POINTS:
        # Not every tenth: in a raster's order these may all lie in a few columns.
        places = places[np.random.default_rng(0).choice(len(places), MOST_MAP_POINTS, False)]
    return cKDTree(points).query(places)[0]
