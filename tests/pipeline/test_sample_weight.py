"""Weights of rows through the whole pipeline, and who refuses them."""

import numpy as np
import pandas as pd
import pytest
import sklearn
from imblearn.over_sampling import ADASYN
from imblearn.pipeline import Pipeline as ImbalancedPipeline
from imblearn.under_sampling import RandomUnderSampler
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.calibration import CalibratedClassifierCV
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, KFold
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_landslide import compare_models, make_landslide_pipeline
from sklearn_landslide.model_selection import out_of_fold
from sklearn_landslide.over_sampling import FactorSMOTE


@pytest.fixture(scope="module")
def table():
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(160, 3)), columns=["a", "b", "c"])
    X["soil"] = pd.Categorical(rng.integers(3, size=160))
    y = (X["a"] + rng.normal(size=160) > 0.8).astype(int).to_numpy()
    return X, y, rng.uniform(0.2, 1, size=160)


class SeesWeights(LogisticRegression):
    def fit(self, X, y, sample_weight=None):
        self.seen_ = sample_weight
        return super().fit(X, y, sample_weight)


@pytest.mark.parametrize("kind", ["quantities", "categories too", "series"])
def test_a_new_row_weighs_what_lies_between_its_parents(table, kind):
    X, y, weight = table
    X = X.assign(weight=weight)
    # A factor that is the weight shows by what fraction the row lies between the two.
    X = X if kind == "categories too" else X.drop(columns="soil")
    sequences = {"rain": ["b", "c"]} if kind == "series" else None
    sampler = FactorSMOTE(random_state=0, sequences=sequences)
    resampled, labels = sampler.fit_resample(X, y, weight)
    assert len(labels) > len(y)
    assert_array_equal(sampler.sample_weight_[: len(y)], weight)
    assert_allclose(sampler.sample_weight_, resampled["weight"])
    again, _ = sampler.fit_resample(X, y)
    pd.testing.assert_frame_equal(again, resampled)
    assert not hasattr(sampler, "sample_weight_")


def test_new_rows_of_categories_alone_weigh_what_their_class_does(table):
    X, y, weight = table
    sampler = FactorSMOTE(random_state=0)
    sampler.fit_resample(X[["soil"]].assign(rock=X["soil"]), y, weight)
    assert_allclose(sampler.sample_weight_[len(y) :], weight[y == 1].mean())


def test_the_model_gets_the_weights_of_its_rows(table):
    X, y, weight = table
    pipeline = make_landslide_pipeline(SeesWeights(), random_state=0).fit(
        X, y, sample_weight=weight
    )
    assert_array_equal(pipeline["model"].seen_, pipeline["resample"].sample_weight_)
    assert_array_equal(pipeline["model"].seen_[: len(y)], weight)
    chosen = RandomUnderSampler(random_state=0)
    pipeline = make_landslide_pipeline(SeesWeights(), resample=chosen, random_state=0)
    pipeline.fit(X, y, sample_weight=weight)
    assert_array_equal(pipeline["model"].seen_, weight[pipeline["resample"].sample_indices_])


@pytest.mark.parametrize("resample", [True, None])
def test_a_weight_of_zero_gives_the_bits_of_a_table_without_the_row(table, resample):
    X, y, weight = table
    keep = np.arange(len(y)) % 5 > 0
    spoiled = X.copy()
    spoiled.loc[~keep, "a"] = 1e6

    def fitted(*rows):
        pipeline = make_landslide_pipeline(SeesWeights(), resample=resample, random_state=0)
        return pipeline.fit(*rows[:2], sample_weight=rows[2])

    whole, part = fitted(spoiled, y, keep * weight), fitted(X[keep], y[keep], weight[keep])
    assert_array_equal(whole.predict_proba(X), part.predict_proba(X))
    assert whole.sample_prior_ == part.sample_prior_


