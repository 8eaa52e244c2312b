"""The network in plain torch: feature embedding, CNN, SAM, LSTM, self-attention, heads.

Tensors are columns, as in the layers. Shapes are written with B rows of a batch, K members,
P factors, Q of them with codes, D the token size, C channels, T positions after pooling and
Y classes.
"""

import math
from copy import copy

import torch
from torch import nn
from torch.autograd.function import once_differentiable
from torch.nn import functional as F

from sklearn_landslide.nn._layers import (
    ByteDropout,
    ColumnLinear,
    ColumnNorm,
    MemberHeads,
    RecurrentAttention,
    SharedHeads,
    random_mask,
    signs,
    uniform,
)
from sklearn_landslide.nn._sequence_modules import SequencePaths

# What a token may differ by where it is looked up in a table, and how fine that table may be:
# cells of one factor, and of all, beyond which the table leaves the processor's cache.
_TOKEN_ERROR = 2e-5
_FEWEST_CELLS, _MOST_CELLS, _MOST_CELLS_IN_ALL = 512, 8192, 2**17


class FactorEncoder(nn.Module):
    """Raw factor values to normal scores and codes; nothing here is trained.

    Parameters
    ----------
    encoding : FactorEncoding
        Quantiles and codes learned from the training table.

    Notes
    -----
    Shape: (P, B) -> scores (P, B), codes (Q, B) as int64. Code 0 means "none": a value that the
    training table did not hold.
    """

    def __init__(self, encoding):
        super().__init__()
        for name, array in encoding.to_arrays().items():
            self.register_buffer(name, torch.from_numpy(array.copy()))
        coded = torch.from_numpy(encoding.n_codes).nonzero().flatten()
        above = torch.cat([self.scores[:, 1:], self.scores[:, -1:]], dim=1)
        gap = self.knots.diff(append=self.knots[:, -1:])
        # Flat from the last knot on; behind the end of a short row there is infinity.
        rising = (gap > 0) & gap.isfinite()
        derived = {
            "first_code": torch.from_numpy(encoding.first_code),
            "coded": coded,
            "above": above,
            "slope": ((above - self.scores) / gap).where(rising, 0),
        }
        for name, tensor in derived.items():
            self.register_buffer(name, tensor, persistent=False)

    def forward(self, x):
        below = torch.searchsorted(self.knots, x, right=True).sub_(1).clamp_(min=0)
        left = self.knots.gather(1, below)
        beyond = (x - left).clamp_(min=0)
        scores = torch.addcmul(self.scores.gather(1, below), self.slope.gather(1, below), beyond)
        # Rounding must not lift a value over the next knot.
        scores = scores.minimum(self.above.gather(1, below))
        known = left[self.coded] == x[self.coded]
        codes = below[self.coded] + self.first_code[self.coded].unsqueeze(1)
        return scores, codes.where(known, 0)


class FactorEmbedding(nn.Module):
    """One token per factor: a linear term, a periodic term and an embedding of the code.

    The periodic term is that of Gorishniy et al. (2022): sines and cosines of learned
    frequencies, mapped linearly, factor by factor.

    Parameters
    ----------
    n_factors, n_codes : int
        Number of factors, and of codes of all factors together.
    coded : Tensor of shape (Q,), int64
        Factors that have codes.
    token_size : int
        Length D of a token.
    n_frequencies : int
        Frequencies per factor.

    Notes
    -----
    Shape: scores (P, B), codes (Q, B) -> (P, D, B)
    """

    def __init__(self, n_factors, n_codes, coded, token_size, n_frequencies):
        super().__init__()
        self.linear = nn.Parameter(uniform(n_factors, token_size, 1, fan_in=token_size))
        self.bias = nn.Parameter(uniform(n_factors, token_size, 1, fan_in=token_size))
        self.frequency = nn.Parameter(torch.randn(n_factors, n_frequencies, 1) * 0.1)
        self.weight = nn.Parameter(
            uniform(n_factors, token_size, 2 * n_frequencies, fan_in=2 * n_frequencies)
        )
        self.register_buffer("coded", coded, persistent=False)
        self.code = None
        if n_codes:
            self.code = nn.Embedding(n_codes + 1, token_size, padding_idx=0)
            with torch.no_grad():
                self.code.weight[1:].copy_(uniform(n_codes, token_size, fan_in=token_size))

    def of_scores(self, scores):
        """Return the tokens without the embedding of the codes, (P, B) -> (P, D, B)."""
        scores = scores.unsqueeze(1)
        angle = scores * (2 * math.pi * self.frequency)
        inputs = torch.cat([angle.sin(), angle.cos(), scores], dim=1)
        return torch.baddbmm(self.bias, torch.cat([self.weight, self.linear], dim=2), inputs)

    def add_codes(self, tokens, codes):
        """Add the embedding of the codes to tokens, in place: nobody else may hold them."""
        if self.code is None:
            return tokens
        return tokens.index_add_(0, self.coded, self.code(codes).transpose(1, 2))

    def forward(self, scores, codes):
        return self.add_codes(self.of_scores(scores), codes)


