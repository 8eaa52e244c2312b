"""Read a table of places and check it: factors, labels, coordinates."""

import re
import warnings
from collections.abc import Mapping
from numbers import Real
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.utils import Bunch

from sklearn_landslide._undeclared import warn_of_undeclared
from sklearn_landslide._words import listed, nearest, plural
from sklearn_landslide.tables._columns import as_category, as_labels, as_number, without_nodata
from sklearn_landslide.tables._contradictions import contradictory_rows
from sklearn_landslide.tables._files import read_frame
from sklearn_landslide.tables._header import names_like_values


def _as_names(names):
    """List column names; one name alone is a list of one."""
    if names is None:
        return []
    return [names] if isinstance(names, str) else [str(name) for name in names]


def _tidy(frame, path):
    """Leave out empty rows and columns with neither name nor value; refuse doubled names."""
    frame = frame.dropna(how="all")
    if frame.empty:
        raise ValueError(f"{path} has a header and no rows.")
    named = np.array([name != "" for name in frame.columns])
    frame = frame.loc[:, named | frame.notna().any().to_numpy()]
    names = [name or f"unnamed_{place}" for place, name in enumerate(frame.columns, start=1)]
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise ValueError(f"{path} has more than one column named {listed(repeated)}.")
    if len(names) < 2:
        raise ValueError(f"{path} is not a table: it has one column ({listed(names)}).")
    return frame.set_axis(names, axis=1)


def _check_roles(names, target, categorical, coordinates, strata, weights, drop, path):
    """Check that every name given is a column, and that a column has one role.

    Only a stratum may have two: it may be a category, too.
    """
    if target not in names:
        like_values = " These look like values: write names into a first row of the file."
        raise ValueError(
            f"{path} has no target column {target!r}.{nearest(target, names)} "
            f"Its columns are {listed(names)}.{like_values * bool(names_like_values(names))}"
        )
    if coordinates and (len(coordinates) != 2 or len(set(coordinates)) != 2):
        raise ValueError(f"Coordinates are two columns, x and y; got {listed(coordinates)}.")
    taken = {target: "the target"}
    both = set(strata) & set(categorical)
    roles = {
        "categorical": [name for name in categorical if name not in both],
        "a stratum": strata,
        "a coordinate": coordinates,
        "the weights": weights,
        "dropped": drop,
    }
    for role, members in roles.items():
        for name in dict.fromkeys(members):
            if name not in names:
                raise ValueError(
                    f"{path} has no column {name!r}, named as {role}.{nearest(name, names)} "
                    f"Its columns are {listed(names)}."
                )
            if name in taken:
                raise ValueError(f"Column {name!r} cannot be both {taken[name]} and {role}.")
            taken[name] = role


def _as_coordinates(frame, decimal):
    columns = [as_number(column, decimal).to_numpy(dtype=float) for _, column in frame.items()]
    points = pd.DataFrame(dict(zip("xy", columns, strict=True)))
    missing = points.isna().any(axis=1).to_numpy()
    if missing.any():
        raise ValueError(
            f"The coordinates {listed(frame)} are missing in {plural(missing.sum(), 'row')} "
            f"(first in row {frame.index[missing][0]})."
        )
    return points


def _as_strata(frame):
    strata = pd.DataFrame({name: as_category(column) for name, column in frame.items()})
    for name, missing in strata.isna().items():
        if missing.any():
            raise ValueError(
                f"The stratum {name!r} is missing in {plural(missing.sum(), 'row')} "
                f"(first in row {frame.index[missing][0]})."
            )
    return strata.reset_index(drop=True)


def _as_weights(column, decimal):
    """Read what the rows weigh."""
    weights = as_number(column, decimal).to_numpy(dtype=float)
    for what, faulty in (("missing", np.isnan(weights)), ("negative", weights < 0)):
        if faulty.any():
            raise ValueError(
                f"The weight {column.name!r} is {what} in {plural(faulty.sum(), 'row')} (first in "
                f"row {column.index[faulty][0]}): give a number, or 0 to leave the row out."
            )
    if not weights.any():
        raise ValueError(f"The weight {column.name!r} is zero in all rows.")
    return weights


