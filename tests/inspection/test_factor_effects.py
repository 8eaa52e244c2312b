"""Effects of factors against functions whose effects are known by formula."""

import json

import numpy as np
import pandas as pd
import pytest
from joblib import parallel_config
from numpy.testing import assert_allclose, assert_array_equal
from pandas.testing import assert_frame_equal
from scipy.special import expit
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.ensemble import RandomForestClassifier
from sklearn.inspection import partial_dependence
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import FixedThresholdClassifier, KFold

from sklearn_landslide import LandslideNet, make_landslide_pipeline
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
    assert np.corrcoef(found.to_numpy()[inner], 0.4 * edges[inner] ** 2)[0, 1] > 0.99


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
    # Each alone has a quarter of 1/12 as its variance, and both together 1/144.
    assert effects.interactions["h_squared"][0] == pytest.approx(1 / 7, rel=0.05)
    assert "14% of all that these two do (Friedman's H squared)" in " ".join(effects.in_words())
    # Of centered factors nothing but the product is left.
    centered = known(
        lambda X: 12 * (X["slope"] - 0.5) * (X["twi"] - 0.5), X, y, interactions=1, n_intervals=10
    )
    assert centered.interactions["h_squared"][0] == pytest.approx(1, abs=0.01)


def test_of_a_sum_no_pair_does_anything_together():
    X, y = made_table(120)

    def function(X):
        return np.sin(6 * X["slope"]) + X["twi"] + 2 * (X["rock"] == "marl")

    effects = known(function, X, y, interactions=3)
    assert_allclose(effects.interactions["h_squared"], 0, atol=1e-12)
    # A class and a quantity: the slope counts on marl alone.
    on_marl = known(lambda X: 4 * X["slope"] * (X["rock"] == "marl"), X, y, interactions=3)
    pairs = on_marl.interactions.set_index(["first", "second"])["h_squared"]
    assert pairs.idxmax() == ("slope", "rock")
    marl = (X["rock"] == "marl").mean()
    # Variances of the slope by that it is marl: 16 (1/12) m (1 - m), of 16 m (1/12 + (1 - m) / 4).
    expected = (1 - marl) / 12 / (1 / 12 + (1 - marl) / 4)
    assert pairs["slope", "rock"] == pytest.approx(expected, rel=0.3)
    assert pairs["slope", "twi"] < 1e-12


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


class NeverSeen(KnownLogOdds):
    """Fails where it is asked about a row that it was fitted on."""

    def fit(self, X, y):
        self.seen = set(X["row"])
        return super().fit(X, y)

    def predict_proba(self, X):
        assert self.seen and not self.seen & set(X["row"])
        return super().predict_proba(X)


def test_only_rows_that_a_fold_left_out_are_moved():
    X, y = made_table(60)
    X["row"] = np.arange(60)
    effects = factor_effects(
        NeverSeen(slope_of), X, y, cv=3, factors=["slope", "rock"], kind="both", random_state=0
    )
    assert effects.n_rows == 60
    assert effects.n_folds == 3


def slope_of(X):
    return 2 * X["slope"].to_numpy(dtype=float)


def typed(X):
    """Log-odds that need every column in its own type."""
    assert X["n_roads"].dtype == np.int64
    assert X["rock"].dtype == pd.CategoricalDtype([1, 2, 7, 9])
    assert X["cover"].dtype == object
    return X["n_roads"] / 4 + (X["rock"] == 7) + 2 * (X["cover"] == "crops").astype(float)


def test_columns_keep_their_types_and_missing_rows_are_left_out():
    rng = np.random.default_rng(0)
    X = pd.DataFrame(
        {
            "n_roads": rng.integers(0, 4, 200),
            "rock": pd.Categorical(rng.choice([1, 2, 7], 200), categories=[1, 2, 7, 9]),
            "cover": pd.Series(rng.choice(["forest", "crops", None], 200), dtype=object),
            "nothing": np.nan,
        }
    )
    effects = known(typed, X, np.arange(200) % 2, interactions=2)
    roads = curve(effects, "n_roads")
    assert roads.index.tolist() == [0, 1, 2, 3]
    assert_allclose(np.diff(roads), 0.25)
    # The class that no row has is none.
    assert set(curve(effects, "rock").index) == {"1", "2", "7"}
    cover = curve(effects, "cover")
    assert cover["crops"] - cover["forest"] == pytest.approx(2)
    assert effects.factors.loc["cover", "n_missing"] == X["cover"].isna().sum()
    assert effects.skipped == {"nothing": "it has no value in any row"}
    assert len(effects.interactions) == 3
    assert effects.interactions["strength"].max() < 1e-9


