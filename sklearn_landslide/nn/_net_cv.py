"""LandslideNet with the shares of its paths chosen by cross-validation."""

import numpy as np
from sklearn.base import clone
from sklearn.model_selection import check_cv
from sklearn.utils import Bunch, _safe_indexing, indexable
from sklearn.utils._param_validation import StrOptions

from sklearn_landslide._sample_weight import read_sample_weight, weighted_rows
from sklearn_landslide.nn._labels import read_labels
from sklearn_landslide.nn._modules import LandslideModule
from sklearn_landslide.nn._net import LandslideNet
from sklearn_landslide.nn._rows import as_numpy
from sklearn_landslide.nn._shares import SCORES, choose_shares


class LandslideNetCV(LandslideNet):
    """LandslideNet that chooses the shares of its linear path and its memory on held-out rows.

    The choice depends on ``cv``. With random folds, the places to predict lie among those of the
    training table, and the memory tends to get a larger share; with
    :class:`~sklearn_landslide.model_selection.SpatialBlockKFold` they lie on unseen ground, and
    the straight line tends to get more. The network is fitted once for each fold and once to the
    whole table; trying the shares needs no more fits.

    Parameters
    ----------
    module : torch module class, default=LandslideModule
        As in :class:`LandslideNet`.
    cv : int, cross-validation splitter, iterable or None, default=None
        The folds; None takes five stratified ones. A splitter with coordinates finds the rows of a
        frame by its index. Do not use SMOTE before this estimator: the rows that it makes have no
        location, and have twins in other folds.
    scoring : {"roc_auc", "average_precision", "neg_log_loss"}, default="roc_auc"
        The score to maximize, averaged over the folds.
    **kwargs : dict
        All parameters of :class:`LandslideNet`. A share that you set is kept.

    Attributes
    ----------
    cv_results_ : Bunch
        Only if there was something to choose.

        ``linear_weight`` and ``memory_weight`` : ndarray of shape (n_tried,)
            The shares that were tried; None if there is no such path.
        ``scores`` : ndarray of shape (n_tried, n_folds)
            The score of each pair of shares on each fold; folds that lack a class do not count.
    recipe_ : Recipe
        The chosen shares, and what "auto" stood for elsewhere.

    Notes
    -----
    The scores of few folds are noisy. Among the shares whose mean score is not worse than the best
    by more than one standard error of the difference, the ones nearest to the usual recipe are
    taken. Nothing is chosen, and only the net itself is fitted, with ``sequences``, with a module
    of your own, or where both shares are set. The ``groups`` of ``fit`` are passed to ``cv`` and
    to ``train_split``, and ``sample_weight`` counts in the fits and the scores of all folds;
    ``partial_fit`` and a ``warm_start`` leave the shares as they are.

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
        "scoring": [StrOptions(set(SCORES))],
        **LandslideNet._parameter_constraints,
    }

    def __init__(self, module=LandslideModule, *, cv=None, scoring="roc_auc", **kwargs):
        self.cv = cv
        self.scoring = scoring
        super().__init__(module, **kwargs)

    def _fit(self, X, y, groups, *, anew, classes=None, sample_weight=None):
        chosen = None
        if anew:
            vars(self).pop("cv_results_", None)
            self._validate_parameters()
            X, y = self._unpack(X, y)
            if y is not None and self._has_a_choice():
                given = self.classes if classes is None else classes
                labels = read_labels(y, given)
                y = labels.classes[labels.codes]
                chosen = self._choose(X, y, groups, given, sample_weight)
        super()._fit(X, y, groups, anew=anew, classes=classes, sample_weight=sample_weight)
        if chosen is not None:
            self.set_shares(linear_weight=chosen.linear_weight, memory_weight=chosen.memory_weight)
            linear, memory = zip(*chosen.tried, strict=True)
            self.cv_results_ = Bunch(
                linear_weight=np.array(linear), memory_weight=np.array(memory), scores=chosen.scores
            )
        return self

    def _has_a_choice(self):
        """Say whether a path is there whose share is open; with sequences "auto" means none."""
        if self.module is not LandslideModule or self._asks_for_sequences():
            return False
        of_paths = (
            (self.module__linear, self.module__linear_weight),
            (self.module__memory, self.module__memory_weight),
        )
        return any(is_there and weight == "auto" for is_there, weight in of_paths)

    def _choose(self, X, y, groups, given, sample_weight):
        """Fit a net for each fold, and choose by what they say of the rows left out."""
        X, y, groups = indexable(X, y, groups)
        weights = None
        if sample_weight is not None:
            weights = read_sample_weight(as_numpy(sample_weight), len(y))
        counts = np.ones(len(y), dtype=bool) if weights is None else weights > 0
        classes = read_labels(y[counts], given).classes
        params = self.get_params(deep=False)
        plain = LandslideNet(**{n: v for n, v in params.items() if n not in ("cv", "scoring")})
        splits = list(check_cv(self.cv, y, classifier=True).split(X, y, groups))
        folds = []
        for train, test in splits:
            train, test = (np.arange(len(y))[part] for part in (train, test))
            if any(len(np.unique(y[part[counts[part]]])) < len(classes) for part in (train, test)):
                continue
            among = None if groups is None else _safe_indexing(groups, train)
            of_train, of_test = {}, ()
            if weights is not None:
                of_train["sample_weight"] = weights[train]
                again, *of_test = weighted_rows(weights[test], test)
                test = test[again]
            net = clone(plain).fit(_safe_indexing(X, train), y[train], groups=among, **of_train)
            logs = net.predict_path_logs(_safe_indexing(X, test))
            folds.append((logs, np.searchsorted(classes, y[test]), *of_test))
        if not folds:
            raise ValueError(
                f"None of the {len(splits)} folds of cv has places of every class to train and to "
                "test on: take fewer or larger folds."
            )
        return choose_shares(folds, net.usual_shares(), self.scoring)
