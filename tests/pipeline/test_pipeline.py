import pickle

import numpy as np
import pandas as pd
import polars as pl
import pytest
from imblearn.over_sampling import RandomOverSampler
from imblearn.pipeline import Pipeline
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import GaussianNB
from sklearn.svm import SVC
from sklearn.utils import get_tags

import sklearn_landslide
from sklearn_landslide import make_landslide_pipeline
from sklearn_landslide.pipeline import LandslidePipeline, takes_categories
from sklearn_landslide.preprocessing import FactorScaler

CHAIN = ["range", "impute", "scale", "mrmr", "resample", "model"]


@pytest.fixture
def region():
    """A table with quantities, categories of numbers and of text, gaps and one nodata code."""
    rng = np.random.default_rng(0)
    n = 150
    slope, rainfall, twi = rng.uniform(0, 60, n), rng.gamma(4, 20, n), rng.normal(6, 2, n)
    soil, rock = rng.integers(1, 5, n), rng.choice(["granite", "shale", "tuff"], n)
    risk = slope / 15 + rainfall / 60 + (rock == "shale") - 0.2 * twi + rng.logistic(size=n)
    X = pd.DataFrame(
        {
            "soil": pd.Categorical(soil),
            "slope": slope,
            "rock": pd.Categorical(rock),
            "rainfall": rainfall,
            "twi": twi,
        }
    )
    X.loc[3, "slope"] = -9999.0
    X.loc[[5, 9], "twi"] = np.nan
    X.loc[7, "rock"] = np.nan
    return X, (risk > np.quantile(risk, 0.7)).astype(int)


def test_steps_have_the_names_of_the_chain():
    chain = make_landslide_pipeline(HistGradientBoostingClassifier())
    assert isinstance(chain, Pipeline)
    assert list(chain.named_steps) == CHAIN
    coded = make_landslide_pipeline(RandomForestClassifier())
    assert list(coded.named_steps) == [*CHAIN[:-1], "encode", "model"]


def test_each_step_does_its_part(region):
    X, y = region
    chain = make_landslide_pipeline(HistGradientBoostingClassifier(), random_state=0).fit(X, y)
    cleaned = chain[:1].transform(X)
    assert np.isnan(cleaned.loc[3, "slope"])
    filled = chain[:2].transform(X)
    assert filled.loc[3, "slope"] == cleaned["slope"].median()
    assert filled.loc[5, "twi"] == X["twi"].median()
    assert filled.loc[7, "rock"] == X["rock"].mode()[0]
    scaled = chain[:3].transform(X)
    quantities = scaled[["slope", "rainfall", "twi"]]
    assert_allclose(quantities.mean(), 0, atol=1e-12)
    assert_allclose(quantities.std(ddof=0), 1)
    assert_array_equal(scaled["soil"].astype(int), X["soil"].astype(int))
    assert [str(dtype) for dtype in scaled[["soil", "rock"]].dtypes] == ["category"] * 2


def test_resampling_makes_new_rows_in_fit_only_and_only_with_real_categories(region):
    X, y = region
    seen = {}

    class Witness(GaussianNB):
        def fit(self, X, y):
            seen["X"], seen["y"] = X, y
            return super().fit(X[["slope", "twi"]], y)

        def predict_proba(self, X):
            return super().predict_proba(X[["slope", "twi"]])

    chain = make_landslide_pipeline(Witness(), encode=False, random_state=0).fit(X, y)
    assert_array_equal(np.bincount(seen["y"]), [105, 105])
    assert set(seen["X"]["soil"]) == {1, 2, 3, 4}
    assert set(seen["X"]["rock"]) == {"granite", "shale", "tuff"}
    assert list(seen["X"]["rock"].cat.categories) == ["granite", "shale", "tuff"]
    assert len(chain.predict_proba(X)) == 150


def test_factor_names_are_kept_from_end_to_end(region):
    X, y = region
    chain = make_landslide_pipeline(HistGradientBoostingClassifier(), random_state=0).fit(X, y)
    assert chain[:-1].get_feature_names_out().tolist() == list(X)
    coded = make_landslide_pipeline(LogisticRegression(), random_state=0).fit(X, y)
    assert coded[:-1].get_feature_names_out().tolist() == [
        *("slope", "rainfall", "twi"),
        *("soil_1", "soil_2", "soil_3", "soil_4"),
        *("rock_granite", "rock_shale", "rock_tuff"),
    ]
    assert_array_equal(coded[-1].feature_names_in_, coded[:-1].get_feature_names_out())


