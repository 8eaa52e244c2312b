"""Numbers that stand for no data in a table to predict with are named once, folds aside."""

import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

from sklearn_landslide import compare_models, make_landslide_pipeline
from sklearn_landslide._nodata import UndeclaredNodataWarning


@pytest.fixture
def table():
    rng = np.random.default_rng(0)
    X = pd.DataFrame(
        {
            "plan_curvature": rng.normal(size=200),
            "moisture": rng.gamma(4, 20, 200),
            "soil": pd.Categorical(rng.integers(1, 5, 200)),
        }
    )
    return X, (X["plan_curvature"] + rng.normal(size=200) > 0.5).astype(int)


@pytest.mark.parametrize("method", ["predict", "predict_proba"])
def test_what_fit_did_not_have_is_named_once(table, method):
    X, y = table
    pipeline = make_landslide_pipeline(LogisticRegression(), random_state=0).fit(X, y)
    X = X.assign(moisture=X["moisture"].where(X.index > 2, -9999.0))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        getattr(pipeline, method)(X)
    (warning,) = caught
    assert warning.category is UndeclaredNodataWarning
    assert str(warning.message).startswith("'moisture' has -9999 in 3 of 200 values, apart")


def test_of_folds_it_is_said_once_for_the_whole_table(table):
    X, y = table
    X = X.assign(moisture=X["moisture"].where(X.index > 2, -9999.0))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        compare_models({"line": LogisticRegression()}, X, y, cv=3, random_state=0)
    said = [one for one in caught if one.category is UndeclaredNodataWarning]
    assert len(said) == 1
