"""The network in plain torch: feature embedding, CNN, SAM, LSTM, self-attention, heads.

Shapes are written with B rows of a batch, K members, P factors, D the token size,
C channels, T positions after pooling and Y classes.
"""

import math
import threading
from contextlib import contextmanager

import torch
from torch import nn
from torch.nn import functional as F


def _uniform(*shape, fan_in):
    """Weights with the spread that keeps the variance of a layer's output near one."""
    bound = 1 / math.sqrt(fan_in)
    return torch.empty(*shape).uniform_(-bound, bound)


def _signs(*shape):
    """Random signs: what makes the members differ from the start."""
    return torch.randint(0, 2, shape) * 2.0 - 1.0


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


class ByteDropout(nn.Module):
    """Dropout that compares random bytes: several times faster than a draw for each value.

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
        self.n_dropped = round(256 * p)

    def forward(self, x):
        if not (self.training and self.n_dropped):
            return x
        words = torch.empty(-(-x.numel() // 8), dtype=torch.int64, device=x.device)
        # From the least value on: all 64 bits of a word are random.
        words.random_(torch.iinfo(torch.int64).min, None, generator=_STREAM.generator)
        kept = words.view(torch.uint8)[: x.numel()].view(x.shape) >= self.n_dropped
        return x * kept.to(x.dtype).mul_(256 / (256 - self.n_dropped))


class FactorEncoder(nn.Module):
    """Raw factor values to normal scores and codes; nothing here is trained.

    Parameters
    ----------
    encoding : FactorEncoding
        Quantiles and codes learned from the training table.

    Notes
    -----
    Shape: (B, P) -> scores (B, P), codes (B, P) as int64. Code 0 means "none": a factor without
    codes, or a value that the training table did not hold.
    """

    def __init__(self, encoding):
        super().__init__()
        for name, array in encoding.to_arrays().items():
            self.register_buffer(name, torch.from_numpy(array.copy()))
        first_code = torch.from_numpy(encoding.first_code)
        self.register_buffer("first_code", first_code, persistent=False)

    def forward(self, x):
        values = x.T.contiguous()
        last = self.knots.shape[1] - 1
        below = torch.searchsorted(self.knots, values, right=True).sub_(1).clamp_(0, last)
        above = (below + 1).clamp_(max=last)
        left, right = self.knots.gather(1, below), self.knots.gather(1, above)
        low, high = self.scores.gather(1, below), self.scores.gather(1, above)
        gap = (right - left).where(right > left, torch.ones_like(left))
        weight = ((values - left) / gap).clamp_(0, 1)
        scores = low + weight * (high - low)
        coded = (left == values) & (self.n_codes > 0).unsqueeze(1)
        codes = (below + self.first_code.unsqueeze(1)).where(coded, torch.zeros_like(below))
        return scores.T, codes.T


class FactorEmbedding(nn.Module):
    """One token per factor: a linear term, a periodic term and an embedding of the code.

    The periodic term is that of Gorishniy et al. (2022): sines and cosines of learned
    frequencies, mapped linearly, factor by factor.

    Parameters
    ----------
    n_factors, n_codes : int
        Number of factors, and of codes of all factors together.
    token_size : int
        Length D of a token.
    n_frequencies : int
        Frequencies per factor.

    Notes
    -----
    Shape: scores (B, P), codes (B, P) -> (B, P, D)
    """

    def __init__(self, n_factors, n_codes, token_size, n_frequencies):
        super().__init__()
        self.linear = nn.Parameter(_uniform(n_factors, token_size, fan_in=token_size))
        self.bias = nn.Parameter(_uniform(n_factors, token_size, fan_in=token_size))
        self.frequency = nn.Parameter(torch.randn(n_factors, n_frequencies) * 0.1)
        self.weight = nn.Parameter(
            _uniform(n_factors, 2 * n_frequencies, token_size, fan_in=2 * n_frequencies)
        )
        self.code = None
        if n_codes:
            self.code = nn.Embedding(n_codes + 1, token_size, padding_idx=0)
            with torch.no_grad():
                self.code.weight[1:].copy_(_uniform(n_codes, token_size, fan_in=token_size))

    def forward(self, scores, codes):
        angle = 2 * math.pi * scores.unsqueeze(-1) * self.frequency
        waves = torch.cat([angle.sin(), angle.cos()], dim=-1)
        tokens = torch.bmm(waves.transpose(0, 1), self.weight).transpose(0, 1)
        tokens = tokens + scores.unsqueeze(-1) * self.linear + self.bias
        return tokens if self.code is None else tokens + self.code(codes)


class MultiScaleConv(nn.Module):
    """Convolutions of several widths over the tokens, beside a linear map of each token.

    Notes
    -----
    Shape: (B, P, D) -> (B, P, C), where C = number of widths x channels
    """

    def __init__(self, token_size, widths, channels, cnn):
        super().__init__()
        self.widths = tuple(widths) if cnn else ()
        self.reach = max(self.widths, default=1) // 2
        out = len(widths) * channels
        self.shortcut = nn.Linear(token_size, out)
        self.branches = nn.ParameterDict(
            {
                f"weight_{w}": nn.Parameter(
                    _uniform(w * token_size, channels, fan_in=w * token_size)
                )
                for w in self.widths
            }
        )
        self.norm = nn.LayerNorm(out) if self.widths else None

    def forward(self, tokens):
        if self.norm is None:
            return self.shortcut(tokens)
        # All convolutions as one product of shifted copies with a matrix, in which narrow
        # kernels are filled up with zeros.
        n_positions, size = tokens.shape[1:]
        kernels = []
        for width in self.widths:
            missing = (self.reach - width // 2) * size
            kernels.append(F.pad(self.branches[f"weight_{width}"], (0, 0, missing, missing)))
        padded = F.pad(tokens, (0, 0, self.reach, self.reach))
        taps = range(2 * self.reach + 1)
        shifted = torch.cat([padded[:, tap : tap + n_positions] for tap in taps], dim=-1)
        features = shifted @ torch.cat(kernels, dim=1)
        return self.shortcut(tokens) + F.relu(self.norm(features))


class SpatialAttention(nn.Module):
    """SAM: mean and maximum over the channels, fused, convolved, sigmoid, multiplied back.

    The weights lie between 0 and 2, so that an untrained module changes nothing on average.

    Notes
    -----
    Shape: (B, P, C) -> features (B, P, C), weights (B, P)
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
        pooled = torch.cat([features.mean(-1), features.amax(-1)], dim=1)
        weights = 2 * torch.sigmoid(F.linear(pooled, self._band(features.shape[1]), self.conv.bias))
        return features * weights.unsqueeze(-1), weights


