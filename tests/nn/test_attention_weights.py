"""attention(X): weights that are those of the network, named by factor."""

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.exceptions import NotFittedError

from sklearn_landslide import LandslideNet

NAMES = ["slope", "aspect", "twi", "ndvi", "rainfall"]


@pytest.fixture(scope="module")
def table():
    values = np.random.default_rng(0).normal(size=(150, 5))
    return pd.DataFrame(values, columns=NAMES, index=np.arange(150) * 10)


@pytest.fixture(scope="module")
def y(table):
    return (table["slope"] > 0).to_numpy().astype(int)


def small(**params):
    return LandslideNet(
        **{"max_epochs": 2, "n_members": 2, "n_trees": 4, "random_state": 0} | params
    )


@pytest.fixture(scope="module")
def net(table, y):
    return small().fit(table, y)


def test_weights_are_those_of_a_forward_pass_by_hand(net, table):
    weights = net.attention(table)
    module, x = net.module_, torch.tensor(table.to_numpy(), dtype=torch.float32)
    with torch.no_grad():
        reader = module.deep.reader
        features = module.deep.conv(module.embedding(*module.encoder(x.T.contiguous())))
        # From columns to rows, (B, C, P), as torch's convolution wants them.
        rows = features.permute(2, 1, 0)
        pooled = torch.stack([rows.mean(1), rows.amax(1)], dim=1)
        spatial = 2 * torch.sigmoid(reader.sam.conv(pooled)[:, 0])
        features = features * spatial.T[:, None]
        pairs = torch.stack([features[:2].amax(0), features[2:4].amax(0), features[4]])
        projected = reader.attention.project(reader.lstm(pairs)).permute(2, 0, 1)
        query, key, _ = projected.split([4, 4, 8], -1)
        matrix = (query @ key.mT / 4**0.5).softmax(-1).numpy()
    np.testing.assert_allclose(weights.spatial, spatial, atol=1e-5)
    np.testing.assert_allclose(weights.matrix, matrix, atol=1e-5)
    received = matrix.mean(axis=1)
    expected = np.column_stack([received[:, [0, 0, 1, 1]] / 2, received[:, 2]])
    np.testing.assert_allclose(weights.self_attention, expected, atol=1e-5)


def test_rows_sum_to_one_and_spatial_weights_lie_between_zero_and_two(net, table):
    weights = net.attention(table)
    np.testing.assert_allclose(weights.self_attention.sum(axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(weights.matrix.sum(axis=2), 1, atol=1e-5)
    assert weights.matrix.min() > 0
    assert ((weights.spatial > 0) & (weights.spatial < 2)).all(axis=None)
    assert weights.spatial.std(axis=0).min() > 0


def test_factors_and_rows_keep_their_names(net, table):
    weights = net.attention(table.iloc[40:60])
    for frame in (weights.spatial, weights.self_attention):
        assert frame.columns.tolist() == NAMES
        assert frame.index.tolist() == table.index[40:60].tolist()
    assert weights.positions == [("slope", "aspect"), ("twi", "ndvi"), ("rainfall",)]


@pytest.mark.parametrize("as_list", [False, True])
def test_arrays_and_lists_get_numbered_names(table, y, as_list):
    X = table.to_numpy()
    net = small().fit(X, y)
    weights = net.attention(X.tolist() if as_list else X)
    assert weights.spatial.columns.tolist() == ["x0", "x1", "x2", "x3", "x4"]
    assert weights.spatial.index.tolist() == list(range(150))
    assert weights.positions == [("x0", "x1"), ("x2", "x3"), ("x4",)]


@pytest.mark.parametrize(
    ("switch", "missing"),
    [
        ("sam", ["spatial"]),
        ("attention", ["self_attention", "matrix"]),
        ("deep", ["spatial", "self_attention", "matrix"]),
        ("cnn", []),
        ("lstm", []),
        ("wide", []),
    ],
)
def test_a_module_that_is_switched_off_has_no_weights(table, y, switch, missing):
    weights = small(max_epochs=1, **{f"module__{switch}": False}).fit(table, y).attention(table)
    names = ("spatial", "self_attention", "matrix")
    assert [name for name in names if weights[name] is None] == missing


@pytest.mark.parametrize("p", [1, 2, 3])
def test_few_factors(table, y, p):
    X = table.iloc[:, :p]
    weights = small(max_epochs=1).fit(X, y).attention(X)
    assert weights.matrix.shape == (150, (p + 1) // 2, (p + 1) // 2)
    assert weights.self_attention.shape == (150, p)
    np.testing.assert_allclose(weights.self_attention.sum(axis=1), 1, atol=1e-5)


def test_many_rows_are_read_in_batches(net, table):
    many = pd.concat([table] * 15, ignore_index=True)
    weights, few = net.attention(many), net.attention(table)
    assert len(weights.spatial) == 2250
    np.testing.assert_allclose(weights.spatial[2100:], few.spatial, atol=1e-6)
    np.testing.assert_allclose(weights.matrix[2100:], few.matrix, atol=1e-6)


def test_an_unfitted_net_has_no_attention(table):
    with pytest.raises(NotFittedError):
        LandslideNet().attention(table)


def test_other_columns_are_refused(net, table):
    with pytest.raises(ValueError, match="feature names should match"):
        net.attention(table[NAMES[::-1]])
