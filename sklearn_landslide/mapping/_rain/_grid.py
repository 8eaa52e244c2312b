"""Cells of a rain cube in one order: from the north, from the west, longitudes to 180."""

import numpy as np

from sklearn_landslide.mapping._rasters._grids import TOLERANCE


def _is_even(centers):
    """Whether centers are evenly spaced."""
    steps = np.diff(centers.astype(np.float64))
    return len(steps) == 0 or np.ptp(steps) <= TOLERANCE * np.abs(steps).mean() * 2


def in_order(values, part):
    """Bring the rows from the north and the columns from the west.

    Parameters
    ----------
    values : dask array of shape (n_times, n_rows, n_columns)
        In the order of the file.
    part : RainPart
        With the centers of the cells.

    Returns
    -------
    values : dask array
    x, y : ndarray
        Centers, rising and falling.
    said : list of str
        What was done.
    """
    x, y, said = part.x, part.y, []
    if part.crs.is_geographic and (x > 180).any():
        wrapped = (x.astype(np.float64) + 180) % 360 - 180
        order = np.argsort(wrapped, kind="stable")
        if _is_even(wrapped[order]):
            values = values if (np.diff(order) == 1).all() else values[:, :, order]
            x = wrapped[order]
            said.append("longitudes of 0 to 360 became -180 to 180")
    if len(x) > 1 and x[0] > x[-1]:
        values, x = values[:, :, ::-1], x[::-1]
        said.append("columns turned to run from the west")
    if len(y) > 1 and y[0] < y[-1]:
        values, y = values[:, ::-1], y[::-1]
        said.append("rows turned to run from the north")
    return values, x, y, said
