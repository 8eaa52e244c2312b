"""Every shared layer against torch's own layers or the formula written out.

Tensors are columns: the rows of a batch lie along the last axis.
"""

import pytest
import torch
from torch import nn

from sklearn_landslide.nn._bubble import seed_bubble
from sklearn_landslide.nn._layers import (
    ByteDropout,
    ColumnLinear,
    ColumnNorm,
    MemberHeads,
    SharedHeads,
)

pytestmark = pytest.mark.usefixtures("seeded_torch")


def close(result, expected, atol=1e-5):
    torch.testing.assert_close(result, expected, atol=atol, rtol=1e-4)


@pytest.mark.parametrize("shape", [(4, 9), (3, 4, 9)])
def test_column_linear_equals_torch_linear_on_rows(shape):
    layer = ColumnLinear(4, 5)
    x = torch.randn(shape)
    close(layer(x), nn.Linear.forward(layer, x.mT).mT)


def test_column_norm_behind_a_centered_kernel_is_torch_layer_norm_in_value_and_gradient():
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
