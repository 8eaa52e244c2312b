"""Flow over an elevation model as a graph of cells: filled pits and contributing area."""

import numpy as np
from scipy.sparse import coo_array, csc_array, csgraph, eye_array
from scipy.sparse.linalg import spsolve_triangular


def grid_edges(shape):
    """Pairs of neighboring cells of a grid, each pair once, diagonals included.

    Parameters
    ----------
    shape : tuple of (int, int)
        Rows and columns.

    Returns
    -------
    first, second : ndarray of int
        Flat indices of the two cells.
    steps : ndarray of float
        Distance between their centers in cells, 1 or the square root of 2.

    Examples
    --------
    >>> from sklearn_landslide.terrain._flow_graph import grid_edges
    >>> first, second, steps = grid_edges((2, 2))
    >>> sorted(zip(first.tolist(), second.tolist()))
    [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)]
    """
    index = np.arange(shape[0] * shape[1]).reshape(shape)
    straight = [(index[:, :-1], index[:, 1:]), (index[:-1], index[1:])]
    diagonal = [(index[:-1, :-1], index[1:, 1:]), (index[:-1, 1:], index[1:, :-1])]
    pairs = straight + diagonal
    first = np.concatenate([a.ravel() for a, _ in pairs])
    second = np.concatenate([b.ravel() for _, b in pairs])
    n_straight = sum(a.size for a, _ in straight)
    steps = np.where(np.arange(first.size) < n_straight, 1.0, np.sqrt(2.0))
    return first, second, steps


def graph_of_edges(weights, first, second, n_nodes):
    """Return the graph of weighted edges, in the whole numbers that every csgraph takes.

    Parameters
    ----------
    weights : ndarray of shape (n_edges,)
        Weight of each edge.
    first, second : ndarray of shape (n_edges,), int64
        Its two nodes.
    n_nodes : int
        Number of nodes.

    Returns
    -------
    graph : csr_array of shape (n_nodes, n_nodes)
    """
    # SciPy before 1.15 refuses those of 64 bits.
    nodes = first.astype(np.int32), second.astype(np.int32)
    return coo_array((weights, nodes), shape=(n_nodes, n_nodes)).tocsr()


def fill_pits(elevation):
    """Raise every pit to the level at which it overflows.

    The minimum spanning tree of the grid, joined to one outlet beyond the edge, holds for
    every cell a path to the edge whose highest point is as low as it can be. That highest
    point is the filled level.

    Parameters
    ----------
    elevation : ndarray of shape (rows, columns)
        Elevation in meters.

    Returns
    -------
    filled : ndarray of shape (rows, columns)
        Elevation without pits, in meters.
    parent : ndarray of shape (rows * columns,)
        Flat index of the next cell on the path to the edge; rows * columns is the outlet.
    depth : ndarray of shape (rows * columns,)
        Number of steps to the outlet.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.terrain._flow_graph import fill_pits
    >>> bowl = np.array([[9.0, 9.0, 9.0], [9.0, 1.0, 5.0], [9.0, 9.0, 9.0]])
    >>> filled, parent, depth = fill_pits(bowl)
    >>> float(filled[1, 1]), int(parent[4]), int(depth[4])
    (5.0, 5, 2)
    """
    z = elevation.ravel()
    outlet = z.size
    first, second, _ = grid_edges(elevation.shape)
    edge = np.ones(elevation.shape, dtype=bool)
    edge[1:-1, 1:-1] = False
    edge = np.flatnonzero(edge)
    # A weight of zero means "no edge" to csgraph. The way out is the lightest, so that every
    # cell of the edge has it.
    weights = np.maximum(z[first], z[second]) - z.min() + 1.0
    weights = np.append(weights, np.full(edge.size, 0.5))
    first, second = np.append(first, np.full(edge.size, outlet)), np.append(second, edge)
    graph = graph_of_edges(weights, first, second, outlet + 1)
    tree = csgraph.minimum_spanning_tree(graph)
    _, parent = csgraph.breadth_first_order(tree, outlet, directed=False)
    parent[outlet] = outlet

    # Each round doubles the length of path that a cell has looked along.
    level = np.append(z, -np.inf)
    depth = np.ones(outlet + 1, dtype=np.int64)
    depth[outlet] = 0
    ahead = parent.copy()
    while (ahead != outlet).any():
        level = np.maximum(level, level[ahead])
        depth += depth[ahead]
        ahead = ahead[ahead]
    return level[:-1].reshape(elevation.shape), parent[:-1], depth[:-1]


