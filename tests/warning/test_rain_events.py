"""Rain events, counted by hand."""

import numpy as np
import pandas as pd
import pytest

from sklearn_landslide.warning import rain_events

COLUMNS = ["series", "start", "end", "duration", "rain", "intensity", "max_intensity"]
COLUMNS += ["lost_hours", "cut"]


def hourly(values, first="2024-06-01T01:00"):
    """A series whose steps are named by their ends."""
    return pd.Series(values, pd.date_range(first, periods=len(values), freq="h"), dtype=float)


def test_an_event_ends_after_the_dry_gap_and_goes_on_over_a_shorter_one():
    #               0  1    2    3  4  5    6  7  8  9    10 11
    events = rain_events([[0, 1.0, 3.0, 0, 0, 0.5, 0, 0, 0, 2.0, 0, 0]], dry_gap=3)
    expected = [
        # Two dry hours, 3 and 4, are within; three, 6 to 8, are the end.
        [0, 1.0, 6.0, 5.0, 4.5, 0.9, 3.0, 0.0, True],
        [0, 9.0, 10.0, 1.0, 2.0, 2.0, 2.0, 0.0, True],
    ]
    assert list(events.columns) == COLUMNS
    assert events.to_numpy().tolist() == expected


def test_less_than_the_least_rain_begins_no_event_and_counts_within_one():
    events = rain_events([0.1, 0.2, 0.1, 0.4, 0.1, 0.1], dry_gap=2, min_rain=0.2)
    assert events["start"].tolist() == [1.0]
    assert events["duration"].tolist() == [3.0]
    np.testing.assert_allclose(events["rain"], 0.7)


def test_an_event_is_cut_unless_the_dry_gap_around_it_is_known():
    wet = [0, 0, 1.0, 0, 0]
    lost_before, lost_long_before = [np.nan, 0, 1.0, 0, 0], [np.nan, 0, 0, 1.0, 0, 0]
    assert rain_events(wet, dry_gap=2)["cut"].tolist() == [False]
    assert rain_events(wet[1:], dry_gap=2)["cut"].tolist() == [True]
    assert rain_events(wet[:-1], dry_gap=2)["cut"].tolist() == [True]
    assert rain_events(lost_before, dry_gap=2)["cut"].tolist() == [True]
    assert rain_events(lost_long_before, dry_gap=2)["cut"].tolist() == [False]


def test_lost_hours_are_counted_and_no_rain():
    events = rain_events([0, 0, 1.0, np.nan, -9999.0, 2.0, 0, 0], dry_gap=3)
    assert events["lost_hours"].tolist() == [2.0]
    assert events["rain"].tolist() == [3.0]
    assert events["duration"].tolist() == [4.0]
    # As many lost hours as the gap has end an event, and say that it may have gone on.
    events = rain_events([0, 0, 1.0, np.nan, np.nan, 2.0, 0, 0], dry_gap=2)
    assert events["lost_hours"].tolist() == [0.0, 0.0]
    assert events["cut"].tolist() == [True, True]


def test_series_do_not_run_into_each_other():
    rain = pd.DataFrame([[0, 0, 2.0], [3.0, 0, 0], [0, 0, 0], [1.0, 1.0, 1.0]], list("abcd"))
    events = rain_events(rain, dry_gap=2)
    assert events["series"].tolist() == ["a", "b", "d"]
    assert events["rain"].tolist() == [2.0, 3.0, 3.0]
    assert events["duration"].tolist() == [1.0, 1.0, 3.0]


def test_dry_series_have_no_events():
    events = rain_events(np.zeros((3, 4)))
    assert list(events.columns) == COLUMNS
    assert len(events) == 0


def test_steps_of_several_hours_give_hours_and_intensities():
    events = rain_events([0, 6.0, 0, 3.0, 0, 0], step_hours=3, dry_gap=6)
    assert events["duration"].tolist() == [9.0]
    assert events["intensity"].tolist() == [1.0]
    assert events["max_intensity"].tolist() == [2.0]
    # Seven hours are two and a third steps, and so three.
    assert len(rain_events([3.0, 0, 0, 3.0], step_hours=3, dry_gap=7)) == 1
    assert len(rain_events([3.0, 0, 0, 3.0], step_hours=3, dry_gap=6)) == 2


def test_a_step_is_named_by_its_end():
    events = rain_events(hourly([0, 2.0, 1.0, 0]), dry_gap=1)
    assert events["start"].tolist() == [pd.Timestamp("2024-06-01T01:00")]
    assert events["end"].tolist() == [pd.Timestamp("2024-06-01T03:00")]


