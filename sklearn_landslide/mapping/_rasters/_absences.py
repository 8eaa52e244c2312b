"""Draw places without a landslide from a stack."""

from numbers import Real

import numpy as np
from sklearn.utils._param_validation import Interval, validate_params

from sklearn_landslide._hints import hinting
from sklearn_landslide._optional import import_optional
from sklearn_landslide._words import plural
from sklearn_landslide.mapping._rasters._cells import inventory_cells
from sklearn_landslide.mapping._rasters._check_stack import categorical_factors, check_stack
from sklearn_landslide.mapping._rasters._draw import (
    SmallestKeys,
    generator_of,
    largest_remainders,
)
from sklearn_landslide.mapping._rasters._grids import crs_name, grid_of
from sklearn_landslide.mapping._rasters._ground import Ground, ground_of
from sklearn_landslide.mapping._rasters._inventory import read_inventory
from sklearn_landslide.mapping._rasters._meters import true_scale, why_no_meters
from sklearn_landslide.mapping._rasters._nearby import Nearby
from sklearn_landslide.mapping._rasters._polygons import POLYGONS, chosen_cells
from sklearn_landslide.mapping._rasters._sample import check_some_inside, compute

_CELLS_AT_ONCE = 1 << 20


def buffer_in_units(buffer, crs, bounds=None):
    """Turn meters into the units of the CRS, as long as they are within the bounds of the map."""
    if buffer == 0:
        return 0.0
    scale = true_scale(crs, bounds)
    if scale.length is None:
        hint = f"buffer={buffer}"
        if crs.is_geographic:
            error = ValueError(
                f"{hint} is in meters, but the stack's CRS {crs_name(crs)} is in degrees: "
                "warp the rasters to a projected CRS, such as UTM, or pass buffer=0."
            )
        else:
            error = ValueError(
                f"{hint} is in meters, but the stack is {why_no_meters(crs, scale)}, or pass "
                "buffer=0."
            )
        raise hinting(error, hint, "buffer=0")
    return buffer / scale.length


def _strips(stack):
    """Rows to read together, full width, as the stack's windows lie."""
    heights = stack.chunksizes.get("y", (stack.sizes["y"],))
    stops = np.cumsum(heights)
    return zip(stops - heights, stops, strict=True)


def _count(presences):
    """Count the samples: every point, and every cell of polygons once."""
    repeated = presences[~presences["is_point"]].duplicated(["row", "column"])
    return len(presences) - int(repeated.sum())


