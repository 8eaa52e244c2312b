"""Out of fold: each test fold is predicted once, and every score comes from that prediction."""

from collections import Counter
from time import perf_counter

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import make_scorer, roc_auc_score
from sklearn.model_selection import (
    GridSearchCV,
    StratifiedKFold,
    cross_val_predict,
    cross_validate,
)
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from sklearn_landslide import make_landslide_pipeline
from sklearn_landslide._class_counts import real_counts
from sklearn_landslide.model_selection import out_of_fold
from sklearn_landslide.pipeline import LandslidePipeline

CALLS = Counter()
RNG = np.random.default_rng(0)
X = pd.DataFrame(RNG.normal(size=(90, 3)), columns=["a", "b", "c"])
Y = (X["a"] + RNG.normal(size=90) > 0.5).to_numpy(dtype=int)
SPLITS = list(StratifiedKFold(3, shuffle=True, random_state=0).split(X, Y))


class CountingPipeline(LandslidePipeline):
    """A pipeline that counts what it is asked, and for how many rows."""

    def predict_proba(self, X, **params):
        CALLS["predict_proba", len(X)] += 1
        return super().predict_proba(X, **params)

    def decision_function(self, X, **params):
        CALLS["decision_function", len(X)] += 1
        return super().decision_function(X, **params)

    def predict(self, X, **params):
        CALLS["predict", len(X)] += 1
        return super().predict(X, **params)


@pytest.fixture(autouse=True)
def no_calls():
    CALLS.clear()


def counting_pipeline():
    made = make_landslide_pipeline(LogisticRegression(), random_state=0)
    return CountingPipeline(made.steps)


def mean_probability(estimator, X, y):
    return estimator.predict_proba(X)[:, 1].mean()


def first_coefficient(estimator, X, y):
    assert isinstance(estimator, Pipeline)
    return estimator[-1].coef_[0, 0]


def on_half_of_the_rows(estimator, X, y):
    return roc_auc_score(y[::2], estimator.predict_proba(X.iloc[::2])[:, 1])


SCORINGS = {
    "probabilities": ["roc_auc", "average_precision", "neg_brier_score", "neg_log_loss"],
    "one name": "roc_auc",
    "labels": ("accuracy", "f1"),
    "all three": {"a": "roc_auc", "b": "neg_log_loss", "c": "accuracy"},
    "either": make_scorer(roc_auc_score, response_method=("predict_proba", "decision_function")),
    "a function": mean_probability,
    "the other class": {
        "one": make_scorer(roc_auc_score, response_method="predict_proba"),
        "other": mean_probability,
    },
    "a step": first_coefficient,
    "other rows": on_half_of_the_rows,
    "a function of several": lambda estimator, X, y: {"m": mean_probability(estimator, X, y)},
}


@pytest.mark.parametrize("scoring", SCORINGS.values(), ids=SCORINGS)
def test_scores_are_those_of_cross_validate_in_every_form_of_scoring(scoring):
    expected = cross_validate(counting_pipeline(), X, Y, cv=SPLITS, scoring=scoring)
    folds = out_of_fold(counting_pipeline(), X, Y, SPLITS, scoring=scoring)
    for number, fold in enumerate(folds):
        found = fold.scores if isinstance(fold.scores, dict) else {"score": fold.scores}
        assert found == {name: expected[f"test_{name}"][number] for name in found}
        assert set(expected) - {"fit_time", "score_time"} == {f"test_{name}" for name in found}


@pytest.mark.parametrize("method", ["predict_proba", "decision_function", "predict"])
def test_each_test_fold_is_predicted_once_whoever_asks(method):
    scoring = {
        "predict_proba": [*SCORINGS["probabilities"], "accuracy", "f1"],
        "decision_function": ["roc_auc", "average_precision"],
        "predict": ["accuracy", "f1", "recall"],
    }[method]
    folds = out_of_fold(
        counting_pipeline(), X, Y, SPLITS, scoring=scoring, responses=(method, method)
    )
    # `predict` cuts the corrected probability, which it takes from the same prediction.
    also = {"predict": {"predict_proba"}, "predict_proba": {"predict", "decision_function"}}
    assert {name for name, _ in CALLS} <= {method} | also.get(method, set())
    for name, _ in CALLS:
        assert sum(n for (asked, _), n in CALLS.items() if asked == name) == len(SPLITS)
    assert all(method in fold.responses for fold in folds)


def test_a_scorer_that_asks_about_other_rows_gets_an_answer_about_these():
    out_of_fold(
        counting_pipeline(), X, Y, SPLITS, scoring=on_half_of_the_rows, responses=["predict_proba"]
    )
    assert CALLS == {("predict_proba", 30): 3, ("predict_proba", 15): 3}


def test_what_was_not_asked_for_is_not_predicted():
    folds = out_of_fold(counting_pipeline(), X, Y, SPLITS)
    assert not CALLS
    assert [fold.responses for fold in folds] == [{}] * 3
    assert [fold.scores for fold in folds] == [None] * 3


def test_probabilities_are_those_of_cross_val_predict_also_for_unsorted_test_rows():
    splits = [(train, test[::-1]) for train, test in SPLITS]
    pipeline = make_landslide_pipeline(RandomForestClassifier(5, random_state=0), random_state=0)
    expected = cross_val_predict(pipeline, X, Y, cv=splits, method="predict_proba")
    labels = np.array(["none", "slide"])[Y]
    folds = out_of_fold(pipeline, X, labels, splits, responses=["predict_proba"])
    for fold, (_, test) in zip(folds, splits, strict=True):
        assert fold.classes.tolist() == ["none", "slide"]
        np.testing.assert_array_equal(fold.responses["predict_proba"], expected[test])
        np.testing.assert_array_equal(fold.probability("slide"), expected[test, 1])
        np.testing.assert_array_equal(fold.probability("none"), expected[test, 0])


