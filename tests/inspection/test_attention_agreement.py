"""Attention is set beside contributions: ranks, correlations and words follow from both."""

import json
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from sklearn.linear_model import LogisticRegression

from sklearn_landslide import make_landslide_pipeline
from sklearn_landslide.inspection import attention_agreement, explain

NAMES = ["slope", "twi", "ndvi", "aspect"]


@pytest.fixture(scope="module")
def table():
    X = pd.DataFrame(np.random.default_rng(0).normal(size=(60, 4)), columns=NAMES)
    return X, (X @ [3.0, 2.0, 1.0, 0.0] > 0).astype(int)


@pytest.fixture(scope="module")
def found(table):
    X, y = table
    return explain(LogisticRegression().fit(X, y), X, background=X)


def attending(spatial, shares):
    """A network with given weights for every place."""

    def attention(X):
        frames = [
            None if row is None else pd.DataFrame([row] * len(X), columns=names)
            for names, row in (spatial, shares)
        ]
        return SimpleNamespace(spatial=frames[0], self_attention=frames[1])

    return SimpleNamespace(attention=attention)


def test_weights_are_ranked_beside_the_contributions(table, found):
    X, _ = table
    # The spatial weights 0.9 and 1.1 change as much; the shares are in the opposite order.
    net = attending((NAMES, [0.5, 1.4, 0.8, 1.1]), (NAMES, [0.1, 0.2, 0.3, 0.4]))
    agreement = attention_agreement(net, X, found)
    assert agreement.table["factor"].tolist() == NAMES
    assert_allclose(agreement.table["spatial"], [0.5, 0.4, 0.2, 0.1])
    assert agreement.table["rank_self_attention"].tolist() == [4, 3, 2, 1]
    assert_allclose(agreement.table["contribution"], found.mean_absolute())
    assert_allclose(agreement.correlation("spatial", "contribution"), 1)
    assert_allclose(agreement.correlation("contribution", "self_attention"), -1)
    words = agreement.in_words()
    assert words[0] == (
        "The spatial attention orders the factors much as the contributions do (rank correlation "
        "1.00)."
    )
    assert "The self-attention overrates aspect (rank 1 by attention, 4 by contribution)." in words
    assert "The self-attention underrates slope (rank 4 by attention, 1 by contribution)." in words


def test_losses_of_shuffled_factors_are_a_third_measure(table, found):
    X, _ = table
    net = attending((NAMES, None), (NAMES, [0.4, 0.3, 0.2, 0.1]))
    losses = pd.Series([0.01, 0.2, 0.1, 0.0], NAMES)
    agreement = attention_agreement(net, X, found, importance=losses)
    assert "spatial" not in agreement.table
    # Ranks 1 2 3 4 against 3 1 2 4: 1 - 6 * 6 / 60.
    assert_allclose(agreement.correlation("self_attention", "importance"), 0.4)
    assert_allclose(agreement.correlation("contribution", "importance"), 0.4)
    measured = SimpleNamespace(
        table=pd.DataFrame({"factor": NAMES, "mean": losses.to_numpy(), "conditional": False})
    )
    same = attention_agreement(net, X, found, importance=measured)
    pd.testing.assert_frame_equal(same.table, agreement.table)
    with pytest.raises(ValueError, match="importance has no 'aspect'"):
        attention_agreement(net, X, found, importance=losses[:3])
    with pytest.raises(ValueError, match="no correlation of 'spatial'"):
        agreement.correlation("spatial", "importance")


def test_windows_of_a_series_count_together_and_dropped_factors_have_none(table, found):
    X, _ = table
    names = ["slope", "twi: mean of last 1", "twi: highest mean of 1", "ndvi"]
    net = attending((names, [1.0, 1.2, 1.4, 1.0]), (names, [0.1, 0.3, 0.4, 0.2]))
    shown = attention_agreement(net, X, found).table.set_index("factor")
    assert_allclose(shown.loc[NAMES, "self_attention"], [0.1, 0.7, 0.2, 0])
    assert_allclose(shown.loc[NAMES, "spatial"], [0, 0.3, 0, 0])
    strange = attending((["height"], [1.0]), (["height"], [1.0]))
    with pytest.raises(ValueError, match="attends to 'height'"):
        attention_agreement(strange, X, found)


def test_equal_weights_have_no_order(table, found):
    X, _ = table
    agreement = attention_agreement(
        attending((NAMES, [1.0] * 4), (NAMES, [0.4, 0.3, 0.2, 0.1])), X, found
    )
    assert np.isnan(agreement.correlation("spatial", "contribution"))
    assert agreement.in_words()[0].endswith("says the same of every factor, so it has no order.")
    assert json.loads(json.dumps(agreement.to_dict()))["correlations"][0]["correlation"] is None


def test_a_model_without_attention_is_refused(table, found):
    X, y = table
    with pytest.raises(TypeError, match="LogisticRegression has no attention"):
        attention_agreement(LogisticRegression().fit(X, y), X, found)
    with pytest.raises(TypeError, match="neither spatial attention nor"):
        attention_agreement(attending((NAMES, None), (NAMES, None)), X, found)


def test_a_network_in_a_pipeline_is_asked_behind_its_steps(table, tmp_path):
    from sklearn_landslide import LandslideNet

    X, y = table
    net = LandslideNet(max_epochs=2, random_state=0)
    chain = make_landslide_pipeline(net, bounds=None, resample=None).fit(X, y)
    found = explain(chain, X[:4], background=X, n_background=5, random_state=0)
    agreement = attention_agreement(chain, X, found)
    weights = chain["model"].attention(chain[:-1].transform(X))
    shown = agreement.table.set_index("factor")
    assert_allclose(
        shown.loc[NAMES, "self_attention"], weights.self_attention.mean()[NAMES], rtol=1e-6
    )
    assert agreement.n_places == 60
    assert repr(agreement) == agreement.to_text()
    assert "<table" in agreement._repr_html_()
    assert json.loads(json.dumps(agreement.to_dict()))["n_places"] == 60
    agreement.to_csv(tmp_path / "attention.csv")
    assert pd.read_csv(tmp_path / "attention.csv")["factor"].tolist() == list(shown.index)
