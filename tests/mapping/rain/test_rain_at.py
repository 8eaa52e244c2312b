"""The rain before a time at a place, and rain between gauges."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from pyproj import Transformer

from sklearn_landslide.mapping import interpolate_gauges, open_rain, rain_at

HOURS = pd.date_range("2021-07-12 01:00", periods=10, freq="h")
VALUES = np.arange(10 * 3 * 4, dtype=float).reshape(10, 3, 4)
CRS = "EPSG:32632"


@pytest.fixture(scope="module")
def rain():
    axes = {
        "time": HOURS,
        "y": 5_200_000 - 1000.0 * np.arange(3),
        "x": 600_000 + 1000.0 * np.arange(4),
    }
    data = xr.DataArray(VALUES, axes, ("time", "y", "x"), name="rain").chunk(time=3, x=2)
    return open_rain(data, units="mm", label="end", crs=CRS, accumulated=False)


def test_windows_are_the_steps_that_end_in_the_time_before(rain):
    places = [[600_499, 5_199_501], [603_000, 5_198_000]]
    found = rain_at(rain, places, ["2021-07-12 06:00", "2021-07-12 10:59"], n_steps=4)
    np.testing.assert_array_equal(found, [VALUES[2:6, 0, 0], VALUES[6:10, 2, 3]])


def test_places_in_another_crs_are_brought_into_that_of_the_rain(rain):
    to_degrees = Transformer.from_crs(CRS, "EPSG:4326", always_xy=True)
    place = to_degrees.transform(601_400, 5_199_100)
    found = rain_at(rain, [place], "2021-07-12 03:00", n_steps=3, crs="EPSG:4326")
    np.testing.assert_array_equal(found, [VALUES[:3, 1, 1]])


def test_times_with_a_zone_are_converted(rain):
    times = pd.to_datetime(["2021-07-12 08:00"]).tz_localize("Europe/Rome")
    found = rain_at(rain, [[600_000, 5_200_000]], times, n_steps=1)
    np.testing.assert_array_equal(found, [VALUES[5:6, 0, 0]])


def test_what_lies_outside_is_nan_and_counted(rain):
    edge = 5_200_000
    with pytest.warns(UserWarning) as caught:
        found = rain_at(
            rain,
            [[599_499, edge], [599_501, edge], [600_000, edge]],
            ["2021-07-12 05:00", "2021-07-12 02:00", "2021-07-12 12:00"],
            n_steps=4,
        )
    texts = [str(one.message) for one in caught if one.category is UserWarning]
    assert texts[0].startswith("1 of 3 places lie outside the cells")
    assert texts[1].startswith("2 of 3 windows reach beyond the rain")
    nan = np.nan
    expected = [[nan] * 4, [nan, nan, *VALUES[:2, 0, 0]], [*VALUES[8:, 0, 0], nan, nan]]
    np.testing.assert_array_equal(found, expected)


def test_longitudes_across_180_degrees_are_found():
    axes = {"time": HOURS, "lat": [0.5, -0.5], "lon": [178.5, 179.5, 180.5, 181.5]}
    data = xr.DataArray(VALUES[:, :2], axes, name="rain")
    rain = open_rain(data, units="mm", label="end", accumulated=False)
    found = rain_at(rain, [[-178.6, 0.2]], HOURS[0], n_steps=1)
    np.testing.assert_array_equal(found, [[VALUES[0, 0, 3]]])


@pytest.mark.parametrize(
    ("places", "times", "message"),
    [
        ([[0, 0], [1, 1]], HOURS[:3], "3 times for 2 places"),
        ([0, 0], HOURS[:1], "x and y of each place"),
        ([[0, 0]], [None], "1 time of 1 missing"),
    ],
)
def test_places_and_times_that_do_not_fit_are_refused(rain, places, times, message):
    with pytest.raises(ValueError, match=message):
        rain_at(rain, places, times, n_steps=2)


def test_a_cube_with_other_steps_is_refused(rain):
    with pytest.raises(ValueError, match="steps that are not regular"):
        rain_at(rain[[0, 1, 3]], [[600_000, 5_200_000]], HOURS[5], n_steps=1)
    with pytest.raises(TypeError, match="rain must be what open_rain returns"):
        rain_at(rain.to_numpy(), [[0, 0]], HOURS[5], n_steps=1)


# Three stations on a line, two hours; b misses the second one.
GAUGES = pd.DataFrame(
    {
        "station": ["a", "b", "c", "a", "c"],
        "time": ["2021-07-12 05:00"] * 3 + ["2021-07-12 06:00"] * 2,
        "mm": [4.0, 10.0, 0.0, 6.0, 3.0],
        "x": [0.0, 3000.0, 20_000.0, 0.0, 20_000.0],
        "y": 0.0,
    }
)
OPTIONS = {"max_distance": 8000, "label": "end"}


def test_inverse_distance_is_as_worked_by_hand():
    places = [[1000.0, 0.0], [0.0, 0.0], [9000.0, 0.0], [13_000.0, 0.0]]
    found = interpolate_gauges(GAUGES, places, crs=CRS, **OPTIONS)
    # Weights 1 and 1/4; at the gauge; b alone, then none; c alone.
    first = [(4 + 10 / 4) / (1 + 1 / 4), 4, 10, 0]
    np.testing.assert_allclose(found.to_numpy()[0], first, rtol=1e-9)
    np.testing.assert_allclose(found.to_numpy()[1], [6, 6, np.nan, 3], rtol=1e-9)
    assert found.index.tolist() == [*pd.to_datetime(["2021-07-12 05:00", "2021-07-12 06:00"])]


def test_power_changes_the_weights():
    found = interpolate_gauges(GAUGES, [[1000.0, 0.0]], crs=CRS, power=1, **OPTIONS)
    assert found.iloc[0, 0] == pytest.approx((4 + 10 / 2) / (1 + 1 / 2), rel=1e-9)


def test_a_grid_is_the_cube_that_open_rain_returns(rain):
    moved = GAUGES.assign(x=GAUGES["x"] / 10 + 600_000, y=5_200_000)
    cube = interpolate_gauges(moved, rain, max_distance=5000, label="begin")
    assert cube.dims == ("time", "y", "x")
    assert cube.chunks is not None
    assert cube.rio.crs == rain.rio.crs
    assert str(cube["time"].values[0])[:16] == "2021-07-12T06:00"
    places = np.stack(np.meshgrid(rain["x"], rain["y"]), axis=-1).reshape(-1, 2)
    at = interpolate_gauges(moved, places, max_distance=5000, label="begin", crs=CRS)
    np.testing.assert_allclose(cube.to_numpy().reshape(2, -1), at.to_numpy())
    np.testing.assert_allclose(rain_at(cube, places, cube["time"].values[-1], n_steps=2), at.T)
    coarse = interpolate_gauges(moved, rain, max_distance=5000, label="end", cell_size=2000)
    assert coarse.shape == (2, 2, 2)


def test_hours_that_no_gauge_has_are_missing_steps():
    later = GAUGES.assign(time=GAUGES["time"].str.replace("06:00", "08:00"))
    found = interpolate_gauges(later, [[0.0, 0.0]], crs=CRS, step="1h", **OPTIONS)
    np.testing.assert_allclose(found[0], [4, np.nan, np.nan, 6])


@pytest.mark.parametrize(
    ("changed", "options", "message"),
    [
        (pd.concat([GAUGES, GAUGES[:1]]), {}, r"'a' at 2021-07-12 05:00 more than once"),
        (GAUGES.assign(mm=-1.0), {}, "5 rows of negative rain"),
        (GAUGES.assign(x=range(5)), {}, "more than one place for 'a'"),
        (GAUGES, {"label": None}, "whether a time is the begin, the middle or the end"),
        (GAUGES, {"amount": "rain"}, "no column 'rain'"),
        (GAUGES, {"crs": "EPSG:4326"}, "distances of gauges need meters"),
        (GAUGES.assign(time="noon"), {}, "times that cannot be read"),
        (GAUGES.assign(time=None), {}, "5 rows without a time"),
    ],
)
def test_tables_of_gauges_that_cannot_be_right_are_refused(changed, options, message):
    with pytest.raises(ValueError, match=message) as caught:
        interpolate_gauges(changed, [[0.0, 0.0]], **({"crs": CRS} | OPTIONS | options))
    assert "\n" not in str(caught.value)
