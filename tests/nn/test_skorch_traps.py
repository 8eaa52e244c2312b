"""What works in skorch works here, and where skorch and scikit-learn clash nothing breaks."""

import copy
import pickle
import subprocess
import sys
import threading

import numpy as np
import pytest
import torch
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, f1_score, make_scorer, roc_auc_score
from sklearn.model_selection import GridSearchCV, GroupKFold
from skorch.callbacks import (
    Callback,
    Checkpoint,
    EarlyStopping,
    EpochScoring,
    GradientNormClipping,
    LoadInitState,
    LRScheduler,
    ProgressBar,
    TrainEndCheckpoint,
)
from skorch.dataset import Dataset, ValidSplit
from skorch.exceptions import NotInitializedError
from skorch.helper import predefined_split
from torch import nn
from torch.optim.lr_scheduler import ReduceLROnPlateau
from torch.utils.data import DataLoader, IterableDataset, Subset, TensorDataset

from sklearn_landslide import LandslideNet
from sklearn_landslide.nn._memory import without_memory

LABELS = [np.array([0, 1]), np.array([1, 2]), np.array([-1, 1]), np.array(["no", "yes"])]


@pytest.fixture
def X():
    X = np.random.default_rng(0).normal(size=(160, 4))
    X[:, 3] = np.random.default_rng(1).integers(10, 15, 160)
    return X


@pytest.fixture
def y(X):
    return (X[:, 0] + 0.5 * X[:, 1] > 0).astype(int)


def small(**params):
    return LandslideNet(
        **{"max_epochs": 3, "n_members": 1, "n_trees": 4, "random_state": 0} | params
    )


class Watch(Callback):
    """Calls a function at the end of each epoch and keeps what it returns."""

    def __init__(self, function, seen):
        self.function = function
        self.seen = seen

    def on_epoch_end(self, net, **kwargs):
        self.seen.append(self.function(net, **kwargs))


# --- scoring while it trains ---------------------------------------------------------------


@pytest.mark.parametrize("categorical", [None, [3]])
@pytest.mark.parametrize("use_caching", [True, False])
@pytest.mark.parametrize("labels", LABELS)
def test_epoch_scoring_equals_the_score_of_each_epoch(X, y, labels, use_caching, categorical):
    """The validation rows are those of the split, scored by hand with the net of that epoch."""
    y = labels[y]
    at = np.random.default_rng(5).permutation(160)
    train, valid = at[:110], at[110:]

    def by_hand(net, **kwargs):
        probability = net.predict_proba(X[valid])[:, 1]
        predicted = labels[(probability > 0.5).astype(int)]
        np.testing.assert_array_equal(net.predict(X[valid]), predicted)
        return (
            accuracy_score(y[valid], predicted),
            roc_auc_score(y[valid], probability),
            f1_score(y[valid], predicted, pos_label=labels[0]),
        )

    seen = []
    first_label_f1 = make_scorer(f1_score, pos_label=labels[0])
    options = {"use_caching": use_caching, "lower_is_better": False}
    net = small(
        categorical_features=categorical,
        train_split=ValidSplit([(train, valid)]),
        # The net of the last epoch is the net that remains.
        callbacks__average=None,
        callbacks=[
            ("accuracy", EpochScoring("accuracy", **options)),
            ("auc", EpochScoring("roc_auc", **options)),
            ("f1", EpochScoring(first_label_f1, name="f1", **options)),
            Watch(by_hand, seen),
        ],
    )
    net.fit(X, y)
    recorded = net.history[:, ("accuracy", "roc_auc", "f1")]
    np.testing.assert_allclose(recorded, seen, atol=1e-12)
    # The memory of the fitted net knows the validation rows, so in the fit it stays out.
    with without_memory(net.module_):
        assert net.score(X[valid], y[valid]) == seen[-1][0]


def test_epoch_scoring_on_the_training_rows(X, y):
    scoring = EpochScoring("accuracy", on_train=True, use_caching=False)
    seen = []
    watch = Watch(lambda net, **kwargs: net.score(X, 5 + y), seen)
    net = small(callbacks=[scoring, watch]).fit(X, 5 + y)
    assert net.history[:, "accuracy"] == seen


@pytest.mark.parametrize("setting", [True, False])
def test_the_nets_use_caching_rules_over_the_callbacks(X, y, setting):
    net = small(
        use_caching=setting,
        train_split=ValidSplit(0.3, stratified=True),
        callbacks=[EpochScoring("roc_auc", use_caching=not setting)],
    )
    net.fit(X, y)
    plain = small(train_split=ValidSplit(0.3, stratified=True), callbacks=[EpochScoring("roc_auc")])
    assert net.history[:, "roc_auc"] == plain.fit(X, y).history[:, "roc_auc"]


