"""Streams and the two banks of each: half-basins of a drainage network, for any threshold."""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csgraph

from sklearn_landslide.terrain._flow_graph import graph_of_edges
from sklearn_landslide.terrain._single_flow import LEFT, RIGHT, STEPS, followed, shifted

# A slope that leaves the region before it reaches a stream lies on no bank.
OPEN = 2
SIDES = ("right", "left", "open")
# Outlets side by side at the edge drain one slope where what they drain falls in about the same
# direction, and lie on one bank of whatever is beyond where the directions are not opposite.
_ONE_SLOPE, _ONE_BANK = np.cos(np.radians([30, 90]))


@dataclass(frozen=True, eq=False)
class HalfBasins:
    """Half-basins of the network of one threshold, by flat index; -1 where there is no ground.

    Parameters
    ----------
    link : ndarray of int
        The last cell of the stream link that a cell drains to. For a slope that reaches the edge
        before any stream, the number of cells plus the number of the slope.
    side : ndarray of int
        Right (0) or left (1) bank, looking downstream; 2 for slopes without stream.
    stem : ndarray of bool
        Cells of streams and of their main courses up to the divide.
    stream : ndarray of bool
        Cells whose contributing area reaches the threshold.
    """

    link: np.ndarray
    side: np.ndarray
    stem: np.ndarray
    stream: np.ndarray


def _open_slopes(drainage, stream, east, north, alike):
    """Find slopes that reach the edge before any stream: runs of outlets side by side.

    `alike` is the least cosine of the angle between the directions of two that belong together.
    """
    outlets = drainage.ground & (drainage.down == np.arange(stream.size)) & ~stream
    basin = followed(drainage.down)
    sums = np.stack([np.bincount(basin, part, minlength=basin.size) for part in (east, north)])
    length = np.hypot(*sums)
    unit = np.divide(sums, length, out=np.zeros_like(sums), where=length > 0)
    index = np.where(outlets, np.arange(basin.size), -1).reshape(drainage.shape)
    pairs = []
    for step in STEPS[:4]:
        other = shifted(index, step, -1)
        there = (index >= 0) & (other >= 0)
        pairs.append(np.stack([index[there], other[there]]))
    one, other = np.concatenate(pairs, axis=1)
    joined = (unit[:, one] * unit[:, other]).sum(axis=0) >= alike
    graph = graph_of_edges(np.ones(joined.sum()), one[joined], other[joined], basin.size)
    _, numbers = csgraph.connected_components(graph, directed=False)
    return numbers[basin]


def half_basins(drainage, threshold, east, north):
    """Divide a grid into the two sides of each stream link.

    A stream is where the contributing area reaches the threshold, and a link is a stream between
    two confluences. Above its head, the main course up to the divide parts left from right, as
    the stream would with a lower threshold: half-basins of a lower threshold lie in those of a
    higher one. The cells of a stream belong to its right bank.

    Parameters
    ----------
    drainage : ChannelFlow
        Of the grid.
    threshold : float
        Contributing area in m².
    east, north : ndarray of float
        Components of the direction in which each cell falls, by flat index, 0 where unknown.

    Returns
    -------
    halves : HalfBasins
    """
    down, tail, ground = drainage.down, drainage.tail, drainage.ground
    cells = np.arange(ground.size)
    stream = ground & (drainage.area >= threshold)
    # What flows on the main course of a stream below.
    stem = ground & (drainage.area[tail] >= threshold)
    flows_in = stream & (down != cells)
    n_streams = np.bincount(down[flows_in], minlength=ground.size)
    ends = stream & ((down == cells) | (n_streams[down] > 1))
    link = followed(np.where(stem & ~ends, down, cells))

    # From the slopes: over one main course after the other, until one is a stream's.
    entry = np.where(stem, cells, tail)
    while True:
        onward = down[entry]
        going = ~stem[entry] & ~stem[onward] & (onward != entry)
        if not going.any():
            break
        entry = np.where(going, tail[onward], entry)
    outlet = down[entry] == entry
    open_slope = ground & ~stem & outlet
    found = np.where(stem, link, link[down[entry]])
    side = np.where(stem, RIGHT, drainage.bank[entry]).astype(np.int8)
    if open_slope.any():
        numbers = _open_slopes(drainage, stream, east, north, _ONE_SLOPE)
        found[open_slope] = ground.size + numbers[open_slope]
        side[open_slope] = OPEN
    found[~ground], side[~ground] = -1, -1
    return HalfBasins(found, side, stem, stream)


def banks(drainage, halves, east, north):
    """Find the banks: one side of successive links, as long as no tributary enters there.

    Slopes without stream lie on one bank where they reach the edge side by side and their
    directions are less than 90 degrees apart.

    Parameters
    ----------
    drainage : ChannelFlow
        Of the grid.
    halves : HalfBasins
        Of one threshold.
    east, north : ndarray of float
        As in :func:`half_basins`.

    Returns
    -------
    bank : ndarray of int
        By flat index; equal for the cells of one bank.
    """
    n_cells = halves.link.size
    # Two nodes for each possible link, and one for each run of open slopes.
    runs = 2 * n_cells + _open_slopes(drainage, halves.stream, east, north, _ONE_BANK)
    node = np.where(halves.side == OPEN, runs, 2 * halves.link + halves.side)
    ends = np.flatnonzero(halves.stream & (halves.link == np.arange(n_cells)))
    ends = ends[drainage.down[ends] != ends]
    target = drainage.down[ends]
    enters = {side: np.zeros(n_cells, dtype=bool) for side in (RIGHT, LEFT)}
    for side, there in enters.items():
        there[target[~drainage.is_main[ends] & (drainage.bank[ends] == side)]] = True
    main = ends[drainage.is_main[ends]]
    below = drainage.down[main]
    one, other = [], []
    for side, there in enters.items():
        goes_on = ~there[below]
        one.append(2 * main[goes_on] + side)
        other.append(2 * halves.link[below[goes_on]] + side)
    one, other = np.concatenate(one), np.concatenate(other)
    graph = graph_of_edges(np.ones(one.size), one, other, 3 * n_cells)
    return csgraph.connected_components(graph, directed=False)[1][np.maximum(node, 0)]
