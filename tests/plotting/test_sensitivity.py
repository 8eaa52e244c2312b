"""The picture of the losses: lines and dots where the numbers are, names as they are."""

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot
from matplotlib.figure import Figure

from sklearn_landslide.plotting import SensitivityDisplay, save_sensitivity
from sklearn_landslide.robustness import SensitivityResult, WithoutFactor, WrongLabels


def made_summary(models=("LR", "$RF_1$"), n_factors=3):
    """Losses that grow with the level, twice as fast for the second model."""
    rows = []
    for number, model in enumerate(models, start=1):
        for level in (0.2, 0.1):
            rows.append((model, "wrong labels", level, number * level / 10, 0.004))
        for place in range(n_factors):
            rows.append((model, "factor left out", f"$f_{place}$", number * place / 100, 0.01))
    columns = ["model", "perturbation", "level", "loss", "standard_error"]
    return pd.DataFrame(rows, columns=columns).astype({"level": object})


def draw(**options):
    return SensitivityDisplay(
        made_summary(),
        axes={"wrong labels": "share of labels"},
        neutral={"wrong labels": 0.0},
        **options,
    ).plot()


def test_a_line_begins_without_a_loss_and_goes_up_the_levels():
    display = draw()
    panel = display.axes_[0]
    first, second = panel.lines[:2]
    np.testing.assert_allclose(first.get_xydata(), [[0, 0], [0.1, 0.01], [0.2, 0.02]])
    np.testing.assert_allclose(second.get_ydata(), [0, 0.02, 0.04])
    band = panel.collections[0].get_paths()[0].vertices
    assert [band[:, 1].min(), band[:, 1].max()] == pytest.approx([0, 0.024])
    assert panel.get_xlabel() == "share of labels" and panel.get_ylabel() == "Loss of ROC-AUC"


def test_the_costliest_factor_is_at_the_top():
    panel = draw().axes_[1]
    names = [label.get_text() for label in panel.get_yticklabels()]
    assert names == ["$f_2$", "$f_1$", "$f_0$"]
    assert not any(label.get_parse_math() for label in panel.get_yticklabels())
    # The axis points down.
    assert panel.get_ylim()[0] > panel.get_ylim()[1]
    dots = [bars.lines[0].get_xdata() for bars in panel.containers]
    np.testing.assert_allclose(dots, [[0.02, 0.01, 0], [0.04, 0.02, 0]])


def test_all_panels_have_the_same_range_and_hold_all_bands():
    lines, dots = draw().axes_
    assert lines.get_ylim() == dots.get_xlim()
    low, high = lines.get_ylim()
    assert low < -0.01 and high > 0.05


def test_names_are_shown_as_they_are_and_no_line_looks_like_another():
    display = draw()
    (legend,) = display.figure_.legends
    assert [text.get_text() for text in legend.get_texts()] == ["LR", "$RF_1$"]
    looks = {(line.get_color(), line.get_marker()) for line in display.axes_[0].lines[:2]}
    assert len(looks) == 2


def test_of_many_factors_the_costliest_are_drawn():
    panel = SensitivityDisplay(made_summary(n_factors=20)).plot().axes_[1]
    assert len(panel.get_yticklabels()) == 12
    assert panel.get_yticklabels()[0].get_text() == "$f_19$"
    assert panel.get_ylabel() == "12 costliest of 20"


def test_axes_of_others_are_drawn_into_and_too_few_are_refused():
    axes = Figure().subplots(1, 2)
    display = SensitivityDisplay(made_summary()).plot(ax=axes, linewidth=3)
    assert display.figure_ is axes[0].figure
    assert axes[0].lines[0].get_linewidth() == 3
    with pytest.raises(ValueError, match="2 perturbations need as many axes, got 1"):
        SensitivityDisplay(made_summary()).plot(ax=axes[0])
    with pytest.raises(ValueError, match="no loss to draw"):
        SensitivityDisplay(made_summary().iloc[:0])


def test_a_single_fold_has_lines_without_a_band(tmp_path):
    summary = made_summary()
    table = summary.assign(repeat=0, fold=0, metric="roc_auc", score=0.8 - summary["loss"])
    table = table.assign(n_train=80, n_test=20, fit_time=0.1).drop(columns="standard_error")
    result = SensitivityResult(table, (WrongLabels(), WithoutFactor()), ("roc_auc",))
    save_sensitivity(result, tmp_path / "losses.png")
    assert (tmp_path / "losses.png").read_bytes().startswith(b"\x89PNG")
    assert not pyplot.get_fignums()
