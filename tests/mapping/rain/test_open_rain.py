"""Rain in every legal spelling becomes the same cube; what is unclear is asked for."""

import warnings

import dask
import numpy as np
import pandas as pd
import pytest
import xarray as xr

from sklearn_landslide.mapping import open_rain

HOURS = pd.date_range("2021-07-12 01:00", periods=30, freq="h")
X = 600_000.0 + 1000 * np.arange(5)
Y = 5_200_000.0 - 1000 * np.arange(4)
LON, LAT = 11.0 + 0.1 * np.arange(5), 47.0 - 0.1 * np.arange(4)
H, HALF = np.timedelta64(60, "m"), np.timedelta64(30, "m")


def known_rain(seed=0):
    """Millimeters in 30 hours on 4 x 5 cells, dry in two of three."""
    rng = np.random.default_rng(seed)
    return rng.gamma(0.7, 4.0, (30, 4, 5)) * (rng.random((30, 4, 5)) < 0.35)


RAIN = known_rain()


def cube(values=RAIN, times=HOURS, *, x=LON, y=LAT, names=("time", "lat", "lon"), **attrs):
    """A variable as a file may hold it; degrees, unless it is told otherwise."""
    time, down, across = names
    array = xr.DataArray(values, {time: times, down: y, across: x}, names, name="rain")
    array.attrs = attrs
    return array


def bounded(array, begins, ends):
    """The same with bounds of its times."""
    data = array.to_dataset()
    data["time"].attrs["bounds"] = "time_bnds"
    data["time_bnds"] = (("time", "nv"), np.stack([begins, ends], axis=1))
    return data


@pytest.fixture
def write(tmp_path):
    """Write a variable or dataset to a NetCDF file and return its path."""

    def to_file(data, name="rain.nc", **encoding):
        path = tmp_path / name
        with warnings.catch_warnings():
            # xarray says how it will write times.
            warnings.simplefilter("ignore")
            data = data.to_dataset() if isinstance(data, xr.DataArray) else data
            data.to_netcdf(path, engine="netcdf4", encoding=encoding)
        return path

    return to_file


def check(rain, values=RAIN, times=HOURS, *, atol=1e-6):
    assert rain.dims == ("time", "y", "x")
    assert rain.dtype == np.float64
    np.testing.assert_array_equal(rain["time"].to_numpy(), times.to_numpy())
    np.testing.assert_allclose(rain.to_numpy(), values, rtol=0, atol=atol)
    assert rain.attrs["units"] == "mm"


@pytest.mark.parametrize(
    ("units", "factor"),
    [
        ("mm", 1),
        ("kg m-2", 1),
        ("kg m**-2", 1),
        ("mm h-1", 1),
        ("mm/hr", 1),
        ("mm per hour", 1),
        ("kg m-2 s-1", 1 / 3600),
        ("mm s-1", 1 / 3600),
        ("m s-1", 1 / 3600 / 1000),
        ("mm/day", 24),
        ("mm d-1", 24),
        ("cm", 0.1),
        ("m", 0.001),
        ("inch", 1 / 25.4),
    ],
)
def test_every_unit_becomes_millimeters_in_a_step(units, factor):
    rain = open_rain(cube(RAIN * factor, units=units), label="end")
    check(rain)


def test_a_rate_counts_for_the_length_of_its_step():
    times = pd.date_range("2021-07-12", periods=30, freq="5min")
    rain = open_rain(cube(RAIN * 12, times, units="mm/h"), label="end")
    check(rain, times=times)
    assert rain.attrs["step_hours"] == pytest.approx(1 / 12)


@pytest.mark.parametrize(("label", "shift"), [("begin", H), ("middle", HALF), ("end", 0 * H)])
def test_times_become_the_ends_of_their_steps(label, shift):
    check(open_rain(cube(times=HOURS - shift, units="mm"), label=label))


