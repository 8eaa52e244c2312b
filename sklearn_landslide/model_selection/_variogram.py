"""Empirical variograms: how much two values differ, by the distance of their places."""

from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree
from scipy.spatial.distance import pdist

# Fewer pairs say little about their distance (Journel and Huijbregts 1978).
FEWEST_PAIRS = 30
_NEIGHBORS, _SHUFFLES, _LEVEL = 8, 199, 0.01


@dataclass(frozen=True)
class Pairs:
    """All pairs of places that are not too far from each other.

    Parameters
    ----------
    first, second : ndarray of int64 of shape (n_pairs,)
        Their places.
    distance : ndarray of float64 of shape (n_pairs,)
        In meters.
    bands : ndarray of int64 of shape (n_pairs,)
        The band of each distance.
    n_bands : int
        Number of bands.
    """

    first: np.ndarray
    second: np.ndarray
    distance: np.ndarray
    bands: np.ndarray
    n_bands: int


def band_edges(max_distance, n_bands):
    """Edges of bands that are narrower where places are near to each other."""
    return max_distance * (np.arange(n_bands + 1) / n_bands) ** 1.5


def make_pairs(points, edges):
    """List the pairs of places up to the last edge.

    Parameters
    ----------
    points : ndarray of float64 of shape (n_points, 2)
        Coordinates.
    edges : ndarray of float64 of shape (n_bands + 1,)
        Edges of the bands; a distance on an edge belongs to the nearer band, and 0 to the first.

    Returns
    -------
    pairs : Pairs
    """
    distance = pdist(points)
    first, second = np.triu_indices(len(points), 1)
    near = distance <= edges[-1]
    distance, first, second = distance[near], first[near], second[near]
    bands = np.maximum(np.searchsorted(edges, distance) - 1, 0)
    return Pairs(first, second, distance, bands, len(edges) - 1)


@dataclass(frozen=True)
class EmpiricalVariogram:
    """Half the mean squared difference of pairs, by distance.

    Parameters
    ----------
    distance : ndarray of float64 of shape (n_bands,)
        Mean distance of the pairs of a band.
    semivariance : ndarray of float64 of shape (n_bands,)
        Half the mean squared difference of their values.
    n_pairs : ndarray of int64 of shape (n_bands,)
        Number of pairs.
    """

    distance: np.ndarray
    semivariance: np.ndarray
    n_pairs: np.ndarray


def empirical_variogram(values, pairs, fewest=FEWEST_PAIRS):
    """Compute Matheron's estimator; bands with few pairs are joined to the next ones.

    Parameters
    ----------
    values : ndarray of float64 of shape (n_points, n_columns)
        Values at the places, NaN where they are missing. The semivariances of the columns are
        added up, as those of the classes of a category are.
    pairs : Pairs
        The pairs.
    fewest : int, default=30
        Pairs that a band must have.

    Returns
    -------
    variogram : EmpiricalVariogram
        Possibly without any band.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.model_selection._variogram import empirical_variogram, make_pairs
    >>> pairs = make_pairs(np.array([[0.0, 0], [1, 0], [2, 0]]), np.array([0, 1.5, 2.5]))
    >>> empirical_variogram(np.array([[1.0], [3.0], [4.0]]), pairs, fewest=1).semivariance
    array([1.25, 4.5 ])
    """
    squares = _squares(values, pairs.first, pairs.second)
    known = np.isfinite(squares)
    bands, squares, distance = pairs.bands[known], squares[known], pairs.distance[known]
    counts = np.bincount(bands, minlength=pairs.n_bands)
    if counts.sum() < fewest:
        return EmpiricalVariogram(*np.empty((2, 0)), np.empty(0, dtype=np.int64))
    bands = _joined_bands(counts, fewest)[bands]
    counts = np.bincount(bands)
    return EmpiricalVariogram(
        np.bincount(bands, distance) / counts, np.bincount(bands, squares) / counts / 2, counts
    )


def _squares(values, first, second):
    """Squared differences of pairs, added up over the columns."""
    return sum((column[first] - column[second]) ** 2 for column in values.T)


def _joined_bands(counts, fewest):
    """Join bands so that each has enough pairs; what is left over joins the last one."""
    joined, number, held = np.empty(len(counts), dtype=np.int64), 0, 0
    for band, count in enumerate(counts):
        joined[band] = number
        held += count
        if held >= fewest:
            number, held = number + 1, 0
    return np.minimum(joined, max(number - 1, 0))


def neighbors_are_alike(values, points, rng):
    """Say whether near places have values more similar than by chance.

    The squared differences of the nearest neighbors are compared with those of shuffled values,
    at a level of 1 %.

    Parameters
    ----------
    values : ndarray of float64 of shape (n_points, n_columns)
        Without missing values.
    points : ndarray of float64 of shape (n_points, 2)
        Coordinates.
    rng : RandomState
        Shuffles the values.

    Returns
    -------
    are_alike : bool
    """
    n_points = len(points)
    neighbors = min(_NEIGHBORS, n_points - 1)
    second = cKDTree(points).query(points, k=neighbors + 1)[1][:, 1:].ravel()
    first = np.repeat(np.arange(n_points), neighbors)
    found = _squares(values, first, second).sum()
    as_alike = 0
    for _ in range(_SHUFFLES):
        place = rng.permutation(n_points)
        as_alike += _squares(values, place[first], place[second]).sum() <= found
    return bool((1 + as_alike) / (1 + _SHUFFLES) <= _LEVEL)
