"""Layers that the paths of the network share, in plain torch.

Tensors are columns: the rows of a batch lie along the last axis, so that every operation runs
over memory in order, however few channels there are. Shapes are written with B rows of a batch,
K members, P positions, T positions after pooling, C channels, H values of the LSTM, F features
and Y classes.
"""

import math
import threading
from contextlib import contextmanager

import torch
from torch import nn
from torch.autograd.function import once_differentiable

# Products of pairs of positions that the attention makes at a time: a megabyte stays in the
# processor's cache.
_PRODUCTS = 2**18


def uniform(*shape, fan_in):
    """Weights with the spread that keeps the variance of a layer's output near one."""
    bound = 1 / math.sqrt(fan_in)
    return torch.empty(*shape).uniform_(-bound, bound)


def signs(*shape):
    """Random signs: what makes the members differ from the start."""
    return torch.randint(0, 2, shape) * 2.0 - 1.0


def pool_pairs(features):
    """Maximum over neighboring pairs of positions, (P, C, B) -> (ceil(P / 2), C, B)."""
    if len(features) % 2:
        features = torch.cat([features, features[-1:]])
    return torch.maximum(*features.unflatten(0, (-1, 2)).unbind(1))


class _RandomStream(threading.local):
    """Where a thread takes random numbers: the generator that was set, or torch's own."""

    generator = None


_STREAM = _RandomStream()


@contextmanager
def random_stream(seed):
    """Give the dropout in this thread a stream of its own inside."""
    _STREAM.generator = torch.Generator().manual_seed(seed)
    try:
        yield
    finally:
        _STREAM.generator = None


