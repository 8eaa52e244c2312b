"""Perturbations of which rows there are: fewer of them, or the classes in another ratio."""

from dataclasses import dataclass

import numpy as np

from sklearn_landslide.robustness._draws import first_units, group_codes, units_in_random_order
from sklearn_landslide.robustness._perturbation import Perturbation, check_levels, percent


def _has_landslide(units, y):
    """Say which units have a landslide."""
    return np.bincount(units, y, int(units.max()) + 1) > 0


@dataclass(frozen=True)
class FewerRows(Perturbation):
    """A smaller inventory: some of the rows, of both classes equally.

    Parameters
    ----------
    levels : tuple of float, default=(0.25, 0.5, 0.75, 0.9)
        Share of the rows that are left out.

    Notes
    -----
    Groups are left out as a whole: those with a landslide and those without in the same share, so
    that both classes stay.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from sklearn_landslide.robustness import FewerRows, FoldRows
    >>> y = np.repeat([0, 1], [30, 10])
    >>> rows = FoldRows(pd.DataFrame({"slope": np.arange(40.0)}), y, np.arange(40))
    >>> fewer, _ = FewerRows().apply(rows, rows, 0.9, np.random.default_rng(0))
    >>> np.bincount(fewer.y).tolist()
    [3, 1]
    """

    levels: tuple = (0.25, 0.5, 0.75, 0.9)

    name = "fewer rows"
    axis = "share of rows left out"

    def __post_init__(self):
        check_levels(self, 0, 1)

    def apply(self, train, test, level, rng):
        """Leave rows out."""
        units = group_codes(train)
        sizes = np.bincount(units)
        has_landslide = _has_landslide(units, train.y)
        order = units_in_random_order(units, rng)
        out = []
        for kind in (True, False):
            own = order[has_landslide[order] == kind]
            out.append(first_units(own, sizes, round(level * sizes[own].sum())))
        out = np.concatenate(out)
        is_left = ~np.isin(units, out)
        # Where groups hold both classes, the only other places may be in one that was left out.
        for unit in out[::-1]:
            if len(np.unique(train.y[is_left])) == len(np.unique(train.y)):
                break
            is_left |= units == unit
        return train.take(is_left), test

    def say(self, level):
        """Say in words what is done at a level."""
        return f"{percent(level)} of the rows left out"


@dataclass(frozen=True)
class ClassRatio(Perturbation):
    """Another number of places without a landslide for each landslide.

    Parameters
    ----------
    levels : tuple of float, default=(1, 2, 5, 10)
        Other places for each landslide. The class that has too many rows loses some.

    Notes
    -----
    The held-out rows stay as they are, so the Brier score also counts that probabilities refer to
    another share of landslides; ROC-AUC does not. Groups are left out as a whole, and only those of
    one class. Where these do not suffice the ratio is as near to the level as it can be.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from sklearn_landslide.robustness import ClassRatio, FoldRows
    >>> y = np.repeat([0, 1], [30, 10])
    >>> rows = FoldRows(pd.DataFrame({"slope": np.arange(40.0)}), y, np.arange(40))
    >>> even, _ = ClassRatio().apply(rows, rows, 1, np.random.default_rng(0))
    >>> np.bincount(even.y).tolist()
    [10, 10]
    """

    levels: tuple = (1, 2, 5, 10)

    name = "other class ratio"
    axis = "other places for each landslide"
    neutral = None

    def __post_init__(self):
        check_levels(self, 1e-6, np.inf)

    def apply(self, train, test, level, rng):
        """Leave rows of one class out."""
        n_others, n_landslides = np.bincount(train.y, minlength=2).tolist()
        thinned = int(n_others < level * n_landslides)
        wanted = n_landslides - n_others / level if thinned else n_others - level * n_landslides
        units = group_codes(train)
        n_of_class = np.bincount(units, train.y == thinned).astype(int)
        is_pure = n_of_class == np.bincount(units)
        order = units_in_random_order(units, rng)
        out = first_units(order[is_pure[order]], n_of_class, round(wanted))
        return train.take(~np.isin(units, out)), test

    def say(self, level):
        """Say in words what is done at a level."""
        return f"{level:g} other {'place' if level == 1 else 'places'} for each landslide"
