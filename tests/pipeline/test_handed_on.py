"""Between the steps and from other estimators: tables keep their categories, rows their values."""

import numpy as np
import pandas as pd
import polars
import pytest
from imblearn.ensemble import BalancedBaggingClassifier
from numpy.testing import assert_array_equal
from sklearn import config_context
from sklearn.base import clone
from sklearn.ensemble import BaggingClassifier, HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.model_selection import GridSearchCV, GroupKFold, cross_validate
from sklearn.preprocessing import StandardScaler
from sklearn.semi_supervised import SelfTrainingClassifier

from sklearn_landslide import make_landslide_pipeline
from sklearn_landslide.pipeline import LandslidePipeline


def coded_table(n=240):
    """Quantities, and a rock whose number says nothing by its size."""
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"slope": rng.normal(30, 9, n), "twi": rng.normal(6, 2, n)})
    X["rock"] = rng.integers(1, 6, n)
    y = (X["slope"] / 9 + 2 * X["rock"].isin([1, 4]) + rng.logistic(size=n) > 4.5).astype(int)
    return X.astype({"rock": "category"}), y


@pytest.mark.parametrize("output", ["default", "pandas", "polars"])
@pytest.mark.parametrize(
    "model",
    [
        LogisticRegression(),
        HistGradientBoostingClassifier(categorical_features="from_dtype", max_iter=5),
    ],
    ids=["coded", "categories"],
)
def test_the_kind_of_output_changes_no_probability(output, model):
    X, y = coded_table()
    plain = make_landslide_pipeline(model, random_state=0).fit(X, y)
    told = clone(plain).set_output(transform=output).fit(X, y)
    assert_array_equal(told.predict_proba(X), plain.predict_proba(X))
    again = clone(plain).fit(X, y).set_output(transform=output)
    assert_array_equal(again.predict_proba(X), plain.predict_proba(X))


@pytest.mark.parametrize("codes", [[1, 2, 3, 4, 5], list("abcde")], ids=["numbers", "text"])
def test_a_pipeline_of_transformers_returns_what_was_asked_for(codes):
    X, y = coded_table()
    X["rock"] = X["rock"].cat.rename_categories(codes)
    model = HistGradientBoostingClassifier(categorical_features="from_dtype", max_iter=2)
    pipeline = make_landslide_pipeline(model, resample=None).fit(X, y)
    rocks = X["rock"].tolist()
    frame = pipeline[:-1].transform(X)
    assert frame["rock"].dtype == "category" and frame["rock"].tolist() == rocks
    array = pipeline.set_output(transform="default")[:-1].transform(X)
    assert type(array) is np.ndarray and array[:, 2].tolist() == rocks
    assert_array_equal(array[:, :2].astype(float), frame[["slope", "twi"]])
    table = pipeline.set_output(transform="polars")[:-1].transform(X)
    assert type(table) is polars.DataFrame and table.columns == list(X)
    assert table["rock"].to_list() == rocks
    assert_array_equal(table["slope"].to_numpy(), frame["slope"])
    assert type(clone(pipeline[:-1]).fit_transform(X, y)) is polars.DataFrame
    assert type(pipeline.set_output(transform="pandas")[:-1].transform(X)) is pd.DataFrame


def test_plain_steps_follow_the_output_that_was_asked_for():
    X, y = coded_table()
    X = X[["slope", "twi"]]
    pipeline = LandslidePipeline([("scale", StandardScaler()), ("model", LogisticRegression())])
    assert type(pipeline.fit(X, y)[:-1].transform(X)) is np.ndarray
    assert type(pipeline.set_output(transform="pandas")[:-1].transform(X)) is pd.DataFrame
    assert type(pipeline.set_output(transform="default")[:-1].transform(X)) is np.ndarray


def test_a_method_that_the_model_lacks_is_not_there():
    pipeline = LandslidePipeline([("scale", StandardScaler())])
    for method in ("predict", "predict_proba", "predict_log_proba", "decision_function", "score"):
        assert not hasattr(pipeline, method)
    assert hasattr(pipeline, "transform")
    pipeline = LandslidePipeline([("scale", StandardScaler()), ("model", RidgeClassifier())])
    assert hasattr(pipeline, "predict") and hasattr(pipeline, "decision_function")
    assert not hasattr(pipeline, "predict_proba") and not hasattr(pipeline, "transform")


