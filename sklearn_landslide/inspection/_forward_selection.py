"""Forward selection: the few factors that do best on unseen folds, and what that score is worth."""

import sys
from dataclasses import replace
from numbers import Integral

import numpy as np
import pandas as pd

from sklearn_landslide._classes import landslide_label_in
from sklearn_landslide._random_state import draw_seeds
from sklearn_landslide._words import join_names
from sklearn_landslide.comparison import make_splits
from sklearn_landslide.inspection._factor_groups import factor_units, own_sequences
from sklearn_landslide.inspection._factor_importance import named_frame
from sklearn_landslide.inspection._fold_losses import with_both_classes
from sklearn_landslide.inspection._selection_result import ForwardSelection
from sklearn_landslide.inspection._subsets import Scored
from sklearn_landslide.model_selection import check_rows
from sklearn_landslide.pipeline import check_classifier
from sklearn_landslide.robustness import with_seeds


def most_fits(n_factors, n_folds, max_factors=None):
    """Count the fits of a selection that goes on to the end.

    Parameters
    ----------
    n_factors, n_folds : int
        Numbers of factors, or groups of them, and of folds.
    max_factors : int or None, default=None
        Where it ends. None: with all.

    Returns
    -------
    n_fits : int
        All pairs, then one set less with each factor, and all factors together.

    Examples
    --------
    >>> from sklearn_landslide.inspection._forward_selection import most_fits
    >>> most_fits(13, 5), most_fits(13, 5, max_factors=3)
    (725, 450)
    """
    last = n_factors if max_factors is None else min(max_factors, n_factors)
    n_pairs = n_factors * (n_factors - 1) // 2
    n_sets = max(n_pairs, 1) + sum(n_factors - k for k in range(2, last))
    return (n_sets + (n_factors > 2)) * n_folds


def forward_selection(
    estimator,
    X,
    y,
    *,
    cv,
    groups=None,
    factor_groups=None,
    scoring="roc_auc",
    max_factors=None,
    outer_cv=None,
    positive_class=None,
    n_jobs=None,
    random_state=None,
    verbose=0,
    progress=None,
):
    """Select factors by the score on held-out folds: the best pair, then one factor at a time.

    With folds of spatial blocks it keeps the factors that help on other ground, and drops those
    that only identify the place [1]_. The best remaining factor is added as long as it raises the
    mean score.

    Parameters
    ----------
    estimator : classifier
        A pipeline, unfitted. It is fitted as it is: put a bare model into
        :func:`~sklearn_landslide.make_landslide_pipeline` first. Every `random_state` in it that
        is None gets one number.
    X : {array-like, DataFrame} of shape (n_samples, n_factors)
        The factors.
    y : array-like of shape (n_samples,)
        The labels, of two classes. The model gets 1 for landslide and 0 for none.
    cv : int, splitter or iterable of (train, test)
        The folds, as in :func:`~sklearn_landslide.compare_models`.
    groups : array-like of shape (n_samples,), default=None
        Which rows belong together, such as the cells of one landslide, for folds and model.
    factor_groups : dict of str to list of str, "field" or None, default=None
        Factors that are chosen together or not at all, as in :func:`factor_importance`.
    scoring : str or callable, default="roc_auc"
        One scorer; more is better.
    max_factors : int, default=None
        Largest number of factors, or groups, at least 2. None: as many as raise the score.
    outer_cv : int or splitter, default=None
        Outer folds: the factors are chosen again within the training rows of each outer fold, and
        the model is scored on its test rows, which played no part in the choice. This multiplies
        the number of fits by the number of outer folds. None: no such score.
    positive_class : label, default=None
        The label of a landslide. None: it is inferred, as from 0 and 1.
    n_jobs : int, default=None
        Number of fits at the same time. It does not change the result.
    random_state : int, RandomState instance or None, default=None
        Seed of the folds, and of a model without a seed.
    verbose : int, default=0
        1 writes to stderr the largest possible number of fits, before the first one, and then each
        step.
    progress : callable, default=None
        Called with the number of finished fits and the largest possible number, first before any
        fit.

    Returns
    -------
    selection : ForwardSelection
        The factors, the path to them, and a description in words.

    Raises
    ------
    ValueError
        For input that :func:`~sklearn_landslide.compare_models` also refuses, a single factor, or
        if the test rows of every fold are of one class.
    TypeError
        If `estimator` is not a classifier.

    See Also
    --------
    factor_importance : What each factor is worth, with fewer fits.
    UnseenImportance : Importances for the selectors of scikit-learn.

    Notes
    -----
    With `p` factors and `k` folds it takes at most ``((p - 1) ** 2 + 1) * k`` fits; 13 factors and
    5 folds make 725. If a call is interrupted, the notes of its error say how far it got.

    The score of the chosen set is the best of many on the same folds, and therefore too high; with
    `outer_cv`, an unbiased one is measured.

    References
    ----------
    .. [1] H. Meyer, C. Reudenbach, T. Hengl, M. Katurji and T. Nauss, "Improving performance of
       spatio-temporal machine learning models using forward feature selection and target-oriented
       validation", Environmental Modelling & Software 101, 1-9, 2018.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from sklearn.naive_bayes import GaussianNB
    >>> from sklearn_landslide.inspection import forward_selection
    >>> rng = np.random.default_rng(0)
    >>> X = pd.DataFrame(rng.normal(size=(300, 4)), columns=["slope", "twi", "ndvi", "spi"])
    >>> y = (X["slope"] + X["twi"] + 0.5 * rng.normal(size=300) > 0).astype(int)
    >>> selection = forward_selection(GaussianNB(), X, y, cv=3, max_factors=2, random_state=0)
    >>> sorted(selection.selected)
    ['slope', 'twi']
    """
    check_classifier(estimator, "estimator")
    least = max_factors is None or (isinstance(max_factors, Integral) and max_factors >= 2)
    if not least:
        raise ValueError(f"max_factors={max_factors!r} must be a whole number of at least 2.")
    X, y = check_rows(X, y)
    y = (y == landslide_label_in(y, positive_class)).astype(np.int64)
    frame = named_frame(X)
    units = factor_units(list(frame.columns), factor_groups, own_sequences(estimator))
    if len(units) < 2:
        raise ValueError(f"there is one factor only, {next(iter(units))!r}: nothing to choose.")
    fold_seed, seed = draw_seeds(random_state, 2)
    groups = None if groups is None else np.asarray(groups)
    splits = make_splits(frame, y, cv, groups, fold_seed)
    used, left_out = with_both_classes(splits, y)
    table = Scored(
        with_seeds(estimator, seed), frame, y, [splits[k] for k in used], groups, scoring, n_jobs
    )
    outer = [] if outer_cv is None else make_splits(frame, y, outer_cv, groups, fold_seed)
    outer = [outer[k] for k in with_both_classes(outer, y)[0]] if outer else []
    counter = _Counter(units, len(used), len(outer), max_factors, verbose, progress)
    path, tried = _choose(table, units, max_factors, counter)
    all_scores = table.score([list(frame.columns)], counter.add) if len(units) > 2 else None
    tested = [
        (fold, *_choose_within(table, units, split, cv, fold_seed, max_factors, counter))
        for fold, split in enumerate(outer)
    ]
    columns = ["fold", "factors", "score", "n_train", "n_test"]
    return ForwardSelection(
        path=path,
        tried=tried,
        units={name: tuple(columns) for name, columns in units.items()},
        scoring=scoring if isinstance(scoring, str) else getattr(scoring, "__name__", "score"),
        score_of_all=path["score"].iloc[-1] if all_scores is None else float(all_scores.mean()),
        n_fits=counter.done,
        most_fits=counter.most,
        outer=pd.DataFrame(tested, columns=columns) if outer else None,
        left_out=left_out,
    )


