"""What `compare_models` asks of its input before anything is fitted."""

import warnings
from collections.abc import Mapping
from numbers import Integral, Real

import numpy as np
import pandas as pd
from imblearn.over_sampling.base import BaseOverSampler
from imblearn.pipeline import Pipeline as ResamplingPipeline
from imblearn.utils import check_sampling_strategy
from sklearn.base import clone
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold, check_cv
from sklearn.pipeline import Pipeline

from sklearn_landslide._categories import categorical_mask, column_names
from sklearn_landslide._codes import as_codes
from sklearn_landslide._factor_tables import check_columns, quantity_values
from sklearn_landslide._frames import as_frame
from sklearn_landslide._hints import hinting
from sklearn_landslide._nodata import UndeclaredNodataWarning
from sklearn_landslide._sample_weight import read_sample_weight, weight_params
from sklearn_landslide._sequences import quantity_series
from sklearn_landslide._undeclared import warn_of_undeclared
from sklearn_landslide._words import plural
from sklearn_landslide.over_sampling import check_neighbors
from sklearn_landslide.pipeline import (
    LandslidePipeline,
    check_classifier,
    make_landslide_pipeline,
    model_sequences,
    step_sequences,
)
from sklearn_landslide.preprocessing import FactorImputer, PlausibleRange

# Columns of the predictions, which hold one more column for each model.
RESERVED_NAMES = ("row", "fold", "y_true")


def is_ready(model):
    """Say whether a model brings its own preprocessing: a pipeline, or a search over one."""
    return isinstance(model, Pipeline) or isinstance(getattr(model, "estimator", None), Pipeline)


def wrap_models(models, *, sequences="from_model", **pipeline_params):
    """Check the models and put each bare classifier into a pipeline.

    A dict of `sequences` also goes to models that read sequences and have none set.
    """
    if not isinstance(models, Mapping) or not models:
        raise TypeError(f"models must be a dict of classifiers by name, got {models!r}.")
    estimators = {}
    for name, model in models.items():
        if not isinstance(name, str) or name in RESERVED_NAMES:
            raise ValueError(
                f"a model is named {name!r}: give a text other than {', '.join(RESERVED_NAMES)}."
            )
        check_classifier(model, f"model {name!r}")
        if not hasattr(model, "predict_proba"):
            raise ValueError(
                f"model {name!r} has no predict_proba: "
                "wrap it in sklearn.calibration.CalibratedClassifierCV."
            )
        if is_ready(model):
            estimators[name] = remember_shares(model)
            continue
        own = sequences
        if isinstance(sequences, Mapping) and model_sequences(model):
            own = "from_model"
        estimators[name] = make_landslide_pipeline(model, sequences=own, **pipeline_params)
    return estimators


def remember_shares(model):
    """Make a plain imbalanced-learn pipeline note what its samplers do to the class shares.

    Its probabilities and predictions stay as they are; with the shares it is known where its
    threshold lies.
    """
    if isinstance(model, Pipeline):
        if type(model) is not ResamplingPipeline:
            return model
        params = model.get_params(deep=False)
        return LandslidePipeline(**params, correct_prior=False, sequences=None)
    if type(model.estimator) is not ResamplingPipeline:
        return model
    return clone(model).set_params(estimator=remember_shares(model.estimator))


def name_classes(prevalence, y, positive_class):
    """Give the share of the positive class by name, whichever label is the greater."""
    if not isinstance(prevalence, Real):
        return prevalence
    (other,) = set(np.unique(y).tolist()) - {positive_class}
    return {other: 1 - prevalence, positive_class: prevalence}


def pipeline_of(estimator):
    """Return a pipeline, or the one that a search is over."""
    return estimator if isinstance(estimator, Pipeline) else estimator.estimator


def pipeline_steps(estimator):
    """Return the steps of a pipeline, or of the pipeline that a search is over."""
    return [step for _, step in pipeline_of(estimator).steps]


def check_for_estimator(X, estimator):
    """Raise for columns that the estimator's pipeline cannot take."""
    # The pipeline gives an array's columns the same names.
    frame = as_frame(X)
    steps = pipeline_steps(estimator)
    imputers = [step for step in steps if isinstance(step, FactorImputer)]
    if not imputers:
        check_columns(frame)
        return
    categorical = categorical_mask(frame, imputers[0].categorical_features)
    series = []
    # Other steps may make the columns that the imputer's sequences name.
    if all(isinstance(step, PlausibleRange) for step in steps[: steps.index(imputers[0])]):
        series = quantity_series(
            step_sequences(pipeline_of(estimator), imputers[0]),
            n_features=frame.shape[1],
            names=column_names(frame),
            is_categorical=categorical,
        )
    check_columns(frame, categorical, series)


