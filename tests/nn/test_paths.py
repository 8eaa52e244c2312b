"""The paths of the network against torch's own layers or the formula written out.

Tensors are columns: the rows of a batch lie along the last axis.
"""

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from sklearn_landslide.nn._paths import MultiScaleConv, WidePath

pytestmark = pytest.mark.usefixtures("seeded_torch")


def close(result, expected, atol=1e-5):
    torch.testing.assert_close(result, expected, atol=atol, rtol=1e-4)


@pytest.mark.parametrize("widths", [(1, 3, 5), (3,), (7, 1)])
def test_multi_scale_conv_equals_conv1d_branch_by_branch(widths):
    d, channels = 6, 4
    layer = MultiScaleConv(d, widths, channels, cnn=True)
    tokens = torch.randn(9, d, 10)
    branches = []
    for width in widths:
        conv = nn.Conv1d(d, channels, width, padding=width // 2, bias=False)
        weight = layer.branches[f"weight_{width}"]
        conv.weight.data = weight.data.reshape(channels, width, d).transpose(1, 2)
        branches.append(conv(tokens.permute(2, 1, 0)).permute(2, 1, 0))
    rows = torch.cat(branches, 1).mT
    normed = F.layer_norm(rows, rows.shape[-1:], layer.norm.weight, layer.norm.bias).mT
    close(layer(tokens), layer.shortcut(tokens) + F.relu(normed))


@pytest.mark.parametrize("n_members", [1, 2, 3])
@pytest.mark.parametrize("training", [True, False])
def test_wide_path_is_a_shared_hidden_layer_scaled_by_member(n_members, training):
    layer = WidePath(4, 2, n_members, token_size=5, hidden=8, dropout=0.0).train(training)
    nn.init.normal_(layer.scale)
    tokens = torch.randn(4, 5, 6, requires_grad=True)
    for k, logits in enumerate(layer(tokens)):
        hidden = layer.weight @ tokens.reshape(20, 6)
        hidden = F.relu(hidden * layer.scale[k] + layer.shift[k])
        expected = layer.heads.weight[k] @ hidden + layer.heads.bias[k]
        close(logits, expected)
        gradients = [
            torch.autograd.grad(value.sum(), tokens, retain_graph=True)[0]
            for value in (logits, expected)
        ]
        close(*gradients)
