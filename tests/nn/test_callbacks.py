"""Schedule, average, clipping and progress bar against closed forms."""

import numpy as np
import pytest
import torch
from skorch.callbacks import Callback

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
