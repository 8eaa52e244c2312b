"""Rain hour by hour becomes sums over windows, the form that triggering thresholds have."""

import re
from itertools import pairwise
from numbers import Integral

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin, _fit_context
from sklearn.utils.validation import _check_feature_names_in, check_is_fitted

from sklearn_landslide._factor_tables import FactorTableMixin, as_numbers, check_factors
from sklearn_landslide._sequences import resolve_sequences


def numbered_columns(names):
    """Find the series in the names of columns.

    Parameters
    ----------
    names : sequence of str
        Names of all columns.

    Returns
    -------
    sequences : dict of str to list of str
        The columns ``rain_<number>`` in the order of their numbers; without any, all columns, if
        their names are one word and a number.

    Raises
    ------
    ValueError
        If neither is so, a number is missing in between, or ``rain_72`` stands alone.

    Examples
    --------
    >>> from sklearn_landslide.preprocessing._rainfall_sums import numbered_columns
    >>> numbered_columns(["slope", "rain_1", "rain_0"])
    {'rain': ['rain_0', 'rain_1']}
    """
    stem = "rain"
    number = {name: int(name[5:]) for name in names if re.fullmatch(r"rain_\d+", name)}
    if len(number) == 1 and max(number.values()) > 1:
        # rain_72 is a sum over a window rather than the one hour of a series.
        raise ValueError(
            f"{next(iter(number))!r} alone is not a series of hours: "
            'name the hours in sequences={"rain": [...]}, oldest first.'
        )
    if not number:
        parts = [re.fullmatch(r"(.*?)_?(\d+)", name) for name in names]
        stems = {part and part[1] for part in parts}
        if len(stems) > 1 or None in stems:
            shown = ", ".join(map(repr, list(names)[:3]))
            raise ValueError(
                f"no column is called rain_000, rain_001 ..., the first are {shown}: "
                'name the hours in sequences={"rain": [...]}, oldest first.'
            )
        # An array's columns are called x0, x1 ..., which says nothing.
        stem = stems.pop()
        stem = stem if stem not in ("", "x") else "rain"
        number = {name: int(part[2]) for name, part in zip(names, parts, strict=True)}
    hours = sorted(number, key=number.get)
    for before, after in pairwise(hours):
        # rain_24 and rain_72 are sums over windows, not hours.
        if number[after] - number[before] != 1:
            raise ValueError(
                f"{after!r} follows {before!r}, which are not consecutive hours: "
                'name the hours in sequences={"rain": [...]}, oldest first.'
            )
    return {stem: hours}


def trailing_sums(series, windows):
    """Sum the last steps of each row, for several numbers of steps.

    Parameters
    ----------
    series : ndarray of shape (n_samples, n_steps)
        Oldest step first.
    windows : sequence of int
        Numbers of steps, 1 to ``n_steps``.

    Returns
    -------
    sums : ndarray of shape (n_samples, n_windows)
        Missing where a step of the window is.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.preprocessing._rainfall_sums import trailing_sums
    >>> trailing_sums(np.array([[1.0, 2.0, 4.0]]), [1, 3])
    array([[4., 7.]])
    """
    # From the end, so that nothing is subtracted: the sum of a dry day is 0 and not a rounding.
    return np.cumsum(series[:, ::-1], axis=1, dtype=np.float64)[:, np.asarray(windows) - 1]


