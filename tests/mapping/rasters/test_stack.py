"""A stack holds the right values under the right names, or says in one line why it cannot."""

import pickle
import re

import numpy as np
import pytest
import rasterio
import rasterio.warp
import rioxarray
import xarray as xr
from numpy.testing import assert_allclose, assert_array_equal
from rasterio.enums import ColorInterp
from rasterio.transform import Affine

from sklearn_landslide.mapping import open_stack
from sklearn_landslide.mapping._rasters._check_stack import check_stack
from sklearn_landslide.mapping._rasters._grids import Grid, difference

# rasterio ignores this warning while it writes, but another thread may undo that for a moment.
pytestmark = pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")

CRS = "EPSG:32717"
X0, Y0 = 700_000, 9_560_000
VALUES = 1000.0 * np.arange(6)[:, None] + np.arange(8)


def refuses(message, source, error=ValueError, **options):
    """The error is of one line, and says this."""
    with pytest.raises(error, match=message) as caught:
        open_stack(source, **options)
    assert "\n" not in str(caught.value)


def moved(x=0.0, y=0.0, cell=10.0):
    return Affine(cell, 0, X0 + x, 0, -cell, Y0 + y)


# --------------------------------------------------------------------- names


def test_files_are_known_by_the_names_they_are_given(write_raster):
    paths = {"twi": write_raster("a.tif", VALUES), "slope": write_raster("b.tif", -VALUES)}
    stack = open_stack(paths)
    assert list(stack) == ["twi", "slope"]
    assert_array_equal(stack["slope"], -VALUES)
    assert stack.rio.crs.to_epsg() == 32717
    assert stack.rio.transform() == moved()
    assert_array_equal(stack["x"], X0 + 5 + 10 * np.arange(8))
    assert_array_equal(stack["y"], Y0 - 5 - 10 * np.arange(6))


def test_bands_are_found_by_description_whatever_their_order(write_raster):
    path = write_raster("all.tif", VALUES, -VALUES, descriptions=("slope", "twi"))
    assert_array_equal(open_stack(path)["twi"], -VALUES)
    stack = open_stack(path, factors=["twi", "slope"])
    assert list(stack) == ["twi", "slope"]
    assert_array_equal(stack["twi"], -VALUES)
    assert list(open_stack(str(path), factors="twi")) == ["twi"]
    # One band of many, by its name.
    assert_array_equal(open_stack({"twi": path})["twi"], -VALUES)


def test_bands_without_description_need_names(write_raster):
    path = write_raster("bare.tif", VALUES, -VALUES)
    refuses(r"no description of band 1, 2: pass factors=\[\.\.\.\] with 2 names", path)
    assert_array_equal(open_stack(path, factors=["slope", "twi"])["twi"], -VALUES)
    refuses("has 2 bands, named None, None, and factors names 1", path, factors=["slope"])


def test_names_never_overrule_a_description(write_raster):
    path = write_raster("half.tif", VALUES, -VALUES, descriptions=("slope", None))
    assert list(open_stack(path, factors=["slope", "twi"])) == ["slope", "twi"]
    refuses("Name each band", path, factors=["twi", "slope"])


@pytest.mark.parametrize(
    ("descriptions", "factors", "message"),
    [
        (("slope", "slope"), None, "more than one band named 'slope'"),
        (("slope", "twi"), ["slop"], "no band 'slop'. Did you mean 'slope'"),
        (("slope", "twi"), ["twi", "twi"], "factors has more than one band named 'twi'"),
    ],
)
def test_doubled_and_unknown_names_are_refused(write_raster, descriptions, factors, message):
    path = write_raster("all.tif", VALUES, -VALUES, descriptions=descriptions)
    refuses(message, path, factors=factors)


def test_a_file_of_several_bands_is_no_single_factor(write_raster):
    path = write_raster("all.tif", VALUES, -VALUES, descriptions=("slope", "twi"))
    refuses("more than one band and none of them is named 'ndvi'", {"ndvi": path})


