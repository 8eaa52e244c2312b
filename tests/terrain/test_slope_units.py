"""Slope units: roofs, valleys and cones, and what holds for the units of any ground."""

import numpy as np
import pytest
import rasterio
import rioxarray  # noqa: F401
import shapely
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import circvar
from shapely.geometry import box

from sklearn_landslide.terrain import delineate_slope_units
from sklearn_landslide.terrain._half_basins import banks, half_basins
from sklearn_landslide.terrain._single_flow import drain
from sklearn_landslide.terrain._surface import surface_derivatives

CRS = "EPSG:32643"
CELL = 10.0
LEFT_X, TOP_Y = 500_000.0, 3_840_000.0
CELL_AREA = CELL**2


def model_of(z):
    y = TOP_Y - CELL * (np.arange(z.shape[0]) + 0.5)
    x = LEFT_X + CELL * (np.arange(z.shape[1]) + 0.5)
    return xr.DataArray(z, {"y": y, "x": x}, ("y", "x")).rio.write_crs(CRS)


def axes(rows, columns):
    """Y southward and x eastward from the middle, in cells."""
    y, x = np.mgrid[:rows, :columns].astype(float)
    return y - (rows - 1) / 2, x - (columns - 1) / 2


def hills(seed, shape=(48, 56)):
    """A smooth random landscape in meters."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[: shape[0], : shape[1]].astype(float)
    z = 900 - 1.5 * y - 1.0 * x
    for wave in (9, 15, 28):
        for angle, phase in rng.uniform(0, 2 * np.pi, (3, 2)):
            turned = np.cos(angle) * x + np.sin(angle) * y
            z += 0.5 * wave * np.sin(2 * np.pi * turned / wave + phase)
    return z


def units_of(z, **parameters):
    units, raster = delineate_slope_units(model_of(z), return_raster=True, **parameters)
    return units, raster.to_numpy()


def aspects(z):
    """Direction of fall in radians clockwise from north, NaN where level or unknown."""
    z_x, z_y, *_ = surface_derivatives(z, CELL)
    return np.where(np.hypot(z_x, z_y) > 1e-6, np.arctan2(-z_x, -z_y), np.nan)


def test_a_roof_has_two_units_that_meet_at_its_ridge():
    y, x = axes(40, 50)
    units, labels = units_of(100 - 5 * np.abs(y) + 0 * x, clean=0)
    assert len(units) == 2
    np.testing.assert_array_equal(labels[:20], 1)
    np.testing.assert_array_equal(labels[20:], 2)
    np.testing.assert_allclose(units["aspect"], [0, 180], atol=1e-9)
    assert units["side"].tolist() == ["open", "open"]


@pytest.mark.parametrize("tilt", [0.3, 1.0, 7.5])
def test_no_unit_crosses_a_ridge_that_falls_along_itself(tilt):
    y, x = axes(40, 50)
    z = 300 - 5 * np.abs(x) - tilt * y
    _, labels = units_of(z, circular_variance=1.0, clean=0)
    assert not set(labels[:, :25].ravel()) & set(labels[:, 25:].ravel())


def test_the_sides_of_a_valley_are_two_units():
    y, x = axes(61, 41)
    units, labels = units_of(4 * np.abs(x) - 0.4 * y + 100, river_area=5e3)
    assert units["side"].tolist() == ["right", "left"]
    assert units["basin"].tolist() == [1, 1]
    # The cells of the stream belong to the right bank, which is the western one of a southward
    # stream.
    np.testing.assert_array_equal(labels[:, :21], 1)
    np.testing.assert_array_equal(labels[:, 21:], 2)
    np.testing.assert_allclose(units["area"], [61 * 21 * CELL_AREA, 61 * 20 * CELL_AREA], rtol=1e-5)


@pytest.mark.parametrize("limit", [0.05, 0.2])
def test_a_cone_is_divided_into_sectors_within_the_limit(limit):
    y, x = axes(81, 81)
    z = 500 - 4 * np.hypot(x, y)
    parameters = {"min_area": 3e4, "river_area": 2e5, "clean": 0}
    units, _ = units_of(z, circular_variance=limit, **parameters)
    large = units[units["area"] >= 3e4]
    assert (large["circular_variance"] <= limit + 1e-9).all()
    assert len(units) >= 4
    # One unit where variance does not matter.
    assert len(units_of(z, circular_variance=1.0, **parameters)[0]) < len(units)


@settings(max_examples=12, deadline=None)
@given(
    st.integers(0, 10_000),
    st.sampled_from([5e3, 2e4]),
    st.sampled_from([0.05, 0.2, 0.5]),
    st.sampled_from([1.5, 2, 4]),
    st.sampled_from([None, 3e4]),
    st.sampled_from([0.0, 1e3]),
)
def test_units_cover_the_ground_once_and_keep_the_limits(
    seed, min_area, limit, reduction, largest, clean
):
    z = hills(seed)
    rng = np.random.default_rng(seed)
    row, column = rng.integers(0, 40, 2)
    z[row : row + 6, column : column + 7] = np.nan
    units, labels = units_of(
        z,
        river_area=2.5e4,
        min_area=min_area,
        max_area=largest,
        circular_variance=limit,
        reduction=reduction,
        clean=clean,
    )
    ground = np.isfinite(z)
    np.testing.assert_array_equal(labels > 0, ground)
    counts = np.bincount(labels[ground], minlength=len(units) + 1)[1:]
    np.testing.assert_allclose(units["area"], counts * CELL_AREA, rtol=1e-5)
    np.testing.assert_allclose(units["area"].sum(), ground.sum() * CELL_AREA, rtol=1e-5)

    direction = aspects(z)
    for unit, row in units.iterrows():
        known = direction[(labels == unit) & np.isfinite(direction)]
        variance = circvar(known) if known.size else 0.0
        assert row["circular_variance"] == pytest.approx(variance, abs=1e-9)
        assert row["area"] < min_area or variance <= limit + 1e-9
        assert largest is None or row["area"] <= largest

    # In polygons the same: each cell's center lies in the polygon of its unit, without overlap.
    assert units.is_valid.all()
    assert units.area.sum() == pytest.approx(ground.sum() * CELL**2)
    assert shapely.union_all(units.geometry.to_numpy()).area == pytest.approx(units.area.sum())
    assert units.crs.to_epsg() == 32643
    rasterized = rasterio.features.rasterize(
        zip(units.geometry, units.index, strict=True),
        z.shape,
        transform=rasterio.transform.from_origin(LEFT_X, TOP_Y, CELL, CELL),
    )
    np.testing.assert_array_equal(rasterized, labels)


@pytest.mark.parametrize("seed", range(4))
def test_each_unit_lies_in_one_half_basin_and_after_cleaning_on_one_bank(seed):
    z = hills(seed)
    side = CELL
    drainage = drain(z, (side, side), side**2)
    direction = aspects(z)
    east, north = np.sin(direction).ravel(), np.cos(direction).ravel()
    halves = half_basins(drainage, 2.5e4, east, north)
    bank = banks(drainage, halves, east, north)
    parameters = {"river_area": 2.5e4, "min_area": 5e3, "circular_variance": 0.1}

    _, labels = units_of(z, clean=0, **parameters)
    pairs = np.unique(np.stack([labels.ravel(), halves.link, halves.side]), axis=1)
    assert len(np.unique(pairs[0])) == pairs.shape[1]

    _, cleaned = units_of(z, clean=2e3, **parameters)
    assert cleaned.max() < labels.max()
    pairs = np.unique(np.stack([cleaned.ravel(), bank]), axis=1)
    assert len(np.unique(pairs[0])) == pairs.shape[1]
    # Joined from whole units, never cut again.
    pairs = np.unique(np.stack([cleaned.ravel(), labels.ravel()]), axis=1)
    assert len(np.unique(pairs[1])) == pairs.shape[1]


def test_units_are_the_same_each_time_and_from_a_file(tmp_path):
    model = model_of(hills(3))
    model.rio.to_raster(tmp_path / "elevation.tif")
    first, second, third = (
        delineate_slope_units(source, river_area=2.5e4, min_area=5e3, clean=1e3)
        for source in (model, model, tmp_path / "elevation.tif")
    )
    assert first.equals(second)
    assert first.equals(third)


def test_a_void_changes_nothing_in_other_basins():
    y, x = axes(61, 82)
    # Two valleys side by side, with a ridge between them.
    z = 4 * np.abs(np.abs(x) - 20) - 0.4 * y + 200 + 3 * np.sin(y / 4) * np.sin(x / 3)
    parameters = {"river_area": 5e3, "min_area": 3e3, "circular_variance": 0.1, "clean": 500}
    _, whole = units_of(z, **parameters)
    z[20:30, 60:66] = np.nan
    _, holed = units_of(z, **parameters)
    west = slice(None), slice(0, 38)
    pairs = np.unique(np.stack([whole[west].ravel(), holed[west].ravel()]), axis=1)
    assert len(np.unique(pairs[0])) == len(np.unique(pairs[1])) == pairs.shape[1]
    assert len(np.unique(pairs[0])) > 4


def test_cells_that_are_no_squares_keep_their_true_area():
    y, x = axes(61, 41)
    z = 4 * np.abs(x) - 0.4 * y + 100
    model = model_of(z)
    model = model.assign_coords(y=TOP_Y - 20.0 * (np.arange(61) + 0.5))
    units = delineate_slope_units(model, river_area=1e4)
    np.testing.assert_allclose(units["area"].sum(), 61 * 41 * 2 * CELL_AREA, rtol=1e-5)
    # East walls fall 0.4 per meter across and 0.02 along.
    assert units["side"].tolist() == ["right", "left"]
    np.testing.assert_allclose(units["aspect"], [90, 270], atol=12)


def test_rows_from_the_south_and_columns_from_the_east_are_the_same_ground():
    model = model_of(hills(5))
    parameters = {"river_area": 2.5e4, "min_area": 5e3, "clean": 1e3, "return_raster": True}
    expected, raster = delineate_slope_units(model, **parameters)
    found, turned = delineate_slope_units(model[::-1, ::-1], **parameters)
    assert found.drop(columns="geometry").equals(expected.drop(columns="geometry"))
    assert found.geometry.geom_equals(expected.geometry).all()
    np.testing.assert_array_equal(turned[::-1, ::-1], raster)
    np.testing.assert_array_equal(turned["y"][::-1], raster["y"])


def test_elevations_in_feet_make_the_same_units():
    z = hills(2)
    expected, _ = units_of(z, river_area=2.5e4, min_area=5e3)
    found, _ = units_of(z / 0.3048, river_area=2.5e4, min_area=5e3, vertical_units="ft")
    np.testing.assert_allclose(found["area"], expected["area"])
    np.testing.assert_allclose(found["aspect"], expected["aspect"], atol=1e-3)


def test_degrees_are_refused_in_one_line():
    z = hills(0)
    model = xr.DataArray(
        z, {"y": 35 - 0.001 * np.arange(48), "x": 74 + 0.001 * np.arange(56)}, ("y", "x")
    )
    with pytest.raises(ValueError, match=r"is in degrees \(EPSG:4326\), .* reproject it to"):
        delineate_slope_units(model, crs="EPSG:4326")


def test_units_of_the_kaghan_valley_keep_their_limits(real_data):
    with rasterio.open(real_data / "kaghan" / "elevation_aw3d30.tif") as file:
        window = rasterio.windows.Window(300, 300, 260, 240)
        z = file.read(1, window=window).astype(float)
        x, y = rasterio.transform.xy(file.transform, 300, 300, offset="ul")
        cell = file.transform.a
    model = xr.DataArray(
        z,
        {"y": y - cell * (np.arange(240) + 0.5), "x": x + cell * (np.arange(260) + 0.5)},
        ("y", "x"),
    ).rio.write_crs(CRS)
    units = delineate_slope_units(model)
    assert ((units["area"] < 1e5) | (units["circular_variance"] <= 0.25 + 1e-9)).all()
    assert units.area.sum() == pytest.approx(box(*model.rio.bounds()).area)
    # Small ones are left at the edge, where what they belong to is beyond.
    inner = units[units["side"] != "open"]
    assert (inner["area"] < 25_000).mean() < 0.05
    assert 100 < len(units) < 400
