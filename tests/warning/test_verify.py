"""Hits, misses, false alarms and lead times, counted by hand on small seasons."""

import json

import numpy as np
import pandas as pd
import pytest

from sklearn_landslide.warning import WarningLevels, verify_warnings

COUNTS = ["hits", "misses", "false_alarms", "correct_rejections"]


def hourly(levels, unit="a", start="2020-05-01 01:00", **more):
    time = pd.date_range(start, periods=len(levels), freq="h")
    return pd.DataFrame({"time": time, "unit": unit, "level": levels, **more})


def at(*hours, unit="a"):
    start = pd.Timestamp("2020-05-01")
    return pd.DataFrame({"time": [start + pd.Timedelta(hours=h) for h in hours], "unit": unit})


def counts(scores, level=0):
    return scores.table[COUNTS].iloc[level].tolist()


def test_an_event_belongs_to_the_step_that_ends_after_it():
    # Step k ends at k h; 2 h is within step 2, and 2.1 h within step 3.
    warnings = hourly([0, 1, 0, 0])
    assert counts(verify_warnings(warnings, at(2.0, unit="a"))) == [1, 0, 0, 3]
    assert counts(verify_warnings(warnings, at(2.1, unit="a"))) == [0, 1, 1, 2]


def test_levels_are_cumulative_and_places_are_apart():
    warnings = pd.concat([hourly([0, 2, 1, 0]), hourly([1, 0, 0, 0], "b")])
    scores = verify_warnings(warnings, pd.concat([at(1.5), at(3.5, unit="b")]))
    assert counts(scores, 0) == [1, 1, 2, 4]
    assert counts(scores, 1) == [1, 1, 0, 6]
    merged = verify_warnings(warnings, pd.concat([at(1.5), at(3.5, unit="b")]), unit=None)
    assert counts(merged, 0) == [1, 1, 2, 0]


def test_a_tolerance_makes_hits_of_near_misses_and_counts_near_cells_neither_way():
    warnings = hourly([0, 1, 0, 0, 0, 1])
    none = verify_warnings(warnings, at(3.5))
    assert counts(none) == [0, 1, 2, 3]
    # 2 h earlier: steps 2 and 3 are near the event in step 4.
    early = verify_warnings(warnings, at(3.5), tolerance=("2h", "0h"))
    assert counts(early) == [1, 0, 1, 2]
    assert early.n_near == 2
    late = verify_warnings(warnings, at(3.5), tolerance=("0h", "2h"))
    assert counts(late) == [1, 0, 1, 2]
    assert late.lead_times()["level 1"].tolist() == [-2.5]


def test_several_events_in_a_cell_are_one():
    assert counts(verify_warnings(hourly([0, 1, 0]), at(1.2, 1.3, 1.9))) == [1, 0, 0, 2]


def test_hours_are_put_together_to_days():
    warnings = hourly([0] * 23 + [1] + [0] * 24 + [1] * 24)
    scores = verify_warnings(warnings, at(3.0, 30.0), period="1D")
    assert counts(scores) == [1, 1, 1, 0]


def test_the_lead_time_counts_from_the_first_warning_of_the_spell():
    warnings = hourly([1, 0, 1, 1, 2, 1, 0, 0])
    leads = verify_warnings(warnings, at(5.5, 0.5, 7.5)).lead_times()
    # Yellow since 3 h; orange only in hour 5, which is not the hour of the event.
    assert leads["level 1"].tolist()[:2] == [2.5, -0.5]
    assert np.isnan(leads["level 1"].iloc[2])
    assert leads["level 2"].isna().all()


def test_a_gap_in_the_rows_ends_a_spell():
    warnings = hourly([1, 1, 1, 1]).drop(index=1)
    assert verify_warnings(warnings, at(3.5)).lead_times()["level 1"].tolist() == [0.5]


def test_a_forecast_counts_from_the_time_it_was_issued():
    warnings = hourly([0, 0, 1, 0]).assign(issued=pd.Timestamp("2020-04-30 18:00"))
    assert verify_warnings(warnings, at(2.5)).lead_times()["level 1"].tolist() == [8.5]


def test_dates_are_days_and_zones_are_converted():
    days = pd.date_range("2020-05-01", periods=4)
    warnings = pd.DataFrame({"time": days, "level": [0, 1, 0, 0]})
    scores = verify_warnings(warnings, pd.DataFrame({"time": ["2020-05-02"]}), time_label="start")
    assert counts(scores) == [1, 0, 0, 3]
    assert scores.dates_only
    zoned = hourly([0, 1, 0]).assign(time=lambda t: t["time"].dt.tz_localize("Etc/GMT-2"))
    # 02:00 at two hours east is midnight UTC.
    assert counts(verify_warnings(zoned, at(-0.5))) == [1, 0, 0, 2]


def test_rows_without_a_forecast_and_events_outside_do_not_count():
    warnings = hourly([0, np.nan, 1, 0])
    scores = verify_warnings(warnings, at(2.5, 400.0))
    assert counts(scores) == [1, 0, 0, 2]
    assert (scores.n_missing, int(scores.events["inside"].sum())) == (1, 1)
    assert any("1 landslide fell outside" in text for text in scores.in_words())


