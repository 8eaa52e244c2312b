"""Perturbations of the places, whose factors are taken from the rasters again."""

import warnings
from dataclasses import dataclass, replace
from numbers import Real

import numpy as np
import pandas as pd
from scipy.spatial import KDTree

from sklearn_landslide._codes import canonical_code
from sklearn_landslide._words import listed
from sklearn_landslide.mapping import grid_of, meters_per_unit, sample_absences, sample_stack
from sklearn_landslide.robustness._draws import group_codes
from sklearn_landslide.robustness._perturbation import Perturbation, check_choice, check_levels

# A value of the table is that of the raster if they differ by less, in standard deviations: files
# of text and of 32 bits round.
_ROUNDING = 1e-3
_SHARE_UNLIKE = 0.01


def is_class(column):
    """Say whether a column holds classes."""
    return isinstance(column.dtype, pd.CategoricalDtype)


def factors_at(points, rows):
    """Take the factors of a table from its stack at other points.

    Parameters
    ----------
    points : ndarray of shape (n_points, 2)
        x and y in the units of the stack.
    rows : FoldRows
        Whose stack it is, and whose columns and types the result has. A class that the table
        does not have is missing.

    Returns
    -------
    X : DataFrame of shape (n_known, n_factors)
        The factors.
    known : ndarray of int of shape (n_known,)
        Which of the points have any: those within the stack, and not on nodata alone.
    """
    X = rows.X
    places = pd.DataFrame({"x": points[:, 0], "y": points[:, 1], "landslide": 1})
    names = [str(name) for name in X.columns]
    classes = [name for name in names if is_class(X[name])]
    with warnings.catch_warnings():
        # Points that leave the raster are counted by whoever moves them.
        warnings.simplefilter("ignore", UserWarning)
        table = sample_stack(rows.stack[names], places, categorical=classes)
    columns = {}
    for name in names:
        column = table.X[name]
        if is_class(X[name]):
            own = {canonical_code(value): value for value in X[name].cat.categories}
            values = [own.get(canonical_code(value)) for value in column]
            columns[name] = pd.Categorical(values, dtype=X[name].dtype)
        else:
            columns[name] = column.to_numpy(np.float64)
    return pd.DataFrame(columns), np.asarray(table.groups)


def why_no_sampling(rows):
    """Say why factors cannot be taken again, or raise if the table is of other rasters."""
    if rows.stack is None:
        return "it needs the rasters of the factors"
    if rows.coordinates is None:
        return "it needs the coordinates of the rows"
    if missing := [name for name in rows.X.columns if name not in rows.stack]:
        return f"the stack has no {listed(missing, 5)}"
    if not meters_per_unit(grid_of(rows.stack)):
        return "the units of the stack are not meters: warp it to a projected system, such as UTM"
    _check_same_values(rows)
    return None


def _check_same_values(rows):
    """Raise unless the table has what the stack has at its coordinates."""
    X, known = factors_at(rows.coordinates, rows)
    given = rows.X.iloc[known].reset_index(drop=True)
    unlike = {}
    for name, column in X.items():
        if is_class(column):
            is_unlike = (column != given[name]) & ~given[name].isna() & ~column.isna()
        else:
            own = given[name].to_numpy(np.float64, na_value=np.nan)
            is_unlike = np.abs(column - own) > _ROUNDING * np.nanstd(own)
        unlike[name] = float(np.mean(is_unlike))
    name = max(unlike, key=unlike.get)
    if unlike[name] > _SHARE_UNLIKE:
        raise ValueError(
            f"the stack has other values than the table at its coordinates: {name!r} differs in "
            f"{100 * unlike[name]:.0f} % of the rows. Make the table of this stack, with "
            "mapping.sample_stack, or leave the stack out."
        )


