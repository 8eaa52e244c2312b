"""Files whose parts contradict each other are refused when read, not when they are asked."""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.dummy import DummyClassifier
from sklearn.feature_selection import SelectKBest, VarianceThreshold
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.preprocessing import MinMaxScaler, StandardScaler

pytest.importorskip("skops.io")

from sklearn_landslide import make_landslide_pipeline
from sklearn_landslide.baselines import GAM, FrequencyRatio, Slope, WeightsOfEvidence
from sklearn_landslide.feature_selection import MRMRSelector
from sklearn_landslide.inspection import UnseenImportance
from sklearn_landslide.persistence import load_model, save_model
from sklearn_landslide.persistence._stand_ins import with_stand_ins
from sklearn_landslide.preprocessing import (
    FactorImputer,
    FactorScaler,
    PlausibleRange,
    RainfallSums,
)
from sklearn_landslide.warning import RainfallThreshold

sys.path.insert(0, str(Path(__file__).parent))
from test_crafted_files import forest, neighbors, outcomes, set_to, vectors, write_file

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 4))
Y = (X[:, 0] > 0).astype(int)
RAIN = [f"rain_{hour}" for hour in range(3)]
TABLE = pd.DataFrame(
    {
        "slope": RNG.uniform(0, 60, 60),
        "twi": RNG.gamma(4, 2, 60),
        "soil": pd.Categorical(RNG.integers(1, 4, 60)),
    }
    | {name: RNG.exponential(size=60) for name in RAIN}
)


def fitted(kind, *args, table=TABLE, **params):
    return lambda: kind(*args, **params).fit(table, Y)


imputer = fitted(FactorImputer, sequences={"rain": RAIN})
scaler = fitted(FactorScaler, sequences={"rain": RAIN})
sums = fitted(RainfallSums, [1, 2], table=TABLE[RAIN])
layers = fitted(MLPClassifier, (3,), max_iter=99, solver="lbfgs", random_state=0, table=X)
line = fitted(LogisticRegression, table=X)
spread = fitted(StandardScaler, table=X)


unseen = fitted(UnseenImportance, LogisticRegression(), cv=2, n_repeats=1, table=X)
curves = fitted(GAM)
steep = fitted(Slope)
ratios = fitted(FrequencyRatio, 4)
weights = fitted(WeightsOfEvidence, 4)
threshold = fitted(RainfallThreshold, n_bootstrap=9, random_state=0, sequences={"rain": RAIN})
pipeline = fitted(make_landslide_pipeline, LogisticRegression(), table=X[:, :2])


def replaced(array, place, value):
    array = array.copy()
    array[place] = value
    return array


