"""A stack is cut to an area, by the centers of cells."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
import xarray as xr
from shapely import LineString, Polygon, box
from terrain.shapes import CRS, centers, grid, shapes

from sklearn_landslide.mapping import mask_stack, open_stack, sample_stack, write_stack


def a_stack(height, width, **options):
    like = grid(height, width)
    values = like + np.arange(1.0, height * width + 1).reshape(height, width)
    rock = (values % 3).assign_attrs(class_names={0: "marl", 1: "clay", 2: "tuff"})
    return open_stack({"relief": values, "rock": rock}, **options)


def kept(masked):
    found = [masked[name].notnull().to_numpy() for name in masked]
    for one in found[1:]:
        np.testing.assert_array_equal(one, found[0])
    return found[0].astype(int)


def test_cells_are_kept_by_their_center_and_keep_their_values():
    stack = a_stack(3, 4)
    masked = mask_stack(stack, shapes(box(4, -16, 26, 99)))
    np.testing.assert_array_equal(kept(masked), [[1, 1, 1, 0], [1, 1, 1, 0], [0, 0, 0, 0]])
    xr.testing.assert_equal(masked["relief"][:2, :3], stack["relief"][:2, :3])
    assert masked["rock"].attrs == stack["rock"].attrs
    assert masked["relief"].dtype == stack["relief"].dtype
    assert masked.attrs["mask"] == {
        "area": "the GeoSeries of area",
        "exclude": None,
        "n_kept": 6,
        "n_cells": 12,
    }


def test_what_is_excluded_is_left_out_of_the_area_or_of_all():
    lake = shapes(box(0, -10, 10, 0))
    masked = mask_stack(a_stack(2, 2), exclude=lake)
    np.testing.assert_array_equal(kept(masked), [[0, 1], [1, 1]])
    masked = mask_stack(a_stack(2, 2), shapes(box(0, -20, 10, 0)), exclude=lake)
    np.testing.assert_array_equal(kept(masked), [[0, 0], [1, 0]])
    assert masked.attrs["mask"]["n_kept"] == 1


@pytest.mark.parametrize("chunks", [13, 100, 4096])
def test_every_chunk_size_gives_the_same_bits(chunks):
    rng = np.random.default_rng(0)
    areas = [shapely.Point(*rng.uniform(0, 5400, 2) * [1, -0.1]).buffer(300) for _ in range(30)]
    stack = a_stack(50, 540, chunks=chunks)
    masked = mask_stack(stack, shapes(*areas[:25]), exclude=shapes(*areas[25:]))
    assert masked["relief"].chunks == stack["relief"].chunks
    by_hand = [shapely.intersects(centers(stack), one) for one in shapes(*areas)]
    expected = np.any(by_hand[:25], axis=0) & ~np.any(by_hand[25:], axis=0)
    np.testing.assert_array_equal(kept(masked).ravel(), expected)
    assert masked.attrs["mask"]["n_kept"] == expected.sum()


def test_files_in_another_crs_and_holes_are_read(tmp_path):
    hole = [(11, -19), (19, -19), (19, -11), (11, -11)]
    ring = Polygon([(0, 0), (30, 0), (30, -30), (0, -30)], [hole])
    path = tmp_path / "district.gpkg"
    shapes(ring).to_crs(4326).to_file(path)
    masked = mask_stack(a_stack(3, 4), path)
    np.testing.assert_array_equal(kept(masked), [[1, 1, 1, 0], [1, 0, 1, 0], [1, 1, 1, 0]])
    assert masked.attrs["mask"]["area"] == str(path)


def test_an_area_elsewhere_is_refused_with_both_places():
    with pytest.raises(
        ValueError, match=r"they lie at x 700500 to 700600 .* the raster at x 700000"
    ):
        mask_stack(a_stack(2, 2), shapes(box(500, -30, 600, 0)))


def test_nothing_left_is_refused():
    everything, one = shapes(box(-9, -99, 99, 9)), shapes(box(0, -10, 10, 0))
    with pytest.raises(ValueError, match=r"nothing is left: .* covers all 4 cells of the stack"):
        mask_stack(a_stack(2, 2), exclude=everything)
    with pytest.raises(ValueError, match="covers all 1 cell of the GeoSeries of area"):
        mask_stack(a_stack(2, 2), one, exclude=everything)
    with pytest.raises(ValueError, match=r"pass area=\.\.\. or exclude="):
        mask_stack(a_stack(2, 2))


def test_an_exclusion_elsewhere_is_said():
    with pytest.warns(UserWarning, match="so nothing is excluded: they lie at"):
        masked = mask_stack(a_stack(2, 2), exclude=shapes(box(500, -30, 600, 0)))
    assert kept(masked).all()


def test_no_crs_and_no_polygons_are_refused():
    area = shapes(box(0, -10, 10, 0), crs=None)
    with pytest.raises(ValueError, match="states no CRS: pass crs="):
        mask_stack(a_stack(2, 2), area)
    assert mask_stack(a_stack(2, 2), area, crs=CRS).attrs["mask"]["n_kept"] == 1
    with pytest.raises(ValueError, match="has no polygons but shapes of the kind 'LineString'"):
        mask_stack(a_stack(2, 2), shapes(LineString([(0, 0), (9, 9)])))
    with pytest.raises(TypeError, match="stack must be what open_stack returns"):
        mask_stack(grid(2, 2), area)


def test_masked_cells_are_not_sampled_and_the_mask_stays_in_a_file(tmp_path):
    masked = mask_stack(a_stack(2, 2), shapes(box(0, -20, 10, 0)))
    places = gpd.GeoDataFrame(
        {"landslide": [1, 1]}, geometry=shapes(shapely.Point(5, -5), shapely.Point(15, -5))
    )
    with pytest.warns(UserWarning, match=r"1 of 2 samples .* outside the area, or nodata"):
        table = sample_stack(masked, places)
    assert table.X["relief"].tolist() == [1.0]
    found = open_stack(write_stack(masked, tmp_path / "masked.tif"))
    assert found.attrs == masked.attrs
    np.testing.assert_array_equal(kept(found), kept(masked))
