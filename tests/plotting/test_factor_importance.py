"""The picture of what factors are worth shows the numbers of the table."""

import pandas as pd
import pytest
from matplotlib import pyplot
from numpy.testing import assert_allclose

from sklearn_landslide.inspection import FactorImportance
from sklearn_landslide.plotting import FactorImportanceDisplay


@pytest.fixture
def importance():
    losses = {
        ("_$twi_1$", False): [0.02, -0.02, 0.01],
        ("slope", False): [0.10, 0.12, 0.11],
        ("_$twi_1$", True): [0.03, 0.04, 0.03],
        ("slope", True): [0.01, -0.01, 0.01],
    }
    lines = [
        (name, kind, fold, 0, loss)
        for (name, kind), values in losses.items()
        for fold, loss in enumerate(values)
    ]
    return FactorImportance(
        pd.DataFrame(lines, columns=["factor", "conditional", "fold", "repeat", "loss"]),
        pd.DataFrame({"fold": range(3), "score": 0.8, "n_train": 200, "n_test": 100}),
        pd.DataFrame(columns=["first", "second", "association"]),
        {"_$twi_1$": ("_$twi_1$",), "slope": ("slope",)},
        "roc_auc",
    )


def points(display):
    """Filled and open points with their places, by color."""
    return [
        (x, round(y, 2), line.get_color(), line.get_markerfacecolor() == "white")
        for line in display.ax_.lines
        for x, y in zip(line.get_xdata(), line.get_ydata(), strict=True)
        if line.get_marker() in "oD" and line.get_linestyle() == "None"
    ]


def test_points_and_lines_are_the_means_and_intervals(importance):
    display = FactorImportanceDisplay.from_importance(importance)
    names = [text.get_text() for text in display.ax_.get_yticklabels()]
    assert names == ["slope", "_$twi_1$"] and display.ax_.yaxis_inverted()
    table = importance.table.set_index(["conditional", "factor"])
    drawn = {(place, color): (x, is_open) for x, place, color, is_open in points(display)}
    for kind, color, shift in ((False, "#0072B2", -0.18), (True, "#D55E00", 0.18)):
        for place, name in enumerate(names):
            row = table.loc[kind, name]
            x, is_open = drawn[round(place + shift, 2), color]
            assert x == pytest.approx(row["mean"])
            assert is_open == (row["low"] <= 0 <= row["high"])
    segments = display.ax_.collections[0].get_segments()
    alone = importance.table[~importance.table["conditional"]]
    assert_allclose([ends[:, 0] for ends in segments], alone[["low", "high"]])
    legend = [text.get_text() for text in display.ax_.get_legend().get_texts()]
    assert legend == ["shuffled alone", "beyond the other factors", "cannot be told from 0"]
    assert display.ax_.get_xlabel() == "Loss of ROC-AUC on unseen rows"


def test_fewer_factors_and_own_axes(importance):
    _, ax = pyplot.subplots()
    display = FactorImportanceDisplay.from_importance(importance, n_factors=1, ax=ax)
    assert display.ax_ is ax and display.figure_ is ax.figure
    assert [text.get_text() for text in ax.get_yticklabels()] == ["slope"]
    with pytest.raises(ValueError, match="n_factors=0 must be at least 1"):
        FactorImportanceDisplay.from_importance(importance, n_factors=0)
