"""Folds of strata: one region, lithology or year left out, or a region and a period at once."""

from numbers import Integral

import numpy as np
import pandas as pd
from sklearn.utils._param_validation import Interval, StrOptions

from sklearn_landslide._hints import hinting
from sklearn_landslide.model_selection._base import LandslideSplitter, class_codes, class_counts
from sklearn_landslide.model_selection._side_information import check_group_labels, matching_rows
from sklearn_landslide.model_selection._units import groups_of, without_groups_of


def _strata_of(side, X, name):
    """Code of the stratum of each row of X, and the strata in their order."""
    labels = check_group_labels(side, name)[matching_rows(side, X, name)]
    codes, strata = pd.factorize(labels, sort=True)
    return codes, strata


def _joined(counts, small, min_per_class):
    """Strata to test together: the small ones, and the next smallest until they are enough."""
    joined = list(np.flatnonzero(small))
    others = [k for k in np.argsort(counts.sum(axis=1), kind="stable") if not small[k]]
    while counts[joined].sum(axis=0).min() < min_per_class and others:
        joined.append(others.pop(0))
    return sorted(joined)


class _StrataSplitter(LandslideSplitter):
    """What both splitters share: parts that are too small, names and number of the folds."""

    def fold_names(self, X=None, y=None, groups=None):
        """Name the test fold of each split, in the order of :meth:`split`.

        Parameters
        ----------
        X : {array-like, DataFrame} of shape (n_samples, n_features), default=None
            The table, or a part of it. None: all rows.
        y : array-like of shape (n_samples,), default=None
            The labels, needed as they decide what is too small to be tested.
        groups : array-like of shape (n_samples,), default=None
            As in :meth:`split`.

        Returns
        -------
        names : list of str
            One name a fold.
        """
        return [name for name, _, _ in self._named_folds(X, y, groups)]

    def get_n_splits(self, X=None, y=None, groups=None):
        """Get the number of folds.

        Parameters
        ----------
        X : {array-like, DataFrame} of shape (n_samples, n_features), default=None
            The table, or a part of it. None: all rows.
        y : array-like of shape (n_samples,), default=None
            The labels, needed as they decide what is too small to be tested.
        groups : array-like of shape (n_samples,), default=None
            As in :meth:`split`.

        Returns
        -------
        n_splits : int
            Number of folds.
        """
        return len(self._named_folds(X, y, groups))

    def _named_folds(self, X, y, groups):
        self._check_parameters()
        rows = self._side() if X is None else X
        codes, classes = class_codes(rows, y)
        return self._splits(X, codes, classes, groups_of(self.groups, rows, groups))

    def _folds(self, X, codes, classes, groups):
        return [(train, test) for _, train, test in self._splits(X, codes, classes, groups)]

    def _too_small(self, name, counts, classes):
        """Error for a stratum that cannot be tested by itself."""
        rare = counts.argmin()
        options = [f'on_small="{one}"' for one in ("merge", "skip") if one in self._ways]
        hint = f"min_per_class={self.min_per_class}"
        error = ValueError(
            f"{name} has {counts[rare]} rows of class {classes[rare]!s}, fewer than {hint}: "
            f"choose {' or '.join(options)}."
        )
        return hinting(error, hint, *options)


class LeaveOneStratumOut(_StrataSplitter):
    """Test each region, lithology or year with a model that has not seen it.

    Each stratum is tested once, by a model that was trained on all others: for a map of a
    neighboring valley, of another rock, or of the coming year.

    Parameters
    ----------
    strata : {array-like, Series} of shape (n_samples,)
        Stratum of each sample: its region, its lithology, its year. As a Series with the index
        of X it also serves where only a part of X is split, as in a nested search.
    min_per_class : int, default=1
        A stratum is small if it holds fewer rows than this of landslides or of others. With
        a few rows of a class the scores of a fold are little more than noise.
    on_small : {"raise", "merge", "skip"}, default="raise"
        What to do about small strata. "raise" names it. "merge" tests all small strata together as
        one, joined by the next smallest until they are large enough. "skip" never tests them; they
        are in the training part of every fold.
    groups : {array-like, Series} of shape (n_samples,), default=None
        Group of each sample, such as the ``groups`` of
        :func:`~sklearn_landslide.mapping.sample_stack`. A training row whose group is in the test
        part, too, is left out. As a Series with the index of X it also serves where only a part of
        X is split. Those given to `split` count more.

    See Also
    --------
    LeaveRegionAndPeriodOut : Both the place and the time are new.
    sklearn.model_selection.LeaveOneGroupOut : The same for strata that all hold both classes.

    Notes
    -----
    Folds come in the order of the sorted strata, merged strata at the position of the first.

    References
    ----------
    .. [1] Roberts, D. R. et al. (2017). Cross-validation strategies for data with temporal,
       spatial, hierarchical, or phylogenetic structure. Ecography 40, 913-929.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.model_selection import LeaveOneStratumOut
    >>> X, y = np.zeros((7, 1)), [0, 1, 0, 1, 1, 1, 0]
    >>> years = [2001, 2001, 2002, 2002, 2003, 2004, 2004]
    >>> cv = LeaveOneStratumOut(years, on_small="skip")
    >>> cv.fold_names(X, y)
    ['2001', '2002', '2004']
    >>> [test.tolist() for _, test in cv.split(X, y)]
    [[0, 1], [2, 3], [5, 6]]
    >>> LeaveOneStratumOut(years, on_small="merge").fold_names(X, y)
    ['2001 + 2003', '2002', '2004']
    """

    _ways = ("raise", "merge", "skip")
    _parameter_constraints = {
        "min_per_class": [Interval(Integral, 1, None, closed="left")],
        "on_small": [StrOptions(set(_ways))],
    }

    def __init__(self, strata, *, min_per_class=1, on_small="raise", groups=None):
        self.strata = strata
        self.min_per_class = min_per_class
        self.on_small = on_small
        self.groups = groups

    def _side(self):
        return self.strata

    def _splits(self, X, codes, classes, groups):
        of_row, strata = _strata_of(self.strata, X, "strata")
        if len(strata) < 2:
            raise ValueError(f"all rows are of one stratum, {strata[0]}: there must be two.")
        counts = class_counts(of_row, codes)
        small = counts.min(axis=1) < self.min_per_class
        if small.any() and self.on_small == "raise":
            first = small.argmax()
            raise self._too_small(f"stratum {strata[first]}", counts[first], classes)
        folds = [[k] for k in np.flatnonzero(~small)]
        if small.any() and self.on_small == "merge":
            joined = _joined(counts, small, self.min_per_class)
            folds = sorted([[k] for k in range(len(strata)) if k not in joined] + [joined])
        splits = []
        for fold in folds:
            tested = np.isin(of_row, fold)
            name = " + ".join(str(strata[k]) for k in fold)
            test = np.flatnonzero(tested)
            train = without_groups_of(np.flatnonzero(~tested), test, groups)
            rest = np.bincount(codes[train], minlength=2)
            if rest.min() == 0:
                raise ValueError(
                    f"without stratum {name} there is no row of class "
                    f"{classes[rest.argmin()]!s} to train on: use coarser or other strata."
                )
            splits.append((name, train, test))
        if not splits:
            in_python = ', or on_small="merge"'
            error = ValueError(
                f"none of the {len(strata)} strata has {self.min_per_class} rows of both classes: "
                f"use coarser strata{in_python}."
            )
            raise hinting(error, instead={in_python: ""})
        return splits


