"""A first look at a few windows of a raster: whether it has values, and possible ones."""

import warnings

import numpy as np

from sklearn_landslide._hints import spelled
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
        Its raster, before its scale.

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


def warn_of_impossible(name, where, values, known_range):
    """Warn of impossible numbers; say if the range fits.

    Parameters
    ----------
    name : str
        The factor.
    where : str
        Its raster.
    values : ndarray of shape (n_values,)
        Some of its known values, without those that look like nodata.
    known_range : tuple of (float, float)
        Its plausible range.

    Returns
    -------
    fits : bool
        Whether the range is of this raster: not if many values lie outside, which points to
        another unit.
    """
    low, high = known_range
    outside = (values < low) | (values > high)
    if not outside.any():
        return True
    # One number or two, however often, are fill and no other unit.
    if outside.mean() > _MOST_IMPOSSIBLE and len(np.unique(values[outside])) > 2:
        return False
    warnings.warn(
        f"{name!r} ({where}) has {int(outside.sum())} of {len(values)} values outside "
        f"[{low:g}, {high:g}], {values[outside][0]:g} for instance: they are impossible and count "
        f"as no data. If the unit is another, {lift_range(name)}.",
        UserWarning,
        stacklevel=5,
    )
    return True


def lift_range(name):
    """Say how the plausible range of a factor is lifted."""
    hint = f"lift the range: bounds={{{name!r}: None}}"
    return spelled(hint, instead={hint: "give the raster the usual one, or another name"})
