"""Probabilities are those of the study area, whatever resampling did to the class shares."""

import pickle

import numpy as np
import pandas as pd
import pytest
import sklearn
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from imblearn.over_sampling import RandomOverSampler
from imblearn.pipeline import Pipeline
from imblearn.under_sampling import RandomUnderSampler
from numpy.testing import assert_allclose, assert_array_equal
from scipy.special import expit
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import (
    accuracy_score,
    average_precision_score,
    brier_score_loss,
    confusion_matrix,
    log_loss,
    make_scorer,
    recall_score,
    roc_auc_score,
)
from sklearn.model_selection import (
    FixedThresholdClassifier,
    GridSearchCV,
    StratifiedKFold,
    TunedThresholdClassifierCV,
    cross_val_predict,
)
from sklearn.naive_bayes import GaussianNB
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from sklearn.utils.estimator_checks import estimator_checks_generator
from test_docstrings import documented_parameters, real_parameters

from sklearn_landslide import LandslideNet, make_landslide_pipeline
from sklearn_landslide.pipeline import LandslidePipeline
from sklearn_landslide.pipeline._prior import class_shares, move_prior, stated_shares

SHARE = 0.08
MEANS = np.array([1.5, -1.0])


def gaussians(n, share=SHARE, seed=0):
    """Rows of two Gaussians a unit wide; the probability of class 1 is known for each."""
    rng = np.random.default_rng(seed)
    y = (rng.random(n) < share).astype(int)
    X = rng.normal(size=(n, 2)) + y[:, None] * MEANS
    return X, y


def true_probability(X, share=SHARE):
    """Bayes' rule for `gaussians`."""
    return expit(X @ MEANS - MEANS @ MEANS / 2 + np.log(share / (1 - share)))


def chain(model=None, **params):
    """Make the pipeline of this package, with nothing random but the sampler."""
    model = LogisticRegression() if model is None else model
    return make_landslide_pipeline(model, random_state=0, **params)


class Told(ClassifierMixin, BaseEstimator):
    """Give the first columns as the probabilities: everything can be worked out by hand."""

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        self.n_rows_ = len(y)
        return self

    def predict_proba(self, X):
        return np.asarray(X, dtype=float)[:, : len(self.classes_)]

    def predict(self, X):
        return self.classes_[self.predict_proba(X).argmax(axis=1)]


def told(y, sampler="passthrough", model=None, **params):
    """Fit a pipeline around `Told` on the labels alone."""
    steps = [("resample", sampler), ("model", model or Told())]
    return LandslidePipeline(steps, **params).fit(np.zeros((len(y), 2)), y)


BALANCE = RandomOverSampler(random_state=0)
RARE = np.repeat([0, 1], [90, 10])


# --- the closed form, by hand ---------------------------------------------------------------


def test_odds_are_multiplied_by_one_constant():
    pipeline = told(RARE, BALANCE)
    assert pipeline.sample_prior_ == {0: 0.9, 1: 0.1}
    assert pipeline.resampled_prior_ == {0: 0.5, 1: 0.5}
    assert pipeline.class_prior_ == {0: 0.9, 1: 0.1}
    # Odds of 1 to 9 in the table and 1 to 1 for the model: each odds is divided by 9.
    X = np.array([[0.5, 0.5], [0.1, 0.9], [0.25, 0.75], [0.9, 0.1]])
    expected = [1 / 10, 1 / 2, 3 / 12, 1 / 82]
    assert_allclose(pipeline.predict_proba(X)[:, 1], expected, rtol=1e-15)


def test_stated_prevalence_replaces_the_share_of_the_table():
    y = np.repeat([0, 1], [50, 50])
    # Drawn one to one where one place in fifty slides: odds are divided by 49.
    for sampler in ("passthrough", BALANCE):
        pipeline = told(y, sampler, prevalence=0.02)
        assert pipeline.class_prior_ == {0: 0.98, 1: 0.02}
        assert_allclose(pipeline.predict_proba([[0.5, 0.5], [0.02, 0.98]])[:, 1], [0.02, 0.5])
    # One to nine in the table, made one to one, and one to 49 in truth.
    assert_allclose(told(RARE, BALANCE, prevalence=0.02).predict_proba([[0.5, 0.5]])[0, 1], 0.02)
    assert_allclose(told(RARE, prevalence=0.02).predict_proba([[0.9, 0.1]])[0, 1], 0.02)


