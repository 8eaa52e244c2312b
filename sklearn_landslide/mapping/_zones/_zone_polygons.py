"""Susceptibility zones as polygons, for a geographic information system."""

from pathlib import Path

import numpy as np

from sklearn_landslide._hints import hinting
from sklearn_landslide._optional import import_optional
from sklearn_landslide._whole_file import whole_file
from sklearn_landslide.mapping._rasters._meters import pixel_area
from sklearn_landslide.mapping._zones._merging import edge_lengths, merged, patches_of
from sklearn_landslide.mapping._zones._zone_style import add_zone_style
from sklearn_landslide.mapping._zones._zone_table import (
    check_maps,
    landslide_cells,
    warn_of_lost,
)
from sklearn_landslide.mapping._zones._zones import zone_names


def _shapes(labels, transform):
    """Polygons of each label, as one geometry a label, by label."""
    features = import_optional("rasterio.features", extra="map")
    shapely = import_optional("shapely", extra="map")
    parts = {}
    found = features.shapes(labels, mask=labels > 0, connectivity=4, transform=transform)
    for outline, label in found:
        parts.setdefault(int(label), []).append(shapely.geometry.shape(outline))
    return {
        label: polygons[0] if len(polygons) == 1 else shapely.MultiPolygon(polygons)
        for label, polygons in sorted(parts.items())
    }


def zone_polygons(zones, probability, inventory=None, *, min_pixels=1, dissolve=False):
    """Turn susceptibility zones into polygons.

    Parameters
    ----------
    zones : xarray.DataArray of shape (rows, columns), uint8
        The zones, from :meth:`SusceptibilityZones.transform`; 0 is nodata.
    probability : xarray.DataArray of shape (rows, columns)
        The probabilities, on the same grid.
    inventory : str, path-like, GeoDataFrame, DataFrame or array-like, default=None
        The landslides, as in :func:`zone_table`.
    min_pixels : int, default=1
        Patches of fewer pixels join the zone around them, if they have a neighbor, as in
        :func:`merge_small_patches`, which returns the merged raster. The area and the mean
        probability of a polygon are then those of all its pixels.
    dissolve : bool, default=False
        Whether all patches of a zone are one (multi)polygon. If not, each patch of pixels that
        join along an edge is a polygon of its own.

    Returns
    -------
    polygons : GeoDataFrame
        Columns ``zone``, ``name``, ``area_km2``, ``mean_probability``, with an inventory
        ``landslides`` and ``density_per_km2``, and ``geometry``; ordered by zone.

    Raises
    ------
    ValueError
        If the map has no reference system, is in degrees, or has cells of different areas, the
        grids differ, `min_pixels` is below 1, or every pixel is nodata.
    TypeError
        If `zones` or `probability` is not a raster, or `zones` are not uint8.

    Warns
    -----
    UserWarning
        If landslides lie outside the map or on nodata; they are not counted.

    Notes
    -----
    Outlines need the whole map in memory: about 20 bytes per pixel.

    Examples
    --------
    >>> import rioxarray, xarray
    >>> from sklearn_landslide.mapping import SusceptibilityZones, zone_polygons
    >>> probability = xarray.DataArray(
    ...     [[0.1, 0.2], [0.3, 0.9]], {"y": [1500.0, 500.0], "x": [500.0, 1500.0]}, ["y", "x"]
    ... ).rio.write_crs("EPSG:32717")
    >>> zones = SusceptibilityZones(n_classes=2).fit_transform(probability)
    >>> zone_polygons(zones, probability)[["zone", "area_km2", "mean_probability"]]
       zone  area_km2  mean_probability
    0     1       3.0               0.2
    1     2       1.0               0.9
    """
    geopandas = import_optional("geopandas", extra="map")
    grid = check_maps(zones, probability)
    area = pixel_area(grid)
    if min_pixels < 1:
        raise ValueError(f"min_pixels={min_pixels} must be 1 or more.")
    values = zones.values
    if not values.any():
        raise ValueError("The map has no zone: every pixel is nodata.")
    values = merged(values, min_pixels, edge_lengths(grid))
    labels = values.astype(np.int32) if dissolve else patches_of(values)
    shapes = _shapes(labels, grid.transform)

    keys = np.array(list(shapes))
    flat = labels.ravel()
    pixels = np.bincount(flat)[keys]
    sums = np.bincount(flat, np.nan_to_num(probability.values.ravel()).astype(np.float64))[keys]
    zone_of = np.zeros(keys.max() + 1, dtype=np.int64)
    zone_of[flat] = values.ravel()
    names = zones.attrs.get("zone_names") or zone_names(int(values.max()))
    table = {
        "zone": zone_of[keys],
        "name": [names[zone - 1] for zone in zone_of[keys]],
        "area_km2": pixels * area,
        "mean_probability": sums / pixels,
    }
    if inventory is not None:
        rows, columns, n_landslides = landslide_cells(inventory, grid)
        found = labels[rows, columns]
        found = found[found > 0]
        warn_of_lost(n_landslides - found.size, n_landslides)
        table["landslides"] = np.bincount(found, minlength=keys.max() + 1)[keys]
        table["density_per_km2"] = table["landslides"] / table["area_km2"]
    polygons = geopandas.GeoDataFrame(table, geometry=list(shapes.values()), crs=grid.crs)
    polygons.attrs["zone_names"] = list(names)
    return polygons


def write_zone_polygons(polygons, path, *, layer="zones", overwrite=False):
    """Write polygons of zones to a GeoPackage, complete or not at all.

    If ``polygons.attrs["zone_names"]`` has the names of all zones, the file also holds their
    colors, which QGIS shows when it opens the file.

    Parameters
    ----------
    polygons : GeoDataFrame
        What :func:`zone_polygons` returns, or others with a column ``zone``.
    path : str or path-like
        The file, ending in ``.gpkg``.
    layer : str, default="zones"
        The name of its layer.
    overwrite : bool, default=False
        Whether an existing file is replaced.

    Raises
    ------
    ValueError
        If the file exists and `overwrite` is False, or it has another ending.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> import geopandas
    >>> from shapely import box
    >>> from sklearn_landslide.mapping import write_zone_polygons
    >>> zones = geopandas.GeoDataFrame(
    ...     {"zone": [5]}, geometry=[box(0, 0, 9, 9)], crs="EPSG:32717"
    ... )
    >>> with TemporaryDirectory() as folder:
    ...     write_zone_polygons(zones, Path(folder, "zones.gpkg"))
    ...     geopandas.read_file(Path(folder, "zones.gpkg"))
       zone                            geometry
    0     5  POLYGON ((9 0, 9 9, 0 9, 0 0, 9 0))
    """
    path = Path(path)
    if path.suffix != ".gpkg":
        raise ValueError(f"{path.name} must end in .gpkg: polygons are written as a GeoPackage.")
    if path.exists() and not overwrite:
        error = ValueError(f"{path} exists: give another name, or set overwrite=True.")
        raise hinting(error, "overwrite=True")
    with whole_file(path) as hidden:
        polygons.to_file(hidden, layer=layer, driver="GPKG", engine="pyogrio")
        if names := polygons.attrs.get("zone_names"):
            add_zone_style(hidden, layer, names)
