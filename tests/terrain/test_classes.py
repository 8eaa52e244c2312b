"""Polygons of classes become codes whose names travel with them."""

import geopandas as gpd
import numpy as np
import pytest
import rioxarray
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, MultiPolygon, Polygon, box
from terrain.shapes import CRS, centers, grid, shapes

from sklearn_landslide.mapping import open_stack
from sklearn_landslide.terrain import rasterize_classes


def units(names, *geometry, crs=CRS):
    return gpd.GeoDataFrame({"unit": names}, geometry=shapes(*geometry, crs=crs))


LEFT, RIGHT = box(0, -30, 20, 0), box(20, -30, 40, 0)


def test_a_cell_has_the_class_of_the_polygon_that_holds_its_center():
    found = rasterize_classes(
        units(["marl", "granite"], LEFT, box(24, -16, 99, 0)), "unit", grid(3, 4)
    )
    nan = np.nan
    np.testing.assert_array_equal(found, [[2, 2, 1, 1], [2, 2, 1, 1], [2, 2, nan, nan]])
    assert found.attrs["class_names"] == {1: "granite", 2: "marl"}
    assert found.attrs["categorical"] is True
    assert found.attrs["long_name"] == "unit of polygons" and "smallest" in found.attrs["method"]
    assert (found.name, found.dtype) == ("unit", np.float32)


def test_codes_do_not_depend_on_the_order_of_the_rows():
    frame = units(["b", "c", "a", "b"], LEFT, RIGHT, box(0, -60, 40, -30), box(5, -40, 15, -20))
    with pytest.warns(UserWarning, match="several classes"):
        expected = rasterize_classes(frame, "unit", grid(6, 4))
    with pytest.warns(UserWarning, match="several classes"):
        found = rasterize_classes(frame.iloc[::-1], "unit", grid(6, 4))
    np.testing.assert_array_equal(found, expected)
    assert found.attrs["class_names"] == {1: "a", 2: "b", 3: "c"} == expected.attrs["class_names"]


def test_numbers_are_names_sorted_by_value():
    frame = units([10, 9], LEFT, RIGHT)
    found = rasterize_classes(frame, "unit", grid(1, 4))
    assert found.attrs["class_names"] == {1: "9", 2: "10"}
    np.testing.assert_array_equal(found, [[2, 2, 1, 1]])
    floats = rasterize_classes(units([10.0, 9.0], LEFT, RIGHT), "unit", grid(1, 4))
    assert floats.attrs["class_names"] == found.attrs["class_names"]


@pytest.mark.parametrize("lens_first", [True, False])
def test_where_polygons_overlap_the_smallest_counts_and_the_share_is_said(lens_first):
    lens = box(10, -20, 30, -10)
    frame = units(["rock", "lens"], box(0, -30, 40, 0), lens)
    with pytest.warns(UserWarning, match=r"2 of 12 cells \(0.17\) lie in polygons of several"):
        found = rasterize_classes(frame.iloc[::-1] if lens_first else frame, "unit", grid(3, 4))
    np.testing.assert_array_equal(found == 1, [[0, 0, 0, 0], [0, 1, 1, 0], [0, 0, 0, 0]])


def test_overlaps_of_one_class_are_none():
    found = rasterize_classes(units(["rock", "rock"], LEFT, box(0, -30, 40, 0)), "unit", grid(3, 4))
    assert (found == 1).all()


def test_of_two_polygons_of_one_size_the_lower_code_counts():
    for names in (["a", "b"], ["b", "a"]):
        with pytest.warns(UserWarning, match="several classes"):
            found = rasterize_classes(units(names, LEFT, LEFT), "unit", grid(3, 4))
        assert found.attrs["class_names"][int(found[0, 0])] == "a"


def test_missing_values_are_nan_with_a_warning():
    frame = units(["marl", None, " "], LEFT, RIGHT, box(0, -40, 40, -30))
    with pytest.warns(UserWarning, match="2 of 3 polygons of .* have no value in 'unit'"):
        found = rasterize_classes(frame, "unit", grid(4, 4))
    assert found.attrs["class_names"] == {1: "marl"}
    assert int(found.isnull().sum()) == 10
    with pytest.raises(ValueError, match=r"'unit' of .* has no value"):
        rasterize_classes(units([None, ""], LEFT, RIGHT), "unit", grid(4, 4))


def test_a_column_that_is_missing_is_refused_with_the_nearest_name():
    with pytest.raises(ValueError, match=r"no column 'units'. Did you mean 'unit'\?"):
        rasterize_classes(units(["a"], LEFT), "units", grid(3, 4))


