"""From a torch Dataset to the table that it holds."""

import numpy as np
from sklearn.utils import _safe_indexing
from skorch.dataset import Dataset, unpack_data
from torch.utils.data import IterableDataset, Subset

from sklearn_landslide.nn._rows import EncodedRows, as_numpy


def innermost(dataset):
    """Return the dataset behind a subset, or behind a subset of subsets.

    Parameters
    ----------
    dataset : torch Dataset
        The dataset, or a Subset of it.

    Returns
    -------
    dataset : torch Dataset
    """
    while isinstance(dataset, Subset):
        dataset = dataset.dataset
    return dataset


def holds_encoded_rows(dataset):
    """Say whether a net has made this dataset itself, from rows that are validated.

    Parameters
    ----------
    dataset : torch Dataset
        The dataset, or a Subset of it.

    Returns
    -------
    encoded : bool
    """
    return isinstance(getattr(innermost(dataset), "X", None), EncodedRows)


def weights_in(dataset):
    """Return the weights of the rows of a dataset that a net has made itself.

    Parameters
    ----------
    dataset : torch Dataset
        The dataset, or a Subset of it.

    Returns
    -------
    weights : ndarray of shape (n_samples,) or None
        None where all rows count the same.
    """
    if isinstance(dataset, Subset):
        weights = weights_in(dataset.dataset)
        return None if weights is None else weights[np.asarray(dataset.indices)]
    return getattr(getattr(dataset, "X", None), "weights", None)


def table_of(dataset):
    """Return the table and the labels that a dataset holds.

    Parameters
    ----------
    dataset : torch Dataset
        A dataset of skorch's, as it is, or any other, item by item.

    Returns
    -------
    X : array-like or frame of shape (n_samples, n_features)
    y : array-like of shape (n_samples,) or None
        None where a dataset of skorch's has no labels.

    Examples
    --------
    >>> import torch
    >>> from torch.utils.data import TensorDataset
    >>> from sklearn_landslide.nn._datasets import table_of
    >>> X, y = table_of(TensorDataset(torch.tensor([[31.5], [12.0]]), torch.tensor([1, 0])))
    >>> X.tolist(), y.tolist()
    ([[31.5], [12.0]], [1, 0])
    """
    if isinstance(dataset, Subset):
        X, y = table_of(dataset.dataset)
        at = np.asarray(dataset.indices)
        return _safe_indexing(X, at), None if y is None else _safe_indexing(y, at)
    kind = type(dataset)
    # A dataset that is derived from skorch's may change the rows as it hands them out.
    is_plain = all(
        getattr(kind, name, None) is getattr(Dataset, name) for name in ("__getitem__", "transform")
    )
    if is_plain:
        return as_numpy(dataset.X), as_numpy(dataset.y)
    is_stream = isinstance(dataset, IterableDataset)
    items = dataset if is_stream else (dataset[i] for i in range(len(dataset)))
    # A number is one item as well, of which skorch says so.
    items = (item if hasattr(item, "__len__") else [item] for item in items)
    pairs = [map(as_numpy, unpack_data(item)) for item in items]
    if not pairs:
        raise ValueError(f"The dataset {kind.__name__} holds no row: pass some rows.")
    rows, labels = zip(*pairs, strict=True)
    return np.stack(rows), np.stack(labels)
