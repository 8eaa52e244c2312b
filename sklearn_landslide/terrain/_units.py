"""From a stack and mapping units to the table that a model learns from."""

import warnings
from numbers import Real

import numpy as np
from sklearn.utils import Bunch
from sklearn.utils._param_validation import Interval, StrOptions, validate_params

from sklearn_landslide._hints import hinting
from sklearn_landslide._optional import import_optional
from sklearn_landslide._words import listed, nearest
from sklearn_landslide.mapping import (
    categorical_factors,
    check_stack,
    compute,
    crs_name,
    grid_of,
    ground_of,
    meters_per_unit,
    read_inventory,
    where_they_lie,
)
from sklearn_landslide.tables import system_name
from sklearn_landslide.terrain._read_units import read_units, warn_of_overlaps
from sklearn_landslide.terrain._unit_landslides import landslides_in
from sklearn_landslide.terrain._unit_statistics import (
    check_statistics,
    is_direction,
    unit_factors,
)


def _known_names(names, given, parameter):
    """Check that names are factors."""
    given = [given] if isinstance(given, str) else list(given)
    if unknown := [name for name in given if name not in names]:
        hint = f"{parameter}={unknown[0]!r}"
        error = ValueError(
            f"{hint} is not a factor.{nearest(unknown[0], names)} They are {listed(names)}."
        )
        raise hinting(error, hint)
    return given


