"""Random folds against spatial blocks: two scores, and their difference on the same rows."""

from dataclasses import dataclass

import numpy as np
from scipy import stats
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.metaestimators import available_if

from sklearn_landslide.model_selection._audit._result import (
    OK,
    WARNING,
    Finding,
    not_checked,
)
from sklearn_landslide.model_selection._audit._scores import corrected_error, with_both_classes
from sklearn_landslide.model_selection._out_of_fold import out_of_fold

GAP = "random against spatial"
# A smaller difference is never called a fault, however sure it is.
GAP_MARGIN = 0.01


class RecordedPredictions(ClassifierMixin, BaseEstimator):
    """Out-of-fold predictions in the shape of a fitted model, whose X is row positions.

    So any scorer can score any set of rows, whichever folds they were in.
    """

    def __init__(self, outputs, classes):
        self.outputs = outputs
        self.classes = classes

    @property
    def classes_(self):
        """Labels, in the order of the columns of ``predict_proba``."""
        return self.classes

    @available_if(lambda self: "predict_proba" in self.outputs)
    def predict_proba(self, X):
        """Return the recorded probabilities of rows."""
        return self.outputs["predict_proba"][X]

    @available_if(lambda self: "decision_function" in self.outputs)
    def decision_function(self, X):
        """Return the recorded decision values of rows."""
        return self.outputs["decision_function"][X]

    @available_if(lambda self: "predict" in self.outputs)
    def predict(self, X):
        """Return the recorded labels of rows."""
        return self.outputs["predict"][X]


@dataclass(frozen=True)
class CrossValidated:
    """Scores of the folds that have both classes, and the predictions of their test rows."""

    splits: list
    scores: np.ndarray
    recorded: RecordedPredictions | None
    tested: np.ndarray


def cross_validate_once(pipeline, X, y, splits, scorer, n_jobs, move=None):
    """Fit a pipeline in every fold with both classes, score it, and keep what it predicts."""
    used = with_both_classes(splits, np.unique(y, return_inverse=True)[1])
    tested = np.zeros(len(y), dtype=bool)
    if not used:
        return CrossValidated([], np.array([]), None, tested)
    folds = out_of_fold(pipeline, X, y, used, scoring=scorer, n_jobs=n_jobs, progress=move)
    recorded = None
    # Another kind of scorer may look at X, which is not a table where predictions are recorded.
    if hasattr(scorer, "_score_func"):
        outputs = {}
        for fold, (_, test) in zip(folds, used, strict=True):
            for response, output in fold.responses.items():
                shape = (len(y), *output.shape[1:])
                # Of a row that is tested more than once the last prediction is kept.
                outputs.setdefault(response, np.zeros(shape, output.dtype))[test] = output
            tested[test] = True
        recorded = RecordedPredictions(outputs, np.unique(y))
    return CrossValidated(used, np.array([fold.scores for fold in folds]), recorded, tested)


def unpaired_gap(first, second):
    """Difference of two mean scores, its standard error and one-sided p-value.

    Welch's test, with variances that are corrected for shared training rows.
    """
    gap = float(first.scores.mean() - second.scores.mean())
    errors = np.array([corrected_error(one.scores, one.splits) for one in (first, second)])
    error = float(np.sqrt((errors**2).sum()))
    if error == 0:
        return gap, error, float(gap <= 0)
    freedom = np.array([len(first.scores) - 1, len(second.scores) - 1])
    df = error**4 / (errors**4 / freedom).sum()
    return gap, error, float(stats.t.sf(gap / error, df))


def paired_gap(first, second, y, scorer):
    """Difference of two scores on the test rows of each fold of the second, with its error.

    Blocks differ in how hard they are, which makes the difference of two means uncertain. On
    the rows of one block only the training rows differ.

    Returns
    -------
    gap, error, p_value : float
        NaN if fewer than two blocks can be compared. One-sided t test with the variance
        corrected for shared training rows.
    """
    differences, splits = [], []
    if first.recorded is not None and second.recorded is not None:
        for train, test in second.splits:
            rows = test[first.tested[test]]
            if len(np.unique(y[rows])) == 2:
                of_first, of_second = (
                    scorer(one.recorded, rows, y[rows]) for one in (first, second)
                )
                differences.append(of_first - of_second)
                splits.append((train, test))
    if len(differences) < 2:
        return np.nan, np.nan, np.nan
    gap, error = float(np.mean(differences)), corrected_error(differences, splits)
    if error == 0:
        return gap, error, float(gap <= 0)
    return gap, error, float(stats.t.sf(gap / error, len(differences) - 1))


def check_gap(own, random, spatial, y, scorer, name):
    """Return the finding about random folds against spatial blocks, and where `cv` stands.

    Parameters
    ----------
    own, random, spatial : CrossValidated
        The pipeline on the audited `cv`, on random folds and on spatial blocks.
    y : ndarray of shape (n_samples,)
        The labels.
    scorer : callable
        Scores both.
    name : str
        What the score is called.
    """
    if min(len(one.splits) for one in (own, random, spatial)) < 2:
        return not_checked(
            GAP, "Fewer than two folds have both classes.", "Choose larger test folds."
        )
    gap, error, _ = unpaired_gap(random, spatial)
    paired, paired_error, p_value = paired_gap(own, spatial, y, scorer)
    is_paired = np.isfinite(paired)
    if not is_paired:
        paired, paired_error, p_value = unpaired_gap(own, spatial)
    numbers = {
        "random": float(random.scores.mean()),
        "spatial": float(spatial.scores.mean()),
        "gap": gap,
        "gap_standard_error": error,
        "cv": float(own.scores.mean()),
        "cv_gap": paired,
        "cv_gap_standard_error": paired_error,
        "cv_gap_is_paired": bool(is_paired),
        "p_value": p_value,
    }
    said = (
        f"{name} is {numbers['random']:.3f} on random folds and {numbers['spatial']:.3f} on "
        f"spatial blocks: a gap of {gap:.3f} ± {error:.3f}."
    )
    if own is not random:
        said += f" The folds of cv give {numbers['cv']:.3f}."
    rows = "on the same rows, block by block," if is_paired else "on average"
    said += (
        f" The folds of cv are optimistic by {paired:.3f} ± {paired_error:.3f} {rows} against "
        "training without the block."
    )
    if paired > GAP_MARGIN and p_value < 0.05:
        advice = (
            "Report the spatial score: it is what to expect where nothing was mapped. The other "
            "holds next to mapped places only."
        )
        return Finding(GAP, WARNING, said, advice, numbers)
    advice = ""
    if paired > GAP_MARGIN:
        said += " That is within the noise of the blocks."
        advice = "Report both scores; more rows would tell."
    return Finding(GAP, OK, said, advice, numbers)
