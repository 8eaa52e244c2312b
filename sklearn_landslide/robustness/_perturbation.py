"""What a perturbation is: something that makes the rows of a fold worse, at several levels."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from numbers import Real

import numpy as np
import pandas as pd


@dataclass(frozen=True, eq=False)
class FoldRows:
    """The rows of one part of a fold, training or held out, with what is known of them.

    Parameters
    ----------
    X : pandas.DataFrame of shape (n_rows, n_factors)
        The factors.
    y : ndarray of int of shape (n_rows,)
        1 for landslide, 0 for none.
    rows : ndarray of int of shape (n_rows,)
        Positions in the whole table; -1 for a place that a perturbation has drawn.
    coordinates : ndarray of shape (n_rows, 2) or None, default=None
        x and y, in the units of the stack if there is one.
    groups : ndarray of shape (n_rows,) or None, default=None
        Which rows belong together, such as the cells of one landslide.
    stack : xarray.Dataset or None, default=None
        The rasters of the factors.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from sklearn_landslide.robustness import FoldRows
    >>> rows = FoldRows(pd.DataFrame({"slope": [31.0, 4.0]}), np.array([1, 0]), np.arange(2))
    >>> rows.take([1]).X["slope"].tolist()
    [4.0]
    """

    X: pd.DataFrame
    y: np.ndarray
    rows: np.ndarray
    coordinates: np.ndarray | None = None
    groups: np.ndarray | None = None
    stack: object = None

    def take(self, which):
        """Return some of the rows.

        Parameters
        ----------
        which : ndarray of int or of bool
            Positions, or which rows are kept.

        Returns
        -------
        rows : FoldRows
        """
        which = np.asarray(which)
        if which.dtype == bool:
            which = np.flatnonzero(which)
        which = which.astype(np.intp)
        return replace(
            self,
            X=self.X.iloc[which],
            y=self.y[which],
            rows=self.rows[which],
            coordinates=None if self.coordinates is None else self.coordinates[which],
            groups=None if self.groups is None else self.groups[which],
        )


class Perturbation(ABC):
    """Something that makes the rows of a fold worse, at several levels.

    Write your own as a frozen dataclass with a field `levels`, a `name` and the method
    :meth:`apply`; :func:`sensitivity` takes it like those of this package.

    Attributes
    ----------
    name : str
        What tables and pictures call it; no two of one call may have the same.
    levels : sequence of float or of str
        How strong it is made: numbers, or names of what it is done to.
    axis : str
        What a level is, with its unit.
    neutral : float or None
        The level that changes nothing; None if there is none.
    is_random : bool
        Whether it differs from draw to draw; if not, it is done once, not `n_repeats` times.

    See Also
    --------
    sensitivity : Fits models on perturbed rows.

    Examples
    --------
    Elevations that were read in feet at some of the places:

    >>> from dataclasses import dataclass, replace
    >>> import numpy as np, pandas as pd
    >>> from sklearn_landslide.robustness import FoldRows, Perturbation
    >>> @dataclass(frozen=True)
    ... class Feet(Perturbation):
    ...     levels: tuple = (0.1, 0.5)
    ...     name = "elevation in feet"
    ...     axis = "share of rows"
    ...
    ...     def apply(self, train, test, level, rng):
    ...         X = train.X.copy()
    ...         X.loc[rng.uniform(size=len(X)) < level, "elevation"] *= 3.28
    ...         return replace(train, X=X), test
    >>> rows = FoldRows(pd.DataFrame({"elevation": [100.0]}), np.array([1]), np.arange(1))
    >>> perturbed, _ = Feet().apply(rows, rows, 1.0, np.random.default_rng(0))
    >>> perturbed.X["elevation"].tolist()
    [328.0]
    """

    name = None
    levels = ()
    axis = "level"
    neutral = 0.0
    is_random = True

    def levels_for(self, rows):
        """Return the levels for a table.

        Parameters
        ----------
        rows : FoldRows
            All rows.

        Returns
        -------
        levels : sequence of float or of str
        """
        return self.levels

    def why_not(self, rows):
        """Say why it cannot be done to a table, so that it is skipped.

        Parameters
        ----------
        rows : FoldRows
            All rows.

        Returns
        -------
        reason : str or None
            None if it can.

        Raises
        ------
        ValueError
            For what was given by mistake, such as the name of a factor that is not there.
        """
        return None

    @abstractmethod
    def apply(self, train, test, level, rng):
        """Return the perturbed rows; what is given stays as it is.

        Parameters
        ----------
        train, test : FoldRows
            The rows that a model is fitted on, and those that it is scored on. Labels and
            number of the latter must stay.
        level : float or str
            One of the levels.
        rng : numpy.random.Generator
            For whatever is random. It begins the same at every level, so that a stronger level can
            be more of the same.

        Returns
        -------
        train, test : FoldRows
        """

    def say(self, level):
        """Say in words what is done at a level.

        Parameters
        ----------
        level : float or str
            One of the levels.

        Returns
        -------
        words : str
        """
        return f"{self.name} ({self.axis} {shown_level(level)})"


def shown_level(level):
    """Write a level as a text, the same in files, tables and messages."""
    return level if isinstance(level, str) else f"{level:g}"


def percent(share):
    """Write a share in percent."""
    return f"{100 * share:g} %"


def check_levels(perturbation, low, high, *, whole=False):
    """Raise unless the levels are different numbers between two bounds, which belong to them."""
    levels = perturbation.levels
    kind = type(perturbation).__name__
    if isinstance(levels, str | Real) or not len(levels):
        raise ValueError(f"{kind} needs a list of levels, got {levels!r}.")
    for level in levels:
        is_number = isinstance(level, Real) and not isinstance(level, bool)
        if not is_number or not low <= level <= high or (whole and level != int(level)):
            what = "whole numbers" if whole else "numbers"
            upper = "on" if high == np.inf else f"to {high:g}"
            raise ValueError(
                f"the levels of {kind} are {what} from {low:g} {upper}, got {level!r}."
            )
    if len(set(levels)) < len(levels):
        raise ValueError(f"{kind} has a level twice: {list(levels)}.")


def check_choice(perturbation, name, choices):
    """Raise unless a field has one of some values."""
    if (value := getattr(perturbation, name)) not in choices:
        allowed = ", ".join(map(repr, choices))
        raise ValueError(f"{name} of {type(perturbation).__name__} is one of {allowed}; {value!r}.")