class _Counter:
    """Counts fits, says how many there can be, and how far a call came."""

    def __init__(self, units, n_folds, n_outer, max_factors, verbose, progress):
        once = most_fits(len(units), n_folds, max_factors)
        # Inner folds may be others; each outer fold fits its choice once more.
        self.most = once + n_outer * (once + 1)
        self.done, self.verbose, self.progress = 0, verbose, progress
        self.say(f"at most {self.most} fits of {len(units)} factors on {n_folds} folds")
        if progress is not None:
            progress(0, self.most)

    def add(self):
        self.done += 1
        if self.progress is not None:
            self.progress(self.done, self.most)

    def say(self, text):
        if self.verbose:
            print(f"forward_selection: {text}", file=sys.stderr)


def _choose(table, units, max_factors, counter):
    """Return the path to the best factors, one row a step, and all sets that were tried."""
    names = list(units)
    last = len(names) if max_factors is None else min(max_factors, len(names))
    chosen, steps, tried = [], [], []
    sets = [[a, b] for place, a in enumerate(names) for b in names[place + 1 :]]
    try:
        while sets:
            columns = [[column for name in one for column in units[name]] for one in sets]
            scores = table.score(columns, counter.add)
            means = scores.mean(axis=1)
            step = len(steps) + 1
            tried += [
                (step, tuple(one), float(mean)) for one, mean in zip(sets, means, strict=True)
            ]
            best = int(np.argmax(means))
            if steps and means[best] <= steps[-1]["score"]:
                break
            added = [name for name in sets[best] if name not in chosen]
            chosen = sets[best]
            spread = float(scores[best].std(ddof=1)) if scores.shape[1] > 1 else np.nan
            steps.append(
                {"step": step, "added": ", ".join(added), "n_factors": len(chosen)}
                | {"score": float(means[best]), "sd": spread, "factors": tuple(chosen)}
            )
            counter.say(f"{', '.join(added)}: {means[best]:.4f}")
            rest = [name for name in names if name not in chosen]
            sets = [[*chosen, name] for name in rest] if len(chosen) < last else []
    except KeyboardInterrupt as interrupt:
        if chosen:
            interrupt.add_note(
                f"interrupted after {counter.done} fits; best so far: {join_names(chosen)} "
                f"({steps[-1]['score']:.4f})"
            )
        raise
    return pd.DataFrame(steps), pd.DataFrame(tried, columns=["step", "factors", "score"])


def _choose_within(table, units, split, cv, seed, max_factors, counter):
    """Choose within the training rows of an outer fold, and score on its test rows."""
    train, test = split
    frame, y = table.X.iloc[train], table.y[train]
    groups = None if table.groups is None else table.groups[train]
    try:
        inner = make_splits(frame, y, cv, groups, seed)
    except (IndexError, ValueError) as error:
        error.add_note(
            "outer_cv draws the folds of cv again among its training rows: give cv as a number, or "
            "a splitter whose coordinates are a frame with the index of X."
        )
        raise
    inner = [inner[fold] for fold in with_both_classes(inner, y)[0]]
    own = replace(table, X=frame, y=y, splits=inner, groups=groups)
    path, _ = _choose(own, units, max_factors, counter)
    factors = path["factors"].iloc[-1]
    columns = [column for name in factors for column in units[name]]
    score = replace(table, splits=[split]).score([columns], counter.add)
    return factors, float(score.mean()), len(train), len(test)
