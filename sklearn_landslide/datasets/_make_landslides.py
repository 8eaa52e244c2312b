"""A synthetic landslide inventory whose true probability is known."""

from numbers import Integral, Real

import numpy as np
import pandas as pd
from sklearn.utils import Bunch
from sklearn.utils._param_validation import Interval, validate_params

from sklearn_landslide.datasets._synthetic._events import N_EVENTS
from sklearn_landslide.datasets._synthetic._region import CATEGORIES, FACTORS, PREVALENCE
from sklearn_landslide.datasets._synthetic._sampling import HOUR_PREFIX, spoil
from sklearn_landslide.datasets._synthetic._survey import Wanted, survey_periods, survey_storm

# Upper left corner of the region in a projected system, as UTM coordinates look.
ORIGIN = (500_000.0, 3_600_000.0)
SMALLEST_SIDE = 16
DEFAULT_HOURS = 120
_DEFAULT_LEAST_CELLS = 120 * 160
_MOST_CELLS_FOR_CLUSTERS = 1_500_000

_DESCRIPTION = """\
Synthetic landslide inventory
-----------------------------

:Number of samples: {n_samples} ({n_landslides} landslides)
:Number of factors: 13 numeric, 3 categorical (soil, landuse, lithology)
:Region: {rows} x {columns} cells of {cell_size:g} m, {prevalence:.2%} of them landslides

:Factors:
    - altitude in m
    - slope in degrees
    - aspect in degrees clockwise from north, the direction in which the slope falls
    - plan_curvature in 1/m, across the slope, positive where flow parts
    - profile_curvature in 1/m, down the slope, positive where it is convex
    - twi, topographic wetness index ln(a / tan b)
    - spi in m, stream power index a tan b
    - sti, sediment transport index
    - distance_to_river, distance_to_fault, distance_to_road in m
    - ndvi, normalized difference vegetation index
    - rainfall in mm, total of the storm of 72 hours
    - soil, landuse, lithology: codes; their names are in `category_names`

A fractal mountain region is crossed by a rainstorm. Each cell has an infinite-slope factor
of safety from its factors and from two fields that no factor shows, weathering and
thickness of the soil. Its failure probability, the probability that a log-normal factor of
safety is below 1, is `true_probability`; each cell fails or not by one draw from it.
"""
_RAIN_DESCRIPTION = """
:Rain: `rain_000` to `rain_{last:03d}`, mm in each hour, oldest first, the last one ending at
    the observation

Each sample is a place at an hour of one of {n_events} periods of rain, `event`. The hourly
rain fills a store that drains in tens of hours and a pressure front that follows in hours;
their water takes the place of the storm's in the factor of safety. `rainfall` is the storm
of the climate: hourly rain is in proportion to it, and slopes are partly used to it.
"""


