import numpy as np
import pandas as pd
import polars as pl
import pytest
from imblearn.over_sampling import SMOTE, SMOTEN, SMOTENC
from imblearn.utils.estimator_checks import (
    check_dataframe_column_names_consistency,
    check_param_validation,
)
from numpy.testing import assert_array_equal
from sklearn import config_context
from sklearn.neighbors import NearestNeighbors

from sklearn_landslide.over_sampling import FactorSMOTE


def test_parameter_and_column_name_checks_of_imblearn():
    check_param_validation("FactorSMOTE", FactorSMOTE())
    check_dataframe_column_names_consistency("FactorSMOTE", FactorSMOTE())


@pytest.fixture
def table():
    rng = np.random.default_rng(0)
    n = 60
    X = pd.DataFrame(
        {
            "soil": pd.Categorical(rng.integers(3, 6, n), categories=[3, 4, 5, 9]),
            "slope": rng.uniform(0, 60, n),
            "rock": pd.Categorical(rng.choice(["granite", "shale"], n)),
            "ndvi": rng.uniform(-1, 1, n).astype(np.float32),
        },
        index=range(100, 100 + n),
    )
    return X, pd.Series(np.repeat([0, 1], [45, 15]), index=X.index, name="landslide")


def test_quantities_only_is_smote(table):
    X, y = table
    X = X[["slope", "ndvi"]]
    sampler = FactorSMOTE(random_state=3)
    ours, ours_y = sampler.fit_resample(X, y)
    expected, expected_y = SMOTE(random_state=3).fit_resample(X, y)
    assert isinstance(sampler.sampler_, SMOTE) and not isinstance(sampler.sampler_, SMOTENC)
    pd.testing.assert_frame_equal(ours, expected)
    pd.testing.assert_series_equal(ours_y, expected_y)


def test_quantities_and_categories_is_smotenc(table):
    X, y = table
    sampler = FactorSMOTE(random_state=3, k_neighbors=4)
    ours, ours_y = sampler.fit_resample(X, y)
    expected, expected_y = SMOTENC("auto", random_state=3, k_neighbors=4).fit_resample(X, y)
    assert isinstance(sampler.sampler_, SMOTENC)
    pd.testing.assert_frame_equal(ours, expected)
    pd.testing.assert_series_equal(ours_y, expected_y)


@pytest.mark.parametrize("names", [["slope", "ndvi"], ["soil", "slope", "rock", "ndvi"]])
def test_neighbors_are_searched_for_the_drawn_rows_alone(table, names, monkeypatch):
    X, _ = table
    X = X[names]
    y = np.repeat([0, 1], [31, 29])
    searched = []
    search = NearestNeighbors.kneighbors

    def recorded(self, X=None, *args, **params):
        searched.append(X.shape[0])
        return search(self, X, *args, **params)

    monkeypatch.setattr(NearestNeighbors, "kneighbors", recorded)
    ours, _ = FactorSMOTE(random_state=3).fit_resample(X, y)
    assert len(ours) == 62
    assert searched == [2]


def test_categories_only_is_smoten(table):
    X, y = table
    X = X[["soil", "rock"]]
    sampler = FactorSMOTE(random_state=3)
    ours, _ = sampler.fit_resample(X, y)
    expected, _ = SMOTEN(random_state=3).fit_resample(X, y)
    assert isinstance(sampler.sampler_, SMOTEN)
    pd.testing.assert_frame_equal(ours, expected)


def test_frame_keeps_names_dtypes_categories_and_its_own_rows(table):
    X, y = table
    ours, ours_y = FactorSMOTE(random_state=0).fit_resample(X, y)
    assert ours.dtypes.equals(X.dtypes)
    assert ours["soil"].cat.categories.tolist() == [3, 4, 5, 9]
    pd.testing.assert_frame_equal(ours.iloc[:60], X.reset_index(drop=True))
    assert_array_equal(np.bincount(ours_y), [45, 45])
    assert ours.iloc[60:]["slope"].between(*X["slope"][y == 1].agg(["min", "max"])).all()


