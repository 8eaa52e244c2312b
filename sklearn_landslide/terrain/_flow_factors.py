"""Factors of flow: contributing area, wetness, and where streams are."""

import numpy as np

from sklearn_landslide._hints import hinting
from sklearn_landslide._words import join_names, nearest
from sklearn_landslide.terrain._drainage import drainage
from sklearn_landslide.terrain._multiple_flow import multiple_flow_area
from sklearn_landslide.terrain._wetness import wetness_factors

_OF_SLOPE = ("twi", "spi", "sti")
_OF_STREAMS = ("height_above_drainage", "distance_to_drainage")
FLOW_FACTORS = ("contributing_area", *_OF_SLOPE, *_OF_STREAMS)
_ROUTINGS = ("d8", "multiple")


def flow_factors(
    elevation, names, *, cell_size, river_area=1e6, routing="d8", slope=None, log=None
):
    """Factors of flow over an elevation model.

    Parameters
    ----------
    elevation : ndarray of shape (rows, columns)
        Elevation in meters of the whole raster, as in :func:`drainage`.
    names : sequence of str
        What to compute:

        - ``contributing_area``: decadic logarithm of the area in m² that drains through the
          cell, its own included;
        - ``twi``, ``spi``, ``sti``: topographic wetness ln(a / tan b), a in m; stream power
          a tan b in m; sediment transport (a / 22.13) ** 0.6 (sin b / 0.0896) ** 1.3 [1]_, with
          the slope b and the specific catchment area a, which is the contributing area over the
          side of the cell (of cells that are not square, the root of their area);
        - ``height_above_drainage``: meters by which the filled elevation is above that of the
          stream into which the cell drains [2]_, 0 in streams;
        - ``distance_to_drainage``: meters along the way of the water, from center to center, to
          that stream, 0 in streams. The straight distance to the nearest stream is shorter.
    cell_size : float or tuple of (float, float)
        Side of a cell, or its width and height, in meters.
    river_area : float, default=1e6
        Contributing area in m² from which on there is a stream.
    routing : {"d8", "multiple"}, default="d8"
        Whether contributing area, ``twi``, ``spi`` and ``sti`` let a cell drain to its steepest
        neighbor, or to all lower ones in proportion to slope and contour length [3]_. Streams,
        and the ways to them, are those of the steepest descent in both.
    slope : ndarray of shape (rows, columns), default=None
        Slope in degrees for ``twi``, ``spi`` and ``sti``, of which at least 0.1 degrees are
        used. Needed for these alone.
    log : callable, default=None
        Called with lines of text: what memory is needed, and how many cells do not drain into a
        stream.

    Returns
    -------
    factors : dict of str to ndarray of shape (rows, columns), float32
        In the order of `names`. NaN where there is no ground. Height and distance are NaN, too,
        where water leaves the model before it is in a stream, as at the border and along coasts:
        how far the next stream is cannot be known from the model.

    Raises
    ------
    ValueError
        If a name or `routing` is not known, `slope` is missing or of another shape, or no cell
        has a contributing area of `river_area` and streams are asked for; and as
        :func:`drainage` does.
    MemoryError
        As :func:`drainage` does.
    ImportError
        If pyflwdir is not installed.

    References
    ----------
    .. [1] Moore, I. D., Grayson, R. B., Ladson, A. R. (1991). Digital terrain modelling: a
       review of hydrological, geomorphological, and biological applications. Hydrological
       Processes 5, 3-30.
    .. [2] Nobre, A. D., Cuartas, L. A., Hodnett, M., et al. (2011). Height Above the Nearest
       Drainage: a hydrologically relevant new terrain model. Journal of Hydrology 404, 13-29.
    .. [3] Quinn, P., Beven, K., Chevallier, P., Planchon, O. (1991). The prediction of
       hillslope flow paths for distributed hydrological modelling using digital terrain
       models. Hydrological Processes 5, 59-79.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.terrain import flow_factors
    >>> falls_east = np.tile(-10.0 * np.arange(4.0), (3, 1))
    >>> names = ["contributing_area", "distance_to_drainage"]
    >>> factors = flow_factors(falls_east, names, cell_size=10.0, river_area=400.0)
    >>> (10 ** factors["contributing_area"][1]).round()
    array([100., 200., 300., 400.], dtype=float32)
    >>> factors["distance_to_drainage"][1]
    array([30., 20., 10.,  0.], dtype=float32)
    """
    names = list(names)
    for name in names:
        if name not in FLOW_FACTORS:
            known = ", ".join(FLOW_FACTORS)
            raise ValueError(
                f"{name!r} is not a factor of flow.{nearest(name, FLOW_FACTORS)} There are {known}."
            )
    if routing not in _ROUTINGS:
        hint = f"routing={routing!r}"
        raise hinting(ValueError(f"{hint} is neither 'd8' nor 'multiple'."), hint)
    slope = _check_slope(slope, np.shape(elevation), [n for n in names if n in _OF_SLOPE])

    flow = drainage(elevation, cell_size=cell_size, river_area=river_area, log=log)
    found = {}
    if set(names) & set(_OF_STREAMS):
        found |= _to_streams(flow, log)
    if set(names) - set(_OF_STREAMS):
        found |= _of_area(flow, routing, slope)
    return {name: found[name] for name in names}


