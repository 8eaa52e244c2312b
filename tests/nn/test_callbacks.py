"""Schedule, average, clipping and progress bar against closed forms."""

import numpy as np
import pytest
import torch
from skorch.callbacks import (
    Callback,
    Checkpoint,
    EarlyStopping,
    EpochScoring,
    LoadInitState,
    LRScheduler,
    TrainEndCheckpoint,
)
from skorch.dataset import ValidSplit
from torch.optim.lr_scheduler import ExponentialLR, StepLR

from sklearn_landslide import LandslideNet
from sklearn_landslide.nn import WarmupCosine


@pytest.fixture
def xy():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(100, 3))
    return X, (X[:, 0] > 0).astype(int)


class RecordRates(Callback):
    def __init__(self, rates):
        self.rates = rates

    def on_batch_end(self, net, training=False, **kwargs):
        if training:
            self.rates.append([group["lr"] for group in net.optimizer_.param_groups])


def test_schedule_follows_warm_up_and_cosine_and_resets_the_rate(xy):
    rates = []
    net = LandslideNet(
        max_epochs=5, batch_size=10, lr=0.01, n_members=1, callbacks=[RecordRates(rates)]
    )
    net.fit(*xy)
    n_steps, n_warmup = 50, 5
    up = [(step + 1) / (n_warmup + 1) for step in range(n_warmup)]
    progress = np.arange(n_steps - n_warmup) / (n_steps - n_warmup)
    expected = 0.01 * np.concatenate([up, (1 + np.cos(np.pi * progress)) / 2])
    np.testing.assert_allclose(np.array(rates)[:, 0], expected, rtol=1e-12)
    assert {group["lr"] for group in net.optimizer_.param_groups} == {0.01}


def test_schedule_runs_anew_over_each_partial_fit(xy):
    rates = []
    net = LandslideNet(max_epochs=2, batch_size=50, n_members=1, callbacks=[RecordRates(rates)])
    net.fit(*xy).partial_fit(*xy)
    assert rates[:4] == rates[4:]
    assert len(rates) == 8


def test_schedule_takes_parameters_and_none_switches_it_off(xy):
    for callbacks, expected in [
        ({"callbacks__schedule__warmup": 0.5}, [1 / 3, 2 / 3, 1, 0.5]),
        ({"callbacks__schedule": WarmupCosine(0.5, 0.9, 0.3)}, [0.3, 0.6, 0.9, 0.6]),
        ({"callbacks__schedule": WarmupCosine(0, 0.9, 0.9)}, [0.9] * 4),
        ({"callbacks__schedule": None}, [1, 1, 1, 1]),
    ]:
        rates = []
        net = LandslideNet(
            max_epochs=2, batch_size=50, lr=1.0, n_members=1, optimizer=torch.optim.SGD
        )
        net.set_params(callbacks=[RecordRates(rates)], **callbacks).fit(*xy)
        np.testing.assert_allclose(np.array(rates)[:, 0], expected)


def test_schedule_resets_the_rate_after_an_interrupt(xy):
    class Interrupt(Callback):
        def on_batch_end(self, net, **kwargs):
            raise RuntimeError("planted")

    net = LandslideNet(lr=0.01, n_members=1, callbacks=[Interrupt()])
    with pytest.raises(RuntimeError, match="planted"):
        net.fit(*xy)
    assert {group["lr"] for group in net.optimizer_.param_groups} == {0.01}


# --- whoever else sets the learning rate ----------------------------------------------------


def rates_of(xy, *callbacks, **params):
    rates = []
    shared = {"max_epochs": 3, "batch_size": -1, "lr": 1e-3, "n_members": 1, "n_trees": 4}
    params = shared | params
    net = LandslideNet(callbacks=[*callbacks, RecordRates(rates)], **params).fit(*xy)
    return np.array(rates)[:, 0], net


@pytest.mark.parametrize(
    ("scheduler", "n_before"),
    [
        (LRScheduler(StepLR, step_size=1, gamma=0.1), 0),
        # The scheduler comes before what records, and steps after each batch.
        (("mine", LRScheduler(ExponentialLR, gamma=0.1, step_every="batch")), 1),
        (type("Mine", (LRScheduler,), {})(StepLR, step_size=1, gamma=0.1), 0),
    ],
)
def test_the_default_schedule_steps_back_for_a_scheduler_of_the_users(xy, scheduler, n_before):
    rates, net = rates_of(xy, scheduler)
    np.testing.assert_allclose(rates, 10.0 ** -np.arange(3, 6) * 0.1**n_before)
    assert "schedule" not in dict(net.callbacks_)


def test_the_default_schedule_steps_back_for_another_cosine(xy):
    rates, net = rates_of(xy, ("mine", WarmupCosine(warmup=0, peak=0.5, final=0.5)))
    np.testing.assert_allclose(rates, 5e-4)
    assert "schedule" not in dict(net.callbacks_)


