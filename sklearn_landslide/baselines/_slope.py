"""Slope: how far slope and relief alone go."""

import re

from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.validation import check_is_fitted

from sklearn_landslide._categories import categorical_mask, column_positions
from sklearn_landslide._factor_names import plain_name, read_name
from sklearn_landslide._factor_tables import FactorTableMixin, check_factors
from sklearn_landslide._frames import fitted_names
from sklearn_landslide._words import listed
from sklearn_landslide.baselines._gam import GAM

_WANTED = {"slope", "relief"}
# A statistic of a slope unit, or the size of a disc: slope_mean, relief_500.
_ENDING = re.compile(r"(?:_(?:mean|std|stdev|min|max|median|q?\d+(?:\.\d+)?m?))+$")


def is_slope(name):
    """Say whether a factor is slope or relief, by its name.

    Parameters
    ----------
    name : str
        Name of a column.

    Returns
    -------
    is_slope : bool

    Examples
    --------
    >>> from sklearn_landslide.baselines._slope import is_slope
    >>> [is_slope(name) for name in ("Slope (deg)", "pendenza", "slope_std", "relief_500", "twi")]
    [True, True, True, True, False]
    """
    return read_name(_ENDING.sub("", plain_name(name))).factor in _WANTED


def slope_factors(names):
    """Return the places of the factors that are slope or relief, by their names.

    Parameters
    ----------
    names : sequence of str
        Names of all columns.

    Returns
    -------
    places : list of int
    """
    return [place for place, name in enumerate(names) if is_slope(name)]