def flow_accumulation(elevation, cell_size, *, method="multiple", filled=None):
    """Upslope contributing area of every cell.

    Parameters
    ----------
    elevation : ndarray of shape (rows, columns)
        Elevation in meters.
    cell_size : float
        Side of a cell in meters.
    method : {"d8", "multiple"}, default="multiple"
        Whether a cell drains to its steepest neighbor, or to all lower ones in proportion
        to slope and contour length.
    filled : tuple, default=None
        What :func:`fill_pits` gave for `elevation`, where it is known already.

    Returns
    -------
    area : ndarray of shape (rows, columns)
        Area that drains through the cell, its own included, in m². Cells without a lower
        neighbor drain along the path on which the filled pit overflows.

    References
    ----------
    .. [1] O'Callaghan, J. F., Mark, D. M. (1984). The extraction of drainage networks from
       digital elevation data. Computer Vision, Graphics, and Image Processing 28, 323-344.
    .. [2] Quinn, P., Beven, K., Chevallier, P., Planchon, O. (1991). The prediction of
       hillslope flow paths for distributed hydrological modelling using digital terrain
       models. Hydrological Processes 5, 59-79.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.terrain._flow_graph import flow_accumulation
    >>> falls_east = np.tile(-30.0 * np.arange(4), (3, 1))
    >>> flow_accumulation(falls_east, 1.0, method="d8")[1]
    array([1., 2., 3., 4.])
    """
    filled, parent, depth = fill_pits(elevation) if filled is None else filled
    n_cells = filled.size
    level = filled.ravel()
    first, second, steps = grid_edges(filled.shape)
    drop = level[first] - level[second]
    falling = drop != 0
    source = np.where(drop > 0, first, second)[falling]
    target = np.where(drop > 0, second, first)[falling]
    tangent = (np.abs(drop) / (steps * cell_size))[falling]

    if method == "d8":
        receiver = parent.copy()
        steepest = np.zeros(n_cells)
        np.maximum.at(steepest, source, tangent)
        chosen = tangent == steepest[source]
        receiver[source[chosen]] = target[chosen]
        source, target = np.arange(n_cells), receiver
        weight = np.ones(n_cells)
    else:
        contour = np.where(steps[falling] == 1.0, 0.5, np.sqrt(2) / 4)
        weight = tangent * contour
        weight /= np.bincount(source, weight, minlength=n_cells)[source]
        stuck = np.ones(n_cells, dtype=bool)
        stuck[source] = False
        stuck = np.flatnonzero(stuck)
        source, target = np.append(source, stuck), np.append(target, parent[stuck])
        weight = np.append(weight, np.ones(stuck.size))

    inside = target < n_cells
    # From high to low, and on level ground from far to near the outlet, every cell comes
    # after all that drain into it: the flow equations are then a triangular system.
    order = np.lexsort((-depth, -level))
    # Of 32 bits, for the same reason as in a graph.
    rank = np.empty(n_cells, dtype=np.int32)
    rank[order] = np.arange(n_cells)
    flow = csc_array(
        (weight[inside], (rank[target[inside]], rank[source[inside]])), shape=(n_cells, n_cells)
    )
    system = (eye_array(n_cells, format="csc") - flow).tocsc()
    system.indices, system.indptr = system.indices.astype(np.int32), system.indptr.astype(np.int32)
    cells = spsolve_triangular(system, np.ones(n_cells), lower=True, unit_diagonal=True)
    return (cells[rank] * cell_size**2).reshape(filled.shape)
