"""Parts of a fitted model that must fit each other, so that none fails when it is asked."""

import numpy as np
import pandas as pd
from sklearn.base import TransformerMixin
from sklearn.neural_network._base import ACTIVATIONS
from sklearn.utils import get_tags

from sklearn_landslide.persistence._facts_of_arrays import are_numbers, must, shape_of


def is_count(value):
    """Say whether this is one whole number."""
    return isinstance(value, int | np.integer) and not isinstance(value, bool)


def names_of(thing):
    """Return the names of the factors of an estimator: those of fit, or x0, x1 and so on."""
    names = getattr(thing, "feature_names_in_", None)
    return [f"x{place}" for place in range(thing.n_features_in_)] if names is None else list(names)


def check_factors_and_classes(thing):
    """Check numbers and names that scikit-learn's estimators have in common."""
    named = vars(thing)
    n_factors = named.get("n_features_in_", 1)
    must(is_count(n_factors) and n_factors >= 0, thing, "factors")
    if "feature_names_in_" in named and "n_features_in_" in named:
        names = named["feature_names_in_"]
        must(shape_of(names) == (n_factors,), thing, "names of factors")
        must(all(isinstance(name, str) for name in names), thing, "names of factors")
    for name in ("n_outputs_", "n_classes_"):
        counts = named.get(name, 1)
        counts = counts if isinstance(counts, list) else [counts]
        must(all(map(is_count, counts)), thing, "classes")
    classes, n_classes = named.get("classes_"), named.get("n_classes_")
    if isinstance(classes, np.ndarray) and is_count(n_classes):
        must(n_classes == len(classes), thing, "classes")


def check_what_is_inside(thing):
    """Check importances and an inner estimator, where they are values of the estimator's own."""
    named = vars(thing)
    importances = named.get("feature_importances_")
    is_sound = importances is None or shape_of(importances) == (named.get("n_features_in_"),)
    must(is_sound, thing, "importances")
    inner = getattr(named.get("estimator_"), "__dict__", {})
    own, theirs = named.get("classes_"), inner.get("classes_")
    if isinstance(own, np.ndarray) and isinstance(theirs, np.ndarray):
        must(np.array_equal(own, theirs), thing, "classes")


def takes_no_gaps(thing):
    """Say whether this is a transformer of numbers that takes no missing values, so it has none."""
    return isinstance(thing, TransformerMixin) and not get_tags(thing).input_tags.allow_nan


def check_layers(model):
    """Check the layers of an MLP."""
    if not hasattr(model, "coefs_"):
        return
    weights, shifts = model.coefs_, model.intercepts_
    must(isinstance(weights, list) and isinstance(shifts, list), model, "layers")
    must(model.n_layers_ == len(weights) + 1 == len(shifts) + 1, model, "layers")
    width = model.n_features_in_
    for weight, shift in zip(weights, shifts, strict=True):
        n_out = np.size(shift)
        must(are_numbers(weight, (width, n_out)) and are_numbers(shift, (n_out,)), model, "layers")
        width = n_out
    must(width == model.n_outputs_, model, "layers")
    must(model.activation in ACTIVATIONS, model, "functions")
    must(model.out_activation_ in ACTIVATIONS, model, "functions")
    if isinstance(getattr(model, "classes_", None), np.ndarray):
        n_classes = len(model.classes_)
        must(width == (1 if n_classes == 2 else n_classes) or n_classes == width, model, "classes")


def check_linear(model):
    """Check the coefficients of a linear classifier."""
    coefficients = getattr(model, "coef_", None)
    if not isinstance(coefficients, np.ndarray):
        return
    # Of two classes, some have one row of them, and others a row alone.
    coefficients = np.atleast_2d(coefficients)
    n_rows = len(coefficients)
    must(are_numbers(coefficients, (n_rows, model.n_features_in_)), model, "coefficients")
    shift = np.asarray(model.intercept_)
    must(shift.shape in ((), (1,), (n_rows,)), model, "intercepts")
    if isinstance(getattr(model, "classes_", None), np.ndarray):
        must(n_rows in (1, len(model.classes_)), model, "classes")
        must(n_rows > 1 or len(model.classes_) <= 2, model, "classes")