def candidate_cells(stack, grid, presences, nearby, min_slope, strata):
    """Yield numbers and strata of the candidate cells, row by row, a few rows at a time.

    Parameters
    ----------
    stack : xarray.Dataset
        The factors, of which each must be ground.
    grid : Grid
        That of the stack.
    presences : DataFrame
        Cells that are none, as of `inventory_cells`.
    nearby : Nearby
        Marks others that are too near to a landslide.
    min_slope : float or None
        The least slope in degrees.
    strata : str or None
        The factor whose codes are wanted.

    Yields
    ------
    numbers : ndarray of int
        row * width + column.
    strata : ndarray or None
        The codes there.
    """
    ground = ground_of(stack, list(stack))
    # Class codes have no range.
    ground |= dict.fromkeys(categorical_factors(stack), Ground())
    for start, stop in _strips(stack):
        part = stack.isel(y=slice(start, stop))
        allowed = np.True_
        for name in stack:
            allowed = allowed & ground[name].holds(part[name].data)
        if min_slope is not None:
            allowed = allowed & (part["slope"].data >= min_slope)
        allowed, codes = compute((allowed, None if strata is None else part[strata].data))
        allowed &= ~nearby.mask(grid.window((start, 0), (stop, grid.width)))
        here = presences[(presences["row"] >= start) & (presences["row"] < stop)]
        allowed[here["row"] - start, here["column"]] = False
        step = max(1, _CELLS_AT_ONCE // grid.width)
        for first in range(0, stop - start, step):
            here = np.flatnonzero(allowed[first : first + step])
            labels = None if codes is None else codes[first : first + step].ravel()[here]
            yield here + (start + first) * grid.width, labels


@validate_params(
    {
        "ratio": [Interval(Real, 0, None, closed="neither")],
        "buffer": [Interval(Real, 0, None, closed="left")],
        "min_slope": [Interval(Real, 0, 90, closed="both"), None],
        "strata": [str, None],
        "target": [str, None],
        "coordinates": ["array-like"],
        "polygons": POLYGONS,
        "random_state": ["random_state"],
    },
    prefer_skip_nested_validation=True,
)
def sample_absences(
    stack,
    inventory,
    *,
    ratio=1.0,
    buffer=100.0,
    min_slope=None,
    strata=None,
    target="landslide",
    coordinates=("x", "y"),
    polygons="cells",
    crs=None,
    random_state=None,
    positive_class=None,
):
    """Draw places without a landslide, where the inventory has none nearby.

    Every cell is as likely to be drawn as any other, and none is drawn twice. Left out are
    cells where any factor is nodata or outside its plausible range, as :func:`open_stack` notes
    it, cells that hold a landslide, and cells whose center is nearer than `buffer` to a point or
    to the outline of a polygon of the inventory.

    The stack is read once, in strips as high as its windows.

    Parameters
    ----------
    stack : xarray.Dataset
        The factors, from :func:`open_stack`.

    inventory : str, path-like, GeoDataFrame or DataFrame
        The landslides, as points or polygons, read as :func:`sample_stack` does.

    ratio : float, default=1.0
        Number of absences per landslide sample within the stack, as :func:`sample_stack` counts
        these with the same `polygons`. With ``polygons="cells"`` a landslide of twenty cells
        counts twenty times, with ``"one"`` or ``"scarp"`` once.

    buffer : float, default=100.0
        Smallest distance from a landslide in meters on the ground. A buffer above 0 needs a
        projected CRS whose scale is the same all over the stack, to within a percent.

    min_slope : float, default=None
        Draw only where the factor ``slope`` is at least this steep, in degrees: flat ground is
        easily told from landslides, which makes scores optimistic.

    strata : str, default=None
        A factor of class codes, such as lithology: each class gets absences in proportion to
        its area, by largest remainders, instead of at random.

    target : str, default="landslide"
        The column of labels. Rows that are not landslides are ignored. If None, every row is a
        landslide.

    coordinates : sequence of str, default=("x", "y")
        The two columns with x and y, of a table.

    polygons : {"cells", "one", "scarp"} or int, default="cells"
        What a polygon counts as: the samples that :func:`sample_stack` takes from it. None of its
        cells is drawn in any case.

    crs : str, int or CRS, default=None
        The coordinate reference system of an inventory that states none.

    random_state : int, RandomState instance or None, default=None
        Seed of the draw. The windows of the stack do not change what is drawn. If None, the draw
        differs each time. The global generator is not touched.

    positive_class : label, default=None
        The label of a landslide, if it is not clear from the labels, or a rule such as ``">0"``.

    Returns
    -------
    absences : GeoDataFrame
        Points at the centers of the cells in the stack's CRS, in random order, with the
        column `target`, which is 0.

    Raises
    ------
    ValueError
        If there are fewer cells to draw from than absences requested, a buffer is given in a CRS
        without meters, or the stack or the inventory cannot be used.

    Examples
    --------
    >>> import numpy as np, pandas as pd, xarray as xr
    >>> from sklearn_landslide.mapping import open_stack, sample_absences
    >>> centers = np.arange(5.0, 300, 10)
    >>> slope = xr.DataArray(np.full((30, 30), 20.0), {"y": centers[::-1], "x": centers})
    >>> stack = open_stack({"slope": slope}, crs="EPSG:32717")
    >>> landslides = pd.DataFrame({"x": [155, 160], "y": [152, 141]})
    >>> absences = sample_absences(stack, landslides, target=None, ratio=2, random_state=0)
    >>> absences["landslide"].tolist()
    [0, 0, 0, 0]
    >>> bool(absences.distance(absences.union_all()).max() == 0)
    True
    """
    geopandas = import_optional("geopandas", extra="map")
    stack = check_stack(stack)
    if min_slope is not None:
        check_stack(stack, ["slope"])
    if strata is not None:
        check_stack(stack, [strata])
    grid = grid_of(stack)
    distance = buffer_in_units(buffer, grid.crs, grid.bounds)
    read = read_inventory(
        inventory,
        grid.crs,
        target=target,
        coordinates=coordinates,
        crs=crs,
        positive_class=positive_class,
    )
    geometry, labels, where = read.geometry, read.labels, read.where
    if not labels.any():
        raise ValueError(f"{where} has no landslide: its {target!r} is 0 in every row.")
    geometry = geometry[labels == 1]
    generator = generator_of(random_state)
    covered = inventory_cells(geometry, grid)
    presences = chosen_cells(covered, stack, geometry, polygons, generator, compute)
    check_some_inside(presences, read, grid)
    n_presences = _count(presences)
    wanted = max(1, round(ratio * n_presences))

    smallest = SmallestKeys(wanted, generator)
    nearby = Nearby(geometry.to_numpy(), distance)
    for candidates in candidate_cells(stack, grid, covered, nearby, min_slope, strata):
        smallest.add(*candidates)
    found = int(smallest.counts.sum())
    if found < wanted:
        hints = f"ratio={ratio}", f"buffer={buffer}", f"min_slope={min_slope}"
        steep = "" if min_slope is None else f" and as steep as {hints[2]}"
        samples = plural(n_presences, "landslide sample")
        error = ValueError(
            f"{wanted} absences are wanted ({hints[0]} of {samples}), but only "
            f"{plural(found, 'cell')} with all factors, away from landslides by "
            f"{hints[1]}{steep} can be drawn: lower one of them."
        )
        raise hinting(error, *hints)
    drawn = smallest.draw(largest_remainders(wanted, smallest.counts))
    rows, columns = np.divmod(drawn, grid.width)
    points = geopandas.points_from_xy(*grid.centers(rows, columns))
    name = "landslide" if target is None else target
    return geopandas.GeoDataFrame({name: np.zeros(wanted, np.int64)}, geometry=points, crs=grid.crs)