def test_the_season_that_the_levels_were_fitted_on_is_refused():
    rng = np.random.default_rng(0)
    train = hourly([0] * 200, start="2019-05-01 01:00").drop(columns="level")
    p = rng.random(200)
    levels = WarningLevels(["alert"], hit_rate=[0.5]).fit(p, p > 0.9, time=train["time"])
    events = at(5.0)
    scored = hourly([0] * 200).drop(columns="level").assign(probability=p)
    assert verify_warnings(scored, events, levels=levels).names == ("alert",)
    again = train.assign(probability=p)
    with pytest.raises(ValueError, match=r"fitted on times that 200 rows .* score other seasons"):
        verify_warnings(again, events, levels=levels)
    overlapping = pd.concat([scored, again.iloc[:3]])
    with pytest.raises(ValueError, match="3 rows"):
        verify_warnings(overlapping, events, levels=levels)


@pytest.mark.parametrize(
    ("warnings", "events", "options", "says"),
    [
        (hourly([0, 1]), at(50.0), {}, "none of 1 event lies in"),
        (hourly([0, 1]), at(1.0, unit="z"), {}, "none of 1 event lies in"),
        (hourly([0, 1]).drop(columns="unit"), at(1.0), {}, "warnings has no column 'unit'"),
        (hourly([0, 1]).drop(columns="level"), at(1.0), {}, "neither a column 'level' nor"),
        (hourly([0, 1.5]), at(1.0), {}, "level must be 0 for no warning"),
        (hourly([0, 1], probability=[0.1, 2]), at(1.0), {}, "must lie between 0 and 1"),
        (hourly([0, 1]), at(1.0).assign(time=[pd.NaT]), {}, "events has 1 missing time"),
        (hourly([0, 1]), at(1.0).assign(time=[5]), {}, "numbers for times"),
        (hourly([0, 1]), at(1.0), {"tolerance": "soon"}, "tolerance must be a length"),
        (hourly([0, 1]), at(1.0), {"tolerance": 6}, "tolerance must be a length"),
        (hourly([0, 1]), at(1.0), {"period": "1min"}, "shorter than a row"),
        (hourly([0]), at(1.0), {}, "no place has two times"),
        (hourly([0, 1]).iloc[:0], at(1.0), {}, "warnings has no rows"),
        (hourly([0, 1]), at(1.0), {"time_label": "middle"}, "time_label must be"),
    ],
)
def test_tables_that_do_not_fit_are_refused_in_one_line(warnings, events, options, says):
    with pytest.raises(ValueError, match=says) as caught:
        verify_warnings(warnings, events, **options)
    assert "\n" not in str(caught.value)


def test_words_and_dict_name_the_counts(tmp_path):
    scores = verify_warnings(hourly([0, 1, 1, 0, 1, 0]), at(1.5, 5.5))
    words = " ".join(scores.in_words())
    assert "1 of 2 cells with a landslide were warned of, 1 were missed" in words
    assert "Of 3 warnings 2 were followed by no landslide (67%)" in words
    assert "too late" in words
    found = json.loads(json.dumps(scores.to_dict()))
    assert found["levels"][0]["hits"] == 1
    assert found["levels"][0]["far"] == pytest.approx(2 / 3)
    assert repr(scores).startswith("WarningScores\n- Scored: 6 cells of 1 hour in 1 place")
    assert "level 1" in scores.to_text().splitlines()[-1]
    scores.to_csv(tmp_path / "scores.csv")
    assert pd.read_csv(tmp_path / "scores.csv")["misses"].tolist() == [1]


def test_the_duration_matrix_is_counted_by_hand():
    warnings = hourly([0, 1, 2, 2, 1, 0, 0, 0, 1, 0])
    # Three landslides from 2.5 to 4.5 h are one event, that at 8.5 another.
    scores = verify_warnings(warnings, at(2.5, 3.5, 4.5, 6.5, 6.6, 8.5))
    matrix = scores.duration_matrix(classes=[1, 3], gap="1h")
    assert matrix.n_events.tolist() == [2, 1]
    assert matrix.hours.to_numpy().tolist() == [[4, 1, 0], [1, 1, 1], [0, 0, 2]]
    assert matrix.alerts() == {"correct": 4, "false": 1, "missed": 1, "true_negative": 4}
    found = matrix.indicators()
    assert (found["hit_rate"], found["predictive_power"]) == (0.8, 0.8)
    assert found["efficiency"] == pytest.approx(4 / 6)
    assert matrix.by_grade() == {"green": 3, "yellow": 3, "red": 0, "purple": 0}
    # Begun two hours earlier, the first event meets the hour before, too.
    longer = scores.duration_matrix(classes=[1, 3], gap="1h", lead="1h")
    assert longer.hours.to_numpy().tolist() == [[2, 3, 0], [0, 1, 2], [0, 0, 2]]