@pytest.mark.parametrize(
    ("source", "error", "message"),
    [
        ({}, ValueError, "empty dict"),
        ({3: "slope.tif"}, TypeError, "have text as names, got 3"),
        ({"slope": 3}, TypeError, "'slope' must be a file or a DataArray, got 3"),
        (3, TypeError, "source must be a dict"),
    ],
)
def test_what_is_no_source_is_refused(source, error, message):
    refuses(message, source, error)


# ------------------------------------------------------------- missing values


def test_nodata_masks_nan_and_infinite_values_become_nan(write_raster):
    codes = np.arange(48, dtype=np.int16).reshape(6, 8)
    holes = VALUES.copy()
    holes[0, :3] = np.nan, np.inf, -np.inf
    mask = np.full((6, 8), 255, dtype=np.uint8)
    mask[2, 3] = 0
    stack = open_stack(
        {
            "soil": write_raster("soil.tif", codes, nodata=7),
            "slope": write_raster("slope.tif", holes),
            "ndvi": write_raster("ndvi.tif", VALUES, mask=mask),
        }
    )
    where = {name: np.argwhere(np.isnan(stack[name].to_numpy())).tolist() for name in stack}
    assert where == {"soil": [[0, 7]], "slope": [[0, 0], [0, 1], [0, 2]], "ndvi": [[2, 3]]}
    assert stack["soil"].dtype == np.float32
    assert stack["soil"][5, 7] == 47


def test_an_alpha_band_is_a_mask_and_no_factor(write_raster):
    alpha = np.full((6, 8), 255, dtype=np.uint8)
    alpha[1, 1] = 0
    path = write_raster("gray.tif", np.full((6, 8), 9, np.uint8), alpha)
    with rasterio.open(path, "r+") as file:
        file.descriptions = ("slope", None)
        file.colorinterp = (ColorInterp.gray, ColorInterp.alpha)
    stack = open_stack(path)
    assert list(stack) == ["slope"]
    assert np.isnan(stack["slope"][1, 1])
    assert np.nansum(stack["slope"]) == 9 * 47


def test_scale_and_offset_are_those_of_each_band(write_raster):
    raw = np.arange(48, dtype=np.int16).reshape(6, 8)
    path = write_raster("scaled.tif", raw, raw, descriptions=("slope", "ndvi"), nodata=0)
    with rasterio.open(path, "r+") as file:
        file.scales, file.offsets = (1.0, 0.5), (0.0, -100.0)
    stack = open_stack(path)
    wanted = np.where(raw == 0, np.nan, raw)
    assert_array_equal(stack["slope"], wanted)
    assert_array_equal(stack["ndvi"], wanted * 0.5 - 100)


def test_large_codes_stay_exact(write_raster):
    codes = 2**24 + 1 + np.arange(48, dtype=np.int32).reshape(6, 8)
    stack = open_stack({"unit": write_raster("unit.tif", codes)})
    assert_array_equal(stack["unit"], codes)


def test_what_has_no_band_is_refused(write_raster):
    path = write_raster("mask.tif", VALUES)
    with rasterio.open(path, "r+") as file:
        file.colorinterp = [ColorInterp.alpha]
    refuses("the source has no band of values", path)
    axes = {"y": [15.0, 5.0], "x": [5.0, 15.0, 25.0]}
    bands = xr.DataArray(np.zeros((0, 2, 3)), axes, ["band", "y", "x"])
    refuses("the source has no band of values", bands, crs=CRS)
    refuses("or factors names none", write_raster("slope.tif", VALUES), factors=[])


def test_a_band_that_is_all_nodata_is_named(write_raster):
    nothing = np.full((6, 8), -9999.0)
    last = nothing.copy()
    last[5, 7] = 1
    write_raster("last.tif", last, nodata=-9999)
    refuses(
        "'ndvi' .*void.tif.* is nodata in every cell",
        {
            "slope": write_raster("s.tif", VALUES),
            "ndvi": write_raster("void.tif", nothing, nodata=-9999),
        },
        chunks=2,
    )
    kept = open_stack({"ndvi": write_raster("last.tif", last, nodata=-9999)}, chunks=2)
    assert np.nansum(kept["ndvi"]) == 1


# ----------------------------------------------------------------------- lazy


