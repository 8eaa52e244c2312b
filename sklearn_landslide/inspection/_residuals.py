"""What models leave over: residuals of held-out places, and whether they are clustered."""

from numbers import Integral

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree
from sklearn.utils import check_random_state, column_or_1d
from sklearn.utils._param_validation import Interval, validate_params

from sklearn_landslide._classes import landslide_label_in, plain_labels
from sklearn_landslide.comparison import ModelComparison
from sklearn_landslide.inspection._residual_result import LEVEL, ResidualAutocorrelation
from sklearn_landslide.metrics import check_edges, holm_adjusted, moran_test
from sklearn_landslide.model_selection import (
    autocorrelation_range,
    band_edges,
    check_coordinates,
    check_meters,
    matching_rows,
)

_BANDS, _FEWEST_PAIRS, _FEWEST_PLACES = 10, 30, 20


@validate_params(
    {
        "probabilities": "no_validation",
        "y": "no_validation",
        "coordinates": "no_validation",
        "groups": "no_validation",
        "distance": "no_validation",
        "n_permutations": [Interval(Integral, 1, None, closed="left")],
        "max_samples": [Interval(Integral, _FEWEST_PLACES, None, closed="left")],
        "positive_class": "no_validation",
        "random_state": ["random_state"],
    },
    prefer_skip_nested_validation=True,
)
def residual_autocorrelation(
    probabilities,
    y=None,
    coordinates=None,
    *,
    groups=None,
    distance=None,
    n_permutations=999,
    max_samples=1500,
    positive_class=None,
    random_state=None,
):
    """Find out whether what models miss is clustered in space.

    A residual is 1 (a landslide) or 0 (none) minus the probability of a model that has not seen
    the place. If nearby places have residuals of the same sign, the models miss something spatial:
    a factor, or an inventory that is not equally complete everywhere. Moran's I tests this by
    bands of distance, with p-values adjusted for the number of bands (Holm).

    Parameters
    ----------
    probabilities : ModelComparison, array-like, dict or DataFrame
        A comparison, whose out-of-fold probabilities are taken (their mean under repeated
        cross-validation), or the probabilities of a landslide of one model, or of several by name.
    y : array-like of shape (n_samples,), default=None
        The labels. None: those of the comparison.
    coordinates : {array-like, DataFrame} of shape (n_samples, 2), default=None
        x and y in meters. None: those of the splitter of the comparison.
    groups : array-like of shape (n_samples,), default=None
        Group of each row, such as the polygon that it is a cell of. The rows of a group become one
        place with their mean residual, because cells of one landslide are similar in any model.
    distance : array-like of shape (n_bands + 1,), default=None
        Edges of the bands in meters. None: up to ten bands, up to a third of the region's
        diagonal, narrower at short distances, with at least 30 pairs each.
    n_permutations : int, default=999
        How often the residuals are shuffled.
    max_samples : int, default=1500
        The most places that are used; of more, this many are drawn at random.
    positive_class : label, default=None
        The label of a landslide in `y`. None: it is known, as of 0 and 1 or of no and yes.
    random_state : int, RandomState instance or None, default=None
        Seed of the draw and of the shuffling.

    Returns
    -------
    result : ResidualAutocorrelation
        Moran's I by distance, ranges of the residuals, the residuals, and a description in words.

    Raises
    ------
    ValueError
        If coordinates or labels are missing or do not fit, for probabilities outside 0 to 1, fewer
        than 20 places, coordinates that are known not to be in meters, or too few permutations for
        the number of bands.

    See Also
    --------
    sklearn_landslide.metrics.moran_test : The test.
    sklearn_landslide.model_selection.autocorrelation_range : The same of the factors.
    sklearn_landslide.plotting.ResidualDisplay : Draws it.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.inspection import residual_autocorrelation
    >>> rng = np.random.default_rng(0)
    >>> places = rng.uniform(0, 5000, (300, 2))
    >>> in_the_west = places[:, 0] < 2000
    >>> y = (rng.uniform(size=300) < np.where(in_the_west, 0.8, 0.2)).astype(int)
    >>> result = residual_autocorrelation(np.full(300, 0.5), y, places, random_state=0)
    >>> bool(result.table.loc["model", "clustered_up_to"] > 500)
    True
    """
    landslide, frame, points = _inputs(probabilities, y, coordinates, positive_class)
    rows = np.flatnonzero(frame.notna().all(axis=1))
    if groups is not None:
        groups = column_or_1d(np.asarray(groups))
        if len(groups) != len(frame):
            raise ValueError(f"groups has {len(groups)} labels for {len(frame)} rows: one per row.")
        groups = groups[rows]
    residuals = landslide[rows, None] - frame.iloc[rows]
    places = _places(points[rows], landslide[rows], residuals, groups)
    if len(places) < _FEWEST_PLACES:
        raise ValueError(
            f"{len(places)} tested places are too few: {_FEWEST_PLACES} at least are needed."
        )
    rng = check_random_state(random_state)
    used = places
    if len(places) > max_samples:
        used = places.iloc[np.sort(rng.choice(len(places), max_samples, replace=False))]
    points = used[["x", "y"]].to_numpy()
    edges = _edges(points) if distance is None else check_edges(distance)
    models = list(frame.columns)
    _check_permutations(n_permutations, len(edges) - 1)
    seed = rng.randint(2**31 - 1)
    correlogram = pd.concat(
        [_correlogram(name, used[name], points, edges, n_permutations, seed) for name in models],
        ignore_index=True,
    )
    ranges = autocorrelation_range(used[models], points, detrend=False, random_state=seed)
    return ResidualAutocorrelation(
        correlogram=correlogram,
        ranges=ranges.table[["range", "reaches_sill", "nugget_share"]].rename_axis("model"),
        residuals=places,
        n_rows=len(rows),
        n_used=len(used),
        share=float(landslide[rows].mean()),
    )


