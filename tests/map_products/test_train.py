"""What is trained for a map."""

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import BaggingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.utils import Bunch

pytest.importorskip("rioxarray")

from sklearn_landslide.map_products import MapRequest, _train
from sklearn_landslide.map_products._train import needs_fold_models


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        (RandomForestClassifier(5), True),
        (RandomForestClassifier(5, min_samples_leaf=5), False),
        (BaggingClassifier(n_estimators=3), False),
        (LogisticRegression(), True),
    ],
    ids=repr,
)
def test_models_of_folds_are_kept_where_members_tell_nothing(model, expected):
    X = np.random.default_rng(0).normal(size=(40, 2))
    assert needs_fold_models(model.fit(X, X[:, 0] > 0)) is expected


@pytest.fixture
def table():
    rng = np.random.default_rng(0)
    return Bunch(
        X=pd.DataFrame(rng.normal(size=(120, 3)), columns=list("abc")),
        y=np.arange(120) % 2,
        coordinates=pd.DataFrame(rng.uniform(0, 5_000, (120, 2)), columns=["x", "y"]),
        groups=np.arange(120),
    )


def request_for(model, **options):
    return MapRequest(model, "stack.tif", "points.gpkg", out="map", **options)


@pytest.mark.parametrize("kind", ["blocks", "folds"])
def test_the_uncertainty_is_of_the_models_that_were_tested(table, kind):
    if kind == "folds":
        # One place holds all landslides: no blocks.
        table.coordinates.loc[table.y == 1] = 100.0
    request = request_for(LogisticRegression())
    folds = _train.check_enough(table, request)
    made = _train.train(request, table, folds=folds)
    assert made.facts["uncertainty"] == kind
    parts = folds.blocks if kind == "blocks" else folds.random
    assert len(made.refits) == len(parts) == 5
    for model, (rows, _) in zip(made.refits, parts, strict=True):
        expected = _train._pipeline_of(request).fit(table.X.iloc[rows], table.y[rows])
        np.testing.assert_array_equal(model.predict_proba(table.X), expected.predict_proba(table.X))
        # Nothing of how it was tested goes with it.
        assert not {"predict_proba", "predict"} & {*vars(model)}


def test_a_model_with_members_leaves_none_of_the_folds(table):
    made = _train.train(request_for(BaggingClassifier(n_estimators=3)), table)
    assert made.facts["uncertainty"] == "members"
    assert made.refits == []


def test_a_table_is_folded_once(table, monkeypatch):
    calls = []
    folds_of = _train.folds_of
    monkeypatch.setattr(_train, "folds_of", lambda *args: calls.append(1) or folds_of(*args))
    request = request_for(LogisticRegression())
    folds = _train.check_enough(table, request)
    _train.train(request, table, folds=folds)
    assert len(calls) == 1
