"""Are values similar at places near each other: Moran's I, near places and by distance."""

from numbers import Integral
from typing import NamedTuple

import numpy as np
from scipy import stats
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval, StrOptions, validate_params

from sklearn_landslide.metrics._checks import check_scores
from sklearn_landslide.metrics._spatial_weights import (
    band_weights,
    check_edges,
    is_one_number,
    mean_distance,
    nearest_weights,
)
from sklearn_landslide.model_selection import check_coordinates, check_meters

# So many shuffled copies of the values are held at a time.
_AT_A_TIME = 64
_FEWEST = 4


class MoranResult(NamedTuple):
    """Moran's I and its tests, from :func:`moran_test`.

    With bands of distance each field is an array of shape (n_bands,), NaN where a band holds no
    pair; otherwise it is a number.

    Parameters
    ----------
    statistic : float or ndarray
        Moran's I: above `expected` where neighbors are similar, below it where they differ.
    pvalue : float or ndarray
        Share of shuffled copies of the values, with the values themselves among them, whose
        statistic is as extreme. NaN without permutations.
    expected : float or ndarray
        What I is on average if the values have no order in space, ``-1 / (n_samples - 1)``.
    variance : float or ndarray
        Variance of I if the values are dealt to the places at random.
    zscore : float or ndarray
        Distance of I from `expected` in standard deviations.
    pvalue_normal : float or ndarray
        p-value of `zscore` by the normal distribution.
    low, high : float or ndarray
        Between these are 95 % of the shuffled copies. NaN without permutations.
    distance : float or ndarray
        Mean distance of the neighbors, in meters.
    n_pairs : int or ndarray
        Pairs of neighbors, counted once in each direction.

    Examples
    --------
    >>> from sklearn_landslide.metrics import moran_test
    >>> places = [[0, 0], [1, 0], [2, 0], [3, 0]]
    >>> result = moran_test([1, 1, 0, 0], places, distance=1, random_state=0)
    >>> result.statistic, round(result.expected, 2)
    (0.5, -0.33)
    """

    statistic: float
    pvalue: float
    expected: float
    variance: float
    zscore: float
    pvalue_normal: float
    low: float
    high: float
    distance: float
    n_pairs: int


@validate_params(
    {
        "values": ["array-like"],
        "coordinates": "no_validation",
        "distance": "no_validation",
        "n_neighbors": [Interval(Integral, 1, None, closed="left")],
        "n_permutations": [Interval(Integral, 0, None, closed="left")],
        "alternative": [StrOptions({"greater", "two-sided"})],
        "random_state": ["random_state"],
    },
    prefer_skip_nested_validation=True,
)
def moran_test(
    values,
    coordinates,
    *,
    distance=None,
    n_neighbors=8,
    n_permutations=999,
    alternative="greater",
    random_state=None,
):
    r"""Test whether values are similar at places near each other, by Moran's I.

    .. math:: I = \frac{n}{\sum_{ij} w_{ij}}
        \frac{\sum_{ij} w_{ij} (v_i - \bar{v}) (v_j - \bar{v})}{\sum_i (v_i - \bar{v})^2}

    where the neighbors :math:`j` of a place :math:`i` have the same weight :math:`w_{ij}`, which
    add up to 1 [1]_. The test shuffles the values among the places. Mean and variance of I under
    this shuffling are also known in closed form [2]_.

    Parameters
    ----------
    values : array-like of shape (n_samples,)
        A factor, or the residuals of a model.
    coordinates : {array-like, DataFrame} of shape (n_samples, 2)
        x and y in meters.
    distance : float or array-like of shape (n_bands + 1,), default=None
        Neighbors are the places up to this distance, in meters. An array holds the edges of
        bands of distance, and I is computed for each band (a correlogram): places as far
        from each other as the upper edge belong to the band, and those at the lower edge do not.
        None: neighbors are the nearest places.
    n_neighbors : int, default=8
        Number of nearest places, if `distance` is None.
    n_permutations : int, default=999
        How often the values are shuffled. 0: no permutation test.
    alternative : {"greater", "two-sided"}, default="greater"
        Whether it is tested if neighbors are more similar than by chance, or also if they are less
        similar.
    random_state : int, RandomState instance or None, default=None
        Seed of the shuffling.

    Returns
    -------
    result : MoranResult
        The statistic, its p-values, and what it is without order in space.

    Raises
    ------
    ValueError
        For fewer than 4 values, values that are all the same, missing or infinite, coordinates
        that do not fit, distances that are not rising meters, coordinates that are known to have
        no meters, no pair within the distance, or more pairs than fit into memory.

    See Also
    --------
    sklearn_landslide.model_selection.autocorrelation_range : Up to which distance factors are
        alike.

    Notes
    -----
    A place without a neighbor has no weights and still counts in `n`. The p-values of bands are
    not adjusted for their number.

    References
    ----------
    .. [1] P. A. P. Moran, "Notes on continuous stochastic phenomena", Biometrika 37, 17-23, 1950.
    .. [2] A. D. Cliff and J. K. Ord, "Spatial Processes: Models and Applications", Pion, 1981,
       chapter 2.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.metrics import moran_test
    >>> places = np.random.default_rng(0).uniform(0, 1000, (200, 2))
    >>> from_west_to_east = places[:, 0]
    >>> result = moran_test(from_west_to_east, places, distance=100, random_state=0)
    >>> round(result.statistic, 2), result.pvalue
    (0.99, 0.001)
    """
    points = check_coordinates(coordinates)
    values = _check_values(values, len(points))
    edges = None
    if distance is None:
        if n_neighbors >= len(points):
            raise ValueError(
                f"n_neighbors={n_neighbors} is not fewer than the {len(points)} places: lower it."
            )
        weights = [nearest_weights(points, n_neighbors)]
    else:
        edges = check_edges(distance)
        check_meters(coordinates, f"distance={edges[-1]:g}")
        weights = band_weights(points, edges)
        if not any(matrix.nnz for matrix in weights):
            raise ValueError(
                f"no two places are {edges[0]:g} to {edges[-1]:g} m from each other: raise the "
                "distance."
            )
    rng = check_random_state(random_state)
    result = _all_tests(values, points, weights, n_permutations, alternative, rng)
    if edges is None or is_one_number(distance):
        return MoranResult(*(field[0].item() for field in result))
    return result