def test_epoch_scoring_of_multiclass_probabilities(X):
    y = np.array(["a", "b", "c"])[np.digitize(X[:, 0], [-0.5, 0.5])]
    net = small(
        train_split=ValidSplit(0.3, stratified=True),
        callbacks=[EpochScoring("roc_auc_ovr"), EpochScoring("neg_log_loss")],
    ).fit(X, y)
    assert net.history[-1, "roc_auc_ovr"] > 0.5
    assert net.history[-1, "neg_log_loss"] == pytest.approx(-net.history[-1, "valid_loss"], abs=0.3)


def test_a_scoring_callback_given_by_name_is_not_changed_by_fits(X, y):
    scoring = EpochScoring("accuracy", on_train=True, lower_is_better=False)
    net = small(callbacks=[("mine", EpochScoring("roc_auc", on_train=True))], max_epochs=10)
    net.set_params(callbacks__mine=scoring)
    extractor = scoring.target_extractor
    net.fit(X, y + 1).fit(X, y + 1)
    assert scoring.target_extractor is extractor
    # What the shuffled batches predicted is compared with their labels, in the same order.
    assert net.history[-1, "accuracy"] > 0.8


# --- groups --------------------------------------------------------------------------------


def test_groups_reach_the_split_and_not_the_module(X, y):
    groups = np.repeat(np.arange(8), 20)
    seen = []

    def rows(net, dataset_train, dataset_valid, **kwargs):
        return set(groups[dataset_train.indices]), set(groups[dataset_valid.indices])

    split = ValidSplit(GroupKFold(4))
    small(train_split=split, callbacks=[Watch(rows, seen)]).fit(X, y, groups=groups)
    train, valid = seen[0]
    assert len(valid) == 2
    assert not train & valid
    small().fit(X, y, groups=groups)


def test_a_random_split_is_drawn_from_the_nets_seed(X, y):
    def history(seed):
        net = small(train_split=ValidSplit(0.3), random_state=seed)
        return net.fit(X, y).history[:, "valid_loss"]

    assert history(1) == history(1)
    assert history(1) != history(2)


# --- parameters ----------------------------------------------------------------------------


def test_iterator_parameters_can_be_set_on_a_fitted_net(X, y):
    net = small(max_epochs=1).fit(X, y)
    net.set_params(iterator_train__batch_size=16, iterator_train__shuffle=False)
    net.set_params(iterator_valid__batch_size=64, dataset__length=None)
    before = net.predict_proba(X)
    net.partial_fit(X, y)
    assert len(net.history[-1, "batches"]) == 10
    assert not np.array_equal(before, net.predict_proba(X))


def test_set_params_of_callbacks_builds_nothing_before_fit():
    net = small().set_params(
        callbacks=[EarlyStopping()], callbacks__schedule__warmup=0.3, callbacks__clip=None
    )
    assert not hasattr(net, "callbacks_")
    params = clone(net).get_params()
    assert params["callbacks__schedule__warmup"] == 0.3
    assert params["callbacks__clip"] is None


def test_callbacks_set_on_a_fitted_net_act_in_partial_fit(X, y):
    net = small().fit(X, y)
    seen = []
    net.set_params(callbacks=[Watch(lambda net, **kwargs: 1, seen)], callbacks__schedule=None)
    net.partial_fit(X, y)
    assert seen == [1, 1, 1]
    assert "schedule" not in dict(net.callbacks_)


def test_get_params_and_repr_show_no_private_names(X, y):
    for net in (small(), small().fit(X, y)):
        names = set(net.get_params())
        assert not {name for name in names if name.startswith("_")}
        assert not {name for name in net.get_params(deep=False) if name.endswith("_")}
        assert repr(net) == "LandslideNet(max_epochs=3, n_members=1, n_trees=4, random_state=0)"


def test_clone_keeps_prefixed_parameters_and_callbacks(X, y):
    net = small(
        module__token_size=8,
        optimizer__eps=1e-7,
        callbacks=[("stop", EarlyStopping("train_loss", patience=3))],
        callbacks__schedule=None,
        iterator_train__batch_size=40,
    ).fit(X, y)
    copied = clone(net)
    assert not hasattr(copied, "module_")
    params = copied.get_params()
    assert params["module__token_size"] == 8
    assert params["optimizer__eps"] == 1e-7
    assert params["callbacks__schedule"] is None
    assert copied.callbacks[0][1].patience == 3
    np.testing.assert_array_equal(copied.fit(X, y).predict_proba(X), net.predict_proba(X))


