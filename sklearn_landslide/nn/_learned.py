"""What a fit learns from its table before the first weight moves."""

from dataclasses import dataclass
from inspect import signature

import numpy as np
from sklearn.utils.class_weight import compute_class_weight

from sklearn_landslide._class_counts import real_counts
from sklearn_landslide.nn._encoding import FactorEncoding, learn_encoding
from sklearn_landslide.nn._linear import LogisticSolution, solve_logistic
from sklearn_landslide.nn._memory import Forest, grow_forest
from sklearn_landslide.nn._monotone import resolve_monotonic
from sklearn_landslide.nn._recipe import Recipe, learn_recipe
from sklearn_landslide.nn._rows import TableColumns
from sklearn_landslide.nn._sequence_table import summarize


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
    forest : Forest or None
        The grown forest; None without a memory.
    recipe : Recipe
        What "auto" stands for with this table.
    n_members : int
        Number of members, which the fitted net keeps.
    monotone : ndarray of shape (n_factors,), int8, or None, default=None
        What :func:`resolve_monotonic` says.
    """

    columns: TableColumns
    classes: np.ndarray
    encoding: FactorEncoding
    class_weights: np.ndarray | None
    logistic: LogisticSolution | None
    forest: Forest | None
    recipe: Recipe
    n_members: int
    monotone: np.ndarray | None = None


def learn(table, labels, net, seed, weights=None):
    """Learn from a training table what a net starts from.

    Parameters
    ----------
    table : TrainingRows
        The rows and their columns.
    labels : TrainingLabels
        The labels and the classes.
    net : LandslideNet
        Its parameters are read, and not changed.
    seed : int
        Seed of the memory's trees.
    weights : ndarray of shape (n_samples,) or None, default=None
        Weights of the rows, 1 on average; None: all count the same.

    Returns
    -------
    learned : Learned
    """
    factors, columns, classes = table.rows, table.columns, labels.classes
    n_categories = np.zeros(columns.n_features, dtype=np.int64)
    n_categories[columns.is_categorical] = [len(values) for values in columns.categories]
    if columns.sequences:
        factors, n_categories = summarize(factors, n_categories, columns.sequences)
    monotone = resolve_monotonic(net.monotonic_cst, columns, classes)
    encoding = learn_encoding(factors, n_categories, weights=weights)
    class_weights = logistic = forest = None
    if net.class_weight is not None:
        class_weights = _weigh_classes(net.class_weight, classes, labels.codes, weights)
    counts = real_counts(classes, _count_rows(labels.codes, len(classes), weights))
    recipe = learn_recipe(*counts, has_sequences=bool(columns.sequences))
    what = (factors, labels.codes, encoding, len(classes))
    if (
        net.module__linear
        and recipe.or_given("linear_weight", net.module__linear_weight) is not None
    ):
        logistic = solve_logistic(*what, class_weights, weights, monotone)
    # Trees that a module of the user's own does not ask for are not grown.
    has_memory = net.module__memory and "forest" in signature(net.module).parameters
    if has_memory and recipe.or_given("memory_weight", net.module__memory_weight) is not None:
        forest = grow_forest(
            *what,
            n_trees=net.n_trees,
            seed=seed,
            class_weights=class_weights,
            counts=real_counts(classes, _count_rows(labels.codes, len(classes), None)),
            weights=weights,
            monotone=monotone,
        )
    n_members = recipe.or_given("n_members", net.n_members)
    return Learned(
        columns,
        classes,
        encoding,
        class_weights,
        logistic,
        forest,
        recipe,
        n_members,
        monotone,
    )


def _weigh_classes(class_weight, classes, codes, weights):
    """Weights of the classes in the loss; those that balance look at what the rows weigh."""
    if weights is not None and class_weight == "balanced":
        mass = np.bincount(codes, weights, minlength=len(classes))
        return (mass.sum() / (len(classes) * mass)).astype(np.float32)
    found = compute_class_weight(class_weight, classes=classes, y=classes[codes])
    return found.astype(np.float32)


def _count_rows(codes, n_classes, weights):
    """Rows of each class that would tell as much if all weighed the same (Kish, 1965)."""
    if weights is None:
        return np.bincount(codes, minlength=n_classes)
    mass = np.bincount(codes, weights, minlength=n_classes)
    squares = np.bincount(codes, weights**2, minlength=n_classes)
    return np.divide(mass**2, squares, where=mass > 0, out=np.zeros(n_classes)).round().astype(int)
