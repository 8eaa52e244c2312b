import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from sklearn_landslide.preprocessing import PlausibleRange, RainfallSums, field_bounds

HOURS = [f"rain_{hour:03d}" for hour in range(120)]
WINDOWS = [1, 3, 6, 12, 24, 48, 72, 96, 120]


@pytest.fixture
def table():
    rng = np.random.default_rng(0)
    rain = pd.DataFrame(rng.gamma(0.2, 5, size=(8, 120)), columns=HOURS)
    rain.insert(0, "slope", rng.uniform(0, 50, 8))
    rain.insert(60, "soil", pd.Categorical(rng.choice(["loam", "clay"], 8)))
    return rain.set_index(pd.Index([4] * 8))


def test_sums_end_with_the_last_hour(table):
    out = RainfallSums().fit_transform(table)
    names = [f"rain_sum_{window}h" for window in WINDOWS]
    assert out.columns.tolist() == ["slope", "soil", *names, "rain_max"]
    rain = table[HOURS].to_numpy()
    for window, name in zip(WINDOWS, names, strict=True):
        assert_allclose(out[name], [sum(row[120 - window :]) for row in rain], rtol=1e-12)
    assert_array_equal(out["rain_max"], rain.max(axis=1))


def test_static_columns_pass_unchanged(table):
    out = RainfallSums().fit_transform(table)
    pd.testing.assert_frame_equal(out[["slope", "soil"]], table[["slope", "soil"]])
    kept = RainfallSums(keep_hours=True).fit_transform(table)
    pd.testing.assert_frame_equal(kept.iloc[:, :122], table)
    pd.testing.assert_frame_equal(kept.iloc[:, 122:], out.iloc[:, 2:])


def test_a_dry_end_has_a_sum_of_exactly_zero():
    storm = np.array([[0.1, 0.2, 0.3, 1e9, 0.0, 0.0]])
    assert RainfallSums([2, 3]).fit_transform(storm).tolist() == [[0.0, 1e9, 1e9]]


@given(st.lists(st.floats(0, 500), min_size=1, max_size=30))
def test_longer_windows_never_hold_less_rain(hours):
    windows = range(1, len(hours) + 1)
    sums = RainfallSums(windows, maximum=False).fit_transform(np.array([hours]))[0]
    assert (np.diff(sums) >= 0).all()
    assert_allclose(sums[-1], sum(hours), rtol=1e-12)


def test_windows_longer_than_the_series_are_left_out():
    X = np.ones((2, 5))
    assert RainfallSums().fit(X).windows_ == {"rain": [1, 3]}
    assert RainfallSums([24]).fit(X).windows_ == {"rain": [5]}
    assert RainfallSums([3, 1, 3]).fit(X).windows_ == {"rain": [1, 3]}


def test_logarithm_is_in_the_name_and_the_number_and_unbounded(table):
    plain = RainfallSums().fit_transform(table)
    log = RainfallSums(log=True).fit_transform(table)
    assert log.columns[2:].tolist() == [f"log_{name}" for name in plain.columns[2:]]
    assert_allclose(log.iloc[:, 2:], np.log1p(plain.iloc[:, 2:]))
    assert all(field_bounds(name) is None for name in log.columns[2:])
    assert all(field_bounds(name) == (0.0, None) for name in plain.columns[2:])


def test_missing_hour_makes_missing_sums_and_a_nodata_code_is_masked_later():
    X = pd.DataFrame({"rain_0": [1.0, -9999.0, 1, 1, 1], "rain_1": [np.nan, 2.0, 2, 2, 2]})
    sums = RainfallSums([1, 2]).fit_transform(X)
    assert np.isnan(sums.iloc[0]).all()
    clean = PlausibleRange().fit_transform(sums)
    assert_array_equal(clean.iloc[1], [2, np.nan, 2])
    log = RainfallSums([1, 2], log=True).fit_transform(X)
    assert_allclose(log.iloc[1], np.log1p([2, np.nan, 2]))


def test_several_variables_and_an_order_that_is_not_that_of_the_table():
    X = pd.DataFrame({"b": [1.0], "a": [10.0], "t": [5.0], "u": [7.0]})
    sequences = {"sky": {"rain": ["a", "b"], "snow": ["t", "u"]}}
    out = RainfallSums([1, 2], sequences=sequences, maximum=False).fit_transform(X)
    assert out.to_dict("list") == {
        "rain_sum_1h": [1],
        "rain_sum_2h": [11],
        "snow_sum_1h": [7],
        "snow_sum_2h": [12],
    }


def test_hours_are_found_by_their_numbers():
    X = pd.DataFrame({"rain_10": [1.0], "slope": [3.0], "rain_9": [2.0]})
    assert RainfallSums([1]).fit_transform(X)["rain_sum_1h"].tolist() == [1]
    precipitation = pd.DataFrame({"precip_0": [1.0], "precip_1": [2.0]})
    assert RainfallSums([2]).fit(precipitation).windows_ == {"precip": [2]}


def test_positions_stay_those_of_the_array():
    X = np.array([[7.0, 1, 2, 4]])
    sums = RainfallSums([2], sequences={"rain": [1, 2, 3]}, keep_hours=True).fit(X)
    assert sums.transform(X).tolist() == [[7, 1, 2, 4, 6, 4]]
    assert sums.get_feature_names_out().tolist() == [
        *("x0", "x1", "x2", "x3"),
        *("rain_sum_2h", "rain_max"),
    ]


@pytest.mark.parametrize(
    ("columns", "params", "message"),
    [
        (["slope", "twi"], {}, "no column is called rain_000, rain_001 ..., the first are 'slope'"),
        (["rain_24", "rain_72"], {}, "'rain_72' follows 'rain_24', which are not consecutive"),
        (["slope", "rain_72"], {}, "'rain_72' alone is not a series of hours"),
        (["rain_0", "rain_1"], {"windows": [0]}, "windows holds 0"),
        (["rain_0", "rain_1"], {"windows": [1.5]}, "windows holds 1.5"),
        (["rain_0", "rain_1"], {"windows": []}, "windows is empty"),
        (["rain_0", "rain_max"], {}, "X has a column 'rain_max' already"),
        (["rain_0", "a"], {"sequences": {"rain": ["b"]}}, "names 'b', which is not a column"),
        (
            ["a", "b"],
            {"sequences": {"rain": ["a"], "sky": {"rain": ["b"]}}},
            "two variables 'rain'",
        ),
    ],
)
def test_what_does_not_fit_is_said_in_one_line(columns, params, message):
    with pytest.raises(ValueError, match=message) as caught:
        RainfallSums(**params).fit(pd.DataFrame(np.ones((2, 2)), columns=columns))
    assert "\n" not in str(caught.value)


def test_text_in_an_hour_is_named():
    X = pd.DataFrame({"rain_0": [1.0], "rain_1": ["wet"]})
    with pytest.raises(ValueError, match="column 'rain_1' is not numeric"):
        RainfallSums().fit(X)
