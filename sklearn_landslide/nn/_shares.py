"""Shares of the linear path and of the memory, chosen by predictions of rows left out."""

from dataclasses import dataclass
from itertools import product

import numpy as np
from sklearn.metrics import average_precision_score, log_loss, roc_auc_score

# Shares that are tried.
_TRIED = {
    "linear_weight": (0.0, 0.15, 0.3, 0.45, 0.6, 0.8, 1.0),
    "memory_weight": (0.0, 0.2, 0.4, 0.6, 0.8),
}
_PATHS = {"linear_weight": "linear", "memory_weight": "memory"}


def _roc_auc(codes, probabilities, weights=None):
    if probabilities.shape[1] == 2:
        return roc_auc_score(codes, probabilities[:, 1], sample_weight=weights)
    return roc_auc_score(codes, probabilities, multi_class="ovr", sample_weight=weights)


def _average_precision(codes, probabilities, weights=None):
    if probabilities.shape[1] == 2:
        return average_precision_score(codes, probabilities[:, 1], sample_weight=weights)
    indicators = np.eye(probabilities.shape[1])[codes]
    return average_precision_score(indicators, probabilities, sample_weight=weights)


def _neg_log_loss(codes, probabilities, weights=None):
    labels = np.arange(probabilities.shape[1])
    return -log_loss(codes, probabilities, labels=labels, sample_weight=weights)


SCORES = {
    "roc_auc": _roc_auc,
    "average_precision": _average_precision,
    "neg_log_loss": _neg_log_loss,
}


@dataclass(frozen=True)
class ChosenShares:
    """Shares that were chosen, and all that were tried.

    Parameters
    ----------
    linear_weight, memory_weight : float or None
        The shares; None where there is no such path.
    tried : list of (float or None, float or None)
        All pairs.
    scores : ndarray of shape (n_tried, n_folds)
        The score of each pair on each fold.
    """

    linear_weight: float | None
    memory_weight: float | None
    tried: list
    scores: np.ndarray


def choose_shares(folds, usual, scoring="roc_auc"):
    """Choose the shares that do best on rows that were left out.

    The scores of few folds are noisy. Among the shares whose mean score is not worse than the best
    by more than one standard error of the difference, the ones nearest to the usual recipe are
    taken.

    Parameters
    ----------
    folds : list of (PathLogs, ndarray of int) or of (PathLogs, ndarray of int, ndarray)
        For each fold what the paths say of the rows left out, their label codes, every class
        among them, and what they weigh, if they do not all weigh the same.
    usual : dict of str to (float or None, bool)
        For ``linear_weight`` and ``memory_weight`` the usual share, and whether it may change.
    scoring : {"roc_auc", "average_precision", "neg_log_loss"}, default="roc_auc"
        What is to be highest, as the mean over the folds.

    Returns
    -------
    chosen : ChosenShares
    """
    options = []
    for name, (share, may_change) in usual.items():
        if any(getattr(logs, _PATHS[name]) is None for logs, *_ in folds):
            options.append((None,))
        else:
            options.append(_TRIED[name] if may_change else (share,))
    tried = list(product(*options))
    score = SCORES[scoring]
    scores = np.array(
        [
            [score(codes, logs.joined(*pair), *weights) for logs, codes, *weights in folds]
            for pair in tried
        ]
    )
    behind = scores[scores.mean(axis=1).argmax()] - scores
    error = 0
    if len(folds) > 1:
        error = behind.std(axis=1, ddof=1) / np.sqrt(len(folds))
    near = np.flatnonzero(behind.mean(axis=1) <= error)
    shares = [share for share, _ in usual.values()]
    chosen = min((tried[i] for i in near), key=lambda pair: _distance(pair, shares))
    return ChosenShares(*chosen, tried=tried, scores=scores)


def _distance(pair, shares):
    return sum((a - b) ** 2 for a, b in zip(pair, shares, strict=True) if a is not None)
