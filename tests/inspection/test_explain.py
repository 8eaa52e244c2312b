"""Contributions are Shapley values: worked by hand, found by shap, and in closed form."""

import json

import numpy as np
import pandas as pd
import pytest
from joblib import parallel_config
from numpy.testing import assert_allclose, assert_array_equal
from scipy.special import expit, logit
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.tree import DecisionTreeClassifier

from sklearn_landslide import make_landslide_pipeline
from sklearn_landslide.inspection import explain
from sklearn_landslide.inspection._shap import import_shap

LOG3 = np.log(3)


@pytest.fixture(scope="module")
def table():
    rng = np.random.default_rng(0)
    n_rows = 200
    X = pd.DataFrame(
        {
            "slope": rng.uniform(0, 60, n_rows),
            "twi": rng.normal(6, 2, n_rows),
            "ndvi": rng.uniform(-0.2, 0.9, n_rows),
            "lithology": pd.Categorical(rng.choice(["granite", "marl", "tuff"], n_rows)),
        }
    )
    raw = 0.15 * (X["slope"] - 27) * (1 + (X["twi"] > 6)) + 2.0 * (X["lithology"] == "marl")
    y = (rng.uniform(size=n_rows) < expit(raw - 1)).astype(int)
    return X, y


@pytest.fixture(scope="module")
def quantities(table):
    X, y = table
    return X[["slope", "twi", "ndvi"]], y


@pytest.fixture(scope="module")
def forest(quantities):
    model = RandomForestClassifier(20, min_samples_leaf=5, random_state=0)
    return make_landslide_pipeline(model, resample=None).fit(*quantities)


@pytest.fixture(scope="module")
def cells():
    """Four cells of two factors; three of four places slide where both are 1, else one of four."""
    X = np.repeat([[0, 0], [0, 1], [1, 0], [1, 1]], 4, axis=0).astype(float)
    y = np.array([1, 0, 0, 0] * 3 + [1, 1, 1, 0])
    return DecisionTreeClassifier().fit(X, y), X[::4]


@pytest.mark.parametrize("method", ["exact", "permutations", "auto"])
def test_a_tree_of_four_cells_has_the_contributions_worked_by_hand(cells, method):
    # Both: v() = -log(3)/2, v(a) = v(b) = 0, v(ab) = log(3). Only a: v(b) = v(ab) = -log(3).
    tree, X = cells
    found = explain(tree, [[1, 1], [1, 0]], background=X, method=method, n_permutations=1)
    assert_allclose(found.base, -LOG3 / 2)
    assert_allclose(found.values, [[0.75 * LOG3, 0.75 * LOG3], [0.25 * LOG3, -0.75 * LOG3]])
    assert_allclose(found.log_odds, [LOG3, -LOG3])
    assert_allclose(found.probability, [0.75, 0.25])


@pytest.mark.parametrize(
    "model",
    [
        LogisticRegression(),
        GaussianNB(),
        RandomForestClassifier(10, random_state=0),
        HistGradientBoostingClassifier(max_iter=10),
    ],
    ids=lambda model: type(model).__name__,
)
@pytest.mark.parametrize("method", ["auto", "exact", "permutations"])
def test_base_and_contributions_are_the_log_odds_of_the_model(table, model, method):
    X, y = table
    pipeline = make_landslide_pipeline(model, random_state=0).fit(X, y)
    found = explain(pipeline, X[:5], background=X, n_background=20, method=method, random_state=0)
    low, high = found.clip
    expected = logit(np.clip(pipeline.predict_proba(X[:5])[:, 1], low, high))
    assert_allclose(found.base + found.values.sum(axis=1), expected, rtol=0, atol=1e-6)


def test_a_linear_model_has_its_coefficients_times_the_distance_from_the_mean(quantities):
    X, y = quantities
    model = LogisticRegression(max_iter=1000).fit(X, y)
    found = explain(model, X[:40], background=X[80:])
    assert found.method == "additive"
    by_hand = model.coef_[0] * (X[:40] - X[80:].mean())
    assert_allclose(found.values, by_hand, rtol=0, atol=1e-9)
    assert found.n_background == 120


