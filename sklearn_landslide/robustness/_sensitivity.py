"""Models fitted on perturbed rows, and what that costs on clean held-out ones."""

from collections import Counter
from collections.abc import Mapping
from contextlib import ExitStack
from itertools import groupby
from numbers import Integral

import numpy as np
import pandas as pd
from sklearn.utils.parallel import Parallel, delayed

from sklearn_landslide._classes import landslide_label_in
from sklearn_landslide._frames import as_frame
from sklearn_landslide._random_state import draw_seeds
from sklearn_landslide._words import listed
from sklearn_landslide.comparison import make_splits
from sklearn_landslide.model_selection import check_coordinates, check_rows
from sklearn_landslide.pipeline import check_classifier
from sklearn_landslide.robustness._default_perturbations import default_perturbations
from sklearn_landslide.robustness._digests import fit_digest, table_words
from sklearn_landslide.robustness._fit import (
    TRUTH,
    UNPERTURBED,
    FitKey,
    fit_and_score,
    generator_for,
    perturbed,
    raise_error,
    with_seeds,
)
from sklearn_landslide.robustness._fits_file import FitsFile
from sklearn_landslide.robustness._perturbation import FoldRows, Perturbation
from sklearn_landslide.robustness._result import SensitivityInputs, SensitivityResult

SCORING = ("roc_auc", "average_precision", "neg_brier_score")