@dataclass(frozen=True)
class ShiftedPositions(Perturbation):
    """Points that were mapped some meters off: the factors are those of the wrong place.

    Every place is moved by the same distance, each in a direction of its own, and its factors are
    taken there. It needs a stack, and a table that was made of it with
    :func:`~sklearn_landslide.mapping.sample_stack`.

    Parameters
    ----------
    levels : tuple of float, default=(10, 30, 50, 100, 200, 300)
        Distance in meters.
    which : {"landslides", "both"}, default="landslides"
        Whether only landslides are off, or other places as well.

    Notes
    -----
    Rows of one group, such as the cells of a landslide, move together. A place that would leave the
    raster, or come to lie on nodata, stays where it is. A shift by less than half a cell
    changes few rows.

    Examples
    --------
    >>> import numpy as np, pandas as pd, xarray as xr
    >>> from sklearn_landslide.mapping import open_stack
    >>> from sklearn_landslide.robustness import FoldRows, ShiftedPositions
    >>> x = np.arange(5.0, 1000, 10)
    >>> slope = xr.DataArray(np.tile(x / 100, (100, 1)), {"y": x[::-1], "x": x})
    >>> stack = open_stack({"slope": slope}, crs="EPSG:32717")
    >>> rows = FoldRows(
    ...     pd.DataFrame({"slope": [5.05]}), np.array([1]), np.arange(1), np.array([[505.0, 505]]),
    ...     stack=stack,
    ... )
    >>> shifted, _ = ShiftedPositions().apply(rows, rows, 50, np.random.default_rng(0))
    >>> bool(abs(shifted.X["slope"][0] - 5.05) <= 0.55)
    True
    """

    levels: tuple = (10, 30, 50, 100, 200, 300)
    which: str = "landslides"

    axis = "shift in meters"

    def __post_init__(self):
        check_levels(self, 0, np.inf)
        check_choice(self, "which", ("landslides", "both"))

    @property
    def name(self):
        """Name of the perturbation, with what is moved."""
        return "landslides shifted" if self.which == "landslides" else "all places shifted"

    def why_not(self, rows):
        """Say why it cannot be done to a table."""
        return why_no_sampling(rows)

    def apply(self, train, test, level, rng):
        """Move the places and take their factors again."""
        units = group_codes(train)
        angles = rng.uniform(0, 2 * np.pi, int(units.max()) + 1)[units]
        step = level / meters_per_unit(grid_of(train.stack))
        moved = np.flatnonzero((train.y == 1) | (self.which == "both"))
        points = train.coordinates + step * np.column_stack([np.cos(angles), np.sin(angles)])
        new, known = factors_at(points[moved], train)
        moved = moved[known]
        X = _with_rows(train.X, moved, new)
        coordinates = train.coordinates.copy()
        coordinates[moved] = points[moved]
        return replace(train, X=X, coordinates=coordinates), test

    def say(self, level):
        """Say in words what is done at a level."""
        who = "landslides" if self.which == "landslides" else "places"
        return f"{who} mapped {level:g} m off"


def _with_rows(X, where, new):
    """Replace some rows of a table, column by column, so that types stay."""
    columns = {}
    for name, column in X.items():
        if is_class(column):
            codes = column.cat.codes.to_numpy().copy()
            codes[where] = new[name].cat.codes
            columns[name] = pd.Categorical.from_codes(codes, dtype=column.dtype)
        else:
            values = column.to_numpy(np.float64, na_value=np.nan).copy()
            values[where] = new[name]
            columns[name] = values
    return pd.DataFrame(columns, index=X.index)