def test_steps_before_a_linear_model_leave_its_contributions_in_the_given_factors(table):
    X, y = table
    pipeline = make_landslide_pipeline(LogisticRegression(), resample=None).fit(X, y)
    found = explain(pipeline, X[:40], background=X)
    assert found.method == "additive"
    reached = pipeline[:-1].transform(X)
    terms = pipeline["model"].coef_[0] * (reached - reached.mean())
    rocks = [name for name in reached if name.startswith("lithology")]
    assert len(rocks) == 3
    assert_allclose(found.values["slope"], terms["slope"][:40], atol=1e-9)
    assert_allclose(found.values["lithology"], terms[rocks].sum(axis=1)[:40], atol=1e-9)


def test_closed_form_and_all_sets_agree_on_a_sum(table):
    X, y = table
    pipeline = make_landslide_pipeline(GaussianNB(), resample=None).fit(X, y)
    options = {"background": X[:60], "n_background": 60}
    quick = explain(pipeline, X[100:105], method="additive", **options)
    full = explain(pipeline, X[100:105], method="exact", **options)
    assert_allclose(quick.values, full.values, rtol=0, atol=1e-8)


def test_shap_finds_the_same_by_its_kernel_explainer(quantities):
    # With three factors it goes through all sets; its other explainers compile for a minute.
    X, y = quantities
    background, places = X[:25].to_numpy(), X[100:104].to_numpy()
    forest = RandomForestClassifier(20, min_samples_leaf=5, random_state=0).fit(X.to_numpy(), y)
    found = explain(forest, places, background=background, method="exact")

    def log_odds(rows):
        return logit(np.clip(forest.predict_proba(rows)[:, 1], *found.clip))

    explainer = import_shap().KernelExplainer(log_odds, background)
    expected = explainer.shap_values(places, l1_reg=0, silent=True)
    assert_allclose(found.values, expected, rtol=0, atol=1e-9)
    assert_allclose(found.base, explainer.expected_value)


def test_shap_is_handed_the_numbers_for_its_pictures(quantities, forest):
    X, _ = quantities
    found = explain(forest, X[:3], background=X[:9], method="exact")
    handed = found.to_shap()
    assert_array_equal(handed.values, found.values)
    assert_array_equal(handed[1].base_values, found.base)
    assert handed[1, "twi"].data == X["twi"][1]


def test_random_orders_come_close_to_all_sets_within_their_standard_error(quantities, forest):
    X, _ = quantities
    options = {"background": X[:30], "random_state": 0}
    full = explain(forest, X[100:110], method="exact", **options)
    assert_array_equal(full.standard_error, 0)
    orders = explain(forest, X[100:110], method="permutations", n_permutations=40, **options)
    gap = (orders.values - full.values).abs().to_numpy()
    assert gap.max() > 0
    assert (gap <= 4 * orders.standard_error.to_numpy() + 1e-12).all()


@pytest.mark.parametrize("method", ["exact", "permutations"])
def test_a_factor_that_the_model_ignores_contributes_nothing(quantities, method):
    X, y = quantities
    tree = DecisionTreeClassifier(max_depth=3).fit(X.assign(ndvi=0.0), y)
    found = explain(tree, X[:9], background=X, n_background=20, method=method, random_state=0)
    assert_allclose(found.values["ndvi"], 0, atol=1e-12)
    assert (found.values["slope"] != 0).all()
    assert "The model does not look at ndvi." in found.in_words()


def test_factors_that_play_the_same_part_contribute_the_same(cells):
    tree, X = cells
    found = explain(tree, [[1, 1], [0, 0]], background=X)
    assert_allclose(found.values["x0"], found.values["x1"])


