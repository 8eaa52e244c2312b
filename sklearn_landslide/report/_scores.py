"""The scores: the table, its intervals and tests, the folds, the matrices, the gaps."""

import numpy as np

from sklearn_landslide._threshold import reaches
from sklearn_landslide._words import plural
from sklearn_landslide.comparison import HEADINGS, threshold_said
from sklearn_landslide.report._page_parts import (
    Paragraph,
    Section,
    Table,
    Tables,
    pvalue,
)
from sklearn_landslide.report._tests import (
    differences,
    gap_between,
    mean_interval,
    ranking_rule,
)

DIGITS = 3


def heading(metric):
    """Name a metric as its column is headed."""
    return HEADINGS.get(metric, metric)


def scores_section(comparison, reference, metric):
    """Lay out the table of the comparison, and below it the tests by one metric.

    Parameters
    ----------
    comparison : ModelComparison
        The scores.
    reference, metric : str
        The model that the others are compared with, and the score that is tested.

    Returns
    -------
    section : Section
        The tables.
    """
    cells = comparison._cells(DIGITS)
    rows = [[str(name), *row] for name, row in zip(cells.index, cells.to_numpy(), strict=True)]
    blocks = [
        Paragraph(f"Mean ± standard deviation over the folds; {ranking_rule(comparison, metric)}."),
        Table("Scores", ["Model", *cells.columns], rows),
    ]
    if said := threshold_said(comparison):
        blocks.append(Paragraph(said))
    name = heading(metric)
    tested, why = differences(comparison, reference, metric)
    rows = []
    for model in comparison.table.index:
        interval = mean_interval(comparison, model, metric)
        row = [str(model), f"{comparison.table.loc[model, metric]:.{DIGITS}f}", _bounds(interval)]
        if model in tested:
            result, holm = tested[model]
            row += [
                f"{result.difference:+.{DIGITS}f} ± {result.standard_error:.{DIGITS}f}",
                _bounds(result.confidence_interval(), "+"),
                *map(pvalue, (result.pvalue, holm)),
            ]
        elif tested:
            row += ["reference", *[""] * 3]
        rows.append(row)
    headings = ["Model", name, "95 % interval"]
    if tested:
        difference = f"Difference to {reference} ± s.e."
        headings += [difference, "95 % interval", "p", "p (Holm)"]
    blocks.append(Table(f"Intervals and tests by {name}", headings, rows))
    if tested:
        blocks.append(
            Paragraph(
                "Intervals, standard errors and p are those of the corrected resampled t-test "
                "(Nadeau and Bengio 2003), which allows for training rows that the folds share; "
                "p (Holm) is adjusted for the number of models."
            )
        )
    elif len(comparison.table) > 1:
        blocks.append(Paragraph(f"Not tested: {why}"))
    return Section("scores", "Scores", blocks)


def _bounds(interval, sign=""):
    """Write an interval."""
    if interval is None:
        return "–"
    return " to ".join(f"{bound:{sign}.{DIGITS}f}" for bound in interval)


def confusion_counts(comparison, model):
    """Count hits and errors of a model at the threshold of each fold.

    Parameters
    ----------
    comparison : ModelComparison
        With ``threshold`` in its folds.
    model : str
        The model.

    Returns
    -------
    counts : ndarray of int of shape (2, 2)
        Rows: landslide, none. Columns: predicted landslide, predicted none.
    """
    tested = comparison.predictions.dropna(subset=["fold"])
    folds = comparison.folds[comparison.folds["model"] == model].set_index("fold")
    threshold = folds["threshold"].loc[tested["fold"].astype(int)].to_numpy()
    predicted = reaches(tested[model].to_numpy(), threshold)
    y = tested["y_true"].to_numpy() == 1
    return np.array([[np.sum(part & predicted), np.sum(part & ~predicted)] for part in (y, ~y)])


def confusion_section(comparison):
    """Lay out the confusion matrix of each model.

    Parameters
    ----------
    comparison : ModelComparison
        The predictions.

    Returns
    -------
    section : Section or None
        None if the comparison has no thresholds.
    """
    if "threshold" not in comparison.folds or comparison.folds["threshold"].isna().any():
        return None
    tables = []
    for model in comparison.table.index:
        of_model = comparison.folds.loc[comparison.folds["model"] == model, "threshold"]
        lowest, highest = of_model.min(), of_model.max()
        threshold = f"{lowest:.3f}"
        if f"{highest:.3f}" != threshold:
            threshold += f" to {highest:.3f}"
        (hits, missed), (false, right) = confusion_counts(comparison, model).tolist()
        tables.append(
            Table(
                f"{model}, threshold {threshold}",
                ["", "Predicted landslide", "Predicted none"],
                [["Landslide", str(hits), str(missed)], ["None", str(false), str(right)]],
            )
        )
    repeats = comparison.predictions.dropna(subset=["fold"])["row"].duplicated().any()
    text = (
        "Test rows of all folds, counted. From the threshold on, a place counts as a landslide; "
        "each fold has its own where it follows from the training rows."
    )
    if repeats:
        text += " Rows that were tested more than once are counted as often."
    return Section("confusion", "Confusion matrices", [Paragraph(text), Tables(tables)])


def gap_section(comparison, compare_to, metric):
    """Lay out what the same models score on other folds.

    Parameters
    ----------
    comparison : ModelComparison
        On the folds of the report.
    compare_to : dict of str to ModelComparison
        On other folds, by the name of these.
    metric : str
        Which score.

    Returns
    -------
    section : Section
        One table for each of the others.
    """
    name, here = heading(metric), comparison._cells(DIGITS)
    blocks = [
        Paragraph(
            "The same models on the same table, on other folds. Random folds put neighbors of a "
            "test row into the training rows: where a map has no samples nearby, the score to "
            "expect is that of spatial folds. There are two gaps. That of the means compares "
            "scores of other test rows: it also grows where the other folds tell one piece of "
            "ground from another, which a single piece cannot show. That on the same rows scores "
            "both predictions on the test rows of each fold of this page: what is left is what "
            "the neighbors in the training rows are worth. The two may differ, even in sign."
        )
    ]
    for label, other in compare_to.items():
        there, rows = other._cells(DIGITS), []
        for model in comparison.table.index:
            if model not in there.index:
                continue
            gap = gap_between(other, comparison, model, metric)
            paired = (
                "–"
                if np.isnan(gap.paired)
                else f"{gap.paired:+.{DIGITS}f} ± {gap.standard_error:.{DIGITS}f}"
            )
            rows.append(
                [
                    str(model),
                    there.loc[model, name],
                    here.loc[model, name],
                    f"{gap.means:+.{DIGITS}f}",
                    paired,
                    pvalue(gap.pvalue),
                ]
            )
        folds = plural(other.folds["fold"].nunique(), "fold")
        headings = ["Model", f"“{label}”", "This page", "Gap of the means"]
        headings += ["Gap on the same rows ± s.e.", "p of the same rows"]
        blocks.append(Table(f"{name} on {folds} “{label}” and on this page", headings, rows))
    return Section("gap", "Gap to other folds", blocks)