def river_cells(flow):
    """Return where streams are, or say that there are none.

    Parameters
    ----------
    flow : Drainage
        What :func:`drainage` returns.

    Returns
    -------
    streams : ndarray of shape (rows, columns), bool

    Raises
    ------
    ValueError
        If no cell has a contributing area of ``flow.river_area``.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.terrain import drainage, river_cells
    >>> falls_east = np.tile(-np.arange(4.0), (2, 1))
    >>> river_cells(drainage(falls_east, cell_size=10.0, river_area=300.0))
    array([[False, False,  True,  True],
           [False, False,  True,  True]])
    """
    if not flow.streams.any():
        hint = f"river_area={flow.river_area:g}"
        raise hinting(
            ValueError(
                f"no cell has a contributing area of {hint} m²; the largest is "
                f"{np.nanmax(flow.area):g} m²."
            ),
            hint,
        )
    return flow.streams


def _of_area(flow, routing, slope):
    """Contributing area, and with a slope what is computed of both."""
    area = flow.area
    if routing == "multiple":
        area = multiple_flow_area(flow.filled, flow.directions, flow.cell_size)
    found = {"contributing_area": np.log10(area).astype(np.float32)}
    if slope is not None:
        side = float(np.sqrt(np.prod(flow.cell_size)))
        found |= {
            name: values.astype(np.float32)
            for name, values in wetness_factors(area, slope, side).items()
        }
    return found


def _to_streams(flow, log):
    """Height above the stream that each cell drains into, and the length of the way there."""
    streams, network = river_cells(flow), flow.network
    # Each cell gets the level of its stream from the cell that it drains into.
    level = np.where(streams, flow.filled, np.float32(-np.inf))
    level = network.fillnodata(level, -np.inf, direction="up")
    known = level > -np.inf
    if log is not None and (lost := int((~known & ~np.isnan(flow.filled)).sum())):
        log(
            f"{lost} of {np.isfinite(flow.filled).sum()} cells drain out of the elevation model "
            f"before they reach a stream: {join_names(_OF_STREAMS)} are not known there."
        )
    height = np.where(known, flow.filled - level, np.float32(np.nan))
    # pyflwdir's lengths are wrong for cells that are not square. A stream goes on as a stream,
    # so from where it begins the steps to the border add nothing.
    width, depth = flow.cell_size
    lengths = np.zeros(256)
    lengths[[1, 16]], lengths[[4, 64]] = width, depth
    lengths[[2, 8, 32, 128]] = np.hypot(width, depth)
    steps = lengths[flow.directions]
    steps[streams] = 0.0
    distance = network.accuflux(steps, direction="down").astype(np.float32)
    distance[~known] = np.nan
    return dict(zip(_OF_STREAMS, (height, distance), strict=True))


def _check_slope(slope, shape, asking):
    if not asking:
        return None
    if slope is None:
        raise ValueError(f"{join_names(asking)} need the slope in degrees: pass slope=....")
    slope = np.asarray(slope)
    if slope.shape != shape:
        raise ValueError(f"slope is of shape {slope.shape}, the elevation of shape {shape}.")
    return slope
