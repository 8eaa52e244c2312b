"""Numbers in boosted trees and in the bins and codes before them."""

from functools import partial

import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.ensemble import GradientBoostingClassifier, HistGradientBoostingClassifier
from sklearn.ensemble._hist_gradient_boosting.binning import _BinMapper
from sklearn.preprocessing import FunctionTransformer, OrdinalEncoder
from sklearn.tree import BaseDecisionTree

from sklearn_landslide.persistence._facts_of_arrays import (
    are_numbers,
    count_classes,
    must,
    shape_of,
)

MOST_CODE = 255


def check_gradient_boosting(model):
    if not hasattr(model, "estimators_"):
        return
    is_classifier = isinstance(model, GradientBoostingClassifier)
    n_classes = count_classes(model)
    each = n_classes if is_classifier and n_classes > 2 else 1
    trees = model.estimators_
    must(isinstance(trees, np.ndarray) and trees.shape[1:] == (each,), model, "trees")
    must(model.n_trees_per_iteration_ == each, model, "trees")
    for tree in trees.ravel():
        must(isinstance(tree, BaseDecisionTree) and hasattr(tree, "tree_"), model, "trees")
        must(tree.tree_.n_features == model.n_features_in_, model, "factors")
        must(tree.tree_.value.shape[1:] == (1, 1), model, "values")
    # Its guesses are written over by the trees, class by class.
    first = model.init_
    if each > 1 and not (isinstance(first, str) and first == "zero"):
        must(isinstance(first, DummyClassifier | DummyRegressor), model, "first guesses")
        must(getattr(first, "n_classes_", 0) == each, model, "first guesses")
        must(are_numbers(first.class_prior_, (each,)), model, "first guesses")
    loss = type(model._loss).__name__
    must((loss == "HalfMultinomialLoss") == (each > 1), model, "losses")
    must(each == 1 or model._loss.n_classes == each, model, "losses")


def check_bins(bins):
    if not hasattr(bins, "bin_thresholds_"):
        return
    categorical = bins.is_categorical_
    must(shape_of(categorical) == (len(bins.bin_thresholds_),), bins, "categories")
    must(are_numbers(categorical, categorical.shape, "bu"), bins, "categories")
    must(shape_of(bins.n_bins_non_missing_) == categorical.shape, bins, "bins")
    must(0 < bins.missing_values_bin_idx_ <= MOST_CODE, bins, "bins")
    must(bins.missing_values_bin_idx_ == bins.n_bins - 1, bins, "bins")
    must(np.all(bins.n_bins_non_missing_ <= bins.missing_values_bin_idx_), bins, "bins")
    for edges, is_category in zip(bins.bin_thresholds_, categorical, strict=True):
        is_edges = isinstance(edges, np.ndarray) and edges.ndim == 1 and edges.dtype.kind == "f"
        must(is_edges and len(edges) <= bins.missing_values_bin_idx_, bins, "edges")
        if is_category:
            must(np.all((edges >= 0) & (edges <= MOST_CODE)), bins, "categories")


def check_histogram_boosting(model):
    if not hasattr(model, "_predictors"):
        return
    is_classifier = isinstance(model, HistGradientBoostingClassifier)
    each = count_classes(model) if is_classifier and count_classes(model) > 2 else 1
    bins, n_factors = model._bin_mapper, model.n_features_in_
    must(model.n_trees_per_iteration_ == each, model, "trees")
    must(isinstance(bins, _BinMapper), model, "bins")
    must(shape_of(bins.is_categorical_) == (n_factors,), model, "categories")
    must(are_numbers(model._baseline_prediction, (1, each)), model, "first guesses")
    for trees in model._predictors:
        must(isinstance(trees, list) and len(trees) == each, model, "trees")
        for tree in trees:
            inner = tree.nodes[tree.nodes["is_leaf"] == 0]
            must(np.all(inner["feature_idx"] < n_factors), model, "factors")
            asked = inner["feature_idx"][inner["is_categorical"] == 1]
            must(np.all(bins.is_categorical_[asked] == 1), model, "categories")
    if model._preprocessor is not None:
        _check_codes_before(model)


def _check_codes_before(model):
    """Check the codes before histogram boosting: all columns come through, one for one."""
    codes, n_factors = model._preprocessor, model.n_features_in_
    must(isinstance(codes, ColumnTransformer), model, "codes")
    must(codes.n_features_in_ == n_factors, model, "codes")
    must(codes.transformer_weights is None, model, "codes")
    taken = np.zeros(n_factors, dtype=np.int64)
    for _, step, mask in codes.transformers_:
        mask = np.asarray(mask)
        must(mask.shape == (n_factors,) and mask.dtype == bool, model, "codes")
        if isinstance(step, str) and step == "drop":
            must(not mask.any(), model, "codes")
            continue
        # The function is check_array, see _check_partial.
        is_check = isinstance(step, FunctionTransformer) and isinstance(step.func, partial)
        must(is_check or isinstance(step, OrdinalEncoder), model, "codes")
        taken += mask
    must(np.all(taken == 1), model, "codes")
