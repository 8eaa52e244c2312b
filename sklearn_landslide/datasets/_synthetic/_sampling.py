"""Draw samples from a region's inventory, and spoil them on request."""

import numpy as np

# Two values that cannot be true, for every factor with a physical limit: the nodata number of
# a raster that was read as a value, and a slip of unit or sign. Curvature has no such limit.
IMPOSSIBLE = {
    "altitude": (-9999.0, 99999.0),
    "slope": (-9999.0, 130.0),
    "aspect": (-9999.0, 725.0),
    "twi": (-9999.0, 9999.0),
    "spi": (-9999.0, -50.0),
    "sti": (-9999.0, -50.0),
    "distance_to_river": (-9999.0, -300.0),
    "distance_to_fault": (-9999.0, -300.0),
    "distance_to_road": (-9999.0, -300.0),
    "ndvi": (-9999.0, 7.5),
    "rainfall": (-9999.0, -250.0),
}
# An hour of rain, like the storm's total.
HOUR_PREFIX = "rain_"
# Share of a cluster's landslide (or other) cells that may be drawn, and its least size.
_DENSEST = 0.8
_SMALLEST_AREA = 0.05


def draw_cells(landslides, n_landslides, n_others, *, clustering, rng):
    """Draw landslide and other cells, each cell at most once.

    Parameters
    ----------
    landslides : ndarray of bool of shape (rows, columns)
        Cells that failed.
    n_landslides, n_others : int
        Numbers to draw of each kind.
    clustering : float
        Share of the draws that come from a few round areas instead of the whole region.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    cells : ndarray of int of shape (n_landslides + n_others,)
        Flat indices in random order.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.datasets._synthetic._sampling import draw_cells
    >>> landslides = np.zeros((10, 10), dtype=bool)
    >>> landslides[:5] = True
    >>> cells = draw_cells(landslides, 5, 10, clustering=0.0, rng=np.random.default_rng(0))
    >>> int(landslides.ravel()[cells].sum()), np.unique(cells).size
    (5, 15)
    """
    rows, columns = np.indices(landslides.shape).reshape(2, -1)
    return draw_samples(
        landslides.ravel(),
        rows,
        columns,
        landslides.shape,
        n_landslides,
        n_others,
        clustering=clustering,
        rng=rng,
    )


def draw_samples(failed, rows, columns, shape, n_landslides, n_others, *, clustering, rng):
    """Draw landslides and others from a list of what was seen, each at most once.

    Parameters
    ----------
    failed : ndarray of bool of shape (n_seen,)
        What failed.
    rows, columns : ndarray of int of shape (n_seen,)
        Where it is.
    shape : tuple of (int, int)
        Rows and columns of the region.
    n_landslides, n_others : int
        Numbers to draw of each kind.
    clustering : float
        Share of the draws that come from a few round areas instead of the whole region.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    drawn : ndarray of int of shape (n_landslides + n_others,)
        Positions in the list, in random order.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.datasets._synthetic._sampling import draw_samples
    >>> place = np.arange(10)
    >>> drawn = draw_samples(place < 5, place, place, (10, 10), 2, 3, clustering=0.0,
    ...                      rng=np.random.default_rng(0))
    >>> int((drawn < 5).sum()), drawn.size
    (2, 5)
    """
    from_clusters = [round(clustering * n_landslides), round(clustering * n_others)]
    kinds = [np.flatnonzero(failed), np.flatnonzero(~failed)]
    area = np.zeros(failed.size, dtype=bool)
    if sum(from_clusters):
        area = _cluster_area(failed, rows, columns, shape, from_clusters, rng)
    free = np.ones(failed.size, dtype=bool)
    drawn = []
    for kind, n_total, n_inside in zip(kinds, (n_landslides, n_others), from_clusters, strict=True):
        inside = rng.choice(kind[area[kind]], n_inside, replace=False) if n_inside else kind[:0]
        free[inside] = False
        drawn += [inside, rng.choice(kind[free[kind]], n_total - n_inside, replace=False)]
    return rng.permutation(np.concatenate(drawn))


def _cluster_area(failed, rows, columns, shape, wanted, rng):
    """Mark what is within reach of a few centers, just enough for the wanted draws."""
    n_centers = int(np.clip(sum(wanted) // 20, 2, 10))
    center_rows = rng.uniform(0, shape[0], n_centers)
    center_columns = rng.uniform(0, shape[1], n_centers)
    nearest = np.full(failed.size, np.inf)
    for row, column in zip(center_rows, center_columns, strict=True):
        squared = (rows - row) ** 2 + (columns - column) ** 2
        np.minimum(nearest, squared, out=nearest)
    order = np.argsort(nearest, kind="stable")
    size = int(_SMALLEST_AREA * order.size)
    for kind, n_wanted in zip((failed, ~failed), wanted, strict=True):
        found = np.cumsum(kind[order])
        size = max(size, int(np.searchsorted(found, min(n_wanted / _DENSEST, found[-1]))) + 1)
    area = np.zeros(order.size, dtype=bool)
    area[order[:size]] = True
    return area


def spoil(data, names, *, missing_share, outlier_share, rng):
    """Plant missing and impossible values, completely at random.

    Parameters
    ----------
    data : ndarray of shape (n_samples, n_factors)
        Clean values; not changed.
    names : sequence of str
        Names of the factors and hours.
    missing_share : float
        Share of all values that become NaN.
    outlier_share : float
        Share of the values of the factors in `IMPOSSIBLE`, and of the hours of rain, that
        become impossible, rounded down.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    spoiled : ndarray of shape (n_samples, n_factors)
        No value is chosen for both.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.datasets._synthetic._sampling import spoil
    >>> spoiled = spoil(np.full((10, 2), 5.0), ["slope", "soil"], missing_share=0.1,
    ...                 outlier_share=0.3, rng=np.random.default_rng(0))
    >>> int(np.isnan(spoiled).sum()), int(np.isin(spoiled, [-9999.0, 130.0]).sum())
    (2, 3)
    """
    spoiled = data.copy()
    names = ["rainfall" if name.startswith(HOUR_PREFIX) else name for name in names]
    limited = np.flatnonzero([name in IMPOSSIBLE for name in names])
    # 0.3 * 10 is a little more or less than 3 in binary: round before cutting.
    n_outliers = int(round(outlier_share * len(data) * limited.size, 6))
    places = rng.choice(len(data) * limited.size, n_outliers, replace=False)
    rows, columns = places // limited.size, limited[places % limited.size]
    which = rng.integers(2, size=n_outliers)
    values = np.array([IMPOSSIBLE.get(name, (np.nan, np.nan)) for name in names])
    spoiled[rows, columns] = values[columns, which]

    clean = np.ones(data.shape, dtype=bool)
    clean[rows, columns] = False
    n_missing = round(missing_share * data.size)
    chosen = rng.choice(np.flatnonzero(clean), n_missing, replace=False)
    spoiled.ravel()[chosen] = np.nan
    return spoiled
