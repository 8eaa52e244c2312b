"""The places of an inventory: its landslides, and the table that a model is trained on."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn.utils import Bunch

from sklearn_landslide._hints import hinting, renaming
from sklearn_landslide._words import listed
from sklearn_landslide.map_products._units import unit_table
from sklearn_landslide.mapping import grid_of, read_inventory, sample_absences, sample_stack


@dataclass(frozen=True, eq=False)
class Places:
    """What an inventory and a stack say together.

    Parameters
    ----------
    landslides : GeoSeries or None
        The landslides, in the CRS of the stack; None without an inventory.
    table : Bunch or None
        The factors at the places of the inventory, as of `sample_stack`; or those of all mapping
        units, as of `aggregate_to_units`. None without an inventory.
    units : Bunch or None
        The factors of all mapping units; None where cells are mapped.
    """

    landslides: Any
    table: Bunch | None
    units: Bunch | None


def _landslides(stack, points, *, target, **about):
    """Read the landslides of an inventory as shapes in the stack's CRS."""
    inventory = read_inventory(points, grid_of(stack).crs, target=target, **about)
    landslides = inventory.geometry[inventory.labels == 1]
    if landslides.empty:
        raise ValueError(f"{inventory.where} has no landslide: its {target!r} is 0 in every row.")
    # A table without CRS is in the stack's.
    return landslides if landslides.crs is not None else landslides.set_crs(grid_of(stack).crs)


def _joined(one, other):
    """Put two tables of places one below the other; codes stay categories."""
    categorical = one.X.select_dtypes("category").columns
    tables = [table.X.astype(dict.fromkeys(categorical, object)) for table in (one, other)]
    joined = pd.concat(tables, ignore_index=True)
    coordinates = pd.concat([one.coordinates, other.coordinates], ignore_index=True)
    # What is known of their unit.
    coordinates.attrs = dict(one.coordinates.attrs)
    changed = {
        "X": joined.astype(dict.fromkeys(categorical, "category")),
        "y": np.concatenate([one.y, other.y]),
        "coordinates": coordinates,
        "groups": np.concatenate([one.groups, other.groups + one.groups.max() + 1]),
    }
    return Bunch(**(one | changed))


def _with_flat_ground(table, min_slope, draw):
    """Note which places are flat, and draw others where flat ground is not left out."""
    slope = table.X["slope"]
    table["flat"] = (slope < min_slope).to_numpy()
    table["anywhere"] = None
    if draw is not None:
        anywhere = draw(min_slope=None)
        kinds = {name: table.X[name].dtype for name in table.X.select_dtypes("category")}
        # A code that no place of the training has is unknown to the model, too.
        anywhere["X"] = anywhere.X.astype(dict.fromkeys(kinds, object)).astype(kinds)
        table["anywhere"] = anywhere
    return table


def _check_slope(stack, min_slope):
    if min_slope is not None and "slope" not in stack:
        hint = f"min_slope={min_slope}"
        error = ValueError(
            f"{hint} needs a factor named 'slope', in degrees, and the stack has "
            f"{listed(list(stack))}: add it, or leave {hint} out."
        )
        raise hinting(error, hint)


def _check_absences(request, table):
    """Raise if there are no absences, or if there are and others are to be drawn."""
    target, absences = request.target, request.absences
    only_landslides = bool(table.y.all())
    if absences is None and only_landslides:
        every = "every row" if target is None else f"its {target!r}"
        error = ValueError(
            f"the inventory holds landslides only ({every} is one), and a model needs places "
            "without: draw them with absences=1, or name the column of labels as target=..."
        )
        raise hinting(error, "absences=1", "target=...")
    if absences is None and not table.y.any():
        raise ValueError(f"the inventory has no landslide within the stack: {target!r} is 0.")
    if absences is not None and not only_landslides:
        hint = f"absences={absences}"
        error = ValueError(
            f"the inventory has {int((table.y == 0).sum())} places without a landslide already: "
            f"leave {hint} out, or give landslides only."
        )
        raise hinting(error, hint)


def _training_table(request, stack, about):
    """Take the factors at the places of an inventory, with absences drawn where it has none.

    With `min_slope` there are also ``flat``, which places are flatter, and ``anywhere``, a table
    of as many absences as were drawn, but with flat ground, None if none were drawn.
    """
    min_slope, categorical = request.min_slope, list(request.categorical)
    _check_slope(stack, min_slope)
    table = sample_stack(stack, request.points, categorical=categorical, **about)
    _check_absences(request, table)
    if request.absences is None:
        return table if min_slope is None else _with_flat_ground(table, min_slope, None)

    def draw(min_slope):
        with renaming(ratio="absences", buffer="absence_buffer"):
            drawn = sample_absences(
                stack,
                request.points,
                ratio=request.absences,
                buffer=request.absence_buffer,
                min_slope=min_slope,
                **about,
            )
        target = request.target or "landslide"
        return sample_stack(stack, drawn, target=target, categorical=categorical)

    table = _joined(table, draw(min_slope))
    return table if min_slope is None else _with_flat_ground(table, min_slope, draw)


def places_of(request, stack, map_model=None):
    """Read the inventory, and take the factors at its places or of mapping units.

    Parameters
    ----------
    request : TableRequest or MapRequest
        What is asked for.
    stack : xarray.Dataset
        The factors.
    map_model : MapModel, default=None
        A trained model, for which no absences are drawn.

    Returns
    -------
    places : Places
    """
    about = {
        "target": request.target,
        "coordinates": list(request.coordinates),
        "crs": request.crs if request.points_crs is None else request.points_crs,
        "positive_class": request.positive_class,
    }
    landslides = None
    if request.points is not None:
        landslides = _landslides(stack, request.points, **about)
    if request.units is not None:
        units = unit_table(request, stack, landslides)
        return Places(landslides, None if landslides is None else units, units)
    if landslides is None:
        return Places(None, None, None)
    about |= {"polygons": request.polygons, "random_state": request.random_state}
    if map_model is None:
        return Places(landslides, _training_table(request, stack, about), None)
    categorical = list(request.categorical)
    table = sample_stack(stack, request.points, categorical=categorical, **about)
    return Places(landslides, table, None)
