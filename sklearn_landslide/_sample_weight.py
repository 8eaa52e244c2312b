"""Weights of rows: how often a row counts, or how far it is trusted."""

import numpy as np
from sklearn.model_selection._search import BaseSearchCV
from sklearn.utils.validation import _num_samples, has_fit_parameter

# Whole numbers that stand for more copies of the table are areas or years, no numbers of rows.
_MOST_COPIES = 100


def read_sample_weight(sample_weight, n_rows):
    """Return the weights of the rows as numbers, or say what is wrong with them.

    Parameters
    ----------
    sample_weight : array-like of shape (n_samples,)
        One weight for each row.
    n_rows : int
        Number of rows.

    Returns
    -------
    weights : ndarray of shape (n_samples,), int64 or float64
        Whole numbers, where the type of `sample_weight` holds nothing else, and truth values are
        int64.

    Raises
    ------
    ValueError
        If the weights are not one number for each row, or one is missing, infinite or negative,
        or none is above zero.

    Examples
    --------
    >>> from sklearn_landslide._sample_weight import read_sample_weight
    >>> read_sample_weight([2, 0], 2), read_sample_weight([0.5, 1], 2)
    (array([2, 0]), array([0.5, 1. ]))
    >>> read_sample_weight([1.0, -1.0], 2)
    Traceback (most recent call last):
        ...
    ValueError: sample_weight is negative in row 1 (-1.0): 0 leaves a row out.
    """
    weights = np.asarray(sample_weight)
    if weights.ndim != 1 or len(weights) != n_rows:
        raise ValueError(
            f"sample_weight has the shape {weights.shape} and the table {n_rows} rows: give one "
            "weight for each row."
        )
    if weights.dtype.kind not in "biuf":
        try:
            weights = weights.astype(np.float64)
        except (TypeError, ValueError):
            raise ValueError("sample_weight holds no numbers: give one for each row.") from None
    weights = weights.astype(np.float64 if weights.dtype.kind == "f" else np.int64)
    for what, faulty, remedy in (
        ("not finite", ~np.isfinite(weights), "give a number, or 0 to leave the row out"),
        ("negative", weights < 0, "0 leaves a row out"),
    ):
        if faulty.any():
            row = int(faulty.argmax())
            raise ValueError(f"sample_weight is {what} in row {row} ({weights[row]}): {remedy}.")
    if not weights.any():
        raise ValueError("sample_weight is zero in all rows: give a weight above zero to some.")
    return weights


def weighted_rows(sample_weight, X):
    """Say which rows of a table count, how often, and how far each is trusted.

    Parameters
    ----------
    sample_weight : array-like of shape (n_samples,)
        Whole numbers in an integer type say how often a row is there; decimals say how far it is
        trusted, of which only the ratios count.
    X : table of shape (n_samples, n_features)
        Its rows are counted.

    Returns
    -------
    rows : ndarray of int64
        Positions of the rows that count, each as often as it is there.
    weights : ndarray of float64 or None
        Weight of each of these, 1 on average; None if all are equal.

    Examples
    --------
    >>> from sklearn_landslide._sample_weight import weighted_rows
    >>> weighted_rows([2, 0, 1], [[7], [8], [9]])
    (array([0, 0, 2]), None)
    >>> weighted_rows([1.5, 0.0, 0.75], [[7], [8], [9]])
    (array([0, 2]), array([1.33333333, 0.66666667]))
    """
    n_rows = _num_samples(X)
    weights = read_sample_weight(sample_weight, n_rows)
    if weights.dtype == np.int64:
        total = int(weights.sum(dtype=object))
        if total > _MOST_COPIES * n_rows:
            raise ValueError(
                f"sample_weight stands for {total} rows, because whole numbers say how often a row "
                "is there: pass it as decimals, sample_weight.astype(float), if only the ratios "
                "count."
            )
        return np.repeat(np.arange(n_rows), weights), None
    rows = np.flatnonzero(weights)
    # In single precision, so that rounding in another unit is gone, and with it other fits.
    weights = (weights[rows] / weights.max()).astype(np.float32).astype(np.float64)
    weights /= weights.mean()
    return rows, None if (weights == weights[0]).all() else weights


def weight_params(estimator, weights):
    """Return what hands weights of rows to the ``fit`` of an estimator, or refuse.

    Parameters
    ----------
    estimator : classifier
        A model, a pipeline, or a search over one.
    weights : ndarray of shape (n_samples,)
        The weights.

    Returns
    -------
    params : dict
        For ``fit``, by the name that the estimator knows.

    Raises
    ------
    ValueError
        If the model, or one inside it, takes no weights.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.naive_bayes import GaussianNB
    >>> from sklearn.neighbors import KNeighborsClassifier
    >>> from sklearn_landslide._sample_weight import weight_params
    >>> weight_params(GaussianNB(), np.ones(2))
    {'sample_weight': array([1., 1.])}
    >>> weight_params(KNeighborsClassifier(), np.ones(2))
    Traceback (most recent call last):
        ...
    ValueError: KNeighborsClassifier takes no sample_weight: leave it out, or take another model.
    """
    if isinstance(estimator, BaseSearchCV):
        return weight_params(estimator.estimator, weights)
    if not hasattr(estimator, "steps"):
        _check_takes_weights(estimator)
        return {"sample_weight": weights}
    name, model = estimator.steps[-1]
    own = weight_params(model, weights)
    if getattr(estimator, "weighs_rows", False):
        return {"sample_weight": weights}
    if any(hasattr(step, "fit_resample") for _, step in estimator.steps):
        raise ValueError(
            f"a {type(estimator).__name__} with a sampler cannot weigh its rows: take a "
            "LandslidePipeline, or leave sample_weight out."
        )
    return {f"{name}__{key}": value for key, value in own.items()}


def _check_takes_weights(model):
    inner = getattr(model, "estimator", None)
    if hasattr(inner, "fit") and has_fit_parameter(model, "sample_weight"):
        if hasattr(inner, "steps"):
            raise ValueError(
                f"{type(model).__name__} hands no sample_weight to the pipeline inside it: leave "
                "it out, or put the pipeline around the model."
            )
        model = inner
    if not has_fit_parameter(model, "sample_weight"):
        raise ValueError(
            f"{type(model).__name__} takes no sample_weight: leave it out, or take another model."
        )