def test_windows_are_lazy_and_can_be_sent_to_another_process(write_raster):
    stack = open_stack({"slope": write_raster("slope.tif", VALUES)}, chunks=4)
    assert stack.chunksizes == {"y": (4, 2), "x": (4, 4)}
    assert_array_equal(pickle.loads(pickle.dumps(stack))["slope"].compute(), VALUES)
    shifted = write_raster("shifted.tif", VALUES, transform=moved(x=20))
    source = {"slope": stack["slope"], "twi": shifted}
    aligned = open_stack(source, align="slope", resampling="nearest", chunks=4)
    assert_array_equal(pickle.loads(pickle.dumps(aligned))["twi"][:, 2:], VALUES[:, :6])


# ---------------------------------------------------------------------- grids


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"crs": "EPSG:32718"}, "its CRS is EPSG:32718, not EPSG:32717"),
        ({"transform": moved(cell=30)}, r"its cells are 30 x -30 \(x, y\), not 10 x -10"),
        (
            {"transform": moved(x=5)},
            r"its first corner is \(700005, 9560000\), not \(700000, 9560000\)",
        ),
        ({"transform": Affine(10, 0, X0, 0, 10, Y0)}, "its cells are 10 x 10"),
        ({"transform": Affine(9, 1, X0, 1, -9, Y0)}, "it is rotated"),
    ],
)
def test_another_grid_is_refused_with_both_values(write_raster, options, message):
    source = {
        "slope": write_raster("slope.tif", VALUES),
        "twi": write_raster("other.tif", VALUES, **options),
    }
    refuses(f"'twi' .*other.tif.* not on the grid of 'slope' .*slope.tif.*: {message}", source)


def test_another_extent_is_refused_with_both_sizes(write_raster):
    source = {
        "slope": write_raster("slope.tif", VALUES),
        "twi": write_raster("other.tif", VALUES[:4]),
    }
    refuses("it has 4 rows and 8 columns, not 6 and 8", source)


def test_rounded_coordinates_are_the_same_grid(write_raster):
    fine = Affine(1 / 3600, 0, -79.1, 0, -1 / 3600, -3.9)
    coarse = Affine(round(1 / 3600, 12), 0, -79.1000001, 0, -round(1 / 3600, 12), -3.9)
    source = {
        "slope": write_raster("a.tif", VALUES, transform=fine, crs="EPSG:4326"),
        "twi": write_raster("b.tif", VALUES, transform=coarse, crs="EPSG:4326"),
    }
    stack = open_stack(source)
    assert stack["twi"].shape == (6, 8)
    assert_array_equal(stack["twi"], VALUES)
    assert stack.rio.transform().almost_equals(fine, 1e-12)


def test_a_small_error_of_the_cell_size_counts_at_the_far_corner():
    crs = rasterio.CRS.from_epsg(32717)
    exact, off = Affine(10, 0, 0, 0, -10, 0), Affine(10.0001, 0, 0, 0, -10, 0)
    assert difference(Grid(crs, off, 100, 100), Grid(crs, exact, 100, 100)) == ""
    assert "cells are" in difference(Grid(crs, off, 9999, 9999), Grid(crs, exact, 9999, 9999))


def test_one_crs_written_in_two_ways_is_one_crs(write_raster):
    esri = rasterio.CRS.from_epsg(32717).to_wkt(version="WKT1_ESRI")
    source = {
        "slope": write_raster("a.tif", VALUES),
        "twi": xr.DataArray(
            VALUES,
            {"y": Y0 - 5 - 10.0 * np.arange(6), "x": X0 + 5 + 10.0 * np.arange(8)},
        ).rio.write_crs(esri),
    }
    assert_array_equal(open_stack(source)["twi"], VALUES)


def test_a_rotated_raster_is_refused(write_raster):
    turned = write_raster("t.tif", VALUES, transform=Affine(9, 1, X0, 1, -9, Y0))
    refuses("'slope' .*t.tif.* is rotated: warp it .* or align it to another", {"slope": turned})


