"""SourceStacking: a source of any kind, drawn back to until many landslides speak."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.special import logit
from sklearn.base import clone
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import GaussianNB
from two_regions import NAMES

from sklearn_landslide import compare_models, make_landslide_pipeline
from sklearn_landslide.persistence import load_model, save_model
from sklearn_landslide.transfer import SourceStacking
from sklearn_landslide.transfer._offset_logistic import solve_offset


@pytest.fixture(scope="module")
def forest(first):
    model = RandomForestClassifier(5, min_samples_leaf=5, random_state=0)
    return make_landslide_pipeline(model, random_state=0).fit(*first)


def test_without_labels_it_is_the_source_to_the_bit(forest, target, elsewhere):
    model = SourceStacking(forest).fit(target[0])
    assert_array_equal(model.predict_proba(elsewhere[0]), forest.predict_proba(elsewhere[0]))


def test_a_huge_pull_leaves_a_shift_that_makes_the_mean_right(forest, target):
    X, y = target
    model = SourceStacking(forest, l2_sp=1e12).fit(X, y)
    probability = model.predict_proba(X)[:, 1]
    assert probability.mean() == pytest.approx(y.mean(), abs=1e-5)
    own = np.clip(forest.predict_proba(X)[:, 1], 1e-3, 1 - 1e-3)
    moved = logit(probability) - logit(own)
    assert_allclose(moved, model.intercept_, atol=1e-6)


def test_the_solution_is_that_of_a_logistic_regression_where_the_offset_is_none():
    rng = np.random.default_rng(0)
    design = rng.normal(size=(200, 3))
    codes = (design[:, 0] + rng.logistic(size=200) > 0.5).astype(int)
    found = solve_offset(design, np.zeros(200), codes, 2.0)
    known = LogisticRegression(C=1 / 2.0, tol=1e-10).fit(design, codes)
    assert_allclose(found.coefficients, known.coef_[0], atol=1e-5)
    assert found.intercept == pytest.approx(known.intercept_[0], abs=1e-5)


def test_an_offset_is_where_the_solution_begins():
    """Log-odds that are right already leave nothing to be added but chance."""
    rng = np.random.default_rng(0)
    design = rng.normal(size=(20_000, 2))
    offset = 1 + design @ [2.0, -1.0]
    codes = (offset + rng.logistic(size=20_000) > 0).astype(int)
    found = solve_offset(design, offset, codes, 1.0)
    assert_allclose([found.intercept, *found.coefficients], 0, atol=0.08)


def test_it_learns_from_the_factors_what_the_source_does_not_know(target):
    """A source that knows the slope alone; in the target the soil matters as well."""
    X, y = target
    turned = np.where(X["relief"] > 100, 1 - y, y)
    source = make_landslide_pipeline(GaussianNB(), resample=None).fit(X, y)
    model = SourceStacking(source, l2_sp=1.0).fit(X, turned)
    assert model.score(X, turned) > source.score(X, turned) + 0.05


def test_another_estimator_reads_the_log_odds_as_a_factor(forest, target, elsewhere):
    model = SourceStacking(forest, GaussianNB(), random_state=0).fit(*target)
    names = model.stacked_.feature_names_in_.tolist()
    assert names == [*NAMES, "soil", "source_log_odds"]
    assert model.predict_proba(elsewhere[0]).shape == (100, 2)


def test_labels_are_known_by_their_meaning(forest, target, elsewhere):
    X, y = target
    expected = SourceStacking(forest).fit(X, y).predict_proba(elsewhere[0])
    words = np.where(y, "landslide", "none")
    for estimator in (None, GaussianNB()):
        expected = SourceStacking(forest, estimator).fit(X, y).predict_proba(elsewhere[0])
        model = SourceStacking(forest, estimator).fit(X, words)
        assert model.classes_.tolist() == ["landslide", "none"]
        assert_allclose(model.predict_proba(elsewhere[0]), expected[:, ::-1], atol=1e-9)


def test_the_source_stays_the_same_in_searches_and_comparisons(forest, target):
    model = SourceStacking(forest)
    assert clone(model).source is forest
    search = GridSearchCV(model, {"l2_sp": [1.0, 100.0]}, cv=2, error_score="raise").fit(*target)
    assert search.best_estimator_.source is forest
    compared = compare_models({"stacked": model}, *target, cv=2, random_state=0)
    assert compared.table.index.tolist() == ["stacked"]


def test_a_file_gives_the_same_bits(forest, target, elsewhere, tmp_path):
    for estimator in (None, GaussianNB()):
        model = SourceStacking(forest, estimator, random_state=0).fit(*target)
        save_model(model, tmp_path / "stacked.zip", overwrite=True)
        again = load_model(tmp_path / "stacked.zip")
        assert_array_equal(again.predict_proba(elsewhere[0]), model.predict_proba(elsewhere[0]))
    of_file = SourceStacking(tmp_path / "stacked.zip").fit(target[0])
    assert_array_equal(of_file.predict_proba(elsewhere[0]), model.predict_proba(elsewhere[0]))


def test_a_network_may_be_stacked_too(bare, target):
    X, y = target[0][NAMES], target[1]
    model = SourceStacking(bare).fit(X, y)
    assert model.predict_proba(X)[:, 1].mean() == pytest.approx(y.mean(), abs=1e-5)


def test_what_cannot_be_stacked_is_said_in_one_line(forest, target):
    X, y = target
    with pytest.raises(ValueError, match=r"^X has no factor 'slope'"):
        SourceStacking(forest).fit(X.drop(columns="slope"), y)
    with pytest.raises(ValueError, match="y has one class"):
        SourceStacking(forest).fit(X, np.ones_like(y))
    with pytest.raises(ValueError, match="source is not fitted"):
        SourceStacking(RandomForestClassifier()).fit(X, y)
    with pytest.raises(ValueError, match="no step of the source scales"):
        SourceStacking(forest, own_scale=True).fit(X, y)
