"""Where a value lies among the knots of its factor, without a search for every value."""

import numpy as np
import torch
from torch import nn

# Cells into which the range of a factor is divided.
_CELLS = 4096
# The most knots in one cell, which are passed one after the other: beyond, a search is faster.
_MOST_STEPS = 6
_MAGNITUDE = 0x7FFFFFFF


def _in_order(x):
    """Return the bits of numbers as integers that rise with them, finest around 0."""
    # Zeros of both signs are one number.
    bits = (x + 0.0).view(torch.int32)
    return bits ^ ((bits >> 31) & _MAGNITUDE)


class _EvenCells(nn.Module):
    """Cells of one width: for factors that are spread evenly.

    Parameters
    ----------
    low, high : Tensor of shape (P, 1), float32
        Range of each factor.

    Notes
    -----
    Shape: (P, B) -> (P, B), int32

    Examples
    --------
    >>> import torch
    >>> cells = _EvenCells(torch.tensor([[0.0]]), torch.tensor([[1.0]]))
    >>> cells(torch.tensor([[-1.0, 0.0, 0.5, 2.0]]))
    tensor([[   0,    0, 2048, 4095]], dtype=torch.int32)
    """

    def __init__(self, low, high):
        super().__init__()
        # The range of a factor may be wider than single precision holds.
        width = (high.double() - low.double()).clamp(min=torch.finfo(low.dtype).tiny) / _CELLS
        self.register_buffer("low", low, persistent=False)
        per_unit = (1 / width).clamp(max=1e30).to(low.dtype)
        self.register_buffer("per_unit", per_unit, persistent=False)

    def forward(self, x):
        return (x - self.low).mul_(self.per_unit).clamp_(0, _CELLS - 1).to(torch.int32)


class _GrowingCells(nn.Module):
    """Cells as wide as their distance from 0 demands: for factors with a long tail.

    Parameters
    ----------
    low, high : Tensor of shape (P, 1), float32
        Range of each factor.

    Notes
    -----
    Shape: (P, B) -> (P, B), int32

    Examples
    --------
    >>> import torch
    >>> cells = _GrowingCells(torch.tensor([[1.0]]), torch.tensor([[16.0]]))
    >>> cells(torch.tensor([[0.0, 1.0, 2.0, 4.0]]))
    tensor([[   0,    0, 1024, 2048]], dtype=torch.int32)
    """

    def __init__(self, low, high):
        super().__init__()
        first, last = _in_order(low).to(torch.int64), _in_order(high).to(torch.int64)
        shift = ((last - first) / _CELLS).clamp(min=1).log2().ceil().to(torch.int64)
        self.register_buffer("first", first, persistent=False)
        self.register_buffer("shift", shift, persistent=False)

    def forward(self, x):
        distance = _in_order(x).to(torch.int64).sub_(self.first)
        return distance.bitwise_right_shift_(self.shift).clamp_(0, _CELLS - 1).to(torch.int32)


class KnotSearch(nn.Module):
    """The number of knots that are not above a value: a look-up, and a few steps from there.

    The range of each factor is divided into cells, even ones or growing ones, by what leaves fewer
    knots in a cell. A table says how many knots lie before the cell of a value; those in the cell
    itself are passed one by one. A factor with crowded cells is searched, and so is everything
    off the processor.

    Parameters
    ----------
    knots : Tensor of shape (P, N), float32
        Increasing values of each factor, filled up with infinity.

    Notes
    -----
    Shape: (P, B) -> (P, B), int64, as ``torch.searchsorted(knots, x, right=True)``

    Examples
    --------
    >>> import torch
    >>> knots = torch.tensor([[1.0, 2.0, 4.0], [0.0, 1.0, torch.inf]])
    >>> KnotSearch(knots)(knots, torch.tensor([[0.5, 2.0, 9.0], [0.0, 0.5, 1.0]]))
    tensor([[0, 2, 3],
            [1, 1, 2]])
    """

    def __init__(self, knots):
        super().__init__()
        n_knots = knots.shape[1]
        last = knots.isfinite().sum(dim=1, keepdim=True) - 1
        low, high = knots[:, :1], knots.gather(1, last)
        kinds = [kind(low, high) for kind in (_EvenCells, _GrowingCells)]
        found = [_knots_of_cells(kind(knots), last) for kind in kinds]
        steps = np.stack([counts.max(axis=1) for counts in found])
        choice = steps.argmin(axis=0)
        easy = steps.min(axis=0) <= _MOST_STEPS
        self.groups = nn.ModuleList()
        self.group_rows = [np.flatnonzero(easy & (choice == k)) for k in range(len(kinds))]
        self.searched = np.flatnonzero(~easy)
        self.steps = [int(steps[k, rows].max(initial=0)) for k, rows in enumerate(self.group_rows)]
        for k, rows in enumerate(self.group_rows):
            kind = (_EvenCells, _GrowingCells)[k]
            group = nn.Module()
            group.cells = kind(low[rows], high[rows])
            before = np.cumsum(found[k][rows], axis=1) - found[k][rows]
            # Numbers of places in all factors' knots, of which each row ends with infinity.
            starts = np.arange(len(rows))[:, None] * (n_knots + 1)
            group.register_buffer(
                "before", torch.from_numpy((before + starts).astype(np.int32)), persistent=False
            )
            group.register_buffer("starts", torch.from_numpy(starts), persistent=False)
            padded = nn.functional.pad(knots[rows], (0, 1), value=torch.inf)
            group.register_buffer("knots", padded.flatten(), persistent=False)
            offsets = torch.arange(len(rows), dtype=torch.int32)[:, None] * _CELLS
            group.register_buffer("offsets", offsets, persistent=False)
            self.groups.append(group)

    def forward(self, knots, x):
        if x.device.type != "cpu" or x.dtype != torch.float32:
            return torch.searchsorted(knots, x, right=True)
        below = torch.empty(x.shape, dtype=torch.int64)
        n_rows = len(x)
        for group, rows, steps in zip(self.groups, self.group_rows, self.steps, strict=True):
            if len(rows):
                part = x if len(rows) == n_rows else x[rows]
                found = self._of_group(group, part, steps)
                if len(rows) == n_rows:
                    return found
                below[rows] = found
        if len(self.searched):
            of_rows = x[self.searched].contiguous()
            below[self.searched] = torch.searchsorted(knots[self.searched], of_rows, right=True)
        return below

    @staticmethod
    def _of_group(group, x, steps):
        cell = group.cells(x).add_(group.offsets)
        place = torch.index_select(group.before.flatten(), 0, cell.flatten())
        values = x.flatten()
        for _ in range(steps):
            place += torch.index_select(group.knots, 0, place) <= values
        return place.to(torch.int64).unflatten(0, x.shape).sub_(group.starts)


def _knots_of_cells(cells, last):
    """Count the knots of each cell, (P, N) -> (P, cells); places behind the last hold none."""
    counts = np.zeros((len(cells), _CELLS), dtype=np.int64)
    for count, row, end in zip(counts, cells.numpy(), last.flatten().tolist(), strict=True):
        np.add.at(count, row[: end + 1], 1)
    return counts