def name_undeclared(X, estimator):
    """Warn of values that look like undeclared nodata and that the pipeline would not mask."""
    frame = as_frame(X)
    steps = pipeline_steps(estimator)
    imputers = [step for step in steps if isinstance(step, FactorImputer)]
    which = imputers[0].categorical_features if imputers else "from_dtype"
    is_categorical = categorical_mask(frame, which)
    if isinstance(steps[0], PlausibleRange):
        with warnings.catch_warnings():
            # What it says of single columns is said below, for categories as well.
            warnings.simplefilter("ignore", UndeclaredNodataWarning)
            frame = clone(steps[0]).set_output(transform="pandas").fit_transform(frame)
    columns = {}
    for name, categorical in zip(frame.columns, is_categorical, strict=True):
        column = frame[name]
        columns[name] = pd.Series(as_codes(column)) if categorical else quantity_values(column)
    known = {name: column for name, column in columns.items() if column is not None}
    warn_of_undeclared(known, _remedy, stacklevel=4)


def _remedy(values):
    """Say what to do about values that look like undeclared nodata."""
    return f"replace {', '.join(map(str, values))} by NaN."


def check_groups(groups, n_rows):
    """Return the groups as an array of one type, or raise."""
    if groups is None:
        return None
    if len(groups) != n_rows:
        raise ValueError(f"groups has {len(groups)} values and y has {n_rows}: they must match.")
    missing = np.asarray(pd.isna(np.asarray(groups)))
    if missing.any():
        raise ValueError(
            f"groups is missing in {plural(int(missing.sum()), 'row')} (first at position "
            f"{np.flatnonzero(missing)[0]}): give each row its group, or drop the row."
        )
    if len({isinstance(group, str) for group in np.asarray(groups).ravel().tolist()}) > 1:
        raise ValueError("groups mixes text and numbers: give all of them one type.")
    return groups


def make_splits(X, y, cv, groups, random_state):
    """Draw the folds once, as a list of (train, test) positions."""
    groups = check_groups(groups, len(y))
    if isinstance(cv, Integral):
        if groups is None:
            cv = StratifiedKFold(int(cv), shuffle=True, random_state=random_state)
        else:
            n_groups = len(np.unique(np.asarray(groups)))
            if n_groups < cv:
                raise ValueError(
                    f"groups has {n_groups} different values, fewer than the {cv} folds: "
                    f"lower cv to {n_groups}."
                )
            cv = StratifiedGroupKFold(int(cv), shuffle=True, random_state=random_state)
    if isinstance(cv, StratifiedKFold):
        labels, counts = np.unique(y, return_counts=True)
        if counts.min() < cv.n_splits:
            error = ValueError(
                f"class {labels[counts.argmin()]!s} has {counts.min()} rows, fewer than the "
                f"{cv.n_splits} folds: lower cv, or add rows of that class."
            )
            raise hinting(error, instead={"lower cv": "use fewer folds"})
    splits = list(check_cv(cv, y, classifier=True).split(X, y, groups))
    for fold, (train, _) in enumerate(splits):
        if len(np.unique(y[train])) < 2:
            raise ValueError(
                f"fold {fold} has one class only ({y[train][0]!s}) in its training part: "
                "choose other folds."
            )
    return splits


def check_weights(sample_weight, estimators, n_rows):
    """Return the weights of the rows, or raise if they are none or a model takes none."""
    weights = read_sample_weight(sample_weight, n_rows).astype(np.float64)
    for name, estimator in estimators.items():
        try:
            weight_params(estimator, weights)
        except ValueError as error:
            raise ValueError(f"model {name!r}: {error}") from None
    return weights


def check_resampling(estimator, y, splits):
    """Raise if a class is too small, in the training part of a fold, for SMOTE's neighbors."""
    for step in pipeline_steps(estimator):
        if not (isinstance(step, BaseOverSampler) and hasattr(step, "k_neighbors")):
            continue
        for fold, (train, _) in enumerate(splits):
            wanted = check_sampling_strategy(step.sampling_strategy, y[train], "over-sampling")
            try:
                check_neighbors(y[train], wanted, step.k_neighbors)
            except ValueError as error:
                where = ValueError(f"training part of fold {fold}: {error}")
                raise hinting(where, instead=error.instead) from None
