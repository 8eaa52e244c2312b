"""Bring an elevation model on other cells, straight between the centers of its own.

GDAL interpolates places, by up to an eighth of a cell, and widens its kernel where cells become
larger, whose weights then do not follow a plane. In a slope both would be seen.
"""

import numpy as np
from scipy.ndimage import map_coordinates

from sklearn_landslide._optional import import_optional
from sklearn_landslide.mapping import source_window
from sklearn_landslide.terrain._tiles import TILE


def warp_bilinear(values, source, target, chunks):
    """Interpolate between the four nearest cells, lazily.

    Parameters
    ----------
    values : dask array of shape (source.height, source.width), float
        Elevation; NaN is a void.
    source, target : Grid
        Where the values lie, and where they are wanted.
    chunks : int
        Side of the windows of the result, in cells.

    Returns
    -------
    warped : dask array of shape (target.height, target.width)
        NaN where one of the four cells is a void. The values do not depend on `chunks`.
    """
    array = import_optional("dask.array", extra="terrain")
    delayed = import_optional("dask", extra="terrain").delayed
    blocks = []
    for row in range(0, target.height, TILE):
        line = []
        for column in range(0, target.width, TILE):
            rows = (row, min(row + TILE, target.height))
            columns = (column, min(column + TILE, target.width))
            shape = (rows[1] - rows[0], columns[1] - columns[0])
            window = source_window(rows, columns, source, target)
            if window is None:
                line.append(array.full(shape, np.nan, dtype=values.dtype))
                continue
            first, last = zip(*((side.start, side.stop) for side in window), strict=True)
            tile = delayed(_interpolate)(
                values[window],
                source.window(first, last),
                target.window((rows[0], columns[0]), (rows[1], columns[1])),
            )
            line.append(array.from_delayed(tile, shape, dtype=values.dtype))
        blocks.append(line)
    return array.block(blocks).rechunk(chunks)


def _interpolate(values, source, target):
    """Interpolate one tile at the exact places of its cells."""
    pyproj = import_optional("pyproj", extra="terrain")
    row, column = np.indices((target.height, target.width))
    x, y = target.centers(row.ravel(), column.ravel())
    if source.crs != target.crs:
        there, here = (pyproj.CRS.from_wkt(grid.crs.to_wkt()) for grid in (target, source))
        x, y = pyproj.Transformer.from_crs(there, here, always_xy=True).transform(x, y)
    places = np.array(source.to_row_column(x, y)) - 0.5
    # Far outside, where nothing is known.
    places = np.where(np.isfinite(places).all(axis=0), places, -10.0)
    heights = map_coordinates(
        values.astype(np.float64), places, order=1, mode="constant", cval=np.nan
    )
    return heights.astype(values.dtype).reshape(row.shape)
