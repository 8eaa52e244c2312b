"""Categorical factors: the same answer however they are declared, defined for unseen codes."""

import warnings

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.metrics import roc_auc_score

from sklearn_landslide import LandslideNet
from sklearn_landslide.nn._rows import read_rows

SOILS = np.array(["clay", "loam", "peat", "rock", "sand"])


def small(**params):
    return LandslideNet(
        **{"max_epochs": 2, "n_members": 1, "n_trees": 4, "random_state": 0} | params
    )


def make_table():
    rng = np.random.default_rng(0)
    n = 200
    frame = pd.DataFrame(
        {
            "slope": rng.uniform(0, 60, n),
            "lithology": rng.integers(1, 9, n) * 10,
            "soil": rng.choice(SOILS, n),
            "ndvi": rng.uniform(-1, 1, n),
        }
    )
    return frame


@pytest.fixture
def table():
    return make_table()


@pytest.fixture(scope="module")
def y():
    table = make_table()
    return ((table["slope"] > 30) ^ (table["soil"] == "peat")).to_numpy().astype(int)


def as_dtype(table):
    return table.astype({"lithology": "category", "soil": "category"})


@pytest.fixture(scope="module")
def reference(y):
    table = as_dtype(make_table())
    return small().fit(table, y).predict_proba(table)


@pytest.mark.parametrize(
    "categorical_features",
    [["lithology", "soil"], ["soil", "lithology"], [1, 2], [False, True, True, False]],
)
def test_names_positions_and_mask_equal_the_data_type(table, y, reference, categorical_features):
    net = small(categorical_features=categorical_features).fit(table, y)
    np.testing.assert_array_equal(net.predict_proba(table), reference)
    assert net.is_categorical_.tolist() == [False, True, True, False]


def test_object_arrays_and_lists_equal_the_frame(table, y, reference):
    array = table.to_numpy(dtype=object)
    for X in (array, array.tolist()):
        net = small(categorical_features=[1, 2]).fit(X, y)
        np.testing.assert_array_equal(net.predict_proba(X), reference)


@pytest.mark.parametrize("dtype", ["Categorical", "Enum"])
def test_polars_frames_equal_pandas_frames(table, y, reference, dtype):
    kind = pl.Categorical if dtype == "Categorical" else pl.Enum(SOILS[::-1].tolist())
    frame = pl.DataFrame(
        {
            "slope": table["slope"].to_numpy(),
            "lithology": table["lithology"].astype(str).to_numpy().tolist(),
            "soil": table["soil"].to_numpy().tolist(),
            "ndvi": table["ndvi"].to_numpy(),
        }
    ).with_columns(pl.col("soil").cast(kind), pl.col("lithology").cast(pl.Categorical))
    net = small().fit(frame, pl.Series(y))
    np.testing.assert_array_equal(net.predict_proba(frame), reference)
    assert net.feature_names_in_.tolist() == table.columns.tolist()


def test_order_in_which_a_frame_declares_its_categories_does_not_matter(table, y, reference):
    frame = as_dtype(table)
    frame["soil"] = frame["soil"].cat.set_categories([*SOILS[::-1], "never seen"], ordered=True)
    np.testing.assert_array_equal(small().fit(frame, y).predict_proba(frame), reference)


@pytest.mark.parametrize("dtype", ["Int64", "float64", "int8", "category"])
def test_data_type_of_integer_codes_does_not_matter(table, y, dtype):
    options = {"categorical_features": ["lithology"]}
    X = table.drop(columns="soil")
    expected = small(**options).fit(X, y).predict_proba(X)
    typed = X.astype({"lithology": dtype})
    net = small(**options).fit(typed, y)
    np.testing.assert_array_equal(net.predict_proba(typed), expected)
    np.testing.assert_array_equal(net.predict_proba(X), expected)


@pytest.mark.parametrize("shape", ["frame", "read-only array"])
def test_read_only_tables_are_taken(table, y, shape):
    """torch warns once in a process of arrays it cannot write to; pandas hands out such."""
    X = table[["slope", "ndvi"]].astype("float32")
    if shape != "frame":
        X = X.to_numpy().copy()
        X.flags.writeable = False
    before = np.array(X)
    net = small().fit(X, y)
    assert read_rows(net, X).flags.writeable
    np.testing.assert_array_equal(X, before)


def test_float64_and_float32_numbers_agree(table, y):
    X = table[["slope", "ndvi"]]
    single = X.astype("float32")
    np.testing.assert_array_equal(
        small().fit(X, y).predict_proba(X), small().fit(single, y).predict_proba(single)
    )


@pytest.mark.parametrize("missing", [None, np.nan, pd.NA])
def test_unseen_code_counts_as_a_missing_one(table, y, missing):
    net = small(categorical_features=["lithology", "soil"]).fit(table, y)
    probabilities = []
    for value in ("basalt", missing):
        X = table.assign(soil=pd.Series([value] * len(table), dtype=object))
        probabilities.append(net.predict_proba(X))
    np.testing.assert_array_equal(*probabilities)
    assert np.isfinite(probabilities[0]).all()


