"""The folds: what kind they are, on the map, and how each model did on each of them."""

import re

import numpy as np

from sklearn_landslide.report._page_parts import Paragraph, Pictures, Section, Table
from sklearn_landslide.report._pictures import fold_map
from sklearn_landslide.report._scores import DIGITS, heading

_MOST_FOLDS = 60
_KINDS_OF_FOLDS = {
    "SpatialBlockKFold": "Each fold tests compact blocks of ground, away from most of its "
    "training places.",
    "LeaveOneStratumOut": "Each fold tests one stratum that its models have not seen.",
    "LeaveRegionAndPeriodOut": "Each fold tests one region and one period that its models have "
    "not seen.",
    "KNNDM": "The folds are as far from their training places as the map is from all places.",
}


def folds_in_words(comparison, label="Landslides"):
    """Say what kind of folds these are, and how unequal.

    Parameters
    ----------
    comparison : ModelComparison
        The scores and predictions.
    label : str, default="Landslides"
        What the rows of landslides are.

    Returns
    -------
    text : str
    """
    inputs, tested = comparison.inputs, comparison.predictions.dropna(subset=["fold"])
    kind = re.search(r" folds of (\w+)\(", inputs.cv) if inputs is not None else None
    n_folds = comparison.folds["fold"].nunique()
    if inputs is None:
        said = f"{n_folds} folds. How they were drawn is not known."
    elif kind is None or kind[1] not in _KINDS_OF_FOLDS:
        said = f"{inputs.cv}."
    else:
        widths = inputs.cv.rpartition("), with ")[2] if "), with " in inputs.cv else ""
        said = f"{n_folds} folds{widths and f' with {widths}'}. {_KINDS_OF_FOLDS[kind[1]]}"
    sizes = tested.groupby("fold")["y_true"].agg(["size", "sum"])
    if len(sizes) > 1:
        rows, landslides = _range(sizes["size"]), _range(sizes["sum"])
        said += f" A fold tests {rows} rows, among them {landslides} {label.lower()}."
    return said


def _range(counts):
    low, high = int(counts.min()), int(counts.max())
    return str(low) if low == high else f"{low} to {high}"


def folds_section(comparison, points, metric, label="Landslides"):
    """Lay out the folds, on a map where there are coordinates.

    Parameters
    ----------
    comparison : ModelComparison
        The scores and predictions.
    points : ndarray of shape (n_samples, 2) or None
        x and y of the rows.
    metric : str
        Which score is shown beside the folds.
    label : str, default="Landslides"
        What the rows of landslides are.

    Returns
    -------
    section : Section
        Sentence, map and table.
    """
    inputs = comparison.inputs
    names = [str(fold) for fold in comparison.folds["fold"].unique()]
    if inputs is not None:
        names = inputs.fold_names
    blocks = [Paragraph(folds_in_words(comparison, label))]
    if points is None:
        blocks.append(Paragraph("There is no map of the folds: no coordinates were given."))
    else:
        blocks.append(Pictures([fold_map(comparison, points, names)]))
    return Section("folds", "Folds", [*blocks, *folds_blocks(comparison, names, metric, label)])


def folds_blocks(comparison, names, metric, label="Landslides"):
    """Lay out the folds: their size and what each model scored on them.

    Parameters
    ----------
    comparison : ModelComparison
        The scores.
    names : list of str
        One name a fold.
    metric : str
        Which score.
    label : str, default="Landslides"
        What the rows of landslides are: landslides, or cells of them.

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
    headings = ["Fold", "Training rows", "Test rows", f"{label} tested", *map(str, models)]
    blocks = [Table(f"Folds, with the {heading(metric)} of each model", headings, rows)]
    if len(sizes) > _MOST_FOLDS:
        blocks.append(Paragraph(f"The first {_MOST_FOLDS} of {len(sizes)} folds."))
    return blocks


def _score(value):
    """Write a score."""
    return "–" if np.isnan(value) else f"{value:.{DIGITS}f}"