@pytest.mark.parametrize("label", ["begin", "middle", "end"])
def test_bounds_say_where_time_stamps_stand(write, label):
    shift = {"begin": H, "middle": HALF, "end": 0 * H}[label]
    data = bounded(cube(times=HOURS - shift, units="mm"), HOURS - H, HOURS)
    path = write(data, time={"units": "hours since 2021-07-01", "dtype": "f8"})
    rain = open_rain(path)
    check(rain)
    assert f"time stamps at the {label} of their step" in rain.attrs["facts"]
    assert rain.chunks is not None


def test_bounds_and_a_label_that_contradict_are_refused():
    data = bounded(cube(times=HOURS - H, units="mm"), HOURS - H, HOURS)
    with pytest.raises(ValueError, match=r"label='end', but by the bounds .* at the begin of"):
        open_rain(data, label="end")


@pytest.mark.parametrize(
    "units",
    [
        "hours since 1900-01-01 00:00:0.0",
        "days since 1-1-1 00:00:00",
        "hours since 2021-07-12T02:00:00 +02:00",
        "hours since 2021-07-11 19:00:00 -0500",
        "hours since 2021-07-12 0:0:0 UTC",
        "minutes since 2021-7-12",
        "seconds since 1970-01-01T00:00:00Z",
    ],
)
def test_times_are_read_in_every_legal_spelling(write, units):
    name, _, since = units.partition(" since ")
    origin = {"hours since 1900": "1900-01-01", "days since 1-1-1": None}
    origin = next((v for k, v in origin.items() if units.startswith(k)), since)
    size = pd.Timedelta(1, {"hours": "h", "days": "D", "minutes": "min", "seconds": "s"}[name])
    if origin is None:
        # The mixed calendar of Julius Caesar and Pope Gregory: two days more.
        numbers = (HOURS - pd.Timestamp("1970-01-01")) / size + 719162 + 2
    else:
        start = pd.Timestamp("2021-07-12" if "2021" in origin else origin[:10])
        numbers = (HOURS - start) / size
    data = cube(times=np.asarray(numbers, float), units="mm")
    data["time"].attrs = {"units": units, "standard_name": "time", "calendar": "standard"}
    check(open_rain(write(data), label="end"))


def test_a_named_time_zone_is_converted_with_its_summer_time():
    local = HOURS.tz_localize("UTC").tz_convert("Europe/Rome").tz_localize(None)
    rain = open_rain(cube(times=local, units="mm"), label="end", timezone="Europe/Rome")
    check(rain)
    assert "times converted from Europe/Rome to UTC" in rain.attrs["facts"]


def test_a_time_zone_that_the_file_states_is_not_given_again(write):
    data = cube(times=np.arange(30.0), units="mm")
    data["time"].attrs["units"] = "hours since 2021-07-12 03:00:00 +02:00"
    path = write(data)
    check(open_rain(path, label="end"))
    with pytest.raises(ValueError, match=r"timezone='Asia/Tokyo', but .* states \+02:00"):
        open_rain(path, label="end", timezone="Asia/Tokyo")


def test_hours_that_a_clock_has_twice_are_refused():
    times = pd.date_range("2021-10-30 12:00", periods=30, freq="h")
    with pytest.raises(ValueError, match="exist twice or not at all in timezone='Europe/Rome'"):
        open_rain(cube(times=times, units="mm"), label="end", timezone="Europe/Rome")


def test_a_calendar_without_leap_days_is_read_with_that_day_missing(write):
    times = pd.date_range("2020-02-27", periods=4, freq="D")
    data = cube(RAIN[:3], times[[0, 1, 3]], units="mm")
    path = write(data, time={"units": "days since 2020-01-01", "calendar": "noleap"})
    rain = open_rain(path, label="end")
    np.testing.assert_array_equal(rain["time"], times)
    assert np.isnan(rain[2]).all()
    assert rain.attrs["n_missing_steps"] == 1


def test_a_calendar_of_days_that_do_not_exist_is_refused(write):
    data = cube(times=np.arange(30.0), units="mm")
    data["time"].attrs = {"units": "days since 2020-01-01", "calendar": "360_day"}
    with pytest.raises(ValueError, match="the calendar '360_day'"):
        open_rain(write(data), label="end")