def test_classes_lie_beside_those_that_are_alike_in_other_factors():
    rng = np.random.default_rng(0)
    rock = np.repeat(["a", "b", "c", "d"], 50)
    height = pd.Series(rock).map({"a": 0.0, "b": 2.0, "c": 1.0, "d": 3.0}) + rng.normal(size=200)
    X = pd.DataFrame({"rock": rock, "elevation": height})
    effects = known(lambda X: X["elevation"] * 0.0, X, np.arange(200) % 2)
    assert curve(effects, "rock").index.tolist() == ["a", "c", "b", "d"]


def test_codes_that_the_pipeline_declares_are_classes_also_within_another_model():
    X, y = made_table(90)
    X["soil"] = np.arange(90) % 4
    pipeline = make_landslide_pipeline(
        LogisticRegression(), resample=None, categorical_features=["soil", "rock"]
    )
    model = FixedThresholdClassifier(pipeline, threshold=0.3)
    effects = factor_effects(model, X, y, cv=3, interactions=1, random_state=0)
    assert effects.factors["kind"].to_dict() == {
        "slope": "quantity",
        "twi": "quantity",
        "soil": "classes",
        "rock": "classes",
    }
    assert effects.factors.loc["soil", "strength"] > 0


def test_the_result_has_the_same_bits_with_any_number_of_jobs():
    X, y = made_table(90)
    options = {"cv": 3, "kind": "both", "max_rows": 50, "random_state": 3}
    one = factor_effects(RandomForestClassifier(5), X[["slope", "twi"]], y, **options)
    with parallel_config("threading"):
        two = factor_effects(RandomForestClassifier(5), X[["slope", "twi"]], y, n_jobs=2, **options)
    assert one.n_rows == 50
    for name in ("factors", "effects", "folds", "interactions", "surfaces", "rug"):
        assert_frame_equal(getattr(one, name), getattr(two, name), check_exact=True)


def test_a_bare_net_reads_arrays_and_labels_in_words():
    X, y = made_table(60)
    net = LandslideNet(max_epochs=1, n_members=1, n_trees=2)
    labels = np.array(["none", "landslide"])[y]
    effects = factor_effects(
        net, X[["slope", "twi"]].to_numpy(), labels, cv=2, interactions=1, random_state=0
    )
    assert sorted(effects.factors.index) == ["x0", "x1"]
    assert np.isfinite(effects.effects["effect"]).all()


def test_what_costs_too_much_is_refused_before_any_fit():
    X, y = made_table(60)

    def fails(X):
        raise AssertionError("was asked")

    # Rows as they are, two moves a quantity, at most four a class.
    said = []
    effects = known(slope_of, X, y, factors=["slope", "twi"], progress=lambda *n: said.append(n))
    assert effects.n_predictions == 60 * (1 + 2 + 2)
    assert said[0] == (0, 300)
    assert said[-1] == (300, 300)
    with pytest.raises(ValueError, match=r"and 1 pair need 540 predictions, more than .*=539"):
        known(fails, X, y, factors=["slope", "twi"], interactions=1, max_predictions=539)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"kind": "pdp"}, "kind must be 'ale' or 'both', got 'pdp'"),
        ({"response": "logit"}, "response must be 'log_odds' or 'probability'"),
        ({"n_intervals": 0}, "n_intervals must be a whole number of at least 1"),
        ({"factors": ["slop"]}, "are not columns of X"),
        ({"interactions": [("slope", "tw")]}, "no factor here. Did you mean 'twi'?"),
        ({"interactions": [("slope", "slope")]}, "pairs of two different factors"),
        ({"interactions": -1}, "interactions must be at least 0"),
        ({"interactions": "slope"}, "must be a number or a list of pairs"),
    ],
)
def test_what_cannot_be_asked_is_named(options, message):
    X, y = made_table(30)
    with pytest.raises(ValueError, match=message.replace("?", r"\?")):
        known(slope_of, X, y, **options)


