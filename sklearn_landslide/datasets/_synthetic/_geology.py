"""Faults, rocks and soils."""

import numpy as np
from scipy.ndimage import distance_transform_edt

from sklearn_landslide.datasets._synthetic._random_field import classes_by_share, random_field

LITHOLOGY = {
    1: "alluvium",
    2: "sandstone",
    3: "shale",
    4: "limestone",
    5: "granite",
    6: "tuff",
}
SOIL = {1: "Fluvisol", 2: "Leptosol", 3: "Cambisol", 4: "Acrisol", 5: "Andosol"}

# The layers from bottom to top; a rock may come back higher up.
_LAYERS = (5, 2, 3, 4, 3, 6)
_LAYER_SHARES = (0.22, 0.18, 0.15, 0.12, 0.13, 0.20)


def distance_to(mask, cell_size):
    """Distance from the center of every cell to the center of the nearest marked cell.

    Parameters
    ----------
    mask : ndarray of bool of shape (rows, columns)
        Marked cells, at least one.
    cell_size : float
        Side of a cell in meters.

    Returns
    -------
    distance : ndarray of shape (rows, columns)
        Meters; 0 in the marked cells.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.datasets._synthetic._geology import distance_to
    >>> distance_to(np.array([[True, False, False]]), 30.0)
    array([[ 0., 30., 60.]])
    """
    return distance_transform_edt(~mask, sampling=cell_size)


def make_faults(shape, cell_size, rng):
    """Draw a few roughly parallel, slightly bent fault lines across the region.

    Parameters
    ----------
    shape : tuple of (int, int)
        Rows and columns.
    cell_size : float
        Side of a cell in meters.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    mask : ndarray of bool of shape (rows, columns)
        Cells on a fault, about one line for every 30 km² and two at least.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.datasets._synthetic._geology import make_faults
    >>> faults = make_faults((40, 50), 30.0, np.random.default_rng(0))
    >>> bool(faults.any())
    True
    """
    rows, columns = shape
    n_faults = max(2, round(rows * columns * cell_size**2 / 30e6))
    strike = rng.uniform(0, np.pi)
    mask = np.zeros(shape, dtype=bool)
    # Half a cell between two points: the line has no gap.
    along = np.arange(-(rows + columns), rows + columns, 0.5)
    for _ in range(n_faults):
        angle = strike + rng.normal(0, 0.2)
        bend = np.cumsum(np.cumsum(rng.normal(0, 3e-4, along.size)))
        bend -= np.interp(0, along, bend)  # the line passes through its center
        row = rng.uniform(0, rows) + along * np.sin(angle) + bend * np.cos(angle)
        column = rng.uniform(0, columns) + along * np.cos(angle) - bend * np.sin(angle)
        inside = (row >= 0) & (row < rows) & (column >= 0) & (column < columns)
        mask[row[inside].astype(int), column[inside].astype(int)] = True
    return mask


def make_lithology(elevation, slope, river_distance, cell_size, rng):
    """Rock at the surface: tilted, folded layers cut by the terrain, alluvium in valleys.

    Parameters
    ----------
    elevation, slope, river_distance : ndarray of shape (rows, columns)
        Meters, degrees and meters.
    cell_size : float
        Side of a cell in meters.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    lithology : ndarray of int of shape (rows, columns)
        Codes of `LITHOLOGY`.
    dip_direction : float
        Direction in which the layers fall, degrees clockwise from north.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.datasets._synthetic._geology import make_lithology
    >>> flat = np.zeros((20, 20))
    >>> lithology, dip_direction = make_lithology(flat, flat, flat, 30.0, np.random.default_rng(0))
    >>> int(lithology.max()), 0 <= dip_direction < 360
    (1, True)
    """
    rows, columns = np.indices(elevation.shape)
    dip, dip_direction = rng.uniform(0.02, 0.08), rng.uniform(0, 360)
    east, north = np.sin(np.radians(dip_direction)), np.cos(np.radians(dip_direction))
    # A layer that falls eastward is met, at one height, the higher in the pile the further east.
    tilt = dip * cell_size * (columns * east - rows * north)
    folds = 250.0 * random_field(elevation.shape, cell_size, length=2500.0, exponent=5.0, rng=rng)
    layer = classes_by_share(elevation + tilt + folds, _LAYER_SHARES)
    lithology = np.asarray(_LAYERS)[layer]
    lithology[(slope < 8.0) & (river_distance < 200.0)] = 1
    return lithology, dip_direction


def make_soil(slope, twi, lithology, cell_size, rng):
    """Soil class from slope, wetness and parent rock, with patches of its own.

    Parameters
    ----------
    slope, twi : ndarray of shape (rows, columns)
        Slope in degrees and topographic wetness index.
    lithology : ndarray of int of shape (rows, columns)
        Codes of `LITHOLOGY`.
    cell_size : float
        Side of a cell in meters.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    soil : ndarray of int of shape (rows, columns)
        Codes of `SOIL`.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.datasets._synthetic._geology import make_soil
    >>> shape = (20, 20)
    >>> steep, dry, granite = np.full(shape, 70.0), np.full(shape, 4.0), np.full(shape, 5)
    >>> soil = make_soil(steep, dry, granite, 30.0, np.random.default_rng(0))
    >>> int(soil.min()), int(soil.max())
    (2, 2)
    """
    patches = random_field(slope.shape, cell_size, length=500.0, exponent=4.0, rng=rng)
    soil = np.where(patches > 0.2, 4, 3)
    soil[(lithology == 6) & (patches > -0.8)] = 5
    soil[slope + 5.0 * patches > 36.0] = 2
    soil[(lithology == 1) | (twi + patches > 12.0)] = 1
    return soil
