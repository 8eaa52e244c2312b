"""Batches in memory: which rows they hold, and how many."""

import numpy as np
import pytest
import torch
from skorch.dataset import Dataset
from torch.utils.data import Subset

from sklearn_landslide import LandslideNet
from sklearn_landslide.nn import TensorBatches


@pytest.mark.parametrize("shuffle", [False, True])
def test_batches_hold_every_row_once_with_its_label(shuffle):
    X = np.arange(20, dtype=np.float32).reshape(10, 2)
    batches = TensorBatches(Dataset(X, np.arange(10)), batch_size=4, shuffle=shuffle)
    assert len(batches) == 3
    parts = list(batches)
    assert [len(y) for _, y in parts] == [4, 4, 2]
    rows, labels = (torch.cat(part) for part in zip(*parts, strict=True))
    np.testing.assert_array_equal(rows, X[labels])
    assert sorted(labels.tolist()) == list(range(10))
    assert (labels.tolist() == list(range(10))) is not shuffle


def test_each_pass_shuffles_anew():
    batches = TensorBatches(Dataset(np.zeros((50, 1)), np.arange(50)), 50, shuffle=True)
    (_, first), (_, second) = next(iter(batches)), next(iter(batches))
    assert not torch.equal(first, second)


def test_batches_follow_subsets_of_subsets():
    X = np.arange(10, dtype=np.float32).reshape(10, 1)
    subset = Subset(Subset(Dataset(X, np.arange(10)), [9, 5, 3, 1]), np.array([2, 0]))
    (rows, labels) = next(iter(TensorBatches(subset, 8)))
    assert labels.tolist() == [3, 9]
    assert rows.flatten().tolist() == [3, 9]


@pytest.mark.parametrize(
    ("n", "batch_size", "expected"),
    [
        (100, "auto", 32),
        (1000, "auto", 125),
        (4096, "auto", 256),
        (6400, "auto", 400),
        (8033, "auto", 503),
        (10_000, "auto", 512),
        (77, -1, 77),
        (77, 8, 8),
    ],
)
def test_batch_size(n, batch_size, expected):
    """An eighth, or a sixteenth, is rounded up: no batch of a single row is left over."""
    assert LandslideNet(batch_size=batch_size).resolved_batch_size(n) == expected
