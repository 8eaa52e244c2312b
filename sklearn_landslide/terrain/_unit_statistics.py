"""What the cells of a factor are within each unit: means, spread, quantiles, shares of classes."""

from numbers import Real

import numpy as np
import pandas as pd

from sklearn_landslide._optional import import_optional
from sklearn_landslide._words import listed, nearest
from sklearn_landslide.mapping import code_categories, compute

# As users call them, and as exactextract does.
_OPERATIONS = {"mean": "mean", "std": "stdev", "min": "min", "max": "max", "median": "median"}
_RADIANS = ("rad", "radian", "radians")


def check_statistics(statistics):
    """Return names and operations of the statistics of numeric factors.

    Parameters
    ----------
    statistics : sequence of str or float
        Names, and the probabilities of quantiles.

    Returns
    -------
    operations : dict of str to str
        By the end of a column's name, what exactextract is asked for.
    """
    if isinstance(statistics, str | Real):
        statistics = [statistics]
    found = {}
    for one in statistics:
        if isinstance(one, str) and one in _OPERATIONS:
            found[one] = _OPERATIONS[one]
        elif isinstance(one, Real) and not isinstance(one, bool) and 0 <= one <= 1:
            found[f"q{100 * float(one):g}"] = f"quantile(q={float(one):.12g})"
        else:
            raise ValueError(
                f"statistics has {one!r}.{nearest(one, _OPERATIONS)} They are "
                f"{listed(_OPERATIONS)}, and numbers from 0 to 1 for quantiles."
            )
    if not found:
        raise ValueError(f"statistics is empty: name some of {listed(_OPERATIONS)}.")
    return found


def is_direction(name, array):
    """Whether a factor holds directions, for which 359 degrees are next to 1 degree."""
    return "aspect" in name.lower().split("_") or array.attrs.get("circular", False)


def extracted(values, grid, units, operations):
    """Ask exactextract for statistics of one array.

    Parameters
    ----------
    values : ndarray of shape (grid.height, grid.width), float
        NaN where there is none.
    grid : Grid
        Where the values lie, rows along x.
    units : GeoDataFrame
        Polygons in the CRS of the grid.
    operations : sequence of str
        In exactextract's words.

    Returns
    -------
    statistics : list of ndarray of shape (n_units,)
        One for each operation.
    """
    exactextract = import_optional("exactextract", extra="terrain")
    rasters = import_optional("exactextract.raster", extra="terrain")
    left, right, bottom, top = grid.bounds
    # Rows from the north, columns from the west.
    a, e = grid.transform.a, grid.transform.e
    values = np.ascontiguousarray(values[:: -1 if e > 0 else 1, :: -1 if a < 0 else 1])
    raster = rasters.NumPyRasterSource(
        values, left, bottom, right, top, nodata=np.nan, name="v", srs_wkt=units.crs.to_wkt()
    )
    # A column for each, in order; exactextract adds the probability of a quantile to the name.
    named = [f"s{number}={operation}" for number, operation in enumerate(operations)]
    frame = exactextract.exact_extract(raster, units[["geometry"]], named, output="pandas")
    return [frame.iloc[:, number].to_numpy() for number in range(len(operations))]


def _of_quantity(name, values, grid, units, operations):
    columns = extracted(values, grid, units, list(operations.values()))
    return {
        f"{name}_{end}": column.astype(np.float64)
        for end, column in zip(operations, columns, strict=True)
    }


def _of_direction(name, array, values, grid, units, operations):
    """Mean northness and eastness; the spread is the circular variance."""
    angle = values if array.attrs.get("units") in _RADIANS else np.radians(values)
    parts = {"northness": np.cos(angle), "eastness": np.sin(angle)}
    found = {
        part: extracted(component, grid, units, ["mean"])[0].astype(np.float64)
        for part, component in parts.items()
    }
    columns = {}
    if set(operations) - {"std"}:
        columns |= {f"{name}_{part}": column for part, column in found.items()}
    if "std" in operations:
        length = np.hypot(found["northness"], found["eastness"])
        columns[f"{name}_variance"] = np.clip(1 - length, 0.0, 1.0)
    return columns


def _of_classes(name, array, values, grid, units):
    """Share of each class among the known cells, and the class of the largest share."""
    codes, shares = extracted(values, grid, units, ["unique", "frac"])
    known = np.unique(values[np.isfinite(values)])
    table = np.zeros((len(units), known.size))
    for row, (own, share) in enumerate(zip(codes, shares, strict=True)):
        table[row, np.searchsorted(known, own)] = share
    empty = table.sum(axis=1) == 0
    table[empty] = np.nan
    there = np.nan_to_num(table).any(axis=0)
    known, table = known[there], table[:, there]
    if not known.size:
        return {f"{name}_majority": code_categories(np.full(len(units), np.nan))}
    names = {float(code): text for code, text in array.attrs.get("class_names", {}).items()}
    columns = {}
    for place, code in enumerate(known):
        column = f"{name}_{names.get(float(code), f'{code:g}')}"
        # Codes of one name are one class.
        columns[column] = columns.get(column, 0.0) + table[:, place]
    if f"{name}_majority" in columns:
        raise ValueError(f"{name!r} has a class named 'majority': give it another name.")
    # Of equal shares, the lowest code.
    majority = known[np.argmax(np.nan_to_num(table), axis=1)].astype(np.float64)
    return columns | {f"{name}_majority": code_categories(np.where(empty, np.nan, majority))}


def unit_factors(stack, grid, units, operations, categorical, circular, ground):
    """Aggregate the factors of a stack to units, one factor in memory at a time.

    Parameters
    ----------
    stack : xarray.Dataset
        The factors.
    grid : Grid
        Theirs.
    units : GeoDataFrame
        Polygons in the CRS of the grid.
    operations : dict of str to str
        From :func:`check_statistics`.
    categorical, circular : collection of str
        Factors that hold class codes, or directions.
    ground : dict of str to Ground
        What values are ground.

    Returns
    -------
    X : DataFrame of shape (n_units, n_columns)
    """
    columns = {}
    for name, array in stack.data_vars.items():
        values = np.asarray(compute(array.data))
        holds = np.isfinite(values) if name in categorical else ground[name].holds(values)
        values = np.where(holds, values, values.dtype.type(np.nan))
        if name in categorical:
            found = _of_classes(name, array, values, grid, units)
        elif name in circular:
            found = _of_direction(name, array, values, grid, units, operations)
        else:
            found = _of_quantity(name, values, grid, units, operations)
        if repeated := [column for column in found if column in columns]:
            raise ValueError(f"two factors give the column {repeated[0]!r}: rename one of them.")
        columns |= found
    return pd.DataFrame(columns)
