"""Losses on shuffled test rows: known answers, groups, strata, what is said of them."""

import json

import numpy as np
import pandas as pd
import pytest
from joblib import parallel_config
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.inspection import permutation_importance
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.tree import DecisionTreeClassifier

from sklearn_landslide.inspection import FactorImportance, factor_importance
from sklearn_landslide.inspection._factor_groups import factor_units, field_group, single_units
from sklearn_landslide.inspection._fold_losses import with_exchanged
from sklearn_landslide.inspection._strata import as_numbers_without_gaps, exchanged, strata
from sklearn_landslide.metrics import corrected_resampled_ttest


class Line(ClassifierMixin, BaseEstimator):
    """A model that knows the truth: the probability is a straight line of the factors."""

    def __init__(self, weights=()):
        self.weights = weights

    def fit(self, X, y):
        self.classes_ = np.array([0, 1])
        return self

    def predict_proba(self, X):
        landslide = 0.5 + np.asarray(X, dtype=float) @ np.array(self.weights)
        return np.column_stack([1 - landslide, landslide])

    def predict(self, X):
        return (self.predict_proba(X)[:, 1] > 0.5).astype(int)


WEIGHTS = (0.2, 0.1, 0.0)


@pytest.fixture(scope="module")
def line():
    """Three factors from -1 to 1, whose variance is 1/3, and labels by a straight line of them."""
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.uniform(-1, 1, (5000, 3)), columns=["slope", "twi", "none"])
    y = (rng.uniform(size=len(X)) < 0.5 + X.to_numpy() @ np.array(WEIGHTS)).astype(int)
    return X, y


def means(result, conditional=False):
    table = result.table
    return table[table["conditional"] == conditional].set_index("factor")["mean"]


def test_the_loss_of_a_straight_line_is_two_variances_times_its_coefficient_squared(line):
    X, y = line
    result = factor_importance(
        Line(WEIGHTS), X, y, cv=3, scoring="neg_brier_score", n_repeats=10, random_state=0
    )
    expected = 2 * X.var() * np.square(WEIGHTS)
    assert means(result)["none"] == 0
    assert means(result).to_numpy() == pytest.approx(
        expected[means(result).index].to_numpy(), rel=0.06
    )


def test_means_are_those_of_scikit_learn_on_the_same_rows(line):
    X, y = line[0][:900], line[1][:900]
    split = (np.arange(500), np.arange(500, 900))
    result = factor_importance(
        GaussianNB(), X, y, cv=[split], n_repeats=25, scoring="neg_brier_score", random_state=0
    )
    fitted = GaussianNB().fit(X[:500], y[:500])
    theirs = permutation_importance(
        fitted, X[500:], y[500:], n_repeats=25, scoring="neg_brier_score", random_state=0
    )
    ours = result.losses.groupby("factor", sort=False)["loss"]
    error = np.hypot(ours.std(), theirs.importances_std) / 5
    assert (abs(ours.mean() - theirs.importances_mean) < 4 * error).all()


def test_the_interval_is_that_of_the_corrected_resampled_t_test(line):
    X, y = line[0][:600], line[1][:600]
    result = factor_importance(GaussianNB(), X, y, cv=4, n_repeats=2, random_state=1)
    by_fold = result.losses.query("factor == 'slope'").groupby("fold")["loss"].mean()
    test = corrected_resampled_ttest(by_fold, np.zeros(4), n_train=450, n_test=150)
    row = result.table.set_index("factor").loc["slope"]
    assert (row["low"], row["high"]) == pytest.approx(test.confidence_interval(0.95))
    assert row["sd"] == pytest.approx(by_fold.std())
    assert row["rank"] == 1


