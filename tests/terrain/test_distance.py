"""Distances to lines, polygons and points, to the shapes themselves and in meters."""

import pickle

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely
import xarray as xr
from shapely import GeometryCollection, LineString, MultiLineString, Point, Polygon, box
from terrain.shapes import CRS, centers, grid, shapes

from sklearn_landslide.mapping import open_stack
from sklearn_landslide.terrain import distance_to


def test_the_distance_to_a_line_is_measured_from_the_centers_of_cells():
    # A line along x = 12, which is in the second column, from the top to below the raster.
    found = distance_to(shapes(LineString([(12, 0), (12, -99)])), grid(2, 4)).to_numpy()
    np.testing.assert_array_equal(found, [[7, 3, 13, 23], [7, 3, 13, 23]])


def test_behind_the_end_of_a_line_its_last_point_is_the_nearest():
    found = distance_to(shapes(LineString([(-100, -5), (2, -9)])), grid(1, 1)).to_numpy()
    assert found[0, 0] == pytest.approx(5.0)  # 3 in x and 4 in y


def test_points_and_lines_may_be_mixed_and_nested():
    point, line = Point(5, -5), LineString([(65, 0), (65, -10)])
    nested = GeometryCollection([GeometryCollection([point]), MultiLineString([line])])
    found = distance_to(shapes(nested), grid(1, 7)).to_numpy()
    np.testing.assert_allclose(found, [[0, 10, 20, 30, 20, 10, 0]])


def test_a_polygon_is_near_from_its_edge_and_zero_inside_but_not_in_its_hole():
    hole = [(30, -10), (40, -10), (40, 0), (30, 0)]
    area = Polygon([(10, -20), (60, -20), (60, 10), (10, 10)], [hole])
    found = distance_to(shapes(area), grid(1, 8)).to_numpy()
    np.testing.assert_allclose(found, [[5, 0, 0, 5, 0, 0, 5, 15]])


def test_a_line_beyond_the_edge_counts():
    near, far = LineString([(0, 25), (40, 25)]), LineString([(0, -500), (40, -500)])
    found = distance_to(shapes(far, near), grid(2, 2)).to_numpy()
    np.testing.assert_allclose(found, [[30, 30], [40, 40]])


def test_the_facts_of_the_factor_are_noted_and_enter_a_stack():
    found = distance_to(shapes(Point(0, 0)), grid(2, 2), name="to_fault")
    assert found.name == "to_fault" and found.dtype == np.float32
    assert found.attrs["units"] == "m" and "distance" in found.attrs["long_name"]
    assert "center of a cell" in found.attrs["method"]
    assert found.rio.crs.to_epsg() == 32717
    assert list(open_stack({"to_fault": found})) == ["to_fault"]


@pytest.mark.parametrize("chunks", [13, 64, 4096])
def test_every_chunk_size_gives_the_same_bits(chunks):
    rng = np.random.default_rng(0)
    lines = [LineString(rng.uniform(-2000, 12_000, (9, 2)) * [1, -1]) for _ in range(12)]
    areas = [Point(*rng.uniform(0, 9000, 2) * [1, -1]).buffer(400) for _ in range(4)]
    given, like = shapes(*lines, *areas), grid(30, 540, 17.3)
    found = distance_to(given, like, chunks=chunks)
    assert max(found.data.chunksize) <= chunks
    assert found.to_numpy().tobytes() == distance_to(given, like).to_numpy().tobytes()
    # A part of the raster by itself begins its tiles elsewhere.
    part = distance_to(given, like[5:20, 505:530]).to_numpy()
    np.testing.assert_allclose(part, found[5:20, 505:530], rtol=1e-6)


def test_another_process_finds_the_same_bits():
    given, like = shapes(LineString([(12, 0), (12, -99)]), box(30, -99, 60, -33)), grid(9, 9)
    found = distance_to(given, like)
    expected = found.compute(scheduler="synchronous").to_numpy()
    assert pickle.loads(pickle.dumps(found)).to_numpy().tobytes() == expected.tobytes()


