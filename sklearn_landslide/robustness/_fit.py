"""One fit of a model on perturbed rows, and its scores on the held-out ones."""

import zlib
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import spearmanr
from sklearn.base import clone

from sklearn_landslide.model_selection import out_of_fold

# How well probabilities put the held-out places in order, where the truth is known.
TRUTH = "truth_rank_correlation"
UNPERTURBED = "none"


@dataclass(frozen=True)
class FitKey:
    """What names a fit.

    Parameters
    ----------
    model, perturbation : str
        Names.
    level : float or str
        The level; 0 for the unperturbed fit.
    repeat, fold : int
        Which draw of the perturbation, and which fold.
    """

    model: str
    perturbation: str
    level: float | str
    repeat: int
    fold: int


@dataclass(frozen=True)
class FitScores:
    """What is left of a fit.

    Parameters
    ----------
    n_train, n_test : int
        Rows of both parts.
    fit_time : float
        Seconds.
    scores : dict of str to float
        Of each metric; missing where the fit failed.
    failure : str, default=""
        Why it failed.
    """

    n_train: int
    n_test: int
    fit_time: float
    scores: dict
    failure: str = ""


def with_seeds(estimator, seed):
    """Return a clone in which every `random_state` that is None is a number.

    Parameters
    ----------
    estimator : estimator
        It stays as it is.
    seed : int
        The number.

    Returns
    -------
    clone : estimator

    Examples
    --------
    >>> from sklearn.ensemble import RandomForestClassifier
    >>> from sklearn_landslide.robustness._fit import with_seeds
    >>> with_seeds(RandomForestClassifier(), 7).random_state
    7
    >>> with_seeds(RandomForestClassifier(random_state=1), 7).random_state
    1
    """
    estimator = clone(estimator)
    names = [
        name
        for name, value in estimator.get_params(deep=True).items()
        if value is None and (name == "random_state" or name.endswith("__random_state"))
    ]
    return estimator.set_params(**dict.fromkeys(names, seed))


def generator_for(seed, perturbation, repeat, fold):
    """Make the random numbers of a perturbation in a fold: the same ones at every level.

    Parameters
    ----------
    seed : int
        Seed of everything.
    perturbation : str
        Its name.
    repeat, fold : int
        Which draw, in which fold.

    Returns
    -------
    rng : numpy.random.Generator
    """
    return np.random.default_rng([seed, zlib.crc32(perturbation.encode()), repeat, fold])


def perturbed(perturbation, train, test, level, rng):
    """Perturb the rows of a fold, and check that what is scored stays what it is.

    Parameters
    ----------
    perturbation : Perturbation or None
        None: the rows as they are.
    train, test : FoldRows
        The rows.
    level : float or str
        The level; the neutral one changes nothing.
    rng : numpy.random.Generator
        Random numbers.

    Returns
    -------
    train, test : FoldRows
    """
    if perturbation is None or (perturbation.neutral is not None and level == perturbation.neutral):
        return train, test
    new_train, new_test = perturbation.apply(train, test, level, rng)
    if not np.array_equal(new_test.y, test.y):
        raise ValueError("a perturbation must leave the held-out labels as they are.")
    if len(np.unique(new_train.y)) < len(np.unique(train.y)):
        raise ValueError("no row of one class is left in the training rows: lower the level.")
    return new_train, new_test


def fit_and_score(key, estimator, train, test, scoring, truth, on_error="raise"):
    """Fit a clone on the training rows and score it on the held-out ones.

    Parameters
    ----------
    key : FitKey
        What names the fit; it is returned with its scores.
    estimator : classifier
        Cloned.
    train, test : tuple of (DataFrame, ndarray, ndarray or None)
        Factors, labels and groups: the cells of a polygon are one landslide to the model.
    scoring : list of str or dict
        As in ``cross_validate``.
    truth : ndarray of shape (n_test,) or None
        True probability of the held-out rows.
    on_error : {"raise", "skip"}, default="raise"
        Whether a ValueError of a perturbed fit is raised, or noted in its scores.

    Returns
    -------
    key : FitKey
    scores : FitScores
    """
    (X_train, y_train, groups), (X_test, y_test, _) = train, test
    X = pd.concat([X_train, X_test], ignore_index=True)
    y = np.concatenate([y_train, y_test])
    split = (np.arange(len(y_train)), np.arange(len(y_train), len(y)))
    responses = () if truth is None else ("predict_proba",)
    if groups is not None:
        # Only those of the training rows are looked at.
        groups = np.concatenate([groups, np.resize(groups, len(y_test))])
    asked = {"scoring": scoring, "responses": responses}
    try:
        (fold,) = out_of_fold(estimator, X, y, [split], groups=groups, **asked)
    except Exception as error:
        is_perturbed = key.perturbation != UNPERTURBED
        if on_error == "skip" and is_perturbed and isinstance(error, ValueError):
            missing = dict.fromkeys([*scoring, *([] if truth is None else [TRUTH])], np.nan)
            return key, FitScores(len(y_train), len(y_test), np.nan, missing, str(error))
        level = "" if key.perturbation == UNPERTURBED else f" at the level {key.level}"
        error.add_note(
            f"while fitting {key.model!r} in fold {key.fold}, perturbation "
            f"{key.perturbation!r}{level}"
        )
        raise
    scores = dict(fold.scores)
    if truth is not None:
        scores[TRUTH] = _rank_correlation(truth, fold.probability(1))
    return key, FitScores(len(y_train), len(y_test), fold.fit_time, scores)


def _rank_correlation(truth, probability):
    """Spearman's correlation; missing where all are equal."""
    if np.ptp(truth) == 0 or np.ptp(probability) == 0:
        return np.nan
    return float(spearmanr(truth, probability).statistic)


def raise_error(error):
    """Raise; for an error that happened where rows were made ready, so that it is heard."""
    raise error
