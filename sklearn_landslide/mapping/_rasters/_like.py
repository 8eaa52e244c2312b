"""Rasters that are computed on the grid of another one, tile by tile."""

import os

import numpy as np

from sklearn_landslide._optional import import_optional
from sklearn_landslide.mapping._rasters._bands import read_array, read_bands
from sklearn_landslide.mapping._rasters._check_stack import stack_factors
from sklearn_landslide.mapping._rasters._grids import Grid, grid_of

# Side of the tiles, counted from the upper left corner, so that a cell is always computed with
# the same others.
TILE = 512


def grid_like(like):
    """Return the grid of a stack, a raster or a file.

    Parameters
    ----------
    like : str, path-like, Dataset or DataArray
        What lies on the grid.

    Returns
    -------
    grid : Grid
        With a CRS, rows along x.

    Raises
    ------
    TypeError
        If it is nothing of the kind.
    ValueError
        If its place or its CRS is not known, or it is rotated.
    """
    xarray = import_optional("xarray", extra="map")
    import_optional("rioxarray", extra="map")
    if isinstance(like, xarray.Dataset):
        factors = stack_factors(like)
        if not factors:
            raise ValueError("like is a Dataset without variables: pass open_stack(...).")
        grid = grid_of(like[factors], "like")
        # Each variable may hold it as well as the whole.
        crs = like.rio.crs or like[factors[0]].rio.crs
        grid = Grid(crs, grid.transform, grid.height, grid.width)
    elif isinstance(like, xarray.DataArray):
        # The grid is that of any of its bands.
        extra = [name for name in like.dims if name not in (like.rio.x_dim, like.rio.y_dim)]
        grid = read_array(like.isel(dict.fromkeys(extra, 0)), TILE, None, "like").grid
    elif isinstance(like, str | os.PathLike):
        grid = read_bands(like, TILE, None)[0].grid
    else:
        raise TypeError(
            "like is a stack of open_stack, a DataArray or a raster file, got "
            f"{type(like).__name__}: {like!r:.60}."
        )
    if grid.crs is None:
        raise ValueError("like has no CRS: name it with like.rio.write_crs('EPSG:...').")
    if grid.is_rotated:
        raise ValueError(
            "like is rotated: warp it to rows along x first, for instance with gdalwarp."
        )
    return grid


def tiles_of(grid):
    """List the tiles of a grid, row by row: two pairs of first and last row and column.

    Parameters
    ----------
    grid : Grid
        The grid.
    """
    return [
        [
            ((row, min(row + TILE, grid.height)), (column, min(column + TILE, grid.width)))
            for column in range(0, grid.width, TILE)
        ]
        for row in range(0, grid.height, TILE)
    ]


def lazy_raster(function, helper, grid, chunks, name, attrs):
    """Make a raster that is computed tile by tile when it is needed.

    Parameters
    ----------
    function : callable
        Called with `helper`, the grid, and the first and last row and column of a tile; returns
        an ndarray of float32.
    helper : object
        What all tiles share, such as a tree of lines.
    grid : Grid
        Where the raster lies.
    chunks : int, or tuple of tuple of int
        Side of the windows in cells, or their heights and widths. Values do not depend on it.
    name : str
        The raster's.
    attrs : dict
        What is known of it.

    Returns
    -------
    raster : xarray.DataArray
    """
    array = import_optional("dask.array", extra="map")
    delayed = import_optional("dask", extra="map").delayed
    xarray = import_optional("xarray", extra="map")
    # Once in the graph, and not looked into: a tree is not a collection of tasks.
    shared = delayed(helper, traverse=False)
    blocks = [
        [
            array.from_delayed(
                delayed(function)(shared, grid, rows, columns),
                (rows[1] - rows[0], columns[1] - columns[0]),
                dtype=np.float32,
            )
            for rows, columns in line
        ]
        for line in tiles_of(grid)
    ]
    data = array.block(blocks).rechunk(chunks)
    raster = xarray.DataArray(data, grid.axes, ("y", "x"), name, attrs)
    return raster.rio.write_crs(grid.crs).rio.write_transform(grid.transform)
