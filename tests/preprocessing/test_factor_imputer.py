import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn import config_context
from sklearn.impute import SimpleImputer

from sklearn_landslide._nodata import UndeclaredNodataWarning
from sklearn_landslide.preprocessing import FactorImputer


@pytest.fixture
def table():
    return pd.DataFrame(
        {
            "slope": [10.0, np.nan, 30.0, 50.0],
            "soil": pd.Categorical([7, 3, 3, None]),
            "rock": ["tuff", None, "shale", "shale"],
            "road": [True, False, True, True],
        }
    )


def test_quantities_get_the_median_and_categories_the_most_frequent(table):
    imputer = FactorImputer(["soil", "rock"]).fit(table)
    out = imputer.transform(table)
    assert out["slope"].tolist() == [10, 30, 30, 50]
    assert out["soil"].tolist() == [7, 3, 3, 3]
    assert out["rock"].tolist() == ["tuff", "shale", "shale", "shale"]
    assert out["road"].tolist() == [1, 0, 1, 1]
    assert imputer.statistics_ == {"slope": 30, "soil": 3, "rock": "shale", "road": 1}


def test_quantities_agree_with_simple_imputer():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(50, 4))
    X[rng.random(X.shape) < 0.3] = np.nan
    for strategy in ("median", "mean"):
        expected = SimpleImputer(strategy=strategy).fit_transform(X)
        assert_allclose(FactorImputer(strategy=strategy).fit_transform(X), expected)


def test_first_of_equally_frequent_categories_fills_in():
    X = pd.DataFrame({"soil": pd.Categorical(["b", "a", "b", "a", None])})
    assert FactorImputer().fit(X).statistics_ == {"soil": "a"}


def test_categories_are_those_of_the_rows_and_not_of_the_dtype():
    X = pd.DataFrame({"soil": pd.Categorical([1, 2], categories=[1, 2, 3, 99])})
    imputer = FactorImputer().fit(X)
    assert imputer.categories_["soil"].tolist() == [1, 2]
    assert imputer.transform(X)["soil"].cat.categories.tolist() == [1, 2]


def test_category_first_met_in_transform_is_kept_after_the_known_ones():
    imputer = FactorImputer().fit(pd.DataFrame({"soil": pd.Categorical([5, 2, 2])}))
    out = imputer.transform(pd.DataFrame({"soil": pd.Categorical([1, 5, None])}))
    assert out["soil"].tolist() == [1, 5, 2]
    assert out["soil"].cat.categories.tolist() == [2, 5, 1]


@pytest.mark.parametrize("categorical", [["soil"], [1], [False, True, False]])
def test_categorical_columns_are_named_placed_or_masked(categorical):
    X = pd.DataFrame({"slope": [1.0, 2.0], "soil": [4, 4], "ndvi": [0.1, 0.2]})
    out = FactorImputer(categorical).fit_transform(X)
    assert [str(dtype) for dtype in out.dtypes] == ["float64", "category", "float64"]
    assert list(out) == ["slope", "soil", "ndvi"]


def test_array_with_categories_becomes_a_frame():
    X = np.array([[1.0, 4.0], [np.nan, np.nan], [3.0, 4.0]])
    out = FactorImputer([1]).fit_transform(X)
    assert list(out) == ["x0", "x1"]
    assert out["x0"].tolist() == [1, 2, 3]
    assert out["x1"].tolist() == [4, 4, 4]


def test_empty_quantity_is_filled_with_a_constant():
    X = np.array([[np.nan, 1.0], [np.nan, 2.0]])
    assert_array_equal(FactorImputer().fit_transform(X), [[0, 1], [0, 2]])


def test_float32_stays(table):
    X = np.array([[1, 2], [np.nan, 4]], dtype=np.float32)
    assert FactorImputer().fit_transform(X).dtype == np.float32


@pytest.mark.parametrize(
    "column",
    [
        ["granite", "shale", None, "shale"],
        pd.Categorical(["granite", "shale", None, "shale"]),
        ["granite", 3, 4, 5],
    ],
)
def test_undeclared_text_is_an_error_that_names_the_column(table, column):
    with pytest.raises(ValueError, match=r"column 'rock' is not numeric .*'granite'.* name it"):
        FactorImputer(["soil"]).fit(table.assign(rock=column))


