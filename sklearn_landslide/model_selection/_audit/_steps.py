"""Steps that carry something fitted into the folds, as far as a pipeline shows it."""

import functools
import inspect

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, clone

from sklearn_landslide._words import join_names
from sklearn_landslide.model_selection._audit._result import (
    LEAK,
    OK,
    WARNING,
    Finding,
)

CHECK = "steps fitted outside the folds"
ADVICE = (
    "Give the pipeline the unfitted step, so that it is fitted on the training rows of every fold."
)
# Fitted attributes that hold the number of rows that a step was fitted on.
ROW_COUNTS = ("n_samples_seen_", "n_samples_fit_", "n_samples_", "_n_samples")


def has_learned(value):
    """Say whether an object is an estimator with fitted attributes of its own."""
    if not isinstance(value, BaseEstimator):
        return False
    return any(name.endswith("_") and not name.startswith("_") for name in vars(value))


def is_fitted(value):
    """Say whether an object is a fitted estimator, or one with a fitted step in it."""
    if not isinstance(value, BaseEstimator):
        return False
    return any(map(has_learned, (value, *value.get_params(deep=True).values())))


def rows_fitted_on(estimator):
    """Return how many rows an estimator, or a step in it, was fitted on; None if none says."""
    for part in (estimator, *estimator.get_params(deep=True).values()):
        for name in ROW_COUNTS if has_learned(part) else ():
            # Some give one number a column.
            count = np.unique(np.asarray(getattr(part, name, ())))
            if count.size == 1 and count.dtype.kind in "iuf":
                return int(count[0])
    return None


def function_contents(function, depth=3):
    """Yield what a function brings along: bound object, arguments, closure, globals it names."""
    if depth == 0:
        return
    if isinstance(function, functools.partial):
        brought = [*function.args, *function.keywords.values(), function.func]
    elif inspect.ismethod(function):
        brought = [function.__self__]
    elif inspect.isfunction(function):
        scope = inspect.getclosurevars(function)
        brought = [*scope.nonlocals.values(), *scope.globals.values()]
        brought += [*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values()]
    else:
        return
    for value in brought:
        yield value
        yield from function_contents(value, depth - 1)


def find_fitted_steps(pipeline, n_features):
    """List what a fresh copy of a pipeline still has in it from an earlier fit.

    Parameters
    ----------
    pipeline : estimator
        The pipeline; it is not changed.
    n_features : int
        Number of columns of the table: an array of that length in a function is
        taken for something that was computed from a table.

    Returns
    -------
    found : list of (str, str, int or None)
        Name of the parameter, what it is, and on how many rows it was fitted.
    """
    # What cloning takes away is fitted in every fold; what stays is not.
    params = clone(pipeline).get_params(deep=True)
    found = []
    for name, value in params.items():
        kind = type(value).__name__
        last = name.rpartition("__")[2]
        if isinstance(value, str) and value == "prefit" and last == "cv":
            found.append((name, 'cv="prefit"', None))
        elif last == "prefit" and value is True:
            found.append((name, "prefit=True", None))
        elif kind == "FrozenEstimator":
            if is_fitted(value.estimator):
                inner = value.estimator
                found.append((name, f"frozen {type(inner).__name__}", rows_fitted_on(inner)))
        elif has_learned(value) and not _inside_frozen(name, params):
            found.append((name, f"fitted {kind}", rows_fitted_on(value)))
        elif callable(value) and not isinstance(value, BaseEstimator | type):
            found += _in_function(name, value, n_features)
        elif _is_learned_array(value, n_features):
            found.append((name, f"{n_features} fixed numbers, one a column", None))
    for name in ("kw_args", "inv_kw_args"):
        for path, value in params.items():
            if path.rpartition("__")[2] == name and isinstance(value, dict):
                for item in value.values():
                    found += _content(path, item, n_features)
    return found


def check_steps(pipeline, n_rows, n_features):
    """Return the finding about steps that no fold fits again."""
    found = find_fitted_steps(pipeline, n_features)
    whole = [name for name, _, rows in found if rows is not None and rows >= n_rows]
    numbers = {
        "n_steps": len(found),
        "steps": [name for name, _, _ in found],
        "n_fitted_on_all_rows": len(whole),
    }
    if not found:
        said = "Every step that learns is fitted again in every fold, as far as can be seen."
        return Finding(CHECK, OK, said, "", numbers)
    listed = join_names([f"{name} ({what})" for name, what, _ in found])
    said = f"{len(found)} parts of the pipeline are not fitted again in the folds: {listed}."
    if whole:
        said += (
            f" Fitted on as many rows as the table has, test rows included: {join_names(whole)}."
        )
    return Finding(CHECK, LEAK if whole else WARNING, said, ADVICE, numbers)


def _inside_frozen(name, params):
    """Say whether a parameter lies within a frozen estimator, which is listed itself."""
    parts = name.split("__")
    parents = ("__".join(parts[:end]) for end in range(1, len(parts)))
    return any(type(params.get(parent)).__name__ == "FrozenEstimator" for parent in parents)


def _in_function(name, function, n_features):
    return [
        found
        for value in function_contents(function)
        for found in _content(name, value, n_features)
    ]


def _content(name, value, n_features):
    """Describe one thing that a function brings along, if it looks learned."""
    if is_fitted(value):
        what = f"function that uses a fitted {type(value).__name__}"
        return [(name, what, rows_fitted_on(value))]
    if _is_learned_array(value, n_features):
        return [(name, f"function that uses {n_features} fixed numbers, one a column", None)]
    return []


def _is_learned_array(value, n_features):
    """Say whether a value is an array of floats with one number a column."""
    if isinstance(value, pd.Series | pd.Index):
        value = value.to_numpy()
    return (
        isinstance(value, np.ndarray)
        and value.dtype.kind == "f"
        and n_features > 1
        and value.shape in ((n_features,), (1, n_features))
    )
