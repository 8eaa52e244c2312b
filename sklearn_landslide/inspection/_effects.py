"""What a fitted model makes of each factor, on rows that it has not seen."""

from functools import partial
from numbers import Integral

import numpy as np
from sklearn.utils.parallel import Parallel, delayed

from sklearn_landslide._classes import landslide_label_in
from sklearn_landslide._hints import hinting
from sklearn_landslide._random_state import draw_seeds
from sklearn_landslide._words import plural
from sklearn_landslide.comparison import make_splits
from sklearn_landslide.inspection._effect_tables import draw_rug, put_together
from sklearn_landslide.inspection._factor_effects import FactorEffects
from sklearn_landslide.inspection._moved_rows import count_predictions, fold_sums
from sklearn_landslide.inspection._questions import (
    Questions,
    class_columns,
    factor_grids,
    held_out,
    named_table,
    pair_grids,
    wanted_factors,
)
from sklearn_landslide.model_selection import check_rows, out_of_fold
from sklearn_landslide.pipeline import check_classifier
from sklearn_landslide.robustness import with_seeds


def factor_effects(
    estimator,
    X,
    y,
    *,
    cv,
    factors=None,
    kind="ale",
    response="log_odds",
    n_intervals=20,
    interactions=3,
    groups=None,
    positive_class=None,
    max_rows=2000,
    max_predictions=5_000_000,
    n_jobs=None,
    random_state=None,
    progress=None,
):
    r"""Measure how the model's log-odds of a landslide change with each factor.

    In every fold the model is fitted on the training rows. Each held-out row is then moved from
    one edge of the interval in which a factor has its value to the other edge, with all other
    factors as they are, and the change of the prediction is noted. The mean changes, added up from
    interval to interval, are the accumulated local effect of the factor [1]_. Unlike partial
    dependence, it does not ask the model about places that do not exist, such as steep
    floodplains, and a factor does not get the effect of another one that it is correlated with.

    Parameters
    ----------
    estimator : classifier
        A pipeline or a bare model, unfitted. Every `random_state` in it that is None is set to one
        number.
    X : {array-like, DataFrame} of shape (n_samples, n_factors)
        The factors.
    y : array-like of shape (n_samples,)
        The labels, of two classes.
    cv : int, splitter or iterable of (train, test)
        The folds, as in :func:`~sklearn_landslide.compare_models`.
    factors : list of str or int, default=None
        Columns whose effects are computed. None: all.
    kind : {"ale", "both"}, default="ale"
        Accumulated local effects, or partial dependence as well.
    response : {"log_odds", "probability"}, default="log_odds"
        The scale of the effects. Log-odds are natural logarithms: +0.7 doubles the odds. They are
        limited to a thousand times and a thousandth of the mean odds, because forests give
        probabilities of 0 and 1.
    n_intervals : int, default=20
        Number of intervals of a quantity, with about the same number of rows each; for pairs half
        as many.
    interactions : int or list of pair of str, default=3
        Number of pairs, the most strongly interacting ones, for which a surface is computed; the
        strength is measured for all pairs. Or the pairs, by name. 0: none.
    groups : array-like of shape (n_samples,), default=None
        Which rows belong together, such as the cells of one landslide: folds do not divide them.
    positive_class : label, default=None
        The label of a landslide. None: it is inferred, as from 0 and 1.
    max_rows : int or None, default=2000
        Largest number of rows to move, drawn at random. None: all.
    max_predictions : int, default=5000000
        A call that needs more predictions is refused before any fit.
    n_jobs : int, default=None
        Number of folds that are fitted at the same time. It does not change the result.
    random_state : int, RandomState instance or None, default=None
        Seed of the folds, of the rows that are drawn, and of models without a seed.
    progress : callable, default=None
        Called with the number of finished predictions and of all predictions, first before any
        fit, then after each fold.

    Returns
    -------
    effects : FactorEffects
        Curves with their errors, surfaces of pairs, frequency ratios, and a description in words.

    Raises
    ------
    ValueError
        For input that :func:`~sklearn_landslide.compare_models` also refuses, unknown factors, or
        more predictions than `max_predictions`.
    TypeError
        If `estimator` is not a classifier.

    See Also
    --------
    sklearn_landslide.plotting.FactorEffectsDisplay : Draws them.
    sklearn.inspection.partial_dependence : Partial dependence of a fitted model.

    Notes
    -----
    With :math:`f` the prediction, :math:`z_k` the edges and :math:`n_k` the held-out rows in
    interval k, equation 15 of [1]_ is

    .. math:: g(z_j) = \sum_{k \le j} \frac{1}{n_k} \sum_{i: x_i \in (z_{k-1}, z_k]}
        [f(z_k, x_{i, rest}) - f(z_{k-1}, x_{i, rest})] - c

    where c makes the mean over all rows 0. The edges are quantiles of all rows, the same in every
    fold; labels play no part in them. Each row is predicted by the model that was not fitted on
    it. The standard error is that of the curves of the single folds, corrected for their common
    training rows (Nadeau and Bengio 2003). A fold counts only at the points between which it has
    rows.

    Classes (category dtype, text, or what the model's `categorical_features` names) are ordered so
    that classes whose places are similar in the other factors are neighbors, and rows are moved to
    the neighboring classes (appendix E of [1]_). Two classes far apart in this order are compared
    over all steps between them.

    An interaction is what both factors do together beyond the sum of what each does. Its strength
    is the standard deviation of the second-order effect over the rows; ``h_squared`` is its
    variance divided by that of the sum of both effects and the second-order effect. It is the H
    statistic of Friedman and Popescu [2]_, computed from accumulated local effects on unseen rows
    instead of partial dependence. The scatter of small samples adds to both: compare pairs with
    each other rather than with 0.

    Columns of `sequences` are moved one by one: the effect of one hour of rain, with all others as
    they are, is small where a storm is not. Sums over windows
    (:class:`~sklearn_landslide.preprocessing.RainfallSums`) in front of the model have effects that
    are easier to read.

    References
    ----------
    .. [1] D. W. Apley and J. Zhu, "Visualizing the effects of predictor variables in black box
       supervised learning models", Journal of the Royal Statistical Society B 82, 1059-1086, 2020.
    .. [2] J. H. Friedman and B. E. Popescu, "Predictive learning via rule ensembles", The Annals of
       Applied Statistics 2, 916-954, 2008.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn_landslide import make_landslide_pipeline
    >>> from sklearn_landslide.datasets import make_landslides
    >>> from sklearn_landslide.inspection import factor_effects
    >>> region = make_landslides(400, as_frame=True, random_state=0)
    >>> pipeline = make_landslide_pipeline(LogisticRegression(), resample=None)
    >>> effects = factor_effects(
    ...     pipeline, region.data, region.target, cv=5, factors=["slope", "twi"], random_state=0
    ... )
    >>> effects.factors["shape"].to_dict()["slope"]
    'rises'
    """
    _check_choices(kind, response, n_intervals, max_rows)
    check_classifier(estimator, "estimator")
    if not hasattr(estimator, "predict_proba"):
        raise ValueError(
            f"{type(estimator).__name__} has no predict_proba: "
            "wrap it in sklearn.calibration.CalibratedClassifierCV."
        )
    X, y = check_rows(X, y)
    label = landslide_label_in(y, positive_class)
    X = named_table(X)
    fold_seed, model_seed, row_seed = draw_seeds(random_state, 3)
    if isinstance(random_state, Integral):
        # The folds that compare_models draws with this seed.
        fold_seed = int(random_state)
    splits = make_splits(X, y, cv, groups, fold_seed)
    rows = held_out(splits, len(y), max_rows, row_seed)
    is_class = class_columns(estimator, X)
    wanted, skipped = wanted_factors(X, factors)
    grids = factor_grids(X, is_class, wanted, n_intervals)
    pairs = pair_grids(X, is_class, grids, interactions, max(n_intervals // 2, 1))
    questions = Questions(grids, pairs, label, response, kind == "both")
    counts = [count_predictions(grids, pairs, part, questions.with_means) for part in rows]
    _check_cost(sum(counts), max_predictions, pairs)
    table = X, y, splits, groups
    estimator = with_seeds(estimator, model_seed)
    found = _measure(estimator, table, rows, questions, counts, n_jobs, progress)
    return FactorEffects(
        **put_together(found, questions, splits, y == label, groups, interactions),
        rug=draw_rug(X, grids, y == label, row_seed),
        n_predictions=int(sum(counts)),
        skipped=skipped,
    )


def _check_choices(kind, response, n_intervals, max_rows):
    """Raise for choices that do not exist."""
    if kind not in ("ale", "both"):
        raise ValueError(f"kind must be 'ale' or 'both', got {kind!r}.")
    if response not in ("log_odds", "probability"):
        raise ValueError(f"response must be 'log_odds' or 'probability', got {response!r}.")
    for name, value in (("n_intervals", n_intervals), ("max_rows", max_rows)):
        if name == "max_rows" and value is None:
            continue
        if not isinstance(value, Integral) or value < 1:
            raise ValueError(f"{name} must be a whole number of at least 1, got {value!r}.")


def _check_cost(n_predictions, most, pairs):
    """Raise where more would be predicted than was allowed."""
    if n_predictions > most:
        told = f" and {plural(len(pairs), 'pair')}" if pairs else ""
        error = ValueError(
            f"the factors{told} need {n_predictions:,} predictions, more than max_predictions="
            f"{most}: lower max_rows, name fewer factors or pairs (interactions), or raise it."
        )
        raise hinting(error, "max_rows", "interactions", f"max_predictions={most}")


def _measure(estimator, table, rows, questions, counts, n_jobs, progress):
    """Fit the folds, and have each model predict its moved rows."""
    X, y, splits, groups = table
    groups = None if groups is None else np.asarray(groups)
    tell = progress or (lambda n_done, n_all: None)
    tell(0, sum(counts))
    run = Parallel(n_jobs=n_jobs, pre_dispatch="2*n_jobs", return_as="generator")
    found = []
    for fold in run(
        delayed(_measure_fold)(estimator, X, y, split, groups, part, questions)
        for split, part in zip(splits, rows, strict=True)
    ):
        found.append(fold)
        tell(sum(counts[: len(found)]), sum(counts))
    return found


def _measure_fold(estimator, X, y, split, groups, rows, questions):
    """Fit one fold, and have its model predict its moved rows."""
    keep = partial(fold_sums, X=X, rows=rows, questions=questions)
    (fold,) = out_of_fold(estimator, X, y, [split], groups=groups, keep=keep)
    return fold.kept