def test_rows_from_the_south_keep_their_places(write_raster):
    south = Affine(10, 0, X0, 0, 10, Y0 - 60)
    stack = open_stack({"slope": write_raster("s.tif", VALUES, transform=south)})
    assert_array_equal(stack["y"], Y0 - 55 + 10 * np.arange(6))
    assert stack["slope"].sel(x=X0 + 25, y=Y0 - 55) == 2


# ------------------------------------------------------------------ alignment


def test_nearest_alignment_takes_the_cell_that_holds_each_center(write_raster):
    # 20 m cells over the same region: every value stands for four cells of 10 m.
    coarse = 1000.0 * np.arange(3)[:, None] + np.arange(4)
    source = {
        "slope": write_raster("slope.tif", VALUES),
        "soil": write_raster("soil.tif", coarse, transform=moved(cell=20)),
    }
    wanted = coarse.repeat(2, axis=0).repeat(2, axis=1)
    for chunks in (3, 512):
        stack = open_stack(source, align="slope", resampling="nearest", chunks=chunks)
        assert_array_equal(stack["soil"], wanted)
        assert_array_equal(stack["slope"], VALUES)
    refuses("name the method, such as resampling='bilinear'", source, align="slope")


@pytest.mark.parametrize("chunks", [3, 512])
def test_bilinear_alignment_is_exact_on_a_plane(write_raster, chunks):
    def plane(transform, height, width):
        x, y = Grid(None, transform, height, width).centers(*np.mgrid[:height, :width])
        return 2.0 * (x - X0) + 3.0 * (y - Y0)

    wide = moved(x=-100, y=100, cell=13)
    source = {
        "slope": write_raster("slope.tif", VALUES),
        "elevation": write_raster("e.tif", plane(wide, 40, 45), transform=wide),
    }
    stack = open_stack(source, align="slope", resampling="bilinear", chunks=chunks)
    assert_allclose(stack["elevation"], plane(moved(), 6, 8), atol=1e-6)


def test_averages_of_larger_cells_use_every_small_one(write_raster):
    source = {
        "rain": write_raster("rain.tif", np.zeros((3, 4)), transform=moved(cell=20)),
        "slope": write_raster("slope.tif", VALUES),
    }
    stack = open_stack(source, align="rain", resampling={"slope": "average"})
    assert_allclose(stack["slope"], VALUES.reshape(3, 2, 4, 2).mean(axis=(1, 3)))


def test_aligned_cells_outside_a_raster_or_in_its_nodata_have_no_value(write_raster):
    hole = VALUES.astype(np.int32)
    hole[3, 4] = -1
    mask = np.full((6, 8), 255, dtype=np.uint8)
    mask[2, 2] = 0
    shifted = moved(x=20, y=-10)
    source = {
        "slope": write_raster("slope.tif", VALUES),
        "soil": write_raster("soil.tif", hole, transform=shifted, nodata=-1),
        "ndvi": write_raster("ndvi.tif", VALUES, transform=shifted, mask=mask),
    }
    stack = open_stack(source, align="slope", resampling="nearest", chunks=2)
    wanted = np.full((6, 8), np.nan)
    wanted[1:, 2:] = VALUES[:5, :6]
    with_hole, with_mask = wanted.copy(), wanted.copy()
    with_hole[4, 6] = np.nan
    with_mask[3, 4] = np.nan
    assert_array_equal(stack["soil"], with_hole)
    assert_array_equal(stack["ndvi"], with_mask)


def test_alignment_crosses_coordinate_systems(write_raster):
    # A plane in UTM, its grid in degrees around it: bilinear gives the plane back.
    (lon,), (lat,) = rasterio.warp.transform(CRS, "EPSG:4326", [X0], [Y0])
    lonlat = Affine(2e-4, 0, lon - 2e-3, 0, -2e-4, lat + 2e-3)
    x, y = Grid(None, lonlat, 60, 60).centers(*np.mgrid[:60, :60])
    east, north = rasterio.warp.transform("EPSG:4326", CRS, x.ravel(), y.ravel())
    plane = (np.array(east) - X0 + 0.5 * (np.array(north) - Y0)).reshape(60, 60)
    source = {
        "slope": write_raster("slope.tif", VALUES),
        "relief": write_raster("r.tif", plane, transform=lonlat, crs="EPSG:4326"),
    }
    stack = open_stack(source, align="slope", resampling="bilinear", chunks=5)
    x, y = np.meshgrid(stack["x"], stack["y"])
    # GDAL places cells to an eighth of a cell; the plane rises by 1.5 in a meter.
    assert_allclose(stack["relief"], x - X0 + 0.5 * (y - Y0), atol=1.9)


