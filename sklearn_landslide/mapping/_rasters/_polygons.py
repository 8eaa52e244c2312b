"""What a landslide polygon becomes in a table: all its cells, or some of them."""

from numbers import Integral

import numpy as np
import pandas as pd
from sklearn.utils._param_validation import Interval, StrOptions

from sklearn_landslide._hints import hinting
from sklearn_landslide._words import join_names
from sklearn_landslide.mapping._rasters._ground import ground_of

# What the elevation of the ground may be called among factors.
ELEVATIONS = ("elevation", "elev", "altitude", "dem", "dtm")

POLYGONS = [
    StrOptions({"cells", "one", "scarp"}),
    Interval(Integral, 1, None, closed="left"),
]


def _elevation_of(stack, polygons):
    """Return the elevation of a stack, or say that there is none."""
    name = next((name for name in stack if str(name).lower() in ELEVATIONS), None)
    if name is None:
        hints = f"polygons={polygons!r}", "polygons='one'"
        error = ValueError(
            f"{hints[0]} needs the elevation, and no factor of the stack has one of its names, "
            f"{join_names(ELEVATIONS)}: name it so, or take {hints[1]}."
        )
        raise hinting(error, *hints)
    return stack[name]


def _heights(stack, cells, polygons, compute):
    """Elevation of cells; lowest of all where there is none."""
    elevation = _elevation_of(stack, polygons)
    picked = elevation.drop_vars(["x", "y"], errors="ignore").isel(
        y=("sample", cells["row"].to_numpy()), x=("sample", cells["column"].to_numpy())
    )
    values = compute(picked.data)
    ground = ground_of(stack, [elevation.name])[elevation.name]
    return np.where(ground.holds(values), values, -np.inf)


def _from_middle(cells, geometry):
    """Squared distance of cells from a point well inside the polygon that they belong to."""
    source = cells["source"].unique()
    inner = geometry.loc[source].representative_point()
    x = cells["source"].map(pd.Series(inner.x.to_numpy(), source))
    y = cells["source"].map(pd.Series(inner.y.to_numpy(), source))
    return (cells["x"] - x) ** 2 + (cells["y"] - y) ** 2


def chosen_cells(cells, stack, geometry, polygons, generator, compute):
    """Choose the cells that stand for the places of an inventory.

    Parameters
    ----------
    cells : DataFrame
        All cells of it, as of `inventory_cells`.
    stack : xarray.Dataset
        The factors; only ``"scarp"`` reads one of them.
    geometry : GeoSeries
        Points and polygons in the CRS of the grid, indexed by position.
    polygons : {"cells", "one", "scarp"} or int
        As in `sample_stack`.
    generator : numpy.random.Generator
        Source of the draw; it stays as it is.
    compute : callable
        Computes an array that may be dask's.

    Returns
    -------
    cells : DataFrame
        Some of them, in their order.
    """
    if polygons == "scarp":
        # Known wherever the polygons lie, and of points, too.
        _elevation_of(stack, polygons)
    if polygons == "cells" or not len(cells):
        return cells
    areas = cells[~cells["is_point"]]
    if polygons == "scarp":
        keys = -_heights(stack, areas, polygons, compute)
    elif polygons == "one":
        keys = _from_middle(areas, geometry).to_numpy()
    else:
        # Of its own: what else is drawn with the same seed stays as it is.
        keys = generator.spawn(1)[0].random(len(areas))
    # Equal keys: the cell further north, then further west, comes first.
    order = np.lexsort((areas["column"], areas["row"], keys, areas["source"]))
    rank = areas.iloc[order].groupby("source").cumcount()
    wanted = polygons if isinstance(polygons, Integral) else 1
    kept = areas.index.isin(rank.index[rank < wanted])
    keep = cells["is_point"].to_numpy(copy=True)
    keep[areas.index[kept]] = True
    return cells[keep].reset_index(drop=True)
