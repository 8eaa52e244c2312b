"""Read a table of places and check it: factors, labels, coordinates."""

import re
import warnings
from dataclasses import replace
from pathlib import Path

import pandas as pd
from sklearn.utils import Bunch

from sklearn_landslide._undeclared import warn_of_undeclared
from sklearn_landslide._words import plural
from sklearn_landslide.tables._columns import as_category, as_labels, as_number
from sklearn_landslide.tables._contradictions import contradictory_rows
from sklearn_landslide.tables._coordinates import located
from sklearn_landslide.tables._declared import declare
from sklearn_landslide.tables._read_all import read_all, target_of
from sklearn_landslide.tables._roles import (
    as_groups,
    as_names,
    as_strata,
    as_weights,
    check_roles,
    no_factors,
)
from sklearn_landslide.tables._rules import rule_of


def _for_search(X, given, apart):
    """Columns in which undeclared nodata may be, by name."""
    places = {} if given is None else {name: column.to_numpy() for name, column in given.items()}
    return {
        **places,
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
    target=None,
    categorical=(),
    coordinates=None,
    strata=(),
    weights=None,
    groups=None,
    sheet=0,
    drop=(),
    nodata=(),
    positive_class=None,
    crs=None,
    to_crs=None,
    join=None,
    on=None,
    absence_points=None,
    header=True,
    encoding=None,
):
    r"""Read a table of landslide and other places, one place a row.

    The format is found from what the file holds: CSV (separated by commas, semicolons
    or tabs, also compressed as gzip, bzip2, xz or zip), Excel (``.xlsx``) or Parquet; or, by the
    name, GeoPackage, Shapefile, GeoJSON, FlatGeobuf, GML, KML, GeoParquet or DBF. A small
    compressed file may unpack to 64 MB and to 100 times its size beyond that.
    The first row names the columns; spaces around names are ignored. Rows without any
    value, which Excel often leaves at the end of a sheet, and columns with neither name
    nor value are left out. A column without a name that holds values, often the row
    numbers that other programs write, must be dropped: it is called ``unnamed_1`` by its
    position.

    The decimal mark, point or comma, is found for each column: ``2,5`` and ``1.234,5`` can be one
    thing only. ``1.234`` may be two, and is refused where neither its column nor the file shows
    which.

    Text is UTF-8 or UTF-16. What is neither is refused with what it would be in other encodings,
    one of which is then named as `encoding`.

    Shapes say where rows lie: points themselves, and polygons, such as slope units, by a point
    inside of them. Coordinates whose system is known come back in meters: in theirs, or from
    degrees, feet and maps that distort lengths in the zone of UTM that holds their middle.

    Nothing in the file is executed: formulas count with their stored value.

    Parameters
    ----------
    path : str or path-like
        The file. Excel and Parquet need the extra ``tables``, files of GIS the extra ``map``.

    target : str, default=None
        The column of labels: 1 for landslide and 0 for none, also as -1 and 1, as
        booleans, or as words such as ``no`` and ``yes``, ``stable`` and ``landslide``,
        ``keine`` and ``Rutschung``, in the languages of many inventories. What is not
        known is refused, unless `positive_class` names the landslides. It may be left out where
        `absence_points` says the labels.

    categorical : str or sequence of str, default=()
        The columns that hold classes (soil, land use, lithology) and not quantities.
        Their codes may be numbers or text, in any file: whole numbers become integers
        (1, 1.0 and ``"1"`` are the same), and in a column with any other text all are
        text. ``None`` is a class; empty cells and ``NA``, ``NaN``, ``NULL`` and the like
        are missing values.

    coordinates : sequence of str, default=None
        The two columns with x and y, in meters or in `crs`. They are kept apart and are not
        factors. Columns called longitude and latitude, or lon and lat, are read as degrees. None:
        the shapes of the rows, if they have any.

    strata : str or sequence of str, default=()
        Columns that say what a place belongs to (a region, a unit of rock, a year), kept
        apart to leave one out at a time in validation. Where such a column is a factor as
        well, name it in `categorical`, too.

    weights : str, default=None
        The column of what each row weighs, such as the confidence in an entry of the inventory,
        kept apart: 0 leaves a row out of a fit. It is not a factor.

    groups : str, default=None
        The column that says which rows belong together, such as the cells of one landslide, so that
        they stay in one fold. It is not a factor.

    sheet : int or str, default=0
        The sheet of an Excel file, or the layer of a GeoPackage: its position, from 0, or its name.

    drop : str or sequence of str, default=()
        Columns to leave out: row numbers, dates, remarks.

    nodata : number, str, sequence of them, or dict of str to them, default=()
        What stands for "no data" in all columns but the target, such as -9999, or by
        column ``{"elevation": 0, "soil": [255, "unknown"]}``, in which None as a name is all of
        them. It becomes missing. Numbers beyond 1e30 always do.

    positive_class : label, default=None
        The label of a landslide, where the two labels do not say it themselves; or a rule for any
        number of labels: ``">0"``, ``">=3"`` or ``"<0.5"`` for numbers such as counts,
        ``"!=none"`` or ``"==slide"`` for kinds.

    crs : str, int or CRS, default=None
        The coordinate reference system of the coordinates, where the file states none, such as
        ``"EPSG:4326"`` for degrees.

    to_crs : str, int or CRS, default=None
        The system in meters to bring them into. None: theirs, if it is in meters that are true to
        a hundredth, else UTM.

    join : str or path-like, default=None
        Another table, whose columns are put beside those of `path`: factors in one, labels in the
        other.

    on : str or sequence of two str, default=None
        The column of ids by which they are joined, or that of `path` and that of `join`. Ids are
        compared as they are written (``007`` is not 7), are there once, and are not factors. Rows
        of `path` without a partner are refused, rows of `join` without one left out with a
        warning.

    absence_points : str or path-like, default=None
        A second table of places without a landslide, with the same columns; `path` then holds
        landslides only. A column that only one of them has would tell them apart, and is refused
        unless it is dropped.

    header : bool, default=True
        Whether the first row names the columns. False: they are called ``column_1`` and so on.

    encoding : str, default=None
        The encoding of text, such as ``"cp1252"`` or ``"gb18030"``.

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
            Columns ``x`` and ``y``, with the index of `X`, in meters; in the unit of the file
            if nothing is known of it.
        crs : str or None
            The system of `coordinates`, as EPSG code or WKT; None if nothing is known of it.
        given_coordinates : DataFrame of shape (n_samples, 2) or None
            The coordinates as they were read, under the names that they have there.
        strata : DataFrame of shape (n_samples, n_strata) or None
            The columns of `strata` as ``category`` dtype, with the index of `X`.
        sample_weight : ndarray of shape (n_samples,) or None
            The column of `weights`.
        groups : ndarray of shape (n_samples,) or None
            The column of `groups`.
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
        If a number or a code looks like an undeclared nodata value.
    UserWarning
        If a class is called ``NA`` or the like, which is read as missing; if rows that are
        equal in all quantities and classes have both labels; if columns are read as degrees by
        their names; if rows of `join` are left out.

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
    roles = {
        "categorical": as_names(categorical),
        "coordinates": as_names(coordinates),
        "strata": as_names(strata),
        "weights": as_names(weights),
        "groups": as_names(groups),
        "drop": as_names(drop),
    }
    on = as_names(on)
    target = target_of(target, join, on, absence_points, positive_class)
    names = (*roles["categorical"], *roles["strata"], *roles["groups"], *roles["drop"])
    reading = {
        "sheet": sheet,
        "header": header,
        "encoding": encoding,
        "crs": crs,
        "shapes": not roles["coordinates"],
        "text_columns": {target, *on, *names},
    }
    raw = read_all(path, target, join, on, absence_points, roles["drop"], roles["groups"], reading)
    check_roles(list(raw.frame.columns), path, target=target, **roles)
    has_rule = rule_of(positive_class) is not None
    raw = replace(raw, frame=declare(raw.frame, nodata, target, path, has_rule=has_rule))
    frame, decimals = raw.frame, raw.decimals
    y = as_labels(frame[target], positive_class, decimal=decimals[target])
    points, system, given = located(raw, roles["coordinates"], crs, to_crs)
    apart = as_strata(frame[roles["strata"]]) if roles["strata"] else None
    sample_weight = of_group = None
    for name in roles["weights"]:
        sample_weight = as_weights(frame[name], decimals[name])
    for name in roles["groups"]:
        of_group = as_groups(frame[name])
    frame = frame.drop(columns=no_factors(target, on, roles, frame))
    if frame.columns.empty:
        raise ValueError(f"{path} has no factors: no column is left beside {target!r}.")
    factors = {}
    for name, column in frame.items():
        if re.fullmatch(r"unnamed_\d+|Unnamed: \d+", name):
            raise ValueError(
                f"{path} has a column without a name, as some programs write row numbers: "
                f"drop it as {name!r}, or name it in the file."
            )
        if name in roles["categorical"] or isinstance(column.dtype, pd.CategoricalDtype):
            factors[name] = as_category(column)
        else:
            factors[name] = as_number(column, decimals[name])
    X = pd.DataFrame(factors).reset_index(drop=True)
    warn_of_undeclared(_for_search(X, given, apart))
    _warn_of_contradictions(X, y, points)
    return Bunch(
        X=X,
        y=y,
        coordinates=points,
        crs=system,
        given_coordinates=given,
        strata=apart,
        sample_weight=sample_weight,
        groups=of_group,
        target=target,
        path=str(path),
    )