CASES = {
    "a fill of no column": (imputer, set_to("statistics_", to={"slope": 1.0})),
    "a fill that is NaN": (imputer, set_to("statistics_", "slope", to=np.nan)),
    "a fill that is not a code": (imputer, set_to("statistics_", "soil", to=9)),
    "codes of another column": (
        imputer,
        set_to("categories_", to=lambda m: {"twi": m.categories_["soil"]}),
    ),
    "fewer columns": (imputer, set_to("_is_categorical", to=np.zeros(2, bool))),
    "a step far away": (imputer, set_to("_series", 0, to=np.array([3, 4, 99]))),
    "names of fewer columns": (imputer, set_to("feature_names_in_", to=np.array(["a"], object))),
    "names that are numbers": (
        imputer,
        set_to("feature_names_in_", to=np.array([1, *TABLE.columns[1:]], object)),
    ),
    "means of fewer columns": (scaler, set_to("mean_", to=np.zeros(2))),
    "a mean without a spread": (
        scaler,
        set_to("scale_", to=lambda m: replaced(m.scale_, 0, np.nan)),
    ),
    "a spread of 0": (scaler, set_to("scale_", to=lambda m: replaced(m.scale_, 0, 0))),
    "an infinite mean": (scaler, set_to("mean_", to=lambda m: replaced(m.mean_, 1, np.inf))),
    "a range of a column far away": (fitted(PlausibleRange), set_to("_positions", "slope", to=9)),
    "a range of another column": (fitted(PlausibleRange), set_to("_positions", "slope", to=1)),
    "a range upside down": (fitted(PlausibleRange), set_to("bounds_", "slope", to=(9.0, 1.0))),
    "a range of NaN": (fitted(PlausibleRange), set_to("bounds_", "slope", to=(np.nan, 1.0))),
    "fewer columns to keep": (fitted(MRMRSelector), set_to("support_", to=np.ones(2, bool))),
    "numbers for what is kept": (fitted(MRMRSelector), set_to("support_", to=np.ones(6))),
    "an hour far away": (sums, set_to("_series", 0, to=("rain", np.array([0, 1, 7])))),
    "a window longer than the rain": (sums, set_to("windows_", "rain", to=[1, 99])),
    "a kept column far away": (sums, set_to("_kept", to=[9])),
    "a layer of another width": (layers, set_to("coefs_", 1, to=np.ones((5, 1)))),
    "a layer of more outputs": (
        layers,
        lambda m: (
            set_to("coefs_", 1, to=np.ones((3, 5)))(m),
            set_to("intercepts_", 1, to=np.ones(5))(m),
        ),
    ),
    "a layer too few": (layers, set_to("coefs_", to=lambda m: m.coefs_[:1])),
    "a function that is none": (layers, set_to("out_activation_", to="x")),
    "coefficients of fewer factors": (line, set_to("coef_", to=np.ones((1, 2)))),
    "coefficients of five classes": (line, set_to("coef_", to=np.ones((5, 4)))),
    "intercepts of five classes": (line, set_to("intercept_", to=np.ones(5))),
    "a mean of NaN": (spread, set_to("mean_", to=np.array([0, np.nan, 0, 0]))),
    "means of fewer factors": (spread, set_to("mean_", to=np.zeros(2))),
    "components of NaN": (fitted(PCA, 2, table=X), set_to("components_", to=X[:2] * np.nan)),
    "classes that are not a number": (forest, set_to("n_classes_", to=np.array([2]))),
    "classes of a tree that are not a number": (
        forest,
        set_to("estimators_", 0, "n_classes_", to=np.array([2])),
    ),
    "a kernel of several numbers": (vectors, set_to("_gamma", to=np.array([0.1]))),
    "neighbors of no number": (neighbors, set_to("n_neighbors", to="x")),
    "shares of fewer classes": (
        fitted(DummyClassifier, table=X),
        set_to("class_prior_", to=np.ones(1)),
    ),
    "knots that go back": (
        curves,
        set_to("knots_", "slope", to=lambda knots: knots["slope"][::-1].copy()),
    ),
    "a knot more than splines": (
        curves,
        set_to("knots_", "slope", to=lambda knots: np.append(knots["slope"], 99.0)),
    ),
    "knots of NaN": (curves, set_to("knots_", "twi", 0, to=np.nan)),
    "knots of a category": (curves, set_to("knots_", "soil", to=np.array([1.0, 2.0]))),
    "offsets of fewer classes": (curves, set_to("coefficients_", "soil", to=np.zeros(1))),
    "curves of fewer factors": (
        curves,
        set_to("coefficients_", to=lambda m: {"slope": m.coefficients_["slope"]}),
    ),
    "a level of curves that is infinite": (curves, set_to("intercept_", to=np.inf)),
    "curves of one class": (curves, set_to("classes_", to=np.array([1]))),
    "a slope far away": (steep, set_to("_positions", to=[9])),
    "a slope of another factor": (steep, set_to("_positions", to=[1])),
    "curves of another factor": (steep, set_to("factors_", to=["twi"])),
    "a slope without curves": (steep, set_to("gam_", to=lambda m: GAM())),
    "shares of other classes": (pipeline, set_to("resampled_prior_", to={0: 0.5, -1: 0.5})),
    "a share of nothing": (pipeline, set_to("sample_prior_", 0, to=0.0)),
    "importances of fewer factors": (unseen, set_to("feature_importances_", to=np.zeros(2))),
    "a model of other classes": (unseen, set_to("estimator_", "classes_", to=np.array([3, 4]))),
    "counts of fewer classes": (ratios, set_to("rows_", "slope", to=np.ones(3))),
    "more landslides than rows": (ratios, set_to("landslides_", "slope", to=np.full(4, 20.0))),
    "more rows than there are": (ratios, set_to("rows_", "slope", to=np.full(4, 99.0))),
    "counts of another factor": (ratios, set_to("rows_", to={"slope": np.ones(4)})),
    "a factor without classes": (ratios, set_to("edges_", to={})),
    "a factor of two kinds": (
        ratios,
        set_to("edges_", to=lambda m: m.edges_ | {"soil": np.array([1.5])}),
    ),
    "edges that fall": (ratios, set_to("edges_", "slope", to=np.array([30.0, 20.0, 10.0]))),
    "edges that are NaN": (ratios, set_to("edges_", "slope", to=np.array([1.0, np.nan, 3.0]))),
    "a category without codes": (ratios, set_to("categories_", to={})),
    "codes that are not codes": (ratios, set_to("categories_", "soil", to=[1, 2, 3])),
    "no landslides at all": (ratios, set_to("n_landslides_", to=0.0)),
    "three classes of two": (ratios, set_to("classes_", to=np.array([0, 1, 2]))),
    "a slope that falls": (ratios, set_to("slope_", to=-1.0)),
    "an intercept of NaN": (ratios, set_to("intercept_", to=np.nan)),
    "a sum of no landslides": (weights, set_to("predicted_landslides_", to=-1.0)),
    "a line of three numbers": (threshold, set_to("law_", to=np.ones(3))),
    "a line without numbers": (threshold, set_to("law_", to=np.full(4, np.nan))),
    "a scatter below 0": (threshold, set_to("law_", to=np.array([1.0, 0.4, 0.0, -0.1]))),
    "lines of three numbers": (threshold, set_to("bootstrap_", to=np.ones((9, 3)))),
    "rain in columns that are not there": (threshold, set_to("_positions", to=np.array([0, 99]))),
    "rain in no column": (threshold, set_to("_positions", to=np.empty(0, dtype=int))),
    "rain that makes landslides rarer": (threshold, set_to("slope_", to=-1.0)),
    "neighbors of no kind": (neighbors, set_to("_fit_method", to="x")),
}


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    folder, paths = tmp_path_factory.mktemp("contradictions"), {}
    for number, (name, (make, change)) in enumerate(CASES.items()):
        plain = with_stand_ins(make())
        change(plain)
        paths[name] = folder / f"{number}.zip"
        write_file(plain, paths[name])
    return dict(zip(paths, outcomes(paths.values()), strict=True))


