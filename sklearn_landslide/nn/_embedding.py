"""From raw factor values to tokens: normal scores and codes, then a learned embedding.

Tensors are columns, as in the layers. Shapes are written with B rows of a batch, P factors, Q of
them with codes, and D the token size.
"""

import math

import torch
from torch import nn
from torch.nn import functional as F

from sklearn_landslide.nn._knot_search import KnotSearch
from sklearn_landslide.nn._layers import uniform

# What a token may differ by where it is looked up in a table, and how fine that table may be:
# cells of one factor, and of all, beyond which the table leaves the processor's cache.
_TOKEN_ERROR = 2e-5
_FEWEST_CELLS, _MOST_CELLS, _MOST_CELLS_IN_ALL = 512, 8192, 2**17


def _highest(x):
    """Return the highest number that a tensor can hold."""
    return torch.finfo(x.dtype).max


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

    Examples
    --------
    >>> import numpy as np, torch
    >>> from sklearn_landslide.nn import learn_encoding
    >>> table = np.array([[10.0], [20.0], [20.0], [30.0]], dtype=np.float32)
    >>> scores, codes = FactorEncoder(learn_encoding(table, [0]))(torch.tensor([[20.0, 25.0]]))
    >>> codes
    tensor([[2, 0]])
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
            # Between knots that are hardly apart the slope would be infinite.
            "slope": ((above - self.scores) / gap).where(rising, 0).clamp(max=_highest(gap)),
        }
        for name, tensor in derived.items():
            self.register_buffer(name, tensor, persistent=False)
        self.search = KnotSearch(self.knots)

    def forward(self, x):
        below = self.search(self.knots, x).sub_(1).clamp_(min=0)
        left = self.knots.gather(1, below)
        # A distance beyond the highest number would be infinite, times a slope of 0.
        beyond = (x - left).clamp_(min=0, max=_highest(x))
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

    Examples
    --------
    >>> import torch
    >>> embedding = FactorEmbedding(3, 5, torch.tensor([2]), token_size=16, n_frequencies=8)
    >>> embedding(torch.randn(3, 100), torch.zeros(1, 100, dtype=torch.int64)).shape
    torch.Size([3, 16, 100])
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
        """Add the embedding of the codes, (Q, B), to tokens, (P, D, B), in place."""
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

    Examples
    --------
    >>> import torch
    >>> embedding = FactorEmbedding(1, 0, torch.tensor([], dtype=torch.int64), 16, 8)
    >>> low, high = torch.tensor([[-4.0]]), torch.tensor([[4.0]])
    >>> nodes = embedding.of_scores(torch.linspace(-4, 4, 4097).unsqueeze(0))
    >>> table = TabulatedEmbedding(embedding, low, high, nodes)
    >>> scores, codes = torch.tensor([[-4.0, 0.3, 4.0]]), torch.zeros(0, 3, dtype=torch.int64)
    >>> table(scores, codes).allclose(embedding(scores, codes), atol=1e-4)
    True
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
        share = torch.linspace(0, 1, n_cells + 1, device=low.device, dtype=low.dtype)
        nodes = embedding.of_scores(low + (high - low) * share)
        left, middle, right = nodes[..., :-1:2], nodes[..., 1::2], nodes[..., 2::2]
        # At half the distance the error is a quarter.
        if ((left + right) / 2 - middle).abs().max() <= 4 * _TOKEN_ERROR:
            return TabulatedEmbedding(embedding, low, high, nodes)
        n_cells *= 2
    return embedding