def test_a_schedule_that_was_asked_for_beside_a_scheduler_is_refused(xy):
    scheduler = LRScheduler(StepLR, step_size=1)
    match = "callbacks__schedule__warmup and the callback 'LRScheduler' both set the learning rate"
    with pytest.raises(ValueError, match=match):
        rates_of(xy, scheduler, callbacks__schedule__warmup=0.3)
    rates, _ = rates_of(xy, scheduler, callbacks__schedule=None)
    np.testing.assert_allclose(rates, [1e-3, 1e-4, 1e-5])


@pytest.mark.parametrize("way", ["set_params", "optimizer", "scheduler"])
def test_a_rate_that_is_set_during_the_fit_stays_as_it_was_set(xy, way):
    class Mine(Callback):
        def on_train_begin(self, net, **kwargs):
            if way == "scheduler":
                self.scheduler_ = StepLR(net.optimizer_, step_size=1, gamma=0.1)

        def on_epoch_end(self, net, **kwargs):
            if way == "scheduler":
                self.scheduler_.step()
            elif way == "optimizer":
                net.optimizer_.param_groups[0]["lr"] = 10.0 ** -(3 + len(net.history))
            else:
                net.set_params(lr=10.0 ** -(3 + len(net.history)))

    rates, _ = rates_of(xy, Mine())
    np.testing.assert_allclose(rates[1:], [1e-4, 1e-5])
    if way == "scheduler":
        assert rates[0] == 1e-3


def test_a_state_of_the_optimizer_that_was_saved_in_a_fit_goes_on_at_the_full_rate(xy, tmp_path):
    save = Checkpoint(monitor=None, dirname=str(tmp_path), f_criterion=None)
    first, net = rates_of(xy, save)
    assert torch.load(tmp_path / "optimizer.pt")["param_groups"][0]["lr"] != 1e-3
    again, net = rates_of(xy, save, LoadInitState(save))
    np.testing.assert_array_equal(first, again)
    assert {group["lr"] for group in net.optimizer_.param_groups} == {1e-3}
    assert not [group for group in net.optimizer_.param_groups if "scheduled" in group]


class RecordWeights(Callback):
    def __init__(self, weights):
        self.weights = weights

    def on_batch_end(self, net, training=False, **kwargs):
        if training:
            self.weights.append([p.detach().clone() for p in net.module_.parameters()])


@pytest.mark.parametrize(
    ("average", "n_last"),
    [({}, 4), ({"callbacks__average__share": 0.5}, 6), ({"callbacks__average": None}, 1)],
)
def test_a_fit_ends_with_the_mean_of_its_last_weights(xy, average, n_last):
    weights = []
    net = LandslideNet(max_epochs=3, batch_size=25, n_members=1, random_state=0)
    net.set_params(callbacks=[RecordWeights(weights)], **average).fit(*xy)
    assert len(weights) == 12
    for j, parameter in enumerate(net.module_.parameters()):
        mean = torch.stack([step[j] for step in weights[-n_last:]]).mean(dim=0)
        torch.testing.assert_close(parameter, mean)


def test_partial_fit_goes_on_from_the_averaged_weights_and_averages_anew(xy):
    weights = []
    net = LandslideNet(max_epochs=1, batch_size=25, lr=0.01, n_members=1, random_state=0)
    net.set_params(callbacks=[RecordWeights(weights)]).fit(*xy)
    averaged = [p.detach().clone() for p in net.module_.parameters()]
    net.set_params(lr=1e-12, optimizer__weight_decay=0.0).partial_fit(*xy)
    for parameter, before in zip(net.module_.parameters(), averaged, strict=True):
        torch.testing.assert_close(parameter, before)
    assert any((a != b).any() for a, b in zip(averaged, weights[3], strict=True))


@pytest.mark.parametrize("kind", [TrainEndCheckpoint, Checkpoint])
def test_a_checkpoint_of_the_end_holds_what_the_fit_ends_with(xy, tmp_path, kind):
    monitor = {"monitor": None} if kind is Checkpoint else {}
    save = kind(dirname=str(tmp_path), fn_prefix="", **monitor)
    net = LandslideNet(max_epochs=3, batch_size=25, n_members=1, callbacks=[save]).fit(*xy)
    saved = torch.load(tmp_path / "params.pt")
    for name, tensor in net.module_.state_dict().items():
        torch.testing.assert_close(saved[name], tensor, rtol=0, atol=0)


