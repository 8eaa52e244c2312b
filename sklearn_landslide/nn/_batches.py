"""Batches sliced from tensors in memory."""

import math

import numpy as np
import torch
from torch.utils.data import Subset


def _rows_of(dataset):
    """Tensors of the rows and the labels behind a skorch Dataset or a Subset of one."""
    if isinstance(dataset, Subset):
        X, y = _rows_of(dataset.dataset)
        indices = torch.as_tensor(np.asarray(dataset.indices))
        return X[indices], y[indices]
    X = torch.as_tensor(dataset.X)
    # Where there are no labels, skorch returns zeros too.
    y = torch.zeros(len(X)) if dataset.y is None else torch.as_tensor(dataset.y)
    return X, y


class TensorBatches:
    """Batches sliced from tensors in memory: a stand-in for a data loader on tables.

    Parameters
    ----------
    dataset : skorch.dataset.Dataset or torch.utils.data.Subset of one
        The table; X as an array of shape (n_samples, n_factors).
    batch_size : int
        Rows of a batch; the last batch of a pass may be smaller.
    shuffle : bool, default=False
        Whether each pass takes the rows in a new random order.
    weights : ndarray of shape (n_samples,) or None, default=None
        How often a pass holds each row, in relation to the others: a row of weight 1.5, where 1
        is the mean, is there once or twice, as chance has it. A pass has as many rows as the
        table. None: each row once.

    Examples
    --------
    >>> import numpy as np
    >>> from skorch.dataset import Dataset
    >>> from sklearn_landslide.nn import TensorBatches
    >>> X, y = np.arange(6.0).reshape(3, 2), np.array([0, 1, 1])
    >>> for batch, labels in TensorBatches(Dataset(X, y), batch_size=2):
    ...     print(batch.tolist(), labels.tolist())
    [[0.0, 1.0], [2.0, 3.0]] [0, 1]
    [[4.0, 5.0]] [1]
    """

    def __init__(self, dataset, batch_size, shuffle=False, weights=None):
        self.X, self.y = _rows_of(dataset)
        self.batch_size = batch_size
        self.shuffle = shuffle
        self.weights = None if weights is None else torch.as_tensor(weights, dtype=torch.float64)

    def __len__(self):
        return math.ceil(len(self.X) / self.batch_size)

    def __iter__(self):
        if self.weights is not None:
            rows = self._weighted_rows()
            if self.shuffle:
                rows = rows[torch.randperm(len(rows))]
            for part in rows.split(self.batch_size):
                yield self.X[part], self.y[part]
            return
        if not self.shuffle:
            yield from zip(
                self.X.split(self.batch_size), self.y.split(self.batch_size), strict=True
            )
            return
        for rows in torch.randperm(len(self.X)).split(self.batch_size):
            yield self.X[rows], self.y[rows]

    def _weighted_rows(self):
        """Draw the rows of a pass: each as often as its weight says, rounded up or down."""
        # Systematic sampling: one random number, and the mean over many passes is the weight.
        ends = (self.weights * (len(self.X) / self.weights.sum())).cumsum(0)
        ends[-1] = len(self.X)
        places = (ends + torch.rand((), dtype=torch.float64)).floor()
        copies = places.diff(prepend=places.new_zeros(1)).to(torch.int64)
        return torch.repeat_interleave(torch.arange(len(self.X)), copies)