def test_the_gap_of_the_season_is_that_of_the_last_rain():
    gaps = {month: 2 if 4 <= month <= 10 else 4 for month in range(1, 13)}
    # Three dry hours: the end in April, none in March.
    values = [1.0, 0, 0, 0, 1.0]
    assert len(rain_events(hourly(values, "2024-03-20T01:00"), dry_gap=gaps)) == 1
    assert len(rain_events(hourly(values, "2024-04-20T01:00"), dry_gap=gaps)) == 2
    # The hour that ends with March belongs to March.
    assert len(rain_events(hourly(values, "2024-04-01T00:00"), dry_gap=gaps)) == 1
    assert len(rain_events(hourly(values, "2024-04-01T01:00"), dry_gap=gaps)) == 2
    # Of rows that end at times of their own, each has its season.
    ends = ["2024-03-20", "2024-04-20"]
    events = rain_events([values, values], dry_gap=gaps, ends=ends)
    assert events["series"].tolist() == [0, 1, 1]
    assert events["end"].tolist()[-1] == pd.Timestamp("2024-04-20")


def test_rain_after_the_landslide_does_not_count():
    rain = hourly([0, 0, 1.0, 4.0, 9.0, 0, 0, 0])
    times = ["2024-06-01T04:00", "2024-06-01T04:59", "2024-06-01T06:59", "2024-06-01T07:00"]
    events = rain_events(rain, dry_gap=2, until=times)
    # At seven, two hours have been dry: nothing is going on.
    assert events["rain"].fillna(-1).tolist() == [5.0, 5.0, 14.0, -1.0]
    assert events["duration"].fillna(-1).tolist() == [2.0, 2.0, 3.0, -1.0]
    assert events["cut"].tolist() == [False] * 4
    assert events["series"].tolist() == [0] * 4
    assert events["end"].isna().tolist() == [False, False, False, True]


def test_each_of_many_series_has_its_landslide():
    rain = pd.DataFrame([hourly([1.0, 2.0, 4.0]), hourly([1.0, 2.0, 4.0])], index=["a", "b"])
    events = rain_events(rain, until=["2024-06-01T02:00", "2024-06-01T03:30"])
    assert events["series"].tolist() == ["a", "b"]
    assert events["rain"].tolist() == [3.0, 7.0]
    assert events["cut"].tolist() == [True, True]


def test_no_landslide_in_rain_gives_empty_rows():
    events = rain_events(hourly([0, 0, 0]), until=["2024-06-01T02:00"] * 2)
    assert events["series"].tolist() == [0, 0]
    assert events[["duration", "rain", "start"]].isna().all(axis=None)


def test_time_zones_become_utc():
    local = hourly([0, 2.0, 0]).tz_localize("Europe/Rome")
    events = rain_events(local, dry_gap=1, until=["2024-06-01T02:00+02:00"])
    assert events["start"].tolist() == [pd.Timestamp("2024-05-31T23:00")]
    assert events["rain"].tolist() == [2.0]


def test_the_events_hold_all_rain_of_wet_steps():
    rng = np.random.default_rng(0)
    rain = np.where(rng.random((20, 500)) < 0.05, rng.exponential(2, (20, 500)) + 0.2, 0.0)
    events = rain_events(rain, dry_gap=12)
    by_series = events.groupby("series")["rain"].sum()
    np.testing.assert_allclose(by_series, rain.sum(axis=1))
    # Between two events of a series lies at least the gap.
    after = events.groupby("series")["start"].shift(-1) - events["end"]
    assert after.min() == 12
    assert (events["max_intensity"] >= events["intensity"]).all()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"rain": [["x", 1]]}, "rain holds text"),
        ({"rain": np.empty((2, 0))}, "rain has no steps"),
        ({"rain": [1.0], "dry_gap": 0}, "dry_gap is 0: give a number of hours above 0"),
        ({"rain": [1.0], "dry_gap": {13: 4}}, "key 13: name months by 1 to 12"),
        ({"rain": hourly([1.0]), "dry_gap": {6: 48}}, "no hours for month 1: give all"),
        ({"rain": [1.0], "dry_gap": dict.fromkeys(range(1, 13), 9)}, "by month needs times"),
        ({"rain": [1.0], "until": ["2024-06-01"]}, "until needs times"),
        ({"rain": hourly([1.0]), "until": ["2024-06-02"]}, "of which there is no rain"),
        ({"rain": hourly([1.0]), "until": ["2024-06-01T00:30"]}, "of which there is no rain"),
        ({"rain": hourly([1.0]), "ends": ["2024-06-01"]}, "ends is for rain without times"),
        ({"rain": [1.0], "ends": ["2024-06-01"] * 2}, "ends has 2 times for 1 series"),
        ({"rain": [1.0], "ends": [None]}, "ends has 1 missing times"),
        ({"rain": [1.0], "ends": ["soon"]}, "ends must be times"),
        ({"rain": hourly([1.0, 2.0, 3.0]).iloc[[0, 2]]}, "which is not step_hours=1: sort it"),
        ({"rain": hourly([1.0, 2.0]).iloc[::-1]}, "which is not step_hours=1: sort it"),
        ({"rain": [[1.0], [1.0]], "ends": ["2024-06-01"] * 2, "until": ["2024-06-01"]}, "2 series"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(arguments, message):
    with pytest.raises(ValueError, match=message) as raised:
        rain_events(**arguments)
    assert "\n" not in str(raised.value)
