"""The probability from which a place counts as a landslide, and the metrics that need one."""

from numbers import Real

import numpy as np
from sklearn.metrics import accuracy_score, f1_score, precision_score, recall_score

from sklearn_landslide._threshold import reaches
from sklearn_landslide.pipeline import LandslidePipeline

THRESHOLD_METRICS = ("accuracy", "precision", "recall", "f1")


def check_threshold(threshold):
    """Raise unless `threshold` is "prior" or a probability."""
    is_name = isinstance(threshold, str) and threshold == "prior"
    is_number = isinstance(threshold, Real) and not isinstance(threshold, bool)
    if not (is_name or (is_number and 0 < threshold < 1)):
        raise ValueError(f"threshold must be 'prior' or lie between 0 and 1, got {threshold!r}.")


def prior_share(estimator, y_train, positive_class):
    """Share of the positive class that the probabilities of a fitted estimator refer to.

    A pipeline of this package knows it; for any other it is the share in the training rows.
    """
    for attribute in ("best_estimator_", "estimator_"):
        # A search, or a classifier with a threshold of its own, around the pipeline.
        estimator = getattr(estimator, attribute, estimator)
    if isinstance(estimator, LandslidePipeline):
        return estimator.class_prior_[positive_class]
    return float(np.mean(y_train == positive_class))


def threshold_said(comparison):
    """Say where the threshold of the metrics that need one lies.

    Parameters
    ----------
    comparison : ModelComparison
        The scores.

    Returns
    -------
    text : str
        Empty if it is 0.5, or if no metric or no fold has one.
    """
    folds = comparison.folds
    if "threshold" not in folds or not {*THRESHOLD_METRICS} <= {*comparison.metrics}:
        return ""
    low, high = (f"{one:.3g}" for one in (folds["threshold"].min(), folds["threshold"].max()))
    if "nan" in low or low == high == "0.5":
        return ""
    said = f"{low} on" if low == high else f"{low} to {high} on, depending on fold and model"
    return (
        "Accuracy, precision, recall and F1 count a place as a landslide from a probability of "
        f"{said}, not from 0.5: by default from the share of landslides in the training rows."
    )


def metrics_at(threshold, y_true, probability):
    """Accuracy, precision, recall and F1 of "at least the threshold is a landslide"."""
    predicted = reaches(probability, threshold)
    return {
        "accuracy": accuracy_score(y_true, predicted),
        "precision": precision_score(y_true, predicted, zero_division=0),
        "recall": recall_score(y_true, predicted, zero_division=0),
        "f1": f1_score(y_true, predicted, zero_division=0),
    }