def test_columns_together_are_one_factor_of_the_game(cells):
    tree, X = cells
    found = explain(tree, [[1.0, 0.0]], background=X, factor_groups={"both": ["x0", "x1"]})
    assert_allclose(found.values, [[-LOG3 / 2]])
    # By hand, of three factors of which two are one: v() and v(all) are those of the cells.
    wide = np.column_stack([X, np.zeros(4)])
    tree = DecisionTreeClassifier().fit(np.repeat(wide, 4, axis=0), np.tile([1, 0, 0, 0], 4))
    found = explain(tree, wide[:1], background=wide, factor_groups={"both": ["x0", "x2"]})
    assert found.values.columns.tolist() == ["both", "x1"]
    assert found.n_columns == {"both": 2, "x1": 1}


def test_steps_of_a_series_are_one_factor(quantities):
    X, y = quantities
    rain = [f"rain_{hour}" for hour in range(12)]
    hours = np.random.default_rng(0).gamma(2, 1, (len(X), 12))
    X = pd.concat([X, pd.DataFrame(hours, columns=rain)], axis=1)
    pipeline = make_landslide_pipeline(LogisticRegression(), sequences={"rain": rain}).fit(X, y)
    found = explain(pipeline, X[:3], background=X, units={"rain": "mm"})
    assert found.values.columns.tolist() == ["slope", "twi", "ndvi", "rain"]
    assert_allclose(found.data["rain"], hours[:3].mean(axis=1))
    reached = pipeline[:-1].transform(X)
    terms = pipeline["model"].coef_[0] * (reached - reached.mean())
    assert_allclose(found.values["rain"], terms[rain].sum(axis=1)[:3], atol=1e-9)
    assert found.value_text("rain", 0).startswith("mean of 12 columns ")
    assert found.value_text("rain", 0).endswith(" mm")


def test_gaps_and_unknown_classes_go_through_as_in_a_prediction(table):
    X, y = table
    pipeline = make_landslide_pipeline(
        RandomForestClassifier(10, random_state=0), resample=None
    ).fit(X, y)
    place = X[:2].copy()
    place.loc[0, "twi"] = np.nan
    place["lithology"] = pd.Categorical(["granite", "chalk"])
    found = explain(pipeline, place, background=X, n_background=10, random_state=0)
    low, high = found.clip
    expected = logit(np.clip(pipeline.predict_proba(place)[:, 1], low, high))
    assert_allclose(found.base + found.values.sum(axis=1), expected, atol=1e-6)
    assert found.value_text("twi", 0) == "no value"
    assert found.value_text("lithology", 1) == "chalk"


def test_a_vote_of_no_tree_counts_as_half_a_vote(quantities):
    X, y = quantities
    forest = RandomForestClassifier(25, random_state=0).fit(X, y)
    row = X[forest.predict_proba(X)[:, 1] == 0][:1]
    found = explain(forest, row, background=X, n_background=5, random_state=0)
    assert_allclose(found.clip, (0.02, 0.98))
    assert_allclose(found.log_odds, logit(0.02))
    assert found.probability.iloc[0] == 0
    assert any("counts as these" in text for text in found.in_words(0))
    # Corrected to the true shares, half a vote is moved, too.
    pipeline = make_landslide_pipeline(RandomForestClassifier(25), prevalence=0.01).fit(X, y)
    low, high = explain(pipeline, row, background=X, n_background=5).clip
    assert low < 0.02 < high < 0.98


def test_the_label_of_landslides_may_be_either_class(quantities):
    X, y = quantities
    known = LogisticRegression().fit(X, np.where(y == 1, "landslide", "none"))
    other = LogisticRegression().fit(X, np.where(y == 1, "A", "B"))
    values = explain(known, X[:3], background=X).values
    assert_allclose(explain(other, X[:3], background=X, positive_class="A").values, values)
    assert_allclose(explain(other, X[:3], background=X, positive_class="B").values, -values)


