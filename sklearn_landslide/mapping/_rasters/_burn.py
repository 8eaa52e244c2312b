"""Polygons on cells: which centers they hold, tile by tile."""

from threading import Lock

import numpy as np

from sklearn_landslide._optional import import_optional

# rasterio silences a warning meanwhile by filters that all threads share: two at a time would
# undo each other's, and leave the filters changed.
_ONE_AT_A_TIME = Lock()


def burn(polygons, numbers, grid, rows, columns):
    """Write numbers to the cells of a tile whose centers lie in polygons.

    Parameters
    ----------
    polygons : ndarray of shapely geometries
        In the CRS of the grid; a later one covers an earlier one.
    numbers : ndarray of int
        One for each polygon, not 0.
    grid : Grid
        The grid.
    rows, columns : tuple of int
        First row and column, and those behind the last.

    Returns
    -------
    burned : ndarray of int32
        0 outside of all polygons.
    """
    features = import_optional("rasterio.features", extra="map")
    shape = rows[1] - rows[0], columns[1] - columns[0]
    if not len(polygons):
        return np.zeros(shape, dtype=np.int32)
    window = grid.window((rows[0], columns[0]), (rows[1], columns[1]))
    pairs = zip(polygons, np.asarray(numbers).tolist(), strict=True)
    with _ONE_AT_A_TIME:
        return features.rasterize(pairs, shape, transform=window.transform, dtype=np.int32)


def near_tile(tree, grid, rows, columns):
    """Find the polygons whose rectangles meet a tile, in order.

    Parameters
    ----------
    tree : shapely.STRtree
        Of the polygons.
    grid : Grid
        The grid.
    rows, columns : tuple of int
        First row and column, and those behind the last.

    Returns
    -------
    places : ndarray of int
        Their places in the tree.
    """
    shapely = import_optional("shapely", extra="map")
    tile = grid.window((rows[0], columns[0]), (rows[1], columns[1]))
    left, right, bottom, top = tile.bounds
    return np.sort(tree.query(shapely.box(left, bottom, right, top)))
