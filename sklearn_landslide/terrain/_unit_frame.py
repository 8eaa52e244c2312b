"""A raster of slope units as polygons with their facts."""

import numpy as np
import pandas as pd

from sklearn_landslide._optional import import_optional
from sklearn_landslide.terrain._half_basins import SIDES
from sklearn_landslide.terrain._unit_aspects import circular_variance, sums_of


def _polygons(labels, grid, n_units):
    """One shape for each unit, of the borders of its cells."""
    features = import_optional("rasterio.features", extra="map")
    shapely = import_optional("shapely", extra="map")
    found = [[] for _ in range(n_units)]
    for shape, label in features.shapes(
        labels.astype(np.int32), mask=labels >= 0, connectivity=4, transform=grid.transform
    ):
        rings = shape["coordinates"]
        found[int(label)].append(shapely.Polygon(rings[0], rings[1:]))
    return [parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts) for parts in found]


def units_frame(painted, labels, first, halves, east, north, grid, cell_area):
    """Describe units in a frame.

    Parameters
    ----------
    painted : ndarray of int, of shape (rows, columns)
        The unit of each cell of the grid, from 0, negative where there is none.
    labels, east, north : ndarray
        Unit and direction of each cell, by flat index of upright rows and columns.
    first : ndarray of int
        The first cell of each unit, likewise.
    halves : HalfBasins
        Of the first network, likewise.
    grid : Grid
        That of `painted`.
    cell_area : float
        In m².

    Returns
    -------
    units : GeoDataFrame
    """
    geopandas = import_optional("geopandas", extra="map")
    ground = labels >= 0
    known = (np.hypot(east, north) > 0).astype(float)
    sums = sums_of(
        labels[ground], known[ground], east[ground], north[ground], cell_area, first.size
    )
    # Where directions cancel each other, there is no mean.
    has_mean = np.hypot(sums[:, 2], sums[:, 3]) > 1e-9
    aspect = np.degrees(np.arctan2(sums[:, 2], sums[:, 3])) % 360
    basins = np.unique(halves.link[ground])
    return geopandas.GeoDataFrame(
        {
            "area": sums[:, 0],
            "aspect": np.where(has_mean, np.where(aspect >= 360, 0.0, aspect), np.nan),
            "circular_variance": np.clip(circular_variance(sums), 0, 1),
            "basin": np.searchsorted(basins, halves.link[first]) + 1,
            "side": np.array(SIDES)[halves.side[first]],
        },
        geometry=_polygons(painted, grid, first.size),
        crs=grid.crs,
        index=pd.RangeIndex(1, first.size + 1, name="unit"),
    )


def units_raster(painted, grid):
    """Return the numbers of units, from 1, as a raster.

    Parameters
    ----------
    painted : ndarray of int, of shape (rows, columns)
        As in :func:`units_frame`.
    grid : Grid
        Its grid.

    Returns
    -------
    raster : DataArray of int32
    """
    xarray = import_optional("xarray", extra="map")
    rows, columns = np.arange(grid.height), np.arange(grid.width)
    coordinates = {
        "y": grid.centers(rows, np.zeros(grid.height))[1],
        "x": grid.centers(np.zeros(grid.width), columns)[0],
    }
    raster = xarray.DataArray((painted + 1).astype(np.int32), coordinates, ("y", "x"), name="unit")
    raster = raster.rio.write_crs(grid.crs).rio.write_transform(grid.transform)
    return raster.rio.write_nodata(0)
