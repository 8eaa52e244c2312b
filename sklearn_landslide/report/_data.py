"""The table that was compared on: its factors, how they overlap, and their mRMR path."""

import warnings

import pandas as pd
from sklearn.base import clone

from sklearn_landslide._nodata import LARGEST, UndeclaredNodataWarning
from sklearn_landslide._sequences import resolve_sequences
from sklearn_landslide._words import landslides_said, percent, plural
from sklearn_landslide.feature_selection import MRMRSelector, variance_inflation
from sklearn_landslide.preprocessing import FactorImputer
from sklearn_landslide.report._page_parts import Paragraph, Section, Table, number, pvalue

HARMFUL_VIF = 10
_SHOWN_CATEGORIES = 5


def _spread(column):
    """Smallest, median and largest value, or the most frequent categories."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        counts = column.value_counts()
        counts = counts[counts > 0]
        shown = ", ".join(f"{name} ({n})" for name, n in counts.iloc[:_SHOWN_CATEGORIES].items())
        more = len(counts) - _SHOWN_CATEGORIES
        rest = f" and {more} more" if more > 0 else ""
        return f"{len(counts)} {'class' if len(counts) == 1 else 'classes'}: {shown}{rest}"
    # Numbers beyond 1e30 are named elsewhere; the pipeline reads them as missing.
    column = column[~(column.abs() > LARGEST)]
    return " / ".join(number(value, 3) for value in (column.min(), column.median(), column.max()))


def part_series(frame, sequences):
    """Part a table into factors of their own and series, whose steps say little one by one.

    Parameters
    ----------
    frame : DataFrame of shape (n_samples, n_columns)
        The table.
    sequences : dict or None
        Which columns are one variable over time, as in `compare_models`.

    Returns
    -------
    factors : DataFrame of shape (n_samples, n_factors)
        What belongs to no series.
    series : dict of str to DataFrame of shape (n_samples, n_steps)
        By variable, its steps.
    """
    groups = resolve_sequences(sequences, n_features=frame.shape[1], names=list(frame))
    series = {
        variable: frame.iloc[:, steps]
        for group in groups
        for variable, steps in zip(group.variables, group.positions, strict=True)
    }
    hours = {name for steps in series.values() for name in steps}
    return frame[[name for name in frame if name not in hours]], series


def data_section(frame, y, n_landslides=None, series=None, n_groups=None):
    """Summarize rows, landslides and factors.

    Parameters
    ----------
    frame : DataFrame of shape (n_samples, n_factors)
        The factors; categories have category dtype.
    y : ndarray of bool of shape (n_samples,)
        Which rows are landslides.
    n_landslides : int or None, default=None
        Landslides that the rows of landslides are of; None: each row is one.
    series : dict of str to DataFrame, or None, default=None
        Variables over time, each with its steps, beside the factors.
    n_groups : int or None, default=None
        Groups of the rows of landslides; None: there are no groups.

    Returns
    -------
    section : Section
        The summary.
    """
    rows = []
    for name, column in frame.items():
        missing = int(column.isna().sum())
        is_category = isinstance(column.dtype, pd.CategoricalDtype)
        rows.append(
            [
                name,
                "categories" if is_category else "quantity",
                _spread(column),
                str(missing),
                percent(missing / len(column)),
            ]
        )
    has_gap = frame.isna().any(axis=1)
    for name, steps in (series or {}).items():
        missing = int(steps.isna().sum().sum())
        of_all = percent(missing / steps.size)
        kind = f"series of {plural(steps.shape[1], 'step')}"
        values = pd.Series(steps.to_numpy().ravel())
        rows.append([name, kind, _spread(values), str(missing), of_all])
        has_gap |= steps.isna().any(axis=1)
    incomplete = int(has_gap.sum())
    over_time = f", and {len(series)} series over time, described here only" if series else ""
    text = (
        f"{plural(len(y), 'row')}, of which {landslides_said(y, n_landslides, n_groups)}; "
        f"{plural(frame.shape[1], 'factor')}{over_time}. "
    )
    headings = ["Factor", "Kind", "Min / median / max, or classes", "Missing", "Share missing"]
    if incomplete:
        has = "has" if incomplete == 1 else "have"
        share = percent(incomplete / len(y))
        text += f"{plural(incomplete, 'row')} ({share}) {has} a missing value."
    else:
        text += "No value is missing."
        headings, rows = headings[:3], [row[:3] for row in rows]
    table = Table("Factors", headings, rows, n_text=3)
    return Section("data", "Data", [Paragraph(text), table])


def without_gaps(frame):
    """Fill in what is missing, so that factors can be described together.

    Parameters
    ----------
    frame : DataFrame of shape (n_samples, n_factors)
        The factors.

    Returns
    -------
    filled : DataFrame of shape (n_samples, n_factors)
        The same without missing values.
    """
    with warnings.catch_warnings():
        # Said in the section on the data.
        warnings.simplefilter("ignore", UndeclaredNodataWarning)
        return FactorImputer().set_output(transform="pandas").fit_transform(frame)


def collinearity_section(frame):
    """Say how well each quantity is predicted by the others.

    Parameters
    ----------
    frame : DataFrame of shape (n_samples, n_factors)
        The factors.

    Returns
    -------
    section : Section
        The variance inflation factors.
    """
    blocks = [
        Paragraph(
            "The variance inflation factor of a quantity is 1 / (1 − R²), with R² from the linear "
            f"regression on all other quantities. Above {HARMFUL_VIF} it is commonly read as "
            "harmful: the factor repeats others. Missing values were filled in for this table. "
            "Classes have no variance and are left out."
        )
    ]
    if all(isinstance(dtype, pd.CategoricalDtype) for dtype in frame.dtypes):
        blocks = [Paragraph("None of the factors is a quantity.")]
    else:
        try:
            table = variance_inflation(without_gaps(frame)).sort_values("vif", ascending=False)
        except ValueError as error:
            blocks.append(Paragraph(f"Not computed: {error}"))
        else:
            rows = [
                [
                    str(name),
                    number(row.vif, 3),
                    number(row.tolerance, 3),
                    f"above {HARMFUL_VIF}" if row.vif > HARMFUL_VIF else "",
                ]
                for name, row in zip(table.index, table.itertuples(), strict=True)
            ]
            headings = ["Factor", "VIF", "Tolerance", "Reading"]
            blocks.append(Table("Variance inflation factors", headings, rows))
    return Section("collinearity", "Multicollinearity", blocks)


def selector_of(estimators):
    """Find the mRMR step by which the models drop factors.

    Parameters
    ----------
    estimators : dict of str to estimator
        The models with their pipelines.

    Returns
    -------
    selector : MRMRSelector or None
        A clone; None if no model drops a factor by mRMR, or they do so in different ways.
    """
    found = {}
    for estimator in estimators.values():
        for step in estimator.get_params(deep=True).values():
            if isinstance(step, MRMRSelector) and step.n_features_to_select is not None:
                settings = step.get_params() | {"random_state": None}
                found[repr(sorted(settings.items()))] = step
    return clone(next(iter(found.values()))) if len(found) == 1 else None


def mrmr_section(frame, y, estimators):
    """Show in which order mRMR takes the factors.

    Parameters
    ----------
    frame : DataFrame of shape (n_samples, n_factors)
        The factors.
    y : ndarray of bool of shape (n_samples,)
        Which rows are landslides.
    estimators : dict of str to estimator
        The models with their pipelines, which may drop factors.

    Returns
    -------
    section : Section
        The path.
    """
    dropping = selector_of(estimators)
    drops = (
        "what the pipeline of a model selects, it selects in each fold from the training rows."
        if dropping is not None
        else "the order drops no factor here."
    )
    blocks = [
        Paragraph(
            "Minimum redundancy, maximum relevance: the order in which factors are chosen, each "
            "for what it tells about landslides beyond those before it. Computed on the whole "
            f"table, for description only. No score on this page rests on it: {drops}"
        )
    ]
    try:
        selector = dropping or MRMRSelector()
        selector.set_params(random_state=0).fit(without_gaps(frame), y.astype(int))
    except ValueError as error:
        blocks.append(Paragraph(f"Not computed: {error}"))
    else:
        rows = [
            [
                frame.columns[j],
                str(step),
                number(score, 3),
                number(selector.relevance_[j], 3),
                pvalue(selector.pvalues_[j]),
                *([] if dropping is None else ["yes" if selector.support_[j] else "no"]),
            ]
            for step, (j, score) in enumerate(
                zip(selector.path_, selector.scores_, strict=True), start=1
            )
        ]
        headings = ["Factor", "Step", "Score", "Relevance", "p of the relevance"]
        headings += [] if dropping is None else ["Selected"]
        blocks.append(Table("mRMR path", headings, rows))
    return Section("mrmr", "mRMR path", blocks)