def test_unseen_code_adds_nothing_to_the_token(table, y):
    """Its probability is that of a net whose embedding of a seen code is zero."""
    X = table.drop(columns="lithology")
    alone = {"module__linear": False, "module__memory": False}
    net = small(categorical_features=["soil"], max_epochs=5, **alone).fit(X, y)
    unseen = net.predict_proba(X.assign(soil="basalt"))
    clay = X.assign(soil="clay")
    before = net.predict_proba(clay)
    at = int(net.module_.encoder.first_code[1])
    net.module_.embedding.code.weight.data[at] = 0
    np.testing.assert_array_equal(net.predict_proba(clay), unseen)
    assert not np.array_equal(before, unseen)


def test_missing_codes_in_training_are_no_category(table, y):
    table.loc[:20, "soil"] = None
    net = small(categorical_features=["lithology", "soil"]).fit(table, y)
    assert net.categories_[1].tolist() == SOILS.tolist()
    assert np.isfinite(net.predict_proba(table)).all()


def test_a_column_without_any_code_does_no_harm(table, y):
    X = table.assign(soil=pd.Series([None] * len(table), dtype="category"))
    net = small(categorical_features=["soil"]).fit(X, y)
    assert net.categories_[0].size == 0
    np.testing.assert_array_equal(net.predict_proba(X), net.predict_proba(X.assign(soil="clay")))


def test_all_factors_may_be_categories(table, y):
    X = as_dtype(table)[["soil", "lithology"]]
    net = small().fit(X, y)
    assert np.ptp(net.predict_proba(X)[:, 1]) > 0
    with pytest.raises(ValueError, match="0 sample"):
        net.predict_proba(X.iloc[:0])


def test_fitted_on_a_frame_and_asked_with_an_array_warns_and_agrees(table, y, reference):
    net = small().fit(as_dtype(table), y)
    with pytest.warns(UserWarning, match="feature names"):
        probability = net.predict_proba(table.to_numpy(dtype=object))
    np.testing.assert_array_equal(probability, reference)


@pytest.mark.parametrize("dtype", ["object", "category"])
def test_a_category_of_numbers_and_text_is_one_of_text(table, y, dtype):
    codes = pd.Series([1, "clay", "2", 2.0] * 50, dtype=object)
    net = small(categorical_features=["soil"])
    net.fit(table.assign(soil=codes.astype(dtype)), y)
    assert net.categories_[0].tolist() == ["1", "2", "clay"]
    rows = read_rows(net, table.assign(soil=codes.astype(dtype)))
    assert rows[:4, 2].tolist() == [0, 2, 1, 1]


# One column, as files may give it.
WRITTEN = {
    "text": lambda code: str(code),
    "spaces": lambda code: f" {code} ",
    "float": float,
    "text of floats": lambda code: f"{code}.0",
}


def written(how):
    X = make_table().drop(columns="soil")
    return X.assign(lithology=pd.Categorical(X["lithology"].map(WRITTEN.get(how, int))))


@pytest.fixture(scope="module")
def by_code(y):
    """What a net says whose column of codes is named."""
    X = make_table().drop(columns="soil")
    return small(categorical_features=["lithology"]).fit(X, y).predict_proba(X)


@pytest.fixture(scope="module", params=["integers", *WRITTEN])
def fitted_on(request, y):
    return small().fit(written(request.param), y)


@pytest.mark.parametrize("asked_with", ["integers", *WRITTEN])
def test_a_code_is_the_same_however_it_is_written(by_code, fitted_on, asked_with):
    asked = written(asked_with)
    np.testing.assert_array_equal(fitted_on.predict_proba(asked), by_code)
    assert fitted_on.categories_[0].tolist() == list(range(10, 90, 10))
    assert np.ptp(fitted_on.predict_proba(asked)[:, 1]) > 0


def test_integers_beyond_floats_stay_apart(table, y):
    codes = 2**53 + np.arange(2)
    X = table.assign(soil=pd.Categorical(codes[y]))
    net = small().fit(X, y)
    assert net.categories_[0].tolist() == codes.tolist()
    assert read_rows(net, X)[:, 2].tolist() == y.tolist()


def test_a_column_of_which_no_code_is_known_is_refused(table, y):
    net = small().fit(as_dtype(table), y)
    X = as_dtype(table.assign(soil=table["soil"].str.upper()))
    with pytest.raises(ValueError, match=r"^none of the 5 codes of column 'soil' is known from"):
        net.predict_proba(X)
    array = as_dtype(table).to_numpy(dtype=object)
    net = small(categorical_features=[1, 2]).fit(array, y)
    array[:, 1] += 1
    with pytest.raises(ValueError, match=r"^none of the 8 codes of column 'x1' is known from"):
        net.predict_proba(array)


