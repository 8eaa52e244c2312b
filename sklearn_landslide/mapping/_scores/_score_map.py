"""Score a map by landslides that came after it."""

from numbers import Integral, Real

import numpy as np
import pandas as pd
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval, validate_params

from sklearn_landslide._optional import import_optional
from sklearn_landslide.mapping._rasters._cells import inventory_cells
from sklearn_landslide.mapping._rasters._grids import difference, grid_of
from sklearn_landslide.mapping._rasters._inventory import read_inventory
from sklearn_landslide.mapping._rasters._shapes import where_they_lie
from sklearn_landslide.mapping._scores._map_score import MapScore
from sklearn_landslide.mapping._scores._ranks import ranks_on
from sklearn_landslide.mapping._zones._zone_table import zone_table
from sklearn_landslide.mapping._zones._zones import is_raster
from sklearn_landslide.metrics import CAPTURE_SHARES

_GRID = np.linspace(0, 1, 101)


def _as_frame(inventory):
    if isinstance(inventory, np.ndarray | list | tuple):
        points = np.asarray(inventory, dtype=np.float64)
        if points.ndim != 2 or points.shape[1] != 2:
            raise ValueError(f"An array of landslides has x and y a row, got shape {points.shape}.")
        return pd.DataFrame(points, columns=["x", "y"])
    return inventory


def _landslides(inventory, grid, **about):
    """Read the landslides of an inventory."""
    read = read_inventory(_as_frame(inventory), grid.crs, **about)
    found = read.geometry[read.labels == 1].reset_index(drop=True)
    if found.empty:
        raise ValueError(f"{read.where} has no landslide: its labels are 0 in every row.")
    return found, read.where


def _at_known_places(geometry, known, side):
    """Mark landslides that lie, to a cell, at the place of one of the training."""
    shapely = import_optional("shapely", extra="map")
    tree = shapely.STRtree(known.to_numpy())
    there = geometry.to_numpy()
    places = np.zeros(len(there), dtype=bool)
    real = ~shapely.is_empty(there)
    found, _ = tree.query(there[real], predicate="dwithin", distance=side)
    places[np.flatnonzero(real)[found]] = True
    return places


def _values_at(raster, rows, columns):
    if hasattr(raster.data, "dask"):
        return raster.data.vindex[rows, columns].compute()
    return raster.data[rows, columns]


def landslides_on(geometry, grid, **rasters):
    """Look landslides up on rasters.

    Parameters
    ----------
    geometry : GeoSeries of shape (n_landslides,)
        Points and polygons in the CRS of the grid.
    grid : Grid
        That of all rasters.
    **rasters : DataArray or None
        By name; None is left out.

    Returns
    -------
    table : DataFrame of shape (n_landslides, 2 + n_rasters)
        ``x`` and ``y`` of each landslide, of a polygon those of the cell of a point within it, and
        the value of each raster there; missing outside the grid.
    """
    geometry = geometry.reset_index(drop=True)
    cells = inventory_cells(geometry, grid, polygons="point").drop_duplicates("source")
    table = pd.DataFrame(index=pd.RangeIndex(len(geometry)))
    source = cells["source"].to_numpy()
    for name in ("x", "y"):
        table.loc[source, name] = cells[name].to_numpy()
    for name, raster in rasters.items():
        if raster is not None:
            values = _values_at(raster, cells["row"].to_numpy(), cells["column"].to_numpy())
            table.loc[source, name] = np.asarray(values, dtype=np.float64)
    return table


def _table(geometry, grid, known, **rasters):
    """Look each landslide up on the rasters, and say whether it is scored."""
    table = landslides_on(geometry, grid, **rasters)
    table["status"] = "scored"
    if known is not None:
        side = float(np.sqrt(abs(grid.transform.determinant)))
        table.loc[_at_known_places(geometry, known, side), "status"] = "known place"
    table.loc[table["susceptibility"].isna(), "status"] = "not on the map"
    return table


class _Draws:
    """Landslides drawn again with replacement, as often as there are of them."""

    def __init__(self, n_landslides, n_resamples, level, rng):
        even = np.full(n_landslides, 1 / n_landslides)
        self.times = rng.multinomial(n_landslides, even, size=n_resamples) / n_landslides
        self.tails = [(1 - level) / 2, (1 + level) / 2]

    def interval(self, draws):
        """Percentiles of draws; shape (2, ...)."""
        return np.quantile(draws, self.tails, axis=0)


