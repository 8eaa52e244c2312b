"""Sums over the cells of units, from which their mean aspect and its variance follow."""

import numpy as np

from sklearn_landslide.terrain._surface import surface_derivatives


def directions(elevation, cell_size):
    """East and north components of the direction in which each cell falls, 0 where unknown."""
    # Rows that are as far apart as columns give the same direction.
    z_x, z_y, *_ = surface_derivatives(elevation, cell_size[0])
    z_y = z_y * cell_size[0] / cell_size[1]
    steepness = np.hypot(z_x, z_y)
    # A fall of one millimeter in a kilometer is rounding, not terrain.
    known = steepness > 1e-6
    return tuple(
        np.divide(-part, steepness, out=np.zeros_like(steepness), where=known).ravel()
        for part in (z_x, z_y)
    )


def circular_variance(sums):
    """1 minus the length of the mean direction; 0 where no cell has one."""
    length = np.hypot(sums[..., 2], sums[..., 3])
    known = sums[..., 1] > 0
    return 1 - np.divide(length, sums[..., 1], out=np.ones_like(length), where=known)


def sums_of(labels, known, east, north, cell_area, n_labels):
    """Area, number of cells with an aspect and sums of its components, by label."""
    return np.stack(
        [
            np.bincount(labels, minlength=n_labels) * cell_area,
            np.bincount(labels, known, minlength=n_labels),
            np.bincount(labels, east, minlength=n_labels),
            np.bincount(labels, north, minlength=n_labels),
        ],
        axis=1,
    )


def numbered(*keys):
    """Give numbers to the combinations of keys; return them and the first place of each."""
    combined = keys[0].astype(np.int64)
    for key in keys[1:]:
        _, combined = np.unique(combined, return_inverse=True)
        combined = combined * (int(key.max()) + 1) + key
    _, first, numbers = np.unique(combined, return_index=True, return_inverse=True)
    return numbers, first