def test_a_rotated_raster_can_be_aligned(write_raster):
    source = {
        "slope": write_raster("slope.tif", VALUES),
        "twi": write_raster(
            "t.tif", np.full((60, 60), 4.0), transform=Affine(9, 1, X0 - 100, 1, -9, Y0 + 100)
        ),
    }
    stack = open_stack(source, align="slope", resampling="nearest")
    assert_array_equal(stack["twi"], np.full((6, 8), 4.0))


def test_codes_are_aligned_to_codes(write_raster):
    codes = np.where(np.arange(64).reshape(8, 8) % 2, 10, 20).astype(np.int16)
    source = {
        "slope": write_raster("slope.tif", VALUES),
        "soil": write_raster("soil.tif", codes, transform=moved(x=-3, y=4)),
    }
    stack = open_stack(source, align="slope", resampling="bilinear", categorical=["soil"])
    assert set(np.unique(stack["soil"])) <= {10, 20}
    assert stack["soil"].attrs["categorical"]
    message = "resampling='cubic' would make new codes of the categorical factor 'soil'"
    refuses(message, source, align="slope", resampling={"soil": "cubic"}, categorical="soil")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"align": "slop", "resampling": "nearest"}, "Did you mean 'slope'"),
        ({"align": "slope", "resampling": "linear"}, "'linear' is not a resampling method"),
        ({"align": "slope", "resampling": {"tw": "nearest"}}, "resampling names 'tw'"),
        ({"resampling": "nearest"}, "is used where grids are aligned"),
        ({"categorical": ["soil"]}, "categorical='soil' is not a factor"),
        ({"factors": ["ndvi"]}, "source has no factor 'ndvi'"),
        ({"crs": "EPSG:1"}, "crs='EPSG:1' is not a coordinate reference system"),
    ],
)
def test_options_that_fit_nothing_are_refused(write_raster, options, message):
    refuses(message, {"slope": write_raster("slope.tif", VALUES)}, **options)


# --------------------------------------------------------------------- xarray


def test_a_dataset_is_a_stack(write_raster):
    stack = open_stack({"slope": write_raster("slope.tif", VALUES)}, categorical="slope")
    again = open_stack(stack)
    xr.testing.assert_identical(again.compute(), stack.compute())
    part = open_stack(stack.isel(y=slice(2, 5), x=slice(1, None)))
    assert part.rio.transform() == moved(x=10, y=-20)
    assert_array_equal(part["slope"], VALUES[2:5, 1:])


def test_rioxarray_bands_keep_name_nodata_and_scale(write_raster):
    path = write_raster("all.tif", VALUES, -VALUES, descriptions=("slope", "twi"), nodata=1003.0)
    with rasterio.open(path, "r+") as file:
        file.scales, file.offsets = (2.0, 2.0), (1.0, 1.0)
    with rioxarray.open_rasterio(path) as array:
        stack = open_stack(array.load())
    wanted = np.where(VALUES == 1003, np.nan, 2 * VALUES + 1)
    assert_array_equal(stack["slope"], wanted)
    assert_array_equal(stack["twi"], 1 - 2 * VALUES)


def test_an_array_of_named_bands_is_split_by_name():
    cells = {"y": np.arange(6.0)[::-1], "x": np.arange(8.0)}
    array = xr.DataArray(
        np.stack([VALUES, -VALUES]), {"factor": ["slope", "twi"], **cells}, ("factor", "y", "x")
    )
    stack = open_stack(array, crs="EPSG:32717")
    assert_array_equal(stack["twi"], -VALUES)
    bare = array.drop_vars("factor")
    assert_array_equal(open_stack(bare, factors=["a", "b"], crs=32717)["b"], -VALUES)
    refuses("no description of band 1, 2", bare, crs=32717)


