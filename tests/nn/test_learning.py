"""The network learns what it should, on tables as they come."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss, recall_score, roc_auc_score
from sklearn.model_selection import cross_validate

from sklearn_landslide import LandslideNet


def auc(net, X, y, n_train=None):
    n_train = n_train or 2 * len(X) // 3
    net.fit(X[:n_train], y[:n_train])
    return roc_auc_score(y[n_train:], net.predict_proba(X[n_train:])[:, 1])


@pytest.fixture
def xor():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(900, 4))
    return X, ((X[:, 0] > 0) ^ (X[:, 2] > 0)).astype(int)


@pytest.fixture
def linear():
    rng = np.random.default_rng(1)
    X = rng.normal(size=(450, 3))
    return X, (X @ [1.0, -1.0, 0.5] + 0.5 * rng.normal(size=450) > 0).astype(int)


@pytest.mark.parametrize("switch", [None, "module__deep", "module__wide"])
def test_xor_of_two_factors_is_solved(xor, switch):
    X, y = xor
    # A path that is left must solve it by itself, which a memory would too.
    params = {} if switch is None else {switch: False, "module__memory": False}
    assert auc(LandslideNet(random_state=0, **params), X, y) > 0.95
    assert auc(LogisticRegression(), X, y) < 0.6


def test_probabilities_are_near_the_true_ones():
    rng = np.random.default_rng(2)
    X = rng.normal(size=(3000, 3))
    true = expit(2 * np.sin(2 * X[:, 0]) + X[:, 1])
    y = rng.uniform(size=3000) < true
    net = LandslideNet(random_state=0, max_epochs=8).fit(X[:2000], y[:2000])
    probability = net.predict_proba(X[2000:])[:, 1]
    assert np.abs(probability - true[2000:]).mean() < 0.08
    floor = log_loss(y[2000:], true[2000:])
    assert log_loss(y[2000:], probability) < floor + 0.05


def test_noise_gives_no_skill():
    rng = np.random.default_rng(3)
    X, y = rng.normal(size=(600, 5)), rng.integers(0, 2, 600)
    assert 0.4 < auc(LandslideNet(random_state=0, max_epochs=5), X, y) < 0.6


def test_class_weight_raises_recall():
    rng = np.random.default_rng(4)
    X = rng.normal(size=(800, 3))
    y = (X[:, 0] + rng.normal(size=800) > 2).astype(int)

    def recall(**params):
        net = LandslideNet(random_state=0, max_epochs=6, n_members=2, **params)
        return recall_score(y[500:], net.fit(X[:500], y[:500]).predict(X[500:]))

    plain = recall()
    for class_weight in ("balanced", {0: 1, 1: 10}):
        assert recall(class_weight=class_weight) > plain + 0.2


def test_balanced_weights_in_the_loss_are_those_of_the_formula(linear):
    X, y = linear
    rows = np.r_[np.flatnonzero(y == 0)[:90], np.flatnonzero(y == 1)[:30]]
    net = LandslideNet(class_weight="balanced", max_epochs=1, n_members=1)
    net.fit(X[rows], y[rows])
    np.testing.assert_allclose(net.criterion_.weight, [120 / (2 * 90), 120 / (2 * 30)])


@pytest.mark.parametrize(
    "labels",
    [np.array(["none", "shallow", "deep"]), np.array([10, -5, 3]), np.array([0.0, 1.0, 2.0])],
)
def test_three_classes_of_any_labels(labels):
    rng = np.random.default_rng(5)
    X = rng.normal(size=(450, 2))
    y = labels[np.digitize(X[:, 0], [-0.5, 0.5])]
    net = LandslideNet(random_state=0, max_epochs=12, n_members=2).fit(X[:300], y[:300])
    assert net.classes_.tolist() == sorted(labels.tolist())
    assert net.score(X[300:], y[300:]) > 0.85
    probability = net.predict_proba(X[300:])
    np.testing.assert_allclose(probability.sum(axis=1), 1, rtol=0, atol=1e-12)
    np.testing.assert_array_equal(net.classes_[probability.argmax(1)], net.predict(X[300:]))


def test_labels_are_names_only(linear):
    X, y = linear
    params = {"random_state": 0, "max_epochs": 2, "n_members": 2}
    coded = LandslideNet(**params).fit(X, y).predict_proba(X)
    words = np.array(["no", "yes"])[y]
    for labels in (words, pd.Series(words), words.tolist(), y == 1, y + 1):
        net = LandslideNet(**params).fit(X, labels)
        np.testing.assert_array_equal(net.predict_proba(X), coded)
        assert set(net.predict(X)) == set(labels)


def test_scores_of_scikit_learn_take_the_probabilities(linear):
    net = LandslideNet(random_state=0, max_epochs=3, n_members=2)
    scoring = ["neg_log_loss", "neg_brier_score", "roc_auc", "f1"]
    scores = cross_validate(net, *linear, cv=2, scoring=scoring)
    for name in scoring:
        assert (scores[f"test_{name}"] > (-0.7 if name.startswith("neg") else 0.7)).all()


@pytest.mark.parametrize(
    "change",
    [
        lambda X: X + 4_500_000,
        lambda X: X * 1e-30,
        lambda X: X * 1e30,
        lambda X: X * [1e-8, 1e8, -1.0],
        lambda X: np.exp(3 * X),
        lambda X: np.column_stack([X, np.full(len(X), 7.0)]),
        lambda X: np.column_stack([X, X[:, 0]]),
    ],
    ids=["utm", "tiny", "large", "mixed", "skewed", "constant", "twin"],
)
def test_scale_and_shape_of_the_factors_hardly_matter(linear, change):
    X, y = linear
    net = LandslideNet(random_state=0, max_epochs=10, n_members=2)
    assert auc(net, change(X), y) > 0.93


def test_rows_that_come_twice_do_no_harm(linear):
    X, y = linear
    rows = np.r_[0:150, 0:150, 300:450]
    net = LandslideNet(random_state=0, max_epochs=10, n_members=2)
    assert auc(net, X[rows], y[rows]) > 0.93


def test_increasing_transforms_of_a_factor_leave_the_net_unchanged(linear):
    X, y = linear
    # All but the linear path and the memory sees ranks only.
    params = {"random_state": 0, "max_epochs": 3, "n_members": 2}
    params |= {"module__linear": False, "module__memory": False}
    before = LandslideNet(**params).fit(X, y).predict_proba(X)
    changed = np.column_stack([4 * X[:, 0] + 64, np.exp(X[:, 1]), X[:, 2] ** 3])
    after = LandslideNet(**params).fit(changed, y).predict_proba(changed)
    np.testing.assert_allclose(after, before, atol=1e-4)


@pytest.mark.parametrize("n_factors", [1, 2, 200])
def test_one_factor_or_many(n_factors):
    rng = np.random.default_rng(6)
    X = rng.normal(size=(300, n_factors))
    y = (np.abs(X[:, 0]) > 0.7).astype(int)
    net = LandslideNet(random_state=0, max_epochs=8 if n_factors > 2 else 15, n_members=2)
    assert auc(net, X, y) > (0.9 if n_factors < 200 else 0.6)


def test_twenty_rows(linear):
    X, y = linear
    net = LandslideNet(random_state=0).fit(X[:20], y[:20])
    assert roc_auc_score(y[20:], net.predict_proba(X[20:])[:, 1]) > 0.75


def test_rows_far_outside_the_training_table_are_held_at_its_edge(linear):
    X, y = linear
    net = LandslideNet(random_state=0, max_epochs=3, n_members=2).fit(X, y)
    edge = np.where(X[:5] > 0, X.max(axis=0), X.min(axis=0))
    far = np.where(X[:5] > 0, 1e20, -1e20)
    np.testing.assert_array_equal(net.predict_proba(far), net.predict_proba(edge))


@pytest.mark.parametrize(("n", "n_members"), [(20_000, 8), (20_001, 4)])
def test_number_of_members_follows_the_number_of_rows(n, n_members):
    X = np.random.default_rng(7).normal(size=(n, 2))
    net = LandslideNet(max_epochs=0).fit(X, X[:, 0] > 0)
    assert net.module_.n_members == n_members
    assert net.predict_proba(X).shape == (n, 2)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda X, y: (np.where(X > 1, np.nan, X), y), "contains NaN"),
        (lambda X, y: (np.where(X > 1, np.inf, X), y), "contains infinity"),
        (lambda X, y: (X, y[:-1]), "inconsistent numbers of samples"),
        (lambda X, y: (X[:0], y[:0]), "0 sample"),
        (lambda X, y: (X[0], y[:3]), "Expected 2D array"),
        (lambda X, y: (X, np.zeros_like(y)), "y has one class, 0: LandslideNet needs"),
        (lambda X, y: (X, np.where(y, np.nan, 0.0)), "contains NaN"),
        (lambda X, y: (X, X[:, 0]), "Unknown label type"),
        (lambda X, y: (X, None), "requires y to be passed"),
    ],
)
def test_bad_tables_are_refused(linear, change, message):
    X, y = change(*linear)
    with pytest.raises(ValueError, match=message):
        LandslideNet(max_epochs=1, n_members=1).fit(X, y)
