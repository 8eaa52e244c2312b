import os

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from sklearn_landslide.mapping import (
    SusceptibilityZones,
    write_zone_polygons,
    zone_polygons,
    zone_table,
)

xarray = pytest.importorskip("xarray", reason="needs the extra map")
pytest.importorskip("rioxarray", reason="needs the extra map")
geopandas = pytest.importorskip("geopandas", reason="needs the extra map")
shapely = pytest.importorskip("shapely", reason="needs the extra map")


def raster(values, cell=1000.0):
    values = np.asarray(values)
    rows, columns = values.shape
    coordinates = {
        "y": (rows - np.arange(rows) - 0.5) * cell,
        "x": (np.arange(columns) + 0.5) * cell,
    }
    return xarray.DataArray(values, coordinates, ["y", "x"]).rio.write_crs("EPSG:32717")


def half():
    return SusceptibilityZones("equal_interval", 2).fit([0.0, 1.0])


@pytest.fixture(scope="module")
def maps():
    values = np.random.default_rng(0).random((30, 40))
    values[:5, :7] = np.nan
    probability = raster(values, cell=100.0)
    return half().transform(probability), probability


def test_patches_and_what_is_told_of_them_are_those_counted_by_hand():
    # High in two corners that touch at a point only, which does not join them.
    probability = raster([[0.9, 0.1, np.nan], [0.2, 0.7, 0.8]])
    polygons = zone_polygons(half().transform(probability), probability, [[1500, 500], [2500, 400]])
    assert polygons["zone"].tolist() == [1, 1, 2, 2]
    assert polygons["name"].tolist() == ["low", "low", "high", "high"]
    assert_allclose(polygons["area_km2"], [1, 1, 1, 2])
    assert_allclose(polygons["mean_probability"], [0.1, 0.2, 0.9, 0.75])
    assert polygons["landslides"].tolist() == [0, 0, 0, 2]
    assert_allclose(polygons["density_per_km2"], [0, 0, 0, 1])
    assert polygons.geometry.iloc[3].equals(shapely.box(1000, 0, 3000, 1000))
    assert polygons.crs.to_epsg() == 32717


@pytest.mark.parametrize("dissolve", [False, True])
@pytest.mark.parametrize("min_pixels", [1, 4])
def test_polygons_cover_the_map_once_and_leave_nodata_out(maps, dissolve, min_pixels):
    zones, probability = maps
    polygons = zone_polygons(zones, probability, dissolve=dissolve, min_pixels=min_pixels)
    assert polygons.is_valid.all()
    assert_allclose(polygons.area / 1e6, polygons["area_km2"])
    covered = shapely.union_all(polygons.geometry)
    assert_allclose(covered.area, polygons.area.sum())
    valid = [
        shapely.box(x - 50, y - 50, x + 50, y + 50)
        for y, row in zip(zones["y"].values, zones.values, strict=True)
        for x, zone in zip(zones["x"].values, row, strict=True)
        if zone
    ]
    assert covered.equals(shapely.union_all(valid))
    total = np.average(polygons["mean_probability"], weights=polygons["area_km2"])
    assert_allclose(total, np.nanmean(probability))


def test_dissolved_polygons_tell_what_the_table_tells(maps):
    points = np.random.default_rng(1).uniform([800, 0], [4000, 2000], (25, 2))
    polygons = zone_polygons(*maps, points, dissolve=True)
    table = zone_table(*maps, points)
    assert polygons["zone"].tolist() == table.index.tolist()
    for name in ("area_km2", "mean_probability", "landslides", "density_per_km2"):
        assert_allclose(polygons[name], table[name])


def test_every_pixel_lies_in_a_polygon_of_its_zone(maps):
    zones, probability = maps
    polygons = zone_polygons(zones, probability)
    y, x = np.meshgrid(zones["y"], zones["x"], indexing="ij")
    centers = geopandas.GeoDataFrame(
        {"pixel": zones.values.ravel()},
        geometry=geopandas.points_from_xy(x.ravel(), y.ravel()),
        crs=polygons.crs,
    )
    found = centers[centers["pixel"] > 0].sjoin(polygons, predicate="within")
    assert len(found) == int((zones > 0).sum())
    assert_array_equal(found["pixel"], found["zone"])


def test_specks_go_to_their_neighbor():
    values = np.full((5, 5), 0.1)
    values[2, 2] = 0.9
    probability = raster(values)
    assert len(zone_polygons(half().transform(probability), probability)) == 2
    polygons = zone_polygons(half().transform(probability), probability, min_pixels=2)
    assert polygons["zone"].tolist() == [1]
    assert_allclose(polygons["area_km2"], 25)
    # The pixel is in the polygon, and so is its probability.
    assert_allclose(polygons["mean_probability"], (24 * 0.1 + 0.9) / 25)


def test_written_polygons_come_back(maps, tmp_path):
    polygons = zone_polygons(*maps, [[2000, 100]])
    write_zone_polygons(polygons, tmp_path / "zones.gpkg")
    again = geopandas.read_file(tmp_path / "zones.gpkg", layer="zones")
    assert again.crs == polygons.crs
    assert list(again.columns) == list(polygons.columns)
    assert_allclose(again["mean_probability"], polygons["mean_probability"])
    assert shapely.equals(again.geometry.to_numpy(), polygons.geometry.to_numpy()).all()
    assert os.listdir(tmp_path) == ["zones.gpkg"]


def test_a_file_that_is_there_is_kept_unless_told_otherwise(maps, tmp_path):
    path = tmp_path / "zones.gpkg"
    path.write_text("old")
    polygons = zone_polygons(*maps, dissolve=True)
    with pytest.raises(ValueError, match="overwrite=True"):
        write_zone_polygons(polygons, path)
    assert path.read_text() == "old"
    write_zone_polygons(polygons, path, overwrite=True)
    assert len(geopandas.read_file(path, layer="zones")) == 2


def test_a_write_that_fails_leaves_nothing(maps, tmp_path):
    polygons = zone_polygons(*maps, dissolve=True)
    # The second row breaks a rule of the table, when the file is there already.
    polygons["fid"] = [1, 1]
    with pytest.raises(RuntimeError, match="UNIQUE constraint"):
        write_zone_polygons(polygons, tmp_path / "zones.gpkg")
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    ("options", "message"),
    [({"min_pixels": 0}, "min_pixels=0"), ({"inventory": [[1, 2, 3]]}, r"shape \(1, 3\)")],
    ids=["min_pixels", "inventory"],
)
def test_wrong_options_are_refused(maps, options, message):
    with pytest.raises(ValueError, match=message):
        zone_polygons(*maps, **options)


def test_other_endings_and_empty_maps_are_refused(maps, tmp_path):
    zones, probability = maps
    with pytest.raises(ValueError, match=r"zones\.shp must end in \.gpkg"):
        write_zone_polygons(None, tmp_path / "zones.shp")
    with pytest.raises(ValueError, match="every pixel is nodata"):
        zone_polygons(zones * np.uint8(0), probability)