class ResidualLSTM(nn.Module):
    """An LSTM along the positions, added to a linear map of each position.

    Notes
    -----
    Shape: (B, T, C) -> (B, T, H)
    """

    def __init__(self, channels, hidden, lstm):
        super().__init__()
        self.shortcut = nn.Linear(channels, hidden)
        self.lstm = nn.LSTM(channels, hidden, batch_first=True) if lstm else None

    def forward(self, features):
        linear = self.shortcut(features)
        return linear if self.lstm is None else linear + self.lstm(features)[0]


def _short_softmax(logits):
    """Softmax over a last axis of few values, where torch's own is several times slower."""
    powers = (logits - logits.detach().amax(dim=-1, keepdim=True)).exp()
    return powers / powers.sum(dim=-1, keepdim=True)


class SelfAttention(nn.Module):
    """One head of scaled dot-product self-attention with a residual connection.

    Notes
    -----
    Shape: (B, T, H) -> features (B, T, H), weights (B, T, T) whose rows sum to one
    """

    def __init__(self, hidden, key_size):
        super().__init__()
        self.project = nn.Linear(hidden, 2 * key_size + hidden)
        self.key_size = key_size

    def forward(self, features):
        sizes = [self.key_size, self.key_size, features.shape[-1]]
        query, key, value = self.project(features).split(sizes, dim=-1)
        logits = torch.bmm(query, key.transpose(1, 2)) / math.sqrt(self.key_size)
        weights = _short_softmax(logits)
        return features + torch.bmm(weights, value), weights


class MemberHeads(nn.Module):
    """A linear classifier for each member.

    Notes
    -----
    Shape: (K, B, F) -> (K, B, Y)
    """

    def __init__(self, n_members, n_inputs, n_classes):
        super().__init__()
        self.weight = nn.Parameter(_uniform(n_members, n_inputs, n_classes, fan_in=n_inputs))
        self.bias = nn.Parameter(torch.zeros(n_members, 1, n_classes))

    def forward(self, features):
        # With the few classes as rows, not as columns, the product is several times faster.
        logits = torch.baddbmm(
            self.bias.transpose(1, 2), self.weight.transpose(1, 2), features.transpose(1, 2)
        )
        return logits.transpose(1, 2)


