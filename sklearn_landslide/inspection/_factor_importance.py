"""What each factor is worth: the skill that is lost on unseen rows when it is shuffled."""

from numbers import Integral

import numpy as np
import pandas as pd
from sklearn.utils.parallel import Parallel, delayed

from sklearn_landslide._classes import landslide_label_in
from sklearn_landslide._frames import as_frame
from sklearn_landslide._random_state import draw_seeds
from sklearn_landslide.comparison import make_splits
from sklearn_landslide.inspection._associations import correlated_pairs
from sklearn_landslide.inspection._factor_groups import factor_units, own_sequences
from sklearn_landslide.inspection._fold_losses import Shuffling, fold_losses, with_both_classes
from sklearn_landslide.inspection._importance_result import FactorImportance
from sklearn_landslide.inspection._strata import as_numbers_without_gaps
from sklearn_landslide.model_selection import check_rows
from sklearn_landslide.pipeline import check_classifier
from sklearn_landslide.robustness import with_seeds


def factor_importance(
    estimator,
    X,
    y,
    *,
    cv,
    groups=None,
    factor_groups=None,
    conditional=False,
    n_repeats=5,
    scoring="roc_auc",
    positive_class=None,
    n_jobs=None,
    random_state=None,
    progress=None,
):
    r"""Measure what each factor is worth to a model on rows that it has not seen.

    In each fold the model is fitted on the unchanged training rows. Then one factor after the
    other is shuffled in the test rows, so that it has the values of other places, and the score of
    these rows is compared with that of the unchanged ones. The loss is what the factor is worth to
    the model [1]_.

    Parameters
    ----------
    estimator : classifier
        A pipeline, unfitted. It is fitted as it is: put a bare model into
        :func:`~sklearn_landslide.make_landslide_pipeline` first. Every `random_state` in it that
        is None gets one number.
    X : {array-like, DataFrame} of shape (n_samples, n_factors)
        The factors. The columns of an array are called x0, x1 and so on.
    y : array-like of shape (n_samples,)
        The labels, of two classes. The model gets 1 for landslide and 0 for none.
    cv : int, splitter or iterable of (train, test)
        The folds, as in :func:`~sklearn_landslide.compare_models`. With
        :class:`~sklearn_landslide.model_selection.SpatialBlockKFold` the test rows are on other
        ground, where a factor that only identifies the place is worth nothing.
    groups : array-like of shape (n_samples,), default=None
        Which rows belong together, such as the cells of one landslide, for the folds and for the
        model.
    factor_groups : dict of str to list of str, "field" or None, default=None
        Factors that are shuffled together, by the name of their group, such as ``{"terrain":
        ["slope", "aspect"]}``. ``"field"`` sorts the factors by their names into terrain, water,
        geology, cover and people. Factors in no group are shuffled alone. The columns of a
        variable over time, from the `sequences` of the estimator, are always one factor.
    conditional : bool or "both", default=False
        Whether a factor is shuffled only among rows that are similar in the other factors, so that
        its loss is what it adds beyond them. "both": both ways, with the same fits.
    n_repeats : int, default=5
        How often each factor is shuffled in each fold.
    scoring : str or callable, default="roc_auc"
        One scorer of scikit-learn; more is better.
    positive_class : label, default=None
        The label of a landslide. None: it is inferred, as from 0 and 1.
    n_jobs : int, default=None
        Number of folds that are fitted at the same time. It does not change the result.
    random_state : int, RandomState instance or None, default=None
        Seed of the folds, of the shuffling, and of a model without a seed.
    progress : callable, default=None
        Called with the number of finished folds and of all folds, first before any fold.

    Returns
    -------
    importance : FactorImportance
        Losses, their means with intervals, correlated factors, and a description in words.

    Raises
    ------
    ValueError
        For input that :func:`~sklearn_landslide.compare_models` also refuses, groups of factors
        that do not fit the table, or if the test rows of every fold are of one class.
    TypeError
        If `estimator` is not a classifier.

    See Also
    --------
    sklearn_landslide.plotting.FactorImportanceDisplay : Draws it.
    forward_selection : Which few factors do as well as all.
    sklearn.inspection.permutation_importance : The same for one fitted model and any rows.

    Notes
    -----
    Rows that the model was fitted on would also reward what it has memorized. A fold whose test
    rows are of one class is left out, and the result says so.

    Correlated factors stand in for each other: if one is shuffled, the model can still use the
    other, and is also asked about places that do not exist. A factor shuffled within strata [2]_
    keeps its relation to the others. The strata are the leaves of a regression tree that predicts
    the factor from all others [3]_, fitted on the training rows without their labels, with leaves
    large enough that on average at least 10 test rows fall into each. In both ways a row gets the
    value of any other row of its stratum with equal probability, and never its own, so that for a
    straight line with the coefficient :math:`\beta` the mean squared error grows by :math:`2
    \beta^2 \sigma^2`, with the variance :math:`\sigma^2` within the strata.

    The interval is that of the mean over the folds, whose repeats are averaged first, with the
    standard error of :func:`~sklearn_landslide.metrics.corrected_resampled_ttest`.

    References
    ----------
    .. [1] A. Fisher, C. Rudin and F. Dominici, "All models are wrong, but many are useful",
       Journal of Machine Learning Research 20 (177), 2019.
    .. [2] C. Strobl, A.-L. Boulesteix, T. Kneib, T. Augustin and A. Zeileis, "Conditional variable
       importance for random forests", BMC Bioinformatics 9, 307, 2008.
    .. [3] C. Molnar, G. König, B. Bischl and G. Casalicchio, "Model-agnostic feature importance
       and effects with dependent features: a conditional subgroup approach", Data Mining and
       Knowledge Discovery 38, 2903-2941, 2024.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn_landslide.inspection import factor_importance
    >>> rng = np.random.default_rng(0)
    >>> X = pd.DataFrame(rng.normal(size=(300, 2)), columns=["slope", "twi"])
    >>> y = (X["slope"] + 0.5 * rng.normal(size=300) > 0).astype(int)
    >>> importance = factor_importance(LogisticRegression(), X, y, cv=5, random_state=0)
    >>> (importance.table.set_index("factor")["mean"] > 0.1).to_dict()
    {'slope': True, 'twi': False}
    """
    kinds = _check_arguments(estimator, conditional, n_repeats)
    X, y = check_rows(X, y)
    y = (y == landslide_label_in(y, positive_class)).astype(np.int64)
    frame = named_frame(X)
    units = factor_units(list(frame.columns), factor_groups, own_sequences(estimator))
    fold_seed, seed = draw_seeds(random_state, 2)
    splits = make_splits(X, y, cv, groups, fold_seed)
    used, left_out = with_both_classes(splits, y)
    numbers, places = as_numbers_without_gaps(frame) if True in kinds else (None, None)
    shuffling = Shuffling(units, kinds, n_repeats, scoring, numbers, places)
    groups = None if groups is None else np.asarray(groups)
    tell = progress or (lambda n_done, n_all: None)
    tell(0, len(used))
    run = Parallel(n_jobs=n_jobs, pre_dispatch="2*n_jobs", return_as="generator")
    model = with_seeds(estimator, seed)
    seeds = draw_seeds(seed, len(splits))
    found = []
    for one in run(
        delayed(fold_losses)(model, frame, y, splits[fold], groups, shuffling, seeds[fold])
        for fold in used
    ):
        found.append(one)
        tell(len(found), len(used))
    return FactorImportance(
        losses=_tidy_losses(used, found),
        folds=_tidy_folds(used, found, splits),
        pairs=correlated_pairs(frame, units),
        units={name: tuple(columns) for name, columns in units.items()},
        scoring=scoring if isinstance(scoring, str) else getattr(scoring, "__name__", "score"),
        left_out=left_out,
        unmoved=_mean_unmoved(found),
    )