@pytest.mark.parametrize("name", ["module__lstm_hiden", "optimizer__nonsense", "nonsense"])
def test_an_unknown_parameter_is_named_in_the_error(X, y, name):
    with pytest.raises((TypeError, ValueError), match=name.split("__")[-1]):
        LandslideNet(**{name: 3}).fit(X, y)


@pytest.mark.parametrize("name", ["callbacks__scheduler", "callbacks__scheduler__warmup"])
def test_a_parameter_of_no_callback_is_refused(X, y, name):
    with pytest.raises(ValueError, match=f"{name} names no callback: choose from .*'schedule'"):
        small().set_params(**{name: None}).fit(X, y)


def test_set_params_refuses_an_unknown_name():
    with pytest.raises(ValueError, match="nonsense"):
        LandslideNet().set_params(nonsense=3)


def test_set_params_of_the_module_builds_a_new_module_from_the_nets_own_numbers(X, y):
    state = torch.get_rng_state()
    shapes = []
    for _ in range(2):
        net = small().fit(X, y).set_params(module__lstm_hidden=4)
        shapes.append(net.module_.deep.reader.lstm.lstm.weight_hidden.detach().numpy())
    assert shapes[0].shape == (16, 4)
    np.testing.assert_array_equal(*shapes)
    assert torch.equal(torch.get_rng_state(), state)


def test_learning_rate_set_on_a_fitted_net_reaches_the_optimizer(X, y):
    net = small().fit(X, y).set_params(lr=0.5)
    assert {group["lr"] for group in net.optimizer_.param_groups} == {0.5}


def test_grid_search_over_prefixed_parameters(X, y):
    grid = {"module__lstm_hidden": [2, 3], "callbacks__schedule__warmup": [0.0, 0.5]}
    search = GridSearchCV(small(max_epochs=1), grid, cv=2).fit(X, y)
    assert len(set(search.cv_results_["mean_test_score"])) > 1
    best = search.best_estimator_
    hidden = best.module_.deep.reader.lstm.lstm.weight_hidden.shape[1]
    assert hidden == search.best_params_["module__lstm_hidden"]
    warmup = dict(best.callbacks_)["schedule"].warmup
    assert warmup == search.best_params_["callbacks__schedule__warmup"]


# --- callbacks -----------------------------------------------------------------------------


def test_early_stopping_stops_and_the_net_predicts(X, y):
    stop = EarlyStopping(monitor="train_loss", patience=2, threshold=10.0, sink=lambda _: None)
    net = small(max_epochs=30, callbacks=[stop]).fit(X, y)
    assert len(net.history) == 3
    assert net.predict(X).shape == (160,)


def test_fit_does_not_change_the_callback_that_was_given(X, y):
    stop = EarlyStopping(monitor="train_loss", sink=lambda _: None)
    before = copy.deepcopy(vars(stop))
    small(callbacks=[stop]).fit(X, y)
    assert vars(stop).keys() == before.keys()


def test_a_callback_may_hold_what_cannot_be_copied(X, y):
    class Writer(Callback):
        def __init__(self, lock):
            self.lock = lock

        def on_epoch_end(self, net, **kwargs):
            with self.lock:
                self.epochs_ = len(net.history)

    net = small(callbacks=[("writer", Writer(threading.Lock()))]).fit(X, y)
    assert dict(net.callbacks_)["writer"].epochs_ == 3


def test_lr_scheduler_of_skorch_takes_over_without_the_schedule(X, y):
    rates = []
    watch = Watch(lambda net, **kwargs: net.optimizer_.param_groups[0]["lr"], rates)
    scheduler = LRScheduler(torch.optim.lr_scheduler.StepLR, step_size=1, gamma=0.1)
    net = small(lr=1e-3, callbacks__schedule=None, callbacks=[watch, scheduler])
    net.fit(X, y)
    np.testing.assert_allclose(rates, [1e-3, 1e-4, 1e-5])


def test_checkpoint_holds_the_best_epoch_and_can_be_loaded(X, y, tmp_path):
    checkpoint = Checkpoint(monitor="train_loss_best", dirname=tmp_path, f_pickle="net.pkl")
    # The net of the last epoch is the net that remains.
    net = small(callbacks=[checkpoint], callbacks__average=None).fit(X, y + 1)
    probability = net.predict_proba(X)
    net.partial_fit(X, y + 1)
    with open(tmp_path / "net.pkl", "rb") as file:
        unpickled = pickle.load(file)
    assert unpickled.predict(X).max() == 2
    assert not unpickled._in_fit_loop
    fresh = small(max_epochs=0).fit(X, y + 1)
    fresh.load_params(
        f_params=tmp_path / "params.pt",
        f_optimizer=tmp_path / "optimizer.pt",
        f_history=tmp_path / "history.json",
    )
    assert len(fresh.history) == 6
    np.testing.assert_array_equal(fresh.predict_proba(X), net.predict_proba(X))
    assert not np.array_equal(fresh.predict_proba(X), probability)