def test_dates_are_no_quantities(table):
    table["day"] = pd.date_range("2021-01-01", periods=4)
    with pytest.raises(ValueError, match="column 'day' is not numeric"):
        FactorImputer(["soil", "rock"]).fit(table)


def test_unknown_categorical_name_is_an_error(table):
    with pytest.raises(ValueError, match="geology"):
        FactorImputer(["geology"]).fit(table)


@pytest.fixture
def storms():
    nan = np.nan
    return pd.DataFrame(
        {
            "slope": [10.0, nan, 30.0],
            "rain_1": [nan, 6.0, 2.0],
            "soil": pd.Categorical(["loam", None, "loam"]),
            "rain_0": np.array([2, 4, nan], dtype=np.float32),
            "rain_2": [8.0, nan, 2.0],
            "rain_3": [nan, nan, nan],
        },
        index=[5, 7, 9],
    )


RAIN = {"rain": ["rain_0", "rain_1", "rain_2", "rain_3"]}


def test_sequences_are_filled_along_time_and_their_ends_by_the_median_of_the_step(storms):
    imputer = FactorImputer(sequences=RAIN).fit(storms)
    out = imputer.transform(storms)
    assert out["rain_1"].tolist() == [5, 6, 2]
    assert out["rain_0"].tolist() == [2, 4, 3]
    assert out["rain_2"].tolist() == [8, 5, 2]
    # No value at all: the median of 2, 4, 6, 2, 8 and 2.
    assert out["rain_3"].tolist() == [3] * 3
    assert imputer.statistics_["rain_3"] == 3
    assert out["rain_0"].dtype == np.float32
    assert out.columns.tolist() == storms.columns.tolist()
    assert out.index.tolist() == [5, 7, 9]
    assert FactorImputer(sequences=RAIN, strategy="mean").fit(storms).statistics_["rain_3"] == 4


def test_sequences_change_nothing_in_the_other_columns(storms):
    with_series = FactorImputer(sequences=RAIN).fit_transform(storms)
    without = FactorImputer().fit_transform(storms)
    pd.testing.assert_frame_equal(with_series[["slope", "soil"]], without[["slope", "soil"]])


def test_what_fills_the_ends_of_a_sequence_was_learned_in_fit(storms):
    imputer = FactorImputer(sequences=RAIN).fit(storms)
    dry = storms.assign(**dict.fromkeys(RAIN["rain"], 0.0)).assign(rain_0=np.nan)
    assert imputer.transform(dry)["rain_0"].tolist() == [3] * 3


def test_positions_of_an_array_are_filled_along_time():
    X = np.array([[9.0, 1, np.nan, 5], [7.0, 1, 1, 1]])
    out = FactorImputer(sequences={"rain": [1, 2, 3]}).fit_transform(X)
    assert_array_equal(out, [[9, 1, 3, 5], [7, 1, 1, 1]])


@pytest.mark.parametrize(
    ("sequences", "message"),
    [
        ({"rain": ["rain_3"]}, "from 'rain_3' to 'rain_3' has no value in any of 3 rows"),
        ({"rain": ["rain_0", "soil"]}, "holds 'soil', which is a category"),
        ({"rain": ["rain_0", "rain_9"]}, "names 'rain_9', which is not a column"),
    ],
)
def test_sequence_that_cannot_be_filled_is_named_in_one_line(storms, sequences, message):
    with pytest.raises(ValueError, match=message) as caught:
        FactorImputer(sequences=sequences).fit(storms)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "column",
    [
        [2, 5, 5, None],
        [2.0, 5.0, 5.0, np.nan],
        ["2", "5", " 5", ""],
        ["2.0", 5, 5.0, pd.NA],
        pd.Categorical(["2", "5", "5", None], categories=["5", "9", "2"]),
    ],
)
def test_the_same_codes_fill_and_code_alike_whatever_their_type(column):
    frame = pd.DataFrame({"soil": column})
    known = pd.DataFrame({"soil": pd.Categorical([5, 2, 5, 9])})
    out = FactorImputer(["soil"]).fit(known).transform(frame)
    assert out["soil"].tolist() == [2, 5, 5, 5]
    assert out["soil"].cat.categories.tolist() == [2, 5, 9]
    fitted = FactorImputer(["soil"]).fit(frame)
    assert fitted.categories_["soil"].tolist() == [2, 5]
    assert fitted.transform(known)["soil"].cat.codes.tolist() == [1, 0, 1, 2]