@pytest.mark.parametrize("name", CASES)
def test_parts_that_contradict_each_other_are_refused_in_one_line(results, name):
    word, message = results[name]
    assert word == "refused", message
    assert "is damaged, or of other versions" in message


GAPS = np.where(np.arange(4) == 1, np.nan, X)
SOUND = {
    "imputer": (imputer, TABLE),
    "scaler": (scaler, TABLE),
    "ranges": (fitted(PlausibleRange, {"twi": (None, 30)}), TABLE),
    "ranges of positions": (fitted(PlausibleRange, {1: (0, None)}, table=X), X),
    "selector": (fitted(MRMRSelector), TABLE),
    "selector with series": (fitted(MRMRSelector, sequences={"rain": RAIN}), TABLE),
    "frequency ratios": (ratios, TABLE),
    "weights of an array": (fitted(WeightsOfEvidence, table=X), X),
    "weights of an empty column": (fitted(WeightsOfEvidence, table=GAPS), X),
    "rainfall threshold": (threshold, TABLE),
    "rainfall threshold without samples": (
        fitted(RainfallThreshold, "antecedent", n_bootstrap=0, sequences={"rain": RAIN}),
        TABLE,
    ),
    "sums": (fitted(RainfallSums, [1, 2], keep_hours=True, table=TABLE[RAIN]), TABLE[RAIN]),
    "imputer of an array": (fitted(FactorImputer, table=X), X),
    "imputer of an empty column": (fitted(FactorImputer, table=GAPS), X),
    "standard scaler of an empty column": (fitted(StandardScaler, table=GAPS), X),
    "standard scaler without means": (fitted(StandardScaler, with_mean=False, table=X), X),
    "other scaler of an empty column": (fitted(MinMaxScaler, table=GAPS), X),
    "median of an empty column": (
        fitted(SimpleImputer, missing_values=-1, strategy="median", table=np.where(X > 9, X, -1)),
        X,
    ),
    "scores of a constant column": (fitted(SelectKBest, k=2, table=X * [1, 1, 1, 0]), X),
    "variances": (fitted(VarianceThreshold, table=GAPS[:, [0, 2]]), X[:, :2]),
    "components of a constant table": (fitted(PCA, 2, table=X * 0), X),
    "layers": (layers, X),
    "layers of a regression": (
        lambda: MLPRegressor(hidden_layer_sizes=(3, 2), max_iter=9).fit(X, X[:, :3]),
        X,
    ),
    "layers of labels": (
        lambda: MLPClassifier((3,), max_iter=9).fit(X, np.column_stack([Y, 1 - Y])),
        X,
    ),
    "a line": (line, X),
    "curves": (curves, TABLE),
    "curves of an array": (fitted(GAM, table=X), X),
    "curves of a constant column": (fitted(GAM, table=X * [1, 1, 1, 0]), X),
    "a slope": (steep, TABLE),
    "a named factor": (fitted(Slope, [1], table=X), X),
    "a pipeline": (pipeline, X[:, :2]),
    "a line through the origin": (fitted(RidgeClassifier, fit_intercept=False, table=X), X),
    "lines of labels": (lambda: RidgeClassifier().fit(X, np.column_stack([Y, Y, 1 - Y])), X),
    "three classes": (lambda: LinearDiscriminantAnalysis().fit(X, Y + (X[:, 1] > 0)), X),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", SOUND)
def test_what_a_fit_gives_is_read_and_answers_the_same(tmp_path, name):
    make, table = SOUND[name]
    model = make()
    save_model(model, tmp_path / "model.zip")
    again = load_model(tmp_path / "model.zip")
    method = "predict" if hasattr(model, "predict") else "transform"
    expected, found = (np.asarray(getattr(one, method)(table)) for one in (model, again))
    np.testing.assert_array_equal(found, expected)