def test_longitudes_to_360_and_rows_from_the_south_are_put_in_order(write):
    values, lat = RAIN[:, ::-1], LAT[::-1]
    data = cube(values, x=LON - 11.2 + 360 * (LON - 11.2 < 0), y=lat, units="mm")
    data = data.sortby("lon")
    data["lon"].attrs = {"units": "degrees_east"}
    data["lat"].attrs = {"units": "degrees_north"}
    rain = open_rain(write(data), label="end")
    check(rain)
    np.testing.assert_allclose(rain["x"], LON - 11.2, atol=1e-9)
    np.testing.assert_allclose(rain["y"], LAT)
    assert rain.rio.crs.to_epsg() == 4326


def test_a_region_across_180_degrees_keeps_its_longitudes():
    rain = open_rain(cube(x=179.8 + 0.1 * np.arange(5), units="mm"), label="end")
    check(rain)
    assert rain["x"].max() > 180


@pytest.mark.parametrize("dims", [("lat", "lon", "time"), ("lon", "time", "lat")])
def test_dimensions_in_any_order_and_under_other_names(dims):
    data = cube(units="mm").transpose(*dims).expand_dims(band=[1])
    data = data.rename(lat="rows", lon="columns", time="when")
    data["rows"].attrs = {"axis": "Y", "standard_name": "latitude"}
    data["columns"].attrs = {"axis": "X", "standard_name": "longitude"}
    check(open_rain(data, label="end"))


def test_a_projected_grid_has_the_crs_of_its_grid_mapping(write):
    data = cube(x=X / 1000, y=Y / 1000, names=("time", "y", "x"), units="mm", grid_mapping="map")
    data["x"].attrs = {"standard_name": "projection_x_coordinate", "units": "km"}
    data["y"].attrs = {"standard_name": "projection_y_coordinate", "units": "km"}
    data = data.to_dataset()
    data["map"] = (
        (),
        0,
        {
            "grid_mapping_name": "transverse_mercator",
            "scale_factor_at_central_meridian": 0.9996,
            "longitude_of_central_meridian": 9.0,
            "latitude_of_projection_origin": 0.0,
            "false_easting": 500_000.0,
            "false_northing": 0.0,
            "reference_ellipsoid_name": "WGS 84",
        },
    )
    rain = open_rain(write(data), label="end")
    check(rain)
    np.testing.assert_allclose(rain["x"], X)
    assert rain.rio.crs.is_projected
    assert rain.rio.crs.linear_units_factor[1] == 1


def test_a_grid_of_a_rotated_pole_is_read():
    data = cube(names=("time", "rlat", "rlon"), units="mm", grid_mapping="pole").to_dataset()
    data["rlon"].attrs["standard_name"] = "grid_longitude"
    data["rlat"].attrs["standard_name"] = "grid_latitude"
    data["pole"] = (
        (),
        0,
        {
            "grid_mapping_name": "rotated_latitude_longitude",
            "grid_north_pole_latitude": 39.25,
            "grid_north_pole_longitude": -162.0,
        },
    )
    rain = open_rain(data, label="end")
    check(rain)
    assert rain.rio.crs.to_epsg() != 4326


def test_packed_values_and_fill_are_unpacked_to_their_precision(write):
    values = RAIN.copy()
    values[3, 1, 2] = np.nan
    packing = {"dtype": "i2", "scale_factor": 0.01, "add_offset": 5.0, "_FillValue": -32768}
    rain = open_rain(write(cube(values, units="mm"), rain=packing), label="end")
    check(rain, values, atol=0.0051)
    assert (rain.to_numpy()[~np.isnan(values)] >= 0).all()


def test_numbers_that_are_declared_or_negative_are_no_data():
    values = RAIN.copy()
    values[2, 0, 0], values[25, 3, 4] = -9999, -1
    data = cube(values, units="mm")
    missing = np.where(values < 0, np.nan, values)
    check(open_rain(data, label="end", nodata=[-9999, -1]), missing)
    check(open_rain(data, label="end", nodata="negative"), missing)
    with pytest.raises(ValueError, match=r"negative rain \(-9999 mm in 2 values\): declare"):
        open_rain(data, label="end")


