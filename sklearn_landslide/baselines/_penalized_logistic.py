"""Logistic regression with a penalty for each block of columns, chosen by marginal likelihood."""

import warnings
from dataclasses import dataclass

import numpy as np
from scipy.linalg import cho_factor, cho_solve
from scipy.special import expit
from sklearn.exceptions import ConvergenceWarning

_ROUNDS, _STEPS, _LEAST_STEP, _TOLERANCE = 200, 100, 1e-8, 1e-6
# Penalties are looked for between these, and change by this factor at the most in one round.
LEAST, MOST = 1e-3, 1e7
_CHANGE = 20.0
# The degrees of freedom of a block may still move by this when the search ends.
_SETTLED = 1e-2


@dataclass(frozen=True)
class Solution:
    """Coefficients and what they cost.

    Parameters
    ----------
    intercept : float
        Log-odds where all columns are 0.
    coefficients : ndarray of shape (n_columns,)
        Of the columns.
    penalties : ndarray of shape (n_blocks,)
        Of each block.
    freedoms : ndarray of shape (n_columns,)
        Effective degrees of freedom of each column, between 0 and 1.
    """

    intercept: float
    coefficients: np.ndarray
    penalties: np.ndarray
    freedoms: np.ndarray


class _Fit:
    """The regression on the way to its solution."""

    def __init__(self, columns, codes, weights, blocks):
        self.columns = np.column_stack([np.ones(len(columns)), columns])
        self.codes, self.weights = codes, weights
        # The intercept is of no block.
        self.blocks = np.concatenate([[-1], blocks])
        share = np.clip(weights @ codes / weights.sum(), 1e-6, 1 - 1e-6)
        self.at = np.zeros(self.columns.shape[1])
        self.at[0] = np.log(share / (1 - share))

    def ridge(self, penalties):
        """Penalty of each column."""
        return np.append(penalties, 0.0)[self.blocks]

    def _loss(self, at, ridge):
        signed = np.where(self.codes == 1, -1.0, 1.0) * (self.columns @ at)
        return self.weights @ np.logaddexp(0, signed) + ridge @ at**2 / 2

    def curvature(self, ridge):
        """Return the factorized second derivatives."""
        share = expit(self.columns @ self.at)
        bend = self.weights * share * (1 - share)
        matrix = self.columns.T @ (self.columns * bend[:, None])
        # Where all rows are certain nothing bends.
        matrix[np.diag_indices_from(matrix)] += ridge + 1e-10
        return cho_factor(matrix, overwrite_a=True), share

    def step(self, penalties):
        """Take one step of Newton's, and return its largest part and the curvature before it."""
        ridge = self.ridge(penalties)
        factor, share = self.curvature(ridge)
        slope = self.columns.T @ (self.weights * (share - self.codes)) + ridge * self.at
        step, size = cho_solve(factor, slope), 1.0
        present = self._loss(self.at, ridge)
        while self._loss(self.at - size * step, ridge) > present and size > _LEAST_STEP:
            size /= 2
        if size <= _LEAST_STEP:
            return 0.0, factor
        self.at = self.at - size * step
        return float(np.abs(step).max()), factor

    def freedoms(self, penalties, factor):
        """Degrees of freedom of each column: 1 less what its penalty takes."""
        spread = np.diag(cho_solve(factor, np.eye(len(self.at))))
        return 1 - self.ridge(penalties) * spread

    def by_block(self, values, n_blocks):
        """Add up values of the columns in each block."""
        return np.bincount(self.blocks[1:], values[1:], minlength=n_blocks)


def _search(fit, n_blocks):
    """Choose the penalties."""
    penalties, before = np.ones(n_blocks), None
    for _ in range(_ROUNDS):
        _, factor = fit.step(penalties)
        freedoms = np.maximum(fit.by_block(fit.freedoms(penalties, factor), n_blocks), 0)
        squares = fit.by_block(fit.at**2, n_blocks)
        if before is not None and np.abs(freedoms - before).max() < _SETTLED:
            return penalties
        before = freedoms
        # What the block is allowed, against what it uses (Wood and Fasiolo, 2017, equation 6).
        wanted = freedoms / np.maximum(squares, np.finfo(float).tiny)
        wanted = np.clip(wanted, penalties / _CHANGE, penalties * _CHANGE)
        penalties = np.clip(wanted, LEAST, MOST)
    warnings.warn(
        f"the penalties did not settle in {_ROUNDS} rounds.", ConvergenceWarning, stacklevel=2
    )
    return penalties


def solve_penalized(columns, codes, weights, blocks, penalties=None):
    r"""Minimize the log loss and the penalties.

    .. math:: \sum_i w_i \log(1 + e^{-s_i (a + x_i b)}) + \sum_j \frac{\lambda_j}{2} \|b_j\|^2

    with :math:`s_i` 1 for a landslide and -1 else.

    Parameters
    ----------
    columns : ndarray of shape (n_samples, n_columns)
        The columns.
    codes : ndarray of shape (n_samples,), int
        1 is a landslide; both classes are there.
    weights : ndarray of shape (n_samples,)
        What each row counts.
    blocks : ndarray of shape (n_columns,), int
        The block of each column, counted from 0.
    penalties : ndarray of shape (n_blocks,) or None, default=None
        Of each block. None: those of the largest marginal likelihood, where each block is a normal
        effect of variance 1 over its penalty (Laplace's approximation; REML).

    Returns
    -------
    solution : Solution

    Warns
    -----
    ConvergenceWarning
        If the search, or the regression, did not settle.

    References
    ----------
    Wood, S. N., Fasiolo, M. (2017): A generalized Fellner-Schall method for smoothing parameter
    optimization with application to Tweedie location, scale and shape models. Biometrics 73(4).

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.baselines._penalized_logistic import solve_penalized
    >>> codes, none = np.array([0, 0, 0, 1]), np.zeros((4, 0))
    >>> round(solve_penalized(none, codes, np.ones(4), np.zeros(0, int)).intercept, 3)
    -1.099
    """
    blocks = np.asarray(blocks, dtype=np.int64)
    n_blocks = int(blocks.max()) + 1 if len(blocks) else 0
    fit = _Fit(columns, codes, weights, blocks)
    if penalties is None:
        penalties = _search(fit, n_blocks) if n_blocks else np.zeros(0)
    for _ in range(_STEPS):
        size, factor = fit.step(penalties)
        if size < _TOLERANCE:
            break
    else:
        warnings.warn(
            f"the regression did not settle in {_STEPS} steps: give a larger penalty.",
            ConvergenceWarning,
            stacklevel=2,
        )
    freedoms = fit.freedoms(penalties, factor)[1:]
    return Solution(float(fit.at[0]), fit.at[1:], np.asarray(penalties, dtype=float), freedoms)
