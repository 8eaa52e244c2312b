"""Columns that hold no numbers are named in one line; numbers of any size give a probability."""

import datetime

import geopandas as gpd
import numpy as np
import pandas as pd
import polars as pl
import pytest
import torch

from sklearn_landslide import LandslideNet
from sklearn_landslide.nn._sequence_encoding import learn_sequence
from sklearn_landslide.nn._sequence_table import SequenceReader


def small(**params):
    return LandslideNet(
        **{"max_epochs": 3, "n_members": 1, "n_trees": 4, "random_state": 0} | params
    )


@pytest.fixture
def X():
    return np.random.default_rng(0).normal(size=(120, 3))


@pytest.fixture
def y(X):
    return (X[:, 0] > 0).astype(int)


@pytest.fixture
def table(X):
    return pd.DataFrame(X, columns=["slope", "twi", "ndvi"])


def with_geometry(table):
    return gpd.GeoDataFrame(table, geometry=gpd.points_from_xy(table["slope"], table["twi"]))


DAYS = pd.date_range("2020-07-01", periods=120)
WRONG = {
    "geometry": with_geometry,
    "date": lambda t: t.assign(date=DAYS),
    "date and time": lambda t: t.assign(**{"date and time": np.array(list(DAYS), dtype=object)}),
    "day": lambda t: t.assign(day=[datetime.date(2020, 7, 1)] * 120),
    "age": lambda t: t.assign(age=DAYS - DAYS[0]),
    "month": lambda t: t.assign(month=DAYS.to_period("M")),
    "class": lambda t: t.assign(**{"class": pd.cut(t["slope"], 4).astype(object)}),
    "bands": lambda t: t.assign(bands=[[1, 2]] * 120),
    "note": lambda t: t.assign(note=[None, 1.0, {"a": 1}] * 40),
    "polars": lambda t: pl.from_pandas(t.assign(polars=DAYS)),
}


@pytest.mark.parametrize("name", WRONG)
@pytest.mark.parametrize("categorical", [False, True])
def test_a_column_without_numbers_is_named_in_one_line(table, y, name, categorical):
    if categorical:
        table["soil"] = pd.Categorical(["clay", "peat"] * 60)
    net = small().fit(table, y)
    wrong = WRONG[name](table)
    match = rf"^Column '{name}' holds no numbers but \w+ .*: drop it, or turn it into numbers\.$"
    with pytest.raises(ValueError, match=match):
        small().fit(wrong, y)
    if not categorical:
        with pytest.raises(ValueError, match=match):
            net.predict(wrong)


def test_text_is_found_below_a_missing_value(table, y):
    X = table.assign(soil=pd.Series([None, *["clay"] * 119], dtype=object))
    with pytest.raises(ValueError, match="Column 'soil' holds text such as 'clay': name it in"):
        small().fit(X, y)


def test_geometries_in_an_array_are_told_of_in_one_line(table, y):
    with pytest.raises(TypeError, match=r"^X holds Point 'POINT \(.* must be a string or a number"):
        small().fit(with_geometry(table).to_numpy(), y)


def test_a_dict_of_arrays_is_no_table(X, y):
    with pytest.raises(TypeError, match="X is a dict: pass one table"):
        small().fit({"slope": X[:, 0]}, y)


def test_numbers_kept_as_objects_are_numbers(table, y):
    X = table.astype(object).assign(known=[True, False, np.float32(2)] * 40)
    np.testing.assert_array_equal(
        small().fit(X, y).predict_proba(X),
        small().fit(X.astype(float), y).predict_proba(X.astype(float)),
    )


def test_tensors_are_tables(X, y):
    expected = small().fit(X, y).predict_proba(X)
    rows, labels = torch.from_numpy(X).requires_grad_(), torch.from_numpy(y)
    np.testing.assert_array_equal(small().fit(rows, labels).predict_proba(rows), expected)


# --- numbers of any size --------------------------------------------------------------------

SCALES = [1e-45, 1e-42, 1e-40, 1e-38, 1e-36, 1e-30, 1e-10, 1e10, 1e30, 1e37, 1e38]


# scikit-learn's check of an array sums it up.
@pytest.mark.filterwarnings("ignore:invalid value encountered in reduce:RuntimeWarning")
@pytest.mark.parametrize("linear", [True, False])
@pytest.mark.parametrize("scale", SCALES)
def test_factors_of_any_scale_give_probabilities(X, y, scale, linear):
    X = X.clip(-3, 3)
    X[:, 2] = X[0, 2]
    net = small(module__linear=linear, max_epochs=8).fit(X * scale, y)
    highest = np.full((2, 3), np.finfo(np.float32).max)
    for rows in (X * scale, -0.7 * scale * X, np.zeros((2, 3)), highest, -highest):
        for probability in (net.predict_proba(rows), net.predict_proba_members(rows)):
            np.testing.assert_allclose(probability.sum(axis=-1), 1)
    # Below the least normal number single precision has few values left.
    assert net.score(X * scale, y) > (0.9 if scale > 1e-44 else 0.7)


def test_a_power_of_two_as_unit_changes_nothing_but_the_unit(X, y):
    expected = small(module__linear=False).fit(X, y).predict_proba(X)
    for unit in (2.0**-100, 2.0**100):
        net = small(module__linear=False).fit(X * unit, y)
        np.testing.assert_array_equal(net.predict_proba(X * unit), expected)


@pytest.mark.parametrize("scale", [1e-45, 1e-40, 1e-36, 1e30, 1e38])
@pytest.mark.parametrize("signed", [False, True])
def test_sequences_of_any_scale_give_probabilities(y, scale, signed):
    rng = np.random.default_rng(0)
    rain = rng.gamma(0.5, size=(120, 12)).clip(0, 3) * np.where(y, 2, 0.5)[:, None] / 2
    rows = np.column_stack([rng.normal(size=120), (rain - signed) * scale])
    net = small(sequences={"rain": list(range(1, 13))}).fit(rows, y)
    for part in (rows, rows / 3, np.zeros((2, 13)), np.full((2, 13), 3e38)):
        np.testing.assert_allclose(net.predict_proba(part).sum(axis=1), 1)


@pytest.mark.parametrize("scale", [1e-44, 1e-30, 1.0, 1e30, 1e38])
def test_channels_and_summaries_of_steps_are_finite(scale):
    rows = np.random.default_rng(0).normal(size=(50, 8)).astype(np.float32).clip(-3, 3)
    for table in (rows, np.abs(rows), np.ones_like(rows)):
        table = table * np.float32(scale)
        reader = SequenceReader(learn_sequence(table, np.arange(8)[None]))
        for tensor in reader(torch.from_numpy(table)):
            assert tensor.isfinite().all()
