"""GAM: a curve for each quantity and an offset for each class, added up."""

from numbers import Integral, Real

import numpy as np
import pandas as pd
from scipy.special import expit
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.validation import _check_sample_weight, check_is_fitted

from sklearn_landslide._categories import categorical_mask
from sklearn_landslide._codes import as_codes, match_codes
from sklearn_landslide._factor_tables import FactorTableMixin, as_numbers, check_factors
from sklearn_landslide._frames import fitted_names
from sklearn_landslide._words import nearest
from sklearn_landslide.baselines._labels import landslide_place, read_counted_labels
from sklearn_landslide.baselines._penalized_logistic import LEAST, solve_penalized
from sklearn_landslide.baselines._spline_basis import curve, make_basis


class GAM(FactorTableMixin, ClassifierMixin, BaseEstimator):
    r"""Generalized additive logistic regression: one smooth curve a factor, added up.

    .. math:: \operatorname{logit} p = a + \sum_j f_j(x_j)

    Each f of a quantity is a cubic B-spline with knots at its quantiles and a penalty on its bends
    (a P-spline); each f of a categorical factor is an offset for each class, drawn to 0. How
    strongly each factor is penalized follows from the training rows: a factor without effect is
    left with next to none, and one that has a straight line is left with that.

    Parameters
    ----------
    n_knots : int, default=10
        Knots of each quantity, the ends of the training rows among them. Equal values make them
        fewer.
    penalty : "reml" or float, default="reml"
        "reml": for each line, each curve and each categorical factor what makes the
        marginal likelihood largest. A number: the same for all curves and categories, with lines
        that are free; 1e6 makes straight lines of the curves.
    categorical_features : "from_dtype", array-like or None, default="from_dtype"
        Which factors are categories: by pandas' category dtype, or names, positions or a mask; None
        for none.

    Attributes
    ----------
    classes_ : ndarray of shape (2,)
        The labels, sorted. Effects are in log-odds of the one that is a landslide; where the labels
        do not say it, of the second one.
    n_features_in_ : int
        Number of factors.
    feature_names_in_ : ndarray of str, shape (n_features,)
        Their names, where they have any.
    intercept_ : float
        The number a: the log-odds of a place whose effects are all average.
    knots_ : dict of str to ndarray
        Knots of each quantity; ``x0``, ``x1`` and so on where factors have no names. A single one
        for a quantity that does not vary.
    categories_ : dict of str to pandas.Index
        The known classes of each categorical factor.
    coefficients_ : dict of str to ndarray
        Of each factor the coefficients of its splines, or the offsets of its classes.
    penalties_ : dict of str to ndarray
        Of each quantity the penalties of its line and of its bends, of each categorical factor the
        one of its offsets.
    degrees_of_freedom_ : dict of str to float
        How much each factor uses: 0 none, 1 a straight line, more a curve.

    Raises
    ------
    ValueError
        For missing values, text that is not declared categorical, and labels that are not of two
        classes.

    Warns
    -----
    ConvergenceWarning
        If the fit did not settle.

    See Also
    --------
    Slope : The same of slope and relief alone.

    Notes
    -----
    Bends are the second differences of the coefficients of the splines, divided such that a
    straight line has none wherever the knots are. The
    penalty is turned into that of a plain ridge, block by block, so
    the fit is Newton's for logistic regression. Beyond the training rows a curve goes on at the
    height of its end, and a class that the training rows lack has no offset.

    Each effect has the mean 0 over the training rows, by their weights. A row of weight 2 counts as
    the row twice.

    References
    ----------
    Hastie, T., Tibshirani, R. (1986): Generalized additive models. Statistical Science 1(3).
    Eilers, P. H. C., Marx, B. D. (1996): Flexible smoothing with B-splines and penalties.
    Statistical Science 11(2).
    Brenning, A. (2008): Statistical geocomputing combining R and SAGA: the example of landslide
    susceptibility analysis with generalized additive models. Hamburger Beiträge zur Physischen
    Geographie und Landschaftsökologie 19.
    Marra, G., Wood, S. N. (2011): Practical variable selection for generalized additive models.
    Computational Statistics & Data Analysis 55(7).

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from sklearn_landslide.baselines import GAM
    >>> rng = np.random.default_rng(0)
    >>> X = pd.DataFrame({"slope": rng.uniform(0, 60, 800), "twi": rng.normal(size=800)})
    >>> steep = -((X["slope"] - 35) ** 2) / 100
    >>> model = GAM().fit(X, rng.uniform(size=800) < 1 / (1 + np.exp(-2 - steep)))
    >>> effects = model.factor_effect("slope", [10, 35, 55])
    >>> (effects - effects.max()).round().tolist()
    [-7.0, 0.0, -4.0]
    >>> model.degrees_of_freedom_["twi"] < 1.5
    True
    """

    # Rows that SMOTE makes up are not rows to be counted, and curves have the units of the table:
    # make_landslide_pipeline neither resamples nor scales.
    counts_rows = True

    _parameter_constraints: dict = {
        "n_knots": [Interval(Integral, 2, None, closed="left")],
        "penalty": [Interval(Real, 0, None, closed="neither"), StrOptions({"reml"})],
        # Looked at by categorical_mask, which says more.
        "categorical_features": "no_validation",
    }

    def __init__(self, n_knots=10, *, penalty="reml", categorical_features="from_dtype"):
        self.n_knots = n_knots
        self.penalty = penalty
        self.categorical_features = categorical_features

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        tags.input_tags.allow_nan = False
        return tags

    def fit(self, X, y, sample_weight=None):
        """Fit all curves and offsets at once.

        Parameters
        ----------
        X : array-like or frame of shape (n_samples, n_features)
            The factors, without missing values.
        y : array-like of shape (n_samples,)
            The labels, of two classes.
        sample_weight : array-like of shape (n_samples,), default=None
            What each row counts; None is 1 each.

        Returns
        -------
        self : GAM
        """
        self._validate_params()
        frame, _ = check_factors(self, X, reset=True)
        weights = _check_sample_weight(
            sample_weight, frame, dtype=np.float64, ensure_non_negative=True
        )
        labels = read_counted_labels(self, frame, y, weights)
        self.classes_, codes = labels.classes, labels.landslide.astype(int)
        is_category = categorical_mask(X, self.categorical_features)
        counts = weights > 0
        frame, codes, weights = frame[counts], codes[counts], weights[counts]
        self.knots_, self.categories_, maps, columns = {}, {}, {}, []
        for place, name in enumerate(fitted_names(self)):
            column = frame.iloc[:, place]
            part = self._classes if is_category[place] else self._curve
            maps[name], rows = part(name, column, weights)
            columns.append(rows)
        blocks = self._blocks(maps)
        penalties = None if self.penalty == "reml" else self._given(maps)
        solution = solve_penalized(np.hstack(columns), codes, weights, blocks, penalties)
        self._keep(maps, blocks, solution)
        return self

    def _curve(self, name, column, weights):
        """Return the map from columns to splines, and the columns, of a quantity."""
        values = _complete(as_numbers(column, name), name)
        basis = make_basis(values, weights, self.n_knots)
        if basis is None:
            self.knots_[name] = np.asarray(values[:1], dtype=np.float64)
            return np.zeros((1, 0)), np.zeros((len(values), 0))
        self.knots_[name] = basis.knots
        return basis.maps, basis.columns(values)

    def _classes(self, name, column, weights):
        """Return the map from columns to offsets, and the columns, of a categorical factor."""
        found = as_codes(column)
        _complete(np.where(found.codes < 0, np.nan, 0.0), name)
        self.categories_[name] = found.categories
        rows = np.eye(len(found.categories))[found.codes]
        # The offsets have the mean 0 over the rows.
        maps = np.eye(len(found.categories)) - (weights / weights.sum()) @ rows
        return maps, rows @ maps

    def _blocks(self, maps):
        """Give lines, bends and offsets of classes the numbers of their blocks."""
        blocks, number = [], 0
        for name, map_ in maps.items():
            width = map_.shape[1]
            parts = [width] if name in self.categories_ else [1, width - 1] if width else []
            for part in parts:
                blocks += [number] * part
                number += 1
        return np.array(blocks, dtype=np.int64)

    def _given(self, maps):
        """Return the given penalty for each block: lines are all but free."""
        given = []
        for name, map_ in maps.items():
            free = [LEAST] if map_.shape[1] and name not in self.categories_ else []
            given += [*free, self.penalty] if map_.shape[1] else []
        return np.array(given, dtype=np.float64)

    def _keep(self, maps, blocks, solution):
        self.intercept_ = solution.intercept
        self.coefficients_, self.penalties_, self.degrees_of_freedom_ = {}, {}, {}
        start = 0
        for name, map_ in maps.items():
            mine = slice(start, start + map_.shape[1])
            self.coefficients_[name] = map_ @ solution.coefficients[mine]
            self.penalties_[name] = solution.penalties[np.unique(blocks[mine])]
            self.degrees_of_freedom_[name] = float(solution.freedoms[mine].sum())
            start = mine.stop

    def _effect(self, name, column):
        coefficients = self.coefficients_[name]
        if name in self.categories_:
            places, _ = match_codes(column, self.categories_[name], name)
            if n_missing := int((places < 0).sum()):
                raise _missing(n_missing, len(places), name)
            # A class that is not known has no offset.
            known = np.append(coefficients, 0.0)
            return known[np.minimum(places, len(coefficients))]
        values = _complete(as_numbers(column, name), name)
        if len(self.knots_[name]) < 2:
            return np.zeros(len(values))
        return curve(values, self.knots_[name], coefficients)

    def partial_effects(self, X):
        """Return what each factor adds to the log-odds of each row.

        Parameters
        ----------
        X : array-like or frame of shape (n_samples, n_features)
            The factors.

        Returns
        -------
        effects : DataFrame of shape (n_samples, n_features)
            Each has the mean 0 over the training rows. With ``intercept_`` they add up to the
            log-odds of a landslide, which is ``decision_function`` where that is the second class.
        """
        check_is_fitted(self)
        frame, _ = check_factors(self, X, reset=False)
        effects = {
            name: self._effect(name, frame.iloc[:, place])
            for place, name in enumerate(fitted_names(self))
        }
        return pd.DataFrame(effects, index=frame.index)

    def factor_effect(self, factor, values):
        """Return what a factor adds to the log-odds at some of its values.

        Parameters
        ----------
        factor : str
            Its name; ``x0``, ``x1`` and so on where factors have no names.
        values : array-like of shape (n_values,)
            Numbers, or classes of a categorical factor.

        Returns
        -------
        effects : ndarray of shape (n_values,)
            In log-odds; 0 is the average over the training rows.

        Raises
        ------
        ValueError
            If there is no such factor, or a value is missing.
        """
        check_is_fitted(self)
        if factor not in self.coefficients_:
            raise ValueError(
                f"{factor!r} is not a factor of this model.{nearest(factor, self.coefficients_)} "
                f"It has {', '.join(self.coefficients_)}."
            )
        if factor in self.categories_:
            return self._effect(factor, np.asarray(values, dtype=object))
        return self._effect(factor, pd.Series(np.asarray(values)))

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
        check_is_fitted(self)
        log_odds = self.intercept_ + self.partial_effects(X).to_numpy().sum(axis=1)
        return log_odds if landslide_place(self.classes_) else -log_odds

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
        check_is_fitted(self)
        second = expit(self.decision_function(X))
        return np.column_stack([1 - second, second])

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
        check_is_fitted(self)
        return self.classes_[(self.decision_function(X) > 0).astype(int)]


def _missing(n_missing, n_rows, name):
    return ValueError(
        f"Input X contains NaN: column {name!r} has no value in {n_missing} of {n_rows} rows. Fill "
        "in what is missing, as make_landslide_pipeline does."
    )


def _complete(values, name):
    """Return numbers of which none is missing."""
    if n_missing := int(np.isnan(values).sum()):
        raise _missing(n_missing, len(values), name)
    return values
