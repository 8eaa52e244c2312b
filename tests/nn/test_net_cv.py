"""LandslideNetCV: what it chooses the shares by, and the shares of a net that is fitted."""

import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import (
    GridSearchCV,
    GroupKFold,
    KFold,
    StratifiedKFold,
    cross_validate,
)
from skorch.dataset import ValidSplit
from torch import nn

from sklearn_landslide import LandslideNet, LandslideNetCV, make_landslide_pipeline
from sklearn_landslide.model_selection import SpatialBlockKFold
from sklearn_landslide.nn import _net_cv
from sklearn_landslide.persistence import load_model, save_model

TINY = {
    "max_epochs": 1,
    "n_members": 1,
    "n_trees": 4,
    "module__deep": False,
    "random_state": 0,
}


def choosing(cv=2, **params):
    return LandslideNetCV(cv=cv, **TINY | params)


def shares_of(net):
    return net.module_.linear_weight, net.module_.memory_weight


@pytest.fixture(scope="module")
def X():
    # An index that is not a count of rows, so that one cannot be taken for the other.
    table = np.random.default_rng(0).normal(size=(90, 3)).astype(np.float32)
    return pd.DataFrame(table, columns=["f1", "f2", "f3"], index=np.arange(90) * 7 + 5)


@pytest.fixture(scope="module")
def y(X):
    noise = np.random.default_rng(1).logistic(size=len(X))
    return (X["f1"] + 0.5 * noise > 0).astype(int).to_numpy()


@pytest.fixture(scope="module")
def fitted(X, y):
    return LandslideNet(**TINY).fit(X, y)


@pytest.fixture
def net(fitted):
    return pickle.loads(pickle.dumps(fitted))


@pytest.fixture
def rows_used(monkeypatch):
    """Index of the rows of each fit and of each prediction of the paths."""
    used = {"fit": [], "own fit": [], "left out": []}
    fit, predict = LandslideNet.fit, LandslideNet.predict_path_logs

    def recording_fit(self, X, y, groups=None):
        used["own fit" if isinstance(self, LandslideNetCV) else "fit"].append(set(X.index))
        return fit(self, X, y, groups=groups)

    def recording_predict(self, X):
        used["left out"].append(set(X.index))
        return predict(self, X)

    monkeypatch.setattr(LandslideNet, "fit", recording_fit)
    monkeypatch.setattr(LandslideNet, "predict_path_logs", recording_predict)
    return used


class NoFolds:
    """A splitter that must not be asked."""

    def split(self, X, y=None, groups=None):
        raise AssertionError("asked for folds")

    def get_n_splits(self, X=None, y=None, groups=None):
        return 2


# --- shares of a fitted net ---------------------------------------------------------------


def test_paths_joined_with_the_nets_own_shares_are_its_probabilities(net, X):
    logs = net.predict_path_logs(X)
    np.testing.assert_allclose(logs.joined(*shares_of(net)), net.predict_proba(X), rtol=1e-6)
    for path in (logs.network, logs.linear, logs.memory):
        assert path.shape == (len(X), 2)
        np.testing.assert_allclose(np.exp(path).sum(axis=1), 1, rtol=1e-6)


@pytest.mark.parametrize("pair", [(0.0, 0.0), (1.0, 0.0), (0.25, 1.0), (0.5, 0.75)])
def test_shares_that_are_set_are_those_of_the_probabilities(net, X, pair):
    expected = net.predict_path_logs(X).joined(*pair)
    assert net.set_shares(linear_weight=pair[0], memory_weight=pair[1]) is net
    np.testing.assert_allclose(net.predict_proba(X), expected, rtol=1e-6)
    # One member: its probability is that of the net.
    np.testing.assert_allclose(net.predict_proba_members(X)[0], expected, rtol=1e-6)
    assert shares_of(net) == (net.recipe_.linear_weight, net.recipe_.memory_weight) == pair


def test_a_share_that_is_not_named_stays(net):
    linear, memory = shares_of(net)
    net.set_shares(memory_weight=0.7)
    assert shares_of(net) == (linear, 0.7)
    net.set_shares(linear_weight=0.2)
    assert shares_of(net) == (0.2, 0.7)
    net.set_shares()
    assert shares_of(net) == (0.2, 0.7)
    assert memory != 0.7


