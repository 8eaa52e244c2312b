"""Each region by its own scale, without labels."""

from numbers import Integral

import numpy as np
import pandas as pd
from scipy.special import ndtri
from sklearn.base import BaseEstimator, TransformerMixin, _fit_context
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.validation import _check_feature_names_in, check_is_fitted

from sklearn_landslide._categories import categorical_mask, column_positions
from sklearn_landslide._codes import read_codes, sorted_codes
from sklearn_landslide._factor_names import LEVELS, read_name
from sklearn_landslide._factor_tables import FactorTableMixin, as_numbers, check_factors
from sklearn_landslide._frames import default_names
from sklearn_landslide._handing_on import hand_on
from sklearn_landslide._words import listed


def own_quantiles(values, n_quantiles):
    """Return values of a region that stand for all of them, sorted.

    Parameters
    ----------
    values : ndarray of shape (n_samples,)
        The values; missing ones do not count.
    n_quantiles : int
        The most to be returned.

    Returns
    -------
    quantiles : ndarray
        Each of them a value that occurs, so that what is done to the values is done to them.
    """
    known = np.sort(values[~np.isnan(values)])
    if len(known) <= n_quantiles:
        return known
    # The middle of as many equal parts.
    places = (np.arange(n_quantiles) + 0.5) / n_quantiles * len(known)
    return known[places.astype(np.int64)]


def normal_scores(values, quantiles):
    """Return the normal scores of values among the quantiles of their region.

    Parameters
    ----------
    values : ndarray of shape (n_samples,)
        The values; missing ones stay missing.
    quantiles : ndarray of shape (n_quantiles,)
        As of `own_quantiles`; if there are none, every score is 0.

    Returns
    -------
    scores : ndarray of shape (n_samples,)

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.transfer._region_scaler import normal_scores
    >>> normal_scores(np.array([1.0, 2.0, 9.0, 99.0]), np.array([1.0, 2.0, 9.0])).round(2)
    array([-0.67,  0.  ,  0.67,  1.15])
    """
    below = np.searchsorted(quantiles, values, side="left")
    up_to = np.searchsorted(quantiles, values, side="right")
    scores = ndtri((below + up_to + 1) / (2 * (len(quantiles) + 1)))
    return np.where(np.isnan(values), np.nan, scores)


