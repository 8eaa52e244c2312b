"""The pictures of a report, each small enough to be read on a telephone."""

from sklearn_landslide.plotting import (
    CalibrationCurvesDisplay,
    ComparisonCurvesDisplay,
    FoldMapDisplay,
    RateCurveDisplay,
    add_legend,
    as_data_uri,
    figure_class,
)
from sklearn_landslide.report._page_parts import Paragraph, Picture, Pictures, Section
from sklearn_landslide.report._tests import ranking_rule

WIDTH = 5.4  # inches
_RESAMPLES = 400
# More points than this make a drawing larger than a photograph of it.
_MOST_VECTOR_POINTS = 2000


def _axes(height, *shape, **options):
    """Make axes of a given size in a figure of their own; what does not fit is kept as well.

    A layout that makes room for the legends inside the figure leaves none for the axes if names
    are long.
    """
    return figure_class()(figsize=(WIDTH, height)).subplots(*shape, **options)


def _said(areas, less=False):
    """Put each model's figure into words, the best first."""
    ranked = sorted(areas.items(), key=lambda item: item[1], reverse=not less)
    return ", ".join(f"{name} {area:.3f}" for name, area in ranked)


def curves_section(comparison, metric):
    """Lay out the curves, and say in what their areas differ from the means of the table.

    Parameters
    ----------
    comparison : ModelComparison
        The predictions.
    metric : str
        The score by which the models are ranked.

    Returns
    -------
    section : Section
    """
    text = (
        "Each curve pools the test rows of all folds, as if one model had predicted them. The "
        "tables average over the folds instead, and by such a mean the models are "
        f"{ranking_rule(comparison, metric)}. The two figures differ, mostly where one fold has "
        "more landslides than another or where probabilities are higher in one fold than in "
        "another, and need not rank the models in the same order: the means decide here."
    )
    pictures = Pictures(curve_pictures(comparison))
    return Section("curves", "Curves", [Paragraph(text), pictures])


def curve_pictures(comparison):
    """Draw ROC, precision-recall, prediction-rate and calibration curves.

    Parameters
    ----------
    comparison : ModelComparison
        The predictions.

    Returns
    -------
    pictures : list of Picture
        Four of them.
    """
    roc, pr = (_axes(5.4) for _ in range(2))
    curves = ComparisonCurvesDisplay.from_comparison(comparison, ax=(roc, pr))
    rate = RateCurveDisplay.from_comparison(
        comparison,
        ax=_axes(5.4),
        n_resamples=_RESAMPLES,
        random_state=0,
    )
    panels = _axes(7.0, 2, 1, sharex=True, height_ratios=[3, 1])
    calibration = CalibrationCurvesDisplay.from_comparison(comparison, ax=panels)
    return [
        Picture(
            as_data_uri(roc.figure, "svg"),
            "ROC curves of the pooled folds. Area under the curve: "
            + _said({name: curve[2] for name, curve in curves.roc.items()}),
            "ROC, all folds pooled: share of landslides found, against the share of other places "
            "mistaken for landslides.",
        ),
        Picture(
            as_data_uri(pr.figure, "svg"),
            "Precision-recall curves of the pooled folds. Average precision: "
            + _said({name: curve[2] for name, curve in curves.pr.items()}),
            "Precision-recall, all folds pooled: share of predicted landslides that are real, "
            "against the share of landslides found.",
        ),
        Picture(
            as_data_uri(rate.figure_, "svg"),
            "Prediction-rate curves of the pooled folds. Area under the curve: "
            + _said({name: curve[2] for name, curve in rate.curves.items()}),
            "Prediction rate, all folds pooled: the share of the landslides in the most "
            "susceptible share of the places, with 95 % bootstrap bands.",
        ),
        Picture(
            as_data_uri(calibration.figure_, "svg"),
            "Calibration curves of the pooled folds. Expected calibration error: "
            + _said({name: curve[2] for name, curve in calibration.curves.items()}, less=True),
            "Calibration, all folds pooled: the share of landslides among places of similar "
            "probability. On the diagonal, probabilities match the observed shares.",
        ),
    ]


def fold_map(comparison, coordinates, names):
    """Draw which fold tests which row.

    Parameters
    ----------
    comparison : ModelComparison
        The predictions.
    coordinates : ndarray of shape (n_samples, 2)
        x and y of the rows of the table, in meters.
    names : list of str
        One name a fold.

    Returns
    -------
    picture : Picture
        Of repeated folds the first repeat.
    """
    tested = comparison.predictions.dropna(subset=["fold"])
    parts, seen = {}, set()
    for fold, rows in tested.groupby("fold")["row"]:
        if seen.intersection(rows):
            break
        seen.update(rows)
        name = names[fold]
        parts[f"fold {name}" if name == str(fold) else name] = rows.to_numpy()
    untested = sorted(set(range(len(coordinates))) - seen)
    if untested:
        parts = {"never tested": untested} | parts
    landslide = comparison.predictions.drop_duplicates("row").set_index("row")["y_true"] == 1
    columns = 2 if max(map(len, parts)) < 22 else 1
    display = FoldMapDisplay(coordinates, parts, landslide=landslide.sort_index().to_numpy())
    display.plot(ax=_axes(5.0), s=15)
    # Beside the map the legend would take half of a narrow screen.
    legend = display.ax_.get_legend()
    add_legend(
        display.ax_,
        legend.legend_handles,
        [text.get_text() for text in legend.get_texts()],
        loc="upper center",
        bbox_to_anchor=(0.5, -0.16),
        ncols=columns,
        frameon=False,
    )
    kind = "svg" if len(coordinates) <= _MOST_VECTOR_POINTS else "png"
    said = ", ".join(f"{name} {len(rows)} rows" for name, rows in parts.items())
    return Picture(
        as_data_uri(display.figure_, kind),
        f"Map of the rows, colored by the fold that tests them: {said}",
        "Which fold tests which row: each has a color and a mark. Marks of landslides are filled.",
    )
