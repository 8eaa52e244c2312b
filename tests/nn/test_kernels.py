"""The gradients that are written out against finite differences; the dropout's random numbers."""

import pytest
import torch

from sklearn_landslide.nn import _kernels
from sklearn_landslide.nn._kernels import (
    Attend,
    MemberHidden,
    Normalize,
    Recurrence,
    Windows,
    random_stream,
)
from sklearn_landslide.nn._layers import ByteDropout
from sklearn_landslide.nn._recurrent_attention import LSTM, SelfAttention

pytestmark = pytest.mark.usefixtures("seeded_torch")


def close(result, expected, atol=1e-5):
    torch.testing.assert_close(result, expected, atol=atol, rtol=1e-4)


@pytest.mark.parametrize(("n_positions", "reach"), [(5, 2), (1, 2), (2, 3), (4, 0)])
def test_gradient_of_the_windows_equals_finite_differences(n_positions, reach):
    tokens = torch.randn(n_positions, 3, 4, dtype=torch.double, requires_grad=True)
    assert torch.autograd.gradcheck(lambda t: Windows.apply(t, reach).sin(), (tokens,))


@pytest.mark.parametrize("n_members", [1, 2, 3, 8])
def test_gradient_of_the_members_hidden_layer_equals_finite_differences(n_members):
    shapes = [(3, 5), (n_members, 3, 1), (n_members, 3, 1)]
    tensors = [torch.randn(s, dtype=torch.double, requires_grad=True) for s in shapes]
    assert torch.autograd.gradcheck(lambda *t: MemberHidden.apply(*t, 0), tensors)


def test_gradient_of_a_dropped_hidden_layer_equals_finite_differences():
    tensors = [torch.randn(s, dtype=torch.double) for s in [(3, 5), (4, 3, 1), (4, 3, 1)]]

    def dropped(*tensors):
        # The same factors in every call.
        with random_stream(0):
            return MemberHidden.apply(*tensors, 64 / 256)

    assert torch.autograd.gradcheck(dropped, [t.requires_grad_() for t in tensors])


def test_dropout_of_the_members_hidden_layer_is_that_of_its_gradient():
    shared, scale = torch.rand(50, 40, requires_grad=True), torch.ones(2, 50, 1)
    hidden = MemberHidden.apply(shared, scale, torch.zeros(2, 50, 1), 64 / 256)
    kept = hidden != 0
    assert kept.float().mean().item() == pytest.approx(0.75, abs=0.03)
    close(hidden[kept], (shared / 0.75).expand(2, -1, -1)[kept])
    (gradient,) = torch.autograd.grad(hidden.sum(), shared)
    close(gradient, kept.float().sum(0) / 0.75)


@pytest.mark.parametrize(("n_positions", "n_channels"), [(4, 3), (1, 5), (3, 1)])
def test_gradient_of_the_normalization_equals_finite_differences(n_positions, n_channels):
    shapes = [(n_positions, n_channels, 2), (n_channels, 1), (n_channels, 1)]
    x, weight, bias = (torch.randn(s, dtype=torch.double, requires_grad=True) for s in shapes)
    assert torch.autograd.gradcheck(lambda *t: Normalize.apply(*t, 1e-5), (x, weight, bias))


@pytest.mark.parametrize("n_positions", [1, 2, 5])
def test_gradient_of_the_recurrence_equals_finite_differences(n_positions):
    shapes = [(n_positions, 3, 4), (8, 3), (8, 2), (8, 1)]
    tensors = [torch.randn(s, dtype=torch.double, requires_grad=True) for s in shapes]
    assert torch.autograd.gradcheck(Recurrence.apply, tensors)


@pytest.mark.parametrize(("n_positions", "products"), [(1, 2**18), (4, 2**18), (4, 100), (4, 1)])
def test_gradient_of_the_attention_equals_finite_differences(n_positions, products, monkeypatch):
    monkeypatch.setattr(_kernels, "_PRODUCTS", products)
    shapes = [(n_positions, 2, 5), (n_positions, 2, 5), (n_positions, 3, 5)]
    tensors = [torch.randn(s, dtype=torch.double, requires_grad=True) for s in shapes]
    assert torch.autograd.gradcheck(lambda *t: Attend.apply(*t)[0], tensors)
    assert not Attend.apply(*tensors)[1].requires_grad


@pytest.mark.parametrize("n_positions", [1, 5])
def test_gradient_of_the_lstm_equals_finite_differences(n_positions):
    layer = LSTM(3, 2).double()
    x = torch.randn(n_positions, 3, 4, dtype=torch.double, requires_grad=True)
    assert torch.autograd.gradcheck(lambda x, *_: layer(x), (x, *layer.parameters()))


@pytest.mark.parametrize(("n_positions", "products"), [(1, 2**18), (4, 2**18), (4, 190), (4, 1)])
def test_self_attention_is_the_same_with_a_few_keys_at_a_time(n_positions, products, monkeypatch):
    layer = SelfAttention(3, 2).double()
    x = torch.randn(n_positions, 3, 5, dtype=torch.double, requires_grad=True)
    whole, weights = layer(x)
    monkeypatch.setattr(_kernels, "_PRODUCTS", products)
    assert torch.autograd.gradcheck(lambda x, *_: layer(x)[0], (x, *layer.parameters()))
    for part, expected in zip(layer(x), (whole, weights), strict=True):
        close(part, expected)
    assert layer(x[..., :0])[0].shape == (n_positions, 3, 0)


def test_a_stream_of_its_own_decides_the_dropout_of_a_thread():
    dropout, ones = ByteDropout(0.5), torch.ones(1000)
    state = torch.get_rng_state()
    with random_stream(7):
        first = dropout(ones)
    with random_stream(8):
        other = dropout(ones)
    with random_stream(7):
        again = dropout(ones)
    torch.testing.assert_close(first, again, rtol=0, atol=0)
    # Two streams agree in half of the values.
    assert 400 < int((first == other).sum()) < 600
    assert torch.equal(torch.get_rng_state(), state)