def test_three_classes():
    y = np.repeat(["flow", "none", "slide"], [10, 70, 20])
    q = np.array([[0.2, 0.5, 0.3], [0.0, 0.0, 1.0], [0.0, 0.5, 0.5]])
    pipeline = told(y, BALANCE)
    # Rows of q times .1, .7, .2: .02 .35 .06 sum to .43; 0 .35 .10 sum to .45.
    expected = [[2 / 43, 35 / 43, 6 / 43], [0, 0, 1], [0, 7 / 9, 2 / 9]]
    X = pd.DataFrame(q)
    model = pipeline["model"]
    assert model.n_rows_ == 210
    assert_allclose(pipeline.predict_proba(X), expected, rtol=1e-14)
    pipeline.set_params(prevalence={"none": 0.5, "flow": 0.25, "slide": 0.25})
    # Times 1, 2, 1: .2 1 .3 sum to 1.5.
    assert_allclose(pipeline.predict_proba(X)[0], [2 / 15, 10 / 15, 3 / 15], rtol=1e-14)
    assert pipeline.predict(X).tolist() == ["none", "slide", "none"]


def test_under_sampling_is_undone_too():
    pipeline = told(RARE, RandomUnderSampler(random_state=0))
    assert pipeline["model"].n_rows_ == 20
    assert_allclose(pipeline.predict_proba([[0.5, 0.5]])[0, 1], 0.1, rtol=1e-15)


def test_a_sampler_with_its_own_ratio_is_undone_by_what_it_did():
    pipeline = told(RARE, RandomOverSampler(sampling_strategy=0.5, random_state=0))
    assert pipeline.resampled_prior_ == {0: 2 / 3, 1: 1 / 3}
    assert_allclose(pipeline.predict_proba([[2 / 3, 1 / 3]])[0, 1], 0.1, rtol=1e-15)


@pytest.mark.parametrize("prevalence", [None, 0.02, 0.9])
def test_certain_places_stay_certain(prevalence):
    pipeline = told(RARE, BALANCE, prevalence=prevalence)
    X = np.array([[1.0, 0.0], [0.0, 1.0], [1 - 1e-300, 1e-300]])
    assert_array_equal(pipeline.predict_proba(X)[:2], [[1, 0], [0, 1]])
    assert 0 < pipeline.predict_proba(X)[2, 1] < 1e-298
    forest = chain(RandomForestClassifier(5, random_state=0), prevalence=prevalence)
    X, y = gaussians(400)
    forest.fit(X, y)
    model = forest["model"].predict_proba(forest[:-1].transform(X))[:, 1]
    p = forest.predict_proba(X)[:, 1]
    assert 0 < (model == 1).sum() < (model != 0).sum()
    assert_array_equal(p == 1, model == 1)
    assert_array_equal(p == 0, model == 0)


@settings(max_examples=100, deadline=None)
@given(
    q=arrays(np.float64, 20, elements=st.floats(0, 1)),
    old=st.floats(0.001, 0.999),
    new=st.floats(0.001, 0.999),
)
def test_order_is_kept_sums_are_one_and_the_way_back_leads_back(q, old, new):
    q = np.sort(np.r_[q, np.nextafter(q, 0), np.nextafter(q, 1)])
    there = np.array([(1 - new) / (1 - old), new / old])
    p = move_prior(np.column_stack([1 - q, q]), there)
    assert np.isfinite(p).all()
    assert (np.diff(p[:, 1]) >= 0).all()
    assert (np.diff(p[:, 0]) <= 0).all()
    assert_allclose(p.sum(axis=1), 1, rtol=1e-15)
    back = move_prior(p, 1 / there)
    assert_allclose(back[:, 1], q, rtol=1e-9, atol=1e-12)


@settings(max_examples=50, deadline=None)
@given(st.integers(2, 5), st.randoms(use_true_random=False))
def test_closed_form_is_bayes_rule_for_any_number_of_classes(n_classes, random):
    rng = np.random.default_rng(random.randrange(2**32))
    density = rng.random((30, n_classes)) + 1e-3
    old, new = rng.dirichlet(np.ones(n_classes), 2) * 0.9 + 0.1 / n_classes
    before, after = (density * prior for prior in (old, new))
    moved = move_prior(before / before.sum(axis=1, keepdims=True), new / old)
    assert_allclose(moved, after / after.sum(axis=1, keepdims=True), rtol=1e-12)


