"""Units as connected pieces, and small ones joined on the same side of streams and divides."""

import heapq

import numpy as np
from scipy.sparse import csgraph

from sklearn_landslide.terrain._flow_graph import graph_of_edges
from sklearn_landslide.terrain._single_flow import STEPS, shifted

# A corner is not a border, but joins what else touches nothing.
_CORNER = 1e-3


class Nodes:
    """The parts that a grid was divided into, each within the one that was divided.

    Parameters
    ----------
    parent : ndarray of int
        The node that each node is a part of; -1 for those that are parts of none.
    """

    def __init__(self, parent):
        self.parent = parent

    def holds(self, outer, inner):
        """Whether a node is another or has it as a part, -1 being the whole of nothing."""
        while inner > outer:
            # Parts have higher numbers than what they are parts of.
            inner = self.parent[inner]
        return inner == outer and outer >= 0


def pieces(labels):
    """Give numbers to the connected pieces of each label, from 0 in the order of the raster.

    Parameters
    ----------
    labels : ndarray of int, of shape (rows, columns)
        Negative where there is none.

    Returns
    -------
    numbers : ndarray of int, of the same shape
        Cells that touch at a corner are connected.
    """
    index = np.arange(labels.size).reshape(labels.shape)
    pairs = []
    for step in STEPS[:4]:
        same = (labels >= 0) & (shifted(labels, step, -1) == labels)
        pairs.append(np.stack([index[same], shifted(index, step, -1)[same]]))
    one, other = np.concatenate(pairs, axis=1)
    graph = graph_of_edges(np.ones(one.size), one, other, labels.size)
    parts = csgraph.connected_components(graph, directed=False)[1].reshape(labels.shape)
    return np.where(labels >= 0, parts, -1)


def borders(labels):
    """Length of the border between touching units, in cells.

    Parameters
    ----------
    labels : ndarray of int, of shape (rows, columns)
        Units from 0, negative where there is none.

    Returns
    -------
    borders : list of dict of int to float
        By unit, its neighbors.
    """
    n_units = int(labels.max()) + 1
    one, other, length = [], [], []
    for number, step in enumerate(STEPS[:4]):
        ahead = shifted(labels, step, -1)
        there = (labels >= 0) & (ahead >= 0) & (labels != ahead)
        one.append(labels[there])
        other.append(ahead[there])
        length.append(np.full(there.sum(), _CORNER if number % 2 else 1.0))
    one, other, length = map(np.concatenate, (one, other, length))
    low, high = np.minimum(one, other).astype(np.int64), np.maximum(one, other)
    pairs, place = np.unique(low * n_units + high, return_inverse=True)
    lengths = np.bincount(place, length, minlength=pairs.size)
    found = [{} for _ in range(n_units)]
    for pair, border in zip(pairs.tolist(), lengths.tolist(), strict=True):
        first, second = divmod(pair, n_units)
        found[first][second] = found[second][first] = border
    return found


def join_small(neighbors, nodes, home, sums, smallest, allowed):
    """Join units below an area to the neighbor with the longest border and a similar aspect.

    The smallest comes first, of equals the one with the lowest number. A unit is joined only to
    one that lies in the part from which it was cut last, so that it stays on its side of every
    stream and divide that parted the two earlier, and only if the two together are allowed.
    What fits nowhere stays as it is.

    Parameters
    ----------
    neighbors : list of dict of int to float
        As :func:`borders` returns it; it is changed.
    nodes : Nodes
        What was part of what.
    home : list of int
        By unit, the node that it may not leave.
    sums : ndarray of shape (n_units, 4)
        Area, number of cells with an aspect, and sums of its east and north components.
    smallest : float
        The area from which on a unit is large enough.
    allowed : callable
        Called with such sums; says whether they are those of a unit.

    Returns
    -------
    into : ndarray of int
        By unit, the one that it is a part of now.
    """
    into = np.arange(len(neighbors))
    waiting = [(float(area), unit) for unit, area in enumerate(sums[:, 0]) if area < smallest]
    heapq.heapify(waiting)
    while waiting:
        area, unit = heapq.heappop(waiting)
        if into[unit] != unit or area != sums[unit, 0]:
            continue
        fitting = [
            (border * _likeness(sums[unit], sums[other]), -other)
            for other, border in neighbors[unit].items()
            if nodes.holds(home[unit], home[other]) and allowed(sums[unit] + sums[other])
        ]
        if not fitting:
            continue
        other = -max(fitting)[1]
        into[unit] = other
        sums[other] += sums[unit]
        home[other] = home[unit]
        for third, border in neighbors[unit].items():
            del neighbors[third][unit]
            if third != other:
                neighbors[third][other] = neighbors[other][third] = (
                    neighbors[other].get(third, 0.0) + border
                )
        neighbors[unit] = {}
        if sums[other, 0] < smallest:
            heapq.heappush(waiting, (float(sums[other, 0]), other))
    while not np.array_equal(into, into[into]):
        into = into[into]
    return into


def _likeness(one, other):
    """1 where two units fall in the same direction, 0 where they fall in opposite ones."""
    lengths = np.hypot(one[2], one[3]) * np.hypot(other[2], other[3])
    cosine = (one[2] * other[2] + one[3] * other[3]) / lengths if lengths > 0 else 0.0
    return (1 + cosine) / 2