@validate_params(
    {
        "n_samples": [Interval(Integral, 2, None, closed="left")],
        "landslide_share": [Interval(Real, 0, 1, closed="neither")],
        "shape": [tuple, list, None],
        "cell_size": [Interval(Real, 1, 100, closed="both")],
        "clustering": [Interval(Real, 0, 1, closed="both")],
        "missing_share": [Interval(Real, 0, 1, closed="both")],
        "outlier_share": [Interval(Real, 0, 1, closed="both")],
        "sequences": ["boolean", Interval(Integral, 24, 720, closed="both")],
        "return_stack": ["boolean"],
        "as_frame": ["boolean"],
        "return_X_y": ["boolean"],
        "random_state": ["random_state"],
    },
    prefer_skip_nested_validation=True,
)
def make_landslides(
    n_samples=19_898,
    *,
    landslide_share=0.4,
    shape=None,
    cell_size=30.0,
    clustering=0.0,
    missing_share=0.0,
    outlier_share=0.0,
    sequences=False,
    return_stack=False,
    as_frame=False,
    return_X_y=False,
    random_state=None,
):
    """Make a landslide inventory of a synthetic mountain region.

    The region has a fractal elevation model, from which slope, aspect, curvatures, wetness
    and rivers follow, besides faults, roads, rocks, soils, landuse and vegetation. A
    rainstorm crosses it. An infinite-slope stability model gives every cell the probability
    to fail, and every cell fails or not by one draw. The samples are cells of the region,
    each at most once.

    Parameters
    ----------
    n_samples : int, default=19898
        Number of samples.
    landslide_share : float, default=0.4
        Share of landslides among the samples. Their number is rounded to the nearest integer.
    shape : tuple of (int, int), default=None
        Rows and columns of the region, 16 at least. If None, the region is 3 to 4 and
        large enough for the samples: 300 rows and 400 columns for the defaults, never less
        than 120 by 160, larger with `clustering`.
    cell_size : float, default=30.0
        Side of a cell in meters, 1 to 100.
    clustering : float, default=0.0
        Share of the samples drawn from up to ten round areas, as inventories are where
        somebody mapped; the others come from the whole region. Within the areas up to 80 %
        of the landslide cells are drawn.
    missing_share : float, default=0.0
        Share of all values that are missing (NaN), completely at random; of single hours
        of rain as of factors.
    outlier_share : float, default=0.0
        Share of impossible values, a slope above 90 degrees or negative rain for instance,
        among the 11 numeric factors that have physical limits (the curvatures have none)
        and the hours of rain; rounded down. No value is both missing and impossible, so
        `missing_share` and `outlier_share` sum to 1 at most.
    sequences : bool or int, default=False
        Whether a sample is a place at an hour, with the rain of the hours before: 120 hours
        if True, or a number from 24 to 720. If False, all failures come from one storm of
        which the table has the total.
    return_stack : bool, default=False
        Whether to return the raster stack of the region, too.
    as_frame : bool, default=False
        Whether `data` is a DataFrame, with the categorical factors as pandas categories,
        and `target` a Series.
    return_X_y : bool, default=False
        Whether to return ``(data, target)`` instead of a Bunch.
    random_state : int, RandomState instance or None, default=None
        Seed of region and samples. Region and drawn cells do not depend on
        `missing_share` and `outlier_share`, nor the region on anything but its shape and
        cell size. If None, fresh entropy is taken; the global generator is not touched.

    Returns
    -------
    data : :class:`~sklearn.utils.Bunch`
        Dictionary-like object, with the following attributes.

        data : ndarray of shape (n_samples, 16 + n_hours) or DataFrame
            The factors; in the array, float64 with the categories as codes. With
            `sequences`, then the rain in mm of each hour, ``rain_000`` the oldest; the last
            one ends at the moment of observation. Without, n_hours is 0.
        target : ndarray of shape (n_samples,) or Series
            1 for landslide, 0 for none.
        coordinates : ndarray of shape (n_samples, 2) or DataFrame
            x and y in meters, at random within the sample's cell.
        feature_names : list of str
            Names of the factors and hours.
        target_names : ndarray of shape (2,)
            Names of the classes.
        categorical_features : list of str
            Names of the categorical factors.
        category_names : dict of str to dict
            For each of them, what its codes stand for.
        true_probability : ndarray of shape (n_samples,)
            Probability of the sample's cell to fail, in the region; with `sequences`, at its
            hour, given all the rain of the period until then.
        prevalence : float
            Share of the region's cells that failed, about 0.1; with `sequences`, of the
            cells and hours, about 0.02.
        frame : DataFrame of shape (n_samples, 17 + n_hours) or None
            `data` and `target` (named ``"landslide"``), if `as_frame` is True.
        DESCR : str
            Description of the data.
        stack : dict of str to ndarray of shape (rows, columns)
            The factors as rasters, row 0 in the north, without nodata, missing or
            impossible values. Only if `return_stack` is True, as are the next three.
        transform : tuple of 6 floats
            ``(cell_size, 0, west, 0, -cell_size, north)`` in the order of
            ``affine.Affine``: x = west + cell_size * column, y = north - cell_size * row
            at a cell's upper left corner.
        true_probability_map : ndarray of shape (rows, columns)
            Probability of every cell to fail.
        landslide_map : ndarray of bool of shape (rows, columns)
            Cells that failed.
        sequences : dict of str to list of str
            ``{"rain": [...]}``, the names of the hours, as ``LandslideNet(sequences=...)``
            takes them. Only with `sequences`, as are the next four, which take the place of
            the two maps above.
        event : ndarray of int of shape (n_samples,)
            Period of the sample, 0 to 23: groups for leave-one-event-out.
        hour : ndarray of int of shape (n_samples,)
            Hour of the period at which the sample was seen, one of the last 72.
        true_hour_weight : ndarray of shape (n_samples, n_hours)
            By how much one more mm of rain in each hour would raise the saturated share of
            the soil's depth at the observation, before that share is limited to 0 to 1; 0
            in an hour whose rain runs off already.
        storm : :class:`~sklearn.utils.Bunch`
            The period with most failures, for maps hour by hour: ``event``, its number,
            ``rain`` of shape (n_hours + 71, rows, columns) in mm, and ``true_probability``
            of shape (72, rows, columns). The map k of the latter is the probability at the end
            of ``rain[k : k + n_hours]``. Both float32; only if `return_stack` is True, too.

    (data, target) : tuple if ``return_X_y`` is True
        The two alone.

    Raises
    ------
    ValueError
        If a parameter is out of its range, a class would be empty, or a given `shape` is too
        small for the samples.

    Notes
    -----
    Samples are drawn case-control: landslides and others separately, so that
    `landslide_share` is exact. `true_probability` is the probability in the region, and without
    clustering the odds in the sample are those of the region times one constant::

        p / (1 - p) * (landslide_share / (1 - landslide_share)) / (prevalence / (1 - prevalence))

    The order of the samples by probability, and so the best reachable ROC-AUC, is the same
    under both. The strength of all ground is set so that a tenth of the region is expected
    to fail. Two fields, weathering and thickness of the soil, act on the stability and are
    in no factor. They are similar within a few hundred meters, and so a random split of
    clustered samples gives optimistic scores.

    With `sequences`, the region is the same, but there are 24 independent periods of
    ``n_hours + 71`` hours instead of one storm. Fronts, with smaller cells embedded in them,
    cross the region in dry, ordinary and wet spells; in half of the periods a strong front or
    a convective burst comes within the last 72 hours, the ones at which places are observed.
    The hourly rain is in proportion to ``rainfall``, the storm of the climate, and stronger on
    windward ground. What the soil's infiltration capacity lets in fills two stores: antecedent
    water that drains in 25 to 60 hours, by the soil, and a pressure front that follows the
    rain in up to some hours, by the square of the soil's depth. Both begin empty at the start
    of the period, and so a window holds all but the oldest of what the ground remembers. Their
    sum replaces the storm's water in the factor of safety, and the suction of dry soil is lost
    as it saturates. Slopes that stand are partly used to the storm of their climate and fail
    by what exceeds it, so that ``rainfall`` acts as a place's normal, not as a trigger.

    Of each period random cells are surveyed, each at one random hour; a cell at an hour fails
    by one draw from its probability. Most others are so from ordinary, often dry hours, and some
    from places that held in a storm. The strength of all ground is set so that one in fifty is
    expected to fail, and the odds above hold with the returned `prevalence`.

    References
    ----------
    .. [1] Skempton, A. W., DeLory, F. A. (1957). Stability of natural slopes in London Clay.
       Proc. 4th Int. Conf. Soil Mechanics and Foundation Engineering 2, 378-381.
    .. [2] Beven, K. J., Kirkby, M. J. (1979). A physically based, variable contributing area
       model of basin hydrology. Hydrological Sciences Bulletin 24, 43-69.
    .. [3] Wilson, R. C., Wieczorek, G. F. (1995). Rainfall thresholds for the initiation of
       debris flows at La Honda, California. Environmental & Engineering Geoscience 1, 11-27.
    .. [4] Iverson, R. M. (2000). Landslide triggering by rain infiltration. Water Resources
       Research 36, 1897-1910.
    .. [5] Cox, D. R., Isham, V. (1988). A simple spatial-temporal model of rainfall.
       Proceedings of the Royal Society of London A 415, 317-328.

    Examples
    --------
    >>> from sklearn_landslide.datasets import make_landslides
    >>> region = make_landslides(500, random_state=0)
    >>> region.data.shape, int(region.target.sum())
    ((500, 16), 200)
    >>> X, y = make_landslides(500, as_frame=True, return_X_y=True, random_state=0)
    >>> X.dtypes["lithology"].name, y.name
    ('category', 'landslide')
    >>> rainy = make_landslides(500, sequences=True, shape=(40, 50), random_state=0)
    >>> rainy.data.shape, rainy.sequences["rain"][-1], int(rainy.event.max())
    ((500, 136), 'rain_119', 23)
    """
    n_landslides = round(landslide_share * n_samples)
    _check_request(n_samples, n_landslides, landslide_share, missing_share, outlier_share)
    if return_stack and return_X_y:
        raise ValueError("return_X_y=True returns no stack: leave out one of the two.")
    shape = _region_shape(shape, n_landslides, n_samples - n_landslides, clustering)

    # One stream for each part: a parameter of a later part leaves the earlier ones alone.
    region_rng, failure_rng, sample_rng, spoil_rng, rain_rng = (
        np.random.default_rng(seed) for seed in _seed_sequence(random_state).spawn(5)
    )
    wanted = Wanted(n_landslides, n_samples - n_landslides, clustering)
    streams = {"region_rng": region_rng, "failure_rng": failure_rng, "sample_rng": sample_rng}
    if sequences:
        n_hours = DEFAULT_HOURS if isinstance(sequences, bool | np.bool_) else int(sequences)
        survey = survey_periods(
            shape, float(cell_size), wanted, n_hours, rain_rng=rain_rng, **streams
        )
    else:
        survey = survey_storm(shape, float(cell_size), wanted, **streams)
    rows, columns = np.unravel_index(survey.cells, shape)
    # Off the very edge, where rounding could put a point into the next cell.
    right, down = sample_rng.uniform(0.01, 0.99, (2, n_samples))
    west, north = ORIGIN
    coordinates = np.column_stack(
        [west + cell_size * (columns + right), north - cell_size * (rows + down)]
    )
    factors = [survey.factors[name].ravel()[survey.cells] for name in FACTORS]
    hours = [f"{HOUR_PREFIX}{hour:03d}" for hour in range(survey.rain.shape[1])]
    names = [*FACTORS, *hours]
    data = spoil(
        np.column_stack([*factors, survey.rain]).astype(float),
        names,
        missing_share=missing_share,
        outlier_share=outlier_share,
        rng=spoil_rng,
    )
    target = survey.target

    frame = None
    if as_frame:
        frame = _to_frame(data, names, target)
        data, target = frame[names], frame["landslide"]
        coordinates = pd.DataFrame(coordinates, columns=["x", "y"])
    if return_X_y:
        return data, target
    bunch = Bunch(
        data=data,
        target=target,
        coordinates=coordinates,
        feature_names=names,
        target_names=np.array(["no landslide", "landslide"]),
        categorical_features=list(CATEGORIES),
        category_names={name: dict(codes) for name, codes in CATEGORIES.items()},
        true_probability=survey.probability,
        prevalence=survey.prevalence,
        frame=frame,
        DESCR=_describe(n_samples, n_landslides, shape, cell_size, survey),
    )
    if sequences:
        bunch.update(sequences={"rain": hours}, **survey.facts)
    if return_stack:
        bunch.stack = survey.factors
        bunch.transform = (float(cell_size), 0.0, west, 0.0, -float(cell_size), north)
        bunch.update(survey.maps())
    return bunch