def test_the_nearest_of_many_shapes_is_that_of_a_search_through_all():
    rng = np.random.default_rng(1)
    lines = [LineString(rng.uniform(-300, 700, (4, 2)) * [1, -1]) for _ in range(9)]
    areas = [Point(*rng.uniform(0, 400, 2) * [1, -1]).buffer(30) for _ in range(3)]
    given, like = shapes(*lines, *areas), grid(40, 40)
    brute = np.min([shapely.distance(centers(like), one) for one in given], axis=0)
    found = distance_to(given, like).to_numpy().ravel()
    np.testing.assert_allclose(found, brute, rtol=1e-6, atol=1e-6)


def test_lines_of_another_crs_are_brought_into_that_of_the_raster():
    given, like = shapes(LineString([(-50, 30), (70, -90)])), grid(6, 6)
    expected = distance_to(given, like).to_numpy()
    found = distance_to(given.to_crs("EPSG:4326"), like).to_numpy()
    np.testing.assert_allclose(found, expected, atol=1e-3)


def test_lines_that_state_no_crs_are_refused_until_it_is_said():
    given, like = shapes(LineString([(12, 0), (12, -99)]), crs=None), grid(2, 4)
    with pytest.raises(ValueError, match=r"states no CRS: pass crs='EPSG:\.\.\.'"):
        distance_to(given, like)
    np.testing.assert_array_equal(distance_to(given, like, crs=CRS).to_numpy()[0], [7, 3, 13, 23])


def test_another_crs_than_the_stated_one_is_refused():
    with pytest.raises(ValueError, match="states EPSG:32717: leave it out"):
        distance_to(shapes(Point(0, 0)), grid(2, 2), crs=4326)


def test_rows_without_a_place_are_left_out_and_named():
    given = shapes(None, LineString([(12, 0), (12, -99)]), LineString(), Point(np.nan, 1))
    with pytest.warns(UserWarning, match="3 rows of 4 left out, 2 without geometry .at position 0"):
        found = distance_to(given, grid(1, 2))
    np.testing.assert_array_equal(found.to_numpy(), [[7, 3]])


def test_shapes_that_are_all_empty_are_refused():
    with pytest.raises(ValueError, match="no shape that is a place: 2 without geometry"):
        distance_to(shapes(None, Point()), grid(2, 2))
    with pytest.raises(ValueError, match="has no rows"):
        distance_to(shapes(), grid(2, 2))


def test_a_polygon_that_crosses_itself_is_made_valid_with_a_warning():
    bow = Polygon([(0, 0), (40, -40), (40, 0), (0, -40)])
    with pytest.warns(UserWarning, match=r"1 polygon made valid .* at position 0"):
        found = distance_to(shapes(bow), grid(4, 4)).to_numpy()
    # Two triangles, left and right of the middle.
    edge, middle = [1, 0, 0, 1], [1, 1, 1, 1]
    np.testing.assert_array_equal(found == 0, np.array([edge, middle, middle, edge]))


def test_a_line_of_one_point_is_that_point():
    found = distance_to(shapes(LineString([(5, -5), (5, -5)])), grid(1, 2)).to_numpy()
    np.testing.assert_array_equal(found, [[0, 10]])


def test_degrees_are_refused_and_feet_become_meters():
    with pytest.raises(ValueError, match=r"in degrees.*reproject it to meters"):
        distance_to(shapes(Point(0, 0)), grid(2, 2, 0.1, crs="EPSG:4326", left=10, top=40))
    # California zone 5, in feet of the survey.
    like = grid(1, 2, crs="EPSG:2229", left=6_500_000.0, top=1_900_000.0)
    point = shapes(Point(5, -5), crs="EPSG:2229", left=6_500_000.0, top=1_900_000.0)
    found = distance_to(point, like).to_numpy()
    np.testing.assert_allclose(found, [[0, 10 * 1200 / 3937]], rtol=1e-6)


