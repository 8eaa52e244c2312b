import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression

from sklearn_landslide.feature_selection import variance_inflation


def test_equals_the_definition_by_linear_regression():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(100, 4)) * [1, 100, 0.1, 1] + [0, 1000, 0, 3]
    X[:, 3] += 2 * X[:, 0] + X[:, 1] / 100
    table = variance_inflation(X)
    for j in range(4):
        others = np.delete(X, j, axis=1)
        r2 = LinearRegression().fit(others, X[:, j]).score(others, X[:, j])
        assert table["vif"].iloc[j] == pytest.approx(1 / (1 - r2))
        assert table["tolerance"].iloc[j] == pytest.approx(1 - r2)
    assert table.index.tolist() == ["x0", "x1", "x2", "x3"]


def test_hand_computed_pair():
    # Correlation of (1, 2, 3) and (1, 3, 2) is 1/2, so R² = 1/4 and VIF = 4/3.
    table = variance_inflation(pd.DataFrame({"slope": [1, 2, 3], "twi": [1, 3, 2]}))
    assert table.loc["slope"].tolist() == pytest.approx([4 / 3, 3 / 4])
    assert table.loc["twi"].tolist() == pytest.approx([4 / 3, 3 / 4])
    assert table.index.name == "factor"


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_exact_duplicates_and_sums_are_infinite_and_the_rest_is_not(dtype):
    rng = np.random.default_rng(1)
    a, b, c, d = rng.normal(size=(4, 50)).astype(dtype)
    X = pd.DataFrame({"a": a, "twice": 2 * a + 1, "b": b, "c": c, "sum": b + c, "d": d})
    table = variance_inflation(X)
    assert np.isinf(table["vif"][["a", "twice", "b", "c", "sum"]]).all()
    assert (table["tolerance"][["a", "twice", "b", "c", "sum"]] == 0).all()
    assert 1 <= table.loc["d", "vif"] < 2


def test_constants_are_undefined_and_do_not_disturb_the_others():
    rng = np.random.default_rng(2)
    X = pd.DataFrame({"a": rng.normal(size=30), "b": rng.normal(size=30)})
    expected = variance_inflation(X)
    table = variance_inflation(X.assign(flat=0.1))
    assert table.loc["flat"].isna().all()
    pd.testing.assert_frame_equal(table.loc[["a", "b"]], expected)


def test_single_factor_has_one():
    assert variance_inflation([[1.0], [2.0], [4.0]]).loc["x0"].tolist() == [1, 1]


def test_categories_are_left_out():
    X = pd.DataFrame({"slope": [1.0, 2, 4], "soil": pd.Categorical(["a", "b", "a"])})
    assert variance_inflation(X).index.tolist() == ["slope"]


def test_text_and_missing_values_are_refused():
    with pytest.raises(ValueError, match="could not convert"):
        variance_inflation(pd.DataFrame({"slope": [1.0, 2], "soil": ["a", "b"]}))
    with pytest.raises(ValueError, match="NaN"):
        variance_inflation([[1.0, 2], [np.nan, 3]])
