"""Shares of the paths beside the network: chosen by other folds, for the ground asked for."""

from copy import deepcopy

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.utils import Bunch

pytest.importorskip("rioxarray")

from sklearn_landslide import LandslideNet, make_landslide_pipeline
from sklearn_landslide.map_products import MapRequest, _train
from sklearn_landslide.map_products._shares import choose_on_other_folds, has_open_shares
from sklearn_landslide.map_products._testing import score_folds

NET = LandslideNet(max_epochs=2, n_members=1, n_trees=8, random_state=0)


@pytest.fixture(scope="module")
def table():
    """A straight line far and wide, and at random a neighbor that is the same place."""
    rng = np.random.default_rng(0)
    n = 150
    X = np.repeat(rng.normal(size=(n, 3)), 2, axis=0)
    y = np.repeat(0.3 * X[::2, 0] + rng.logistic(size=n) > 0, 2).astype(int)
    places = np.repeat(rng.uniform(0, 5_000, (n, 2)), 2, axis=0)
    return Bunch(
        X=pd.DataFrame(X, columns=list("abc")),
        y=y,
        coordinates=pd.DataFrame(places, columns=["x", "y"]),
        groups=np.arange(2 * n),
    )


def trained(table, net=NET, **options):
    request = MapRequest(clone(net), "stack", "points", out="map", **options)
    return _train.train(request, table)


def shares_of(pipeline):
    return {name: share for name, (share, _) in pipeline[-1].usual_shares().items()}


def test_a_memory_of_twins_counts_near_the_inventory_and_not_away_from_it(table):
    pipeline = make_landslide_pipeline(clone(NET), random_state=0)
    folds = _train.folds_of(table, 0)
    near, away = score_folds(pipeline, table, folds.random, folds.blocks, choose=True)
    # The other half of a pair is in the training table: it is known.
    assert near.shares["memory_weight"] > away.shares["memory_weight"]
    assert np.mean(near.aucs) > 0.9 > 0.6 > np.mean(away.aucs)


def test_a_fold_gets_what_the_others_chose(table):
    """Labels of the last fold are turned round: all folds see that but the last."""
    pipeline = make_landslide_pipeline(clone(NET), random_state=0)
    folds = _train.folds_of(table, 0).random
    (tested,) = score_folds(pipeline, table, folds, keep=True)
    tests = [test for _, test in folds]
    turned = table.y.copy()
    turned[tests[-1]] = 1 - turned[tests[-1]]
    chosen = []
    for y in (table.y, turned):
        models = deepcopy(tested.models)
        choose_on_other_folds(models, table.X, y, tests)
        chosen.append([shares_of(model) for model in models])
    assert chosen[0][-1] == chosen[1][-1]
    assert chosen[0][:-1] != chosen[1][:-1]


def test_the_scores_of_folds_are_those_of_their_models(table):
    pipeline = make_landslide_pipeline(clone(NET), random_state=0)
    folds = _train.folds_of(table, 0).blocks
    (tested,) = score_folds(pipeline, table, folds, keep=True, choose=True)
    for model, (_, test), auc in zip(tested.models, folds, tested.aucs, strict=True):
        probability = model.predict_proba(table.X.iloc[test])[:, 1]
        assert auc == roc_auc_score(table.y[test], probability)


def test_two_folds_choose_nothing(table):
    pipeline = make_landslide_pipeline(clone(NET), random_state=0)
    folds = _train.folds_of(table, 0).random[:2]
    (tested,) = score_folds(pipeline, table, folds, keep=True, choose=True)
    assert tested.shares is None
    usual = shares_of(tested.models[0])
    assert usual == shares_of(tested.models[1])
    # Rows of the other folds were not tested.
    assert np.isnan(tested.probability).sum() == len(table.y) - sum(len(t) for _, t in folds)


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        (NET, True),
        (LandslideNet(max_epochs=1, module__linear_weight=0.3, n_members=1), True),
        (
            LandslideNet(
                max_epochs=1, n_members=1, module__linear_weight=0.3, module__memory_weight=0.2
            ),
            False,
        ),
        (
            LandslideNet(max_epochs=1, n_members=1, module__linear=False, module__memory=False),
            False,
        ),
        (LogisticRegression(), False),
    ],
)
def test_only_shares_that_are_left_open_are_chosen(table, model, expected):
    pipeline = make_landslide_pipeline(model, random_state=0).fit(table.X, table.y)
    assert has_open_shares(pipeline) is expected


def test_a_map_takes_the_shares_of_the_ground_that_is_asked_for(table):
    net = clone(NET).set_params(module__linear_weight=0.3)
    made = trained(table, net, ground="near")
    assert made.facts["ground"] == "near"
    # A share that is set stays.
    assert made.facts["shares"]["linear_weight"] == 0.3
    assert made.facts["shares"]["memory_weight"] in (0.0, 0.2, 0.4, 0.6, 0.8)
    assert shares_of(made.model) == made.facts["shares"]
    assert trained(table, LogisticRegression()).facts["shares"] is None


def test_random_folds_of_many_landslides_are_not_all_tested(monkeypatch, table):
    monkeypatch.setattr(_train, "_ENOUGH_LANDSLIDES", 40)
    folds = _train.folds_of(table, 0).random
    n_tested = [int(table.y[test].sum()) for _, test in folds]
    assert n_tested[0] < 40 <= n_tested[0] + n_tested[1]
    made = trained(table, LogisticRegression())
    assert (len(made.facts["auc_random"]), len(made.facts["auc_blocks"])) == (2, 5)
    # Near the inventory the random folds are what counts.
    assert len(trained(table, LogisticRegression(), ground="near").facts["auc_random"]) == 5
