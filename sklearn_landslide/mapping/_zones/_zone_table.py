"""What lies in each susceptibility zone: area, probability, landslides."""

import warnings

import numpy as np
import pandas as pd

from sklearn_landslide._optional import import_optional
from sklearn_landslide._words import percent
from sklearn_landslide.mapping._rasters._cells import inventory_cells
from sklearn_landslide.mapping._rasters._grids import difference, grid_of
from sklearn_landslide.mapping._rasters._inventory import read_inventory
from sklearn_landslide.mapping._rasters._meters import pixel_area
from sklearn_landslide.mapping._zones._zones import is_raster, zone_names

_N_BYTES = 256
# Rows of a raster in memory that are counted at a time.
_ROWS = 512
_DIGITS = {
    "area_km2": ".3g",
    "mean_probability": ".2g",
    "density_per_km2": ".3g",
    "frequency_ratio": ".2f",
}


def landslide_cells(inventory, grid):
    """Rows and columns of the landslides of an inventory on the grid, and how many there are."""
    if inventory is None:
        return np.empty(0, dtype=int), np.empty(0, dtype=int), 0
    if isinstance(inventory, np.ndarray | list | tuple):
        points = np.asarray(inventory, dtype=np.float64)
        if points.ndim != 2 or points.shape[1] != 2:
            raise ValueError(f"An array of landslides has x and y a row, got shape {points.shape}.")
        inventory = pd.DataFrame(points, columns=["x", "y"])
    geometry = read_inventory(
        inventory, grid.crs, target=None, coordinates=("x", "y"), crs=None
    ).geometry
    # A landslide of several parts is one all the same.
    cells = inventory_cells(geometry, grid, polygons="point").drop_duplicates("source")
    return cells["row"].to_numpy(), cells["column"].to_numpy(), len(geometry)


def check_maps(zones, probability):
    """Return the grid of zones and probabilities, or say why they have none in common."""
    import_optional("rioxarray", extra="map")
    for name, raster in (("zones", zones), ("probability", probability)):
        if not (is_raster(raster) and raster.ndim == 2):
            raise TypeError(f"{name} must be a 2-D xarray.DataArray, got {type(raster).__name__}.")
    if zones.dtype != np.uint8:
        raise TypeError(f"zones must be of uint8, as from SusceptibilityZones, got {zones.dtype}.")
    grid = grid_of(zones)
    if how := difference(grid_of(probability), grid):
        raise ValueError(f"probability is not on the grid of zones: {how}.")
    return grid


def warn_of_lost(n_lost, n_all):
    """Say how many landslides are not on the map."""
    if n_lost:
        warnings.warn(
            f"{n_lost} of {n_all} landslides lie outside the map or on nodata: not counted.",
            stacklevel=3,
        )


def _tally(zones, probability):
    """Count the pixels and sum the probabilities of each zone in a window."""
    zones = zones.ravel()
    weights = np.nan_to_num(probability.ravel()).astype(np.float64)
    return np.array([np.bincount(zones, minlength=_N_BYTES), np.bincount(zones, weights, 256)])


def _tallies(zones, probability, rows, columns):
    """Tally of a whole map, window by window, and the zones at some pixels."""
    if not hasattr(zones.data, "dask") and not hasattr(probability.data, "dask"):
        windows = [slice(start, start + _ROWS) for start in range(0, len(zones), _ROWS)]
        parts = [_tally(zones.data[window], probability.data[window]) for window in windows]
        return np.sum(parts, axis=0), zones.data[rows, columns]
    dask = import_optional("dask", extra="map")
    zones, probability = zones.chunk(), probability.chunk()
    chunks = zones.chunks if len(zones.chunks[0]) > 1 else probability.chunks
    blocks = zip(
        zones.data.rechunk(chunks).to_delayed().ravel(),
        probability.data.rechunk(chunks).to_delayed().ravel(),
        strict=True,
    )
    parts = [dask.delayed(_tally)(*block) for block in blocks]
    parts, found = dask.compute(parts, zones.data.vindex[rows, columns])
    return np.sum(parts, axis=0), found