class RainfallSums(FactorTableMixin, TransformerMixin, BaseEstimator):
    """Turn hourly rain into sums over windows that end with the last hour.

    Thresholds for landslides are stated in such sums (intensity and duration, antecedent rain),
    and models that do not know time, such as a random forest, learn from them what they can hardly
    learn from single hours.

    Parameters
    ----------
    windows : array-like of int, default=(1, 3, 6, 12, 24, 48, 72, 96, 120)
        Lengths of the windows in steps. Windows longer than the series are left out; if all are,
        the whole series is the window.
    sequences : dict or None, default=None
        The columns of each variable in order of time, names or positions, by its name: ``{"rain":
        ["rain_000", "rain_001"]}``; or a dict of such dicts. None: the columns ``rain_<number>``
        in the order of their numbers, none missing in between; without any, all columns, if
        their names are one word and a number, as those of an array are (x0, x1 ...).
    maximum : bool, default=True
        Whether to add the greatest value of the series: the hourly peak intensity.
    log : bool, default=False
        Whether to take ``log(1 + value)`` of sums and maximum; negative values become missing.
    keep_hours : bool, default=False
        Whether to keep the columns of the series in addition to their sums.

    Attributes
    ----------
    windows_ : dict of str to list of int
        The windows of each variable, shortest first.
    n_features_in_ : int
        Number of columns.
    feature_names_in_ : ndarray of str, shape (n_features,)
        Their names, if fit got a frame with names.

    See Also
    --------
    FactorImputer : Fills missing hours along time.

    Notes
    -----
    Columns that stay keep name, data type and order; the sums follow, called ``rain_sum_24h``,
    ``rain_max``, and with `log` ``log_rain_sum_24h``. The sum of a window with a missing hour is
    missing: to fill gaps in time first, put :class:`PlausibleRange` and :class:`FactorImputer`
    with the same `sequences` before this step. Nodata codes such as -9999 give negative sums,
    which :class:`PlausibleRange` masks afterwards.

    Examples
    --------
    >>> import pandas as pd
    >>> from sklearn_landslide.preprocessing import RainfallSums
    >>> X = pd.DataFrame({"slope": [31.5], "rain_0": [2.0], "rain_1": [0.5], "rain_2": [4.0]})
    >>> RainfallSums(windows=[1, 2, 24]).fit_transform(X)
       slope  rain_sum_1h  rain_sum_2h  rain_max
    0   31.5          4.0          4.5       4.0
    """

    _parameter_constraints = {
        "windows": ["array-like"],
        "sequences": [dict, None],
        "maximum": ["boolean"],
        "log": ["boolean"],
        "keep_hours": ["boolean"],
    }

    def __init__(
        self,
        windows=(1, 3, 6, 12, 24, 48, 72, 96, 120),
        *,
        sequences=None,
        maximum=True,
        log=False,
        keep_hours=False,
    ):
        self.windows = windows
        self.sequences = sequences
        self.maximum = maximum
        self.log = log
        self.keep_hours = keep_hours

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y=None):
        """Find the columns of the series; nothing is learned from the rows.

        Parameters
        ----------
        X : {array-like, DataFrame} of shape (n_samples, n_columns)
            The table.
        y : None
            Ignored.

        Returns
        -------
        self : RainfallSums
            The fitted transformer.

        Raises
        ------
        ValueError
            If no series is found, `sequences` or `windows` do not fit, an hour is not a number, or
            a column has the name of a sum.
        """
        frame, _ = check_factors(self, X, reset=True)
        windows = self._check_windows()
        named = getattr(self, "feature_names_in_", None)
        names = [str(name) for name in _check_feature_names_in(self)]
        found = self.sequences is None
        groups = resolve_sequences(
            numbered_columns(names) if found else self.sequences,
            n_features=len(names),
            names=names if found else named,
        )
        self._series = [
            (variable, positions)
            for group in groups
            for variable, positions in zip(group.variables, group.positions, strict=True)
        ]
        self.windows_ = {}
        hours = set()
        for variable, positions in self._series:
            if variable in self.windows_:
                raise ValueError(f"sequences has two variables {variable!r}: rename one.")
            fitting = [window for window in windows if window <= len(positions)]
            self.windows_[variable] = fitting or [len(positions)]
            hours.update(positions.tolist())
            for p in positions:
                as_numbers(frame.iloc[:, p], names[p])
        self._kept = [p for p in range(len(names)) if self.keep_hours or p not in hours]
        names_out = self.get_feature_names_out().tolist()
        for name in names_out[len(self._kept) :]:
            if names_out.count(name) > 1:
                raise ValueError(f"X has a column {name!r} already: drop or rename it.")
        return self

    def transform(self, X):
        """Add the sums and drop the hours, unless `keep_hours` is True.

        Parameters
        ----------
        X : {array-like, DataFrame} of shape (n_samples, n_columns)
            The table.

        Returns
        -------
        X_out : {ndarray, DataFrame} of shape (n_samples, n_columns_out)
            The columns that stay, then those of :meth:`get_feature_names_out`.
        """
        check_is_fitted(self)
        frame, was_frame = check_factors(self, X, reset=False)
        kept = frame.iloc[:, self._kept]
        parts = [kept] if kept.shape[1] else []
        for variable, positions in self._series:
            series = np.column_stack(
                [as_numbers(frame.iloc[:, p], frame.columns[p]) for p in positions]
            )
            values = trailing_sums(series, self.windows_[variable])
            if self.maximum:
                values = np.column_stack([values, series.max(axis=1)])
            if self.log:
                values = np.log1p(np.where(values < 0, np.nan, values))
            parts.append(pd.DataFrame(values.astype(series.dtype), index=frame.index))
        table = pd.concat(parts, axis=1)
        table.columns = self.get_feature_names_out()
        return table if was_frame else table.to_numpy()

    def get_feature_names_out(self, input_features=None):
        """Names of the columns that stay and of the sums.

        Parameters
        ----------
        input_features : array-like of str or None, default=None
            Names of the columns of the table, if it had none in ``fit``.

        Returns
        -------
        names : ndarray of str
            In the order of :meth:`transform`.
        """
        check_is_fitted(self, "windows_")
        names = _check_feature_names_in(self, input_features)[self._kept].tolist()
        prefix = "log_" if self.log else ""
        for variable, windows in self.windows_.items():
            names += [f"{prefix}{variable}_sum_{window}h" for window in windows]
            names += [f"{prefix}{variable}_max"] * self.maximum
        return np.asarray(names, dtype=object)

    def _check_windows(self):
        """Windows as sorted whole numbers, each once."""
        windows = np.asarray(self.windows).ravel().tolist()
        for window in windows:
            if not isinstance(window, Integral) or isinstance(window, bool) or window < 1:
                raise ValueError(f"windows holds {window!r}: give whole numbers of steps from 1.")
        if not windows:
            raise ValueError("windows is empty: give at least one number of steps, such as 24.")
        return sorted(set(windows))
