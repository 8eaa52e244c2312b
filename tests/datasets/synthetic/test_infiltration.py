"""The two stores against closed forms, hand-computed numbers and finite differences."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from sklearn_landslide.datasets._synthetic._ground import safety_after_rain
from sklearn_landslide.datasets._synthetic._infiltration import (
    Stores,
    hour_weights,
    soil_stores,
    wetness_rise,
)
from sklearn_landslide.datasets._synthetic._region import SPREAD, make_ground
from sklearn_landslide.datasets._synthetic._stability import failure_probability

# capacity 20 mm/h, storage 200 mm, drains in 50 h, responds in 5 h
STORES = Stores(*np.array([[20.0], [200.0], [50.0], [5.0]]))
GROUND = make_ground((16, 20), 30.0, np.random.default_rng(0))
RAINS = arrays(np.float64, (30, 1), elements=st.floats(0, 80))


def last_rise(rain, stores=STORES):
    return list(wetness_rise(np.reshape(rain, (len(rain), -1)), stores))[-1]


def test_ten_hours_of_even_rain_computed_by_hand():
    # S = 10 * 50 * (1 - exp(-0.2)) = 90.6346 mm, 0.7 S / 200 = 0.317221;
    # F = 10 * (1 - exp(-2)) = 8.64665 mm/h, F / 20 = 0.432332.
    assert last_rise([10.0] * 10) == pytest.approx(0.749553, abs=1e-6)


def test_one_hour_of_rain_nine_hours_ago_computed_by_hand():
    # S = 500 * (1 - exp(-0.02)) * exp(-0.18) = 8.26972 mm, 0.7 S / 200 = 0.028944;
    # F = 10 * (1 - exp(-0.2)) * exp(-1.8) = 0.299636 mm/h, F / 20 = 0.014982.
    assert last_rise([10.0] + [0.0] * 9) == pytest.approx(0.043926, abs=1e-6)


def test_endless_rain_at_the_limit_saturates_the_slope_by_pressure_alone():
    *_, rise = wetness_rise(np.full((2000, 1), 500.0), STORES)
    assert rise[0] == pytest.approx(0.7 * 20 * 50 / 200 + 1.0)


def test_no_rain_is_no_water():
    assert last_rise(np.zeros(50)) == 0


def test_pressure_takes_four_times_as_long_to_twice_the_depth():
    shallow, deep = (soil_stores(4, depth, 0.1).response_time for depth in (0.8, 1.6))
    assert deep == pytest.approx(4 * shallow)


@settings(deadline=None, max_examples=50)
@given(rain=RAINS, hour=st.integers(0, 29), more=st.floats(0, 60))
def test_more_rain_at_any_hour_never_lowers_the_chance_of_failure(rain, hour, more):
    def chance(rain):
        safety = safety_after_rain(GROUND, last_rise(rain)[0])
        return failure_probability(safety, SPREAD)

    wetter = rain.copy()
    wetter[hour] += more
    # Products round differently by one last digit.
    assert (chance(wetter) - chance(rain)).min() >= -1e-13


@settings(deadline=None, max_examples=50)
@given(rain=RAINS)
def test_hour_weights_are_finite_differences_of_the_wetness(rain):
    rain[np.abs(rain - 20.0) < 0.01] = 19.0  # away from the kink of the limit
    step = 1e-3
    bumped = rain + step * np.eye(30)
    stores = Stores(*(np.repeat(values, 30) for values in STORES))
    differences = (last_rise(bumped, stores) - last_rise(rain)) / step
    np.testing.assert_allclose(hour_weights(rain, STORES).ravel(), differences, atol=1e-9)


@settings(deadline=None, max_examples=50)
@given(rain=RAINS)
def test_weights_times_rain_are_the_wetness_below_the_limit(rain):
    rain = np.minimum(rain, 19.9)
    assert (hour_weights(rain, STORES) * rain).sum() == pytest.approx(last_rise(rain)[0])


def test_the_last_hours_weigh_most_each_and_the_days_before_most_together():
    weights = hour_weights(np.zeros((120, 1)), STORES).ravel()
    assert (np.diff(weights) > 0).all()
    assert weights[-1] > 3 * weights[-24]
    assert weights[:-12].sum() > weights[-12:].sum()
