"""The curves picture: right numbers, right lines, nothing left behind."""

import io
import subprocess
import sys

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib import pyplot
from numpy.testing import assert_allclose
from sklearn.datasets import make_classification
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import ShuffleSplit
from sklearn.naive_bayes import GaussianNB

from sklearn_landslide import compare_models
from sklearn_landslide.plotting import (
    CalibrationCurvesDisplay,
    ComparisonCurvesDisplay,
    FoldMapDisplay,
    RateCurveDisplay,
    SusceptibilityMapDisplay,
    save_comparison_curves,
)

Y = [0, 0, 1, 1]
PROBABILITIES = {"RF": [0.1, 0.4, 0.35, 0.8], "LR": [0.2, 0.1, 0.6, 0.7]}


@pytest.fixture(scope="module")
def comparison():
    X, y = make_classification(120, 4, weights=[0.7], flip_y=0.2, random_state=0)
    models = {"LR": LogisticRegression(), "NB": GaussianNB()}
    return compare_models(models, X, y, cv=3, random_state=0)


def legend(panel):
    return [text.get_text() for text in panel.get_legend().get_texts()]


def test_curves_are_those_counted_by_hand():
    display = ComparisonCurvesDisplay(Y, PROBABILITIES)
    # RF, threshold after threshold: 0.8 hits, 0.4 is false, 0.35 hits, 0.1 is false.
    false, true, area = display.roc["RF"]
    assert_allclose(
        np.column_stack([false, true]), [[0, 0], [0, 0.5], [0.5, 0.5], [0.5, 1], [1, 1]]
    )
    assert area == 0.75
    recall, precision, area = display.pr["RF"]
    assert_allclose(recall[[0, -1]], [1, 0])
    assert_allclose(precision[recall == 0.5].max(), 1)
    # AP = 1/2 * 1 + 1/2 * 2/3
    assert_allclose(area, 5 / 6)
    assert display.roc["LR"][2] == display.pr["LR"][2] == 1
    assert display.prevalence == 0.5


def test_the_legend_names_every_model_with_its_area():
    display = ComparisonCurvesDisplay(Y, PROBABILITIES).plot()
    assert legend(display.ax_roc_) == [
        "RF (AUC = 0.750)",
        "LR (AUC = 1.000)",
        "chance level (AUC = 0.500)",
    ]
    assert legend(display.ax_pr_) == [
        "RF (AP = 0.833)",
        "LR (AP = 1.000)",
        "chance level (AP = 0.500)",
    ]


def test_chance_level_is_the_diagonal_and_the_prevalence():
    display = ComparisonCurvesDisplay([0, 0, 0, 1], {"RF": [0, 1, 2, 3]}).plot()
    assert_allclose(display.ax_roc_.lines[0].get_xydata(), [[0, 0], [1, 1]])
    assert_allclose(display.ax_pr_.lines[0].get_xydata(), [[0, 0.25], [1, 0.25]])


def test_the_drawn_lines_are_the_stored_curves(comparison):
    display = ComparisonCurvesDisplay.from_comparison(comparison)
    for number, name in enumerate(["LR", "NB"], start=1):
        for panel, curves in ((display.ax_roc_, display.roc), (display.ax_pr_, display.pr)):
            drawn = panel.lines[number].get_xydata()
            assert_allclose(drawn, np.column_stack(curves[name][:2]))


def test_the_curves_of_a_comparison_pool_all_test_folds(comparison):
    display = ComparisonCurvesDisplay.from_comparison(comparison)
    predictions = comparison.predictions
    y, probability = predictions["y_true"].to_numpy(), predictions["NB"].to_numpy()
    # The area is the share of pairs in the right order.
    pairs = probability[y == 1][:, None] - probability[y == 0]
    assert_allclose(display.roc["NB"][2], np.mean(pairs > 0) + np.mean(pairs == 0) / 2)
    assert display.prevalence == pytest.approx(y.mean())


