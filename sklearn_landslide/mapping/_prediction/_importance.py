"""How much each factor matters to a model, from whatever tells it."""

import numpy as np
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.inspection import permutation_importance
from sklearn.utils import _safe_indexing, check_random_state
from sklearn.utils.validation import check_is_fitted

from sklearn_landslide._categories import column_names

# Rows that are predicted again for each factor at most, and times that each one is.
_ROWS, _REPEATS = 10_000, 5


def _fitted(model, X, y):
    """Return the model as it is if it is fitted, otherwise a copy fitted here."""
    try:
        check_is_fitted(model)
        return model
    except NotFittedError:
        if y is None:
            raise ValueError(
                f"{type(model).__name__} is not fitted, and without y it cannot be: fit it, or "
                "pass y."
            ) from None
        return clone(model).fit(X, y)


def _own_importance(model, scale):
    """Get the importances that a model knows by itself, or None."""
    if hasattr(model, "steps"):
        # What the last step knows is about what it was given, not about the factors.
        return None
    if hasattr(model, "feature_importances_"):
        return np.asarray(model.feature_importances_, dtype=np.float64)
    if hasattr(model, "coef_") and scale is not None:
        # A coefficient is a change per unit; per standard deviation it can be compared.
        return np.abs(np.atleast_2d(model.coef_)).mean(axis=0) * scale
    return None


def _from_model(model, X, y, *, scale, random_state):
    model = _fitted(model, X, y)
    names, own_names = column_names(X), getattr(model, "feature_names_in_", None)
    if names is not None and own_names is not None and list(own_names) != names:
        raise ValueError(
            f"The model was fitted on the factors {list(own_names)}, but X has {names}."
        )
    importance = _own_importance(model, scale)
    if importance is not None:
        return importance
    if y is None:
        raise ValueError(
            f"{type(model).__name__} tells no importance of its factors, and without y it cannot "
            "be measured: pass y, or the importances themselves."
        )
    # Not ROC-AUC: on its training rows a forest keeps an AUC of 1 whatever single factor is
    # shuffled, so that all factors but the strongest would seem not to matter.
    random_state = check_random_state(random_state)
    if len(y) > _ROWS:
        # Of a large table some rows once are as precise as those of a small one five times.
        rows = np.sort(random_state.permutation(len(y))[:_ROWS])
        X, y = _safe_indexing(X, rows), _safe_indexing(y, rows)
    found = permutation_importance(
        model,
        X,
        y,
        scoring="neg_brier_score",
        n_repeats=min(_REPEATS, _ROWS // len(y)),
        random_state=random_state,
    )
    return found.importances_mean


def factor_importance(importance, X, y, *, n_factors, scale, random_state):
    """Turn what the user gave into one weight a factor.

    Parameters
    ----------
    importance : None, dict, array-like of shape (n_factors,) or classifier
        None: all count equally. A dict by name: factors it does not name count 0. A classifier:
        its ``feature_importances_``, its absolute ``coef_`` by standard deviation of the
        factor, or how much its Brier score rises when a factor is shuffled.
    X : {array-like, DataFrame} of shape (n_samples, n_factors)
        The table, as the classifier takes it.
    y : array-like of shape (n_samples,) or None
        Labels, for the classifier.
    n_factors : int
        Number of factors.
    scale : ndarray of shape (n_factors,) or None
        Their standard deviations; None if some are categories.
    random_state : int, RandomState instance or None
        Seed of the shuffling.

    Returns
    -------
    weights : ndarray of shape (n_factors,)
        Not negative, and not all zero.

    Raises
    ------
    ValueError
        If names or number do not fit the table, or no factor matters.

    Examples
    --------
    >>> from sklearn_landslide.mapping._prediction._importance import factor_importance
    >>> factor_importance([3, -1], None, None, n_factors=2, scale=None, random_state=0)
    array([3., 0.])
    """
    if importance is None:
        return np.ones(n_factors)
    if isinstance(importance, dict):
        names = column_names(X) or [f"x{j}" for j in range(n_factors)]
        if unknown := [name for name in importance if name not in names]:
            raise ValueError(f"importance names {unknown}, which are not factors of X: {names}.")
        weights = np.array([importance.get(name, 0) for name in names], dtype=np.float64)
    elif hasattr(importance, "fit"):
        weights = _from_model(importance, X, y, scale=scale, random_state=random_state)
    else:
        weights = np.array(importance, dtype=np.float64)
    if weights.shape != (n_factors,):
        raise ValueError(
            f"importance has the shape {weights.shape}, but X has {n_factors} factors: give one "
            "number for each."
        )
    if not np.isfinite(weights).all():
        raise ValueError(f"importance must be finite numbers, got {weights.tolist()}.")
    weights = np.maximum(weights, 0)
    if not weights.any():
        raise ValueError("No factor has an importance above 0: nothing would tell places apart.")
    return weights
