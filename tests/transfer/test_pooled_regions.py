"""PooledRegions: rows of two regions in one fit."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_validate
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from two_regions import NAMES

from sklearn_landslide import LandslideNet, make_landslide_pipeline
from sklearn_landslide.persistence import load_model, save_model
from sklearn_landslide.transfer import PooledRegions


def numbers(region):
    return region[0][NAMES], region[1]


def test_weighted_rows_are_those_of_a_weighted_fit(first, target):
    """A pipeline of scikit-learn's on the same rows, weighted by hand."""
    (X_source, y_source), (X, y) = numbers(first), numbers(target)
    plain = make_pipeline(StandardScaler(), LogisticRegression())
    model = PooledRegions(plain, X_source, y_source, source_weight=0.25).fit(X, y)
    pool = pd.concat([X_source, X], ignore_index=True)
    weights = np.repeat([0.25, 1.0], [len(X_source), len(X)])
    known = clone(plain).fit(
        pool, np.concatenate([y_source, y]), logisticregression__sample_weight=weights
    )
    odds = known.predict_proba(X)[:, 1] / known.predict_proba(X)[:, 0]
    pooled = np.average(np.concatenate([y_source, y]), weights=weights)
    ratio = y.mean() / (1 - y.mean()) / (pooled / (1 - pooled))
    found = model.predict_proba(X)
    assert_allclose(found[:, 1] / found[:, 0], odds * ratio, rtol=1e-6)
    assert model.repeats_ is None


@pytest.mark.parametrize(
    ("weight", "repeats"), [(0.25, (1, 4)), (0.01, (1, 20)), (3, (3, 1)), (1, (1, 1))]
)
def test_rows_are_repeated_where_a_model_takes_no_weights(first, target, weight, repeats):
    model = PooledRegions(KNeighborsClassifier(), *numbers(first), source_weight=weight)
    model.fit(*numbers(target))
    assert model.repeats_ == repeats
    last = model.pipeline_.steps[-1][1]
    assert last.n_samples_fit_ == repeats[0] * len(first[1]) + repeats[1] * len(target[1])


def test_a_weight_of_zero_leaves_the_other_region_out(first, target, elsewhere):
    model = PooledRegions(GaussianNB(), *first, source_weight=0).fit(*target)
    alone = make_landslide_pipeline(GaussianNB(), resample=None).fit(*target)
    assert_allclose(
        model.predict_proba(elsewhere[0]), alone.predict_proba(elsewhere[0]), atol=1e-12
    )


def test_the_weight_falls_with_the_landslides_of_the_target(first, target):
    X, y = numbers(target)
    weights = []
    for n_rows in (40, 150):
        model = PooledRegions(GaussianNB(), *numbers(first)).fit(X[:n_rows], y[:n_rows])
        weights.append(model.source_weight_)
    assert 1 > weights[0] > weights[1] > 0


def test_columns_and_codes_and_labels_are_matched_by_their_meaning(first, target, elsewhere):
    X_source, y_source = first
    expected = PooledRegions(GaussianNB(), *first).fit(*target).predict_proba(elsewhere[0])
    # Other order, more columns, the codes as text, the labels as words.
    other = X_source[["soil", "relief", "twi", "slope"]].assign(ndvi=1.0)
    other["soil"] = pd.Categorical(other["soil"].astype(str).map({"1": "1.0", "2": " 2"}))
    words = np.where(y_source, "landslide", "none")
    model = PooledRegions(GaussianNB(), other, words).fit(*target)
    assert_allclose(model.predict_proba(elsewhere[0]), expected, atol=1e-12)


def test_the_tables_stay_the_same_in_clones_and_folds(first, target):
    model = PooledRegions(GaussianNB(), *first)
    copy = clone(model)
    assert copy.source_X is first[0]
    assert copy.source_y is first[1]
    scores = cross_validate(model, *target, cv=2, scoring="roc_auc", error_score="raise")
    assert scores["test_score"].min() > 0.6


def test_a_file_holds_the_model_and_not_the_rows(first, target, elsewhere, tmp_path):
    net = LandslideNet(max_epochs=1, n_members=1, n_trees=2, random_state=0)
    model = PooledRegions(net, *first, random_state=0).fit(*target)
    save_model(model, tmp_path / "pooled.zip")
    again = load_model(tmp_path / "pooled.zip")
    assert_array_equal(again.predict_proba(elsewhere[0]), model.predict_proba(elsewhere[0]))
    assert again.source_X == again.source_y == again.estimator == "not kept in the file"
    assert model.source_X is first[0]
    again.set_params(estimator=net)
    with pytest.raises(ValueError, match="source_X is not in the model file: set it"):
        again.fit(*target)
    again.set_params(source_X=first[0], source_y=first[1]).fit(*target)


def test_what_cannot_be_pooled_is_said_in_one_line(first, target):
    X, y = target
    for message, given in {
        "source_X is given and source_y is None": (first[0], None),
        "source_X has no factor 'twi', which X has": (first[0].drop(columns="twi"), first[1]),
        "source_y must have two classes": (first[0], np.zeros(len(first[1]))),
        "source_X has 400 rows and source_y has 399": (first[0], first[1][1:]),
        "source_y has the labels 'A', 'B'": (first[0], np.where(first[1], "A", "B")),
    }.items():
        with pytest.raises(ValueError, match=message):
            PooledRegions(GaussianNB(), *given).fit(X, y)
    with pytest.raises(ValueError, match="y must have two classes"):
        PooledRegions(GaussianNB(), *first).fit(X, np.ones_like(y))
    with pytest.raises(ValueError, match="X has 3 features and source_X has 4"):
        PooledRegions(GaussianNB(), *first).fit(X[NAMES].to_numpy(), y)
    gaps = PooledRegions(GaussianNB(), first[0].drop(columns="twi"), first[1], missing="impute")
    assert gaps.fit(X, y).n_features_in_ == 4
