"""From landslides with a time, factors and rain to a table to learn where and when."""

import warnings
from numbers import Integral, Real

import numpy as np
import pandas as pd
from sklearn.utils import Bunch
from sklearn.utils._param_validation import Interval, StrOptions, validate_params

from sklearn_landslide._hints import hinting
from sklearn_landslide._words import listed, nearest
from sklearn_landslide.mapping._rain._check_rain import check_rain
from sklearn_landslide.mapping._rain._dated import (
    failures_of,
    nearest_storms,
    storms_of,
    times_of_events,
    warn_of_undated,
)
from sklearn_landslide.mapping._rain._draw_events import KINDS, draw_kind
from sklearn_landslide.mapping._rain._event_rows import Sampler
from sklearn_landslide.mapping._rasters._absences import buffer_in_units, candidate_cells
from sklearn_landslide.mapping._rasters._check_stack import check_stack
from sklearn_landslide.mapping._rasters._draw import (
    SmallestKeys,
    generator_of,
    largest_remainders,
)
from sklearn_landslide.mapping._rasters._grids import grid_of
from sklearn_landslide.mapping._rasters._inventory import read_inventory
from sklearn_landslide.mapping._rasters._nearby import Nearby
from sklearn_landslide.mapping._rasters._polygons import POLYGONS

_SEASONS = np.array(["DJF", "MAM", "JJA", "SON"])


def _check_kinds(absences):
    """Return the kinds of absences that are wanted, each once."""
    kinds = [absences] if isinstance(absences, str) else list(dict.fromkeys(absences))
    if unknown := [kind for kind in kinds if kind not in KINDS]:
        hint = f"absences={unknown[0]!r}"
        error = ValueError(f"{hint} is none of {listed(KINDS)}.{nearest(unknown[0], KINDS)}")
        raise hinting(error, hint)
    if not kinds:
        raise ValueError(f"absences is empty: name one or more of {listed(KINDS)}.")
    return kinds


def _other_cells(stack, grid, covered, n, generator):
    """Draw cells that are ground in all factors and hold no landslide."""
    smallest = SmallestKeys(n, generator)
    nowhere = Nearby(np.array([], dtype=object), 0.0)
    for candidates in candidate_cells(stack, grid, covered, nowhere, None, None):
        smallest.add(*candidates)
    counts = smallest.counts
    if not counts.sum():
        return np.empty(0, dtype=np.int64)
    return smallest.draw(largest_remainders(min(n, int(counts.sum())), counts))


def _joined(landslides, others):
    """Put rows of landslides before the others; classes of both are kept."""
    columns = {}
    for name in landslides:
        one, two = landslides[name], others[name]
        if isinstance(one.dtype, pd.CategoricalDtype):
            columns[name] = pd.api.types.union_categoricals([one, two], sort_categories=True)
        else:
            columns[name] = np.concatenate([one.to_numpy(), two.to_numpy()])
    return pd.DataFrame(columns)


def _draw(region, failures, kinds, wanted, generator, hints):
    """Draw all kinds, an equal share of each."""
    shares = largest_remainders(wanted, pd.Series(1.0, index=kinds))
    taken, found = set(), []
    for kind in kinds:
        if kind == KINDS[1] and not len(region.landslide_times):
            raise ValueError(
                "no landslide has a whole window of rain: leave 'other place' out of absences, or "
                "give rain of a longer time."
            )
        which, times = draw_kind(region, failures, kind, int(shares[kind]), taken, generator, hints)
        found.append((which, times, np.full(len(which), kind, dtype=object)))
    return (np.concatenate(part) for part in zip(*found, strict=True))


