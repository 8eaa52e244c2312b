"""Folds on the map and the distances of folds: the right points in the right colors."""

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot
from matplotlib.colors import to_hex
from numpy.testing import assert_allclose, assert_array_equal
from scipy.spatial.distance import cdist
from scipy.stats import wasserstein_distance
from sklearn.model_selection import KFold, ShuffleSplit

from sklearn_landslide.model_selection import (
    KNNDM,
    LeaveOneStratumOut,
    SpatialBlockKFold,
    nearest_neighbor_distances,
)
from sklearn_landslide.plotting import FoldMapDisplay, NeighborDistanceDisplay

ORIGIN = np.array([500_000, 3_600_000])
POINTS = np.random.default_rng(0).uniform(0, 1000, (60, 2)) + ORIGIN
Y = np.arange(60) % 2
X = pd.DataFrame({"slope": np.arange(60.0)})


def drawn(axes):
    """Points of each color, in the order of drawing."""
    found = {}
    for points in axes.collections:
        color = to_hex(points.get_edgecolor()[0])
        found.setdefault(color, []).extend(map(tuple, np.asarray(points.get_offsets())))
    return list(found.values())


def entries(axes):
    return [text.get_text() for text in axes.get_legend().get_texts()]


def test_each_fold_has_its_color_and_its_test_points():
    display = FoldMapDisplay.from_cv(KFold(3), X, Y, POINTS)
    for points, (_, test) in zip(drawn(display.ax_), KFold(3).split(X), strict=True):
        assert_array_equal(sorted(points), sorted(map(tuple, POINTS[test])))
    assert entries(display.ax_) == [
        "fold 0 (20)", "fold 1 (20)", "fold 2 (20)", "landslide: filled", "none: hollow"
    ]  # fmt: skip


def test_landslides_are_filled_marks_on_top_of_hollow_ones():
    display = FoldMapDisplay.from_cv(KFold(2), X, Y, POINTS)
    others, landslides = display.ax_.collections[:2]
    assert_array_equal(others.get_offsets(), POINTS[:30][Y[:30] == 0])
    assert_array_equal(landslides.get_offsets(), POINTS[:30][Y[:30] == 1])
    assert [len(c.get_facecolor()) for c in (others, landslides)] == [0, 1]


def test_each_fold_has_a_mark_of_its_own_also_for_those_who_see_no_color():
    display = FoldMapDisplay.from_cv(KFold(7), X, Y, POINTS)
    outlines = [points.get_paths()[0].vertices for points in display.ax_.collections]
    # Of landslides and others of one fold the same, of two folds never.
    shapes = {outline.tobytes() for outline in outlines}
    assert (len(outlines), len(shapes)) == (14, 7)
    markers = [entry.get_marker() for entry in display.ax_.get_legend().legend_handles[:7]]
    assert len(set(markers)) == 7


@pytest.mark.parametrize("words", [("landslide", "stable"), ("A", "B")])
def test_landslides_are_known_by_their_label_and_not_by_the_alphabet(words):
    labels = np.where(Y == 1, *words)
    named = {"positive_class": "A"} if words[0] == "A" else {}
    display = FoldMapDisplay.from_cv(KFold(2), X, labels, POINTS, **named)
    assert_array_equal(display.landslide, Y == 1)
    with pytest.raises(ValueError, match="say which of them is a landslide"):
        FoldMapDisplay.from_cv(KFold(2), X, np.where(Y == 1, "A", "B"), POINTS)


def test_rows_that_no_fold_tests_are_gray():
    cv = ShuffleSplit(1, test_size=10, random_state=0)
    display = FoldMapDisplay.from_cv(cv, X, Y, POINTS)
    assert entries(display.ax_)[:2] == ["never tested (50)", "fold 0 (10)"]
    assert mpl.colors.to_hex("0.72") == to_hex(display.ax_.collections[0].get_edgecolor()[0])


def test_strata_are_called_by_their_names():
    cv = LeaveOneStratumOut(np.repeat(["marl", "gneiss", "schist"], 20))
    display = FoldMapDisplay.from_cv(cv, X, Y, POINTS)
    assert entries(display.ax_)[:3] == ["gneiss (20)", "marl (20)", "schist (20)"]


