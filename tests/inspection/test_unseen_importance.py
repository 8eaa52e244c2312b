"""Importances for selectors: of unseen rows, so that noise is worth nothing."""

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_selection import RFECV, SelectFromModel
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold
from sklearn.naive_bayes import GaussianNB

from sklearn_landslide import make_landslide_pipeline
from sklearn_landslide.inspection import UnseenImportance
from sklearn_landslide.persistence import load_model, save_model

FOREST = RandomForestClassifier(10, random_state=0)


@pytest.fixture(scope="module")
def noisy():
    """One factor of two values that counts, and one of noise that parts all rows."""
    rng = np.random.default_rng(0)
    X = pd.DataFrame(
        {"steep": rng.integers(0, 2, 400).astype(float), "noise": rng.normal(size=400)}
    )
    y = (rng.uniform(size=400) < 0.3 + 0.4 * X["steep"]).astype(int)
    return X, y.to_numpy()


def test_noise_of_many_values_is_worth_nothing(noisy):
    X, y = noisy
    own = FOREST.fit(X, y).feature_importances_
    # What the forest itself says of its training rows.
    assert own[1] > 2 * own[0]
    model = UnseenImportance(FOREST, n_repeats=2, random_state=0).fit(X, y)
    assert model.feature_importances_[0] > 0.08
    assert model.feature_importances_[1] < 0.02
    assert model.losses_.shape == (2, 5)
    assert np.array_equal(model.predict_proba(X), FOREST.predict_proba(X))


def test_what_does_harm_is_not_important():
    # Selectors square importances: below 0 would be above.
    rng = np.random.default_rng(1)
    X = rng.normal(size=(60, 2))
    y = np.arange(60) % 2
    model = UnseenImportance(GaussianNB(), random_state=0).fit(X, y)
    assert model.losses_.mean(axis=1).min() < 0
    expected = np.maximum(model.losses_.mean(axis=1), 0)
    assert model.feature_importances_.tolist() == expected.tolist()


def test_scikit_learns_selectors_choose_by_it(noisy):
    X, y = noisy
    model = UnseenImportance(GaussianNB(), cv=2, n_repeats=1, random_state=0)
    chosen = SelectFromModel(model, threshold=0.05).fit(X, y)
    assert chosen.get_feature_names_out().tolist() == ["steep"]
    search = RFECV(model, cv=2, scoring="roc_auc").fit(X, y)
    assert search.ranking_[0] == 1
    assert search.get_support()[0]


def test_columns_of_a_series_are_worth_the_same_and_frames_stay_frames():
    rng = np.random.default_rng(2)
    X = pd.DataFrame(rng.exponential(size=(200, 3)), columns=["rain_0", "rain_1", "slope"])
    X["rock"] = pd.Categorical(rng.choice(["clay", "marl"], 200))
    y = (X["rain_0"] + X["rain_1"] + 2 * (X["rock"] == "clay") > 3).astype(int)
    pipeline = make_landslide_pipeline(
        LogisticRegression(), resample=None, sequences={"rain": ["rain_0", "rain_1"]}
    )
    model = UnseenImportance(pipeline, cv=2, n_repeats=1, conditional=True, random_state=0)
    rain, again, slope, rock = model.fit(X, y).feature_importances_
    assert rain == again > 0.05
    assert rock > 0.05 > slope
    assert model.feature_names_in_.tolist() == list(X.columns)
    assert model.predict(X).shape == (200,)


def test_folds_are_of_the_rows_of_fit_and_do_not_divide_groups(noisy, monkeypatch):
    import sklearn_landslide.inspection._unseen_importance as module

    seen = []
    real = module.fold_losses

    def heard(model, X, y, split, groups, *rest):
        seen.append((split, groups))
        return real(model, X, y, split, groups, *rest)

    monkeypatch.setattr(module, "fold_losses", heard)
    X, y = noisy
    groups = np.arange(400) // 4
    UnseenImportance(GaussianNB(), cv=4, n_repeats=1, random_state=0).fit(X, y, groups=groups)
    assert len(seen) == 4
    for (train, test), told in seen:
        assert not set(groups[train]) & set(groups[test])
        assert np.array_equal(told, groups)
    assert sorted(np.concatenate([test for (_, test), _ in seen])) == list(range(400))


def test_few_rows_have_few_folds_and_one_is_refused():
    X = np.arange(14.0).reshape(7, 2)
    y = np.array([0, 0, 0, 0, 0, 1, 1])
    model = UnseenImportance(GaussianNB(), n_repeats=1, random_state=0)
    assert model.fit(X, y).losses_.shape == (2, 2)
    with pytest.raises(ValueError, match="one row only"):
        model.fit(X[:6], y[:6])
    with pytest.raises(ValueError, match="test rows of each of the 2 folds are of one class"):
        UnseenImportance(GaussianNB(), cv=KFold(2)).fit(X, np.array([0, 0, 0, 0, 1, 1, 1]))


def test_it_says_what_the_estimator_can(noisy):
    assert not hasattr(UnseenImportance(GaussianNB()), "decision_function")
    assert hasattr(UnseenImportance(LogisticRegression()), "decision_function")
    X, y = noisy
    model = UnseenImportance(LogisticRegression(), cv=2, n_repeats=1).fit(X, np.where(y, "b", "a"))
    assert model.predict(X)[0] in ("a", "b")
    assert model.decision_function(X).shape == (400,)


def test_a_saved_model_has_the_same_importances(noisy, tmp_path):
    pytest.importorskip("skops.io")
    X, y = noisy
    model = UnseenImportance(GaussianNB(), cv=2, n_repeats=1, random_state=0).fit(X, y)
    save_model(model, tmp_path / "model.zip")
    loaded = load_model(tmp_path / "model.zip")
    assert np.array_equal(loaded.feature_importances_, model.feature_importances_)
    assert np.array_equal(loaded.predict_proba(X), model.predict_proba(X))
