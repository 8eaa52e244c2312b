"""A synthetic landslide inventory whose true probability is known."""

from numbers import Integral, Real

import numpy as np
import pandas as pd
from sklearn.utils import Bunch
from sklearn.utils._param_validation import Interval, validate_params

from sklearn_landslide.datasets._region import CATEGORIES, FACTORS, PREVALENCE, make_region
from sklearn_landslide.datasets._sampling import draw_cells, spoil

# Upper left corner of the region in a projected system, as UTM coordinates look.
ORIGIN = (500_000.0, 3_600_000.0)
SMALLEST_SIDE = 16
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
    - ndvi, normalised difference vegetation index
    - rainfall in mm, total of the storm of 72 hours
    - soil, landuse, lithology: codes; their names are in `category_names`

A fractal mountain region is crossed by a rainstorm. Each cell has an infinite-slope factor
of safety from its factors and from two fields that no factor shows, weathering and
thickness of the soil. Its failure probability, the chance that a log-normal factor of
safety is below 1, is `true_probability`; each cell fails or not by one draw from it.
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
        Side of a cell in metres, 1 to 100.
    clustering : float, default=0.0
        Share of the samples drawn from up to ten round areas, as inventories are where
        somebody mapped; the others come from the whole region. Within the areas up to 80 %
        of the landslide cells are drawn.
    missing_share : float, default=0.0
        Share of all values that are missing (NaN), completely at random.
    outlier_share : float, default=0.0
        Share of impossible values, a slope above 90 degrees or negative rain for instance,
        among the 11 numeric factors that have physical limits (the curvatures have none);
        rounded down. No value is both missing and impossible, so `missing_share` and
        `outlier_share` sum to 1 at most.
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

        data : ndarray of shape (n_samples, 16) or DataFrame
            The factors; in the array, float64 with the categories as codes.
        target : ndarray of shape (n_samples,) or Series
            1 for landslide, 0 for none.
        coordinates : ndarray of shape (n_samples, 2) or DataFrame
            x and y in metres, at random within the sample's cell.
        feature_names : list of str
            Names of the factors.
        target_names : ndarray of shape (2,)
            Names of the classes.
        categorical_features : list of str
            Names of the categorical factors.
        category_names : dict of str to dict
            For each of them, what its codes stand for.
        true_probability : ndarray of shape (n_samples,)
            Probability of the sample's cell to fail, in the region.
        prevalence : float
            Share of the region's cells that failed, about 0.1.
        frame : DataFrame of shape (n_samples, 17) or None
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
    `landslide_share` is exact. `true_probability` is the chance in the region, and without
    clustering the odds in the sample are those of the region times one constant::

        p / (1 - p) * (landslide_share / (1 - landslide_share)) / (prevalence / (1 - prevalence))

    The order of the samples by probability, and so the best reachable ROC-AUC, is the same
    under both. The strength of all ground is set so that a tenth of the region is expected
    to fail. Two fields, weathering and thickness of the soil, act on the stability and are
    in no factor. They are alike within a few hundred metres, and so a random split of
    clustered samples flatters.

    References
    ----------
    .. [1] Skempton, A. W., DeLory, F. A. (1957). Stability of natural slopes in London Clay.
       Proc. 4th Int. Conf. Soil Mechanics and Foundation Engineering 2, 378-381.
    .. [2] Beven, K. J., Kirkby, M. J. (1979). A physically based, variable contributing area
       model of basin hydrology. Hydrological Sciences Bulletin 24, 43-69.

    Examples
    --------
    >>> from sklearn_landslide.datasets import make_landslides
    >>> region = make_landslides(500, random_state=0)
    >>> region.data.shape, int(region.target.sum())
    ((500, 16), 200)
    >>> X, y = make_landslides(500, as_frame=True, return_X_y=True, random_state=0)
    >>> X.dtypes["lithology"].name, y.name
    ('category', 'landslide')
    """
    n_landslides = round(landslide_share * n_samples)
    _check_request(n_samples, n_landslides, landslide_share, missing_share, outlier_share)
    if return_stack and return_X_y:
        raise ValueError("return_X_y=True returns no stack: leave out one of the two.")
    shape = _region_shape(shape, n_landslides, n_samples - n_landslides, clustering)

    # One stream for each part: a parameter of a later part leaves the earlier ones alone.
    region_rng, failure_rng, sample_rng, spoil_rng = (
        np.random.default_rng(seed) for seed in _seed_sequence(random_state).spawn(4)
    )
    region = make_region(shape, float(cell_size), region_rng)
    landslide_map = failure_rng.random(shape) < region.probability
    _check_inventory(landslide_map, n_landslides, n_samples - n_landslides)
    cells = draw_cells(
        landslide_map,
        n_landslides,
        n_samples - n_landslides,
        clustering=clustering,
        rng=sample_rng,
    )
    rows, columns = np.unravel_index(cells, shape)
    # Off the very edge, where rounding could put a point into the next cell.
    right, down = sample_rng.uniform(0.01, 0.99, (2, n_samples))
    west, north = ORIGIN
    coordinates = np.column_stack(
        [west + cell_size * (columns + right), north - cell_size * (rows + down)]
    )
    data = np.column_stack([region.factors[name].ravel()[cells] for name in FACTORS]).astype(float)
    data = spoil(
        data, FACTORS, missing_share=missing_share, outlier_share=outlier_share, rng=spoil_rng
    )
    target = landslide_map.ravel()[cells].astype(np.int64)

    frame = None
    if as_frame:
        frame = _to_frame(data, target)
        data, target = frame[list(FACTORS)], frame["landslide"]
        coordinates = pd.DataFrame(coordinates, columns=["x", "y"])
    if return_X_y:
        return data, target
    bunch = Bunch(
        data=data,
        target=target,
        coordinates=coordinates,
        feature_names=list(FACTORS),
        target_names=np.array(["no landslide", "landslide"]),
        categorical_features=list(CATEGORIES),
        category_names={name: dict(codes) for name, codes in CATEGORIES.items()},
        true_probability=region.probability.ravel()[cells],
        prevalence=float(landslide_map.mean()),
        frame=frame,
        DESCR=_DESCRIPTION.format(
            n_samples=n_samples,
            n_landslides=n_landslides,
            rows=shape[0],
            columns=shape[1],
            cell_size=cell_size,
            prevalence=landslide_map.mean(),
        ),
    )
    if return_stack:
        bunch.stack = region.factors
        bunch.transform = (float(cell_size), 0.0, west, 0.0, -float(cell_size), north)
        bunch.true_probability_map = region.probability
        bunch.landslide_map = landslide_map
    return bunch


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


def _check_inventory(landslide_map, n_landslides, n_others):
    """Refuse to draw more cells of a kind than the region has."""
    for kind, wanted, found in (
        ("landslide", n_landslides, int(landslide_map.sum())),
        ("other", n_others, int((~landslide_map).sum())),
    ):
        if wanted > found:
            rows, columns = landslide_map.shape
            raise ValueError(
                f"{wanted} {kind} samples asked, but the region of shape=({rows}, {columns}) has "
                f"{found} such cells: use a larger shape, or None, or fewer samples."
            )


def _to_frame(data, target):
    """Factors and target as one DataFrame, codes as pandas categories."""
    columns = {}
    for index, name in enumerate(FACTORS):
        columns[name] = data[:, index]
        if name in CATEGORIES:
            # Every code of the legend is a category, whether it was sampled or not.
            codes = pd.Index(list(CATEGORIES[name]))
            columns[name] = pd.Categorical.from_codes(
                codes.get_indexer(pd.Index(data[:, index])), categories=codes
            )
    return pd.DataFrame(columns | {"landslide": target})
