"""Small patches join the zone around them: which one, in which order, and what stays as it is."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_array_equal
from scipy import ndimage

from sklearn_landslide.mapping import (
    SusceptibilityZones,
    merge_small_patches,
    write_zone_polygons,
    zone_polygons,
    zone_table,
)
from sklearn_landslide.mapping._zones._merging import merged, patches_of

xarray = pytest.importorskip("xarray", reason="needs the extra map")
pytest.importorskip("rioxarray", reason="needs the extra map")


def raster(values, width=10.0, height=10.0):
    values = np.asarray(values)
    rows, columns = values.shape
    coordinates = {
        "y": (rows - np.arange(rows) - 0.5) * height,
        "x": (np.arange(columns) + 0.5) * width,
    }
    return xarray.DataArray(values, coordinates, ["y", "x"]).rio.write_crs("EPSG:32717")


def grid(text):
    return np.array([[int(one) for one in line] for line in text.split()], dtype=np.uint8)


@pytest.mark.parametrize(
    ("before", "after", "min_pixels"),
    [
        # The 3 shares three edges with zone 1 and one with zone 2, which is larger.
        (
            "111222 131222 112222 222222 222222 222222",
            "111222 111222 112222 222222 222222 222222",
            2,
        ),
        # Two edges with each: zone 3 is nearer to 5 than zone 1.
        (
            "111333 111333 115333 111333 111333 111333",
            "111333 111333 111333 111333 111333 111333",
            2,
        ),
        (
            "111333 111333 115533 111333 111333 111333",
            "111333 111333 113333 111333 111333 111333",
            3,
        ),
        # As near and as long: the higher zone, the safe side.
        (
            "111333 111333 112233 111333 111333 111333",
            "111333 111333 113333 111333 111333 111333",
            3,
        ),
        # Touching at corners is not a patch of two.
        (
            "111111 121111 112111 111111 111111 111111",
            "111111 111111 111111 111111 111111 111111",
            2,
        ),
        # Nodata is not a neighbor, and is not filled; what it encloses stays.
        (
            "111000 110003 100000 000440 200400 000000",
            "111000 110003 100000 000440 200400 000000",
            6,
        ),
        # The 2s become one patch once the 4 has joined them, and stay.
        (
            "111111 122111 114111 122111 111111 111111",
            "111111 122111 112111 122111 111111 111111",
            5,
        ),
    ],
    ids=["longest", "counted", "nearest", "higher", "corners", "enclosed", "bridge"],
)
def test_grids_merged_by_hand(before, after, min_pixels):
    assert_array_equal(merged(grid(before), min_pixels), grid(after))


def test_the_border_is_measured_in_meters_where_cells_are_no_squares():
    # The speck has two edges with each zone: above and below 1, left and right 2.
    zones = grid("111111 111111 223222 111111 111111 111111")
    wide, tall = raster(zones, width=30.0), raster(zones, height=30.0)
    assert merge_small_patches(wide, 301).to_numpy()[2, 2] == 1
    assert merge_small_patches(tall, 301).to_numpy()[2, 2] == 2


def test_an_area_is_that_of_pixels_and_one_of_just_this_size_stays():
    zones = grid("111111 122111 111311 111111 111111 111111")
    cell = 28.55
    area = cell * cell
    for share, patches in ((1.0, 3), (1.001, 2), (2.0, 2), (2.001, 1)):
        found = merge_small_patches(raster(zones, cell, cell), share * area * 0.999_999_999_9)
        assert len(np.unique(found)) == patches


maps = arrays(np.uint8, st.tuples(st.integers(1, 9), st.integers(1, 9)), elements=st.integers(0, 4))


@settings(max_examples=300, deadline=None)
@given(values=maps, min_pixels=st.integers(1, 12))
def test_no_small_patch_is_left_with_a_neighbor_and_nodata_stays(values, min_pixels):
    before = values.copy()
    found = merged(values, min_pixels)
    assert_array_equal(values, before)
    assert_array_equal(found == 0, values == 0)
    assert set(np.unique(found)) <= set(np.unique(values))
    labels = patches_of(found)
    islands, _ = ndimage.label(values > 0)
    for label in range(1, labels.max() + 1):
        here = labels == label
        if here.sum() < min_pixels:
            # All that its island has.
            assert here.sum() == (islands == islands[here][0]).sum()
    # What was large before did not lose a pixel.
    old = patches_of(values)
    for label in range(1, old.max() + 1):
        here = old == label
        if here.sum() >= min_pixels:
            assert_array_equal(found[here], values[here])
    assert_array_equal(merged(found, min_pixels), found)


@settings(max_examples=60, deadline=None)
@given(values=maps.filter(lambda values: values.any()), min_pixels=st.integers(1, 12))
def test_patches_are_numbered_as_they_join_along_edges(values, min_pixels):
    labels = patches_of(values)
    assert_array_equal(labels == 0, values == 0)
    for label in range(1, labels.max() + 1):
        here = labels == label
        assert len(np.unique(values[here])) == 1
        assert ndimage.label(here)[1] == 1


def slow(values, min_pixels):
    """The rule, one patch at a time, on the pixels themselves."""
    values = values.copy()
    while True:
        labels = patches_of(values)
        first = {}
        for position, label in enumerate(labels.ravel().tolist()):
            first.setdefault(label, position)
        sizes = np.bincount(labels.ravel())
        for label in sorted(set(first) - {0}, key=lambda one: (sizes[one], first[one])):
            here = labels == label
            if sizes[label] >= min_pixels:
                return values
            border, own = {}, int(values[here][0])
            for row, column in zip(*np.nonzero(here), strict=True):
                for down, right in ((1, 0), (-1, 0), (0, 1), (0, -1)):
                    r, c = row + down, column + right
                    if (
                        0 <= r < len(values)
                        and 0 <= c < values.shape[1]
                        and values[r, c] not in (0, own)
                    ):
                        zone = int(values[r, c])
                        border[zone] = border.get(zone, 0) + 1
            if border:
                zone = max(border, key=lambda z: (border[z], -abs(z - own), z))
                values[here] = zone
                break
        else:
            return values


@settings(max_examples=200, deadline=None)
@given(values=maps, min_pixels=st.integers(1, 10))
def test_merging_patches_is_what_merging_pixels_one_patch_at_a_time_gives(values, min_pixels):
    assert_array_equal(merged(values, min_pixels), slow(values, min_pixels))


@pytest.fixture(scope="module")
def speckled():
    """Probabilities of a smooth slope with noise in every pixel."""
    rng = np.random.default_rng(0)
    smooth = ndimage.gaussian_filter(rng.normal(size=(150, 200)), 12)
    smooth = (smooth - smooth.min()) / np.ptp(smooth)
    values = np.clip(0.9 * smooth + rng.normal(0, 0.04, smooth.shape) + 0.05, 0, 1)
    values[:20, :30] = np.nan
    return raster(values)


def test_a_speckled_map_has_fewer_polygons_in_a_smaller_file_and_the_same_area(speckled, tmp_path):
    zones = SusceptibilityZones("equal_interval", 5).fit_transform(speckled)
    fewer = merge_small_patches(zones, 2_000.0)
    sizes, tables = [], []
    for name, one in (("before", zones), ("after", fewer)):
        polygons = zone_polygons(one, speckled)
        write_zone_polygons(polygons, tmp_path / f"{name}.gpkg")
        sizes.append((len(polygons), (tmp_path / f"{name}.gpkg").stat().st_size))
        tables.append(zone_table(one, speckled))
        assert polygons["area_km2"].sum() == pytest.approx(tables[-1]["area_km2"].sum())
    (n_before, bytes_before), (n_after, bytes_after) = sizes
    assert n_after < n_before / 20
    assert bytes_after < bytes_before / 4
    assert polygons["area_km2"].min() >= 2_000 / 1e6 - 1e-12
    assert tables[1]["area_km2"].sum() == pytest.approx(tables[0]["area_km2"].sum())
    assert fewer.attrs == zones.attrs
    assert fewer.rio.crs == zones.rio.crs
    # Polygons without the specks are those of the raster without them.
    assert zone_polygons(zones, speckled, min_pixels=20).equals(zone_polygons(fewer, speckled))


def test_a_lazy_map_gives_the_same(speckled):
    zones = SusceptibilityZones("equal_interval", 5).fit(speckled)
    lazy = merge_small_patches(zones.transform(speckled.chunk({"y": 40, "x": 70})), 1_500.0)
    assert_array_equal(lazy, merge_small_patches(zones.transform(speckled), 1_500.0))


def test_what_cannot_be_merged_is_refused():
    zones = raster(grid("111222 110222"))
    with pytest.raises(ValueError, match=r"min_area=9999 is in square meters, .* map has 1100"):
        merge_small_patches(zones, 9999)
    with pytest.raises(ValueError, match="'min_area' parameter"):
        merge_small_patches(zones, 0)
    with pytest.raises(TypeError, match="zones must be of uint8"):
        merge_small_patches(zones.astype(int), 100)
    with pytest.raises(TypeError, match=r"zones must be a 2-D xarray\.DataArray, got ndarray"):
        merge_small_patches(zones.to_numpy(), 100)
