"""The chain on tables that hold series: every step is told, and the model gets whole storms."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import Pipeline

from sklearn_landslide import compare_models, make_landslide_pipeline
from sklearn_landslide._nodata import UndeclaredNodataWarning
from sklearn_landslide._sequences import resolve_sequences
from sklearn_landslide.over_sampling import FactorSMOTE
from sklearn_landslide.pipeline import LandslidePipeline, model_sequences, step_sequences
from sklearn_landslide.pipeline._sequences import tell_sequences
from sklearn_landslide.preprocessing import FactorImputer, FactorScaler, RainfallSums

HOURS = [f"rain_{hour:03d}" for hour in range(24)]
RAIN = {"rain": HOURS}


class StormModel(GaussianNB):
    """Learns from the sum of each sequence and the static columns, and notes what it got."""

    def __init__(self, sequences=None, categorical_features="from_dtype"):
        self.sequences = sequences
        self.categorical_features = categorical_features
        super().__init__()

    def fit(self, X, y):
        self.got_ = X, y
        return super().fit(self._read(X), y)

    def predict_proba(self, X):
        return super().predict_proba(self._read(X))

    def predict(self, X):
        return super().predict(self._read(X))

    def _read(self, X):
        groups = resolve_sequences(
            self.sequences, n_features=X.shape[1], names=getattr(X, "columns", None)
        )
        table = np.asarray(X, dtype=float)
        hours = [position for group in groups for position in group.positions.ravel()]
        sums = [table[:, group.positions.ravel()].sum(axis=1) for group in groups]
        return np.column_stack([*sums, np.delete(table, hours, axis=1)])


@pytest.fixture
def region():
    """Slope and soil, 24 hours of rain whose sum matters, gaps and a nodata code."""
    rng = np.random.default_rng(0)
    n = 240
    rain = pd.DataFrame(rng.gamma(0.3, 4, size=(n, 24)), columns=HOURS)
    slope = rng.uniform(0, 60, n)
    risk = slope / 12 + 0.15 * rain.sum(axis=1) + rng.logistic(size=n)
    X = rain.copy()
    X.insert(5, "slope", slope)
    X["twi"] = rng.normal(6, 2, n)
    X["soil"] = pd.Categorical(rng.integers(1, 4, n))
    X.loc[3, "rain_010"] = np.nan
    X.loc[4, "rain_007"] = -9999.0
    return X, (risk > risk.quantile(0.75)).astype(int)


def test_sequences_of_the_model_reach_every_step(region):
    X, y = region
    chain = make_landslide_pipeline(StormModel(RAIN), random_state=0)
    assert list(chain.named_steps) == ["range", "impute", "scale", "mrmr", "resample", "model"]
    for step in ("impute", "scale", "mrmr", "resample"):
        assert step_sequences(chain, chain[step]) == RAIN
    chain.fit(X, y)
    filled = chain[:2].transform(X)
    assert_allclose(filled.loc[3, "rain_010"], X.loc[3, ["rain_009", "rain_011"]].mean())
    assert_allclose(filled.loc[4, "rain_007"], X.loc[4, ["rain_006", "rain_008"]].mean())
    scaled = chain[:3].transform(X)
    assert scaled.columns.tolist() == X.columns.tolist()
    assert_allclose(scaled[HOURS], filled[HOURS] / filled[HOURS].to_numpy().std())
    assert_allclose(scaled[["slope", "twi"]].std(ddof=0), 1)
    got, labels = chain["model"].got_
    assert_array_equal(np.bincount(labels), [180, 180])
    storms = {tuple(row) for row in scaled[y == 1][HOURS].to_numpy()}
    assert {tuple(row) for row in got[labels == 1][HOURS].to_numpy()} == storms
    assert chain.score(X, y) > 0.8


def test_mrmr_never_tears_a_sequence(region):
    X, y = region
    chain = make_landslide_pipeline(StormModel(RAIN), n_features_to_select=1, random_state=0)
    chain.fit(X, y)
    names = chain[:-1].get_feature_names_out().tolist()
    assert names == [*HOURS[:5], "slope", *HOURS[5:]]


def test_an_array_with_positions_gives_what_the_frame_gives(region):
    X, y = region
    X = X.astype({"soil": float})
    # An array's columns have no names, and so no bounds.
    X.loc[4, "rain_007"] = np.nan
    by_name = make_landslide_pipeline(
        StormModel(RAIN), categorical_features=["soil"], random_state=0
    ).fit(X, y)
    positions = {"rain": [*range(5), *range(6, 25)]}
    by_position = make_landslide_pipeline(
        StormModel(positions), categorical_features=[26], random_state=0
    ).fit(X.to_numpy(), y)
    assert_array_equal(by_position.predict_proba(X.to_numpy()), by_name.predict_proba(X))
    assert_array_equal(by_position["model"].got_[0], by_name["model"].got_[0])


def test_dict_serves_models_that_know_no_time(region):
    X, y = region
    forest = RandomForestClassifier(20, random_state=0)
    chain = make_landslide_pipeline(forest, sequences=RAIN, random_state=0).fit(X, y)
    assert isinstance(chain["scale"], FactorScaler)
    assert chain["model"] is forest
    assert chain[:-1].get_feature_names_out().tolist()[:25] == X.columns.tolist()[:25]
    assert chain.score(X, y) > 0.9


def test_none_keeps_the_steps_from_what_the_model_says(region):
    X, y = region
    chain = make_landslide_pipeline(StormModel(RAIN), sequences=None, random_state=0)
    assert step_sequences(chain, chain["mrmr"]) is None
    chain.fit(X, y)
    assert_allclose(chain["scale"].scale_[0], np.std(chain[:2].transform(X)["rain_000"]))


def test_without_sequences_the_chain_is_the_one_it_was(region):
    X, y = region
    chain = make_landslide_pipeline(LogisticRegression(max_iter=500), random_state=0)
    for step in ("impute", "scale", "mrmr", "resample"):
        assert step_sequences(chain, chain[step]) is None
    none = make_landslide_pipeline(LogisticRegression(max_iter=500), sequences=None, random_state=0)
    assert_array_equal(chain.fit(X, y).predict_proba(X), none.fit(X, y).predict_proba(X))


def test_hours_of_another_name_are_bounded_by_a_dict(region):
    X, y = region
    names = {name: f"h{hour}" for hour, name in enumerate(HOURS)}
    bounds = dict.fromkeys(names.values(), (0, None))
    model = StormModel({"rain": list(names.values())})
    other = make_landslide_pipeline(model, bounds=bounds, random_state=0)
    other.fit(X.rename(columns=names), y)
    chain = make_landslide_pipeline(StormModel(RAIN), random_state=0).fit(X, y)
    assert_array_equal(other.predict_proba(X.rename(columns=names)), chain.predict_proba(X))


def test_sums_and_hours_together_in_front_of_the_chain(region):
    X, y = region
    chain = Pipeline(
        [
            ("sums", RainfallSums([6, 24], sequences=RAIN, keep_hours=True)),
            ("chain", make_landslide_pipeline(StormModel(RAIN), random_state=0)),
        ]
    ).fit(X, y)
    got, _ = chain["chain"]["model"].got_
    assert got.columns.tolist() == [*X.columns, "rain_sum_6h", "rain_sum_24h", "rain_max"]
    # The gap and the nodata code made no sum, and the chain filled it.
    sums = chain[:1].transform(X)
    cleaned = chain["chain"][:2].transform(sums)
    assert_allclose(cleaned.loc[[3, 4], "rain_sum_24h"], cleaned["rain_sum_24h"].median())
    assert chain.score(X, y) > 0.8


def test_sums_in_place_of_hours_for_a_forest(region):
    X, y = region
    chain = Pipeline(
        [
            ("sums", RainfallSums([6, 24])),
            ("chain", make_landslide_pipeline(RandomForestClassifier(20), random_state=0)),
        ]
    ).fit(X, y)
    names = chain["chain"][:-1].get_feature_names_out().tolist()
    assert names[:5] == ["slope", "twi", "rain_sum_6h", "rain_sum_24h", "rain_max"]


def test_sums_of_an_array_leave_the_positions_valid(region):
    X, y = region
    X = X.drop(columns="soil").to_numpy()
    X[4] = 1.0
    positions = {"rain": [*range(5), *range(6, 25)]}
    chain = Pipeline(
        [
            ("sums", RainfallSums([24], sequences=positions, keep_hours=True)),
            ("chain", make_landslide_pipeline(StormModel(positions), random_state=0)),
        ]
    ).fit(X, y)
    assert chain["chain"]["model"].got_[0].shape[1] == 28


def test_clone_and_search_carry_the_sequences(region):
    X, y = region
    chain = make_landslide_pipeline(StormModel(RAIN), random_state=0)
    search = GridSearchCV(
        chain,
        {"mrmr__sequence_blocks": ["keep", "judge"], "mrmr__n_features_to_select": [2]},
        cv=2,
        error_score="raise",
    ).fit(X, y)
    assert search.best_estimator_["model"].sequences == RAIN
    best = search.best_estimator_
    assert_allclose(best["scale"].scale_[:5], np.full(5, best["scale"].scale_[0]))


def scales(chain):
    """The hours that a fitted chain scaled as one variable."""
    scale = pd.Series(chain["scale"].scale_, chain["scale"].feature_names_in_)[HOURS]
    return [name for name in HOURS if (scale == scale[name]).sum() > 1]


@pytest.mark.parametrize("name", ["sequences", "model__sequences"])
@pytest.mark.parametrize("given", ["to the model", "to the pipeline"])
def test_sequences_that_are_set_later_reach_every_step(region, name, given):
    X, y = region
    late = {"rain": HOURS[12:]}
    model = StormModel(RAIN if given == "to the model" else None)
    sequences = "from_model" if given == "to the model" else RAIN
    chain = make_landslide_pipeline(model, sequences=sequences, random_state=0).fit(X, y)
    assert scales(chain) == HOURS
    expected = make_landslide_pipeline(StormModel(late), random_state=0).fit(X, y)
    assert scales(expected) == HOURS[12:]
    # Fitted before or not, changed or searched: no step remembers what was said first.
    search = GridSearchCV(chain, {name: [late]}, cv=2).fit(X, y)
    for changed in (
        clone(chain).set_params(**{name: late}).fit(X, y),
        search.best_estimator_,
        chain.set_params(**{name: late}).fit(X, y),
    ):
        assert changed["model"].sequences == late
        assert scales(changed) == HOURS[12:]
        assert_array_equal(changed.predict_proba(X), expected.predict_proba(X))
    chain.set_params(**{name: None}).fit(X, y)
    assert chain["model"].sequences is None
    assert scales(chain) == []


def test_sequences_set_for_a_model_that_knows_no_time_reach_the_steps(region):
    X, y = region
    chain = make_landslide_pipeline(GaussianNB(), random_state=0).fit(X, y)
    assert scales(chain) == []
    search = GridSearchCV(chain, {"sequences": [RAIN]}, cv=2, error_score="raise").fit(X, y)
    told = make_landslide_pipeline(GaussianNB(), sequences=RAIN, random_state=0).fit(X, y)
    assert_array_equal(search.predict_proba(X), told.predict_proba(X))


def test_fit_leaves_the_parameters_of_the_steps_as_they_are(region, tmp_path):
    X, y = region
    for memory in (None, str(tmp_path)):
        chain = make_landslide_pipeline(
            GaussianNB(), sequences=RAIN, memory=memory, random_state=0
        ).fit(X, y)
        assert scales(chain) == HOURS
        for step in ("impute", "scale", "mrmr", "resample"):
            assert chain[step].sequences is None
    # Nor does a fit that fails leave anything behind.
    with pytest.raises(ValueError, match="names 'rain_000', which is not a column"):
        chain.fit(X.drop(columns="rain_000"), y)
    assert chain["impute"].sequences is None


def test_a_cache_tells_sequences_apart(region, tmp_path):
    X, y = region
    chain = make_landslide_pipeline(GaussianNB(), memory=str(tmp_path), random_state=0).fit(X, y)
    plain = chain.predict_proba(X)
    told = clone(chain).set_params(sequences=RAIN).fit(X, y)
    assert scales(told) == HOURS
    assert not np.array_equal(told.predict_proba(X), plain)
    assert_array_equal(clone(chain).fit(X, y).predict_proba(X), plain)


def test_a_step_with_sequences_of_its_own_keeps_them(region):
    X, y = region
    late = {"rain": HOURS[12:]}
    steps = [
        ("sums", RainfallSums([6, 24], keep_hours=True)),
        ("impute", FactorImputer()),
        ("scale", FactorScaler(late)),
        ("resample", FactorSMOTE(random_state=0)),
        ("model", StormModel()),
    ]
    chain = LandslidePipeline(steps, sequences=RAIN).fit(X, y)
    assert scales(chain) == HOURS[12:]
    assert chain["scale"].sequences == late
    assert_allclose(
        chain["impute"].transform(chain[:1].transform(X)).loc[3, "rain_010"],
        X.loc[3, ["rain_009", "rain_011"]].mean(),
    )
    # A model that was given none learns them in a copy, a step that makes columns never.
    assert chain["model"].sequences == RAIN
    assert steps[-1][1].sequences is None
    assert chain["sums"].sequences is None


def test_a_part_of_a_chain_knows_the_sequences_of_the_whole(region):
    X, y = region
    for chain in (
        make_landslide_pipeline(StormModel(RAIN), random_state=0),
        make_landslide_pipeline(GaussianNB(), sequences=RAIN, random_state=0),
    ):
        part = clone(chain[:3]).fit(X, y)
        assert scales(part) == HOURS
        whole = chain.fit(X, y)
        assert_array_equal(part.transform(X)[HOURS], whole[:3].transform(X)[HOURS])
        assert whole[2:].sequences == whole.sequences


def test_a_judged_sequence_may_go_where_the_model_needs_none(region):
    X, y = region
    # Rain of another place tells nothing.
    X[HOURS] = X[HOURS].sample(frac=1, random_state=0).to_numpy()
    forest = RandomForestClassifier(20, random_state=0)
    chain = make_landslide_pipeline(
        forest, sequences=RAIN, n_features_to_select=1, random_state=0
    ).set_params(mrmr__sequence_blocks="judge")
    with pytest.warns(UserWarning, match="sequences has 'rain', of which the table has no column"):
        chain.fit(X, y)
    assert chain[:4].get_feature_names_out().tolist() == ["slope"]
    assert chain["model"].n_features_in_ == 1


def test_another_text_is_refused():
    with pytest.raises(ValueError, match="sequences must be 'from_model', a dict or None, got 'r"):
        make_landslide_pipeline(GaussianNB(), sequences="rain")


def test_a_missing_hour_of_the_model_is_said_before_the_model_is_fitted(region):
    X, y = region
    with pytest.raises(ValueError, match="names 'rain_003', which is not a column") as caught:
        make_landslide_pipeline(StormModel(RAIN)).fit(X.drop(columns="rain_003"), y)
    assert "\n" not in str(caught.value)


def test_a_given_model_that_reads_time_is_told_in_a_copy():
    silent, other = StormModel(), StormModel({"a": ["b"]})
    told = make_landslide_pipeline(silent, sequences=RAIN)
    assert told["model"].sequences == step_sequences(told, told["impute"]) == RAIN
    assert silent.sequences is None
    assert make_landslide_pipeline(other, sequences=RAIN)["model"] is other


def test_who_is_told_of_sequences():
    knows, silent = StormModel({"a": ["b"]}), StormModel()
    assert tell_sequences(knows, RAIN) is knows
    assert tell_sequences(GaussianNB(), RAIN).get_params() == GaussianNB().get_params()
    assert model_sequences(tell_sequences(silent, RAIN)) == RAIN
    assert silent.sequences is None
    assert tell_sequences(silent, None) is silent


def test_comparison_tells_the_models_that_read_sequences(region):
    X, y = region
    shorter = {"rain": HOURS[12:]}
    models = {
        "told": StormModel(),
        "own": StormModel(shorter),
        "forest": RandomForestClassifier(10, random_state=0),
        "sums": Pipeline(
            [
                ("sums", RainfallSums()),
                ("chain", make_landslide_pipeline(GaussianNB(), random_state=0)),
            ]
        ),
    }
    comparison = compare_models(models, X, y, cv=3, sequences=RAIN, random_state=0)
    used = comparison.inputs.estimators
    in_steps = {name: step_sequences(used[name], used[name]["scale"]) for name in list(used)[:3]}
    assert in_steps == {"told": RAIN, "own": shorter, "forest": RAIN}
    assert used["told"]["model"].sequences == RAIN
    assert used["own"]["model"].sequences == shorter
    assert models["told"].sequences is None
    # Single hours say little, their sum much: that of the model, or that of a step before it.
    auc = comparison.table["roc_auc"]
    assert min(auc["told"], auc["sums"]) > 0.75 > max(auc["own"], auc["forest"])
    by_params = compare_models(
        models, X, y, cv=3, pipeline_params={"sequences": RAIN}, random_state=0
    )
    pd.testing.assert_frame_equal(by_params.predictions, comparison.predictions)


class Unfit(GaussianNB):
    """Reports that it was fitted."""

    def fit(self, X, y):
        raise AssertionError("fitted")


@pytest.mark.parametrize(
    ("sequences", "message"),
    [
        ({"rain": [*HOURS, "rain_024"]}, "names 'rain_024', which is not a column"),
        ({"rain": ["rain_000", "soil"]}, "holds 'soil', which is a category"),
        ({"rain": [0, 1]}, "gives positions, but the table has column names"),
        ({"rain": ["empty"]}, "the sequence from 'empty' to 'empty' has no value in any of 240"),
        (HOURS, "sequences must be a dict of column lists by group, got list"),
        ("rain", "sequences must be 'from_model', a dict or None, got 'rain'"),
    ],
)
def test_comparison_refuses_wrong_sequences_before_it_fits(region, sequences, message):
    X, y = region
    X["empty"] = np.nan if sequences == {"rain": ["empty"]} else 0.0
    with pytest.raises(ValueError, match=message) as caught:
        compare_models({"NB": Unfit()}, X, y, cv=3, sequences=sequences)
    assert "\n" not in str(caught.value)
    assert not hasattr(caught.value, "__notes__")


def test_comparison_refuses_wrong_sequences_of_a_model_and_of_an_array(region):
    X, y = region
    models = {"NB": Unfit(), "storms": StormModel({"rain": ["rain_999"]})}
    with pytest.raises(ValueError, match="names 'rain_999', which is not a column"):
        compare_models(models, X, y, cv=3)
    with pytest.raises(ValueError, match="names 'x99', which is not a column"):
        array = X.astype(float).to_numpy()
        compare_models({"NB": Unfit()}, array, y, cv=3, sequences={"rain": [0, 99]})


def test_an_hour_without_any_value_is_filled_along_time_in_a_comparison_too(region):
    X, y = region
    models = {"forest": RandomForestClassifier(10, random_state=0)}
    expected = X.assign(rain_010=X[["rain_009", "rain_011"]].mean(axis=1))
    scores = [
        compare_models(models, table, y, cv=3, sequences=RAIN, random_state=0).predictions
        for table in (X.assign(rain_010=np.nan), expected)
    ]
    assert_allclose(scores[0]["forest"], scores[1]["forest"])
    # As a factor of its own it is still an empty column.
    with pytest.raises(ValueError, match="column 'rain_010' has no value in any of 240 rows"):
        compare_models(models, X.assign(rain_010=np.nan), y, cv=3)


def test_comparison_leaves_sequences_of_columns_that_a_step_makes_alone(region):
    X, y = region
    chain = make_landslide_pipeline(
        GaussianNB(), sequences={"sums": ["rain_sum_6h", "rain_sum_24h"]}, random_state=0
    )
    chain.steps.insert(0, ("sums", RainfallSums([6, 24])))
    with pytest.warns(UndeclaredNodataWarning, match="'rain_007' has -9999 in 1 of"):
        comparison = compare_models({"sums": chain}, X, y, cv=3, random_state=0)
    assert len(comparison.table) == 1
