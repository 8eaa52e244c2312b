"""A logistic regression that begins at given log-odds and is drawn back to them."""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

_ROUNDS, _LEAST_STEP, _LEAST_BEND = 200, 1e-9, 1e-12


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
    columns = np.column_stack([np.ones(len(design)), design])
    penalty = np.full(columns.shape[1], float(strength))
    penalty[0] = 0
    signs, solved = 2 * codes - 1, np.zeros(columns.shape[1])

    def loss(at):
        return np.logaddexp(0, -signs * (offset + columns @ at)).sum() + penalty @ at**2 / 2

    for _ in range(_ROUNDS):
        share = expit(offset + columns @ solved)
        slope = columns.T @ (share - codes) + penalty * solved
        bend = (columns * (share * (1 - share))[:, None]).T @ columns + np.diag(penalty)
        # Where all rows are certain nothing bends.
        step = np.linalg.solve(bend + _LEAST_BEND * np.eye(len(bend)), slope)
        present, size = loss(solved), 1.0
        while loss(solved - size * step) > present and size > _LEAST_STEP:
            size /= 2
        if size <= _LEAST_STEP:
            break
        solved = solved - size * step
        if np.abs(step).max() < _LEAST_STEP:
            break
    return OffsetSolution(float(solved[0]), solved[1:])
