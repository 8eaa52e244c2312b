"""The picture of a curve over the number of labels shows its numbers."""

import pandas as pd
import pytest
from matplotlib.figure import Figure

from sklearn_landslide.plotting import KShotDisplay
from sklearn_landslide.transfer import KShotCurve

MEANS = {"there_$x$": {0: 0.7, 30: 0.75, 300: 0.8}, "alone": {30: 0.6, 300: 0.82}}


@pytest.fixture
def display():
    columns = ["model", "k", "n_landslides", "repeat", "fold", "metric", "score"]
    rows = [
        (model, k, 9, 0, fold, "roc_auc", mean + moved)
        for model, means in MEANS.items()
        for k, mean in means.items()
        for fold, moved in enumerate((-0.02, 0.02))
    ]
    curve = KShotCurve(pd.DataFrame(rows, columns=columns), ("there_$x$",), ("roc_auc",))
    return KShotDisplay.from_curve(curve, ax=Figure().subplots())


def test_lines_are_the_means_and_those_of_the_region_alone_are_dashed(display):
    for name, means in MEANS.items():
        assert display.lines_[name].get_xdata().tolist() == list(means)
        assert display.lines_[name].get_ydata().tolist() == pytest.approx(list(means.values()))
    assert display.lines_["alone"].get_linestyle() == "--"
    assert display.lines_["there_$x$"].get_linestyle() == "-"


def test_no_labels_have_a_place_of_their_own_and_the_crossing_is_said(display):
    assert [text.get_text() for text in display.ax_.get_xticklabels()] == ["0", "30", "300"]
    at = [display.ax_.transData.transform((k, 0.7))[0] for k in (0, 30, 300)]
    assert at[0] + 20 < at[1] < at[2] - 20
    said = [text.get_text() for text in display.ax_.get_legend().get_texts()]
    assert said == ["there_$x$", "alone", "from 300 labels on: alone as good as there_$x$"]


def test_a_metric_that_was_not_scored_is_refused(display):
    curve = KShotCurve(pd.DataFrame(), (), ("roc_auc",))
    with pytest.raises(ValueError, match="metric='f1' was not scored"):
        KShotDisplay.from_curve(curve, metric="f1")