class TabulatedEmbedding(nn.Module):
    """The embedding of a trained network, looked up in a table instead of computed.

    A token depends on one score alone. Between the nodes of the table, evenly spaced over the
    scores of each factor, it is interpolated linearly.

    Parameters
    ----------
    embedding : FactorEmbedding
        What is tabulated; its embedding of the codes is shared.
    low, high : Tensor of shape (P, 1)
        Range of the scores of each factor.
    nodes : Tensor of shape (P, D, N + 1)
        What the embedding returns for N + 1 scores from ``low`` to ``high``.

    Notes
    -----
    Shape: scores (P, B), codes (Q, B) -> (P, D, B)
    """

    def __init__(self, embedding, low, high, nodes):
        super().__init__()
        self.embedding = embedding
        self.low, self.n_cells = low, nodes.shape[2] - 1
        # A constant factor has one score.
        self.cells_per_score = torch.where(high > low, self.n_cells / (high - low), 0)
        self.rows = nodes.transpose(1, 2).flatten(0, 1).contiguous()
        first_row = (self.n_cells + 1) * torch.arange(len(low), device=low.device)
        self.first_row = first_row.unsqueeze(1)

    def forward(self, scores, codes):
        position = (scores - self.low).mul_(self.cells_per_score)
        cell = position.to(torch.int64).clamp_(max=self.n_cells - 1)
        share = position.sub_(cell)
        left = cell.add_(self.first_row)
        # Looks up and interpolates without a copy of the two rows.
        tokens = F.embedding_bag(
            torch.stack([left, left + 1], dim=2).flatten(0, 1),
            self.rows,
            mode="sum",
            per_sample_weights=torch.stack([1 - share, share], dim=2).flatten(0, 1),
        )
        tokens = tokens.unflatten(0, scores.shape).transpose(1, 2).contiguous()
        return self.embedding.add_codes(tokens, codes)


