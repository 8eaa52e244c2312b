"""Test a model for a map: out of fold, without flat ground."""

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree
from sklearn.metrics import roc_auc_score

from sklearn_landslide.model_selection import out_of_fold


def aucs_of(y, probability, folds, scored=None):
    """ROC-AUC of each test fold that has both classes.

    Parameters
    ----------
    y, probability : ndarray of shape (n_places,)
        Labels, and probabilities of models that did not see the place.
    folds : list of (train, test)
        Positions.
    scored : ndarray of bool of shape (n_places,), default=None
        The places that count; None: all do.

    Returns
    -------
    aucs : list of float
    """
    tests = [test if scored is None else test[scored[test]] for _, test in folds]
    return [
        float(roc_auc_score(y[test], probability[test]))
        for test in tests
        if len(test) and 0 < y[test].mean() < 1
    ]


def _with_anywhere(table, folds):
    """Add places to the table that are only tested: each with the fold of the nearest one.

    No place of the training of that fold is nearer to it than one that is tested there.
    """
    tree = cKDTree(table.coordinates.to_numpy())
    _, nearest = tree.query(table.anywhere.coordinates.to_numpy())
    n_rows = len(table.y)
    X = pd.concat([table.X, table.anywhere.X], ignore_index=True).astype(table.X.dtypes)
    y = np.concatenate([table.y, table.anywhere.y])
    more = [
        (train, np.concatenate([test, n_rows + np.flatnonzero(np.isin(nearest, test))]))
        for train, test in folds
    ]
    return X, y, more


def _the_model(model, y):
    """Keep the model of a fold."""
    return model


def score_folds(pipeline, table, folds, n_jobs, move=None, *, keep_models=False):
    """Test a model at each place of the table by one that did not see it.

    Parameters
    ----------
    pipeline : classifier
        Cloned, never changed.
    table : Bunch
        As of `training_table`. Places that are ``flat`` are not scored.
    folds : list of (train, test)
        Positions; each place is tested once.
    n_jobs : int or None
        Folds at the same time.
    move : callable, default=None
        Called after each fold.
    keep_models : bool, default=False
        Whether the models of the folds are wanted, too.

    Returns
    -------
    probability : ndarray of shape (n_places,)
        Probability of a landslide at each place of the table, flat or not.
    aucs : list of float
        ROC-AUC by fold, without flat ground.
    with_flat : list of float or None
        The same had flat ground not been left out: with absences drawn anywhere in place of those
        drawn on slopes, if they were drawn, and otherwise with all places. None if nothing was left
        out.
    models : list of classifier
        Those of the folds, in their order; empty if they are not wanted.
    """
    flat, anywhere = table.get("flat"), table.get("anywhere")
    X, y, all_folds, groups = table.X, table.y, folds, table.get("groups")
    if anywhere is not None:
        X, y, all_folds = _with_anywhere(table, folds)
        if groups is not None:
            # No model is trained with those.
            groups = np.concatenate([groups, np.full(len(y) - len(groups), -1)])
    found = out_of_fold(
        pipeline,
        X,
        y,
        all_folds,
        groups=groups,
        responses=("predict_proba",),
        n_jobs=n_jobs,
        keep=_the_model if keep_models else None,
        progress=move,
    )
    models = [fold.kept for fold in found] if keep_models else []
    probability = np.empty(len(y))
    for fold, (_, test) in zip(found, all_folds, strict=True):
        probability[test] = fold.probability(1)
    n_rows = len(table.y)
    own = probability[:n_rows]
    if flat is None:
        return own, aucs_of(table.y, own, folds), None, models
    instead = np.full(len(y), True)
    if anywhere is not None:
        instead[:n_rows] = table.y == 1
    return (
        own,
        aucs_of(table.y, own, folds, ~flat),
        aucs_of(y, probability, all_folds, instead),
        models,
    )
