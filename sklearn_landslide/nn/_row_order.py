"""An order of the rows that does not depend on how they came, and what each row weighs."""

import numpy as np
from skorch.dataset import ValidSplit

from sklearn_landslide.nn._batches import TensorBatches
from sklearn_landslide.nn._rows import EncodedRows


def canonical_order(rows, codes, weights=None):
    """Return an order of the rows that follows from what they hold.

    Parameters
    ----------
    rows : ndarray of shape (n_samples, n_features), float32
        Validated rows.
    codes : ndarray of shape (n_samples,), int
        Label codes.
    weights : ndarray of shape (n_samples,), float64, or None, default=None
        Their weights.

    Returns
    -------
    order : ndarray of shape (n_samples,), int64
        As by chance, but the same for the same rows in any order. Rows that are similar stay in the
        order in which they came.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.nn._row_order import canonical_order
    >>> rows, codes = np.array([[1.0], [2.0], [3.0]], dtype=np.float32), np.array([0, 1, 0])
    >>> order, other = canonical_order(rows, codes), canonical_order(rows[::-1], codes[::-1])
    >>> (rows[order] == rows[::-1][other]).all()
    np.True_
    """
    columns = [*np.asarray(rows).T, codes]
    if weights is not None:
        columns.append(weights)
    factors = np.random.default_rng(0).integers(2**62, size=len(columns), dtype=np.uint64)
    # A sum of products by odd numbers, which overflows. Ranks, and not values, so that a factor in
    # another unit, or its logarithm, gives the same order.
    keys = np.zeros(len(codes), dtype=np.uint64)
    for column, factor in zip(columns, factors, strict=True):
        ranks = np.unique(column, return_inverse=True)[1].reshape(-1)
        keys += _scrambled(ranks.astype(np.uint64)) * (2 * factor + np.uint64(1))
    return np.argsort(keys, kind="stable")


def _scrambled(numbers):
    """Mix the bits of whole numbers (SplitMix64), so that small ones do not stay in their order."""
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB), (31, 1)):
        numbers = (numbers ^ (numbers >> np.uint64(shift))) * np.uint64(factor)
    return numbers


def may_reorder(net):
    """Say whether the rows of a fit may be taken in any order.

    Parameters
    ----------
    net : LandslideNet
        Its parameters are read.

    Returns
    -------
    may_reorder : bool
        False where a split or an iterator of the user's may count on the order of the rows.
    """
    split = net.train_split
    is_random = isinstance(split, ValidSplit) and isinstance(split.cv, float)
    shuffles = net.get_params_for("iterator_train").get("shuffle", True)
    return (not split or is_random) and net.iterator_train is TensorBatches and bool(shuffles)


def with_weights(net, rows, weights):
    """Return rows that carry their weights to the batches.

    Parameters
    ----------
    net : LandslideNet
        Its iterator must know weights.
    rows : EncodedRows of shape (n_samples, n_features)
        Validated rows.
    weights : ndarray of shape (n_samples,) or None
        Their weights.

    Returns
    -------
    rows : EncodedRows of shape (n_samples, n_features)

    Raises
    ------
    ValueError
        If the iterator is one of the user's that knows no weights.
    """
    if weights is None:
        return rows
    iterator = net.iterator_train
    if not (isinstance(iterator, type) and issubclass(iterator, TensorBatches)):
        raise ValueError(
            f"iterator_train={getattr(iterator, '__name__', iterator)} takes no sample_weight: "
            "leave the weights out, or take TensorBatches."
        )
    rows = np.asarray(rows).view(EncodedRows)
    rows.weights = weights
    return rows
