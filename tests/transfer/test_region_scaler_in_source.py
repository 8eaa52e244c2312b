"""A source whose pipeline scales each region by itself is scaled by the rows of the target."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from two_regions import region

from sklearn_landslide import LandslideNet, make_landslide_pipeline
from sklearn_landslide.transfer import RegionScaler, SourceStacking, TransferNet


@pytest.fixture(scope="module")
def scaled_source(first):
    net = LandslideNet(max_epochs=2, n_members=2, n_trees=4, random_state=0)
    return make_landslide_pipeline(net, scaler=RegionScaler(), resample=None).fit(*first)


def otherwise_measured(X):
    """The same places by increasing functions that stay within what is possible."""
    return X.assign(slope=X["slope"] / 2 + 5, relief=np.exp(X["relief"] / 50))


def test_the_scaler_stands_behind_the_check_of_ranges(scaled_source):
    names = scaled_source[:-1].get_feature_names_out().tolist()
    assert names == ["slope_z", "twi_z", "relief_z", "soil"]


@pytest.mark.parametrize("with_labels", [False, True])
def test_how_the_target_measures_its_factors_changes_nothing(scaled_source, target, with_labels):
    X, y = target
    y = y if with_labels else None
    net = TransferNet(scaled_source, max_epochs=1, target_weight=0, random_state=0)
    expected = net.fit(X, y).predict_proba(X)
    moved = otherwise_measured(X)
    np.testing.assert_allclose(net.fit(moved, y).predict_proba(moved), expected, atol=1e-6)
    refitted = net.pipeline_["scale"].quantiles_["slope"][0]
    np.testing.assert_allclose(refitted, np.sort(moved["slope"]))


def test_the_source_keeps_its_scale_and_so_does_a_net_that_is_told_to(scaled_source, first, target):
    X, _ = target
    kept = TransferNet(scaled_source, own_scale=False).fit(X)
    TransferNet(scaled_source).fit(X)
    found, own = (m["scale"].quantiles_["slope"][0] for m in (kept.pipeline_, scaled_source))
    assert len(own) == len(first[0])
    np.testing.assert_array_equal(found, own)


def test_the_scale_of_all_rows_stays_where_few_of_them_have_labels(scaled_source, target):
    """Two steps: all rows without labels, then the labels with the scale that is there."""
    X, y = target
    scaled = TransferNet(scaled_source).fit(X)
    net = TransferNet(scaled, own_scale=False, max_epochs=1, random_state=0).fit(X[:40], y[:40])
    assert len(net.pipeline_["scale"].quantiles_["slope"][0]) == len(X)


def test_a_stacked_source_is_scaled_anew(first, target):
    source = make_landslide_pipeline(LogisticRegression(), scaler=RegionScaler(), resample=None)
    stacked = SourceStacking(source.fit(*first))
    X, _ = target
    expected = stacked.fit(X).predict_proba(X)
    moved = otherwise_measured(X)
    np.testing.assert_allclose(stacked.fit(moved).predict_proba(moved), expected, atol=1e-9)


def test_the_scaler_that_is_given_is_copied_and_a_class_is_refused():
    scaler = RegionScaler()
    pipeline = make_landslide_pipeline(LogisticRegression(), scaler=scaler)
    pipeline.fit(*region(100, 0.5, 0))
    assert pipeline["scale"] is not scaler
    assert not hasattr(scaler, "quantiles_")
    with pytest.raises(TypeError, match="must be a transformer such as"):
        make_landslide_pipeline(LogisticRegression(), scaler=RegionScaler)