def zone_table(zones, probability, inventory=None):
    """Area, mean probability and landslides of each susceptibility zone.

    Parameters
    ----------
    zones : xarray.DataArray of shape (rows, columns), uint8
        The zones, from :meth:`SusceptibilityZones.transform`; 0 is nodata.
    probability : xarray.DataArray of shape (rows, columns)
        The probabilities, on the same grid.
    inventory : str, path-like, GeoDataFrame, DataFrame or array-like, default=None
        The landslides: points or polygons, which are transformed to the map's reference system; a
        file of them; or an array of shape (n_landslides, 2), or a table with the columns x and y,
        in the map's system. Each row is a landslide and counts once, a polygon in the zone of a
        point within it.

    Returns
    -------
    table : DataFrame
        One row per zone, indexed by ``zone`` from 1 (lowest): ``name``, ``area_km2``,
        ``area_share``, ``mean_probability``; and with an inventory ``landslides``,
        ``landslide_share``, ``density_per_km2`` and ``frequency_ratio``, the share of the
        landslides over the share of the area: above 1 there are more than evenly spread landslides
        would give.

    Raises
    ------
    ValueError
        If the map has no reference system, is in degrees, or has cells of different areas, or the
        grids differ.
    TypeError
        If `zones` or `probability` is not a raster, or `zones` are not uint8.

    Warns
    -----
    UserWarning
        If landslides lie outside the map or on nodata; they are not counted.

    Notes
    -----
    Areas are true areas: the distortion of the projection is corrected if it is the same all over
    the map, to within a percent; otherwise the map is refused.

    Lazy rasters are read window by window. Landslides of the training data make the table look too
    good, like any score of a model on its training data.

    References
    ----------
    .. [1] S. Lee and J. A. Talib, "Probabilistic landslide susceptibility and factor effect
       analysis", Environmental Geology 47, 982-990, 2005.

    Examples
    --------
    >>> import rioxarray, xarray
    >>> from sklearn_landslide.mapping import SusceptibilityZones, zone_table
    >>> probability = xarray.DataArray(
    ...     [[0.1, 0.2], [0.3, 0.9]], {"y": [1500.0, 500.0], "x": [500.0, 1500.0]}, ["y", "x"]
    ... ).rio.write_crs("EPSG:32717")
    >>> zones = SusceptibilityZones(n_classes=2).fit_transform(probability)
    >>> table = zone_table(zones, probability, [[1600.0, 400.0]])
    >>> table[["name", "area_km2", "mean_probability", "landslides", "frequency_ratio"]]
          name  area_km2  mean_probability  landslides  frequency_ratio
    zone
    1      low       3.0               0.2           0              0.0
    2     high       1.0               0.9           1              4.0
    """
    grid = check_maps(zones, probability)
    area = pixel_area(grid)
    rows, columns, n_landslides = landslide_cells(inventory, grid)
    (pixels, sums), found = _tallies(zones, probability, rows, columns)
    found = found[found > 0]
    warn_of_lost(n_landslides - found.size, n_landslides)
    if not pixels[1:].any():
        raise ValueError("The map has no zone: every pixel is nodata.")

    names = zones.attrs.get("zone_names") or zone_names(int(np.flatnonzero(pixels).max()))
    index = pd.RangeIndex(1, len(names) + 1, name="zone")
    pixels, sums = pixels[1 : len(names) + 1], sums[1 : len(names) + 1]
    with np.errstate(invalid="ignore"):
        table = {
            "name": names,
            "area_km2": pixels * area,
            "area_share": pixels / pixels.sum(),
            "mean_probability": sums / pixels,
        }
        if inventory is not None:
            landslides = np.bincount(found, minlength=len(names) + 1)[1:]
            table["landslides"] = landslides
            table["landslide_share"] = landslides / landslides.sum()
            table["density_per_km2"] = landslides / table["area_km2"]
            table["frequency_ratio"] = table["landslide_share"] / table["area_share"]
    return pd.DataFrame(table, index=index)


def zone_number(name, value):
    """Write a value of the table of zones for people.

    Parameters
    ----------
    name : str
        Its column.
    value : float, str or None
        A name stays as it is; None is a dash.

    Returns
    -------
    text : str
    """
    if value is None or isinstance(value, str):
        return "–" if value is None else value
    if name in ("area_share", "landslide_share"):
        return percent(value)
    if name == "landslides":
        return str(int(value))
    return f"{value:.0f}" if abs(value) >= 1000 else f"{value:{_DIGITS.get(name, '.3g')}}"
