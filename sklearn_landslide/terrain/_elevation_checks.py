"""What is wrong with many elevation models: one height, steps of whole meters, sea as ground."""

import warnings

import numpy as np

from sklearn_landslide._hints import spelled
from sklearn_landslide._optional import import_optional

# Windows along each side that are looked at, and the longest side of one, in cells.
_WINDOWS, _SIDE = 4, 256
# Shares of cells from which on there is a warning.
_TERRACES, _SEA = 0.05, 0.01


def _starts(size):
    """First cells of windows that are spread evenly over a side."""
    count = min(_WINDOWS, -(-size // _SIDE))
    return np.unique(np.linspace(0, max(size - _SIDE, 0), count).round().astype(int))


def check_elevations(values, where, length):
    """Look at up to sixteen windows of an elevation model.

    Parameters
    ----------
    values : dask array of shape (rows, columns), float
        Elevation; NaN is a void.
    where : str
        What to call the model.
    length : float
        Meters of a unit of elevation.

    Raises
    ------
    ValueError
        If the elevation is the same everywhere.

    Warns
    -----
    UserWarning
        If the elevations are whole numbers and many cells therefore have no slope, or if many
        cells are level at one elevation that is not above 0, as the sea is.

    Examples
    --------
    >>> import dask.array as da, numpy as np
    >>> from sklearn_landslide.terrain._elevation_checks import check_elevations
    >>> check_elevations(da.from_array(np.full((3, 3), 830.0)), "dem.tif", 1.0)
    Traceback (most recent call last):
        ...
    ValueError: dem.tif has the elevation 830 in every cell: nothing can be derived from it.
    """
    dask = import_optional("dask", extra="terrain")
    rows, columns = (_starts(size) for size in values.shape)
    windows = dask.compute(
        [values[row : row + _SIDE, column : column + _SIDE] for row in rows for column in columns]
    )[0]
    _check_varies(values, windows, where)
    heights = np.concatenate([window[np.isfinite(window)] for window in windows])
    level = np.concatenate([window[1:-1, 1:-1][_level(window)] for window in windows])
    sea, wet = _sea(level)
    if wet > _SEA * heights.size:
        hint = f"nodata={sea:g}"
        warnings.warn(
            f"{where} is level at elevation {sea:g} in {wet / heights.size:.0%} of its cells. "
            + spelled(f"They count as flat ground; if they are the sea, declare it: {hint}.", hint),
            UserWarning,
            stacklevel=5,
        )
    flat, whole = level.size - wet, (heights == np.round(heights)).all()
    if whole and flat > _TERRACES * heights.size:
        unit = "meters" if length == 1 else "feet"
        warnings.warn(
            f"{where} holds whole {unit}, and {flat / heights.size:.0%} of its cells are as high "
            "as all around them: slope and curvature come in bands, 0 on each step. Use a model "
            "with decimals, or smooth it.",
            UserWarning,
            stacklevel=5,
        )


def _sea(level):
    """Find the most frequent elevation of level cells that is not above 0, and how often it is."""
    low, counts = np.unique(level[level <= 0], return_counts=True)
    return (float(low[counts.argmax()]) + 0.0, int(counts.max())) if low.size else (0.0, 0)


def _check_varies(values, windows, where):
    """Refuse a model of one elevation, or of none."""
    array = import_optional("dask.array", extra="terrain")
    dask = import_optional("dask", extra="terrain")
    heights = np.concatenate([window[np.isfinite(window)] for window in windows])
    if heights.size and heights.min() < heights.max():
        return
    known = array.isfinite(values)
    lowest, highest = dask.compute(
        array.where(known, values, np.inf).min(), array.where(known, values, -np.inf).max()
    )
    if lowest == highest:
        raise ValueError(
            f"{where} has the elevation {lowest:g} in every cell: nothing can be derived from it."
        )


def _level(window):
    """Mark cells, but those of the border, that are as high as their eight neighbors."""
    rows, columns = window.shape[0] - 2, window.shape[1] - 2
    parts = [window[i : i + rows, j : j + columns] for i in range(3) for j in range(3)]
    return np.maximum.reduce(parts) == np.minimum.reduce(parts)
