"""Hours of an event: added to, taken up, and never changed once they are there."""

import numpy as np
import pandas as pd
import pytest
from cli.commands import tree

from sklearn_landslide.cli import main
from sklearn_landslide.persistence import save_model

xr = pytest.importorskip("xarray")
rasterio = pytest.importorskip("rasterio")
pytest.importorskip("rioxarray")
pytest.importorskip("dask")
pytest.importorskip("skops")
netcdf = pytest.importorskip("netCDF4")
geopandas = pytest.importorskip("geopandas")
from shapely.geometry import box  # noqa: E402
from sklearn.linear_model import LogisticRegression  # noqa: E402

from sklearn_landslide.mapping import HourFiles, open_rain, open_stack, predict_events  # noqa: E402

SHAPE = (20, 30)
HOURS = [f"rain_{hour:03d}" for hour in range(4)]
N_TIMES = 10


@pytest.fixture(scope="module")
def inputs(tmp_path_factory):
    """A model, a raster of one factor and a NetCDF file of rain, of which hour 7 is lost."""
    home = tmp_path_factory.mktemp("event")
    rng = np.random.default_rng(0)
    X = pd.DataFrame(
        {"slope": rng.uniform(0, 60, 200)} | {name: rng.gamma(0.5, 4, 200) for name in HOURS}
    )
    y = X["slope"] / 20 + X[HOURS].sum(axis=1) / 8
    save_model(LogisticRegression(max_iter=500).fit(X, y > y.median()), home / "model.zip")
    slope = rng.uniform(0, 60, SHAPE).astype(np.float32)
    slope[0, :5] = np.nan
    transform = rasterio.Affine(30, 0, 600_000, 0, -30, 5_100_000)
    profile = {"driver": "GTiff", "count": 1, "dtype": "float32", "nodata": np.nan}
    profile |= {"height": SHAPE[0], "width": SHAPE[1], "crs": "EPSG:32632", "transform": transform}
    with rasterio.open(home / "slope.tif", "w", **profile) as file:
        file.write(slope, 1)
    write_rain(home / "rain.nc", N_TIMES)
    write_rain(home / "lost.nc", N_TIMES, lost=[6])
    write_rain(home / "short.nc", 6)
    left, top = transform * (0, 0)
    polygons = [box(left, top - 600, left + 450, top), box(left + 450, top - 600, left + 900, top)]
    frame = geopandas.GeoDataFrame({"name": ["west", "east"]}, geometry=polygons, crs="EPSG:32632")
    frame.to_file(home / "towns.gpkg")
    return home


def write_rain(path, n_times, lost=()):
    values = np.random.default_rng(1).gamma(0.5, 4, (N_TIMES, 2, 3))[:n_times]
    values[list(lost)] = np.nan
    times = pd.date_range("2021-07-12 01:00", periods=n_times, freq="h")
    cells = {"time": times, "y": [5_099_900.0, 5_099_500.0], "x": [600_100.0, 600_500.0, 600_900.0]}
    cube = xr.DataArray(values, cells, ("time", "y", "x"), "rain", {"units": "mm"})
    cube.to_netcdf(path)


def command(home, out, *more, start="2021-07-12T04", end="2021-07-12T08", rain="rain.nc"):
    return main(
        [
            "nowcast",
            *("--model", str(home / "model.zip"), "--stack", str(home / "slope.tif")),
            *("--rain", str(home / rain), "--rain-label", "end", "--rain-crs", "EPSG:32632"),
            *("--from", start, "--to", end, "--out", str(out), *more),
        ]
    )


def expected(home, times, rain="rain.nc"):
    from sklearn_landslide.persistence import load_model

    cube = open_rain(home / rain, label="end", crs="EPSG:32632")
    stack = open_stack({"slope": home / "slope.tif"})
    return predict_events(load_model(home / "model.zip"), stack, cube, times=times).compute()


def refused(capsys, *args, **kwargs):
    assert command(*args, **kwargs) == 2
    (line,) = [one for one in capsys.readouterr().err.splitlines() if one.startswith("error")]
    return line


@pytest.fixture(scope="module")
def event(inputs, tmp_path_factory):
    """Five hours with all options."""
    out = tmp_path_factory.mktemp("whole") / "event"
    more = ["--levels", "0.3", "0.6", "--units", str(inputs / "towns.gpkg"), "--animation"]
    assert command(inputs, out, *more) == 0
    return out


