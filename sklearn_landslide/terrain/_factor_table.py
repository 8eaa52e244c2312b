"""All factors of an elevation model: what they are called, measured in and made from."""

import re
from dataclasses import dataclass

from sklearn_landslide._hints import hinting
from sklearn_landslide._words import join_names, nearest

# What a factor is computed from: the elevation itself, 3 x 3 cells, a disc, or the whole raster.
ITSELF, CELLS, DISC, FLOW = "elevation", "3 x 3 cells", "disc", "flow"
METHODS = ("horn", "zevenbergen_thorne")
_SLOPE_BY = {"horn": "Horn (1981)", "zevenbergen_thorne": "Zevenbergen and Thorne (1987)"}
_CURVED_BY = {"horn": "Evans (1980)", "zevenbergen_thorne": "Zevenbergen and Thorne (1987)"}
_ROUTED = {"d8": "the steepest neighbor (D8)", "multiple": "all lower neighbors (Quinn 1991)"}


@dataclass(frozen=True)
class TerrainFactor:
    """One factor.

    Parameters
    ----------
    long_name, units : str
        What it is, and its unit; ``"1"`` for none.
    method : str
        How it is made. ``{radius}`` stands for the radius in meters, ``{slope_by}`` and
        ``{curved_by}`` for the source of the derivatives, ``{routed}`` and ``{river_area}`` for
        what flow is told.
    needs : str
        What it is computed from: ``"elevation"``, ``"3 x 3 cells"``, ``"disc"`` or ``"flow"``.
    """

    long_name: str
    units: str
    method: str
    needs: str = CELLS


_CURVED = "derivatives of {curved_by}; positive where convex, 0 on level ground"
_AREA = (
    "a: area that drains through a cell to {routed}, over the side of a cell; slope of {slope_by}"
)
_STREAM = "streams from {river_area:g} m² of contributing area, along the steepest descent"

TABLE = {
    "elevation": TerrainFactor("elevation", "m", "as in the elevation model", ITSELF),
    "slope": TerrainFactor("slope angle", "degrees", "derivatives of {slope_by}"),
    "aspect": TerrainFactor(
        "direction of the slope, clockwise from north",
        "degrees",
        "derivatives of {slope_by}; -1 on level ground",
    ),
    "northness": TerrainFactor(
        "cosine of the aspect", "1", "derivatives of {slope_by}; 0 on level ground"
    ),
    "eastness": TerrainFactor(
        "sine of the aspect", "1", "derivatives of {slope_by}; 0 on level ground"
    ),
    "plan_curvature": TerrainFactor("curvature of the contour line", "1/m", _CURVED),
    "profile_curvature": TerrainFactor("curvature of the surface down the slope", "1/m", _CURVED),
    "tangential_curvature": TerrainFactor(
        "curvature of the surface across the slope", "1/m", _CURVED
    ),
    "tri": TerrainFactor(
        "terrain ruggedness index",
        "m",
        "root of the sum of squared differences to the eight neighbors, Riley et al. (1999)",
    ),
    "roughness": TerrainFactor(
        "roughness", "m", "highest minus lowest of 3 x 3 cells, Wilson et al. (2007)"
    ),
    "tpi": TerrainFactor(
        "topographic position index",
        "m",
        "elevation minus the mean of all other cells within {radius:g} m, Weiss (2001)",
        DISC,
    ),
    "relief": TerrainFactor("local relief", "m", "highest minus lowest within {radius:g} m", DISC),
    "contributing_area": TerrainFactor(
        "decadic logarithm of the contributing area",
        "log10(m2)",
        "area that drains through a cell, its own included, to {routed}",
        FLOW,
    ),
    "twi": TerrainFactor("topographic wetness index", "ln(m)", f"ln(a / tan b); {_AREA}", FLOW),
    "spi": TerrainFactor("stream power index", "m", f"a tan b; {_AREA}", FLOW),
    "sti": TerrainFactor(
        "sediment transport index",
        "1",
        f"(a / 22.13) ** 0.6 (sin b / 0.0896) ** 1.3; {_AREA}",
        FLOW,
    ),
    "height_above_drainage": TerrainFactor(
        "height above the stream into which a cell drains", "m", _STREAM, FLOW
    ),
    "distance_to_drainage": TerrainFactor(
        "length of the way to the stream into which a cell drains", "m", _STREAM, FLOW
    ),
}
_WITH_RADIUS = re.compile(r"(\w+?)_(\d+(?:\.\d+)?)")


