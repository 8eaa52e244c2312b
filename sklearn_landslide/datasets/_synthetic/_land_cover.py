"""Roads, landuse and vegetation."""

import numpy as np
from scipy.sparse import csgraph

from sklearn_landslide.datasets._synthetic._random_field import random_field
from sklearn_landslide.terrain import graph_of_edges, grid_edges

LANDUSE = {
    1: "forest",
    2: "shrub",
    3: "grassland",
    4: "cropland",
    5: "built-up",
    6: "bare ground",
}
_MEAN_NDVI = np.array([np.nan, 0.74, 0.58, 0.46, 0.42, 0.22, 0.12])
_COARSE_NODES = 30_000


def make_roads(elevation, slope, cell_size, rng, *, n_towns=7):
    """Lay roads from one town to others along the paths of least effort.

    Parameters
    ----------
    elevation, slope : ndarray of shape (rows, columns)
        Meters and degrees.
    cell_size : float
        Side of a cell in meters.
    rng : numpy.random.Generator
        Source of randomness.
    n_towns : int, default=7
        Number of towns, placed on low and gentle ground.

    Returns
    -------
    mask : ndarray of bool of shape (rows, columns)
        Cells on a road.

    References
    ----------
    .. [1] Dijkstra, E. W. (1959). A note on two problems in connexion with graphs.
       Numerische Mathematik 1, 269-271.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.datasets._synthetic._land_cover import make_roads
    >>> flat = np.zeros((20, 30))
    >>> bool(make_roads(flat, flat, 30.0, np.random.default_rng(0)).any())
    True
    """
    # Paths over a coarse grid look the same and cost a tenth.
    stride = max(1, int(np.ceil(np.sqrt(elevation.size / _COARSE_NODES))))
    ground, steepness = elevation[::stride, ::stride], slope[::stride, ::stride].ravel()
    first, second, steps = grid_edges(ground.shape)
    climb = np.abs(ground.ravel()[first] - ground.ravel()[second]) / (steps * stride * cell_size)
    cross_slope = (steepness[first] + steepness[second]) / 2
    effort = steps * (1 + (climb / 0.06) ** 2 + (cross_slope / 15.0) ** 2)
    graph = graph_of_edges(effort, first, second, ground.size)

    height = np.argsort(np.argsort(ground.ravel())) / ground.size
    appeal = np.exp(-4.0 * height - steepness / 6.0)
    towns = rng.choice(ground.size, n_towns, replace=False, p=appeal / appeal.sum())
    _, before = csgraph.dijkstra(graph, directed=False, indices=towns[0], return_predecessors=True)
    mask = np.zeros(elevation.shape, dtype=bool)
    for town in towns[1:]:
        path = [town]
        while path[-1] != towns[0]:
            path.append(before[path[-1]])
        row, column = np.unravel_index(np.array(path), ground.shape)
        # Back on the fine grid the steps of the path are joined by straight pieces.
        ends = np.arange(len(path)) * stride
        fine = np.arange(ends[-1] + 1)
        row, column = (np.interp(fine, ends, axis * stride) for axis in (row, column))
        mask[np.rint(row).astype(int), np.rint(column).astype(int)] = True
    return mask


def make_landuse(elevation, slope, road_distance, cell_size, rng):
    """Landuse class from height, slope and nearness to roads, with patches of its own.

    Parameters
    ----------
    elevation, slope, road_distance : ndarray of shape (rows, columns)
        Meters, degrees and meters.
    cell_size : float
        Side of a cell in meters.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    landuse : ndarray of int of shape (rows, columns)
        Codes of `LANDUSE`.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.datasets._synthetic._land_cover import make_landuse
    >>> shape = (20, 20)
    >>> rng = np.random.default_rng(0)
    >>> landuse = make_landuse(np.arange(400.0).reshape(shape), np.full(shape, 30.0),
    ...                        np.full(shape, 2000.0), 30.0, rng)
    >>> bool(np.isin(landuse, [1, 2, 3, 6]).all())
    True
    """
    patches = random_field(elevation.shape, cell_size, length=400.0, exponent=4.0, rng=rng)
    height = (elevation - elevation.min()) / np.ptp(elevation)
    openness = patches + 1.6 * (height - 0.4)
    landuse = np.full(elevation.shape, 1)
    landuse[openness > 0.5] = 2
    landuse[openness > 1.3] = 3
    landuse[(slope > 38.0) & (patches > 0.3)] = 6
    landuse[(slope < 14.0) & (height < 0.6) & (patches > -0.9) & (road_distance < 1500.0)] = 4
    landuse[(slope < 12.0) & (road_distance < 150.0) & (patches > 0.2)] = 5
    return landuse


def make_ndvi(landuse, elevation, cell_size, rng):
    """Vegetation index from landuse, height and vigor.

    Parameters
    ----------
    landuse : ndarray of int of shape (rows, columns)
        Codes of `LANDUSE`.
    elevation : ndarray of shape (rows, columns)
        Meters.
    cell_size : float
        Side of a cell in meters.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    ndvi : ndarray of shape (rows, columns)
        Normalized difference vegetation index, between -0.1 and 0.95.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.datasets._synthetic._land_cover import make_ndvi
    >>> rng = np.random.default_rng(0)
    >>> ndvi = make_ndvi(np.full((20, 20), 1), np.zeros((20, 20)), 30.0, rng)
    >>> bool(ndvi.mean() > 0.6)
    True
    """
    vigor = random_field(landuse.shape, cell_size, length=300.0, exponent=3.5, rng=rng)
    sensor = rng.standard_normal(landuse.shape)
    ndvi = _MEAN_NDVI[landuse] - 5e-5 * elevation + 0.07 * vigor + 0.02 * sensor
    return np.clip(ndvi, -0.1, 0.95)
