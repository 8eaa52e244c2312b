"""Every shared layer against torch's own layers or the formula written out.

Tensors are columns: the rows of a batch lie along the last axis.
"""

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from sklearn_landslide.nn import _layers
from sklearn_landslide.nn._layers import (
    LSTM,
    ByteDropout,
    ColumnLinear,
    ColumnNorm,
    MemberHeads,
    ResidualLSTM,
    SelfAttention,
    SharedHeads,
    SpatialAttention,
    pool_pairs,
)
from sklearn_landslide.nn._training import seed_bubble

pytestmark = pytest.mark.usefixtures("seeded_torch")


def close(result, expected, atol=1e-5):
    torch.testing.assert_close(result, expected, atol=atol, rtol=1e-4)


@pytest.mark.parametrize("shape", [(4, 9), (3, 4, 9)])
def test_column_linear_equals_torch_linear_on_rows(shape):
    layer = ColumnLinear(4, 5)
    x = torch.randn(shape)
    close(layer(x), nn.Linear.forward(layer, x.mT).mT)


def test_column_norm_behind_a_centerd_kernel_is_torch_layer_norm_in_value_and_gradient():
    layer, reference = ColumnNorm(6), nn.LayerNorm(6)
    nn.init.normal_(layer.weight)
    nn.init.normal_(layer.bias)
    reference.load_state_dict(layer.state_dict())
    kernel = torch.randn(6, 4, requires_grad=True)
    x = torch.randn(3, 4, 7, requires_grad=True)
    weight = torch.randn(3, 6, 7)
    result, expected = layer(layer.center(kernel) @ x), reference((kernel @ x).mT).mT
    close(result, expected)
    for gradient, other in zip(
        torch.autograd.grad((result * weight).sum(), [kernel, x, *layer.parameters()]),
        torch.autograd.grad((expected * weight).sum(), [kernel, x, *reference.parameters()]),
        strict=True,
    ):
        close(gradient, other)
    with torch.no_grad():
        close(layer(layer.center(kernel) @ x), expected)


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


@pytest.mark.parametrize("n_positions", [1, 5])
def test_gradient_of_the_lstm_equals_finite_differences(n_positions):
    layer = LSTM(3, 2).double()
    x = torch.randn(n_positions, 3, 4, dtype=torch.double, requires_grad=True)
    assert torch.autograd.gradcheck(lambda x, *_: layer(x), (x, *layer.parameters()))


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


@pytest.mark.parametrize(("n_positions", "products"), [(1, 2**18), (4, 2**18), (4, 190), (4, 1)])
def test_self_attention_is_the_same_with_a_few_keys_at_a_time(n_positions, products, monkeypatch):
    layer = SelfAttention(3, 2).double()
    x = torch.randn(n_positions, 3, 5, dtype=torch.double, requires_grad=True)
    whole, weights = layer(x)
    monkeypatch.setattr(_layers, "_PRODUCTS", products)
    assert torch.autograd.gradcheck(lambda x, *_: layer(x)[0], (x, *layer.parameters()))
    for part, expected in zip(layer(x), (whole, weights), strict=True):
        close(part, expected)
    assert layer(x[..., :0])[0].shape == (n_positions, 3, 0)


def test_member_heads_are_one_linear_layer_per_member():
    layer = MemberHeads(3, 4, 2)
    nn.init.normal_(layer.bias)
    features = torch.randn(3, 4, 6)
    expected = [layer.weight[k] @ features[k] + layer.bias[k] for k in range(3)]
    close(layer(features), torch.stack(expected))
    close(layer(features[1])[2], layer.weight[2] @ features[1] + layer.bias[2])


def test_shared_heads_differ_in_what_they_drop():
    layer = SharedHeads(3, 40, 2, dropout=0.3)
    with torch.no_grad():
        layer.weight.copy_(layer.weight[:1].expand(3, -1, -1))
    features = torch.randn(40, 5)
    training = layer(features)
    assert not torch.allclose(training[0], training[1])
    evaluated = layer.eval()(features)
    close(evaluated, evaluated[:1].expand(3, -1, -1))


@pytest.mark.parametrize("p", [0.0, 0.1, 0.3, 0.5, 0.9])
def test_byte_dropout_drops_the_share_asked_for_and_keeps_the_mean(p):
    x = torch.ones(1001, 999)
    with seed_bubble(0):
        kept = ByteDropout(p)(x)
    share = round(256 * p) / 256
    assert (kept == 0).float().mean().item() == pytest.approx(share, abs=2e-3)
    assert kept.mean().item() == pytest.approx(1, abs=1e-2)
    assert len(kept.unique()) == (1 if p == 0 else 2)
    # Neighbors are dropped independently of each other.
    both = ((kept[:, 1:] == 0) & (kept[:, :-1] == 0)).float().mean().item()
    assert both == pytest.approx(share**2, abs=2e-3)
