"""Meters are meters on the ground, also where a projection distorts; or they are refused."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

rasterio = pytest.importorskip("rasterio")
pytest.importorskip("rioxarray")
geopandas = pytest.importorskip("geopandas")
xr = pytest.importorskip("xarray")
pyproj = pytest.importorskip("pyproj")

from rasterio.transform import Affine  # noqa: E402

from sklearn_landslide.mapping import (  # noqa: E402
    SusceptibilityZones,
    meters_per_unit,
    open_stack,
    pixel_area,
    sample_absences,
    sample_stack,
    utm_zone,
    zone_polygons,
    zone_table,
)
from sklearn_landslide.mapping._rasters._grids import Grid, parse_crs  # noqa: E402
from sklearn_landslide.model_selection import nearest_neighbor_distances  # noqa: E402

GEOD = pyproj.Geod(ellps="WGS84")
LOCAL = 'LOCAL_CS["site",UNIT["{}",{}],AXIS["Easting",EAST],AXIS["Northing",NORTH]]'


def grid_at(crs, lon, lat, cell=30.0, size=60):
    """Make a grid of square cells around a place."""
    crs = parse_crs(crs)
    to = pyproj.Transformer.from_crs("EPSG:4326", crs.to_wkt(), always_xy=True)
    x, y = to.transform(lon, lat)
    half = cell * size / 2
    return Grid(crs, Affine(cell, 0, x - half, 0, -cell, y + half), size, size)


def true_area(grid):
    """Measure the area of the whole grid on the ellipsoid, in km2, along its outline."""
    back = pyproj.Transformer.from_crs(grid.crs.to_wkt(), "EPSG:4326", always_xy=True)
    along = np.linspace(0, 1, 50)
    rows = np.concatenate([0 * along, along, 0 * along + 1, 1 - along]) * grid.height
    columns = np.concatenate([along, 0 * along + 1, 1 - along, 0 * along]) * grid.width
    lon, lat = back.transform(*grid.to_xy(rows, columns))
    return abs(GEOD.polygon_area_perimeter(lon, lat)[0]) / 1e6


def as_stack(grid, **factors):
    rows, columns = np.arange(grid.height), np.arange(grid.width)
    x, _ = grid.centers(0 * columns, columns)
    _, y = grid.centers(rows, 0 * rows)
    cells = {"y": y, "x": x}
    arrays = {name: xr.DataArray(values, cells) for name, values in factors.items()}
    return open_stack(arrays, crs=grid.crs)


@pytest.mark.parametrize(
    ("crs", "lon", "lat"),
    [
        ("EPSG:3857", 10, 45),
        ("EPSG:3857", -79.2, -4),
        ("EPSG:3857", 15, 68),
        ("EPSG:3395", 10, 45),
        ("EPSG:32632", 10, 45),
        ("EPSG:3035", -8, 38),
        ("ESRI:54034", 10, 45),
        ("EPSG:2263", -74, 40.7),
        ("EPSG:5041", 20, 75),
    ],
)
def test_areas_are_those_on_the_ground(crs, lon, lat):
    grid = grid_at(crs, lon, lat)
    assert pixel_area(grid) * 3600 == pytest.approx(true_area(grid), rel=0.01)


def test_a_projection_that_distorts_by_less_than_a_percent_is_taken_as_it_is():
    assert pixel_area(grid_at("EPSG:32632", 7, 45)) == 9e-4
    assert meters_per_unit(grid_at("EPSG:32632", 7, 45)) == 1.0
    assert meters_per_unit(grid_at("EPSG:2263", -74, 40.7)) == pytest.approx(0.3048, rel=1e-5)


@pytest.mark.parametrize("lat", [0, 30, 45, -60])
def test_a_unit_of_web_mercator_is_shorter_away_from_the_equator(lat):
    grid = grid_at("EPSG:3857", 10, lat)
    assert meters_per_unit(grid) == pytest.approx(np.cos(np.radians(lat)), rel=0.01)


def test_cells_of_unlike_area_are_refused_with_the_system_to_take():
    large = grid_at("EPSG:3857", 10, 45, cell=3000)
    message = r"EPSG:3857, where a meter on the map is 0\.\d+ to 0\.\d+ m .* EPSG:32632"
    with pytest.raises(ValueError, match=message) as found:
        pixel_area(large)
    assert "\n" not in str(found.value)
    assert meters_per_unit(large) is None
    with pytest.raises(ValueError, match="reproject it, for instance to EPSG:32632"):
        sample_absences(
            as_stack(large, twi=np.zeros((60, 60))),
            pd.DataFrame({"x": [grid_center(large)[0]], "y": [grid_center(large)[1]]}),
            target=None,
            buffer=500,
        )


def grid_center(grid):
    return grid.to_xy(grid.height / 2, grid.width / 2)


def test_degrees_and_unknown_units_are_refused_and_local_meters_are_meters():
    with pytest.raises(ValueError, match=r"in degrees \(EPSG:4326\)"):
        pixel_area(grid_at("EPSG:4326", 10, 45, cell=1e-3))
    transform = Affine(10, 0, 500, 0, -10, 900)
    meters = rasterio.CRS.from_wkt(LOCAL.format("metre", 1))
    assert pixel_area(Grid(meters, transform, 5, 5)) == pytest.approx(1e-4)
    feet = rasterio.CRS.from_wkt(LOCAL.format("foot", 0.3048))
    assert pixel_area(Grid(feet, transform, 5, 5)) == pytest.approx(1e-4 * 0.3048**2)
    angles = rasterio.CRS.from_wkt(LOCAL.format("degree", 0.0174532925199433))
    with pytest.raises(ValueError, match="units that are not lengths"):
        pixel_area(Grid(angles, transform, 5, 5))


def test_a_local_system_in_meters_has_buffers_and_zones():
    grid = Grid(
        rasterio.CRS.from_wkt(LOCAL.format("metre", 1)), Affine(10, 0, 500, 0, -10, 900), 40, 40
    )
    stack = as_stack(grid, twi=np.arange(1600.0).reshape(40, 40) / 100)
    slide = pd.DataFrame({"x": [705.0], "y": [695.0]})
    absences = sample_absences(stack, slide, target=None, buffer=50, ratio=900, random_state=0)
    distances = np.hypot(absences.geometry.x - 705, absences.geometry.y - 695)
    assert distances.min() >= 50


@pytest.mark.parametrize("lat", [45, 60])
def test_a_buffer_is_in_meters_on_the_ground(lat):
    grid = grid_at("EPSG:3857", 10, lat, cell=40)
    stack = as_stack(grid, twi=np.zeros((60, 60)) + np.eye(60))
    x, y = grid_center(grid)
    slide = pd.DataFrame({"x": [x], "y": [y]})
    absences = sample_absences(stack, slide, target=None, buffer=500, ratio=1500, random_state=0)
    back = pyproj.Transformer.from_crs("EPSG:3857", "EPSG:4326", always_xy=True)
    lon, lat = back.transform(absences.geometry.x, absences.geometry.y)
    lon0, lat0 = back.transform(x, y)
    distances = GEOD.inv(lon, lat, np.full(len(lon), lon0), np.full(len(lat), lat0))[2]
    assert 495 < distances.min() < 540


def test_zones_have_their_area_on_the_ground():
    grid = grid_at("EPSG:3857", 10, 45)
    values = np.linspace(0, 1, 3600).reshape(60, 60)
    probability = as_stack(grid, susceptibility=values)["susceptibility"]
    zones = SusceptibilityZones("equal_interval").fit_transform(probability)
    total = true_area(grid)
    assert zone_table(zones, probability)["area_km2"].sum() == pytest.approx(total, rel=0.01)
    polygons = zone_polygons(zones, probability)
    assert polygons["area_km2"].sum() == pytest.approx(total, rel=0.01)
    assert total < 0.55 * 3600 * 9e-4


def test_distances_between_samples_are_those_on_the_ground():
    grid = grid_at("EPSG:3857", 10, 60)
    stack = as_stack(grid, twi=np.zeros((60, 60)) + np.eye(60))
    x, y = grid_center(grid)
    table = sample_stack(stack, pd.DataFrame({"x": [x, x + 600], "y": [y, y]}), target=None)
    assert table.coordinates["x"].tolist() == [x, x + 600]
    assert_allclose(nearest_neighbor_distances(table.coordinates), 300, rtol=0.01)
    assert table.coordinates.attrs["crs"] == "EPSG:3857"
    plain = grid_at("EPSG:32632", 10, 45)
    x, y = grid_center(plain)
    at = pd.DataFrame({"x": [x], "y": [y]})
    plain = as_stack(plain, twi=np.zeros((60, 60)) + np.eye(60))
    assert sample_stack(plain, at, target=None).coordinates.attrs == {}


def test_a_scale_bar_is_as_long_as_it_says():
    plotting = pytest.importorskip("sklearn_landslide.plotting")
    pytest.importorskip("matplotlib")
    grid = grid_at("EPSG:3857", 10, 60, cell=100)
    values = np.linspace(0, 1, 3600).reshape(60, 60)
    probability = as_stack(grid, susceptibility=values)["susceptibility"]
    zones = SusceptibilityZones("equal_interval").fit_transform(probability)
    display = plotting.SusceptibilityMapDisplay.from_maps(zones)
    assert display.meters_per_unit == pytest.approx(0.5, rel=0.01)
    display.plot()
    (bar,) = [artist for artist in display.ax_.get_children() if "SizeBar" in type(artist).__name__]
    # 6 km of the map are 3 km on the ground, a quarter of which is 500 m in round numbers.
    assert bar.txt_label.get_text() == "500 m"
    length = bar.size_bar.get_children()[0].get_width()
    assert length * display.meters_per_unit == pytest.approx(500)
    assert display.ax_.get_xlabel() == "Easting"


def test_a_map_in_degrees_or_with_unlike_meters_has_no_scale_bar():
    plotting = pytest.importorskip("sklearn_landslide.plotting")
    for crs, lat, cell, message in (
        ("EPSG:4326", 45, 1e-3, "The map is in degrees"),
        ("EPSG:3857", 45, 3000, "The length of a meter differs over the map"),
    ):
        grid = grid_at(crs, 10, lat, cell=cell)
        zones = as_stack(grid, zone=np.ones((60, 60)))["zone"].astype(np.uint8)
        with pytest.raises(ValueError, match=message):
            plotting.SusceptibilityMapDisplay.from_maps(zones.rio.write_crs(crs))


@pytest.mark.parametrize(
    ("crs", "lon", "lat", "zone"),
    [
        ("EPSG:4326", 73.3, 34.7, "EPSG:32643"),
        ("EPSG:3857", -79.1, -3.9, "EPSG:32717"),
        ("EPSG:4326", 179.99, 60, "EPSG:32660"),
        ("EPSG:4326", 182.0, -1, "EPSG:32701"),
        ("EPSG:2056", 8.2, 46.8, "EPSG:32632"),
        ("EPSG:3413", -45, 86, None),
    ],
)
def test_the_utm_zone_of_a_place_is_named(crs, lon, lat, zone):
    assert utm_zone(grid_at(crs, lon, lat, cell=1e-4 if crs == "EPSG:4326" else 30.0)) == zone
