"""The two classes of every model here, and which of two labels is a landslide."""

import numpy as np
import pandas as pd
from pandas.api.types import is_extension_array_dtype, is_numeric_dtype

from sklearn_landslide._hints import hinting
from sklearn_landslide._label_words import meaning
from sklearn_landslide._words import listed

# Numbers, and truth values, that say it by themselves.
_NUMBERS = {"0": False, "1": True, "-1": False}


def label_key(label):
    """Return the text by which a label is known: 1, 1.0, True and "1" are the same.

    Parameters
    ----------
    label : object
        A label of any type.

    Returns
    -------
    key : str

    Examples
    --------
    >>> from sklearn_landslide._classes import label_key
    >>> label_key(1.0), label_key(" Yes ")
    ('1', 'yes')
    """
    if isinstance(label, bool | np.bool_):
        label = int(label)
    return str(label).strip().lower().removesuffix(".0")


def landslide_label(labels, positive_class=None, *, of="y"):
    """Say which of two labels is a landslide; it is known or named, and never guessed.

    Parameters
    ----------
    labels : sequence of two labels
        Numbers, truth values or text.
    positive_class : label or None, default=None
        The one that was named. None: 1 of 0 and 1 or of -1 and 1, True of False and True, or the
        word for a landslide of two words that are known.
    of : str, default="y"
        What has these labels, for messages.

    Returns
    -------
    label : object
        One of `labels`.

    Raises
    ------
    ValueError
        If the named label is not there, or none was named and the two do not say it.

    Examples
    --------
    >>> from sklearn_landslide._classes import landslide_label
    >>> landslide_label([0, 1]), landslide_label(["landslide", "non-landslide"])
    (1, 'landslide')
    >>> landslide_label(["A", "B"])
    Traceback (most recent call last):
        ...
    ValueError: y has the labels 'A', 'B': say which of them is a landslide, positive_class=...
    """
    labels = list(labels)
    if positive_class is not None:
        keys = [label_key(label) for label in labels]
        if label_key(positive_class) not in keys:
            hint = f"positive_class={positive_class!r}"
            raise hinting(ValueError(f"{hint} is not in {of}, which has {listed(labels)}."), hint)
        return labels[keys.index(label_key(positive_class))]
    meanings = [_NUMBERS.get(label_key(label), meaning(str(label))) for label in labels]
    if sorted(meanings, key=str) != [False, True]:
        raise hinting(
            ValueError(
                f"{of} has the labels {listed(labels)}: say which of them is a landslide, "
                "positive_class=..."
            ),
            "positive_class=...",
        )
    return labels[meanings.index(True)]


def is_landslide_label(label, positive_class=None, *, of="y"):
    """Say whether the one label that there is is that of a landslide; it is never guessed.

    Parameters
    ----------
    label : object
        A number, a truth value or text.
    positive_class : label or None, default=None
        The label of landslides that was named, if any.
    of : str, default="y"
        What has this label, for messages.

    Returns
    -------
    is_landslide : bool

    Raises
    ------
    ValueError
        If another label was named, or none was and this one does not say it.

    Examples
    --------
    >>> from sklearn_landslide._classes import is_landslide_label
    >>> is_landslide_label("landslide"), is_landslide_label(0), is_landslide_label("A", "A")
    (True, False, True)
    """
    if positive_class is not None:
        landslide_label([label], positive_class, of=of)
        return True
    label = getattr(label, "item", lambda: label)()
    is_landslide = _NUMBERS.get(label_key(label), meaning(str(label)))
    if is_landslide is None:
        raise hinting(
            ValueError(
                f"{of} has the label {label!r} only: say whether it is a landslide, "
                f"positive_class={label!r}."
            ),
            f"positive_class={label!r}",
        )
    return is_landslide


def plain_labels(y):
    """Return labels of objects in the type that they have, as text or numbers.

    Parameters
    ----------
    y : ndarray of shape (n_samples,)
        The labels.

    Returns
    -------
    y : ndarray of shape (n_samples,)

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide._classes import plain_labels
    >>> plain_labels(np.array([0, 1], dtype=object)).dtype.kind
    'i'
    """
    if y.dtype != object or any(isinstance(label, str) for label in y):
        return y
    return np.array(y.tolist())


def told_labels(y):
    """Return labels of objects in the type that they have, and say in one line what they lack.

    Parameters
    ----------
    y : array-like of shape (n_samples,)
        The labels of a fit.

    Returns
    -------
    y : array-like of shape (n_samples,)
        The same, unless numbers or truth values are held as objects or in a type of pandas that
        scikit-learn does not know; then an array of them.

    Raises
    ------
    ValueError
        If labels are missing among objects, of several types, or neither text nor numbers.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide._classes import told_labels
    >>> told_labels(np.array([0, 1], dtype=object)).dtype.kind
    'i'
    >>> told_labels(np.array(["no", 1], dtype=object))
    Traceback (most recent call last):
        ...
    ValueError: y mixes labels of the types 'int', 'str': give all of them one type.
    """
    if isinstance(y, pd.Series) and is_extension_array_dtype(y) and is_numeric_dtype(y):
        labels = y.to_numpy(dtype=object)
    else:
        # NumPy would turn a list of numbers and text into text.
        labels = np.array(y, dtype=object) if isinstance(y, list | tuple) else np.asarray(y)
    if labels.dtype != object or labels.ndim != 1:
        return y
    if n_missing := int(pd.isna(labels).sum()):
        raise ValueError(f"y has {n_missing} missing labels: drop these rows.")
    are_text = [isinstance(label, str) for label in labels]
    if all(are_text):
        return y
    if any(are_text):
        raise _mixed(labels)
    labels = plain_labels(labels)
    if labels.dtype.kind not in "biuf":
        kind = type(labels.tolist()[0]).__name__
        raise ValueError(f"y has labels of the type {kind!r}: give numbers, truth values or text.")
    # A list has no type that could be another one.
    return y if isinstance(y, list | tuple) else labels


def _mixed(y):
    kinds = sorted({type(label).__name__ for label in y})
    return ValueError(f"y mixes labels of the types {listed(kinds)}: give all of them one type.")


def landslide_label_in(y, positive_class=None):
    """Return which of exactly two labels is a landslide.

    Parameters
    ----------
    y : ndarray of shape (n_samples,)
        The labels.
    positive_class : label, default=None
        The label of a landslide. None: it is inferred, as from 0 and 1.

    Returns
    -------
    label : label

    Raises
    ------
    ValueError
        As of :func:`two_classes` and :func:`landslide_label`.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide._classes import landslide_label_in
    >>> landslide_label_in(np.array(["slide", "none", "slide"]), "slide")
    'slide'
    """
    return landslide_label(two_classes(y)[0].tolist(), positive_class)


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
        If there are fewer or more labels than two, or labels of several types.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide._classes import two_classes
    >>> classes, codes = two_classes(np.array(["slide", "none", "slide"]))
    >>> classes.tolist(), codes.tolist()
    (['none', 'slide'], [1, 0, 1])
    """
    try:
        classes, codes = np.unique(y, return_inverse=True)
    except TypeError:
        raise _mixed(y) from None
    if len(classes) != 2:
        found = ", ".join(map(repr, classes[:5].tolist())) + (", ..." if len(classes) > 5 else "")
        raise ValueError(
            f"y must have two classes, landslide and not, got {len(classes)} ({found})."
        )
    return classes, codes