def sensitivity(
    estimator,
    X,
    y,
    *,
    cv=5,
    perturbations=None,
    scoring=SCORING,
    n_repeats=3,
    coordinates=None,
    groups=None,
    stack=None,
    true_probability=None,
    positive_class=None,
    on_error="skip",
    random_state=None,
    n_jobs=None,
    fits_file=None,
    progress=None,
):
    """Tell how much worse models get where factors, labels or positions are poor.

    In every fold each model is fitted on the training rows as they are and on the same rows
    perturbed, and scored on the held-out rows, which stay clean. The loss is the difference of
    the two scores. Factors that are left out, added, or noisy in all rows are so in the held-out
    rows as well; labels never change there.

    Parameters
    ----------
    estimator : classifier or dict of str to classifier
        A pipeline, or several by name, unfitted. It is fitted as it is: put a bare model into
        :func:`~sklearn_landslide.make_landslide_pipeline` first. Every `random_state` in it that
        is None gets one number, the same for all fits, so that no loss comes of the seed.
    X : {array-like, DataFrame} of shape (n_samples, n_factors)
        The factors.
    y : array-like of shape (n_samples,)
        The labels, of two classes. Models get 1 for landslide and 0 for none.
    cv : int, splitter or iterable of (train, test), default=5
        The folds, as in :func:`~sklearn_landslide.compare_models`.
    perturbations : list of Perturbation, default=None
        What is done. None: :func:`default_perturbations`.
    scoring : str, list, tuple or dict, \
            default=("roc_auc", "average_precision", "neg_brier_score")
        As in ``cross_validate``; of every score more is better.
    n_repeats : int, default=3
        How often each perturbation is drawn again, in every fold.
    coordinates : {array-like, DataFrame} of shape (n_samples, 2), default=None
        x and y of the rows, in the units of the stack.
    groups : array-like of shape (n_samples,), default=None
        Which rows belong together, such as the cells of one landslide: perturbations treat them
        alike, and folds do not divide them.
    stack : xarray.Dataset, default=None
        The rasters that the table was made of, from :func:`~sklearn_landslide.mapping.open_stack`.
        Shifted positions and other absences need it; without it they are skipped, and the result
        says so.
    true_probability : array-like of shape (n_samples,), default=None
        Where it is known, as of :func:`~sklearn_landslide.datasets.make_landslides`: adds the
        metric ``"truth_rank_correlation"``, Spearman's correlation of the probabilities with it.
    positive_class : label, default=None
        The label of a landslide. None: it is inferred, as from 0 and 1.
    on_error : {"skip", "raise"}, default="skip"
        What becomes of a perturbed fit that raises a ValueError, such as one with too few
        landslides left for SMOTE: its scores are missing and the result says why, or the error is
        raised. Unperturbed fits always raise it.
    random_state : int, RandomState instance or None, default=None
        Seed of the folds, of the perturbations, and of models that have none.
    n_jobs : int, default=None
        Number of fits at the same time. It does not change the result.
    fits_file : str or path-like, default=None
        A CSV file to which every fit is written as it is done. With the same file, table and
        seed, a call that was interrupted goes on where it was; further models, perturbations and
        levels can be added. None: nothing is kept.
    progress : callable, default=None
        Called with the number of fits that are done and of all fits; first before any.

    Returns
    -------
    result : SensitivityResult
        Losses, their means with standard errors, ranks of the models, all in words.

    Raises
    ------
    ValueError
        For input that :func:`~sklearn_landslide.compare_models` also refuses, two perturbations of
        one name, a perturbation that does not fit the table, or a stack that is not the one of the
        table.
    TypeError
        For perturbations that are none.

    See Also
    --------
    sklearn_landslide.compare_models : Compares models on clean rows.
    sklearn_landslide.plotting.SensitivityDisplay : Draws the losses.

    Notes
    -----
    Every fit depends on its own seed alone, made of `random_state`, the perturbation, the
    repeat and the fold. All models, and all levels, meet the same draws: 20 % wrong labels are
    the 10 % and as many more.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn_landslide import make_landslide_pipeline
    >>> from sklearn_landslide.datasets import make_landslides
    >>> from sklearn_landslide.robustness import WrongLabels, sensitivity
    >>> region = make_landslides(400, as_frame=True, random_state=0)
    >>> pipeline = make_landslide_pipeline(LogisticRegression(), resample=None)
    >>> result = sensitivity(
    ...     pipeline, region.data, region.target, perturbations=[WrongLabels((0.3,))],
    ...     n_repeats=1, random_state=0,
    ... )
    >>> bool(result.summary("roc_auc")["loss"].iloc[0] > 0)
    True
    """
    if not isinstance(n_repeats, Integral) or n_repeats < 1:
        raise ValueError(f"n_repeats must be a whole number of at least 1, got {n_repeats!r}.")
    if on_error not in ("skip", "raise"):
        raise ValueError(f"on_error must be 'skip' or 'raise', got {on_error!r}.")
    X, y = check_rows(X, y)
    y = (y == landslide_label_in(y, positive_class)).astype(np.int64)
    fold_seed, seed = draw_seeds(random_state, 2)
    if isinstance(random_state, Integral):
        # The folds that compare_models draws with this seed.
        fold_seed = int(random_state)
    splits = make_splits(X, y, cv, groups, fold_seed)
    rows = _all_rows(as_frame(X), y, coordinates, groups, stack)
    truth = _check_truth(true_probability, len(y))
    scoring = _check_scoring(scoring)
    metrics = [*scoring, *([] if truth is None else [TRUTH])]
    estimators = _check_models(estimator, seed)
    perturbations = _check_perturbations(perturbations)
    skipped = {one.name: why for one in perturbations if (why := one.why_not(rows))}
    done_to = [one for one in perturbations if one.name not in skipped]

    wanted = list(_fits(estimators, done_to, rows, n_repeats, len(splits)))
    by_name = {one.name: one for one in done_to} | {UNPERTURBED: None}
    shared = None if fits_file is None else table_words(rows, splits, truth, scoring, seed)
    digests = {
        (model, name): "" if shared is None else fit_digest(shared, estimators[model], one)
        for model in estimators
        for name, one in by_name.items()
    }
    with ExitStack() as open_files:
        file = None
        if fits_file is not None:
            file = open_files.enter_context(FitsFile(fits_file, metrics))
        done = {}
        for key in wanted if file is not None else []:
            scores = file.find(digests[key.model, key.perturbation], key)
            if scores is not None:
                done[key] = scores
        tell = progress or (lambda n_done, n_all: None)
        tell(len(done), len(wanted))
        todo = [key for key in wanted if key not in done]
        jobs = _jobs(todo, estimators, by_name, rows, splits, seed, scoring, truth, on_error)
        run = Parallel(n_jobs=n_jobs, pre_dispatch="2*n_jobs", return_as="generator")
        for key, scores in run(jobs):
            done[key] = scores
            if file is not None:
                file.add(digests[key.model, key.perturbation], key, scores)
            tell(len(done), len(wanted))
    return SensitivityResult(
        table=_tidy(wanted, done, metrics),
        perturbations=tuple(done_to),
        metrics=tuple(metrics),
        skipped=skipped,
        failures=_failures(wanted, done),
        inputs=SensitivityInputs(rows, estimators, seed, n_repeats),
    )


def _all_rows(X, y, coordinates, groups, stack):
    """Put together what is known of the rows."""
    if not X.columns.is_unique:
        raise ValueError(f"X has two columns named {X.columns[X.columns.duplicated()][0]!r}.")
    # Names of other types would not be names to a pipeline.
    X = X.set_axis([str(name) for name in X.columns], axis=1)
    if coordinates is not None:
        if (n_points := len(check_coordinates(coordinates))) != len(y):
            raise ValueError(f"coordinates has {n_points} points and y has {len(y)} labels.")
        if isinstance(coordinates, pd.DataFrame) and {"x", "y"} <= set(coordinates.columns):
            coordinates = coordinates[["x", "y"]]
        # In the units of the stack, which need not be meters.
        coordinates = np.asarray(coordinates, dtype=np.float64)
    groups = None if groups is None else np.asarray(groups)
    return FoldRows(X, y, np.arange(len(y)), coordinates, groups, stack)


