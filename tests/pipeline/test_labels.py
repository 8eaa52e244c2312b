"""Labels of a fit: any two that are told apart, of one type, and said in one line where not."""

import re

import numpy as np
import pandas as pd
import polars as pl
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.linear_model import LogisticRegression

from sklearn_landslide import LandslideNet, make_landslide_pipeline
from sklearn_landslide.feature_selection import MRMRSelector
from sklearn_landslide.over_sampling import FactorSMOTE


@pytest.fixture
def table():
    rng = np.random.default_rng(0)
    slope = rng.uniform(0, 60, 120)
    X = pd.DataFrame({"slope": slope, "twi": rng.gamma(4, 2, 120)})
    return X, (slope + rng.normal(0, 10, 120) > 40).astype(int)


def chain(**params):
    return make_landslide_pipeline(LogisticRegression(), random_state=0, **params)


def small_net():
    return LandslideNet(max_epochs=1, n_members=1, random_state=0)


FITS = {
    "pipeline": lambda X, y: chain().fit(X, y),
    "net": lambda X, y: small_net().fit(X, y),
    "sampler": lambda X, y: FactorSMOTE(random_state=0).fit_resample(X, y),
    "selector": lambda X, y: MRMRSelector().fit(X, y),
}


def objects(y, one, other):
    return np.array([one if label else other for label in y], dtype=object)


@pytest.mark.parametrize("fit", FITS)
@pytest.mark.parametrize(
    ("one", "other", "said"),
    [
        (1, "no", "y mixes labels of the types 'int', 'str': give all of them one type."),
        (1, None, "y has 77 missing labels: drop these rows."),
        ("yes", pd.NA, "y has 77 missing labels: drop these rows."),
        (b"yes", b"no", "y has labels of the type 'bytes': give numbers, truth values or text."),
    ],
)
def test_labels_of_which_no_model_is_made_are_told_in_one_line(table, fit, one, other, said):
    X, y = table
    assert (y == 0).sum() == 77
    labels = objects(y, one, other)
    for given in (labels, pd.Series(labels), labels.tolist()):
        with pytest.raises(ValueError, match=f"^{re.escape(said)}$"):
            FITS[fit](X, given)


@pytest.mark.parametrize(
    "convert",
    [
        lambda y: y.astype(object),
        lambda y: pd.Series(y, dtype="Int64"),
        lambda y: pd.Series(y, dtype="UInt8"),
        lambda y: objects(y, np.int64(1), np.int64(0)),
        lambda y: pd.Series(y.astype(object), index=np.arange(len(y))[::-1]),
    ],
)
def test_whole_numbers_in_any_type_are_the_numbers(table, convert):
    X, y = table
    labels = convert(y)
    pipeline, expected = chain().fit(X, labels), chain().fit(X, y)
    assert pipeline.classes_.tolist() == [0, 1] and pipeline.classes_.dtype.kind == "i"
    assert pipeline.sample_prior_ == expected.sample_prior_
    assert_array_equal(pipeline.predict_proba(X), expected.predict_proba(X))
    net = small_net().fit(X, labels)
    assert net.classes_.tolist() == [0, 1] and net.classes_.dtype.kind == "i"
    assert_array_equal(net.predict_proba(X), small_net().fit(X, y).predict_proba(X))
    resampled = FactorSMOTE(random_state=0).fit_resample(X, labels)[1]
    assert np.asarray(resampled).tolist() == [*y, *np.ones(2 * 77 - 120, int)]


def test_truth_values_in_objects_are_truth_values(table):
    X, y = table
    pipeline = chain().fit(X, y.astype(bool).astype(object))
    assert pipeline.classes_.tolist() == [False, True] and pipeline.classes_.dtype == bool
    assert_array_equal(pipeline.predict_proba(X), chain().fit(X, y).predict_proba(X))


@pytest.mark.parametrize("as_series", [np.asarray, pd.Series, pl.Series])
def test_a_pair_of_unknown_words_is_fitted_and_its_share_is_asked_for(table, as_series):
    X, y = table
    labels = as_series(["rockfall" if label else "scree" for label in y])
    pipeline = chain().fit(X, labels)
    assert pipeline.sample_prior_ == {"rockfall": 43 / 120, "scree": 77 / 120}
    assert_allclose(pipeline.predict_proba(X)[:, ::-1], chain().fit(X, y).predict_proba(X))
    said = (
        "prevalence=0.25 is the share of landslides, and y has the labels 'rockfall', 'scree': "
        "say which of them is a landslide by a dict such as {'rockfall': 0.75, 'scree': 0.25}."
    )
    with pytest.raises(ValueError, match=f"^{re.escape(said)}$"):
        chain(prevalence=0.25).fit(X, labels)
    shares = {"rockfall": 0.25, "scree": 0.75}
    assert chain(prevalence=shares).fit(X, labels).class_prior_ == shares
