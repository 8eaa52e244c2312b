"""Sequences in mRMR: kept, or judged and taken or dropped whole."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal

from sklearn_landslide.feature_selection import MRMRSelector

HOURS = [f"rain_{hour}" for hour in range(6)]
RAIN = {"rain": HOURS}


def storms(seed=0, n_samples=600, rain_matters=True):
    """Hours of which no single one says much, but their sum does, between static factors."""
    rng = np.random.default_rng(seed)
    hours = rng.gamma(0.5, 2, size=(n_samples, 6))
    slope, ndvi, noise = rng.normal(size=(3, n_samples))
    eta = slope + 0.6 * ndvi + rain_matters * 0.7 * (hours[:, 2:].sum(axis=1) - 4)
    X = pd.DataFrame(hours, columns=HOURS)
    X.insert(2, "slope", slope)
    X.insert(5, "noise", noise)
    X["ndvi"] = ndvi
    X["soil"] = pd.Categorical(rng.choice(["loam", "clay"], n_samples))
    return X, eta + rng.logistic(size=n_samples) > 0


STATIC = ["slope", "noise", "ndvi", "soil"]


def test_kept_sequences_leave_the_choice_among_the_others_as_it_is():
    X, y = storms()
    for wanted in ("auto", 2, 0.5, None):
        alone = MRMRSelector(wanted).fit(X[STATIC], y)
        both = MRMRSelector(wanted, sequences=RAIN).fit(X, y)
        names = both.get_feature_names_out().tolist()
        chosen = alone.get_feature_names_out().tolist()
        assert names == [name for name in X if name in HOURS or name in chosen]
        static = X.columns.get_indexer(STATIC)
        assert_array_equal(both.ranking_[static], alone.ranking_)
        assert_array_equal(both.relevance_[static], alone.relevance_)
        assert_array_equal(both.redundancy_[np.ix_(static, static)], alone.redundancy_)
        assert_array_equal(both.scores_[6:], alone.scores_)
        assert_array_equal(both.path_[6:], static[alone.path_])


def test_columns_of_kept_sequences_come_first_with_place_zero_and_no_numbers():
    X, y = storms()
    selector = MRMRSelector(2, sequences=RAIN).fit(X, y)
    hours = X.columns.get_indexer(HOURS)
    assert (selector.ranking_[hours] == 0).all()
    assert_array_equal(selector.path_[:6], hours)
    assert np.isnan(selector.relevance_[hours]).all()
    assert np.isnan(selector.redundancy_[hours]).all()
    assert np.isnan(selector.pvalues_[hours]).all()
    assert np.isnan(selector.scores_[:6]).all()
    assert selector.n_features_ == selector.support_.sum() == 8


@pytest.mark.parametrize("scheme", ["mid", "miq", "fcd", "fcq", "rfcq"])
def test_a_judged_sequence_counts_as_its_most_telling_sum(scheme):
    X, y = storms()
    params = {"scheme": scheme, "random_state": 0}
    selector = MRMRSelector(2, sequences=RAIN, sequence_blocks="judge", **params).fit(X, y)
    # The last four hours are what the labels depend on.
    sums = {f"sum_{w}": X[HOURS[6 - w :]].sum(axis=1) for w in range(1, 7)}
    relevance = MRMRSelector(None).fit(pd.DataFrame(sums), y).relevance_
    assert relevance.argmax() == 3
    stand_in = X[STATIC].copy()
    stand_in.insert(0, "rain", X[HOURS[:1:-1]].cumsum(axis=1)["rain_2"])
    expected = MRMRSelector(2, **params).fit(stand_in, y)
    columns = X.columns.get_indexer([HOURS[0], *STATIC])
    np.testing.assert_allclose(selector.relevance_[columns], expected.relevance_)
    np.testing.assert_allclose(selector.redundancy_[np.ix_(columns, columns)], expected.redundancy_)
    assert_array_equal(selector.ranking_[columns], expected.ranking_)
    assert_array_equal(selector.support_[columns], expected.support_)
    assert selector.pvalues_[0] == pytest.approx(min(6 * expected.pvalues_[0], 1))


@pytest.mark.parametrize("rain_matters", [True, False])
def test_a_judged_sequence_is_taken_or_dropped_whole(rain_matters):
    X, y = storms(n_samples=2000, rain_matters=rain_matters)
    selector = MRMRSelector(sequences=RAIN, sequence_blocks="judge").fit(X, y)
    hours = X.columns.get_indexer(HOURS)
    assert (selector.support_[hours] == rain_matters).all()
    assert len(set(selector.ranking_[hours])) == 1
    assert {"slope", "ndvi"} <= set(selector.get_feature_names_out())
    assert sorted(selector.path_) == list(range(10))


def test_the_best_of_many_sums_of_noise_is_no_discovery():
    found = 0
    for seed in range(20):
        X, y = storms(seed, 200, rain_matters=False)
        selector = MRMRSelector(sequences=RAIN, sequence_blocks="judge").fit(X, y)
        found += selector.support_[0]
    assert found <= 3


def test_several_groups_are_several_candidates():
    X, y = storms()
    sequences = {"early": HOURS[:2], "late": {"a": HOURS[2:4], "b": HOURS[4:]}}
    selector = MRMRSelector(None, sequences=sequences, sequence_blocks="judge").fit(X, y)
    places = selector.ranking_[X.columns.get_indexer(HOURS)]
    assert places[0] == places[1] != places[2]
    assert len(set(places[2:])) == 1
    assert sorted(set(selector.ranking_)) == [1, 2, 3, 4, 5, 6]


def test_always_keep_of_an_hour_keeps_its_whole_sequence():
    X, y = storms(rain_matters=False)
    params = {"always_keep": ["rain_3"], "sequences": RAIN}
    judged = MRMRSelector(1, sequence_blocks="judge", **params).fit(X, y)
    assert judged.get_feature_names_out().tolist() == HOURS
    kept = MRMRSelector(1, **params).fit(X, y)
    assert kept.get_feature_names_out().tolist() == [*HOURS[:2], "slope", *HOURS[2:]]


def test_sequences_may_be_all_there_is_or_all_that_varies():
    X, y = storms()
    assert MRMRSelector(sequences=RAIN).fit(X[HOURS], y).support_.all()
    dull = X[HOURS].assign(slope=1.0)
    for wanted in ("auto", None):
        selector = MRMRSelector(wanted, sequences=RAIN).fit(dull, y)
        assert selector.get_feature_names_out().tolist() == HOURS
    with pytest.raises(ValueError, match="more than the 1 features that compete in X"):
        MRMRSelector(2, sequences=RAIN).fit(dull, y)


def test_positions_of_an_array():
    X, y = storms()
    selector = MRMRSelector(1, sequences={"rain": [0, 1]}).fit(X[HOURS].to_numpy(), y)
    assert selector.support_[:2].all() and selector.n_features_ == 3


def test_category_in_a_sequence_is_named():
    X, y = storms()
    with pytest.raises(ValueError, match="holds 'soil', which is a category"):
        MRMRSelector(sequences={"rain": ["rain_0", "soil"]}).fit(X, y)