class LeaveRegionAndPeriodOut(_StrataSplitter):
    """Test one region in one period with a model that has seen neither.

    A fold tests the rows of one region in one period. It is trained on the rows of other regions
    in other periods: rows of the same region at another time, or of the same time in another
    region, are left out. This matches a forecast for a new place.

    Parameters
    ----------
    regions : {array-like, Series} of shape (n_samples,)
        Region of each sample, given or made by :func:`spatial_blocks`.
    periods : {array-like, Series} of shape (n_samples,)
        Period of each sample, its year for instance. As Series with the index of X both also
        serve where only a part of X is split.
    min_per_class : int, default=1
        A test part is small if it holds fewer rows than this of landslides or of others.
    on_small : {"raise", "skip"}, default="raise"
        What to do about small test parts, or training parts with one class: say which it is,
        or do not test them. A region without any row in a period is never tested.
    groups : {array-like, Series} of shape (n_samples,), default=None
        Group of each sample, such as the ``groups`` of
        :func:`~sklearn_landslide.mapping.sample_stack`. A training row whose group is in the test
        part, too, is left out. As a Series with the index of X it also serves where only a part of
        X is split. Those given to `split` count more.

    See Also
    --------
    LeaveOneStratumOut : Either the place or the time is new.
    spatial_blocks : Regions from coordinates.

    References
    ----------
    .. [1] Meyer, H., Reudenbach, C., Hengl, T., Katurji, M., Nauss, T. (2018). Improving
       performance of spatio-temporal machine learning models using forward feature selection
       and target-oriented validation. Environmental Modelling & Software 101, 1-9.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.model_selection import LeaveRegionAndPeriodOut
    >>> regions = np.repeat(["north", "south"], 4)
    >>> periods = [2001, 2001, 2002, 2002] * 2
    >>> X, y = np.zeros((8, 1)), [0, 1] * 4
    >>> cv = LeaveRegionAndPeriodOut(regions, periods)
    >>> cv.fold_names(X, y)
    ['north, 2001', 'north, 2002', 'south, 2001', 'south, 2002']
    >>> train, test = next(cv.split(X, y))
    >>> test, train
    (array([0, 1]), array([6, 7]))
    """

    _ways = ("raise", "skip")
    _parameter_constraints = {
        "min_per_class": [Interval(Integral, 1, None, closed="left")],
        "on_small": [StrOptions(set(_ways))],
    }

    def __init__(self, regions, periods, *, min_per_class=1, on_small="raise", groups=None):
        self.regions = regions
        self.periods = periods
        self.min_per_class = min_per_class
        self.on_small = on_small
        self.groups = groups

    def _side(self):
        return self.regions

    def _splits(self, X, codes, classes, groups):
        rows = self.regions if X is None else X
        region_of, regions = _strata_of(self.regions, X, "regions")
        period_of, periods = _strata_of(self.periods, rows, "periods")
        splits = []
        for region, period in np.unique(np.column_stack([region_of, period_of]), axis=0):
            test = np.flatnonzero((region_of == region) & (period_of == period))
            train = np.flatnonzero((region_of != region) & (period_of != period))
            train = without_groups_of(train, test, groups)
            name = f"{regions[region]}, {periods[period]}"
            counts = np.bincount(codes[test], minlength=2)
            rest = np.bincount(codes[train], minlength=2)
            if counts.min() >= self.min_per_class and rest.min() > 0:
                splits.append((name, train, test))
            elif self.on_small == "raise" and rest.min() > 0:
                raise self._too_small(name, counts, classes)
            elif self.on_small == "raise":
                raise ValueError(
                    f"without the region and the period of {name} there is no row of class "
                    f'{classes[rest.argmin()]!s} to train on: choose on_small="skip".'
                )
        if not splits:
            raise ValueError(
                f"none of the {len(regions)} regions in the {len(periods)} periods has "
                f"{self.min_per_class} rows of both classes and others to train on: use coarser "
                "ones."
            )
        return splits
