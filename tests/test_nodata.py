"""Numbers that stand for "no data" are found, and numbers that are data are left alone."""

import numpy as np
import pandas as pd
import pytest
import rasterio
from hypothesis import given, strategies
from hypothesis.extra import numpy as arrays

from sklearn_landslide._nodata import mask_nodata, suspect_nodata
from sklearn_landslide.datasets import make_landslides

RNG = np.random.default_rng(0)
CURVATURE = RNG.normal(scale=0.02, size=250)
ELEVATION = RNG.uniform(1000, 4000, 20_000)


def with_some(values, number, share):
    values = values.copy()
    values[: int(np.ceil(share * len(values)))] = number
    return values


@pytest.mark.parametrize("number", [-3.4e38, 3.4028235e38, -1.8e308, np.inf, -np.inf, np.nan])
def test_what_is_beyond_any_quantity_is_never_data(number):
    assert mask_nodata(np.array([number, 0.5])).tolist() == [True, False]


def test_declared_numbers_are_missing_also_in_single_precision():
    values = np.array([0.1, 0.2, -9999], dtype=np.float32)
    assert mask_nodata(values, [0.1, -9999]).tolist() == [True, False, True]
    assert mask_nodata(np.array([255, 1], dtype=np.uint8), [255]).tolist() == [True, False]
    assert not mask_nodata(np.array([255, 1], dtype=np.uint8), [-1]).any()


@pytest.mark.parametrize(
    ("values", "number"),
    [
        (with_some(CURVATURE, -9999, 0.04), -9999),
        (with_some(CURVATURE, -9999, 0.001), -9999),
        (with_some(CURVATURE, -12345, 0.04), -12345),
        (with_some(ELEVATION, -32768, 0.3), -32768),
        (with_some(ELEVATION, 9999, 0.3), 9999),
        (with_some(ELEVATION, 0, 0.3), 0),
        (with_some(ELEVATION.round(), 0, 0.3), 0),
        (np.array([1, 2, 3, 4, 255, 255, 2], dtype=np.uint8), 255),
        (np.array([1, 2, 3, -9999, 2]), -9999),
    ],
)
def test_numbers_that_usually_stand_for_nodata_are_named(values, number):
    (found,) = suspect_nodata(values)
    assert found.value == number
    assert found.count == np.sum(values == number)
    others = values[values != number]
    assert (found.low, found.high) == (others.min(), others.max())


def test_numbers_at_both_ends_do_not_hide_each_other():
    values = np.concatenate([CURVATURE, [-9999.0], [9999.0] * 3])
    assert [found.value for found in suspect_nodata(values)] == [-9999, 9999]


@pytest.mark.parametrize(
    "values",
    [
        np.array([0, 1, 1, 0, 1]),
        np.array([10, 20, 30, 40, 50, 60, 70, 80, 90, 95, 100] * 50),  # ESA WorldCover
        np.array([111, 112, 121, 131, 211, 231, 311, 312, 411, 523] * 20),  # CORINE
        np.concatenate([np.zeros(500), RNG.exponential(5, 500)]),  # rain, mostly dry
        np.concatenate([np.full(400, -1.0), RNG.uniform(-1, 1, 600)]),  # aspect of flats
        RNG.lognormal(3, 2, 5000),  # contributing area
        np.full(100, 7.0),
        np.array([]),
        np.array([np.nan, np.nan]),
    ],
)
def test_data_are_not_taken_for_nodata(values):
    assert suspect_nodata(values) == []


def test_no_factor_of_a_synthetic_region_is_suspected():
    region = make_landslides(1500, shape=(80, 90), return_stack=True, random_state=0)
    assert {name: suspect_nodata(band) for name, band in region.stack.items()} == {
        name: [] for name in region.stack
    }


def test_no_column_of_the_real_tables_is_suspected(real_data):
    tables = [
        "ecuador_points.csv",
        "yongxin_slope_units.csv",
        "south_tyrol_rainfall.csv.gz",
        "hong_kong_landslides.csv.gz",
    ]
    for table in tables:
        frame = pd.read_csv(real_data / table).select_dtypes("number")
        found = {name: suspect_nodata(column.to_numpy()) for name, column in frame.items()}
        assert {name: some for name, some in found.items() if some} == {}, table
    with rasterio.open(real_data / "ecuador_terrain.tif") as file:
        assert [suspect_nodata(band) for band in file.read()] == [[]] * file.count
    with rasterio.open(real_data / "kaghan" / "elevation_aw3d30.tif") as file:
        assert suspect_nodata(file.read(1, masked=True).compressed()) == []


@given(
    arrays.arrays(np.float64, strategies.integers(0, 40), elements={"allow_nan": True}),
    strategies.permutations(range(40)),
)
def test_the_order_of_the_values_does_not_matter(values, order):
    shuffled = values[[place for place in order if place < len(values)]]
    assert suspect_nodata(shuffled) == suspect_nodata(values)