@pytest.mark.parametrize(
    ("chain", "may_have_gaps"),
    [
        (make_landslide_pipeline(LogisticRegression()), True),
        (LandslidePipeline([("scale", FactorScaler()), ("model", LogisticRegression())]), False),
        (
            LandslidePipeline(
                [("scale", FactorScaler()), ("model", HistGradientBoostingClassifier())]
            ),
            True,
        ),
    ],
    ids=["filled", "not filled", "model takes gaps"],
)
def test_scikit_learn_is_told_whether_missing_values_may_come(region, chain, may_have_gaps):
    assert get_tags(chain).input_tags.allow_nan is may_have_gaps
    X, y = region
    X = X[["slope", "twi"]]
    if may_have_gaps:
        chain.fit(X, y).predict(X)
    else:
        with pytest.raises(ValueError, match="NaN"):
            chain.fit(X, y)


def test_array_factors_are_called_x0_x1():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 3))
    chain = make_landslide_pipeline(GaussianNB(), random_state=0).fit(X, X[:, 0] > 0.5)
    assert chain[:-1].get_feature_names_out().tolist() == ["x0", "x1", "x2"]


@pytest.mark.parametrize("form", ["names", "positions", "mask", "array", "array_names", "polars"])
def test_every_way_to_name_categories_gives_the_same_probabilities(region, form):
    X, y = region
    X = X.assign(rock=X["rock"].cat.codes.astype(float), soil=X["soil"].astype(float))
    typed = X.astype({"soil": "category", "rock": "category"})
    model = RandomForestClassifier(10, random_state=0)
    expected = make_landslide_pipeline(model, random_state=0).fit(typed, y).predict_proba(typed)
    categorical, table = {
        "names": (["soil", "rock"], X),
        "positions": ([0, 2], X),
        "mask": ([True, False, True, False, False], X),
        "array": ([0, 2], X.to_numpy()),
        "array_names": (["x0", "x2"], X.to_numpy()),
        "polars": (["soil", "rock"], pl.DataFrame({name: X[name].to_numpy() for name in X})),
    }[form]
    # The bounds by name do not exist for an array.
    bounds = {1: (0, 90)} if form.startswith("array") else "field"
    chain = make_landslide_pipeline(
        model, bounds=bounds, categorical_features=categorical, random_state=0
    )
    assert_array_equal(chain.fit(table, y).predict_proba(table), expected)


@pytest.mark.parametrize(
    "model, takes",
    [
        (HistGradientBoostingClassifier(), True),
        (HistGradientBoostingClassifier(categorical_features=np.array([True, False])), False),
        (RandomForestClassifier(), False),
        (SVC(), False),
    ],
)
def test_only_models_that_read_category_dtype_get_it(model, takes):
    assert takes_categories(model) is takes


def test_model_with_enable_categorical_gets_category_dtype():
    class Booster(LogisticRegression):
        def __init__(self, enable_categorical=False):
            self.enable_categorical = enable_categorical
            super().__init__()

    assert takes_categories(Booster(enable_categorical=True))
    assert not takes_categories(Booster())


@pytest.mark.parametrize(
    "model",
    [
        RandomForestClassifier(10, random_state=0),
        HistGradientBoostingClassifier(random_state=0),
        LogisticRegression(),
        GaussianNB(),
        CalibratedClassifierCV(SVC(), ensemble=False, cv=2),
    ],
    ids=lambda model: type(model).__name__,
)
def test_any_classifier_finds_the_signal_and_takes_unseen_categories(region, model):
    X, y = region
    chain = make_landslide_pipeline(model, random_state=0).fit(X, y)
    assert chain.score(X, y) > 0.75
    foreign = X.astype({"soil": int, "rock": object})
    foreign.loc[:, "soil"], foreign.loc[:, "rock"] = 99, "basalt"
    foreign = foreign.astype({"soil": "category", "rock": "category"})
    assert np.isfinite(chain.predict_proba(foreign)).all()