def test_negative_rain_behind_the_first_look_is_refused_when_it_is_read():
    values = np.concatenate([RAIN, RAIN])
    values[55, 0, 0] = -1
    times = pd.date_range(HOURS[0], periods=60, freq="h")
    rain = open_rain(cube(values, times, units="mm").chunk(time=48), label="end")
    with pytest.raises(ValueError, match="negative rain"):
        rain.compute()


def test_rounding_below_zero_is_zero():
    values = RAIN.copy()
    values[4, 0, 0] = -1e-7
    check(open_rain(cube(values, units="mm"), label="end"), np.maximum(values, 0))


def test_more_rain_than_ever_fell_is_refused():
    with pytest.raises(ValueError, match="more than ever fell: give other units"):
        open_rain(cube(RAIN, units="m"), label="end")


@pytest.mark.parametrize("kind", ["start", "day"])
def test_running_totals_become_differences_when_told(kind):
    ends = pd.DatetimeIndex(HOURS)
    day = (ends - pd.Timedelta("1ns")).floor("D")
    groups = pd.factorize(day)[0] if kind == "day" else np.zeros(30, int)
    totals = np.concatenate([RAIN[groups == g].cumsum(axis=0) for g in np.unique(groups)])
    rain = open_rain(cube(totals / 1000, units="m"), accumulated=kind)
    first = kind == "start"
    check(rain, RAIN[first:], HOURS[first:])
    assert "running totals became differences" in rain.attrs["facts"]


def test_running_totals_are_known_by_their_bounds(write):
    day = (HOURS - pd.Timedelta("1ns")).floor("D")
    totals = np.concatenate([RAIN[day == d].cumsum(axis=0) for d in day.unique()])
    data = bounded(cube(totals, units="mm", cell_methods="time: sum"), day, HOURS)
    rain = open_rain(write(data, time={"units": "hours since 2021-07-01"}))
    check(rain)
    assert rain.attrs["n_missing_steps"] == 0


def test_a_total_over_a_missing_time_is_no_step():
    totals = np.delete(RAIN.cumsum(axis=0), 10, axis=0)
    rain = open_rain(cube(totals, HOURS.delete(10), units="mm"), accumulated="start")
    expected = RAIN[1:].copy()
    expected[[9, 10]] = np.nan
    check(rain, expected, HOURS[1:])
    assert rain.attrs["n_missing_steps"] == 2


def test_values_that_never_fall_are_asked_about():
    data = cube(RAIN.cumsum(axis=0), units="mm")
    with pytest.raises(ValueError, match="never falls in its first 30 steps"):
        open_rain(data, label="end")
    check(open_rain(data, label="end", accumulated=False), RAIN.cumsum(axis=0))


def test_totals_of_each_day_are_asked_about():
    day = (HOURS - pd.Timedelta("1ns")).floor("D")
    totals = np.concatenate([RAIN[day == d].cumsum(axis=0) for d in day.unique()])
    with pytest.raises(ValueError, match="falls at one hour of the day only in its first 30"):
        open_rain(cube(totals, units="mm"), label="end")


def test_days_that_are_wetter_and_wetter_are_no_totals_where_one_is_not():
    times = pd.date_range("2021-07-01", periods=15, freq="D")
    values = np.arange(15.0)[:, None, None] * np.ones((4, 5))
    values[7] = 0
    check(open_rain(cube(values, times, units="mm"), label="end"), values, times)


def test_a_file_is_read_in_pieces_whatever_else_it_holds(write):
    data = cube(units="mm").to_dataset().assign(name=("time", HOURS.astype(str).astype(object)))
    with dask.config.set({"array.chunk-size": "2kB"}):
        rain = open_rain(write(data), label="end")
    assert np.prod(rain.data.numblocks) > 1
    check(rain)