def test_single_precision_does_not_tie_places():
    q = np.linspace(0.5, 1, 1000, dtype=np.float32)[:-1]
    p = move_prior(np.column_stack([1 - q, q]), np.array([0.02, 1.96]))
    assert p.dtype == np.float64
    assert (np.diff(p[:, 1]) > 0).all()


# --- a problem whose truth is known ---------------------------------------------------------


def flexible(name):
    return {
        "LR": LogisticRegression(),
        "RF": RandomForestClassifier(60, min_samples_leaf=25, random_state=0, n_jobs=1),
        "LandslideNet": LandslideNet(max_epochs=3, n_members=2, random_state=0),
    }[name]


@pytest.mark.parametrize(
    "name, mean_error, brier_excess", [("LR", 0.004, 1e-4), ("RF", 0.02, 4e-3)]
)
def test_probabilities_after_smote_are_those_without_it(name, mean_error, brier_excess):
    X, y = gaussians(3000, seed=1)
    X_new, y_new = gaussians(20_000, seed=2)
    truth = true_probability(X_new)
    p = {}
    for key, params in {
        "plain": {"resample": None},
        "shifted": {"correct_prior": False},
        "corrected": {},
    }.items():
        model = flexible(name)
        p[key] = chain(model, **params).fit(X, y).predict_proba(X_new)[:, 1]
    brier = {key: np.mean((p[key] - truth) ** 2) for key in p}
    assert p["shifted"].mean() > 2 * truth.mean()
    assert p["corrected"].mean() == pytest.approx(p["plain"].mean(), abs=mean_error)
    assert brier["shifted"] > 0.02
    assert brier["corrected"] < brier["plain"] + brier_excess
    scores = {key: brier_score_loss(y_new, p[key]) for key in p}
    assert scores["corrected"] == pytest.approx(scores["plain"], abs=brier_excess)
    assert scores["shifted"] > 1.4 * scores["plain"]


def test_the_network_is_corrected_as_any_other_model():
    X, y = gaussians(600, seed=1)
    X_new, _ = gaussians(2000, seed=2)
    net = chain(flexible("LandslideNet")).fit(X, y)
    p = net.predict_proba(X_new)[:, 1]
    shifted = net.set_params(correct_prior=False).predict_proba(X_new)[:, 1]
    assert shifted.mean() > 2 * SHARE
    assert abs(p.mean() - SHARE) < 0.03
    assert np.mean((p - true_probability(X_new)) ** 2) < 0.1 * np.mean(
        (shifted - true_probability(X_new)) ** 2
    )


@pytest.mark.parametrize("resample", [True, None, RandomUnderSampler(random_state=0)], ids=str)
def test_case_control_sample_gives_the_probabilities_of_the_area(resample):
    rng = np.random.default_rng(0)
    population, slides = gaussians(200_000, share=0.02, seed=3)
    where = np.flatnonzero(slides)
    n = len(where) if resample is None else len(where) // 3
    rows = np.r_[rng.choice(where, n, False), rng.choice(np.flatnonzero(slides == 0), 2000, False)]
    X, y = population[rows], slides[rows]
    p = chain(resample=resample, prevalence=0.02).fit(X, y).predict_proba(population)[:, 1]
    truth = true_probability(population, share=0.02)
    assert p.mean() == pytest.approx(0.02, abs=0.003)
    # Places in ten classes by probability: as many slide in each as the probabilities say.
    for part in np.array_split(np.argsort(p), 10):
        assert p[part].mean() == pytest.approx(truth[part].mean(), rel=0.2, abs=2e-4)
        spread = np.sqrt((truth[part] * (1 - truth[part])).sum())
        assert abs(p[part].sum() - slides[part].sum()) < 4 * spread + 0.2 * truth[part].sum()
    blind = chain(resample=resample).fit(X, y).predict_proba(population)[:, 1]
    assert blind.mean() > 3 * 0.02


@pytest.mark.parametrize(
    "model",
    [LogisticRegression(), RandomForestClassifier(20, random_state=0)],
    ids=lambda model: type(model).__name__,
)
@pytest.mark.parametrize("prevalence", [None, 0.001])
def test_ranks_are_the_same_to_the_bit(model, prevalence):
    X, y = gaussians(1500)
    X_new, y_new = gaussians(3000, seed=1)
    pipeline = chain(model, prevalence=prevalence).fit(X, y)
    corrected = pipeline.predict_proba(X_new)[:, 1]
    own = pipeline.set_params(correct_prior=False).predict_proba(X_new)[:, 1]
    assert_array_equal(np.argsort(corrected, kind="stable"), np.argsort(own, kind="stable"))
    for metric in (roc_auc_score, average_precision_score):
        assert metric(y_new, corrected) == metric(y_new, own)