def test_unseen_category_is_none_of_the_known_ones(region):
    X, y = region
    chain = make_landslide_pipeline(LogisticRegression(), random_state=0).fit(X, y)
    foreign = X.iloc[:4].assign(soil=pd.Categorical([98, 1, 98, 4]))
    coded = chain[:-1].transform(foreign)
    soil = coded[["soil_1", "soil_2", "soil_3", "soil_4"]].to_numpy()
    assert_array_equal(soil, [[0] * 4, [1, 0, 0, 0], [0] * 4, [0, 0, 0, 1]])


def test_grid_search_over_mrmr_resampling_and_model(region):
    X, y = region
    search = GridSearchCV(
        make_landslide_pipeline(LogisticRegression(max_iter=500), random_state=0),
        {
            "mrmr__n_features_to_select": [2, 5],
            "resample": ["passthrough", RandomOverSampler(random_state=0)],
            "model__C": [0.1, 1.0],
        },
        cv=3,
        scoring="roc_auc",
        error_score="raise",
    )
    search.fit(X, y)
    assert search.best_score_ > 0.75
    search.set_params(param_grid={"resample__k_neighbors": [2, 4]})
    assert search.fit(X, y).best_params_["resample__k_neighbors"] in (2, 4)


def test_mrmr_keeps_what_it_is_told(region):
    X, y = region
    chain = make_landslide_pipeline(
        GaussianNB(), n_features_to_select=2, always_keep=["twi"], random_state=0
    ).fit(X, y)
    names = chain[:-1].get_feature_names_out().tolist()
    assert "twi" in names
    assert len({name.partition("_")[0] for name in names}) == 2


@pytest.mark.parametrize("resample", [None, False])
def test_resampling_can_be_left_out(region, resample):
    X, y = region
    chain = make_landslide_pipeline(LogisticRegression(), resample=resample).fit(X, y)
    assert chain.predict_proba(X)[:, 1].mean() == pytest.approx(y.mean(), abs=0.01)
    balanced = make_landslide_pipeline(
        LogisticRegression(), correct_prior=False, random_state=0
    ).fit(X, y)
    assert balanced.predict_proba(X)[:, 1].mean() > y.mean() + 0.05


def test_correction_of_the_prior_reaches_the_pipeline():
    chain = make_landslide_pipeline(GaussianNB(), correct_prior=False, prevalence=0.02)
    assert isinstance(chain, LandslidePipeline)
    assert (chain.correct_prior, chain.prevalence) == (False, 0.02)
    default = make_landslide_pipeline(GaussianNB())
    assert (default.correct_prior, default.prevalence) == (True, None)


def test_every_import_path_is_still_there():
    from sklearn_landslide.pipeline import (
        check_classifier,
        make_landslide_pipeline,
        takes_categories,
    )

    assert check_classifier(GaussianNB(), "model") is None
    assert takes_categories(GaussianNB()) is False
    assert make_landslide_pipeline is sklearn_landslide.make_landslide_pipeline


def test_own_sampler_is_used():
    sampler = RandomOverSampler(random_state=0)
    assert make_landslide_pipeline(GaussianNB(), resample=sampler)["resample"] is sampler


def test_same_seed_same_probabilities_and_global_state_untouched(region):
    X, y = region
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    model = LogisticRegression()
    first, second = (
        make_landslide_pipeline(model, random_state=seed).fit(X, y).predict_proba(X)
        for seed in (3, 3)
    )
    other = make_landslide_pipeline(model, random_state=4).fit(X, y).predict_proba(X)
    assert_array_equal(first, second)
    assert not np.array_equal(first, other)
    drawn, again = (
        make_landslide_pipeline(model, random_state=np.random.RandomState(5)) for _ in range(2)
    )
    assert drawn["resample"].random_state == again["resample"].random_state
    assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002


@pytest.mark.parametrize("categorical", [["soil", "rock"], [0, 2], np.array([1, 0, 1, 0, 0]) > 0])
def test_clone_set_params_and_pickle(region, categorical):
    X, y = region
    chain = make_landslide_pipeline(
        LogisticRegression(), categorical_features=categorical, random_state=0
    )
    chain.set_params(model__C=0.5, range__action="clip", impute__strategy="mean")
    copy = clone(chain).fit(X, y)
    assert copy["model"].C == 0.5
    again = pickle.loads(pickle.dumps(copy))
    assert_array_equal(again.predict_proba(X), copy.predict_proba(X))


