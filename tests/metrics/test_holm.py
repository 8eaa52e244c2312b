"""Holm's adjustment."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from statsmodels.stats.multitest import multipletests

from sklearn_landslide.metrics._holm import holm_adjusted


def test_the_adjustment_is_the_one_worked_out_by_hand():
    # 3 * .01, then 2 * .03, then 1 * .04, which may not be below the one before.
    assert_allclose(holm_adjusted([0.04, 0.01, 0.03]), [0.06, 0.03, 0.06])


# A call of statsmodels takes a tenth of a second.
@settings(deadline=None, max_examples=8)
@given(st.lists(st.floats(0, 1), min_size=1))
def test_it_is_that_of_statsmodels(pvalues):
    assert_allclose(holm_adjusted(pvalues), multipletests(pvalues, method="holm")[1], atol=1e-15)


def test_missing_values_stay_and_do_not_count():
    assert_array_equal(holm_adjusted([np.nan, 0.25, 0.5]), [np.nan, 0.5, 0.5])


@pytest.mark.parametrize("pvalues", [[], [np.nan]])
def test_nothing_to_adjust_is_no_fault(pvalues):
    assert_array_equal(holm_adjusted(pvalues), pvalues)
