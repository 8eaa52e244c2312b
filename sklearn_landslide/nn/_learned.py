"""What a fit learns from its table before the first weight moves."""

from dataclasses import dataclass

import numpy as np
from sklearn.utils.class_weight import compute_class_weight

from sklearn_landslide.nn._encoding import FactorEncoding, learn_encoding
from sklearn_landslide.nn._linear import LogisticSolution, solve_logistic
from sklearn_landslide.nn._rows import TableColumns
from sklearn_landslide.nn._sequence_table import summarize

# Rows from which on half of the members do as well.
_MANY_ROWS = 20_000


@dataclass(frozen=True)
class Learned:
    """All that a net knows of its training table, besides the weights.

    Parameters
    ----------
    columns : TableColumns
        What the columns are.
    classes : ndarray of shape (n_classes,)
        The labels, sorted.
    encoding : FactorEncoding
        Quantiles and codes of the factors.
    class_weights : ndarray of shape (n_classes,), float32, or None
        Weights of the classes in the loss.
    logistic : LogisticSolution or None
        The solved logistic regression; None without a linear path.
    n_members : int
        Number of members.
    """

    columns: TableColumns
    classes: np.ndarray
    encoding: FactorEncoding
    class_weights: np.ndarray | None
    logistic: LogisticSolution | None
    n_members: int


def learn(table, labels, *, class_weight, n_members, linear):
    """Learn from a training table what the network starts from.

    Parameters
    ----------
    table : TrainingRows
        The rows and their columns.
    labels : TrainingLabels
        The labels and the classes.
    class_weight : "balanced", dict or None
        As in :class:`LandslideNet`.
    n_members : "auto" or int
        As in :class:`LandslideNet`.
    linear : bool
        Whether there is a linear path.

    Returns
    -------
    learned : Learned
    """
    factors, columns, classes = table.rows, table.columns, labels.classes
    n_categories = np.zeros(columns.n_features, dtype=np.int64)
    n_categories[columns.is_categorical] = [len(values) for values in columns.categories]
    if columns.sequences:
        factors, n_categories = summarize(factors, n_categories, columns.sequences)
    encoding = learn_encoding(factors, n_categories)
    weights = logistic = None
    if class_weight is not None:
        weights = compute_class_weight(class_weight, classes=classes, y=classes[labels.codes])
        weights = weights.astype(np.float32)
    if linear:
        logistic = solve_logistic(factors, labels.codes, encoding, len(classes), weights)
    if n_members == "auto":
        n_members = 4 if columns.sequences or len(table.rows) > _MANY_ROWS else 8
    return Learned(columns, classes, encoding, weights, logistic, n_members)
