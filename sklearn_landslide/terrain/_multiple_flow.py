"""Contributing area where a cell drains to all lower neighbors."""

import numpy as np

from sklearn_landslide.terrain._flow_directions import OUTLET, STEPS, VOID, step_length


def multiple_flow_area(filled, directions, cell_size):
    """Contributing area where a cell drains to all lower neighbors.

    Each takes a share in proportion to the slope towards it and to the length of contour that
    the way crosses: half a side of the cell on straight ways, a quarter of its diagonal on
    diagonal ones (Quinn et al. 1991). Over level ground all flow follows `directions`.

    Parameters
    ----------
    filled : ndarray of shape (rows, columns), float32
        Elevation in meters without depressions, NaN where there is none.
    directions : ndarray of shape (rows, columns), uint8
        What :func:`flow_directions` returns for it.
    cell_size : tuple of (float, float)
        Width and height of a cell in meters.

    Returns
    -------
    area : ndarray of shape (rows, columns), float64
        Area that drains through the cell, its own included, in m²; NaN where there is no
        ground.

    Notes
    -----
    Cells are taken in rounds, each when all flow into it is known, so memory is a few numbers a
    cell. A sparse system of flow equations as in :func:`flow_accumulation` gives the same and
    takes a kilobyte for each.

    References
    ----------
    .. [1] Quinn, P., Beven, K., Chevallier, P., Planchon, O. (1991). The prediction of
       hillslope flow paths for distributed hydrological modelling using digital terrain
       models. Hydrological Processes 5, 59-79.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.terrain._flow_directions import flow_directions
    >>> from sklearn_landslide.terrain._multiple_flow import multiple_flow_area
    >>> falls_east = np.tile(-np.arange(3, dtype=np.float32), (1, 1))
    >>> multiple_flow_area(falls_east, flow_directions(falls_east, (2.0, 1.0)), (2.0, 1.0))
    array([[2., 4., 6.]])
    """
    rows, columns = filled.shape
    width = columns + 2
    level = np.pad(filled, 1, constant_values=np.nan).ravel()
    codes = np.pad(directions, 1, constant_values=VOID).ravel()
    cell_area = cell_size[0] * cell_size[1]
    area = np.where(codes == VOID, np.nan, cell_area)
    waiting = _inflows(filled, directions)
    offsets = {code: down * width + right for code, (down, right) in STEPS.items()}
    # Tangent times contour length is the fall times this.
    conductance = {code: _contour_over_length(*step, cell_size) for code, step in STEPS.items()}

    ready = np.flatnonzero((waiting == 0) & (codes != VOID))
    while ready.size:
        here, code_here = level[ready].astype(np.float64), codes[ready]
        shares, total = [], np.zeros(ready.size)
        for code, offset in offsets.items():
            fall = here - level[ready + offset]
            share = np.where(fall > 0, fall * conductance[code], 0.0)
            total += share
            shares.append(share)
        level_ground = (total == 0) & (code_here != OUTLET)
        flow = area[ready] / np.where(total > 0, total, 1.0)
        reached = []
        for (code, offset), share in zip(offsets.items(), shares, strict=True):
            share[level_ground & (code_here == code)] = 1.0
            gives = np.flatnonzero(share)
            # No cell is reached twice in the same direction.
            there = ready[gives] + offset
            area[there] += flow[gives] * share[gives]
            waiting[there] -= 1
            reached.append(there[waiting[there] == 0])
        ready = np.concatenate(reached)
    return area.reshape(rows + 2, width)[1:-1, 1:-1].copy()


def _inflows(filled, directions):
    """Count the neighbors that drain into each cell, flat and with a rim of one cell."""
    rows, columns = filled.shape
    level = np.pad(filled, 1, constant_values=np.nan)
    counts = np.zeros(level.shape, dtype=np.int8)
    for code, (down, right) in STEPS.items():
        window = slice(1 + down, 1 + down + rows), slice(1 + right, 1 + right + columns)
        there = level[window]
        level_way = (directions == code) & (there == filled)
        counts[window] += (filled > there) | level_way
    return counts.ravel()


def _contour_over_length(down, right, cell_size):
    width, height = cell_size
    if not right:
        contour = width / 2
    elif not down:
        contour = height / 2
    else:
        contour = np.hypot(width, height) / 4
    return contour / step_length(down, right, cell_size)
