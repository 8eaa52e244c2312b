"""Thresholds of levels, counted by hand, and what cannot support them."""

import numpy as np
import pandas as pd
import pytest

from sklearn_landslide.warning import WarningLevels

EVENTS = np.arange(1, 21) / 20
P = np.concatenate([EVENTS, np.full(80, 0.01)])
Y = np.r_[np.ones(20, int), np.zeros(80, int)]
ONE = ("alert",)


def test_levels_by_hit_rate_hold_just_so_many_events():
    levels = WarningLevels(hit_rate=[0.9, 0.5, 0.1]).fit(P, Y)
    # 18, 10 and 2 of 20 events at or above.
    assert levels.edges_ == pytest.approx([0.15, 0.55, 0.95])
    assert [(P[Y == 1] >= edge - 1e-12).sum() for edge in levels.edges_] == [18, 10, 2]


def test_levels_by_cost_are_the_ratios_where_probabilities_are_calibrated():
    rng = np.random.default_rng(0)
    p = rng.uniform(0, 0.4, 1000)
    levels = WarningLevels(cost_loss=[0.05, 0.1, 0.3]).fit(p, rng.random(1000) < p)
    assert levels.edges_.tolist() == [0.05, 0.1, 0.3]
    # A level begins at its edge.
    assert levels.predict([[0, 0.05], [0.2, np.nan]]).tolist() == [[0, 1], [2, -1]]


def test_levels_by_days_warn_on_so_many_days_a_year():
    time = pd.date_range("2018-01-01 01:00", periods=365 * 24 * 2, freq="h")
    day = np.arange(time.size) // 24
    # Each day has one hour above the others, all different.
    p = np.where(np.arange(time.size) % 24 == 5, (day + 1) / 1000, 0)
    levels = WarningLevels(days_a_year=[20, 5, 1]).fit(p, np.zeros(p.size, int), time=time)
    warned = [np.unique(day[p >= edge - 1e-12]).size for edge in levels.edges_]
    # Of 730 days 39.97, 9.99 and 1.999 are allowed.
    assert warned == [39, 9, 1]
    hours = WarningLevels(ONE, hours_a_year=[20]).fit(p, np.zeros(p.size, int), time=time)
    assert (p >= hours.edges_[0] - 1e-12).sum() == 39


def test_the_last_hour_of_a_day_ends_at_midnight_and_is_of_that_day():
    time = pd.date_range("2020-01-01 01:00", periods=24 * 366, freq="h")
    p = np.zeros(time.size)
    p[[22, 23]] = 0.9, 0.8  # 23:00 and 24:00 of the first day.
    p[50] = 0.5
    levels = WarningLevels(ONE, days_a_year=[2]).fit(p, np.zeros(p.size, int), time=time)
    assert levels.edges_.tolist() == [0.5]


def test_days_in_warning_are_a_mean_over_places():
    time = np.tile(pd.date_range("2020-01-02", periods=366), 2)
    p = np.arange(time.size) / 1000
    unit = np.repeat(["a", "b"], 366)
    levels = WarningLevels(ONE, days_a_year=[10]).fit(
        p, np.zeros(p.size, int), time=time, unit=unit
    )
    # 732 days of places allow 20.04.
    assert (p >= levels.edges_[0]).sum() == 20


@pytest.mark.parametrize(
    ("levels", "p", "y", "says"),
    [
        (WarningLevels(ONE, hit_rate=[0.95]), P[:3], Y[:3], "20 events or more .* hold 3"),
        (WarningLevels(ONE, hit_rate=[0.5]), P, 0 * Y, "needs 5 events or more .* hold 0"),
        (WarningLevels(ONE, cost_loss=[0.1]), P[:4], Y[:4], "4 events cannot show"),
        (WarningLevels(ONE, cost_loss=[0.1]), P**9 / 9, Y, "calibrate them, or use hit_rate"),
        (WarningLevels(ONE, days_a_year=[2]), P, Y, "needs time="),
        (WarningLevels(hit_rate=[0.9, 0.8]), P, Y, "2 numbers for 3 levels"),
        (WarningLevels(hit_rate=[0.5, 0.8, 0.9]), P, Y, "must fall from level to level"),
        (WarningLevels(cost_loss=[0.5, 0.2, 0.1]), P, Y, "must rise from level to level"),
        (WarningLevels(), P, Y, "give one of"),
        (WarningLevels(ONE, hit_rate=[0.5], cost_loss=[0.5]), P, Y, "got 2 of them"),
        (WarningLevels(hit_rate=[0.8, 0.79, 0.1]), P, Y, "two levels would be one"),
        (WarningLevels(ONE, hit_rate=[0.5]), P + 1, Y, "must be probabilities"),
    ],
)
def test_training_that_cannot_support_the_levels_is_refused_in_one_line(levels, p, y, says):
    with pytest.raises(ValueError, match=says) as caught:
        levels.fit(p, y)
    assert "\n" not in str(caught.value)


def test_too_short_a_season_is_refused_for_rare_days():
    time = pd.date_range("2020-05-01", periods=100)
    with pytest.raises(ValueError, match=r"needs 366 observed days or more, .* hold 100"):
        WarningLevels(ONE, days_a_year=[1]).fit(P, Y, time=time)
    with pytest.raises(ValueError, match="needs rows of an hour"):
        WarningLevels(ONE, hours_a_year=[100]).fit(P, Y, time=time)


def test_levels_say_what_they_mean():
    levels = WarningLevels(ONE, hit_rate=[0.5])
    assert repr(levels) == "WarningLevels('alert'), not fitted"
    with pytest.raises(ValueError, match="call fit first"):
        levels.predict([0.5])
    assert "in training 50% of the events" in repr(levels.fit(P, Y))
