"""Where a model may be trusted: the area of applicability of Meyer and Pebesma."""

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, _fit_context
from sklearn.metrics import euclidean_distances
from sklearn.model_selection import check_cv
from sklearn.utils._param_validation import HasMethods, StrOptions
from sklearn.utils.validation import check_consistent_length, check_is_fitted

from sklearn_landslide._codes import codes_may_be_unknown
from sklearn_landslide._factor_tables import (
    FactorTableMixin,
    check_factors,
    from_polars,
    is_number_column,
)
from sklearn_landslide.mapping._prediction._applicability_map import map_applicability
from sklearn_landslide.mapping._prediction._importance import factor_importance
from sklearn_landslide.mapping._prediction._neighbor_tree import neighbor_tree
from sklearn_landslide.mapping._prediction._one_thread import one_thread
from sklearn_landslide.mapping._prediction._pixel_rows import model_ranges
from sklearn_landslide.preprocessing import FactorImputer

# Distances held at a time: 16 MiB.
_MOST_DISTANCES = 2**21


def mean_pairwise_distance(points):
    """Mean distance of all pairs of points, in bounded memory."""
    n_points = len(points)
    step = max(1, _MOST_DISTANCES // n_points)
    # Each pair once: a block of rows against itself and the rows after it. By products of
    # matrices, which is faster than pair by pair; points that are nearly equal lose digits so,
    # but add nothing to a mean.
    total = 0.0
    with one_thread():
        for start in range(0, n_points, step):
            block, later = points[start : start + step], points[start + step :]
            total += euclidean_distances(block).sum() / 2
            if len(later):
                total += euclidean_distances(block, later).sum()
    return total / (n_points * (n_points - 1) / 2)


def nearest_of_other_folds(points, splits):
    """Distance of each tested point to the nearest of the training points of its fold.

    NaN for points that are never tested, the mean for those that are tested several times.
    """
    total, times = np.zeros(len(points)), np.zeros(len(points))
    for train, test in splits:
        total[test] += neighbor_tree(points[train]).query(points[test])[0]
        times[test] += 1
    with np.errstate(invalid="ignore"):
        return total / times


def nearest_of_other_groups(points, groups):
    """Distance of each point to the nearest one of another group."""
    tree = neighbor_tree(points)
    found = np.full(len(points), np.inf)
    open_rows, n_neighbors = np.arange(len(points)), 2
    while open_rows.size:
        n_neighbors = min(n_neighbors, len(points))
        distance, neighbor = tree.query(points[open_rows], k=n_neighbors)
        distance[groups[neighbor] == groups[open_rows, None]] = np.inf
        found[open_rows] = distance.min(axis=1)
        if n_neighbors == len(points):
            break
        open_rows, n_neighbors = open_rows[np.isinf(found[open_rows])], 4 * n_neighbors
    return found


def upper_whisker(values):
    """Greatest value that is not an outlier: at most 1.5 quartile ranges above the quartile."""
    lower, upper = np.quantile(values, [0.25, 0.75])
    return float(values[values <= upper + 1.5 * (upper - lower)].max())


class AreaOfApplicability(FactorTableMixin, BaseEstimator):
    r"""Area in which places are similar to those that the model was trained on.

    With the factors standardized by the training data's mean and standard deviation and
    multiplied by their importance, the dissimilarity index of a place is its distance to the
    nearest training place, divided by the mean distance of all pairs of training places:

    .. math:: DI = \frac{\min_i d(x, x_i)}{\bar d}

    The same index of each training place, to the nearest one of *other folds* of the
    cross-validation, says how far from known places the model has been tested. The greatest of
    these that is not an outlier (not above the third quartile plus 1.5 interquartile ranges) is
    the threshold: places up to it are inside the area of applicability, where the
    cross-validated score can be expected to hold on average [1]_.

    Parameters
    ----------
    importance : None, dict, array-like of shape (n_factors,) or classifier, default=None
        Weights of the factors. None: all count equally. A dict of names and numbers: factors that
        it does not name, such as those dropped by a selection, count 0. A fitted classifier or
        pipeline: its ``feature_importances_``, or its absolute ``coef_`` times the factor's
        standard deviation; if it has neither, like a pipeline, how much its Brier score rises when
        a factor is shuffled (needs `y` in fit). Negative values count as 0. A classifier that is
        not fitted is copied and fitted in fit.
    cv : int, splitter, iterable of splits or None, default=None
        The cross-validation that scored the model. None: each place is compared with all others,
        or with all other groups, which is right only for a random split of places that are not
        clustered.
    categorical_features : "from_dtype", array-like or None, default="from_dtype"
        Which factors are categories: by pandas' category dtype, or names, positions or a
        mask; None for none. Each category is a column of 0 and 1, weighted like the factor.
    random_state : int, RandomState instance or None, default=None
        Seed of the shuffling that measures a classifier's importances.

    Attributes
    ----------
    threshold_ : float
        The greatest dissimilarity inside the area of applicability.
    offset_ : float
        ``-threshold_``, as in scikit-learn's outlier detectors.
    training_dissimilarity_ : ndarray of shape (n_samples,)
        Dissimilarity of the training places to those of other folds; NaN if no fold tests a place,
        the mean if several do.
    mean_distance_ : float
        Mean distance of all pairs of training places, with weighted standardized factors.
    categories_ : dict of str to pandas.Index
        The categories seen in fit, by categorical factor.
    ranges_ : dict of str to tuple of (float, float)
        Plausible ranges of the classifier that gives the importances, from its
        :class:`~sklearn_landslide.preprocessing.PlausibleRange`. Values outside count as missing
        here, too, and are not mapped. Empty without such a step.
    weights_ : ndarray of shape (n_factors,)
        Weights of the factors; 0 for factors that are constant in training.
    n_features_in_ : int
        Number of factors.
    feature_names_in_ : ndarray of str, shape (n_factors,)
        Names of the factors, if fit got a frame with names.

    See Also
    --------
    sklearn.inspection.permutation_importance : Importances, to measure by another score.
    sklearn.frozen.FrozenEstimator : Keeps a fitted classifier fitted when this is cloned.

    Notes
    -----
    Missing quantities are filled with the training data's median and missing categories with its
    most frequent one, as in the pipeline; on a map, pixels without some factor are nodata. A
    classifier's factors are shuffled five times; with more than 2,000 places fewer times, down to
    once, and of more than 10,000 places, 10,000 are drawn. A category that was never seen in
    training is infinitely dissimilar, and therefore always outside. A factor that is constant in
    training says nothing about distance and is left out.

    ``score_samples`` is minus the dissimilarity, because scikit-learn's outlier detectors score
    normal samples higher. The training places themselves are always inside, which is why there is
    no ``fit_predict``. ``fit`` computes the distances of all pairs of training places.

    References
    ----------
    .. [1] H. Meyer and E. Pebesma, "Predicting into unknown space? Estimating the area of
       applicability of spatial prediction models", Methods in Ecology and Evolution 12,
       1620-1633, 2021.

    Examples
    --------
    >>> from sklearn_landslide.mapping import AreaOfApplicability
    >>> area = AreaOfApplicability().fit([[10.0], [20.0], [30.0], [40.0]])
    >>> area.dissimilarity([[10.0], [43.0], [90.0]]).round(2)
    array([0.  , 0.18, 3.  ])
    >>> round(area.threshold_, 2)
    0.6
    >>> area.predict([[10.0], [43.0], [90.0]])
    array([ 1,  1, -1])
    """

    _parameter_constraints = {
        "importance": [None, dict, "array-like", HasMethods(["fit", "predict"])],
        "cv": ["cv_object"],
        "categorical_features": [StrOptions({"from_dtype"}), "array-like", None],
        "random_state": ["random_state"],
    }

    def __init__(
        self, importance=None, *, cv=None, categorical_features="from_dtype", random_state=None
    ):
        self.importance = importance
        self.cv = cv
        self.categorical_features = categorical_features
        self.random_state = random_state

    @_fit_context(prefer_skip_nested_validation=False)
    def fit(self, X, y=None, *, groups=None):
        """Learn scales, weights and the threshold from the training places.

        Parameters
        ----------
        X : {array-like, DataFrame} of shape (n_samples, n_factors)
            The factors that the model was trained on.
        y : array-like of shape (n_samples,), default=None
            The labels, for a `cv` that stratifies or a classifier whose importances are
            measured.
        groups : array-like of shape (n_samples,), default=None
            Places that belong together, such as the ``groups`` of :func:`sample_stack`, for a
            `cv` that takes groups.

        Returns
        -------
        self : AreaOfApplicability
            The fitted estimator.

        Raises
        ------
        ValueError
            If there are fewer than 2 places, or all are equal.
        """
        frame, _ = check_factors(self, X, reset=True)
        if len(frame) < 2:
            raise ValueError(
                f"Dissimilarity needs at least 2 training places, got n_samples={len(frame)}."
            )
        self.ranges_ = {}
        if hasattr(self.importance, "fit"):
            known = frame.columns.map(str)
            self.ranges_ = {
                name: limits
                for name, limits in model_ranges(self.importance).items()
                if name in known
            }
        frame = self._possible(frame)
        self._imputer = FactorImputer(self.categorical_features).fit(frame)
        self.categories_ = self._imputer.categories_
        values, _ = self._encode(frame)
        self._mean, scale = values.mean(axis=0), values.std(axis=0)
        # Rounding of the mean leaves a constant with a standard deviation of about 1e-17.
        varies = np.ptp(values, axis=0) > 0
        factor_of, categorical = self._column_factors()
        weights = factor_importance(
            self.importance,
            from_polars(X),
            y,
            n_factors=self.n_features_in_,
            scale=None if categorical else scale,
            random_state=self.random_state,
        )
        weights[~np.isin(np.arange(weights.size), factor_of[varies])] = 0
        self.weights_ = weights
        self._used = varies & (weights[factor_of] > 0)
        self._factor = weights[factor_of] / np.where(varies, scale, 1)
        points = self._place(values)
        self.mean_distance_ = mean_pairwise_distance(points) if points.size else 0.0
        if self.mean_distance_ == 0:
            raise ValueError(
                f"All {len(frame)} training places are equal in the factors that count."
            )
        self._tree = neighbor_tree(points)
        self.training_dissimilarity_ = self._training_distances(points, X, y, groups)
        self.training_dissimilarity_ /= self.mean_distance_
        tested = self.training_dissimilarity_[~np.isnan(self.training_dissimilarity_)]
        self.threshold_ = upper_whisker(tested)
        self.offset_ = -self.threshold_
        return self

    def _training_distances(self, points, X, y, groups):
        """Distance of each training place to the nearest of other folds."""
        if self.cv is None and groups is not None:
            groups = pd.factorize(np.asarray(groups))[0]
            check_consistent_length(points, groups)
            if groups.max() == 0:
                raise ValueError("all places are of one group: there must be two.")
            return nearest_of_other_groups(points, groups)
        if self.cv is None:
            # The nearest point of all is the point itself.
            return self._tree.query(points, k=2)[0][:, 1]
        cv = check_cv(self.cv, y, classifier=True)
        return nearest_of_other_folds(points, cv.split(X, y, groups))

    def _column_factors(self):
        """For each column of numbers the factor that it comes from; whether some are coded."""
        counts = [
            len(self.categories_[name]) if name in self.categories_ else 1
            for name in self._imputer.statistics_
        ]
        return np.repeat(np.arange(len(counts)), counts), bool(self.categories_)

    def _possible(self, frame):
        """Set impossible values to NaN."""
        changed = {}
        for name, (low, high) in self.ranges_.items():
            column = frame[name]
            if is_number_column(column) and not column.dropna().between(low, high).all():
                changed[name] = column.where(column.between(low, high))
        return frame.assign(**changed) if changed else frame

    def _encode(self, frame):
        """Fill and code a frame: columns of numbers, and rows with a category never seen."""
        # To find unknown categories is what this is for.
        with codes_may_be_unknown():
            filled = pd.DataFrame(self._imputer.transform(frame))
        columns, unseen = [], np.zeros(len(filled), dtype=bool)
        for position, name in enumerate(self._imputer.statistics_):
            column = filled.iloc[:, position]
            if name not in self.categories_:
                columns.append(column.to_numpy(dtype=np.float64)[:, None])
                continue
            codes = column.cat.codes.to_numpy()
            n_categories = len(self.categories_[name])
            columns.append((codes[:, None] == np.arange(n_categories)).astype(np.float64))
            unseen |= codes >= n_categories
        return np.hstack(columns), unseen

    def _place(self, values):
        """Standardize and weight columns of numbers, and drop those that do not count."""
        used = self._used
        return (values[:, used] - self._mean[used]) * self._factor[used]

    def _dissimilarity_of(self, frame):
        frame = self._possible(frame)
        values, unseen = self._encode(frame)
        found = self._tree.query(self._place(values))[0] / self.mean_distance_
        return np.where(unseen, np.inf, found)

    def dissimilarity(self, X):
        """Dissimilarity index of places.

        Parameters
        ----------
        X : {array-like, DataFrame} of shape (n_samples, n_factors)
            Their factors.

        Returns
        -------
        index : ndarray of shape (n_samples,)
            0 for a place like one in training; 1 if the nearest one is as far away as two training
            places are on average; infinite for an unseen category.
        """
        check_is_fitted(self)
        frame, _ = check_factors(self, X, reset=False)
        return self._dissimilarity_of(frame)

    def score_samples(self, X):
        """Minus the dissimilarity index: higher is more like the training places.

        Parameters
        ----------
        X : {array-like, DataFrame} of shape (n_samples, n_factors)
            Factors of the places.

        Returns
        -------
        scores : ndarray of shape (n_samples,)
            Zero or negative.
        """
        return -self.dissimilarity(X)

    def decision_function(self, X):
        """How far below the threshold the dissimilarity is.

        Parameters
        ----------
        X : {array-like, DataFrame} of shape (n_samples, n_factors)
            Factors of the places.

        Returns
        -------
        scores : ndarray of shape (n_samples,)
            Negative outside the area of applicability.
        """
        return self.score_samples(X) - self.offset_

    def predict(self, X):
        """Say which places are inside the area of applicability.

        Parameters
        ----------
        X : {array-like, DataFrame} of shape (n_samples, n_factors)
            Factors of the places.

        Returns
        -------
        inside : ndarray of shape (n_samples,), int
            1 inside, -1 outside.
        """
        return np.where(self.decision_function(X) >= 0, 1, -1)

    def map(self, stack, *, categories=None, window=512):
        """Map the dissimilarity index and the area of applicability.

        Parameters
        ----------
        stack : xarray.Dataset
            One variable per factor with the dimensions y and x, from :func:`open_stack`. Factors
            are found by the names in fit; others are ignored.
        categories : dict of str to dict, default=None
            For categorical factors that were text in fit, what the numbers in the raster stand
            for, as in :func:`predict_map`: ``{"lithology": {1: "granite", 2: "marl"}}``.
        window : int, default=512
            Rows and columns of the windows that are computed one by one.

        Returns
        -------
        maps : xarray.Dataset
            Lazy: ``dissimilarity``, float32, NaN where a factor is missing, and ``inside``,
            uint8: 1 inside, 0 outside, 255 where a factor is missing.

        Raises
        ------
        ValueError
            If fit got no names, the stack lacks a factor, or a factor was text in fit and
            `categories` does not say which.
        """
        check_is_fitted(self)
        return map_applicability(self, stack, categories=categories, window=window)
