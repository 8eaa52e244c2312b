"""From the labels that a person passes to the codes that the network learns."""

from dataclasses import dataclass

import numpy as np
from sklearn.utils import assert_all_finite, column_or_1d
from sklearn.utils.multiclass import check_classification_targets

from sklearn_landslide._classes import told_labels
from sklearn_landslide.nn._rows import as_numpy


@dataclass(frozen=True)
class TrainingLabels:
    """The labels of a training table, and which there are.

    Parameters
    ----------
    codes : ndarray of shape (n_samples,), int
        Place of each label among the classes.
    classes : ndarray of shape (n_classes,)
        The labels, sorted.
    """

    codes: np.ndarray
    classes: np.ndarray


def read_labels(y, classes=None):
    """Read the labels of a training table.

    Parameters
    ----------
    y : array-like of shape (n_samples,)
        The labels.
    classes : array-like or None, default=None
        All labels there may be; None takes those of ``y``.

    Returns
    -------
    found : TrainingLabels
    """
    y = column_or_1d(told_labels(as_numpy(y)), warn=True)
    if len(y) == 0:
        raise ValueError("y has 0 labels: pass one for each row of the table.")
    assert_all_finite(y, input_name="y")
    check_classification_targets(y)
    if classes is not None and len(np.unique(np.asarray(classes))) < 2:
        raise ValueError(
            f"classes={np.asarray(classes).tolist()} holds fewer than two labels: "
            "name all of them, or pass None for those of y."
        )
    classes = np.unique(y if classes is None else classes)
    if len(classes) < 2:
        raise ValueError(
            f"y has one class, {classes.tolist()[0]!r}: LandslideNet needs "
            "places with and without landslides."
        )
    if unknown := sorted(set(np.unique(y).tolist()) - set(classes.tolist())):
        raise ValueError(
            f"y has the label {unknown[0]!r}, which is not among the classes {classes.tolist()}."
        )
    return TrainingLabels(codes=np.searchsorted(classes, y), classes=classes)
