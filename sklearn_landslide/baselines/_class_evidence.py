"""What the bivariate models share: factors cut into classes, rows counted, evidence added."""

from numbers import Integral, Real

import numpy as np
import pandas as pd
from scipy.special import expit
from sklearn.base import BaseEstimator, ClassifierMixin, _fit_context
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.validation import _check_sample_weight, check_is_fitted

from sklearn_landslide._categories import categorical_mask
from sklearn_landslide._codes import as_codes, match_codes
from sklearn_landslide._factor_tables import FactorTableMixin, as_numbers, check_factors
from sklearn_landslide._frames import fitted_names
from sklearn_landslide._nodata import mask_nodata
from sklearn_landslide._words import listed, nearest
from sklearn_landslide.baselines._binning import (
    check_bins,
    edges_between,
    given_edges,
    labels_between,
    place_in,
)
from sklearn_landslide.baselines._calibration_line import fit_line
from sklearn_landslide.baselines._class_tables import class_table_text, make_class_table
from sklearn_landslide.baselines._labels import landslide_place, read_counted_labels


class ClassEvidence(FactorTableMixin, ClassifierMixin, BaseEstimator):
    """A classifier that counts the landslides in each class of each factor and adds up."""

    # make_landslide_pipeline leaves out scaling and resampling.
    counts_rows = True
    # What a missing value, or a class without rows, adds to the index.
    _neutral = 0.0

    _parameter_constraints: dict = {
        "n_bins": [Interval(Integral, 2, None, closed="left")],
        "binning": [StrOptions({"quantile", "natural_breaks"})],
        "bins": [dict, None],
        "categorical_features": [StrOptions({"from_dtype"}), "array-like", None],
        "smoothing": [Interval(Real, 0, None, closed="neither")],
    }

    def __init__(
        self,
        n_bins=8,
        *,
        binning="quantile",
        bins=None,
        categorical_features="from_dtype",
        smoothing=0.5,
    ):
        self.n_bins = n_bins
        self.binning = binning
        self.bins = bins
        self.categorical_features = categorical_features
        self.smoothing = smoothing

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        return tags

    def _evidence(self, rows, landslides):
        """Return what each class adds to the index."""
        raise NotImplementedError

    def _start(self):
        """Return what the index begins with."""
        return 0.0

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y, sample_weight=None):
        """Learn the classes of each factor, and count.

        Parameters
        ----------
        X : {array-like, DataFrame} of shape (n_samples, n_features)
            The factors, NaN where missing.
        y : array-like of shape (n_samples,)
            The labels, of two classes.
        sample_weight : array-like of shape (n_samples,), default=None
            As how many rows each row counts. None: 1.

        Returns
        -------
        self : object
            The fitted classifier.

        Raises
        ------
        ValueError
            If the labels are not of two classes, a column is text and not declared categorical,
            or `bins` names what is not a quantity, or holds edges that do not rise.
        """
        frame, was_frame = check_factors(self, X, reset=True)
        weights = _check_sample_weight(
            sample_weight, frame, dtype=np.float64, ensure_non_negative=True
        )
        labels = read_counted_labels(self, frame, y, weights)
        counted = weights > 0
        frame, weights, landslide = frame[counted], weights[counted], labels.landslide[counted]
        self.classes_ = labels.classes
        self._learn_classes(frame, weights, was_frame)
        places = self._places(frame)
        self._count(places, weights, landslide)
        self._fit_probability(self._sum_evidence(places), places, weights, landslide)
        return self

    def _learn_classes(self, frame, weights, was_frame):
        """Learn the edges of quantities and the codes of categories."""
        names = fitted_names(self)
        mask = categorical_mask(frame if was_frame else frame.to_numpy(), self.categorical_features)
        bins = {} if self.bins is None else self.bins
        check_bins(bins, names, [n for n, is_code in zip(names, mask, strict=True) if is_code])
        self.edges_, self.categories_ = {}, {}
        for position, name in enumerate(names):
            column = frame.iloc[:, position]
            if mask[position]:
                # A list lets pandas find the type.
                self.categories_[name] = pd.Index(as_codes(column).categories.tolist())
            elif name in bins:
                self.edges_[name] = given_edges(bins[name], name)
            else:
                values = _quantity(column, name)
                known = ~np.isnan(values)
                self.edges_[name] = edges_between(
                    values[known], weights[known], self.binning, self.n_bins
                )

    def _places(self, frame):
        """Return the class of each row in each factor; -1 has no evidence."""
        places = np.empty(frame.shape, dtype=np.int64)
        for position, name in enumerate(fitted_names(self)):
            column = frame.iloc[:, position]
            if name in self.edges_:
                places[:, position] = place_in(_quantity(column, name), self.edges_[name])
                continue
            codes = self.categories_[name]
            found, _ = match_codes(column, codes, name)
            places[:, position] = np.where(found < len(codes), found, -1)
        return places

    def _count(self, places, weights, landslide):
        """Count the rows and the landslides of each class."""
        self.n_rows_ = float(weights.sum())
        self.n_landslides_ = float(weights[landslide].sum())
        self.rows_, self.landslides_ = {}, {}
        for name, own in zip(fitted_names(self), places.T, strict=True):
            n_classes = self._n_classes(name)
            known = own >= 0
            slid = known & landslide
            self.rows_[name] = _add_up(own[known], weights[known], n_classes)
            self.landslides_[name] = _add_up(own[slid], weights[slid], n_classes)

    def _n_classes(self, name):
        if name in self.edges_:
            return len(self.edges_[name]) + 1
        return len(self.categories_[name])

    def _sum_evidence(self, places):
        """Add up what the classes of each row say."""
        index = np.full(len(places), self._start())
        for name, own in zip(fitted_names(self), places.T, strict=True):
            evidence = self._evidence(self.rows_[name], self.landslides_[name])
            # The last one is for places of -1.
            index += np.append(evidence, self._neutral)[own]
        return index

    def _fit_probability(self, index, places, weights, landslide):
        """Learn the line from the index to log-odds."""
        self.intercept_, self.slope_ = fit_line(index, landslide, weights)

    def susceptibility_index(self, X):
        """Sum of the evidence of each row, as it is mapped and printed.

        Parameters
        ----------
        X : {array-like, DataFrame} of shape (n_samples, n_features)
            The factors.

        Returns
        -------
        index : ndarray of shape (n_samples,)
            Higher is more susceptible.
        """
        check_is_fitted(self)
        frame, _ = check_factors(self, X, reset=False)
        return self._sum_evidence(self._places(frame))

    def decision_function(self, X):
        """Log-odds of the second class: those of landslides, where it is that of landslides.

        Parameters
        ----------
        X : {array-like, DataFrame} of shape (n_samples, n_features)
            The factors.

        Returns
        -------
        log_odds : ndarray of shape (n_samples,)
            ``intercept_ + slope_ * susceptibility_index(X)``, which orders rows as the index does.
        """
        check_is_fitted(self)
        log_odds = self.intercept_ + self.slope_ * self.susceptibility_index(X)
        return log_odds if landslide_place(self.classes_) else -log_odds

    def predict_proba(self, X):
        """Probability of each class.

        Parameters
        ----------
        X : {array-like, DataFrame} of shape (n_samples, n_features)
            The factors.

        Returns
        -------
        probability : ndarray of shape (n_samples, 2)
            In the order of ``classes_``.
        """
        check_is_fitted(self)
        log_odds = self.decision_function(X)
        return np.column_stack([expit(-log_odds), expit(log_odds)])

    def predict(self, X):
        """Predict the label of each row.

        Parameters
        ----------
        X : {array-like, DataFrame} of shape (n_samples, n_features)
            The factors.

        Returns
        -------
        labels : ndarray of shape (n_samples,)
            The more probable one.
        """
        check_is_fitted(self)
        return self.classes_[(self.decision_function(X) > 0).astype(int)]

    def class_table(self, factor):
        """Return what was counted in the classes of a factor, and what it says.

        Parameters
        ----------
        factor : str
            Name of the factor; x0, x1 and so on in an array.

        Returns
        -------
        table : DataFrame
            One row per class, indexed by ``class``: a code, or text such as "5 to 15", where the
            upper end belongs to the class. Columns:

            - ``rows``, ``area_share``: training rows, by weight, and their share, 0 to 1;
            - ``landslides``, ``landslide_share``: landslides and their share;
            - ``frequency_ratio``, ``information_value``;
            - ``weight_plus``, ``weight_minus``, ``weight_plus_variance``,
              ``weight_minus_variance``: weights of evidence;
            - ``contrast``, ``contrast_std``, ``studentized_contrast``: their difference, its
              standard deviation, and the quotient of the two.

            Shares are of the rows that have a value; rows without are counted in a last row,
            ``"missing"``. What cannot be estimated is missing.

        Raises
        ------
        ValueError
            If the table has no such factor.
        """
        check_is_fitted(self)
        names = fitted_names(self)
        if factor not in names:
            raise ValueError(
                f"there is no factor {factor!r} among {listed(names)}.{nearest(factor, names)}"
            )
        if factor in self.edges_:
            labels = labels_between(self.edges_[factor])
        else:
            labels = self.categories_[factor].tolist()
        rows, landslides = self.rows_[factor], self.landslides_[factor]
        missing = self.n_rows_ - rows.sum(), self.n_landslides_ - landslides.sum()
        return make_class_table(labels, rows, landslides, missing, self.smoothing)

    def to_text(self, factor=None):
        """Print the class table of a factor, or of all.

        Parameters
        ----------
        factor : str or None, default=None
            Name of the factor. None: all, one after the other.

        Returns
        -------
        text : str
        """
        check_is_fitted(self)
        names = fitted_names(self) if factor is None else [factor]
        return "\n\n".join(class_table_text(self.class_table(name), name) for name in names)


def _quantity(column, name):
    """Return a column as floats, NaN for no data."""
    values = as_numbers(column, name).astype(np.float64)
    values[mask_nodata(values)] = np.nan
    return values


def _add_up(places, weights, n_classes):
    """Add up the weights of each class; floats even where there is none."""
    return np.bincount(places, weights, n_classes).astype(np.float64)
