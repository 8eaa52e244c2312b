"""From an index to probabilities: order, mean, and naive Bayes of scikit-learn."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.stats import rankdata
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import CategoricalNB

from sklearn_landslide.baselines import FrequencyRatio, InformationValue, WeightsOfEvidence

ALL = [FrequencyRatio, InformationValue, WeightsOfEvidence]


@pytest.fixture(scope="module")
def region():
    rng = np.random.default_rng(0)
    n = 400
    slope, rock = rng.uniform(0, 60, n), rng.choice(["shale", "tuff", "marl"], n)
    X = pd.DataFrame({"slope": slope, "rock": pd.Categorical(rock), "twi": rng.normal(6, 2, n)})
    X.loc[::17, "twi"] = np.nan
    risk = slope / 12 + 2 * (rock == "shale") + rng.logistic(size=n)
    return X, (risk > np.quantile(risk, 0.85)).astype(int)


@pytest.mark.parametrize("kind", ALL)
def test_probabilities_keep_the_order_of_the_index_and_the_share_of_landslides(kind, region):
    X, y = region
    model = kind(5).fit(X, y)
    index, probability = model.susceptibility_index(X), model.predict_proba(X)[:, 1]
    assert model.slope_ > 0
    assert_array_equal(rankdata(index.round(9)), rankdata(probability.round(12)))
    assert_allclose(probability.mean(), y.mean(), rtol=1e-8)
    weights = np.where(y == 1, 3.0, 0.5)
    weighted = kind(5).fit(X, y, weights).predict_proba(X)[:, 1]
    assert_allclose(np.average(weighted, weights=weights), np.average(y, weights=weights))


@pytest.mark.parametrize("kind", ALL)
def test_the_probability_is_a_logistic_regression_on_the_index(kind, region):
    X, y = region
    model = kind(5).fit(X, y)
    index = model.susceptibility_index(X)[:, np.newaxis]
    scaled = (index - index.mean()) / index.std()
    theirs = LogisticRegression(tol=1e-8).fit(scaled, y).predict_proba(scaled)
    assert_allclose(model.predict_proba(X), theirs, atol=1e-5)


def test_the_index_is_the_sum_of_what_the_tables_say(region):
    X, y = region
    for kind, column, start in (
        (FrequencyRatio, "frequency_ratio", 0),
        (InformationValue, "information_value", 0),
        (WeightsOfEvidence, "weight_plus", np.log(60 / 340)),
    ):
        model = kind(bins={"slope": [20, 40], "twi": [6]}).fit(X, y)
        row = X.loc[[1]].assign(slope=30.0, twi=7.5)
        said = start
        for factor, label in (("slope", "20 to 40"), ("rock", X["rock"][1]), ("twi", "above 6")):
            said = said + model.class_table(factor).loc[label, column]
        assert_allclose(model.susceptibility_index(row), said)


def test_posteriors_are_those_of_naive_bayes(region):
    X, y = region
    X = X.drop(columns="twi")
    model = WeightsOfEvidence(4, calibrate=False).fit(X, y)
    codes = np.column_stack(
        [np.searchsorted(model.edges_["slope"], X["slope"]), X["rock"].cat.codes]
    )
    assert all((model.landslides_[name] > 0).all() for name in model.landslides_)
    theirs = CategoricalNB(alpha=1e-9).fit(codes, y).predict_proba(codes)
    assert_allclose(model.predict_proba(X), theirs, atol=1e-6)


def test_the_posterior_of_one_factor_is_the_share_of_landslides_in_its_class(region):
    X, y = region
    model = WeightsOfEvidence(4, calibrate=False).fit(X[["slope"]], y)
    table = model.class_table("slope")
    shares = table["landslides"] / table["rows"]
    places = np.searchsorted(model.edges_["slope"], X["slope"])
    assert_allclose(model.predict_proba(X[["slope"]])[:, 1], shares.to_numpy()[places])


@pytest.mark.parametrize("kind", ALL)
@pytest.mark.parametrize(
    ("labels", "column"),
    [(["none", "landslide"], 0), ([False, True], 1), (["B", "A"], 0), ([7, 3], 0)],
)
def test_the_landslides_are_those_that_the_labels_name(kind, labels, column, region):
    X, y = region
    plain = kind(5).fit(X, y)
    named = kind(5).fit(X, np.array(labels)[y])
    names_landslides = labels[0] in ("none", False)
    if names_landslides:
        assert_array_equal(named.susceptibility_index(X), plain.susceptibility_index(X))
        assert_allclose(named.predict_proba(X)[:, column], plain.predict_proba(X)[:, 1])
        sign = 1 if column else -1
        assert_allclose(sign * named.decision_function(X), plain.decision_function(X))
        assert named.n_landslides_ == 60
    else:
        # Labels that say nothing: the evidence is for the second one.
        assert named.n_landslides_ == 340


@pytest.mark.parametrize("kind", ALL)
def test_a_factor_that_separates_the_classes_gives_finite_probabilities(kind):
    X = pd.DataFrame({"slope": np.arange(40.0)})
    y = (np.arange(40) >= 30).astype(int)
    model = kind(4).fit(X, y)
    probability = model.predict_proba(X)[:, 1]
    assert 0 < probability.min() < 0.05 and 0.85 < probability.max() < 1
    assert_allclose(probability.mean(), 0.25)


@pytest.mark.parametrize(
    ("y", "message"),
    [
        ([0, 0, 0, 0], "one class, 0: FrequencyRatio needs places with and without landslides"),
        ([0, 1, 2, 1], "Only binary classification is supported. The type .* multiclass"),
        ([0.5, 1.2, 2.1, 1], "Unknown label type: continuous"),
    ],
)
def test_labels_that_cannot_be_counted_are_refused(y, message):
    with pytest.raises(ValueError, match=message):
        FrequencyRatio().fit([[1.0], [2.0], [3.0], [4.0]], y)


def test_text_that_is_not_declared_is_refused(region):
    X, y = region
    with pytest.raises(ValueError, match=r"column 'rock' is not numeric.*categorical_features"):
        FrequencyRatio().fit(X.astype({"rock": str}), y)
