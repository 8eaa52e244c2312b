"""The same factors as gdaldem and SAGA make from the same elevation model."""

import shutil
import subprocess

import numpy as np
import pytest
from scipy.stats import spearmanr

rasterio = pytest.importorskip("rasterio")
pytest.importorskip("rioxarray")

from rasterio.transform import from_origin  # noqa: E402

from sklearn_landslide.mapping import open_stack  # noqa: E402
from sklearn_landslide.terrain import terrain_factors  # noqa: E402

needs_gdaldem = pytest.mark.skipif(shutil.which("gdaldem") is None, reason="gdaldem is not here")


def gdaldem(mode, source, folder, *options):
    """Run gdaldem; NaN is nodata."""
    target = folder / f"{mode}.tif"
    command = ["gdaldem", mode, str(source), str(target), "-q", *options]
    subprocess.run(command, check=True, capture_output=True)
    with rasterio.open(target) as file:
        return file.read(1, masked=True).filled(np.nan).astype(np.float64)


def compare(source, folder, atol):
    """Compare everything that gdaldem makes, to what its single precision allows."""
    names = ["slope", "aspect", "tri", "roughness", "tpi_1.5_cells"]
    with rasterio.open(source) as file:
        cell = file.res[0]
    position = f"tpi_{1.5 * cell:.10g}"
    names[-1] = position
    stack = terrain_factors(source, names).compute()
    inner = (slice(1, -1), slice(1, -1))
    steep = stack["slope"].to_numpy()[inner] > 1
    made = {
        "slope": gdaldem("slope", source, folder),
        "aspect": gdaldem("aspect", source, folder),
        "tri": gdaldem("TRI", source, folder, "-alg", "Riley"),
        "roughness": gdaldem("roughness", source, folder),
        position: gdaldem("TPI", source, folder),
    }
    for name, expected in made.items():
        found = stack[name].to_numpy().astype(np.float64)
        # Where there is an edge or a void is the same, too; discs fill in.
        where = np.isfinite(expected)
        if name == "aspect":
            assert (found[np.isfinite(found) & ~where] == -1).all()
            found, expected = found[inner][steep], expected[inner][steep]
            turned = np.abs((found - expected + 180) % 360 - 180)
            assert turned.max() < 60 * atol
            continue
        if name != position:
            np.testing.assert_array_equal(np.isfinite(found), where, err_msg=name)
        assert where.sum() > 1000
        np.testing.assert_allclose(found[where], expected[where], atol=atol, err_msg=name)
    by_differences = terrain_factors(source, "slope", method="zevenbergen_thorne")["slope"]
    expected = gdaldem("slope", source, folder, "-alg", "ZevenbergenThorne")
    np.testing.assert_allclose(by_differences, expected, atol=atol)


@needs_gdaldem
def test_real_ground_has_the_factors_of_gdaldem(real_data, tmp_path):
    # Sums of heights near 4000 m are rounded to a millimeter in single precision.
    compare(real_data / "kaghan" / "elevation_aw3d30.tif", tmp_path, atol=1e-3)


@needs_gdaldem
@pytest.mark.parametrize("across", [10.0, 7.0], ids=["square cells", "cells that are not square"])
def test_heights_that_add_up_exactly_have_the_factors_of_gdaldem(rough, tmp_path, across):
    heights = rough(150, 130).astype(np.float32)
    heights[40:44, 70:75] = -32768
    heights[100:110, 20:30] = 512.0
    path = tmp_path / "dem.tif"
    options = {"driver": "GTiff", "height": 150, "width": 130, "count": 1, "dtype": "float32"}
    options |= {"crs": "EPSG:32717", "transform": from_origin(700_000, 9_560_000, across, 10)}
    with rasterio.open(path, "w", nodata=-32768, **options) as file:
        file.write(heights, 1)
    if across == 10.0:
        compare(path, tmp_path, atol=2e-5)
        return
    for method, name in [("horn", "Horn"), ("zevenbergen_thorne", "ZevenbergenThorne")]:
        found = terrain_factors(path, "slope", method=method)["slope"]
        expected = gdaldem("slope", path, tmp_path, "-alg", name)
        np.testing.assert_allclose(found, expected, atol=2e-5)


@pytest.fixture(scope="module")
def ecuador(real_data):
    """Elevation of a region, and slope and curvature that SAGA made of it."""
    return open_stack(real_data / "ecuador_terrain.tif").compute()


PAIRS = {"slope": "slope", "cplan": "plan_curvature", "cprof": "profile_curvature"}


def pairs(ecuador, method):
    made = terrain_factors(ecuador[["elev"]], list(PAIRS.values()), method=method).compute()
    known = np.isfinite(made["slope"].to_numpy()) & np.isfinite(ecuador["slope"].to_numpy())
    assert known.sum() == 156_734
    for theirs, ours in PAIRS.items():
        yield ours, ecuador[theirs].to_numpy()[known], made[ours].to_numpy()[known]


def test_central_differences_give_the_slope_and_curvatures_of_saga(ecuador):
    for name, theirs, ours in pairs(ecuador, "zevenbergen_thorne"):
        assert theirs.std() > 0.01
        np.testing.assert_allclose(ours, theirs, rtol=2e-6, atol=1e-7, err_msg=name)


def test_smoother_derivatives_differ_from_those_of_saga_as_they_must(ecuador):
    expected = {
        # rank correlation, median and 99th percentile of the difference
        "slope": (0.988, 0.77, 5.8),
        "plan_curvature": (0.921, 0.0073, 0.1),
        "profile_curvature": (0.902, 0.0026, 0.030),
    }
    for name, theirs, ours in pairs(ecuador, "horn"):
        correlation, median, most = expected[name]
        difference = np.abs(theirs - ours)
        assert spearmanr(theirs, ours).statistic == pytest.approx(correlation, abs=1e-3)
        assert np.median(difference) < median
        assert np.quantile(difference, 0.99) < most
        # It smooths: what is steep or bent becomes less so.
        assert ours.std() < theirs.std()
