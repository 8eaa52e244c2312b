"""Prediction of a large table: in parts, with the same numbers and little memory."""

import tracemalloc

import numpy as np
import pandas as pd
import polars as pl
import pytest

from sklearn_landslide import LandslideNet
from sklearn_landslide.nn import _prediction


@pytest.fixture(scope="module")
def net():
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(200, 3)), columns=["slope", "twi", "ndvi"])
    X["soil"] = pd.Categorical(rng.choice(["clay", "sand"], 200))
    return LandslideNet(max_epochs=1, n_members=1, random_state=0).fit(X, X["slope"] > 0)


def test_probabilities_of_a_large_table_are_those_of_its_rows_computed_without_a_table():
    rng = np.random.default_rng(1)
    X = pd.DataFrame(rng.normal(size=(9000, 3)), columns=["slope", "twi", "ndvi"])
    X["soil"] = pd.Categorical(rng.choice(["clay", "sand"], 9000))
    label = X["slope"] + np.sin(3 * X["twi"]) + (X["soil"] == "clay") > 0
    net = LandslideNet(max_epochs=20, random_state=0).fit(X[:500], label[:500])
    whole = net.predict_proba(X)
    parts = np.concatenate(
        [net.predict_proba(X[start : start + 1000]) for start in range(0, 9000, 1000)]
    )
    assert (whole != parts).any()
    np.testing.assert_allclose(whole, parts, rtol=0, atol=1e-4)


@pytest.mark.filterwarnings("ignore:.* are unknown from the fit")
@pytest.mark.parametrize("kind", ["pandas", "polars"])
def test_a_frame_read_in_parts_gives_the_same_numbers(net, kind, monkeypatch):
    rng = np.random.default_rng(1)
    X = pd.DataFrame(rng.normal(size=(5000, 3)), columns=["slope", "twi", "ndvi"])
    X["soil"] = pd.Categorical(rng.choice(["clay", "sand", "loess"], 5000))
    whole = net.predict_proba(X)
    monkeypatch.setattr(_prediction, "_READ_ROWS", 1024)
    if kind == "polars":
        X = pl.DataFrame({name: X[name].tolist() for name in X}).with_columns(
            pl.col("soil").cast(pl.Categorical)
        )
    np.testing.assert_array_equal(net.predict_proba(X), whole)
    members, same = net.predict_proba_members(X, return_proba=True)
    np.testing.assert_array_equal(same, whole)
    # A single member is the net.
    np.testing.assert_allclose(members, whole[np.newaxis], rtol=1e-12)


def test_an_error_in_a_late_part_is_found(net, monkeypatch):
    monkeypatch.setattr(_prediction, "_READ_ROWS", 1024)
    X = pd.DataFrame(np.ones((3000, 3)), columns=["slope", "twi", "ndvi"]).assign(soil="clay")
    X.loc[2999, "twi"] = np.nan
    with pytest.raises(ValueError, match="NaN"):
        net.predict_proba(X)


def test_the_table_is_not_copied():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(300_000, 16))
    small = LandslideNet(max_epochs=0, n_members=1, module__deep=False).fit(X[:50], X[:50, 0] > 0)
    small.predict_proba(X[:2000])
    tracemalloc.start()
    probabilities = small.predict_proba(X)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    # A float32 copy of the table alone would be 19 MB.
    assert peak < probabilities.nbytes + 12e6
