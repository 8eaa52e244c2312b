"""Physically reasonable thresholds for each factor."""

from numbers import Integral, Real

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin, _fit_context
from sklearn.utils._param_validation import StrOptions
from sklearn.utils.validation import check_is_fitted

from sklearn_landslide._codes import codes_may_be_unknown
from sklearn_landslide._factor_tables import FactorTableMixin, check_factors, quantity_values
from sklearn_landslide._handing_on import hand_on
from sklearn_landslide._hints import hinting
from sklearn_landslide._nodata import LARGEST
from sklearn_landslide._undeclared import warn_of_undeclared
from sklearn_landslide.preprocessing._field_bounds import field_bounds


def check_bounds(name, bounds):
    """Return `bounds` as (low, high) with infinities for open ends, or raise."""
    try:
        low, high = bounds
    except (TypeError, ValueError):
        low = high = bounds
        valid = False
    else:
        valid = all(
            end is None or (isinstance(end, Real) and not np.isnan(end)) for end in (low, high)
        )
    if not valid:
        raise ValueError(
            f"bounds of {name!r} must be a pair (low, high) of numbers, None for an open end, "
            f"got {bounds!r}."
        )
    low = -np.inf if low is None else float(low)
    high = np.inf if high is None else float(high)
    if low > high:
        raise ValueError(
            f"bounds of {name!r} have low {low:g} above high {high:g}: give (low, high)."
        )
    return low, high


def out_of_range(values, low, high):
    """Mask of the values outside [low, high]; missing values are inside."""
    return (values < low) | (values > high)


def no_data(values):
    """Mask of the numbers beyond 1e30, which stand for no data; missing values are not marked."""
    return np.abs(values) > LARGEST


def _remedy(values):
    """Say what to do about numbers that look like undeclared nodata."""
    shown = ", ".join(map(str, values))
    return f"replace {shown} by NaN, or give the factor its range in bounds."


