import warnings

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from pandas.testing import assert_frame_equal
from sklearn.utils._param_validation import InvalidParameterError

from sklearn_landslide._codes import codes_may_be_unknown
from sklearn_landslide._hints import hints_spelled
from sklearn_landslide._nodata import UndeclaredNodataWarning
from sklearn_landslide.preprocessing import PlausibleRange


@pytest.fixture
def table():
    return pd.DataFrame(
        {
            "slope": [31.5, -9999.0, 90.0, 91.0, 12.0],
            "rainfall": np.array([924, 10, 0, 5, -1], dtype=np.int64),
            "ndvi": np.array([0.2, 0.3, 1.0, -1.0, 0.9], dtype=np.float32),
            "plan_curvature": [1e6, -1e6, 0.0, np.nan, 1.0],
            "soil": pd.Categorical([10, -9999, 3, 3, 3]),
            "rock": ["granite", "shale", None, "shale", "tuff"],
        }
    )


def test_mask_turns_exactly_the_impossible_values_into_nan(table):
    out = PlausibleRange().fit_transform(table)
    assert_array_equal(out["slope"], [31.5, np.nan, 90.0, np.nan, 12.0])
    assert_array_equal(out["rainfall"], [924, 10, 0, 5, np.nan])
    untouched = ["ndvi", "plan_curvature", "soil", "rock"]
    assert_frame_equal(out[untouched], table[untouched])


def test_clip_moves_impossible_values_to_the_nearer_end(table):
    out = PlausibleRange(action="clip").fit_transform(table)
    assert_array_equal(out["slope"], [31.5, 0.0, 90.0, 90.0, 12.0])
    assert_array_equal(out["rainfall"], [924, 10, 0, 5, 0])


def test_bounds_and_counts_are_reported_for_bounded_columns_only(table):
    cleaner = PlausibleRange().fit(table)
    assert cleaner.bounds_ == {"slope": (0, 90), "rainfall": (0, np.inf), "ndvi": (-1, 1)}
    assert cleaner.n_out_of_range_ == {"slope": 2, "rainfall": 1, "ndvi": 0}


def test_input_is_not_changed(table):
    before = table.copy(deep=True)
    PlausibleRange().fit_transform(table)
    assert_frame_equal(table, before)


def test_dtypes_stay_where_nothing_is_masked(table):
    clean = table.assign(slope=1.0, rainfall=np.int64(4))
    out = PlausibleRange().fit(table).transform(clean)
    assert out.dtypes.equals(clean.dtypes)


def test_user_bounds_go_on_top_of_the_field_bounds(table):
    cleaner = PlausibleRange({"slope": (0, 70), "rainfall": None, "plan_curvature": (None, 5)})
    out = cleaner.fit_transform(table)
    assert cleaner.bounds_ == {
        "slope": (0, 70),
        "ndvi": (-1, 1),
        "plan_curvature": (-np.inf, 5),
    }
    assert out["slope"].isna().sum() == 3
    assert out["plan_curvature"].tolist()[1:3] == [-1e6, 0.0]


def test_no_bounds_changes_nothing(table):
    assert_frame_equal(PlausibleRange(None).fit_transform(table), table)


def test_array_columns_are_bounded_by_position():
    X = np.array([[1.0, 5.0], [2.0, -5.0]])
    cleaner = PlausibleRange({1: (0, None)}).fit(X)
    assert_array_equal(cleaner.transform(X), [[1.0, 5.0], [2.0, np.nan]])
    assert cleaner.bounds_ == {"x1": (0, np.inf)}


def test_bounds_come_from_the_factor_and_not_from_the_rows(table):
    once = PlausibleRange().fit(table.iloc[:1])
    assert once.bounds_ == PlausibleRange().fit(table).bounds_
    assert once.transform(table)["slope"].isna().sum() == 2


def test_text_in_an_array_passes_through():
    X = np.array([[1.0, "granite"], [99.0, "shale"]], dtype=object)
    out = PlausibleRange({0: (0, 90)}).fit_transform(X)
    assert out[:, 1].tolist() == ["granite", "shale"]
    assert np.isnan(out[1, 0])


