"""Values that look like undeclared nodata are named, and clean columns are not."""

import warnings

import numpy as np
import pandas as pd
import pytest

from sklearn_landslide._hints import hints_spelled
from sklearn_landslide._nodata import UndeclaredNodataWarning, suspect_codes
from sklearn_landslide._undeclared import find_undeclared, warn_of_undeclared


@pytest.mark.parametrize(
    ("codes", "suspects"),
    [
        ([1, 2, 3, -9999], [-9999]),
        ([0, 1, 2, 255], [255]),
        ([1, -9999], [-9999]),
        ([1, 2, 3, -99], [-99]),
        (["clay", "sand", "-9999"], ["-9999"]),
        (["clay", "sand", "NoData"], ["NoData"]),
        (["clay", "?"], []),
        # As of catchments.
        (["70.817", "99", "140.2"], []),
        (["70.817", "-9999", "140.2"], ["-9999"]),
        ([1, 2, 3], []),
        ([0, 1, 11, 12], []),
        ([-1, 0, 1], []),
        ([-999, -99], []),
        (["clay", "sand", "none"], []),
        ([111, 211, 255, 311], []),
        ([255], []),
        ([], []),
    ],
)
def test_codes_that_stand_for_no_data_are_found(codes, suspects):
    assert suspect_codes(codes) == suspects


def test_one_warning_names_the_columns_and_the_remedy():
    rng = np.random.default_rng(0)
    columns = {f"f{k}": np.r_[rng.normal(size=50), -9999.0] for k in range(5)}
    columns["soil"] = pd.Series([1, 2, 255], dtype="category")
    with pytest.warns(UndeclaredNodataWarning) as caught:
        warn_of_undeclared(columns, lambda values: f"declare {values}.")
    (warning,) = caught
    text = str(warning.message)
    assert text.startswith("'f0' has -9999 in 1 of 51 values, apart from all others")
    assert "and so in 3 more columns. If they stand for no data, declare [-9999, 255]." in text


def remedy(columns):
    with pytest.warns(UndeclaredNodataWarning) as caught:
        warn_of_undeclared(columns)
    return str(caught[0].message).partition(" for no data, ")[2]


def test_what_may_be_a_value_of_another_column_is_declared_by_column():
    ramp = np.arange(50.0)
    columns = {"slope": np.r_[ramp, -9999], "twi": np.r_[ramp, -9999]}
    assert remedy(columns) == "declare it: nodata=-9999."
    # Below the sea by as much: no end of its values is apart from the others.
    columns["depth"] = np.r_[ramp - 10_024, -9999, -9999]
    assert remedy(columns) == "declare it: nodata={'slope': -9999, 'twi': -9999}."
    elevation = {"elevation": np.r_[ramp + 800, np.zeros(20)], "twi": ramp + 1}
    assert remedy(elevation) == "declare it: nodata={'elevation': 0}."
    soil = {"soil": pd.Series([1, 2, 255], dtype="category"), "curvature": np.r_[ramp, -9999]}
    assert remedy(soil) == "declare it: nodata={'soil': 255, 'curvature': -9999}."


def test_the_remedy_is_spelled_as_the_caller_spells_it():
    with hints_spelled(lambda hint: f"--{hint.name} {hint.value}"):
        assert remedy({"slope": np.r_[np.arange(50.0), -9999]}) == "declare it: --nodata -9999."


def test_nothing_is_said_of_clean_columns():
    rng = np.random.default_rng(0)
    columns = {
        "rain": rng.gamma(0.3, 10, 500).round(1),
        "slope": rng.uniform(0, 60, 500),
        "empty": np.full(5, np.nan),
        "flag": rng.integers(0, 2, 500).astype(float),
        "soil": pd.Series(rng.integers(1, 9, 500), dtype="category"),
        "unused": pd.Series(pd.Categorical([1, 2], categories=[1, 2, -9999])),
    }
    assert find_undeclared(columns) == {}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warn_of_undeclared(columns, str)


@pytest.mark.parametrize("name", ["ecuador_points.csv", "yongxin_slope_units.csv"])
def test_nothing_is_said_of_real_tables(name, real_data):
    frame = pd.read_csv(real_data / name)
    assert find_undeclared({key: frame[key].to_numpy(dtype=float) for key in frame}) == {}