# --- predictions, scores and the other methods ----------------------------------------------


@pytest.fixture(scope="module")
def rows():
    return gaussians(1000)


@pytest.fixture(scope="module")
def fitted(rows):
    return chain().fit(*rows)


def test_every_method_tells_the_same_probability(fitted, rows):
    X, y = rows
    p = fitted.predict_proba(X)
    assert_allclose(np.exp(fitted.predict_log_proba(X)), p, rtol=1e-12)
    assert_array_equal(fitted.predict(X), (p[:, 1] > 0.5).astype(int))
    assert fitted.score(X, y) == accuracy_score(y, p[:, 1] > 0.5)
    weight = np.where(y == 1, 5.0, 1.0)
    assert fitted.score(X, y, sample_weight=weight) == accuracy_score(
        y, p[:, 1] > 0.5, sample_weight=weight
    )
    # At one half few are predicted, before the correction many.
    own = clone(fitted).set_params(correct_prior=False).fit(X, y)
    assert fitted.predict(X).mean() < SHARE < 2 * SHARE < own.predict(X).mean()
    assert fitted.score(X, y) > own.score(X, y) + 0.05


def test_logarithms_keep_what_probabilities_round_away(rows):
    X, y = rows
    pipeline = chain(GaussianNB()).fit(X, y)
    far = np.array([[-500.0, 500.0], [500.0, -500.0]])
    log_p = pipeline.predict_log_proba(far)
    own = pipeline["model"].predict_log_proba(pipeline[:-1].transform(far))
    ratio = np.log(pipeline.sample_prior_[1] / 0.5) - np.log(pipeline.sample_prior_[0] / 0.5)
    assert np.isfinite(log_p).all() and log_p.min() < -800
    assert_allclose(log_p[:, 1] - log_p[:, 0], own[:, 1] - own[:, 0] + ratio, rtol=1e-12)


def test_decision_values_are_the_model_s_own(fitted, rows):
    X, _ = rows
    own = fitted["model"].decision_function(fitted[:-1].transform(X))
    assert_array_equal(fitted.decision_function(X), own)


def test_model_without_probabilities_is_left_alone(rows):
    X, y = rows
    machine = chain(SVC(), prevalence=0.3).fit(X, y)
    plain = Pipeline(chain(SVC()).steps).fit(X, y)
    assert_array_equal(machine.predict(X), plain.predict(X))
    assert machine.score(X, y) == plain.score(X, y)
    for method in ("predict_proba", "predict_log_proba"):
        assert not hasattr(machine, method)
        with pytest.raises(AttributeError, match=method):
            getattr(machine, method)
    assert machine.class_prior_ == {0: 0.7, 1: 0.3}


@pytest.mark.parametrize("params", [{"resample": None}, {"correct_prior": False}], ids=str)
@pytest.mark.parametrize(
    "model",
    [LogisticRegression(), HistGradientBoostingClassifier(max_iter=5, random_state=0)],
    ids=lambda model: type(model).__name__,
)
def test_without_resampling_or_correction_it_is_the_plain_pipeline(rows, model, params):
    X, y = rows
    ours = chain(model, **params).fit(X, y)
    plain = Pipeline(clone(chain(model, **params)).steps).fit(X, y)
    for method in ("predict_proba", "predict_log_proba", "predict"):
        if hasattr(plain, method):
            assert_array_equal(getattr(ours, method)(X), getattr(plain, method)(X))
    assert ours.score(X, y) == plain.score(X, y)
    assert ours.predict_proba(X).dtype == plain.predict_proba(X).dtype


def test_passthrough_at_the_end_is_a_transformer(rows):
    X, y = rows
    pipeline = chain().set_params(model="passthrough").fit(X, y)
    assert not hasattr(pipeline, "predict_proba")
    assert pipeline.transform(X).shape == X.shape
    assert pipeline.sample_prior_ == class_shares(y)


# --- as a part of scikit-learn --------------------------------------------------------------


