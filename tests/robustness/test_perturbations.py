"""What each perturbation does to the rows of a fold, counted by hand."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from sklearn_landslide.robustness import (
    ClassRatio,
    FactorNoise,
    FewerRows,
    FoldRows,
    NoiseFactors,
    NoiseInOneFactor,
    UnmappedLandslides,
    WithoutFactor,
    WrongLabels,
)


def made_rows(n_others=30, n_landslides=20, **further):
    """Rows whose factor `slope` names them, others first."""
    n_rows = n_others + n_landslides
    y = np.repeat([0, 1], [n_others, n_landslides])
    X = pd.DataFrame(
        {
            "slope": np.arange(n_rows, dtype=float),
            "distance_to_road": np.where(y == 1, np.arange(n_rows) % 5 * 100.0, 0),
            "landuse": pd.Categorical(np.where(np.arange(n_rows) % 2, "forest", "field")),
        }
    )
    return FoldRows(X, y, np.arange(n_rows), **further)


def rng(seed=0):
    return np.random.default_rng(seed)


# --- labels ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("which", "n_others", "n_landslides"), [("both", 6, 4), ("landslides", 0, 4), ("others", 6, 0)]
)
def test_a_share_of_each_class_is_labeled_wrongly(which, n_others, n_landslides):
    rows = made_rows()
    wrong, test = WrongLabels(which=which).apply(rows, rows, 0.2, rng())
    turned = wrong.y != rows.y
    assert [turned[rows.y == label].sum() for label in (0, 1)] == [n_others, n_landslides]
    assert test is rows
    assert_array_equal(rows.y, made_rows().y)


def test_a_stronger_level_is_more_of_the_same():
    rows = made_rows()
    few, many = (WrongLabels().apply(rows, rows, level, rng())[0].y for level in (0.1, 0.3))
    assert ((few != rows.y) <= (many != rows.y)).all()
    assert (many != rows.y).sum() == 15


def test_cells_of_one_landslide_are_wrong_together():
    groups = np.concatenate([np.arange(30), np.repeat(np.arange(100, 105), 4)])
    rows = made_rows(groups=groups)
    wrong = WrongLabels(which="landslides").apply(rows, rows, 0.4, rng())[0].y != rows.y
    assert sorted(pd.Series(wrong[30:]).groupby(groups[30:]).sum()) == [0, 0, 0, 4, 4]


@pytest.mark.parametrize(("become", "n_left"), [("others", 50), ("dropped", 40)])
def test_landslides_that_nobody_mapped_are_other_places_or_no_rows(become, n_left):
    rows = made_rows()
    poor, _ = UnmappedLandslides(become=become).apply(rows, rows, 0.5, rng())
    assert len(poor.y) == len(poor.X) == n_left
    assert poor.y.sum() == 10
    # What is left lies where it was.
    assert_array_equal(poor.X["slope"], poor.rows)


def test_landslides_far_from_roads_are_missed_more_often():
    """Distances of 0, 100, 200, 300 and 400: the first is missed last, the others in proportion."""
    rows = made_rows(n_landslides=100)
    missed = np.zeros(5)
    for seed in range(40):
        poor, _ = UnmappedLandslides(far_from="distance_to_road").apply(rows, rows, 0.1, rng(seed))
        missed += np.bincount(np.flatnonzero((rows.y == 1) & (poor.y == 0)) % 5, minlength=5)
    assert missed.sum() == 400
    # Of 10 drawn from 100 without replacement the shares are nearly 0, .1, .2, .3 and .4.
    assert_allclose(missed / 400, [0, 0.1, 0.2, 0.3, 0.4], atol=0.05)


def test_a_distance_that_is_no_factor_belongs_to_the_rows_of_the_table():
    rows = made_rows()
    distance = np.where(np.arange(50) == 33, 1000.0, 0.0)
    part = rows.take(np.arange(50) % 3 == 0)
    poor, _ = UnmappedLandslides(far_from=distance).apply(part, part, 1 / 6, rng())
    assert part.rows[poor.y != part.y].tolist() == [33]


def test_landslides_are_missed_under_forest_alone():
    rows = made_rows()
    perturbation = UnmappedLandslides(under=("landuse", "forest"))
    poor, _ = perturbation.apply(rows, rows, 1.0, rng())
    # Of 20 landslides 10 lie under forest.
    assert_array_equal(np.flatnonzero(poor.y != rows.y), np.arange(31, 50, 2))
    mask = UnmappedLandslides(under=(rows.X["landuse"] == "forest").to_numpy())
    assert_array_equal(mask.apply(rows, rows, 1.0, rng())[0].y, poor.y)
    assert perturbation.name == "landslides not mapped under landuse forest"


def test_not_all_landslides_are_missed():
    rows = made_rows()
    assert UnmappedLandslides().apply(rows, rows, 1.0, rng())[0].y.sum() == 1


# --- factors --------------------------------------------------------------------------------


def test_noise_has_the_stated_standard_deviation_and_leaves_the_rest():
    n_rows = 20_000
    X = pd.DataFrame(
        {"curvature": rng(1).gamma(2, 10, n_rows), "soil": pd.Categorical(["clay"] * n_rows)}
    )
    X.loc[:9, "curvature"] = np.nan
    rows = FoldRows(X, np.arange(n_rows) % 2, np.arange(n_rows))
    half = rows.take(np.arange(n_rows) < n_rows / 2)
    noisy, test = FactorNoise().apply(half, rows, 0.25, rng())
    noise = noisy.X["curvature"] - half.X["curvature"]
    assert_allclose(noise.std() / half.X["curvature"].std(), 0.25, rtol=0.03)
    assert abs(noise.mean()) < 4 * noise.std() / 100
    assert abs(np.corrcoef(noise[10:], half.X["curvature"][10:])[0, 1]) < 0.04
    assert noisy.X["curvature"].isna().sum() == 10
    assert test is rows and noisy.X["soil"].equals(half.X["soil"])


@pytest.mark.parametrize("where", ["train", "test", "both"])
def test_noise_is_where_it_is_wanted_and_in_the_spread_of_the_training_rows(where):
    train = made_rows(2000, 2000)
    train = replace(train, X=train.X.rename(columns={"slope": "curvature"}))
    test = replace(train, X=train.X.assign(curvature=0.0))
    noisy = FactorNoise(where=where, factors=("curvature",)).apply(train, test, 0.5, rng())
    expected = 0.5 * np.std(train.X["curvature"])
    for part, clean, name in zip(noisy, (train, test), ("train", "test"), strict=True):
        spread = (part.X["curvature"] - clean.X["curvature"]).std()
        assert_allclose(spread, expected if where in (name, "both") else 0, rtol=0.05)
        assert part.X["distance_to_road"].equals(clean.X["distance_to_road"])


def test_noise_makes_no_slope_negative_and_leaves_impossible_values():
    slope = np.concatenate([np.linspace(0, 90, 999), [130.0]])
    rows = FoldRows(pd.DataFrame({"slope": slope}), np.arange(1000) % 2, np.arange(1000))
    gentle, strong = (
        FactorNoise().apply(rows, rows, level, rng())[0].X["slope"].to_numpy()
        for level in (0.01, 5.0)
    )
    noise = 0.01 * np.std(slope) * rng().standard_normal(1000)
    # Folded at 0 and at 90, and not where the slope was no slope.
    expected = np.abs(slope + noise)
    expected = np.where(expected > 90, 180 - expected, expected)
    expected[-1] = 130 + noise[-1]
    np.testing.assert_allclose(gentle, expected)
    assert strong[:-1].min() >= 0 and strong[:-1].max() <= 90


def test_noise_in_one_factor_leaves_the_others():
    rows = made_rows()
    perturbation = NoiseInOneFactor()
    assert perturbation.levels_for(rows) == ("slope", "distance_to_road")
    noisy, _ = perturbation.apply(rows, rows, "slope", rng())
    assert (noisy.X["slope"] != rows.X["slope"]).all()
    assert noisy.X.drop(columns="slope").equals(rows.X.drop(columns="slope"))


def test_factors_of_noise_are_new_and_the_first_ones_stay():
    rows = made_rows()
    rows = replace(rows, X=rows.X.rename(columns={"slope": "noise_1"}))
    one, _ = NoiseFactors().apply(rows, rows, 1, rng())
    three, test = NoiseFactors().apply(rows, rows, 3, rng())
    assert list(three.X)[3:] == ["noise_2", "noise_3", "noise_4"] == list(test.X)[3:]
    assert three.X[list(one.X)].equals(one.X)
    assert not three.X["noise_2"].equals(test.X["noise_2"])


def test_factors_are_left_out_alone_or_together():
    rows = made_rows()
    assert WithoutFactor().levels_for(rows) == ("slope", "distance_to_road", "landuse")
    both = WithoutFactor((("slope", "landuse"), "slope"))
    assert both.levels_for(rows) == ("slope + landuse", "slope")
    for part in both.apply(rows, rows, "slope + landuse", None):
        assert list(part.X) == ["distance_to_road"]
    alone = replace(rows, X=rows.X[["slope"]])
    assert WithoutFactor().why_not(alone) == "no factor would be left"


# --- rows -----------------------------------------------------------------------------------


def test_rows_are_left_out_of_both_classes_alike():
    rows = made_rows(60, 20)
    fewer, _ = FewerRows().apply(rows, rows, 0.75, rng())
    assert np.bincount(fewer.y).tolist() == [15, 5]
    assert_array_equal(fewer.X["slope"], fewer.rows)


@pytest.mark.parametrize(
    ("level", "left"), [(1, [20, 20]), (2, [40, 20]), (3, [60, 20]), (6, [60, 10]), (1000, [60, 1])]
)
def test_the_class_that_has_too_many_rows_loses_some(level, left):
    rows = made_rows(60, 20)
    assert np.bincount(ClassRatio().apply(rows, rows, level, rng())[0].y).tolist() == left


grouped_rows = st.lists(
    st.tuples(st.integers(0, 6), st.integers(0, 1)), min_size=2, max_size=40
).filter(lambda pairs: len({label for _, label in pairs}) == 2)


@given(grouped_rows, st.sampled_from([0.1, 0.5, 0.9, 1.0]), st.booleans(), st.integers(0, 99))
@settings(max_examples=60, deadline=None)
def test_leaving_rows_out_never_loses_a_class_and_keeps_groups_whole(pairs, level, grouped, seed):
    groups, y = np.array(pairs).T
    X = pd.DataFrame({"slope": np.arange(len(y), dtype=float)})
    rows = FoldRows(X, y, np.arange(len(y)), groups=groups if grouped else None)
    for perturbation, strength in ((FewerRows(), level), (ClassRatio(), 10 * level)):
        left, test = perturbation.apply(rows, rows, strength, rng(seed))
        assert set(left.y) == {0, 1}
        assert test is rows
        assert len(set(left.rows)) == len(left.rows)
        assert_array_equal(left.y, y[left.rows])
        if grouped:
            kept = np.isin(np.arange(len(y)), left.rows)
            assert all(len(set(kept[groups == group])) == 1 for group in groups)


# --- what is refused ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: WrongLabels((0.1, 1.2)), "numbers from 0 to 1, got 1.2"),
        (lambda: WrongLabels(()), "needs a list of levels"),
        (lambda: WrongLabels((0.1, 0.1)), "a level twice"),
        (lambda: WrongLabels(which="slides"), "which of WrongLabels is one of 'both'"),
        (lambda: NoiseFactors((1.5,)), "whole numbers from 0 on, got 1.5"),
        (lambda: FactorNoise(("much",)), "numbers from 0 on, got 'much'"),
        (lambda: FactorNoise(where="map"), "one of 'train', 'test', 'both'"),
        (lambda: UnmappedLandslides(far_from="a", under=("b", "c")), "not both"),
        (lambda: NoiseInOneFactor(share=0), "must be above 0"),
    ],
)
def test_levels_and_choices_are_checked_at_once(make, message):
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize(
    ("perturbation", "message"),
    [
        (FactorNoise(factors=("slop",)), "no factor 'slop'. Did you mean 'slope'"),
        (WithoutFactor(("ndvi",)), "no factor 'ndvi'"),
        (NoiseInOneFactor(("landuse",)), "'landuse' holds classes"),
        (UnmappedLandslides(far_from="landuse"), "far_from needs numbers"),
        (UnmappedLandslides(far_from=np.zeros(3)), "far_from has 3 values"),
        (UnmappedLandslides(far_from=np.full(50, -1.0)), "0 or more"),
        (
            UnmappedLandslides(under=("landuse", ["sea"])),
            "no class 'sea': it has 'field', 'forest'",
        ),
        (UnmappedLandslides(under=np.zeros(50)), "its classes, or a mask"),
    ],
)
def test_what_does_not_fit_the_table_is_refused_before_any_fit(perturbation, message):
    with pytest.raises(ValueError, match=message):
        perturbation.why_not(made_rows())
