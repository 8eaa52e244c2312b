"""Effects of factors against functions whose effects are known by formula."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from pandas.testing import assert_frame_equal
from scipy.special import expit
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.ensemble import RandomForestClassifier
from sklearn.inspection import partial_dependence
from sklearn.model_selection import KFold

from sklearn_landslide.inspection import factor_effects


class KnownLogOdds(ClassifierMixin, BaseEstimator):
    """Learns nothing: its log-odds are a function of the table."""

    def __init__(self, function):
        self.function = function

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        return self

    def predict_proba(self, X):
        positive = expit(self.function(X))
        return np.column_stack([1 - positive, positive])


def made_table(n_rows=300, seed=0):
    rng = np.random.default_rng(seed)
    X = pd.DataFrame(rng.random((n_rows, 2)), columns=["slope", "twi"])
    X["rock"] = pd.Categorical(rng.choice(["granite", "marl", "tuff"], n_rows))
    return X, (rng.random(n_rows) < 0.4).astype(int)


def known(function, X, y, **options):
    options = {"cv": 5, "interactions": 0, "random_state": 0} | options
    return factor_effects(KnownLogOdds(function), X, y, **options)


def curve(effects, name, column="effect"):
    table = effects.effects[effects.effects["factor"] == name]
    return table.set_index("class" if table["value"].isna().all() else "value")[column]


def test_of_a_sum_the_effect_is_each_function_centered():
    X, y = made_table()
    by_rock = {"granite": -0.5, "marl": 0.2, "tuff": 1.5}

    def function(X):
        return 3 * X["slope"] ** 2 - X["twi"] + X["rock"].astype(object).map(by_rock)

    effects = known(function, X, y)
    slope = curve(effects, "slope")
    weights = curve(effects, "slope", "share")
    expected = 3 * slope.index.to_numpy() ** 2
    assert_allclose(slope, expected - weights @ expected, atol=1e-10)
    assert_allclose(weights, [0.025, *[0.05] * 19, 0.025])
    twi = curve(effects, "twi")
    assert_allclose(np.diff(twi), -np.diff(twi.index), atol=1e-10)
    rock = curve(effects, "rock")
    shares = X["rock"].value_counts(normalize=True)
    mean = sum(shares[name] * value for name, value in by_rock.items())
    assert_allclose(rock[[*by_rock]], [value - mean for value in by_rock.values()], atol=1e-10)
    assert effects.factors.loc["slope", "shape"] == "rises"
    assert effects.factors.loc["twi", "shape"] == "falls"
    # The standard deviation over the rows.
    spread = np.sqrt(sum(shares[name] * (v - mean) ** 2 for name, v in by_rock.items()))
    assert effects.factors.loc["rock", "strength"] == pytest.approx(spread)


def test_of_a_product_of_correlated_factors_it_is_the_integral_of_the_mean_of_the_other():
    rng = np.random.default_rng(0)
    x1 = rng.normal(size=400)
    X = pd.DataFrame({"x1": x1, "x2": 0.8 * x1 + 0.3 * rng.normal(size=400)})
    # Small enough that no log-odds are bounded.
    effects = known(lambda X: X["x1"] * X["x2"] / 4, X, np.arange(400) % 2, n_intervals=12)
    found = 4 * curve(effects, "x1")
    edges = found.index.to_numpy()
    place = np.searchsorted(edges[1:-1], x1)
    mean_of_other = np.array([X["x2"][place == k].mean() for k in range(12)])
    assert_allclose(np.diff(found), np.diff(edges) * mean_of_other, atol=1e-9)
    # In the limit 0.4 x^2 but for a constant; partial dependence would be flat.
    inner = slice(1, -1)
    assert np.corrcoef(found[inner], 0.4 * edges[inner] ** 2)[0, 1] > 0.99


def test_of_a_product_of_independent_factors_the_pair_has_the_product_of_the_deviations():
    # Every value of the one with every value of the other: independent in the sample, too.
    levels = (np.arange(30) + 0.5) / 30
    X = pd.DataFrame({"slope": np.repeat(levels, 30), "twi": np.tile(levels, 30)})
    y = np.arange(900) % 2
    effects = known(lambda X: X["slope"] * X["twi"], X, y, interactions=[("slope", "twi")])
    surface = effects.surfaces.pivot(index="first_value", columns="second_value", values="effect")
    shares = effects.surfaces.pivot(index="first_value", columns="second_value", values="share")
    first = surface.index - shares.sum(axis=1) @ surface.index
    second = surface.columns - shares.sum(axis=0) @ surface.columns
    assert surface.shape == (11, 11)
    assert_allclose(surface, np.outer(first, second), atol=1e-10)
    assert (shares * surface).to_numpy().sum() == pytest.approx(0, abs=1e-12)
    # Standard deviation of the product of two independent uniforms: 1/12.
    assert effects.interactions["strength"][0] == pytest.approx(1 / 12, rel=0.05)


def test_a_factor_that_the_model_ignores_has_no_effect_at_all():
    X, y = made_table()
    effects = known(lambda X: np.sin(6 * X["slope"]), X, y, interactions=1)
    for name in ("twi", "rock"):
        assert_array_equal(curve(effects, name), 0)
    assert effects.factors.loc["twi", "shape"] == "no clear effect"
    assert_array_equal(effects.interactions["strength"], 0)
    assert "The model does not use twi, rock." in effects.in_words()


def test_rows_that_come_twice_change_nothing():
    X, y = made_table(120)
    splits = list(KFold(4).split(X))
    twice = [tuple(np.concatenate([part, part + 120]) for part in split) for split in splits]

    def function(X):
        return 2 * X["slope"] * X["twi"] + (X["rock"] == "marl")

    once = known(function, X, y, cv=splits, interactions=3)
    again = known(
        function, pd.concat([X, X], ignore_index=True), np.tile(y, 2), cv=twice, interactions=3
    )
    assert_frame_equal(once.effects, again.effects)
    assert_frame_equal(once.surfaces, again.surfaces)
    assert_frame_equal(once.interactions, again.interactions)


def test_partial_dependence_is_that_of_scikit_learn():
    X, y = made_table(150)
    X = X[["slope", "twi"]]
    rows = np.arange(150)
    model = RandomForestClassifier(20, random_state=0)
    effects = factor_effects(
        model, X, y, cv=[(rows, rows)], kind="both", response="probability", interactions=0
    )
    found = curve(effects, "slope", "partial_dependence")
    theirs = partial_dependence(
        model.fit(X, y), X, ["slope"], custom_values={"slope": found.index.to_numpy()}
    )["average"][0]
    weights = curve(effects, "slope", "share").to_numpy()
    assert_allclose(found, theirs - weights @ theirs, atol=1e-12)
