"""The factors of an earlier stack, from another elevation model."""

from sklearn.utils._param_validation import validate_params

from sklearn_landslide.terrain._recipe import arguments_of, factor_recipe, warn_of_other_cells
from sklearn_landslide.terrain._terrain_factors import terrain_factors


@validate_params({"recipe": [dict]}, prefer_skip_nested_validation=True)
def replay_recipe(
    dem, recipe, *, vertical_units=None, nodata=None, crs=None, align=None, chunks=512
):
    """Make the terrain factors of an earlier stack from another elevation model.

    Parameters
    ----------
    dem : str, path-like, DataArray or Dataset
        Elevation, as in :func:`terrain_factors`, and so all other parameters.

    recipe : dict
        What :func:`factor_recipe` says of the earlier stack.

    vertical_units : {"m", "ft", "us-ft"}, default=None
        Unit of the elevations.

    nodata : float or sequence of float, default=None
        Numbers that stand for voids.

    crs : str, int or CRS, default=None
        The coordinate reference system of a raster that states none.

    align : "auto", default=None
        Warp a model that is in degrees, distorted or has no square cells.

    chunks : int, default=512
        Side of the windows, in cells.

    Returns
    -------
    stack : xarray.Dataset
        As :func:`terrain_factors` returns it.

    Raises
    ------
    ValueError
        If the recipe is incomplete; and as :func:`terrain_factors` does.

    Warns
    -----
    UserWarning
        If the cells are not of the size that the factors were first made on; and as
        :func:`terrain_factors` does.

    See Also
    --------
    factor_recipe : Reads the recipe.

    Examples
    --------
    >>> import numpy as np, xarray as xr
    >>> from sklearn_landslide.terrain import factor_recipe, replay_recipe, terrain_factors
    >>> cells = {"y": [35.0, 25.0, 15.0, 5.0], "x": [5.0, 15.0, 25.0]}
    >>> dem = xr.DataArray(np.arange(12.0).reshape(4, 3), cells)
    >>> stack = terrain_factors(dem, ["slope", "tri"], crs="EPSG:32717")
    >>> again = replay_recipe(2 * dem, factor_recipe(stack), crs="EPSG:32717")
    >>> list(again)
    ['elevation', 'slope', 'tri']
    """
    arguments = arguments_of(recipe)
    stack = terrain_factors(
        dem,
        **arguments,
        vertical_units=vertical_units,
        nodata=nodata,
        crs=crs,
        align=align,
        chunks=chunks,
    )
    warn_of_other_cells(factor_recipe(stack)["cell_size"], recipe, stacklevel=4)
    return stack