def test_rows_that_were_never_tested_are_left_out():
    X, y = make_classification(120, 4, random_state=0)
    cv = ShuffleSplit(1, test_size=30, random_state=0)
    comparison = compare_models({"LR": LogisticRegression()}, X, y, cv=cv, random_state=0)
    display = ComparisonCurvesDisplay.from_comparison(comparison)
    assert len(display.y_true) == 30


def test_lines_of_many_models_stay_apart():
    rng = np.random.default_rng(0)
    probabilities = {f"model {number}": rng.random(4) for number in range(14)}
    display = ComparisonCurvesDisplay(Y, probabilities).plot()
    for panel in (display.ax_roc_, display.ax_pr_):
        looks = {(line.get_color(), str(line._dash_pattern)) for line in panel.lines}
        assert len(looks) == 15


@pytest.mark.parametrize("n_models", [1, 5, 12])
@pytest.mark.parametrize("name", ["RF", "a rather long name of a model"])
def test_nothing_is_cut_off_or_overlaps(n_models, name):
    probabilities = {f"{name} {number}": PROBABILITIES["RF"] for number in range(n_models)}
    figure = ComparisonCurvesDisplay(Y, probabilities).plot().figure_
    figure.draw_without_rendering()
    boxes = []
    for panel in figure.axes:
        box, legend = panel.get_window_extent(), panel.get_legend().get_window_extent()
        assert legend.y1 < panel.xaxis.label.get_window_extent().y0
        assert 0.85 < box.width / box.height < 1.15
        boxes.append(panel.get_tightbbox())
    assert not boxes[0].overlaps(boxes[1])
    for box in boxes:
        assert box.x0 >= 0 and box.y0 >= 0
        assert box.x1 <= figure.bbox.x1 and box.y1 <= figure.bbox.y1


def test_given_axes_are_used_and_line_options_passed_on():
    figure, axes = pyplot.subplots(2, 1)
    display = ComparisonCurvesDisplay(Y, PROBABILITIES).plot(ax=axes, linewidth=3)
    assert display.figure_ is figure
    assert [display.ax_roc_, display.ax_pr_] == list(axes)
    assert {line.get_linewidth() for line in axes[0].lines[1:]} == {3}


def test_saving_leaves_no_figure_and_no_setting(comparison, tmp_path):
    with mpl.rc_context():
        before = dict(mpl.rcParams)
        save_comparison_curves(comparison, tmp_path / "curves.png", dpi=50)
        assert dict(mpl.rcParams) == before
    assert pyplot.get_fignums() == []
    image = pyplot.imread(tmp_path / "curves.png")
    assert image.shape[1] == 10.5 * 50
    assert image[..., :3].std() > 0.05