class RegionScaler(FactorTableMixin, TransformerMixin, BaseEstimator):
    r"""Put each region on its own scale: "steep for this region" rather than 35 degrees.

    A model of one region compares a place with the values that it was trained on. Another region
    has other mountains, another grid and other formulas for its indices, so all of its places may
    lie at one end of these values. Here every quantity is replaced by its rank in its own region,
    as a normal score; no labels are needed. Among :math:`n` known values of the region, of which
    :math:`b` are below and :math:`u` up to the value :math:`x`,

    .. math:: z(x) = \Phi^{-1}\left(\frac{b + u + 1}{2 (n + 1)}\right)

    which is van der Waerden's score :math:`\Phi^{-1}(i / (n + 1))` of the :math:`i`-th value, the
    middle of theirs for ties, and finite for any value.

    Parameters
    ----------
    region : str or int, default=None
        The column with the region of each row; it is left out of the result. None: all rows are
        from one region.
    keep : array-like of (str or int) or None, default=None
        Names or positions of quantities that stay as they are, because a number means the same
        everywhere.
    n_quantiles : int, default=1000
        Largest number of values that represent a factor in a region; with fewer rows, each value
        is used.
    categorical_features : "from_dtype", array-like or None, default="from_dtype"
        Which factors are categories, as in
        :class:`~sklearn.ensemble.HistGradientBoostingClassifier`: by pandas'
        category dtype, or names, positions or a mask; None for none. They stay as they are.

    Attributes
    ----------
    regions_ : list of (int or str)
        The regions of fit.
    quantiles_ : dict of str to list of ndarray
        By factor, in the order of the regions, the values that represent it.
    levels_lost_ : list of str
        Scaled factors whose absolute level has a meaning that is now lost: heights, slope angles,
        amounts of rain, temperatures, ground motion. See the notes.
    n_features_in_ : int
        Number of columns.
    feature_names_in_ : ndarray of str, shape (n_features,)
        Names of the columns, if fit got a frame with names.

    See Also
    --------
    match_factors : To be done first.
    sklearn.preprocessing.QuantileTransformer : One scale for all rows.

    Notes
    -----
    Scaling helps where regions differ in how a factor is measured: in the cell size, the formula,
    the unit or the relief as a whole. It misleads where the level itself is the cause: the
    steepest tenth of a plain does not slide the way the steepest tenth of a gorge does.
    `levels_lost_` names the factors to question; ``keep`` leaves factors as they are. Scaling can
    turn a model that transferred well into one that guesses, so fit it both ways and compare on
    the labels that you have.

    The scores depend on the order of the values alone: any strictly increasing transformation of a
    factor, such as another unit or its logarithm, changes nothing, whatever it is in each region.
    Scores are relative to the rows of fit: pass all places of a region, or a random sample of
    them. Landslides with as many other places are not a random sample, and two regions cannot be
    compared if one is a random sample and the other a balanced one.

    scikit-learn's QuantileTransformer interpolates between values, so a logarithm does change its
    scores, and it gives the extremes of a region the score 5.2, whatever the number of rows.

    Scaled columns get the suffix ``_z``, because they are no longer in degrees or meters:
    :class:`~sklearn_landslide.preprocessing.PlausibleRange`, which comes first in
    :func:`~sklearn_landslide.make_landslide_pipeline`, would mistake scores below 0 for impossible
    slopes. Do not scale hours of rain one by one: name them in `keep`.

    Missing values stay missing; for a factor without a value in a region every score is 0.

    References
    ----------
    B. L. van der Waerden, "Order tests for the two-sample problem and their power", Indagationes
    Mathematicae 14, 453-458, 1952.

    Examples
    --------
    >>> import pandas as pd
    >>> from sklearn_landslide.transfer import RegionScaler
    >>> X = pd.DataFrame(
    ...     {"region": ["hills"] * 3 + ["alps"] * 3, "slope": [2.0, 4.0, 9.0, 20.0, 35.0, 60.0]}
    ... )
    >>> scaler = RegionScaler(region="region").fit(X)
    >>> scaler.transform(X).round(2).T
                0    1     2     3    4     5
    slope_z -0.67  0.0  0.67 -0.67  0.0  0.67
    >>> scaler.levels_lost_
    ['slope']
    """

    _parameter_constraints = {
        "region": [str, Interval(Integral, 0, None, closed="left"), None],
        "keep": ["array-like", None],
        "n_quantiles": [Interval(Integral, 2, None, closed="left")],
        "categorical_features": [StrOptions({"from_dtype"}), "array-like", None],
    }

    # A source that has such a step gets it fitted to the target's rows.
    refit_on_target = True

    def __init__(
        self, region=None, *, keep=None, n_quantiles=1000, categorical_features="from_dtype"
    ):
        self.region = region
        self.keep = keep
        self.n_quantiles = n_quantiles
        self.categorical_features = categorical_features

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y=None):
        """Learn the quantiles of each region.

        Parameters
        ----------
        X : {array-like, DataFrame} of shape (n_samples, n_columns)
            The rows of all regions.
        y : None
            Ignored.

        Returns
        -------
        self : RegionScaler
            The fitted scaler.

        Raises
        ------
        ValueError
            If there is no such column, a row has no region, or a column is text and not declared
            categorical.
        """
        frame, was_frame = check_factors(self, X, reset=True)
        names = getattr(self, "feature_names_in_", None)
        self._names = [
            str(name) for name in (default_names(frame.shape[1]) if names is None else names)
        ]
        self._region = None
        if self.region is not None:
            (self._region,) = self._positions([self.region], "region", names)
        if frame.shape[1] == 1 and self._region == 0:
            raise ValueError(f"region={self.region!r} is the only column: there is no factor.")
        is_code = categorical_mask(
            frame if was_frame else frame.to_numpy(), self.categorical_features
        )
        kept = self._positions(self.keep, "keep", names)
        if self._region in kept:
            raise ValueError(f"keep has {self.region!r}, the column of the regions.")
        if coded := [self._names[p] for p in kept if is_code[p]]:
            raise ValueError(f"keep has {listed(coded, 3)}: categories stay as they are anyway.")
        self._as_it_is = is_code
        self._as_it_is[kept] = True
        rows, self.regions_ = np.zeros(len(frame), dtype=np.int64), ["all"]
        if self._region is not None:
            rows, regions = self._regions_of(frame)
            self.regions_ = sorted_codes(regions).tolist()
            rows = self._places(regions)[rows]
        self.quantiles_ = {}
        for position in range(frame.shape[1]):
            if position == self._region:
                continue
            name = self._names[position]
            if is_code[position]:
                continue
            values = as_numbers(frame.iloc[:, position], name)
            if not self._as_it_is[position]:
                self.quantiles_[name] = [
                    own_quantiles(values[rows == k].astype(np.float64), self.n_quantiles)
                    for k in range(len(self.regions_))
                ]
        self.levels_lost_ = [name for name in self.quantiles_ if read_name(name).factor in LEVELS]
        return self

    def _positions(self, which, parameter, names):
        return column_positions(
            which, n_features=self.n_features_in_, names=names, parameter=parameter
        )

    def _regions_of(self, frame):
        """Return the position of each row's region among those that occur, and these."""
        rows, regions = read_codes(frame.iloc[:, self._region])
        if (rows < 0).any():
            raise ValueError(
                f"{int((rows < 0).sum())} of {len(rows)} rows have no region in column "
                f"{self._names[self._region]!r}: say which they are of, or leave them out."
            )
        return rows, regions

    def _places(self, regions):
        """Return the place of each region among those of fit."""
        known = {str(region): place for place, region in enumerate(self.regions_)}
        if strange := [region for region in regions if str(region) not in known]:
            raise ValueError(
                f"rows are of {listed(strange, 3)}, and fit saw the regions "
                f"{listed(self.regions_, 5)}: fit on rows of all regions, no labels are needed."
            )
        return np.array([known[str(region)] for region in regions])

    def transform(self, X):
        """Replace each quantity by its score in the region of the row.

        Parameters
        ----------
        X : {array-like, DataFrame} of shape (n_samples, n_columns)
            Rows of the regions of fit.

        Returns
        -------
        X_out : {ndarray, DataFrame} of shape (n_samples, n_factors)
            The factors without the column of the region, named as by
            :meth:`get_feature_names_out`.

        Raises
        ------
        ValueError
            If a row is from a region that fit did not see.
        """
        check_is_fitted(self)
        frame, was_frame = check_factors(self, X, reset=False)
        rows = np.zeros(len(frame), dtype=np.int64)
        if self._region is not None:
            rows, regions = self._regions_of(frame)
            rows = self._places(regions)[rows]
        columns = []
        for position, name in enumerate(self._names):
            if position == self._region:
                continue
            column = frame.iloc[:, position]
            if not self._as_it_is[position]:
                values = as_numbers(column, name)
                scores = np.empty(len(values))
                for k in np.unique(rows):
                    of_it = rows == k
                    scores[of_it] = normal_scores(
                        values[of_it].astype(np.float64), self.quantiles_[name][k]
                    )
                column = pd.Series(scores.astype(values.dtype), index=frame.index)
            columns.append(column)
        scaled = pd.concat(columns, axis=1)
        scaled.columns = self.get_feature_names_out()
        return hand_on(self, scaled) if was_frame else scaled.to_numpy()

    def get_feature_names_out(self, input_features=None):
        """Return the names of the columns of the result.

        Parameters
        ----------
        input_features : array-like of str, default=None
            Names of the columns of fit; only checked.

        Returns
        -------
        names : ndarray of str
            Those of fit without that of the region; of what is scaled with ``_z`` behind them.
        """
        check_is_fitted(self)
        names = _check_feature_names_in(self, input_features)
        return np.array(
            [
                name if as_it_is else f"{name}_z"
                for place, (name, as_it_is) in enumerate(zip(names, self._as_it_is, strict=True))
                if place != self._region
            ],
            dtype=object,
        )
