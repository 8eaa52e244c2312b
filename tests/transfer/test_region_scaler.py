"""Each region on its own scale: hand-computed scores, ties, gaps, monotone transformations."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose, assert_array_equal
from scipy.stats import norm, rankdata
from sklearn.base import clone
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.utils._param_validation import InvalidParameterError

from sklearn_landslide.persistence import load_model, save_model
from sklearn_landslide.preprocessing import PlausibleRange
from sklearn_landslide.transfer import RegionScaler


@pytest.fixture
def table():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "slope": np.r_[rng.gamma(4, 3, 40), rng.gamma(9, 4, 60)],
            "region": ["hills"] * 40 + ["alps"] * 60,
            "twi": np.r_[rng.normal(9, 2, 40), rng.normal(4, 1, 60)].astype(np.float32),
            "soil": pd.Categorical(rng.integers(1, 4, 100)),
            "rainfall": rng.integers(800, 2000, 100),
        },
        index=range(7, 107),
    )
    return frame.sample(frac=1, random_state=0)


def test_scores_are_van_der_waerdens_within_each_region(table):
    out = RegionScaler("region").fit_transform(table)
    assert list(out) == ["slope_z", "twi_z", "soil", "rainfall_z"]
    assert out.index.equals(table.index)
    assert out.dtypes.astype(str).tolist() == ["float64", "float32", "category", "float64"]
    for _, rows in table.groupby("region"):
        for name in ("slope", "twi", "rainfall"):
            expected = norm.ppf(rankdata(rows[name]) / (len(rows) + 1))
            assert_allclose(out.loc[rows.index, f"{name}_z"], expected, rtol=1e-5, atol=1e-7)
    assert_array_equal(out["soil"], table["soil"])


def test_ties_share_the_middle_of_their_scores():
    out = RegionScaler().fit_transform([[0.0], [0.0], [0.0], [5.0]])
    assert_allclose(out[:, 0], norm.ppf([2 / 5, 2 / 5, 2 / 5, 4 / 5]))


def test_new_values_stand_between_those_of_fit_and_none_is_infinite():
    scaler = RegionScaler().fit([[1.0], [2.0], [4.0]])
    out = scaler.transform([[-1e9], [1.0], [1.5], [3.9], [4.0], [1e9]])
    assert_allclose(out[:, 0], norm.ppf(np.array([1, 2, 3, 5, 6, 7]) / 8))


def test_gaps_stay_gaps_and_do_not_count():
    X = pd.DataFrame({"slope": [3.0, np.nan, 1.0, 2.0], "ndvi": [np.nan] * 4})
    out = RegionScaler().fit_transform(X)
    assert_allclose(out["slope_z"], [*norm.ppf([0.75, np.nan, 0.25]), 0], atol=1e-15)
    assert out["ndvi_z"].isna().all()
    # A factor that a region did not have says nothing of its places.
    assert RegionScaler().fit(X).transform(X.assign(ndvi=0.5))["ndvi_z"].tolist() == [0.0] * 4


@settings(max_examples=60, deadline=None)
@given(
    arrays(np.float64, st.integers(1, 30), elements=st.integers(-8, 8).map(lambda k: k / 4)),
    arrays(np.float64, st.integers(1, 10), elements=st.integers(-10, 10).map(lambda k: k / 4)),
    st.sampled_from([np.exp, np.cbrt, np.arctan, lambda x: 3.28 * x - 7]),
    st.sampled_from([np.sinh, lambda x: x, lambda x: x**3]),
    st.sampled_from([2, 5, 1000]),
)
def test_increasing_transformations_change_nothing(values, new, one, other, n_quantiles):
    """Also another one in each region, for rows that fit did not see, and with few quantiles."""

    def frame(rows, first, second):
        half = len(rows) // 2
        return pd.DataFrame(
            {
                "r": [0] * half + [1] * (len(rows) - half),
                "x": [*first(rows[:half]), *second(rows[half:])],
            }
        )

    same = lambda x: x  # noqa: E731
    values, new = np.r_[values, values[0]], np.r_[new, new[0]]
    plain = RegionScaler("r", n_quantiles=n_quantiles).fit(frame(values, same, same))
    moved = RegionScaler("r", n_quantiles=n_quantiles).fit(frame(values, one, other))
    for rows in (values, new):
        assert_array_equal(
            plain.transform(frame(rows, same, same)), moved.transform(frame(rows, one, other))
        )


def test_few_quantiles_stand_for_many_rows():
    values = np.random.default_rng(0).normal(size=(5000, 1))
    out = RegionScaler(n_quantiles=200).fit_transform(values)
    assert_allclose(norm.cdf(out), rankdata(values, axis=0) / 5001, atol=1 / 200)
    assert np.corrcoef(out[:, 0], values[:, 0])[0, 1] > 0.999
    assert len(RegionScaler(n_quantiles=200).fit(values).quantiles_["x0"][0]) == 200


def test_factors_that_are_kept_and_levels_that_are_lost(table):
    scaler = RegionScaler("region", keep=["rainfall"]).fit(table)
    assert scaler.levels_lost_ == ["slope"]
    assert list(scaler.quantiles_) == ["slope", "twi"]
    assert_array_equal(scaler.transform(table)["rainfall"], table["rainfall"])
    assert RegionScaler("region").fit(table).levels_lost_ == ["slope", "rainfall"]
    dem = pd.DataFrame({"Altitude (m)": [1.0, 2.0], "spi": [1.0, 2.0]})
    assert RegionScaler().fit(dem).levels_lost_ == ["Altitude (m)"]


def test_a_region_that_fit_did_not_see_is_an_error_in_one_line(table):
    scaler = RegionScaler("region").fit(table)
    with pytest.raises(
        ValueError, match=r"rows are of 'karst', and fit saw .*'alps', 'hills'"
    ) as e:
        scaler.transform(table.assign(region="karst"))
    assert "\n" not in str(e.value)
    assert scaler.regions_ == ["alps", "hills"]


def test_a_region_is_known_by_its_code_whatever_its_type(table):
    table["region"] = (table["region"] == "alps").astype(int)
    out = RegionScaler("region").fit(table).transform(table.astype({"region": str}))
    assert out.equals(RegionScaler("region").fit_transform(table))


def test_an_array_has_its_region_by_position():
    X = np.array([[1.0, 0], [2.0, 0], [10.0, 1], [20.0, 1]])
    assert_allclose(RegionScaler(1).fit_transform(X)[:, 0], norm.ppf([1 / 3, 2 / 3] * 2))
    assert RegionScaler(1).fit(X).get_feature_names_out().tolist() == ["x0_z"]


def test_scores_are_not_taken_for_impossible_slopes(table):
    """PlausibleRange, which comes first in every pipeline, masks slopes below 0."""
    out = RegionScaler("region").fit_transform(table)
    assert (out["slope_z"] < 0).sum() == 50
    assert PlausibleRange().fit_transform(out).equals(out)


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"region": "county"}, r"region=\['county'\] are not columns"),
        ({"region": "region", "keep": ["region"]}, "keep has 'region', the column of the regions"),
        ({"region": "region", "keep": ["soil"]}, "keep has 'soil': categories stay"),
        ({}, "column 'region' is not numeric"),
    ],
)
def test_wrong_parameters_are_refused_in_one_line(table, params, message):
    with pytest.raises(ValueError, match=message) as caught:
        RegionScaler(**params).fit(table)
    assert "\n" not in str(caught.value)


def test_other_bad_input(table):
    with pytest.raises(ValueError, match="1 of 100 rows have no region in column 'region'"):
        RegionScaler("region").fit(table.assign(region=[None, *["a"] * 99]))
    with pytest.raises(ValueError, match="the only column: there is no factor"):
        RegionScaler("region").fit(table[["region"]])
    with pytest.raises(InvalidParameterError):
        RegionScaler(n_quantiles=1).fit(table[["slope"]])


def test_output_of_other_kinds(table):
    scaler = RegionScaler("region", categorical_features=["soil"]).set_output(transform="polars")
    table["soil"] = table["soil"].map({1: "a", 2: "b", 3: "c"})
    out = scaler.fit_transform(table)
    assert isinstance(out, pl.DataFrame)
    pandas = scaler.set_output(transform="default").transform(pl.from_pandas(table))
    assert_array_equal(out["slope_z"].to_numpy(), pandas["slope_z"])


def test_a_fitted_scaler_comes_back_from_a_file(table, tmp_path):
    pytest.importorskip("skops.io")
    X, y = table.drop(columns="soil"), (table["slope"] > 20).astype(int)
    model = make_pipeline(RegionScaler("region", keep=["rainfall"]), LogisticRegression())
    model.fit(X, y)
    save_model(model, tmp_path / "model.zip")
    loaded = load_model(tmp_path / "model.zip")
    assert_array_equal(loaded.predict_proba(X), model.predict_proba(X))
    assert loaded[0].regions_ == ["alps", "hills"]
    assert clone(loaded[0]).keep == ["rainfall"]


def test_a_model_of_one_region_ranks_another_whose_factors_have_another_scale():
    """The case that it is for: steep for here is what counts, in other numbers in each region."""
    rng = np.random.default_rng(0)
    ranks = rng.uniform(size=(600, 2))
    y = (ranks @ [2, -1] + rng.logistic(scale=0.2, size=600) > 0.5).astype(int)
    here = np.column_stack([60 * ranks[:, 0], np.exp(4 * ranks[:, 1])])
    X = pd.DataFrame(here, columns=["slope", "spi"]).assign(region=np.repeat(["a", "b"], 300))
    there = X["region"] == "b"
    X.loc[there, "spi"] = 2000 - 40 / X.loc[there, "spi"]
    X.loc[there, "slope"] = 15 + 0.1 * X.loc[there, "slope"]
    scores = {}
    for name, Z in {
        "own": RegionScaler("region").fit_transform(X),
        "one": X[["slope", "spi"]],
    }.items():
        model = RandomForestClassifier(30, random_state=0).fit(Z[~there], y[~there])
        scores[name] = roc_auc_score(y[there], model.predict_proba(Z[there])[:, 1])
    assert scores["own"] > 0.85
    assert scores["own"] > scores["one"] + 0.1
