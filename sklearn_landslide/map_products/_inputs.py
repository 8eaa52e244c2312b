"""What a map is made of: the stack of rasters, and the places of the inventory."""

import os
from dataclasses import replace

from sklearn_landslide._hints import hinting
from sklearn_landslide._words import listed, nearest
from sklearn_landslide.map_products._progress import Progress
from sklearn_landslide.mapping import (
    ELEVATIONS,
    factor_names,
    files_by_factor,
    grid_of,
    mask_stack,
    open_stack,
    pixel_area,
)
from sklearn_landslide.terrain import (
    RECIPE,
    FactorSources,
    hold,
    warn_of_cells_unlike,
)


def as_files(stack):
    """List the files of a stack; none if it is an xarray object or a dict."""
    if isinstance(stack, str | os.PathLike):
        return [stack]
    if isinstance(stack, list | tuple):
        if not stack:
            raise ValueError("stack is empty: give at least one raster.")
        return list(stack)
    return []


def _make_stack(request, sources):
    """Make the factors of an elevation model, and keep those asked for."""
    if request.align not in (None, "auto"):
        hint = f"align={request.align!r}"
        error = ValueError(
            f"all factors are brought onto the grid of the elevation model: leave {hint} out."
        )
        raise hinting(error, hint)
    if request.resampling is not None:
        hint = f"resampling={request.resampling!r}"
        error = ValueError(
            "numbers are brought onto the grid of the elevation model by bilinear resampling, "
            f"classes by the nearest cell: leave {hint} out, or align the rasters before."
        )
        raise hinting(error, hint)
    stack = sources.open(
        align=request.align,
        categorical=list(request.categorical),
        nodata=request.nodata,
        crs=request.crs,
        log=request.say,
    )
    if request.factors is None:
        return _held(request, stack)
    if missing := [name for name in request.factors if name not in stack]:
        raise ValueError(
            f"no factor {missing[0]!r} is made.{nearest(missing[0], stack)} "
            f"There are {listed(stack)}."
        )
    return _held(request, stack[list(request.factors)])


def _held(request, stack):
    """Make the factors once for the table and the map, and tell how far that is."""
    with Progress(request, "factors", "task") as progress:
        return hold(stack, progress.show)


def _open_stack(request):
    """Open rasters; several files are joined by the names of their bands."""
    stack, categorical = request.stack, list(request.categorical)
    files = as_files(stack)
    if len(files) == 1 and request.factors is not None:
        stack = files[0]
    elif files:
        stack = files_by_factor(files, request.crs)
    if request.factors is None:
        # Given names may be of factors that a loaded model does not need.
        known = list(stack) if hasattr(stack, "keys") else None
        categorical = [name for name in categorical if known is None or name in known]
    return open_stack(
        stack,
        factors=request.factors,
        align=request.align,
        resampling=request.resampling,
        categorical=categorical,
        nodata=request.nodata,
        crs=request.crs,
    )


def open_stack_of(request, map_model=None):
    """Open or make the factors, in the area that is asked for, and make sure of meters.

    Parameters
    ----------
    request : TableRequest or MapRequest
        What is asked for.
    map_model : MapModel, default=None
        A trained model, whose factors are made as they were for its training.

    Returns
    -------
    stack : xarray.Dataset
    """
    sources = request.stack
    if isinstance(sources, FactorSources):
        if map_model is not None:
            recipe = map_model.facts.get(RECIPE)
            sources = sources.following(recipe, factor_names(map_model.model))
        stack = _make_stack(request, sources)
        if map_model is not None:
            warn_of_cells_unlike(stack, recipe)
    else:
        stack = _open_stack(request)
    # Zones have areas, the picture a scale bar: known now, not after an hour of work.
    pixel_area(grid_of(stack))
    if request.area is None and request.exclude is None:
        return stack
    return mask_stack(stack, area=request.area, exclude=request.exclude)


def elevation_of(request, stack):
    """Return the elevation, whole, though the stack be cut to an area: water knows no districts.

    Parameters
    ----------
    request : TableRequest or MapRequest
        What is asked for.
    stack : xarray.Dataset
        Of `open_stack_of`.

    Returns
    -------
    elevation : xarray.DataArray
    """
    name = name_of_elevation(stack)
    if name is None:
        hint = "units='auto'"
        error = ValueError(
            f"{hint} delineates slope units on the elevation, and the stack has no factor of that "
            f"name: it has {listed(stack)}."
        )
        raise hinting(error, hint)
    if request.area is None and request.exclude is None:
        return stack[name]
    whole = replace(request, area=None, exclude=None)
    if isinstance(request.stack, FactorSources):
        alone = FactorSources(
            request.stack.dem,
            terrain=["elevation"],
            vertical_units=request.stack.vertical_units,
        )
        whole = replace(whole, stack=alone, factors=None)
    return open_stack_of(whole)[name]


def name_of_elevation(stack):
    """Name of the factor that is the elevation, None if there is none."""
    return next((name for name in stack if name.lower() in ELEVATIONS), None)


def check_factors_of(model_names, stack):
    """Raise if the stack lacks a factor; return those that the model does not use."""
    if missing := [name for name in model_names if name not in stack]:
        raise ValueError(
            f"the stack has no factor {listed(missing)}, on which the model was trained; it has "
            f"{listed(stack)}."
        )
    return [name for name in stack if name not in model_names and stack[name].ndim]
