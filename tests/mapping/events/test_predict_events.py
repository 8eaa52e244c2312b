"""A map of an hour has the model's own numbers for the rain before that hour."""

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

from sklearn_landslide import LandslideNet

xr = pytest.importorskip("xarray")
rioxarray = pytest.importorskip("rioxarray")
dask = pytest.importorskip("dask")
pyproj = pytest.importorskip("pyproj")

from sklearn_landslide.mapping import predict_events  # noqa: E402

N_STEPS = 6
HOURS = [f"rain_{hour:03d}" for hour in range(N_STEPS)]
PIXELS = [(0, 139), (45, 0), (80, 77), (127, 128), (128, 127), (149, 139)]


def row_of(table, stack, rain, pixel, last):
    """Make the row of a pixel by hand; `last` is the position of the last step of rain."""
    x, y = float(stack["x"][pixel[1]]), float(stack["y"][pixel[0]])
    to_rain = pyproj.Transformer.from_crs(stack.rio.crs, rain.rio.crs, always_xy=True)
    x, y = to_rain.transform(x, y)
    cell = rain.sel(x=x, y=y, method="nearest").to_numpy()
    row = {"slope": float(stack["slope"][pixel])}
    for step, name in zip(range(last - N_STEPS + 1, last + 1), HOURS, strict=True):
        row[name] = cell[step] if 0 <= step < len(cell) else np.nan
    codes = table["rock"].cat.categories
    row["rock"] = pd.Categorical([int(stack["rock"][pixel])], categories=codes)
    return pd.DataFrame(row)[list(table)]


def check_pixels(maps, model, table, stack, rain, lasts):
    for number, last in enumerate(lasts):
        rows = [row_of(table, stack, rain, pixel, last) for pixel in PIXELS]
        expected = model.predict_proba(pd.concat(rows, ignore_index=True))[:, 1]
        found = [float(maps[(number, *pixel)]) for pixel in PIXELS]
        np.testing.assert_allclose(found, expected, atol=1e-6)


def same_bits(one, other):
    np.testing.assert_array_equal(np.asarray(one).view(np.int32), np.asarray(other).view(np.int32))


def test_pixels_have_the_rain_of_their_cell_before_each_hour(
    event_model, event_table, event_stack, event_rain
):
    times = ["2021-07-12 06:00", "2021-07-12 12:00"]
    maps = predict_events(event_model, event_stack, event_rain, times=times)
    assert maps.chunks is not None
    check_pixels(maps.compute(), event_model, event_table[0], event_stack, event_rain, [5, 11])
    assert maps.attrs["n_steps"] == 6 and maps.attrs["lost_steps"] == 0
    assert np.isnan(maps[0, :40, :30]).all() and not np.isnan(maps[0, 40:]).any()


def test_a_time_within_a_step_takes_the_steps_that_are_over(event_model, event_stack, event_rain):
    times = ["2021-07-12 09:00", "2021-07-12 09:59"]
    maps = predict_events(event_model, event_stack, event_rain, times=times).compute()
    same_bits(maps[0], maps[1])


def test_a_time_with_a_zone_is_converted(event_model, event_stack, event_rain):
    one = predict_events(event_model, event_stack, event_rain, times="2021-07-12 09:00")
    other = predict_events(event_model, event_stack, event_rain, times="2021-07-12 11:00+02:00")
    assert (one["time"] == other["time"]).all()


def test_rain_in_another_crs_and_order_of_rows(event_model, event_table, event_stack, event_rain):
    rng = np.random.default_rng(3)
    cells = {"lat": 45.97 + 0.011 * np.arange(8), "lon": 10.28 + 0.013 * np.arange(9)}
    rain = xr.DataArray(
        rng.gamma(0.5, 4, (12, 8, 9)),
        {
            "time": event_rain["time"],
            "y": cells["lat"][::-1],
            "x": cells["lon"],
        },
        ("time", "y", "x"),
    ).rio.write_crs("EPSG:4326")
    maps = predict_events(event_model, event_stack, rain, times="2021-07-12 08:00").compute()
    check_pixels(maps, event_model, event_table[0], event_stack, rain, [7])


def test_a_large_cube_is_cut_to_the_region_without_a_difference(
    event_model, event_stack, event_rain
):
    small = event_rain.isel(y=slice(0, 8), x=slice(0, 8))
    large = event_rain.pad(y=30, x=40, constant_values=50.0)
    large = large.assign_coords(
        y=5_100_300 - 700 * (np.arange(-30, 39) + 0.5),
        x=599_500 + 700 * (np.arange(-40, 50) + 0.5),
    )
    maps = [
        predict_events(event_model, event_stack, rain, times="2021-07-12 08:00")
        for rain in (small, large)
    ]
    same_bits(maps[0], maps[1])