def test_equal_weights_change_nothing(table):
    X, y, _ = table
    weighted = make_landslide_pipeline(LogisticRegression(), random_state=0)
    plain = make_landslide_pipeline(LogisticRegression(), random_state=0).fit(X, y)
    weighted.fit(X, y, sample_weight=np.ones(len(y)))
    assert_allclose(weighted.predict_proba(X), plain.predict_proba(X), rtol=1e-6)


def test_with_routing_a_model_asks_for_its_weights(table):
    X, y, weight = table
    with sklearn.config_context(enable_metadata_routing=True):
        pipeline = make_landslide_pipeline(
            SeesWeights().set_fit_request(sample_weight=True), random_state=0
        ).fit(X, y, sample_weight=weight)
    assert_array_equal(pipeline["model"].seen_, pipeline["resample"].sample_weight_)


@pytest.mark.parametrize(
    ("model", "resample", "message"),
    [
        (KNeighborsClassifier(), None, "KNeighborsClassifier takes no sample_weight"),
        (
            CalibratedClassifierCV(KNeighborsClassifier()),
            None,
            "KNeighborsClassifier takes no sample_weight",
        ),
        (
            CalibratedClassifierCV(make_pipeline(StandardScaler(), LogisticRegression())),
            None,
            "hands no sample_weight to the pipeline inside it",
        ),
        (LogisticRegression(), ADASYN(random_state=0), "ADASYN makes rows without saying"),
    ],
)
def test_what_cannot_honor_weights_is_refused_in_one_line(table, model, resample, message):
    X, y, weight = table
    pipeline = make_landslide_pipeline(model, resample=resample, encode=False)
    with pytest.raises(ValueError, match=message) as caught:
        pipeline.fit(X[["a", "b"]], y, sample_weight=weight)
    assert "\n" not in str(caught.value)


def test_folds_are_fitted_to_the_weighted_rows_and_scored_unweighted(table):
    X, y, weight = table
    numbers, weight = X[["a", "b"]], np.where(np.arange(len(y)) % 3 == 0, 0, weight)
    splits = list(KFold(2).split(numbers))
    models = {
        "bare": LogisticRegression(),
        "pipeline": make_pipeline(StandardScaler(), LogisticRegression()),
        "search": GridSearchCV(LogisticRegression(), {"C": [1.0]}, cv=2),
    }
    for name, model in models.items():
        folds = out_of_fold(
            model, numbers, y, splits, sample_weight=weight, scoring="accuracy", n_jobs=None
        )
        train, test = splits[0]
        kept = train[weight[train] > 0]
        step = {"pipeline": "logisticregression__"}.get(name, "")
        expected = sklearn.base.clone(model).fit(
            numbers.iloc[kept], y[kept], **{f"{step}sample_weight": weight[kept]}
        )
        assert folds[0].scores == expected.score(numbers.iloc[test], y[test])
    with pytest.raises(ValueError, match="with a sampler cannot weigh its rows"):
        chain = ImbalancedPipeline([("sample", FactorSMOTE()), ("model", LogisticRegression())])
        out_of_fold(chain, numbers, y, splits, sample_weight=weight)


def test_a_comparison_weighs_the_rows_of_every_model(table):
    X, y, weight = table
    models = {"LR": LogisticRegression()}
    half = np.where(np.arange(len(y)) < 80, weight, 0)
    compared = compare_models(models, X, y, sample_weight=half, random_state=0, cv=3)
    probability = compared.predictions["LR"].to_numpy()
    plain = compare_models(models, X, y, random_state=0, cv=3).predictions["LR"].to_numpy()
    assert np.abs(probability - plain).max() > 0.01
    assert not np.isnan(probability).any()
    with pytest.raises(ValueError, match="model 'KNN': KNeighborsClassifier takes no"):
        compare_models({"KNN": KNeighborsClassifier()}, X, y, sample_weight=weight)
    with pytest.raises(ValueError, match="one weight for each row"):
        compare_models(models, X, y, sample_weight=weight[1:])
