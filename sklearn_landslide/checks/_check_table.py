"""Everything that can be said about a table before anything is fitted, in one call."""

from dataclasses import replace

from sklearn.utils._param_validation import StrOptions, validate_params

from sklearn_landslide._classes import landslide_label_in
from sklearn_landslide._factor_tables import check_columns
from sklearn_landslide._frames import as_frame
from sklearn_landslide._random_state import draw_seeds
from sklearn_landslide._sequences import resolve_sequences
from sklearn_landslide._words import count_groups
from sklearn_landslide.checks._gaps import (
    check_constant,
    check_missing,
    check_nodata,
    check_numbers,
)
from sklearn_landslide.checks._label import check_single_factors
from sklearn_landslide.checks._names import (
    check_codes,
    check_coordinates,
    check_header,
    check_ids,
    find_ids,
)
from sklearn_landslide.checks._remedies import RASTERS, TABLE, Remedies
from sklearn_landslide.checks._result import (
    SERIOUS,
    SEVERITIES,
    WARNING,
    TableCheck,
    TableFinding,
)
from sklearn_landslide.checks._rows import check_folds, check_rows_alike, check_units
from sklearn_landslide.checks._table import CheckedTable
from sklearn_landslide.model_selection import (
    LEAK,
    check_aftermath,
    check_oversampling,
    check_place,
    check_rows,
    check_scaled,
    matching_rows,
)
from sklearn_landslide.model_selection import WARNING as AUDIT_WARNING
from sklearn_landslide.model_selection import check_coordinates as check_points

_SEVERITY = {LEAK: SERIOUS, AUDIT_WARNING: WARNING}


@validate_params(
    {
        "X": "no_validation",
        "y": ["array-like"],
        "source": [StrOptions({TABLE, RASTERS})],
        "positive_class": "no_validation",
        "random_state": ["random_state"],
    },
    prefer_skip_nested_validation=True,
)
def check_table(
    X,
    y,
    *,
    coordinates=None,
    cv=None,
    groups=None,
    sequences=None,
    source="table",
    positive_class=None,
    random_state=0,
):
    """Name likely mistakes in a table before anything is fitted.

    Nothing is changed, selected or fitted: each finding names the option that fixes it.

    Parameters
    ----------
    X : {array-like, DataFrame} of shape (n_samples, n_factors)
        The factors, as a model would get them: classes in columns of category dtype.
    y : array-like of shape (n_samples,)
        The labels, of two classes.
    coordinates : {array-like, DataFrame} of shape (n_samples, 2), default=None
        x and y of the rows in meters; matched by index if both are pandas objects.
    cv : int, splitter or iterable of (train, test), default=None
        The folds of the planned validation, to see how landslides are divided among them.
    groups : array-like of shape (n_samples,), default=None
        Which rows the folds keep together.
    sequences : dict or None, default=None
        Which columns are one variable over time, such as the hours of rain, as in
        :func:`~sklearn_landslide.compare_models`. Single hours may well be constant or have few
        values, so they are checked only for gaps and impossible numbers.
    source : {"table", "rasters"}, default="table"
        Where the table comes from: a finding in rasters is fixed by other arguments.
    positive_class : label, default=None
        The label of a landslide, if it is not clear from the two labels.
    random_state : int, RandomState instance or None, default=0
        Seed of the random folds, if `cv` is a number, and of the rows of long tables that are
        searched for interpolation.

    Returns
    -------
    check : TableCheck
        What was found. Print it for a description in words.

    Raises
    ------
    ValueError
        If `X` and `y` are not a table and its labels, or `sequences` do not fit the table.

    See Also
    --------
    sklearn_landslide.model_selection.audit : Fits models to find leaks in a validation.
    sklearn_landslide.tables.read_table : Reads a table, and takes the advised arguments.

    Notes
    -----
    What is looked for, with the severity:

    ``no data``, ``no data as label``
        Numbers and codes such as -9999, -32768 or 255 that are far from all others, in columns of
        any name. Serious for negative ones, which no quantity has; a note where the name says that
        they are impossible, because the pipeline then masks them. Also serious if they stand in
        nearly all rows of one class and hardly any of the other (a difference of 0.9 or more
        between the shares).
    ``missing by label``, ``mostly missing``, ``beyond 1e30``, ``impossible values``
        Gaps that give the label away in the same way (serious), gaps in half of the rows, and
        numbers that the pipeline treats as gaps.
    ``wrong unit``
        More than half of the values are impossible according to the name of the column, which
        models refuse (serious).
    ``empty``, ``constant``
        Columns without any value, or with only one.
    ``id``
        Columns named id, fid, objectid and the like, whole numbers that are different in each row
        and fill their range or rise with the rows, and texts of which nine in ten are different.
        Serious from a ROC-AUC of 0.9 on, as in a table that is sorted by its label.
    ``label among the factors``
        A factor whose values alone rank the landslides with a ROC-AUC of 0.98 or more over all
        rows; serious from 0.99 on. No factor is selected by this.
    ``coordinates among the factors``, ``consequences among the factors``, \
``scaled before the split``, ``oversampled before the split``
        As in :func:`~sklearn_landslide.model_selection.audit`.
    ``codes taken for quantities``, ``few values``
        Whole numbers under names such as soil, lithology or landuse, and up to nine different
        whole numbers (a note).
    ``missing header``
        Columns named by numbers: the first row was taken for names (serious).
    ``units``
        Coordinates within the ranges of longitude and latitude, and lengths of `cv` below a meter.
    ``copies``, ``contradictory rows``, ``labels at one place``
        Equal rows, with the same label or with both; notes below 1 % of the rows.
    ``unequal folds``
        A fold with more than 2.5 times as many landslides as the mean fold, or less than a fifth.
    ``divided landslides``
        Neighbors in different folds that seem to be pieces of one landslide: like ``duplicate
        places`` of :func:`~sklearn_landslide.model_selection.audit`, with `coordinates` and `cv`.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from sklearn_landslide.checks import check_table
    >>> rng = np.random.default_rng(0)
    >>> y = np.arange(200) % 2
    >>> X = pd.DataFrame(rng.uniform(0, 50, (200, 2)), columns=["pendiente", "elevation"])
    >>> X["soil"] = rng.integers(1, 8, 200)
    >>> X.loc[y == 1, "pendiente"] = -9999
    >>> for found in check_table(X, y).findings:
    ...     print(found.code, "|", found.option)
    no data as label | --drop pendiente
    codes taken for quantities | --categorical soil
    """
    X, y = check_rows(X, y)
    frame = as_frame(X)
    # A column without a value is a finding.
    check_columns(frame.loc[:, frame.notna().any().to_numpy()])
    codes = (y == landslide_label_in(y, positive_class)).astype(int)
    points, is_known = None, False
    if coordinates is not None:
        points = check_points(coordinates)[matching_rows(coordinates, X, "coordinates")]
        # Rasters have a CRS that says so.
        is_known = bool(getattr(coordinates, "attrs", {}))
    (seed,) = draw_seeds(random_state, 1)
    names = tuple(map(str, frame.columns))
    table = CheckedTable(frame, codes, points, Remedies(names, source), _hours(sequences, names))
    alone = _without_hours(table)
    findings = [*_of_columns(table, alone, seed)]
    findings += check_header(alone)
    findings += check_rows_alike(table)
    findings += check_units(table, cv, is_known)
    findings += check_folds(table, cv, groups, seed)
    findings.sort(key=lambda one: SEVERITIES.index(one.severity))
    n_groups = count_groups(groups, codes == 1)
    return TableCheck(
        tuple(findings), len(codes), int(codes.sum()), frame.shape[1], n_groups, source
    )