def random_mask(like, p):
    """Draw factors like a tensor: 0 with a probability of ``p``, else ``1 / (1 - p)``.

    Random bytes are compared, several times faster than a draw for each value, so that ``p`` must
    be a multiple of 1/256.
    """
    words = torch.empty(-(-like.numel() // 8), dtype=torch.int64, device=like.device)
    # From the least value on: all 64 bits of a word are random.
    words.random_(torch.iinfo(torch.int64).min, None, generator=_STREAM.generator)
    mask = words.view(torch.uint8)[: like.numel()].view(like.shape).to(like.dtype)
    # Comparing bytes is several times slower than this.
    return mask.sub_(256 * p - 1).clamp_(0, 1).mul_(1 / (1 - p))


class ByteDropout(nn.Module):
    """Dropout by random bytes.

    Parameters
    ----------
    p : float
        Probability of a value to be dropped, rounded to a multiple of 1/256.

    Notes
    -----
    Shape: any -> the same
    """

    def __init__(self, p):
        super().__init__()
        self.p = round(256 * p) / 256

    def forward(self, x):
        if not (self.training and self.p):
            return x
        return x * random_mask(x, self.p)


class ColumnLinear(nn.Linear):
    """A linear layer on columns.

    Notes
    -----
    Shape: (F, B) or (P, F, B) -> the same with as many features as the layer has outputs
    """

    def forward(self, x):
        bias = self.bias.unsqueeze(1)
        if x.ndim == 2:
            return torch.addmm(bias, self.weight, x)
        return torch.baddbmm(bias, self.weight.expand(len(x), -1, -1), x)


class _Normalize(torch.autograd.Function):
    """Channels of mean 0 to variance 1, then scaled and shifted, (P, C, B) -> the same.

    Written out because it halves how often a step passes over memory.

    Notes
    -----
    Shape: x (P, C, B), weight (C, 1), bias (C, 1), eps -> (P, C, B)
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


class ColumnNorm(nn.Module):
    """Layer normalization of columns, behind a map without bias whose kernel it centers.

    A centerd kernel takes the mean over the channels off at no cost: there are fewer weights
    than values.

    Notes
    -----
    Shape: (P, C, B) with mean 0 over the channels -> the same
    """

    def __init__(self, channels, eps=1e-5):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))
        self.eps = eps

    @staticmethod
    def center(kernel):
        """Take the mean over the channels off a kernel, (C, ...) -> the same."""
        return kernel - kernel.mean(dim=0, keepdim=True)

    def forward(self, x):
        return _Normalize.apply(x, self.weight.unsqueeze(1), self.bias.unsqueeze(1), self.eps)


class SpatialAttention(nn.Module):
    """SAM: mean and maximum over the channels, fused, convolved, sigmoid, multiplied back.

    The weights lie between 0 and 2, so that an untrained module changes nothing on average.

    Notes
    -----
    Shape: (P, C, B) -> features (P, C, B), weights (P, B)
    """

    def __init__(self, width):
        super().__init__()
        self.conv = nn.Conv1d(2, 1, width, padding=width // 2)

    def _band(self, n_positions):
        """Return the convolution as a matrix, (P, 2 P): for one channel far faster."""
        width = self.conv.weight.shape[-1]
        position = torch.arange(n_positions, device=self.conv.weight.device)
        tap = position - position[:, None] + width // 2
        outside = (tap < 0) | (tap >= width)
        band = self.conv.weight[0][:, tap.clamp(0, width - 1)].masked_fill(outside, 0)
        return band.transpose(0, 1).flatten(1)

    def forward(self, features):
        pooled = torch.cat([features.mean(dim=1), features.amax(dim=1)])
        weights = 2 * torch.sigmoid(torch.addmm(self.conv.bias, self._band(len(features)), pooled))
        return features * weights.unsqueeze(1), weights


class _Recurrence(torch.autograd.Function):
    """An LSTM from the positions' features to its outputs.

    Written out because of the number of operations: torch's own LSTM wants the rows of a batch
    first, and each step's dozen small operations, recorded one by one, cost a third of a fit.
    A hyperbolic tangent is twice a sigmoid less one, at a quarter of the time; the double of the
    candidates' rows lets one call serve all gates, and the states are kept as halves.

    Notes
    -----
    Shape: features (T, C, B), weight_input (4 H, C), weight_hidden (4 H, H), bias (4 H, 1), with
    the gates in the order output, input, forget, candidate -> (T, H, B)
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


class LSTM(nn.Module):
    """A long short-term memory along the positions.

    Notes
    -----
    Shape: (T, C, B) -> (T, H, B)
    """

    def __init__(self, channels, hidden):
        super().__init__()
        self.weight_input = nn.Parameter(uniform(4 * hidden, channels, fan_in=hidden))
        self.weight_hidden = nn.Parameter(uniform(4 * hidden, hidden, fan_in=hidden))
        self.bias = nn.Parameter(uniform(4 * hidden, 1, fan_in=hidden))

    def forward(self, features):
        return _Recurrence.apply(features, self.weight_input, self.weight_hidden, self.bias)


class ResidualLSTM(nn.Module):
    """An LSTM along the positions, added to a linear map of each position.

    Notes
    -----
    Shape: (T, C, B) -> (T, H, B)
    """

    def __init__(self, channels, hidden, lstm):
        super().__init__()
        self.shortcut = ColumnLinear(channels, hidden)
        self.lstm = LSTM(channels, hidden) if lstm else None

    def forward(self, features):
        linear = self.shortcut(features)
        return linear if self.lstm is None else linear + self.lstm(features)


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


class _Attend(torch.autograd.Function):
    """Scaled dot-product attention among the positions.

    Written out so that the products of all pairs of positions, which would be the largest tensors
    of the network, are there for a few pairs at a time only.

    Notes
    -----
    Shape: query (T, A, B), key (T, A, B), value (T, H, B) -> mixed values (T, H, B), weights
    (T, T, B) that sum to one over the keys, the second axis, and pass no gradient on
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


class SelfAttention(nn.Module):
    """One head of scaled dot-product self-attention with a residual connection.

    Notes
    -----
    Shape: (T, H, B) -> features (T, H, B), weights (B, T, T) whose rows sum to one and which pass
    no gradient on
    """

    def __init__(self, hidden, key_size):
        super().__init__()
        self.project = ColumnLinear(hidden, 2 * key_size + hidden)
        self.key_size = key_size

    def forward(self, features):
        sizes = [self.key_size, self.key_size, features.shape[1]]
        query, key, value = self.project(features).split(sizes, dim=1)
        if self.training and len(key) * value.numel() <= _PRODUCTS:
            # torch's own gradient leaves the interpreter to the other shards of the batch.
            logits = (query.unsqueeze(1) * key).sum(2) * self.key_size**-0.5
            powers = (logits - logits.detach().amax(dim=1, keepdim=True)).exp()
            weights = powers / powers.sum(dim=1, keepdim=True)
            mixed = (weights.unsqueeze(2) * value).sum(1)
        else:
            mixed, weights = _Attend.apply(query, key, value)
        return features + mixed, weights.permute(2, 0, 1)


class RecurrentAttention(nn.Module):
    """SAM -> pooling -> LSTM -> self-attention: what follows the convolutions of a path.

    Notes
    -----
    Shape: (P, C, B) -> features (T H, B), SAM weights (B, P) or None, self-attention weights
    (B, T, T) or None, where T = ceil(P / 2)
    """

    def __init__(self, channels, *, sam, sam_width, lstm, lstm_hidden, attention, attention_size):
        super().__init__()
        self.sam = SpatialAttention(sam_width) if sam else None
        self.lstm = ResidualLSTM(channels, lstm_hidden, lstm)
        self.attention = SelfAttention(lstm_hidden, attention_size) if attention else None

    def forward(self, features):
        spatial = weights = None
        if self.sam is not None:
            features, spatial = self.sam(features)
            spatial = spatial.T
        features = self.lstm(pool_pairs(features))
        if self.attention is not None:
            features, weights = self.attention(features)
        return features.flatten(0, 1), spatial, weights


class MemberHeads(nn.Module):
    """A linear classifier for each member, on features of its own or on shared ones.

    Notes
    -----
    Shape: (K, F, B) or (F, B) -> (K, Y, B)
    """

    def __init__(self, n_members, n_inputs, n_classes):
        super().__init__()
        self.weight = nn.Parameter(uniform(n_members, n_classes, n_inputs, fan_in=n_inputs))
        self.bias = nn.Parameter(torch.zeros(n_members, n_classes, 1))

    def forward(self, features):
        if features.ndim == 3:
            return torch.baddbmm(self.bias, self.weight, features)
        logits = torch.addmm(self.bias.flatten(0, 1), self.weight.flatten(0, 1), features)
        return logits.unflatten(0, self.weight.shape[:2])


class SharedHeads(MemberHeads):
    """Heads of the members on shared features, of which each member drops its own.

    Notes
    -----
    Shape: (F, B) -> (K, Y, B)
    """

    def __init__(self, n_members, n_inputs, n_classes, dropout):
        super().__init__(n_members, n_inputs, n_classes)
        self.dropout = ByteDropout(dropout)

    def forward(self, features):
        if self.training:
            features = self.dropout(features.expand(len(self.weight), -1, -1))
        return super().forward(features)
