"""Codes of a category are one, whatever type a file gave them."""

import datetime
import warnings
from decimal import Decimal

import numpy as np
import pandas as pd
import polars as pl
import pytest

from sklearn_landslide._codes import (
    as_codes,
    canonical_code,
    codes_may_be_unknown,
    match_codes,
    read_codes,
)

BIG = 2**53


@pytest.mark.parametrize(
    ("value", "code"),
    [
        *((one, 1) for one in (1, 1.0, "1", " 1 ", "1.0", "+1", "01", "1.", np.int8(1))),
        *((one, 1) for one in (np.float32(1), Decimal("1.0"), True, np.True_, "True", "TRUE")),
        *((zero, 0) for zero in (0, -0.0, "0", False, "false")),
        # As R writes it.
        *((many, 100_000) for many in ("1e+05", 1e5, "100000")),
        *((none, None) for none in (None, np.nan, pd.NA, pd.NaT, "", "  ", -3.4e38, "-3.4e+38")),
        (BIG + 1, BIG + 1),
        (str(BIG + 1), BIG + 1),
        (" clay ", "clay"),
        (b"clay", "clay"),
        ("None", "None"),
        (1.5, "1.5"),
        (np.float32(0.1), "0.1"),
        # A unit of rock, and no number.
        ("1.10", "1.10"),
        ("1e5", "1e5"),
        ("2.5e+01", 25),
        ("3E", "3E"),
        (pd.Timestamp("2020-03-01"), "2020-03-01"),
        (datetime.date(2020, 3, 1), "2020-03-01"),
        ("9" * 5000, "9" * 5000),
    ],
)
def test_equal_codes_have_one_form(value, code):
    found = canonical_code(value)
    assert found == code
    assert type(found) is type(code)


@pytest.mark.parametrize(
    "column",
    [
        [2, 1, 2],
        [2.0, 1.0, 2.0],
        ["2", "1", " 2"],
        ["2", 1, 2.0],
        pd.Categorical([2, 1, 2]),
        pd.Categorical(["2", "1", "2"], categories=["9", "2", "1"]),
        pd.Series([2, 1, 2], dtype="Int16"),
        np.array(["2", "1", "2"]),
        np.array([2, 1, 2], dtype=np.float32),
        pl.Series(["2", "1", "2"], dtype=pl.Categorical),
        pl.Series([2, 1, 2]),
        [b"2", b"1", b"2"],
    ],
)
def test_a_column_of_any_type_gives_the_same_codes(column):
    codes = as_codes(column)
    assert codes.categories.tolist() == [1, 2]
    assert codes.categories.dtype == np.int64
    assert codes.codes.tolist() == [1, 0, 1]
    assert match_codes(column, ["1", "2"], "soil")[0].tolist() == [1, 0, 1]


def test_any_text_makes_a_column_text():
    assert as_codes([10, "?", 9.0, None]).categories.tolist() == ["10", "9", "?"]


def test_codes_beyond_the_integers_of_a_float_stay_apart():
    assert as_codes([BIG, BIG + 1, None]).categories.tolist() == [BIG, BIG + 1]
    huge = str(2**70)
    assert as_codes([huge, 1]).categories.tolist() == ["1", huge]


def test_lists_are_no_codes():
    with pytest.raises(ValueError, match="give each row one code"):
        read_codes(pd.Series([[1], [2]]))


@pytest.mark.parametrize("known", [[1, 2, 3], ["1", "2", "3"], [1.0, 2.0, 3.0]])
@pytest.mark.parametrize("column", [[3, 1], [3.0, 1.0], ["3", "1"], [" 3", "1.0"]])
def test_codes_are_matched_by_what_they_mean(known, column):
    positions, unknown = match_codes(column, known, "soil")
    assert positions.tolist() == [2, 0]
    assert unknown == []


def test_a_column_of_which_no_code_is_known_is_an_error():
    message = r"none of the 2 codes of column 'soil' is known .*'x', 'y'\); known are 1, 2"
    with pytest.raises(ValueError, match=message) as caught:
        match_codes(["x", "y", None], [1, 2], "soil")
    assert "\n" not in str(caught.value)


def test_many_unknown_values_are_a_warning():
    with pytest.warns(UserWarning, match=r"3 of 4 values of column 'soil' are unknown .*'x'"):
        match_codes(["x", "x", "x", 1], [1, 2], "soil")
    with pytest.warns(UserWarning, match=r"10 of 90 values of column 'soil' are unknown"):
        match_codes([7] * 10 + [1] * 80, [1, 2], "soil")


@pytest.mark.parametrize("column", [[7, 1], [7, *[1] * 20], [None, None], [1, None]])
def test_few_unknown_and_missing_values_are_said_nothing_of(column):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        match_codes(column, [1, 2], "soil")


def test_a_region_of_one_rock_may_be_unknown():
    # As in a fold that leaves this rock out.
    assert match_codes(["marl", "marl"], ["clay"], "rock")[1] == ["marl"]


def test_a_few_rocks_left_out_together_are_a_warning():
    with pytest.warns(UserWarning, match="2 of 2 values"):
        match_codes(["marl", "tuff"], ["a", "b", "c", "d", "e"], "rock")
    with pytest.raises(ValueError, match="none of the 2 codes"):
        match_codes([1, 2], ["a", "b", "c", "d", "e"], "rock")


def test_where_unknown_codes_are_expected_nothing_is_said():
    with codes_may_be_unknown():
        positions, unknown = match_codes(["x", "y", 1], ["clay"], "rock")
    assert positions.tolist() == [1, 2, 3]
    assert unknown == ["x", "y", "1"]
