"""How far the values of factors are similar: the ranges of their variograms."""

from numbers import Integral, Real

import numpy as np
import pandas as pd
from pandas.api.types import is_bool_dtype
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval, StrOptions, validate_params

from sklearn_landslide._categories import categorical_mask
from sklearn_landslide._codes import read_codes
from sklearn_landslide._factor_tables import from_polars, quantity_values
from sklearn_landslide._frames import as_frame
from sklearn_landslide._nodata import LARGEST
from sklearn_landslide.model_selection._range_result import AutocorrelationRange
from sklearn_landslide.model_selection._side_information import (
    check_coordinates,
    check_meters,
    matching_rows,
)
from sklearn_landslide.model_selection._variogram import (
    band_edges,
    empirical_variogram,
    make_pairs,
    neighbors_are_alike,
)
from sklearn_landslide.model_selection._variogram_models import MODELS, fit_variogram

# A model has three parameters.
_FEWEST_BANDS = 4
_NO_FIT = {"model": None, "range": np.nan, "nugget_share": np.nan, "sill": np.nan}


@validate_params(
    {
        "X": "no_validation",
        "coordinates": "no_validation",
        "model": [StrOptions({"best", *MODELS})],
        "detrend": ["boolean"],
        "max_distance": [Interval(Real, 0, None, closed="neither"), None],
        "n_bands": [Interval(Integral, 4, None, closed="left")],
        "max_samples": [Interval(Integral, 10, None, closed="left")],
        "categorical_features": "no_validation",
        "random_state": ["random_state"],
    },
    prefer_skip_nested_validation=True,
)
def autocorrelation_range(
    X,
    coordinates,
    *,
    model="best",
    detrend=True,
    max_distance=None,
    n_bands=15,
    max_samples=1000,
    categorical_features="from_dtype",
    random_state=None,
):
    r"""Find the distance up to which each factor is similar at two places.

    The variogram of a factor, :math:`\hat\gamma(h) = \frac{1}{2 N(h)} \sum (v_i - v_j)^2` over the
    :math:`N(h)` pairs of places at a distance of about :math:`h` [1]_, rises from the nugget to
    the sill. A model is fitted to it by weighted least squares [2]_; its practical range is where
    it reaches the sill (spherical) or 95 % of it (exponential). Blocks of a spatial
    cross-validation should be at least as wide as this range [3]_; the median over the factors is
    a common choice [4]_.

    Parameters
    ----------
    X : {array-like, DataFrame, Series} of shape (n_samples, n_factors) or (n_samples,)
        The factors, or one of them, or residuals. Missing values are left out, factor by factor.
    coordinates : {array-like, DataFrame} of shape (n_samples, 2)
        x and y in meters; matched by index if both are pandas objects.
    model : {"best", "exponential", "spherical"}, default="best"
        Shape of the variogram; "best" is the one that fits the factor better.
    detrend : bool, default=True
        Whether a plane is subtracted from each quantity first: a factor that rises in one
        direction over the whole region never reaches a sill. Its share of the variance is in the
        table.
    max_distance : float, default=None
        Largest distance between two places, in meters. None: a third of the diagonal of the
        region.
    n_bands : int, default=15
        Number of bands of distance, narrower at short distances. Bands with fewer than 30 pairs
        are joined to the next one.
    max_samples : int, default=1000
        The most places that are used; of more, this many are drawn at random.
    categorical_features : "from_dtype", array-like or None, default="from_dtype"
        Which factors are categories; text always is. The variogram of a category is the sum of
        those of its classes, the share of pairs that differ.
    random_state : int, RandomState instance or None, default=None
        Seed of the draw, and of the test of whether a factor has a range at all.

    Returns
    -------
    result : AutocorrelationRange
        The ranges, the variograms, and a proposed side of blocks.

    Raises
    ------
    ValueError
        If the coordinates do not match the table or are known not to be in meters, or there are
        fewer than 10 places.

    See Also
    --------
    SpatialBlockKFold : Takes ``block_size="range"``.
    sklearn_landslide.metrics.moran_test : Whether values are similar at near places.

    Notes
    -----
    A factor that is no more similar at its 8 nearest places than if it were shuffled, at a level
    of 1 %, has no range. In simulated fields at 600 places, 8 of 10 ranges came out between 60 %
    and 150 % of the true one. Each column counts, so keep only one hour of a series of rain.

    References
    ----------
    .. [1] G. Matheron, "Principles of geostatistics", Economic Geology 58, 1246-1266, 1963.
    .. [2] N. Cressie, "Fitting variogram models by weighted least squares", Mathematical Geology
       17, 563-586, 1985.
    .. [3] D. R. Roberts et al., "Cross-validation strategies for data with temporal, spatial,
       hierarchical, or phylogenetic structure", Ecography 40, 913-929, 2017.
    .. [4] R. Valavi, J. Elith, J. J. Lahoz-Monfort and G. Guillera-Arroita, "blockCV: an R
       package for generating spatially or environmentally separated folds for k-fold
       cross-validation of species distribution models", Methods in Ecology and Evolution 10,
       225-232, 2019.

    Examples
    --------
    >>> from sklearn_landslide.datasets import make_landslides
    >>> from sklearn_landslide.model_selection import autocorrelation_range
    >>> region = make_landslides(400, as_frame=True, random_state=0)
    >>> factors = region.data[["altitude", "slope"]]
    >>> result = autocorrelation_range(factors, region.coordinates, random_state=0)
    >>> bool(result.table.loc["slope", "range"] < result.table.loc["altitude", "range"])
    True
    """
    frame = _as_factors(X)
    points = check_coordinates(coordinates)[matching_rows(coordinates, frame, "coordinates")]
    check_meters(coordinates, "the range of a variogram")
    if len(points) < 10:
        raise ValueError(f"{len(points)} places are too few for a variogram: give 10 at least.")
    categorical = categorical_mask(frame, categorical_features)
    diagonal = float(np.hypot(*np.ptp(points, axis=0)))
    if diagonal == 0:
        raise ValueError(f"all {len(points)} places are at one point: there are no distances.")
    max_distance = max_distance or diagonal / 3
    rng = check_random_state(random_state)
    rows = _drawn_rows(points, max_samples, rng)
    points, frame = points[rows], frame.iloc[rows]
    # Differences keep their digits if coordinates are small.
    points = points - points.mean(axis=0)
    pairs = make_pairs(points, band_edges(max_distance, n_bands))
    lines, variograms = {}, []
    for place, name in enumerate(frame.columns):
        values, trend = _values_of(frame.iloc[:, place], categorical[place], points, detrend)
        line, variogram = _range_of(values, points, pairs, model, max_distance, rng)
        lines[name] = {"n_samples": int(np.isfinite(values[:, 0]).sum()), "trend": trend, **line}
        variograms.append(variogram.assign(factor=name))
    return AutocorrelationRange(
        table=_table_of(lines, max_distance),
        variograms=pd.concat(variograms, ignore_index=True)[
            ["factor", "distance", "semivariance", "n_pairs", "fitted"]
        ],
        max_distance=float(max_distance),
        diagonal=diagonal,
    )


