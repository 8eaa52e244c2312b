"""Missing values of factor tables with quantities and categories."""

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin, _fit_context
from sklearn.utils._param_validation import StrOptions
from sklearn.utils.validation import check_is_fitted

from sklearn_landslide._categories import categorical_mask
from sklearn_landslide._codes import as_codes, codes_may_be_unknown, match_codes
from sklearn_landslide._factor_tables import (
    FactorTableMixin,
    as_numbers,
    check_factors,
    check_series,
)
from sklearn_landslide._handing_on import hand_on
from sklearn_landslide._nodata import LARGEST
from sklearn_landslide._sequences import fill_gaps, quantity_series
from sklearn_landslide._undeclared import warn_of_undeclared


def most_frequent(column):
    """Sorted codes of a column and the most frequent one, the first of equals."""
    codes = as_codes(column)
    if codes.categories.empty:
        return pd.Index(["missing"]), "missing"
    # A list lets pandas find the type again: codes stay integers, names stay text.
    categories = codes.categories.tolist()
    seen = codes.codes[codes.codes >= 0]
    return pd.Index(categories), categories[np.bincount(seen).argmax()]


def fill_codes(column, categories, fill, name):
    """Fill a column of codes; those of fit keep their place, unknown ones come after."""
    positions, unknown = match_codes(column, categories, name)
    missing = positions < 0
    if missing.any():
        positions[missing] = categories.tolist().index(fill)
    # A list lets pandas find the type.
    known = pd.Index([*categories, *unknown]) if unknown else categories
    return pd.Series(pd.Categorical.from_codes(positions, known), column.index)


def known_numbers(column, name):
    """Return a column as floats; numbers beyond 1e30 are missing, as in PlausibleRange."""
    values = as_numbers(column, name)
    no_data = np.abs(values) > LARGEST
    return np.where(no_data, values.dtype.type(np.nan), values) if no_data.any() else values


def _remedy(codes):
    """Say what to do about codes that look like undeclared nodata."""
    return f"replace {', '.join(map(repr, codes))} by NaN."