def test_parameters_act_on_a_fitted_pipeline_without_a_new_fit(fitted, rows):
    X, _ = rows
    pipeline = pickle.loads(pickle.dumps(fitted))
    model = pipeline["model"].predict_proba(pipeline[:-1].transform(X))
    assert_array_equal(pipeline.set_params(correct_prior=False).predict_proba(X), model)
    assert pipeline.class_prior_ == {0: 0.5, 1: 0.5}
    pipeline.set_params(correct_prior=True, prevalence=0.5)
    assert_array_equal(pipeline.predict_proba(X), model)
    pipeline.set_params(prevalence=0.2)
    assert_allclose(pipeline.predict_proba(X), move_prior(model, np.array([1.6, 0.4])))


def test_clone_and_pickle_keep_the_parameters(fitted, rows):
    X, y = rows
    twin = clone(chain(prevalence=0.03, correct_prior=False))
    assert (twin.correct_prior, twin.prevalence) == (False, 0.03)
    assert not hasattr(clone(fitted), "sample_prior_")
    again = pickle.loads(pickle.dumps(fitted))
    assert_array_equal(again.predict_proba(X), fitted.predict_proba(X))
    assert_array_equal(clone(fitted).fit(X, y).predict_proba(X), fitted.predict_proba(X))


def test_slices_keep_the_correction_where_they_keep_the_model(fitted, rows):
    X, _ = rows
    before, after = fitted[:-1], fitted[-1:]
    assert not hasattr(before, "sample_prior_")
    assert_array_equal(after.predict_proba(before.transform(X)), fitted.predict_proba(X))
    assert isinstance(fitted[-1], LogisticRegression)
    part = chain(prevalence=0.1, correct_prior=False)[2:]
    assert (part.prevalence, part.correct_prior) == (0.1, False)


def test_pipeline_put_together_from_fitted_steps_says_that_it_saw_no_labels(fitted, rows):
    X, _ = rows
    by_hand = LandslidePipeline(fitted.steps)
    with pytest.raises(NotFittedError, match="call fit, or set correct_prior=False"):
        by_hand.predict_proba(X)
    own = by_hand.set_params(correct_prior=False).predict_proba(X)
    assert_array_equal(own, fitted["model"].predict_proba(fitted[:-1].transform(X)))
    with pytest.raises(NotFittedError):
        chain().predict_proba(X)


def test_memory_is_used_and_changes_nothing(rows, tmp_path):
    X, y = rows
    expected = chain().fit(X, y).predict_proba(X)
    for _ in range(2):
        cached = chain(memory=str(tmp_path)).fit(X, y)
        assert_array_equal(cached.predict_proba(X), expected)
        assert cached.resampled_prior_ == {0: 0.5, 1: 0.5}
    assert any(tmp_path.rglob("*.pkl"))


def test_metadata_routing_reaches_the_model(rows):
    X, y = rows
    weight = np.where(X[:, 0] > 0, 2.0, 1.0)
    expected = move_prior(
        LogisticRegression().fit(X, y, weight).predict_proba(X),
        np.array([0.7, 0.3]) / [1 - y.mean(), y.mean()],
    )
    by_name = LandslidePipeline([("model", LogisticRegression())], prevalence=0.3)
    by_name.fit(X, y, model__sample_weight=weight)
    assert_allclose(by_name.predict_proba(X), expected)
    with sklearn.config_context(enable_metadata_routing=True):
        model = LogisticRegression().set_fit_request(sample_weight=True)
        model.set_score_request(sample_weight=True)
        routed = LandslidePipeline([("model", model)], prevalence=0.3)
        routed.fit(X, y, sample_weight=weight)
        assert_allclose(routed.predict_proba(X), expected)
        assert_array_equal(routed.predict(X), expected[:, 1] > 0.5)
        score = routed.score(X, y, sample_weight=weight)
        assert score == accuracy_score(y, expected[:, 1] > 0.5, sample_weight=weight)


def test_attributes_output_and_pictures_are_those_of_a_pipeline(rows):
    X, y = rows
    X = pd.DataFrame(X, columns=["slope", "twi"])
    y = np.where(y == 1, "slide", "none")
    pipeline = chain(prevalence=0.05)
    assert "prevalence=0.05" in repr(pipeline)
    pipeline.set_output(transform="pandas").fit(X, y)
    assert pipeline.classes_.tolist() == ["none", "slide"]
    assert pipeline.n_features_in_ == 2
    assert pipeline.feature_names_in_.tolist() == ["slope", "twi"]
    assert pipeline.class_prior_ == {"none": 0.95, "slide": 0.05}
    assert set(pipeline.predict(X)) <= {"none", "slide"}
    page = pipeline._repr_html_()
    assert "LogisticRegression" in page and "prevalence" in page


