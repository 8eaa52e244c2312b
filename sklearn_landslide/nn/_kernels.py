"""Operations whose gradient is written out, because torch's own costs too much time.

Tensors are columns, as in the layers: B rows of a batch lie along the last axis. In the formulas
``*`` multiplies value by value, and ``d_x`` is the gradient of the loss with respect to ``x``.
"""

import threading
from contextlib import contextmanager

import torch
from torch.autograd.function import once_differentiable
from torch.nn import functional as F

# Products of pairs of positions that the attention makes at a time: a megabyte stays in the
# processor's cache.
_PRODUCTS = 2**18


class _RandomStream(threading.local):
    """Where a thread takes random numbers: the generator that was set, or torch's own."""

    generator = None


_STREAM = _RandomStream()


@contextmanager
def random_stream(seed):
    """Give the dropout in this thread a stream of its own inside.

    Parameters
    ----------
    seed : int
        Seed of the stream.
    """
    _STREAM.generator = torch.Generator().manual_seed(seed)
    try:
        yield
    finally:
        _STREAM.generator = None


def random_mask(like, p):
    """Draw factors of a dropout: 0 with a probability of ``p``, else ``1 / (1 - p)``.

    Random bytes are compared, which is several times faster than a draw for each value.

    Parameters
    ----------
    like : Tensor
        The tensor whose shape, data type and device the factors get.
    p : float
        Probability of 0, a multiple of 1/256.

    Returns
    -------
    mask : Tensor
    """
    words = torch.empty(-(-like.numel() // 8), dtype=torch.int64, device=like.device)
    # From the least value on: all 64 bits of a word are random.
    words.random_(torch.iinfo(torch.int64).min, None, generator=_STREAM.generator)
    mask = words.view(torch.uint8)[: like.numel()].view(like.shape).to(like.dtype)
    # Comparing bytes is several times slower than this.
    return mask.sub_(256 * p - 1).clamp_(0, 1).mul_(1 / (1 - p))


class Windows(torch.autograd.Function):
    """What convolutions that reach so many positions to each side see, without a copy.

    Forward, with x = 0 before the first and behind the last position::

        y[p, j D + d] = x[p + j - reach, d]        for j = 0 ... 2 reach

    Backward::

        d_x[p, d] = sum over j of d_y[p - j + reach, j D + d]

    Notes
    -----
    Shape: x (P, D, B), reach -> y (P, (2 reach + 1) D, B)
    """

    @staticmethod
    def forward(ctx, tokens, reach):
        ctx.reach = reach
        padded = F.pad(tokens, (0, 0, 0, 0, reach, reach))
        # Overlapping views: a window lies in one piece of memory.
        return padded.unfold(0, 2 * reach + 1, 1).permute(0, 3, 1, 2).flatten(1, 2)

    @staticmethod
    @once_differentiable
    def backward(ctx, gradient):
        reach, n_positions = ctx.reach, len(gradient)
        taps = gradient.unflatten(1, (2 * reach + 1, -1)).unbind(1)
        total = taps[reach].clone()
        for shift in range(1, min(reach + 1, n_positions)):
            total[shift:] += taps[reach + shift][:-shift]
            total[:-shift] += taps[reach - shift][shift:]
        return total, None


class MemberHidden(torch.autograd.Function):
    """The hidden layer of each member: the shared one scaled, shifted, cut at 0 and dropped.

    Written out because these are the largest tensors of a step: one after the other, the same
    operations pass over memory twice as often.

    Forward, for member k, with random factors m that are 0 with a probability of p, else
    1 / (1 - p)::

        h[k] = m[k] * max(scale[k] * shared + shift[k], 0)

    Backward::

        e[k] = d_h[k] * (h[k] > 0) / (1 - p)
        d_shared = sum over the members k of scale[k] * e[k]
        d_scale[k] = sum over B of e[k] * shared
        d_shift[k] = sum over B of e[k]

    Notes
    -----
    Shape: shared (H, B), scale (K, H, 1), shift (K, H, 1), p -> h (K, H, B)
    """

    @staticmethod
    def forward(ctx, shared, scale, shift, p):
        hidden = torch.mul(shared, scale).add_(shift).relu_()
        if p:
            hidden.mul_(random_mask(hidden, p))
        ctx.p = p
        ctx.save_for_backward(shared, scale, hidden)
        return hidden

    @staticmethod
    @once_differentiable
    def backward(ctx, gradient):
        shared, scale, hidden = ctx.saved_tensors
        # What was cut or dropped is 0.
        gradient = torch.ops.aten.threshold_backward(gradient, hidden, 0)
        if ctx.p:
            gradient.mul_(1 / (1 - ctx.p))
        of_shift = gradient.sum(2, keepdim=True)
        of_scale = torch.empty_like(scale)
        of_shared = torch.zeros_like(shared)
        # One member at a time stays in the processor's cache.
        for k, part in enumerate(gradient):
            of_scale[k] = (part * shared).sum(1, keepdim=True)
            of_shared.addcmul_(part, scale[k])
        return of_shared, of_scale, of_shift, None


class Normalize(torch.autograd.Function):
    """Channels of mean 0 to variance 1, then scaled and shifted.

    Written out because it halves how often a step passes over memory.

    Forward, with means over the channels C::

        r = (mean of x^2 + eps)^(-1/2)
        z = x * r
        y = weight * z + bias

    Backward::

        d_weight = sum over P, B of d_y * z
        d_bias = sum over P, B of d_y
        d_x = r * (weight * d_y - z * mean of weight * d_y * z)

    Notes
    -----
    Shape: x (P, C, B), weight (C, 1), bias (C, 1), eps -> y (P, C, B)
    """

    @staticmethod
    def forward(ctx, x, weight, bias, eps):
        spread = x.square().mean(dim=1, keepdim=True).add_(eps).rsqrt_()
        z = x * spread
        ctx.save_for_backward(z, spread, weight)
        scaled = z * weight if any(ctx.needs_input_grad) else z.mul_(weight)
        return scaled.add_(bias)

    @staticmethod
    @once_differentiable
    def backward(ctx, gradient):
        z, spread, weight = ctx.saved_tensors
        product = gradient * z
        of_weight = product.sum((0, 2)).unsqueeze(1)
        of_bias = gradient.sum((0, 2)).unsqueeze(1)
        along = product.mul_(weight).mean(dim=1, keepdim=True)
        of_x = (gradient * weight).sub_(z * along).mul_(spread)
        return of_x, of_weight, of_bias, None


class Recurrence(torch.autograd.Function):
    """An LSTM from the positions' features to its outputs.

    Written out because of the number of operations: torch's own LSTM wants the rows of a batch
    first, and each step's dozen small operations, recorded one by one, cost a third of a fit.
    A hyperbolic tangent is twice a sigmoid less one, at a quarter of the time; the double of the
    candidates' rows lets one call serve all gates, and the states are kept as halves.

    Forward, position by position, from h[-1] = c[-1] = 0::

        a[t] = weight_input x[t] + weight_hidden h[t - 1] + bias
        o, i, f = sigmoid of the output's, the input's and the forget rows of a[t]
        n = tanh of the candidate's rows of a[t]
        c[t] = f * c[t - 1] + i * n
        h[t] = o * tanh(c[t])

    Backward, from the last position, with f' and d_c' and d_a' those of position t + 1::

        e = d_h[t] + weight_hidden^T d_a'
        d_c = e * o * (1 - tanh(c[t])^2) + f' * d_c'
        d_a[t], row by row = e * tanh(c[t]) * o * (1 - o)    (output)
                             d_c * n * i * (1 - i)           (input)
                             d_c * c[t - 1] * f * (1 - f)    (forget)
                             d_c * i * (1 - n^2)             (candidate)
        d_x[t] = weight_input^T d_a[t]
        d_weight_input = sum over T, B of d_a[t] x[t]^T
        d_weight_hidden = sum over T, B of d_a[t] h[t - 1]^T
        d_bias = sum over T, B of d_a[t]

    Notes
    -----
    Shape: x (T, C, B), weight_input (4 H, C), weight_hidden (4 H, H), bias (4 H, 1), with the
    gates in the order output, input, forget, candidate -> h (T, H, B)
    """

    @staticmethod
    def forward(ctx, features, weight_input, weight_hidden, bias):
        size = weight_hidden.shape[1]
        doubled = bias.new_ones(4 * size, 1)
        doubled[3 * size :] = 2
        gates = torch.baddbmm(
            bias * doubled, (weight_input * doubled).expand(len(features), -1, -1), features
        )
        # Of half an output, twice the weight.
        weight = weight_hidden * (2 * doubled)
        states, bounded, outputs = (torch.empty_like(gates[:, :size]) for _ in range(3))
        steps = (gates, *gates.unflatten(1, (4, size)).unbind(1), states, bounded, outputs)
        state = output = None
        for gate, show, take, keep, candidate, new, bound, out in zip(
            *(tensor.unbind() for tensor in steps), strict=True
        ):
            if output is not None:
                gate.addmm_(weight, output)
            gate.sigmoid_()
            torch.mul(take, candidate.sub_(0.5), out=new)
            if state is not None:
                new.addcmul_(keep, state)
            torch.mul(new, 4, out=bound)
            bound.sigmoid_().sub_(0.5)
            torch.mul(show, bound, out=out)
            state, output = new, out
        outputs.mul_(2)
        ctx.save_for_backward(
            features, weight_input, weight_hidden, gates, states, bounded, outputs
        )
        return outputs

    @staticmethod
    @once_differentiable
    def backward(ctx, gradient):
        features, weight_input, weight_hidden, gates, states, bounded, outputs = ctx.saved_tensors
        size = weight_hidden.shape[1]
        shown, taken, kept, candidates = gates.unflatten(1, (4, size)).unbind(1)
        # What a unit of the gradient of the output, or of the state, adds to each gate's.
        slopes = torch.empty_like(gates)
        to_output, to_state = slopes.split([size, 3 * size], dim=1)
        of_input, of_forget, of_candidate = to_state.unflatten(1, (3, size)).unbind(1)
        opened = gates[:, : 3 * size]
        torch.sub(opened, opened.square(), out=slopes[:, : 3 * size]).mul_(2)
        to_output.mul_(bounded)
        of_input.mul_(candidates)
        of_forget[1:].mul_(states[:-1])
        of_forget[:1] = 0
        torch.mul(taken, 1 - 4 * candidates.square(), out=of_candidate)
        through = shown * (1 - 4 * bounded.square())
        steps = (slopes, to_output, to_state.unflatten(1, (3, size)), through, kept, gradient)
        transposed = weight_hidden.T
        carried = later = later_kept = None
        for slope, output_gate, state_gates, pass_on, keep, arrived in reversed(
            list(zip(*(tensor.unbind() for tensor in steps), strict=True))
        ):
            if carried is None:
                carried = arrived * pass_on
            else:
                arrived = torch.addmm(arrived, transposed, later)
                carried.mul_(later_kept).addcmul_(arrived, pass_on)
            output_gate.mul_(arrived)
            state_gates.mul_(carried)
            later, later_kept = slope, keep
        return (
            torch.bmm(weight_input.T.expand(len(slopes), -1, -1), slopes),
            torch.bmm(slopes, features.transpose(1, 2)).sum(0),
            torch.bmm(slopes[1:], outputs[:-1].transpose(1, 2)).sum(0),
            slopes.sum((0, 2)).unsqueeze(1),
        )


def few_products(key, value):
    """Say whether the products of all pairs of positions, with all values, are few.

    Parameters
    ----------
    key : Tensor of shape (T, A, B)
        Keys of the attention.
    value : Tensor of shape (T, H, B)
        Its values.

    Returns
    -------
    few : bool
        True if they stay in the processor's cache, so that torch may make them all at once.
    """
    return len(key) * value.numel() <= _PRODUCTS


def _pair_products(one, other):
    """Scalar products of all pairs of positions, (T, F, B), (S, F, B) -> (T, S, B)."""
    found = one.new_empty(len(one), len(other), one.shape[2])
    step = max(1, _PRODUCTS // max(1, one.numel()))
    for start in range(0, len(other), step):
        part = slice(start, start + step)
        found[:, part] = (one.unsqueeze(1) * other[part]).sum(2)
    return found


def _mix(weights, values):
    """Weighted sums of the values of the positions, (T, S, B), (S, F, B) -> (T, F, B)."""
    mixed = weights[:, :1] * values[0]
    for position in range(1, len(values)):
        mixed.addcmul_(weights[:, position, None], values[position])
    return mixed


class Attend(torch.autograd.Function):
    """Scaled dot-product attention among the positions.

    Written out so that the products of all pairs of positions, which would be the largest tensors
    of the network, are there for a few pairs at a time only.

    Forward, for query position t and key position s::

        w[t, s] = softmax over s of (query[t] . key[s]) / sqrt(A)
        y[t] = sum over s of w[t, s] value[s]

    Backward::

        p[t, s] = d_y[t] . value[s]
        e[t, s] = w[t, s] * (p[t, s] - sum over r of w[t, r] p[t, r]) / sqrt(A)
        d_query[t] = sum over s of e[t, s] key[s]
        d_key[s] = sum over t of e[t, s] query[t]
        d_value[s] = sum over t of w[t, s] d_y[t]

    Notes
    -----
    Shape: query (T, A, B), key (T, A, B), value (T, H, B) -> y (T, H, B), w (T, T, B), which
    passes no gradient on
    """

    @staticmethod
    def forward(ctx, query, key, value):
        weights = _pair_products(query, key)
        weights.sub_(weights.amax(dim=1, keepdim=True)).mul_(query.shape[1] ** -0.5).exp_()
        weights.div_(weights.sum(dim=1, keepdim=True))
        ctx.save_for_backward(query, key, value, weights)
        ctx.mark_non_differentiable(weights)
        # Zeros for the weights would be as large as the weights.
        ctx.set_materialize_grads(False)
        return _mix(weights, value), weights

    @staticmethod
    @once_differentiable
    def backward(ctx, gradient, _):
        if gradient is None:
            return None, None, None
        query, key, value, weights = ctx.saved_tensors
        slopes = _pair_products(gradient, value)
        slopes.sub_((slopes * weights).sum(dim=1, keepdim=True))
        slopes.mul_(weights).mul_(query.shape[1] ** -0.5)
        transposed = slopes.transpose(0, 1)
        return _mix(slopes, key), _mix(transposed, query), _mix(weights.transpose(0, 1), gradient)
