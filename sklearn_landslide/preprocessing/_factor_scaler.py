"""One scale for each quantity, and one for each variable over time."""

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin, _fit_context
from sklearn.preprocessing import StandardScaler
from sklearn.utils._param_validation import StrOptions
from sklearn.utils.validation import check_is_fitted

from sklearn_landslide._categories import categorical_mask
from sklearn_landslide._factor_tables import FactorTableMixin, as_numbers, check_factors
from sklearn_landslide._handing_on import hand_on
from sklearn_landslide._sequences import quantity_series


class FactorScaler(FactorTableMixin, OneToOneFeatureMixin, TransformerMixin, BaseEstimator):
    """Standardize quantities, with one mean and one spread for all steps of a variable over time.

    A scale for every hour of rain would make a wet hour look the same in a dry and in a wet part
    of the record, and drown the storm in the noise of hours that were dry nearly everywhere. One
    scale for the variable keeps the shape of the storm. Categories stay as they are.

    Parameters
    ----------
    sequences : dict or None, default=None
        Which columns are one variable over time: by the name of each group a list of columns in
        order of time, names or positions, or a dict of such lists for several variables. None:
        every column has its own scale, as in :class:`~sklearn.preprocessing.StandardScaler`.
    categorical_features : "from_dtype", array-like or None, default="from_dtype"
        Which factors are categories, as in
        :class:`~sklearn.ensemble.HistGradientBoostingClassifier`: by pandas'
        category dtype, or names, positions or a mask; None for none.

    Attributes
    ----------
    mean_ : ndarray of shape (n_features,)
        The mean that is subtracted from each column. The steps of a variable share one, which is 0
        for a variable that is never negative and whose smallest value is within one standard
        deviation of 0, such as rain. NaN for categories.
    scale_ : ndarray of shape (n_features,)
        What each column is then divided by: the standard deviation, or 1 for a constant column.
        NaN for categories.
    n_features_in_ : int
        Number of factors.
    feature_names_in_ : ndarray of str, shape (n_features,)
        Names of the factors, if fit got a frame with names.

    See Also
    --------
    FactorImputer : Fills in missing values before this step.

    Notes
    -----
    Names, order and data types stay; whole numbers become floats. Missing values stay missing and
    are ignored. A dry hour stays zero, so that later steps can still tell it from rain and take
    logarithms.

    Examples
    --------
    >>> import pandas as pd
    >>> from sklearn_landslide.preprocessing import FactorScaler
    >>> X = pd.DataFrame({"slope": [20.0, 40.0], "rain_0": [0.0, 0.0], "rain_1": [8.0, 0.0]})
    >>> scaler = FactorScaler(sequences={"rain": ["rain_0", "rain_1"]}).fit(X)
    >>> scaler.mean_
    array([30.,  0.,  0.])
    >>> scaler.transform(X).round(2)
       slope  rain_0  rain_1
    0   -1.0     0.0    2.31
    1    1.0     0.0    0.00
    """

    _parameter_constraints = {
        "sequences": [dict, None],
        "categorical_features": [StrOptions({"from_dtype"}), "array-like", None],
    }

    def __init__(self, sequences=None, *, categorical_features="from_dtype"):
        self.sequences = sequences
        self.categorical_features = categorical_features

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y=None):
        """Learn means and spreads.

        Parameters
        ----------
        X : {array-like, DataFrame} of shape (n_samples, n_factors)
            The table.
        y : None
            Ignored.

        Returns
        -------
        self : FactorScaler
            The fitted scaler.

        Raises
        ------
        ValueError
            If a column is text and not declared categorical, or `sequences` does not fit the
            table.
        """
        frame, was_frame = check_factors(self, X, reset=True)
        names = self.get_feature_names_out()
        is_categorical = categorical_mask(
            frame if was_frame else frame.to_numpy(), self.categorical_features
        )
        series = quantity_series(
            self.sequences,
            n_features=len(names),
            names=getattr(self, "feature_names_in_", None),
            is_categorical=is_categorical,
        )
        alone = ~is_categorical
        for positions in series:
            alone[positions] = False
        self.mean_ = np.full(len(names), np.nan)
        self.scale_ = np.full(len(names), np.nan)
        for positions in [*series, *np.flatnonzero(alone)[:, None]]:
            values = np.concatenate([as_numbers(frame.iloc[:, p], names[p]) for p in positions])
            mean, scale = mean_and_scale(values)
            # Rain has a natural zero; kelvins are never negative either, but far from theirs.
            least = np.fmin.reduce(values)
            keeps_zero = not alone[positions].any() and 0 <= least <= scale
            self.mean_[positions] = 0 if keeps_zero else mean
            self.scale_[positions] = scale
        return self

    def transform(self, X):
        """Subtract the means and divide by the spreads.

        Parameters
        ----------
        X : {array-like, DataFrame} of shape (n_samples, n_factors)
            The table.

        Returns
        -------
        X_out : {ndarray, DataFrame} of shape (n_samples, n_factors)
            The table in units of standard deviations.
        """
        check_is_fitted(self)
        frame, was_frame = check_factors(self, X, reset=False)
        names = self.get_feature_names_out()
        columns = []
        for position, (mean, scale) in enumerate(zip(self.mean_, self.scale_, strict=True)):
            column = frame.iloc[:, position]
            if not np.isnan(mean):
                values = as_numbers(column, names[position])
                # In the column's own precision, as StandardScaler does.
                mean, scale = values.dtype.type(mean), values.dtype.type(scale)
                column = pd.Series((values - mean) / scale, index=frame.index)
            columns.append(column)
        scaled = pd.concat(columns, axis=1)
        scaled.columns = frame.columns if was_frame else names
        return hand_on(self, scaled) if was_frame else scaled.to_numpy()


def mean_and_scale(values):
    """Mean and standard deviation; a spread of 1 for what does not vary, 0 and 1 for no values."""
    if np.isnan(values).all():
        return 0.0, 1.0
    scaler = StandardScaler().fit(values[:, None])
    return scaler.mean_[0], scaler.scale_[0]
