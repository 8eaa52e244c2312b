"""Draw places and times without a landslide."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from sklearn_landslide._hints import hinting
from sklearn_landslide._words import plural
from sklearn_landslide.mapping._rain._windows import groups_of_steps
from sklearn_landslide.mapping._rasters._sample import compute

OTHER_TIME, OTHER_PLACE, WET, DRY = "other time", "other place", "wet", "dry"
KINDS = (OTHER_TIME, OTHER_PLACE, WET, DRY)
# Rain of a dry day is less, by the definition of the World Meteorological Organization.
_DRY = 1.0
_WETTEST = 0.95
_MOST_ROUNDS = 30
_VALUES_AT_ONCE = 40_000_000


@dataclass(frozen=True, eq=False)
class Region:
    """Where and when can be drawn.

    Parameters
    ----------
    rain : xarray.DataArray
        The cube.
    ends : ndarray of int64
        Ends of its steps in nanoseconds.
    first : int
        The first step before which the whole window lies in the cube.
    wet_steps : int
        Steps whose rain makes a time wet or dry.
    cells : ndarray of int, shape (n_cells,)
        Numbers of the cells of the stack that can be drawn: those of landslides first.
    x, y : ndarray of shape (n_cells,)
        Their centers.
    rain_cells : ndarray of int, shape (2, n_cells)
        Row and column in the cube.
    landslide : ndarray of int, shape (n_cells,)
        The landslide whose cell it is; -1 for other places.
    landslide_times : ndarray of int64
        When landslides with a time happened, in nanoseconds.
    """

    rain: Any
    ends: np.ndarray
    first: int
    wet_steps: int
    cells: np.ndarray
    x: np.ndarray
    y: np.ndarray
    rain_cells: np.ndarray
    landslide: np.ndarray
    landslide_times: np.ndarray

    @property
    def there(self):
        """Positions of the cells of landslides."""
        return np.flatnonzero(self.landslide >= 0)

    @property
    def elsewhere(self):
        """Positions of the other cells."""
        return np.flatnonzero(self.landslide < 0)


def _places(where, n, generator, landslide=None):
    """Draw cells, each landslide as often as another whatever the number of its cells."""
    if landslide is None:
        return generator.choice(where, n)
    _, first, counts = np.unique(landslide[where], return_index=True, return_counts=True)
    which = generator.integers(len(first), size=n)
    within = np.floor(generator.random(n) * counts[which]).astype(np.int64)
    # The cells of a landslide are next to each other.
    return where[first[which] + within]


def _sums(region, which):
    """Rain of the last steps at each time, by cell of the cube; NaN where a step is missing."""
    cells = region.rain_cells[:, which]
    bare = region.rain.drop_vars(["x", "y", "time"], errors="ignore")
    parts = []
    for start, stop in groups_of_steps(region.rain):
        picked = bare.isel(
            time=slice(start, stop), y=("place", cells[0]), x=("place", cells[1])
        ).transpose("time", "place")
        parts.append(compute(picked.data).astype(np.float64))
    values = np.concatenate(parts)
    missing = np.isnan(values)
    n = region.wet_steps
    sums, lost = (
        np.concatenate([np.zeros((1, values.shape[1])), np.cumsum(part, axis=0)])
        for part in (np.where(missing, 0.0, values), missing)
    )
    found = np.full(values.shape, np.nan)
    found[n - 1 :] = np.where(lost[n:] - lost[:-n] > 0, np.nan, sums[n:] - sums[:-n])
    return found[region.first :]


def _by_rain(region, which, kind, generator):
    """Draw for each place a time that is wet or dry there; -1 where there is none."""
    cells, of = np.unique(region.rain_cells[:, which], axis=1, return_inverse=True)
    of = of.ravel()
    found = np.full(len(which), -1, dtype=np.int64)
    one = np.unique(of, return_index=True)[1]
    at_once = max(1, _VALUES_AT_ONCE // len(region.ends))
    for start in range(0, cells.shape[1], at_once):
        sums = _sums(region, which[one[start : start + at_once]])
        for column, series in enumerate(sums.T):
            if np.isnan(series).all():
                continue
            if kind == DRY:
                good = np.flatnonzero(series < _DRY)
            else:
                least = np.nanquantile(series, _WETTEST)
                good = np.flatnonzero((series >= least) & (series >= _DRY))
            here = np.flatnonzero(of == start + column)
            if len(good):
                found[here] = region.first + generator.choice(good, len(here))
    return found


def _proposed(region, kind, n, generator):
    """Propose places and times of one kind, some of which may not be allowed."""
    there, elsewhere = region.there, region.elsewhere
    if kind == OTHER_PLACE:
        which = generator.choice(elsewhere, n) if len(elsewhere) else elsewhere
        return which, generator.choice(region.landslide_times, len(which))
    if kind == OTHER_TIME:
        which = _places(there, n, generator, region.landslide)
        return which, region.ends[generator.integers(region.first, len(region.ends), n)]
    half = n // 2 if len(elsewhere) else 0
    which = np.concatenate(
        [
            _places(there, n - half, generator, region.landslide),
            _places(elsewhere, half, generator) if half else elsewhere[:0],
        ]
    )
    which = generator.permutation(which)
    steps = _by_rain(region, which, kind, generator)
    return which[steps >= 0], region.ends[steps[steps >= 0]]


def draw_kind(region, failures, kind, wanted, taken, generator, hints):
    """Draw places and times of one kind.

    Parameters
    ----------
    region : Region
        Where and when can be drawn.
    failures : Failures
        What is not allowed.
    kind : str
        One of `KINDS`.
    wanted : int
        How many.
    taken : set of (int, int)
        Cells and times that were drawn before; those drawn now are added.
    generator : numpy.random.Generator
        Source of the draw.
    hints : tuple of str
        Parameters that an error names.

    Returns
    -------
    which : ndarray of int, shape (wanted,)
        Positions of the cells.
    times : ndarray of int64, shape (wanted,)
        When, in nanoseconds.

    Raises
    ------
    ValueError
        If there are fewer.
    """
    which, times = [], []
    for _ in range(_MOST_ROUNDS):
        n = max(64, 2 * (wanted - len(which)))
        places, at = _proposed(region, kind, n, generator)
        allowed = failures.allow(region.cells[places], region.x[places], region.y[places], at)
        for place, time in zip(places[allowed].tolist(), at[allowed].tolist(), strict=True):
            key = int(region.cells[place]), time
            if len(which) < wanted and key not in taken:
                taken.add(key)
                which.append(place)
                times.append(time)
        if len(which) == wanted:
            return np.array(which, dtype=np.int64), np.array(times, dtype=np.int64)
    error = ValueError(
        f"{plural(wanted, 'place')} and times of the kind {kind!r} are wanted ({hints[0]}), but "
        f"only {len(which)} were found away from landslides by {hints[1]} and {hints[2]}: lower "
        "one of them, leave the kind out of absences, or give rain of a longer time."
    )
    raise hinting(error, *hints)