def tabulate(embedding, low, high):
    """Tabulate an embedding as finely as its frequencies want.

    Parameters
    ----------
    embedding : FactorEmbedding
        The embedding of a trained network.
    low, high : Tensor of shape (P, 1)
        Range of the scores of each factor.

    Returns
    -------
    embedding : TabulatedEmbedding or FactorEmbedding
        The embedding itself, where no table of a sensible size is accurate.
    """
    n_cells, most = _FEWEST_CELLS, min(_MOST_CELLS, _MOST_CELLS_IN_ALL // len(low))
    while n_cells <= most:
        share = torch.linspace(0, 1, n_cells + 1, device=low.device)
        nodes = embedding.of_scores(low + (high - low) * share)
        left, middle, right = nodes[..., :-1:2], nodes[..., 1::2], nodes[..., 2::2]
        # At half the distance the error is a quarter.
        if ((left + right) / 2 - middle).abs().max() <= 4 * _TOKEN_ERROR:
            return TabulatedEmbedding(embedding, low, high, nodes)
        n_cells *= 2
    return embedding


class _Windows(torch.autograd.Function):
    """What kernels that reach so many positions to each side see, without a copy.

    Notes
    -----
    Shape: (P, D, B) -> (P, (2 reach + 1) D, B)
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


class MultiScaleConv(nn.Module):
    """Convolutions of several widths over the tokens, beside a linear map of each token.

    Notes
    -----
    Shape: (P, D, B) -> (P, C, B), where C = number of widths x channels
    """

    def __init__(self, token_size, widths, channels, cnn):
        super().__init__()
        self.widths = tuple(widths) if cnn else ()
        self.reach = max(self.widths, default=1) // 2
        out = len(widths) * channels
        self.shortcut = ColumnLinear(token_size, out)
        self.branches = nn.ParameterDict(
            {
                f"weight_{w}": nn.Parameter(
                    uniform(channels, w * token_size, fan_in=w * token_size)
                )
                for w in self.widths
            }
        )
        self.norm = ColumnNorm(out) if self.widths else None

    def forward(self, tokens):
        if self.norm is None:
            return self.shortcut(tokens)
        # All convolutions as one product, in which narrow kernels are filled up with zeros.
        n_positions, size, _ = tokens.shape
        kernels = []
        for width in self.widths:
            missing = (self.reach - width // 2) * size
            kernels.append(F.pad(self.branches[f"weight_{width}"], (missing, missing)))
        kernel = self.norm.center(torch.cat(kernels)).expand(n_positions, -1, -1)
        windows = _Windows.apply(tokens, self.reach)
        features = self.norm(torch.bmm(kernel, windows)).relu_()
        return self.shortcut(tokens).add_(features)


class DeepPath(nn.Module):
    """CNN -> SAM -> pooling -> LSTM -> self-attention -> heads of the members.

    Up to the heads the members share everything, so it is computed once.

    Notes
    -----
    Shape: (P, D, B) -> logits (K, Y, B), SAM weights (B, P) or None,
    self-attention weights (B, T, T) or None, where T = ceil(P / 2)
    """

    def __init__(
        self,
        n_factors,
        n_classes,
        n_members,
        *,
        token_size,
        cnn,
        conv_widths,
        conv_channels,
        lstm_hidden,
        dropout,
        **params,
    ):
        super().__init__()
        self.conv = MultiScaleConv(token_size, conv_widths, conv_channels, cnn)
        channels = len(conv_widths) * conv_channels
        self.reader = RecurrentAttention(channels, lstm_hidden=lstm_hidden, **params)
        n_positions = -(-n_factors // 2)
        self.heads = SharedHeads(n_members, n_positions * lstm_hidden, n_classes, dropout)

    def forward(self, tokens):
        features, spatial, weights = self.reader(self.conv(tokens))
        return self.heads(features), spatial, weights


class _MemberHidden(torch.autograd.Function):
    """The hidden layer of each member: the shared one scaled, shifted, cut at 0 and dropped.

    Written out because these are the largest tensors of a step: one after the other, the same
    operations pass over memory twice as often.

    Notes
    -----
    Shape: shared (G, H, B), scale (K, H, 1), shift (K, H, 1), dropout p -> (K, H, B), where
    member k takes its shared values from group k modulo G
    """

    @staticmethod
    def forward(ctx, shared, scale, shift, p):
        hidden = shared.new_empty(len(scale), *shared.shape[1:])
        for start in range(0, len(scale), len(shared)):
            members = slice(start, start + len(shared))
            n = len(scale[members])
            torch.mul(shared[:n], scale[members], out=hidden[members])
        hidden.add_(shift).relu_()
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
        for start in range(0, len(scale), len(shared)):
            members = slice(start, start + len(shared))
            n = len(scale[members])
            part = gradient[members]
            of_scale[members] = (part * shared[:n]).sum(2, keepdim=True)
            of_shared[:n] += part.mul_(scale[members])
        return of_shared, of_scale, of_shift, None


class WidePath(nn.Module):
    """All tokens of a row through one hidden layer that the members share.

    Two members share an adapter of the tokens, the dear part; the signs of their hidden values
    are their own.

    Notes
    -----
    Shape: (P, D, B) -> logits (K, Y, B)
    """

    def __init__(self, n_factors, n_classes, n_members, *, token_size, hidden, dropout):
        super().__init__()
        n_inputs = n_factors * token_size
        self.adapter = nn.Parameter(signs(-(-n_members // 2), 1, n_inputs))
        self.weight = nn.Parameter(uniform(hidden, n_inputs, fan_in=n_inputs))
        self.scale = nn.Parameter(signs(n_members, hidden, 1))
        self.shift = nn.Parameter(uniform(n_members, hidden, 1, fan_in=n_inputs))
        self.heads = MemberHeads(n_members, hidden, n_classes)
        self.dropout = ByteDropout(dropout)

    def forward(self, tokens):
        # The adapter scales the weights instead of the tokens: of them there are fewer.
        weight = (self.adapter * self.weight).flatten(0, 1)
        shared = torch.mm(weight, tokens.flatten(0, 1)).unflatten(0, (len(self.adapter), -1))
        if self.training or not shared.is_cpu:
            p = self.dropout.p if self.training else 0
            return self.heads(_MemberHidden.apply(shared, self.scale, self.shift, p))
        # One member at a time stays in the processor's cache.
        logits = []
        for k, (scale, shift) in enumerate(zip(self.scale, self.shift, strict=True)):
            hidden = (shared[k % len(shared)] * scale).add_(shift).relu_()
            logits.append(torch.addmm(self.heads.bias[k], self.heads.weight[k], hidden))
        return torch.stack(logits)


class LinearPath(nn.Module):
    """The logistic regression beside the network; solved before, and not trained further.

    Parameters
    ----------
    solution : LogisticSolution
        Its coefficients.

    Notes
    -----
    Shape: raw values (P, B), codes (Q, B) -> logits (1, Y, B)
    """

    def __init__(self, solution):
        super().__init__()
        for name, array in vars(solution).items():
            self.register_buffer(name, torch.from_numpy(array.copy()))

    def forward(self, x, codes):
        low, high, mean, scale, bias = (
            tensor.unsqueeze(1)
            for tensor in (self.low, self.high, self.mean, self.scale, self.bias)
        )
        # Outside the range of the training table a straight line says nothing.
        z = (x.clamp(low, high) - mean) / scale
        of_codes = F.embedding(codes, self.code_weight).sum(dim=0).T
        return (torch.addmm(bias, self.weight.T, z) + of_codes).unsqueeze(0)


class LandslideModule(nn.Module):
    """The CNN-LSTM network with spatial attention and self-attention.

    A table row becomes a small map, one token per factor. K members share all weights but
    adapters and heads (after Gorishniy et al., 2025). Each member has
    a deep path (CNN -> SAM -> LSTM -> self-attention) and a wide path (one hidden layer);
    each path of each member is a head with a softmax of its own. A linear path, a logistic
    regression on z-scores, is one more head.

    Parameters
    ----------
    encoding : FactorEncoding
        What was learned from the training table.
    n_classes : int
        Number of classes Y.
    n_members : int, default=4
        Number of members K.
    logistic : LogisticSolution or None, default=None
        The solved logistic regression of the linear path; None leaves the path out.
    sequences : sequence of SequenceEncoding, default=()
        Groups of columns that are variables over time; each gets a path of its own.
    token_size : int, default=16
        Length D of a token.
    n_frequencies : int, default=16
        Frequencies of the periodic embedding.
    cnn, sam, lstm, attention : bool, default=True
        Switches of the four modules of the deep path.
    deep, wide, linear : bool, default=True
        Switches of the three paths.
    linear_weight : float, default=0.3
        Share of the linear path in the log-odds.
    conv_widths : tuple of odd int, default=(1, 3, 5)
        Widths of the convolutions over the tokens.
    conv_channels : int, default=8
        Channels of each convolution.
    sam_width : odd int, default=7
        Width of the convolution in the spatial attention.
    lstm_hidden : int, default=16
        Size H of the LSTM's state.
    attention_size : int, default=8
        Size of queries and keys.
    wide_hidden : int, default=128
        Size of the hidden layer of the wide path.
    dropout : float, default=0.3
        Dropout before the heads.

    Notes
    -----
    Shape: (B, P) -> logits (B, heads, Y), where heads = K x (deep + wide + number of groups of
    sequences), and the linear path comes last

    References
    ----------
    Gorishniy, Y., Rubachev, I., Babenko, A. (2022). On embeddings for numerical features in
    tabular deep learning. NeurIPS 35.

    Gorishniy, Y., Kotelnikov, A., Babenko, A. (2025). TabM: advancing tabular deep learning
    with parameter-efficient ensembling. ICLR.

    Examples
    --------
    >>> import numpy as np, torch
    >>> from sklearn_landslide.nn import LandslideModule, learn_encoding
    >>> X = np.random.default_rng(0).normal(size=(50, 3)).astype(np.float32)
    >>> module = LandslideModule(learn_encoding(X, n_categories=[0, 0, 0]), n_classes=2)
    >>> module(torch.from_numpy(X)).shape
    torch.Size([50, 8, 2])
    """

    def __init__(
        self,
        encoding,
        n_classes,
        n_members=4,
        logistic=None,
        sequences=(),
        *,
        token_size=16,
        n_frequencies=16,
        cnn=True,
        sam=True,
        lstm=True,
        attention=True,
        deep=True,
        wide=True,
        linear=True,
        linear_weight=0.3,
        conv_widths=(1, 3, 5),
        conv_channels=8,
        sam_width=7,
        lstm_hidden=16,
        attention_size=8,
        wide_hidden=128,
        dropout=0.3,
    ):
        super().__init__()
        if not (deep or wide):
            raise ValueError("deep=False and wide=False leave no network: switch one of them on.")
        if even := [w for w in (*conv_widths, sam_width) if w % 2 == 0]:
            raise ValueError(f"Widths of convolutions must be odd, got {even[0]}.")
        p = encoding.n_factors
        self.n_members = n_members
        self.encoder = FactorEncoder(encoding)
        n_codes = int(encoding.n_codes.sum())
        coded = self.encoder.coded
        self.embedding = FactorEmbedding(p, n_codes, coded, token_size, n_frequencies)
        self.deep = self.wide = None
        if deep:
            self.deep = DeepPath(
                p,
                n_classes,
                n_members,
                token_size=token_size,
                cnn=cnn,
                conv_widths=conv_widths,
                conv_channels=conv_channels,
                sam=sam,
                sam_width=sam_width,
                lstm=lstm,
                lstm_hidden=lstm_hidden,
                attention=attention,
                attention_size=attention_size,
                dropout=dropout,
            )
        if wide:
            self.wide = WidePath(
                p, n_classes, n_members, token_size=token_size, hidden=wide_hidden, dropout=dropout
            )

        self.linear = LinearPath(logistic) if linear and logistic is not None else None
        self.linear_weight = None if self.linear is None else linear_weight
        self.sequences = None
        if sequences:
            self.sequences = SequencePaths(
                sequences,
                p,
                n_classes,
                n_members,
                token_size=token_size,
                cnn=cnn,
                n_branches=len(conv_widths),
                conv_channels=conv_channels,
                sam=sam,
                sam_width=sam_width,
                lstm=lstm,
                lstm_hidden=lstm_hidden,
                attention=attention,
                attention_size=attention_size,
                dropout=dropout,
            )

    def _read(self, x):
        """Return values of the factors, their tokens and codes, and channels of sequences."""
        channels = None
        if self.sequences is not None:
            x, channels = self.sequences.read(x)
        values = x.T.contiguous()
        scores, codes = self.encoder(values)
        return values, self.embedding(scores, codes), codes, channels

    def tabulated(self):
        """Return this network for predictions: its embedding is looked up in a table.

        It shares the weights but does not follow them when they are trained on.

        Returns
        -------
        module : LandslideModule
        """
        scores = self.encoder.scores
        low, high = scores.amin(dim=1, keepdim=True), scores.amax(dim=1, keepdim=True)
        module = copy(self)
        with torch.no_grad():
            embedding = tabulate(self.embedding, low, high)
        module._modules = {**self._modules, "embedding": embedding}
        return module

    def forward(self, x):
        values, tokens, codes, channels = self._read(x)
        heads = []
        if self.deep is not None:
            heads.append(self.deep(tokens)[0])
        if self.wide is not None:
            heads.append(self.wide(tokens))
        if self.sequences is not None:
            heads += [logits for logits, _, _ in self.sequences(channels, tokens)]
        if self.linear is not None:
            heads.append(self.linear(values, codes))
        return torch.cat(heads).permute(2, 0, 1)

    def attention_weights(self, x):
        """Return the weights of SAM and of the self-attention over the factors, to be looked at.

        Notes
        -----
        Shape: (B, n_features) -> SAM weights (B, P) or None, self-attention weights (B, T, T) or
        None
        """
        if self.deep is None:
            return None, None
        _, tokens, _, _ = self._read(x)
        return self.deep(tokens)[1:]