def _describe(n_samples, n_landslides, shape, cell_size, survey):
    """Text of ``DESCR``."""
    text = _DESCRIPTION.format(
        n_samples=n_samples,
        n_landslides=n_landslides,
        rows=shape[0],
        columns=shape[1],
        cell_size=cell_size,
        prevalence=survey.prevalence,
    )
    n_hours = survey.rain.shape[1]
    return text + (_RAIN_DESCRIPTION.format(last=n_hours - 1, n_events=N_EVENTS) if n_hours else "")


def _seed_sequence(random_state):
    """Seed from an int, a RandomState or, without touching the global one, from nothing."""
    if isinstance(random_state, np.random.RandomState):
        random_state = random_state.randint(np.iinfo(np.int32).max, size=4)
    return np.random.SeedSequence(random_state)


def _check_request(n_samples, n_landslides, landslide_share, missing_share, outlier_share):
    """Refuse what no region can give."""
    if not 0 < n_landslides < n_samples:
        empty = "landslide" if n_landslides == 0 else "other sample"
        raise ValueError(
            f"landslide_share={landslide_share} of n_samples={n_samples} leaves no {empty}: "
            "ask for more samples or another share."
        )
    if missing_share + outlier_share > 1:
        raise ValueError(
            f"missing_share={missing_share} and outlier_share={outlier_share} sum to more "
            "than 1: lower one of them."
        )