def test_a_checkpoint_holds_the_weights_that_its_monitor_has_measured(xy, tmp_path):
    X, y = xy
    split = ValidSplit(0.3, random_state=0)
    seen = []

    class Measure(Callback):
        def on_epoch_end(self, net, dataset_valid, **kwargs):
            logits = torch.cat(list(net.forward_iter(dataset_valid)))
            labels = torch.as_tensor(dataset_valid.dataset.y[dataset_valid.indices])
            seen.append(net.get_loss(logits, labels).item())

    names = "params_{last_epoch[epoch]}.pt"
    save = Checkpoint(monitor=None, f_params=names, dirname=str(tmp_path))
    uncached = EpochScoring("roc_auc", name="uncached", use_caching=False)
    cached = EpochScoring("roc_auc", name="cached")
    net = LandslideNet(max_epochs=6, batch_size=25, n_members=1, random_state=0, lr=0.05)
    net.set_params(train_split=split, callbacks=[save, Measure(), uncached, cached]).fit(X, y)
    np.testing.assert_allclose(net.history[:, "valid_loss"], seen, rtol=1e-5)
    np.testing.assert_allclose(net.history[:, "cached"], net.history[:, "uncached"])
    net.load_params(f_params=tmp_path / "params_6.pt")
    np.testing.assert_allclose(net.history[-1, "valid_loss"], seen[-1], rtol=1e-5)


def test_the_mean_that_is_looked_at_between_epochs_does_not_change_the_path(xy):
    def path(**params):
        weights = []
        net = LandslideNet(max_epochs=3, batch_size=25, n_members=1, random_state=0, **params)
        net.set_params(callbacks=[RecordWeights(weights)]).fit(*xy)
        return weights

    for step, without in zip(path(), path(callbacks__average=None), strict=True):
        for tensor, other in zip(step, without, strict=True):
            torch.testing.assert_close(tensor, other, rtol=0, atol=0)


def test_what_a_callback_changes_between_epochs_stays_changed(xy):
    class Prune(Callback):
        def on_epoch_end(self, net, **kwargs):
            with torch.no_grad():
                net.module_.deep.conv.shortcut.bias.fill_(7.0)

        def on_epoch_begin(self, net, **kwargs):
            seen.append(net.module_.deep.conv.shortcut.bias.mean().item())

    seen = []
    LandslideNet(max_epochs=4, batch_size=-1, n_members=1, callbacks=[Prune()]).fit(*xy)
    assert seen[1:] == [7.0, 7.0, 7.0]


def test_a_fit_that_stops_early_ends_with_the_mean_that_was_measured(xy):
    stop = EarlyStopping("valid_loss", patience=1, threshold=10.0, sink=lambda _: None)
    net = LandslideNet(max_epochs=20, batch_size=25, n_members=1, random_state=0)
    net.set_params(callbacks__average__share=1.0, train_split=ValidSplit(0.3, random_state=0))
    net.set_params(callbacks=[("stop", stop)]).fit(*xy)
    assert len(net.history) == 2
    assert net.history[-1, "train_batch_count"] == 3


class SumOfSquares(torch.nn.Module):
    def forward(self, logits, labels):
        return 1000 * logits.pow(2).sum()


class RecordNorms(Callback):
    def __init__(self, norms):
        self.norms = norms

    def on_grad_computed(self, net, named_parameters, **kwargs):
        gradients = [p.grad.flatten() for _, p in named_parameters if p.grad is not None]
        self.norms.append(torch.cat(gradients).norm().item())


@pytest.mark.parametrize(
    ("clip", "largest"),
    [({}, 1.0), ({"callbacks__clip__gradient_clip_value": 0.01}, 0.01)],
)
def test_gradient_norm_is_clipped_at_one_by_default(xy, clip, largest):
    norms = []
    net = LandslideNet(max_epochs=1, n_members=1, criterion=SumOfSquares, **clip)
    net.set_params(callbacks=[RecordNorms(norms)]).fit(*xy)
    np.testing.assert_allclose(norms, largest, rtol=1e-4)


def test_clipping_can_be_switched_off(xy):
    norms = []
    net = LandslideNet(max_epochs=1, n_members=1, criterion=SumOfSquares, callbacks__clip=None)
    net.set_params(callbacks=[RecordNorms(norms)]).fit(*xy)
    assert min(norms) > 1


@pytest.mark.parametrize(("verbose", "n_fits"), [(1, 1), (1, 2), (0, 2)])
def test_progress_goes_to_stderr_and_the_default_is_silent(xy, capfd, verbose, n_fits):
    net = LandslideNet(max_epochs=2, n_members=1, verbose=verbose)
    for _ in range(n_fits):
        net.fit(*xy)
    net.predict_proba(xy[0])
    out, err = capfd.readouterr()
    assert out == ""
    if not verbose:
        assert err == ""
        return
    assert "LandslideNet" in err
    assert "train_loss=" in err
    assert "epoch=2/2" in err
    assert "100%" in err


def test_progress_counts_the_epochs_of_this_call(xy, capfd):
    LandslideNet(max_epochs=2, n_members=1, verbose=1).fit(*xy).partial_fit(*xy)
    err = capfd.readouterr().err
    assert "epoch=2/2" in err
    assert "epoch=4/2" not in err