def test_hours_and_their_highest(inputs, event):
    times = pd.date_range("2021-07-12 04:00", periods=5, freq="h")
    maps = expected(inputs, times).to_numpy()
    files = HourFiles(event / "hours")
    assert files.times().tolist() == times.tolist()
    for number, time in enumerate(times):
        np.testing.assert_array_equal(files.read(time), maps[number])
    with rasterio.open(event / "highest.tif") as file:
        np.testing.assert_array_equal(file.read(1), maps.max(axis=0))
    with rasterio.open(event / "hour_of_highest.tif") as file:
        hour = file.read(1)
    known = ~np.isnan(maps[0])
    assert np.isnan(hour[~known]).all()
    np.testing.assert_array_equal(hour[known], maps.argmax(axis=0)[known])
    with rasterio.open(event / "highest_level.tif") as file:
        level = file.read(1)
    highest = maps.max(axis=0)[known]
    np.testing.assert_array_equal(level[known], (highest >= 0.3).astype(int) + (highest >= 0.6))
    assert (level[~known] == 255).all()


def test_a_picture_and_an_animation_of_all_hours(event):
    image = pytest.importorskip("PIL.Image")
    with image.open(event / "event.gif") as animation, image.open(event / "highest.png") as highest:
        assert animation.n_frames == 5 and highest.format == "PNG"


@pytest.mark.parametrize("kind", ["totals since the start, in local time", "a folder of GeoTIFFs"])
def test_rain_in_another_form_gives_the_same_maps(kind, inputs, tmp_path, event):
    with xr.open_dataset(inputs / "rain.nc") as file:
        rain = file["rain"].load()
    times = pd.DatetimeIndex(rain["time"].to_numpy())
    options = ["--rain-units", "mm"]
    if kind == "a folder of GeoTIFFs":
        (tmp_path / "radar").mkdir()
        for time, layer in zip(times, rain, strict=True):
            profile = {"driver": "GTiff", "count": 1, "dtype": "float64", "height": 2, "width": 3}
            profile |= {"transform": rasterio.Affine(400, 0, 599_900, 0, -400, 5_100_100)}
            path = tmp_path / "radar" / f"radar_{time:%Y%m%d_%H%M}.tif"
            with rasterio.open(path, "w", crs="EPSG:32632", **profile) as out:
                out.write(layer.to_numpy(), 1)
        source = tmp_path / "radar"
    else:
        source = tmp_path / "totals.nc"
        # What fell before the first total is not known, so it is one of nothing.
        totals = rain.cumsum("time").pad(time=(1, 0), constant_values=0.0)
        local = pd.date_range(times[0] + pd.Timedelta("1h"), periods=N_TIMES + 1, freq="h")
        totals.assign_coords(time=local).to_netcdf(source)
        options += ["--rain-accumulated", "start", "--rain-timezone", "Europe/Rome"]
    assert command(inputs, tmp_path / "event", *options, rain=source) == 0
    hours = HourFiles(tmp_path / "event" / "hours")
    # Differences of totals are rounded.
    for time in pd.date_range("2021-07-12 04:00", periods=5, freq="h"):
        expected = HourFiles(event / "hours").read(time)
        np.testing.assert_allclose(hours.read(time), expected, atol=1e-6)


def test_event_follows_the_cf_conventions(inputs, event):
    with netcdf.Dataset(event / "event.nc") as file:
        variable, time = file["probability"], file["time"]
        assert file.Conventions == "CF-1.11"
        assert variable.dimensions == ("time", "y", "x")
        assert (variable.units, time.standard_name) == ("1", "time")
        assert "crs_wkt" in file[variable.grid_mapping].ncattrs()
        assert file["x"].standard_name == "projection_x_coordinate"
        dates = netcdf.num2date(time[:], time.units)
        assert f"{dates[0]:%Y-%m-%d %H:%M}" == "2021-07-12 04:00"
        values = np.ma.filled(variable[:], np.nan)
    maps = expected(inputs, pd.date_range("2021-07-12 04:00", periods=5, freq="h"))
    np.testing.assert_array_equal(values, maps)


def test_units_have_the_mean_the_maximum_and_the_share_of_their_cells(event):
    table = pd.read_csv(event / "units.csv")
    hour = HourFiles(event / "hours").read(pd.Timestamp("2021-07-12 05:00"))
    for unit, cells in (("west", hour[:, :15]), ("east", hour[:, 15:])):
        row = table[(table["unit"] == unit) & (table["time"] == "2021-07-12T05:00Z")].iloc[0]
        known = cells[~np.isnan(cells)].astype(np.float64)
        assert row["n_cells"] == known.size
        assert row["mean"] == pytest.approx(known.mean())
        assert row["max"] == pytest.approx(known.max())
        assert row["share_from_0.6"] == pytest.approx((known >= 0.6).mean())
    assert len(table) == 10


def test_a_later_end_adds_hours_and_leaves_the_others_alone(inputs, tmp_path, event):
    out = tmp_path / "event"
    assert command(inputs, out, end="2021-07-12T06") == 0
    before = {path.name: path.stat().st_mtime_ns for path in (out / "hours").iterdir()}
    assert command(inputs, out) == 0
    after = {path.name: path.stat().st_mtime_ns for path in (out / "hours").iterdir()}
    assert len(after) == 5 and after.items() >= before.items()
    assert tree(out / "hours") == tree(event / "hours")
    assert (out / "highest.tif").read_bytes() == (event / "highest.tif").read_bytes()


