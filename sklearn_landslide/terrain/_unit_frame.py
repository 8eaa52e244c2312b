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


def units_frame(labels, first, halves, east, north, grid, cell_area, shape, return_raster):
    """Describe the units in a frame, and paint them."""
    geopandas = import_optional("geopandas", extra="map")
    xarray = import_optional("xarray", extra="map")
    ground = labels >= 0
    known = (np.hypot(east, north) > 0).astype(float)
    sums = sums_of(
        labels[ground], known[ground], east[ground], north[ground], cell_area, first.size
    )
    variance = circular_variance(sums)
    aspect = np.degrees(np.arctan2(sums[:, 2], sums[:, 3])) % 360
    aspect[~(np.hypot(sums[:, 2], sums[:, 3]) > 1e-9)] = np.nan
    painted = labels.reshape(shape)
    basins = np.unique(halves.link[ground])
    units = geopandas.GeoDataFrame(
        {
            "area": sums[:, 0],
            "aspect": np.where(aspect >= 360, 0.0, aspect),
            "circular_variance": np.clip(variance, 0, 1),
            "basin": np.searchsorted(basins, halves.link[first]) + 1,
            "side": np.array(SIDES)[halves.side[first]],
        },
        geometry=_polygons(painted, grid, first.size),
        crs=grid.crs,
        index=pd.RangeIndex(1, first.size + 1, name="unit"),
    )
    if not return_raster:
        return units
    rows, columns = np.arange(shape[0]), np.arange(shape[1])
    coordinates = {
        "y": grid.centers(rows, np.zeros(shape[0]))[1],
        "x": grid.centers(np.zeros(shape[1]), columns)[0],
    }
    raster = xarray.DataArray((painted + 1).astype(np.int32), coordinates, ("y", "x"), name="unit")
    raster = raster.rio.write_crs(grid.crs).rio.write_transform(grid.transform)
    return units, raster.rio.write_nodata(0)