@pytest.mark.parametrize(
    "given", [{}, {"module__linear_weight": 0.9, "module__memory_weight": 0.1}]
)
def test_shares_that_are_set_are_kept_by_files(X, y, tmp_path, given):
    net = LandslideNet(**TINY, **given).fit(X, y)
    before = net.predict_proba(X)
    expected = net.set_shares(linear_weight=0.25, memory_weight=0.5).predict_proba(X)
    assert np.abs(expected - before).max() > 0.01
    net.save(tmp_path / "net.safetensors")
    for copy in (LandslideNet.load(tmp_path / "net.safetensors"), pickle.loads(pickle.dumps(net))):
        assert shares_of(copy) == (0.25, 0.5)
        np.testing.assert_array_equal(copy.predict_proba(X), expected)


def test_shares_that_are_set_outlast_a_new_module_and_further_training(net, X, y):
    net.set_shares(linear_weight=0.25, memory_weight=0.5)
    net.partial_fit(X, y)
    np.testing.assert_allclose(
        net.predict_proba(X), net.predict_path_logs(X).joined(0.25, 0.5), rtol=1e-6
    )
    net.set_params(module__dropout=0.1)
    assert (net.module_.linear_weight, net.module_.memory_weight) == (0.25, 0.5)


def test_a_clone_is_back_to_the_parameters(net, fitted, X, y):
    copy = clone(net.set_shares(linear_weight=0.0, memory_weight=0.0))
    assert copy.module__linear_weight == copy.module__memory_weight == "auto"
    np.testing.assert_array_equal(copy.fit(X, y).predict_proba(X), fitted.predict_proba(X))


@pytest.mark.parametrize("share", [-0.1, 1.5, float("nan")])
@pytest.mark.parametrize("name", ["linear_weight", "memory_weight"])
def test_a_share_outside_0_to_1_is_refused(net, name, share):
    before = shares_of(net)
    with pytest.raises(ValueError, match=rf"^{name} is a share between 0 and 1, got {share}\.$"):
        net.set_shares(**{name: share})
    assert shares_of(net) == before


@pytest.mark.parametrize("path", ["linear", "memory"])
def test_a_share_of_a_path_that_is_not_there_is_refused(X, y, path):
    net = LandslideNet(**TINY, **{f"module__{path}": False}).fit(X, y)
    assert getattr(net.predict_path_logs(X), path) is None
    with pytest.raises(ValueError, match=rf"^{path}_weight=0.5: this net has no {path} path\.$"):
        net.set_shares(**{f"{path}_weight": 0.5})


def test_an_unfitted_net_has_no_shares_to_set_and_no_paths(X):
    for ask in (lambda: LandslideNet().set_shares(), lambda: LandslideNet().predict_path_logs(X)):
        with pytest.raises(NotFittedError):
            ask()


