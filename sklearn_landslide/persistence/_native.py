"""Numbers that compiled code follows without looking, checked against each other.

========================== ==================================================================
Compiled code              What is checked
========================== ==================================================================
trees, forests             in ``_trees.py``: one tree, its factors, its depth, its values;
                           here: as many factors as the model has
gradient boosting          a tree for each class in each round; the first guess has the classes
histogram gradient         factors and categories of each node; known categories; the codes
boosting                   before it keep all columns
support vectors (libsvm)   sizes of all arrays by classes, vectors and factors; the kernel
neighbors                  rows, labels and factors; the search trees are built again
k-means                    centers and factors; the number of threads
one-hot codes (a sparse    numbers of columns, dropped and merged categories; sorted categories
matrix is filled)
random numbers             the position in the state
========================== ==================================================================

All other classes on the list predict by NumPy and SciPy, which check indices themselves, or use
compiled code in ``fit`` only, on arrays of its own making.
"""

from functools import partial

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.cluster import KMeans, MiniBatchKMeans
from sklearn.compose import ColumnTransformer
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.ensemble import (
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
)
from sklearn.ensemble._hist_gradient_boosting.binning import _BinMapper
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor, NearestNeighbors
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, OrdinalEncoder
from sklearn.svm import SVC, SVR, NuSVC, NuSVR, OneClassSVM
from sklearn.tree import BaseDecisionTree
from sklearn.utils.validation import check_array

_MOST_THREADS = 1024
_MOST_CODE = 255
# What training said of itself, and the rows of neighbors, whose metric may take gaps.
_MAY_BE_NAN = ("oob_", "score", "loss", "_fit_X")


def _must(fact, kind, what):
    """Raise unless a fact about an estimator holds."""
    if not fact:
        raise ValueError(f"{type(kind).__name__} has {what} that do not fit the rest of it")


def _shape(array):
    return array.shape if isinstance(array, np.ndarray) else None


def _numbers(array, shape, kinds="f"):
    """Whether this is an array of the shape, of finite numbers of the kinds."""
    return _shape(array) == shape and array.dtype.kind in kinds and bool(np.isfinite(array).all())


def _n_classes(model):
    """Count the classes; a model without has 2, as libsvm and the losses count."""
    return len(model.classes_) if hasattr(model, "classes_") else 2


def _check_tree(tree):
    if not hasattr(tree, "tree_"):
        return
    inner = tree.tree_
    _must(inner.n_features == tree.n_features_in_, tree, "factors")
    _must(inner.n_outputs == tree.n_outputs_, tree, "outputs")


def _check_gradient_boosting(model):
    if not hasattr(model, "estimators_"):
        return
    is_classifier = isinstance(model, GradientBoostingClassifier)
    n_classes = _n_classes(model)
    each = n_classes if is_classifier and n_classes > 2 else 1
    trees = model.estimators_
    _must(isinstance(trees, np.ndarray) and trees.shape[1:] == (each,), model, "trees")
    _must(model.n_trees_per_iteration_ == each, model, "trees")
    for tree in trees.ravel():
        _must(isinstance(tree, BaseDecisionTree) and hasattr(tree, "tree_"), model, "trees")
        _must(tree.tree_.n_features == model.n_features_in_, model, "factors")
        _must(tree.tree_.value.shape[1:] == (1, 1), model, "values")
    # Its guesses are written over by the trees, class by class.
    first = model.init_
    if each > 1 and not (isinstance(first, str) and first == "zero"):
        _must(isinstance(first, DummyClassifier | DummyRegressor), model, "first guesses")
        _must(getattr(first, "n_classes_", 0) == each, model, "first guesses")
        _must(_numbers(first.class_prior_, (each,)), model, "first guesses")
    loss = type(model._loss).__name__
    _must((loss == "HalfMultinomialLoss") == (each > 1), model, "losses")
    _must(each == 1 or model._loss.n_classes == each, model, "losses")


