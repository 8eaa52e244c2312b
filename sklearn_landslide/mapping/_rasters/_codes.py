"""What the numbers of a categorical raster stand for: from codes to categories."""

import warnings

import numpy as np
import pandas as pd

from sklearn_landslide._codes import canonical_code
from sklearn_landslide._hints import hinting
from sklearn_landslide._optional import import_optional
from sklearn_landslide._words import join_names, listed
from sklearn_landslide.mapping._rasters._facts import class_names_of

# From this share of the cells on, codes that a model does not know are worth a warning.
_MANY = 0.1
# Fewer cells are not evidence that the classes have other numbers.
_FEWEST = 10


def code_categories(numbers, names=None):
    """Make categories of the codes that a training table takes from a raster.

    Parameters
    ----------
    numbers : ndarray of shape (n_samples,), float
        Codes; NaN is missing.
    names : dict of float to str, default=None
        Names of the classes by code.

    Returns
    -------
    column : Categorical of shape (n_samples,)
        Its categories are the names that occur, sorted, and the code as a text where it has no
        name; codes of one name are one class. Without names they are integers, unless some code
        is not a whole number.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.mapping._rasters._codes import code_categories
    >>> code_categories(np.array([3.0, np.nan, 1.0])).categories.tolist()
    [1, 3]
    >>> list(code_categories(np.array([3.0, 1.0]), {1: "marl", 3: "clay"}))
    ['clay', 'marl']
    """
    codes = np.unique(numbers[~np.isnan(numbers)])
    if names:
        texts = [names.get(code, str(canonical_code(code))) for code in codes.tolist()]
        categories = sorted(set(texts))
        places = np.array([*(categories.index(text) for text in texts), -1], dtype=np.int64)
        known = np.where(np.isnan(numbers), len(codes), np.searchsorted(codes, numbers))
        return pd.Categorical.from_codes(places[known], categories=pd.Index(categories, dtype=str))
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
            hint = f"say which is which, categories={{{name!r}: {{1: {value!r}, ...}}}}"
            error = ValueError(
                f"The model knows {name!r} by values such as {value!r}, and a raster holds "
                f"numbers without names: {hint}, or give the raster the attribute class_names."
            )
            raise hinting(
                error, instead={hint: "train it on a table with the numbers of the raster"}
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
        If a value is not a number, and `given` does not say what stands for it.

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


def _are_numbers(values):
    """Whether all values are whole numbers, in whatever type."""
    return all(isinstance(canonical_code(value), int) for value in values)


def _names_as_known(names, values, factor):
    """Say by code which known value a raster's names stand for; None where codes count.

    A model knows classes by the names of the raster that it learned from, or by its codes.
    """
    by_text = {str(canonical_code(value)): value for value in values}
    texts = {code: str(canonical_code(name)) for code, name in names.items()}
    table = {float(code): by_text.get(text, names[code]) for code, text in texts.items()}
    if not _are_numbers(values):
        return table
    if not any(text in by_text for text in texts.values()):
        return None
    # The names are numbers, too: which of the two is meant cannot be seen where both are known.
    if any(str(code) in by_text and str(code) != text for code, text in texts.items()):
        warnings.warn(
            f"the model knows {factor!r} by numbers, and both the codes of the raster and the "
            "names of its classes are such numbers: the names count. If the codes are meant, pass "
            f"categories={{{factor!r}: {{1: 1, ...}}}}.",
            UserWarning,
            stacklevel=5,
        )
    return table


def stack_tables(known, stack, given=None):
    """Say what the codes of the rasters of a stack stand for, by their names where they have any.

    Parameters
    ----------
    known : dict of str to sequence
        By factor, the values of the training table.
    stack : xarray.Dataset
        The rasters, some with ``class_names``.
    given : dict of str to dict, default=None
        By factor, the value that each number stands for, whatever the raster says.

    Returns
    -------
    tables : dict of str to dict of float to object
        As of :func:`code_tables`.

    Warns
    -----
    UserWarning
        If a raster's codes and the names of its classes are both numbers that the model knows.
    """
    given = dict(given or {})
    for name, values in known.items():
        if name in given or not (names := class_names_of(stack[name])):
            continue
        table = _names_as_known(names, values, name)
        if table is not None:
            given[name] = table
    return code_tables(known, given)


def _unseen(number, values):
    """Write a code that the training table did not hold as its values are written."""
    if any(isinstance(value, str) for value in values):
        return str(canonical_code(number))
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


def _first_codes(array, nodata, is_known):
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
            if any(is_known(code) for count in counts for code in count):
                break
            if at not in some:
                counts.append(_codes_of(data.blocks[at].compute()))
    total = {}
    for count in counts:
        for code, n_cells in count.items():
            if code != nodata:
                total[code] = total.get(code, 0) + n_cells
    return total


def check_codes(stack, tables, known=None):
    """Look whether a model knows the codes of the rasters of classes.

    Parameters
    ----------
    stack : xarray.Dataset
        The rasters.
    tables : dict of str to dict of float to object
        By factor, the values of the training table by code, from :func:`code_tables`.
    known : dict of str to sequence, default=None
        By factor, the values that the model knows. None, and of a factor that is not in it, those
        of the table.

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
        _check_factor(name, stack[name], table, (known or {}).get(name))


def _check_factor(name, array, table, values):
    texts = None if values is None else {str(canonical_code(value)) for value in values}

    def is_known(code):
        if texts is None:
            return code in table
        # A code that is not in the table stands for itself.
        return str(canonical_code(table.get(code, code))) in texts

    counts = _first_codes(array, array.rio.nodata, is_known)
    unknown = {code: n_cells for code, n_cells in counts.items() if not is_known(code)}
    if not unknown or sum(counts.values()) < _FEWEST:
        return
    is_named = bool(class_names_of(array))
    has = join_names(
        repr(table[code]) if is_named and code in table else canonical_code(code)
        for code in unknown
    )
    knows = join_names(map(canonical_code, sorted(table)))
    if is_named and values is not None:
        knows = listed(values, 5)
    if len(unknown) == len(counts):
        what = "class" if is_named else "code"
        anew = "named otherwise" if is_named else "numbered again"
        hint = f"Pass categories={{{name!r}: ...}}"
        error = ValueError(
            f"the model knows no {what} of the raster of {name!r}, which holds {has}; the model "
            f"knows {knows}: are the classes {anew}? {hint}."
        )
        raise hinting(error, instead={hint: "Give the raster the classes of the training"})
    n_cells, n_unknown = sum(counts.values()), sum(unknown.values())
    if n_unknown > _MANY * n_cells:
        warnings.warn(
            f"{n_unknown / n_cells:.0%} of the cells of {name!r} that were looked at hold "
            f"codes that the model does not know: {has}. It knows {knows}.",
            UserWarning,
            stacklevel=4,
        )
