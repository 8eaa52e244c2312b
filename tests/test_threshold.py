"""A probability that equals the threshold but for its last bits reaches it."""

import numpy as np

from sklearn_landslide._threshold import reaches


def test_a_tie_does_not_hang_on_the_last_bit():
    threshold = 0.1 + 0.2
    near = [np.nextafter(threshold, 0), threshold, np.nextafter(threshold, 1)]
    assert reaches(np.array(near), threshold).all()


def test_what_is_below_by_more_than_rounding_does_not_reach_it():
    assert reaches(np.array([0.3 - 1e-8, 0.3 - 1e-11]), 0.3).tolist() == [False, True]


def test_each_row_may_have_a_threshold_of_its_own():
    assert reaches(np.array([0.2, 0.2]), np.array([0.1, 0.3])).tolist() == [True, False]
