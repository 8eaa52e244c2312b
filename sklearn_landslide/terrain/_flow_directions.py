"""Which way water goes from each cell: filled depressions, steepest descent, flats."""

import numpy as np

from sklearn_landslide._optional import import_optional

# To each neighbor in rows and columns, as pyflwdir and most programs code it. Straight ways come
# first, so that they are taken where a diagonal is as good.
STEPS = {
    4: (1, 0),
    1: (0, 1),
    64: (-1, 0),
    16: (0, -1),
    2: (1, 1),
    8: (1, -1),
    32: (-1, -1),
    128: (-1, 1),
}
OUTLET, VOID = 0, 247


def fill_depressions(elevation):
    """Raise every depression to the level at which it overflows.

    Parameters
    ----------
    elevation : ndarray of shape (rows, columns)
        Elevation in meters; NaN where there is none. Water leaves at the border of the
        raster and of its voids.

    Returns
    -------
    filled : ndarray of shape (rows, columns), float32
        Without depressions, to the last bit: from every cell a way that never rises leads to
        a border.

    References
    ----------
    .. [1] Wang, L., Liu, H. (2006). An efficient method for identifying and filling surface
       depressions in digital elevation models for hydrologic analysis and modelling.
       International Journal of Geographical Information Science 20, 193-213.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.terrain._flow_directions import fill_depressions
    >>> bowl = np.array([[9.0, 9.0, 9.0], [9.0, 1.0, 5.0], [9.0, 9.0, 9.0]])
    >>> float(fill_depressions(bowl)[1, 1])
    5.0
    """
    dem = import_optional("pyflwdir.dem", extra="terrain")
    # Its queue holds float32. Numbers that float32 holds, computed with in float64, come out
    # as they are in the queue; otherwise a filled cell may be a hair below its outlet.
    exact = elevation.astype(np.float32).astype(np.float64)
    return dem.fill_depressions(exact, nodata=np.nan)[0].astype(np.float32)


def flow_directions(filled, cell_size):
    """Direction of the steepest descent; over level ground, of the shortest way out of it.

    The directions that come with pyflwdir's filling lead to the lowest neighbor and not along
    the steepest descent, which makes an inclined plane drain diagonally.

    Parameters
    ----------
    filled : ndarray of shape (rows, columns), float32
        What :func:`fill_depressions` returns.
    cell_size : tuple of (float, float)
        Width and height of a cell in meters.

    Returns
    -------
    directions : ndarray of shape (rows, columns), uint8
        1 east, 2 south-east, 4 south and so on clockwise to 128 north-east; 0 where water
        leaves, and 247 where there is no ground.

    References
    ----------
    .. [1] O'Callaghan, J. F., Mark, D. M. (1984). The extraction of drainage networks from
       digital elevation data. Computer Vision, Graphics, and Image Processing 28, 323-344.
    .. [2] Garbrecht, J., Martz, L. W. (1997). The assignment of drainage direction over flat
       surfaces in raster digital elevation models. Journal of Hydrology 193, 204-213. The
       gradient towards lower terrain alone.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.terrain._flow_directions import flow_directions
    >>> falls_south = np.array([[2.0, 2.0], [1.0, 1.0]], dtype=np.float32)
    >>> flow_directions(falls_south, (30.0, 30.0))
    array([[4, 4],
           [0, 0]], dtype=uint8)
    """
    rows, columns = filled.shape
    # NaN around it, like a void: to compare with NaN is False.
    level = np.pad(filled, 1, constant_values=np.nan)
    steepest = np.zeros(filled.shape, dtype=np.float32)
    codes = np.full(level.shape, VOID, dtype=np.uint8)
    inner = codes[1:-1, 1:-1]
    inner[~np.isnan(filled)] = OUTLET
    border = np.zeros(filled.shape, dtype=bool)
    for code, (down, right) in STEPS.items():
        there = level[1 + down : 1 + down + rows, 1 + right : 1 + right + columns]
        border |= np.isnan(there)
        fall = (filled - there) / np.float32(step_length(down, right, cell_size))
        steeper = fall > steepest
        steepest[steeper] = fall[steeper]
        inner[steeper] = code
    stuck = np.zeros(level.shape, dtype=bool)
    stuck[1:-1, 1:-1] = (inner == OUTLET) & ~border
    _leave_flats(level.ravel(), codes.ravel(), stuck.ravel(), columns + 2)
    return codes[1:-1, 1:-1].copy()


def step_length(down, right, cell_size):
    """Length in meters of a step between the centers of two cells."""
    return float(np.hypot(down * cell_size[1], right * cell_size[0]))


def _leave_flats(level, codes, stuck, width):
    """Lead level ground to where it is left, ring by ring from there, in place."""
    flat = np.flatnonzero(stuck)
    for code, (down, right) in STEPS.items():
        there = flat + down * width + right
        # What is stuck finds its way below: the first ring is next to what was known before.
        out = (codes[flat] == OUTLET) & ~stuck[there] & (level[there] == level[flat])
        codes[flat[out]] = code
    ring = flat[codes[flat] != OUTLET]
    stuck[ring] = False
    while ring.size:
        found = []
        for code, (down, right) in STEPS.items():
            # Against the direction, from the cells that know their way.
            there = ring - down * width - right
            new = there[stuck[there] & (level[there] == level[ring])]
            stuck[new] = False
            codes[new] = code
            found.append(new)
        ring = np.concatenate(found)
