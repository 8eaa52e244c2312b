"""Seeds: independent ones, or one that is passed on; the global generator is left alone."""

import numpy as np
import pytest

from sklearn_landslide._random_state import draw_seeds, pass_on_seeds


def test_drawn_seeds_are_those_of_the_generator_and_differ():
    expected = np.random.RandomState(7).randint(2**31 - 1, size=4).tolist()
    assert draw_seeds(7, 4) == draw_seeds(np.random.RandomState(7), 4) == expected
    assert len(set(expected)) == 4


def test_none_is_fresh_entropy_each_time():
    assert draw_seeds(None, 3) != draw_seeds(None, 3)


def test_a_number_or_none_is_passed_on_to_every_step():
    assert pass_on_seeds(3, 2) == [3, 3]
    assert pass_on_seeds(None, 2) == [None, None]


def test_a_generator_draws_one_seed_for_each_step():
    assert pass_on_seeds(np.random.RandomState(7), 4) == draw_seeds(7, 4)


@pytest.mark.parametrize("draw", [draw_seeds, pass_on_seeds])
def test_the_global_generator_is_not_touched(draw):
    before = np.random.get_state()[1].tolist()  # noqa: NPY002
    draw(None, 3), draw(0, 3)
    assert np.random.get_state()[1].tolist() == before  # noqa: NPY002