def test_what_a_duplicate_adds_beyond_its_twin_is_nothing():
    rng = np.random.default_rng(1)
    X = pd.DataFrame(rng.uniform(-1, 1, (4000, 2)), columns=["slope", "twi"])
    X["twin"] = X["slope"]
    y = (rng.uniform(size=len(X)) < 0.5 + X @ np.array([0.1, 0.2, 0.1])).astype(int)
    model = Line((0.1, 0.2, 0.1))
    result = factor_importance(
        model, X, y, cv=5, conditional="both", scoring="neg_brier_score", random_state=0
    )
    alone, beyond = means(result), means(result, conditional=True)
    assert alone["slope"] == pytest.approx(2 / 3 * 0.01, rel=0.15)
    assert beyond["slope"] == pytest.approx(0, abs=5e-5)
    assert beyond["twi"] == pytest.approx(alone["twi"], rel=0.1)
    assert result.pairs[["first", "second"]].to_numpy().tolist() == [["slope", "twin"]]
    said = " ".join(result.in_words())
    assert "slope and twin (1.00)" in said
    assert "Other factors carry the same information: slope, twin." in said
    # As a pair, both go: the coefficient of the two is 0.2.
    pair = factor_importance(
        model, X, y, cv=2, factor_groups={"both": ["slope", "twin"]},
        scoring="neg_brier_score", random_state=0,
    )  # fmt: skip
    assert means(pair)["both"] == pytest.approx(2 / 3 * 0.04, rel=0.1)


def test_beyond_a_correlated_factor_the_unexplained_variance_counts():
    rng = np.random.default_rng(2)
    twi = rng.normal(size=6000)
    slope = 0.8 * twi + 0.6 * rng.normal(size=6000)
    X = pd.DataFrame({"slope": slope, "twi": twi}) / 10
    y = (rng.uniform(size=6000) < 0.5 + X["slope"]).astype(int)
    result = factor_importance(
        Line((1.0, 0.0)), X, y, cv=2, conditional="both", scoring="neg_brier_score",
        n_repeats=10, random_state=0,
    )  # fmt: skip
    assert means(result)["slope"] == pytest.approx(0.02, rel=0.1)
    assert means(result, conditional=True)["slope"] == pytest.approx(0.02 * 0.36, rel=0.1)


def test_rows_get_the_value_of_another_row_of_their_stratum():
    stratum = np.repeat([3, 7, 9], [4, 5, 1])
    seen = set()
    for seed in range(200):
        donors = exchanged(stratum, np.random.default_rng(seed))
        assert sorted(donors) == list(range(10))
        assert (stratum[donors] == stratum).all()
        assert np.flatnonzero(donors == np.arange(10)).tolist() == [9]
        seen.add(donors[0])
    assert seen == {1, 2, 3}


def test_strata_come_of_the_training_rows_and_hold_a_category_and_gaps():
    rng = np.random.default_rng(3)
    rock = pd.Series(rng.choice(["clay", "marl", None], 900), dtype="category")
    means_of_rock = rock.map({"clay": 0.0, "marl": 5.0}).astype(float).fillna(9.0)
    X = pd.DataFrame({"slope": means_of_rock + rng.normal(size=900), "rock": rock})
    X.loc[:50, "slope"] = np.nan
    numbers, places = as_numbers_without_gaps(X)
    train, test = np.arange(600), np.arange(600, 900)
    found = strata(numbers, places, train, test, [0], 0)
    assert len(set(zip(found, rock[600:].astype(str), strict=True))) == len(set(found)) == 3
    # Other values in the test rows leave the tree as it is.
    changed = numbers.copy()
    changed[test, places[0]] = 0
    assert np.array_equal(strata(changed, places, train, test, [0], 0), found)


def test_shuffled_columns_keep_their_types():
    frame = pd.DataFrame(
        {
            "rock": pd.Categorical(["clay", None, "marl"], categories=["clay", "marl", "gneiss"]),
            "slope": np.array([1, 2, 3], dtype=np.float32),
            "class": pd.array([1, None, 3], dtype="Int64"),
            "is_wet": [True, False, True],
        },
        index=[5, 6, 9],
    )
    other = with_exchanged(frame, list(frame.columns), np.array([2, 0, 1]))
    pd.testing.assert_frame_equal(
        other.reset_index(drop=True), frame.iloc[[2, 0, 1]].reset_index(drop=True)
    )
    assert other.index.tolist() == [5, 6, 9]
    assert frame["slope"].tolist() == [1, 2, 3]


