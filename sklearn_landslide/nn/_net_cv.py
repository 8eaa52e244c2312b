"""LandslideNet with the shares of its paths chosen by cross-validation."""

from dataclasses import replace
from itertools import product

import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.metrics import average_precision_score, log_loss, roc_auc_score
from sklearn.model_selection import check_cv
from sklearn.utils import Bunch, _safe_indexing
from sklearn.utils._param_validation import StrOptions

from sklearn_landslide.nn._modules import LandslideModule
from sklearn_landslide.nn._net import LandslideNet

# Shares that are tried.
_LINEAR_WEIGHTS = (0.0, 0.15, 0.3, 0.45, 0.6, 0.8, 1.0)
_MEMORY_WEIGHTS = (0.0, 0.2, 0.4, 0.6, 0.8)


def _roc_auc(y, probabilities):
    if probabilities.shape[1] == 2:
        return roc_auc_score(y, probabilities[:, 1])
    return roc_auc_score(y, probabilities, multi_class="ovr")


def _average_precision(y, probabilities):
    if probabilities.shape[1] == 2:
        return average_precision_score(y, probabilities[:, 1])
    return average_precision_score(pd.get_dummies(y), probabilities)


def _neg_log_loss(y, probabilities):
    return -log_loss(y, probabilities, labels=np.arange(probabilities.shape[1]))


_SCORES = {
    "roc_auc": _roc_auc,
    "average_precision": _average_precision,
    "neg_log_loss": _neg_log_loss,
}


class LandslideNetCV(LandslideNet):
    """LandslideNet whose shares of the linear path and of the memory are chosen on other ground.

    What "near" and "far" mean is for ``cv`` to say: with random folds the places to predict lie
    among those of the training table, and the memory gets more; with
    :class:`~sklearn_landslide.model_selection.SpatialBlockKFold` they lie on ground that was not
    seen, and the straight line gets more. The network is fitted once for each fold and once to
    the whole table; the shares cost no fits of their own.

    Parameters
    ----------
    module : torch module class, default=LandslideModule
        As in :class:`LandslideNet`.
    cv : int, cross-validation splitter, iterable or None, default=None
        The folds; None takes five stratified ones. A splitter with coordinates finds the rows of
        a frame by its index. Rows that SMOTE made have no place and twins in other folds: leave
        it out before this estimator.
    scoring : {"roc_auc", "average_precision", "neg_log_loss"}, default="roc_auc"
        What is to be highest, as the mean over the folds.
    **kwargs : dict
        All parameters of :class:`LandslideNet`. A share that is set there is not chosen.

    Attributes
    ----------
    cv_results_ : Bunch
        ``linear_weight`` and ``memory_weight`` : ndarray of shape (n_tried,)
            The shares that were tried.
        ``scores`` : ndarray of shape (n_tried, n_folds)
            The score of each on each fold; NaN where a fold lacks a class.
    recipe_ : Recipe
        What was chosen, and what "auto" stood for else.

    Notes
    -----
    The scores of few folds are noisy. Among the shares whose mean score is not worse than the best
    by more than one standard error of the difference, the ones nearest to the usual recipe are
    taken. With a module of your own, and where a fold has neither a linear path nor a memory,
    nothing is chosen.

    Raises
    ------
    ValueError
        If no fold has test rows of every class.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide import LandslideNetCV
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(300, 4))
    >>> y = (X[:, 0] + rng.logistic(size=300) > 0).astype(int)
    >>> net = LandslideNetCV(cv=3, max_epochs=3, random_state=0).fit(X, y)
    >>> net.cv_results_.scores.shape
    (35, 3)
    """

    _parameter_constraints: dict = {
        # Looked at by scikit-learn's check_cv.
        "cv": "no_validation",
        "scoring": [StrOptions(set(_SCORES))],
        **LandslideNet._parameter_constraints,
    }

    def __init__(self, module=LandslideModule, *, cv=None, scoring="roc_auc", **kwargs):
        self.cv = cv
        self.scoring = scoring
        super().__init__(module, **kwargs)

    def _fit(self, X, y, groups, *, anew, classes=None):
        chosen = None
        if anew:
            self._validate_parameters()
            X, y = self._unpack(X, y)
            chosen = self._choose(X, y, groups) if y is not None else None
        super()._fit(X, y, groups, anew=anew, classes=classes)
        if chosen is not None:
            self._set_shares(**chosen)
        return self

    def _choose(self, X, y, groups):
        """Fit a net for each fold and return the shares that do best on the folds' test rows."""
        if self.module is not LandslideModule:
            return None
        params = self.get_params(deep=False)
        plain = LandslideNet(**{n: v for n, v in params.items() if n not in ("cv", "scoring")})
        labels = np.asarray(y)
        classes = np.unique(labels)
        folds = []
        for train, test in check_cv(self.cv, labels, classifier=True).split(X, labels, groups):
            net = clone(plain).fit(_safe_indexing(X, train), labels[train])
            paths = net.predict_path_logs(_safe_indexing(X, test))
            codes = np.searchsorted(classes, labels[test])
            is_whole = len(np.unique(labels[train])) == len(np.unique(codes)) == len(classes)
            folds.append((paths, codes, is_whole))
        if not any(is_whole for *_, is_whole in folds):
            raise ValueError(
                f"cv={self.cv!r} leaves no fold with places of every class to train and to test "
                "on: take fewer or larger folds."
            )
        return self._best_shares(folds, net.recipe_)

    def _best_shares(self, folds, recipe):
        """Return the shares with the best mean score, drawn to the usual ones."""
        usual = []
        options = []
        for name, tried, path in (
            ("linear_weight", _LINEAR_WEIGHTS, "linear"),
            ("memory_weight", _MEMORY_WEIGHTS, "memory"),
        ):
            given = getattr(self, f"module__{name}")
            auto = recipe.or_given(name, given)
            usual.append(auto)
            has_path = all(getattr(paths, path) is not None for paths, _, whole in folds if whole)
            options.append(tried if given == "auto" and has_path else (auto,))
        pairs = list(product(*options))
        score = _SCORES[self.scoring]
        scores = np.full((len(pairs), len(folds)), np.nan)
        for j, (paths, codes, is_whole) in enumerate(folds):
            if is_whole:
                for i, pair in enumerate(pairs):
                    scores[i, j] = score(codes, paths.joined(*pair))
        self.cv_results_ = Bunch(
            linear_weight=np.array([pair[0] for pair in pairs]),
            memory_weight=np.array([pair[1] for pair in pairs]),
            scores=scores,
        )
        counted = scores[:, ~np.isnan(scores).all(axis=0)]
        best = counted.mean(axis=1).argmax()
        behind = counted[best] - counted
        error = (
            behind.std(axis=1, ddof=1) / np.sqrt(counted.shape[1]) if counted.shape[1] > 1 else 0
        )
        near = behind.mean(axis=1) <= error
        distance = [
            sum((a - b) ** 2 for a, b in zip(pair, usual, strict=True) if a is not None)
            for pair in pairs
        ]
        chosen = pairs[min(np.flatnonzero(near), key=lambda i: distance[i])]
        return dict(zip(("linear_weight", "memory_weight"), chosen, strict=True))

    def _set_shares(self, linear_weight, memory_weight):
        """Let the fitted net use these shares."""
        self.recipe_ = replace(
            self.recipe_, linear_weight=linear_weight, memory_weight=memory_weight
        )
        module = getattr(self.module_, "_orig_mod", self.module_)
        if module.linear is not None:
            module.linear_weight = linear_weight
        if module.memory is not None:
            module.memory_weight = memory_weight