def test_memory_gives_the_same_result(region, tmp_path):
    X, y = region
    plain = make_landslide_pipeline(LogisticRegression(), random_state=0).fit(X, y)
    for _ in range(2):
        cached = make_landslide_pipeline(
            LogisticRegression(), random_state=0, memory=str(tmp_path)
        ).fit(X, y)
        assert_array_equal(cached.predict_proba(X), plain.predict_proba(X))
    assert any(tmp_path.rglob("*.pkl"))


def test_string_labels(region):
    X, y = region
    labels = np.where(y == 1, "slide", "none")
    chain = make_landslide_pipeline(LogisticRegression(), random_state=0)
    by_text = chain.fit(X, labels)
    assert by_text.classes_.tolist() == ["none", "slide"]
    by_number = clone(chain).fit(X, y)
    assert_allclose(by_text.predict_proba(X), by_number.predict_proba(X))


@pytest.mark.parametrize("model", [LogisticRegression, "forest", 3])
def test_model_that_is_no_classifier_is_refused(model):
    with pytest.raises(TypeError, match="model must be a scikit-learn classifier, got"):
        make_landslide_pipeline(model)


def test_undeclared_text_is_named(region):
    X, y = region
    chain = make_landslide_pipeline(GaussianNB(), categorical_features=["soil"])
    with pytest.raises(ValueError, match="'rock' is not numeric"):
        chain.fit(X, y)


def test_default_model_is_landslide_net_with_the_seed_and_reads_categories():
    chain = make_landslide_pipeline(random_state=7)
    assert type(chain["model"]).__name__ == "LandslideNet"
    assert chain["model"].random_state == 7
    assert list(chain.named_steps) == CHAIN
    chain.set_params(model__lr=1e-3, model__module__lstm_hidden=32)
    assert chain["model"].get_params()["module__lstm_hidden"] == 32


def test_default_model_is_searched_by_its_own_parameters(region):
    X, y = region
    grid = {
        "model__lr": [1e-3, 6e-3],
        "model__module__lstm_hidden": [8],
        "mrmr__n_features_to_select": [3],
    }
    chain = make_landslide_pipeline(random_state=0).set_params(model__max_epochs=2)
    search = GridSearchCV(chain, grid, cv=2, scoring="roc_auc", error_score="raise").fit(X, y)
    assert search.best_estimator_["model"].module__lstm_hidden == 8
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()


def test_default_model_takes_unseen_categories(region):
    X, y = region
    chain = make_landslide_pipeline(random_state=0).set_params(model__max_epochs=2).fit(X, y)
    foreign = X.assign(soil=pd.Categorical([99] * len(X)), rock=pd.Categorical(["lava"] * len(X)))
    assert np.isfinite(chain.predict_proba(foreign)).all()


@pytest.mark.parametrize("model", [LogisticRegression(), HistGradientBoostingClassifier()])
def test_table_of_categories_only(region, model):
    X, y = region
    chain = make_landslide_pipeline(model, random_state=0).fit(X[["soil", "rock"]], y)
    assert type(chain["resample"].sampler_).__name__ == "SMOTEN"
    assert chain.predict_proba(X[["soil", "rock"]])[:, 1].std() > 0


def test_factor_that_is_empty_in_the_training_rows_is_dropped(region):
    X, y = region
    chain = make_landslide_pipeline(GaussianNB(), random_state=0)
    chain.fit(X.assign(twi=np.nan), y)
    assert "twi" not in chain[:-1].get_feature_names_out()
    assert np.isfinite(chain.predict_proba(X)).all()


def test_bad_encode_is_refused():
    with pytest.raises(ValueError, match="encode must be 'auto', True or False, got 'yes'"):
        make_landslide_pipeline(GaussianNB(), encode="yes")


def test_real_table_with_categories(real_data):
    X = pd.read_csv(real_data / "yongxin_slope_units.csv").iloc[::4]
    y = X.pop("landslide")
    categorical = ["soil", "landuse", "lithology"]
    chain = make_landslide_pipeline(
        HistGradientBoostingClassifier(random_state=0),
        categorical_features=categorical,
        random_state=0,
    )
    train = np.arange(len(X)) % 2 == 0
    probability = chain.fit(X[train], y[train]).predict_proba(X[~train])[:, 1]
    landslide = (y[~train] == 1).to_numpy()
    assert probability[landslide].mean() > 2 * probability[~landslide].mean()
    assert set(chain[:-1].get_feature_names_out()) == set(X)