def test_other_dimensions_are_refused():
    cells = {"y": np.arange(6.0), "x": np.arange(8.0)}
    rain = xr.DataArray(np.ones((2, 6, 8)), cells, ("time", "y", "x"))
    refuses("'time', 'y', 'x'.*one raster of y and x", {"rain": rain}, crs=32717)
    table = xr.DataArray(np.ones((2, 6)), dims=("row", "column"))
    refuses("a raster has y and x", {"rain": table}, crs=32717)
    bare = xr.DataArray(np.ones((2, 6)), dims=("y", "x"))
    refuses("it has no coordinates", {"rain": bare}, crs=32717)


# ---------------------------------------------------------------------- files


def test_a_missing_crs_must_be_given(write_raster):
    path = write_raster("slope.tif", VALUES, crs=None)
    refuses("'slope' .*slope.tif.* has no CRS: pass crs=", {"slope": path})
    assert open_stack({"slope": path}, crs="EPSG:32717").rio.crs.to_epsg() == 32717


def test_a_raster_without_a_place_is_refused(write_raster):
    path = write_raster("photo.tif", VALUES, transform=Affine(1, 0, 0, 0, 1, 0), crs=None)
    refuses("does not say where its cells lie", {"slope": path})


def test_what_is_no_raster_is_refused(write_raster, tmp_path):
    write_raster("slope.tif", VALUES)
    text = tmp_path / "points.csv"
    text.write_text("x,y\n1,2\n")
    refuses("points.csv is not a raster that can be read", {"slope": text})
    refuses("is a folder", {"slope": tmp_path})
    refuses(
        "No such file: .*slop.tif. Did you mean 'slope.tif'",
        {"slope": tmp_path / "slop.tif"},
        FileNotFoundError,
    )


@pytest.mark.parametrize(("height", "width"), [(10, 2_000_000_000), (900_000, 900_000)])
def test_a_small_file_that_claims_to_be_endless_is_refused_at_once(tmp_path, height, width):
    path = tmp_path / "endless.tif"
    options = {"tiled": True, "blockxsize": 16384, "blockysize": 16384, "compress": "deflate"}
    options |= {"SPARSE_OK": True, "BIGTIFF": "YES", "dtype": "uint8", "count": 1, "crs": CRS}
    size = {"height": height, "width": width, "transform": moved()}
    with rasterio.open(path, "w", driver="GTiff", **size, **options):
        pass
    assert path.stat().st_size < 2_000_000
    refuses(f"endless.tif has {height} rows and {width} columns", {"slope": path})


@pytest.mark.parametrize(
    "layout",
    [{}, {"compress": "deflate"}, {"tiled": True, "blockxsize": 16, "blockysize": 16}],
    ids=["plain", "deflate", "tiled"],
)
def test_a_truncated_file_is_refused(write_raster, layout):
    noise = np.random.default_rng(0).random((64, 64))
    path = write_raster("slope.tif", noise, **layout)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    refuses(f"{re.escape(str(path))} is (damaged or cut off|not a raster)", {"slope": path})


# ---------------------------------------------------------------- check_stack


def test_a_model_gets_its_factors_in_its_order_and_no_others(write_raster):
    stack = open_stack(
        {name: write_raster(f"{name}.tif", VALUES + i) for i, name in enumerate("abc")}
    )
    picked = check_stack(stack, ["c", "a"])
    assert list(picked) == ["c", "a"]
    assert_array_equal(picked["c"], VALUES + 2)
    with pytest.raises(ValueError, match=r"the stack has no factor 'd'.* It has 'a', 'b', 'c'"):
        check_stack(stack, ["a", "d"])
    with pytest.raises(TypeError, match="got ndarray: pass open_stack"):
        check_stack(VALUES)
    with pytest.raises(ValueError, match="'x', 'y', not 'y' and 'x'"):
        check_stack(stack.transpose("x", "y"))
    with pytest.raises(ValueError, match="the stack has no CRS"):
        check_stack(stack.drop_vars("spatial_ref"))
