"""Out of fold: each test fold is predicted once, by the process that fitted its model."""

import warnings
from contextlib import suppress
from dataclasses import dataclass
from numbers import Number
from time import perf_counter

import numpy as np
from sklearn.base import clone
from sklearn.metrics import check_scoring
from sklearn.utils import _safe_indexing
from sklearn.utils.metaestimators import _safe_split
from sklearn.utils.parallel import Parallel, delayed

from sklearn_landslide._class_counts import counted_classes
from sklearn_landslide._codes import codes_may_be_unknown
from sklearn_landslide._nodata import UndeclaredNodataWarning
from sklearn_landslide._sample_weight import read_sample_weight, weight_params

RESPONSES = ("predict_proba", "decision_function", "predict")


@dataclass(frozen=True, eq=False)
class PredictedFold:
    """What is left of a fold once its model is gone.

    Parameters
    ----------
    classes : ndarray of shape (n_classes,) or None
        The labels, in the order of the columns of ``predict_proba``.
    responses : dict of str to ndarray
        What the model answered for the test rows, in their order, by the name of the method:
        everything that was asked for, and everything that a scorer asked for.
    scores : float, dict of str to float, or None
        As the scorer gives them.
    fit_time, score_time : float
        Seconds.
    kept : object
        What `keep` returned.
    """

    classes: np.ndarray | None
    responses: dict
    scores: object
    fit_time: float
    score_time: float
    kept: object = None

    def probability(self, label):
        """Return the probability of a class for each test row."""
        return self.responses["predict_proba"][:, self.classes.tolist().index(label)]


def out_of_fold(
    estimator,
    X,
    y,
    splits,
    *,
    groups=None,
    sample_weight=None,
    scoring=None,
    responses=(),
    keep=None,
    n_jobs=None,
    progress=None,
    take=None,
):
    """Fit a clone in every fold, predict the test rows once, and score these predictions.

    As :func:`~sklearn.model_selection.cross_validate`, but what a fold leaves behind are its
    predictions and not its model, which may be large and would have to be sent from process to
    process.

    Parameters
    ----------
    estimator : classifier
        Cloned, never changed.
    X : {array-like, DataFrame} of shape (n_samples, n_features)
        The table.
    y : ndarray of shape (n_samples,)
        The labels.
    splits : list of (train, test)
        Positions of the rows.
    groups : ndarray of shape (n_samples,) or None, default=None
        Which rows are one place, such as the cells of a polygon: told to the model, which may
        ask how much there is to learn from. The splits are as they are.
    sample_weight : array-like of shape (n_samples,) or None, default=None
        Weights of the rows in the fits; training rows of weight 0 are left out. The test rows are
        scored unweighted: a weight says how far a row is to be trusted as an example, and all
        models are to be asked about the same places.
    scoring : str, callable, list, tuple, dict or None, default=None
        As in ``cross_validate``. A scorer gets the fitted model. What it asks of ``predict``,
        ``predict_proba`` or ``decision_function`` for the test rows is predicted once for all
        scorers; anything else is computed as usual.
    responses : tuple of str, default=()
        Methods whose answers for the test rows are wanted, whatever the scorers ask for.
    keep : callable, default=None
        Called as ``keep(model, y_train)`` after the scores; what it returns is kept. The model
        itself may be.
    n_jobs : int, default=None
        Folds that are fitted at the same time. The result does not depend on it.
    progress : callable, default=None
        Called without arguments after each fold, in their order.
    take : callable, default=None
        Called as ``take(number, fold)`` with each fold, in their order, as soon as it and those
        before it are there.

    Returns
    -------
    folds : list of PredictedFold
        One per fold, in the order of `splits`.

    Raises
    ------
    Exception
        Whatever a fit, a prediction or a scorer raises.
    ValueError
        If a score is not a number, or `sample_weight` is given to a model that takes none.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.dummy import DummyClassifier
    >>> from sklearn_landslide.model_selection import out_of_fold
    >>> X, y = np.zeros((4, 1)), np.array([0, 1, 0, 0])
    >>> splits = [([0, 1], [2, 3]), ([1, 2], [0])]
    >>> folds = out_of_fold(DummyClassifier(), X, y, splits, responses=["predict_proba"])
    >>> [fold.probability(1).tolist() for fold in folds]
    [[0.5, 0.5], [0.5]]
    """
    if sample_weight is not None:
        sample_weight = read_sample_weight(sample_weight, len(y)).astype(np.float64)
        weight_params(estimator, sample_weight)
        splits = [(np.asarray(train)[sample_weight[train] > 0], test) for train, test in splits]
    scorer = None if scoring is None else check_scoring(estimator, scoring=scoring)
    # Only who wants to hear of each fold needs them one by one.
    at_once = progress is None and take is None
    return_as = "list" if at_once else "generator"
    tested = Parallel(n_jobs=n_jobs, pre_dispatch="2*n_jobs", return_as=return_as)(
        delayed(_test_fold)(
            clone(estimator), X, y, *split, groups, sample_weight, scorer, responses, keep
        )
        for split in splits
    )
    if at_once:
        return tested
    folds = []
    for number, fold in enumerate(tested):
        folds.append(fold)
        if take is not None:
            take(number, fold)
        if progress is not None:
            progress()
    return folds


