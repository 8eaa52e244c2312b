"""What the numbers of a categorical raster stand for: from codes to categories."""

import warnings

import numpy as np
import pandas as pd

from sklearn_landslide._optional import import_optional
from sklearn_landslide._words import join_names

# From this share of the cells on, codes that a model does not know are worth a warning.
_MANY = 0.1
# Fewer cells are no evidence that the classes have other numbers.
_FEWEST = 10


def code_categories(numbers):
    """Make categories of the codes that a training table takes from a raster.

    Parameters
    ----------
    numbers : ndarray of shape (n_samples,), float
        Codes; NaN is missing.

    Returns
    -------
    column : Categorical of shape (n_samples,)
        Its categories are integers, unless some code is no whole number.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.mapping._rasters._codes import code_categories
    >>> code_categories(np.array([3.0, np.nan, 1.0])).categories.tolist()
    [1, 3]
    """
    codes = np.unique(numbers[~np.isnan(numbers)])
    if np.array_equal(codes, codes.round()):
        codes = codes.astype(np.int64)
    return pd.Categorical(numbers, categories=codes)


def _by_number(name, values):
    """Find the number that stands for each value: the value itself, or a text that is one."""
    table = {}
    for value in values:
        try:
            table[float(value)] = value
        except (TypeError, ValueError):
            raise ValueError(
                f"The model knows {name!r} by values such as {value!r}, and a raster holds "
                f"numbers: say which is which, categories={{{name!r}: {{1: {value!r}, ...}}}}."
            ) from None
    return table


def code_tables(known, given=None):
    """Say what the codes of each categorical factor stand for in the training table.

    Parameters
    ----------
    known : dict of str to sequence
        By factor, the values of the training table: numbers, or texts that are numbers.
    given : dict of str to dict, default=None
        By factor, the value that each number in the raster stands for; these factors are
        not looked for in `known`.

    Returns
    -------
    tables : dict of str to dict of float to object
        By factor, the values of the training table by code.

    Raises
    ------
    ValueError
        If a value is no number, and `given` does not say what stands for it.

    Examples
    --------
    >>> from sklearn_landslide.mapping._rasters._codes import code_tables
    >>> code_tables({"soil": ["1", "3"], "rock": ["marl"]}, {"rock": {7: "marl"}})
    {'soil': {1.0: '1', 3.0: '3'}, 'rock': {7.0: 'marl'}}
    """
    given = dict(given or {})
    tables = {name: _by_number(name, values) for name, values in known.items() if name not in given}
    for name, table in given.items():
        tables[name] = {float(number): value for number, value in dict(table).items()}
    return tables


def _unseen(number, values):
    """Write a code that the training table did not hold as its values are written."""
    if any(isinstance(value, str) for value in values):
        return f"{number:g}"
    return int(number) if number.is_integer() else number


def table_categories(numbers, table):
    """Turn the codes of pixels into categories of the training table.

    A code that the table did not hold is a category of its own, so that a model can tell it
    from a missing one.

    Parameters
    ----------
    numbers : ndarray of shape (n_pixels,)
        Codes as a raster holds them, often floats.
    table : dict of float to object
        Values of the training table by code, from :func:`code_tables`.

    Returns
    -------
    column : Categorical of shape (n_pixels,)

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.mapping._rasters._codes import table_categories
    >>> list(table_categories(np.array([3.0, 1.0, 7.0]), {1.0: "1", 3.0: "3"}))
    ['3', '1', '7']
    """
    distinct, places = np.unique(numbers, return_inverse=True)
    values = list(dict.fromkeys(table.values()))
    found = [
        table[number] if number in table else _unseen(number, values)
        for number in distinct.astype(float).tolist()
    ]
    categories = list(dict.fromkeys(values + found))
    position = {value: at for at, value in enumerate(categories)}
    codes = np.array([position[value] for value in found])[places.ravel()]
    return pd.Categorical.from_codes(codes, categories=pd.Index(categories))


def _codes_of(values):
    """Count the codes of an array."""
    values = np.asarray(values)
    known = values[np.isfinite(values)] if values.dtype.kind == "f" else values
    return dict(zip(*(part.tolist() for part in np.unique(known, return_counts=True)), strict=True))


def _first_codes(array, nodata, table):
    """Count the codes of some windows; of all, as long as none is known."""
    data = array.data
    if not hasattr(data, "blocks"):
        counts = [_codes_of(data)]
    else:
        dask = import_optional("dask", extra="map")
        down, across = data.blocks.shape
        some = dict.fromkeys([(down // 2, across // 2), (0, 0), (down - 1, across - 1)])
        counts = [_codes_of(one) for one in dask.compute([data.blocks[at] for at in some])[0]]
        for at in np.ndindex(data.blocks.shape):
            if any(code in table for count in counts for code in count):
                break
            if at not in some:
                counts.append(_codes_of(data.blocks[at].compute()))
    total = {}
    for count in counts:
        for code, n_cells in count.items():
            if code != nodata:
                total[code] = total.get(code, 0) + n_cells
    return total


def check_codes(stack, tables):
    """Look whether a model knows the codes of the rasters of classes.

    Parameters
    ----------
    stack : xarray.Dataset
        The rasters.
    tables : dict of str to dict of float to object
        By factor, the values of the training table by code, from :func:`code_tables`.

    Raises
    ------
    ValueError
        If a raster holds no code that the model knows.

    Warns
    -----
    UserWarning
        If the model does not know many of them, in some windows.
    """
    for name, table in tables.items():
        counts = _first_codes(stack[name], stack[name].rio.nodata, table)
        unknown = {code: n_cells for code, n_cells in counts.items() if code not in table}
        if not unknown or sum(counts.values()) < _FEWEST:
            continue
        has = join_names([f"{code:g}" for code in unknown])
        knows = join_names([f"{code:g}" for code in sorted(table)])
        if len(unknown) == len(counts):
            raise ValueError(
                f"the model knows no code of the raster of {name!r}, which holds {has}; the model "
                f"knows {knows}: are the classes numbered anew? Pass categories={{{name!r}: ...}}."
            )
        n_cells, n_unknown = sum(counts.values()), sum(unknown.values())
        if n_unknown > _MANY * n_cells:
            warnings.warn(
                f"{n_unknown / n_cells:.0%} of the cells of {name!r} that were looked at hold "
                f"codes that the model does not know: {has}. It knows {knows}.",
                UserWarning,
                stacklevel=3,
            )
