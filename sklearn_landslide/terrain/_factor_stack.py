"""Factors of an elevation model on its grid, each computed from what it needs."""

from functools import partial

import numpy as np

from sklearn_landslide._optional import import_optional
from sklearn_landslide.terrain._elevation_model import NAME
from sklearn_landslide.terrain._factor_table import (
    CELLS,
    DISC,
    FLOW,
    TABLE,
    check_radius,
    describe,
    split_name,
)
from sklearn_landslide.terrain._neighborhood import disc, disc_factors, reach_of
from sklearn_landslide.terrain._recipe import note_recipe
from sklearn_landslide.terrain._surface import window_factors
from sklearn_landslide.terrain._tiles import map_tiles

_NEED_SLOPE = {"twi", "spi", "sti"}


def _of_cells(model, names, method, chunks):
    """Factors of 3 x 3 cells."""
    compute = partial(window_factors, dx=model.dx, dy=model.dy, method=method)
    return map_tiles(model.values, (1, 1), compute, names, chunks) if names else {}


def _of_discs(model, names, chunks):
    """Factors of discs, those of one radius together."""
    found, by_radius = {}, {}
    for name in names:
        entry, radius = split_name(name)
        check_radius(name, radius, model.cell)
        by_radius.setdefault(radius, {})[entry] = name
    for radius, entries in by_radius.items():
        halves = disc(radius, *model.cell)
        compute = partial(disc_factors, halves=halves)
        made = map_tiles(model.values, reach_of(halves), compute, list(entries), chunks)
        found |= {name: made[entry] for entry, name in entries.items()}
    return found


def _of_flow(model, names, slope, *, chunks, **how):
    """Factors of flow, from the whole raster at once, and at once: windows would repeat it."""
    array = import_optional("dask.array", extra="terrain")
    if not names:
        return {}
    # Where no flow is asked for, its libraries are not needed.
    from sklearn_landslide.terrain._flow_factors import flow_factors

    slope = None if slope is None else slope.compute()
    made = flow_factors(model.values.compute(), names, cell_size=model.cell, slope=slope, **how)
    return {name: array.from_array(made[name], chunks=chunks) for name in names}


def _stack(model, values, attributes):
    """Put factors on the grid of the model, as `open_stack` does."""
    xarray = import_optional("xarray", extra="terrain")
    import_optional("rioxarray", extra="terrain")
    grid = model.grid
    variables = {
        name: xarray.Variable(("y", "x"), data, attributes[name]) for name, data in values.items()
    }
    stack = xarray.Dataset(variables, grid.axes)
    return stack.rio.write_crs(grid.crs).rio.write_transform(grid.transform)


def make_factors(model, names, *, method, river_area, routing, chunks, log=None):
    """Compute factors: those of windows lazily, those of flow at once.

    Parameters
    ----------
    model : ElevationModel
        The elevation.
    names : list of str
        Full names of the factors.
    method, river_area, routing, chunks, log
        As `terrain_factors` takes them.

    Returns
    -------
    stack : xarray.Dataset
        With the recipe in its attributes.

    Raises
    ------
    ValueError
        If a radius is smaller than a cell.
    """
    by_need = {need: [] for need in (CELLS, DISC, FLOW)}
    for name in names:
        by_need.setdefault(TABLE[split_name(name)[0]].needs, []).append(name)
    surface = by_need[CELLS]
    needs_slope = _NEED_SLOPE & {*names}
    if needs_slope and "slope" not in surface:
        surface = [*surface, "slope"]
    found = {NAME: model.values.astype(np.float32).rechunk(chunks)}
    found |= _of_cells(model, surface, method, chunks)
    found |= _of_discs(model, by_need[DISC], chunks)
    slope = found["slope"] if needs_slope else None
    how = {"routing": routing, "river_area": river_area}
    found |= _of_flow(model, by_need[FLOW], slope, chunks=chunks, log=log, **how)
    how["method"] = method
    stack = _stack(
        model,
        {name: found[name] for name in names},
        {name: describe(name, **how) for name in names},
    )
    cell_size = [float(side) for side in model.cell]
    recipe = {"factors": names, **how, "cell_size": cell_size}
    note_recipe(stack, recipe)
    return stack
