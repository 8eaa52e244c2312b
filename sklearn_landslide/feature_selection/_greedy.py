"""The greedy search of mRMR on given relevances and redundancies."""

from typing import NamedTuple

import numpy as np

# Scores closer than this (relative to the best where that is above 1) differ by rounding only.
TIE = 1e-10
# Nine tenths of a factor's entropy found in one other factor: the two are the same.
DUPLICATE = 0.9


class Path(NamedTuple):
    """All features in the order of their selection.

    Attributes
    ----------
    order : ndarray of shape (n_features,), dtype=int64
        Column of each step.
    scores : ndarray of shape (n_features,)
        Criterion of each step; the relevance in the first.
    worthwhile : ndarray of shape (n_features,), dtype=bool
        Whether the feature of a step is relevant beyond chance, not constant and no duplicate
        of a feature selected earlier.
    """

    order: np.ndarray
    scores: np.ndarray
    worthwhile: np.ndarray


def criterion(relevance, redundancy, *, quotient):
    """Weigh relevance against mean redundancy.

    Parameters
    ----------
    relevance : ndarray of shape (n_features,)
        Relevance of each candidate, at least 0.
    redundancy : ndarray of shape (n_features,)
        Mean redundancy of each candidate with what is selected, at least 0.
    quotient : bool
        Whether to divide rather than to subtract.

    Returns
    -------
    scores : ndarray of shape (n_features,)
        ``relevance - redundancy``, or ``relevance / redundancy`` where 0 / 0 is 0 and anything
        else divided by 0 is infinite.
    """
    if not quotient:
        return relevance - redundancy
    undefined = np.where(relevance > 0, np.inf, 0.0)
    return np.divide(relevance, redundancy, out=undefined, where=redundancy > 0)


def first_best(values, candidates):
    """Keep the candidates whose value is the largest, rounding aside.

    Parameters
    ----------
    values : ndarray of shape (n_features,)
        A value for each feature.
    candidates : ndarray of shape (n_candidates,), dtype=int64
        The features to choose from.

    Returns
    -------
    best : ndarray of shape (n_best,), dtype=int64
        The tied ones, in the order of `candidates`.
    """
    best = values[candidates].max()
    slack = TIE * max(abs(best), 1) if np.isfinite(best) else 0
    return candidates[values[candidates] >= best - slack]


def greedy_path(relevance, redundancy, *, quotient, constant, by_chance, overlap, tiers, first=()):
    """Order all features by greedy forward selection.

    The best score wins; a tie goes to the larger relevance, then to the column further left.

    Parameters
    ----------
    relevance : ndarray of shape (n_features,)
        Relevance to the target, at least 0.
    redundancy : ndarray of shape (n_features, n_features)
        Redundancy between features, at least 0.
    quotient : bool
        Whether the criterion is a quotient.
    constant : ndarray of shape (n_features,), dtype=bool
        Features without information; they come last.
    by_chance : ndarray of shape (n_features,), dtype=bool
        Features whose relevance cannot be told from chance.
    overlap : ndarray of shape (n_features, n_features)
        Share of the information in the row's feature that the column's feature has.
    tiers : tuple of (bool, bool)
        Whether features relevant by chance, and whether duplicates of selected features, come
        after all others (in this order).
    first : sequence of int, default=()
        Features to select first, in this order.

    Returns
    -------
    path : Path
        Order, scores and whether each step was worthwhile.
    """
    n_features = relevance.size
    chance_tier, duplicate_tier = tiers
    left = np.ones(n_features, dtype=bool)
    covered = np.zeros(n_features)
    total = np.zeros(n_features)
    order, scores, worthwhile = [], [], []
    for step in range(n_features):
        score = criterion(relevance, total / step, quotient=quotient) if step else relevance
        duplicate = covered >= DUPLICATE
        if step < len(first):
            pick = first[step]
        else:
            tier = 4 * constant + 2 * (duplicate_tier & duplicate) + (chance_tier & by_chance)
            candidates = np.flatnonzero(left)
            candidates = candidates[tier[candidates] == tier[candidates].min()]
            pick = first_best(relevance, first_best(score, candidates))[0]
        order.append(pick)
        scores.append(score[pick])
        worthwhile.append(not (constant[pick] or by_chance[pick] or duplicate[pick]))
        left[pick] = False
        total = total + redundancy[:, pick]
        covered = np.maximum(covered, overlap[:, pick])
    return Path(np.array(order), np.array(scores, dtype=float), np.array(worthwhile))