def test_polars_frame_is_cleaned_and_comes_out_as_pandas():
    X = pl.DataFrame({"slope": [10.0, None, 95.0], "soil": ["a", "b", None]})
    X = X.with_columns(pl.col("soil").cast(pl.Categorical))
    out = PlausibleRange().fit_transform(X)
    assert_array_equal(out["slope"], [10.0, np.nan, np.nan])
    assert out["soil"].cat.categories.tolist() == ["a", "b"]
    assert out["soil"].isna().tolist() == [False, False, True]


@pytest.mark.parametrize(
    "bounds, message",
    [
        ({"slope": (90, 0)}, "'slope' have low 90 above high 0"),
        ({"slop": (0, 90)}, "'slop', and there is no such factor: the factors are slope, rainf"),
        ({17: (0, 90)}, "17, and there is no such factor"),
        ({"slope": 90}, r"pair \(low, high\) of numbers, None for an open end, got 90"),
        ({"slope": ("0", 90)}, "pair"),
        ({"slope": (np.nan, 90)}, "pair"),
        ({"soil": (0, 90)}, "'soil', and that column is not a quantity"),
    ],
)
def test_bad_bounds_are_named(table, bounds, message):
    with pytest.raises(ValueError, match=message):
        PlausibleRange(bounds).fit(table)


@pytest.mark.parametrize("bounds", ["field", None, {"plan_curvature": (None, None)}])
@pytest.mark.parametrize("action", ["mask", "clip"])
@pytest.mark.parametrize("number", [-3.4028234663852886e38, 1.8e30, -1.7976931348623157e308])
@pytest.mark.parametrize("dtype", [float, object])
def test_numbers_beyond_1e30_are_never_data(bounds, action, number, dtype):
    X = pd.DataFrame({"plan_curvature": np.array([0.1, number, -0.2], dtype=dtype)})
    out = PlausibleRange(bounds, action=action).fit_transform(X)
    assert_array_equal(out["plan_curvature"].astype(float), [0.1, np.nan, -0.2])


def test_a_column_of_nodata_for_the_most_part_is_not_taken_for_another_unit():
    X = pd.DataFrame({"ndvi": [-3.4e38, -3.4e38, 0.5]})
    assert_array_equal(PlausibleRange().fit_transform(X)["ndvi"], [np.nan, np.nan, 0.5])


@pytest.mark.parametrize("dtype", [float, object])
def test_objects_that_are_numbers_have_ranges_too(dtype):
    X = pd.DataFrame({"slope": np.array([31.5, -9999.0, 12.0, None], dtype=dtype)})
    out = PlausibleRange().fit_transform(X)
    assert_array_equal(out["slope"].astype(float), [31.5, np.nan, 12.0, np.nan])
    clipped = PlausibleRange(action="clip").fit_transform(X)
    assert_array_equal(clipped["slope"].astype(float), [31.5, 0, 12.0, np.nan])


def test_undeclared_nodata_is_named_where_no_range_would_catch_it():
    curvature = np.r_[np.random.default_rng(0).normal(size=30), -9999.0]
    X = pd.DataFrame({"plan_curvature": curvature, "slope": 10.0})
    with pytest.warns(UndeclaredNodataWarning, match="'plan_curvature' has -9999 in 1 of 31"):
        PlausibleRange().fit(X)
    # With a range, lifted or not, somebody has thought about it; and a range catches it.
    for bounds in ({"plan_curvature": None}, {"plan_curvature": (-50, 50)}, None):
        PlausibleRange(bounds).fit(X)
    PlausibleRange().fit(X.rename(columns={"plan_curvature": "twi"}))


