"""The same facts give the same skill, in whatever type or file they come."""

import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn import config_context
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from sklearn_landslide import compare_models, make_landslide_pipeline
from sklearn_landslide._nodata import UndeclaredNodataWarning

MODELS = {
    "LR": LogisticRegression(max_iter=500),
    "RF": RandomForestClassifier(30, random_state=0),
    "HGB": HistGradientBoostingClassifier(
        max_iter=20, categorical_features="from_dtype", random_state=0
    ),
}
N_TRAIN = 250


@pytest.fixture(scope="module")
def region():
    """Slope and soil tell about landslides, the rest does not."""
    rng = np.random.default_rng(0)
    n = 400
    slope, soil = rng.uniform(0, 50, n), rng.integers(1, 5, n)
    X = pd.DataFrame(
        {
            "slope": slope,
            "soil": pd.Categorical(soil),
            "plan_curvature": rng.normal(0, 0.01, n),
        }
    )
    y = (slope - 25) / 10 + np.where(soil > 2, 1.5, -1.5) + rng.logistic(size=n) > 1
    return X, y.astype(int)


def predicted(model, train, test, y):
    """Probabilities of the test rows of a table, after a fit on the training rows of another."""
    chain = make_landslide_pipeline(model, random_state=0).fit(train[:N_TRAIN], y[:N_TRAIN])
    return chain.predict_proba(test[N_TRAIN:])[:, 1]


KINDS = {
    "integers": lambda soil: soil,
    "floats": lambda soil: soil.astype(float),
    "text": lambda soil: soil.astype(str),
    "spaces": lambda soil: np.char.add(" ", soil.astype(str)),
    "mixed": lambda soil: np.array(
        [code if k % 2 else str(code) for k, code in enumerate(soil.tolist())], dtype=object
    ),
}


@pytest.mark.parametrize("name", MODELS)
def test_codes_predict_alike_whatever_their_types_in_fit_and_prediction(region, name):
    X, y = region
    soil = X["soil"].to_numpy()
    tables = {kind: X.assign(soil=pd.Categorical(write(soil))) for kind, write in KINDS.items()}
    expected = predicted(MODELS[name], X, X, y)
    assert roc_auc_score(y[N_TRAIN:], expected) > 0.8
    for kind, table in tables.items():
        np.testing.assert_array_equal(predicted(MODELS[name], X, table, y), expected, err_msg=kind)
        np.testing.assert_array_equal(predicted(MODELS[name], table, X, y), expected, err_msg=kind)


@pytest.mark.parametrize("name", MODELS)
def test_an_unknown_text_beside_codes_changes_no_other_row(region, name):
    X, y = region
    soil = X["soil"].astype(str).to_numpy(dtype=object)
    soil[N_TRAIN::50] = "?"
    found = predicted(MODELS[name], X, X.assign(soil=pd.Categorical(soil)), y)
    known = soil[N_TRAIN:] != "?"
    np.testing.assert_array_equal(found[known], predicted(MODELS[name], X, X, y)[known])


TYPES = {
    "truth": lambda soil: soil > 2,
    "truth and text": lambda soil: np.where(soil > 2, True, "flat").astype(object),
    "truth among text": lambda soil: np.array([True if c > 2 else "x" for c in soil], dtype=object),
    "dates": lambda soil: pd.Timestamp("2020-01-01") + pd.to_timedelta(soil, "D"),
    "beyond 2^53": lambda soil: 2**53 + soil,
    "intervals": lambda soil: pd.cut(soil, [0, 1, 2, 3, 4]),
    "mixed": lambda soil: np.array([1, "a", 2.5, "b"], dtype=object)[soil - 1],
}


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("name", ["LR", "RF"])
def test_categories_of_any_type_keep_their_skill(region, kind, name):
    X, y = region
    table = X.assign(soil=pd.Categorical(TYPES[kind](X["soil"].to_numpy())))
    assert roc_auc_score(y[N_TRAIN:], predicted(MODELS[name], table, table, y)) > 0.8


@pytest.mark.parametrize("output", ["pandas", "polars"])
@pytest.mark.parametrize("name", MODELS)
def test_the_users_output_settings_do_not_change_a_prediction(region, output, name):
    X, y = region
    expected = predicted(MODELS[name], X, X, y)
    with config_context(transform_output=output):
        np.testing.assert_array_equal(predicted(MODELS[name], X, X, y), expected)


def spoiled(X, number, every=25):
    rows = np.arange(len(X)) % every == 0
    return X.assign(plan_curvature=np.where(rows, number, X["plan_curvature"]))


@pytest.mark.parametrize("number", [-3.4028234663852886e38, -1.797e308, 1.7e38])
@pytest.mark.parametrize("name", MODELS)
def test_numbers_that_are_never_data_are_gaps(region, number, name):
    X, y = region
    table, gaps = spoiled(X, number), spoiled(X, np.nan)
    expected = predicted(MODELS[name], gaps, gaps, y)
    np.testing.assert_array_equal(predicted(MODELS[name], table, table, y), expected)


def test_a_comparison_names_undeclared_nodata_once_and_before_it_fits(region):
    X, y = region
    table = spoiled(X, -9999).assign(soil=X["soil"].astype(int).replace(4, -9999))
    table["soil"] = table["soil"].astype("category")
    models = {"LR": MODELS["LR"], "RF": MODELS["RF"]}
    with pytest.warns(UndeclaredNodataWarning) as caught:
        compare_models(models, table, y, cv=3, random_state=0)
    (warning,) = caught
    assert "'plan_curvature' has -9999 in 16 of 400 values" in str(warning.message)
    assert "'soil' has -9999 in " in str(warning.message)


def test_a_comparison_says_nothing_of_what_a_range_makes_missing(region):
    X, y = region
    table = X.assign(slope=np.where(np.arange(400) % 25, X["slope"], -9999.0))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        compare_models({"LR": MODELS["LR"]}, table, y, cv=3, random_state=0)


def test_a_comparison_may_leave_out_whole_categories(region):
    X, y = region
    soil = X["soil"].to_numpy()
    folds = [(np.flatnonzero(soil > 2), np.flatnonzero(soil <= 2))]
    comparison = compare_models({"LR": MODELS["LR"]}, X, y, cv=folds, random_state=0)
    assert comparison.predictions["LR"].notna().sum() == (soil <= 2).sum()


def test_the_stated_share_is_that_of_landslides_whatever_they_are_called(region):
    X, y = region
    chain = make_landslide_pipeline(MODELS["LR"], prevalence=0.02, random_state=0)
    expected = chain.fit(X, y).predict_proba(X)[:, 1]
    words = np.where(y == 1, "landslide", "non-landslide")
    found = chain.fit(X, words).predict_proba(X)[:, 0]
    assert chain.class_prior_ == {"landslide": 0.02, "non-landslide": 0.98}
    assert np.abs(found - expected).max() < 0.05
    with pytest.raises(ValueError, match="say which of them is a landslide"):
        chain.fit(X, np.where(y == 1, "A", "B"))
