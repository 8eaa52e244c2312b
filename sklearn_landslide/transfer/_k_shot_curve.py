"""How many landslides of a region must be mapped until its own model needs no other region."""

import warnings
from collections.abc import Mapping
from numbers import Integral

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.utils import check_random_state, get_tags

from sklearn_landslide._classes import landslide_label_in
from sklearn_landslide._random_state import draw_seeds
from sklearn_landslide.comparison import make_splits
from sklearn_landslide.model_selection import check_rows, out_of_fold
from sklearn_landslide.pipeline import check_classifier, make_landslide_pipeline
from sklearn_landslide.transfer._k_shot_result import KShotCurve
from sklearn_landslide.transfer._label_draws import draw_labeled, n_places
from sklearn_landslide.transfer._source import Source
from sklearn_landslide.transfer._source_classifier import SourceClassifier


class _Unlabeled(ClassifierMixin, BaseEstimator):
    """A model that is fitted without the labels, whose classes are 0 and 1."""

    def __init__(self, model=None):
        self.model = model

    def fit(self, X, y):
        """Fit the model to the rows alone."""
        self.model_ = clone(self.model).fit(X)
        self.classes_ = np.array([0, 1])
        return self

    def predict_proba(self, X):
        """Probability of none and of a landslide, however the model names them."""
        landslide = self.model_.predict_proba(X)[:, Source(self.model_).positive]
        return np.column_stack([1 - landslide, landslide])

    def predict(self, X):
        """Predict the more probable of the two."""
        return (self.predict_proba(X)[:, 1] > 0.5).astype(int)


def _does_without_labels(model):
    return isinstance(model, SourceClassifier) and not get_tags(model).target_tags.required


def _prepared(estimators):
    """Check the models, and put the usual steps before those that are bare."""
    if not isinstance(estimators, Mapping) or not estimators:
        raise TypeError(f"estimators must be a dict of classifiers by name, got {estimators!r}.")
    models = {}
    for name, model in estimators.items():
        if not isinstance(name, str):
            raise ValueError(f"an estimator is named {name!r}: give a text.")
        check_classifier(model, f"estimator {name!r}")
        steps = getattr(model, "steps", None)
        if steps and len(steps) == 1 and isinstance(steps[0][1], SourceClassifier):
            model = steps[0][1]
        is_ready = isinstance(model, SourceClassifier) or hasattr(model, "steps")
        if not (is_ready or hasattr(getattr(model, "estimator", None), "steps")):
            model = make_landslide_pipeline(model, resample=None)
        models[name] = model
    return models


def _numbers(ks, most):
    """Return the numbers of labels, sorted, without those that are too large."""
    right = all(isinstance(k, Integral) and not isinstance(k, bool) for k in ks)
    if not len(ks) or not right or any(k < 0 or k == 1 for k in ks):
        raise ValueError(
            f"ks={ks!r} must be numbers of places: 0, or 2 and more, as a landslide and another "
            "place are needed."
        )
    ks = sorted({int(k) for k in ks})
    if too_large := [k for k in ks if k > most]:
        left = [k for k in ks if k <= most]
        if not left:
            raise ValueError(f"ks={ks!r}: a fold has {most} places to train with; ask for fewer.")
        warnings.warn(
            f"left out k = {', '.join(map(str, too_large))}: a fold has {most} places to train "
            "with.",
            UserWarning,
            stacklevel=3,
        )
        return left
    return ks