def test_words_say_where_the_effect_turns_and_what_the_field_expects():
    X, y = made_table()
    effects = known(lambda X: -20 * (X["slope"] - 0.6) ** 2 + X["twi"], X, y)
    row = effects.factors.loc["slope"]
    assert row["shape"] == "rises, then falls"
    assert row["turn"] == pytest.approx(0.6, abs=0.05)
    said = " ".join(effects.in_words())
    assert f"slope: the effect rises, then falls (at {row['turn']:.4g})" in said
    assert "Of slope one expects that landslides become likelier all the way" in said
    assert "No two factors" not in said


def test_words_say_where_landslides_counted_go_against_the_model():
    rng = np.random.default_rng(0)
    rain = rng.normal(size=1000)
    X = pd.DataFrame({"rain": rain, "elevation": rain + 0.3 * rng.normal(size=1000)})

    def function(X):
        return 3 * X["rain"] - X["elevation"]

    y = (rng.random(1000) < expit(function(X))).astype(int)
    effects = known(function, X, y)
    assert effects.factors.loc["rain", "agreement"] > 0.9
    assert effects.factors.loc["elevation", "agreement"] < -0.9
    said = [sentence for sentence in effects.in_words() if sentence.startswith("Counted alone")]
    assert len(said) == 1
    assert "more frequent as elevation rises, and the model's effect of it falls" in said[0]


def test_frequency_ratios_are_counted_by_hand():
    X = pd.DataFrame({"slope": [1, 1, 2, 2, 3, 3, 4, 4], "soil": list("aaaabbbb")})
    y = np.array([0, 0, 0, 1, 1, 1, 0, 1])
    effects = known(slope_of, X, y, cv=2, n_intervals=3)
    table = effects.frequency_ratios.set_index("factor")
    soil = table.loc["soil"].set_index("class")
    assert soil["n_landslides"].to_dict() == {"a": 1, "b": 3}
    assert soil["frequency_ratio"].to_dict() == {"a": 0.5, "b": 1.5}
    slope = table.loc["slope"]
    assert slope["lower"].tolist() == [1, 2, 3]
    # An edge belongs to the interval below it.
    assert slope["n_rows"].tolist() == [4, 2, 2]
    assert slope["n_landslides"].tolist() == [1, 2, 1]


def test_where_a_fold_has_no_rows_it_has_no_curve():
    X = pd.DataFrame({"slope": np.arange(100.0)})
    low, high = np.arange(70), np.arange(30, 100)
    effects = known(lambda X: X["slope"] / 20, X, np.arange(100) % 2, cv=[(high, low), (low, high)])
    folds = effects.folds.pivot(index="value", columns="fold", values="effect")
    assert folds[0].dropna().index.max() <= 74
    assert folds[1].dropna().index.min() >= 25
    assert_array_equal(effects.effects["standard_error"].isna(), folds.isna().any(axis=1))
    # Both are parts of one line.
    assert_allclose(np.diff(effects.effects["effect"]), np.diff(folds.index) / 20)
    assert_allclose(effects.effects["standard_error"].dropna(), 0, atol=1e-12)


def test_odds_without_bounds_are_bounded_and_it_is_said():
    X, y = made_table(100)
    effects = known(lambda X: np.where(X["slope"] > 0.9, 800.0, -800.0), X, y)
    assert effects.clipped == 1
    assert np.isfinite(effects.effects["effect"]).all()
    assert any("the curves bound them" in sentence for sentence in effects.in_words())


def test_the_result_is_text_html_json_and_csv(tmp_path):
    X, y = made_table(60)
    X = X.rename(columns={"twi": "=t<wi>"})
    effects = known(slope_of, X, y, interactions=1)
    assert repr(effects) == effects.to_text()
    assert repr(effects).startswith(
        "FactorEffects\n- How the model's answer changes with each of 3"
    )
    assert "&lt;wi&gt;" in effects._repr_html_()
    facts = json.loads(json.dumps(effects.to_dict()))
    assert facts["factors"][0]["factor"] == "slope"
    assert facts["in_words"] == effects.in_words()
    effects.to_csv(tmp_path / "effects.csv")
    written = pd.read_csv(tmp_path / "effects.csv")
    assert set(written["factor"]) == {"slope", "'=t<wi>", "rock"}
    assert_allclose(written["effect"], effects.effects["effect"])
