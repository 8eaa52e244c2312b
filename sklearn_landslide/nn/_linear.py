"""The linear path: a logistic regression, solved before the network is trained."""

import warnings
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.sparse import csr_array, hstack
from scipy.special import expit
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression


@dataclass(frozen=True)
class LogisticSolution:
    """Coefficients of a logistic regression on z-scores and categories.

    Parameters
    ----------
    low, high : ndarray of shape (n_factors,), float32
        Range of each factor in the training table.
    mean, scale : ndarray of shape (n_factors,), float32
        What turns a numeric factor into its z-score; 0 and 1 for a categorical one.
    weight : ndarray of shape (n_factors, n_classes), float32
        Coefficients of the z-scores; 0 for a categorical factor.
    code_weight : ndarray of shape (1 + n_codes, n_classes), float32
        Coefficients of the codes in the encoder's numbering; row 0 is "no code".
    bias : ndarray of shape (n_classes,), float32
        Intercepts.
    """

    low: np.ndarray
    high: np.ndarray
    mean: np.ndarray
    scale: np.ndarray
    weight: np.ndarray
    code_weight: np.ndarray
    bias: np.ndarray


def solve_logistic(
    rows, labels, encoding, n_classes, class_weights=None, weights=None, monotone=None
):
    """Fit the linear path.

    Parameters
    ----------
    rows : ndarray of shape (n_samples, n_factors), float32
        Training rows; a categorical factor holds its codes 0 ... k - 1.
    labels : ndarray of shape (n_samples,), int
        Label codes.
    encoding : FactorEncoding
        Which factors are categorical, and how many codes each has.
    n_classes : int
        Number of classes.
    class_weights : ndarray of shape (n_classes,) or None, default=None
        Weights of the classes in the loss.
    weights : ndarray of shape (n_samples,) or None, default=None
        Weights of the rows, 1 on average; None: all count the same.
    monotone : ndarray of shape (n_factors,), int8, or None, default=None
        1 where the log-odds of the second of two classes may only rise with a factor, -1 where
        they may only fall, else 0.

    Returns
    -------
    solution : LogisticSolution or None
        None if the rows lack a class, as the first part of a table may.
    """
    if len(np.unique(labels)) < n_classes:
        return None
    numeric = np.flatnonzero(~encoding.is_categorical)
    mean, scale = np.zeros((2, encoding.n_factors))
    mean[numeric], scale[numeric] = _mean_and_deviation(rows[:, numeric], weights)
    # Nor can single precision hold a spread that is so small.
    scale[scale < np.finfo(np.float32).tiny] = 1
    z = (rows[:, numeric] - mean[numeric]) / scale[numeric]
    blocks = []
    columns = []
    for j in np.flatnonzero(encoding.is_categorical):
        known = np.flatnonzero(rows[:, j] >= 0)
        shape = (len(rows), encoding.n_codes[j])
        entries = (np.ones(len(known)), (known, rows[known, j].astype(int)))
        blocks.append(csr_array(entries, shape=shape))
        columns.append(encoding.first_code[j] + np.arange(encoding.n_codes[j]))
    design = hstack([csr_array(z), *blocks], format="csr") if blocks else z

    if monotone is None:
        coefficients, intercepts = _solve(design, labels, class_weights, weights)
    else:
        masses = np.ones(len(labels)) if weights is None else weights
        masses = masses if class_weights is None else masses * class_weights[labels]
        signs = np.pad(monotone[numeric], (0, design.shape[1] - len(numeric)))
        coefficients, intercepts = _solve_bounded(design, labels, masses, signs)
    if n_classes == 2:
        # Half of the log-odds to each class.
        coefficients = np.concatenate([-coefficients, coefficients]) / 2
        intercepts = np.concatenate([-intercepts, intercepts]) / 2
    weight = np.zeros((encoding.n_factors, n_classes), dtype=np.float32)
    code_weight = np.zeros((1 + encoding.n_codes.sum(), n_classes), dtype=np.float32)
    weight[numeric] = coefficients[:, : len(numeric)].T
    if columns:
        code_weight[np.concatenate(columns)] = coefficients[:, len(numeric) :].T
    return LogisticSolution(
        low=rows.min(axis=0),
        high=rows.max(axis=0),
        mean=mean.astype(np.float32),
        scale=scale.astype(np.float32),
        weight=weight,
        code_weight=code_weight,
        bias=intercepts.astype(np.float32),
    )


def _mean_and_deviation(values, weights):
    """Mean and standard deviation of each column, in double precision."""
    if weights is None:
        return values.mean(axis=0, dtype=np.float64), values.std(axis=0, dtype=np.float64)
    mean = np.average(values, axis=0, weights=weights)
    return mean, np.sqrt(np.average((values - mean) ** 2, axis=0, weights=weights))


def _solve(design, labels, class_weights, weights):
    """Coefficients and intercepts of scikit-learn's logistic regression."""
    of_classes = None if class_weights is None else dict(enumerate(class_weights.tolist()))
    model = LogisticRegression(max_iter=1000, class_weight=of_classes)
    with warnings.catch_warnings():
        # Almost solved is good enough: the network stands beside it.
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(design, labels, sample_weight=weights)
    return model.coef_, model.intercept_


def _solve_bounded(design, labels, masses, signs):
    """Do the same, of two classes, with coefficients that may not have the other sign."""
    target = np.where(labels == 1, 1.0, -1.0)

    def loss(beta):
        margin = target * (design @ beta[:-1] + beta[-1])
        value = masses @ np.logaddexp(0, -margin) + beta[:-1] @ beta[:-1] / 2
        pull = -masses * target * expit(-margin)
        return value, np.append(design.T @ pull + beta[:-1], pull.sum())

    free = (None, None)
    bounds = [{1: (0, None), -1: (None, 0)}.get(int(sign), free) for sign in signs]
    start = np.zeros(design.shape[1] + 1)
    options = {"maxiter": 1000, "ftol": 1e-10, "gtol": 1e-4}
    found = minimize(
        loss, start, jac=True, method="L-BFGS-B", bounds=[*bounds, free], options=options
    )
    return found.x[None, :-1], found.x[-1:]