def _hours(sequences, names):
    """Return the names of the columns of series."""
    groups = resolve_sequences(sequences, n_features=len(names), names=list(names))
    return frozenset(names[place] for group in groups for place in group.positions.flat)


def _without_hours(table):
    """Return the table without the columns of series."""
    kept = [str(name) not in table.hours for name in table.frame.columns]
    return replace(table, frame=table.frame.loc[:, kept])


def _of_columns(table, alone, seed):
    """Find what is wrong with single columns, each thing once."""
    gaps = [*check_nodata(table), *check_missing(table)]
    place = check_place(alone.frame, table.points)
    places = {str(name) for name in place.numbers["columns"]}
    ids = {name: seen for name, seen in find_ids(alone).items() if name not in places}
    label = [*check_single_factors(table, {*ids, *_columns(gaps)})]
    traces = _from_audit(check_aftermath(alone.frame, table.y, seed), table)
    yield from (*gaps, *check_numbers(table), *check_constant(alone))
    yield from check_ids(alone, ids)
    yield from check_coordinates(alone, place)
    yield from (*label, *traces)
    yield from check_codes(alone, {*ids, *places})
    yield from _from_audit(check_scaled(alone.frame), table)
    # Dry hours put rows onto a line that nobody made up, and SMOTE copies a storm whole.
    yield from _from_audit(check_oversampling(alone.frame, table.y, seed), table)


def _columns(findings):
    return [name for one in findings if one.code != "no data" for name in one.columns]


def _from_audit(finding, table):
    """Return a finding of the audit as one of the table, if there is anything."""
    if finding.verdict not in _SEVERITY:
        return []
    columns = tuple(map(str, finding.numbers.get("columns", ())))
    # What a landslide has left is dropped; a table that was scaled is to be made again.
    remedy = table.remedies.drop(columns) if "roc_auc" in finding.numbers else {}
    severity = _SEVERITY[finding.verdict]
    said = (finding.finding, finding.advice)
    return [TableFinding(finding.check, severity, columns, *said, **remedy)]