def test_a_run_that_was_stopped_goes_on_to_the_same_bytes(inputs, tmp_path, event, monkeypatch):
    out, write = tmp_path / "event", HourFiles.write

    def stopped(files, layer):
        if len(files.times()) == 2:
            raise OSError("the disk is gone")
        write(files, layer)

    with monkeypatch.context() as patch:
        patch.setattr(HourFiles, "write", stopped)
        assert command(inputs, out) == 2
    assert len(list((out / "hours").iterdir())) == 2
    assert not (out / "summary.md").exists()
    assert command(inputs, out) == 0
    assert tree(out / "hours") == tree(event / "hours")
    assert (out / "hour_of_highest.tif").read_bytes() == (
        event / "hour_of_highest.tif"
    ).read_bytes()


def test_a_run_that_fails_at_once_leaves_nothing(inputs, tmp_path, monkeypatch):
    def broken(files, layer):
        raise OSError("the disk is gone")

    monkeypatch.setattr(HourFiles, "write", broken)
    assert command(inputs, tmp_path / "event") == 2
    assert not (tmp_path / "event").exists()


def test_an_hour_without_rain_is_left_out_and_tried_again(inputs, tmp_path, capsys):
    out = tmp_path / "event"
    assert command(inputs, out, start="2021-07-12T05", end="2021-07-12T07", rain="short.nc") == 0
    assert len(list((out / "hours").iterdir())) == 2
    said = capsys.readouterr()
    assert "No rain, and so no map, at 1 hour: 2021-07-12 07:00" in said.out
    assert "no rain for 1 hour" in said.err
    assert command(inputs, out, start="2021-07-12T05", end="2021-07-12T07") == 0
    times = pd.date_range("2021-07-12 05:00", periods=3, freq="h")
    np.testing.assert_array_equal(
        HourFiles(out / "hours").read(times[2]), expected(inputs, times[2:])[0]
    )


def test_a_lost_field_of_rain_is_nan_in_the_event(inputs, tmp_path):
    out = tmp_path / "event"
    times = ["2021-07-12T06", "2021-07-12T07"]
    assert command(inputs, out, start=times[0], end=times[1], rain="lost.nc") == 0
    write_rain(inputs / "later.nc", N_TIMES)
    assert command(inputs, out, start="2021-07-12T08", end="2021-07-12T08", rain="later.nc") == 0
    with netcdf.Dataset(out / "event.nc") as file:
        values = np.ma.filled(file["probability"][:], np.nan)
    assert np.isnan(values[1]).all() and not np.isnan(values[[0, 2], 1]).any()


@pytest.mark.parametrize(
    ("more", "kwargs", "words"),
    [
        ([], {"end": "2021-07-12T01"}, "--to 2021-07-12T01 is before --from 2021-07-12T04"),
        ([], {"start": "noon-ish"}, "--from noon-ish is not a time such as"),
        (["--step", "soon"], {}, "--step soon is not a length of time"),
        (["--levels", "0.6", "0.3"], {}, "--levels 0.6 0.3 must be probabilities"),
        (["--rain-nodata", "none"], {}, "--rain-nodata none is not a number"),
        ([], {"start": "2022-07-12T04", "end": "2022-07-12T05"}, "the rain has no step that ends"),
        (["--unit-names", "nom"], {"units": True}, "has no column 'nom'; it has name"),
    ],
)
def test_what_cannot_be_is_one_line_and_leaves_nothing(
    more, kwargs, words, inputs, tmp_path, capsys
):
    if kwargs.pop("units", False):
        more = [*more, "--units", str(inputs / "towns.gpkg")]
    assert words in refused(capsys, inputs, tmp_path / "event", *more, **kwargs)
    assert not (tmp_path / "event").exists()


def test_a_folder_of_other_things_is_refused(inputs, tmp_path, capsys):
    (tmp_path / "notes.txt").write_text("mine")
    line = refused(capsys, inputs, tmp_path)
    assert "holds 'notes.txt' and no nowcast.json of an event" in line


def test_hours_of_another_step_are_refused_and_can_be_thrown_away(inputs, tmp_path, capsys):
    out = tmp_path / "event"
    assert command(inputs, out, end="2021-07-12T06") == 0
    before = tree(out)
    line = refused(capsys, inputs, out, "--step", "2h")
    assert "hours of another run (step is 'P0DT1H0M0S', not 'P0DT2H0M0S')" in line
    assert "--overwrite" in line and tree(out) == before
    assert command(inputs, out, "--step", "2h", "--overwrite") == 0
    assert len(list((out / "hours").iterdir())) == 3
