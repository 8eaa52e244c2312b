"""The splitters as `cv=` of everything that takes one, also where only a part is split."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import (
    GridSearchCV,
    StratifiedKFold,
    TunedThresholdClassifierCV,
    cross_val_predict,
    cross_validate,
)

from sklearn_landslide import compare_models
from sklearn_landslide.datasets import make_landslides
from sklearn_landslide.model_selection import (
    KNNDM,
    LeaveOneStratumOut,
    LeaveRegionAndPeriodOut,
    SpatialBlockKFold,
    spatial_blocks,
)


def make_region():
    """Make a table whose index is neither sorted nor counted from 0, and what lies beside it."""
    region = make_landslides(300, clustering=0.7, as_frame=True, random_state=0)
    index = np.random.default_rng(0).permutation(np.arange(1000, 1300))
    X = region.data[["slope", "altitude", "distance_to_river"]].set_axis(index) / 100
    y = region.target.set_axis(index)
    coordinates = pd.DataFrame(np.asarray(region.coordinates), index=index, columns=["x", "y"])
    years = pd.Series(np.random.default_rng(1).integers(2001, 2004, 300), index=index)
    return X, y, coordinates, years


X, Y, COORDINATES, YEARS = make_region()
REGIONS = spatial_blocks(COORDINATES, n_blocks=3, random_state=0)
SPLITTERS = {
    "kmeans": SpatialBlockKFold(COORDINATES, 3, random_state=0),
    "kmeans and buffer": SpatialBlockKFold(COORDINATES, 3, buffer=100, random_state=0),
    "grid": SpatialBlockKFold(COORDINATES, 3, method="grid", random_state=0),
    "years": LeaveOneStratumOut(YEARS),
    "regions and years": LeaveRegionAndPeriodOut(REGIONS, YEARS, on_small="skip"),
    "knndm": KNNDM(COORDINATES, COORDINATES + 500, 3, random_state=0),
}
CV = pytest.mark.parametrize("cv", SPLITTERS.values(), ids=SPLITTERS)
model = LogisticRegression()


@CV
def test_nested_search_gets_the_same_outer_folds_and_its_own_inner_ones(cv):
    search = GridSearchCV(model, {"C": [0.01, 1]}, cv=cv, scoring="roc_auc", error_score="raise")
    nested = cross_validate(
        search, X, Y, cv=cv, return_indices=True, return_estimator=True, error_score="raise"
    )
    for fold, (train, test) in enumerate(cv.split(X, Y)):
        assert_array_equal(nested["indices"]["train"][fold], train)
        assert_array_equal(nested["indices"]["test"][fold], test)
        # The inner folds are those of the part by itself.
        part, labels = X.iloc[train], Y.iloc[train]
        inner = list(cv.split(part, labels))
        found = nested["estimator"][fold]
        assert found.n_splits_ == len(inner) == cv.get_n_splits(part, labels)
        alone = cross_validate(
            LogisticRegression(C=0.01), part, labels, cv=inner, scoring="roc_auc"
        )["test_score"]
        assert_allclose(
            [found.cv_results_[f"split{k}_test_score"][0] for k in range(len(inner))], alone
        )


@CV
@pytest.mark.parametrize(
    "wrap",
    [
        lambda cv: CalibratedClassifierCV(model, cv=cv, ensemble=True),
        lambda cv: CalibratedClassifierCV(model, cv=cv, ensemble=False),
        lambda cv: TunedThresholdClassifierCV(model, cv=cv, thresholds=10),
    ],
    ids=["calibration", "calibration without ensemble", "threshold"],
)
def test_estimators_that_split_inside_get_a_part_and_find_its_rows(cv, wrap):
    estimator = wrap(cv)
    train, test = next(iter(StratifiedKFold(2).split(X, Y)))
    estimator.fit(X.iloc[train], Y.iloc[train])
    if isinstance(estimator, CalibratedClassifierCV):
        n_inner = cv.get_n_splits(X.iloc[train], Y.iloc[train]) if estimator.ensemble else 1
        assert len(estimator.calibrated_classifiers_) == n_inner
    assert estimator.score(X.iloc[test], Y.iloc[test]) > 0.5


@CV
def test_models_are_compared_on_these_folds(cv):
    comparison = compare_models(
        {"LR": model}, X, Y, cv=cv, random_state=0, pipeline_params={"resample": None}
    )
    assert comparison.folds["n_test"].tolist() == [len(test) for _, test in cv.split(X, Y)]
    predictions = comparison.predictions.dropna(subset=["fold"])
    for fold, (_, test) in enumerate(cv.split(X, Y)):
        assert_array_equal(predictions.loc[predictions["fold"] == fold, "row"], np.sort(test))


@pytest.mark.parametrize("name", ["kmeans", "grid", "years", "knndm"])
def test_every_row_is_predicted_once(name):
    probability = cross_val_predict(model, X, Y, cv=SPLITTERS[name], method="predict_proba")
    for train, test in SPLITTERS[name].split(X, Y):
        fitted = clone(model).fit(X.iloc[train], Y.iloc[train])
        assert_allclose(probability[test], fitted.predict_proba(X.iloc[test]))


@CV
def test_copies_give_the_same_folds_and_the_repr_is_short(cv):
    search = clone(GridSearchCV(model, {"C": [1]}, cv=cv))
    assert search.cv is not cv
    for (train, test), (train_copy, test_copy) in zip(
        cv.split(X, Y), search.cv.split(X, Y), strict=True
    ):
        assert_array_equal(train, train_copy)
        assert_array_equal(test, test_copy)
    assert "<300 rows>" in repr(cv)
    assert len(repr(cv)) < 200


def test_a_part_without_an_index_is_refused_with_the_way_out():
    cv = SpatialBlockKFold(COORDINATES.to_numpy(), 3, random_state=0)
    search = GridSearchCV(model, {"C": [1]}, cv=cv)
    with pytest.raises(ValueError, match="rows and coordinates 300: give both as pandas frames"):
        cross_validate(search, X.to_numpy(), Y, cv=cv, error_score="raise")


def test_the_global_random_state_is_left_alone():
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    for cv in SPLITTERS.values():
        list(cv.split(X, Y))
    assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002
