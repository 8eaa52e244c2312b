"""Landslides with a time, and places and times without: what is drawn, and what never is."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
import xarray as xr

from sklearn_landslide.mapping import open_rain, open_stack, rain_at, sample_events

CRS = "EPSG:32632"
HOURS = pd.date_range("2021-06-01 01:00", periods=2400, freq="h")
LEFT, TOP, SIZE, CELL = 600_000.0, 5_200_000.0, 40, 100.0
BUFFER, DAYS = 400.0, 4.0


@pytest.fixture(scope="module")
def region():
    """A stack of 40 x 40 cells, rain of 100 days in 3 x 3 cells, and eleven landslides."""
    rng = np.random.default_rng(3)
    axes = {
        "y": TOP - CELL * (np.arange(SIZE) + 0.5),
        "x": LEFT + CELL * (np.arange(SIZE) + 0.5),
    }
    slope = xr.DataArray(rng.uniform(5, 45, (SIZE, SIZE)), axes)
    slope[:5] = np.nan
    soil = xr.DataArray(rng.integers(1, 4, (SIZE, SIZE)).astype(float), axes)
    stack = open_stack({"slope": slope, "soil": soil}, crs=CRS, categorical=["soil"])
    wet = rng.random(100) < 0.3
    amounts = rng.gamma(0.5, 4.0, (2400, 3, 3)) * np.repeat(wet, 24)[:, None, None]
    cube = xr.DataArray(
        amounts,
        {
            "time": HOURS,
            "y": TOP - 700 - 1400.0 * np.arange(3),
            "x": LEFT + 700 + 1400.0 * np.arange(3),
        },
        name="rain",
    )
    rain = open_rain(cube, units="mm", label="end", crs=CRS)
    x, y = LEFT + rng.uniform(200, 3800, 11), TOP - rng.uniform(700, 3800, 11)
    shapes = [shapely.Point(*place) for place in zip(x, y, strict=True)]
    shapes[2] = shapely.box(x[2] - 150, y[2] - 150, x[2] + 150, y[2] + 150)
    days = np.repeat([30, 55, 80], [4, 4, 3]) + rng.uniform(0, 2, 11)
    times = pd.Timestamp("2021-06-01") + pd.to_timedelta(days, unit="D").floor("min")
    events = gpd.GeoDataFrame({"time": times}, geometry=shapes, crs=CRS)
    events.loc[10, "time"] = pd.NaT
    return stack, rain, events


def draw(region, **options):
    options = {"n_steps": 72, "buffer": BUFFER, "days": DAYS, "random_state": 0} | options
    return sample_events(*region, **options)


@pytest.fixture(scope="module")
def table(region):
    with pytest.warns(UserWarning, match="1 of 11 landslides of the inventory have no time"):
        return draw(region, ratio=8)


def cells_of(x, y):
    return np.floor((TOP - y) / CELL) * SIZE + np.floor((x - LEFT) / CELL)


def test_no_row_without_landslide_is_near_one_in_space_and_time_nor_where_one_was(region, table):
    events = region[2]
    others = table.y == 0
    x, y = table.coordinates[others].to_numpy().T
    times = table.time[others]
    cells = cells_of(x, y)
    gap, n_own = pd.Timedelta(DAYS, "D"), 0
    for shape, failed in zip(events.geometry, events["time"], strict=True):
        near = shapely.distance(shapely.points(x, y), shape) <= BUFFER
        if pd.isna(failed):
            assert not near.any()
            continue
        assert not (near & (np.abs(times - failed) < gap)).any()
        if shape.geom_type == "Point":
            own = cells == cells_of(shape.x, shape.y)
        else:
            own = shapely.contains_xy(shape, x, y)
        n_own += own.any()
        assert (times[own] < failed - gap).all()
    # All but those near the landslide without a time.
    assert n_own >= 7


def test_rain_is_that_of_the_place_before_the_time(region, table):
    with np.errstate(all="ignore"):
        expected = rain_at(region[1], table.coordinates, table.time, n_steps=72)
    names = table.sequences["rain"]
    assert names[0] == "rain_000"
    assert names[-1] == "rain_071"
    np.testing.assert_array_equal(table.X[names].to_numpy(), expected)


def test_each_kind_is_what_its_name_says(region, table):
    rain, events = region[1], region[2]
    day = rain.rolling(time=24).sum().to_numpy()
    failed = set(events["time"].dropna())
    last = ((table.time - HOURS[0]) // pd.Timedelta("1h")).to_numpy()
    place = table.coordinates.to_numpy()
    row = ((TOP - place[:, 1]) // 1400).astype(int)
    column = ((place[:, 0] - LEFT) // 1400).astype(int)
    sums = day[last, row, column]
    for kind in ("other time", "other place", "wet", "dry"):
        assert (table.kind == kind).sum() == (table.y == 0).sum() / 4
    assert (table.groups[table.kind == "other time"] < 11).all()
    assert (table.groups[table.kind == "other place"] >= 11).all()
    assert set(table.time[table.kind == "other place"]) <= failed
    assert (sums[table.kind == "dry"] < 1).all()
    least = np.nanquantile(day[71:], 0.95, axis=0)[row, column]
    assert (sums >= least - 1e-9)[table.kind == "wet"].all()
    assert (table.groups[table.kind == "wet"] < 11).any()
    assert (table.groups[table.kind == "wet"] >= 11).any()


def test_counts_groups_and_events(table):
    landslides = table.y == 1
    assert landslides.sum() == 9 + 9
    assert (table.y == 0).sum() == 8 * 18
    assert table.n_landslides == 10
    assert table.n_undated == 1
    # The nine cells of the polygon are one landslide.
    assert (table.groups[landslides] == 2).sum() == 9
    assert table.event[landslides].tolist() == table.event[landslides].astype(int).tolist()
    storm_of = dict(zip(table.groups[landslides], table.event[landslides], strict=True))
    assert [storm_of[g] for g in range(10)] == [0] * 4 + [1] * 4 + [2] * 2
    assert set(table.event[table.y == 0]) == {0, 1, 2}
    assert set(table.year) == {2021}
    assert set(table.season) <= {"JJA", "SON"}
    assert isinstance(table.X["soil"].dtype, pd.CategoricalDtype)
    assert table.X["slope"].notna().all()


def test_other_places_with_one_cell_are_one_group(table):
    cells = cells_of(*table.coordinates.to_numpy().T)
    elsewhere = table.groups >= 11
    pairs = set(zip(cells[elsewhere], table.groups[elsewhere], strict=True))
    assert len(pairs) == len({cell for cell, _ in pairs}) == len({group for _, group in pairs})


def test_other_rows_belong_to_the_event_that_is_nearest_in_time(table):
    failed, storms = table.time[table.y == 1], table.event[table.y == 1]
    for time, event in zip(table.time[table.y == 0], table.event[table.y == 0], strict=True):
        gaps = np.abs(failed - time)
        assert event in storms[gaps == gaps.min()]


@pytest.mark.filterwarnings("ignore:1 of 11 landslides")
def test_the_same_seed_draws_the_same_rows_whatever_the_chunks(region, table):
    stack, rain, events = region
    again = draw((stack, rain.chunk(time=100, x=1), events), ratio=8)
    pd.testing.assert_frame_equal(again.X, table.X)
    assert again.time.equals(table.time)
    other = draw(region, ratio=8, random_state=1)
    assert not other.time.equals(table.time)


@pytest.mark.filterwarnings("ignore:1 of 11 landslides")
def test_a_day_ends_at_its_end_in_its_time_zone(region):
    table = draw(region, when="day", timezone="Europe/Rome", absences="dry", polygons="one")
    events = region[2]
    day_after = events["time"].dropna().dt.normalize() + pd.Timedelta("1D")
    # Summer time: two hours before.
    assert (table.time[table.y == 1] == pd.DatetimeIndex(day_after) - pd.Timedelta("2h")).all()


def test_days_given_as_hours_are_asked_about(region):
    stack, rain, events = region
    events = events.assign(time=events["time"].dt.normalize())
    with pytest.raises(ValueError, match="no time of day in 'time': give when='day'"):
        draw((stack, rain, events))


def test_lost_steps_are_nan_and_counted_and_landslides_without_rain_left_out(region):
    stack, rain, events = region
    events = events[events["time"].notna()].copy()
    events.loc[0, "time"] = pd.Timestamp("2019-05-01 12:00")
    gone = rain.copy(data=rain.data)
    late = HOURS.get_indexer([events.loc[9, "time"].floor("h")])[0]
    gone[late - 1] = np.nan
    with pytest.warns(UserWarning) as caught:
        table = draw((stack, gone, events), absences=["other time"], polygons="one")
    texts = " ".join(str(one.message) for one in caught)
    assert "1 of 10 rows have no rain in any step before them" in texts
    assert f"{table.n_lost_steps} of {table.X.iloc[:, 2:].size} steps of rain are not" in texts
    assert table.n_no_rain == 1
    assert table.n_landslides == 9
    row = table.X[table.groups == 9].iloc[0]
    assert np.isnan(row["rain_070"])
    assert not np.isnan(row["rain_071"])


@pytest.mark.filterwarnings("ignore:1 of 11 landslides")
def test_rain_in_degrees_serves_as_well(region):
    stack, _, events = region
    values = np.random.default_rng(0).gamma(0.2, 3.0, (2400, 8, 8))
    axes = {"time": HOURS, "lat": 46.8 + 0.05 * np.arange(8), "lon": 10.15 + 0.05 * np.arange(8)}
    rain = open_rain(xr.DataArray(values, axes, name="rain"), units="mm", label="end")
    table = draw((stack, rain, events))
    assert table.n_lost_steps == 0
    assert len(table.y) == 18 * 5


@pytest.mark.filterwarnings("ignore:1 of 11 landslides")
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"absences": ["windy"]}, "absences='windy' is none of"),
        ({"absences": []}, "absences is empty"),
        ({"time": "date"}, "no column 'date' with the time of each landslide"),
        ({"n_steps": 5000}, "rain has 2400 steps, fewer than a window"),
        (
            {"days": 90.0, "absences": "other time"},
            "wanted .ratio=4.0., but only 0 were found away from landslides by buffer=400.0",
        ),
        ({"timezone": "Nowhere"}, "timezone='Nowhere' is not a time zone"),
    ],
)
def test_what_cannot_be_done_is_one_line(region, options, message):
    with pytest.raises(ValueError, match=message) as caught:
        draw(region, **options)
    assert "\n" not in str(caught.value)


def test_rain_of_another_year_is_refused(region):
    stack, rain, events = region
    later = rain.assign_coords(time=HOURS + pd.Timedelta("1000D"))
    events = events[:10]
    with (
        pytest.warns(UserWarning, match="have no rain"),
        pytest.raises(ValueError, match="no landslide of the inventory has rain"),
    ):
        draw((stack, later, events))
