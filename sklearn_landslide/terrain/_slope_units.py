"""Slope units: half-basins, divided until each falls in about one direction."""

from numbers import Real

import numpy as np
from sklearn.utils._param_validation import Interval, StrOptions, validate_params

from sklearn_landslide.mapping import compute
from sklearn_landslide.terrain._elevation_model import open_elevation_model
from sklearn_landslide.terrain._half_basins import banks, half_basins
from sklearn_landslide.terrain._single_flow import drain
from sklearn_landslide.terrain._small_units import Nodes, borders, join_small, pieces
from sklearn_landslide.terrain._unit_aspects import (
    circular_variance as variance_of,
)
from sklearn_landslide.terrain._unit_aspects import directions, numbered, sums_of
from sklearn_landslide.terrain._unit_frame import units_frame, units_raster
from sklearn_landslide.terrain._vertical_units import VERTICAL_UNITS


def _divide(drainage, east, north, allowed, river_area, reduction, cell_area):
    """Divide the half-basins; return the node of each cell, what the nodes are parts of, basins."""
    ground = np.flatnonzero(drainage.ground)
    known = (np.hypot(east, north) > 0)[ground].astype(float)
    halves = half_basins(drainage, river_area, east, north)
    bank = banks(drainage, halves, east, north)[ground]
    # The banks are nodes without parent, the half-basins the first parts.
    bank, first_of_bank = numbered(bank)
    part, first = numbered(halves.link[ground], halves.side[ground].astype(np.int64))
    parent = np.concatenate([np.full(first_of_bank.size, -1), bank[first]])
    node = np.full(drainage.ground.size, -1)
    node[ground] = part + first_of_bank.size
    threshold, active = river_area, ground
    while True:
        numbers, first = numbered(node[active])
        of_active = np.searchsorted(ground, active)
        sums = sums_of(
            numbers, known[of_active], east[active], north[active], cell_area, first.size
        )
        active = active[~allowed(sums)[numbers]]
        if not active.size or threshold <= cell_area:
            return node, parent, halves
        threshold = max(threshold * (1 - 1 / reduction), cell_area)
        finer = half_basins(drainage, threshold, east, north)
        numbers, first = numbered(
            node[active], finer.link[active], finer.side[active].astype(np.int64)
        )
        above = node[active[first]]
        # A node that stays whole stays the same node.
        whole = np.bincount(above, minlength=parent.size)[above] == 1
        names = np.where(whole, above, parent.size + np.cumsum(~whole) - 1)
        parent = np.concatenate([parent, above[~whole]])
        node[active] = names[numbers]


def _clean(node, parent, drainage, east, north, allowed, clean, cell_area):
    """Make units of the pieces of the nodes and join those that are too small."""
    labels = pieces(node.reshape(drainage.shape)).ravel()
    ground = np.flatnonzero(drainage.ground)
    numbers, first = numbered(labels[ground])
    home = parent[node[ground[first]]].tolist()
    known = (np.hypot(east, north) > 0)[ground].astype(float)
    sums = sums_of(numbers, known, east[ground], north[ground], cell_area, first.size)
    labels[ground] = numbers
    if clean > 0:
        neighbors = borders(labels.reshape(drainage.shape))
        into = join_small(neighbors, Nodes(parent), home, sums, clean, allowed)
        labels[ground] = into[numbers]
    # Numbered by where they begin in the order of the raster.
    _, first, numbers = np.unique(labels[ground], return_index=True, return_inverse=True)
    rank = np.empty(first.size, dtype=np.int64)
    rank[np.argsort(first)] = np.arange(first.size)
    labels[ground] = rank[numbers]
    return labels, ground[np.sort(first)]