def test_nothing_depends_on_the_number_of_processes():
    one, two = (
        out_of_fold(
            make_landslide_pipeline(LogisticRegression(), random_state=0),
            X,
            Y,
            SPLITS,
            scoring=SCORINGS["all three"],
            keep=share_of_landslides,
            n_jobs=n_jobs,
        )
        for n_jobs in (1, 2)
    )
    for first, second in zip(one, two, strict=True):
        assert first.scores == second.scores
        assert first.kept == second.kept
        assert (
            first.responses.keys()
            == second.responses.keys()
            == {
                "decision_function",
                "predict_proba",
                "predict",
            }
        )
        for name, answer in first.responses.items():
            np.testing.assert_array_equal(answer, second.responses[name])


def share_of_landslides(model, y_train):
    return model.class_prior_[1], float(np.mean(y_train))


def test_what_is_kept_is_of_the_fitted_model_and_its_training_rows():
    pipeline = make_landslide_pipeline(LogisticRegression(), random_state=0)
    folds = out_of_fold(pipeline, X, Y, SPLITS, keep=share_of_landslides)
    expected = [(np.mean(Y[train]),) * 2 for train, _ in SPLITS]
    np.testing.assert_allclose([fold.kept for fold in folds], expected)
    assert not hasattr(pipeline, "sample_prior_")


def test_times_are_those_of_fit_and_of_prediction_with_scores():
    start = perf_counter()
    folds = out_of_fold(LogisticRegression(), X, Y, SPLITS, scoring="roc_auc")
    passed = perf_counter() - start
    assert all(fold.fit_time > 0 and fold.score_time > 0 for fold in folds)
    assert sum(fold.fit_time + fold.score_time for fold in folds) < passed


@pytest.mark.parametrize(
    "model",
    [
        make_pipeline(StandardScaler(), SVC()),
        GridSearchCV(LogisticRegression(), {"C": [0.1, 1.0]}, cv=2),
        LogisticRegression(),
    ],
    ids=["no probabilities", "search", "bare"],
)
def test_any_classifier_may_come(model):
    expected = cross_validate(model, X, Y, cv=SPLITS, scoring=["roc_auc", "accuracy"])
    folds = out_of_fold(model, X, Y, SPLITS, scoring=["roc_auc", "accuracy"])
    assert [fold.scores["roc_auc"] for fold in folds] == expected["test_roc_auc"].tolist()
    assert [fold.scores["accuracy"] for fold in folds] == expected["test_accuracy"].tolist()


class Borrowed(ClassifierMixin, BaseEstimator):
    """A classifier whose methods are those of another object."""

    def fit(self, X, y):
        self.inner_ = LogisticRegression().fit(X, y)
        self.classes_ = self.inner_.classes_
        return self

    def __getattr__(self, name):
        if name in ("predict", "predict_proba", "decision_function"):
            return getattr(self.inner_, name)
        raise AttributeError(name)


def test_a_model_whose_methods_are_not_its_class_s_is_predicted_all_the_same():
    wanted = {"scoring": "roc_auc", "responses": ["predict_proba"]}
    found = out_of_fold(Borrowed(), X, Y, SPLITS, **wanted)
    expected = out_of_fold(LogisticRegression(), X, Y, SPLITS, **wanted)
    for one, other in zip(found, expected, strict=True):
        assert one.scores == other.scores
        np.testing.assert_array_equal(one.probability(1), other.probability(1))


def test_a_score_that_is_no_number_is_refused():
    with pytest.raises(ValueError, match=r"must return a number, got \[1\] \(list\) for 'score'"):
        out_of_fold(LogisticRegression(), X, Y, SPLITS, scoring=lambda *_: [1])


def test_an_interruption_goes_through():
    def interrupted(model, y_train):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        out_of_fold(LogisticRegression(), X, Y, SPLITS, keep=interrupted)


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_whoever_wants_to_hears_of_each_fold_and_gets_the_same(n_jobs):
    calls = []
    options = {"responses": ("predict_proba",), "n_jobs": n_jobs}
    told = out_of_fold(
        LogisticRegression(), X, Y, SPLITS, progress=lambda: calls.append(1), **options
    )
    silent = out_of_fold(LogisticRegression(), X, Y, SPLITS, **options)
    assert len(calls) == len(told) == len(silent) == 3
    for one, other in zip(told, silent, strict=True):
        np.testing.assert_array_equal(one.probability(1), other.probability(1))


class CountsPlaces(ClassifierMixin, BaseEstimator):
    """Keeps what it is told of the rows that it is fitted to."""

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        self.told_ = [n.tolist() for n in real_counts(self.classes_, np.bincount(y))]
        return self

    def predict(self, X):
        return np.full(len(X), self.classes_[0])


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_a_model_hears_how_many_landslides_its_training_rows_are_in_whatever_process(n_jobs):
    y = np.array([1, 1, 1, 0, 0, 0, 1, 0])
    groups = np.array([7, 7, 7, 1, 2, 3, 8, 4])
    splits = [(np.arange(6), [6, 7]), ([0, 6, 7], np.arange(1, 6))]
    model = make_pipeline(CountsPlaces())
    found = out_of_fold(
        model, y[:, None], y, splits, groups=groups, n_jobs=n_jobs, keep=lambda m, _: m[-1].told_
    )
    assert [fold.kept for fold in found] == [[[3, 3], [3, 1]], [[1, 2], [1, 2]]]