def _curve(ranks, shares, draws):
    """Share of the landslides in the highest shares of the cells, with its band."""
    within = ranks.within(shares)
    lower, upper = draws.interval(draws.times @ within)
    return pd.DataFrame(
        {
            "area_share": np.asarray(shares, dtype=float),
            "landslide_share": within.mean(axis=0),
            "lower": lower,
            "upper": upper,
        }
    )


def _scores(aucs, aucs_with_known, fold_scores, draws, rng):
    """Areas under curves, and how they differ from those of the folds."""
    drawn = draws.times @ aucs
    rows = {
        "roc_auc": (aucs.mean(), *draws.interval(drawn)),
        "roc_auc with known places": (aucs_with_known.mean(), np.nan, np.nan),
        "folds": (np.nan, np.nan, np.nan),
        "difference": (np.nan, np.nan, np.nan),
    }
    if len(fold_scores):
        folds = np.asarray(fold_scores, dtype=float)
        picked = rng.randint(len(folds), size=(len(drawn), len(folds)))
        means = folds[picked].mean(axis=1)
        rows["folds"] = (folds.mean(), *draws.interval(means))
        rows["difference"] = (aucs.mean() - folds.mean(), *draws.interval(drawn - means))
    table = pd.DataFrame.from_dict(rows, orient="index", columns=["value", "lower", "upper"])
    return table.rename_axis("score")


def _outside(inside, probability, scored):
    if inside is None:
        return None
    mapped = probability.notnull()
    n_outside = int(((inside == 0) & mapped).sum().compute())
    return {
        "landslides": float((scored["inside"] == 0).mean()),
        "ground": n_outside / int(mapped.sum().compute()),
    }


def _check_rasters(**rasters):
    probability = rasters["probability"]
    for name, raster in rasters.items():
        if raster is None and name != "probability":
            continue
        if not (is_raster(raster) and raster.ndim == 2):
            raise TypeError(f"{name} must be a 2-D xarray.DataArray, got {type(raster).__name__}.")
        if how := difference(grid_of(raster), grid_of(probability)):
            raise ValueError(f"{name} is not on the grid of probability: {how}.")


def _no_landslide(table, geometry, where, grid):
    """Say why there is no landslide to score."""
    if (table["status"] == "known place").any():
        return ValueError(
            f"all landslides of {where} on the map lie at places that the model was trained on: "
            "this is not an independent test."
        )
    return ValueError(
        f"no landslide of {where} lies on mapped ground: "
        f"{where_they_lie(geometry.to_numpy(), grid)}."
    )


