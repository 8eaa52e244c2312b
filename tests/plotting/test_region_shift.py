"""The picture of two regions shows the numbers of their comparison."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot
from matplotlib.figure import Figure
from numpy.testing import assert_allclose

from sklearn_landslide.plotting import RegionShiftDisplay
from sklearn_landslide.transfer import compare_regions


@pytest.fixture(scope="module")
def comparison():
    rng = np.random.default_rng(0)
    here, there = (
        pd.DataFrame(
            {
                "slope": rng.gamma(6, 4.5, 100) + 10 * k,
                "_$twi_1$": rng.normal(6, 1, 100),
                "lithology": rng.choice(["granite", "marl", "tuff"][: 2 + k], 100),
                "flat": 3.0,
            }
        )
        for k in range(2)
    )
    return compare_regions(here, there)


def test_bars_and_marks_are_the_distances_and_shares_outside(comparison):
    display = RegionShiftDisplay.from_comparison(comparison)
    factors = comparison.factors
    assert_allclose([bar.get_width() for bar in display.ax_.patches], factors["distance"])
    assert_allclose(display.ax_.lines[0].get_xdata(), factors["outside"])
    names = [text.get_text() for text in display.ax_.get_yticklabels()]
    assert names == factors.index.tolist()
    # The most different one is on top.
    assert display.ax_.yaxis_inverted()
    legend = display.figure_.legends[0]
    assert [text.get_text() for text in legend.get_texts()][2:] == ["source", "target"]


def test_a_quantity_is_drawn_between_its_quantiles(comparison):
    place = comparison.factors.index.get_loc("slope")
    table = comparison.quantiles.set_index(["factor", "region"]).loc["slope"]
    low, high = table["q05"].min(), table["q95"].max()
    display = RegionShiftDisplay.from_comparison(comparison)
    drawn = [
        line.get_xdata() * (high - low) + low
        for line in display.ax_values_.lines
        if len(line.get_xdata()) and 0.05 < abs(np.ravel(line.get_ydata())[0] - place) < 0.3
    ]
    for of, lines in zip(("source", "target"), (drawn[:3], drawn[3:]), strict=True):
        ends, middle, median = map(np.ravel, lines)
        assert_allclose(ends, table.loc[of, ["q05", "q95"]].astype(float))
        assert_allclose(middle, table.loc[of, ["q25", "q75"]].astype(float))
        assert_allclose(median, table.loc[of, ["q50"]].astype(float))


def test_classes_are_pieces_of_their_shares_and_new_ones_are_hatched(comparison):
    pieces = RegionShiftDisplay.from_comparison(comparison).ax_values_.patches
    shares = comparison.classes[["source", "target"]].to_numpy()
    assert_allclose([piece.get_width() for piece in pieces], shares.T[shares.T > 0])
    assert [piece.get_hatch() for piece in pieces] == [None] * 4 + ["///"]


def test_the_two_regions_have_colors_that_stay_apart_and_other_markers(comparison):
    display = RegionShiftDisplay.from_comparison(comparison)
    source, target = display.figure_.legends[0].legend_handles[2:]
    assert (source.get_color(), target.get_color()) == ("#0072B2", "#D55E00")
    assert source.get_marker() != target.get_marker()


def test_only_the_most_different_factors_are_drawn(comparison):
    display = RegionShiftDisplay.from_comparison(comparison, n_factors=2)
    assert display.factors.index.tolist() == comparison.factors.index[:2].tolist()
    with pytest.raises(ValueError, match="n_factors=0 must be at least 1"):
        RegionShiftDisplay.from_comparison(comparison, n_factors=0)


def test_given_axes_are_used(comparison):
    axes = Figure(figsize=(9, 4)).subplots(1, 2)
    display = RegionShiftDisplay.from_comparison(comparison, ax=axes)
    assert [display.ax_, display.ax_values_] == list(axes)
    assert not display.figure_.legends
    assert not pyplot.get_fignums()


@pytest.mark.parametrize("n_factors", [1, 4, 30])
def test_nothing_is_cut_off_or_overlaps(n_factors):
    rng = np.random.default_rng(0)
    names = [f"a rather long name of a factor number {k}" for k in range(n_factors)]
    here, there = (
        pd.DataFrame(rng.normal(k, 1e-4, (20, n_factors)), columns=names) for k in (0, 5)
    )
    display = RegionShiftDisplay.from_comparison(compare_regions(here, there), n_factors=30)
    figure = display.figure_
    figure.draw_without_rendering()
    box, legend = figure.get_tightbbox(), figure.legends[0].get_window_extent()
    assert box.x0 > -0.01
    assert box.y0 > -0.01
    assert box.x1 < figure.get_figwidth() + 0.01
    assert legend.y1 <= display.ax_values_.xaxis.label.get_window_extent().y0
    labels = [text.get_window_extent() for text in display.ax_.get_yticklabels()]
    assert all(above.y0 >= below.y1 for above, below in pairwise(labels))
    assert min(label.x0 for label in labels) >= 0