def test_many_unknown_codes_are_said_once_and_of_the_whole_table(table, y, monkeypatch):
    net = small().fit(as_dtype(table), y)
    X = as_dtype(table.assign(soil=table["soil"].replace({"clay": "marl"})))
    n_unknown = int((X["soil"] == "marl").sum())
    said = f"{n_unknown} of 200 values of column 'soil' are unknown from the fit"
    with pytest.warns(UserWarning, match=said):
        expected = net.predict_proba(X)
    # Parts of one row each, of which some have no code that is known.
    monkeypatch.setattr("sklearn_landslide.nn._prediction._READ_ROWS", 1)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        found = net.predict_proba(X)
    assert [str(one.message)[: len(said)] for one in caught] == [said]
    np.testing.assert_allclose(found, expected, rtol=1e-4)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (np.nan, "Column 'slope' contains NaN in 2 of 200 rows: fill in the missing values"),
        (np.inf, "Column 'slope' contains infinity, or a number too large for float32, in 2 of 2"),
    ],
)
@pytest.mark.parametrize("columns", [["slope", "soil", "ndvi"], ["ndvi", "slope"]])
def test_a_gap_is_told_with_its_column_in_one_line(table, y, value, said, columns):
    X = as_dtype(table)[columns]
    net = small().fit(X, y)
    X = X.assign(slope=X["slope"].where(X.index > 1, value))
    for ask in (net.predict_proba, lambda X: small().fit(X, y)):
        with pytest.raises(ValueError, match=said) as caught:
            ask(X)
        assert "\n" not in str(caught.value)


def test_a_gap_in_an_array_is_told_with_its_place(table, y):
    X = table[["slope", "ndvi"]].to_numpy(copy=True)
    net = small().fit(X, y)
    X[7, 1] = np.nan
    with pytest.raises(ValueError, match="Column 'x1' contains NaN in 1 of 200 rows"):
        net.predict_proba(X)


def test_missing_numbers_beside_categories_are_refused(table, y):
    table.loc[3, "slope"] = np.nan
    with pytest.raises(ValueError, match="contains NaN"):
        small().fit(as_dtype(table), y)


@pytest.mark.parametrize("categorical_features", ["from_dtype", ["lithology", "soil"]])
def test_other_names_or_another_order_are_refused(table, y, categorical_features):
    frame = as_dtype(table)
    net = small(categorical_features=categorical_features).fit(frame, y)
    with pytest.raises(ValueError, match="feature names should match"):
        net.predict_proba(frame[frame.columns[::-1]])
    with pytest.raises(ValueError, match="feature names should match"):
        net.predict_proba(frame.rename(columns={"slope": "steepness"}))
    with pytest.raises(ValueError, match="now missing"):
        net.predict_proba(frame.iloc[:, :3])


def test_codes_that_mean_nothing_as_numbers_are_learned_as_categories():
    rng = np.random.default_rng(0)
    codes = rng.integers(0, 60, 1500)
    landslide = rng.permutation(60)[:30]
    X = np.column_stack([codes, rng.normal(size=1500)])
    y = np.isin(codes, landslide).astype(int)
    train, test = slice(0, 1000), slice(1000, None)

    def auc(X, **params):
        # The network alone: trees cut numbers as finely as codes.
        net = LandslideNet(random_state=0, max_epochs=10, module__memory=False, **params)
        net.fit(X[train], y[train])
        return roc_auc_score(y[test], net.predict_proba(X[test])[:, 1])

    as_codes = auc(X, categorical_features=[0])
    relabeled = np.column_stack([rng.permutation(60)[codes] * 7 + 100, X[:, 1]])
    assert as_codes > 0.97
    assert abs(auc(relabeled, categorical_features=[0]) - as_codes) < 0.03
    assert auc(X) < 0.9


def test_a_small_set_of_codes_is_found():
    rng = np.random.default_rng(1)
    codes = rng.integers(1, 13, 600)
    X = np.column_stack([codes, rng.normal(size=600)])
    y = np.isin(codes, [3, 7, 11]).astype(int)
    net = LandslideNet(random_state=0, max_epochs=10, categorical_features=[0])
    net.fit(X[:400], y[:400])
    assert roc_auc_score(y[400:], net.predict_proba(X[400:])[:, 1]) > 0.97


def test_a_text_column_that_is_not_declared_is_named(table, y):
    X = table.drop(columns="lithology")
    with pytest.raises(ValueError, match=r"Column 'soil' holds text such as '\w+': name it in cat"):
        small().fit(X, y)
    with pytest.raises(ValueError, match="Column 'soil' holds text"):
        small().fit(pl.DataFrame({name: X[name].tolist() for name in X}), y)
    with pytest.raises(ValueError, match="Column 'rock' holds text such as 'granite'"):
        small(categorical_features=["soil"]).fit(X.assign(rock="granite"), y)
