"""What was declared to stand for no data, left out of the columns."""

from collections.abc import Mapping
from numbers import Real

import numpy as np
from pandas.api import types

from sklearn_landslide._codes import canonical_code, read_codes
from sklearn_landslide._nodata import mask_nodata
from sklearn_landslide._words import listed, nearest


def _as_values(nodata):
    """List what stands for no data; one number or word alone is a list of one."""
    if nodata is None:
        return []
    values = [nodata] if isinstance(nodata, str | Real) else list(nodata)
    for value in values:
        if not isinstance(value, str | Real) or isinstance(value, bool):
            raise ValueError(f"nodata={value!r} must be a number or a text.")
    return values


def declare(frame, nodata, target, path, *, has_rule=False):
    """Leave out what was declared to stand for no data, everywhere but in a target of two labels.

    Parameters
    ----------
    frame : DataFrame
        Raw columns.
    nodata : number, str, sequence of them, or dict of str to them
        As of `read_table`.
    target : str
        The column of labels.
    path : pathlib.Path
        The file, for messages.
    has_rule : bool, default=False
        Whether a rule says which labels are landslides: it would make one class or the other of
        no data. 0 stays, which counts no landslides.

    Returns
    -------
    frame : DataFrame
    """
    if isinstance(nodata, Mapping):
        for name in nodata:
            if name is not None and name not in frame.columns:
                raise ValueError(
                    f"{path} has no column {name!r}, named in nodata."
                    f"{nearest(name, frame.columns)} Its columns are {listed(frame.columns)}."
                )
        by_column = {name: _as_values(values) for name, values in nodata.items()}
        everywhere = by_column.pop(None, [])
    else:
        by_column, everywhere = {}, _as_values(nodata)
    for name in frame.columns:
        if everywhere and name != target:
            by_column[name] = [*everywhere, *by_column.get(name, ())]
    if has_rule and target not in by_column:
        by_column[target] = [value for value in everywhere if value != 0]
    columns = {name: _without_nodata(frame[name], values) for name, values in by_column.items()}
    return frame.assign(**columns) if columns else frame


def _without_nodata(column, nodata):
    """Leave out the cells of a raw column that were declared to stand for no data.

    Parameters
    ----------
    column : Series
        The column, of any type.
    nodata : sequence of number or str
        What was declared.

    Returns
    -------
    column : Series
        The column itself if it has none of them.
    """
    if not nodata:
        return column
    numbers = [number for number in nodata if not isinstance(number, str)]
    if types.is_numeric_dtype(column) and not types.is_bool_dtype(column):
        values = column.to_numpy(dtype=float, na_value=np.nan)
        missing = mask_nodata(values, numbers) & ~np.isinf(values)
    else:
        positions, codes = read_codes(column)
        declared = {str(canonical_code(value)) for value in nodata}
        # Whatever the number of its decimals.
        of_code = [str(code) in declared or _as_float(code) in numbers for code in codes]
        missing = np.array([*of_code, False])[positions]
    return column.mask(missing) if missing.any() else column


def _as_float(code):
    try:
        return float(code)
    except (ValueError, OverflowError):
        return None
