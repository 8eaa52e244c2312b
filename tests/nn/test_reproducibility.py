"""One seed, one result; nothing outside the net is touched; no more threads than processors."""

import copy
import os
import random
import warnings

import joblib
import numpy as np
import pytest
import torch
from sklearn.base import clone
from sklearn.model_selection import cross_val_predict

from sklearn_landslide import LandslideNet


@pytest.fixture(scope="module")
def X():
    return np.random.default_rng(0).normal(size=(120, 4))


@pytest.fixture(scope="module")
def y(X):
    return (X[:, 0] > 0).astype(int)


def small(**params):
    return LandslideNet(**{"max_epochs": 2, "n_members": 2, "n_trees": 4} | params)


def test_the_same_seed_gives_the_same_probabilities(X, y):
    first, second = (small(random_state=3).fit(X, y).predict_proba(X) for _ in range(2))
    np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize("seeds", [(3, 4), (None, None)])
def test_other_seeds_give_other_probabilities(X, y, seeds):
    first, second = (small(random_state=seed).fit(X, y).predict_proba(X) for seed in seeds)
    assert not np.array_equal(first, second)


@pytest.mark.parametrize("seed", [0, "instance"])
def test_number_of_jobs_does_not_change_the_result(X, y, seed):
    results = []
    for n_jobs in (1, 2):
        random_state = np.random.RandomState(7) if seed == "instance" else seed
        net = small(random_state=random_state)
        results.append(cross_val_predict(net, X, y, cv=3, n_jobs=n_jobs, method="predict_proba"))
    np.testing.assert_array_equal(*results)


def test_a_random_state_instance_moves_on_from_fit_to_fit(X, y):
    random_state = np.random.RandomState(7)
    net = small(random_state=random_state)
    first = net.fit(X, y).predict_proba(X)
    assert not np.array_equal(first, net.fit(X, y).predict_proba(X))
    again = small(random_state=np.random.RandomState(7)).fit(X, y)
    np.testing.assert_array_equal(first, again.predict_proba(X))


def test_global_state_does_not_reach_the_net(X, y):
    results = []
    for seed in (1, 2):
        torch.manual_seed(seed)
        np.random.seed(seed)  # noqa: NPY002
        results.append(small(random_state=0).fit(X, y).partial_fit(X, y).predict_proba(X))
    np.testing.assert_array_equal(*results)


@pytest.mark.parametrize("random_state", [0, None])
def test_nothing_global_is_changed(X, y, random_state):
    def everything():
        return (
            torch.get_rng_state().tolist(),
            torch.initial_seed(),
            repr(np.random.get_state()),  # noqa: NPY002
            random.getstate(),
            list(warnings.filters),
            torch.get_num_threads(),
            torch.is_grad_enabled(),
            torch.get_default_dtype(),
            torch.are_deterministic_algorithms_enabled(),
            dict(os.environ),
        )

    before = everything()
    net = small(random_state=random_state).fit(X, y)
    net.partial_fit(X, y).predict_proba(X)
    net.attention(X)
    net.set_params(module__lstm_hidden=4, callbacks__clip=None)
    clone(net).fit(X, y)
    assert everything() == before


def test_partial_fit_goes_on_with_new_random_numbers(X, y):
    """Two calls are not the same call twice: the second draws other batches and dropouts."""
    net = small(random_state=0, lr=1e-12, callbacks__schedule=None, max_epochs=1)
    losses = net.fit(X, y).partial_fit(X, y).history[:, "train_loss"]
    assert losses[0] != losses[1]


def test_two_partial_fits_are_reproducible(X, y):
    nets = [small(random_state=0).fit(X, y).partial_fit(X, y) for _ in range(2)]
    np.testing.assert_array_equal(*(net.predict_proba(X) for net in nets))


@pytest.mark.parametrize(("n_factors", "n_threads"), [(1, 1), (4, 1), (16, 1), (17, 2)])
def test_a_row_has_one_probability_whatever_its_batch(n_factors, n_threads):
    rng = np.random.default_rng(n_factors)
    X = rng.normal(size=(1200, n_factors))
    y = (X[:, 0] + rng.normal(size=1200) > 0).astype(int)
    net = LandslideNet(max_epochs=1, random_state=0, n_members=4).fit(X, y)
    before = torch.get_num_threads()
    torch.set_num_threads(n_threads)
    try:
        full = net.predict_proba(X)
        for rows in (
            slice(0, 1),
            slice(1199, 1200),
            slice(3, 70),
            slice(500, 1100),
            slice(None, None, -1),
            slice(7, None, 11),
        ):
            np.testing.assert_array_equal(net.predict_proba(X[rows]), full[rows])
        net.set_params(iterator_valid__batch_size=177)
        np.testing.assert_array_equal(net.predict_proba(X), full)
    finally:
        torch.set_num_threads(before)


def test_prediction_draws_nothing_and_leaves_the_net_alone(X, y):
    net = small(random_state=0).fit(X, y)
    state = {name: tensor.clone() for name, tensor in net.module_.state_dict().items()}
    first = net.predict_proba(X)
    np.testing.assert_array_equal(net.predict_proba(X), first)
    assert all(torch.equal(state[name], t) for name, t in net.module_.state_dict().items())


def threads_after_a_fit(X, y):
    small(random_state=0).fit(X, y)
    return os.getpid(), torch.get_num_threads()


def test_workers_share_the_processors(X, y):
    cpus = joblib.cpu_count()
    if cpus < 2:
        pytest.skip("needs two processors")
    answers = joblib.Parallel(n_jobs=2, backend="loky")(
        joblib.delayed(threads_after_a_fit)(X, y) for _ in range(4)
    )
    assert os.getpid() not in {pid for pid, _ in answers}
    assert all(2 * n_threads <= cpus for _, n_threads in answers)


def test_threads_of_one_process_do_not_disturb_each_other(X, y):
    state = torch.get_rng_state()
    nets = joblib.Parallel(n_jobs=3, backend="threading")(
        joblib.delayed(small(random_state=k).fit)(X, y) for k in range(6)
    )
    assert torch.equal(torch.get_rng_state(), state)
    for k, net in enumerate(nets):
        alone = small(random_state=k).fit(X, y)
        np.testing.assert_array_equal(net.predict_proba(X), alone.predict_proba(X))


def test_a_deep_copy_goes_on_as_the_net_itself_would_and_leaves_it_alone(X, y):
    net = small(random_state=0).fit(X, y)
    before = net.predict_proba(X)
    copied = copy.deepcopy(net)
    np.testing.assert_array_equal(copied.predict_proba(X), before)
    copied.partial_fit(X, y)
    np.testing.assert_array_equal(net.predict_proba(X), before)
    # Weights, moments of the optimizer and random numbers are all there.
    np.testing.assert_array_equal(copied.predict_proba(X), net.partial_fit(X, y).predict_proba(X))
    assert not np.array_equal(net.predict_proba(X), before)