@pytest.mark.parametrize("kind", ["forest", "network"])
def test_windows_workers_and_other_hours_change_no_bit(
    kind, event_model, event_table, event_stack, event_rain
):
    model, times = event_model, pd.date_range("2021-07-12 06:00", periods=2, freq="h")
    if kind == "network":
        model = LandslideNet(
            max_epochs=1, n_members=2, sequences={"rain": HOURS}, random_state=0
        ).fit(*event_table)
    maps = predict_events(model, event_stack, event_rain, times=times)
    with dask.config.set(scheduler="synchronous"):
        expected = maps.compute()
    check_pixels(expected, model, event_table[0], event_stack, event_rain, [5, 6])
    small = predict_events(model, event_stack, event_rain.chunk(time=5), times=times, window=100)
    with dask.config.set(scheduler="threads", num_workers=3):
        same_bits(small.compute(), expected)
    alone = predict_events(model, event_stack, event_rain, times=times[[1]])
    same_bits(alone[0], expected[1])
    one_by_one = predict_events(model, event_stack, event_rain, times=times, hours_at_once=1)
    assert maps.chunksizes["time"] == (2,) and one_by_one.chunksizes["time"] == (1, 1)
    same_bits(one_by_one[1], expected[1])


def test_lost_hours_are_filled_by_the_pipeline_and_counted(
    event_model, event_table, event_stack, event_rain
):
    rain = event_rain.copy()
    rain[7] = np.nan
    times = ["2021-07-12 04:00", "2021-07-12 08:00", "2021-07-12 10:00"]
    maps = predict_events(event_model, event_stack, rain, times=times).compute()
    check_pixels(maps, event_model, event_table[0], event_stack, rain, [3, 7, 9])
    assert maps["lost_steps"].values.tolist() == [2, 1, 1]
    assert maps["last_step_lost"].values.tolist() == [False, True, False]
    # Two before the cube begins, and one in it.
    assert maps.attrs["lost_steps"] == 3


def test_an_hour_without_any_rain_is_nodata(event_model, event_stack, event_rain):
    times = ["2021-07-12 12:00", "2021-07-13 12:00", "2021-07-10 12:00"]
    maps = predict_events(event_model, event_stack, event_rain, times=times).compute()
    assert not np.isnan(maps[0, 40:]).any()
    assert np.isnan(maps[1:]).all()
    assert maps["lost_steps"].values.tolist() == [0, 6, 6]


def test_pixels_beyond_the_rain_are_nodata(event_model, event_stack, event_rain):
    rain = event_rain.isel(x=slice(0, 4))
    maps = predict_events(event_model, event_stack, rain, times="2021-07-12 12:00").compute()
    inside = event_stack["x"].to_numpy() < 599_500 + 4 * 700
    assert np.isnan(maps[0, 40:, ~inside]).all() and not np.isnan(maps[0, 40:, inside]).any()


def test_columns_of_rain_are_found_by_their_names(event_table, event_stack, event_rain):
    X, y = event_table
    X = X[["slope", *HOURS[::-1]]]
    model = LogisticRegression(max_iter=500).fit(X, y)
    maps = predict_events(model, event_stack, event_rain, times="2021-07-12 07:00")
    row = row_of(event_table[0], event_stack, event_rain, (80, 77), 6)[list(X)]
    assert float(maps[0, 80, 77]) == pytest.approx(model.predict_proba(row)[0, 1], abs=1e-6)


def test_rain_elsewhere_is_an_error(event_model, event_stack, event_rain):
    rain = event_rain.assign_coords(x=event_rain["x"] + 100_000)
    with pytest.raises(ValueError, match="rain does not cover the stack: it lies at x 699500"):
        predict_events(event_model, event_stack, rain, times="2021-07-12 12:00")


def test_no_known_rain_at_all_is_an_error(event_model, event_stack, event_rain):
    with pytest.raises(ValueError, match=r"no rain is known before 2021-08-01 12:00 .* \(UTC\)"):
        predict_events(event_model, event_stack, event_rain, times="2021-08-01 12:00")


def test_a_model_without_rain_is_an_error(event_table, event_stack, event_rain):
    X, y = event_table
    model = LogisticRegression().fit(X[["slope"]], y)
    with pytest.raises(ValueError, match="the model reads no rain over time"):
        predict_events(model, event_stack, event_rain, times="2021-07-12 12:00")


def test_other_variables_over_time_are_an_error(event_table, event_stack, event_rain):
    X, y = event_table
    model = LogisticRegression(max_iter=500).fit(X[HOURS], y)
    sequences = {"weather": {"rain": HOURS[:3], "temperature": HOURS[3:]}}
    with pytest.raises(ValueError, match="'rain', 'temperature' over time: only rain"):
        predict_events(
            model, event_stack, event_rain, times="2021-07-12 12:00", sequences=sequences
        )


def test_a_time_twice_is_an_error(event_model, event_stack, event_rain):
    with pytest.raises(ValueError, match="2021-07-12 12:00:00 twice"):
        predict_events(event_model, event_stack, event_rain, times=["2021-07-12 12:00"] * 2)
