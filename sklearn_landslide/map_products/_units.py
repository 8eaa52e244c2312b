"""Mapping units, such as slope units, in place of cells."""

import warnings

from sklearn_landslide._hints import hinting
from sklearn_landslide._words import listed
from sklearn_landslide.map_products._inputs import elevation_of, name_of_elevation
from sklearn_landslide.terrain import aggregate_to_units, delineate_slope_units

AUTO = "auto"


def _check(request):
    """Refuse what is said of cells."""
    for name, usual in (("absences", None), ("min_slope", None), ("polygons", "cells")):
        if (value := getattr(request, name)) != usual:
            hint = f"{name}={value:g}" if isinstance(value, float) else f"{name}={value!r}"
            error = ValueError(
                f"{hint} is for cells: with units each unit is a place, and those without a "
                "landslide are the absences. Leave it out."
            )
            raise hinting(error, hint)


def is_auto(units):
    """Say whether slope units are to be delineated."""
    return isinstance(units, str) and units == AUTO


def unit_table(request, stack, landslides):
    """Aggregate factors and landslides to the units that are asked for.

    Parameters
    ----------
    request : TableRequest or MapRequest
        With the units.
    stack : xarray.Dataset
        The factors.
    landslides : GeoSeries or None
        The landslides in the CRS of the stack.

    Returns
    -------
    table : Bunch
        As of `aggregate_to_units`.
    """
    _check(request)
    units, elevation = request.units, name_of_elevation(stack)
    if is_auto(units):
        request.say("slope units")
        units = delineate_slope_units(elevation_of(request, stack))
    with warnings.catch_warnings():
        if request.area is not None or request.exclude is not None:
            # As it was asked for.
            warnings.filterwarnings("ignore", ".* have no value of any factor", UserWarning)
        table = aggregate_to_units(
            stack,
            units,
            landslides=None if landslides is None else landslides.to_frame("geometry"),
            categorical=list(request.categorical),
            elevation=None if landslides is None else elevation,
            crs=request.crs,
        )
    request.say(f"{len(table.X)} units")
    return table


def columns_of(table, names, stack):
    """Return the columns that a model was trained on.

    Parameters
    ----------
    table : Bunch
        Of `unit_table`.
    names : list of str
        The columns.
    stack : xarray.Dataset
        The factors that they were made of.

    Returns
    -------
    X : DataFrame of shape (n_units, n_columns)
        The share of a class that is not in this region is 0.
    """
    classes = tuple(f"{name}_" for name in stack if stack[name].attrs.get("categorical"))
    missing = [name for name in names if name not in table.X]
    if strange := [name for name in missing if not (classes and name.startswith(classes))]:
        raise ValueError(
            f"the units have no {listed(strange)}, on which the model was trained; they have "
            f"{listed(table.X)}. Was it trained on cells?"
        )
    return table.X.assign(**dict.fromkeys(missing, 0.0))[names]