def _inputs(probabilities, y, coordinates, positive_class):
    """Return which rows are landslides, the probabilities by model, and the coordinates."""
    X = None
    if isinstance(probabilities, ModelComparison):
        comparison, inputs = probabilities, probabilities.inputs
        rows = comparison.predictions.groupby("row", sort=True)
        frame = rows.mean(numeric_only=True).drop(columns=["fold", "y_true"], errors="ignore")
        landslide = rows["y_true"].first().to_numpy(dtype=np.float64)
        if inputs is not None:
            X = inputs.X
            coordinates = inputs.coordinates if coordinates is None else coordinates
    else:
        frame = _by_model(probabilities)
        landslide = _landslides(y, len(frame), positive_class)
    _check_probabilities(frame)
    if coordinates is None:
        raise ValueError("coordinates are missing: give x and y of the rows, in meters.")
    check_meters(coordinates, "the distance of residuals")
    X = np.empty((len(frame), 1)) if X is None else X
    points = check_coordinates(coordinates)[matching_rows(coordinates, X, "coordinates")]
    return landslide, frame, points


def _by_model(probabilities):
    """Return probabilities as a frame with one column per model."""
    if isinstance(probabilities, pd.Series):
        probabilities = probabilities.to_numpy()
    if isinstance(probabilities, dict | pd.DataFrame):
        frame = pd.DataFrame({str(name): np.asarray(p) for name, p in probabilities.items()})
    else:
        frame = pd.DataFrame({"model": column_or_1d(np.asarray(probabilities))})
    return frame.astype(np.float64)


def _check_probabilities(frame):
    """Raise unless all are probabilities, or missing."""
    for name, column in frame.items():
        if column.min() < 0 or column.max() > 1 or np.isinf(column).any():
            raise ValueError(
                f"the probabilities of {name!r} must be 0 to 1, got {column.min():g} to "
                f"{column.max():g}."
            )


def _landslides(y, n_rows, positive_class):
    """Return 1 for landslides and 0 for other places."""
    if y is None:
        raise ValueError("y is missing: give the labels beside the probabilities.")
    labels = plain_labels(column_or_1d(np.asarray(y)))
    if len(labels) != n_rows:
        raise ValueError(f"there are {n_rows} probabilities and {len(labels)} labels: one per row.")
    label = landslide_label_in(labels, positive_class)
    return (labels == label).astype(np.float64)


def _check_permutations(n_permutations, n_bands):
    """Raise if even the smallest p-value is not clear once it is adjusted."""
    fewest = int(np.ceil(n_bands / LEVEL)) - 1
    if n_permutations < fewest:
        raise ValueError(
            f"n_permutations={n_permutations} cannot show anything at {LEVEL:.0%} in {n_bands} "
            f"bands of distance: {fewest} at least."
        )


def _places(points, landslide, residuals, groups):
    """Lay out the residuals by place: rows, or means of the rows of a group."""
    places = pd.DataFrame({"x": points[:, 0], "y": points[:, 1], "landslide": landslide})
    places["n_rows"] = 1
    residuals = residuals.reset_index(drop=True)
    if clash := sorted(set(places.columns) & set(residuals.columns)):
        raise ValueError(f"a model is named {clash[0]!r}, as a column of the result: rename it.")
    places = pd.concat([places, residuals], axis=1)
    if groups is not None:
        sizes = places.groupby(groups, sort=False).size()
        places = places.groupby(groups, sort=False).mean().assign(n_rows=sizes)
    places["landslide"] = places["landslide"] >= 0.5
    return places.reset_index(drop=True)


def _edges(points):
    """Edges of bands with enough pairs."""
    edges = band_edges(np.hypot(*np.ptp(points, axis=0)) / 3, _BANDS)
    tree = cKDTree(points)
    within = (tree.count_neighbors(tree, edges) - len(points)) / 2
    kept, held = [0.0], 0.0
    for edge, count in zip(edges[1:], within[1:], strict=True):
        if count - held >= _FEWEST_PAIRS:
            kept.append(float(edge))
            held = count
    if len(kept) == 1:
        kept.append(float(edges[-1]) or 1.0)
    return kept


def _correlogram(name, residuals, points, edges, n_permutations, seed):
    """Moran's I of the residuals of one model by bands of distance."""
    found = moran_test(
        residuals, points, distance=edges, n_permutations=n_permutations, random_state=seed
    )
    known = ~np.isnan(found.pvalue)
    adjusted = np.full(len(known), np.nan)
    adjusted[known] = holm_adjusted(found.pvalue[known])
    return pd.DataFrame(
        {
            "model": name,
            "from": edges[:-1],
            "to": edges[1:],
            "distance": found.distance,
            "n_pairs": found.n_pairs // 2,
            "moran_i": found.statistic,
            "expected": found.expected,
            "low": found.low,
            "high": found.high,
            "zscore": found.zscore,
            "pvalue": found.pvalue,
            "pvalue_holm": adjusted,
        }
    )