def test_a_running_total_that_falls_is_refused():
    totals = RAIN.cumsum(axis=0)
    totals[20:] -= totals[20]
    with pytest.raises(ValueError, match="negative rain"):
        open_rain(cube(totals, units="mm"), accumulated="start")


def test_missing_steps_are_nan_and_counted_and_the_order_of_the_file_does_not_matter():
    keep = np.delete(np.arange(30), [4, 5, 17])
    shuffled = np.random.default_rng(1).permutation(keep)
    rain = open_rain(cube(RAIN[shuffled], HOURS[shuffled], units="mm"), label="end")
    expected = RAIN.copy()
    expected[[4, 5, 17]] = np.nan
    check(rain, expected)
    assert rain.attrs["n_missing_steps"] == 3
    assert "3 missing steps of 30, NaN" in rain.attrs["facts"]


def test_files_along_time_are_one_cube(write):
    first = write(cube(RAIN[:12], HOURS[:12], units="mm"), "a.nc")
    write(cube(RAIN[12:], HOURS[12:], units="mm"), "b.nc")
    check(open_rain(first.parent, label="end"))
    other = write(cube(RAIN[12:], HOURS[12:], units="m"), "c.nc")
    with pytest.raises(ValueError, match=r"c\.nc has the units 'm', and .*a\.nc has 'mm'"):
        open_rain([first, other], label="end")


def test_zarr_is_read(tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        cube(units="mm").to_dataset().to_zarr(tmp_path / "rain.zarr")
    check(open_rain(tmp_path / "rain.zarr", label="end"))


def test_what_was_opened_can_be_saved_and_opened_again(write):
    rain = open_rain(cube(units="mm/h"), label="end")
    again = open_rain(write(rain.to_dataset()))
    check(again)
    assert again.rio.crs == rain.rio.crs


@pytest.mark.parametrize("sizes", [{"time": 7, "x": 2}, "auto"])
def test_chunks_do_not_change_the_cube(sizes):
    rain = open_rain(cube(units="mm"), label="end", chunks=sizes)
    check(rain)
    assert sizes == "auto" or rain.chunks[0][0] == 7


@pytest.mark.parametrize(
    ("made", "options", "message"),
    [
        (lambda: cube(), {"label": "end"}, "does not say whether its values are mm per step or"),
        (lambda: cube(units="mm"), {}, "whether a time is the begin, the middle or the end"),
        (lambda: cube(units="K"), {"label": "end"}, "is in 'K', which is not a unit of rain"),
        (lambda: cube(units="mm"), {"units": "buckets"}, "units='buckets' is not a unit of rain"),
        (
            lambda: cube(units="mm", standard_name="precipitation_flux"),
            {"label": "end"},
            "an amount or a rate, but is another by its standard_name",
        ),
        (
            lambda: cube(units="mm/h", cell_methods="time: maximum"),
            {"label": "end"},
            "is the maximum over time",
        ),
        (
            lambda: cube(times=HOURS[[0, *range(29)]], units="mm"),
            {"label": "end"},
            r"the time 2021-07-12 01:00 more than once \(1 repetition in 30\)",
        ),
        (
            lambda: cube(times=HOURS.delete(3).insert(3, HOURS[3] + HALF), units="mm"),
            {"label": "end"},
            "times that are not 1 h apart",
        ),
        (lambda: cube(RAIN[:1], HOURS[:1], units="mm"), {"label": "end"}, "a single time"),
        (lambda: cube(units="mm"), {"step": "-1h"}, "step='-1h' is not a length of time"),
        (
            lambda: cube(units="mm").expand_dims(number=[0, 1]),
            {"label": "end"},
            "2 values along 'number'",
        ),
        (
            lambda: cube(names=("time", "y", "x"), units="mm"),
            {"label": "end"},
            "states no CRS: give crs=",
        ),
        (
            lambda: cube(units="mm"),
            {"label": "end", "crs": "EPSG:32632"},
            "states EPSG:4326, not EPSG:32632",
        ),
        (lambda: cube(units="mm"), {"variable": "snow"}, "has no variable 'snow'"),
        (
            lambda: cube(units="mm").to_dataset().assign(snow=cube()),
            {"label": "end"},
            "has the variables 'rain', 'snow': say which one is the rain",
        ),
        (lambda: cube(units="mm")[0], {}, "has no variable of time, y and x"),
        (
            lambda: cube(x=LON**2, units="mm"),
            {"label": "end"},
            "x that are not evenly spaced",
        ),
        (lambda: cube(units="mm"), {"timezone": "Mars/Base"}, "'Mars/Base' is not a time zone"),
        (
            lambda: bounded(cube(units="mm"), HOURS - 6 * H, HOURS),
            {},
            "steps that overlap",
        ),
    ],
)
def test_what_is_unclear_or_wrong_is_one_line_that_says_what_to_do(made, options, message):
    with pytest.raises(ValueError, match=message) as caught:
        open_rain(made(), **options)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_missing_or_broken_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"No such file: .*rain\.nc"):
        open_rain(tmp_path / "rain.nc")
    (tmp_path / "rain.nc").write_bytes(b"no file of this kind")
    with pytest.raises(ValueError, match=r"rain\.nc cannot be read as netcdf4"):
        open_rain(tmp_path / "rain.nc")
    with pytest.raises(TypeError, match="rain is a file, a folder"):
        open_rain(3)