def _check_bins(bins):
    if not hasattr(bins, "bin_thresholds_"):
        return
    categorical = bins.is_categorical_
    _must(_shape(categorical) == (len(bins.bin_thresholds_),), bins, "categories")
    _must(_numbers(categorical, categorical.shape, "bu"), bins, "categories")
    _must(_shape(bins.n_bins_non_missing_) == categorical.shape, bins, "bins")
    _must(0 < bins.missing_values_bin_idx_ <= _MOST_CODE, bins, "bins")
    _must(bins.missing_values_bin_idx_ == bins.n_bins - 1, bins, "bins")
    _must(np.all(bins.n_bins_non_missing_ <= bins.missing_values_bin_idx_), bins, "bins")
    for edges, is_category in zip(bins.bin_thresholds_, categorical, strict=True):
        is_edges = isinstance(edges, np.ndarray) and edges.ndim == 1 and edges.dtype.kind == "f"
        _must(is_edges and len(edges) <= bins.missing_values_bin_idx_, bins, "edges")
        if is_category:
            _must(np.all((edges >= 0) & (edges <= _MOST_CODE)), bins, "categories")


def _check_histogram_boosting(model):
    if not hasattr(model, "_predictors"):
        return
    is_classifier = isinstance(model, HistGradientBoostingClassifier)
    each = _n_classes(model) if is_classifier and _n_classes(model) > 2 else 1
    bins, n_factors = model._bin_mapper, model.n_features_in_
    _must(model.n_trees_per_iteration_ == each, model, "trees")
    _must(isinstance(bins, _BinMapper), model, "bins")
    _must(_shape(bins.is_categorical_) == (n_factors,), model, "categories")
    _must(_numbers(model._baseline_prediction, (1, each)), model, "first guesses")
    for trees in model._predictors:
        _must(isinstance(trees, list) and len(trees) == each, model, "trees")
        for tree in trees:
            inner = tree.nodes[tree.nodes["is_leaf"] == 0]
            _must(np.all(inner["feature_idx"] < n_factors), model, "factors")
            asked = inner["feature_idx"][inner["is_categorical"] == 1]
            _must(np.all(bins.is_categorical_[asked] == 1), model, "categories")
    if model._preprocessor is not None:
        _check_codes_before(model)


def _check_codes_before(model):
    """Check the codes before histogram boosting: all columns come through, one for one."""
    codes, n_factors = model._preprocessor, model.n_features_in_
    _must(isinstance(codes, ColumnTransformer), model, "codes")
    _must(codes.n_features_in_ == n_factors, model, "codes")
    _must(codes.transformer_weights is None, model, "codes")
    taken = np.zeros(n_factors, dtype=np.int64)
    for _, step, mask in codes.transformers_:
        mask = np.asarray(mask)
        _must(mask.shape == (n_factors,) and mask.dtype == bool, model, "codes")
        if isinstance(step, str) and step == "drop":
            _must(not mask.any(), model, "codes")
            continue
        # The function is check_array, see _check_partial.
        is_check = isinstance(step, FunctionTransformer) and isinstance(step.func, partial)
        _must(is_check or isinstance(step, OrdinalEncoder), model, "codes")
        taken += mask
    _must(np.all(taken == 1), model, "codes")


