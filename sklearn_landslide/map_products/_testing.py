"""Test a model for a map: out of fold, without flat ground, with a bar that moves."""

import sys
from contextlib import contextmanager

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree
from sklearn.metrics import roc_auc_score
from tqdm.auto import tqdm

from sklearn_landslide.model_selection import out_of_fold


@contextmanager
def moving_bar(request, what, total, unit):
    """Show a bar on stderr, if it is wanted.

    Parameters
    ----------
    request : MapRequest
        Whose `progress` says so.
    what : str
        What is done, in a word or two.
    total : int
        Steps to come.
    unit : str
        What a step is.

    Yields
    ------
    move : callable or None
        To be called after each step; None if nobody wants to see it.
    """
    if not request.progress:
        yield None
        return
    with tqdm(desc=what, total=total, unit=unit, file=sys.stderr) as bar:
        yield bar.update


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


def score_folds(pipeline, table, folds, n_jobs, move=None):
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
    """
    flat, anywhere = table.get("flat"), table.get("anywhere")
    X, y, all_folds = table.X, table.y, folds
    if anywhere is not None:
        X, y, all_folds = _with_anywhere(table, folds)
    found = out_of_fold(
        pipeline,
        X,
        y,
        all_folds,
        responses=("predict_proba",),
        n_jobs=n_jobs,
        progress=move,
    )
    probability = np.empty(len(y))
    for fold, (_, test) in zip(found, all_folds, strict=True):
        probability[test] = fold.probability(1)
    n_rows = len(table.y)
    own = probability[:n_rows]
    if flat is None:
        return own, aucs_of(table.y, own, folds), None
    instead = np.full(len(y), True)
    if anywhere is not None:
        instead[:n_rows] = table.y == 1
    return (
        own,
        aucs_of(table.y, own, folds, ~flat),
        aucs_of(y, probability, all_folds, instead),
    )
