"""Every part of the network against torch's own layers or the formula written out.

Tensors are columns: the rows of a batch lie along the last axis.
"""

import math

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from sklearn_landslide.nn import LandslideModule
from sklearn_landslide.nn._encoding import learn_encoding
from sklearn_landslide.nn._modules import (
    FactorEmbedding,
    MultiScaleConv,
    TabulatedEmbedding,
    WidePath,
    _MemberHidden,
    _Windows,
    tabulate,
)

pytestmark = pytest.mark.usefixtures("seeded_torch")


@pytest.fixture
def table():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 5)).astype(np.float32)
    X[:, 4] = rng.integers(0, 3, 60)
    return X


@pytest.fixture
def encoding(table):
    return learn_encoding(table, [0, 0, 0, 0, 3])


def close(result, expected, atol=1e-5):
    torch.testing.assert_close(result, expected, atol=atol, rtol=1e-4)


def test_factor_embedding_equals_the_formula_token_by_token():
    layer = FactorEmbedding(3, 4, torch.tensor([0, 2]), token_size=5, n_frequencies=2)
    scores, codes = torch.randn(3, 7), torch.randint(0, 5, (2, 7))
    tokens = layer(scores, codes)
    for b in range(7):
        for p in range(3):
            angle = 2 * math.pi * scores[p, b] * layer.frequency[p, :, 0]
            waves = torch.cat([angle.sin(), angle.cos()])
            expected = layer.weight[p] @ waves + (scores[p, b] * layer.linear + layer.bias)[p, :, 0]
            if p != 1:
                expected = expected + layer.code.weight[codes[p // 2, b]]
            close(tokens[p, :, b], expected)


@pytest.mark.parametrize("frequency", [0.02, 0.2])
def test_tabulated_embedding_is_the_computed_one_between_the_nodes_too(frequency):
    layer = FactorEmbedding(3, 4, torch.tensor([0, 2]), token_size=5, n_frequencies=16)
    nn.init.normal_(layer.frequency, std=frequency)
    # The last factor is constant.
    low, high = torch.tensor([[-4.0], [-1.0], [2.0]]), torch.tensor([[4.0], [3.0], [2.0]])
    scores = torch.cat([low, high, low + (high - low) * torch.rand(3, 1000)], dim=1)
    codes = torch.randint(0, 5, (2, 1002))
    with torch.no_grad():
        table = tabulate(layer, low, high)
        close(table(scores, codes), layer(scores, codes), atol=2e-5)
    assert isinstance(table, TabulatedEmbedding)
    # Higher frequencies want a finer table.
    assert (table.n_cells > 1000) == (frequency == 0.2)


@pytest.mark.parametrize(("n_factors", "frequency"), [(1, 50.0), (300, 0.1)])
def test_what_no_table_of_a_sensible_size_holds_is_computed(n_factors, frequency):
    layer = FactorEmbedding(n_factors, 0, torch.tensor([], dtype=torch.int64), 5, 16)
    nn.init.constant_(layer.frequency, frequency)
    low = torch.full((n_factors, 1), -4.0)
    with torch.no_grad():
        assert tabulate(layer, low, -low) is layer


def test_tabulated_network_shares_the_weights_and_leaves_the_network_as_it_was(encoding, table):
    module = LandslideModule(encoding, 2).eval()
    tabulated = module.tabulated()
    assert module.embedding is tabulated.embedding.embedding
    assert module.wide is tabulated.wide
    x = torch.from_numpy(table)
    with torch.no_grad():
        close(tabulated(x), module(x), atol=1e-4)


def test_code_zero_adds_nothing_even_after_training():
    layer = FactorEmbedding(2, 3, torch.tensor([0, 1]), token_size=4, n_frequencies=2)
    optimizer = torch.optim.AdamW(layer.parameters(), lr=0.1)
    for _ in range(3):
        optimizer.zero_grad()
        layer(torch.randn(2, 8), torch.randint(0, 4, (2, 8))).pow(2).sum().backward()
        optimizer.step()
    assert (layer.code.weight[0] == 0).all()
    assert (layer.code.weight[1:] != 0).all()


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


@pytest.mark.parametrize(("n_positions", "reach"), [(5, 2), (1, 2), (2, 3), (4, 0)])
def test_gradient_of_the_windows_equals_finite_differences(n_positions, reach):
    tokens = torch.randn(n_positions, 3, 4, dtype=torch.double, requires_grad=True)
    assert torch.autograd.gradcheck(lambda t: _Windows.apply(t, reach).sin(), (tokens,))


@pytest.mark.parametrize(("n_members", "n_groups"), [(1, 1), (2, 1), (3, 2), (8, 4)])
def test_gradient_of_the_members_hidden_layer_equals_finite_differences(n_members, n_groups):
    shapes = [(n_groups, 3, 5), (n_members, 3, 1), (n_members, 3, 1)]
    tensors = [torch.randn(s, dtype=torch.double, requires_grad=True) for s in shapes]
    assert torch.autograd.gradcheck(lambda *t: _MemberHidden.apply(*t, 0), tensors)


def test_dropout_of_the_members_hidden_layer_is_that_of_its_gradient():
    shared, scale = torch.rand(1, 50, 40, requires_grad=True), torch.ones(2, 50, 1)
    hidden = _MemberHidden.apply(shared, scale, torch.zeros(2, 50, 1), 64 / 256)
    kept = hidden != 0
    assert kept.float().mean().item() == pytest.approx(0.75, abs=0.03)
    close(hidden[kept], (shared / 0.75).expand(2, -1, -1)[kept])
    (gradient,) = torch.autograd.grad(hidden.sum(), shared)
    close(gradient, kept.float().sum(0, keepdim=True) / 0.75)


@pytest.mark.parametrize(("n_members", "adapter_of"), [(1, [0]), (2, [0, 0]), (3, [0, 1, 0])])
@pytest.mark.parametrize("training", [True, False])
def test_wide_path_is_a_shared_hidden_layer_scaled_by_member(n_members, adapter_of, training):
    layer = WidePath(4, 2, n_members, token_size=5, hidden=8, dropout=0.0).train(training)
    nn.init.normal_(layer.scale)
    tokens = torch.randn(4, 5, 6, requires_grad=True)
    for k, logits in enumerate(layer(tokens)):
        hidden = layer.weight @ (tokens.reshape(20, 6) * layer.adapter[adapter_of[k]].T)
        hidden = F.relu(hidden * layer.scale[k] + layer.shift[k])
        expected = layer.heads.weight[k] @ hidden + layer.heads.bias[k]
        close(logits, expected)
        gradients = [
            torch.autograd.grad(value.sum(), tokens, retain_graph=True)[0]
            for value in (logits, expected)
        ]
        close(*gradients)


def test_members_share_all_weights_but_adapters_and_heads(encoding, table):
    module = LandslideModule(encoding, 2, n_members=3).eval()
    with torch.no_grad():
        wide = module.wide
        own = (wide.adapter, wide.scale, wide.shift, wide.heads.weight, module.deep.heads.weight)
        for tensor in own:
            tensor.copy_(tensor[:1].expand_as(tensor))
    logits = module(torch.from_numpy(table)).detach()
    # Heads: three deep ones, then three wide ones; now the three of each path agree.
    close(logits[:, :3], logits[:, :1].expand(-1, 3, -1))
    close(logits[:, 3:], logits[:, 3:4].expand(-1, 3, -1))
    assert not torch.allclose(logits[:, 0], logits[:, 3])


def test_adapters_start_as_random_signs(encoding):
    module = LandslideModule(encoding, 2, n_members=8)
    for adapter in (module.wide.adapter, module.wide.scale):
        assert sorted(adapter.unique().tolist()) == [-1.0, 1.0]
        assert 0.3 < (adapter > 0).float().mean() < 0.7


@pytest.mark.parametrize(
    ("switches", "n_heads"),
    [({}, 8), ({"wide": False}, 4), ({"deep": False}, 4), ({"n_members": 3}, 6)],
)
def test_one_head_per_member_and_path(encoding, table, switches, n_heads):
    module = LandslideModule(encoding, 3, **switches)
    assert module(torch.from_numpy(table)).shape == (60, n_heads, 3)


@pytest.mark.parametrize(
    "switches",
    [{}]
    + [{name: False} for name in ("cnn", "sam", "lstm", "attention", "deep", "wide")]
    + [{"cnn": False, "sam": False, "lstm": False, "attention": False, "wide": False}],
)
def test_gradient_reaches_every_parameter(encoding, table, switches):
    module = LandslideModule(encoding, 2, n_members=2, dropout=0.0, **switches)
    logits = module(torch.from_numpy(table)).flatten(0, 1)
    F.cross_entropy(logits, torch.randint(0, 2, (len(logits),))).backward()
    dead = [
        name
        for name, parameter in module.named_parameters()
        if parameter.grad is None or not parameter.grad.any()
    ]
    assert dead == []


@pytest.mark.parametrize(
    ("switch", "prefixes"),
    [
        ("cnn", ("deep.conv.branches", "deep.conv.norm")),
        ("sam", ("deep.reader.sam",)),
        ("lstm", ("deep.reader.lstm.lstm",)),
        ("attention", ("deep.reader.attention",)),
        ("deep", ("deep",)),
        ("wide", ("wide",)),
    ],
)
def test_a_switch_removes_exactly_the_parameters_of_its_module(encoding, switch, prefixes):
    full = dict(LandslideModule(encoding, 2).named_parameters())
    less = dict(LandslideModule(encoding, 2, **{switch: False}).named_parameters())
    gone = {name for name in full if name.startswith(tuple(p + "." for p in prefixes))}
    assert gone
    assert set(full) - set(less) == gone
    assert set(less) <= set(full)


def test_no_path_at_all_is_refused(encoding):
    with pytest.raises(ValueError, match="deep=False and wide=False leave no network"):
        LandslideModule(encoding, 2, deep=False, wide=False)


@pytest.mark.parametrize("widths", [{"conv_widths": (1, 4)}, {"sam_width": 4}])
def test_even_convolutions_are_refused_by_their_width(encoding, widths):
    with pytest.raises(ValueError, match="must be odd, got 4"):
        LandslideModule(encoding, 2, **widths)


@pytest.mark.parametrize("p", [1, 2, 3])
def test_few_factors_work(p):
    X = np.random.default_rng(0).normal(size=(30, p)).astype(np.float32)
    module = LandslideModule(learn_encoding(X, [0] * p), 2).eval()
    spatial, weights = module.attention_weights(torch.from_numpy(X))
    assert spatial.shape == (30, p)
    assert weights.shape == (30, (p + 1) // 2, (p + 1) // 2)


def test_dropout_acts_in_training_only(encoding, table):
    module = LandslideModule(encoding, 2, dropout=0.5)
    x = torch.from_numpy(table)
    assert not torch.equal(module(x), module(x))
    module.eval()
    assert torch.equal(module(x), module(x))
