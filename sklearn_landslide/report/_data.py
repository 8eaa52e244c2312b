"""The table that was compared on: its factors, how they overlap, and their mRMR path."""

import warnings

import pandas as pd

from sklearn_landslide._nodata import LARGEST, UndeclaredNodataWarning
from sklearn_landslide._words import plural
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
    return " / ".join(number(value) for value in (column.min(), column.median(), column.max()))


def data_section(frame, y):
    """Summarize rows, landslides and factors.

    Parameters
    ----------
    frame : DataFrame of shape (n_samples, n_factors)
        The factors; categories have category dtype.
    y : ndarray of bool of shape (n_samples,)
        Which rows are landslides.

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
                f"{missing / len(column):.1%}",
            ]
        )
    incomplete = int(frame.isna().any(axis=1).sum())
    text = (
        f"{plural(len(y), 'row')}, of which {y.sum()} landslides ({y.mean():.1%}); "
        f"{plural(frame.shape[1], 'factor')}. "
        f"{plural(incomplete, 'row')} ({incomplete / len(y):.1%}) with a missing value."
    )
    headings = ["Factor", "Kind", "Min / median / max, or classes", "Missing", "Share missing"]
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


def mrmr_section(frame, y):
    """Show in which order mRMR takes the factors.

    Parameters
    ----------
    frame : DataFrame of shape (n_samples, n_factors)
        The factors.
    y : ndarray of bool of shape (n_samples,)
        Which rows are landslides.

    Returns
    -------
    section : Section
        The path.
    """
    blocks = [
        Paragraph(
            "Minimum redundancy, maximum relevance: the order in which factors are chosen, each "
            "for what it tells about landslides beyond those before it. Computed on the whole "
            "table, for description only. No score on this page rests on it: what the pipeline "
            "of a model selects, it selects in each fold from the training rows."
        )
    ]
    try:
        selector = MRMRSelector(random_state=0).fit(without_gaps(frame), y.astype(int))
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
                "yes" if selector.support_[j] else "no",
            ]
            for step, (j, score) in enumerate(
                zip(selector.path_, selector.scores_, strict=True), start=1
            )
        ]
        headings = ["Factor", "Step", "Score", "Relevance", "p of the relevance", "Selected"]
        blocks.append(Table("mRMR path", headings, rows))
    return Section("mrmr", "mRMR path", blocks)