@pytest.mark.parametrize("kind", ["bool", "series", "list", "categorical"])
def test_labels_of_every_kind(rows, kind):
    X, y = rows
    labels = {
        "bool": y == 1,
        "series": pd.Series(y, index=np.arange(len(y))[::-1]),
        "list": y.tolist(),
        "categorical": pd.Series(pd.Categorical(y)),
    }[kind]
    expected = chain().fit(X, y).predict_proba(X)
    assert_array_equal(chain().fit(X, labels).predict_proba(X), expected)


def test_shares_of_labels_in_a_column_and_of_none():
    assert class_shares(RARE[:, None]) == {0: 0.9, 1: 0.1}
    assert class_shares(None) == class_shares(np.eye(3)) == {}


SKLEARN_FORBIDS = {
    # A pipeline puts its fitted steps into the parameter `steps`: scikit-learn lists these two
    # checks as known exceptions of its own Pipeline.
    "check_estimators_overwrite_params",
    "check_dont_overwrite_parameters",
}
CHECKED = LandslidePipeline([("scale", StandardScaler()), ("model", LogisticRegression())])


@pytest.mark.parametrize(
    ("estimator", "check"),
    [
        pair
        for pair in estimator_checks_generator(CHECKED)
        if getattr(pair[1], "func", pair[1]).__name__ not in SKLEARN_FORBIDS
    ],
    ids=lambda value: value.func.__name__ if hasattr(value, "func") else None,
)
def test_scikit_learn_check(estimator, check):
    check(estimator)


def test_docstring_has_the_parameters_of_the_signature():
    documented = documented_parameters(LandslidePipeline)
    assert list(documented) == list(real_parameters(LandslidePipeline))


# --- inside and around other estimators -----------------------------------------------------


def model_probability(pipeline, X):
    return pipeline["model"].predict_proba(pipeline[:-1].transform(X))[:, 1]


def by_nine_tenths(q, share):
    """Undo one to one for two classes."""
    odds = q / (1 - q) * share / (1 - share)
    return odds / (1 + odds)


@pytest.mark.parametrize(
    "model",
    [
        GridSearchCV(LogisticRegression(), {"C": [0.1, 1.0]}, cv=2),
        CalibratedClassifierCV(LogisticRegression(), cv=2),
        CalibratedClassifierCV(SVC(), cv=2, ensemble=False),
        FixedThresholdClassifier(LogisticRegression(), threshold=0.3),
        TunedThresholdClassifierCV(LogisticRegression(), cv=2),
    ],
    ids=["search", "calibrated", "calibrated_svm", "fixed", "tuned"],
)
def test_meta_estimator_as_the_model(rows, model):
    X, y = rows
    pipeline = chain(model).fit(X, y)
    p = pipeline.predict_proba(X)[:, 1]
    assert_allclose(p, by_nine_tenths(model_probability(pipeline, X), y.mean()), rtol=1e-10)
    assert p.mean() == pytest.approx(SHARE, abs=0.02)


def test_search_as_the_model_predicts_and_scores_corrected(rows):
    X, y = rows
    search = GridSearchCV(LogisticRegression(), {"C": [0.1, 1.0]}, cv=2, scoring="neg_brier_score")
    pipeline = chain(search).fit(X, y)
    p = pipeline.predict_proba(X)[:, 1]
    assert pipeline.score(X, y) == -brier_score_loss(y, p)
    assert_array_equal(pipeline.predict(X), p > 0.5)
    pipeline = chain(clone(search).set_params(scoring=None)).fit(X, y)
    assert pipeline.score(X, y) == accuracy_score(y, pipeline.predict(X))