def check_standard_scaler(scaler):
    """Check means and spreads, which are NaN only for a column that had no value in fit."""
    n_seen = getattr(scaler, "n_samples_seen_", None)
    if n_seen is None:
        return
    n_factors = scaler.n_features_in_
    n_seen = np.asarray(n_seen)
    is_sound = n_seen.dtype.kind in "iuf" and n_seen.shape in ((), (n_factors,))
    must(is_sound and np.isfinite(n_seen).all(), scaler, "numbers of rows")
    known = np.broadcast_to(n_seen > 0, (n_factors,))
    for name in ("mean_", "var_", "scale_"):
        values = getattr(scaler, name, None)
        if values is not None:
            must(shape_of(values) == (n_factors,), scaler, "columns")
            must(np.isfinite(values[known]).all(), scaler, f"numbers in {name!r}")


def _are_positions(positions, n_factors):
    is_whole = isinstance(positions, np.ndarray) and positions.ndim == 1
    is_whole = is_whole and positions.dtype.kind in "iu"
    return bool(is_whole and np.all((positions >= 0) & (positions < n_factors)))


def check_imputer(imputer):
    """Check what FactorImputer fills in."""
    if not hasattr(imputer, "statistics_"):
        return
    names, fills, known = names_of(imputer), imputer.statistics_, imputer.categories_
    is_categorical = imputer._is_categorical
    must(isinstance(fills, dict) and list(fills) == names, imputer, "columns")
    must(shape_of(is_categorical) == (len(names),), imputer, "categories")
    must(is_categorical.dtype == bool and isinstance(known, dict), imputer, "categories")
    coded = [name for name, is_code in zip(names, is_categorical, strict=True) if is_code]
    must(list(known) == coded, imputer, "categories")
    for name, fill in fills.items():
        if name in known:
            codes = known[name]
            must(isinstance(codes, pd.Index) and codes.is_unique, imputer, "categories")
            must(isinstance(fill, int | str) and fill in codes, imputer, "categories")
        else:
            must(isinstance(fill, float) and np.isfinite(fill), imputer, "numbers in 'statistics_'")
    for positions in imputer._series:
        must(_are_positions(positions, len(names)), imputer, "sequences")
        must(not is_categorical[positions].any(), imputer, "sequences")


def check_factor_scaler(scaler):
    """Check means and spreads of FactorScaler, which are NaN for categories."""
    if not hasattr(scaler, "mean_"):
        return
    shape = (scaler.n_features_in_,)
    for values in (scaler.mean_, scaler.scale_):
        must(shape_of(values) == shape and values.dtype.kind == "f", scaler, "columns")
    known = ~np.isnan(scaler.mean_)
    must(np.array_equal(known, ~np.isnan(scaler.scale_)), scaler, "columns")
    must(np.isfinite(scaler.mean_[known]).all(), scaler, "numbers in 'mean_'")
    scale = scaler.scale_[known]
    must(np.isfinite(scale).all() and (scale > 0).all(), scaler, "numbers in 'scale_'")


def check_range(cleaner):
    """Check the ranges of PlausibleRange."""
    if not hasattr(cleaner, "bounds_"):
        return
    names, bounds, positions = names_of(cleaner), cleaner.bounds_, cleaner._positions
    must(isinstance(bounds, dict) and isinstance(positions, dict), cleaner, "columns")
    must(list(positions) == list(bounds), cleaner, "columns")
    for name, pair in bounds.items():
        place = positions[name]
        must(is_count(place) and 0 <= place < len(names), cleaner, "columns")
        must(names[place] == name, cleaner, "columns")
        must(isinstance(pair, tuple | list) and len(pair) == 2, cleaner, "ranges")
        must(all(isinstance(end, int | float) for end in pair), cleaner, "ranges")
        must(pair[0] <= pair[1], cleaner, "ranges")


def check_selector(selector):
    """Check which columns MRMRSelector keeps."""
    if not hasattr(selector, "support_"):
        return
    support, shape = selector.support_, (selector.n_features_in_,)
    must(shape_of(support) == shape and support.dtype == bool, selector, "columns")
    must(support.any(), selector, "columns")


def _is_number(value, least=-np.inf):
    return isinstance(value, float) and np.isfinite(value) and value >= least


