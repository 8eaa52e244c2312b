"""A cell among those within a radius of it: topographic position and relief."""

import numpy as np

# A corner of the raster has a little more than a quarter of a disc.
_LEAST_SHARE = 0.25


def disc(radius, dx, dy):
    """Cells whose centers lie within a radius of a cell's.

    Parameters
    ----------
    radius : float
        In meters.
    dx, dy : float
        Width and height of a cell in meters.

    Returns
    -------
    halves : ndarray of shape (2 * reach + 1,), int
        For each row of the disc, how many cells it reaches to either side of the middle.

    Examples
    --------
    >>> from sklearn_landslide.terrain._neighborhood import disc
    >>> disc(20.0, 10.0, 10.0)
    array([0, 1, 2, 1, 0])
    """
    # Centers that lie on the circle are inside, whatever the rounding.
    reach = int(np.floor(radius / abs(dy) + 1e-9))
    down = np.arange(-reach, reach + 1) * abs(dy)
    chord = np.sqrt(np.maximum(radius**2 - down**2, 0.0))
    return np.floor(chord / abs(dx) + 1e-9).astype(np.int64)


def reach_of(halves):
    """Rows and columns that a disc reaches beyond its middle."""
    return len(halves) // 2, int(halves.max())


def disc_factors(z, halves):
    """Topographic position and relief of every cell, in a disc around it.

    Parameters
    ----------
    z : ndarray of shape (rows + 2 * down, columns + 2 * across), float64
        Elevation in meters, with a margin as wide as the disc reaches; NaN is a void.
    halves : ndarray of int
        The disc.

    Returns
    -------
    factors : dict of str to ndarray of shape (rows, columns)
        ``tpi`` and ``relief`` in meters. NaN in voids and where less than a quarter of the
        disc is known.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.terrain._neighborhood import disc_factors
    >>> peak = np.array([[1.0, 2.0, 1.0], [2.0, 6.0, 2.0], [1.0, 2.0, 1.0]])
    >>> factors = disc_factors(peak, np.array([0, 1, 0]))
    >>> factors["tpi"].item(), factors["relief"].item()
    (4.0, 4.0)
    """
    down, across = reach_of(halves)
    inner = z[down : z.shape[0] - down, across : z.shape[1] - across]
    known = np.isfinite(z)
    count, position = _position(z, known, halves, inner)
    highest = _highest(np.where(known, z, -np.inf), halves, inner.shape)
    lowest = -_highest(np.where(known, -z, -np.inf), halves, inner.shape)
    full = (2 * halves + 1).sum()
    enough = np.isfinite(inner) & (count >= _LEAST_SHARE * full)
    relief = np.subtract(highest, lowest, out=np.full(inner.shape, np.nan), where=enough)
    return {"tpi": np.where(enough, position, np.nan), "relief": relief}


def _row_sums(values, halves, shape):
    """For each row of the disc, its place and the sums over its cells around every cell."""
    down, across = reach_of(halves)
    ahead = np.zeros((values.shape[0], values.shape[1] + 1))
    np.cumsum(values, axis=1, out=ahead[:, 1:])
    for row, half in enumerate(halves):
        lines = ahead[row : row + shape[0]]
        last = lines[:, across + half + 1 : across + half + 1 + shape[1]]
        yield row - down, last - lines[:, across - half : across - half + shape[1]]


def _position(z, known, halves, inner):
    """Count the known cells of each disc, and set its middle against the others."""
    # Near zero, sums lose fewer digits.
    base = z[known].mean() if known.any() else 0.0
    height = np.where(known, z - base, 0.0)
    total = sum(sums for _, sums in _row_sums(height, halves, inner.shape))
    full = int((2 * halves + 1).sum())
    middle = inner - base
    if known.all():
        count = np.full(inner.shape, full)
        return count, middle - (total - middle) / (full - 1)
    n, plane = _plane(known, height, halves, inner, middle)
    level = middle - (total - middle) / (full - 1)
    return n, np.where(n == full, level, middle - plane)


def _plane(known, height, halves, inner, middle):
    """Count known cells, and lay a plane through all but the middle: its height there.

    In a whole disc that is the mean. At the edge of the raster and of voids a mean would be
    that of one side, and an even slope would look like a ridge or a valley.
    """
    shape = inner.shape
    column = np.arange(height.shape[1]) - height.shape[1] // 2.0
    n, y, yy, x, xy, xx, h, hy, hx = (np.zeros(shape) for _ in range(9))
    for down, sums in _row_sums(known.astype(np.float64), halves, shape):
        n += sums
        y += down * sums
        yy += down**2 * sums
    for down, sums in _row_sums(known * column, halves, shape):
        x += sums
        xy += down * sums
    for _, sums in _row_sums(known * column**2, halves, shape):
        xx += sums
    for down, sums in _row_sums(height, halves, shape):
        h += sums
        hy += down * sums
    for _, sums in _row_sums(height * column, halves, shape):
        hx += sums
    across = reach_of(halves)[1]
    # Count columns from the middle of each disc.
    at = column[across : across + shape[1]]
    xx += at**2 * n - 2 * at * x
    xy -= at * y
    x -= at * n
    hx -= at * h
    others, h = n - 1, h - middle
    minor = xx * yy - xy**2
    whole = others * minor - x * (x * yy - xy * y) + y * (x * xy - xx * y)
    part = h * minor - x * (hx * yy - xy * hy) + y * (hx * xy - xx * hy)
    # Known cells on one line carry no plane.
    stands = np.isfinite(middle) & (whole > 1e-9 * others * xx * yy)
    return n, np.divide(part, whole, out=np.full(shape, np.nan), where=stands)


def _highest(z, halves, shape):
    """Greatest value in the disc around every cell."""
    _, across = reach_of(halves)
    highest = np.full(shape, -np.inf)
    wide = z
    for half in range(across + 1):
        # From a row of cells to one that is longer by a cell at either end.
        if half:
            middle = wide[:, 1:-1]
            wide = np.maximum(wide[:, :-2], wide[:, 2:])
            if half == 1:
                np.maximum(wide, middle, out=wide)
        inner = wide[:, across - half : across - half + shape[1]]
        for row in np.flatnonzero(halves == half):
            np.maximum(highest, inner[row : row + shape[0]], out=highest)
    return highest