@pytest.mark.parametrize("kind", [[True, False, None], [1, "a", 2.5], ["b", None, "a"]])
def test_categories_of_mixed_types_have_one_form(kind):
    imputer = FactorImputer(["kind"]).fit(pd.DataFrame({"kind": np.array(kind, dtype=object)}))
    assert len({type(code) for code in imputer.categories_["kind"]}) == 1


def test_codes_beyond_2_to_53_stay_apart():
    codes = [2**53, 2**53 + 1, 2**53, None]
    out = FactorImputer(["k"]).fit_transform(pd.DataFrame({"k": np.array(codes, dtype=object)}))
    assert out["k"].tolist() == [2**53, 2**53 + 1, 2**53, 2**53]


def test_a_column_of_other_codes_is_an_error_and_many_unknown_ones_a_warning():
    imputer = FactorImputer().fit(pd.DataFrame({"soil": pd.Categorical([1, 2, 3])}))
    with pytest.raises(ValueError, match="none of the 2 codes of column 'soil' is known"):
        imputer.transform(pd.DataFrame({"soil": pd.Categorical(["clay", "sand"])}))
    with pytest.warns(UserWarning, match="2 of 3 values of column 'soil' are unknown"):
        imputer.transform(pd.DataFrame({"soil": pd.Categorical(["clay", "1", "?"])}))


def test_numbers_beyond_1e30_are_missing():
    X = pd.DataFrame({"curvature": [-3.4e38, 1.0, 3.0, 1.797e308]})
    for strategy in ("median", "mean"):
        out = FactorImputer(strategy=strategy).fit_transform(X)
        assert out["curvature"].tolist() == [2, 1, 3, 2]


def test_a_code_that_stands_for_no_data_is_named():
    X = pd.DataFrame({"soil": pd.Categorical([1, 2, 3, -9999])})
    with pytest.warns(UndeclaredNodataWarning, match="'soil' has -9999 in 1 of 4 values"):
        FactorImputer().fit(X)


def test_a_code_that_stands_for_no_data_is_named_where_fit_did_not_have_it():
    X = pd.DataFrame({"soil": pd.Categorical([1, 2, 3, 3] * 5)})
    new = pd.DataFrame({"soil": pd.Categorical([1, 2, 3, -9999] * 2)})
    imputer = FactorImputer().fit(X)
    with pytest.warns(UndeclaredNodataWarning, match="'soil' has -9999 in 2 of 8 values") as caught:
        assert imputer.transform(new)["soil"].tolist() == [1, 2, 3, -9999] * 2
    assert len(caught) == 1
    with pytest.warns(UndeclaredNodataWarning, match="'soil' has -9999 in 2 of 8") as caught:
        imputer = FactorImputer()
        imputer.fit_transform(new)
    assert len(caught) == 1
    # It was said in fit.
    imputer.transform(new)


def test_an_empty_column_of_dates_is_named():
    with pytest.raises(
        ValueError, match=r"column 'day' is not numeric \(it is empty, of type date"
    ):
        FactorImputer().fit(pd.DataFrame({"day": pd.Series([pd.NaT] * 3), "slope": [1.0, 2, 3]}))


@pytest.mark.filterwarnings("ignore:polars has no categories but text")
@pytest.mark.parametrize("output", ["pandas", "polars"])
def test_the_users_output_settings_do_not_change_the_values(table, output):
    expected = FactorImputer(["soil", "rock"]).fit_transform(table)
    with config_context(transform_output=output):
        out = FactorImputer(["soil", "rock"]).fit(table).transform(table)
    assert out["slope"].to_list() == expected["slope"].tolist()
    assert out["rock"].to_list() == expected["rock"].tolist()
