"""A cell is where its coordinates say, or the raster is refused."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal

rasterio = pytest.importorskip("rasterio")
rioxarray = pytest.importorskip("rioxarray")
pytest.importorskip("geopandas")
xr = pytest.importorskip("xarray")

from rasterio.transform import Affine  # noqa: E402
from sklearn.utils.fixes import parse_version  # noqa: E402

from sklearn_landslide.mapping import (  # noqa: E402
    SusceptibilityZones,
    open_stack,
    predict_map,
    sample_stack,
    zone_table,
)

pytestmark = pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")

CRS = "EPSG:32717"
X0, Y0 = 700_000, 9_560_000
VALUES = np.arange(48.0).reshape(6, 8)


def array(x=None, y=None, values=VALUES):
    x = X0 + 10 * np.arange(values.shape[1]) + 5.0 if x is None else x
    y = Y0 - 10 * np.arange(values.shape[0]) - 5.0 if y is None else y
    return xr.DataArray(values, {"y": y, "x": x})


def at(x, y):
    return pd.DataFrame({"x": np.atleast_1d(x), "y": np.atleast_1d(y)})


UNEVEN = [
    X0 + np.array([5, 15, 25, 35, 45, 55, 65, 90.0]),
    X0 + np.array([5, 15, 25, 39, 45, 55, 65, 75.0]),
    X0 + 10 * np.arange(8) ** 1.1,
    X0 + np.array([5, 15, 25, 25, 45, 55, 65, 75.0]),
    X0 + np.array([5, 15, 25, np.nan, 45, 55, 65, 75.0]),
    np.full(8, X0 + 5.0),
]


@pytest.mark.parametrize("x", UNEVEN, ids=["gap", "one off", "power", "twice", "NaN", "one"])
@pytest.mark.parametrize("kind", ["array", "dict", "dataset"])
def test_uneven_axes_are_refused(x, kind):
    source = {
        "array": array(x).expand_dims(factor=["number"]),
        "dict": {"number": array(x)},
        "dataset": xr.Dataset({"number": array(x)}),
    }[kind]
    with pytest.raises(ValueError, match=r"has x that are not evenly spaced, .* apart") as found:
        open_stack(source, crs=CRS)
    assert "\n" not in str(found.value)


def test_uneven_rows_are_refused_too():
    y = Y0 - np.array([5, 15, 25, 35, 45, 95.0])
    with pytest.raises(ValueError, match="has y that are not evenly spaced, 10 to 50 apart"):
        open_stack({"number": array(y=y)}, crs=CRS)


def test_an_uneven_map_has_no_areas():
    probability = array(x=UNEVEN[0], values=VALUES / 48).rio.write_crs(CRS)
    zones = SusceptibilityZones("equal_interval").fit_transform(probability)
    with pytest.raises(ValueError, match="the map has x that are not evenly spaced"):
        zone_table(zones, probability)


def test_rounded_coordinates_are_even():
    x = (X0 + 10.123456 * np.arange(8)).round(2)
    open_stack({"number": array(x)}, crs=CRS)
    single = array(
        x=(X0 + 10 * np.arange(8) + 5).astype(np.float32),
        y=(Y0 - 10 * np.arange(6) - 5).astype(np.float32),
    )
    stack = open_stack({"number": single}, crs=CRS)
    assert sample_stack(stack, at(X0 + 25, Y0 - 35), target=None).X["number"].tolist() == [26]


@pytest.mark.parametrize("shape", [(1, 8), (6, 1), (1, 1)])
def test_a_raster_of_one_row_or_column_is_a_raster(write_raster, shape):
    values = 1 + np.arange(float(np.prod(shape))).reshape(shape)
    stack = open_stack({"number": write_raster("t.tif", values)})
    table = sample_stack(stack, at(X0 + 10 * shape[1] - 5, Y0 - 10 * shape[0] + 5), target=None)
    assert table.X["number"].tolist() == [values[-1, -1]]
    again = open_stack(stack)
    assert again.rio.transform() == Affine(10, 0, X0, 0, -10, Y0)


def test_one_row_of_a_stack_lies_where_it_lay(write_raster):
    stack = open_stack({"number": write_raster("t.tif", VALUES)})
    for part, at_point, wanted in (
        (stack.isel(y=[3]), (X0 + 45, Y0 - 35), 28),
        (stack.isel(x=[6]), (X0 + 65, Y0 - 15), 14),
        (stack.isel(y=[5], x=[7]), (X0 + 75, Y0 - 55), 47),
    ):
        assert sample_stack(part, at(*at_point), target=None).X["number"].tolist() == [wanted]
        assert sample_stack(open_stack(part), at(*at_point), target=None).X["number"][0] == wanted


def test_a_row_whose_height_nobody_knows_is_refused():
    with pytest.raises(ValueError, match="single row or column and no transform") as found:
        open_stack({"number": array(values=VALUES[:1])}, crs=CRS)
    assert "\n" not in str(found.value)
    known = array(values=VALUES[:1]).rio.write_transform(Affine(10, 0, X0, 0, -10, Y0))
    stack = open_stack({"number": known}, crs=CRS)
    assert sample_stack(stack, at(X0 + 15, Y0 - 5), target=None).X["number"].tolist() == [1]


def test_a_map_of_one_row_can_be_predicted(write_raster):
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression().fit(pd.DataFrame({"number": [0.0, 9.0]}), [0, 1])
    stack = open_stack({"number": write_raster("t.tif", VALUES[:1])})
    assert predict_map(model, stack).to_numpy().shape == (1, 8)


@pytest.mark.filterwarnings("ignore:(Scales|Offsets) differ")
def test_bands_of_an_array_keep_each_its_own_scale(write_raster):
    raw = np.arange(48, dtype=np.int16).reshape(6, 8)
    path = write_raster("all.tif", raw, raw, raw, descriptions=("a", "b", "c"), nodata=7)
    with rasterio.open(path, "r+") as file:
        file.scales, file.offsets = (1.0, 0.5, 2.0), (0.0, -100.0, 0.0)
    from_file = open_stack(path)
    with rioxarray.open_rasterio(path) as bands:
        stack = open_stack(bands.load())
    for name, wanted in {"a": raw, "b": raw * 0.5 - 100, "c": raw * 2.0}.items():
        assert_array_equal(stack[name], np.where(raw == 7, np.nan, wanted))
        assert_array_equal(from_file[name], stack[name])
    with rioxarray.open_rasterio(path, mask_and_scale=True) as bands:
        scaled = open_stack(bands.load())
    # Before 0.18 rioxarray itself scales all bands as the first.
    if parse_version(rioxarray.__version__) >= parse_version("0.18"):
        assert_array_equal(scaled["b"], stack["b"])
    only = bands.isel(band=[1, 2])
    only.attrs["scales"], only.attrs["long_name"] = (1.0, 2.0, 3.0), ("b", "c")
    with pytest.raises(ValueError, match="the DataArray has 2 bands and 3 scales"):
        open_stack(only)
