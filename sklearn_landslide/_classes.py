"""The two classes of every model here: landslide and not."""

import numpy as np


def two_classes(y):
    """Return the two labels and the class of each row, or raise if there are not two.

    Parameters
    ----------
    y : ndarray of shape (n_samples,)
        The labels.

    Returns
    -------
    classes : ndarray of shape (2,)
        The labels, the smaller one first.
    codes : ndarray of int of shape (n_samples,)
        0 or 1: which of them a row has.

    Raises
    ------
    ValueError
        If there are fewer or more labels than two.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide._classes import two_classes
    >>> classes, codes = two_classes(np.array(["slide", "none", "slide"]))
    >>> classes.tolist(), codes.tolist()
    (['none', 'slide'], [1, 0, 1])
    """
    classes, codes = np.unique(y, return_inverse=True)
    if len(classes) != 2:
        found = ", ".join(map(repr, classes[:5].tolist())) + (", ..." if len(classes) > 5 else "")
        raise ValueError(
            f"y must have two classes, landslide and not, got {len(classes)} ({found})."
        )
    return classes, codes
