"""From table rows to factors and sequences: what is read of the steps before any weight.

Shapes are written with B rows of a batch, V variables, N time steps, W windows and P factors.
"""

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

# Rows that are summarized at a time before a fit.
_SUMMARY_ROWS = 1024
# A z-score beyond this many standard deviations tells no more than one at the limit.
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
        # A sum or a quotient that single precision cannot hold is the highest that it can.
        most = torch.finfo(values.dtype).max
        return bent.where(unit > 0, values).clamp_(-most, most)

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
    Shape: (B, n_features) -> factors (B, P), tuple of channels (B, 3 V, N)

    Examples
    --------
    >>> import numpy as np, torch
    >>> from sklearn_landslide.nn._sequence_encoding import learn_sequence
    >>> table = np.random.default_rng(0).gamma(0.3, size=(50, 2 + 24)).astype(np.float32)
    >>> rain = learn_sequence(table, np.arange(2, 26)[None])
    >>> factors, (channels,) = SequenceTable([rain], n_factors=2 + 11)(torch.from_numpy(table))
    >>> factors.shape, channels.shape
    (torch.Size([50, 13]), torch.Size([50, 3, 24]))
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