def _test_fold(estimator, X, y, train, test, groups, weights, scorer, responses, keep):
    """Fit, predict and score in one fold."""
    of_train = None if groups is None else _safe_indexing(groups, train)
    # Of the whole table both are said before; a fold may well leave out all rows of a rock.
    with (
        codes_may_be_unknown(),
        counted_classes(_safe_indexing(y, train), of_train),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore", UndeclaredNodataWarning)
        return _fit_and_test(estimator, X, y, train, test, weights, scorer, responses, keep)


def _fit_and_test(estimator, X, y, train, test, weights, scorer, responses, keep):
    start = perf_counter()
    X_train, y_train = _safe_split(estimator, X, y, train)
    X_test, y_test = _safe_split(estimator, X, y, test, train)
    params = {} if weights is None else weight_params(estimator, weights[train])
    estimator.fit(X_train, y_train, **params)
    fitted = perf_counter()
    asked = _remember_answers(estimator, X_test)
    wanted = {name: getattr(estimator, name)(X_test) for name in responses}
    scores = None
    if scorer is not None:
        scores = _as_numbers(scorer(estimator, X_test, y_test))
    scored = perf_counter()
    for name in asked:
        # Whoever keeps the model keeps it as any other, without these rows.
        vars(estimator).pop(name, None)
    return PredictedFold(
        classes=getattr(estimator, "classes_", None),
        responses={name: one.answer for name, one in asked.items() if one.answer is not None}
        | wanted,
        scores=scores,
        fit_time=fitted - start,
        score_time=scored - fitted,
        kept=None if keep is None else keep(estimator, y_train),
    )


class _AnsweredOnce:
    """Method of a fitted estimator that predicts one set of rows once, and others as usual.

    It takes the method's place on the instance, so that the estimator stays what it is to
    whoever asks it: a pipeline with steps, a search with a best estimator.
    """

    def __init__(self, estimator, name, rows):
        self.estimator = estimator
        # Scorers choose a column by the name of the method.
        self.__name__ = name
        self.rows = rows
        self.answer = None

    def __call__(self, X, *args, **params):
        # The class's own method: the instance's is this one.
        method = getattr(type(self.estimator), self.__name__)
        if X is not self.rows or args or params:
            return method(self.estimator, X, *args, **params)
        if self.answer is None:
            self.answer = method(self.estimator, X)
        return self.answer


def _remember_answers(estimator, rows):
    """Let a fitted estimator answer for these rows once; return its answers to be, by method."""
    asked = {
        name: _AnsweredOnce(estimator, name, rows)
        for name in RESPONSES
        if hasattr(estimator, name) and hasattr(type(estimator), name)
    }
    # Past any __setattr__: this is not an attribute of the model.
    vars(estimator).update(asked)
    return asked


def _as_numbers(scores):
    """Return scores as numbers; raise for anything else."""
    if isinstance(scores, dict):
        return {name: _as_number(score, name) for name, score in scores.items()}
    return _as_number(scores, "score")


def _as_number(score, name):
    """Return a score as a number; raise for anything else."""
    if hasattr(score, "item"):
        with suppress(ValueError):
            score = score.item()
    if not isinstance(score, Number):
        raise ValueError(
            f"scoring must return a number, got {score!r} ({type(score).__name__}) for {name!r}."
        )
    return score
