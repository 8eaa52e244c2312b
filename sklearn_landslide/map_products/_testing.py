"""Test a model for a map: out of fold, without flat ground."""

from dataclasses import dataclass
from itertools import islice

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree
from sklearn.metrics import roc_auc_score

from sklearn_landslide.map_products._shares import choose_on_other_folds
from sklearn_landslide.map_products._training_steps import NoSteps
from sklearn_landslide.metrics import landslide_capture
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


def capture_of(table, probability, folds):
    """Share of the landslides in the most susceptible shares of the other places, out of fold.

    Each landslide counts once, whatever the number of its cells, at their median.

    Parameters
    ----------
    table : Bunch
        As of `sample_stack`.
    probability : ndarray of shape (n_places,)
        Of models that did not see the place.
    folds : list of (train, test)
        Positions.

    Returns
    -------
    capture : list of float or None
        At `CAPTURE_SHARES`; None where no fold has landslides and other places.
    """
    found, weights = [], []
    scored = np.full(len(table.y), True) if table.get("flat") is None else ~table.flat
    for _, test in folds:
        rows = test[scored[test]]
        landslides, others = rows[table.y[rows] == 1], rows[table.y[rows] == 0]
        if not (len(landslides) and len(others)):
            continue
        by_landslide = pd.Series(probability[landslides]).groupby(table.groups[landslides]).median()
        # The other places are the ground; a landslide takes none.
        area = np.repeat([0.0, 1.0], [len(by_landslide), len(others)])
        values = np.concatenate([by_landslide, probability[others]])
        found.append(landslide_capture(area == 0, values, area=area))
        weights.append(len(by_landslide))
    return np.average(found, axis=0, weights=weights).tolist() if found else None


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


@dataclass(frozen=True, eq=False)
class Tested:
    """What testing a model in one kind of folds has found.

    Parameters
    ----------
    probability : ndarray of shape (n_places,)
        Probability of a landslide at each place of the table, flat or not; not a number where no
        fold tested it.
    aucs : list of float
        ROC-AUC by fold, without flat ground.
    with_flat : list of float or None
        The same had flat ground not been left out: with absences drawn anywhere in place of those
        drawn on slopes, if they were drawn, and otherwise with all places. None if nothing was left
        out.
    models : list of classifier
        Those of the folds, in their order; empty if they are not wanted.
    shares : dict of str to (float or None), or None
        What does best on all folds together, as of `choose_on_other_folds`; each fold was scored
        with what does best on the others. None where there is nothing to choose.
    """

    probability: np.ndarray
    aucs: list
    with_flat: list | None
    models: list
    shares: dict | None


def score_folds(
    pipeline, table, *kinds, n_jobs=None, progress=None, keep=False, choose=False, steps=None
):
    """Test a model at places of the table by models that did not see them.

    Parameters
    ----------
    pipeline : classifier
        Cloned, never changed.
    table : Bunch
        As of `training_table`. Places that are ``flat`` are not scored.
    *kinds : list of (train, test)
        Positions, for each kind of folds; all are fitted in one go.
    n_jobs : int or None
        Folds at the same time.
    progress : callable, default=None
        Called as ``progress(n_done, n_all)`` before the first fold and after each one.
    keep : bool, default=False
        Whether the models of the first kind of folds are wanted, too.
    choose : bool, default=False
        Whether the models are networks whose shares are to be chosen.
    steps : TrainingSteps, default=None
        What an unfinished run has kept: its folds are not fitted again, and each new one is kept.

    Returns
    -------
    tested : list of Tested
        One per kind.
    """
    anywhere, groups = table.get("anywhere"), table.get("groups")
    X, y, all_folds = table.X, table.y, [fold for folds in kinds for fold in folds]
    if anywhere is not None:
        X, y, all_folds = _with_anywhere(table, all_folds)
        if groups is not None:
            # No model is trained with those.
            groups = np.concatenate([groups, np.full(len(y) - len(groups), -1)])
    first = len(kinds[0])
    wanted = [choose or (keep and number < first) for number in range(len(all_folds))]
    steps = NoSteps() if steps is None else steps
    found = steps.folds(wanted)
    missing = [number for number in range(len(all_folds)) if number not in found]

    def take(place, fold):
        number = missing[place]
        found[number] = fold.probability(1), fold.kept if wanted[number] else None
        steps.keep_fold(number, *found[number])
        tell()

    def tell():
        if progress is not None:
            progress(len(found), len(all_folds))

    tell()
    out_of_fold(
        pipeline,
        X,
        y,
        [all_folds[number] for number in missing],
        groups=groups,
        responses=("predict_proba",),
        n_jobs=n_jobs,
        keep=_the_model if keep or choose else None,
        take=take,
    )
    parts = iter([(found[number], fold) for number, fold in enumerate(all_folds)])
    return [
        _of_one_kind(table, X, y, folds, [*islice(parts, len(folds))], keep and not number, choose)
        for number, folds in enumerate(kinds)
    ]


def _of_one_kind(table, X, y, folds, parts, keep, choose):
    """Put together what the folds of one kind have found."""
    answers, models = zip(*(fold for fold, _ in parts), strict=True)
    tests = [test for _, (_, test) in parts]
    shares = None
    if choose:
        shares = choose_on_other_folds([*models], table.X, table.y, [test for _, test in folds])
    if shares is not None:
        answers = [
            model.predict_proba(X.iloc[test])[:, model.classes_.tolist().index(1)]
            for model, test in zip(models, tests, strict=True)
        ]
    probability = np.full(len(y), np.nan)
    for answer, test in zip(answers, tests, strict=True):
        probability[test] = answer
    n_rows, flat = len(table.y), table.get("flat")
    own, with_flat = probability[:n_rows], None
    if flat is not None:
        instead = np.full(len(y), True)
        if len(y) > n_rows:
            instead[:n_rows] = table.y == 1
        with_flat = aucs_of(y, probability, [(None, test) for test in tests], instead)
    aucs = aucs_of(table.y, own, folds, None if flat is None else ~flat)
    return Tested(own, aucs, with_flat, [*models] if keep else [], shares)