def _region_shape(shape, n_landslides, n_others, clustering):
    """Check the given shape, or find one that holds the samples and to spare."""
    if shape is not None:
        if len(shape) != 2 or not all(isinstance(side, Integral) for side in shape):
            raise ValueError(f"shape must be two integers (rows, columns), got {shape!r}.")
        if min(shape) < SMALLEST_SIDE:
            raise ValueError(
                f"shape={tuple(shape)!r} is too small: at least {SMALLEST_SIDE} rows and columns."
            )
        return int(shape[0]), int(shape[1])
    needed = max(1.5 * n_landslides / PREVALENCE, 2 * n_others)
    # Clusters need room around them, but a very large region has room enough.
    roomy = needed * (1 + 3 * clustering)
    needed = max(needed, min(roomy, _MOST_CELLS_FOR_CLUSTERS), _DEFAULT_LEAST_CELLS)
    rows = int(np.ceil(np.sqrt(0.75 * needed)))
    return rows, int(np.ceil(rows * 4 / 3))


def _to_frame(data, names, target):
    """Features and target as one DataFrame, codes as pandas categories."""
    columns = {}
    for index, name in enumerate(names):
        columns[name] = data[:, index]
        if name in CATEGORIES:
            # Every code of the legend is a category, whether it was sampled or not.
            codes = pd.Index(list(CATEGORIES[name]))
            columns[name] = pd.Categorical.from_codes(
                codes.get_indexer(pd.Index(data[:, index])), categories=codes
            )
    return pd.DataFrame(columns | {"landslide": target})
