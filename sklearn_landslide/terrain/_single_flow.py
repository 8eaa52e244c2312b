"""Where each cell drains in one of eight directions, and from which side it enters a channel."""

from dataclasses import dataclass

import numpy as np

from sklearn_landslide._optional import import_optional
from sklearn_landslide.terrain._flow_directions import (
    OUTLET,
    fill_depressions,
    flow_directions,
    step_length,
)

# Rows and columns to the eight neighbors, clockwise from the north.
STEPS = ((-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1))
# Banks, looking downstream.
RIGHT, LEFT = 0, 1


def shifted(values, step, fill):
    """Return for every cell the value of its neighbor at `step`, `fill` beyond the edge."""
    down, across = step
    height, width = values.shape
    found = np.full_like(values, fill)
    to_rows = slice(max(0, -down), height - max(0, down))
    to_columns = slice(max(0, -across), width - max(0, across))
    from_rows = slice(max(0, down), height - max(0, -down))
    from_columns = slice(max(0, across), width - max(0, -across))
    found[to_rows, to_columns] = values[from_rows, from_columns]
    return found


def _continued(z, step):
    """Elevation beyond the edge: each row and column goes on as it falls between its last cells."""
    down, across = step
    if not (down and across):
        return 2 * z - shifted(z, (-down, -across), np.nan)
    in_columns = 2 * z - shifted(z, (-down, 0), np.nan)
    in_rows = 2 * z - shifted(z, (0, -across), np.nan)
    # Where both reach a cell, the higher one: water leaves only where it surely can.
    return np.fmax(shifted(in_columns, (0, across), np.nan), shifted(in_rows, (down, 0), np.nan))


def flow_codes(elevation, cell_size):
    """Single-direction flow that leaves the region wherever the ground falls beyond its edge.

    Beyond the edge, and in voids, the ground is taken to go on as it falls. A cell whose steepest
    way leads there is an outlet, so that no channel runs along an edge that is none.

    Parameters
    ----------
    elevation : ndarray of shape (rows, columns)
        Elevation in meters, NaN where there is none.
    cell_size : tuple of (float, float)
        Width and height of a cell in meters.

    Returns
    -------
    codes : ndarray of uint8, of the same shape
        Directions as pyflwdir codes them.
    """
    filled = fill_depressions(elevation)
    codes = flow_directions(filled, cell_size)
    filled = filled.astype(np.float64)
    inside, outside = np.zeros(filled.shape), np.zeros(filled.shape)
    for step in STEPS:
        ahead = shifted(filled, step, np.nan)
        length = step_length(*step, cell_size)
        inside = np.fmax(inside, (filled - ahead) / length)
        fall = np.where(np.isnan(ahead), (filled - _continued(filled, step)) / length, 0.0)
        outside = np.fmax(outside, fall)
    codes[np.isfinite(filled) & (outside > inside)] = OUTLET
    return codes


@dataclass(frozen=True, eq=False)
class ChannelFlow:
    """Where each cell of a grid drains, by flat index.

    Parameters
    ----------
    shape : tuple of (int, int)
        Rows and columns.
    down : ndarray of int
        The next cell downstream; an outlet's is itself, and so is that of a cell without ground.
    ground : ndarray of bool
        Cells with an elevation.
    area : ndarray of float
        Contributing area in m², the cell's own included.
    is_main : ndarray of bool
        Whether a cell has the largest area of all that drain into the next one.
    tail : ndarray of int
        The last cell downstream that is reached without leaving the main course.
    bank : ndarray of int
        The side from which a cell enters the main course of the next one, looking downstream.
    """

    shape: tuple
    down: np.ndarray
    ground: np.ndarray
    area: np.ndarray
    is_main: np.ndarray
    tail: np.ndarray
    bank: np.ndarray


def followed(pointer):
    """Follow pointers to the cells that point to themselves."""
    while True:
        ahead = pointer[pointer]
        if np.array_equal(ahead, pointer):
            return pointer
        pointer = ahead


def _direction(shape, source, target):
    """Find the number of the step from cells to their neighbors, clockwise from the north."""
    table = np.zeros((3, 3), dtype=np.int64)
    for number, (down, across) in enumerate(STEPS):
        table[down + 1, across + 1] = number
    rows, columns = np.divmod(source, shape[1])
    other_rows, other_columns = np.divmod(target, shape[1])
    return table[other_rows - rows + 1, other_columns - columns + 1]


def drain(elevation, cell_size, cell_area):
    """Find where each cell drains, and from which side it enters a channel.

    Parameters
    ----------
    elevation : ndarray of shape (rows, columns)
        Elevation in meters, NaN where there is none.
    cell_size : tuple of (float, float)
        Width and height of a cell in meters.
    cell_area : float
        Area of a cell in m².

    Returns
    -------
    drainage : ChannelFlow
    """
    pyflwdir = import_optional("pyflwdir", extra="terrain")
    shape, ground = elevation.shape, np.isfinite(elevation).ravel()
    codes = flow_codes(elevation, cell_size)
    flow = pyflwdir.from_array(codes, ftype="d8", check_ftype=False)
    cells = np.arange(ground.size)
    down = np.where(ground, flow.idxs_ds, cells).astype(np.int64)
    area = np.where(ground, flow.upstream_area(unit="cell").ravel(), 0) * float(cell_area)

    # Of equals, the first in the order of the raster is the main one.
    entering = np.flatnonzero(down != cells)
    order = entering[np.lexsort((entering, -area[entering], down[entering]))]
    first = np.ones(order.size, dtype=bool)
    first[1:] = down[order[1:]] != down[order[:-1]]
    is_main = np.zeros(ground.size, dtype=bool)
    is_main[order[first]] = True
    main_above = np.full(ground.size, -1)
    main_above[down[order[first]]] = order[first]
    tail = followed(np.where(is_main, down, cells))

    # Clockwise from where the channel leaves, the right bank comes before the main course that
    # arrives. An outlet goes on straight.
    side = np.full(ground.size, RIGHT, dtype=np.int8)
    source = entering[~is_main[entering]]
    target = down[source]
    arrives = _direction(shape, target, main_above[target])
    leaves = np.where(
        down[target] == target, (arrives + 4) % 8, _direction(shape, target, down[target])
    )
    turn, turn_main = (
        (_direction(shape, target, source) - leaves) % 8,
        (arrives - leaves) % 8,
    )
    side[source[turn > turn_main]] = LEFT
    return ChannelFlow(shape, down, ground, area, is_main, tail, side)