def _check_arguments(estimator, conditional, n_repeats):
    """Return in which ways factors are shuffled: not conditional, conditional, or both."""
    check_classifier(estimator, "estimator")
    if not isinstance(n_repeats, Integral) or isinstance(n_repeats, bool) or n_repeats < 1:
        raise ValueError(f"n_repeats={n_repeats!r} must be a whole number of at least 1.")
    if isinstance(conditional, str) and conditional == "both":
        return (False, True)
    if not isinstance(conditional, bool | np.bool_):
        raise ValueError(f'conditional={conditional!r} must be True, False or "both".')
    return (bool(conditional),)


def named_frame(X):
    """Return a table as a frame whose columns have names of their own, as text."""
    frame = as_frame(X)
    frame = frame.set_axis([str(name) for name in frame.columns], axis=1)
    if not frame.columns.is_unique:
        name = frame.columns[frame.columns.duplicated()][0]
        raise ValueError(f"X has two columns named {name!r}: give each factor its own name.")
    return frame


def _tidy_losses(used, found):
    lines = [
        (name, is_conditional, fold, repeat, loss)
        for fold, (_, losses, _) in zip(used, found, strict=True)
        for (name, is_conditional, repeat), loss in losses.items()
    ]
    return pd.DataFrame(lines, columns=["factor", "conditional", "fold", "repeat", "loss"])


def _tidy_folds(used, found, splits):
    return pd.DataFrame(
        {
            "fold": used,
            "score": [score for score, _, _ in found],
            "n_train": [len(splits[fold][0]) for fold in used],
            "n_test": [len(splits[fold][1]) for fold in used],
        }
    )


def _mean_unmoved(found):
    """Share of rows alone in their stratum, mean over the folds."""
    shares = pd.DataFrame([unmoved for _, _, unmoved in found])
    return {str(name): float(share) for name, share in shares.mean().items()}
