"""How a model is tested for a map: which places count, and a bar that moves with each fold."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.utils import Bunch

pytest.importorskip("rioxarray")

from sklearn_landslide.map_products import MapRequest, _train
from sklearn_landslide.map_products._testing import aucs_of, score_folds


class Steepness(ClassifierMixin, BaseEstimator):
    """Predicts the slope, and keeps whom it was shown."""

    shown = []

    def fit(self, X, y):
        self.classes_ = np.array([0, 1])
        self.shown.append(sorted(X["id"]))
        return self

    def predict_proba(self, X):
        slope = X["slope"].to_numpy() / 90
        return np.column_stack([1 - slope, slope])


def places(ids, slopes, labels, x):
    return Bunch(
        X=pd.DataFrame({"id": ids, "slope": slopes}, dtype=float),
        y=np.array(labels),
        coordinates=pd.DataFrame({"x": x, "y": 0.0}, dtype=float),
    )


@pytest.fixture
def table():
    """Two folds: x below 50 and above. Slopes below 10 are flat."""
    table = places(
        range(8),
        [30, 5, 40, 20, 45, 25, 35, 50],
        [1, 1, 0, 0, 1, 1, 0, 0],
        [0, 10, 20, 30, 70, 80, 90, 100],
    )
    table.flat = (table.X["slope"] < 10).to_numpy()
    table.anywhere = places([90, 91, 92, 93], [2, 3, 31, 4], [0] * 4, [12, 31, 49, 71])
    return table


FOLDS = [(np.arange(4, 8), np.arange(4)), (np.arange(4), np.arange(4, 8))]


def test_flat_places_are_not_scored_and_count_again_with_absences_from_anywhere(table):
    Steepness.shown.clear()
    (tested,) = score_folds(Steepness(), table, FOLDS)
    np.testing.assert_allclose(tested.probability, table.X["slope"] / 90)
    # Without the flat landslide: 30 against 40 and 20; then 45 and 25 against 35 and 50.
    assert tested.aucs == [0.5, 0.25]
    # 30 and 5 against the 2, 3 and 31 nearest to places below 50; then 45 and 25 against 4.
    assert tested.with_flat == pytest.approx([4 / 6, 1.0])
    # Places that are only tested are shown to no model.
    assert Steepness.shown == [[4, 5, 6, 7], [0, 1, 2, 3]]


def test_where_the_inventory_has_its_own_places_all_of_them_count(table):
    table.anywhere = None
    (tested,) = score_folds(Steepness(), table, FOLDS)
    assert tested.aucs == [0.5, 0.25]
    assert tested.with_flat == [roc_auc_score([1, 1, 0, 0], [30, 5, 40, 20]), 0.25]


def test_without_a_limit_nothing_is_left_out(table):
    del table["flat"], table["anywhere"]
    (tested,) = score_folds(Steepness(), table, FOLDS)
    assert tested.aucs == [0.25, 0.25]
    assert tested.with_flat is None


def test_a_fold_of_one_class_has_no_score():
    y, probability = np.array([0, 1, 1, 1]), np.array([0.2, 0.4, 0.3, 0.1])
    folds = [(None, np.array([0, 1])), (None, np.array([2, 3]))]
    assert aucs_of(y, probability, folds) == [1.0]
    assert aucs_of(y, probability, folds, np.array([False, True, True, True])) == []


@pytest.fixture(scope="module")
def noise():
    rng = np.random.default_rng(0)
    return Bunch(
        X=pd.DataFrame(rng.normal(size=(120, 3)), columns=list("abc")),
        y=np.arange(120) % 2,
        coordinates=pd.DataFrame(rng.uniform(0, 5_000, (120, 2)), columns=["x", "y"]),
        groups=np.arange(120),
    )


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_a_bar_moves_with_each_fold_and_changes_nothing(noise, capsys, n_jobs):
    models = []
    for progress in (False, True):
        request = MapRequest(
            LogisticRegression(), "stack", "points", out="map", n_jobs=n_jobs, progress=progress
        )
        models.append(_train.train(request, noise))
        screen = capsys.readouterr().err
        assert bool(screen) is progress
    # Five random folds and five spatial blocks.
    assert "folds:   0%" in screen
    assert "| 10/10 " in screen
    assert "00:00 left]" in screen
    one, other = models
    assert one.facts == other.facts
    for a, b in zip(one.refits, other.refits, strict=True):
        np.testing.assert_array_equal(a.predict_proba(noise.X), b.predict_proba(noise.X))


class Fails(LogisticRegression):
    def fit(self, X, y):
        raise ValueError("no such rock")


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_an_error_in_a_fold_is_itself_with_a_bar(noise, n_jobs):
    request = MapRequest(Fails(), "stack", "points", out="map", n_jobs=n_jobs, progress=True)
    with pytest.raises(ValueError, match=r"^no such rock$"):
        _train.train(request, noise)


class Balance(LogisticRegression):
    """Keeps how many landslides and others it was fitted on."""

    seen = []

    def fit(self, X, y):
        self.seen.append(tuple(np.bincount(y)))
        return super().fit(X, y)


@pytest.mark.parametrize(
    ("resample", "rows"), [("smote", (90, 90)), ("under", (30, 30)), ("none", (90, 30))]
)
def test_the_model_of_a_map_is_fitted_on_rows_that_are_balanced_as_asked_for(noise, resample, rows):
    table = Bunch(**{**noise, "y": (np.arange(120) % 4 == 0).astype(int)})
    Balance.seen.clear()
    request = MapRequest(Balance(), "stack", "points", out="map", resample=resample, n_jobs=1)
    facts = _train.train(request, table).facts
    # To all rows first.
    assert Balance.seen[0] == rows
    assert facts["resample"] == resample
    assert facts["probabilities_of"] == {"0": 0.75, "1": 0.25}
