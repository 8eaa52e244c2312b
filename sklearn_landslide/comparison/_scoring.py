"""The metrics of a comparison: the paper's six and the Brier score."""

from collections.abc import Mapping

import numpy as np
from sklearn.metrics import (
    average_precision_score,
    brier_score_loss,
    make_scorer,
    roc_auc_score,
)

HEADINGS = {
    "accuracy": "Accuracy",
    "precision": "Precision",
    "recall": "Recall",
    "f1": "F1",
    "roc_auc": "ROC-AUC",
    "pr_auc": "PR-AUC",
    "brier": "Brier",
    "fit_time": "Fit (s)",
    "score_time": "Score (s)",
}
TIMES = ("fit_time", "score_time")


def roc_auc_of_class(y_true, y_score, *, pos_label):
    """Area under the ROC curve when `pos_label` may be either of the two labels."""
    return roc_auc_score(np.asarray(y_true) == pos_label, y_score)


def default_scoring(positive_class):
    """Scorers of the metrics of probabilities; those at a threshold are made elsewhere."""
    by_probability = {"pos_label": positive_class, "response_method": "predict_proba"}
    return {
        "roc_auc": make_scorer(roc_auc_of_class, **by_probability),
        "pr_auc": make_scorer(average_precision_score, **by_probability),
        # Without a change of sign: a table shows the score, nothing maximizes it.
        "brier": make_scorer(brier_score_loss, **by_probability),
    }


def scoring_dict(scoring, positive_class):
    """Give every form of `scoring` a name for each metric."""
    if scoring is None:
        return default_scoring(positive_class)
    if isinstance(scoring, Mapping):
        return dict(scoring)
    if callable(scoring):
        return {"score": scoring}
    return {name: name for name in ([scoring] if isinstance(scoring, str) else scoring)}