def test_callbacks_that_refer_to_each_other_do_so_when_copied(X, y, tmp_path):
    save = TrainEndCheckpoint(dirname=str(tmp_path))
    net = small(callbacks=[save, LoadInitState(save)]).fit(X, y)
    np.testing.assert_array_equal(net.history[:, "epoch"], [1, 2, 3])
    loss = net.history[-1, "train_loss"]
    # The second run goes on where the first one ended.
    again = small(callbacks=[save, LoadInitState(save)]).fit(X, y)
    assert len(again.history) == 6
    assert again.history[2, "train_loss"] == loss
    assert not hasattr(save, "checkpoint_")
    assert dict(again.callbacks_)["LoadInitState"].checkpoint is not save


def test_callbacks_within_lists_and_circles_are_copied_once(X, y):
    class Chief(Callback):
        def __init__(self, others):
            self.others = others

        def on_train_begin(self, net, **kwargs):
            self.seen_ = [other.chief is self for other in self.others]

    class Helper(Callback):
        chief = None

    helper = Helper()
    chief = Chief([helper])
    helper.chief = chief
    net = small(callbacks=[("chief", chief), ("helper", helper)], max_epochs=1).fit(X, y)
    copied = dict(net.callbacks_)
    assert copied["chief"].seen_ == [True]
    assert copied["chief"].others == [copied["helper"]]
    assert not hasattr(chief, "seen_")


def test_the_first_error_of_a_fit_is_the_one_that_is_raised(X, y, tmp_path):
    class Broken(Callback):
        def on_epoch_end(self, net, **kwargs):
            raise RuntimeError("the first")

        def on_train_end(self, net, **kwargs):
            raise RuntimeError("the second")

    save = TrainEndCheckpoint(dirname=str(tmp_path))
    with pytest.raises(RuntimeError, match=r"^the first$"):
        small(callbacks=[Broken(), save]).fit(X, y)
    # A fit that failed is none that ended.
    assert not list(tmp_path.iterdir())


def test_an_error_in_the_clean_up_is_noted_beside_the_first_one(X, y):
    class Broken(Callback):
        def on_train_begin(self, net, **kwargs):
            del net.optimizer_
            raise RuntimeError("the first")

    with pytest.raises(RuntimeError, match="the first") as caught:
        small(callbacks=[Broken()]).fit(X, y)
    assert "WarmupCosine.on_train_end failed too" in caught.value.__notes__[0]


@pytest.mark.parametrize("params", [{}, {"batch_size": -1}, {"train_split": ValidSplit(0.3)}])
def test_progress_bar_of_skorch_counts_the_batches(X, y, params, capfd):
    totals = []

    class Bar(ProgressBar):
        def on_epoch_end(self, net, **kwargs):
            totals.append((self.pbar_.total, self.pbar_.n))
            super().on_epoch_end(net, **kwargs)

    bar = Bar()
    net = small(callbacks=[bar], **params).fit(X, y)
    net.partial_fit(X[:40], y[:40])
    assert all(total == n for total, n in totals)
    assert len(totals) == 6
    assert bar.batches_per_epoch == "auto"


@pytest.mark.parametrize(
    ("callback", "match"),
    [
        (EarlyStopping(), "EarlyStopping watches 'valid_loss', and there are no validation rows"),
        (Checkpoint(), "Checkpoint watches 'valid_loss_best', and there are no validation rows"),
        (LRScheduler(ReduceLROnPlateau, monitor="valid_loss"), "LRScheduler watches 'valid_loss'"),
        (EarlyStopping("valid_acc"), "watches 'valid_acc', .* choose from .*'train_loss'"),
        (Checkpoint("f1_best"), "watches 'f1_best', .* choose from .*'train_loss_best'"),
    ],
)
def test_a_callback_that_watches_what_is_not_recorded_is_refused_in_one_line(X, y, callback, match):
    with pytest.raises(ValueError, match=match) as caught:
        small(callbacks=[callback]).fit(X, y)
    assert "\n" not in str(caught.value)


def test_a_split_without_validation_rows_is_told_of_too(X, y):
    net = small(callbacks=[EarlyStopping()], train_split=lambda dataset, y: (dataset, None))
    with pytest.raises(ValueError, match="there are no validation rows: pass train_split="):
        net.fit(X, y)


def test_gradient_clipping_of_skorch_beside_the_default_one(X, y):
    net = small(callbacks=[GradientNormClipping(1e-12)], optimizer=torch.optim.SGD)
    before = small(max_epochs=0, optimizer=torch.optim.SGD).fit(X, y).predict_proba(X)
    np.testing.assert_allclose(net.fit(X, y).predict_proba(X), before, atol=1e-7)


