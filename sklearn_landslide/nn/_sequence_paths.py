"""The paths over time, conditioned by the factors.

Behind the convolutions tensors are columns, as in the layers. Shapes are written with B rows of
a batch, K members, V variables, N time steps, C channels, T positions after striding and pooling,
S values of the context, P factors, D the token size and Y classes.
"""

import torch
from torch import nn
from torch.nn import functional as F

from sklearn_landslide.nn._layers import ColumnLinear, ColumnNorm, SharedHeads, uniform
from sklearn_landslide.nn._recurrent_attention import RecurrentAttention
from sklearn_landslide.nn._sequence_table import SequenceTable

# Longer sequences are read with a stride, so that self-attention never sees more positions
# than half of these and a fit costs in proportion to the number of steps.
_MAX_STRIDES = 32
# Size of the layer through which the factors condition the sequences.
_CONTEXT = 32


class SequenceConv(nn.Module):
    """Convolutions of several widths over time, beside a linear map of each stride.

    The context scales and shifts the features (FiLM, Perez et al. 2018): the same rain does not
    mean the same on every slope.

    Parameters
    ----------
    n_inputs, n_steps, n_context : int
        Number of channels 3 V that come in, steps N and values S of the context.
    channels, n_branches : int
        Channels of each convolution, and number of convolutions.
    cnn : bool
        Whether there are convolutions beside the linear map.

    Notes
    -----
    Shape: channels (B, 3 V, N), context (S, B) -> (ceil(N / stride), C, B)

    Examples
    --------
    >>> import torch
    >>> conv = SequenceConv(3, 48, n_context=32, channels=8, n_branches=3, cnn=True)
    >>> conv(torch.randn(100, 3, 48), torch.randn(32, 100)).shape
    torch.Size([24, 24, 100])
    """

    def __init__(self, n_inputs, n_steps, n_context, channels, n_branches, cnn):
        super().__init__()
        self.stride = -(-n_steps // _MAX_STRIDES)
        near = 2 * (self.stride // 2) + 1
        self.widths = [near + 2 * self.stride * (2**k - 1) for k in range(n_branches)]
        self.reach = (self.widths[-1] if cnn else near) // 2
        out = n_branches * channels
        self.shortcut = nn.Linear(n_inputs * near, out)
        self.branches = self.norm = None
        if cnn:
            self.branches = nn.ParameterDict(
                {
                    f"weight_{w}": nn.Parameter(uniform(channels, n_inputs, w, fan_in=w * n_inputs))
                    for w in self.widths
                }
            )
            self.norm = ColumnNorm(out)
        self.film = ColumnLinear(n_context, 2 * out)
        nn.init.zeros_(self.film.weight)
        nn.init.zeros_(self.film.bias)

    def _widen(self, kernel):
        """Fill a narrow kernel up with zeros."""
        return F.pad(kernel, [self.reach - kernel.shape[-1] // 2] * 2)

    def forward(self, x, context):
        kernel = self._widen(self.shortcut.weight.unflatten(1, (x.shape[1], -1)))
        if self.branches is not None:
            branches = [self._widen(self.branches[f"weight_{w}"]) for w in self.widths]
            # One convolution for all.
            kernel = torch.cat([kernel, self.norm.center(torch.cat(branches))])
        both = F.conv1d(x, kernel, stride=self.stride, padding=self.reach)
        both = both.permute(2, 1, 0).contiguous()
        bias = self.shortcut.bias.unsqueeze(1)
        scale, shift = self.film(context).chunk(2)
        if self.norm is None:
            return (both + bias) * (1 + scale) + shift
        linear, features = both.chunk(2, dim=1)
        features = self.norm(features) * (1 + scale) + shift
        return linear + bias + F.relu(features)


class TemporalPath(nn.Module):
    """CNN -> SAM -> pooling -> LSTM -> self-attention -> heads of the members.

    The same modules as in the deep path, over time instead of over the factors. The context, a
    hidden layer of all factors, conditions the convolutions and joins the features at the heads.

    Parameters
    ----------
    n_inputs, n_steps, n_context : int
        Number of channels 3 V that come in, steps N and values S of the context.
    n_classes, n_members : int
        Number of classes Y and members K.
    cnn : bool
        Whether there are convolutions.
    n_branches, conv_channels : int
        Number of convolutions, and channels of each.
    lstm_hidden : int
        Size H of the LSTM's state.
    dropout : float
        Dropout before the heads.
    **params : dict
        Further parameters of :class:`RecurrentAttention`.

    Notes
    -----
    Shape: channels (B, 3 V, N), context (S, B) -> logits (K, Y, B), SAM weights
    (B, ceil(N / stride)) or None, self-attention weights (B, T, T) or None, where
    T = ceil(ceil(N / stride) / 2) is at most 16

    Examples
    --------
    >>> import torch
    >>> on = dict.fromkeys(("cnn", "sam", "lstm", "attention"), True)
    >>> sizes = {"n_branches": 3, "conv_channels": 8, "sam_width": 7}
    >>> sizes |= {"lstm_hidden": 16, "attention_size": 8}
    >>> path = TemporalPath(3, 48, 32, 2, n_members=4, dropout=0.3, **on, **sizes)
    >>> logits, spatial, weights = path(torch.randn(100, 3, 48), torch.randn(32, 100))
    >>> logits.shape, spatial.shape, weights.shape
    (torch.Size([4, 2, 100]), torch.Size([100, 24]), torch.Size([100, 12, 12]))
    """

    def __init__(
        self,
        n_inputs,
        n_steps,
        n_context,
        n_classes,
        n_members,
        *,
        cnn,
        n_branches,
        conv_channels,
        lstm_hidden,
        dropout,
        **params,
    ):
        super().__init__()
        self.conv = SequenceConv(n_inputs, n_steps, n_context, conv_channels, n_branches, cnn)
        channels = n_branches * conv_channels
        self.reader = RecurrentAttention(channels, lstm_hidden=lstm_hidden, **params)
        n_strides = -(-n_steps // self.conv.stride)
        n_inputs = -(-n_strides // 2) * lstm_hidden + n_context
        self.heads = SharedHeads(n_members, n_inputs, n_classes, dropout)

    def forward(self, channels, context):
        features, spatial, weights = self.reader(self.conv(channels, context))
        return self.heads(torch.cat([features, context])), spatial, weights


class SequencePaths(nn.Module):
    """A path over time for each group of sequences, conditioned by one context.

    The context is a hidden layer of all factors, including the summaries of the windows.

    Parameters
    ----------
    encodings : list of SequenceEncoding
        The groups of sequences.
    n_factors, n_classes, n_members, token_size : int
        Sizes P, Y, K and D of the network.
    **params : dict
        Passed to each :class:`TemporalPath`.

    Notes
    -----
    Shape: tuple of channels (B, 3 V, N), tokens (P, D, B) -> list of what each path returns

    Examples
    --------
    >>> import numpy as np, torch
    >>> from sklearn_landslide.nn._sequence_encoding import learn_sequence
    >>> table = np.random.default_rng(0).gamma(0.3, size=(50, 2 + 24)).astype(np.float32)
    >>> rain = learn_sequence(table, np.arange(2, 26)[None])
    >>> on = dict.fromkeys(("cnn", "sam", "lstm", "attention"), True)
    >>> sizes = {"n_branches": 3, "conv_channels": 8, "sam_width": 7}
    >>> sizes |= {"token_size": 16, "lstm_hidden": 16, "attention_size": 8}
    >>> paths = SequencePaths([rain], 2 + 11, 2, n_members=4, dropout=0.3, **on, **sizes)
    >>> factors, channels = paths.read(torch.from_numpy(table))
    >>> ((logits, _, _),) = paths(channels, torch.randn(13, 16, 50))
    >>> logits.shape
    torch.Size([4, 2, 50])
    """

    def __init__(self, encodings, n_factors, n_classes, n_members, *, token_size, **params):
        super().__init__()
        self.table = SequenceTable(encodings, n_factors)
        self.context = ColumnLinear(n_factors * token_size, _CONTEXT)
        self.paths = nn.ModuleList(
            TemporalPath(3 * e.n_variables, e.n_steps, _CONTEXT, n_classes, n_members, **params)
            for e in encodings
        )

    def read(self, x):
        """Split table rows into factors and channels; see :class:`SequenceTable`."""
        return self.table(x)

    def forward(self, channels, tokens):
        context = F.relu(self.context(tokens.flatten(0, 1)))
        return [path(c, context) for path, c in zip(self.paths, channels, strict=True)]