class DeepPath(nn.Module):
    """CNN -> SAM -> pooling -> LSTM -> self-attention -> heads of the members.

    Up to the heads the members share everything, so it is computed once; each member drops
    features of its own.

    Notes
    -----
    Shape: (B, P, D) -> logits (K, B, Y), SAM weights (B, P) or None,
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
        sam,
        sam_width,
        lstm,
        lstm_hidden,
        attention,
        attention_size,
        dropout,
    ):
        super().__init__()
        channels = len(conv_widths) * conv_channels
        self.conv = MultiScaleConv(token_size, conv_widths, conv_channels, cnn)
        self.sam = SpatialAttention(sam_width) if sam else None
        self.lstm = ResidualLSTM(channels, lstm_hidden, lstm)
        self.attention = SelfAttention(lstm_hidden, attention_size) if attention else None
        self.dropout = ByteDropout(dropout)
        n_positions = -(-n_factors // 2)
        self.n_members = n_members
        self.heads = MemberHeads(n_members, n_positions * lstm_hidden, n_classes)

    def forward(self, tokens):
        spatial = weights = None
        features = self.conv(tokens)
        if self.sam is not None:
            features, spatial = self.sam(features)
        features = self.lstm(_pool_pairs(features))
        if self.attention is not None:
            features, weights = self.attention(features)
        flat = features.flatten(1).expand(self.n_members, -1, -1)
        return self.heads(self.dropout(flat)), spatial, weights


def _pool_pairs(features):
    """Maximum over neighbouring pairs of positions, (B, P, C) -> (B, ceil(P / 2), C)."""
    if features.shape[1] % 2:
        features = torch.cat([features, features[:, -1:]], dim=1)
    return torch.maximum(features[:, 0::2], features[:, 1::2])


class WidePath(nn.Module):
    """All tokens of a row through one hidden layer that the members share.

    Two members share an adapter of the tokens, the dear part; the signs of their hidden values
    are their own.

    Notes
    -----
    Shape: (B, P, D) -> logits (K, B, Y)
    """

    def __init__(self, n_factors, n_classes, n_members, *, token_size, hidden, dropout):
        super().__init__()
        n_inputs = n_factors * token_size
        self.adapter = nn.Parameter(_signs(-(-n_members // 2), 1, n_inputs))
        self.weight = nn.Parameter(_uniform(n_inputs, hidden, fan_in=n_inputs))
        self.scale = nn.Parameter(_signs(n_members, 1, hidden))
        self.shift = nn.Parameter(_uniform(n_members, 1, hidden, fan_in=n_inputs))
        self.dropout = ByteDropout(dropout)
        self.heads = MemberHeads(n_members, hidden, n_classes)

    def forward(self, tokens):
        # The adapter scales the weights instead of the tokens: of them there are fewer.
        weight = self.adapter.transpose(1, 2) * self.weight
        shared = torch.bmm(tokens.flatten(1).expand(len(weight), -1, -1), weight)
        # Two members to an adapter; an odd one leaves the last without a second.
        n_members, n_pairs = len(self.scale), len(weight)
        scale, shift = (
            F.pad(tensor, (0, 0, 0, 0, 0, 2 * n_pairs - n_members)).unflatten(0, (2, n_pairs))
            for tensor in (self.scale, self.shift)
        )
        hidden = torch.addcmul(shift, shared, scale).relu_().flatten(0, 1)[:n_members]
        return self.heads(self.dropout(hidden))


class LinearPath(nn.Module):
    """The logistic regression beside the network; solved before, and not trained further.

    Parameters
    ----------
    solution : LogisticSolution
        Its coefficients.

    Notes
    -----
    Shape: raw rows (B, P), codes (B, P) -> logits (B, Y)
    """

    def __init__(self, solution):
        super().__init__()
        for name, array in vars(solution).items():
            self.register_buffer(name, torch.from_numpy(array.copy()))

    def forward(self, x, codes):
        # Outside the range of the training table a straight line says nothing.
        z = (x.clamp(self.low, self.high) - self.mean) / self.scale
        return self.bias + z @ self.weight + F.embedding(codes, self.code_weight).sum(dim=1)


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
        self.embedding = FactorEmbedding(p, int(encoding.n_codes.sum()), token_size, n_frequencies)
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
            # Made of the parts above, so it can only be imported after them.
            from sklearn_landslide.nn._sequence_modules import SequencePaths

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

    def forward(self, x):
        if self.sequences is not None:
            x, channels = self.sequences.read(x)
        scores, codes = self.encoder(x)
        tokens = self.embedding(scores, codes)
        heads = []
        if self.deep is not None:
            heads.append(self.deep(tokens)[0])
        if self.wide is not None:
            heads.append(self.wide(tokens))
        if self.sequences is not None:
            heads += [logits for logits, _, _ in self.sequences(channels, tokens)]
        if self.linear is not None:
            heads.append(self.linear(x, codes).unsqueeze(0))
        return torch.cat(heads).transpose(0, 1)

    def attention_weights(self, x):
        """Return the weights of SAM and of the self-attention.

        Notes
        -----
        Shape: (B, P) -> SAM weights (B, P) or None, self-attention weights (B, T, T) or None
        """
        if self.deep is None:
            return None, None
        if self.sequences is not None:
            x, _ = self.sequences.read(x)
        return self.deep(self.embedding(*self.encoder(x)))[1:]

    def step_weights(self, x):
        """Return the weight of each step, by group of sequences.

        Notes
        -----
        Shape: (B, n_features) -> list of (B, N), whose rows sum to one
        """
        if self.sequences is None:
            return []
        factors, _ = self.sequences.read(x)
        return self.sequences.step_weights(x, self.embedding(*self.encoder(factors)))