def _as_values(nodata):
    """List what stands for no data; one number or word alone is a list of one."""
    if nodata is None:
        return []
    values = [nodata] if isinstance(nodata, str | Real) else list(nodata)
    for value in values:
        if not isinstance(value, str | Real) or isinstance(value, bool):
            raise ValueError(f"nodata={value!r} must be a number or a text.")
    return values


def _declare(frame, nodata, target, path):
    """Leave out what was declared to stand for no data, everywhere but in the target."""
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
    columns = {name: without_nodata(frame[name], values) for name, values in by_column.items()}
    return frame.assign(**columns) if columns else frame


def _for_search(X, coordinates, points, apart):
    """Columns in which undeclared nodata may be, by name."""
    places = [] if points is None else [column.to_numpy() for _, column in points.items()]
    return {
        **dict(zip(coordinates, places, strict=True)),
        **({} if apart is None else dict(apart.items())),
        **{
            name: column if column.dtype == "category" else column.to_numpy(dtype=float)
            for name, column in X.items()
        },
    }


def _warn_of_contradictions(X, y, points):
    """Say how many rows are equal to a row of the other label."""
    told_apart = X if points is None else pd.concat([X, points.add_prefix("at_")], axis=1)
    # Between classes, and of a single number, equal rows are to be expected.
    if points is None and X.select_dtypes("float").shape[1] < 2:
        return
    known = X.notna().any(axis=1).to_numpy()
    n_rows = int((contradictory_rows(told_apart, y) & known).sum())
    if n_rows:
        same = "factors" if points is None else "factors and coordinates"
        warnings.warn(
            f"{n_rows} of {plural(len(y), 'row')} have the same {same} as a row with the other "
            "label: no model can get both right.",
            stacklevel=3,
        )


