"""Batches, loss, schedule and progress bar against closed forms."""

import math
import threading

import numpy as np
import pytest
import torch
from skorch.callbacks import Callback
from skorch.dataset import Dataset
from torch.nn import functional as F
from torch.utils.data import Subset

from sklearn_landslide import LandslideNet
from sklearn_landslide.nn import MemberCrossEntropy, TensorBatches, WarmupCosine
from sklearn_landslide.nn._training import one_thread, pool_heads, pool_members, seed_bubble


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


def test_member_cross_entropy_is_the_mean_over_heads():
    logits, labels = torch.randn(9, 4, 3), torch.randint(0, 3, (9,))
    expected = torch.stack([F.cross_entropy(logits[:, k], labels) for k in range(4)]).mean()
    torch.testing.assert_close(MemberCrossEntropy()(logits, labels), expected)


def test_member_cross_entropy_takes_class_weights_and_label_smoothing():
    logits, labels = torch.randn(9, 4, 3), torch.randint(0, 3, (9,))
    options = {"weight": torch.tensor([0.5, 1.0, 4.0]), "label_smoothing": 0.1}
    expected = torch.stack(
        [F.cross_entropy(logits[:, k], labels, **options) for k in range(4)]
    ).mean()
    torch.testing.assert_close(MemberCrossEntropy(**options)(logits, labels), expected)


def test_member_cross_entropy_without_heads_is_cross_entropy():
    logits, labels = torch.randn(9, 3), torch.randint(0, 3, (9,))
    expected = F.cross_entropy(logits, labels)
    torch.testing.assert_close(MemberCrossEntropy()(logits, labels), expected)


def test_a_member_is_the_mean_of_its_heads_joined_with_the_shared_linear_path():
    def head(chance):
        return [0.0, math.log(chance / (1 - chance))]

    # Two members with a head in each of two paths, then the linear path.
    logits = torch.tensor([[head(0.2), head(0.5), head(0.4), head(0.9), head(0.6)]])
    plain = pool_members(logits[:, :-1], n_members=2)
    torch.testing.assert_close(plain[:, 0, 1].float(), torch.tensor([0.3, 0.7]))
    joined = pool_members(logits, n_members=2, linear_weight=0.5)[:, 0, 1].float()
    odds = torch.tensor([(3 / 7 * 1.5) ** 0.5, (7 / 3 * 1.5) ** 0.5])
    torch.testing.assert_close(joined, odds / (1 + odds))


def test_members_of_a_fitted_net_average_to_its_probability_without_a_linear_path(xy):
    X, y = xy
    net = LandslideNet(max_epochs=2, n_members=3, random_state=0, module__linear=False).fit(X, y)
    members = net.predict_proba_members(X)
    assert members.shape == (3, 100, 2)
    np.testing.assert_allclose(members.mean(axis=0), net.predict_proba(X), atol=1e-12)
    assert (members.std(axis=0) > 0).all()


def test_threads_that_compute_at_the_same_time_find_and_leave_the_same_setting():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    inside, left, may_leave = threading.Event(), [], threading.Event()

    def first():
        with one_thread():
            inside.set()
            may_leave.wait()
        left.append(torch.get_num_threads())

    def second():
        inside.wait()
        # Enters while the first is inside, and leaves after it.
        with one_thread():
            assert torch.get_num_threads() == 1
            may_leave.set()
            threads[0].join()
        left.append(torch.get_num_threads())

    threads = [threading.Thread(target=target) for target in (first, second)]
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert left == [2, 2]
    finally:
        torch.set_num_threads(before)


def test_pool_heads_is_the_mean_of_softmaxes():
    logits = torch.tensor([[[0.0, math.log(3)], [math.log(4), 0.0]]])
    # Heads say (1/4, 3/4) and (4/5, 1/5).
    torch.testing.assert_close(pool_heads(logits).float(), torch.tensor([[0.525, 0.475]]))
    torch.testing.assert_close(pool_heads(logits[:, 0]).float(), torch.tensor([[0.25, 0.75]]))


def test_the_linear_path_is_pooled_as_log_odds():
    # Network heads (1/4, 3/4) and (4/5, 1/5), mean (.525, .475); linear path (2/3, 1/3).
    logits = torch.tensor([[[0.0, math.log(3)], [math.log(4), 0.0], [math.log(2), 0.0]]])
    log_odds = 0.7 * math.log(0.525 / 0.475) + 0.3 * math.log(2)
    expected = 1 / (1 + math.exp(-log_odds))
    pooled = pool_heads(logits, linear_weight=0.3).float()
    torch.testing.assert_close(pooled, torch.tensor([[expected, 1 - expected]]))


@pytest.mark.parametrize("shuffle", [False, True])
def test_batches_hold_every_row_once_with_its_label(shuffle):
    X = np.arange(20, dtype=np.float32).reshape(10, 2)
    batches = TensorBatches(Dataset(X, np.arange(10)), batch_size=4, shuffle=shuffle)
    assert len(batches) == 3
    parts = list(batches)
    assert [len(y) for _, y in parts] == [4, 4, 2]
    rows, labels = (torch.cat(part) for part in zip(*parts, strict=True))
    np.testing.assert_array_equal(rows, X[labels])
    assert sorted(labels.tolist()) == list(range(10))
    assert (labels.tolist() == list(range(10))) is not shuffle


def test_each_pass_shuffles_anew():
    batches = TensorBatches(Dataset(np.zeros((50, 1)), np.arange(50)), 50, shuffle=True)
    (_, first), (_, second) = next(iter(batches)), next(iter(batches))
    assert not torch.equal(first, second)


def test_batches_follow_subsets_of_subsets():
    X = np.arange(10, dtype=np.float32).reshape(10, 1)
    subset = Subset(Subset(Dataset(X, np.arange(10)), [9, 5, 3, 1]), np.array([2, 0]))
    (rows, labels) = next(iter(TensorBatches(subset, 8)))
    assert labels.tolist() == [3, 9]
    assert rows.flatten().tolist() == [3, 9]


def test_seed_bubble_leaves_the_generator_as_it_was_and_can_go_on():
    with torch.random.fork_rng():
        torch.manual_seed(7)
        expected = torch.rand(4)
    before = torch.get_rng_state()
    with seed_bubble(7):
        first = torch.rand(2)
        state = torch.get_rng_state()
    with seed_bubble(state=state):
        second = torch.rand(2)
    assert torch.equal(torch.cat([first, second]), expected)
    assert torch.equal(torch.get_rng_state(), before)


def test_seed_bubble_restores_the_generator_after_an_error():
    before = torch.get_rng_state()
    with pytest.raises(ZeroDivisionError), seed_bubble(1):
        torch.rand(1)
        raise ZeroDivisionError
    assert torch.equal(torch.get_rng_state(), before)


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


@pytest.mark.parametrize(
    ("n", "batch_size", "expected"),
    [
        (100, "auto", 32),
        (1000, "auto", 125),
        (4096, "auto", 256),
        (6400, "auto", 400),
        (8033, "auto", 503),
        (10_000, "auto", 512),
        (77, -1, 77),
        (77, 8, 8),
    ],
)
def test_batch_size(n, batch_size, expected):
    """An eighth, or a sixteenth, is rounded up: no batch of a single row is left over."""
    assert LandslideNet(batch_size=batch_size).resolved_batch_size(n) == expected