def test_disabled_callbacks_still_train(X, y):
    net = small(callbacks="disable", max_epochs=5).fit(X, y)
    assert net.callbacks_ == []
    assert net.score(X, y) > 0.8


def test_history_holds_losses_and_times(X, y):
    net = small(train_split=ValidSplit(0.3)).fit(X, y)
    keys = {"batches", "epoch", "dur", "train_loss", "train_loss_best"}
    assert set(net.history[-1]) == keys | {
        "valid_loss",
        "valid_loss_best",
        "train_batch_count",
        "valid_batch_count",
    }
    assert net.history[:, "epoch"] == [1, 2, 3]
    assert set(small().fit(X, y).history[-1]) == keys | {"train_batch_count"}


# --- going on, stopping --------------------------------------------------------------------


def test_partial_fit_goes_on_from_the_weights(X, y):
    net = small(max_epochs=4).fit(X, y)
    loss, weights = net.history[-1, "train_loss"], net.module_.wide.weight.detach().clone()
    net.partial_fit(X, y)
    assert len(net.history) == 8
    assert net.history[-1, "train_loss"] < loss
    assert not torch.equal(net.module_.wide.weight, weights)


def test_partial_fit_with_classes_takes_parts_that_lack_some(X):
    y = np.digitize(X[:, 0], [-0.5, 0.5]) * 10
    first = y < 20
    net = small(max_epochs=8).partial_fit(X[first], y[first], classes=[0, 10, 20])
    assert net.classes_.tolist() == [0, 10, 20]
    net.partial_fit(X, y)
    assert set(net.predict(X)) == {0, 10, 20}
    with pytest.raises(ValueError, match=r"label 30, .* \[0, 10, 20\]"):
        net.partial_fit(X, y + 10)


def test_warm_start_goes_on_and_a_plain_fit_begins_anew(X, y):
    net = small(warm_start=True).fit(X, y).fit(X, y)
    assert len(net.history) == 6
    again = small().fit(X, y)
    first = again.predict_proba(X)
    np.testing.assert_array_equal(again.fit(X, y).predict_proba(X), first)
    assert len(again.history) == 3


@pytest.mark.parametrize("method", ["fit", "partial_fit"])
def test_ctrl_c_in_a_training_step_propagates(X, y, method):
    class Interrupted(LandslideNet):
        def train_step(self, batch, **fit_params):
            raise KeyboardInterrupt

    net = Interrupted(n_members=1)
    with pytest.raises(KeyboardInterrupt):
        getattr(net, method)(X, y)
    assert "_in_fit_loop" not in vars(net)


@pytest.mark.parametrize("hook", ["on_train_begin", "on_epoch_begin", "on_batch_end"])
def test_a_callback_may_stop_the_fit_at_any_time(X, y, hook):
    def stop(self, net, **kwargs):
        raise KeyboardInterrupt

    callback = type("Stop", (Callback,), {hook: stop})()
    net = small(callbacks=[callback]).fit(X, y)
    assert net.predict(X).shape == (160,)


def test_save_params_round_trip_with_optimizer_and_history(X, y, tmp_path):
    paths = {
        "f_params": tmp_path / "net.pt",
        "f_optimizer": tmp_path / "optimizer.pt",
        "f_history": tmp_path / "history.json",
    }
    net = small().fit(X, y)
    net.save_params(**paths)
    other = small(random_state=1, max_epochs=0).fit(X, y)
    other.load_params(**paths)
    np.testing.assert_array_equal(other.predict_proba(X), net.predict_proba(X))
    assert list(other.history) == list(net.history)
    moments = [next(iter(n.optimizer_.state.values()))["exp_avg"] for n in (net, other)]
    torch.testing.assert_close(*moments, rtol=0, atol=0)


def test_a_failed_first_fit_leaves_no_fitted_net(X):
    net = small()
    with pytest.raises(ValueError, match=r"y has one class, 1: LandslideNet needs"):
        net.fit(X, np.ones(160, dtype=int))
    with pytest.raises(NotFittedError):
        net.predict(X)


# --- other parts ---------------------------------------------------------------------------


def test_data_loader_as_training_iterator(X, y):
    net = small(
        iterator_train=DataLoader,
        iterator_valid=DataLoader,
        iterator_train__drop_last=True,
        train_split=ValidSplit(0.2, stratified=True),
        max_epochs=8,
    ).fit(X, y)
    assert len(net.history[-1, "batches"]) == 5
    assert net.score(X, y) > 0.85
    again = clone(net).fit(X, y)
    np.testing.assert_array_equal(again.predict_proba(X), net.predict_proba(X))