def test_stated_threshold_inside_cuts_the_corrected_probability(rows):
    X, y = rows
    for model in (
        FixedThresholdClassifier(LogisticRegression(), threshold=0.2),
        FixedThresholdClassifier(LogisticRegression(), threshold=0.8, pos_label=0),
        GridSearchCV(
            FixedThresholdClassifier(LogisticRegression(), threshold=0.2),
            {"estimator__C": [1.0]},
            cv=2,
        ),
    ):
        pipeline = chain(model).fit(X, y)
        p = pipeline.predict_proba(X)[:, 1]
        assert_array_equal(pipeline.predict(X), p >= 0.2)
        assert 0 < pipeline.predict(X).mean() < 2 * SHARE
    by_score = FixedThresholdClassifier(
        LogisticRegression(), threshold=0.0, response_method="decision_function"
    )
    pipeline = chain(by_score).fit(X, y)
    assert_array_equal(pipeline.predict(X), model_probability(pipeline, X) >= 0.5)
    auto = chain(FixedThresholdClassifier(LogisticRegression())).fit(X, y)
    assert_array_equal(auto.predict(X), auto.predict_proba(X)[:, 1] >= 0.5)


def test_learned_threshold_inside_keeps_its_decisions(rows):
    X, y = rows
    pipeline = chain(TunedThresholdClassifierCV(LogisticRegression(), cv=3)).fit(X, y)
    cut = by_nine_tenths(pipeline["model"].best_threshold_, y.mean())
    assert cut < 0.3
    assert_array_equal(pipeline.predict(X), pipeline.predict_proba(X)[:, 1] >= cut)
    assert pipeline.score(X, y) == accuracy_score(y, pipeline.predict(X))


def test_thresholds_around_see_corrected_probabilities(rows):
    X, y = rows
    fixed = FixedThresholdClassifier(chain(), threshold=0.2).fit(X, y)
    p = fixed.predict_proba(X)[:, 1]
    assert_array_equal(p, chain().fit(X, y).predict_proba(X)[:, 1])
    assert_array_equal(fixed.predict(X), p >= 0.2)
    tuned = TunedThresholdClassifierCV(chain(), cv=3, scoring="balanced_accuracy").fit(X, y)
    # Balanced accuracy is best where the probability is that of all places.
    assert tuned.best_threshold_ == pytest.approx(SHARE, abs=0.05)
    assert_array_equal(tuned.predict(X), tuned.predict_proba(X)[:, 1] >= tuned.best_threshold_)


def test_threshold_by_cost_is_that_of_decision_theory():
    X, y = gaussians(6000, seed=5)

    def gain(y_true, y_pred):
        (_, false_alarms), (misses, _) = confusion_matrix(y_true, y_pred)
        return -(false_alarms + 9 * misses)

    tuned = TunedThresholdClassifierCV(chain(), cv=3, scoring=make_scorer(gain)).fit(X, y)
    # A miss costs nine false alarms: warn from a probability of 1 / (1 + 9).
    assert tuned.best_threshold_ == pytest.approx(0.1, abs=0.05)
    X_new, y_new = gaussians(20_000, seed=6)
    best = gain(y_new, true_probability(X_new) >= 0.1)
    assert gain(y_new, tuned.predict(X_new)) > 1.05 * best
    assert gain(y_new, chain().fit(X, y).predict(X_new)) < 1.2 * best


def test_calibration_around_refers_to_the_rows_and_inside_to_the_prevalence(rows):
    X, y = rows
    around = CalibratedClassifierCV(chain(prevalence=0.02), cv=3).fit(X, y)
    assert around.predict_proba(X)[:, 1].mean() == pytest.approx(y.mean(), abs=0.01)
    inside = chain(CalibratedClassifierCV(LogisticRegression(), cv=3), prevalence=0.02).fit(X, y)
    truth = true_probability(X, share=0.02)
    assert inside.predict_proba(X)[:, 1].mean() == pytest.approx(truth.mean(), abs=0.01)
    assert inside.class_prior_[1] == 0.02


def test_search_around_finds_the_correction_by_the_brier_score(rows):
    X, y = rows
    grid = {"correct_prior": [False, True], "prevalence": [None, 0.5], "model__C": [1.0]}
    search = GridSearchCV(chain(), grid, cv=3, scoring="neg_brier_score", error_score="raise")
    search.fit(X, y)
    assert search.best_params_["correct_prior"] is True
    assert search.best_params_["prevalence"] is None
    assert_array_equal(search.predict(X), search.predict_proba(X)[:, 1] > 0.5)
    scores = pd.DataFrame(search.cv_results_).set_index(
        ["param_correct_prior", "param_prevalence"]
    )["mean_test_score"]
    assert scores[True].iloc[0] > scores[False].iloc[0] + 0.03
    # To one half is not a correction of one to one.
    assert_allclose(scores[True].iloc[1], scores[False].iloc[0], rtol=1e-12)