def test_saving_needs_neither_pyplot_nor_a_display(tmp_path):
    code = (
        "import sys; from types import SimpleNamespace as Some; import pandas as pd; "
        "from sklearn_landslide.plotting import save_comparison_curves; "
        "assert 'matplotlib' not in sys.modules; "
        "p = pd.DataFrame({'fold': [0, 0], 'y_true': [0, 1], 'LR': [0.2, 0.6]}); "
        "f = pd.DataFrame({'model': ['LR']}); "
        f"save_comparison_curves(Some(predictions=p, folds=f), {str(tmp_path / 'a.png')!r}); "
        "assert 'matplotlib.pyplot' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, env={"MPLBACKEND": "TkAgg"})
    assert (tmp_path / "a.png").stat().st_size > 10_000


@pytest.mark.parametrize("y", [[0, 0], [1, 2], [1, 1]])
def test_labels_other_than_both_classes_are_refused(y):
    with pytest.raises(ValueError, match=r"labels 1 \(landslide\) and 0 \(none\), both; got"):
        ComparisonCurvesDisplay(y, {"LR": [0.1, 0.2]})


def test_no_model_is_refused():
    with pytest.raises(ValueError, match="no model to draw"):
        ComparisonCurvesDisplay(Y, {})


# What matplotlib would read: a formula, an entry to be left out, a line break.
NAMES = ["$x_1$", "_RF", "a\nb", "<script> 5 $", "坡度"]
SHOWN = ["$x_1$", "_RF", "a\\nb", "<script> 5 $", "坡度"]
ODD = {name: PROBABILITIES["RF"] for name in NAMES}


def texts_of(display):
    """Texts of all legends and whether they may be formulas."""
    display.figure_.savefig(io.BytesIO(), format="svg")
    legends = [ax.get_legend() for ax in display.figure_.axes if ax.get_legend() is not None]
    return [text for legend in legends for text in legend.get_texts()]


@pytest.mark.filterwarnings("ignore:Glyph")
@pytest.mark.parametrize(
    ("make", "n_legends"),
    [
        (lambda: ComparisonCurvesDisplay(Y, ODD).plot(), 2),
        (lambda: RateCurveDisplay(Y, ODD).plot(), 1),
        (lambda: CalibrationCurvesDisplay(Y, ODD).plot(), 1),
        (
            lambda: FoldMapDisplay(
                np.eye(5, 2), {name: [k] for k, name in enumerate(NAMES)}
            ).plot(),
            1,
        ),
        (
            lambda: SusceptibilityMapDisplay(
                np.arange(1, 6).reshape(1, 5), (0, 5, 0, 1), names=NAMES
            ).plot(),
            1,
        ),
    ],
    ids=["curves", "rates", "calibration", "folds", "map"],
)
def test_all_pictures_show_names_as_they_are(make, n_legends):
    texts = texts_of(make())
    assert not any(text.get_parse_math() for text in texts)
    for name in SHOWN:
        shown = [text.get_text().partition(" (")[0] for text in texts]
        assert shown.count(name) == n_legends


def test_a_dollar_is_drawn_where_it_was_a_formula():
    """The same letters without it leave less ink than with it."""

    def ink(name):
        display = ComparisonCurvesDisplay(Y, {name: PROBABILITIES["RF"]}).plot()
        text = display.ax_roc_.get_legend().get_texts()[0]
        display.figure_.canvas.draw()
        return text.get_window_extent().width

    assert ink("$$x_1") > ink("$x_1") > ink("x_1")


def test_names_are_shown_on_one_line_of_text(capsys):
    X, y = make_classification(60, 4, random_state=0)
    models = {"a\n\x1b[2Jb": LogisticRegression()}
    text = compare_models(models, X, y, cv=2, random_state=0, verbose=1).to_text()
    assert len(text.splitlines()) == 2
    assert text.splitlines()[1].startswith("a\\n\\x1b[2Jb ")
    assert capsys.readouterr().err.startswith("a\\n\\x1b[2Jb: ROC-AUC ")


def test_the_legend_of_pooled_folds_gives_the_mean_of_the_table_beside_it(comparison):
    display = ComparisonCurvesDisplay.from_comparison(comparison)
    for panel, metric, curves, short in (
        (display.ax_roc_, "roc_auc", display.roc, "AUC"),
        (display.ax_pr_, "pr_auc", display.pr, "AP"),
    ):
        for name, said in zip(comparison.table.index, legend(panel), strict=False):
            mean = comparison.table.loc[name, metric]
            assert said == f"{name} ({short} pooled {curves[name][2]:.3f}; folds {mean:.3f})"


def test_a_single_test_set_has_one_figure():
    X, y = make_classification(120, 4, random_state=0)
    cv = ShuffleSplit(1, test_size=30, random_state=0)
    one = compare_models({"LR": LogisticRegression()}, X, y, cv=cv, random_state=0)
    display = ComparisonCurvesDisplay.from_comparison(one)
    assert legend(display.ax_roc_)[0] == f"LR (AUC = {display.roc['LR'][2]:.3f})"