@validate_params(
    {
        "river_area": [Interval(Real, 0, None, closed="neither")],
        "min_area": [Interval(Real, 0, None, closed="left")],
        "max_area": [Interval(Real, 0, None, closed="neither"), None],
        "circular_variance": [Interval(Real, 0, 1, closed="both")],
        "reduction": [Interval(Real, 1, None, closed="neither")],
        "clean": [Interval(Real, 0, None, closed="left")],
        "vertical_units": [StrOptions({*VERTICAL_UNITS}), None],
        "nodata": [Real, "array-like", None],
        "align": [StrOptions({"auto"}), None],
        "return_raster": ["boolean"],
    },
    prefer_skip_nested_validation=True,
)
def delineate_slope_units(
    dem,
    *,
    river_area=1e6,
    min_area=1e5,
    max_area=None,
    circular_variance=0.25,
    reduction=2,
    clean=25_000.0,
    vertical_units=None,
    nodata=None,
    crs=None,
    align=None,
    return_raster=False,
):
    """Divide a region into slope units, the hillslopes between streams and divides.

    The region is first divided into half-basins: what drains to one link of the stream network
    from its left, and from its right. A half-basin that is too large, or larger than `min_area`
    and facing too many directions, is divided by a denser network, and so on [1]_. Units that are
    smaller than `clean` are then joined to a neighbor.

    Parameters
    ----------
    dem : str, path-like, DataArray or Dataset
        The elevation model: a file of one band, a two-dimensional DataArray, or a Dataset with one
        variable.

    river_area : float, default=1e6
        Contributing area from which on there is a stream in the first network, in m².

    min_area : float, default=1e5
        Area below which a unit is not divided further, whatever its aspect, in m².

    max_area : float, default=None
        Area above which a unit is divided in any case, in m². If None, there is no limit.

    circular_variance : float, default=0.25
        A unit whose aspects vary no more than this is not divided further. The circular variance
        is 1 minus the length of the mean of the unit vectors of aspect: 0 on a plane, 1 where
        there is no prevailing direction.

    reduction : float, default=2
        The threshold t of the next network is t - t / reduction: a higher number divides in
        smaller steps and takes longer.

    clean : float, default=25000
        Area below which a unit is joined to another, in m². 0: none is.

    vertical_units : {"m", "ft", "us-ft"}, default=None
        Unit of the elevations. If None, what the raster states, else meters.

    nodata : float or sequence of float, default=None
        Numbers that stand for "no data" besides those that the raster states.

    crs : str, int or CRS, default=None
        The coordinate reference system of an elevation model that states none.

    align : {"auto"}, default=None
        Warp a model that is in degrees, is distorted or has no square cells. If None, one without
        meters is refused.

    return_raster : bool, default=False
        Whether to return the raster of the units, too.

    Returns
    -------
    units : GeoDataFrame
        One row for each unit, indexed by its number from 1, with

        - ``geometry``: the borders of its cells, in the CRS of `dem`;
        - ``area``: m² on the ground plan;
        - ``aspect``: mean direction in which it falls, degrees clockwise from north, NaN where
          it is level;
        - ``circular_variance``: of the aspects of its cells, 0 to 1;
        - ``basin``: number of the first network's basin that it belongs to, from 1;
        - ``side``: the bank that it lies on, looking downstream: ``"left"``, ``"right"``, or
          ``"open"`` for a slope that leaves the elevation model before it reaches a stream.

        Together they cover all cells with an elevation, and none of them twice.
    raster : DataArray of shape (rows, columns), int32
        The number of the unit of each cell, 0 where there is no elevation. Only if
        `return_raster`.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If `dem` cannot be read or is in degrees, or a parameter is out of range.

    Warns
    -----
    UserWarning
        As :func:`terrain_factors` says of the elevation model.

    Notes
    -----
    Flow follows the steepest of eight directions over ground whose pits are filled, and leaves the
    region wherever the ground falls beyond its edge. Slopes that reach the edge side by side,
    before any stream, are one where their directions are less than 30 degrees apart. Above the
    head of a stream its main course, the one of larger contributing area, parts left from right up
    to the divide. A network of a lower threshold therefore divides half-basins and never joins
    parts of two.

    Each unit ends up with an area below `min_area`, or with a circular variance within the limit
    and an area within `max_area`. A small unit is joined to the neighbor with the longest border,
    weighted by how similar the aspects are, if the two together keep these limits and lie in the
    part that was divided last; small half-basins of the first network are joined along a bank, as
    long as no tributary enters there, and open slopes along the edge. What fits nowhere stays
    small, such as slivers along the edge. A cell of a stream is counted to its right bank.

    The elevation model is held in memory as a whole, with some twenty numbers of eight bytes for
    each cell.

    References
    ----------
    .. [1] Alvioli, M., Marchesini, I., Reichenbach, P., Rossi, M., Ardizzone, F., Fiorucci, F.,
       Guzzetti, F. (2016). Automatic delineation of geomorphological slope units with r.slopeunits
       v1.0 and their optimization for landslide susceptibility modeling. Geoscientific Model
       Development 9, 3975-3991.
    .. [2] Carrara, A., Cardinali, M., Detti, R., Guzzetti, F., Pasqui, V., Reichenbach, P. (1991).
       GIS techniques and statistical models in evaluating landslide hazard. Earth Surface
       Processes and Landforms 16, 427-445.

    Examples
    --------
    >>> import numpy as np, xarray as xr
    >>> from sklearn_landslide.terrain import delineate_slope_units
    >>> x, y = np.arange(15.0, 630.0, 30.0), np.arange(885.0, 0.0, -30.0)
    >>> valley = xr.DataArray(abs(x - 315) + 0.2 * y[:, None], {"y": y, "x": x}, ("y", "x"))
    >>> units = delineate_slope_units(valley, river_area=5e4, crs="EPSG:32643")
    >>> print(units[["area", "aspect", "side"]].round(0).to_string(index=False))
        area  aspect  side
    297000.0   107.0 right
    270000.0   259.0  left
    """
    model = open_elevation_model(
        dem, vertical_units=vertical_units, nodata=nodata, crs=crs, align=align
    )
    # Left and right are those of a map: rows from the north, columns from the west.
    upright = np.s_[:: 1 if model.dy > 0 else -1, :: 1 if model.dx > 0 else -1]
    elevation = np.asarray(compute(model.values), dtype=np.float64)[upright]
    grid, (width, height) = model.grid, model.cell
    cell_area = width * height
    drainage = drain(elevation, (width, height), cell_area)
    east, north = directions(elevation, (width, height))
    east, north = np.nan_to_num(east), np.nan_to_num(north)
    largest = np.inf if max_area is None else max_area

    def allowed(sums):
        # A sum of cells may be off in the last bit.
        homogeneous = variance_of(sums) <= circular_variance + 1e-12
        return (sums[..., 0] <= largest) & ((sums[..., 0] < min_area) | homogeneous)

    node, parent, halves = _divide(
        drainage, east, north, allowed, float(river_area), reduction, cell_area
    )
    labels, first = _clean(node, parent, drainage, east, north, allowed, clean, cell_area)
    painted = labels.reshape(drainage.shape)[upright]
    units = units_frame(painted, labels, first, halves, east, north, grid, cell_area)
    return (units, units_raster(painted, grid)) if return_raster else units
