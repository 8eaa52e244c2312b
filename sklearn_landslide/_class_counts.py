"""How much there is to learn from, told to the model: rows before a sampler, and landslides.

Rows that SMOTE makes hold nothing new, and further cells of a polygon little. A model that asks how
much there is to learn would take a table of 300 landslides for one of 10,000.
"""

from collections import Counter
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class _Told:
    """Rows and places of each class, by its label."""

    rows: Counter
    places: Counter


_told = ContextVar("class_counts", default=None)


def _count(y, groups):
    """Count what there is of each class; None if it cannot be counted."""
    # It is for others to say what is wrong with labels that cannot be counted.
    with suppress(TypeError, ValueError):
        labels = np.asarray(y).ravel()
        rows = Counter(labels.tolist())
        if groups is not None:
            pairs = pd.DataFrame({"label": labels, "group": np.asarray(groups)})
            return _Told(rows, Counter(pairs.drop_duplicates()["label"].tolist()))
        outer = _told.get()
        # Whoever counts the same rows again may not know which of them belong together.
        same = outer is not None and outer.rows == rows
        return _Told(rows, outer.places if same else rows)
    return None


@contextmanager
def counted_classes(y, groups=None):
    """Tell the models that are fitted in this block how much there is of each class.

    Parameters
    ----------
    y : array-like of shape (n_samples,) or None
        The labels before any sampler; None tells nothing.
    groups : array-like of shape (n_samples,) or None, default=None
        Which rows are one place, such as the cells of a polygon. None: what a block around this
        one has told of the same labels holds, else each row is a place.
    """
    token = _told.set(None if y is None else _count(y, groups))
    try:
        yield
    finally:
        _told.reset(token)


def real_counts(classes, counts):
    """Return the rows and the places of each class, without rows that a sampler made.

    Parameters
    ----------
    classes : ndarray of shape (n_classes,)
        The labels.
    counts : ndarray of shape (n_classes,), int
        Rows of each in the table that a model is given.

    Returns
    -------
    rows, places : ndarray of shape (n_classes,), int
        As told by whoever knows the table before the samplers, where that is less.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide._class_counts import counted_classes, real_counts
    >>> with counted_classes([0, 0, 0, 1, 1], groups=[1, 2, 3, 4, 4]):
    ...     real_counts(np.array([0, 1]), np.array([3, 3]))
    (array([3, 2]), array([3, 1]))
    """
    told = _told.get()
    if told is None:
        return counts, counts
    known = [
        [of.get(label, count) for label, count in zip(classes.tolist(), counts, strict=True)]
        for of in (told.rows, told.places)
    ]
    rows, places = np.minimum(counts, known)
    return rows, places