def test_the_numbers_are_the_same_with_any_number_of_workers(quantities, forest, monkeypatch):
    X, _ = quantities
    monkeypatch.setattr("sklearn_landslide.inspection._log_odds._AT_ONCE", 200)
    options = {"background": X, "n_background": 30, "random_state": 0}
    one = explain(forest, X[:3], **options)
    with parallel_config("threading"):
        two = explain(forest, X[:3], n_jobs=2, **options)
    assert_array_equal(two.values, one.values)


def test_the_same_seed_gives_the_same_numbers_and_the_global_one_is_left_alone(quantities, forest):
    X, _ = quantities
    before = np.random.get_state()[1].tolist()  # noqa: NPY002
    one, same, other = (
        explain(forest, X[:2], background=X, n_background=10, random_state=seed).values
        for seed in (0, 0, 1)
    )
    assert_array_equal(one, same)
    assert not one.equals(other)
    assert np.random.get_state()[1].tolist() == before  # noqa: NPY002


def test_a_model_of_an_array_is_given_arrays(quantities):
    X, y = quantities
    model = make_pipeline(LogisticRegression()).fit(X.to_numpy(), y)
    found = explain(model, X.to_numpy()[:2], background=X.to_numpy())
    assert found.values.columns.tolist() == ["x0", "x1", "x2"]
    named = LogisticRegression().fit(X, y)
    assert_allclose(found.values, explain(named, X[:2], background=X).values)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"X": [[1.0, 2.0, 3.0]]}, "must have the same columns"),
        ({"X": []}, "must be a table"),
        ({"method": "additive"}, "not a sum over its factors"),
        ({"clip": 0.7}, "between 0 and 0.5"),
        ({"units": {"slop": "m"}}, "'slop', which is not a factor"),
        ({"factor_groups": {"all": []}}, "must be a list of columns"),
        ({"factor_groups": {"twi": ["slope", "ndvi"]}}, "has the name of a factor"),
        ({"n_background": 0}, "n_background"),
    ],
)
def test_what_cannot_be_explained_is_refused_in_one_line(quantities, forest, change, message):
    X, _ = quantities
    with pytest.raises(ValueError, match=message) as caught:
        explain(forest, **({"X": X[:2], "background": X} | change))
    assert "\n" not in str(caught.value)


def test_words_name_what_speaks_for_and_against_with_values_and_units(quantities):
    X, _ = quantities
    model = LogisticRegression(C=0.001).fit(X, X["slope"] + 5 * X["twi"] > 60)
    place = pd.DataFrame({"slope": [60.0], "twi": [2.0], "ndvi": [X["ndvi"].mean()]})
    found = explain(model, place, background=X, units={"slope": "degrees"})
    slope, twi, _ = model.coef_[0]
    assert slope > 0
    assert twi > 0
    for_it, against, most = found.in_words(0)[1:]
    assert for_it == "For a landslide speaks slope (60 degrees)."
    assert against == "Against a landslide speaks twi (2)."
    times = np.exp(slope * (60 - X["slope"].mean()))
    assert most == f"The most, slope, multiplies the odds of a landslide by {times:.3g}."
    share = 100 * expit(found.base)
    assert found.in_words(0)[0].endswith(f"against {share:.0f} % at a usual place.")


def test_a_result_can_be_printed_and_written(quantities, forest, tmp_path):
    X, _ = quantities
    found = explain(forest, X[:4], background=X, n_background=5, random_state=0)
    assert repr(found) == found.to_text()
    assert max(map(len, found.to_text(60).split("\n\n")[0].splitlines())) <= 60
    assert "<table" in found._repr_html_()
    facts = json.loads(json.dumps(found.to_dict()))
    assert facts["places"][2]["contributions"] == found.values.iloc[2].to_dict()
    found.to_csv(tmp_path / "why.csv")
    table = pd.read_csv(tmp_path / "why.csv")
    assert table["factor"].tolist() == ["slope", "twi", "ndvi"] * 4
    assert_allclose(table["contribution"], found.values.to_numpy().ravel())
    assert_allclose(found.mean_absolute()["slope"], found.values["slope"].abs().mean())
    with pytest.raises(ValueError, match="row=4 is not a position"):
        found.in_words(4)
