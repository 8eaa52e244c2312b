"""The reliability diagram of several models."""

import numpy as np
import pytest
from matplotlib import pyplot
from matplotlib.figure import Figure
from numpy.testing import assert_allclose
from sklearn.calibration import calibration_curve
from sklearn.datasets import make_classification
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB

from sklearn_landslide import compare_models
from sklearn_landslide.metrics import expected_calibration_error
from sklearn_landslide.plotting import CalibrationCurvesDisplay


@pytest.fixture(scope="module")
def comparison():
    X, y = make_classification(200, 4, weights=[0.7], flip_y=0.2, random_state=0)
    models = {"LR": LogisticRegression(), "NB": GaussianNB()}
    return compare_models(models, X, y, cv=3, random_state=0)


def test_curves_are_those_counted_by_hand():
    y, p = [0, 0, 0, 1, 1, 1], [0.1, 0.2, 0.3, 0.3, 0.9, 0.7]
    display = CalibrationCurvesDisplay(y, {"RF": p}, n_bins=2).plot()
    probability, share, error = display.curves["RF"]
    assert_allclose(probability, [0.225, 0.8])
    assert_allclose(share, [0.25, 1])
    assert error == pytest.approx(4 / 6 * 0.025 + 2 / 6 * 0.2)
    labels = [text.get_text() for text in display.ax_histogram_.get_legend().get_texts()]
    assert labels == ["RF (ECE = 0.083)", "calibrated"]
    # Twenty bins of 0.05: the rows of 0.3 are two of six.
    values = display.ax_histogram_.patches[0].get_data().values
    assert values.sum() == pytest.approx(1)
    assert values.max() == pytest.approx(2 / 6)


@pytest.mark.parametrize("strategy", ["uniform", "quantile"])
def test_the_drawn_curves_are_those_of_scikit_learn_on_the_pooled_rows(comparison, strategy):
    display = CalibrationCurvesDisplay.from_comparison(comparison, n_bins=5, strategy=strategy)
    rows = comparison.predictions
    for line, name in zip(display.ax_.lines, ["LR", "NB"], strict=False):
        share, probability = calibration_curve(
            rows["y_true"], rows[name], n_bins=5, strategy=strategy
        )
        assert_allclose(line.get_xydata(), np.column_stack([probability, share]))
        error = expected_calibration_error(rows["y_true"], rows[name], n_bins=5, strategy=strategy)
        assert line.get_label() == f"{name} (ECE = {error:.3f})"


def test_given_axes_and_line_styles_are_used(comparison):
    axes = Figure().subplots(2)
    display = CalibrationCurvesDisplay.from_comparison(comparison, ax=axes, marker="s")
    assert [display.ax_, display.ax_histogram_] == list(axes)
    assert axes[0].lines[0].get_marker() == "s"
    assert not pyplot.get_fignums()


@pytest.mark.parametrize("n_models", [1, 5, 12])
def test_nothing_is_cut_off_or_overlaps(n_models):
    probabilities = {f"a rather long name of a model {k}": [0.2, 0.4, 0.6] for k in range(n_models)}
    display = CalibrationCurvesDisplay([0, 1, 1], probabilities).plot()
    figure = display.figure_
    figure.draw_without_rendering()
    below = display.ax_histogram_.get_legend().get_window_extent()
    assert below.y1 < display.ax_histogram_.xaxis.label.get_window_extent().y0
    box = display.ax_.get_window_extent()
    assert 0.8 < box.width / box.height < 1.25
    tight = figure.get_tightbbox()
    assert tight.y0 >= 0
    assert tight.x1 <= figure.bbox_inches.x1


def test_no_model_is_refused():
    with pytest.raises(ValueError, match="no model to draw"):
        CalibrationCurvesDisplay([0, 1], {})
