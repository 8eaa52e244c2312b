"""Rasters and shapes whose places are said in meters from one corner."""

import geopandas as gpd
import numpy as np
import rioxarray  # noqa: F401
import shapely
import xarray as xr
from rasterio.transform import Affine

CRS = "EPSG:32717"
LEFT, TOP = 700_000.0, 9_560_000.0


def grid(height, width, cell=10.0, *, crs=CRS, left=LEFT, top=TOP):
    """Make a raster of zeros."""
    y = top - cell * (np.arange(height) + 0.5)
    x = left + cell * (np.arange(width) + 0.5)
    raster = xr.DataArray(np.zeros((height, width)), {"y": y, "x": x}).rio.write_crs(crs)
    return raster.rio.write_transform(Affine(cell, 0, left, 0, -cell, top))


def shapes(*geometry, crs=CRS, left=LEFT, top=TOP):
    """Move shapes given in meters from the upper left corner, y upwards, to their place."""
    moved = [
        None if one is None else shapely.transform(one, lambda xy: xy + np.array([left, top]))
        for one in geometry
    ]
    return gpd.GeoSeries(moved, crs=crs)


def centers(like):
    """Centers of the cells, row by row."""
    x, y = np.meshgrid(like["x"], like["y"])
    return shapely.points(x.ravel(), y.ravel())
