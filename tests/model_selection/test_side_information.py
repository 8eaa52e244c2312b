"""Which rows of the side information belong to the rows of X."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
from numpy.testing import assert_array_equal

from sklearn_landslide.model_selection import (
    KNNDM,
    LeaveOneStratumOut,
    LeaveRegionAndPeriodOut,
    SpatialBlockKFold,
)
from sklearn_landslide.model_selection._side_information import (
    check_coordinates,
    check_group_labels,
    matching_rows,
)

YEARS = pd.Series([2001, 2002, 2003, 2004], index=list("abcd"))


def table(index):
    return pd.DataFrame({"slope": np.arange(len(index))}, index=index)


def test_frames_are_matched_by_label_in_any_order_and_part():
    assert_array_equal(matching_rows(YEARS, table(["d", "a"]), "years"), [3, 0])
    frame = pd.DataFrame({"x": [1, 2, 3], "y": [4, 5, 6]}, index=[7, 8, 9])
    assert_array_equal(matching_rows(frame, table([9, 7]), "coordinates"), [2, 0])


def test_a_multi_index_is_matched_too():
    index = pd.MultiIndex.from_product([["north", "south"], [1, 2]])
    years = pd.Series([10, 20, 30, 40], index=index)
    assert_array_equal(matching_rows(years, table(index[[3, 1]]), "years"), [3, 1])


@pytest.mark.parametrize(
    ("side", "X"),
    [
        (YEARS.to_numpy(), table(list("dcba"))),
        (YEARS, np.zeros((4, 1))),
        (YEARS, [[0]] * 4),
        (YEARS, pl.DataFrame({"slope": [1, 2, 3, 4]})),
        (list(YEARS), table(list("efgh"))),
    ],
    ids=["array-frame", "series-array", "series-list", "series-polars", "list-frame"],
)
def test_without_two_indices_rows_are_matched_by_position(side, X):
    assert_array_equal(matching_rows(side, X, "years"), [0, 1, 2, 3])


def test_no_table_stands_for_all_rows():
    assert_array_equal(matching_rows(YEARS, None, "years"), [0, 1, 2, 3])


@pytest.mark.parametrize(
    ("side", "X", "message"),
    [
        (YEARS, table(list("abx")), "1 of the 3 labels in the index of X, such as 'x', are not"),
        (YEARS, table(range(4)), "4 of the 4 labels in the index of X, such as 0, are not in"),
        (YEARS, table(list("aab")), "the index of X has the label 'a' more than once"),
        (YEARS.rename({"b": "a"}), table(list("a")), "index of years has the label 'a' more"),
        (YEARS.to_numpy(), table(list("ab")), "X has 2 rows and years 4: give both as pandas"),
        (YEARS, np.zeros((5, 2)), "X has 5 rows and years 4: give both as pandas"),
    ],
    ids=["missing", "other index", "twice in X", "twice in side", "short frame", "long array"],
)
def test_rows_that_cannot_be_matched_are_refused_in_one_line(side, X, message):
    with pytest.raises(ValueError, match=message) as caught:
        matching_rows(side, X, "years")
    assert "\n" not in str(caught.value)


def test_columns_named_x_and_y_are_taken_by_name():
    frame = pd.DataFrame({"y": [2, 4], "name": ["a", "b"], "x": [1, 3]})
    assert_array_equal(check_coordinates(frame), [[1, 2], [3, 4]])
    assert_array_equal(
        check_coordinates(pl.DataFrame({"e": [1, 3], "n": [2, 4]})), [[1, 2], [3, 4]]
    )


@pytest.mark.parametrize(
    ("coordinates", "message"),
    [
        ([1, 2, 3], r"two columns x and y, got shape \(3,\)"),
        (np.zeros((3, 3)), r"two columns x and y, got shape \(3, 3\)"),
        (np.zeros((0, 2)), r"two columns x and y, got shape \(0, 2\)"),
        ([[0, np.nan], [1, np.inf], [2, 3]], "coordinates has 2 points that are missing"),
        ([["a", "b"]], "coordinates must be numbers"),
    ],
    ids=["1-D", "three columns", "empty", "not finite", "text"],
)
def test_coordinates_that_are_none_are_refused(coordinates, message):
    with pytest.raises(ValueError, match=message):
        check_coordinates(coordinates)


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ([["a"], ["b"]], r"strata must be one label a row, got shape \(2, 1\)"),
        (pd.Series(["a", None, "b"]), "strata has 1 missing labels"),
        ([2001, np.nan], "strata has 1 missing labels"),
    ],
    ids=["2-D", "None", "nan"],
)
def test_labels_that_are_none_are_refused(labels, message):
    with pytest.raises(ValueError, match=message):
        check_group_labels(labels, "strata")


@pytest.mark.parametrize(
    "make",
    [
        lambda side, labels: SpatialBlockKFold(side, 2),
        lambda side, labels: KNNDM(side, side, 3),
        lambda side, labels: LeaveOneStratumOut(labels),
        lambda side, labels: LeaveRegionAndPeriodOut(labels, labels),
    ],
    ids=["blocks", "knndm", "stratum", "region and period"],
)
def test_every_splitter_refuses_side_information_of_other_rows(make):
    y = [0, 1] * 5
    side = pd.DataFrame({"x": range(10), "y": range(10)}, index=range(10))
    cv = make(side, side["x"] % 3)
    with pytest.raises(ValueError, match="in the index of X, such as 10, are not in"):
        next(cv.split(table(range(10, 20)), y))
    cv = make(side.to_numpy(), (side["x"] % 3).to_numpy())
    with pytest.raises(ValueError, match="X has 8 rows and"):
        next(cv.split(np.zeros((8, 1)), y[:8]))
