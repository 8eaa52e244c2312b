"""A logistic regression that begins at given log-odds and is drawn back to them."""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit


@dataclass(frozen=True)
class OffsetSolution:
    """What is added to given log-odds.

    Parameters
    ----------
    intercept : float
        For every row.
    coefficients : ndarray of shape (n_columns,)
        For each column.
    """

    intercept: float
    coefficients: np.ndarray


def solve_offset(design, offset, codes, strength):
    r"""Minimize the log loss of log-odds that begin at an offset.

    .. math:: \sum_i \log(1 + e^{-s_i (o_i + a + x_i b)}) + \frac{\lambda}{2} \|b\|^2

    with :math:`s_i` 1 for a landslide and -1 else. The intercept a is free: how frequent landslides
    are is learned from the first ones.

    Parameters
    ----------
    design : ndarray of shape (n_samples, n_columns)
        Columns of one spread.
    offset : ndarray of shape (n_samples,)
        Log-odds of the source.
    codes : ndarray of shape (n_samples,), int
        1 is a landslide; both classes are there.
    strength : float
        How strongly the coefficients are drawn to 0.

    Returns
    -------
    solution : OffsetSolution

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.transfer._offset_logistic import solve_offset
    >>> codes = np.array([0, 0, 0, 1])
    >>> round(solve_offset(np.zeros((4, 1)), np.zeros(4), codes, 1.0).intercept, 3)
    -1.099
    """
    signs = 2 * codes - 1

    def loss(solved):
        scores = offset + solved[0] + design @ solved[1:]
        wrong = expit(-signs * scores) * signs
        value = np.logaddexp(0, -signs * scores).sum() + strength / 2 * solved[1:] @ solved[1:]
        slope = np.concatenate([[-wrong.sum()], -design.T @ wrong + strength * solved[1:]])
        return value, slope

    start = np.zeros(1 + design.shape[1])
    found = minimize(
        loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 2000, "gtol": 1e-8}
    )
    return OffsetSolution(float(found.x[0]), found.x[1:])
