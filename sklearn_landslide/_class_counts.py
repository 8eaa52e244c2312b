"""How many rows each class had before a sampler made more of one: a fact for the model behind it.

Rows that SMOTE makes hold nothing new. A model that asks how much there is to learn would take a
table of 300 landslides for one of 10,000.
"""

from collections import Counter
from contextlib import contextmanager, suppress
from contextvars import ContextVar

import numpy as np

_counts = ContextVar("class_counts", default=None)


@contextmanager
def counted_classes(y):
    """Tell the models that are fitted in this block how many rows each class has.

    Parameters
    ----------
    y : array-like of shape (n_samples,) or None
        The labels before any sampler; None tells nothing.
    """
    counts = None
    if y is not None:
        # It is for others to say what is wrong with labels that cannot be counted.
        with suppress(TypeError, ValueError):
            counts = Counter(np.asarray(y).ravel().tolist())
    token = _counts.set(counts)
    try:
        yield
    finally:
        _counts.reset(token)


def real_counts(classes, counts):
    """Return the rows of each class without those that a sampler made.

    Parameters
    ----------
        classes : ndarray of shape (n_classes,)
            The labels.
        counts : ndarray of shape (n_classes,), int
            Rows of each in the table that a model is given.

    Returns
    -------
        counts : ndarray of shape (n_classes,), int
            As told by whoever knows the table before the samplers, where that is less.

    Examples
    --------
        >>> import numpy as np
            >>> from sklearn_landslide._class_counts import counted_classes, real_counts
        >>> with counted_classes([0, 0, 0, 1]):
        ...     real_counts(np.array([0, 1]), np.array([3, 3]))
        array([3, 1])
    """
    told = _counts.get()
    if told is None:
        return counts
    known = [told.get(label, count) for label, count in zip(classes.tolist(), counts, strict=True)]
    return np.minimum(counts, known)
