"""What is needed to make the same factors again from another elevation model."""

import json
import warnings

from sklearn_landslide.terrain._factor_table import split_name

# Attribute of a stack that holds it, as text: files of rasters keep texts only.
_RECIPE = "terrain_recipe"
_ARGUMENTS = ("factors", "method", "river_area", "routing")
# Cells that differ in size by less give factors that can be compared.
_SAME_CELLS = 0.1


def note_recipe(stack, recipe):
    """Write a recipe into the attributes of a stack.

    Parameters
    ----------
    stack : xarray.Dataset
        The factors.
    recipe : dict
        Plain values by name.

    Examples
    --------
    >>> import xarray as xr
    >>> from sklearn_landslide.terrain._recipe import note_recipe
    >>> stack = xr.Dataset()
    >>> note_recipe(stack, {"factors": ["slope"]})
    >>> stack.attrs
    {'terrain_recipe': '{"factors": ["slope"]}'}
    """
    stack.attrs[_RECIPE] = json.dumps(recipe)


def factor_recipe(stack):
    """Read how the terrain factors of a stack were made.

    Parameters
    ----------
    stack : xarray.Dataset
        What :func:`terrain_factors` returned, or a selection of its variables.

    Returns
    -------
    recipe : dict
        Plain values that JSON can hold: ``factors``, the names that are still in the stack;
        ``method``, ``river_area`` and ``routing``, as :func:`terrain_factors` takes them; and
        ``cell_size``, width and height of the cells in meters.

    Raises
    ------
    ValueError
        If the stack does not say how it was made.

    Examples
    --------
    >>> import numpy as np, xarray as xr
    >>> from sklearn_landslide.terrain import factor_recipe, terrain_factors
    >>> cells = {"y": [35.0, 25.0, 15.0, 5.0], "x": [5.0, 15.0, 25.0]}
    >>> dem = xr.DataArray(np.arange(12.0).reshape(4, 3), cells)
    >>> stack = terrain_factors(dem, ["slope", "tri"], crs="EPSG:32717")
    >>> recipe = factor_recipe(stack[["slope"]])
    >>> recipe["factors"], recipe["method"], recipe["cell_size"]
    (['slope'], 'horn', [10.0, 10.0])
    """
    text = stack.attrs.get(_RECIPE)
    try:
        recipe = json.loads(text) if text else None
    except (TypeError, ValueError):
        recipe = None
    if recipe is None:
        raise ValueError(
            "The stack does not say how its factors were made: pass what terrain_factors returned."
        )
    check_recipe(recipe)
    recipe["factors"] = [name for name in recipe["factors"] if name in stack.data_vars]
    return recipe


def check_recipe(recipe):
    """Refuse a recipe that is incomplete, or names factors that there are not.

    Parameters
    ----------
    recipe : dict
        As :func:`factor_recipe` returns it.

    Raises
    ------
    ValueError
        With what is wrong.

    Examples
    --------
    >>> from sklearn_landslide.terrain._recipe import check_recipe
    >>> check_recipe({"factors": ["slope"]})
    Traceback (most recent call last):
        ...
    ValueError: A recipe of terrain factors has no 'method': take it from factor_recipe.
    """
    for name in (*_ARGUMENTS, "cell_size"):
        if not isinstance(recipe, dict) or name not in recipe:
            raise ValueError(
                f"A recipe of terrain factors has no {name!r}: take it from factor_recipe."
            )
    for name in recipe["factors"]:
        split_name(name)


def arguments_of(recipe):
    """Return the part of a recipe that `terrain_factors` takes.

    Parameters
    ----------
    recipe : dict
        As :func:`factor_recipe` returns it.

    Examples
    --------
    >>> from sklearn_landslide.terrain._recipe import arguments_of
    >>> recipe = {"factors": ["slope"], "method": "horn", "river_area": 1e6, "routing": "d8"}
    >>> arguments_of(recipe | {"cell_size": [30.0, 30.0]}) == recipe
    True
    """
    check_recipe(recipe)
    return {name: recipe[name] for name in _ARGUMENTS}


def warn_of_other_cells(cell, recipe, *, stacklevel):
    """Warn where cells are not of the size that a recipe was made on.

    Parameters
    ----------
    cell : tuple of (float, float)
        Width and height in meters.
    recipe : dict
        As :func:`factor_recipe` returns it.
    stacklevel : int
        As in :func:`warnings.warn`.

    Warns
    -----
    UserWarning
        If a side differs by more than a tenth.

    Examples
    --------
    >>> from sklearn_landslide.terrain._recipe import warn_of_other_cells
    >>> warn_of_other_cells((30.0, 30.0), {"cell_size": [30.9, 30.9]}, stacklevel=2)
    """
    wanted = recipe["cell_size"]
    if any(
        abs(side - other) > _SAME_CELLS * other for side, other in zip(cell, wanted, strict=True)
    ):
        here, there = (" x ".join(f"{side:.4g}" for side in one) for one in (cell, wanted))
        warnings.warn(
            f"The elevation model has cells of {here} m, and the factors were first made on cells "
            f"of {there} m: slope and curvature change with it. Resample the model.",
            UserWarning,
            stacklevel=stacklevel,
        )