class PlausibleRange(FactorTableMixin, OneToOneFeatureMixin, TransformerMixin, BaseEstimator):
    """Mask or clip values that are physically impossible.

    Tables from a GIS carry nodata codes (-9999), wrong units and typing errors. Each factor gets a
    range; a value outside becomes missing, to be imputed later, or is moved to the nearer end. The
    ranges come from physical knowledge of the factor, never from the data, so nothing can leak
    from a test fold.

    Parameters
    ----------
    bounds : "field", dict or None, default="field"
        ``"field"``: the range that :func:`field_bounds` knows for a factor's name. A dict
        ``{factor: (low, high)}``, by name or position, is added to these; None is an open end, and
        ``{factor: None}`` removes a range. None: no range at all. Numbers beyond 1e30, which GIS
        programs write where there is no data, always become missing.
    action : {"mask", "clip"}, default="mask"
        ``"mask"``: values outside become NaN. ``"clip"``: they become the
        nearer end.

    Attributes
    ----------
    bounds_ : dict of str to tuple of (float, float)
        The range of each factor that has one; open ends are infinite.
    n_out_of_range_ : dict of str to int
        For the same factors, how many values were outside in fit.
    n_features_in_ : int
        Number of factors.
    feature_names_in_ : ndarray of str, shape (n_features,)
        Names of the factors, if fit got a frame with names.

    See Also
    --------
    FactorImputer : Fills in what was masked.

    Notes
    -----
    Frames stay frames and keep the dtype of each column (an integer column in
    which a value is masked becomes float). Category, text and boolean columns
    are left alone. A polars frame comes out as a pandas one.

    References
    ----------
    Physically reasonable thresholds for each variable, such as the greatest
    plausible slope, are section 3.3.1 (data cleaning) of the paper on the
    CNN-LSTM-SAM-Attention model that this package builds.

    Examples
    --------
    >>> import pandas as pd
    >>> from sklearn_landslide.preprocessing import PlausibleRange
    >>> X = pd.DataFrame({"slope": [31.5, -9999.0], "rainfall": [924.9, 923.3]})
    >>> cleaner = PlausibleRange().fit(X)
    >>> cleaner.transform(X)
       slope  rainfall
    0   31.5     924.9
    1    NaN     923.3
    >>> cleaner.n_out_of_range_
    {'slope': 1, 'rainfall': 0}
    """

    _parameter_constraints = {
        "bounds": [StrOptions({"field"}), dict, None],
        "action": [StrOptions({"mask", "clip"})],
    }

    def __init__(self, bounds="field", *, action="mask"):
        self.bounds = bounds
        self.action = action

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y=None):
        """Find which range applies to which factor.

        Parameters
        ----------
        X : {array-like, DataFrame} of shape (n_samples, n_factors)
            The table.
        y : None
            Ignored.

        Returns
        -------
        self : PlausibleRange
            The fitted transformer.

        Raises
        ------
        ValueError
            If a range is reversed or belongs to no column of the table, or if more than half of a
            column is outside the range that its name suggests, which points to another unit.

        Warns
        -----
        UndeclaredNodataWarning
            If a column for which you neither set nor removed a range has a number that looks like
            an undeclared nodata value.
        """
        frame, _ = check_factors(self, X, reset=True)
        names = [str(name) for name in self.get_feature_names_out()]
        by_user = self._user_bounds(frame, names)
        self.bounds_, self.n_out_of_range_, self._positions = {}, {}, {}
        for position, name in enumerate(names):
            values = quantity_values(frame.iloc[:, position])
            if values is None:
                continue
            bounds = by_user.get(position, self._field_bounds(name))
            if bounds is None:
                continue
            low, high = check_bounds(name, bounds)
            outside = out_of_range(values, low, high)
            data = ~np.isnan(values) & ~no_data(values)
            if position not in by_user and (outside & data).sum() > data.sum() / 2:
                raise self._wrong_unit(name, (outside & data).sum(), data.sum(), low, high)
            self.bounds_[name] = (low, high)
            self.n_out_of_range_[name] = int(outside.sum())
            self._positions[name] = position
        self._name_undeclared(frame)
        return self

    def _name_undeclared(self, frame):
        """Warn of numbers that look like undeclared nodata and are left as they are."""
        if self.bounds is None:
            return
        names = [str(name) for name in self.get_feature_names_out()]
        given = self.bounds if isinstance(self.bounds, dict) else {}
        left = {}
        for position, name in enumerate(names):
            if position in given or (hasattr(self, "feature_names_in_") and name in given):
                continue
            values = quantity_values(frame.iloc[:, position])
            if values is None or (name in self.bounds_ and self.action != "mask"):
                continue
            low, high = self.bounds_.get(name, (-np.inf, np.inf))
            left[name] = values[~out_of_range(values, low, high)]
        warn_of_undeclared(left, _remedy, stacklevel=5)

    def fit_transform(self, X, y=None):
        """Find the ranges and apply them; each warning is given once.

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

    @staticmethod
    def _wrong_unit(name, n_outside, n_known, low, high):
        """Return the error for a column of which more than half is impossible."""
        in_python = f"rename it, or set bounds={{{name!r}: ...}}"
        return hinting(
            ValueError(
                f"{n_outside} of {n_known} values of {name!r} lie outside [{low:g}, {high:g}], "
                f"the range of that factor: check its unit, {in_python}."
            ),
            instead={in_python: "or rename it"},
        )

    def transform(self, X):
        """Mask or clip the values that are out of range.

        Parameters
        ----------
        X : {array-like, DataFrame} of shape (n_samples, n_factors)
            The table.

        Returns
        -------
        X_out : {ndarray, DataFrame} of shape (n_samples, n_factors)
            A copy with every factor inside its range, or missing.

        Warns
        -----
        UndeclaredNodataWarning
            As in :meth:`fit`.
        """
        check_is_fitted(self)
        frame, was_frame = check_factors(self, X, reset=False)
        self._name_undeclared(frame)
        frame = frame.copy()
        bounds = {self._positions[name]: pair for name, pair in self.bounds_.items()}
        for position in range(frame.shape[1]):
            column = frame.iloc[:, position]
            values = quantity_values(column)
            if values is None:
                continue
            low, high = bounds.get(position, (-np.inf, np.inf))
            missing, outside = no_data(values), out_of_range(values, low, high)
            if not (missing | outside).any():
                continue
            if self.action == "mask":
                missing |= outside
            else:
                column = pd.Series(values, column.index) if column.dtype == object else column
                column = column.clip(low, high)
            frame.isetitem(position, column.mask(missing) if missing.any() else column)
        return hand_on(self, frame) if was_frame else frame.to_numpy()

    def _field_bounds(self, name):
        """Range by name; an array has no names."""
        if self.bounds is None or not hasattr(self, "feature_names_in_"):
            return None
        return field_bounds(name)

    def _user_bounds(self, frame, names):
        """Ranges that the user gave, by position."""
        if not isinstance(self.bounds, dict):
            return {}
        known = names if hasattr(self, "feature_names_in_") else []
        by_position = {}
        for key, bounds in self.bounds.items():
            if isinstance(key, str) and key in known:
                position = known.index(key)
            elif isinstance(key, Integral) and 0 <= key < len(names):
                position = int(key)
            else:
                raise ValueError(
                    f"bounds has {key!r}, and there is no such factor: "
                    f"the factors are {', '.join(known) or f'0 to {len(names) - 1}'}."
                )
            if bounds is not None and quantity_values(frame.iloc[:, position]) is None:
                raise ValueError(
                    f"bounds has {key!r}, and that column is not a quantity "
                    f"({frame.dtypes.iloc[position]}): leave it out."
                )
            by_position[position] = bounds
        return by_position