class FactorImputer(FactorTableMixin, OneToOneFeatureMixin, TransformerMixin, BaseEstimator):
    """Fill missing values: quantities by their median, categories by the most frequent.

    Hours of rain, and everything else named by `sequences`, are first filled along time: linearly
    between two known steps of a row.

    Parameters
    ----------
    categorical_features : "from_dtype", array-like or None, default="from_dtype"
        Which factors are categories (soil, land use, lithology), as in
        :class:`~sklearn.ensemble.HistGradientBoostingClassifier`: by pandas'
        category dtype, or names, positions or a mask; None for none.
    strategy : {"median", "mean"}, default="median"
        What replaces a missing quantity.
    sequences : dict or None, default=None
        Which columns are one variable over time: by the name of each group a list of columns in
        order of time, names or positions, or a dict of such lists for several variables. None:
        every column is a factor of its own.

    Attributes
    ----------
    statistics_ : dict of str to object
        The replacement for missing values, by factor. A quantity without any value gets 0. A step
        of a sequence uses it only before the first and after the last known step of a row; a step
        without any value gets that of its whole variable.
    categories_ : dict of str to pandas.Index
        The categories seen in fit, by categorical factor.
    n_features_in_ : int
        Number of factors.
    feature_names_in_ : ndarray of str, shape (n_features,)
        Names of the factors, if fit got a frame with names.

    See Also
    --------
    PlausibleRange : Makes impossible values missing.

    Notes
    -----
    Categorical factors are returned in pandas' category dtype, so the result is a frame whenever
    there are any; otherwise an array gives an array. Only the categories of the rows of fit are
    learned, not those that the dtype declares. A category first seen in transform is kept, and put
    after the known ones.

    Codes are returned in one form, whatever their type was: 1, 1.0, ``"1"`` and ``" 1"`` become
    the integer 1, and True and False become 1 and 0. A column that holds anything except whole
    numbers is returned as text. In transform, a column in which no code is known raises an error,
    and one with many unknown codes gives a warning.

    Examples
    --------
    >>> import pandas as pd
    >>> from sklearn_landslide.preprocessing import FactorImputer
    >>> X = pd.DataFrame(
    ...     {"slope": [10.0, 20.0, None], "soil": pd.Categorical(["loam", "loam", None])}
    ... )
    >>> FactorImputer().fit_transform(X)
       slope  soil
    0   10.0  loam
    1   20.0  loam
    2   15.0  loam

    Three hours of rain, the second missing in one place:

    >>> rain = pd.DataFrame({"rain_0": [4.0, 0.0], "rain_1": [None, 1.0], "rain_2": [8.0, 0.0]})
    >>> FactorImputer(sequences={"rain": list(rain)}).fit_transform(rain)
       rain_0  rain_1  rain_2
    0     4.0     6.0     8.0
    1     0.0     1.0     0.0
    """

    _parameter_constraints = {
        "categorical_features": [StrOptions({"from_dtype"}), "array-like", None],
        "strategy": [StrOptions({"median", "mean"})],
        "sequences": [dict, None],
    }

    def __init__(self, categorical_features="from_dtype", *, strategy="median", sequences=None):
        self.categorical_features = categorical_features
        self.strategy = strategy
        self.sequences = sequences

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y=None):
        """Learn the replacements for missing values.

        Parameters
        ----------
        X : {array-like, DataFrame} of shape (n_samples, n_factors)
            The table.
        y : None
            Ignored.

        Returns
        -------
        self : FactorImputer
            The fitted transformer.

        Raises
        ------
        ValueError
            If a column is text and not declared categorical; if `sequences` does not fit the
            table, or a variable of it has no value at all.

        Warns
        -----
        UndeclaredNodataWarning
            If a code such as -9999 looks like an undeclared nodata value.
        """
        frame, was_frame = check_factors(self, X, reset=True)
        names = [str(name) for name in self.get_feature_names_out()]
        self._is_categorical = categorical_mask(
            frame if was_frame else frame.to_numpy(), self.categorical_features
        )
        self.statistics_, self.categories_ = {}, {}
        unnamed = {}
        for position, name in enumerate(names):
            column = frame.iloc[:, position]
            if self._is_categorical[position]:
                self.categories_[name], self.statistics_[name] = most_frequent(column)
                unnamed[name] = pd.Series(as_codes(column))
                continue
            values = known_numbers(column, name)
            values = values[~np.isnan(values)]
            self.statistics_[name] = float(self._center(values)) if values.size else 0.0
        warn_of_undeclared(unnamed, _remedy, stacklevel=4)
        self._series = quantity_series(
            self.sequences,
            n_features=len(names),
            names=getattr(self, "feature_names_in_", None),
            is_categorical=self._is_categorical,
        )
        for positions in self._series:
            check_series(frame, positions)
            steps = [known_numbers(frame.iloc[:, p], names[p]) for p in positions]
            known = [values[~np.isnan(values)] for values in steps]
            for p, values in zip(positions, known, strict=True):
                if values.size == 0:
                    # 0 is not a neutral value for every variable: temperature, for one.
                    self.statistics_[names[p]] = float(self._center(np.concatenate(known)))
        return self

    def _center(self, values):
        """Median or mean, as `strategy` says."""
        return np.median(values) if self.strategy == "median" else np.mean(values)

    def fit_transform(self, X, y=None):
        """Learn the replacements and fill missing values; each warning is given once.

        Parameters
        ----------
        X : {array-like, DataFrame} of shape (n_samples, n_factors)
            The table.
        y : None
            Ignored.

        Returns
        -------
        X_out : {ndarray, DataFrame} of shape (n_samples, n_factors)
            As of :meth:`transform`.
        """
        self.fit(X, y)
        with codes_may_be_unknown():
            return self.transform(X)

    def transform(self, X):
        """Fill the missing values.

        Parameters
        ----------
        X : {array-like, DataFrame} of shape (n_samples, n_factors)
            The table.

        Returns
        -------
        X_out : {ndarray, DataFrame} of shape (n_samples, n_factors)
            The table without missing values: floats and categories.

        Raises
        ------
        ValueError
            If a categorical column has several codes and none of them is known from fit, unless
            these are only a few that were left out together.

        Warns
        -----
        UserWarning
            If many values of a categorical column are unknown from fit.
        UndeclaredNodataWarning
            If a code that is unknown from fit looks like an undeclared nodata value.
        """
        check_is_fitted(self)
        frame, was_frame = check_factors(self, X, reset=False)
        along_time = self._fill_along_time(frame)
        columns, strange = [], {}
        for position, (name, fill) in enumerate(self.statistics_.items()):
            column = frame.iloc[:, position]
            if self._is_categorical[position]:
                columns.append(fill_codes(column, self.categories_[name], fill, name))
                if len(columns[-1].cat.categories) > len(self.categories_[name]):
                    strange[name] = columns[-1]
                continue
            values = along_time.get(position)
            if values is None:
                values = known_numbers(column, name)
                values = np.where(np.isnan(values), values.dtype.type(fill), values)
            columns.append(pd.Series(values, index=frame.index))
        warn_of_undeclared(strange, _remedy, stacklevel=4)
        if not was_frame and not self._is_categorical.any():
            return np.column_stack(columns)
        filled = pd.concat(columns, axis=1)
        filled.columns = frame.columns if was_frame else self.get_feature_names_out()
        return hand_on(self, filled)

    def _fill_along_time(self, frame):
        """Return the filled columns of all sequences, by position."""
        names, filled = list(self.statistics_), {}
        for positions in self._series:
            steps = [known_numbers(frame.iloc[:, p], names[p]) for p in positions]
            fallback = np.array([self.statistics_[names[p]] for p in positions])
            series = fill_gaps(np.column_stack(steps), fallback)
            for p, step, values in zip(positions, steps, series.T, strict=True):
                filled[int(p)] = values.astype(step.dtype)
        return filled