def _as_factors(X):
    """Return a table, or one column of values, as a frame."""
    X = from_polars(X)
    if isinstance(X, pd.Series):
        return X.to_frame("values" if X.name is None else X.name)
    if not isinstance(X, pd.DataFrame):
        X = np.asarray(X)
        if X.ndim == 1:
            return pd.DataFrame({"values": X})
    if X.ndim != 2 or X.shape[1] == 0:
        raise ValueError(f"X must be a table of rows and columns, got shape {X.shape}.")
    return as_frame(X)


def _drawn_rows(points, max_samples, rng):
    """Draw rows, whatever order they are in."""
    order = np.lexsort((points[:, 1], points[:, 0]))
    if len(order) <= max_samples:
        return order
    return order[np.sort(rng.choice(len(order), max_samples, replace=False))]


def _values_of(column, is_category, points, detrend):
    """Return the values of a factor, shape (n_samples, n_columns), and the share of its trend."""
    values = None if is_category else quantity_values(column)
    if values is None and not is_category and is_bool_dtype(column):
        values = column.to_numpy(dtype=np.float64, na_value=np.nan)
    if values is None:
        codes, known = read_codes(column)
        # Of pairs that differ, two classes do: each counts a half.
        values = (codes[:, None] == np.arange(max(len(known), 1))).astype(np.float64)
        values[codes < 0] = np.nan
        return values, np.nan
    values = np.where(np.abs(values) <= LARGEST, values, np.nan)
    if not detrend or np.isfinite(values).sum() < 4:
        return values[:, None], np.nan
    return _without_plane(values, points)


def _without_plane(values, points):
    """Take a plane off the values."""
    known = np.isfinite(values)
    plane = np.column_stack([np.ones(len(points)), points])
    coefficients = np.linalg.lstsq(plane[known], values[known], rcond=None)[0]
    rest = values - plane @ coefficients
    spread = values[known].std()
    if spread == 0 or rest[known].std() < 1e-9 * spread:
        # Nothing but the plane: what is left are rounding errors.
        return np.where(known, 0.0, np.nan)[:, None], float(spread > 0)
    return rest[:, None], float(1 - (rest[known].std() / spread) ** 2)


def _range_of(values, points, pairs, model, max_distance, rng):
    """Fit the variogram of one factor."""
    variogram = empirical_variogram(values, pairs)
    frame = pd.DataFrame(vars(variogram)).assign(fitted=np.nan)
    known = np.isfinite(values[:, 0])
    enough = len(variogram.distance) >= _FEWEST_BANDS and (variogram.semivariance > 0).any()
    is_alike = enough and neighbors_are_alike(values[known], points[known], rng)
    if not is_alike:
        return {"autocorrelated": False, **_NO_FIT}, frame
    fits = [
        fit_variogram(variogram, name, max_distance)
        for name in (MODELS if model == "best" else [model])
    ]
    best = min(fits, key=lambda fit: fit.loss)
    line = {
        "autocorrelated": True,
        "model": best.model,
        "range": best.range,
        "nugget_share": best.nugget / best.sill,
        "sill": best.sill,
    }
    return line, frame.assign(fitted=best(variogram.distance))


def _table_of(lines, max_distance):
    """Lay out one row per factor."""
    table = pd.DataFrame.from_dict(lines, orient="index")
    table["reaches_sill"] = table["range"] <= max_distance
    columns = ["range", "reaches_sill", "nugget_share", "sill", "model", "autocorrelated"]
    return table[[*columns, "trend", "n_samples"]].rename_axis("factor")
