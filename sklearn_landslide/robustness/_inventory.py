"""Perturbations of the inventory: wrong labels, and landslides that nobody mapped."""

from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from sklearn_landslide._codes import canonical_code
from sklearn_landslide._words import listed
from sklearn_landslide.robustness._draws import drawn
from sklearn_landslide.robustness._factors import check_names
from sklearn_landslide.robustness._perturbation import (
    Perturbation,
    check_choice,
    check_levels,
    percent,
)


@dataclass(frozen=True)
class WrongLabels(Perturbation):
    """Labels that are wrong: what was mapped as a landslide is none, or the other way round.

    Parameters
    ----------
    levels : tuple of float, default=(0.02, 0.05, 0.1, 0.2)
        Share of the labels of each class that are wrong.
    which : {"both", "landslides", "others"}, default="both"
        Whether both classes have wrong labels, or the landslides only, or the other places only.

    Notes
    -----
    In each class the number of wrong labels is the share of its rows, rounded to a whole number.
    Rows of one group, such as the cells of a landslide, are wrong together.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from sklearn_landslide.robustness import FoldRows, WrongLabels
    >>> y = np.repeat([0, 1], [30, 10])
    >>> rows = FoldRows(pd.DataFrame({"slope": np.arange(40.0)}), y, np.arange(40))
    >>> wrong, _ = WrongLabels().apply(rows, rows, 0.1, np.random.default_rng(0))
    >>> [int((wrong.y != y)[y == label].sum()) for label in (0, 1)]
    [3, 1]
    """

    levels: tuple = (0.02, 0.05, 0.1, 0.2)
    which: str = "both"

    axis = "share of labels that are wrong"

    def __post_init__(self):
        check_levels(self, 0, 1)
        check_choice(self, "which", ("both", "landslides", "others"))

    @property
    def name(self):
        """Name of the perturbation, with the class where it is one."""
        of = "" if self.which == "both" else f" ({self.which} only)"
        return f"wrong labels{of}"

    def apply(self, train, test, level, rng):
        """Turn the labels round."""
        is_wrong = np.zeros(len(train.y), bool)
        for label, own in zip((1, 0), rng.spawn(2), strict=True):
            if self.which in ("both", "landslides" if label else "others"):
                is_wrong |= drawn(train, train.y == label, level, own)
        return replace(train, y=np.where(is_wrong, 1 - train.y, train.y)), test

    def say(self, level):
        """Say in words what is done at a level."""
        of = {"both": "labels", "landslides": "labels of landslides"}
        of = of.get(self.which, "labels of other places")
        return f"{percent(level)} of the {of} wrong"


