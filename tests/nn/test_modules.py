"""The network: which heads, which parameters, what the members share."""

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from sklearn_landslide.nn import LandslideModule, learn_encoding

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


def test_a_table_of_the_embedding_shares_the_codes_and_leaves_the_network_as_it_was(
    encoding, table
):
    module = LandslideModule(encoding, 2).eval()
    x = torch.from_numpy(table)
    with torch.no_grad():
        before = module(x)
        tabulated = module.tabulated_embedding()
        assert tabulated.embedding is module.embedding
        close(module(x, embedding=tabulated), before, atol=1e-4)
        assert not torch.equal(module(x, embedding=tabulated), before)
        assert torch.equal(module(x), before)


def test_members_share_all_weights_but_scales_shifts_and_heads(encoding, table):
    module = LandslideModule(encoding, 2, n_members=3).eval()
    with torch.no_grad():
        wide = module.wide
        own = (wide.scale, wide.shift, wide.heads.weight, module.deep.heads.weight)
        for tensor in own:
            tensor.copy_(tensor[:1].expand_as(tensor))
    logits = module(torch.from_numpy(table)).detach()
    # Heads: three deep ones, then three wide ones; now the three of each path agree.
    close(logits[:, :3], logits[:, :1].expand(-1, 3, -1))
    close(logits[:, 3:], logits[:, 3:4].expand(-1, 3, -1))
    assert not torch.allclose(logits[:, 0], logits[:, 3])


def test_scales_of_the_members_start_as_random_signs(encoding):
    scale = LandslideModule(encoding, 2, n_members=8).wide.scale
    assert sorted(scale.unique().tolist()) == [-1.0, 1.0]
    assert 0.3 < (scale > 0).float().mean() < 0.7


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
