"""Perturbations of the factors: noise in them, factors of noise, factors left out."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from pandas.api import types

from sklearn_landslide._words import listed, nearest
from sklearn_landslide.preprocessing import field_bounds
from sklearn_landslide.robustness._perturbation import (
    Perturbation,
    check_choice,
    check_levels,
    percent,
)

WHERE = ("train", "test", "both")
_PLACES = {"train": "training rows", "test": "held-out rows", "both": "all rows"}


def quantities(X):
    """Names of the columns that are numbers, and no classes."""
    return [
        name
        for name, column in X.items()
        if types.is_numeric_dtype(column) and not types.is_bool_dtype(column)
    ]


def check_names(names, X):
    """Raise if a name is not a factor."""
    for name in names:
        if name not in X.columns:
            raise ValueError(
                f"there is no factor {name!r}.{nearest(name, X.columns)} "
                f"They are {listed(X.columns)}."
            )


def with_noise(train, test, shares, where, rng):
    """Add normal noise to factors, in shares of their standard deviation over the training rows.

    Parameters
    ----------
    train, test : FoldRows
        The rows.
    shares : dict of str to float
        For each factor the standard deviation of the noise, as a share of the factor's.
    where : {"train", "test", "both"}
        Which rows get noise.
    rng : numpy.random.Generator
        Random numbers.

    Returns
    -------
    train, test : FoldRows
    """
    spread = {
        name: np.nanstd(train.X[name].to_numpy(np.float64, na_value=np.nan)) for name in shares
    }
    noisy = []
    for part, is_wanted in ((train, where != "test"), (test, where != "train")):
        X = part.X.copy()
        for name, share in shares.items():
            # Drawn in any case: the noise of the one part does not depend on the other.
            noise = rng.standard_normal(len(X))
            if is_wanted:
                values = X[name].to_numpy(np.float64, na_value=np.nan)
                noisy_values = values + share * spread[name] * noise
                X[name] = _folded_back(noisy_values, values, field_bounds(name))
        noisy.append(replace(part, X=X) if is_wanted else part)
    return tuple(noisy)


def _folded_back(values, clean, bounds):
    """Fold back what noise puts beyond the bounds of a factor: no slope is measured as negative."""
    low, high = (end if end is not None else sign * np.inf for end, sign in _ends(bounds))
    folded = np.where(values < low, 2 * low - values, values)
    folded = np.where(folded > high, 2 * high - folded, folded)
    # What was impossible before is for the pipeline to treat.
    was_possible = (clean >= low) & (clean <= high)
    return np.where(was_possible, np.clip(folded, low, high), values)


def _ends(bounds):
    """Pair both ends of a range with the sign of an open one."""
    return zip(bounds or (None, None), (-1, 1), strict=True)


@dataclass(frozen=True)
class FactorNoise(Perturbation):
    """Measurement errors: normal noise in all factors that are numbers.

    Parameters
    ----------
    levels : tuple of float, default=(0.1, 0.25, 0.5, 1.0)
        Standard deviation of the noise, as a share of the factor's own over the training rows.
    where : {"train", "test", "both"}, default="train"
        Which rows get it: those that the model learns from, those that it is scored on, or both,
        as when one poor elevation model serves the whole region.
    factors : tuple of str, default=None
        The factors. None: all that are numbers.

    See Also
    --------
    NoiseInOneFactor : Each factor alone.

    Notes
    -----
    The noise of a place does not depend on that of its neighbors; errors of a real elevation model
    are similar over some cells, which a model averages out less easily. Values that noise puts
    beyond what a factor of this name can be, such as a slope below 0, are folded back (see
    :func:`~sklearn_landslide.preprocessing.field_bounds`). Classes, such as rocks, stay as they
    are.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from sklearn_landslide.robustness import FactorNoise, FoldRows
    >>> X = pd.DataFrame({"elevation": np.linspace(500, 900, 1000)})
    >>> rows = FoldRows(X, np.arange(1000) % 2, np.arange(1000))
    >>> noisy, _ = FactorNoise().apply(rows, rows, 0.5, np.random.default_rng(0))
    >>> noise = (noisy.X - X)["elevation"]
    >>> round(float(noise.std() / X["elevation"].std()), 1)
    0.5
    """

    levels: tuple = (0.1, 0.25, 0.5, 1.0)
    where: str = "train"
    factors: tuple | None = None

    axis = "noise, in standard deviations of a factor"

    def __post_init__(self):
        check_levels(self, 0, np.inf)
        check_choice(self, "where", WHERE)

    @property
    def name(self):
        """Name of the perturbation, with the rows that have noise."""
        which = "all factors" if self.factors is None else ", ".join(self.factors)
        place = "" if self.where == "train" else f" ({_PLACES[self.where]})"
        return f"noise in {which}{place}"

    def why_not(self, rows):
        """Say why it cannot be done to a table."""
        if self.factors is not None:
            check_names(self.factors, rows.X)
        return None if self._columns(rows.X) else "no factor is a number"

    def _columns(self, X):
        columns = quantities(X)
        return columns if self.factors is None else [c for c in columns if c in self.factors]

    def apply(self, train, test, level, rng):
        """Add the noise."""
        shares = dict.fromkeys(self._columns(train.X), level)
        return with_noise(train, test, shares, self.where, rng)

    def say(self, level):
        """Say in words what is done at a level."""
        which = "every factor" if self.factors is None else ", ".join(self.factors)
        return f"noise of {percent(level)} of the standard deviation in {which}"


@dataclass(frozen=True)
class NoiseInOneFactor(Perturbation):
    """Normal noise in one factor at a time: which of them has to be measured well.

    Parameters
    ----------
    levels : tuple of str, default=None
        The factors. None: each that is a number.
    share : float, default=1.0
        Standard deviation of the noise, as a share of the factor's own over the training rows.
    where : {"train", "test", "both"}, default="train"
        Which rows get it, as in :class:`FactorNoise`.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from sklearn_landslide.robustness import FoldRows, NoiseInOneFactor
    >>> X = pd.DataFrame({"slope": [1.0, 2.0], "twi": [5.0, 7.0]})
    >>> rows = FoldRows(X, np.array([0, 1]), np.arange(2))
    >>> noisy, _ = NoiseInOneFactor().apply(rows, rows, "twi", np.random.default_rng(0))
    >>> (noisy.X != X).all().to_dict()
    {'slope': False, 'twi': True}
    """

    levels: tuple | None = None
    share: float = 1.0
    where: str = "train"

    axis = "factor with noise"
    neutral = None

    def __post_init__(self):
        check_choice(self, "where", WHERE)
        if not self.share > 0:
            raise ValueError(f"share of NoiseInOneFactor must be above 0, got {self.share!r}.")

    @property
    def name(self):
        """Name of the perturbation, with the rows that have noise."""
        place = "" if self.where == "train" else f" ({_PLACES[self.where]})"
        return f"noise in one factor{place}"

    def levels_for(self, rows):
        """Return the factors that get noise."""
        return tuple(quantities(rows.X)) if self.levels is None else self.levels

    def why_not(self, rows):
        """Say why it cannot be done to a table."""
        check_names(self.levels or (), rows.X)
        if wrong := set(self.levels or ()) - set(quantities(rows.X)):
            raise ValueError(f"{min(wrong)!r} holds classes, no numbers: noise is for numbers.")
        return None if quantities(rows.X) else "no factor is a number"

    def apply(self, train, test, level, rng):
        """Add the noise."""
        return with_noise(train, test, {level: self.share}, self.where, rng)

    def say(self, level):
        """Say in words what is done at a level."""
        return f"noise of {percent(self.share)} of the standard deviation in {level}"


@dataclass(frozen=True)
class NoiseFactors(Perturbation):
    """Factors that say nothing, added to the others: standard normal numbers.

    Parameters
    ----------
    levels : tuple of int, default=(1, 5, 20)
        How many are added.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from sklearn_landslide.robustness import FoldRows, NoiseFactors
    >>> rows = FoldRows(pd.DataFrame({"slope": [1.0, 2.0]}), np.array([0, 1]), np.arange(2))
    >>> wider, _ = NoiseFactors().apply(rows, rows, 2, np.random.default_rng(0))
    >>> list(wider.X)
    ['slope', 'noise_1', 'noise_2']
    """

    levels: tuple = (1, 5, 20)

    name = "factors of noise added"
    axis = "number of factors added"

    def __post_init__(self):
        check_levels(self, 0, np.inf, whole=True)

    def apply(self, train, test, level, rng):
        """Add the factors to all rows."""
        free = (f"noise_{n}" for n in range(1, len(train.X.columns) + int(level) + 1))
        taken = {str(name) for name in train.X.columns}
        names = [name for name in free if name not in taken][: int(level)]
        wider = []
        # The first ones are the same however many follow.
        for part, own in zip((train, test), rng.spawn(2), strict=True):
            columns = {name: own.standard_normal(len(part.y)) for name in names}
            added = pd.DataFrame(columns, index=part.X.index)
            wider.append(replace(part, X=pd.concat([part.X, added], axis=1)))
        return tuple(wider)

    def say(self, level):
        """Say in words what is done at a level."""
        return f"{level:g} {'factor' if level == 1 else 'factors'} of pure noise added"


@dataclass(frozen=True)
class WithoutFactor(Perturbation):
    """Factors left out, one at a time: what a table owes to each.

    Parameters
    ----------
    levels : tuple of str or of tuple of str, default=None
        The factors, or several that are left out together. None: each.

    Notes
    -----
    A factor whose loss is near 0 may still be known to the model through others that are similar;
    leave these out together, as in ``WithoutFactor((("slope", "tri"),))``.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from sklearn_landslide.robustness import FoldRows, WithoutFactor
    >>> X = pd.DataFrame({"slope": [1.0, 2.0], "twi": [5.0, 7.0]})
    >>> rows = FoldRows(X, np.array([0, 1]), np.arange(2))
    >>> fewer, _ = WithoutFactor().apply(rows, rows, "twi", None)
    >>> list(fewer.X)
    ['slope']
    """

    levels: tuple | None = None

    name = "factor left out"
    axis = "factor left out"
    neutral = None
    is_random = False

    def _sets(self, X):
        """Return the columns to leave out, by the name of the level."""
        levels = self.levels
        if isinstance(levels, str):
            levels = (levels,)
        if levels is None:
            return {str(name): [name] for name in X.columns}
        sets = [[level] if isinstance(level, str) else list(level) for level in levels]
        return {" + ".join(names): names for names in sets}

    def levels_for(self, rows):
        """Return the names of the levels."""
        return tuple(self._sets(rows.X))

    def why_not(self, rows):
        """Say why it cannot be done to a table."""
        for names in self._sets(rows.X).values():
            check_names(names, rows.X)
            if len(set(names)) == rows.X.shape[1]:
                return "no factor would be left"
        return None

    def apply(self, train, test, level, rng):
        """Leave the factors out of all rows."""
        left_out = self._sets(train.X)[level]
        return tuple(replace(part, X=part.X.drop(columns=left_out)) for part in (train, test))

    def say(self, level):
        """Say in words what is done at a level."""
        return f"{level} left out"