def test_a_dry_hour_is_no_missing_value():
    """Most hours have no rain; a yearly total of 0 still looks like no data."""
    rain = np.append(np.linspace(20, 30, 40), np.zeros(20))
    hours = pd.DataFrame({"rain_003": rain, "log_rain_sum_24h": rain})
    assert (PlausibleRange().fit_transform(hours).to_numpy() == 0).sum() == 40
    with pytest.warns(UndeclaredNodataWarning, match="'annual_rainfall' has 0 in 20 of 60"):
        PlausibleRange().fit(pd.DataFrame({"annual_rainfall": rain}))


def test_undeclared_nodata_is_named_in_a_table_that_is_only_transformed():
    curvature = np.random.default_rng(0).normal(size=31)
    clean = pd.DataFrame({"plan_curvature": curvature, "slope": 10.0})
    filled = clean.assign(plan_curvature=np.r_[curvature[:30], -9999.0])
    fitted = PlausibleRange().fit(clean)
    with pytest.warns(UndeclaredNodataWarning, match="'plan_curvature' has -9999 in 1 of 31"):
        out = fitted.transform(filled)
    assert out["plan_curvature"].iloc[30] == -9999
    # A range catches it, one that is lifted is meant, and of a part of a table nothing is said.
    for bounds in ({"plan_curvature": None}, {"plan_curvature": (-50, 50)}, {0: None}, None):
        PlausibleRange(bounds).fit(clean).transform(filled)
    with codes_may_be_unknown():
        fitted.transform(filled)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        PlausibleRange().fit_transform(filled)
    assert len(caught) == 1


def test_bad_parameters_are_refused(table):
    with pytest.raises(InvalidParameterError, match="action"):
        PlausibleRange(action="drop").fit(table)


def test_column_in_another_unit_is_an_error_and_not_a_column_of_nan():
    X = pd.DataFrame({"ndvi": [2177.0, 1291.0, 0.5]})
    with pytest.raises(ValueError, match=r"2 of 3 values of 'ndvi' lie outside \[-1, 1\].*unit"):
        PlausibleRange().fit(X)
    with (
        pytest.raises(ValueError, match=r"check its unit, or rename it\.$"),
        hints_spelled(lambda hint: None),
    ):
        PlausibleRange().fit(X)
    assert PlausibleRange({"ndvi": (-10_000, 10_000)}).fit(X).n_out_of_range_ == {"ndvi": 0}


@pytest.mark.parametrize("value", [np.inf, -np.inf])
def test_infinity_is_an_error_that_names_the_column(table, value):
    table.loc[0, "slope"] = value
    with pytest.raises(ValueError, match="column 'slope' contains infinity in 1 of 5 rows"):
        PlausibleRange().fit(table)


def test_column_name_that_comes_twice_is_an_error():
    with pytest.raises(ValueError, match="'slope' appears more than once"):
        PlausibleRange().fit(pd.DataFrame([[1.0, 2.0]], columns=["slope", "slope"]))


@given(
    st.lists(st.floats(allow_nan=True, allow_infinity=False, width=64), min_size=1),
    st.floats(-1e3, 1e3),
    st.floats(0, 1e3),
)
def test_result_is_inside_the_bounds_or_missing_and_inside_values_stay(values, low, width):
    X, high = np.array(values).reshape(-1, 1), low + width
    inside = (low <= X) & (high >= X)
    for action in ("mask", "clip"):
        out = PlausibleRange({0: (low, high)}, action=action).fit_transform(X)
        assert ((out >= low) & (out <= high) | np.isnan(out)).all()
        assert_array_equal(out[inside], X[inside])
        # Beyond 1e30 there is nothing to clip.
        missing = np.isnan(X) | (np.abs(X) > 1e30) | (action == "mask")
        assert_array_equal(np.isnan(out[~inside]), missing[~inside])


@pytest.mark.parametrize("name", ["ecuador_points.csv", "yongxin_slope_units.csv"])
def test_real_tables_have_no_value_out_of_the_field_bounds(name, real_data):
    cleaner = PlausibleRange().fit(pd.read_csv(real_data / name))
    assert "slope" in cleaner.bounds_
    assert set(cleaner.n_out_of_range_.values()) == {0}