@dataclass(frozen=True, eq=False)
class UnmappedLandslides(Perturbation):
    """Landslides that are missing in the inventory: by chance, far from roads, under forest.

    Parameters
    ----------
    levels : tuple of float, default=(0.1, 0.25, 0.5)
        Share of the landslides that are missing; with `under` of those there.
    far_from : str or array-like of shape (n_samples,), default=None
        A factor, or one number for each row of the table, such as the distance to roads: the
        chance to be missed is in proportion to it. A missing number counts as the median.
    under : (str, sequence) or array-like of bool of shape (n_samples,), default=None
        Where alone landslides are missed, such as forest: the name of a factor and its classes,
        ``("landuse", ["forest"])``, or for each row whether it lies there.
    become : {"others", "dropped"}, default="others"
        What a landslide is in the table that nobody mapped: a place without, or no row at all.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from sklearn_landslide.robustness import FoldRows, UnmappedLandslides
    >>> y = np.repeat([0, 1], [30, 10])
    >>> rows = FoldRows(pd.DataFrame({"slope": np.arange(40.0)}), y, np.arange(40))
    >>> poor, _ = UnmappedLandslides().apply(rows, rows, 0.5, np.random.default_rng(0))
    >>> len(poor.y), int(poor.y.sum())
    (40, 5)
    """

    levels: tuple = (0.1, 0.25, 0.5)
    far_from: object = field(default=None, repr=False)
    under: object = field(default=None, repr=False)
    become: str = "others"

    def __post_init__(self):
        check_levels(self, 0, 1)
        check_choice(self, "become", ("others", "dropped"))
        if self.far_from is not None and self.under is not None:
            raise ValueError(
                "landslides are missed far from something or under something: give far_from or "
                "under, not both."
            )

    def _how(self):
        """Say which landslides are missed."""
        if self.far_from is not None:
            of = self.far_from if isinstance(self.far_from, str) else "the given distance"
            return f", more so with {of}"
        if self.under is None:
            return ""
        if not _names_classes(self.under):
            return " in part of the area"
        name, classes = self.under
        return f" under {name} {', '.join(map(str, _as_list(classes)))}"

    @property
    def name(self):
        """Name of the perturbation, with which landslides are missed."""
        dropped = " (dropped)" if self.become == "dropped" else ""
        return f"landslides not mapped{self._how()}{dropped}"

    @property
    def axis(self):
        """What a level is."""
        return "share of landslides not mapped" + ("" if self.under is None else " there")

    def why_not(self, rows):
        """Say why it cannot be done to a table."""
        if isinstance(self.far_from, str):
            check_names([self.far_from], rows.X)
        if self.far_from is not None:
            self._weights(rows)
        if self.under is not None and not (rows.y[self._is_under(rows)] == 1).any():
            return "no landslide lies there"
        return None

    def _weights(self, rows):
        """Return the distance of each row."""
        values = rows.X[self.far_from] if isinstance(self.far_from, str) else self.far_from
        try:
            values = np.asarray(values, dtype=np.float64)
        except (TypeError, ValueError):
            raise ValueError("far_from needs numbers, such as the distance to roads.") from None
        if not isinstance(self.far_from, str):
            values = _of_rows(values, rows, "far_from")
        if np.isnan(values).all() or (values < 0).any():
            raise ValueError("far_from needs numbers that are 0 or more.")
        return np.where(np.isnan(values), np.nanmedian(values), values)

    def _is_under(self, rows):
        """Say which rows lie where landslides are missed."""
        if not _names_classes(self.under):
            mask = np.asarray(self.under)
            if mask.dtype != bool:
                raise ValueError("under needs the name of a factor and its classes, or a mask.")
            return _of_rows(mask, rows, "under")
        name, classes = self.under
        check_names([name], rows.X)
        wanted = {canonical_code(value) for value in _as_list(classes)}
        codes = rows.X[name].map(canonical_code).to_numpy(dtype=object)
        found = {code for code in codes.tolist() if code is not None}
        # Of a part of the table some classes may be missing.
        if (
            len(rows.y)
            and not wanted & found
            and isinstance(rows.X[name].dtype, pd.CategoricalDtype)
        ):
            found |= {canonical_code(value) for value in rows.X[name].cat.categories}
        if not wanted & found:
            raise ValueError(
                f"{name!r} has no class {listed(sorted(wanted, key=str))}: it has "
                f"{listed(sorted(found, key=str), 10)}."
            )
        return np.array([code in wanted for code in codes.tolist()], bool)

    def apply(self, train, test, level, rng):
        """Leave the landslides out of the inventory."""
        candidates = train.y == 1
        if self.under is not None:
            candidates &= self._is_under(train)
        weights = None if self.far_from is None else self._weights(train)
        missed = drawn(train, candidates, level, rng, weights)
        if self.become == "dropped":
            return train.take(~missed), test
        return replace(train, y=np.where(missed, 0, train.y)), test

    def say(self, level):
        """Say in words what is done at a level."""
        dropped = " and dropped" if self.become == "dropped" else ""
        return f"{percent(level)} of the landslides not mapped{self._how()}{dropped}"


def _names_classes(under):
    """Say whether a place is named by a factor and its classes."""
    return isinstance(under, tuple | list) and len(under) == 2 and isinstance(under[0], str)


def _as_list(classes):
    return [classes] if isinstance(classes, str) or np.isscalar(classes) else list(classes)


def _of_rows(values, rows, name):
    """Return what belongs to these rows, of what is given for the whole table."""
    if len(values) <= rows.rows.max(initial=-1):
        raise ValueError(f"{name} has {len(values)} values: give one for each row of the table.")
    return values[rows.rows]
