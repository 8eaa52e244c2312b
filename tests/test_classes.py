"""Two classes, landslide and not: neither fewer nor more."""

import numpy as np
import pytest

from sklearn_landslide._classes import two_classes


def test_labels_come_in_order_with_the_code_of_each_row():
    classes, codes = two_classes(np.array([3, -1, 3]))
    assert classes.tolist() == [-1, 3]
    assert codes.tolist() == [1, 0, 1]


@pytest.mark.parametrize(
    ("y", "found"),
    [
        ([1, 1], r"got 1 \(1\)"),
        (["a", "b", "c"], r"got 3 \('a', 'b', 'c'\)"),
        (range(7), r"got 7 \(0, 1, 2, 3, 4, \.\.\.\)"),
    ],
)
def test_other_numbers_of_classes_are_refused_with_what_was_found(y, found):
    with pytest.raises(ValueError, match=f"y must have two classes, landslide and not, {found}"):
        two_classes(np.array(y))
