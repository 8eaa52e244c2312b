"""SAM, pooling, LSTM and self-attention against torch's own layers or the formula written out.

Tensors are columns: the rows of a batch lie along the last axis.
"""

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from sklearn_landslide.nn._recurrent_attention import (
    LSTM,
    ResidualLSTM,
    SelfAttention,
    SpatialAttention,
    pool_pairs,
)

pytestmark = pytest.mark.usefixtures("seeded_torch")


def close(result, expected, atol=1e-5):
    torch.testing.assert_close(result, expected, atol=atol, rtol=1e-4)


def test_spatial_attention_equals_the_formula():
    layer = SpatialAttention(7)
    features = torch.randn(9, 5, 6)
    result, weights = layer(features)
    mean = np.pad(features.mean(1).numpy(), ((3, 3), (0, 0)))
    largest = np.pad(features.max(1).values.numpy(), ((3, 3), (0, 0)))
    kernel, bias = layer.conv.weight.detach().numpy()[0], layer.conv.bias.item()
    for t in range(9):
        window = kernel[0] @ mean[t : t + 7] + kernel[1] @ largest[t : t + 7] + bias
        expected = torch.from_numpy(2 / (1 + np.exp(-window)))
        close(weights[t].detach(), expected.float())
    close(result, features * weights[:, None])
    assert ((weights > 0) & (weights < 2)).all()


@pytest.mark.parametrize(
    ("n", "expected"),
    [(1, [3.0]), (2, [3.0]), (3, [3.0, 5.0]), (4, [3.0, 5.0]), (5, [3.0, 5.0, 2.0])],
)
def test_pooling_takes_the_larger_of_each_pair_and_keeps_an_odd_one(n, expected):
    features = torch.tensor([3.0, 1.0, 5.0, 4.0, 2.0])[:n].reshape(n, 1, 1)
    assert pool_pairs(features).flatten().tolist() == expected


def reference_lstm(layer, channels, hidden):
    """torch's LSTM with the weights of ours, whose gates stand in another order."""
    reference = nn.LSTM(channels, hidden).to(layer.bias.dtype)

    def reorder(tensor):
        output, taken, forget, candidate = tensor.detach().chunk(4)
        return torch.cat([taken, forget, candidate, output])

    reference.load_state_dict(
        {
            "weight_ih_l0": reorder(layer.weight_input),
            "weight_hh_l0": reorder(layer.weight_hidden),
            "bias_ih_l0": reorder(layer.bias).flatten(),
            "bias_hh_l0": torch.zeros(4 * hidden),
        }
    )
    return reference


@pytest.mark.parametrize("n_positions", [1, 2, 8])
def test_lstm_equals_torch_lstm_in_value_and_gradient(n_positions):
    layer = LSTM(6, 4)
    reference = reference_lstm(layer, 6, 4)
    x = torch.randn(n_positions, 6, 5, requires_grad=True)
    expected = reference(x.mT)[0].mT
    close(layer(x), expected)
    weight = torch.randn_like(expected)
    (gradient,) = torch.autograd.grad((layer(x) * weight).sum(), x)
    close(gradient, *torch.autograd.grad((expected * weight).sum(), x))


def test_residual_lstm_is_the_lstm_plus_a_linear_map():
    layer = ResidualLSTM(6, 4, lstm=True)
    features = torch.randn(8, 6, 5)
    close(layer(features), layer.shortcut(features) + layer.lstm(features))


def test_lstm_reads_the_positions_in_order():
    layer = ResidualLSTM(6, 4, lstm=True)
    features = torch.randn(8, 6, 5)
    changed = features.clone()
    changed[5] += 1
    same = (layer(features) == layer(changed)).all(-1).all(-1)
    assert same.tolist() == [True] * 5 + [False] * 3


@pytest.mark.parametrize("size", [1.0, 1e4])
def test_self_attention_equals_torch_scaled_dot_product_attention(size):
    layer = SelfAttention(12, 5)
    features = torch.randn(7, 12, 6) * size
    rows = layer.project(features).permute(2, 0, 1)
    expected = F.scaled_dot_product_attention(*rows.split([5, 5, 12], dim=-1))
    result, weights = layer(features)
    close(result, features + expected.permute(1, 2, 0))
    close(weights.sum(-1), torch.ones(6, 7))
    # With large values all but one may be zero in single precision.
    assert (weights > 0).all() or size > 1
