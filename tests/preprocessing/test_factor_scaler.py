from functools import partial

import numpy as np
import pandas as pd
import pytest
import sklearn
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.preprocessing import StandardScaler

from sklearn_landslide.preprocessing import FactorScaler

SKLEARN = tuple(map(int, sklearn.__version__.split(".")[:2]))
WEATHER = {"weather": {"rain": ["r0", "r1"], "temperature": ["t0", "t1"]}}


@pytest.fixture
def table():
    rng = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "r1": rng.gamma(1, 9, 40),
            "soil": pd.Categorical(rng.integers(1, 4, 40)),
            "t0": rng.normal(-3, 2, 40).astype(np.float32),
            "r0": rng.gamma(1, 1, 40),
            "elevation": rng.integers(200, 900, 40),
            "t1": rng.normal(20, 2, 40).astype(np.float32),
        },
        index=range(3, 43),
    )


def test_a_variable_has_one_mean_and_one_spread_over_all_its_steps(table):
    scaler = FactorScaler(WEATHER).fit(table)
    rain = table[["r0", "r1"]].to_numpy()
    assert_allclose(scaler.scale_[[0, 3]], rain.std())
    assert_allclose(scaler.mean_[[2, 5]], table[["t0", "t1"]].to_numpy(float).mean())
    out = scaler.transform(table)
    assert_allclose(out[["t0", "t1"]].to_numpy().mean(), 0, atol=1e-6)
    assert_allclose(out[["t0", "t1"]].to_numpy().std(), 1, atol=1e-6)
    # The order of two hours of a place stays what it was, which a scale an hour would not keep.
    assert_array_equal(out["r0"] < out["r1"], table["r0"] < table["r1"])


def test_a_variable_that_is_never_negative_keeps_its_zero(table):
    table.loc[table.index[:5], "r0"] = 0.0
    scaler = FactorScaler(WEATHER).fit(table)
    assert_array_equal(scaler.mean_[[0, 3]], 0)
    assert_array_equal(scaler.transform(table)["r0"] == 0, table["r0"] == 0)
    # A static factor is centered all the same.
    assert scaler.mean_[4] == table["elevation"].mean()


def test_a_variable_far_from_zero_is_centered_though_it_is_never_negative(table):
    table[["t0", "t1"]] += 273.15
    scaler = FactorScaler(WEATHER).fit(table)
    kelvins = table[["t0", "t1"]].to_numpy(float)
    assert_allclose(scaler.mean_[[2, 5]], kelvins.mean())
    assert_allclose(scaler.scale_[[2, 5]], kelvins.std(), rtol=1e-6)


def test_rounding_alone_is_no_spread():
    X = np.full((20, 2), 0.3)
    X[::2] = 0.1 + 0.2
    for sequences in (None, {"rain": [0, 1]}):
        scaler = FactorScaler(sequences).fit(X)
        assert_array_equal(scaler.scale_, 1)
        assert np.ptp(scaler.transform(X)) < 1e-15


def test_names_order_index_and_types_are_kept(table):
    out = FactorScaler(WEATHER).fit_transform(table)
    assert out.columns.tolist() == table.columns.tolist()
    assert out.index.equals(table.index)
    pd.testing.assert_series_equal(out["soil"], table["soil"])
    assert out.dtypes.drop(["soil", "elevation"]).equals(table.dtypes.drop(["soil", "elevation"]))
    assert out["elevation"].dtype == np.float64


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_without_sequences_it_is_the_standard_scaler_to_the_last_bit(dtype):
    X = np.random.default_rng(0).gamma(1, 1000, size=(500, 4)).astype(dtype)
    X[:, 2] = 7.25
    X[3, 1] = np.nan
    X = pd.DataFrame(X)
    expected = StandardScaler().set_output(transform="pandas").fit(X)
    scaler = FactorScaler().fit(X)
    # Before 1.8 scikit-learn added up in another order.
    same = (
        assert_array_equal if SKLEARN >= (1, 8) else partial(assert_allclose, rtol=1e-5, atol=1e-6)
    )
    same(scaler.mean_, expected.mean_)
    same(scaler.scale_, expected.scale_)
    out = scaler.transform(X)
    same(out, expected.transform(X))
    assert set(out.dtypes) == {np.dtype(dtype)}


def test_scale_is_that_of_the_rows_of_fit(table):
    scaler = FactorScaler(WEATHER).fit(table)
    double = scaler.transform(table.assign(r0=2 * table["r0"]))
    assert_allclose(double["r0"], (2 * table["r0"] - scaler.mean_[3]) / scaler.scale_[3])


def test_dry_record_becomes_zero_and_unknown_one_stays_missing():
    X = np.zeros((3, 3))
    X[:, 2] = np.nan
    out = FactorScaler({"rain": [0, 1]}).fit_transform(X)
    assert_array_equal(out, X)


def test_a_category_in_a_series_is_refused(table):
    with pytest.raises(ValueError, match="holds 'soil', which is a category"):
        FactorScaler({"rain": ["r0", "soil"]}).fit(table)