def _check_values(values, n_points):
    """Return the distances of the values from their mean."""
    values = check_scores(values, n_points, name="values", other="coordinates")
    if len(values) < _FEWEST:
        raise ValueError(f"values holds {len(values)} values: Moran's I needs {_FEWEST} at least.")
    if np.ptp(values) == 0:
        raise ValueError(f"all {len(values)} values are {values[0]:g}: nothing varies in space.")
    return values - values.mean()


def _all_tests(centered, points, weights, n_permutations, alternative, rng):
    """Compute Moran's I and its tests for each matrix of weights."""
    statistic = np.array([_moran(centered[:, None], matrix)[0] for matrix in weights])
    expected = np.where(np.isnan(statistic), np.nan, -1 / (len(centered) - 1))
    variance = np.array([_variance(centered, matrix) for matrix in weights])
    with np.errstate(divide="ignore", invalid="ignore"):
        zscore = (statistic - expected) / np.sqrt(variance)
    tail = stats.norm.sf(zscore if alternative == "greater" else np.abs(zscore))
    pvalue = low = high = np.full(len(weights), np.nan)
    if n_permutations:
        shuffled = _shuffled(centered, weights, n_permutations, rng)
        pvalue = _permutation_pvalue(statistic, shuffled, expected, alternative)
        low, high = np.quantile(shuffled, [0.025, 0.975], axis=0)
    return MoranResult(
        statistic,
        pvalue,
        expected,
        variance,
        zscore,
        tail if alternative == "greater" else 2 * tail,
        low,
        high,
        np.array([mean_distance(points, matrix) for matrix in weights]),
        np.array([matrix.nnz for matrix in weights]),
    )


def _moran(centered, weights):
    """Moran's I of each column of values; NaN without pairs."""
    total = weights.sum()
    if total == 0:
        return np.full(centered.shape[1], np.nan)
    products = (centered * (weights @ centered)).sum(axis=0)
    return len(centered) / total * products / (centered**2).sum(axis=0)


def _variance(centered, weights):
    """Variance of I if values are dealt to places at random (Cliff and Ord 1981)."""
    n = len(centered)
    s0 = weights.sum()
    if s0 == 0:
        return np.nan
    s1 = ((weights + weights.T).power(2)).sum() / 2
    s2 = ((weights.sum(axis=0) + weights.sum(axis=1)) ** 2).sum()
    kurtosis = np.mean(centered**4) / np.mean(centered**2) ** 2
    even = n * ((n**2 - 3 * n + 3) * s1 - n * s2 + 3 * s0**2)
    peaked = kurtosis * ((n**2 - n) * s1 - 2 * n * s2 + 6 * s0**2)
    second_moment = (even - peaked) / ((n - 1) * (n - 2) * (n - 3) * s0**2)
    return second_moment - 1 / (n - 1) ** 2


def _shuffled(centered, weights, n_permutations, rng):
    """Moran's I of shuffled values, shape (n_permutations, n_bands)."""
    found = []
    for start in range(0, n_permutations, _AT_A_TIME):
        n_copies = min(_AT_A_TIME, n_permutations - start)
        copies = np.column_stack([rng.permutation(centered) for _ in range(n_copies)])
        found.append(np.column_stack([_moran(copies, matrix) for matrix in weights]))
    return np.concatenate(found)


def _permutation_pvalue(statistic, shuffled, expected, alternative):
    """Share of the copies, and of the values themselves, that are as extreme."""
    # The same values in another order may differ in the last bits.
    slack = 1e-12
    if alternative == "greater":
        extreme = shuffled >= statistic - slack
    else:
        extreme = np.abs(shuffled - expected) >= np.abs(statistic - expected) - slack
    pvalue = (1 + extreme.sum(axis=0)) / (1 + len(shuffled))
    return np.where(np.isnan(statistic), np.nan, pvalue)