def check_evidence(model):
    """Check what frequency ratio and its like have counted."""
    if not hasattr(model, "rows_"):
        return
    names, edges, codes = names_of(model), model.edges_, model.categories_
    must(isinstance(edges, dict) and isinstance(codes, dict), model, "classes of factors")
    must(sorted([*edges, *codes]) == sorted(names), model, "classes of factors")
    for own in edges.values():
        must(are_numbers(own, np.shape(own)) and np.ndim(own) == 1, model, "edges")
        must(np.all(np.diff(own) > 0), model, "edges")
    for own in codes.values():
        must(isinstance(own, pd.Index) and own.is_unique, model, "categories")
    n_rows, n_landslides = model.n_rows_, model.n_landslides_
    must(_is_number(n_rows) and _is_number(n_landslides), model, "counts")
    must(0 < n_landslides < n_rows, model, "counts")
    counts = (model.rows_, model.landslides_)
    must(all(isinstance(c, dict) and list(c) == names for c in counts), model, "counts")
    for name in names:
        n_classes = len(edges[name]) + 1 if name in edges else len(codes[name])
        rows, landslides = (own[name] for own in counts)
        must(all(are_numbers(c, (n_classes,)) for c in (rows, landslides)), model, "counts")
        must(np.all((landslides >= 0) & (landslides <= rows)), model, "counts")
        # Sums of weights, which were added in another order.
        must(rows.sum() <= n_rows * (1 + 1e-9), model, "counts")
        must(landslides.sum() <= n_landslides * (1 + 1e-9), model, "counts")
    must(shape_of(model.classes_) == (2,), model, "classes")
    must(_is_number(model.intercept_) and _is_number(model.slope_, 0), model, "log-odds")
    total, std = (getattr(model, f"predicted_landslides_{s}", 1.0) for s in ("", "std_"))
    must(_is_number(total, 0) and total > 0 and _is_number(std, 0), model, "predicted landslides")


def check_threshold(model):
    """Check the law of a rainfall threshold, and which columns are its rain."""
    if not hasattr(model, "law_"):
        return
    law, drawn = model.law_, model.bootstrap_
    must(are_numbers(law, (4,)) and law[3] >= 0, model, "lines")
    must(np.ndim(drawn) == 2 and are_numbers(drawn, (len(drawn), 4)), model, "lines")
    must(np.all(drawn[:, 3] >= 0), model, "lines")
    must(_are_positions(model._positions, model.n_features_in_), model, "sequences")
    must(len(model._positions) > 0, model, "sequences")
    must(shape_of(model.classes_) == (2,), model, "classes")
    must(_is_number(model.intercept_) and _is_number(model.slope_, 0), model, "log-odds")


def check_sums(sums):
    """Check which columns RainfallSums adds and keeps."""
    if not hasattr(sums, "windows_"):
        return
    n_factors, windows = sums.n_features_in_, sums.windows_
    must(isinstance(windows, dict) and isinstance(sums._kept, list), sums, "columns")
    must(all(is_count(place) and 0 <= place < n_factors for place in sums._kept), sums, "columns")
    must([variable for variable, _ in sums._series] == list(windows), sums, "variables")
    for variable, positions in sums._series:
        must(_are_positions(positions, n_factors), sums, "sequences")
        steps = windows[variable]
        must(isinstance(steps, list) and all(map(is_count, steps)), sums, "windows")
        must(all(1 <= step <= len(positions) for step in steps), sums, "windows")


def check_first_guess(model):
    """Check the shares of a DummyClassifier, from which boosting starts."""
    shares = getattr(model, "class_prior_", None)
    if isinstance(shares, np.ndarray) and isinstance(model.classes_, np.ndarray):
        must(are_numbers(shares, (len(model.classes_),)), model, "shares")


def check_shares(pipeline):
    """Check the class shares by which a pipeline corrects its probabilities."""
    classes = getattr(pipeline.steps[-1][1], "classes_", None)
    for shares in (getattr(pipeline, f"{name}_prior_", {}) for name in ("sample", "resampled")):
        must(isinstance(shares, dict), pipeline, "shares")
        if not shares or not isinstance(classes, np.ndarray):
            continue
        must(set(shares) == set(classes.tolist()), pipeline, "classes")
        must(
            all(isinstance(share, float) and 0 < share <= 1 for share in shares.values()),
            pipeline,
            "shares",
        )
