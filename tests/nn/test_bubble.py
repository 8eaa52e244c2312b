"""What happens in the bubble of a fit leaves no trace outside."""

import threading

import pytest
import torch

from sklearn_landslide.nn._bubble import one_thread, seed_bubble


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
