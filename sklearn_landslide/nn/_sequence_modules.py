"""Sequences in plain torch: windows that become factors, and the path over time.

Behind the convolutions tensors are columns, as in the layers. Shapes are written with B rows of
a batch, K members, V variables, N time steps, W windows, C channels, T positions after striding
and pooling, S values of the context, P factors, D the token size and Y classes.
"""

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from sklearn_landslide.nn._layers import ColumnLinear, ColumnNorm, SharedHeads, uniform
from sklearn_landslide.nn._recurrent_attention import RecurrentAttention

# Longer sequences are read with a stride, so that self-attention never sees more positions
# than half of these and a fit costs in proportion to the number of steps.
_MAX_STRIDES = 32
# Rows that are summarized at a time before a fit.
_SUMMARY_ROWS = 1024
# Size of the layer through which the factors condition the sequences.
_CONTEXT = 32
# Beyond this many standard deviations a z-score means nothing more.
_MAX_SCORE = 6.0


class SequenceReader(nn.Module):
    """The steps of one group of sequences, and summaries of windows of them.

    Nothing here is trained. A summary is the mean of a window that ends at the last step, or the
    highest mean that a window of the same length has anywhere.

    Parameters
    ----------
    encoding : SequenceEncoding
        What was learned from the training table.

    Notes
    -----
    Shape: (B, n_features) -> summaries (B, V * (2 W - 1)), channels (B, 3 V, N). The channels
    are the steps, the mean from each step to the end, and the mean from the start to it.

    Examples
    --------
    >>> import numpy as np, torch
    >>> from sklearn_landslide.nn._sequence_encoding import learn_sequence
    >>> rain = np.random.default_rng(0).gamma(0.3, size=(50, 24)).astype(np.float32)
    >>> reader = SequenceReader(learn_sequence(rain, np.arange(24)[None]))
    >>> summaries, channels = reader(torch.from_numpy(rain))
    >>> summaries.shape, channels.shape
    (torch.Size([50, 11]), torch.Size([50, 3, 24]))
    """

    def __init__(self, encoding):
        super().__init__()
        for name, array in encoding.to_arrays().items():
            self.register_buffer(name, torch.from_numpy(array.copy()))
        self.windows = encoding.windows

    def _level(self, values):
        """Logarithm of the variables that are never negative; (B, V, ...) -> the same."""
        unit = self.unit.view(-1, *[1] * (values.ndim - 2))
        bent = (values.clamp(min=0) / unit.where(unit > 0, torch.ones_like(unit))).log1p()
        return bent.where(unit > 0, values)

    def forward(self, x):
        steps = x[:, self.positions]
        # Differences of running sums need double precision where the device has it.
        wide = torch.float32 if steps.device.type == "mps" else torch.float64
        sums = F.pad(steps.to(wide).cumsum(-1), (1, 0))
        means, highest = [], []
        for w in self.windows:
            within = (sums[..., w:] - sums[..., :-w]) / w
            means.append(within[..., -1])
            highest.append(within.amax(-1))
        summaries = self._level(torch.stack(means + highest[:-1], dim=-1).to(steps.dtype))
        n_steps = steps.shape[-1]
        count = torch.arange(1, n_steps + 1, device=steps.device)
        to_end = (sums[..., -1:] - sums[..., :-1]) / count.flip(0)
        from_start = sums[..., 1:] / count
        channels = torch.stack([steps, to_end.to(steps.dtype), from_start.to(steps.dtype)], dim=2)
        scores = (self._level(channels) - self.mean.view(-1, 1, 1)) / self.scale.view(-1, 1, 1)
        return summaries.flatten(1), scores.clamp(-_MAX_SCORE, _MAX_SCORE).flatten(1, 2)


class SequenceTable(nn.Module):
    """Split table rows into factors and sequences, whose summaries join the factors.

    Parameters
    ----------
    encodings : list of SequenceEncoding
        The groups of sequences.
    n_factors : int
        Number P of factors, those of the windows included.

    Notes
    -----
    Shape: (B, n_features) -> factors (B, P), list of channels (B, 3 V, N)
    """

    def __init__(self, encodings, n_factors):
        super().__init__()
        self.readers = nn.ModuleList(map(SequenceReader, encodings))
        taken = np.concatenate([encoding.positions.ravel() for encoding in encodings])
        n_static = n_factors - sum(encoding.n_summaries for encoding in encodings)
        static = np.setdiff1d(np.arange(n_static + len(taken)), taken)
        self.register_buffer("static", torch.from_numpy(static), persistent=False)

    def forward(self, x):
        summaries, channels = zip(*[reader(x) for reader in self.readers], strict=True)
        return torch.cat([x[:, self.static], *summaries], dim=1), channels

    def factors(self, x):
        """Return the factors alone."""
        return self(x)[0]


def summarize(rows, n_categories, encodings):
    """Turn table rows into factors: static columns, and summaries of the windows.

    Parameters
    ----------
    rows : ndarray of shape (n_samples, n_features), float32
        The table, without missing steps.
    n_categories : ndarray of shape (n_features,), int64
        Number of categories of each column, 0 for a numeric one.
    encodings : list of SequenceEncoding
        The groups of sequences.

    Returns
    -------
    factors : ndarray of shape (n_samples, n_factors), float32
    n_categories : ndarray of shape (n_factors,), int64
    """
    n_summaries = sum(encoding.n_summaries for encoding in encodings)
    n_taken = sum(encoding.positions.size for encoding in encodings)
    table = SequenceTable(encodings, rows.shape[1] - n_taken + n_summaries)
    with torch.no_grad():
        parts = [table.factors(part) for part in torch.from_numpy(rows).split(_SUMMARY_ROWS)]
    kept = n_categories[table.static.numpy()]
    return torch.cat(parts).numpy(), np.pad(kept, (0, n_summaries))


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
    Shape: list of channels (B, 3 V, N), tokens (P, D, B) -> what each path returns, as a list
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