def test_columns_of_one_series_are_one_factor():
    names = ["rain_0", "slope", "rain_1", "snow_0", "snow_1"]
    weather = {"rain": ["rain_0", "rain_1"], "snow": ["snow_0", "snow_1"]}
    expected = {"rain": ["rain_0", "rain_1"], "slope": ["slope"], "snow": ["snow_0", "snow_1"]}
    assert single_units(names, {"weather": weather}) == expected
    assert single_units(names, weather) == expected
    groups = factor_units(names, {"storm": ["rain", "snow_0"]}, weather)
    assert groups == {"storm": ["rain_0", "rain_1", "snow_0", "snow_1"], "slope": ["slope"]}


@pytest.mark.parametrize(
    ("name", "group"),
    [
        ("altitude", "terrain"),
        ("relief_500", "terrain"),
        ("dist_streams", "water"),
        ("rain_012", "water"),
        ("GEOLOGY", "geology"),
        ("distance_to_fault", "geology"),
        ("lulc", "cover"),
        ("distance_to_building", "people"),
        ("x", None),
        ("deformation_velocity", None),
    ],
)
def test_the_groups_of_the_field_are_found_by_name(name, group):
    assert field_group(name) == group


def test_factors_that_no_group_names_stay_single():
    units = factor_units(["slope", "x", "aspect", "road_km"], "field")
    assert units == {"terrain": ["slope", "aspect"], "x": ["x"], "road_km": ["road_km"]}


@pytest.mark.parametrize(
    ("groups", "message"),
    [
        ("relief", "factor_groups='relief' must be \"field\""),
        ({"a": ["slop"]}, "names 'slop', which is not a column. Did you mean 'slope'"),
        ({"a": ["slope"], "b": ["slope"]}, "'slope' is in two groups, 'a' and 'b'"),
        ({"a": []}, "must be a list of columns"),
        ({"a": "slope"}, "must be a list of columns"),
        ({"twi": ["slope"]}, "the group 'twi' has the name of a factor that is not in it"),
        ({}, "got {}"),
    ],
)
def test_groups_that_do_not_fit_are_refused(groups, message):
    with pytest.raises(ValueError, match="^.*" + message.replace("{", r"\{")):
        factor_units(["slope", "twi"], groups)


def test_a_fold_without_both_classes_is_left_out_and_said(line):
    X, y = line[0][:300], line[1][:300]
    slides = np.flatnonzero(y == 1)[:20]
    rest = np.setdiff1d(np.arange(300), slides)
    cv = [(rest, slides), (rest[100:], rest[:100]), (rest[:100], rest[100:])]
    result = factor_importance(GaussianNB(), X, y, cv=cv, random_state=0)
    assert result.folds["fold"].tolist() == [1, 2]
    assert result.in_words()[-1] == (
        "Fold 0 does not count, as its 20 test rows are all landslides."
    )
    with pytest.raises(ValueError, match="test rows of each of the 1 folds are of one class"):
        factor_importance(GaussianNB(), X, y, cv=cv[:1])


def test_groups_go_to_the_folds_and_to_the_model(line, monkeypatch):
    import sklearn_landslide.model_selection._out_of_fold as out_of_fold

    heard = []
    real = out_of_fold.counted_classes
    monkeypatch.setattr(
        out_of_fold,
        "counted_classes",
        lambda y, groups: heard.append(groups) or real(y, groups),
    )
    X, y = line[0][:300], line[1][:300]
    groups = np.arange(300) // 10
    factor_importance(GaussianNB(), X, y, cv=3, groups=groups, n_repeats=1, random_state=0)
    assert [len(set(own)) for own in heard] == [20, 20, 20]


def test_the_result_depends_on_the_seed_alone(line):
    X, y = line[0][:400], line[1][:400].astype(str)
    y = np.where(y == "1", "landslide", "none")
    arguments = {"cv": 3, "conditional": "both", "n_repeats": 2, "random_state": 5}
    state = np.random.get_state()[1].copy()  # noqa: NPY002
    model = DecisionTreeClassifier(max_depth=4)
    first = factor_importance(model, X, y, **arguments)
    with parallel_config("threading"):
        second = factor_importance(model, X, y, n_jobs=2, **arguments)
    pd.testing.assert_frame_equal(first.losses, second.losses)
    assert np.array_equal(np.random.get_state()[1], state)  # noqa: NPY002
    assert not hasattr(model, "tree_")
    # An array is the same table.
    array = factor_importance(model, X.to_numpy(), y, **arguments)
    assert array.losses["loss"].tolist() == first.losses["loss"].tolist()
    assert array.table["factor"].str.match(r"x\d$").all()


