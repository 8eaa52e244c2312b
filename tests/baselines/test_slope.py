"""Which factors are slope and relief, and that no other one is looked at."""

import numpy as np
import pandas as pd
import pytest

from sklearn_landslide.baselines import GAM, Slope

RNG = np.random.default_rng(0)
X = pd.DataFrame(
    {
        "NDVI": RNG.uniform(-1, 1, 200),
        "Slope (deg)": RNG.uniform(0, 60, 200),
        "relief_500": RNG.exponential(50, 200),
        "slope_aspect": RNG.uniform(0, 360, 200),
    }
)
Y = (X["Slope (deg)"] > RNG.uniform(0, 60, 200)).astype(int)


def test_factors_are_found_by_name_and_the_model_is_the_gam_of_them():
    model = Slope().fit(X, Y)
    assert model.factors_ == ["Slope (deg)", "relief_500"]
    alone = GAM().fit(X[model.factors_], Y)
    np.testing.assert_array_equal(
        model.predict_proba(X), alone.predict_proba(X[["Slope (deg)", "relief_500"]])
    )
    pd.testing.assert_frame_equal(
        model.partial_effects(X), alone.partial_effects(X[["Slope (deg)", "relief_500"]])
    )
    np.testing.assert_array_equal(
        model.factor_effect("relief_500", [9]), alone.factor_effect("relief_500", [9])
    )


@pytest.mark.parametrize("name", ["slope_std", "坡度", "pendenza_max", "local_relief", "slope_q95"])
def test_other_spellings_languages_and_statistics_are_known(name):
    assert Slope().fit(X[["NDVI", "slope_aspect"]].assign(**{name: 1.0 * Y}), Y).factors_ == [name]


def test_what_other_factors_hold_changes_nothing():
    model = Slope().fit(X, Y)
    other = X.assign(NDVI=np.nan, slope_aspect=-5.0)
    np.testing.assert_array_equal(model.predict_proba(other), model.predict_proba(X))


def test_factors_may_be_named_or_counted():
    by_name = Slope(["NDVI"]).fit(X, Y)
    by_place = Slope([0]).fit(X.to_numpy(), Y)
    assert (by_name.factors_, by_place.factors_) == (["NDVI"], ["x0"])
    np.testing.assert_array_equal(by_name.predict_proba(X), by_place.predict_proba(X.to_numpy()))


def test_a_class_of_slope_is_an_offset():
    table = X.assign(slope=pd.Categorical(np.digitize(X["Slope (deg)"], [20, 40])))
    model = Slope(["slope"]).fit(table, Y)
    assert list(model.gam_.categories_) == ["slope"]
    assert np.all(np.diff(model.factor_effect("slope", [0, 1, 2])) > 0)


@pytest.mark.parametrize(
    ("table", "factors", "words"),
    [
        (X[["NDVI", "slope_aspect"]], None, "no factor is slope or relief by its name, among"),
        (X.to_numpy(), None, "X has 4 factors without names"),
        (X, ["slop"], r"factors=\['slop'\] are not columns of X"),
        (X, [], "factors is empty"),
    ],
)
def test_no_slope_is_one_line_that_says_how_to_name_it(table, factors, words):
    with pytest.raises(ValueError, match=words) as raised:
        Slope(factors).fit(table, Y)
    assert "\n" not in str(raised.value) and "factors" in str(raised.value)


def test_a_table_of_one_factor_needs_no_name():
    assert Slope().fit(X[["NDVI"]].to_numpy(), Y).factors_ == ["x0"]
