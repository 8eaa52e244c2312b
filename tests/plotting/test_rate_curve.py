"""The picture of rate curves: right numbers, right lines, nothing left behind."""

import numpy as np
import pytest
from matplotlib import pyplot
from matplotlib.figure import Figure
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.datasets import make_classification
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import ShuffleSplit
from sklearn.naive_bayes import GaussianNB

from sklearn_landslide import compare_models
from sklearn_landslide.metrics import rate_curve, rate_curve_auc, rate_curve_band
from sklearn_landslide.plotting import RateCurveDisplay

Y = [0, 0, 1, 1]
PROBABILITIES = {"RF": [0.1, 0.4, 0.35, 0.8], "LR": [0.2, 0.1, 0.6, 0.7]}


@pytest.fixture(scope="module")
def comparison():
    X, y = make_classification(120, 4, weights=[0.7], flip_y=0.2, random_state=0)
    models = {"LR": LogisticRegression(), "NB": GaussianNB()}
    return compare_models(models, X, y, cv=3, random_state=0)


def legend(display):
    return [text.get_text() for text in display.ax_.get_legend().get_texts()]


def test_the_legend_names_every_model_with_its_area_and_what_bounds_it():
    display = RateCurveDisplay(Y, PROBABILITIES, n_resamples=0).plot()
    # RF counts 1 of 2 landslides after 1/4 and after 1/2 of the area, both after 3/4.
    assert legend(display) == [
        "RF (AUC = 0.625)",
        "LR (AUC = 0.750)",
        "all landslides first (AUC = 0.750)",
        "chance level (AUC = 0.500)",
    ]
    assert display.bands == {}
    assert not display.ax_.collections


def test_the_drawn_lines_and_bands_are_those_of_the_metrics(comparison):
    display = RateCurveDisplay.from_comparison(comparison, n_resamples=30, random_state=3)
    rows = comparison.predictions
    for line, polygon, name in zip(
        display.ax_.lines, display.ax_.collections, ["LR", "NB"], strict=False
    ):
        x, y, _ = rate_curve(rows["y_true"], rows[name])
        assert_allclose(line.get_xydata(), np.column_stack([x, y]))
        band = display.bands[name]
        # The outline of a filled area holds both bounds.
        outline = {tuple(point) for point in np.round(polygon.get_paths()[0].vertices, 9)}
        for bound in (band.lower, band.upper):
            assert {tuple(p) for p in np.round(np.c_[band.area_share, bound], 9)} <= outline
        assert (
            f"{name} (AUC = {band.auc:.3f}, {band.auc_lower:.3f}–{band.auc_upper:.3f})"
            in legend(display)
        )


def test_all_models_have_the_same_draws_and_the_same_seed_the_same_bands():
    same = {"one": PROBABILITIES["RF"], "two": PROBABILITIES["RF"]}
    first, second = (RateCurveDisplay(Y, same, n_resamples=20, random_state=0) for _ in range(2))
    assert_array_equal(first.bands["one"].lower, first.bands["two"].lower)
    assert_array_equal(first.bands["one"].lower, second.bands["one"].lower)


def test_from_predictions_draws_one_model_with_areas_and_a_level():
    y, p = np.repeat([0, 1], 30), np.random.default_rng(0).random(60)
    area = np.arange(1, 61)
    display = RateCurveDisplay.from_predictions(
        y, p, area=area, name="map", n_resamples=40, confidence_level=0.5, random_state=0
    )
    assert display.curves["map"][2] == rate_curve_auc(y, p, area=area)
    seed = np.random.RandomState(0).randint(np.iinfo(np.int32).max)
    band = rate_curve_band(y, p, area=area, n_resamples=40, confidence_level=0.5, random_state=seed)
    assert_array_equal(display.bands["map"].upper, band.upper)


def test_areas_follow_the_rows_of_the_table_not_those_of_the_predictions():
    X, y = make_classification(90, 4, random_state=0)
    cv = ShuffleSplit(1, test_size=40, random_state=0)
    comparison = compare_models({"LR": LogisticRegression()}, X, y, cv=cv, random_state=0)
    area = np.random.default_rng(0).random(90)
    display = RateCurveDisplay.from_comparison(comparison, area=area, n_resamples=0)
    tested = comparison.predictions.dropna()
    assert len(tested) == 40
    expected = rate_curve_auc(tested["y_true"], tested["LR"], area=area[tested["row"]])
    assert display.curves["LR"][2] == expected
    with pytest.raises(ValueError, match="area has 40 values and the table had 90 rows"):
        RateCurveDisplay.from_comparison(comparison, area=area[:40])


def test_given_axes_and_line_styles_are_used():
    axes = Figure().subplots()
    display = RateCurveDisplay.from_predictions(
        Y, PROBABILITIES["RF"], n_resamples=0, ax=axes, linewidth=5, color="red"
    )
    assert display.ax_ is axes
    assert axes.lines[0].get_linewidth() == 5
    assert axes.lines[0].get_color() == "red"
    assert not pyplot.get_fignums()


@pytest.mark.parametrize("n_models", [1, 5, 12])
def test_nothing_is_cut_off_or_overlaps(n_models):
    probabilities = {
        f"a rather long name of a model {k}": PROBABILITIES["RF"] for k in range(n_models)
    }
    display = RateCurveDisplay(Y, probabilities, n_resamples=5, random_state=0).plot()
    figure = display.figure_
    figure.draw_without_rendering()
    box = display.ax_.get_window_extent()
    below = display.ax_.get_legend().get_window_extent()
    assert below.y1 < display.ax_.xaxis.label.get_window_extent().y0
    assert 0.8 < box.width / box.height < 1.25
    tight = figure.get_tightbbox()
    assert tight.x0 >= 0
    assert tight.y0 >= 0
    assert tight.x1 <= figure.bbox_inches.x1
    assert tight.y1 <= figure.bbox_inches.y1


def test_no_model_is_refused():
    with pytest.raises(ValueError, match="no model to draw"):
        RateCurveDisplay(Y, {})