def split_name(name):
    """Split the name of a factor into its entry in the table and its radius.

    Parameters
    ----------
    name : str
        Such as ``"slope"`` or ``"tpi_300"``.

    Returns
    -------
    entry : str
        Key of the table.
    radius : float or None
        In meters; None for a factor that has none.

    Raises
    ------
    ValueError
        If there is no such factor; the message names the nearest.

    Examples
    --------
    >>> from sklearn_landslide.terrain._factor_table import split_name
    >>> split_name("tpi_300"), split_name("slope")
    (('tpi', 300.0), ('slope', None))
    """
    if name in TABLE and TABLE[name].needs != DISC:
        return name, None
    found = _WITH_RADIUS.fullmatch(name)
    if found and found[1] in TABLE and TABLE[found[1]].needs == DISC and float(found[2]) > 0:
        return found[1], float(found[2])
    shown = [f"{key}_<meters>" if one.needs == DISC else key for key, one in TABLE.items()]
    stem = nearest(found[1] if found else name, TABLE)
    raise ValueError(
        f"there is no terrain factor {name!r}.{stem} There are {join_names(shown, len(shown))}."
    )


def factor_names(factors, scales):
    """Return the full names of the factors that are wanted, each once.

    Parameters
    ----------
    factors : sequence of str, or None
        Names; ``"tpi"`` and ``"relief"`` stand for those of all scales. None: all of the table.
    scales : sequence of float
        Radii in meters.

    Returns
    -------
    names : list of str

    Examples
    --------
    >>> from sklearn_landslide.terrain._factor_table import factor_names
    >>> factor_names(["slope", "tpi"], (100, 300))
    ['slope', 'tpi_100', 'tpi_300']
    """
    names = []
    for name in TABLE if factors is None else factors:
        if not isinstance(name, str):
            raise TypeError(f"factors have text as names, got {name!r:.60}.")
        if name in TABLE and TABLE[name].needs == DISC:
            names += [f"{name}_{scale:.10g}" for scale in scales]
        else:
            split_name(name)
            names.append(name)
    return list(dict.fromkeys(names))


def check_radius(name, radius, cell):
    """Refuse a disc that does not reach the neighbors of a cell.

    Parameters
    ----------
    name : str
        The factor.
    radius : float
        In meters.
    cell : tuple of (float, float)
        Width and height of a cell in meters.

    Raises
    ------
    ValueError
        With the least radius.

    Examples
    --------
    >>> from sklearn_landslide.terrain._factor_table import check_radius
    >>> check_radius("tpi_100", 100.0, (90.0, 90.0))
    """
    if radius < max(cell) * (1 - 1e-9):
        hint = "scales=(...)"
        error = ValueError(
            f"{name!r} looks {radius:g} m around, and a cell has {max(cell):.4g} m: give larger "
            f"radii, {hint}."
        )
        raise hinting(error, hint)


def describe(name, *, method, routing, river_area):
    """Return the attributes that say what a factor is.

    Parameters
    ----------
    name : str
        The factor.
    method, routing, river_area
        As `terrain_factors` takes them.

    Returns
    -------
    attributes : dict of str to str
        ``long_name``, ``units`` and ``method``.

    Examples
    --------
    >>> from sklearn_landslide.terrain._factor_table import describe
    >>> describe("slope", method="horn", routing="d8", river_area=1e6)["method"]
    'derivatives of Horn (1981)'
    """
    entry, radius = split_name(name)
    factor = TABLE[entry]
    text = factor.method.format(
        radius=radius,
        slope_by=_SLOPE_BY[method],
        curved_by=_CURVED_BY[method],
        routed=_ROUTED[routing],
        river_area=river_area,
    )
    long_name = factor.long_name if radius is None else f"{factor.long_name}, {radius:g} m"
    return {"long_name": long_name, "units": factor.units, "method": text}
