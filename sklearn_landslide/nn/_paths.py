"""The paths from the tokens of the factors to logits: deep, wide and linear.

Tensors are columns, as in the layers. Shapes are written with B rows of a batch, K members,
P factors, Q of them with codes, D the token size, C channels, H values of the LSTM, T positions
after pooling and Y classes.
"""

import torch
from torch import nn
from torch.nn import functional as F

from sklearn_landslide.nn._kernels import MemberHidden, Windows
from sklearn_landslide.nn._layers import (
    ByteDropout,
    ColumnLinear,
    ColumnNorm,
    MemberHeads,
    SharedHeads,
    signs,
    uniform,
)
from sklearn_landslide.nn._recurrent_attention import RecurrentAttention


class MultiScaleConv(nn.Module):
    """Convolutions of several widths over the tokens, beside a linear map of each token.

    Parameters
    ----------
    token_size : int
        Length D of a token.
    widths : sequence of odd int
        Width of each convolution.
    channels : int
        Channels of each convolution.
    cnn : bool
        Whether there are convolutions beside the linear map.

    Notes
    -----
    Shape: (P, D, B) -> (P, C, B), where C = number of widths x channels

    Examples
    --------
    >>> import torch
    >>> conv = MultiScaleConv(16, widths=(1, 3, 5), channels=8, cnn=True)
    >>> conv(torch.randn(9, 16, 100)).shape
    torch.Size([9, 24, 100])
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
        windows = Windows.apply(tokens, self.reach)
        features = self.norm(torch.bmm(kernel, windows)).relu_()
        return self.shortcut(tokens).add_(features)


class DeepPath(nn.Module):
    """CNN -> SAM -> pooling -> LSTM -> self-attention -> heads of the members.

    Up to the heads the members share everything, so it is computed once.

    Parameters
    ----------
    n_factors, n_classes, n_members : int
        Number of factors P, classes Y and members K.
    token_size : int
        Length D of a token.
    cnn : bool
        Whether there are convolutions.
    conv_widths : sequence of odd int
        Width of each convolution.
    conv_channels : int
        Channels of each convolution.
    lstm_hidden : int
        Size H of the LSTM's state.
    dropout : float
        Dropout before the heads.
    **params : dict
        Further parameters of :class:`RecurrentAttention`.

    Notes
    -----
    Shape: (P, D, B) -> logits (K, Y, B), SAM weights (B, P) or None,
    self-attention weights (B, T, T) or None, where T = ceil(P / 2)

    Examples
    --------
    >>> import torch
    >>> on = dict.fromkeys(("cnn", "sam", "lstm", "attention"), True)
    >>> sizes = {"conv_widths": (1, 3, 5), "conv_channels": 8, "sam_width": 7}
    >>> sizes |= {"token_size": 16, "lstm_hidden": 16, "attention_size": 8}
    >>> path = DeepPath(9, 2, n_members=4, dropout=0.3, **on, **sizes)
    >>> logits, spatial, weights = path(torch.randn(9, 16, 100))
    >>> logits.shape, spatial.shape, weights.shape
    (torch.Size([4, 2, 100]), torch.Size([100, 9]), torch.Size([100, 5, 5]))
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


class WidePath(nn.Module):
    """All tokens of a row through one hidden layer that the members share.

    Each member scales and shifts the hidden values before they are cut at 0, from random signs
    on: that makes the members differ at little cost.

    Parameters
    ----------
    n_factors, n_classes, n_members : int
        Number of factors P, classes Y and members K.
    token_size : int
        Length D of a token.
    hidden : int
        Size of the hidden layer.
    dropout : float
        Dropout before the heads.

    Notes
    -----
    Shape: (P, D, B) -> logits (K, Y, B)

    Examples
    --------
    >>> import torch
    >>> path = WidePath(9, 2, n_members=8, token_size=16, hidden=128, dropout=0.3)
    >>> path(torch.randn(9, 16, 100)).shape
    torch.Size([8, 2, 100])
    """

    def __init__(self, n_factors, n_classes, n_members, *, token_size, hidden, dropout):
        super().__init__()
        n_inputs = n_factors * token_size
        self.weight = nn.Parameter(uniform(hidden, n_inputs, fan_in=n_inputs))
        self.scale = nn.Parameter(signs(n_members, hidden, 1))
        self.shift = nn.Parameter(uniform(n_members, hidden, 1, fan_in=n_inputs))
        self.heads = MemberHeads(n_members, hidden, n_classes)
        self.dropout = ByteDropout(dropout)

    def forward(self, tokens):
        shared = torch.mm(self.weight, tokens.flatten(0, 1))
        if self.training or not shared.is_cpu:
            p = self.dropout.p if self.training else 0
            return self.heads(MemberHidden.apply(shared, self.scale, self.shift, p))
        # One member at a time stays in the processor's cache.
        logits = []
        for k, (scale, shift) in enumerate(zip(self.scale, self.shift, strict=True)):
            hidden = (shared * scale).add_(shift).relu_()
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

    Examples
    --------
    >>> import numpy as np, torch
    >>> from sklearn_landslide.nn import learn_encoding
    >>> from sklearn_landslide.nn._linear import solve_logistic
    >>> table = np.random.default_rng(0).normal(size=(100, 3)).astype(np.float32)
    >>> labels = (table[:, 0] > 0).astype(int)
    >>> path = LinearPath(solve_logistic(table, labels, learn_encoding(table, [0, 0, 0]), 2))
    >>> path(torch.from_numpy(table.T), torch.zeros(0, 100, dtype=torch.int64)).shape
    torch.Size([1, 2, 100])
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
        # Outside the range of the training table a straight line means nothing.
        # Nor may a distance be one that single precision cannot hold.
        most = torch.finfo(x.dtype).max
        z = (x.clamp(low, high) - mean).clamp_(-most, most) / scale
        of_codes = F.embedding(codes, self.code_weight).sum(dim=0).T
        return (torch.addmm(bias, self.weight.T, z) + of_codes).unsqueeze(0)