def _check_support_vectors(model):
    if not hasattr(model, "support_"):
        return
    _must(model._sparse is False, model, "sparse vectors, which are not kept, or arrays")
    is_classifier = isinstance(model, SVC | NuSVC)
    n_classes = _n_classes(model) if is_classifier else 2
    n_vectors = len(model.support_)
    pairs = n_classes * (n_classes - 1) // 2
    kernel = model.kernel
    _must(kernel in ("linear", "poly", "rbf", "sigmoid", "precomputed"), model, "kernels")
    _must(
        _numbers(model.support_, (n_vectors,), "i") and n_vectors >= is_classifier, model, "vectors"
    )
    if kernel == "precomputed":
        _must(model.support_vectors_.size == 0, model, "vectors")
        _must(model.n_features_in_ == model.shape_fit_[0], model, "vectors")
    else:
        _must(_numbers(model.support_vectors_, (n_vectors, model.n_features_in_)), model, "vectors")
    _must(np.all((model.support_ >= 0) & (model.support_ < model.shape_fit_[0])), model, "vectors")
    counts = model._n_support
    _must(_numbers(counts, (n_classes,), "i") and np.all(counts >= 0), model, "numbers of vectors")
    if is_classifier:
        _must(counts.sum(dtype=np.int64) == n_vectors, model, "numbers of vectors")
    else:
        _must(np.all(counts == n_vectors), model, "numbers of vectors")
    _must(_numbers(model._dual_coef_, (n_classes - 1, n_vectors)), model, "coefficients")
    _must(_numbers(model._intercept_, (pairs,)), model, "intercepts")
    for array in (model._probA, model._probB):
        _must(_numbers(array, (pairs,)) or _shape(array) == (0,), model, "probabilities")
    _must(len(model._probA) == len(model._probB), model, "probabilities")


def _check_neighbors(model):
    if not hasattr(model, "_fit_method"):
        return
    rows = model._fit_X
    shape = (model.n_samples_fit_, model.n_features_in_)
    if model._fit_method != "brute":
        _must(model._tree is not None, model, "search trees")
        _must(np.shape(model._tree.data) == shape, model, "search trees")
    is_plain = isinstance(rows, np.ndarray) and rows.dtype.kind in "fiu"
    _must(is_plain and rows.shape == shape and rows.flags.c_contiguous, model, "rows")
    _must(isinstance(model.effective_metric_, str), model, "metrics")
    if not hasattr(model, "_y"):
        return
    _must(len(model._y) == len(rows), model, "labels")
    if isinstance(model, KNeighborsClassifier):
        classes = model.classes_ if model.outputs_2d_ else [model.classes_]
        codes = model._y if model.outputs_2d_ else model._y[:, np.newaxis]
        _must(codes.dtype.kind == "i" and codes.shape[1:] == (len(classes),), model, "labels")
        for column, labels in zip(codes.T, classes, strict=True):
            _must(np.all((column >= 0) & (column < len(labels))), model, "labels")


def _check_k_means(model):
    if not hasattr(model, "cluster_centers_"):
        return
    centers = model.cluster_centers_
    _must(_numbers(centers, (model.n_clusters, model.n_features_in_)), model, "centers")
    _must(1 <= model._n_threads <= _MOST_THREADS, model, "threads")


def _check_one_hot(encoder):
    if not hasattr(encoder, "categories_"):
        return
    columns = encoder._compute_n_features_outs()
    _must(encoder._n_features_outs == columns, encoder, "columns")
    _must(len(encoder.categories_) == encoder.n_features_in_, encoder, "categories")
    dropped = encoder._drop_idx_after_grouping
    _must(dropped is None or _shape(dropped) == (len(columns),), encoder, "dropped categories")
    for number, categories in enumerate(encoder.categories_):
        _must(isinstance(categories, np.ndarray) and categories.ndim == 1, encoder, "categories")
        if categories.dtype.kind in "fiub":
            known = categories[~np.isnan(categories)]
            is_sorted = np.all(known[1:] > known[:-1]) and np.isfinite(known).all()
            _must(
                is_sorted and np.array_equal(categories[: len(known)], known), encoder, "categories"
            )
        n_codes = len(categories)
        merged = encoder._infrequent_enabled and encoder._infrequent_indices[number]
        if merged is not None and merged is not False:
            codes = encoder._default_to_infrequent_mappings[number]
            n_codes = len(categories) - len(merged) + 1
            _must(_numbers(codes, (len(categories),), "i"), encoder, "merged categories")
            _must(
                np.array_equal(np.unique(codes), np.arange(n_codes)), encoder, "merged categories"
            )
        if dropped is not None and dropped[number] is not None:
            _must(0 <= dropped[number] < n_codes, encoder, "dropped categories")


