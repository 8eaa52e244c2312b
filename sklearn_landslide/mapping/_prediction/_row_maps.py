"""Maps of several numbers that follow from the row of a pixel, and rows drawn from a map."""

from dataclasses import dataclass

import numpy as np
from sklearn import config_context, get_config

from sklearn_landslide._optional import import_optional
from sklearn_landslide.mapping._prediction._one_thread import one_thread
from sklearn_landslide.mapping._prediction._pixel_rows import PixelRows
from sklearn_landslide.mapping._prediction._predict import TILE, ground_tiles, rows_of
from sklearn_landslide.mapping._prediction._workers import send_once


@dataclass(frozen=True)
class RowTask:
    """What is computed of each window: small, and sent with each window.

    Parameters
    ----------
    rows : PixelRows
        How pixels become rows.
    n_bands : int
        Numbers that each row gives.
    step : int
        Side of the blocks of pixels that share one row, a divisor of the side of a tile.
    sklearn_config : dict
        scikit-learn's settings where the map was asked for; threads have their own.
    """

    rows: PixelRows
    n_bands: int
    step: int
    sklearn_config: dict


def chosen_pixels(valid, step):
    """Choose one valid pixel in each block: the one nearest to its middle.

    Parameters
    ----------
    valid : ndarray of bool, shape (rows, columns)
        Where there is data.
    step : int
        Side of the blocks, which begin in the upper left corner.

    Returns
    -------
    pixels : ndarray of int, shape (n_blocks, 2)
        Row and column.
    block : ndarray of int, shape (rows, columns)
        Number of the block of each pixel, among those with a chosen one; -1 for others.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.mapping._prediction._row_maps import chosen_pixels
    >>> pixels, block = chosen_pixels(np.array([[True, False, False, True]]), 2)
    >>> pixels.tolist(), block.tolist()
    ([[0, 0], [0, 3]], [[0, 0, 1, 1]])
    """
    rows, columns = np.nonzero(valid)
    width = -(-valid.shape[1] // step)
    owner = rows // step * width + columns // step
    middle = (step - 1) / 2
    distance = (rows % step - middle) ** 2 + (columns % step - middle) ** 2
    order = np.lexsort((distance, owner))
    owners, first = np.unique(owner[order], return_index=True)
    number = np.full(width * -(-valid.shape[0] // step), -1)
    number[owners] = np.arange(len(owners))
    row, column = np.indices(valid.shape)
    chosen = order[first]
    return np.column_stack([rows[chosen], columns[chosen]]), number[
        row // step * width + column // step
    ]


def compute_window(*bands, task, function):
    """Compute the numbers of the valid pixels of a window, tile by tile.

    Parameters
    ----------
    *bands : ndarray of shape (rows, columns)
        One for each factor. The window begins at a multiple of the tile's side.
    task : RowTask
        What to compute.
    function : callable
        From a table to an array of shape (n_rows, n_bands).

    Returns
    -------
    window : ndarray of shape (n_bands, rows, columns), float32
        NaN where any band has no data.
    """
    window = np.full((task.n_bands, *bands[0].shape), np.nan, dtype=np.float32)
    valid = task.rows.valid(bands)
    if not valid.any():
        return window
    with one_thread(), config_context(**task.sklearn_config):
        for tile in ground_tiles(valid):
            pixels, block = chosen_pixels(valid[tile], task.step)
            mask = np.zeros(valid[tile].shape, dtype=bool)
            mask[tuple(pixels.T)] = True
            numbers = function(task.rows.frame([band[tile] for band in bands], mask))
            # Rows of the table come in the order of the pixels, not of the blocks.
            place = np.empty(len(pixels), dtype=np.int64)
            place[np.lexsort(pixels.T[::-1])] = np.arange(len(pixels))
            ground = valid[tile]
            window[(slice(None), *tile)][:, ground] = numbers[place[block[ground]]].T
    return window


def map_rows(function, model, stack, names, *, window=512, step=1):
    """Map several numbers that follow from the factors of a pixel, lazily.

    As `predict_map` does: the same bits whatever the window and the number of workers.

    Parameters
    ----------
    function : callable
        From a table, as the model takes it, to an array of shape (n_rows, n_bands).
    model : fitted classifier or pipeline
        Its factors, codes and plausible ranges say what is a row.
    stack : xarray.Dataset
        The factors.
    names : list of str
        Names of the bands.
    window : int, default=512
        Side of a window in pixels, rounded up to a multiple of 128.
    step : int, default=1
        Side of the blocks of pixels that share the numbers of one of them, a divisor of 128.

    Returns
    -------
    bands : dict of str to xarray.DataArray
        NaN where a factor has no data.
    """
    array = import_optional("dask.array", extra="map")
    xarray = import_optional("xarray", extra="map")
    import_optional("rioxarray", extra="map")
    rows, factors = rows_of(model, stack)
    side = -(-window // TILE) * TILE
    data = [factor.chunk({"y": side, "x": side}).data for factor in factors]
    heights, widths = data[0].chunks
    found = array.map_blocks(
        compute_window,
        *data,
        task=RowTask(rows, len(names), step, get_config()),
        function=send_once(function),
        new_axis=0,
        chunks=((len(names),), heights, widths),
        dtype=np.float32,
        meta=np.empty((0, 0, 0), dtype=np.float32),
        name="map-rows",
    )
    coords = {
        key: value for key, value in factors[0].coords.items() if set(value.dims) <= {"x", "y"}
    }
    return {
        name: xarray.DataArray(found[number], coords, ("y", "x"), name).rio.write_nodata(np.nan)
        for number, name in enumerate(names)
    }


def rows_of_map(model, stack, n_rows, *, random_state=0, n_tiles=64):
    """Draw rows from the pixels of a stack, each pixel equally likely, of a few tiles all over it.

    Parameters
    ----------
    model : fitted classifier or pipeline
        Its factors, codes and plausible ranges say what is a row.
    stack : xarray.Dataset
        The factors.
    n_rows : int
        About how many, if all of the stack were ground.
    random_state : int, default=0
        Seed.
    n_tiles : int, default=64
        Tiles of 128 by 128 pixels that are read at the most.

    Returns
    -------
    frame : pandas.DataFrame of shape (n_drawn, n_factors)
        The rows.
    share : float
        About which share of the pixels is ground.
    """
    rows, factors = rows_of(model, stack)
    rng = np.random.RandomState(random_state)
    height, width = factors[0].shape
    corners = [(row, column) for row in range(0, height, TILE) for column in range(0, width, TILE)]
    places = np.unique(np.linspace(0, len(corners) - 1, n_tiles).astype(int))
    each = -(-n_rows // len(places))
    # Where none of these tiles has ground, all others are looked through.
    others = np.setdiff1d(np.arange(len(corners)), places)
    drawn, n_seen, n_drawn = [], 0, 0
    for number, place in enumerate([*places, *others]):
        if number >= len(places) and n_drawn:
            break
        row, column = corners[place]
        tile = (slice(row, row + TILE), slice(column, column + TILE))
        bands = [np.asarray(factor[tile]) for factor in factors]
        n_pixels = bands[0].size
        # A smaller tile at the edge has fewer.
        n_here = min(n_pixels, max(round(each * n_pixels / TILE**2), 1))
        pixels = rng.choice(n_pixels, n_here, replace=False)
        pixels = pixels[rows.valid(bands).ravel()[pixels]]
        drawn.append([band.ravel()[pixels] for band in bands])
        n_seen += n_here
        n_drawn += len(pixels)
    values = [np.concatenate(parts) for parts in zip(*drawn, strict=True)]
    return rows.frame(values, np.ones(n_drawn, dtype=bool)), n_drawn / n_seen