class TestGeoTIFFs:
    def files(self, write_raster, pattern, **options):
        from rasterio.transform import Affine

        transform = Affine(1000, 0, X[0] - 500, 0, -1000, Y[0] + 500)
        for time, layer in zip(HOURS[:6], RAIN, strict=False):
            path = write_raster(
                time.strftime(pattern),
                layer.astype("f4"),
                transform=transform,
                crs="EPSG:32632",
                **options,
            )
        return path.parent

    @pytest.mark.parametrize(
        "pattern",
        ["radar_%Y%m%dT%H%MZ.tif", "%Y-%m-%d_%H.tif", "RZ-17_%Y%m%d%H%M.tiff", "%Y%m%d-%H%M%S.tif"],
    )
    def test_times_are_read_from_names(self, write_raster, pattern):
        folder = self.files(write_raster, pattern)
        rain = open_rain(folder, units="mm", label="end")
        check(rain, RAIN[:6], HOURS[:6], atol=2e-6)
        assert rain.rio.crs.to_epsg() == 32632

    def test_odd_names_are_read_by_a_format(self, write_raster):
        folder = self.files(write_raster, "sum_%d.%m.%y-%Hh.tif")
        options = {"units": "mm", "label": "end"}
        check(
            open_rain(folder, time_format="sum_%d.%m.%y-%Hh", **options),
            RAIN[:6],
            HOURS[:6],
            atol=2e-6,
        )
        with pytest.raises(ValueError, match="has no time, or more than one, in its name"):
            open_rain(folder, **options)
        with pytest.raises(ValueError, match="does not follow time_format='%Y'"):
            open_rain(folder, time_format="%Y", **options)

    def test_a_zone_in_the_names_is_converted(self, write_raster):
        folder = self.files(write_raster, "r%Y%m%d%H%M+0200.tif")
        rain = open_rain(folder, time_format="r%Y%m%d%H%M%z", units="mm", label="end")
        check(rain, RAIN[:6], HOURS[:6] - 2 * H, atol=2e-6)

    def test_another_grid_or_a_time_twice_is_refused(self, write_raster):
        folder = self.files(write_raster, "%Y%m%d_%H%M.tif")
        write_raster("20210712_0900.tif", RAIN[0].astype("f4"), crs="EPSG:32632")
        with pytest.raises(ValueError, match=r"20210712_0900\.tif is not on the grid of"):
            open_rain(folder, units="mm", label="end")
        (folder / "20210712_0900.tif").unlink()
        self.files(write_raster, "again_%Y%m%d_%H%M.tif")
        with pytest.raises(ValueError, match="more than once"):
            open_rain(folder, units="mm", label="end")
