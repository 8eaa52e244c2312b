"""Every part of the network against torch's own layers or the formula written out."""

import math

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from sklearn_landslide.nn import LandslideModule
from sklearn_landslide.nn._encoding import learn_encoding
from sklearn_landslide.nn._modules import (
    ByteDropout,
    FactorEmbedding,
    MemberHeads,
    MultiScaleConv,
    ResidualLSTM,
    SelfAttention,
    SpatialAttention,
    WidePath,
    _pool_pairs,
)
from sklearn_landslide.nn._training import seed_bubble


@pytest.fixture(autouse=True)
def _seeded():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        yield


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
    layer = FactorEmbedding(3, 4, token_size=5, n_frequencies=2)
    scores, codes = torch.randn(7, 3), torch.randint(0, 5, (7, 3))
    tokens = layer(scores, codes)
    for b in range(7):
        for p in range(3):
            angle = 2 * math.pi * scores[b, p] * layer.frequency[p]
            waves = torch.cat([angle.sin(), angle.cos()])
            expected = waves @ layer.weight[p] + scores[b, p] * layer.linear[p] + layer.bias[p]
            close(tokens[b, p], expected + layer.code.weight[codes[b, p]])


def test_code_zero_adds_nothing_even_after_training():
    layer = FactorEmbedding(2, 3, token_size=4, n_frequencies=2)
    optimizer = torch.optim.AdamW(layer.parameters(), lr=0.1)
    for _ in range(3):
        optimizer.zero_grad()
        layer(torch.randn(8, 2), torch.randint(0, 4, (8, 2))).pow(2).sum().backward()
        optimizer.step()
    assert (layer.code.weight[0] == 0).all()
    assert (layer.code.weight[1:] != 0).all()


@pytest.mark.parametrize("widths", [(1, 3, 5), (3,), (7, 1)])
def test_multi_scale_conv_equals_conv1d_branch_by_branch(widths):
    d, channels = 6, 4
    layer = MultiScaleConv(d, widths, channels, cnn=True)
    tokens = torch.randn(10, 9, d)
    branches = []
    for width in widths:
        conv = nn.Conv1d(d, channels, width, padding=width // 2, bias=False)
        weight = layer.branches[f"weight_{width}"]
        conv.weight.data = weight.data.reshape(width, d, channels).permute(2, 1, 0)
        branches.append(conv(tokens.transpose(1, 2)).transpose(1, 2))
    expected = layer.shortcut(tokens) + F.relu(layer.norm(torch.cat(branches, -1)))
    close(layer(tokens), expected)


def test_spatial_attention_equals_the_formula():
    layer = SpatialAttention(7)
    features = torch.randn(6, 9, 5)
    result, weights = layer(features)
    mean = np.pad(features.mean(-1).numpy(), ((0, 0), (3, 3)))
    largest = np.pad(features.max(-1).values.numpy(), ((0, 0), (3, 3)))
    kernel, bias = layer.conv.weight.detach().numpy()[0], layer.conv.bias.item()
    for t in range(9):
        window = mean[:, t : t + 7] @ kernel[0] + largest[:, t : t + 7] @ kernel[1] + bias
        expected = torch.from_numpy(2 / (1 + np.exp(-window)))
        close(weights[:, t].detach(), expected.float())
    close(result, features * weights[..., None])
    assert ((weights > 0) & (weights < 2)).all()


@pytest.mark.parametrize(
    ("n", "expected"),
    [(1, [3.0]), (2, [3.0]), (3, [3.0, 5.0]), (4, [3.0, 5.0]), (5, [3.0, 5.0, 2.0])],
)
def test_pooling_takes_the_larger_of_each_pair_and_keeps_an_odd_one(n, expected):
    features = torch.tensor([3.0, 1.0, 5.0, 4.0, 2.0])[:n].reshape(1, n, 1)
    assert _pool_pairs(features).flatten().tolist() == expected


def test_residual_lstm_is_torch_lstm_plus_a_linear_map():
    layer = ResidualLSTM(6, 4, lstm=True)
    features = torch.randn(5, 8, 6)
    reference = nn.LSTM(6, 4, batch_first=True)
    reference.load_state_dict(layer.lstm.state_dict())
    close(layer(features), layer.shortcut(features) + reference(features)[0])


def test_lstm_reads_the_positions_in_order():
    layer = ResidualLSTM(6, 4, lstm=True)
    features = torch.randn(5, 8, 6)
    changed = features.clone()
    changed[:, 5] += 1
    same = (layer(features) == layer(changed)).all(-1).all(0)
    assert same.tolist() == [True] * 5 + [False] * 3


@pytest.mark.parametrize("size", [1.0, 1e4])
def test_self_attention_equals_torch_scaled_dot_product_attention(size):
    layer = SelfAttention(12, 5)
    features = torch.randn(6, 7, 12) * size
    query, key, value = layer.project(features).split([5, 5, 12], dim=-1)
    result, weights = layer(features)
    close(result, features + F.scaled_dot_product_attention(query, key, value))
    close(weights.sum(-1), torch.ones(6, 7))
    # With large values all but one may be zero in single precision.
    assert (weights > 0).all() or size > 1


def test_member_heads_are_one_linear_layer_per_member():
    layer = MemberHeads(3, 4, 2)
    nn.init.normal_(layer.bias)
    features = torch.randn(3, 6, 4)
    expected = [features[k] @ layer.weight[k] + layer.bias[k, 0] for k in range(3)]
    close(layer(features), torch.stack(expected))


@pytest.mark.parametrize(("n_members", "adapter_of"), [(1, [0]), (2, [0, 0]), (3, [0, 1, 0])])
def test_wide_path_is_a_shared_hidden_layer_scaled_by_member(n_members, adapter_of):
    layer = WidePath(4, 2, n_members, token_size=5, hidden=8, dropout=0.0)
    nn.init.normal_(layer.scale)
    tokens = torch.randn(6, 4, 5)
    for k, logits in enumerate(layer(tokens)):
        hidden = (tokens.reshape(6, 20) * layer.adapter[adapter_of[k]]) @ layer.weight
        hidden = F.relu(hidden * layer.scale[k] + layer.shift[k])
        close(logits, hidden @ layer.heads.weight[k] + layer.heads.bias[k])


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
        ("sam", ("deep.sam",)),
        ("lstm", ("deep.lstm.lstm",)),
        ("attention", ("deep.attention",)),
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


def test_deep_members_differ_in_what_they_drop(encoding, table):
    module = LandslideModule(encoding, 2, n_members=3)
    with torch.no_grad():
        module.deep.heads.weight.copy_(module.deep.heads.weight[:1].expand(3, -1, -1))
    tokens = module.embedding(*module.encoder(torch.from_numpy(table)))
    training = module.deep(tokens)[0]
    assert not torch.allclose(training[0], training[1])
    evaluated = module.eval().deep(tokens)[0]
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
    # Neighbours are dropped independently of each other.
    both = ((kept[:, 1:] == 0) & (kept[:, :-1] == 0)).float().mean().item()
    assert both == pytest.approx(share**2, abs=2e-3)


def test_dropout_acts_in_training_only(encoding, table):
    module = LandslideModule(encoding, 2, dropout=0.5)
    x = torch.from_numpy(table)
    assert not torch.equal(module(x), module(x))
    module.eval()
    assert torch.equal(module(x), module(x))
