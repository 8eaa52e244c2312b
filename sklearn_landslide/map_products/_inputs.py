"""What a map is made of: the stack of rasters, and the places of the inventory."""

import os
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.utils import Bunch

from sklearn_landslide._hints import hinting, renaming
from sklearn_landslide._words import listed
from sklearn_landslide.mapping import (
    grid_of,
    open_stack,
    parse_crs,
    pixel_area,
    read_bands,
    read_inventory,
    sample_absences,
    sample_stack,
)

# Enough for the names of the bands; open_stack reads the values.
_CHUNKS = 512


def as_files(stack):
    """List the files of a stack; none if it is an xarray object or a dict."""
    if isinstance(stack, str | os.PathLike):
        return [stack]
    if isinstance(stack, list | tuple):
        if not stack:
            raise ValueError("stack is empty: give at least one raster.")
        return list(stack)
    return []


def _bands_by_name(files, crs):
    """Say which file holds each factor; a lone band without description has its file's name."""
    found = {}
    for path in files:
        bands = read_bands(path, _CHUNKS, crs)
        names = [band.name for band in bands]
        if names == [None]:
            names = [Path(path).stem]
        if None in names:
            raise ValueError(
                f"{path} has no description of band {names.index(None) + 1}: describe its bands, "
                "or give each factor a file of its own."
            )
        for name in names:
            if name in found:
                raise ValueError(f"{found[name]} and {path} both hold a factor {name!r}.")
            found[name] = path
    return found


def open_stack_of(stack, *, factors, align, resampling, categorical, nodata, crs):
    """Open what the caller gave as a stack, and make sure that it has meters.

    Parameters
    ----------
    stack : str, path-like, list of these, dict or xarray object
        Several files are joined by the names of their bands.
    factors : list of str or None
        The factors to keep; of one file without descriptions, the names of all bands.
    align, resampling, categorical, nodata, crs : object
        As in `open_stack`.

    Returns
    -------
    stack : xarray.Dataset
    """
    files = as_files(stack)
    if len(files) == 1 and factors is not None:
        stack = files[0]
    elif files:
        stack = _bands_by_name(files, None if crs is None else parse_crs(crs))
    if factors is None:
        # Given names may be of factors that a loaded model does not need.
        known = list(stack) if hasattr(stack, "keys") else None
        categorical = [name for name in categorical if known is None or name in known]
    stack = open_stack(
        stack,
        factors=factors,
        align=align,
        resampling=resampling,
        categorical=categorical,
        nodata=nodata,
        crs=crs,
    )
    # Zones have areas, the picture a scale bar: known now, not after an hour of work.
    pixel_area(grid_of(stack))
    return stack


def landslides_of(stack, points, **about):
    """Read the landslides of an inventory as shapes in the stack's CRS.

    Parameters
    ----------
    stack : xarray.Dataset
        The factors.
    points : str, path-like or frame
        The inventory.
    **about : object
        What `sample_stack` takes besides: target, coordinates, crs, positive_class.

    Returns
    -------
    landslides : GeoSeries
    """
    target = about["target"]
    inventory = read_inventory(points, grid_of(stack).crs, **about)
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


def training_table(
    stack,
    points,
    *,
    categorical,
    absences,
    absence_buffer,
    random_state,
    polygons="cells",
    min_slope=None,
    **about,
):
    """Take the factors at the places of an inventory, with absences drawn where it has none.

    Parameters
    ----------
    stack : xarray.Dataset
        The factors.
    points : str, path-like or frame
        The inventory.
    categorical : list of str
        As in `sample_stack`.
    absences : float or None
        Places without a landslide to draw for each landslide; None: the inventory has them.
    absence_buffer : float
        Their least distance to a landslide, in meters.
    random_state : int or None
        Seed of the draw.
    polygons : str or int, default="cells"
        As in `sample_stack`.
    min_slope : float, default=None
        In degrees: no absence is drawn where the factor ``slope`` is less.
    **about : object
        What `sample_stack` takes besides: target, coordinates, crs, positive_class.

    Returns
    -------
    table : Bunch
        As of `sample_stack`; with `min_slope` also ``flat``, which places are flatter, and
        ``anywhere``, a table of as many absences as were drawn, but with flat ground, None if none
        were drawn.
    """
    if min_slope is not None and "slope" not in stack:
        hint = f"min_slope={min_slope}"
        error = ValueError(
            f"{hint} needs a factor named 'slope', in degrees, and the stack has "
            f"{listed(list(stack))}: add it, or leave {hint} out."
        )
        raise hinting(error, hint)
    target = about["target"]
    about |= {"polygons": polygons, "random_state": random_state}
    table = sample_stack(stack, points, categorical=categorical, **about)
    only_landslides = bool(table.y.all())
    if absences is None:
        if only_landslides:
            every = "every row" if target is None else f"its {target!r}"
            error = ValueError(
                f"the inventory holds landslides only ({every} is one), and a model needs places "
                "without: draw them with absences=1, or name the column of labels as target=..."
            )
            raise hinting(error, "absences=1", "target=...")
        if not table.y.any():
            raise ValueError(f"the inventory has no landslide within the stack: {target!r} is 0.")
        return table if min_slope is None else _with_flat_ground(table, min_slope, None)
    if not only_landslides:
        hint = f"absences={absences}"
        error = ValueError(
            f"the inventory has {int((table.y == 0).sum())} places without a landslide already: "
            f"leave {hint} out, or give landslides only."
        )
        raise hinting(error, hint)

    def draw(min_slope):
        with renaming(ratio="absences", buffer="absence_buffer"):
            drawn = sample_absences(
                stack, points, ratio=absences, buffer=absence_buffer, min_slope=min_slope, **about
            )
        return sample_stack(stack, drawn, target=target or "landslide", categorical=categorical)

    table = _joined(table, draw(min_slope))
    return table if min_slope is None else _with_flat_ground(table, min_slope, draw)


def check_factors_of(model_names, stack):
    """Raise if the stack lacks a factor; return those that the model does not use."""
    if missing := [name for name in model_names if name not in stack]:
        raise ValueError(
            f"the stack has no factor {listed(missing)}, on which the model was trained; it has "
            f"{listed(stack)}."
        )
    return [name for name in stack if name not in model_names and stack[name].ndim]
