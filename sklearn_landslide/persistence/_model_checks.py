"""Numbers in trees, support vectors, neighbors, k-means, one-hot codes and random states."""

import numpy as np
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import SVC, NuSVC
from sklearn.utils.validation import check_array

from sklearn_landslide.persistence._facts_of_arrays import (
    are_numbers,
    count_classes,
    must,
    shape_of,
)

_MOST_THREADS = 1024


def check_tree(tree):
    if not hasattr(tree, "tree_"):
        return
    inner = tree.tree_
    must(inner.n_features == tree.n_features_in_, tree, "factors")
    must(inner.n_outputs == tree.n_outputs_, tree, "outputs")


def check_support_vectors(model):
    if not hasattr(model, "support_"):
        return
    must(model._sparse is False, model, "sparse vectors, which are not kept, or arrays")
    is_classifier = isinstance(model, SVC | NuSVC)
    n_classes = count_classes(model) if is_classifier else 2
    n_vectors = len(model.support_)
    pairs = n_classes * (n_classes - 1) // 2
    kernel = model.kernel
    must(kernel in ("linear", "poly", "rbf", "sigmoid", "precomputed"), model, "kernels")
    must(
        are_numbers(model.support_, (n_vectors,), "i") and n_vectors >= is_classifier,
        model,
        "vectors",
    )
    if kernel == "precomputed":
        must(model.support_vectors_.size == 0, model, "vectors")
        must(model.n_features_in_ == model.shape_fit_[0], model, "vectors")
    else:
        must(
            are_numbers(model.support_vectors_, (n_vectors, model.n_features_in_)), model, "vectors"
        )
    must(np.all((model.support_ >= 0) & (model.support_ < model.shape_fit_[0])), model, "vectors")
    for number in (model._gamma, model.coef0, model.degree):
        must(isinstance(number, int | float | np.number), model, "numbers of the kernel")
    counts = model._n_support
    must(
        are_numbers(counts, (n_classes,), "i") and np.all(counts >= 0), model, "numbers of vectors"
    )
    if is_classifier:
        must(counts.sum(dtype=np.int64) == n_vectors, model, "numbers of vectors")
    else:
        must(np.all(counts == n_vectors), model, "numbers of vectors")
    must(are_numbers(model._dual_coef_, (n_classes - 1, n_vectors)), model, "coefficients")
    must(are_numbers(model._intercept_, (pairs,)), model, "intercepts")
    for array in (model._probA, model._probB):
        must(are_numbers(array, (pairs,)) or shape_of(array) == (0,), model, "probabilities")
    must(len(model._probA) == len(model._probB), model, "probabilities")


def check_neighbors(model):
    if not hasattr(model, "_fit_method"):
        return
    must(model._fit_method in ("brute", "kd_tree", "ball_tree"), model, "search trees")
    must(isinstance(model.n_neighbors, int | np.integer), model, "neighbors")
    rows = model._fit_X
    shape = (model.n_samples_fit_, model.n_features_in_)
    if model._fit_method != "brute":
        must(model._tree is not None, model, "search trees")
        must(np.shape(model._tree.data) == shape, model, "search trees")
    is_plain = isinstance(rows, np.ndarray) and rows.dtype.kind in "fiu"
    must(is_plain and rows.shape == shape and rows.flags.c_contiguous, model, "rows")
    must(isinstance(model.effective_metric_, str), model, "metrics")
    if not hasattr(model, "_y"):
        return
    must(len(model._y) == len(rows), model, "labels")
    if isinstance(model, KNeighborsClassifier):
        classes = model.classes_ if model.outputs_2d_ else [model.classes_]
        codes = model._y if model.outputs_2d_ else model._y[:, np.newaxis]
        must(codes.dtype.kind == "i" and codes.shape[1:] == (len(classes),), model, "labels")
        for column, labels in zip(codes.T, classes, strict=True):
            must(np.all((column >= 0) & (column < len(labels))), model, "labels")


def check_k_means(model):
    if not hasattr(model, "cluster_centers_"):
        return
    centers = model.cluster_centers_
    must(are_numbers(centers, (model.n_clusters, model.n_features_in_)), model, "centers")
    must(1 <= model._n_threads <= _MOST_THREADS, model, "threads")


def check_one_hot(encoder):
    if not hasattr(encoder, "categories_"):
        return
    columns = encoder._compute_n_features_outs()
    must(encoder._n_features_outs == columns, encoder, "columns")
    must(len(encoder.categories_) == encoder.n_features_in_, encoder, "categories")
    dropped = encoder._drop_idx_after_grouping
    must(dropped is None or shape_of(dropped) == (len(columns),), encoder, "dropped categories")
    for number, categories in enumerate(encoder.categories_):
        must(isinstance(categories, np.ndarray) and categories.ndim == 1, encoder, "categories")
        if categories.dtype.kind in "fiub":
            known = categories[~np.isnan(categories)]
            is_sorted = np.all(known[1:] > known[:-1]) and np.isfinite(known).all()
            must(
                is_sorted and np.array_equal(categories[: len(known)], known), encoder, "categories"
            )
        n_codes = len(categories)
        merged = encoder._infrequent_enabled and encoder._infrequent_indices[number]
        if merged is not None and merged is not False:
            codes = encoder._default_to_infrequent_mappings[number]
            n_codes = len(categories) - len(merged) + 1
            must(are_numbers(codes, (len(categories),), "i"), encoder, "merged categories")
            must(np.array_equal(np.unique(codes), np.arange(n_codes)), encoder, "merged categories")
        if dropped is not None and dropped[number] is not None:
            must(0 <= dropped[number] < n_codes, encoder, "dropped categories")


def check_random_state(generator):
    state = generator.get_state(legacy=False)
    must(0 <= state["state"]["pos"] <= len(state["state"]["key"]), generator, "numbers")


def check_partial(function):
    must(function.func is check_array, function, "functions")
