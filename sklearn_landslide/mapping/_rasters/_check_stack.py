"""What a stack must be before anything is read from it."""

from sklearn_landslide._optional import import_optional
from sklearn_landslide._words import listed, nearest


def stack_factors(stack):
    """List the factors of a stack: its variables that have dimensions."""
    return [name for name, variable in stack.data_vars.items() if variable.ndim]


def categorical_factors(stack):
    """List the factors that `open_stack` marked as class codes."""
    return [name for name in stack_factors(stack) if stack[name].attrs.get("categorical")]


def check_stack(stack, factors=None):
    """Return the wanted factors of a stack, in the wanted order.

    Factors of the stack that are not wanted are left out silently: a region has more
    rasters than a model needs.

    Parameters
    ----------
    stack : xarray.Dataset
        As `open_stack` returns it.
    factors : sequence of str, default=None
        Names of the factors that are needed. If None, all of the stack.

    Returns
    -------
    stack : xarray.Dataset
        With these variables only.

    Raises
    ------
    TypeError
        If `stack` is not a Dataset.
    ValueError
        If a factor is missing, or the stack has no factor, no CRS or other dimensions.
    """
    xarray = import_optional("xarray", extra="map")
    import_optional("rioxarray", extra="map")
    if not isinstance(stack, xarray.Dataset):
        raise TypeError(
            f"stack must be what open_stack returns, got {type(stack).__name__}: "
            "pass open_stack(...)."
        )
    found = stack_factors(stack)
    factors = found if factors is None else list(factors)
    if not factors:
        raise ValueError("the stack has no factor: give open_stack at least one raster.")
    if missing := [name for name in factors if name not in found]:
        raise ValueError(
            f"the stack has no factor {listed(missing)}.{nearest(missing[0], found)} "
            f"It has {listed(found)}."
        )
    for name in factors:
        if stack[name].dims != ("y", "x"):
            raise ValueError(
                f"{name!r} has the dimensions {listed(stack[name].dims)}, not 'y' and 'x': "
                "pass open_stack(stack)."
            )
    if stack.rio.crs is None:
        raise ValueError("the stack has no CRS: pass open_stack(stack, crs='EPSG:...').")
    return stack[factors]