@pytest.mark.parametrize(
    "ensemble",
    [
        lambda model: BaggingClassifier(model, n_estimators=1),
        lambda model: BalancedBaggingClassifier(model, n_estimators=1),
        SelfTrainingClassifier,
    ],
    ids=["bagging", "balanced bagging", "self training"],
)
def test_codes_in_an_array_are_not_taken_as_quantities_without_a_word(ensemble):
    X, y = coded_table()
    if ensemble is SelfTrainingClassifier:
        y[-5:] = -1
    pipeline = make_landslide_pipeline(LogisticRegression(), resample=None)
    with pytest.warns(
        UserWarning, match=r"in column 2, .*set categorical_features=\[2\] in make"
    ) as found:
        ensemble(pipeline).fit(X, y)
    assert "\n" not in str(found[0].message)
    # Both remedies, and neither is told of a table.
    named = ensemble(
        make_landslide_pipeline(LogisticRegression(), categorical_features=[2], resample=None)
    )
    named.fit(X, y)
    (inner, *_) = getattr(named, "estimators_", None) or [named.estimator_]
    while not isinstance(inner, LandslidePipeline):
        inner = inner.steps[-1][1]
    assert len(inner["model"].coef_[0]) == 2 + 5
    ensemble(
        make_landslide_pipeline(LogisticRegression(), categorical_features=None, resample=None)
    ).fit(X, y)
    pipeline.fit(X, y)


def test_quantities_in_an_array_raise_no_warning():
    X, y = coded_table()
    array = (
        X[["slope", "twi"]].assign(flag=X["slope"] > 30, count=np.arange(len(X))).to_numpy(float)
    )
    array[3, 1] = np.nan
    make_landslide_pipeline(LogisticRegression(), resample=None).fit(array, y)


@pytest.fixture
def routing():
    with config_context(enable_metadata_routing=True):
        yield


def test_groups_reach_a_search_inside_and_outside(routing):
    X, y = coded_table()
    groups = np.arange(len(X)) % 4
    grid, cv = {"C": [0.1, 1.0]}, GroupKFold(4)
    inside = make_landslide_pipeline(
        GridSearchCV(LogisticRegression(), grid, cv=cv), resample=None
    ).fit(X, y, groups=groups)
    assert inside["model"].n_splits_ == 4
    chain = make_landslide_pipeline(LogisticRegression(), random_state=0)
    outside = GridSearchCV(chain, {"model__C": [0.1, 1.0]}, cv=cv).fit(X, y, groups=groups)
    assert outside.n_splits_ == 4
    scores = cross_validate(chain, X, y, cv=cv, params={"groups": groups})["test_score"]
    expected = [
        clone(chain).fit(X.iloc[train], y[train]).score(X.iloc[test], y[test])
        for train, test in cv.split(X, y, groups)
    ]
    assert_array_equal(scores, expected)


def test_groups_of_rows_that_were_resampled_are_refused(routing):
    X, y = coded_table()
    model = GridSearchCV(LogisticRegression(), {"C": [1.0]}, cv=GroupKFold(4))
    pipeline = make_landslide_pipeline(model, random_state=0)
    with pytest.raises(
        ValueError, match=r"groups has a value for each of the 240 rows.*resample=None"
    ):
        pipeline.fit(X, y, groups=np.arange(len(X)) % 4)


def test_weights_that_no_step_asked_for_are_refused_in_the_score(routing):
    X, y = coded_table()
    weight = np.r_[np.ones(100), np.zeros(len(X) - 100)]
    pipeline = make_landslide_pipeline(LogisticRegression(), random_state=0).fit(X, y)
    with pytest.raises(ValueError, match="not explicitly set as requested"):
        pipeline.score(X, y, sample_weight=weight)
    pipeline["model"].set_score_request(sample_weight=True)
    expected = (pipeline.predict(X)[:100] == y[:100]).mean()
    assert pipeline.score(X, y, sample_weight=weight) == pytest.approx(expected)
