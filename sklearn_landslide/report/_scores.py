"""The scores: the table, its intervals and tests, the folds, the matrices, the gaps."""

import numpy as np

from sklearn_landslide._threshold import reaches
from sklearn_landslide._words import plural
from sklearn_landslide.comparison import HEADINGS
from sklearn_landslide.report._page_parts import (
    Paragraph,
    Section,
    Table,
    Tables,
    pvalue,
)
from sklearn_landslide.report._tests import differences, gap_between, mean_interval

DIGITS = 3
_MOST_FOLDS = 60


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
        Paragraph("Mean ± standard deviation over the folds."),
        Table("Scores", ["Model", *cells.columns], rows),
    ]
    name = heading(metric)
    tested, why = differences(comparison, reference, metric)
    rows = []
    for model in comparison.table.index:
        interval = mean_interval(comparison, model, metric)
        row = [str(model), f"{comparison.table.loc[model, metric]:.{DIGITS}f}", _bounds(interval)]
        if model in tested:
            result, holm, delong = tested[model]
            row += [
                f"{result.difference:+.{DIGITS}f} ± {result.standard_error:.{DIGITS}f}",
                _bounds(result.confidence_interval(), "+"),
                *map(pvalue, (result.pvalue, holm, delong)),
            ]
        elif tested:
            row += ["reference", *[""] * 4]
        rows.append(row)
    headings = ["Model", name, "95 % interval"]
    if tested:
        difference = f"Difference to {reference} ± s.e."
        headings += [difference, "95 % interval", "p", "p (Holm)", "p (DeLong)"]
    blocks.append(Table(f"Intervals and tests by {name}", headings, rows))
    if tested:
        blocks.append(
            Paragraph(
                "Intervals, standard errors and p are those of the corrected resampled t-test "
                "(Nadeau and Bengio 2003), which allows for training rows that the folds share; "
                "p (Holm) is adjusted for the number of models. p (DeLong), for ROC-AUC where each "
                "row was tested once, is DeLong's test on the pooled probabilities. Where the two "
                "differ, trust the one on the folds."
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


def folds_blocks(comparison, names, metric):
    """Lay out the folds: their size and what each model scored on them.

    Parameters
    ----------
    comparison : ModelComparison
        The scores.
    names : list of str
        One name a fold.
    metric : str
        Which score.

    Returns
    -------
    blocks : list
        The table, and a sentence if it is cut.
    """
    scores = comparison.folds.pivot(index="fold", columns="model", values=metric)
    models = comparison.table.index.tolist()
    sizes = comparison.folds.drop_duplicates("fold").set_index("fold")
    landslides = comparison.predictions.groupby("fold")["y_true"].sum()
    rows = [
        [
            names[fold],
            str(sizes.loc[fold, "n_train"]),
            str(sizes.loc[fold, "n_test"]),
            str(landslides.get(fold, 0)),
            *map(_score, scores.loc[fold, models]),
        ]
        for fold in sizes.index[:_MOST_FOLDS]
    ]
    headings = ["Fold", "Training rows", "Test rows", "Landslides tested", *map(str, models)]
    blocks = [Table(f"Folds, with the {heading(metric)} of each model", headings, rows)]
    if len(sizes) > _MOST_FOLDS:
        blocks.append(Paragraph(f"The first {_MOST_FOLDS} of {len(sizes)} folds."))
    return blocks


def _score(value):
    """Write a score."""
    return "–" if np.isnan(value) else f"{value:.{DIGITS}f}"


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
            "expect is that of spatial folds. “On the same rows” takes the test rows of each "
            "fold of this page, and compares what was predicted for them in both ways; there the "
            "folds do not differ in how hard they are."
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
        headings = ["Model", f"“{label}”", "This page", "Gap", "On the same rows ± s.e.", "p"]
        blocks.append(Table(f"{name} on {folds} “{label}” and on this page", headings, rows))
    return Section("gap", "Gap to other folds", blocks)