def _check_random_state(generator):
    state = generator.get_state(legacy=False)
    _must(0 <= state["state"]["pos"] <= len(state["state"]["key"]), generator, "numbers")


def _check_partial(function):
    _must(function.func is check_array, function, "functions")


_CHECKS = {
    BaseDecisionTree: _check_tree,
    (GradientBoostingClassifier, GradientBoostingRegressor): _check_gradient_boosting,
    (HistGradientBoostingClassifier, HistGradientBoostingRegressor): _check_histogram_boosting,
    _BinMapper: _check_bins,
    (SVC, NuSVC, SVR, NuSVR, OneClassSVM): _check_support_vectors,
    (KNeighborsClassifier, KNeighborsRegressor, NearestNeighbors): _check_neighbors,
    (KMeans, MiniBatchKMeans): _check_k_means,
    OneHotEncoder: _check_one_hot,
    np.random.RandomState: _check_random_state,
    partial: _check_partial,
}


def _check_attributes(thing):
    """Check what every estimator has."""
    kind = type(thing)
    params = thing.get_params(deep=False) if isinstance(thing, BaseEstimator) else {}
    for name in vars(thing):
        # An attribute of the class, such as a method, that is covered by one of the object.
        _must(name in params or not hasattr(kind, name), thing, f"values of its own for {name!r}")
    n_factors = getattr(thing, "n_features_in_", 1)
    _must(isinstance(n_factors, int | np.integer) and n_factors >= 0, thing, "factors")
    classes, n_classes = (vars(thing).get(name) for name in ("classes_", "n_classes_"))
    if isinstance(classes, np.ndarray) and isinstance(n_classes, int | np.integer):
        _must(n_classes == len(classes), thing, "classes")
    if isinstance(thing, ClassifierMixin | RegressorMixin):
        for name, value in vars(thing).items():
            if name not in params and not any(word in name for word in _MAY_BE_NAN):
                _must(_is_number(value, "log" in name), thing, f"numbers in {name!r}")


def _is_number(value, may_be_infinite):
    """Whether there is no NaN in a number, an array, or a list of them, and no infinity."""
    if isinstance(value, list | tuple):
        return all(_is_number(item, may_be_infinite) for item in value)
    is_float = isinstance(value, float) or getattr(getattr(value, "dtype", None), "kind", "") == "f"
    if not is_float:
        return True
    return not np.isnan(value).any() if may_be_infinite else bool(np.isfinite(value).all())


def _inside(thing):
    """Yield what a thing consists of."""
    if isinstance(thing, dict):
        yield from thing.values()
    elif isinstance(thing, list | tuple | set):
        yield from thing
    elif isinstance(thing, np.ndarray) and thing.dtype.hasobject:
        yield from thing.ravel()
    elif isinstance(thing, partial):
        yield from (thing.args, thing.keywords)
    elif hasattr(thing, "__dict__") and not isinstance(thing, type):
        yield from vars(thing).values()


def check_native(model, *, leave_out=()):
    """Raise unless compiled code can follow the numbers in a model.

    Parameters
    ----------
    model : object
        The model.
    leave_out : type or tuple of type, default=()
        Kinds of parts that are not looked at.
    """
    seen, waiting = {}, [model]
    while waiting:
        thing = waiting.pop()
        if id(thing) in seen or thing is None or isinstance(thing, str | int | float):
            continue
        seen[id(thing)] = thing
        is_net = type(thing).__module__.startswith(("sklearn_landslide.nn", "torch"))
        # A net has checked itself.
        if is_net or isinstance(thing, leave_out):
            continue
        for kinds, check in _CHECKS.items():
            if isinstance(thing, kinds):
                check(thing)
        if isinstance(thing, BaseEstimator):
            _check_attributes(thing)
        waiting.extend(_inside(thing))