def test_progress_is_told_from_before_the_first_fold_on(line):
    told = []
    factor_importance(
        GaussianNB(), line[0][:200], line[1][:200], cv=3, n_repeats=1,
        progress=lambda *numbers: told.append(numbers),
    )  # fmt: skip
    assert told == [(0, 3), (1, 3), (2, 3), (3, 3)]


def planted(losses, conditional=False, pairs=()):
    """A result with these losses by factor, one a fold."""
    lines = [
        (name, conditional, fold, 0, loss)
        for name, values in losses.items()
        for fold, loss in enumerate(values)
    ]
    table = pd.DataFrame(lines, columns=["factor", "conditional", "fold", "repeat", "loss"])
    n_folds = len(next(iter(losses.values())))
    folds = pd.DataFrame({"fold": range(n_folds), "score": 0.8, "n_train": 800, "n_test": 200})
    pairs = pd.DataFrame(pairs, columns=["first", "second", "association"])
    return FactorImportance(table, folds, pairs, {name: (name,) for name in losses}, "roc_auc")


def test_words_tell_factors_that_count_from_those_that_do_not():
    result = planted(
        {
            "twi": [0.01, -0.01, 0.00, 0.01],
            "slope": [0.10, 0.11, 0.12, 0.11],
            "x": [-0.05, -0.06, -0.05, -0.06],
        },
        pairs=[("slope", "tri", 0.93)],
    )
    said = result.in_words()
    assert said[0] == (
        "On rows that it was not fitted on, the model has a ROC-AUC of 0.800 (mean of 4 folds, "
        "800 test rows)."
    )
    assert said[1].startswith("What the model rests on, shuffled alone")
    assert "slope (0.110, 0.092 to 0.128)" in said[1]
    assert said[2].startswith("No clear loss, shuffled alone: twi.")
    assert said[3].startswith("Shuffled, the score rises: x.")
    assert "slope and tri (0.93)" in said[4]
    assert result.table["factor"].tolist() == ["slope", "twi", "x"]


def test_one_fold_has_no_interval_and_words_say_so():
    result = planted({"slope": [0.1], "twi": [0.0]})
    assert result.table[["sd", "low", "high"]].isna().all(axis=None)
    assert "One fold says nothing of the spread." in result.in_words()[1]


def test_a_result_can_be_kept_and_shown(tmp_path):
    result = planted({"=slope<b>": [0.1, 0.2], "twi\n": [0.0, 0.1]})
    result.to_csv(tmp_path / "losses.csv")
    assert pd.read_csv(tmp_path / "losses.csv")["factor"].tolist()[0] == "'=slope<b>"
    facts = json.loads(json.dumps(result.to_dict()))
    assert facts["table"][0]["mean"] == pytest.approx(0.15)
    assert "&lt;b&gt;" in result._repr_html_() and "<b>" not in result._repr_html_()
    assert "twi\\n" in repr(result)
    assert max(map(len, result.to_text(width=60).splitlines()[:6])) <= 60


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n_repeats": 0}, "n_repeats=0 must be a whole number of at least 1"),
        ({"conditional": "yes"}, "conditional='yes' must be True, False"),
        ({"groups": np.zeros(3)}, "groups has 3 values and y has 40"),
    ],
)
def test_wrong_arguments_are_named(arguments, message):
    X, y = np.zeros((40, 2)), np.arange(40) % 2
    with pytest.raises(ValueError, match=message):
        factor_importance(GaussianNB(), X, y, **{"cv": 2, **arguments})
    with pytest.raises(TypeError, match="estimator must be a scikit-learn classifier"):
        factor_importance(object(), X, y, cv=2)


def test_two_columns_of_one_name_are_refused():
    X = pd.DataFrame(np.zeros((40, 2)), columns=["slope", "slope"])
    with pytest.raises(ValueError, match="two columns named 'slope'"):
        factor_importance(LogisticRegression(), X, np.arange(40) % 2, cv=2)
