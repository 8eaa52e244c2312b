"""One fold: a model fitted on the training rows, and scored on test rows with shuffled factors."""

from dataclasses import dataclass

import numpy as np
from sklearn.metrics import check_scoring

from sklearn_landslide.inspection._strata import exchanged, strata
from sklearn_landslide.model_selection import out_of_fold

_CLEAN = "clean"


@dataclass(frozen=True, eq=False)
class Shuffling:
    """What is shuffled, and how.

    Parameters
    ----------
    units : dict of str to list of str
        Columns that are shuffled together, by the name of the factor or group.
    conditional : tuple of bool
        Whether within strata of the other factors; one or both.
    n_repeats : int
        Draws of each.
    scoring : str or callable
        One scorer.
    numbers : ndarray of shape (n_rows, n_numbers) or None
        The table as strata need it; None without them.
    places : list of slice or None
        Where its columns are.
    """

    units: dict
    conditional: tuple
    n_repeats: int
    scoring: object
    numbers: np.ndarray | None = None
    places: list | None = None


def with_exchanged(frame, columns, donors):
    """Return a table whose columns have the values of other rows, in their own types.

    Parameters
    ----------
    frame : DataFrame of shape (n_rows, n_columns)
        It stays as it is.
    columns : list of str
        Which columns are exchanged, all of them equally.
    donors : ndarray of int of shape (n_rows,)
        Position of the row that each row gets its values from.

    Returns
    -------
    frame : DataFrame of shape (n_rows, n_columns)
    """
    other = frame.copy()
    for name in columns:
        other[name] = frame[name].array.take(donors)
    return other


def with_both_classes(splits, y):
    """Tell folds whose test rows are of both classes from those that must be left out.

    Parameters
    ----------
    splits : list of (train, test)
        The folds.
    y : ndarray of int of shape (n_rows,)
        1 for landslide, 0 for none.

    Returns
    -------
    used : list of int
        Numbers of the folds that count.
    left_out : dict of int to str
        Why each other one does not.

    Raises
    ------
    ValueError
        If there is none.
    """
    left_out = {}
    for fold, (_, test) in enumerate(splits):
        if np.ptp(y[test]) == 0:
            kind = "landslides" if y[test][0] else "places without a landslide"
            left_out[fold] = f"its {len(test)} test rows are all {kind}"
    used = [fold for fold in range(len(splits)) if fold not in left_out]
    if not used:
        raise ValueError(
            f"the test rows of each of the {len(splits)} folds are of one class: take fewer or "
            "larger folds."
        )
    return used, left_out


def fold_losses(estimator, X, y, split, groups, shuffling, seed):
    """Fit a clone on the training rows, and say what shuffling costs on the test rows.

    Parameters
    ----------
    estimator : classifier
        Cloned.
    X : DataFrame of shape (n_rows, n_factors)
        The factors.
    y : ndarray of int of shape (n_rows,)
        1 for landslide, 0 for none.
    split : tuple of (train, test)
        Rows.
    groups : ndarray of shape (n_rows,) or None
        Which rows are one landslide: told to the model.
    shuffling : Shuffling
        What is shuffled.
    seed : int
        Seed of the fold. All factors are shuffled in the same way.

    Returns
    -------
    score : float
        Of the test rows as they are.
    losses : dict of (str, bool, int) to float
        For each factor, whether within strata, and draw: the score less that of shuffled rows.
    unmoved : dict of str to float
        For each factor the share of test rows that are alone in their stratum; empty without.
    """
    train, test = split
    whole = np.zeros(len(test), dtype=np.intp)
    strata_of, unmoved = dict.fromkeys(((name, False) for name in shuffling.units), whole), {}
    if True in shuffling.conditional:
        for name, columns in shuffling.units.items():
            places = [X.columns.get_loc(column) for column in columns]
            found = strata(shuffling.numbers, shuffling.places, train, test, places, seed)
            strata_of[name, True] = found
            alone = np.unique(found, return_counts=True)[1] == 1
            unmoved[name] = float(alone.sum() / len(test))
    scorer = check_scoring(estimator, scoring=shuffling.scoring)

    def score_shuffled(fitted, X_test, y_test):
        scores = {_CLEAN: scorer(fitted, X_test, y_test)}
        for name, columns in shuffling.units.items():
            for is_conditional in shuffling.conditional:
                for repeat in range(shuffling.n_repeats):
                    rng = np.random.default_rng([seed, repeat])
                    donors = exchanged(strata_of[name, is_conditional], rng)
                    other = with_exchanged(X_test, columns, donors)
                    scores[name, is_conditional, repeat] = scorer(fitted, other, y_test)
        return scores

    (fold,) = out_of_fold(estimator, X, y, [split], groups=groups, scoring=score_shuffled)
    scores = dict(fold.scores)
    clean = scores.pop(_CLEAN)
    return clean, {key: clean - score for key, score in scores.items()}, unmoved
