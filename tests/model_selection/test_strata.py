"""Strata left out: regions, lithologies, years, and both place and time."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from sklearn.model_selection import LeaveOneGroupOut

from sklearn_landslide.model_selection import LeaveOneStratumOut, LeaveRegionAndPeriodOut

YEARS = np.repeat([2003, 2001, 2002, 2004], [4, 4, 3, 2])
#              2003        2001        2002     2004
Y = np.array([0, 0, 1, 1, 0, 0, 0, 1, 0, 0, 0, 1, 1])
X = np.zeros((13, 1))


def by_name(cv, X=X, y=Y):
    return dict(zip(cv.fold_names(X, y), [t.tolist() for _, t in cv.split(X, y)], strict=True))


def test_each_stratum_is_left_out_once_as_by_scikit_learn():
    strata = np.repeat(["schist", "granite", "marl"], 4)
    y = np.tile([0, 1], 6)
    found = list(LeaveOneStratumOut(strata).split(X[:12], y))
    wanted = list(LeaveOneGroupOut().split(X[:12], y, strata))
    for mine, theirs in zip(found, wanted, strict=True):
        for part, other in zip(mine, theirs, strict=True):
            assert_array_equal(part, other)
    assert LeaveOneStratumOut(strata).fold_names(y=y) == ["granite", "marl", "schist"]


def test_a_single_landslide_is_enough_by_default():
    strata = np.where(YEARS > 2002, "late", YEARS.astype(str))
    keep = strata != "2002"
    cv = LeaveOneStratumOut(strata[keep])
    # 2001 has one landslide.
    assert by_name(cv, X[keep], Y[keep]) == {"2001": [4, 5, 6, 7], "late": [0, 1, 2, 3, 8, 9]}


def test_a_small_stratum_is_named():
    message = "stratum 2002 has 0 rows of class 1, fewer than min_per_class=1: choose"
    with pytest.raises(ValueError, match=message) as caught:
        list(LeaveOneStratumOut(YEARS).split(X, Y))
    assert 'on_small="merge" or on_small="skip"' in str(caught.value)
    assert "\n" not in str(caught.value)


def test_skipped_strata_are_never_tested_and_always_trained_on():
    cv = LeaveOneStratumOut(YEARS, on_small="skip")
    assert by_name(cv) == {"2001": [4, 5, 6, 7], "2003": [0, 1, 2, 3]}
    for train, _ in cv.split(X, Y):
        assert {8, 9, 10, 11, 12} <= set(train)


def test_small_strata_are_tested_together():
    # 2002 has no landslide and 2004 no other: together they have both.
    assert by_name(LeaveOneStratumOut(YEARS, on_small="merge")) == {
        "2001": [4, 5, 6, 7],
        "2002 + 2004": [8, 9, 10, 11, 12],
        "2003": [0, 1, 2, 3],
    }


def test_a_lone_small_stratum_takes_the_smallest_other_along():
    keep = YEARS != 2004
    cv = LeaveOneStratumOut(YEARS[keep], on_small="merge")
    # 2001 and 2003 are of one size: the first is taken.
    assert list(by_name(cv, X[keep], Y[keep])) == ["2001 + 2002", "2003"]


def test_the_least_number_of_rows_counts_for_both_classes():
    cv = LeaveOneStratumOut(YEARS, min_per_class=2, on_small="skip")
    assert list(by_name(cv)) == ["2003"]


@pytest.mark.parametrize(
    ("strata", "y", "options", "message"),
    [
        (np.zeros(13), Y, {}, "all rows are of one stratum, 0.0: there must be two"),
        ([0] * 6 + [1] * 7, [0] * 6 + [1] * 7, {"on_small": "skip"}, "none of the 2 strata has 1"),
        ([0] * 6 + [1] * 7, [0] * 6 + [1] * 7, {"on_small": "merge"}, "to train on: use coarser"),
        (YEARS, Y, {"min_per_class": 0}, "The 'min_per_class' parameter"),
        (YEARS, Y, {"on_small": "drop"}, "The 'on_small' parameter"),
        (YEARS, None, {}, "y is missing"),
    ],
    ids=["one stratum", "skip all", "merge all", "zero", "unknown", "no y"],
)
def test_what_cannot_be_left_out_is_refused(strata, y, options, message):
    with pytest.raises(ValueError, match=message):
        LeaveOneStratumOut(strata, **options).get_n_splits(X, y)


@settings(max_examples=80, deadline=None)
@given(
    rows=st.lists(st.tuples(st.integers(0, 4), st.booleans()), min_size=4, max_size=40),
    min_per_class=st.integers(1, 3),
    on_small=st.sampled_from(["raise", "merge", "skip"]),
)
def test_strata_are_never_divided_and_parts_hold_both_classes(rows, min_per_class, on_small):
    strata, y = np.array(rows).T
    cv = LeaveOneStratumOut(strata, min_per_class=min_per_class, on_small=on_small)
    try:
        found = list(cv.split(np.zeros((len(y), 1)), y))
    except ValueError as error:
        assert "\n" not in str(error)
        return
    assert len(found) == cv.get_n_splits(y[:, None], y)
    tested = np.concatenate([test for _, test in found])
    assert len(np.unique(tested)) == len(tested)
    if on_small != "skip":
        assert len(tested) == len(y)
    for train, test in found:
        assert not set(strata[train]) & set(strata[test])
        assert_array_equal(np.sort(np.append(train, test)), range(len(y)))
        assert np.bincount(y[test], minlength=2).min() >= min_per_class
        assert np.bincount(y[train], minlength=2).min() >= 1


def region_and_period(on_small="raise", drop=None):
    frame = pd.DataFrame({"region": np.repeat(["a", "b", "c"], 6), "year": [1, 1, 2, 2, 3, 3] * 3})
    y = pd.Series([0, 1] * 9)
    if drop is not None:
        frame, y = frame.drop(index=drop), y.drop(drop)
    return LeaveRegionAndPeriodOut(frame["region"], frame["year"], on_small=on_small), frame, y


def test_region_and_period_are_both_unseen():
    cv, frame, y = region_and_period()
    assert cv.get_n_splits(frame, y) == 9
    folds = dict(zip(cv.fold_names(frame, y), cv.split(frame, y), strict=True))
    train, test = folds["b, 2"]
    assert_array_equal(test, [8, 9])
    # Neither b nor year 2: years 1 and 3 of a and c.
    assert_array_equal(train, [0, 1, 4, 5, 12, 13, 16, 17])


def test_a_region_without_rows_in_a_period_is_not_tested():
    cv, frame, y = region_and_period(drop=[8, 9])
    assert "b, 2" not in cv.fold_names(frame, y)
    assert cv.get_n_splits(frame, y) == 8


def test_a_small_part_is_named_or_skipped():
    cv, frame, y = region_and_period(drop=[9])
    with pytest.raises(ValueError, match=r'b, 2 has 0 rows of class 1.*choose on_small="skip"'):
        list(cv.split(frame, y))
    cv, frame, y = region_and_period("skip", drop=[9])
    assert cv.get_n_splits(frame, y) == 8
    for train, _ in cv.split(frame, y):
        assert set(y.iloc[train]) == {0, 1}


def test_a_training_part_of_one_class_is_named_or_skipped():
    frame = pd.DataFrame({"region": list("aaabbb"), "year": [1, 1, 2, 1, 2, 2]})
    y = pd.Series([0, 1, 1, 1, 0, 1])
    cv = LeaveRegionAndPeriodOut(frame["region"], frame["year"])
    # Neither a nor year 2 is one landslide, b in year 1.
    with pytest.raises(ValueError, match=r"period of a, 2 there is no row of class 0 to train on"):
        list(cv.split(frame, y))
    cv = LeaveRegionAndPeriodOut(frame["region"], frame["year"], on_small="skip")
    assert cv.fold_names(frame, y) == ["a, 1", "b, 2"]
    y = pd.Series([0, 1, 1, 1, 1, 1])
    cv = LeaveRegionAndPeriodOut(frame["region"], frame["year"])
    with pytest.raises(ValueError, match=r"without the region and the period of a, 1 there is no"):
        list(cv.split(frame, y))
    with pytest.raises(ValueError, match="none of the 2 regions in the 2 periods has 1 rows"):
        cv.on_small = "skip"
        list(cv.split(frame, y))


def test_both_labels_follow_the_index_of_the_table():
    cv, frame, y = region_and_period()
    order = np.random.default_rng(0).permutation(18)
    for (train, test), (train_moved, test_moved) in zip(
        cv.split(frame, y), cv.split(frame.iloc[order], y.iloc[order]), strict=True
    ):
        assert_array_equal(np.sort(order[test_moved]), test)
        assert_array_equal(np.sort(order[train_moved]), train)
