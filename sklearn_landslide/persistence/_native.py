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
compiled code in ``fit`` only, on arrays of its own making. So that they do not fail in words of
Python's when they are asked, ``_fitted_checks.py`` looks at the most usual of them.
"""

from functools import partial

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.cluster import KMeans, MiniBatchKMeans
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import (
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
)
from sklearn.ensemble._hist_gradient_boosting.binning import _BinMapper
from sklearn.linear_model._base import LinearClassifierMixin
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor, NearestNeighbors
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.svm import SVC, SVR, NuSVC, NuSVR, OneClassSVM
from sklearn.tree import BaseDecisionTree

from sklearn_landslide.baselines import GAM, ClassEvidence, Slope
from sklearn_landslide.feature_selection import MRMRSelector
from sklearn_landslide.persistence._baseline_checks import check_gam, check_slope
from sklearn_landslide.persistence._boosting_checks import (
    check_bins,
    check_gradient_boosting,
    check_histogram_boosting,
)
from sklearn_landslide.persistence._facts_of_arrays import must
from sklearn_landslide.persistence._fitted_checks import (
    check_evidence,
    check_factor_scaler,
    check_factors_and_classes,
    check_first_guess,
    check_imputer,
    check_layers,
    check_linear,
    check_range,
    check_selector,
    check_shares,
    check_standard_scaler,
    check_sums,
    check_threshold,
    check_what_is_inside,
    takes_no_gaps,
)
from sklearn_landslide.persistence._model_checks import (
    check_k_means,
    check_neighbors,
    check_one_hot,
    check_partial,
    check_random_state,
    check_support_vectors,
    check_tree,
)
from sklearn_landslide.pipeline import LandslidePipeline
from sklearn_landslide.preprocessing import (
    FactorImputer,
    FactorScaler,
    PlausibleRange,
    RainfallSums,
)
from sklearn_landslide.warning import RainfallThreshold

# What training said of itself, and the rows of neighbors, whose metric may take gaps. Of a column
# that does not vary, does not compete or has no value, nothing is said.
_MAY_BE_NAN = ("oob_", "score", "loss", "_fit_X")
_MAY_BE_NAN += ("pvalue", "ratio", "relevance", "redundancy", "statistics")
# Nets check themselves, and what stands for boosted trees checks these.
_CHECKED = ("sklearn_landslide.nn", "torch", "xgboost", "catboost", "lightgbm")
_CHECKS = {
    BaseDecisionTree: check_tree,
    (GradientBoostingClassifier, GradientBoostingRegressor): check_gradient_boosting,
    (HistGradientBoostingClassifier, HistGradientBoostingRegressor): check_histogram_boosting,
    _BinMapper: check_bins,
    (SVC, NuSVC, SVR, NuSVR, OneClassSVM): check_support_vectors,
    (KNeighborsClassifier, KNeighborsRegressor, NearestNeighbors): check_neighbors,
    (KMeans, MiniBatchKMeans): check_k_means,
    OneHotEncoder: check_one_hot,
    (MLPClassifier, MLPRegressor): check_layers,
    LinearClassifierMixin: check_linear,
    DummyClassifier: check_first_guess,
    LandslidePipeline: check_shares,
    GAM: check_gam,
    Slope: check_slope,
    StandardScaler: check_standard_scaler,
    FactorImputer: check_imputer,
    FactorScaler: check_factor_scaler,
    PlausibleRange: check_range,
    RainfallSums: check_sums,
    MRMRSelector: check_selector,
    ClassEvidence: check_evidence,
    RainfallThreshold: check_threshold,
    np.random.RandomState: check_random_state,
    partial: check_partial,
}


def _check_attributes(thing):
    """Check what every estimator has."""
    kind = type(thing)
    params = thing.get_params(deep=False) if isinstance(thing, BaseEstimator) else {}
    for name in vars(thing):
        # An attribute of the class, such as a method, that is covered by one of the object.
        must(name in params or not hasattr(kind, name), thing, f"values of its own for {name!r}")
    check_factors_and_classes(thing)
    check_what_is_inside(thing)
    if isinstance(thing, ClassifierMixin | RegressorMixin) or takes_no_gaps(thing):
        for name, value in vars(thing).items():
            if name not in params and not any(word in name for word in _MAY_BE_NAN):
                must(_is_number(value, "log" in name), thing, f"numbers in {name!r}")


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
        if type(thing).__module__.startswith(_CHECKED) or isinstance(thing, leave_out):
            continue
        for kinds, check in _CHECKS.items():
            if isinstance(thing, kinds):
                check(thing)
        if isinstance(thing, BaseEstimator):
            _check_attributes(thing)
        waiting.extend(_inside(thing))
