"""The waterfall leads from the usual place to this one by the numbers of the contributions."""

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot
from numpy.testing import assert_allclose
from scipy.special import logit
from sklearn.linear_model import LogisticRegression

from sklearn_landslide.inspection import explain
from sklearn_landslide.plotting import ContributionsDisplay


@pytest.fixture(scope="module")
def found():
    rng = np.random.default_rng(0)
    names = ["slope", "_$twi_1$", "ndvi", "aspect"]
    X = pd.DataFrame(rng.normal(size=(80, 4)), columns=names)
    y = X @ [2.0, -1.0, 0.5, 0.1] + rng.normal(size=80) > 0
    return explain(LogisticRegression().fit(X, y), X, background=X, units={"slope": "degrees"})


def bars(display):
    return [(bar.get_x(), bar.get_x() + bar.get_width()) for bar in display.ax_.patches]


@pytest.mark.parametrize("row", [0, 1, -1])
def test_each_bar_begins_where_the_one_below_it_ends(found, row):
    display = ContributionsDisplay.from_contributions(found, row=row)
    drawn = bars(display)
    assert_allclose(drawn[-1][0], found.base)
    assert_allclose([start for start, _ in drawn[:-1]], [end for _, end in drawn[1:]])
    assert_allclose(drawn[0][1], found.log_odds.iloc[row])
    sizes = np.abs([end - start for start, end in drawn])
    assert_allclose(sizes, found.values.iloc[row].abs().sort_values(ascending=False))


def test_small_contributions_are_joined_and_counted(found):
    display = ContributionsDisplay.from_contributions(found, row=2, n_factors=3)
    labels = [text.get_text() for text in display.ax_.get_yticklabels()]
    assert labels[2] == "2 others"
    order = found.values.iloc[2].abs().sort_values(ascending=False).index
    start, end = bars(display)[2]
    assert_allclose(end - start, found.values.iloc[2][order[2:]].sum())


def test_labels_have_values_and_units_and_are_no_formulas(found):
    display = ContributionsDisplay.from_contributions(found, row=3)
    labels = {text.get_text() for text in display.ax_.get_yticklabels()}
    assert f"slope = {found.data['slope'][3]:.3g} degrees" in labels
    assert f"_$twi_1$ = {found.data['_$twi_1$'][3]:.3g}" in labels
    display.figure_.canvas.draw()


def test_the_axis_above_says_which_chance_the_log_odds_are(found):
    display = ContributionsDisplay.from_contributions(found, row=3)
    (top,) = display.ax_.child_axes
    ticks = zip(top.get_xticks(), top.get_xticklabels(), strict=True)
    shown = [(at, float(text.get_text().removesuffix(" %")) / 100) for at, text in ticks]
    assert len(shown) >= 3
    assert_allclose([at for at, _ in shown], logit([share for _, share in shown]))


def test_colors_tell_for_from_against(found):
    row = int(np.flatnonzero((found.values > 0).sum(axis=1) == 2)[0])
    display = ContributionsDisplay.from_contributions(found, row=row)
    colors = {bar.get_width() > 0: bar.get_facecolor() for bar in display.ax_.patches}
    assert mpl.colors.to_hex(colors[True]) == "#d55e00"
    assert mpl.colors.to_hex(colors[False]) == "#0072b2"


def test_it_can_be_drawn_into_given_axes_and_refuses_what_is_not_there(found):
    _, ax = pyplot.subplots()
    assert ContributionsDisplay.from_contributions(found, ax=ax).ax_ is ax
    with pytest.raises(ValueError, match="row=80 is not a position"):
        ContributionsDisplay.from_contributions(found, row=80)
    with pytest.raises(ValueError, match="n_factors=1 must be at least 2"):
        ContributionsDisplay.from_contributions(found, n_factors=1)
