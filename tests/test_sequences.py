"""The parameter ``sequences``: which columns are one variable over time."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sklearn_landslide._sequences import (
    absent_groups,
    fill_gaps,
    quantity_series,
    resolve_sequences,
)

NAMES = ["slope", "r0", "r1", "r2", "t0", "t1", "t2"]


def resolve(sequences, names=NAMES, n_features=7):
    return resolve_sequences(sequences, n_features=n_features, names=names)


def test_none_has_no_groups():
    assert resolve(None) == []


def test_names_are_kept_in_the_order_given_and_not_in_that_of_the_table():
    (rain,) = resolve({"rain": ["r2", "r0"]})
    assert rain.positions.tolist() == [[3, 1]]
    assert (rain.name, rain.variables, rain.n_variables, rain.n_steps) == ("rain", ("rain",), 1, 2)


def test_several_variables_of_one_length_form_one_group():
    (weather,) = resolve({"weather": {"rain": ["r0", "r1"], "temperature": ["t0", "t1"]}})
    assert weather.variables == ("rain", "temperature")
    assert weather.positions.tolist() == [[1, 2], [4, 5]]


def test_groups_may_differ_in_length():
    rain, temperature = resolve({"rain": ["r0", "r1", "r2"], "temperature": ["t0"]})
    assert (rain.n_steps, temperature.n_steps) == (3, 1)


@pytest.mark.parametrize("columns", [[1, 2], range(1, 3), np.array([1, 2]), pd.Index([1, 2])])
def test_positions_count_in_a_table_without_names(columns):
    assert resolve({"rain": columns}, names=None)[0].positions.tolist() == [[1, 2]]


def test_a_position_means_the_column_of_an_array_wherever_a_step_has_moved_it():
    (rain,) = resolve({"rain": [2, 3]}, names=["x3", "x0", "x2"], n_features=3)
    assert rain.positions.tolist() == [[2, 0]]


@pytest.mark.parametrize(
    ("sequences", "names", "message"),
    [
        (["r0"], NAMES, "must be a dict of column lists by group, got list"),
        ({1: ["r0"]}, NAMES, "has the key 1"),
        ({"rain": []}, NAMES, r"sequences\['rain'\] lists no column"),
        ({"rain": {}}, NAMES, r"sequences\['rain'\] has no variable"),
        ({"rain": "r0"}, NAMES, r"sequences\['rain'\] must be a list of columns .*, got 'r0'"),
        ({"rain": {"r0", "r1"}}, NAMES, "must be a list of columns in order of time, got {"),
        ({"rain": (name for name in ["r0"])}, NAMES, "must be a list of columns .* got <generator"),
        ({"w": {"r": {"a": ["r0"]}}}, NAMES, r"\['w'\]\['r'\] must be a list of columns .* got {"),
        ({"rain": np.array([["r0"], ["r1"]])}, NAMES, "must be a list .* got a table of 2 dimen"),
        ({"rain": [["r0"]]}, NAMES, r"lists \['r0'\]: give the name or the position"),
        ({"rain": [True] + [False] * 6}, None, "lists True: give the name or the position"),
        ({"rain": [0.0, 1.0]}, None, "lists 0.0: give the name or the position"),
        ({"rain": ["r0", "r9"]}, NAMES, r"names 'r9', which is not a column .*\(1 of its 2"),
        ({"rain": ["r0", "r1", "r0"]}, NAMES, r"lists 'r0' twice"),
        ({"a": ["r0", "r1"], "b": ["r1"]}, NAMES, r"sequences\['b'\] holds 'r1', which sequen"),
        ({"w": {"r": ["r0", "r1"], "t": ["t0"]}}, NAMES, r"\['t'\] has 1 steps, and 'r' .* has 2"),
        ({"rain": ["r0", 2]}, NAMES, "names 2, which is not a column"),
        ({"rain": [1, 2]}, NAMES, "gives positions, but the table has column names"),
        ({"rain": ["r0"]}, None, "are names, but X has no column names"),
        ({"rain": [1, 7]}, None, r"must lie in \[0, 6\]"),
        ({"rain": [2, 3]}, ["x0", "x2"], "names 'x3', which is not a column"),
    ],
)
def test_a_wrong_group_is_named_in_one_line(sequences, names, message):
    n_features = 7 if names is None else len(names)
    with pytest.raises(ValueError, match=message) as caught:
        resolve(sequences, names, n_features)
    assert "\n" not in str(caught.value)


def test_series_of_all_groups_are_listed_one_by_one():
    sequences = {"weather": {"rain": ["r0", "r1"], "temperature": ["t1", "t0"]}, "r": ["r2"]}
    series = quantity_series(
        sequences, n_features=7, names=NAMES, is_categorical=np.zeros(7, dtype=bool)
    )
    assert [columns.tolist() for columns in series] == [[1, 2], [5, 4], [3]]


@pytest.mark.parametrize(
    ("sequences", "names", "absent"),
    [
        ({"rain": ["r0", "r9"], "snow": ["s0"]}, NAMES, ["snow"]),
        ({"sky": {"snow": ["s0"], "rain": ["r0"]}}, NAMES, []),
        ({"rain": [0, 1], "snow": np.array([2, 3])}, ["x0", "x4"], ["snow"]),
        ({"rain": [7]}, None, []),
    ],
)
def test_a_group_is_absent_if_no_column_of_it_is_there(sequences, names, absent):
    assert absent_groups(sequences, names) == absent


def test_what_is_no_list_is_not_taken_for_absent():
    with pytest.raises(
        ValueError, match="must be a list of columns in order of time, got 'rain_0'"
    ):
        absent_groups({"rain": "rain_0"}, NAMES)


@pytest.mark.parametrize(("names", "column"), [(NAMES, "'r1'"), (None, "2")])
def test_a_category_is_no_step_of_a_series(names, column):
    rain = ["r0", "r1"] if names else [1, 2]
    with pytest.raises(ValueError, match=rf"^sequences\['rain'\] holds {column}, which is a cat"):
        quantity_series({"rain": rain}, n_features=7, names=names, is_categorical=np.arange(7) == 2)


def test_gaps_are_bridged_in_time_and_ends_take_the_fallback():
    nan = np.nan
    series = np.array([[nan, 4.0, nan, nan, 1.0, nan], [nan] * 6, [1.0, 2, 3, 4, 5, 6]])
    expected = [[9, 4, 3, 2, 1, 9], [9] * 6, [1, 2, 3, 4, 5, 6]]
    np.testing.assert_allclose(fill_gaps(series, np.full(6, 9.0)), expected)


@given(st.lists(st.one_of(st.none(), st.floats(-1e3, 1e3)), min_size=1, max_size=12))
def test_filling_equals_numpy_interp_between_the_known_steps(values):
    series = np.array([[np.nan if v is None else v for v in values]])
    known = np.flatnonzero(~np.isnan(series[0]))
    filled = fill_gaps(series, np.full(len(values), -1.0))[0]
    expected = np.full(len(values), -1.0)
    if len(known):
        inside = np.arange(known[0], known[-1] + 1)
        expected[inside] = np.interp(inside, known, series[0, known])
    np.testing.assert_allclose(filled, expected, rtol=1e-9, atol=1e-9)