class Own(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(3, 2)

    def forward(self, x):
        return self.layer(x)


def test_the_paths_of_a_module_of_the_users_own_are_not_known(X, y):
    net = LandslideNet(Own, max_epochs=1, random_state=0).fit(X, y)
    with pytest.raises(TypeError, match=r"^The module Own is your own: its paths are not known\.$"):
        net.predict_path_logs(X)


# --- what the shares are chosen by --------------------------------------------------------


@pytest.fixture(scope="module")
def neighborhoods():
    """Small groups of near rows; half of a group's label is the line, half a thing of its own.

    A row's neighbors tell its label; on other groups only the line does.
    """
    rng = np.random.default_rng(0)
    centers = rng.normal(size=(60, 3))
    own = rng.normal(size=60)
    labels = (centers[:, 0] + own > 0).astype(int)
    groups = np.repeat(np.arange(60), 5)
    return centers[groups] + 0.02 * rng.normal(size=(300, 3)), labels[groups], groups


def test_the_memory_gets_more_where_near_neighbors_are_known(neighborhoods):
    X, y, groups = neighborhoods
    net = choosing(n_trees=16, scoring="neg_log_loss")
    near = clone(net).set_params(cv=StratifiedKFold(3, shuffle=True, random_state=0)).fit(X, y)
    # The net itself is not told of the groups: its memory would have larger leaves.
    by_group = [*GroupKFold(3).split(X, y, groups)]
    far = clone(net).set_params(cv=by_group).fit(X, y)
    assert near.module_.memory_weight == 0.8
    assert far.module_.memory_weight <= 0.4
    near_scores, far_scores = (
        # Line by memory.
        net.cv_results_.scores.mean(axis=1).reshape(7, 5)
        for net in (near, far)
    )
    # Near, every bit of the memory helps; far, the line alone is better than without it.
    assert (np.diff(near_scores.mean(axis=0)) > 0).all()
    assert far_scores[-1].mean() > far_scores[0].mean() + 0.01
    assert near_scores.max() > far_scores.max() + 0.3


def test_the_net_is_the_plain_one_with_the_chosen_shares(X, y):
    chosen = choosing().fit(X, y)
    plain = LandslideNet(**TINY).fit(X, y)
    plain.set_shares(linear_weight=shares_of(chosen)[0], memory_weight=shares_of(chosen)[1])
    np.testing.assert_array_equal(chosen.predict_proba(X), plain.predict_proba(X))
    results = chosen.cv_results_
    assert results.scores.shape == (35, 2)
    tried = list(zip(results.linear_weight, results.memory_weight, strict=True))
    assert shares_of(chosen) in tried
    # Within one standard error of the best.
    behind = results.scores[results.scores.mean(axis=1).argmax()] - results.scores
    at = tried.index(shares_of(chosen))
    assert behind[at].mean() <= behind[at].std(ddof=1) / np.sqrt(2)


def test_rows_to_test_on_are_never_seen(X, y, rows_used):
    outer = StratifiedKFold(2, shuffle=True, random_state=0)
    cross_validate(choosing(cv=3), X, y, cv=outer, scoring="roc_auc")
    assert len(rows_used["own fit"]) == 2
    for k, (train, _) in enumerate(outer.split(X, y)):
        known = set(X.index[train])
        assert rows_used["own fit"][k] == known
        inner = slice(3 * k, 3 * k + 3)
        for learned, left_out in zip(
            rows_used["fit"][inner], rows_used["left out"][inner], strict=True
        ):
            assert learned | left_out == known
            assert not learned & left_out
        # Each training row is left out once.
        assert sum(map(len, rows_used["left out"][inner])) == len(known)


@pytest.mark.parametrize("seed", [3, np.random.RandomState(3)])
def test_the_same_seed_gives_the_same_choice_and_the_same_net(X, y, seed):
    first, second = (clone(choosing(random_state=seed)).fit(X, y) for _ in range(2))
    np.testing.assert_array_equal(first.cv_results_.scores, second.cv_results_.scores)
    assert shares_of(first) == shares_of(second)
    np.testing.assert_array_equal(first.predict_proba(X), second.predict_proba(X))


def test_folds_may_be_given_as_a_number_a_splitter_or_a_list(X, y):
    splitter = StratifiedKFold(2)
    folds = [2, splitter, list(splitter.split(X, y)), iter(splitter.split(X, y))]
    number, *others = (choosing(cv=cv).fit(X, y).cv_results_.scores for cv in folds)
    for scores in others:
        np.testing.assert_array_equal(scores, number)


def test_five_stratified_folds_are_the_default(X, y):
    default, five = (choosing(cv=cv).fit(X, y).cv_results_.scores for cv in (None, 5))
    assert default.shape == (35, 5)
    np.testing.assert_array_equal(default, five)


def test_blocks_of_places_find_the_rows_of_a_frame_in_a_pipeline(X, y, rows_used):
    places = pd.DataFrame(
        np.random.default_rng(2).uniform(0, 9000, size=(len(X), 2)), X.index, ["x", "y"]
    )
    blocks = SpatialBlockKFold(places, n_splits=2, random_state=0)
    pipeline = make_landslide_pipeline(choosing(cv=blocks), resample=False, random_state=0)
    # Rows in another order than the places.
    order = np.random.default_rng(3).permutation(len(X))[:80]
    train, table = X.iloc[order], y[order]
    pipeline.fit(train, table)
    assert pipeline[-1].cv_results_.scores.shape == (35, 2)
    expected = [set(train.index[test]) for _, test in blocks.split(train, table)]
    assert rows_used["left out"] == expected


def test_groups_reach_the_folds_and_the_split_of_each_fit(neighborhoods):
    X, y, groups = neighborhoods
    inner = ValidSplit(GroupKFold(2))
    net = choosing(cv=GroupKFold(2), train_split=inner).fit(X, y, groups=groups)
    splits = list(GroupKFold(2).split(X, y, groups))
    listed = choosing(cv=splits, train_split=inner).fit(X, y, groups=groups)
    np.testing.assert_array_equal(net.cv_results_.scores, listed.cv_results_.scores)
    with pytest.raises(ValueError, match="'groups' parameter should not be None"):
        choosing(cv=GroupKFold(2)).fit(X, y)


def test_a_fold_without_a_class_does_not_count(X, y, rows_used):
    only_zeros = np.flatnonzero(y == 0)[:10]
    rest = np.setdiff1d(np.arange(len(y)), only_zeros)
    good = next(StratifiedKFold(2).split(X, y))
    folds = [(rest, only_zeros), good, (only_zeros, rest)]
    net = choosing(cv=folds).fit(X, y)
    assert net.cv_results_.scores.shape == (35, 1)
    assert rows_used["fit"] == [set(X.index[good[0]])]


def test_folds_that_all_lack_a_class_are_an_error_in_one_line(X, y):
    order = np.argsort(y, kind="stable")
    with pytest.raises(
        ValueError, match=r"^None of the 2 folds of cv has places of every class"
    ) as e:
        choosing(cv=KFold(2)).fit(X.iloc[order[10:80]], [0] * 35 + [1] * 35)
    assert "\n" not in str(e.value)
    folds = [(order[:20], order[20:])] * 2
    with pytest.raises(ValueError, match=r"^None of the 2 folds of cv") as e:
        choosing(cv=folds).fit(X, y)
    assert "\n" not in str(e.value)


@pytest.mark.parametrize("name", ["linear_weight", "memory_weight"])
def test_a_share_that_is_given_is_not_chosen(X, y, name):
    net = choosing(**{f"module__{name}": 0.123}).fit(X, y)
    assert set(net.cv_results_[name]) == {0.123}
    assert getattr(net.module_, name) == 0.123
    assert net.get_params()[f"module__{name}"] == 0.123


@pytest.mark.parametrize("path", ["linear", "memory"])
def test_a_path_that_is_switched_off_stays_off(X, y, path):
    net = choosing(**{f"module__{path}": False}).fit(X, y)
    assert getattr(net.predict_path_logs(X), path) is None
    assert set(net.cv_results_[f"{path}_weight"]) == {None}
    other = {"linear": "memory", "memory": "linear"}[path]
    assert len(net.cv_results_[f"{other}_weight"]) == len(net.cv_results_.scores) > 1


HOURS = {"rain": ["f1", "f2"]}


@pytest.mark.parametrize(
    "params",
    [
        {"sequences": HOURS},
        {"module": Own},
        {"module__linear_weight": 0.2, "module__memory_weight": 0.5},
        {"module__linear": False, "module__memory": False},
        {"module__linear": False, "module__memory_weight": 0.5},
    ],
    ids=["sequences", "own module", "both given", "no path", "no line, memory given"],
)
def test_where_nothing_can_be_chosen_only_the_net_itself_is_fitted(X, y, params):
    small = {} if "module" in params else TINY | {"module__deep": True}
    net = LandslideNetCV(cv=NoFolds(), **small | {"max_epochs": 1, "random_state": 0} | params)
    plain = LandslideNet(**small | {"max_epochs": 1, "random_state": 0} | params)
    expected = plain.fit(X, y).predict_proba(X)
    np.testing.assert_array_equal(net.fit(X, y).predict_proba(X), expected)
    assert not hasattr(net, "cv_results_")


def test_scores_of_an_earlier_fit_do_not_stay(X, y):
    net = choosing().fit(X, y)
    net.set_params(module__linear_weight=0.2, module__memory_weight=0.5).fit(X, y)
    assert not hasattr(net, "cv_results_")
    assert shares_of(net) == (0.2, 0.5)


def test_going_on_leaves_the_shares_as_they_are(X, y):
    net = choosing().fit(X, y)
    shares = shares_of(net)
    net.cv = NoFolds()
    net.partial_fit(X, y)
    assert shares_of(net) == shares
    net.set_params(warm_start=True).fit(X, y)
    assert shares_of(net) == shares
    assert net.cv_results_.scores.shape == (35, 2)


@pytest.mark.parametrize("scoring", ["roc_auc", "average_precision", "neg_log_loss"])
@pytest.mark.parametrize("n_classes", [2, 3])
def test_labels_may_be_texts(X, n_classes, scoring):
    names = np.array(["slide", "none", "flow"])[:n_classes]
    codes = np.clip(np.digitize(X["f1"], [0.0, 0.8]), 0, n_classes - 1)
    net = choosing(scoring=scoring).fit(X, names[codes])
    assert net.classes_.tolist() == sorted(names)
    assert (net.predict(X) == names[codes]).mean() > 0.6
    scores = net.cv_results_.scores
    assert np.isfinite(scores).all()
    assert (scores <= 0).all() if scoring == "neg_log_loss" else (scores > 0.5).any()
    # Codes that follow the sorted names, and not the order of appearance.
    coded = choosing(scoring=scoring).fit(X, np.searchsorted(sorted(names), names[codes]))
    np.testing.assert_array_equal(coded.cv_results_.scores, scores)


def test_labels_that_the_table_lacks_have_no_fold(X, y):
    with pytest.raises(ValueError, match=r"^None of the 2 folds of cv has places of every class"):
        choosing(classes=[0, 1, 2]).fit(X, y)


@pytest.mark.parametrize(
    ("params", "match"),
    [({"scoring": "accuracy"}, "'scoring' parameter of LandslideNetCV"), ({"cv": 1}, "n_splits=1")],
)
def test_parameters_that_make_no_sense_are_refused(X, y, params, match):
    with pytest.raises(ValueError, match=match):
        choosing(**params).fit(X, y)


def test_a_file_gives_back_a_net_with_the_chosen_shares(X, y, tmp_path):
    net = choosing(cv=KFold(2), scoring="neg_log_loss").fit(X, y)
    net.set_shares(linear_weight=0.05, memory_weight=0.65)
    net.save(tmp_path / "net.safetensors")
    for kind in (LandslideNet, LandslideNetCV):
        loaded = kind.load(tmp_path / "net.safetensors")
        assert type(loaded) is kind
        assert shares_of(loaded) == (0.05, 0.65)
        np.testing.assert_array_equal(loaded.predict_proba(X), net.predict_proba(X))
    copy = pickle.loads(pickle.dumps(net))
    np.testing.assert_array_equal(copy.predict_proba(X), net.predict_proba(X))
    np.testing.assert_array_equal(copy.cv_results_.scores, net.cv_results_.scores)


def test_a_model_file_holds_it_as_a_net_with_the_chosen_shares(X, y, tmp_path):
    pytest.importorskip("skops")
    pipeline = make_landslide_pipeline(choosing(), resample=False, random_state=0).fit(X, y)
    pipeline[-1].set_shares(memory_weight=0.65)
    save_model(pipeline, tmp_path / "model.zip")
    loaded = load_model(tmp_path / "model.zip")
    assert type(loaded[-1]) is LandslideNet
    assert shares_of(loaded[-1]) == shares_of(pipeline[-1])
    np.testing.assert_array_equal(loaded.predict_proba(X), pipeline.predict_proba(X))


def test_a_search_may_run_over_it(X, y):
    grid = {"scoring": ["roc_auc", "neg_log_loss"], "cv": [2, KFold(2)]}
    search = GridSearchCV(choosing(), grid, cv=2, scoring="roc_auc", error_score="raise").fit(X, y)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()
    assert isinstance(search.best_estimator_, LandslideNetCV)
    assert search.best_estimator_.cv_results_.scores.shape == (35, 2)


def test_what_is_chosen_is_what_the_folds_say(X, y, monkeypatch):
    seen = []
    choose = _net_cv.choose_shares

    def recording(folds, usual, scoring):
        seen.append((folds, usual, scoring))
        return choose(folds, usual, scoring)

    monkeypatch.setattr(_net_cv, "choose_shares", recording)
    net = choosing(scoring="average_precision").fit(X, y)
    ((folds, usual, scoring),) = seen
    assert scoring == "average_precision"
    plain = LandslideNet(**TINY)
    for (train, test), (logs, codes) in zip(StratifiedKFold(2).split(X, y), folds, strict=True):
        alone = clone(plain).fit(X.iloc[train], y[train])
        np.testing.assert_array_equal(codes, y[test])
        expected = alone.predict_proba(X.iloc[test])
        np.testing.assert_allclose(logs.joined(*shares_of(alone)), expected, rtol=1e-6)
    # What is usual is of the table that the net is fitted to, but for the rows left out.
    assert usual == {"linear_weight": (0.45, True), "memory_weight": (0.35, True)}
    assert net.recipe_.n_members == alone.recipe_.n_members