def _season(times):
    """Name the season of times: DJF, MAM, JJA or SON."""
    return _SEASONS[times.month.to_numpy() % 12 // 3]


def _step_names(stack, n_steps):
    """Name the columns of rain; a factor of this name is refused."""
    names = [f"rain_{number:03d}" for number in range(n_steps)]
    if clash := [name for name in names if name in stack]:
        raise ValueError(f"the stack has a factor {clash[0]!r}, the name of a step: rename it.")
    return names


def _warn_of_lost(windows):
    """Count the steps that are not known."""
    lost = np.isnan(windows)
    if lost.any():
        warnings.warn(
            f"{lost.sum()} of {windows.size} steps of rain are not known in "
            f"{lost.any(axis=1).sum()} of {len(windows)} rows: they are NaN.",
            UserWarning,
            stacklevel=4,
        )
    return int(lost.sum())


def _table(landslides, others, names, event_days):
    """Put the rows together, those of landslides first."""
    windows = np.concatenate([landslides.windows, others.windows])
    times = landslides.times.append(others.times)
    failed = landslides.times.to_numpy()
    storms = storms_of(failed, event_days)
    rain = pd.DataFrame(windows, columns=names)
    places = [rows.table.coordinates for rows in (landslides, others)]
    coordinates = pd.concat(places, ignore_index=True)
    coordinates.attrs = dict(places[0].attrs)
    return Bunch(
        X=pd.concat([_joined(landslides.table.X, others.table.X), rain], axis=1),
        y=np.repeat([1, 0], [len(landslides.times), len(others.times)]),
        coordinates=coordinates,
        groups=np.concatenate([landslides.groups, others.groups]),
        event=np.concatenate([storms, nearest_storms(others.times.to_numpy(), failed, storms)]),
        time=times,
        year=times.year.to_numpy(),
        season=_season(times),
        kind=np.concatenate([landslides.kind, others.kind]).astype(str),
        sequences={"rain": names},
        n_lost_steps=_warn_of_lost(windows),
    )


@validate_params(
    {
        "n_steps": [Interval(Integral, 1, None, closed="left")],
        "time": [str],
        "when": [StrOptions({"hour", "day"})],
        "ratio": [Interval(Real, 0, None, closed="neither")],
        "absences": [str, "array-like"],
        "buffer": [Interval(Real, 0, None, closed="left")],
        "days": [Interval(Real, 0, None, closed="neither")],
        "wet_hours": [Interval(Real, 0, None, closed="neither")],
        "event_days": [Interval(Real, 0, None, closed="left")],
        "coordinates": ["array-like"],
        "categorical": [str, "array-like"],
        "polygons": POLYGONS,
        "timezone": [str, None],
        "random_state": ["random_state"],
    },
    prefer_skip_nested_validation=True,
)
def sample_events(
    stack,
    rain,
    events,
    *,
    n_steps=120,
    time="time",
    when="hour",
    ratio=4.0,
    absences=("other time", "other place", "wet", "dry"),
    buffer=500.0,
    days=3.0,
    wet_hours=24.0,
    event_days=3.0,
    coordinates=("x", "y"),
    categorical=(),
    polygons="cells",
    timezone=None,
    crs=None,
    random_state=None,
):
    """Make the table to learn where and when: dated landslides, and places and times without one.

    A row is a place at a time, with its factors from the stack and the rain of the last `n_steps`
    steps, as :func:`rain_at` takes it. Rows without a landslide are drawn in space and time [1]_,
    [2]_. None of them is

    - within `buffer` of a landslide and less than `days` before or after it, nor
    - at a place (a cell of the stack) where a landslide occurred earlier or occurs within `days`,
      because a slope that has failed is no longer the same slope.

    Landslides without a time are left out; no row is drawn near them at any time.

    Parameters
    ----------
    stack : xarray.Dataset
        The factors, from :func:`open_stack`.

    rain : xarray.DataArray
        The rain, from :func:`open_rain` or :func:`interpolate_gauges`; it may have coarser cells
        and another CRS.

    events : str, path-like, GeoDataFrame or DataFrame
        The landslides, points or polygons, as :func:`sample_stack` reads them.

    n_steps : int, default=120
        Number of steps of rain in a row.

    time : str, default="time"
        The column with the time of each landslide.

    when : {"hour", "day"}, default="hour"
        Whether the hour of each landslide is known, at which the window then ends, or only the
        day, at the end of which it ends (in `timezone`, if given).

    ratio : float, default=4.0
        Number of rows without a landslide per row with one.

    absences : str or sequence of str, default=("other time", "other place", "wet", "dry")
        The kinds of rows without a landslide, in equal shares:

        - ``"other time"``: the place of a landslide at any other time before it.
        - ``"other place"``: any other place at the time of a landslide.
        - ``"wet"``: a place, of a landslide or another in equal parts, at one of its wettest times
          that passed without a landslide: the rain of the last `wet_hours` is among its highest 5
          %, and 1 mm at least. These teach a model when, and not only where.
        - ``"dry"``: such a place at a time with less than 1 mm in the last `wet_hours`.

    buffer : float, default=500.0
        The distance in meters within which landslides forbid a row for `days`.

    days : float, default=3.0
        The time in days before and after a landslide in which it forbids rows. With ``when="day"``
        it is counted from the end of the day.

    wet_hours : float, default=24.0
        The time in hours whose rain makes a time wet or dry.

    event_days : float, default=3.0
        Landslides that are not further apart in time than this are one event, and so are those
        that are linked by others.

    coordinates : sequence of str, default=("x", "y")
        The two columns with x and y, of a table.

    categorical : str or sequence of str, default=()
        The factors that hold class codes, besides those marked in the stack.

    polygons : {"cells", "one", "scarp"} or int, default="cells"
        What a polygon becomes, as in :func:`sample_stack`; its cells are one landslide.

    timezone : str, default=None
        Time zone of times that state none, as in :func:`open_rain`. If None, UTC.

    crs : str, int or CRS, default=None
        The coordinate reference system of an inventory that states none.

    random_state : int, RandomState instance or None, default=None
        Seed of the draw. If None, the draw differs each time. The global generator is not touched.

    Returns
    -------
    table : :class:`~sklearn.utils.Bunch`
        A dictionary-like object with

        X : DataFrame of shape (n_samples, n_factors + n_steps)
            The factors, as in :func:`sample_stack`, then the rain in mm from ``rain_000``, the
            oldest step, to the latest. NaN is missing.
        y : ndarray of shape (n_samples,)
            1 for landslide; these rows come first.
        coordinates : DataFrame of shape (n_samples, 2)
            Columns x and y, as of :func:`sample_stack`.
        groups : ndarray of shape (n_samples,)
            The position in the inventory of the landslide at this place, also for rows without a
            landslide; every other place has its own number.
        event : ndarray of shape (n_samples,)
            The storm of a landslide, numbered from 0 in order of time; for other rows the nearest
            in time. Use it as groups to leave one event out.
        time : DatetimeIndex of length n_samples
            When the window ends, in UTC.
        year : ndarray of shape (n_samples,)
            The year of `time`. Use it as strata to leave out one at a time.
        season : ndarray of shape (n_samples,)
            ``"DJF"``, ``"MAM"``, ``"JJA"`` or ``"SON"``.
        kind : ndarray of shape (n_samples,)
            ``"landslide"``, or the kind of the row.
        sequences : dict of str to list of str
            ``{"rain": [...]}``, as :class:`~sklearn_landslide.LandslideNet` takes it.
        target : str
            ``"landslide"``.
        n_landslides : int
            Number of landslides that have rows.
        n_undated, n_outside, n_nodata, n_no_rain : int
            Landslides without a time, landslides outside the stack, their samples without any
            factor, and rows left out because no step of rain was known.
        n_lost_steps : int
            Steps of rain that are NaN, in all rows.

    Raises
    ------
    ValueError
        If a column, a time or a kind does not exist, `stack` or `rain` cannot be used, fewer rows
        can be drawn than requested, or a buffer is given in a CRS without meters.

    Warns
    -----
    UserWarning
        If landslides are left out or steps of rain are missing, with their number.

    References
    ----------
    .. [1] S. Steger et al., "Deciphering seasonal effects of triggering and preparatory
       precipitation for improved shallow landslide prediction using generalized additive mixed
       models", Natural Hazards and Earth System Sciences 23, 1483-1506, 2023.
    .. [2] M. Moreno et al., "Space-time data-driven modeling of precipitation-induced shallow
       landslides in South Tyrol, Italy", Science of the Total Environment 912, 169166, 2024.

    Examples
    --------
    >>> import numpy as np, pandas as pd, xarray as xr
    >>> from sklearn_landslide.mapping import open_rain, open_stack, sample_events
    >>> centers = np.arange(50.0, 4000, 100)
    >>> slope = xr.DataArray(np.full((40, 40), 20.0), {"y": centers[::-1], "x": centers})
    >>> stack = open_stack({"slope": slope}, crs="EPSG:32632")
    >>> hours = pd.date_range("2021-07-01 01:00", periods=600, freq="h")
    >>> amounts = np.random.default_rng(0).gamma(0.1, 5.0, (600, 2, 2))
    >>> axes = {"time": hours, "y": [3000.0, 1000.0], "x": [1000.0, 3000.0]}
    >>> data = xr.DataArray(amounts, axes, name="rain")
    >>> rain = open_rain(data, units="mm", label="end", crs="EPSG:32632")
    >>> landslides = pd.DataFrame({"x": [950.0], "y": [1250.0], "time": ["2021-07-20 05:30"]})
    >>> table = sample_events(stack, rain, landslides, n_steps=48, random_state=0)
    >>> table.X.shape, table.y.tolist(), table.kind.tolist()
    ((5, 49), [1, 0, 0, 0, 0], ['landslide', 'other time', 'other place', 'wet', 'dry'])
    """
    stack, kinds = check_stack(stack), _check_kinds(absences)
    check_rain(rain)
    grid, generator = grid_of(stack), generator_of(random_state)
    names = _step_names(stack, n_steps)
    read = read_inventory(events, grid.crs, target=None, coordinates=coordinates, crs=crs)
    times = times_of_events(read.frame, time, when, timezone, read.where)
    warn_of_undated(times, read.where)
    options = {"categorical": categorical, "crs": grid.crs, "target": None}
    sampler = Sampler(stack, rain, grid, n_steps, options)
    landslides = sampler.landslides(read, times, polygons, generator)

    distance = buffer_in_units(buffer, grid.crs, grid.bounds)
    failures, covered = failures_of(read.geometry, times, grid, distance, pd.Timedelta(days, "D"))
    wanted = max(1, round(ratio * len(landslides.times)))
    spare = _other_cells(stack, grid, covered, 2 * wanted + 64, generator)
    region = sampler.region(landslides, spare, wet_hours)
    hints = f"ratio={ratio}", f"buffer={buffer}", f"days={days}"
    drawn = _draw(region, failures, kinds, wanted, generator, hints)
    others = sampler.others(region, len(times), *drawn)
    table = _table(landslides, others, names, event_days)
    table.update(
        target="landslide",
        n_landslides=len(np.unique(landslides.groups)),
        n_undated=int(times.isna().sum()),
        n_outside=landslides.table.n_outside,
        n_nodata=landslides.table.n_nodata,
        n_no_rain=landslides.n_no_rain + others.n_no_rain,
    )
    return table
