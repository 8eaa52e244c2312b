"""Moving rain: speed, totals and orders of magnitude."""

import numpy as np
import pytest

from sklearn_landslide.datasets._synthetic._rain_periods import draw_rain_cells
from sklearn_landslide.datasets._synthetic._rainstorms import Places, RainCell, hourly_rain


def flat(x, y=0.0):
    x = np.atleast_1d(np.asarray(x, dtype=float))
    return Places(x, np.full_like(x, y), np.ones_like(x), np.zeros_like(x), np.zeros_like(x))


def cell(**changes):
    lasting = {"peak": 20.0, "hour": 30.0, "x": 0.0, "y": 0.0, "east": 8e3, "south": 0.0}
    return RainCell(**(lasting | {"radius": 5e3, "duration": 1e4} | changes))


@pytest.mark.parametrize(("distance", "speed"), [(48e3, 8e3), (60e3, 12e3), (50e3, 20e3)])
def test_rain_reaches_a_place_downwind_after_distance_over_speed(distance, speed):
    upwind, downwind = hourly_rain([cell(east=speed)], flat([0.0, distance]), 80).T
    lags = np.arange(-79, 80)
    lag = lags[np.argmax(np.correlate(downwind, upwind, mode="full"))]
    assert abs(lag - distance / speed) <= 1


def test_passing_cell_leaves_the_integral_of_its_profile():
    # A Gaussian of 20 mm/h and 5 km at 8 km/h: 20 * sqrt(2 pi) * 5 / 8 mm.
    total = hourly_rain([cell()], flat(0.0), 80).sum()
    assert total == pytest.approx(20 * np.sqrt(2 * np.pi) * 5 / 8, rel=0.01)


def test_hours_equal_a_fine_sum_over_time():
    storm = cell(east=9e3, south=-7e3, duration=2.0, hour=10.3)
    place = flat(4e3, y=-2e3)
    t = np.arange(0, 20, 1e-3) + 5e-4
    squared = (4e3 - 9e3 * (t - 10.3)) ** 2 + (-2e3 + 7e3 * (t - 10.3)) ** 2
    rate = 20 * np.exp(-squared / (2 * 5e3**2) - (t - 10.3) ** 2 / (2 * 2.0**2))
    expected = rate.reshape(20, 1000).mean(axis=1)
    rain = hourly_rain([storm], place, 20).ravel()
    np.testing.assert_allclose(rain, np.where(expected < 0.1, 0, expected), rtol=1e-3)


def test_windward_and_wet_ground_get_more():
    places = flat([0.0, 0.0, 0.0])._replace(
        climate=np.array([1.0, 1.5, 1.0]), rise_east=np.array([0.0, 0.0, 0.2])
    )
    level, wet, windward = hourly_rain([cell()], places, 60)[30]
    assert wet == pytest.approx(1.5 * level)
    assert windward == pytest.approx(np.exp(1.2 * 0.2) * level)


def test_rain_of_many_periods_is_of_the_order_known_from_gauges():
    rng = np.random.default_rng(3)
    place = flat(2.5e3, y=2e3)
    periods = np.hstack(
        [
            hourly_rain(draw_rain_cells(191, 72, (5e3, 4e3), storm=i % 2 == 0, rng=rng), place, 191)
            for i in range(300)
        ]
    )
    assert periods.min() == 0
    assert periods[periods > 0].min() >= np.float32(0.1)
    assert 25 < periods.max() < 120
    five_days = periods[-120:].sum(axis=0)
    assert 30 < np.median(five_days) < 150
    assert five_days.max() < 900
    assert 0.5 < (periods == 0).mean() < 0.9
    # The main storm falls in the hours that are observed.
    assert periods[-72:, ::2].sum() > 2 * periods[-72:, 1::2].sum()