def read_table(
    path,
    *,
    target,
    categorical=(),
    coordinates=None,
    strata=(),
    weights=None,
    sheet=0,
    drop=(),
    nodata=(),
    positive_class=None,
):
    r"""Read a table of landslide and other places, one place a row.

    The format is found from what the file holds: CSV (separated by commas, semicolons
    or tabs, UTF-8 or UTF-16, also compressed as gzip, bzip2, xz or zip), Excel (``.xlsx``)
    or Parquet; a compressed file may unpack to 64 MB and to 100 times its size beyond that.
    The first row names the columns; spaces around names are ignored. The decimal mark, point
    or comma, is the one that most numbers have. Rows without any
    value, which Excel often leaves at the end of a sheet, and columns with neither name
    nor value are left out. A column without a name that holds values, often the row
    numbers that other programs write, must be dropped: it is called ``unnamed_1`` by its
    position.

    Nothing in the file is executed: formulas count with their stored value.

    Parameters
    ----------
    path : str or path-like
        The file. Excel and Parquet need the extra ``tables``.

    target : str
        The column of labels: 1 for landslide and 0 for none, also as -1 and 1, as
        booleans, or as words such as ``no`` and ``yes``, ``stable`` and ``landslide``,
        ``keine`` and ``Rutschung``, in the languages of many inventories. What is not
        known is refused, unless `positive_class` names the landslides.

    categorical : str or sequence of str, default=()
        The columns that hold classes (soil, land use, lithology) and not quantities.
        Their codes may be numbers or text, in any file: whole numbers become integers
        (1, 1.0 and ``"1"`` are the same), and in a column with any other text all are
        text. ``None`` is a class; empty cells and ``NA``, ``NaN``, ``NULL`` and the like
        are missing values.

    coordinates : sequence of str, default=None
        The two columns with x and y, in meters. They are kept apart and are not factors.

    strata : str or sequence of str, default=()
        Columns that say what a place belongs to (a region, a unit of rock, a year), kept
        apart to leave one out at a time in validation. Where such a column is a factor as
        well, name it in `categorical`, too.

    weights : str, default=None
        The column of what each row weighs, such as the confidence in an entry of the inventory,
        kept apart: 0 leaves a row out of a fit. It is no factor.

    sheet : int or str, default=0
        The sheet of an Excel file: its position, from 0, or its name.

    drop : str or sequence of str, default=()
        Columns to leave out: row numbers, dates, remarks.

    nodata : number, str, sequence of them, or dict of str to them, default=()
        What stands for "no data" in all columns but the target, such as -9999, or by
        column ``{"elevation": 0, "soil": [255, "unknown"]}``, in which None as a name is all of
        them. It becomes missing. Numbers beyond 1e30 always do.

    positive_class : label, default=None
        The label of a landslide, where the two labels do not say it themselves.

    Returns
    -------
    table : :class:`~sklearn.utils.Bunch`
        A dictionary-like object with

        X : DataFrame of shape (n_samples, n_factors)
            The factors: numbers, and categorical columns as ``category`` dtype. Missing
            values are NaN. Boolean columns are 0 and 1. A category that pandas wrote to a
            Parquet file is one.
        y : ndarray of shape (n_samples,)
            The labels as integers, 1 for landslide.
        coordinates : DataFrame of shape (n_samples, 2) or None
            Columns ``x`` and ``y``, in meters, with the index of `X`.
        strata : DataFrame of shape (n_samples, n_strata) or None
            The columns of `strata` as ``category`` dtype, with the index of `X`.
        sample_weight : ndarray of shape (n_samples,) or None
            The column of `weights`.
        target : str
            The name of the target.
        path : str
            The file that was read.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If the file is not such a table. The message says what was found (rows are
        counted as a spreadsheet shows them, the header is row 1) and what to do.
    ImportError
        If the extra ``tables`` is needed and not installed.

    Warns
    -----
    UndeclaredNodataWarning
        If a number or a code looks as if it stood for no data and was not declared.
    UserWarning
        If a class is called ``NA`` or the like, which is read as missing; if rows that are
        equal in all quantities and classes have both labels.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from sklearn_landslide.tables import read_table
    >>> text = "slope;soil;landslide\n31,5;clay;1\n;sand;0\n12,0;clay;0\n"
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "places.csv")
    ...     _ = path.write_text(text)
    ...     table = read_table(path, target="landslide", categorical=["soil"])
    >>> table.X
       slope  soil
    0   31.5  clay
    1    NaN  sand
    2   12.0  clay
    >>> table.y
    array([1, 0, 0])
    """
    path = Path(path)
    target = str(target)
    categorical, coordinates, strata, weights, drop = map(
        _as_names, (categorical, coordinates, strata, weights, drop)
    )
    frame, decimal = read_frame(path, sheet, {target, *categorical, *strata, *drop})
    frame = _tidy(frame, path)
    roles = (target, categorical, coordinates, strata, weights, drop)
    _check_roles(list(frame.columns), *roles, path)
    frame = _declare(frame, nodata, target, path)
    y = as_labels(frame[target], positive_class)
    points = _as_coordinates(frame[coordinates], decimal) if coordinates else None
    apart = _as_strata(frame[strata]) if strata else None
    sample_weight = _as_weights(frame[weights[0]], decimal) if weights else None
    no_factors = [name for name in strata if name not in categorical]
    frame = frame.drop(columns=[target, *coordinates, *no_factors, *weights, *drop])
    if frame.columns.empty:
        raise ValueError(f"{path} has no factors: no column is left beside {target!r}.")
    factors = {}
    for name, column in frame.items():
        if re.fullmatch(r"unnamed_\d+|Unnamed: \d+", name):
            raise ValueError(
                f"{path} has a column without a name, as some programs write row numbers: "
                f"drop it as {name!r}, or name it in the file."
            )
        if name in categorical or isinstance(column.dtype, pd.CategoricalDtype):
            factors[name] = as_category(column)
        else:
            factors[name] = as_number(column, decimal)
    X = pd.DataFrame(factors).reset_index(drop=True)
    warn_of_undeclared(_for_search(X, coordinates, points, apart))
    _warn_of_contradictions(X, y, points)
    return Bunch(
        X=X,
        y=y,
        coordinates=points,
        strata=apart,
        sample_weight=sample_weight,
        target=target,
        path=str(path),
    )
