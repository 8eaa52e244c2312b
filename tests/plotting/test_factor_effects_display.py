"""The picture of effects shows the curves, the counts behind them, and the pairs."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot
from matplotlib.figure import Figure
from numpy.testing import assert_allclose
from sklearn.linear_model import LogisticRegression

from sklearn_landslide import make_landslide_pipeline
from sklearn_landslide.inspection import factor_effects
from sklearn_landslide.plotting import FactorEffectsDisplay, save_factor_effects


@pytest.fixture(scope="module")
def effects():
    rng = np.random.default_rng(0)
    X = pd.DataFrame(
        {
            "slope": rng.gamma(6, 4.5, 120),
            "distance to the nearest $fault_1$ of the inventory of 1998": rng.random(120),
            "rock": pd.Categorical(rng.choice(["granite", "$marl_1$", "tuff"], 120)),
        }
    )
    y = (X["slope"] + 20 * (X["rock"] == "tuff") + 5 * rng.normal(size=120) > 30).astype(int)
    pipeline = make_landslide_pipeline(LogisticRegression(), resample=None)
    return factor_effects(
        pipeline, X, y, cv=3, kind="both", interactions=[("slope", "rock")], random_state=0
    )


def panel_of(display, result, name):
    return display.axes_[result.factors.index.get_loc(name)]


def test_the_line_and_its_band_are_the_effect(effects):
    display = FactorEffectsDisplay.from_result(effects)
    panel = panel_of(display, effects, "slope")
    table = effects.effects[effects.effects["factor"] == "slope"]
    line = next(line for line in panel.lines if line.get_color() == "#0072B2")
    assert_allclose(line.get_xydata(), table[["value", "effect"]])
    dashed = next(line for line in panel.lines if line.get_color() == "#D55E00")
    assert_allclose(dashed.get_ydata(), table["partial_dependence"])
    band = panel.collections[0].get_paths()[0].vertices[:, 1]
    assert band.max() == pytest.approx(table["high"].max())


def test_bars_are_frequency_ratios_on_an_axis_of_their_own(effects):
    display = FactorEffectsDisplay.from_result(effects)
    behind = [ax for ax in display.figure_.axes if ax not in display.axes_ and ax.patches]
    assert len(behind) == 3
    table = effects.frequency_ratios
    of_slope = table[table["factor"] == "slope"]
    heights = [[bar.get_height() for bar in ax.patches] for ax in behind]
    assert_allclose(heights[effects.factors.index.get_loc("slope")], of_slope["frequency_ratio"])
    plain = FactorEffectsDisplay.from_result(effects, frequency_ratios=False)
    assert not any(ax.patches for ax in plain.figure_.axes if ax not in plain.axes_)


def test_classes_are_points_the_highest_first_and_names_are_shown_as_they_are(effects):
    display = FactorEffectsDisplay.from_result(effects)
    panel = panel_of(display, effects, "rock")
    table = effects.effects[effects.effects["factor"] == "rock"]
    table = table.sort_values("effect", ascending=False)
    labels = panel.get_xticklabels()
    assert [label.get_text() for label in labels] == table["class"].tolist()
    assert not any(label.get_parse_math() for label in labels)
    points = panel.containers[0].lines[0]
    assert_allclose(points.get_ydata(orig=False), table["effect"])
    name = "distance to the nearest $fault_1$ of the inventory of 1998"
    title = panel_of(display, effects, name).title
    assert max(map(len, title.get_text().split("\n"))) <= 30
    assert not title.get_parse_math()


def test_a_pair_is_a_surface_with_blank_cells_where_no_row_is(effects):
    display = FactorEffectsDisplay.from_result(effects)
    (mesh,) = [c for c in display.axes_[3].collections if hasattr(c, "get_coordinates")]
    surface = effects.surfaces
    colors = mesh.get_array()
    assert colors.size == len(surface)
    assert np.ma.count_masked(colors) == (surface["share"] == 0).sum()
    low, high = mesh.get_clim()
    assert low == -high
    assert display.axes_[3].get_xlabel() == "slope"


def test_the_strongest_factors_are_drawn_and_too_few_axes_are_refused(effects):
    display = FactorEffectsDisplay.from_result(effects, n_factors=1, n_pairs=0)
    assert len(display.axes_) == 1
    assert display.axes_[0].get_title() == effects.factors.index[0]
    axes = Figure().subplots(2, 2)
    assert FactorEffectsDisplay.from_result(effects, ax=axes).figure_ is axes[0, 0].figure
    with pytest.raises(ValueError, match="3 factors and 1 pairs need as many axes, got 2"):
        FactorEffectsDisplay.from_result(effects, ax=axes[0])
    with pytest.raises(ValueError, match="n_factors=0 must be at least 1"):
        FactorEffectsDisplay.from_result(effects, n_factors=0)


def test_a_file_is_written_without_a_window(effects, tmp_path):
    save_factor_effects(effects, tmp_path / "effects.png", dpi=40)
    assert (tmp_path / "effects.png").read_bytes().startswith(b"\x89PNG")
    assert not pyplot.get_fignums()


def test_a_pair_without_a_color_has_no_panel_and_no_axes_are_left_over(effects):
    pale = effects.surfaces.assign(second="pale", effect=0.01 * effects.surfaces["effect"])
    both = replace(effects, surfaces=pd.concat([effects.surfaces, pale], ignore_index=True))
    display = FactorEffectsDisplay.from_result(both)
    assert [panel.get_title() for panel in display.axes_[3:]] == ["slope and rock"]
    # Four panels in rows of three; what else there is are scales: those of the bars, and of colors.
    panels = [ax for ax in display.figure_.axes if ax.get_subplotspec() and ax.get_title()]
    assert len(panels) == 4
    assert all(ax.axison for ax in display.figure_.axes)
