"""Pictures of warnings show the numbers that the scores hold."""

import numpy as np
import pandas as pd
import pytest

from sklearn_landslide.plotting import (
    WarningScoresDisplay,
    WarningTimelineDisplay,
    WarningValueDisplay,
)
from sklearn_landslide.warning import WarningLevels, verify_warnings

pytest.importorskip("matplotlib")


@pytest.fixture(scope="module")
def scores():
    rng = np.random.default_rng(0)
    time = pd.date_range("2020-05-01 01:00", periods=400, freq="h")
    probability = rng.beta(0.4, 4, 400)
    events = pd.DataFrame({"time": time[rng.random(400) < probability], "unit": "$x_1$"})
    warnings = pd.DataFrame({"time": time, "unit": "$x_1$", "probability": probability})
    levels = WarningLevels(("watch", "alert"), hit_rate=[0.8, 0.4])
    levels.fit(probability, np.isin(time, events["time"]))
    return verify_warnings(warnings, events, levels=levels)


def test_the_performance_diagram_has_each_level_at_its_scores(scores):
    ax = WarningScoresDisplay.from_scores({"RF": scores}).ax_
    marks = [line for line in ax.lines if line.get_marker() in ("o", "s")]
    found = [(line.get_xdata()[0], line.get_ydata()[0]) for line in marks]
    expected = list(zip(1 - scores.table["far"], scores.table["pod"], strict=True))
    assert np.array(found) == pytest.approx(np.array(expected))
    # The line of all thresholds goes through them.
    curve = next(line for line in ax.lines if line.get_color() == "#0072B2")
    points = np.column_stack(curve.get_data())
    for point in expected:
        assert np.abs(points - point).sum(axis=1).min() == pytest.approx(0)


def test_a_gray_line_is_of_one_critical_success_index(scores):
    line = WarningScoresDisplay.from_scores(scores).ax_.lines[2]
    success, pod = line.get_data()
    csi = 1 / (1 / pod + 1 / success - 1)
    assert csi == pytest.approx(np.full(csi.size, 0.3))


def test_the_value_is_drawn_for_each_level_and_for_the_probability(scores):
    ax = WarningValueDisplay.from_scores(scores).ax_
    assert [line.get_label() for line in ax.lines][:3] == [
        "watch or above",
        "alert or above",
        "threshold of each user",
    ]
    assert ax.lines[1].get_ydata() == pytest.approx(scores.value()["alert"].to_numpy())


def test_the_timeline_shades_the_hours_of_each_level_and_marks_landslides(scores):
    ax = WarningTimelineDisplay.from_scores(scores).ax_
    level = scores.rows["level"].to_numpy()
    assert len(ax.patches) == (level > 0).sum()
    marks = next(line for line in ax.lines if line.get_marker() == "v")
    assert len(marks.get_xdata()) == len(scores.events)
    with pytest.raises(ValueError, match="no place is called 'elsewhere'"):
        WarningTimelineDisplay.from_scores(scores, unit="elsewhere")