@pytest.mark.parametrize("categorical", [["soil", "rock"], [0, 2], [True, False, True, False]])
def test_categories_without_the_dtype_are_declared(table, categorical):
    X, y = table
    plain = X.astype({"soil": int, "rock": object})
    ours, _ = FactorSMOTE(categorical_features=categorical, random_state=0).fit_resample(plain, y)
    expected, _ = FactorSMOTE(random_state=0).fit_resample(X, y)
    assert_array_equal(ours["soil"], expected["soil"].astype(int))
    assert_array_equal(ours["rock"], expected["rock"])
    assert ours.dtypes.equals(plain.dtypes)


def test_array_with_codes_gets_no_new_codes():
    rng = np.random.default_rng(0)
    X = np.column_stack([rng.normal(size=40), rng.choice([2.0, 7.0], 40)])
    y = np.repeat([0, 1], [30, 10])
    codes = FactorSMOTE(categorical_features=[1], random_state=0).fit_resample(X, y)[0][:, 1]
    assert set(codes) == {2.0, 7.0}
    without = FactorSMOTE(categorical_features=None, random_state=0).fit_resample(X, y)[0][:, 1]
    assert set(without) - {2.0, 7.0}


def test_integer_quantities_beside_categories_are_interpolated(table):
    X, y = table
    X = X[["soil"]].assign(elevation=np.arange(60) ** 2 * 10)
    ours, _ = FactorSMOTE(random_state=0).fit_resample(X, y)
    assert ours["elevation"].dtype == X["elevation"].dtype
    assert not ours["elevation"].iloc[60:].isin(X["elevation"]).all()


def test_polars_frame_is_resampled_as_pandas(table):
    X, y = table
    X = X[["slope", "ndvi"]]
    ours, _ = FactorSMOTE(random_state=0).fit_resample(
        pl.DataFrame({name: X[name].to_numpy() for name in X}), y.to_numpy()
    )
    expected, _ = FactorSMOTE(random_state=0).fit_resample(X, y)
    pd.testing.assert_frame_equal(ours, expected)


@pytest.mark.parametrize("columns", [["slope", "ndvi"], ["soil", "slope"], ["soil", "rock"]])
@pytest.mark.parametrize("label", [1, "landslide"])
def test_class_without_enough_neighbors_is_named(table, columns, label):
    X, y = table
    y = np.where(np.arange(60) < 55, "no", label) if isinstance(label, str) else y * 0
    if not isinstance(label, str):
        y.iloc[55:] = label
    message = (
        rf"^class {label!r} has 5 rows, and SMOTE with k_neighbors=5 needs at least 6: "
        r"add rows of that class, lower k_neighbors, or do not resample "
        r"\(resample=None in the pipeline\)\.$"
    )
    with pytest.raises(ValueError, match=message):
        FactorSMOTE().fit_resample(X[columns], y)
    ours, _ = FactorSMOTE(k_neighbors=4, random_state=0).fit_resample(X[columns], y)
    assert len(ours) == 110


def test_neighbors_of_an_estimator_are_counted(table):
    X, y = table
    sampler = FactorSMOTE(k_neighbors=NearestNeighbors(n_neighbors=17))
    with pytest.raises(ValueError, match=r"class 1 has 15 rows.*k_neighbors=16 needs at least 17"):
        sampler.fit_resample(X[["slope"]], y)


def test_class_that_is_not_grown_may_be_small(table):
    X, _ = table
    y = np.repeat([0, 1, 2], [40, 17, 3])
    strategy = {1: 30}
    _, ours = FactorSMOTE(sampling_strategy=strategy, random_state=0).fit_resample(X, y)
    assert_array_equal(np.bincount(ours), [40, 30, 3])


def test_same_seed_same_rows(table):
    X, y = table
    first, second, other = (
        FactorSMOTE(random_state=seed).fit_resample(X, y)[0] for seed in (1, 1, 2)
    )
    pd.testing.assert_frame_equal(first, second)
    assert not first.equals(other)