def test_class_weight_is_the_model_s_own_affair(rows):
    X, y = rows
    balanced = LogisticRegression(class_weight="balanced")
    # After SMOTE every class weighs the same, so nothing is shifted twice.
    assert_allclose(
        chain(balanced).fit(X, y).predict_proba(X), chain().fit(X, y).predict_proba(X), rtol=1e-6
    )
    alone = chain(balanced, resample=None).fit(X, y).predict_proba(X)[:, 1]
    assert alone.mean() > 2 * SHARE


# --- what is refused ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "prevalence, y, message",
    [
        (1.5, RARE, "'prevalence' parameter of LandslidePipeline must be .* Got 1.5"),
        (0.0, RARE, "Got 0.0"),
        ("2 %", RARE, "Got '2 %'"),
        ({0: 0.98}, RARE, r"prevalence names the classes \[0\] and y has \[0, 1\]: give the share"),
        ({0: 0.9, 2: 0.1}, RARE, r"prevalence names the classes \[0, 2\] and y has \[0, 1\]"),
        ({0: 0.9, 1: 0.2}, RARE, "the shares in prevalence must sum to 1, got 1.1"),
        ({0: 1.0, 1: 0.0}, RARE, "prevalence must lie between 0 and 1, got 1.0 for class 0"),
        ({0: "most", 1: 0.1}, RARE, "got 'most' for class 0"),
        (0.1, np.arange(30) % 3, r"share of one of two classes, and y has 3 \(\[0, 1, 2\]\): give"),
    ],
)
def test_impossible_prevalence_is_refused_before_the_model_is_fitted(prevalence, y, message):
    model = Told()
    with pytest.raises(ValueError, match=message) as caught:
        told(y, model=model, prevalence=prevalence)
    assert "\n" not in str(caught.value)
    assert not hasattr(model, "classes_")


def test_impossible_prevalence_set_after_the_fit_is_refused(fitted, rows):
    pipeline = pickle.loads(pickle.dumps(fitted)).set_params(prevalence=1.2)
    with pytest.raises(ValueError, match="must lie between 0 and 1, got"):
        pipeline.predict_proba(rows[0])


def test_correct_prior_must_be_true_or_false(rows):
    with pytest.raises(ValueError, match="'correct_prior' parameter of LandslidePipeline"):
        chain(correct_prior="yes").fit(*rows)


def test_stated_shares_are_in_the_order_of_the_classes():
    assert list(stated_shares({1: 0.25, 0: 0.75}, [0, 1])) == [0, 1]
    assert stated_shares(None, [0, 1]) is None


# --- real rows ------------------------------------------------------------------------------


@pytest.fixture
def south_tyrol(real_data):
    table = pd.read_csv(real_data / "south_tyrol_rainfall.csv.gz")
    codes = ["geology", "geomorphon", "land_cover"]
    factors = table.loc[:, "aspect":"catchment_area"].drop(columns=codes)
    return factors, table["landslide"].to_numpy()


def test_mean_probability_and_brier_score_on_a_real_table_with_rare_landslides(south_tyrol):
    X, y = south_tyrol
    folds = StratifiedKFold(3, shuffle=True, random_state=0)
    model = LogisticRegression(max_iter=1000)
    p = {
        key: cross_val_predict(chain(model, **params), X, y, cv=folds, method="predict_proba")[:, 1]
        for key, params in {
            "plain": {"resample": None},
            "shifted": {"correct_prior": False},
            "corrected": {},
        }.items()
    }
    brier = {key: brier_score_loss(y, p[key]) for key in p}
    assert p["shifted"].mean() > 0.25
    assert p["corrected"].mean() == pytest.approx(y.mean(), abs=0.015)
    assert brier["shifted"] > 2 * brier["plain"]
    assert brier["corrected"] < brier["plain"] + 0.004
    assert log_loss(y, p["corrected"]) < 0.65 * log_loss(y, p["shifted"])


def test_recall_at_the_prior_is_that_of_the_uncorrected_pipeline_at_one_half(fitted, rows):
    X, y = rows
    p = fitted.predict_proba(X)[:, 1]
    own = model_probability(fitted, X)
    assert recall_score(y, p >= fitted.class_prior_[1]) == recall_score(y, own >= 0.5)