class PlainMLP(nn.Module):
    """A user's own network without heads."""

    def __init__(self, n_classes, encoding, width=8):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(encoding.n_factors, width), nn.ReLU(), nn.Linear(width, n_classes)
        )

    def forward(self, x):
        return self.layers(x)


class FixedMLP(nn.Module):
    """A user's own network that names nothing of the package's."""

    def __init__(self, n_inputs, p):
        super().__init__()
        self.layers = nn.Sequential(nn.Dropout(p), nn.Linear(n_inputs, 2))

    def forward(self, x):
        return self.layers(x)


@pytest.mark.parametrize(
    "params",
    [
        {"module": PlainMLP, "module__width": 16},
        {"module": FixedMLP, "module__n_inputs": 4, "module__p": 0.1, "lr": 0.1},
        {
            "module": PlainMLP,
            "criterion": nn.CrossEntropyLoss,
            "optimizer": torch.optim.SGD,
            "optimizer__momentum": 0.9,
            "lr": 0.1,
        },
    ],
)
def test_a_module_of_the_users_own_learns(X, y, params):
    X = X / X.std(axis=0)
    X = X - X.mean(axis=0)
    net = small(max_epochs=20, **params).fit(X, y)
    assert net.score(X, y) > 0.9
    np.testing.assert_allclose(net.predict_proba(X).sum(axis=1), 1, atol=1e-6)
    with pytest.raises(AttributeError, match="attention_weights"):
        net.attention(X)


@pytest.mark.parametrize(("optimizer", "lr"), [(torch.optim.SGD, 0.5), (torch.optim.Adam, 6e-3)])
def test_other_optimizers_learn(X, y, optimizer, lr):
    net = small(optimizer=optimizer, lr=lr, max_epochs=10).fit(X, y)
    assert type(net.optimizer_) is optimizer
    assert net.score(X, y) > 0.9


def test_weight_decay_falls_on_matrices_only(X, y):
    net = small(max_epochs=1).fit(X, y)
    name_of = {id(p): name for name, p in net.module_.named_parameters()}
    decay = {
        name_of[id(p)]: group["weight_decay"]
        for group in net.optimizer_.param_groups
        for p in group["params"]
    }
    assert decay.keys() == set(name_of.values())
    assert decay["wide.weight"] == decay["deep.heads.weight"] == 1e-2
    assert decay["wide.scale"] == decay["wide.shift"] == decay["deep.conv.norm.weight"] == 0
    assert net.optimizer_.param_groups[0]["betas"] == (0.9, 0.99)


def test_optimizer_parameters_of_the_user_win(X, y):
    net = small(max_epochs=1, optimizer__betas=(0.8, 0.9), optimizer__weight_decay=0.0)
    net.fit(X, y)
    assert [group["betas"] for group in net.optimizer_.param_groups] == [(0.8, 0.9)]
    assert [group["weight_decay"] for group in net.optimizer_.param_groups] == [0.0]


def test_predict_nonlinearity_of_the_users_own(X, y):
    def first_head(logits):
        return logits[:, 0].softmax(-1)

    net = small(predict_nonlinearity=first_head).fit(X, y)
    expected = net.forward(X.astype(np.float32))[:, 0].softmax(-1)
    np.testing.assert_allclose(net.predict_proba(X), expected, atol=1e-6)


def test_score_is_the_accuracy_like_that_of_other_classifiers(X, y):
    net, linear = small(max_epochs=15).fit(X, y), LogisticRegression().fit(X, y)
    assert net.score(X, y) == accuracy_score(y, net.predict(X))
    assert abs(net.score(X, y) - linear.score(X, y)) < 0.1


def test_forward_keeps_the_order_of_the_rows_in_training_mode_too(X, y):
    net = small(module__dropout=0.0).fit(X, y)
    rows = X.astype(np.float32)
    # The last head is the memory, which there is not in training.
    torch.testing.assert_close(
        net.forward(rows, training=True), net.forward(rows)[:, :-1], atol=1e-5, rtol=1e-4
    )


def test_a_module_of_the_users_own_runs_before_a_fit():
    class Doubled(nn.Module):
        def __init__(self, **kwargs):
            super().__init__()
            self.factor = nn.Parameter(torch.tensor(2.0))

        def forward(self, x):
            return self.factor * x

    x = torch.arange(6.0).reshape(3, 2)
    doubled = LandslideNet(module=Doubled).initialize().forward(x)
    assert doubled.tolist() == (2 * x).tolist()