def _check_truth(truth, n_rows):
    """Return true probabilities as an array."""
    if truth is None:
        return None
    truth = np.asarray(truth, dtype=np.float64)
    if truth.shape != (n_rows,) or not ((truth >= 0) & (truth <= 1)).all():
        raise ValueError(f"true_probability must be {n_rows} numbers from 0 to 1, one per row.")
    return truth


def _check_scoring(scoring):
    """Return scorers by name, or a list of their names."""
    if isinstance(scoring, Mapping):
        return dict(scoring)
    if callable(scoring):
        return {"score": scoring}
    return [scoring] if isinstance(scoring, str) else list(scoring)


def _check_models(estimator, seed):
    """Return the models by name, with seeds."""
    if isinstance(estimator, Mapping):
        if not estimator:
            raise ValueError("estimator is empty: give at least one model.")
        models = dict(estimator)
    else:
        last = estimator.steps[-1][1] if hasattr(estimator, "steps") else estimator
        models = {type(last).__name__: estimator}
    for name, model in models.items():
        if not isinstance(name, str):
            raise ValueError(f"a model is named {name!r}: give a text.")
        check_classifier(model, f"model {name!r}")
    return {name: with_seeds(model, seed) for name, model in models.items()}


def _check_perturbations(perturbations):
    """Return the perturbations, each of another name."""
    perturbations = default_perturbations() if perturbations is None else perturbations
    if isinstance(perturbations, Perturbation):
        perturbations = [perturbations]
    perturbations = list(perturbations)
    if not perturbations:
        raise ValueError("perturbations is empty: give at least one.")
    for one in perturbations:
        if not isinstance(one, Perturbation):
            raise TypeError(f"{one!r} is not a Perturbation: see sklearn_landslide.robustness.")
    names = [one.name for one in perturbations]
    if repeated := [name for name in names if names.count(name) > 1 or name == UNPERTURBED]:
        raise ValueError(
            f"perturbations need names of their own; {listed(dict.fromkeys(repeated))} is taken. "
            "Give one perturbation all its levels."
        )
    return perturbations


def _fits(models, perturbations, rows, n_repeats, n_folds):
    """Name all fits: the unperturbed ones, then draw by draw, so that early losses are complete."""
    for fold in range(n_folds):
        for model in models:
            yield FitKey(model, UNPERTURBED, 0.0, 0, fold)
    for repeat in range(n_repeats):
        for one in perturbations:
            if repeat and not one.is_random:
                continue
            for level in one.levels_for(rows):
                for fold in range(n_folds):
                    for model in models:
                        level = level if isinstance(level, str) else float(level)
                        yield FitKey(model, one.name, level, repeat, fold)


def _jobs(fits, models, perturbations, rows, splits, seed, scoring, truth, on_error):
    """Make the calls of all fits; the rows are perturbed once for all models."""

    def same_rows(key):
        return key.perturbation, key.level, key.repeat, key.fold

    for (name, level, repeat, fold), keys in groupby(fits, same_rows):
        train, test = (rows.take(part) for part in splits[fold])
        own_truth = None if truth is None else truth[test.rows]
        try:
            rng = generator_for(seed, name, repeat, fold)
            train, test = perturbed(perturbations[name], train, test, level, rng)
        except Exception as error:
            error.add_note(f"perturbation {name!r} at the level {level} in fold {fold}")
            # joblib asks for jobs in a thread of its own, where an error would be lost.
            yield delayed(raise_error)(error)
            return
        for key in keys:
            # Without their positions and rasters, which no model is given.
            parts = [(part.X, part.y, part.groups) for part in (train, test)]
            job = (models[key.model], *parts, scoring, own_truth)
            yield delayed(fit_and_score)(key, *job, on_error)


def _tidy(fits, done, metrics):
    """Lay out all scores, one row per fit and metric, with the losses."""
    lines = []
    for key in fits:
        scores = done[key]
        clean = done[FitKey(key.model, UNPERTURBED, 0.0, 0, key.fold)].scores
        for metric in metrics:
            lines.append(
                {
                    "model": key.model,
                    "perturbation": key.perturbation,
                    "level": key.level,
                    "repeat": key.repeat,
                    "fold": key.fold,
                    "metric": metric,
                    "score": scores.scores[metric],
                    "loss": clean[metric] - scores.scores[metric],
                    "n_train": scores.n_train,
                    "n_test": scores.n_test,
                    "fit_time": scores.fit_time,
                }
            )
    return pd.DataFrame(lines).astype({"level": object})


def _failures(fits, done):
    """Count the fits that failed, with the reason of the first one, for each case that has any."""
    found, counts = {}, Counter()
    for key in fits:
        case = (key.model, key.perturbation, key.level)
        counts[case] += 1
        if done[key].failure:
            n_failed, why = found.get(case, (0, done[key].failure))
            found[case] = (n_failed + 1, why)
    return {case: (n_failed, counts[case], why) for case, (n_failed, why) in found.items()}