@validate_params(
    {
        "target": [str, None],
        "coordinates": ["array-like"],
        "fold_scores": ["array-like"],
        "folds": [str],
        "confidence_level": [Interval(Real, 0, 1, closed="neither")],
        "n_resamples": [Interval(Integral, 2, None, closed="left")],
        "random_state": ["random_state"],
    },
    prefer_skip_nested_validation=True,
)
def score_map(
    probability,
    inventory,
    *,
    zones=None,
    inside=None,
    known=None,
    fold_scores=(),
    folds="folds",
    target=None,
    positive_class=None,
    coordinates=("x", "y"),
    crs=None,
    confidence_level=0.95,
    n_resamples=1000,
    random_state=0,
):
    """Score a map by the landslides of a later event, which its model cannot have known.

    A map is used for years, and what counts is how well it predicts landslides to come [1]_. Each
    landslide counts once, a polygon at a point within it, and is compared with all mapped cells.

    Parameters
    ----------
    probability : xarray.DataArray of shape (rows, columns)
        The map, such as ``open_stack("map/susceptibility.tif")["susceptibility"]``.
    inventory : str, path-like, GeoDataFrame, DataFrame or array-like
        The later landslides, points or polygons, as in :func:`sample_stack`; or an array of shape
        (n_landslides, 2) in the map's system.
    zones : xarray.DataArray of shape (rows, columns), uint8, default=None
        The zones, to count the landslides in each.
    inside : xarray.DataArray of shape (rows, columns), default=None
        1 inside the area of applicability, 0 outside.
    known : str, path-like, GeoDataFrame, DataFrame or array-like, default=None
        The landslides that the model was trained on, as `inventory`, all of its rows, in the map's
        system if they state none. Later landslides within one cell size of these are not an
        independent test: they are found, and not scored. None: not known.
    fold_scores : array-like of shape (n_folds,), default=()
        ROC-AUC of each fold in which the model was tested, to compare with.
    folds : str, default="folds"
        What these folds are, for the description in words.
    target : str, default=None
        The inventory's column of labels; None: all rows are landslides.
    positive_class : label, default=None
        The label of a landslide, if it is not clear from the labels, or a rule such as ``">0"``.
    coordinates : sequence of str, default=("x", "y")
        The two columns with x and y, of a table.
    crs : str, int or CRS, default=None
        The coordinate reference system of an inventory that states none.
    confidence_level : float, default=0.95
        Level of the intervals.
    n_resamples : int, default=1000
        Draws of the bootstrap.
    random_state : int, RandomState instance or None, default=0
        Seed of the draws.

    Returns
    -------
    score : MapScore
        Numbers, and words for them.

    Raises
    ------
    ValueError
        If no landslide lies on mapped ground, or all lie at places of the training; if the rasters
        have different grids, or the inventory cannot be read.
    TypeError
        If a map is not a raster.

    See Also
    --------
    zone_table : The same for the landslides of the map itself.
    sklearn_landslide.metrics.landslide_capture : The capture for rows of a table.

    Notes
    -----
    The ROC-AUC is the mean over landslides of the share of cells with a lower probability, where
    cells with the same probability count half; the cells of the landslides are included. Intervals
    are percentiles of a bootstrap over landslides. Landslides of one storm lie in clusters, which
    the bootstrap ignores, so its intervals are then too narrow. For the difference to the folds,
    the folds are also resampled.

    References
    ----------
    .. [1] C.-J. F. Chung and A. G. Fabbri, "Validation of spatial prediction models for
       landslide hazard mapping", Natural Hazards 30, 451-472, 2003.

    Examples
    --------
    >>> import numpy as np, rioxarray, xarray
    >>> from sklearn_landslide.mapping import score_map
    >>> cells = {"y": [25.0, 15.0, 5.0], "x": [5.0, 15.0, 25.0]}
    >>> probability = xarray.DataArray(np.arange(9.0).reshape(3, 3) / 9, cells, ["y", "x"])
    >>> score = score_map(
    ...     probability.rio.write_crs("EPSG:32717"), [[25, 5], [15, 5], [99, 99]], known=[[5, 25]]
    ... )
    >>> score.landslides["status"].tolist()
    ['scored', 'scored', 'not on the map']
    >>> score.capture[["area_share", "landslide_share"]].round(3).to_numpy().tolist()
    [[0.05, 0.225], [0.1, 0.45], [0.2, 0.9], [0.3, 1.0], [0.5, 1.0]]
    """
    import_optional("rioxarray", extra="map")
    _check_rasters(probability=probability, zones=zones, inside=inside)
    grid = grid_of(probability)
    about = {"target": target, "positive_class": positive_class, "crs": crs}
    geometry, where = _landslides(inventory, grid, coordinates=coordinates, **about)
    if known is not None:
        known, _ = _landslides(known, grid, target=None, coordinates=("x", "y"), crs=None)
    table = _table(geometry, grid, known, susceptibility=probability, zone=zones, inside=inside)
    scored = table[table["status"] == "scored"]
    if scored.empty:
        raise _no_landslide(table, geometry, where, grid)
    rng = check_random_state(random_state)
    draws = _Draws(len(scored), n_resamples, confidence_level, rng)
    on_map = table[table["status"] != "not on the map"]
    with_known = ranks_on(probability, on_map["susceptibility"].to_numpy(probability.dtype))
    ranks = ranks_on(probability, scored["susceptibility"].to_numpy(probability.dtype))
    by_zone = None if zones is None else zone_table(zones, probability, scored[["x", "y"]])
    return MapScore(
        scores=_scores(ranks.aucs(), with_known.aucs(), fold_scores, draws, rng),
        capture=_curve(ranks, CAPTURE_SHARES, draws),
        curve=_curve(ranks, _GRID, draws),
        zones=by_zone,
        outside=_outside(inside, probability, scored),
        landslides=table,
        fold_scores=tuple(map(float, fold_scores)),
        folds=folds,
        knows_training=known is not None,
        confidence_level=float(confidence_level),
    )