@pytest.mark.parametrize("class_weight", [None, "balanced"])
def test_a_module_of_the_users_own_is_initialized_loaded_and_fitted_on(
    X, y, tmp_path, class_weight
):
    params = {"module": FixedMLP, "module__n_inputs": 4, "module__p": 0.1}
    net = small(**params).fit(X, y)
    net.save_params(f_params=tmp_path / "net.pt", f_history=tmp_path / "history.json")
    fresh = small(class_weight=class_weight, **params).initialize()
    fresh.load_params(f_params=tmp_path / "net.pt", f_history=tmp_path / "history.json")
    np.testing.assert_array_equal(fresh.predict_proba(X), net.predict_proba(X))
    # Labels are not known before a fit.
    np.testing.assert_array_equal(fresh.predict(X), net.predict(X))
    fresh.partial_fit(X, y + 5)
    assert len(fresh.history) == 6
    assert set(fresh.predict(X)) <= {5, 6}
    assert (fresh.criterion_.weight is None) == (class_weight is None)


def test_what_a_module_of_the_users_own_does_not_know_is_refused(X, y):
    params = {"module": FixedMLP, "module__n_inputs": 4, "module__p": 0.1}
    with pytest.raises(TypeError, match="lstm_hidden"):
        small(module__lstm_hidden=8, **params).fit(X, y)


@pytest.mark.parametrize("method", ["initialize", "load_params"])
def test_the_nets_own_module_needs_a_table_before_it_is_built(method, tmp_path):
    net = LandslideNet()
    cp = Checkpoint(dirname=str(tmp_path))
    with pytest.raises(NotInitializedError, match="builds its module from a training table: call"):
        net.initialize() if method == "initialize" else net.load_params(checkpoint=cp)


@pytest.mark.parametrize(
    "made",
    [
        lambda X, y: Dataset(X, y),
        lambda X, y: Dataset(torch.from_numpy(X), torch.from_numpy(y)),
        lambda X, y: TensorDataset(torch.from_numpy(X), torch.from_numpy(y)),
        lambda X, y: Subset(Dataset(np.repeat(X, 2, axis=0), np.repeat(y, 2)), range(0, 320, 2)),
        lambda X, y: list_dataset(X, y),
        lambda X, y: stream(X, y),
    ],
)
def test_fit_and_predict_read_a_dataset_as_the_table_that_it_holds(X, y, made):
    y = y + 1
    net = small(categorical_features=[3], train_split=ValidSplit(0.25)).fit(X, y)
    other = small(categorical_features=[3], train_split=ValidSplit(0.25)).fit(made(X, y), None)
    np.testing.assert_array_equal(other.predict_proba(made(X, y)), net.predict_proba(X))
    assert other.history[:, "valid_loss"] == net.history[:, "valid_loss"]
    np.testing.assert_array_equal(other.forward(made(X, y)), net.forward(X))
    assert other.classes_.tolist() == [1, 2]


def list_dataset(X, y):
    class Listed(torch.utils.data.Dataset):
        def __len__(self):
            return len(X)

        def __getitem__(self, i):
            return X[i].tolist(), int(y[i])

    return Listed()


def stream(X, y):
    class Stream(IterableDataset):
        def __iter__(self):
            yield from zip(X, y, strict=True)

    return Stream()


def test_a_dataset_that_changes_its_rows_is_read_as_it_hands_them_out(X, y):
    class Doubled(Dataset):
        def transform(self, X, y):
            return 2 * X, y

    net = small().fit(2 * X, y)
    other = small().fit(Doubled(X, y), None)
    np.testing.assert_array_equal(other.predict_proba(Doubled(X, y)), net.predict_proba(2 * X))


def test_labels_beside_a_dataset_must_be_those_of_the_dataset(X, y):
    small(max_epochs=0).fit(Dataset(X, y), y)
    small(max_epochs=0).fit(Dataset(X), y)
    with pytest.raises(ValueError, match="y differs from the labels of the dataset"):
        small().fit(Dataset(X, y), 1 - y)
    with pytest.raises(ValueError, match="requires y to be passed"):
        small().fit(Dataset(X), None)
    with pytest.raises(ValueError, match="holds no row"):
        small().fit(list_dataset(X[:0], y[:0]), None)


def test_a_validation_set_of_the_users_own_is_read_as_the_table_is(X, y):
    """With labels and codes of its own kind: the loss is that of the same rows in the split."""
    labels = np.array(["no", "yes"])[y]
    at = np.arange(160)
    inside = small(categorical_features=[3], train_split=ValidSplit([(at[:100], at[100:])]))
    inside.fit(X, labels)
    beside = predefined_split(Dataset(X[100:], labels[100:]))
    outside = small(categorical_features=[3], train_split=beside).fit(X[:100], labels[:100])
    # What the encoding knows is not the same, so neither is the loss; labels and codes are.
    np.testing.assert_allclose(
        outside.history[:, "valid_loss"], inside.history[:, "valid_loss"], atol=0.15
    )
    assert outside.history[-1, "valid_loss"] < 0.8


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.float16])
def test_forward_takes_tensors_of_any_precision(X, y, dtype):
    net = small().fit(X, y)
    rows = torch.from_numpy(X).to(dtype)
    expected = net.forward(rows.numpy().astype(np.float32))
    torch.testing.assert_close(net.forward(rows), expected)
    torch.testing.assert_close(net.infer(rows), expected, atol=1e-4, rtol=1e-3)
    np.testing.assert_allclose(net.predict_proba(rows), net.predict_proba(rows.numpy()))


