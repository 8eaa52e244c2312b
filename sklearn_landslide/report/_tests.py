"""Intervals of the mean scores, differences to the best model, and gaps between kinds of folds."""

from typing import NamedTuple

import numpy as np
from sklearn.metrics import average_precision_score, brier_score_loss, roc_auc_score

from sklearn_landslide.comparison import HEADINGS, fold_scores, less_is_better, ttest_on_folds
from sklearn_landslide.metrics import corrected_resampled_ttest

# What can be computed again, on the same rows, from the probabilities of two comparisons.
_OF_PROBABILITIES = {
    "roc_auc": roc_auc_score,
    "pr_auc": average_precision_score,
    "brier": brier_score_loss,
}


class Gap(NamedTuple):
    """How much higher a model scores on other folds: of the means, and on the same rows."""

    means: float
    paired: float
    standard_error: float
    pvalue: float


def ranking_rule(comparison, metric):
    """Say in words by what the models are ranked."""
    name = HEADINGS.get(metric, metric)
    best = "lowest" if less_is_better(comparison, metric) else "highest"
    return f"ranked by the mean {name} over the folds, the {best} first"


def mean_interval(comparison, model, metric):
    """Return the bounds of a mean score, or None where two folds are not there.

    Parameters
    ----------
    comparison : ModelComparison
        The scores.
    model, metric : str
        Whose, and which.

    Returns
    -------
    bounds : tuple of float or None
        At a level of 95 %, corrected for the training rows that the folds share; within 0 and
        1 for the metrics of :func:`compare_models`, which lie there.
    """
    folds = comparison.folds[comparison.folds["model"] == model].dropna(subset=[metric])
    if len(folds) < 2:
        return None
    sizes = {"n_train": folds["n_train"], "n_test": folds["n_test"]}
    result = corrected_resampled_ttest(folds[metric], np.zeros(len(folds)), **sizes)
    low, high = result.confidence_interval()
    return (max(low, 0.0), min(high, 1.0)) if metric in HEADINGS else (low, high)


def differences(comparison, reference, metric):
    """Return the differences of the other models to one of them, and their tests.

    Parameters
    ----------
    comparison : ModelComparison
        The scores.
    reference, metric : str
        The model that the others are compared with, and the score.

    Returns
    -------
    tested : dict of str to tuple of (CorrectedTTestResult, float)
        For each other model the test on the folds, and its p-value adjusted for the number of
        models (Holm). Empty if the models cannot be tested. DeLong's test is of the pooled rows,
        another figure than the mean that the page ranks by: beside it, it contradicts.
    why : str
        Why they cannot.
    """
    try:
        table = comparison.test(reference, metric)
        models = table.index.tolist()
        scores = fold_scores(comparison.folds, metric, models)
        tested = {}
        for model in models:
            if model != reference:
                on_folds = ttest_on_folds(comparison.folds, scores, model, reference, metric)
                tested[model] = (on_folds, table.loc[model, f"{metric}_p_holm"])
    except ValueError as error:
        return {}, str(error)
    return tested, ""


def gap_between(other, comparison, model, metric):
    """Return by how much a model scores higher in another comparison of the same table.

    Parameters
    ----------
    other, comparison : ModelComparison
        On other folds, and on those of the report.
    model, metric : str
        Whose score, and which.

    Returns
    -------
    gap : Gap
        The difference of the means; and, where the metric can be computed from the
        probabilities, the mean over the folds of `comparison` of the difference on the very
        same test rows, its corrected standard error and two-sided p-value. Missing otherwise.
    """
    means = float(other.table.loc[model, metric] - comparison.table.loc[model, metric])
    here, there = (one.predictions.dropna(subset=["fold"]) for one in (comparison, other))
    once = not (here["row"].duplicated().any() or there["row"].duplicated().any())
    if metric not in _OF_PROBABILITIES or not once:
        return Gap(means, np.nan, np.nan, np.nan)
    score, there = _OF_PROBABILITIES[metric], there.set_index("row")[model]
    sizes = comparison.folds[comparison.folds["model"] == model].set_index("fold")
    pairs, used = [], []
    for fold, part in here.groupby("fold"):
        part = part[part["row"].isin(there.index)]
        if part["y_true"].nunique() == 2:
            of_other = score(part["y_true"], there[part["row"]])
            pairs.append((of_other, score(part["y_true"], part[model])))
            used.append(fold)
    if len(pairs) < 2:
        return Gap(means, np.nan, np.nan, np.nan)
    sizes = sizes.loc[used]
    result = corrected_resampled_ttest(
        *zip(*pairs, strict=True), n_train=sizes["n_train"], n_test=sizes["n_test"]
    )
    return Gap(means, result.difference, result.standard_error, result.pvalue)
