"""Scores that expose the folds: under permuted labels, and from the place alone."""

import numpy as np
from scipy import stats
from sklearn.model_selection import cross_val_score
from sklearn.neighbors import KNeighborsClassifier
from sklearn.utils.parallel import Parallel, delayed

from sklearn_landslide.model_selection._audit._result import (
    LEAK,
    OK,
    WARNING,
    Finding,
    not_checked,
)
from sklearn_landslide.model_selection._out_of_fold import out_of_fold

PERMUTED = "permuted labels"
ALONE = "place alone"

# What these scorers give, on average, to predictions that know nothing.
CHANCE_LEVELS = {"roc_auc": 0.5, "balanced_accuracy": 0.5}
# Smaller differences are never called a fault, however sure they are.
MARGIN = 0.02
# ROC-AUC of the neighbors' labels from which the folds reward knowing the place.
PLACE_AUC = 0.65


class ScoreAndChanceLevel:
    """Score of a fitted model, and what its predictions would score against shuffled labels."""

    def __init__(self, scorer, chance_level, seed):
        self.scorer = scorer
        self.chance_level = chance_level
        self.seed = seed

    def __call__(self, estimator, X, y):
        """Return both, by name."""
        level = self.chance_level
        if level is None:
            level = self.scorer(estimator, X, np.random.default_rng(self.seed).permutation(y))
        return {"score": self.scorer(estimator, X, y), "chance_level": level}


def with_both_classes(splits, codes):
    """Keep the folds whose two parts have both classes."""
    return [
        (train, test)
        for train, test in splits
        if np.ptp(codes[train]) == 1 and np.ptp(codes[test]) == 1
    ]


def disjoint_tests(splits):
    """Keep folds whose test rows are in no fold kept before: one round of repeated folds."""
    kept, tested = [], np.array([], dtype=int)
    for train, test in splits:
        if not np.isin(test, tested).any():
            kept.append((train, test))
            tested = np.append(tested, test)
    return kept


def permute_labels(labels, splits, rng):
    """Shuffle labels among the rows of each test fold, and among those never tested.

    Every part of every fold keeps its number of landslides, so that whatever can be fitted to
    the labels can be fitted to the shuffled ones.
    """
    fold = np.full(len(labels), -1)
    for number, (_, test) in enumerate(splits):
        fold[test] = number
    permuted = labels.copy()
    for number in np.unique(fold):
        rows = np.flatnonzero(fold == number)
        permuted[rows] = labels[rng.permutation(rows)]
    return permuted


def check_permuted(
    pipeline,
    X,
    y,
    splits,
    observed,
    scorer,
    *,
    name,
    n_permutations,
    seed,
    n_jobs,
    move=lambda n_fits: None,
):
    """Return the finding about the score under permuted labels."""
    if n_permutations < 2:
        return not_checked(
            PERMUTED, f"n_permutations={n_permutations}.", "Ask for two permutations or more."
        )
    codes = np.unique(y, return_inverse=True)[1]
    used = with_both_classes(disjoint_tests(splits), codes)
    if not used:
        return not_checked(PERMUTED, "No fold has both classes.", "Choose larger test folds.")
    rng = np.random.default_rng(seed)
    seeds = rng.integers(2**31, size=n_permutations).tolist()
    permutations = Parallel(n_jobs=n_jobs, return_as="generator")(
        delayed(_mean_scores)(
            pipeline,
            X,
            permute_labels(y, used, np.random.default_rng(one)),
            used,
            ScoreAndChanceLevel(scorer, CHANCE_LEVELS.get(name), one),
        )
        for one in seeds
    )
    found = []
    for scores_and_levels in permutations:
        found.append(scores_and_levels)
        move(len(used))
    scores, levels = map(np.array, zip(*found, strict=True))
    chance_level, excess = float(levels.mean()), scores - levels
    error = excess.std(ddof=1) / np.sqrt(n_permutations)
    critical = stats.t.ppf(0.99, n_permutations - 1)
    visible = max(float(critical * error), MARGIN)
    numbers = {
        "mean": float(scores.mean()),
        "standard_error": float(error),
        "chance_level": chance_level,
        "smallest_visible_excess": visible,
        "observed": float(np.mean(observed)) if len(observed) else np.nan,
        "n_permutations": n_permutations,
        "n_folds": len(used),
    }
    is_leak = excess.mean() > visible
    said = (
        f"With shuffled labels, {name} is {scores.mean():.3f} ± {error:.3f} (mean and standard "
        f"error of {n_permutations} permutations); chance is {chance_level:.3f}"
    )
    if len(observed):
        said += f", the true labels give {np.mean(observed):.3f}"
    if is_leak:
        advice = (
            "The model knows labels of test rows: look for rows on both sides of a fold, and for "
            "steps that remember labels from fold to fold."
        )
        return Finding(PERMUTED, LEAK, said + ".", advice, numbers)
    said += f". An excess below {visible:.3f} would not show."
    advice = "Raise n_permutations to see smaller leaks." if visible > 0.1 else ""
    return Finding(PERMUTED, OK, said, advice, numbers)


def _mean_scores(pipeline, X, y, splits, scorer):
    """Score a pipeline in every fold; return the mean score and the mean chance level."""
    folds = out_of_fold(pipeline, X, y, splits, scoring=scorer)
    return [
        np.array([fold.scores[key] for fold in folds]).mean() for key in ("score", "chance_level")
    ]


def corrected_error(scores, splits):
    """Return the standard error of a mean over folds that share training rows.

    Nadeau and Bengio's correction: the variance over the folds times ``1 / k + n_test /
    n_train`` rather than ``1 / k``.
    """
    ratio = np.mean([len(test) / len(train) for train, test in splits])
    return float(np.sqrt(np.var(scores, ddof=1) * (1 / len(scores) + ratio)))


def check_place_alone(coordinates, y, splits):
    """Return the finding about what the labels of the nearest training points tell."""
    if coordinates is None:
        return not_checked(ALONE, "No coordinates were given.", "Pass coordinates.")
    used = with_both_classes(splits, y)
    if len(used) < 2:
        return not_checked(
            ALONE, "Fewer than two folds have both classes.", "Choose larger test folds."
        )
    n_neighbors = min(5, min(len(train) for train, _ in used))
    model = KNeighborsClassifier(n_neighbors)
    scores = cross_val_score(model, coordinates, y, cv=used, scoring="roc_auc", error_score="raise")
    mean, error = float(np.mean(scores)), corrected_error(scores, used)
    numbers = {"roc_auc": mean, "standard_error": error, "n_neighbors": n_neighbors}
    said = (
        f"Without any factor, the labels of the {n_neighbors} nearest training points give "
        f"ROC-AUC {mean:.3f} ± {error:.3f}."
    )
    if mean > PLACE_AUC and mean - 0.5 > stats.t.ppf(0.95, len(used) - 1) * error:
        advice = (
            "Landslides lie together and the folds part neighbors: what knows the place scores "
            "well. Use spatial blocks or KNNDM as cv."
        )
        return Finding(ALONE, WARNING, said, advice, numbers)
    return Finding(ALONE, OK, said, "", numbers)