def test_unknown_categorical_name_is_an_error(table):
    with pytest.raises(ValueError, match="geology"):
        FactorSMOTE(categorical_features=["geology"]).fit_resample(*table)


KINDS = {
    "truth": np.array([True, False]),
    "truth and text": np.array([True, "unknown", False], dtype=object),
    "numbers and text": np.array([1, "unknown", 2.5], dtype=object),
    "dates": pd.to_datetime(["2020-01-01", "2021-06-01", "2022-01-01"]),
    "beyond 2^53": 2**53 + np.array([0, 1, 2]),
    "floats": np.array([1.0, 2.5, 3.0]),
    "intervals": pd.IntervalIndex.from_breaks([0.0, 1.0, 2.0, 3.0]),
    "text": np.array(["c", "a", "b"], dtype=object),
}


@pytest.mark.parametrize("beside", [["slope"], []])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("as_dtype", [True, False])
def test_categories_of_any_type_come_back_as_they_are(table, kind, beside, as_dtype):
    X, y = table
    codes = np.arange(60) % len(KINDS[kind])
    values = pd.Series(KINDS[kind][codes], index=X.index)
    X = X[beside].assign(kind=values.astype("category") if as_dtype else values)
    ours, _ = FactorSMOTE(categorical_features=["kind"], random_state=0).fit_resample(X, y)
    assert ours["kind"].dtype == X["kind"].dtype
    assert ours["kind"].notna().all()
    pd.testing.assert_series_equal(ours["kind"][:60], X["kind"].reset_index(drop=True))
    # Which code a new row gets does not depend on how the codes are written, but for their order.
    plain, _ = FactorSMOTE(categorical_features=["kind"], random_state=0).fit_resample(
        X.assign(kind=pd.Series(sorted_places(KINDS[kind])[codes], index=X.index)), y
    )
    back = dict(zip(sorted_places(KINDS[kind]), KINDS[kind], strict=True))
    assert ours["kind"].tolist() == [back[place] for place in plain["kind"]]


def sorted_places(values):
    """Place of each of some values in the order of their codes."""
    numbers = all(isinstance(v, int | np.integer) and not isinstance(v, bool) for v in values)
    keys = list(values) if numbers or values.dtype == bool else [str(v) for v in values]
    if values.dtype == object and any(isinstance(v, bool) for v in values):
        keys = [str(int(v)) if isinstance(v, bool) else v for v in values]
    return np.argsort(np.argsort(np.array(keys, dtype=None if numbers else object)))


@pytest.mark.parametrize("columns", [["slope", "ndvi"], ["soil", "slope"], ["soil", "rock"]])
@pytest.mark.parametrize("output", ["pandas", "polars"])
def test_the_users_output_settings_do_not_matter(table, columns, output):
    X, y = table
    expected, _ = FactorSMOTE(random_state=0).fit_resample(X[columns], y)
    with config_context(transform_output=output):
        ours, _ = FactorSMOTE(random_state=0).fit_resample(X[columns], y)
    pd.testing.assert_frame_equal(ours, expected)


def test_a_missing_category_is_named(table):
    X, y = table
    X = X.astype({"rock": object})
    X.iloc[3:5, 2] = None
    with pytest.raises(ValueError, match="'rock' has no category in 2 of 60 rows: fill in"):
        FactorSMOTE(categorical_features=["rock", "soil"]).fit_resample(X, y)


def test_an_array_of_objects_keeps_its_codes():
    rng = np.random.default_rng(0)
    X = np.column_stack([rng.normal(size=40), np.array([True, "x"], dtype=object)[[0, 1] * 20]])
    ours, _ = FactorSMOTE(categorical_features=[1], random_state=0).fit_resample(
        X, np.repeat([0, 1], [30, 10])
    )
    assert ours.dtype == object
    assert set(ours[:, 1]) == {True, "x"}