class Slope(FactorTableMixin, ClassifierMixin, BaseEstimator):
    """Slope and relief alone: what any further factor has to add to.

    A :class:`GAM` of the factors that are slope or relief by their names; all others are left out.
    A model of sixteen factors that is hardly better than this one has learned that landslides are
    on slopes.

    Parameters
    ----------
    factors : array-like of str, int or bool, default=None
        The factors to take, by name, position or as a mask. None: those whose names say slope or
        relief, in any of the languages and spellings that
        :func:`~sklearn_landslide.transfer.match_factors` reads, with a statistic or a size behind
        them (``slope_std``, ``relief_500``); of a table of one factor that one. A table of several
        factors without names is refused, as nothing says which one is the slope.
    n_knots : int, default=10
        As in :class:`GAM`.
    penalty : "reml" or float, default="reml"
        As in :class:`GAM`.
    categorical_features : "from_dtype", array-like or None, default="from_dtype"
        Which factors of the table are categories, such as classes of slope.

    Attributes
    ----------
    classes_ : ndarray of shape (2,)
        The labels, sorted.
    n_features_in_ : int
        Number of factors of the table.
    feature_names_in_ : ndarray of str, shape (n_features,)
        Their names, where they have any.
    factors_ : list of str
        Names of the factors that are taken.
    gam_ : GAM
        The model of these.

    Raises
    ------
    ValueError
        If no factor is slope or relief by its name, and what :class:`GAM` raises.

    See Also
    --------
    GAM : The same of all factors.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from sklearn_landslide.baselines import Slope
    >>> rng = np.random.default_rng(0)
    >>> X = pd.DataFrame({"slope": rng.uniform(0, 60, 300), "ndvi": rng.uniform(-1, 1, 300)})
    >>> y = X["slope"] > rng.uniform(0, 60, 300)
    >>> Slope().fit(X, y).factors_
    ['slope']
    >>> Slope().fit(X[["ndvi", "ndvi"]].set_axis(["ndvi", "twi"], axis=1), y)
    Traceback (most recent call last):
        ...
    ValueError: no factor is slope or relief by its name, among 'ndvi', 'twi': name it, factors=...
    """

    counts_rows = True

    _parameter_constraints: dict = {
        # Looked at by column_positions, which says more.
        "factors": "no_validation",
        "n_knots": GAM._parameter_constraints["n_knots"],
        "penalty": GAM._parameter_constraints["penalty"],
        "categorical_features": "no_validation",
    }

    def __init__(
        self, factors=None, *, n_knots=10, penalty="reml", categorical_features="from_dtype"
    ):
        self.factors = factors
        self.n_knots = n_knots
        self.penalty = penalty
        self.categorical_features = categorical_features

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        tags.input_tags.allow_nan = False
        return tags

    def fit(self, X, y, sample_weight=None):
        """Fit the model of slope and relief.

        Parameters
        ----------
        X : array-like or frame of shape (n_samples, n_features)
            The factors; those that are taken without missing values.
        y : array-like of shape (n_samples,)
            The labels, of two classes.
        sample_weight : array-like of shape (n_samples,), default=None
            What each row counts; None is 1 each.

        Returns
        -------
        self : Slope
        """
        self._validate_params()
        if y is None:
            raise ValueError(
                "This Slope estimator requires y to be passed, but the target y is None."
            )
        frame, _ = check_factors(self, X, reset=True)
        is_category = categorical_mask(X, self.categorical_features)
        self._positions = self._find(getattr(self, "feature_names_in_", None))
        names = fitted_names(self)
        self.factors_ = [names[position] for position in self._positions]
        self.gam_ = GAM(
            self.n_knots,
            penalty=self.penalty,
            categorical_features=is_category[self._positions],
        ).fit(self._taken(frame), y, sample_weight)
        self.classes_ = self.gam_.classes_
        return self

    def _find(self, names):
        n_factors = self.n_features_in_
        if self.factors is not None:
            found = column_positions(
                self.factors, n_features=n_factors, names=names, parameter="factors"
            )
            if not found:
                raise ValueError("factors is empty: name at least one, factors=...")
            return found
        if n_factors == 1:
            return [0]
        if names is None:
            raise ValueError(
                f"X has {n_factors} factors without names, so it is not known which of them is the "
                "slope: give its position, factors=..."
            )
        found = slope_factors(names)
        if not found:
            raise ValueError(
                f"no factor is slope or relief by its name, among {listed(names, 8)}: name it, "
                "factors=..."
            )
        return found

    def _taken(self, frame):
        return frame.iloc[:, self._positions].set_axis(self.factors_, axis=1)

    def _rows(self, X):
        check_is_fitted(self)
        return self._taken(check_factors(self, X, reset=False)[0])

    def partial_effects(self, X):
        """Return what slope and relief add to the log-odds of each row.

        Parameters
        ----------
        X : array-like or frame of shape (n_samples, n_features)
            The factors.

        Returns
        -------
        effects : DataFrame of shape (n_samples, n_taken)
            As those of :class:`GAM`.
        """
        rows = self._rows(X)
        return self.gam_.partial_effects(rows)

    def factor_effect(self, factor, values):
        """Return what slope or relief adds to the log-odds at some of its values.

        Parameters
        ----------
        factor : str
            One of ``factors_``.
        values : array-like of shape (n_values,)
            Its values.

        Returns
        -------
        effects : ndarray of shape (n_values,)
            In log-odds; 0 is the average over the training rows.
        """
        check_is_fitted(self)
        return self.gam_.factor_effect(factor, values)

    def decision_function(self, X):
        """Return the log-odds of the second class.

        Parameters
        ----------
        X : array-like or frame of shape (n_samples, n_features)
            The factors.

        Returns
        -------
        scores : ndarray of shape (n_samples,)
        """
        rows = self._rows(X)
        return self.gam_.decision_function(rows)

    def predict_proba(self, X):
        """Return the probability of each class.

        Parameters
        ----------
        X : array-like or frame of shape (n_samples, n_features)
            The factors.

        Returns
        -------
        probabilities : ndarray of shape (n_samples, 2)
            In the order of ``classes_``.
        """
        rows = self._rows(X)
        return self.gam_.predict_proba(rows)

    def predict(self, X):
        """Return the more probable label of each row.

        Parameters
        ----------
        X : array-like or frame of shape (n_samples, n_features)
            The factors.

        Returns
        -------
        labels : ndarray of shape (n_samples,)
        """
        rows = self._rows(X)
        return self.gam_.predict(rows)