def test_the_precision_that_the_host_program_has_set_changes_nothing(X, y):
    expected = small().fit(X, y)
    many = np.tile(X, (60, 1))
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    try:
        net = small().fit(X, y)
        assert torch.get_default_dtype() == torch.float64
        np.testing.assert_array_equal(net.predict_proba(X), expected.predict_proba(X))
        inside = net.predict_proba(many)
    finally:
        torch.set_default_dtype(before)
    np.testing.assert_array_equal(inside, expected.predict_proba(many))


@pytest.mark.parametrize("convert", ["half", "double"])
def test_a_module_in_another_precision_predicts(X, y, convert):
    net = small().fit(X, y)
    before, many = net.predict_proba(X), net.predict_proba(np.tile(X, (60, 1)))
    getattr(net.module_, convert)()
    np.testing.assert_allclose(net.predict_proba(X), before, atol=0.03)
    np.testing.assert_allclose(net.predict_proba(np.tile(X, (60, 1))), many, atol=0.03)


def test_a_device_may_be_one_of_torchs_or_none(X, y):
    expected = small().fit(X, y).predict_proba(X)
    for device in (torch.device("cpu"), None):
        net = clone(small(device=device)).fit(X, y)
        np.testing.assert_array_equal(net.predict_proba(X), expected)


@pytest.mark.parametrize("device", ["cuda:99", "nowhere", "meta", torch.device("meta")])
def test_a_device_that_is_not_there_is_refused_in_one_line(X, y, device):
    match = rf"^device='{device}' is not available here: .*$"
    with pytest.raises(ValueError, match=match):
        small(device=device).fit(X, y)
    net = small(max_epochs=1).fit(X, y).set_params(device=device)
    for method in (net.predict_proba, net.predict_proba_members):
        with pytest.raises(ValueError, match=match):
            method(X)
    with pytest.raises(ValueError, match=match):
        net.partial_fit(X, y)


class Probabilities(FixedMLP):
    def forward(self, x):
        return super().forward(x).softmax(-1)


def test_probabilities_of_a_module_for_the_negative_log_likelihood_are_taken_as_they_are(X, y):
    params = {"module__n_inputs": 4, "module__p": 0.0, "lr": 0.1, "max_epochs": 30}
    net = small(module=Probabilities, criterion=nn.NLLLoss, **params).fit(X / X.std(axis=0), y)
    rows = (X / X.std(axis=0)).astype(np.float32)
    probability = net.predict_proba(rows)
    np.testing.assert_allclose(probability, net.forward(rows), atol=1e-6)
    assert probability.max() > 0.9
    net.trim_for_prediction()
    np.testing.assert_array_equal(net.predict_proba(rows), probability)


def test_a_net_that_diverged_gives_no_probability(X, y):
    net = small(lr=1e20, callbacks__clip=None).fit(X, y)
    for method in (net.predict, net.predict_proba, net.predict_proba_members):
        with pytest.raises(ValueError, match="gives no probability for some rows: its weights"):
            method(X)


@pytest.mark.parametrize("classes", [[], [1], np.array([])])
def test_classes_that_are_too_few_are_refused(X, y, classes):
    match = r"^classes=\[1?\] holds fewer than two labels: name all of them, or pass None"
    with pytest.raises(ValueError, match=match):
        small(classes=classes).fit(X, y)
    with pytest.raises(ValueError, match=match):
        small().partial_fit(X, y, classes=classes)


def test_python_without_docstrings_is_told_so_in_one_line():
    command = [sys.executable, "-OO", "-c", "from sklearn_landslide import LandslideNet"]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 1
    last = run.stderr.strip().splitlines()[-1]
    assert last.startswith("ImportError: LandslideNet needs skorch, which needs docstrings: run")


def test_a_stream_of_rows_without_a_length_runs(X, y):
    class Stream(IterableDataset):
        def __iter__(self):
            for row in X:
                yield torch.from_numpy(row).float(), 0

    net = small(iterator_valid=DataLoader).fit(X, y)
    rows = torch.from_numpy(X).float()
    torch.testing.assert_close(net.forward(Stream()), net.forward(rows), atol=1e-5, rtol=1e-4)
