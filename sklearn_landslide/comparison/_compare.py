"""Several models on the same folds, through one pipeline, in one table."""

import sys

import numpy as np
import pandas as pd
from sklearn.model_selection import cross_validate

from sklearn_landslide.comparison._checks import (
    check_classes,
    check_for_estimator,
    check_resampling,
    check_rows,
    make_splits,
    wrap_models,
)
from sklearn_landslide.comparison._models import default_models
from sklearn_landslide.comparison._result import ModelComparison
from sklearn_landslide.comparison._scoring import HEADINGS, TIMES, scoring_dict
from sklearn_landslide.pipeline import draw_seeds


def compare_models(
    models,
    X,
    y,
    *,
    cv=5,
    groups=None,
    scoring=None,
    categorical_features="from_dtype",
    positive_class=None,
    pipeline_params=None,
    random_state=None,
    n_jobs=None,
    verbose=0,
):
    """Cross-validate several models on the same folds.

    Each model goes through :func:`~sklearn.model_selection.cross_validate` as it
    is, with folds that are drawn once. What a model's pipeline learns, it learns
    from the training rows of the fold.

    Parameters
    ----------
    models : dict of str to classifier, or None
        The models by name. A classifier is put into
        :func:`~sklearn_landslide.make_landslide_pipeline`; a pipeline, or a
        search over one, is used as it is. None is :func:`default_models`.
    X : {array-like, DataFrame} of shape (n_samples, n_factors)
        The factors; coordinates do not belong here.
    y : array-like of shape (n_samples,)
        The labels, of two kinds.
    cv : int, splitter or iterable of (train, test), default=5
        A number stands for stratified, shuffled folds, and with `groups` for
        stratified folds that do not divide a group.
    groups : array-like of shape (n_samples,), default=None
        Group of each row, for the splitter.
    scoring : str, callable, list or dict, default=None
        As in ``cross_validate``. None: accuracy, precision, recall, F1, ROC-AUC,
        PR-AUC (average precision) and the Brier score.
    categorical_features : "from_dtype", array-like or None, default="from_dtype"
        Which factors are categories, for the pipelines that are made here.
    positive_class : label, default=None
        The label of a landslide. None is the greater of the two, so 1 of 0 and
        1; for text it is the last in alphabetical order.
    pipeline_params : dict, default=None
        Further parameters for ``make_landslide_pipeline``, such as
        ``{"resample": None}``.
    random_state : int, RandomState instance or None, default=None
        Seed of the folds, the pipelines and the default models. Models that are
        given keep their own.
    n_jobs : int, default=None
        Folds that are fitted at the same time. The scores do not depend on it.
    verbose : int, default=0
        1 writes a line to stderr as each model is done.

    Returns
    -------
    comparison : ModelComparison
        Table, scores by fold, out-of-fold probabilities.

    Raises
    ------
    ValueError
        Before anything is fitted: rows and labels of different number, not
        exactly two classes, a class smaller than the number of folds or too
        small for SMOTE's neighbours, an empty column, infinities, a text column
        that is not declared categorical, a model without ``predict_proba``.
    TypeError
        If `models` is no dict of classifiers.

    Notes
    -----
    Under resampling (the default) the Brier score is that of probabilities for
    balanced classes: on tables with few landslides it says more about the
    balancing than about the model.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.naive_bayes import GaussianNB
    >>> from sklearn_landslide import compare_models
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(200, 3))
    >>> y = (X[:, 0] + rng.normal(size=200) > 0).astype(int)
    >>> models = {"LR": LogisticRegression(), "NB": GaussianNB()}
    >>> comparison = compare_models(models, X, y, random_state=0)
    >>> bool((comparison.table["roc_auc"] > 0.7).all())
    True
    >>> print(comparison.to_markdown(digits=2).splitlines()[0])
    | Model | Accuracy | Precision | Recall | F1 | ROC-AUC | PR-AUC | Brier | Fit (s) | Score (s) |
    """
    X, y = check_rows(X, y)
    positive_class = check_classes(y, positive_class)
    model_seed, pipeline_seed, fold_seed = draw_seeds(random_state, 3)
    if models is None:
        models = default_models(model_seed)
    shared = {"categorical_features": categorical_features, "random_state": pipeline_seed}
    estimators = wrap_models(models, **{**shared, **(pipeline_params or {})})
    for estimator in estimators.values():
        check_for_estimator(X, estimator)
    splits = make_splits(X, y, cv, groups, fold_seed)
    for estimator in estimators.values():
        check_resampling(estimator, y, splits)

    scorers = scoring_dict(scoring, positive_class)
    folds, predictions = [], empty_predictions(y == positive_class, splits)
    for name, estimator in estimators.items():
        try:
            result = cross_validate(
                estimator,
                X,
                y,
                cv=splits,
                scoring=scorers,
                n_jobs=n_jobs,
                return_estimator=True,
                error_score="raise",
            )
        except Exception as error:
            error.add_note(f"while cross-validating {name!r}")
            raise
        folds.append(tidy_scores(name, result, scorers, splits))
        predictions[name] = out_of_fold(result["estimator"], X, positive_class, predictions)
        if verbose:
            report_progress(name, folds[-1], scorers)
    return ModelComparison(
        folds=pd.concat(folds, ignore_index=True),
        predictions=predictions,
        metrics=tuple(scorers),
        positive_class=positive_class,
    )


def tidy_scores(name, result, scorers, splits):
    """Scores of one model, one row a fold."""
    return pd.DataFrame(
        {
            "model": name,
            "fold": range(len(splits)),
            **{metric: result[f"test_{metric}"] for metric in scorers},
            **{time: result[time] for time in TIMES},
            "n_train": [len(train) for train, _ in splits],
            "n_test": [len(test) for _, test in splits],
        }
    )


def empty_predictions(is_positive, splits):
    """Rows, folds and labels of the predictions, before any model."""
    tested = np.concatenate([test for _, test in splits])
    folds = np.repeat(np.arange(len(splits)), [len(test) for _, test in splits])
    untested = np.setdiff1d(np.arange(len(is_positive)), tested)
    frame = pd.DataFrame(
        {
            "row": np.concatenate([tested, untested]),
            "fold": pd.array([*folds, *[pd.NA] * len(untested)], dtype="Int64"),
        }
    )
    frame["y_true"] = is_positive[frame["row"]].astype(int)
    # Fold order within a row is that of the concatenation, as the sort is stable.
    return frame.sort_values("row", kind="stable", ignore_index=True)


def out_of_fold(fitted, X, positive_class, predictions):
    """Probability of the positive class for every line of the predictions."""
    probability = np.full(len(predictions), np.nan)
    fold_of_line = predictions["fold"].to_numpy(dtype=float, na_value=np.nan)
    position = predictions["row"].to_numpy()
    for fold, estimator in enumerate(fitted):
        lines = np.flatnonzero(fold_of_line == fold)
        rows = position[lines]
        part = X.iloc[rows] if isinstance(X, pd.DataFrame) else X[rows]
        column = list(estimator.classes_).index(positive_class)
        probability[lines] = estimator.predict_proba(part)[:, column]
    return probability


def report_progress(name, scores, scorers):
    """Write one line about one model to stderr."""
    metric = "roc_auc" if "roc_auc" in scorers else next(iter(scorers))
    seconds = scores[list(TIMES)].to_numpy().sum()
    mean = scores[metric].mean()
    print(f"{name}: {HEADINGS.get(metric, metric)} {mean:.4f}, {seconds:.1f} s", file=sys.stderr)