def k_shot_curve(
    estimators,
    X,
    y,
    *,
    ks=(0, 30, 100, 300, 1000),
    cv=5,
    n_repeats=3,
    scoring=("roc_auc", "average_precision"),
    min_landslides=10,
    random_state=0,
    n_jobs=None,
    groups=None,
    progress=None,
):
    """Score models in a region for increasing numbers of its labels.

    The point where the lines cross answers the question of how many landslides must be mapped.

    For each fold and repeat, labeled places are drawn from the training part, so that smaller sets
    are subsets of larger ones. All models learn from the same rows and are scored on the test
    part, whose labels no model ever sees.

    Parameters
    ----------
    estimators : dict of str to classifier
        The models by name, unfitted: such as :class:`TransferNet`, :class:`SourceStacking` and
        :class:`PooledRegions` with a source, and models of the region alone. A bare classifier
        gets the steps of :func:`~sklearn_landslide.make_landslide_pipeline`, without resampling;
        a pipeline is used as it is.
    X : {array-like, DataFrame} of shape (n_samples, n_factors)
        The factors of the target.
    y : array-like of shape (n_samples,)
        Its labels, of two classes.
    ks : sequence of int, default=(0, 30, 100, 300, 1000)
        Numbers of places with a label: rows, but the cells of a landslide in `groups` are one
        place. 0: the models with a source are fitted to all rows of the
        training part without labels; the others are not scored there. Numbers beyond the smallest
        training part are left out.
    cv : int, splitter or iterable of (train, test), default=5
        A number stands for stratified, shuffled folds, and with `groups` for stratified folds that
        do not divide a group. Spatial folds, such as those of
        :class:`~sklearn_landslide.model_selection.SpatialBlockKFold`, give the answer for ground
        away from the mapped landslides.
    n_repeats : int, default=3
        Draws in each fold.
    scoring : str, callable, list or dict, default=("roc_auc", "average_precision")
        As in ``cross_validate``; higher is better. A landslide has the label 1.
    min_landslides : int, default=10
        Landslides are drawn at their share in the training part, but at least this many, or a
        third of the drawn rows if that is less.
    random_state : int, RandomState instance or None, default=0
        Seed of folds and draws. Models keep their own.
    n_jobs : int or None, default=None
        Number of fits at the same time. It does not change the result.
    groups : array-like of shape (n_samples,), default=None
        Group of each row, such as its polygon. The cells of a polygon are one landslide: they are
        drawn together and count as one place, and no fold divides them.
    progress : callable, default=None
        Called without arguments after each fit.

    Returns
    -------
    curve : KShotCurve
        Scores, means, and where the lines cross.

    Raises
    ------
    TypeError
        If `estimators` is not a dict of classifiers.
    ValueError
        If `ks` or `n_repeats` are not valid, or there are not two classes.

    Warns
    -----
    UserWarning
        Once, if numbers of labels are left out.

    Notes
    -----
    With few labels, landslides are drawn more often than they occur, because landslides are mapped
    first. This does not matter for ROC-AUC and average precision, but it does for scores of the
    probabilities themselves, such as the Brier score.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn_landslide.transfer import SourceStacking, k_shot_curve
    >>> rng = np.random.default_rng(0)
    >>> def region(n_rows, angle):
    ...     X = rng.normal(size=(n_rows, 3))
    ...     return X, (X[:, 0] > angle + 0.3 * X[:, 1]).astype(int)
    >>> source = LogisticRegression().fit(*region(500, 0.5))
    >>> models = {"transfer": SourceStacking(source), "alone": LogisticRegression()}
    >>> curve = k_shot_curve(models, *region(200, 1.0), ks=(0, 20, 100), cv=3)
    >>> curve.scores.query("model == 'transfer'")["k"].unique().tolist()
    [0, 20, 100]
    """
    models = _prepared(estimators)
    for name, value in (("n_repeats", n_repeats), ("min_landslides", min_landslides)):
        if not isinstance(value, Integral) or value < 1:
            raise ValueError(f"{name}={value!r} must be a number from 1.")
    X, y = check_rows(X, y)
    codes = (y == landslide_label_in(y)).astype(int)
    fold_seed, draw_seed = draw_seeds(random_state, 2)
    splits = make_splits(X, codes, cv, groups, fold_seed)
    groups = None if groups is None else np.asarray(groups)
    most = min(sum(n_places(codes == 1, train, groups)) for train, _ in splits)
    ks = _numbers(list(ks), most)
    rng = check_random_state(draw_seed)
    shots = [k for k in ks if k]
    if not shots and not any(map(_does_without_labels, models.values())):
        raise ValueError(f"ks={ks!r}: no estimator does without labels; give larger numbers.")
    plan = [
        (k, repeat, fold, rows, splits[fold][1])
        for repeat in range(n_repeats)
        for fold, (train, _) in enumerate(splits)
        for k, rows in draw_labeled(codes == 1, train, shots, min_landslides, rng, groups).items()
    ]
    none = [(0, 0, fold, *split) for fold, split in enumerate(splits) if 0 in ks]
    scoring = [scoring] if isinstance(scoring, str) else scoring
    scoring = {"score": scoring} if callable(scoring) else scoring
    tables, with_source = [], []
    for name, model in models.items():
        parts = [(model, plan)]
        if _does_without_labels(model):
            with_source.append(name)
            parts = [(_Unlabeled(model), none), *parts]
        for estimator, shots_of in parts:
            try:
                tested = out_of_fold(
                    estimator,
                    X,
                    codes,
                    [(rows, test) for *_, rows, test in shots_of],
                    groups=groups,
                    scoring=scoring if isinstance(scoring, Mapping) else list(scoring),
                    n_jobs=n_jobs,
                    progress=progress,
                )
            except Exception as error:
                error.add_note(f"while scoring {name!r}")
                raise
            tables += [
                (
                    name,
                    k,
                    n_places(codes == 1, rows, groups)[0] if k else 0,
                    repeat,
                    fold,
                    metric,
                    score,
                )
                for (k, repeat, fold, rows, _), one in zip(shots_of, tested, strict=True)
                for metric, score in one.scores.items()
            ]
    columns = ["model", "k", "n_landslides", "repeat", "fold", "metric", "score"]
    scores = pd.DataFrame(tables, columns=columns)
    order = {name: place for place, name in enumerate(models)}
    scores = scores.sort_values(
        ["model", "k", "repeat", "fold"],
        key=lambda column: column.map(order) if column.name == "model" else column,
        kind="stable",
        ignore_index=True,
    )
    return KShotCurve(scores, tuple(with_source), tuple(scores["metric"].unique()))
