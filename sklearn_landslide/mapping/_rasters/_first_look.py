"""A first look at a few windows of a raster: whether it has values, and which look like nodata."""

import warnings

import numpy as np

from sklearn_landslide._nodata import suspect_nodata
from sklearn_landslide._optional import import_optional

# Values of a raster that are looked at: enough for what fills one cell in a hundred.
_MOST_VALUES = 1 << 18
# Where more of them are outside its plausible range, a factor has another unit or meaning.
_MOST_IMPOSSIBLE = 0.1


def _windows(blocks):
    """Positions of a few windows: in the middle and at every side."""
    down, across = blocks.shape
    middle, last = (down // 2, across // 2), (down - 1, across - 1)
    wanted = [middle, (0, 0), (0, last[1]), (middle[0], 0), (middle[0], last[1]), last]
    return list(dict.fromkeys(wanted))


def look_at(name, band):
    """Read a few windows of a band.

    Parameters
    ----------
    name : str
        The factor.
    band : Band
        Its raster.

    Returns
    -------
    values : ndarray of shape (n_values,)
        Some of the known values.

    Raises
    ------
    ValueError
        If the band has no value in any cell.
    """
    dask = import_optional("dask", extra="map")
    blocks = band.values.blocks
    order = _windows(blocks)
    step = int(np.ceil(np.sqrt(len(order) * np.prod(band.values.chunksize) / _MOST_VALUES)))
    windows = dask.compute([blocks[place] for place in order])[0]
    if any(np.isfinite(window).any() for window in windows):
        values = np.concatenate([window[::step, ::step].ravel() for window in windows])
        return values[np.isfinite(values)]
    for place in np.ndindex(blocks.shape):
        window = blocks[place].compute()
        if np.isfinite(window).any():
            return window[np.isfinite(window)]
    raise ValueError(
        f"{name!r} ({band.where}) is nodata in every cell: leave it out, or correct the file."
    )


def warn_of_nodata(name, where, values, known_range):
    """Warn of numbers that look like nodata, and of impossible ones; say if the range fits.

    Parameters
    ----------
    name : str
        The factor.
    where : str
        Its raster.
    values : ndarray of shape (n_values,)
        Some of its known values.
    known_range : tuple of (float, float), or None
        Its plausible range, if it has one.

    Returns
    -------
    fits : bool
        Whether the range is of this raster: not if many values lie outside, which points to
        another unit.
    """
    suspects = suspect_nodata(values)
    for suspect in suspects:
        number = f"{suspect.value:.10g}"
        warnings.warn(
            f"{name!r} ({where}) has {suspect}. If that stands for 'no data', declare it: "
            f"nodata={number}, or nodata={{{name!r}: {number}}}.",
            UserWarning,
            stacklevel=5,
        )
    if known_range is None:
        return False
    low, high = known_range
    others = values[~np.isin(values, [suspect.value for suspect in suspects])]
    outside = (others < low) | (others > high)
    if not outside.any():
        return True
    # One number or two, however often, are fill and no other unit.
    if outside.mean() > _MOST_IMPOSSIBLE and len(np.unique(others[outside])) > 2:
        return False
    warnings.warn(
        f"{name!r} ({where}) has {int(outside.sum())} of {len(values)} values outside "
        f"[{low:g}, {high:g}], {others[outside][0]:g} for instance: they are impossible and count "
        f"as no data. If the unit is another, lift the range: bounds={{{name!r}: None}}.",
        UserWarning,
        stacklevel=5,
    )
    return True
