"""UnseenImportance: a classifier whose importances were measured on rows that it had not seen."""

from numbers import Integral

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, MetaEstimatorMixin
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold, check_cv
from sklearn.utils import assert_all_finite, column_or_1d, get_tags
from sklearn.utils._param_validation import HasMethods, Interval
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.parallel import Parallel, delayed
from sklearn.utils.validation import check_is_fitted

from sklearn_landslide._classes import told_labels
from sklearn_landslide._factor_tables import check_factors
from sklearn_landslide._random_state import draw_seeds
from sklearn_landslide._words import listed
from sklearn_landslide.inspection._factor_groups import own_sequences, single_units
from sklearn_landslide.inspection._fold_losses import Shuffling, fold_losses, with_both_classes
from sklearn_landslide.inspection._strata import as_numbers_without_gaps
from sklearn_landslide.robustness import with_seeds


def _estimator_has(name):
    """Whether the estimator, fitted or not, has a method."""

    def check(self):
        getattr(getattr(self, "estimator_", self.estimator), name)
        return True

    return check


class UnseenImportance(MetaEstimatorMixin, ClassifierMixin, BaseEstimator):
    """A classifier whose ``feature_importances_`` are measured on unseen rows.

    For selectors that rank factors by ``feature_importances_``, such as
    :class:`~sklearn.feature_selection.RFECV` and
    :class:`~sklearn.feature_selection.SelectFromModel`. A forest computes its own importances from
    its training rows, where a noise factor with many values looks important because it tells these
    rows apart. Here the estimator is fitted on folds of the rows of ``fit``, each factor is
    shuffled in the rows that the fold leaves out, and the loss of the score is the importance.
    Then the estimator is fitted on all rows for predictions.

    Parameters
    ----------
    estimator : classifier
        Any classifier of two classes, or a pipeline.
    cv : int, splitter or iterable of (train, test), default=5
        The folds within the rows of ``fit``. A number takes that many stratified, shuffled folds,
        fewer if a class has fewer rows; with `groups`, these do not divide a group.
    n_repeats : int, default=5
        How often each factor is shuffled in each fold.
    scoring : str or callable, default="roc_auc"
        One scorer; more is better.
    conditional : bool, default=False
        Whether a factor is shuffled within strata of the others, as in :func:`factor_importance`:
        then none of several equivalent factors is important.
    n_jobs : int, default=None
        Folds at the same time.
    random_state : int, RandomState instance or None, default=None
        Seed of folds and shuffling, and of an estimator without a seed.

    Attributes
    ----------
    feature_importances_ : ndarray of shape (n_features,)
        Mean loss of the score over the folds, or 0 for a factor that lowers the score, because
        selectors square these numbers. Columns of a series, from `sequences` of the estimator, all
        have the loss of the series.
    losses_ : ndarray of shape (n_features, n_folds)
        Loss in each fold, above or below 0.
    estimator_ : classifier
        Fitted on all rows.
    classes_ : ndarray of shape (2,)
        The labels.
    n_features_in_ : int
        Number of factors.
    feature_names_in_ : ndarray of str, shape (n_features,)
        Their names, if the table has names.

    Raises
    ------
    ValueError
        If there are not two classes, a class has a single row, or no fold has test rows of both.

    See Also
    --------
    factor_importance : The same as a study, with intervals and words.
    forward_selection : Chooses factors by the score on spatial folds.

    Notes
    -----
    The score of a selector on its own rows is still too high, so put it into the pipeline that is
    cross-validated. RFECV turns a frame into an array of numbers; SelectFromModel leaves it.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.ensemble import RandomForestClassifier
    >>> from sklearn.feature_selection import SelectFromModel
    >>> from sklearn_landslide.inspection import UnseenImportance
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(200, 3))
    >>> y = (X[:, 0] + 0.3 * rng.normal(size=200) > 0).astype(int)
    >>> model = UnseenImportance(RandomForestClassifier(20), cv=3, random_state=0)
    >>> SelectFromModel(model, threshold=0.05).fit(X, y).get_support()
    array([ True, False, False])
    """

    _parameter_constraints: dict = {
        "estimator": [HasMethods(["fit", "predict"])],
        # Looked at by scikit-learn's check_cv.
        "cv": "no_validation",
        "n_repeats": [Interval(Integral, 1, None, closed="left")],
        "scoring": [str, callable],
        "conditional": ["boolean"],
        "n_jobs": [Integral, None],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        estimator,
        *,
        cv=5,
        n_repeats=5,
        scoring="roc_auc",
        conditional=False,
        n_jobs=None,
        random_state=None,
    ):
        self.estimator = estimator
        self.cv = cv
        self.n_repeats = n_repeats
        self.scoring = scoring
        self.conditional = conditional
        self.n_jobs = n_jobs
        self.random_state = random_state

    def fit(self, X, y, groups=None):
        """Measure the importances on folds of the rows, and fit the estimator on all of them.

        Parameters
        ----------
        X : {array-like, DataFrame} of shape (n_samples, n_features)
            The factors.
        y : array-like of shape (n_samples,)
            The labels, of two classes.
        groups : array-like of shape (n_samples,), default=None
            Which rows belong together, such as the cells of one landslide.

        Returns
        -------
        self : UnseenImportance
        """
        self._validate_params()
        if y is None:
            raise ValueError(
                f"This {type(self).__name__} estimator requires y to be passed, but the target y "
                "is None."
            )
        frame, was_frame = check_factors(self, X, reset=True)
        y = column_or_1d(told_labels(y), warn=True)
        assert_all_finite(y, input_name="y")
        check_classification_targets(y)
        if len(y) != len(frame):
            raise ValueError(f"X has {len(frame)} rows and y has {len(y)} labels: they must match.")
        classes, codes = np.unique(y, return_inverse=True)
        if len(classes) != 2:
            raise ValueError(
                f"y must have two classes, landslide and not, got {len(classes)} class(es) "
                f"({listed(classes.tolist(), 5)}). Only binary classification is supported."
            )
        self.classes_ = classes
        fold_seed, seed, model_seed = draw_seeds(self.random_state, 3)
        model = with_seeds(self.estimator, model_seed)
        splits = self._splits(frame, codes, groups, fold_seed)
        self.losses_ = self._losses(model, frame, y, codes, splits, groups, seed)
        self.feature_importances_ = np.maximum(self.losses_.mean(axis=1), 0)
        self.estimator_ = model.fit(frame if was_frame else np.asarray(frame), y)
        return self

    def _splits(self, frame, codes, groups, seed):
        """Draw the folds; of few rows fewer."""
        cv = self.cv
        if isinstance(cv, Integral):
            smallest = int(np.bincount(codes).min())
            if smallest < 2:
                raise ValueError(
                    "a class has one row only (n_samples=1 of it), so that none is left to test "
                    "with: give more rows."
                )
            kind = StratifiedKFold if groups is None else StratifiedGroupKFold
            cv = kind(min(int(cv), smallest), shuffle=True, random_state=seed)
        return list(check_cv(cv, codes, classifier=True).split(frame, codes, groups))

    def _losses(self, model, frame, y, codes, splits, groups, seed):
        """Return the loss of each column in each fold whose test rows are of both classes."""
        # What a column is called does not count here, and the names of an array are not text.
        named = frame.set_axis([str(name) for name in frame.columns], axis=1)
        if "feature_names_in_" not in vars(self):
            named = named.set_axis([f"x{place}" for place in range(named.shape[1])], axis=1)
        units = single_units(list(named.columns), own_sequences(model))
        numbers, places = as_numbers_without_gaps(named) if self.conditional else (None, None)
        kinds = (bool(self.conditional),)
        shuffling = Shuffling(units, kinds, self.n_repeats, self.scoring, numbers, places)
        used, _ = with_both_classes(splits, codes)
        groups = None if groups is None else np.asarray(groups)
        seeds = draw_seeds(seed, len(splits))
        found = Parallel(n_jobs=self.n_jobs)(
            delayed(fold_losses)(model, named, y, splits[fold], groups, shuffling, seeds[fold])
            for fold in used
        )
        place_of = {name: place for place, name in enumerate(named.columns)}
        losses = np.zeros((named.shape[1], len(used)))
        for fold, (_, of_fold, _) in enumerate(found):
            for (unit, _, _), loss in of_fold.items():
                columns = [place_of[name] for name in units[unit]]
                losses[columns, fold] += loss / self.n_repeats
        return losses

    def _rows(self, X):
        """Return the rows of a prediction as the estimator takes them."""
        check_is_fitted(self)
        frame, was_frame = check_factors(self, X, reset=False)
        return frame if was_frame else np.asarray(frame)

    def predict(self, X):
        """Predict the label of each row.

        Parameters
        ----------
        X : {array-like, DataFrame} of shape (n_samples, n_features)
            The factors.

        Returns
        -------
        labels : ndarray of shape (n_samples,)
        """
        rows = self._rows(X)
        return self.estimator_.predict(rows)

    @available_if(_estimator_has("predict_proba"))
    def predict_proba(self, X):
        """Probability of each class.

        Parameters
        ----------
        X : {array-like, DataFrame} of shape (n_samples, n_features)
            The factors.

        Returns
        -------
        probabilities : ndarray of shape (n_samples, 2)
            In the order of ``classes_``.
        """
        rows = self._rows(X)
        return self.estimator_.predict_proba(rows)

    @available_if(_estimator_has("decision_function"))
    def decision_function(self, X):
        """Return the decision function of the estimator.

        Parameters
        ----------
        X : {array-like, DataFrame} of shape (n_samples, n_features)
            The factors.

        Returns
        -------
        values : ndarray of shape (n_samples,)
        """
        rows = self._rows(X)
        return self.estimator_.decision_function(rows)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        inner = getattr(self, "estimator", None)
        if hasattr(inner, "__sklearn_tags__"):
            theirs = get_tags(inner).input_tags
            tags.input_tags.allow_nan = theirs.allow_nan
            tags.input_tags.categorical = theirs.categorical
            tags.input_tags.string = theirs.string
        return tags
