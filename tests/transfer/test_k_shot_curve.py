"""The number of labels that a region needs: what is drawn, fitted, scored and concluded."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, roc_auc_score
from sklearn.model_selection import KFold
from sklearn.naive_bayes import GaussianNB

from sklearn_landslide import LandslideNet, make_landslide_pipeline
from sklearn_landslide.transfer import (
    KShotCurve,
    PooledRegions,
    SourceStacking,
    TransferNet,
    k_shot_curve,
)
from sklearn_landslide.transfer._label_draws import draw_labeled, n_landslides_of


def region(n_rows, angle, seed):
    X = np.random.default_rng(seed).normal(size=(n_rows, 3))
    noise = np.random.default_rng(seed + 1).logistic(size=n_rows) / 3
    return X, (X[:, 0] + noise > angle + 0.3 * X[:, 1]).astype(int)


FIRST, TARGET = region(300, 0.5, 0), region(150, 0.8, 5)


class Rows(GaussianNB):
    """Notes the rows that it is fitted to and asked about."""

    seen = []

    def fit(self, X, y):
        self.rows_ = frozenset(np.asarray(X)[:, 0].tolist())
        return super().fit(X, y)

    def predict_proba(self, X):
        Rows.seen.append((self.rows_, frozenset(np.asarray(X)[:, 0].tolist())))
        return super().predict_proba(X)


@given(
    n_positive=st.integers(1, 60),
    n_negative=st.integers(1, 200),
    least=st.integers(1, 20),
    shares=st.lists(st.floats(0, 1), min_size=1, max_size=5),
)
@settings(max_examples=60, deadline=None)
def test_draws_are_nested_and_hold_both_kinds(n_positive, n_negative, least, shares):
    n_rows = n_positive + n_negative
    ks = sorted({2 + int(share * (n_rows - 2)) for share in shares})
    is_landslide = np.arange(n_rows) < n_positive
    draws = draw_labeled(is_landslide, np.arange(n_rows), ks, least, np.random.RandomState(0))
    for k, rows in draws.items():
        assert len(set(rows.tolist())) == k
        assert is_landslide[rows].sum() >= min(least, k // 3, n_positive)
        assert 0 < is_landslide[rows].sum() < k
    for smaller, larger in pairwise(ks):
        assert set(draws[smaller].tolist()) <= set(draws[larger].tolist())


def test_landslides_are_drawn_at_their_share_once_that_is_enough():
    assert [n_landslides_of(k, 200, 800, 10) for k in (3, 15, 30, 100, 500)] == [1, 5, 10, 20, 100]
    assert n_landslides_of(30, 4, 996, 10) == 4
    assert n_landslides_of(1000, 4, 996, 10) == 4


def test_no_number_of_labels_sees_a_test_row():
    X, y = TARGET
    Rows.seen.clear()
    pipeline = make_landslide_pipeline(Rows(), resample=None).set_params(
        range="passthrough", impute="passthrough", scale="passthrough"
    )
    k_shot_curve({"alone": pipeline}, X, y, ks=(10, 40), cv=3, n_repeats=2)
    assert len(Rows.seen) == 3 * 2 * 2
    assert [len(fitted) for fitted, _ in Rows.seen] == [10, 40] * 6
    for (fewer, tested), (more, same) in zip(Rows.seen[::2], Rows.seen[1::2], strict=True):
        assert fewer < more
        assert tested == same
        assert not tested & more


def test_scores_are_those_of_a_direct_fit_on_the_same_rows():
    """All rows of the training part are one draw only, and none is known, too."""
    X, y = TARGET
    cv = KFold(3)
    model = make_landslide_pipeline(LogisticRegression(), resample=None)
    source = LogisticRegression().fit(*FIRST)
    stacked = SourceStacking(source)
    models = {"stacked": stacked, "alone": model}
    curve = k_shot_curve(models, X, y, ks=(0, 100), cv=cv, n_repeats=1)
    scores = curve.scores.set_index(["model", "k", "fold", "metric"])["score"]
    for fold, (train, test) in enumerate(cv.split(X)):
        for name, k, fitted in (
            ("alone", 100, clone(model).fit(X[train], y[train])),
            ("stacked", 100, clone(stacked).fit(X[train], y[train])),
            ("stacked", 0, clone(stacked).fit(X[train])),
        ):
            p = fitted.predict_proba(X[test])[:, 1]
            assert scores[name, k, fold, "roc_auc"] == pytest.approx(roc_auc_score(y[test], p))
            assert scores[name, k, fold, "average_precision"] == pytest.approx(
                average_precision_score(y[test], p)
            )
    assert "alone" not in curve.scores.query("k == 0")["model"].to_numpy()
    assert (curve.with_source, curve.alone) == (("stacked",), ("alone",))
    assert (
        curve.scores.query("k == 100")["n_landslides"].tolist()
        == [y[train].sum() for train, _ in cv.split(X) for _ in range(2)] * 2
    )


def test_the_cells_of_a_polygon_are_drawn_together_and_are_one_landslide():
    # Forty landslides of five cells each, and 160 other places.
    n_slides, n_cells, n_others = 40, 5, 160
    y = np.repeat([1, 0], [n_slides * n_cells, n_others])
    polygons = np.concatenate([np.repeat(np.arange(n_slides), n_cells), 1000 + np.arange(n_others)])
    X = np.random.default_rng(0).normal(size=(len(y), 2)) + y[:, None]
    draws = draw_labeled(
        y == 1, np.arange(len(y)), (10, 40), 10, np.random.RandomState(0), polygons
    )
    for k, n in ((10, 3), (40, 10)):
        rows = draws[k]
        assert y[rows].sum() == n * n_cells and (y[rows] == 0).sum() == k - n
        assert np.unique(polygons[rows[y[rows] == 1]], return_counts=True)[1].tolist() == [5] * n
    with pytest.warns(UserWarning, match="left out k = 170"):
        curve = k_shot_curve(
            {"alone": GaussianNB()}, X, y, ks=(40, 170), cv=5, n_repeats=1, groups=polygons
        )
    assert curve.scores["n_landslides"].unique().tolist() == [10]


def test_a_network_and_pooled_rows_are_sources_too_and_labels_may_be_words():
    X, y = TARGET
    net = LandslideNet(max_epochs=1, n_members=2, n_trees=4, random_state=0).fit(*FIRST)
    words = np.array(["none", "landslide"])[FIRST[1]]
    models = {
        "net": TransferNet(net, max_epochs=1, target_weight=0, random_state=0),
        "pooled": PooledRegions(LogisticRegression(), FIRST[0], words),
    }
    curve = k_shot_curve(models, X, y, ks=(0, 30), cv=2, n_repeats=1, scoring="roc_auc")
    assert curve.with_source == ("net", "pooled")
    assert curve.summary().query("model == 'pooled'")["mean"].min() > 0.8
    without = curve.scores.query("model == 'pooled' and k == 0")["score"].mean()
    forward = make_landslide_pipeline(LogisticRegression(), resample=None).fit(*FIRST)
    whole = roc_auc_score(y, forward.predict_proba(X)[:, 1])
    assert without == pytest.approx(whole, abs=0.03)


def test_processes_seeds_and_order_of_ks_change_nothing():
    X, y = TARGET
    models = {"alone": GaussianNB(), "stacked": SourceStacking(LogisticRegression().fit(*FIRST))}
    one = k_shot_curve(models, X, y, ks=(0, 20, 50), cv=2, n_repeats=2)
    two = k_shot_curve(models, X, y, ks=[50, 20, 0], cv=2, n_repeats=2, n_jobs=2)
    pd.testing.assert_frame_equal(one.scores, two.scores)
    other = k_shot_curve(models, X, y, ks=(0, 20, 50), cv=2, n_repeats=2, random_state=1)
    assert not one.scores["score"].equals(other.scores["score"])


def made_up(by_k, folds=(-0.01, 0.01)):
    """A curve whose scores are those that are given, moved a little in each fold."""
    rows = [
        (model, k, 5, 0, fold, "roc_auc", score + (moved if model == "alone" else 0))
        for model, scores in by_k.items()
        for k, score in scores.items()
        for fold, moved in enumerate(folds)
    ]
    columns = ["model", "k", "n_landslides", "repeat", "fold", "metric", "score"]
    return KShotCurve(pd.DataFrame(rows, columns=columns), ("there",), ("roc_auc",))


@pytest.mark.parametrize(
    ("alone", "k", "words"),
    [
        ([0.6, 0.795, 0.9], 100, "from 100 labels on"),
        ([0.6, 0.75, 0.9], 300, "from 300 labels on"),
        ([0.81, 0.7, 0.85], 300, "from 300 labels on"),
        ([0.6, 0.7, 0.75], None, "stays behind there up to 300 labels"),
        ([0.8, 0.8, 0.8], 30, "with 30 labels already"),
    ],
)
def test_lines_cross_where_the_region_alone_is_no_longer_worse(alone, k, words):
    """The differences of the folds are 0.02 apart: their standard error is 0.01."""
    curve = made_up(
        {
            "there": dict.fromkeys([0, 30, 100, 300], 0.8),
            "alone": dict(zip((30, 100, 300), alone, strict=True)),
        }
    )
    assert curve.crossings()["k"].tolist() == [k]
    assert words in curve.in_words()[-1]
    assert curve.in_words()[-1] in repr(curve)


def test_the_standard_error_is_that_of_the_folds_not_of_the_draws():
    rows = [
        ("alone", 30, 9, repeat, fold, "roc_auc", score)
        for fold, scores in enumerate([[0.5, 0.7], [0.7, 0.9]])
        for repeat, score in enumerate(scores)
    ]
    columns = ["model", "k", "n_landslides", "repeat", "fold", "metric", "score"]
    summary = KShotCurve(pd.DataFrame(rows, columns=columns), (), ("roc_auc",)).summary()
    assert summary["mean"].tolist() == pytest.approx([0.7])
    # The folds have 0.6 and 0.8, whose standard deviation is 0.2 / sqrt(2).
    assert summary["se"].tolist() == pytest.approx([0.1])


def test_what_is_too_many_is_left_out_with_one_warning():
    X, y = TARGET
    with pytest.warns(UserWarning, match="left out k = 101, 9999: a fold has 100 places") as caught:
        curve = k_shot_curve({"a": GaussianNB()}, X, y, ks=(20, 101, 9999), cv=3, n_repeats=1)
    assert len(caught) == 1
    assert set(curve.scores["k"]) == {20}


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"ks": (1, 30)}, "0, or 2 and more"),
        ({"ks": (0.5,)}, "0, or 2 and more"),
        ({"ks": ()}, "0, or 2 and more"),
        ({"ks": (999,)}, "a fold has 100 places"),
        ({"ks": (0,)}, "no estimator does without labels"),
        ({"n_repeats": 0}, "n_repeats=0 must be"),
    ],
)
def test_what_cannot_be_drawn_is_refused(wrong, message):
    with pytest.raises(ValueError, match=message):
        k_shot_curve({"a": GaussianNB()}, *TARGET, cv=3, **({"ks": (20,)} | wrong))


def test_a_file_holds_the_scores(tmp_path):
    curve = made_up({"there": {0: 0.8, 30: 0.8}, "alone": {30: 0.7}})
    curve.to_csv(tmp_path / "scores.csv")
    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / "scores.csv"), curve.scores)
