"""A step in shards is the step of the whole batch, on any number of threads."""

import copy
import threading

import numpy as np
import pytest
import torch
from skorch.callbacks import Callback

from sklearn_landslide import LandslideNet
from sklearn_landslide.nn import LandslideModule
from sklearn_landslide.nn._shards import GradientShards


@pytest.fixture
def xy():
    # One factor more than a batch may have that is computed in one piece.
    rng = np.random.default_rng(0)
    X = rng.normal(size=(700, 33)).astype(np.float32)
    return X, (X[:, 0] * X[:, 1] + rng.normal(size=700) > 0.8).astype(int)


@pytest.fixture
def threads():
    """Set torch's number of threads, and set it back."""
    before = torch.get_num_threads()
    yield torch.set_num_threads
    torch.set_num_threads(before)


def fitted(X, y, **params):
    shared = {"max_epochs": 2, "n_members": 2, "n_trees": 4, "batch_size": 300, "random_state": 0}
    return LandslideNet(**shared | params).fit(X, y)


@pytest.mark.parametrize("class_weight", [None, "balanced"])
def test_gradient_and_loss_of_the_shards_are_those_of_the_whole_batch(xy, class_weight):
    net = fitted(*xy, module__dropout=0.0, class_weight=class_weight, max_epochs=1)
    # 800 rows: shards of 267, 267 and 266, with unlike shares of landslides.
    X, y = (torch.as_tensor(np.concatenate([part, part[:100]])) for part in xy)
    net._set_training(True)
    loss = net.get_loss(net.infer(X), y, X=X, training=True)
    names, parameters = zip(*net.module_.named_parameters(), strict=True)
    whole = torch.autograd.grad(loss, parameters)
    with GradientShards(2) as shards:
        loss_of_shards, logits = shards.step(net, X, y)
    torch.testing.assert_close(loss_of_shards, loss.detach())
    torch.testing.assert_close(logits, net.infer(X).detach())
    for name, parameter, expected in zip(names, parameters, whole, strict=True):
        torch.testing.assert_close(parameter.grad, expected, atol=1e-7, rtol=1e-4, msg=name)
        # The fused optimizer takes the values as they lie in memory, in silence.
        assert parameter.grad.stride() == parameter.stride(), name


def test_an_optimizer_takes_the_gradient_of_the_shards_for_what_it_is(xy):
    net = fitted(*xy, module__dropout=0.0, max_epochs=1)
    X, y = (torch.as_tensor(part) for part in xy)
    net._set_training(True)
    steps = {}
    for fused in (True, False):
        module = copy.deepcopy(net.module_)
        with GradientShards(1) as shards:
            shards.step(net, X, y)
        for parameter, trained in zip(module.parameters(), net.module_.parameters(), strict=True):
            parameter.grad = trained.grad
        torch.optim.AdamW(module.parameters(), lr=0.1, fused=fused).step()
        steps[fused] = module.state_dict()
    for name, tensor in steps[False].items():
        torch.testing.assert_close(steps[True][name], tensor, msg=name)


def test_the_number_of_threads_changes_no_bit_of_a_fit(xy, threads):
    probabilities = []
    for n_threads in (1, 2, 3):
        threads(n_threads)
        probabilities.append(fitted(*xy).predict_proba(xy[0]))
        assert torch.get_num_threads() == n_threads
    np.testing.assert_array_equal(probabilities[0], probabilities[1])
    np.testing.assert_array_equal(probabilities[0], probabilities[2])


def test_the_number_of_threads_changes_no_bit_of_a_prediction(xy, threads):
    net = fitted(*xy)
    rows = np.tile(xy[0], (3, 1))[:2001]
    before = threading.active_count()
    probabilities = []
    for n_threads in (1, 2):
        threads(n_threads)
        probabilities.append(net.predict_proba(rows))
        assert torch.get_num_threads() == n_threads
        assert threading.active_count() == before
    np.testing.assert_array_equal(*probabilities)


class CountThreads(Callback):
    """Count the threads that live during a step."""

    def on_train_begin(self, net, **kwargs):
        self.most = 0

    def on_batch_end(self, net, **kwargs):
        self.most = max(self.most, threading.active_count())


def test_a_fit_takes_the_threads_that_it_may_and_gives_them_back(xy, threads):
    X, y = xy
    few, many = X[:, :32], X
    before = threading.active_count()
    # With few factors two threads would wait for the interpreter in turn.
    for table, n_threads, extra in ((many, 1, 0), (many, 2, 2), (few, 2, 0)):
        threads(n_threads)
        net = fitted(table, y, callbacks=[("count", CountThreads())])
        assert dict(net.callbacks_)["count"].most == before + extra
        assert threading.active_count() == before


class Doubled(LandslideModule):
    """A module of the user's own, of which nobody knows whether it may run in threads."""

    def forward(self, x):
        return 2 * super().forward(x)


def test_few_factors_small_batches_and_modules_of_ones_own_are_not_divided(xy, monkeypatch):
    rows = []
    step = GradientShards.step
    monkeypatch.setattr(
        GradientShards,
        "step",
        lambda self, net, X, y: rows.append(len(X)) or step(self, net, X, y),
    )
    fitted(xy[0][:, :32], xy[1])
    fitted(*xy, batch_size=255)
    fitted(*xy, module=Doubled)
    assert rows == []
    # Three batches in two epochs, of which the last has 100 rows.
    fitted(*xy)
    assert rows == [300, 300] * 2