@dataclass(frozen=True)
class OtherAbsences(Perturbation):
    """Other places without a landslide, drawn again from the rasters, at other distances.

    Parameters
    ----------
    levels : tuple of float, default=(0, 100, 250, 500)
        Smallest distance of a drawn place to a landslide of the training rows, in meters.
    min_slope : float, default=None
        Draw only where the factor ``slope`` is as steep as this, in degrees.
    strata : str, default=None
        A factor of classes: each gets absences in proportion to its area.

    See Also
    --------
    sklearn_landslide.mapping.sample_absences : Draws them.

    Notes
    -----
    As many are drawn as the training rows have places without a landslide. None is taken that lies
    nearer to a held-out row than to any training row: it would tell what is there. The held-out
    rows stay as they are, so a loss also says how unlike the two kinds of absences are.

    Examples
    --------
    >>> import numpy as np, pandas as pd, xarray as xr
    >>> from sklearn_landslide.mapping import open_stack
    >>> from sklearn_landslide.robustness import FoldRows, OtherAbsences
    >>> x = np.arange(5.0, 1000, 10)
    >>> slope = xr.DataArray(np.tile(x / 100, (100, 1)), {"y": x[::-1], "x": x})
    >>> stack = open_stack({"slope": slope}, crs="EPSG:32717")
    >>> points = np.array([[205.0, 505], [255.0, 505], [805, 505]])
    >>> X = pd.DataFrame({"slope": points[:, 0] / 100})
    >>> rows = FoldRows(X, np.array([1, 0, 0]), np.arange(3), points, stack=stack)
    >>> rng = np.random.default_rng(0)
    >>> other, _ = OtherAbsences().apply(rows.take([0, 1]), rows.take([2]), 250, rng)
    >>> bool(np.hypot(*(other.coordinates[1] - points[0])) >= 250)
    True
    """

    levels: tuple = (0, 100, 250, 500)
    min_slope: float | None = None
    strata: str | None = None

    axis = "distance from landslides in meters"
    neutral = None

    def __post_init__(self):
        check_levels(self, 0, np.inf)
        if self.min_slope is not None and not isinstance(self.min_slope, Real):
            raise ValueError(f"min_slope must be degrees, got {self.min_slope!r}.")

    @property
    def name(self):
        """Name of the perturbation, with how it draws."""
        how = [] if self.min_slope is None else [f"slope of {self.min_slope:g} or more"]
        how += [] if self.strata is None else [f"by {self.strata}"]
        return "other absences" + (f" ({', '.join(how)})" if how else "")

    def why_not(self, rows):
        """Say why it cannot be done to a table."""
        return why_no_sampling(rows)

    def apply(self, train, test, level, rng):
        """Draw places without a landslide, and take their factors."""
        is_landslide = train.y == 1
        wanted = int((~is_landslide).sum())
        landslides = pd.DataFrame(train.coordinates[is_landslide], columns=["x", "y"])
        names = list(dict.fromkeys([*map(str, train.X.columns), *self._further_factors()]))
        trees = [KDTree(part.coordinates) if len(part.y) else None for part in (train, test)]
        n_asked = wanted
        while True:
            drawn = sample_absences(
                train.stack[names],
                landslides,
                ratio=n_asked / len(landslides),
                buffer=level,
                min_slope=self.min_slope,
                strata=self.strata,
                target=None,
                random_state=int(rng.integers(2**31)),
            )
            points = np.column_stack([drawn.geometry.x, drawn.geometry.y])
            points = points[_is_nearer(points, *trees)]
            X, known = factors_at(points, train) if len(points) else (train.X.iloc[:0], [])
            if len(known) >= wanted:
                break
            # Those in the held-out part of the ground do not count.
            n_asked = int(np.ceil(1.1 * n_asked * wanted / max(len(known), wanted / 10)))
        points, X = points[known][:wanted], X.iloc[:wanted]
        old = train.take(is_landslide)
        return (
            replace(
                old,
                X=pd.concat([old.X, X[list(old.X.columns)]], ignore_index=True),
                y=np.concatenate([old.y, np.zeros(wanted, old.y.dtype)]),
                rows=np.concatenate([old.rows, np.full(wanted, -1)]),
                coordinates=np.concatenate([old.coordinates, points]),
                groups=_with_single_places(old.groups, wanted),
            ),
            test,
        )

    def _further_factors(self):
        """Names of the factors that the draw looks at."""
        return [*(["slope"] if self.min_slope is not None else []), *filter(None, [self.strata])]

    def say(self, level):
        """Say in words what is done at a level."""
        return f"other absences, at least {level:g} m from landslides"


def _with_single_places(groups, n_places):
    """Append places that belong to no other."""
    if groups is None:
        return None
    codes, known = pd.factorize(groups)
    return np.concatenate([codes, len(known) + np.arange(n_places)])


def _is_nearer(points, train, test):
    """Say which points are nearer to a training row than to a held-out one."""
    if test is None:
        return np.ones(len(points), bool)
    return train.query(points)[0] < test.query(points)[0]