@validate_params(
    {
        "label": [StrOptions({"presence", "count", "share"})],
        "min_share": [Interval(Real, 0, 1, closed="both")],
        "statistics": [str, Real, "array-like"],
        "categorical": [str, "array-like"],
        "circular": [str, "array-like", None],
        "elevation": [str, None],
        "target": [str, None],
    },
    prefer_skip_nested_validation=True,
)
def aggregate_to_units(
    stack,
    units,
    *,
    landslides=None,
    label="presence",
    min_share=0.02,
    statistics=("mean", "std"),
    categorical=(),
    circular=None,
    elevation=None,
    target=None,
    crs=None,
):
    """Aggregate factors and landslides to mapping units: one row for each unit.

    A cell counts with the share of it that lies in the unit. A unit without any value is left
    out with a warning; a single factor without value stays NaN, which the pipeline imputes.

    Parameters
    ----------
    stack : xarray.Dataset
        The factors, from :func:`~sklearn_landslide.mapping.open_stack`.

    units : str, path-like or GeoDataFrame
        Polygons that do not overlap, such as those of :func:`delineate_slope_units`. They are
        brought into the stack's coordinate reference system.

    landslides : str, path-like, GeoDataFrame or DataFrame, default=None
        The inventory, of points or polygons, as in
        :func:`~sklearn_landslide.mapping.sample_stack`. If None, there are no labels: units to
        be predicted.

    label : {"presence", "count", "share"}, default="presence"
        Whether there is a landslide in the unit (0 or 1), how many there are, or what share of
        the unit's area they cover together.

    min_share : float, default=0.02
        For presence and count, a landslide is in the unit that holds its point, and in each unit
        of which it covers at least this share [1]_.

    statistics : sequence of str or float, default=("mean", "std")
        What is computed of numeric factors: ``"mean"``, ``"std"``, ``"min"``, ``"max"``,
        ``"median"``, and numbers from 0 to 1 for quantiles.

    categorical : str or sequence of str, default=()
        The factors that hold class codes, besides those marked in the stack.

    circular : str or sequence of str, default=None
        The factors that are directions, in degrees unless their attribute ``units`` is
        ``"rad"``. If None, those with ``aspect`` as a word of their name.

    elevation : str, default=None
        The factor from which the highest cell of a landslide polygon is found: its center, or
        the nearest place of the polygon, is then the polygon's point. If None, a point well
        inside it.

    target : str, default=None
        The inventory's column of labels; only rows with a landslide count. If None, all rows
        are landslides.

    crs : str, int or CRS, default=None
        The coordinate reference system of units or an inventory that state none.

    Returns
    -------
    table : :class:`~sklearn.utils.Bunch`
        A dictionary-like object with

        X : DataFrame of shape (n_units, n_columns)
            For each numeric factor ``slope``: ``slope_mean``, ``slope_std``, ``slope_q90`` and
            the like. For a direction ``aspect``: ``aspect_northness`` and ``aspect_eastness``,
            the means of cosine and sine, and, where ``"std"`` is asked for,
            ``aspect_variance``, the circular variance from 0 to 1. For classes ``soil``:
            ``soil_clay`` with the share of each class, by name where the stack knows it as
            ``class_names``, otherwise by code, and ``soil_majority`` with the code of the
            largest share, of ``category`` dtype.
        y : ndarray of shape (n_units,), or None
            The labels: integers, and floats for shares.
        coordinates : DataFrame of shape (n_units, 2)
            Columns x and y of a point inside each unit, in the stack's CRS, with the index of
            `X` and the ``attrs`` that :func:`~sklearn_landslide.mapping.sample_stack` gives.
        crs : str or None
            The CRS of `coordinates`, as EPSG code or WKT.
        groups : ndarray of shape (n_units,)
            Units that a landslide touches together are one group, directly or over others: pass
            them to the splitters, so that no landslide lies in two folds.
        units : ndarray of shape (n_units,)
            The units' numbers: their column ``unit`` or index.
        geometry : GeoSeries of shape (n_units,)
            The units in the stack's CRS, for :func:`units_to_raster`.
        target : str
            The name of the target.
        n_outside : int
            Number of landslides that touch no unit.
        n_nodata : int
            Number of units left out because no factor had a value there.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If units or landslides cannot be read or lie elsewhere, units are not polygons, or a name
        is not a factor.

    Warns
    -----
    UserWarning
        If units overlap, are invalid or have no values, or landslides lie outside of them.

    Notes
    -----
    The statistics are those of exactextract, weighted with the share of each cell that a unit
    covers; the standard deviation is that of the population. Factors are read into memory one after
    the other, and together up to half a gigabyte.

    References
    ----------
    .. [1] Guzzetti, F., Reichenbach, P., Ardizzone, F., Cardinali, M., Galli, M. (2006).
       Estimating the quality of landslide susceptibility models. Geomorphology 81, 166-184.

    Examples
    --------
    >>> import geopandas as gpd, numpy as np, xarray as xr
    >>> from shapely import Point, box
    >>> from sklearn_landslide.mapping import open_stack
    >>> from sklearn_landslide.terrain import aggregate_to_units
    >>> cells = {"y": [15.0, 5.0], "x": [5.0, 15.0, 25.0]}
    >>> slope = xr.DataArray(np.array([[10.0, 20.0, 30.0], [10.0, 20.0, 40.0]]), cells)
    >>> stack = open_stack({"slope": slope}, crs="EPSG:32717")
    >>> units = gpd.GeoDataFrame(geometry=[box(0, 0, 15, 20), box(15, 0, 30, 20)], crs=32717)
    >>> slide = gpd.GeoDataFrame(geometry=[Point(4, 4)], crs=32717)
    >>> table = aggregate_to_units(stack, units, landslides=slide)
    >>> table.X.round(2)
       slope_mean  slope_std
    0       13.33       4.71
    1       30.00       8.16
    >>> table.y
    array([1, 0])
    """
    stack = check_stack(stack)
    names = list(stack)
    operations = check_statistics(statistics)
    categorical = _known_names(names, categorical, "categorical")
    categorical = list(dict.fromkeys([*categorical_factors(stack), *categorical]))
    if circular is None:
        circular = [name for name in names if is_direction(name, stack[name])]
    circular = [name for name in _known_names(names, circular, "circular")]
    if elevation is not None:
        _known_names(names, [elevation], "elevation")
    grid = grid_of(stack)
    frame, numbers, where = read_units(units, grid, crs)
    warn_of_overlaps(frame, where)

    ground = ground_of(stack, names)
    X = unit_factors(stack, grid, frame, operations, categorical, circular, ground)
    empty = X.isna().all(axis=1).to_numpy()
    if empty.all():
        raise ValueError(
            f"no unit of {where} has a value of any factor: "
            f"{where_they_lie(frame.geometry.to_numpy(), grid)}."
        )
    if empty.any():
        warnings.warn(
            f"{empty.sum()} of {len(frame)} units of {where} have no value of any factor and are "
            "left out.",
            UserWarning,
            stacklevel=2,
        )
    y, groups, n_outside = None, np.arange(int((~empty).sum())), 0
    frame = frame[~empty].reset_index(drop=True)
    if landslides is not None:
        y, groups, n_outside = _labels(
            landslides, frame, stack, grid, label, min_share, elevation, target, crs
        )
    X = X[~empty].reset_index(drop=True)
    points = frame.geometry.representative_point()
    coordinates = points.get_coordinates()
    if (meters := meters_per_unit(grid)) != 1:
        coordinates.attrs = {"crs": crs_name(grid.crs), "meters_per_unit": meters}
    return Bunch(
        X=X,
        y=y,
        coordinates=coordinates,
        crs=system_name(grid.crs),
        groups=groups,
        units=numbers[~empty],
        geometry=frame.geometry,
        target="landslide" if target is None else target,
        n_outside=n_outside,
        n_nodata=int(empty.sum()),
    )


def _labels(landslides, frame, stack, grid, label, min_share, elevation, target, crs):
    """Labels and groups of the units."""
    inventory = read_inventory(landslides, grid.crs, target=target, coordinates=("x", "y"), crs=crs)
    shapely = import_optional("shapely", extra="map")
    slides = inventory.geometry[inventory.labels == 1].to_numpy()
    if not len(slides):
        raise ValueError(f"{inventory.where} has no landslide: all of {target!r} are 0.")
    if label == "share" and not (shapely.get_dimensions(slides) == 2).any():
        hint = "label='presence'"
        error = ValueError(
            f"{inventory.where} has points, which cover no share of a unit: pass {hint}."
        )
        raise hinting(error, hint)
    heights = None
    if elevation is not None:
        heights = np.asarray(compute(stack[elevation].data))
    y, groups, n_outside = landslides_in(slides, frame, label, min_share, heights, grid)
    if n_outside == len(slides):
        raise ValueError(
            f"no landslide of {inventory.where} lies in a unit: {where_they_lie(slides, grid)}."
        )
    if n_outside:
        warnings.warn(
            f"{n_outside} of {len(slides)} landslides of {inventory.where} lie in no unit.",
            UserWarning,
            stacklevel=3,
        )
    return y, groups, n_outside