def test_web_mercator_gives_true_meters_of_a_small_region_and_none_of_a_large_one():
    place = {"left": 8_150_000.0, "top": 4_110_000.0, "crs": 3857}
    like = grid(2, 40, **place)
    found = distance_to(shapes(Point(5, -5), **place), like).to_numpy()[0, 39]
    ends = gpd.GeoSeries(gpd.points_from_xy(like["x"][[0, 39]], [like["y"][0]] * 2), crs=3857)
    (x0, x1), (y0, y1) = ends.to_crs(4326).x, ends.to_crs(4326).y
    true = import_geod().inv(x0, y0, x1, y1)[2]
    assert true < 0.9 * 390
    # The scale is one for all directions, the ellipsoid's is not: within half a percent.
    assert found == pytest.approx(true, rel=5e-3)
    with pytest.raises(ValueError, match="a meter on the map is"):
        distance_to(shapes(Point(5, -5), **place), grid(400, 400, 2000.0, **place))


def import_geod():
    from pyproj import Geod

    return Geod(ellps="WGS84")


def test_what_is_no_shape_or_no_raster_is_named(tmp_path):
    given, like = shapes(Point(0, 0)), grid(2, 2)
    with pytest.raises(TypeError, match="lines are a file or a GeoDataFrame, got int"):
        distance_to(3, like)
    with pytest.raises(TypeError, match="like is a stack of open_stack"):
        distance_to(given, 3)
    with pytest.raises(ValueError, match="like has no CRS"):
        distance_to(given, like.drop_vars("spatial_ref"))
    table = tmp_path / "table.csv"
    pd.DataFrame({"x": [1.0], "y": [2.0]}).to_csv(table, index=False)
    with pytest.raises(ValueError, match="is a table without shapes"):
        distance_to(table, like)
    with pytest.raises(FileNotFoundError, match="No such file"):
        distance_to(tmp_path / "faults.gpkg", like)


@pytest.mark.parametrize("suffix", ["gpkg", "geojson", "shp", "parquet"])
def test_files_of_lines_are_read_like_inventories(tmp_path, suffix):
    given, like = shapes(LineString([(12, 0), (12, -99)])), grid(2, 4)
    path = tmp_path / f"faults.{suffix}"
    frame = gpd.GeoDataFrame({"kind": ["thrust"]}, geometry=given)
    frame.to_parquet(path) if suffix == "parquet" else frame.to_file(path)
    found = distance_to(path, like)
    assert found.attrs["long_name"] == "distance to the nearest of faults"
    np.testing.assert_allclose(found.to_numpy()[0], [7, 3, 13, 23], atol=1e-3)


def test_a_file_and_a_stack_give_the_grid(tmp_path):
    like, given = grid(3, 4), shapes(Point(0, 0))
    path = tmp_path / "like.tif"
    like.rio.to_raster(path)
    expected = distance_to(given, like)
    for other in (path, str(path), open_stack({"a": like + 1}), like.expand_dims("band")):
        xr.testing.assert_identical(distance_to(given, other).compute(), expected.compute())


def test_distances_to_the_faults_of_kaghan_are_those_of_a_search_through_all(real_data):
    faults = real_data / "kaghan" / "Confirmed_faults.shp"
    elevation = real_data / "kaghan" / "elevation_aw3d30.tif"
    found = distance_to(faults, elevation)
    some = found[::53, ::47].compute()
    lines = gpd.read_file(faults).geometry
    brute = np.min([shapely.distance(centers(some), line) for line in lines], axis=0)
    np.testing.assert_allclose(some.to_numpy().ravel(), brute, rtol=1e-6)
    with rasterio.open(elevation) as file:
        assert found.shape == file.shape and found.rio.transform() == file.transform
