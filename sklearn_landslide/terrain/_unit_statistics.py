"""What the cells of a factor are within each unit: means, spread, quantiles, shares of classes."""

from numbers import Real

import numpy as np
import pandas as pd

from sklearn_landslide._optional import import_optional
from sklearn_landslide._words import listed, nearest
from sklearn_landslide.mapping import code_categories, compute

# As users call them, and as exactextract does.
_OPERATIONS = {"mean": "mean", "std": "stdev", "min": "min", "max": "max", "median": "median"}
_MEAN = ("mean", {})
_RADIANS = ("rad", "radian", "radians")
# Factors are read together up to this many bytes: what a unit covers is found once for all.
_MOST_BYTES = 2**29


def check_statistics(statistics):
    """Return names and operations of the statistics of numeric factors.

    Parameters
    ----------
    statistics : sequence of str or float
        Names, and the probabilities of quantiles.

    Returns
    -------
    operations : dict of str to (str, dict)
        By the end of a column's name, what exactextract is asked for, and its options.
    """
    if isinstance(statistics, str | Real):
        statistics = [statistics]
    found = {}
    for one in statistics:
        if isinstance(one, str) and one in _OPERATIONS:
            found[one] = (_OPERATIONS[one], {})
        elif isinstance(one, Real) and not isinstance(one, bool) and 0 <= one <= 1:
            found[f"q{100 * float(one):g}"] = ("quantile", {"q": float(one)})
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


def extracted(layers, grid, units):
    """Ask exactextract for statistics of arrays.

    Parameters
    ----------
    layers : sequence of (ndarray of shape (grid.height, grid.width), sequence of (str, dict))
        Values, NaN where there is none, and operations with their options.
    grid : Grid
        Where the values lie, rows along x.
    units : GeoDataFrame
        Polygons in the CRS of the grid.

    Returns
    -------
    statistics : list of list of ndarray of shape (n_units,)
        By layer, one for each operation.
    """
    exactextract = import_optional("exactextract", extra="terrain")
    rasters = import_optional("exactextract.raster", extra="terrain")
    left, right, bottom, top = grid.bounds
    crs = units.crs.to_wkt()
    # Rows from the north, columns from the west.
    a, e = grid.transform.a, grid.transform.e
    upright = np.s_[:: -1 if e > 0 else 1, :: -1 if a < 0 else 1]
    sources, asked = [], []
    for number, (values, operations) in enumerate(layers):
        source = rasters.NumPyRasterSource(
            np.ascontiguousarray(values[upright]),
            *(left, bottom, right, top),
            nodata=np.nan,
            name=f"layer_{number}",
            srs_wkt=crs,
        )
        sources.append(source)
        for place, (operation, options) in enumerate(operations):
            name = f"{number}_{place}"
            asked.append(exactextract.Operation(operation, name, source, options=options))
    frame = exactextract.exact_extract(sources, units[["geometry"]], asked, output="pandas")
    # In the order that was asked for: exactextract adds the probability of a quantile to names.
    columns = iter(frame.iloc[:, place].to_numpy() for place in range(len(asked)))
    return [[next(columns) for _ in operations] for _, operations in layers]


class _Quantity:
    """Statistics of the values of a factor."""

    def __init__(self, name, array, values, operations):
        self.name, self.operations = name, operations
        self.layers = [(values, list(operations.values()))]

    def columns(self, found):
        return {
            f"{self.name}_{end}": column.astype(np.float64)
            for end, column in zip(self.operations, found[0], strict=True)
        }


class _Direction:
    """Mean northness and eastness of a factor; its spread is the circular variance."""

    def __init__(self, name, array, values, operations):
        self.name, self.operations = name, operations
        angle = values if array.attrs.get("units") in _RADIANS else np.radians(values)
        self.layers = [(np.cos(angle), [_MEAN]), (np.sin(angle), [_MEAN])]

    def columns(self, found):
        north, east = (column.astype(np.float64) for (column,) in found)
        columns = {}
        if set(self.operations) - {"std"}:
            columns = {f"{self.name}_northness": north, f"{self.name}_eastness": east}
        if "std" in self.operations:
            columns[f"{self.name}_variance"] = np.clip(1 - np.hypot(north, east), 0.0, 1.0)
        return columns


class _Classes:
    """Share of each class among the known cells, and the class of the largest share."""

    def __init__(self, name, array, values, operations):
        self.name = name
        self.names = {
            float(code): text for code, text in array.attrs.get("class_names", {}).items()
        }
        self.layers = [(values, [("unique", {}), ("frac", {})])]

    def columns(self, found):
        codes, shares = found[0]
        known = np.unique(np.concatenate([np.asarray(own, dtype=float) for own in codes]))
        table = np.zeros((len(codes), known.size))
        for row, (own, share) in enumerate(zip(codes, shares, strict=True)):
            table[row, np.searchsorted(known, own)] = share
        empty = np.array([len(own) == 0 for own in codes], dtype=bool)
        table[empty] = np.nan
        last = f"{self.name}_majority"
        if not known.size:
            return {last: code_categories(np.full(len(codes), np.nan))}
        columns = {}
        for place, code in enumerate(known):
            column = f"{self.name}_{self.names.get(code, f'{code:g}')}"
            # Codes of one name are one class.
            columns[column] = columns.get(column, 0.0) + table[:, place]
        if last in columns:
            raise ValueError(f"{self.name!r} has a class named 'majority': give it another name.")
        # Of equal shares, the lowest code.
        majority = known[np.argmax(np.nan_to_num(table), axis=1)]
        return columns | {last: code_categories(np.where(empty, np.nan, majority))}


def unit_factors(stack, grid, units, operations, categorical, circular, ground):
    """Aggregate the factors of a stack to units, as many at a time as half a gigabyte holds.

    Parameters
    ----------
    stack : xarray.Dataset
        The factors.
    grid : Grid
        Theirs.
    units : GeoDataFrame
        Polygons in the CRS of the grid.
    operations : dict of str to (str, dict)
        From :func:`check_statistics`.
    categorical, circular : collection of str
        Factors that hold class codes, or directions.
    ground : dict of str to Ground
        What values are ground.

    Returns
    -------
    X : DataFrame of shape (n_units, n_columns)
    """
    columns, waiting = {}, []
    names = list(stack.data_vars)
    for name in names:
        values = np.asarray(compute(stack[name].data))
        holds = np.isfinite(values) if name in categorical else ground[name].holds(values)
        values = np.where(holds, values, values.dtype.type(np.nan))
        kind = _Classes if name in categorical else _Direction if name in circular else _Quantity
        waiting.append(kind(name, stack[name], values, operations))
        n_bytes = sum(layer.nbytes for one in waiting for layer, _ in one.layers)
        if n_bytes < _MOST_BYTES and name != names[-1]:
            continue
        found = iter(extracted([layer for one in waiting for layer in one.layers], grid, units))
        for one in waiting:
            new = one.columns([next(found) for _ in one.layers])
            if repeated := [column for column in new if column in columns]:
                raise ValueError(
                    f"two factors give the column {repeated[0]!r}: rename one of them."
                )
            columns |= new
        waiting = []
    return pd.DataFrame(columns)