def test_polygons_that_cross_themselves_are_made_valid():
    bow = Polygon([(0, 2), (40, -42), (40, 2), (0, -42)])
    with pytest.warns(UserWarning, match="1 polygon made valid"):
        found = rasterize_classes(units(["a"], bow), "unit", grid(4, 4))
    assert found[0].isnull().to_numpy().tolist() == [False, True, True, False]


def test_what_has_no_area_is_left_out_with_a_warning():
    frame = units(["a", "b"], LEFT, LineString([(0, 0), (9, 9)]))
    with pytest.warns(UserWarning, match="1 of 2 rows .* are not polygons"):
        found = rasterize_classes(frame, "unit", grid(3, 4))
    assert set(np.unique(found)[:1]) == {1}
    with pytest.raises(ValueError, match="no polygons but shapes of the kind 'LineString'"):
        rasterize_classes(frame.iloc[1:], "unit", grid(3, 4))


def test_polygons_elsewhere_are_refused_with_both_places():
    with pytest.raises(ValueError, match=r"no polygon .* they lie at x 700900 to .* the raster at"):
        rasterize_classes(units(["a"], box(900, -30, 920, 0)), "unit", grid(3, 4))


def test_parts_of_a_multipolygon_and_another_crs_are_one_class():
    frame = units(["a"], MultiPolygon([box(0, -10, 9, 0), box(31, -10, 40, 0)])).to_crs(4326)
    found = rasterize_classes(frame, "unit", grid(1, 4))
    np.testing.assert_array_equal(found, [[1, np.nan, np.nan, 1]])


def test_polygons_without_crs_are_refused_until_it_is_said():
    frame = units(["a"], LEFT, crs=None)
    with pytest.raises(ValueError, match="states no CRS: pass crs="):
        rasterize_classes(frame, "unit", grid(3, 4))
    assert (rasterize_classes(frame, "unit", grid(3, 2), crs=CRS) == 1).all()


@pytest.mark.parametrize("chunks", [9, 100, 5000])
def test_every_chunk_size_gives_the_same_bits(chunks):
    rng = np.random.default_rng(0)
    areas = [shapely.Point(*rng.uniform(0, 9000, 2) * [1, -0.1]).buffer(700) for _ in range(30)]
    frame = units([f"u{number % 5}" for number in range(30)], *areas)
    like = grid(50, 540, 17.3)
    with pytest.warns(UserWarning, match="several classes"):
        found = rasterize_classes(frame, "unit", like, chunks=chunks)
    with pytest.warns(UserWarning, match="several classes"):
        expected = rasterize_classes(frame, "unit", like)
    assert max(found.data.chunksize) <= chunks
    assert found.to_numpy().tobytes() == expected.to_numpy().tobytes()


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(*[st.integers(-3, 43)] * 4), min_size=1, max_size=6))
def test_the_class_is_that_of_a_search_through_all_polygons(boxes):
    # Half a meter off, so that no center is on an edge.
    areas = [
        box(min(a, c) + 0.5, -max(b, d) - 1.5, max(a, c) + 1.5, -min(b, d) - 0.5)
        for a, b, c, d in boxes
    ]
    like = grid(4, 4)
    frame = units([f"u{number}" for number in range(len(areas))], *areas)
    inside = np.array([shapely.covers(area, centers(like)) for area in frame.geometry])
    sizes = np.where(inside, frame.area.to_numpy()[:, None].round(6), np.inf)
    expected = np.where(inside.any(axis=0), sizes.argmin(axis=0) + 1, np.nan)
    if not inside.any():
        with pytest.raises(ValueError, match="holds the center of a cell"):
            rasterize_classes(frame, "unit", like)
        return
    if (inside.sum(axis=0) > 1).any():
        with pytest.warns(UserWarning, match="several classes"):
            found = rasterize_classes(frame, "unit", like)
    else:
        found = rasterize_classes(frame, "unit", like)
    np.testing.assert_array_equal(found.to_numpy().ravel(), expected)


def test_classes_enter_a_stack_as_categories():
    found = rasterize_classes(units(["a", "b"], LEFT, RIGHT), "unit", grid(3, 4))
    assert open_stack({"unit": found})["unit"].attrs["categorical"]


# An old dask looks into every module that is loaded, this one of shapely among them.
@pytest.mark.filterwarnings("ignore:The 'shapely.geos' module:DeprecationWarning")
def test_the_geology_of_kaghan_becomes_the_raster_that_was_made_of_it(real_data):
    folder = real_data / "kaghan"
    with pytest.warns(UserWarning, match="1 polygon made valid"):
        found = rasterize_classes(folder / "Geology.shp", "unit", folder / "elevation_aw3d30.tif")
    numbers = np.array([np.nan, *map(float, found.attrs["class_names"].values())])
    reference = rioxarray.open_rasterio(folder / "Geology.tif").squeeze()
    np.testing.assert_array_equal(numbers[found.to_numpy().astype(int)], reference.to_numpy())
