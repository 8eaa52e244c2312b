"""Rows that are pieces of one landslide, as far as a table shows it."""

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from sklearn_landslide._factor_tables import is_number_column

# Neighbors of a row that are looked at: those of a cell in a raster.
N_NEIGHBORS = 8
# Rows lie on the cells of a raster if more of them than this have their neighbor at one distance.
SHARE_ON_CELLS = 0.05
# Values that differ by less than this, in standard deviations, are as good as equal.
ALIKE = 0.01
# By how much of what chance leaves open the labels of such neighbors agree: pieces of one thing
# have one label, while neighbors that are similar by nature differ now and then.
AGREEMENT = 0.8
FEWEST_PAIRS = 20


def neighbor_pairs(points):
    """Pairs of each row and its nearest other rows, and how far apart they are."""
    n_rows = len(points)
    distance, neighbor = cKDTree(points).query(points, k=min(N_NEIGHBORS + 1, n_rows))
    rows = np.repeat(np.arange(n_rows), neighbor.shape[1])
    pairs = np.column_stack([rows, neighbor.ravel()])
    apart = pairs[:, 0] != pairs[:, 1]
    return pairs[apart], distance.ravel()[apart]


def side_of_cells(points):
    """Side of the cells of the raster that rows were taken from; 0 if none shows."""
    nearest = cKDTree(points).query(points, k=2)[0][:, 1]
    nearest = np.sort(nearest[nearest > 0])
    if not nearest.size:
        return 0.0
    within = np.searchsorted(nearest, nearest * 1.01, side="right") - np.arange(nearest.size)
    if within.max() < SHARE_ON_CELLS * len(points):
        return 0.0
    return float(nearest[within.argmax()])


def are_alike(frame, pairs):
    """Say for each pair of rows whether all their factors are as good as equal."""
    alike = np.ones(len(pairs), dtype=bool)
    for position in range(frame.shape[1]):
        column = frame.iloc[:, position]
        if not is_number_column(column):
            codes = pd.factorize(column, use_na_sentinel=False)[0]
            alike &= codes[pairs[:, 0]] == codes[pairs[:, 1]]
            continue
        values = column.to_numpy(dtype=float, na_value=np.nan)
        one, other = values[pairs[:, 0]], values[pairs[:, 1]]
        limit = 0 if np.isnan(values).all() else ALIKE * np.nanstd(values)
        alike &= (np.abs(one - other) <= limit) | (np.isnan(one) & np.isnan(other))
    return alike


def find_patches(frame, points, codes):
    """Join rows that seem to be pieces of one landslide, or of one place without, to patches.

    Rows are joined to neighbors in the next cell of a raster, or with the same factors, if the
    labels of such neighbors are nearly always the same.

    Parameters
    ----------
    frame : DataFrame of shape (n_samples, n_factors)
        The factors.
    points : ndarray of shape (n_samples, 2)
        Their places.
    codes : ndarray of shape (n_samples,)
        Their classes, 0 or 1.

    Returns
    -------
    patches : ndarray of int of shape (n_samples,)
        A row that is joined to none is a patch of its own.
    """
    pairs, distance = neighbor_pairs(points)
    same = codes[pairs[:, 0]] == codes[pairs[:, 1]]
    share = codes.mean()
    chance_level = share**2 + (1 - share) ** 2
    joined = np.zeros(len(pairs), dtype=bool)
    for near in (distance <= 1.5 * side_of_cells(points), are_alike(frame, pairs)):
        agree = (same[near].mean() - chance_level) / (1 - chance_level) if near.any() else 0
        if near.sum() >= FEWEST_PAIRS and agree >= AGREEMENT:
            joined |= near & same
    one, other = pairs[joined].T
    graph = coo_array((np.ones(len(one)), (one, other)), shape=(len(points), len(points)))
    return connected_components(graph, directed=False)[1]