def test_one_fold_shows_what_the_buffer_left_out():
    cv = SpatialBlockKFold(POINTS, 3, buffer=150, random_state=0)
    train, test = list(cv.split(X, Y))[1]
    display = FoldMapDisplay.from_cv(cv, X, Y, POINTS, fold=1)
    left_out = 60 - len(train) - len(test)
    assert left_out > 0
    assert entries(display.ax_)[:3] == [
        f"left out ({left_out})", f"train ({len(train)})", f"test ({len(test)})"
    ]  # fmt: skip
    assert_array_equal(sorted(drawn(display.ax_)[1]), sorted(map(tuple, POINTS[train])))


def test_coordinates_are_matched_by_index():
    order = np.random.default_rng(1).permutation(60)
    frame = pd.DataFrame(POINTS, columns=["x", "y"])
    display = FoldMapDisplay.from_cv(KFold(2), X.iloc[order], Y[order], frame)
    assert_array_equal(display.coordinates, POINTS[order])


def test_many_folds_have_colors_of_their_own():
    display = FoldMapDisplay.from_cv(KFold(12), X, Y, POINTS)
    assert len(drawn(display.ax_)) == 12


def test_the_legend_stands_beside_the_map_inside_the_figure():
    display = FoldMapDisplay.from_cv(KFold(5), X, Y, POINTS)
    display.figure_.draw_without_rendering()
    legend = display.ax_.get_legend().get_window_extent()
    assert legend.x0 > display.ax_.get_window_extent().x1
    box = display.ax_.get_tightbbox()
    assert box.x0 >= 0 and box.y0 >= 0
    assert box.x1 <= display.figure_.bbox.x1 and box.y1 <= display.figure_.bbox.y1
    ticks = [text.get_text() for text in display.ax_.get_xticklabels()]
    assert all(float(tick) >= 499_000 for tick in ticks if tick)


def test_given_axes_and_options_are_used():
    _, axes = pyplot.subplots()
    display = FoldMapDisplay.from_cv(KFold(2), X, Y, POINTS, ax=axes, s=3)
    assert display.ax_ is axes
    assert axes.collections[0].get_sizes() == [3]
    display = NeighborDistanceDisplay.from_cv(KFold(2), X, Y, POINTS, ax=axes, linewidth=3)
    assert display.ax_ is axes
    assert {line.get_linewidth() for line in axes.lines} == {3}


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: FoldMapDisplay(POINTS, {}), "There is no fold to draw"),
        (lambda: FoldMapDisplay(POINTS, {"a": [0]}, landslide=[1]), "60 rows and landslide 1"),
        (lambda: FoldMapDisplay.from_cv(KFold(2), X, Y, POINTS, fold=2), "fold=2 is not one of"),
        (lambda: FoldMapDisplay.from_cv(KFold(2), X, Y, POINTS[:9]), "X has 60 rows and coord"),
    ],
    ids=["no part", "labels", "fold", "rows"],
)
def test_what_cannot_be_drawn_is_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_the_curves_are_the_distances_of_all_pairs():
    places = np.random.default_rng(2).uniform(0, 1000, (300, 2)) + ORIGIN
    cv = KNNDM(POINTS, places, 3, random_state=0)
    display = NeighborDistanceDisplay.from_cv(cv, X, Y, POINTS, places)
    test = np.concatenate([cdist(POINTS[b], POINTS[a]).min(axis=1) for a, b in cv.split(X, Y)])
    to_samples = cdist(places, POINTS).min(axis=1)
    assert_allclose(display.test_to_training, test)
    assert_allclose(display.map_to_sample, to_samples)
    assert_allclose(display.sample_to_sample, nearest_neighbor_distances(POINTS))
    assert display.wasserstein == pytest.approx(wasserstein_distance(test, to_samples))
    chosen = cv.candidates(X, Y).query("chosen")["wasserstein"].item()
    assert display.wasserstein == pytest.approx(chosen)
    for line, distances in zip(
        display.ax_.lines, [display.sample_to_sample, to_samples, test], strict=True
    ):
        x, share = line.get_data()
        assert_allclose(x[1:], np.sort(distances))
        assert_allclose(share, np.linspace(0, 1, len(x)))
    assert entries(display.ax_) == [
        "sample to sample", "map to sample", f"test to training (W = {display.wasserstein:.0f} m)"
    ]  # fmt: skip


def test_without_a_map_there_are_two_curves():
    display = NeighborDistanceDisplay.from_cv(KFold(3), X, Y, POINTS)
    assert display.wasserstein is None
    assert entries(display.ax_) == ["sample to sample", "test to training"]
