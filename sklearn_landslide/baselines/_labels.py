"""Which of two labels is a landslide, for classifiers that count landslides."""

from dataclasses import dataclass

import numpy as np
from sklearn.utils import assert_all_finite, check_consistent_length, column_or_1d
from sklearn.utils.multiclass import check_classification_targets, type_of_target

from sklearn_landslide._classes import landslide_label, told_labels, two_classes


@dataclass(frozen=True)
class CountedLabels:
    """The labels of a training table.

    Parameters
    ----------
    classes : ndarray of shape (2,)
        Both labels, sorted.
    landslide : ndarray of bool, shape (n_samples,)
        Which rows are landslides.
    """

    classes: np.ndarray
    landslide: np.ndarray


def landslide_place(classes):
    """Return the place of the landslides among two labels.

    Parameters
    ----------
    classes : ndarray of shape (2,)
        The labels, sorted.

    Returns
    -------
    place : int
        Where the labels do not say it, 1, as the positive class in scikit-learn: the evidence
        then speaks for the second label.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.baselines._labels import landslide_place
    >>> landslide_place(np.array(["landslide", "none"])), landslide_place(np.array(["A", "B"]))
    (0, 1)
    """
    labels = classes.tolist()
    try:
        return labels.index(landslide_label(labels))
    except ValueError:
        return 1


def read_counted_labels(estimator, X, y, weights):
    """Read labels of two classes, of which each has a row that counts.

    Parameters
    ----------
    estimator : estimator
        For messages.
    X : array-like of shape (n_samples, n_features)
        The table.
    y : array-like of shape (n_samples,)
        The labels.
    weights : ndarray of shape (n_samples,)
        What each row counts.

    Returns
    -------
    labels : CountedLabels
    """
    name = type(estimator).__name__
    if y is None:
        raise ValueError(
            f"This {name} estimator requires y to be passed, but the target y is None."
        )
    y = column_or_1d(told_labels(y), warn=True)
    assert_all_finite(y, input_name="y")
    check_consistent_length(X, y)
    check_classification_targets(y)
    kind = type_of_target(y, input_name="y")
    if kind != "binary":
        raise ValueError(
            f"Only binary classification is supported. The type of the target is {kind}."
        )
    present = np.unique(y[weights > 0])
    if len(present) < 2:
        found = f"one class, {present.tolist()[0]!r}" if len(present) else "no row of any weight"
        raise ValueError(f"y has {found}: {name} needs places with and without landslides.")
    classes, _ = two_classes(y[weights > 0])
    return CountedLabels(classes, y == classes[landslide_place(classes)])
