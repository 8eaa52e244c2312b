"""Factors of the surroundings of a cell, computed tile by tile of a raster."""

import numpy as np

from sklearn_landslide._optional import import_optional

# Side of the tiles, counted from the upper left corner. Sums are rounded as they are added up, so
# the tiles are the same whatever the windows, and every value to its last bit.
TILE = 512


def map_tiles(values, reach, compute, names, chunks):
    """Compute factors that need the cells around a cell, lazily.

    Parameters
    ----------
    values : dask array of shape (rows, columns)
        Elevation in meters; NaN is a void.
    reach : tuple of (int, int)
        How many rows and columns are needed beyond a cell.
    compute : callable
        Called with a tile and its margin, float64, NaN beyond the raster; returns a dict of
        factors of the tile.
    names : sequence of str
        Those factors of the dict that are wanted.
    chunks : int
        Side of the windows of the results, in cells.

    Returns
    -------
    factors : dict of str to dask array of shape (rows, columns), float32
        The values do not depend on `chunks`, nor on the windows of `values`.

    Examples
    --------
    >>> import dask.array as da, numpy as np
    >>> from sklearn_landslide.terrain._tiles import map_tiles
    >>> def east(z):
    ...     return {"east": z[:, 2:]}
    >>> z = da.from_array(np.arange(6.0).reshape(2, 3))
    >>> map_tiles(z, (0, 1), east, ["east"], 512)["east"].compute()
    array([[ 1.,  2., nan],
           [ 4.,  5., nan]], dtype=float32)
    """
    array = import_optional("dask.array", extra="terrain")
    delayed = import_optional("dask", extra="terrain").delayed
    rows, columns = values.shape
    found = {name: [] for name in names}
    for row in range(0, rows, TILE):
        lines = {name: [] for name in names}
        for column in range(0, columns, TILE):
            shape = min(TILE, rows - row), min(TILE, columns - column)
            window, margin = zip(
                _side(row, shape[0], reach[0], rows),
                _side(column, shape[1], reach[1], columns),
                strict=True,
            )
            tile = delayed(_tile)(values[window], margin, compute, tuple(names))
            for name in names:
                lines[name].append(array.from_delayed(tile[name], shape, dtype=np.float32))
        for name in names:
            found[name].append(lines[name])
    return {name: array.block(lines).rechunk(chunks) for name, lines in found.items()}


def _side(start, length, reach, size):
    """Cells to be read along one side of a tile, and how many are missing beyond the raster."""
    first, last = start - reach, start + length + reach
    return slice(max(first, 0), min(last, size)), (max(-first, 0), max(last - size, 0))


def _tile(values, margin, compute, names):
    z = np.pad(values.astype(np.float64), margin, constant_values=np.nan)
    factors = compute(z)
    return {name: factors[name].astype(np.float32) for name in names}
