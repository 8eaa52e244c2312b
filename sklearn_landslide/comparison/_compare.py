"""Several models on the same folds, through one pipeline, in one table."""

import sys
import time
from functools import partial

import numpy as np
import pandas as pd

from sklearn_landslide._classes import landslide_label_in
from sklearn_landslide._escaping import escaped
from sklearn_landslide._random_state import pass_on_seeds
from sklearn_landslide.comparison._checks import (
    check_for_estimator,
    check_resampling,
    check_weights,
    make_splits,
    name_classes,
    name_undeclared,
    wrap_models,
)
from sklearn_landslide.comparison._inputs import remember_inputs
from sklearn_landslide.comparison._models import default_models
from sklearn_landslide.comparison._result import ModelComparison
from sklearn_landslide.comparison._scoring import HEADINGS, TIMES, scoring_dict
from sklearn_landslide.comparison._threshold import (
    THRESHOLD_METRICS,
    check_threshold,
    metrics_at,
    prior_share,
)
from sklearn_landslide.model_selection import check_rows, out_of_fold


def compare_models(
    models,
    X,
    y,
    *,
    cv=5,
    groups=None,
    sample_weight=None,
    scoring=None,
    threshold="prior",
    categorical_features="from_dtype",
    sequences=None,
    positive_class=None,
    pipeline_params=None,
    random_state=None,
    n_jobs=None,
    verbose=0,
    progress=None,
):
    """Cross-validate several models on the same folds.

    The folds are drawn once, and each model is fitted in every fold, as
    :func:`~sklearn.model_selection.cross_validate` does it. A model's pipeline learns only from
    the training rows of the fold. Every test fold is predicted once, and all scores come from
    these predictions.

    Parameters
    ----------
    models : dict of str to classifier, or None
        The models by name. A classifier is put into
        :func:`~sklearn_landslide.make_landslide_pipeline`; a pipeline, or a search over one, is
        used as it is. None takes :func:`default_models`.
    X : {array-like, DataFrame} of shape (n_samples, n_factors)
        The factors; coordinates do not belong here.
    y : array-like of shape (n_samples,)
        The labels, of two classes.
    cv : int, splitter or iterable of (train, test), default=5
        A number takes that many stratified, shuffled folds; with `groups`, these do not divide a
        group.
    groups : array-like of shape (n_samples,), default=None
        Group of each row, for the splitter.
    sample_weight : array-like of shape (n_samples,), default=None
        Weights of the rows in the fits of every model, such as the confidence in an entry of the
        inventory: training rows of weight 0 are left out. Test rows are scored unweighted.
    scoring : str, callable, list or dict, default=None
        As in ``cross_validate``; the scorers then choose their own thresholds.
        None: accuracy, precision, recall and F1 at `threshold`, ROC-AUC, PR-AUC
        (average precision) and the Brier score.
    threshold : "prior" or float, default="prior"
        Probability from which a place counts as a landslide, for accuracy, precision, recall and
        F1 of every model. ``"prior"``: the share of landslides that the probabilities refer to,
        which is the share in the training rows of the fold or the stated `prevalence`. For
        balanced classes it is 0.5. The number is kept in ``comparison.folds["threshold"]``.
    categorical_features : "from_dtype", array-like or None, default="from_dtype"
        Which factors are categories, for the pipelines that are made here.
    sequences : dict or None, default=None
        Which columns are one variable over time, for the pipelines that are made here: by the name
        of each group a list of columns in order of time, names or positions, or a dict of such
        lists for several variables. Models with a parameter `sequences` that is None get the dict;
        all others get the single columns. None: each model keeps its own `sequences`.
    positive_class : label, default=None
        The label of a landslide. None: it is inferred, which works for 0 and 1, -1 and 1, False
        and True, and for words such as "none" and "landslide" in the languages of many
        inventories. Any other pair is refused.
    pipeline_params : dict, default=None
        Other parameters for ``make_landslide_pipeline``, such as ``{"resample": None}`` or
        ``{"prevalence": 0.02}`` (the share of the positive class).
    random_state : int, RandomState instance or None, default=None
        Seed of the folds, the pipelines and the default models. Models that you pass keep their
        own.
    n_jobs : int, default=None
        Number of folds that are fitted at the same time. It does not change the scores.
    verbose : int, default=0
        1 writes a line to stderr as each model is done.
    progress : callable, default=None
        Called as ``progress(name, n_done, n_all)`` before the first fold of each model and after
        each one; it may raise to stop the work.

    Returns
    -------
    comparison : ModelComparison
        Table, scores by fold, out-of-fold probabilities.

    Raises
    ------
    ValueError
        Before anything is fitted: different numbers of rows and labels, not exactly two classes, a
        class smaller than the number of folds or too small for SMOTE's neighbors, an empty column
        (one hour of a sequence may be empty), infinities, a text column that is not declared
        categorical, `sequences` that do not fit the table, a model without ``predict_proba``, a
        `threshold` that is not a probability, a model that takes no `sample_weight` where one is
        given, or labels that do not say which one is a landslide.
    TypeError
        If `models` is not a dict of classifiers.

    Warns
    -----
    UndeclaredNodataWarning
        If a number or a code, such as -9999, looks like an undeclared nodata value.

    Notes
    -----
    Probabilities refer to the study area: the pipelines that are made here undo the change that
    SMOTE makes to the class shares. Where landslides are rare, hardly any place then has a
    probability above one half, which is why the default threshold is their share. If your own
    pipeline has a sampler that is not undone (a plain one of imbalanced-learn), its threshold is
    the share after resampling. A threshold that a model sets itself, as
    ``TunedThresholdClassifierCV`` does, counts in `scoring` only.

    With `prevalence`, probabilities refer to the study area and the test rows
    to the sample: ROC-AUC, PR-AUC and recall are fair, the Brier score is not.

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
    check_threshold(threshold)
    X, y = check_rows(X, y)
    positive_class = landslide_label_in(y, positive_class)
    model_seed, pipeline_seed, fold_seed = pass_on_seeds(random_state, 3)
    if models is None:
        models = default_models(model_seed)
    shared = {"categorical_features": categorical_features, "random_state": pipeline_seed}
    if sequences is not None:
        shared["sequences"] = sequences
    pipeline_params = {**shared, **(pipeline_params or {})}
    if "prevalence" in pipeline_params:
        prevalence = name_classes(pipeline_params["prevalence"], y, positive_class)
        pipeline_params["prevalence"] = prevalence
    estimators = wrap_models(models, **pipeline_params)
    for estimator in estimators.values():
        check_for_estimator(X, estimator)
    name_undeclared(X, next(iter(estimators.values())))
    splits = make_splits(X, y, cv, groups, fold_seed)
    if sample_weight is not None:
        sample_weight = check_weights(sample_weight, estimators, len(y))
        splits = [(train[sample_weight[train] > 0], test) for train, test in splits]
    for estimator in estimators.values():
        check_resampling(estimator, y, splits)

    inputs = remember_inputs(
        X,
        y == positive_class,
        cv=cv,
        groups=groups,
        splits=splits,
        random_state=random_state,
        estimators=estimators,
        categorical_features=pipeline_params["categorical_features"],
        sequences=sequences,
    )

    scorers = scoring_dict(scoring, positive_class)
    metrics = (*(THRESHOLD_METRICS if scoring is None else ()), *scorers)
    share = partial(prior_share, positive_class=positive_class) if threshold == "prior" else None
    folds, predictions = [], empty_predictions(y == positive_class, splits)
    for name, estimator in estimators.items():
        move = _tell_folds(progress, name, len(splits))
        started = time.perf_counter()
        try:
            tested = out_of_fold(
                estimator,
                X,
                y,
                splits,
                groups=groups,
                sample_weight=sample_weight,
                scoring=scorers,
                responses=("predict_proba",),
                keep=share,
                n_jobs=n_jobs,
                progress=move,
            )
        except Exception as error:
            error.add_note(f"while cross-validating {name!r}")
            raise
        predictions[name] = in_table_order(tested, splits, positive_class, predictions)
        thresholds = [threshold if share is None else fold.kept for fold in tested]
        scores = [fold.scores for fold in tested]
        if scoring is None:
            scores = [
                metrics_at(cut, y[test] == positive_class, fold.probability(positive_class))
                | fold.scores
                for fold, cut, (_, test) in zip(tested, thresholds, splits, strict=True)
            ]
        folds.append(tidy_scores(name, tested, scores, metrics, thresholds, splits))
        if verbose:
            report_progress(name, folds[-1], metrics, time.perf_counter() - started)
    return ModelComparison(
        folds=pd.concat(folds, ignore_index=True),
        predictions=predictions,
        metrics=metrics,
        positive_class=positive_class,
        inputs=inputs,
    )


def tidy_scores(name, tested, scores, metrics, thresholds, splits):
    """Scores of one model, one row per fold."""
    return pd.DataFrame(
        {
            "model": name,
            "fold": range(len(splits)),
            **{metric: [row[metric] for row in scores] for metric in metrics},
            "threshold": np.array(thresholds, dtype=np.float64),
            **{time: [getattr(fold, time) for fold in tested] for time in TIMES},
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


def in_table_order(tested, splits, positive_class, predictions):
    """Probability of the positive class for every line of the predictions."""
    probability = np.full(len(predictions), np.nan)
    fold_of_line = predictions["fold"].to_numpy(dtype=float, na_value=np.nan)
    for number, (fold, (_, test)) in enumerate(zip(tested, splits, strict=True)):
        # The lines of a fold are sorted by row, the test rows need not be.
        order = np.argsort(test, kind="stable")
        probability[fold_of_line == number] = fold.probability(positive_class)[order]
    return probability


def _tell_folds(progress, name, n_folds):
    """Return what notes that one more fold of a model is done; None where nobody asks."""
    if progress is None:
        return None
    done = []

    def move():
        done.append(name)
        progress(name, len(done), n_folds)

    progress(name, 0, n_folds)
    return move


def report_progress(name, scores, metrics, seconds):
    """Write one line about one model to stderr."""
    metric = "roc_auc" if "roc_auc" in metrics else metrics[0]
    mean = scores[metric].mean()
    shown = f"{name}: {HEADINGS.get(metric, metric)}"
    print(f"{escaped(shown)} {mean:.4f}, {seconds:.1f} s", file=sys.stderr)
