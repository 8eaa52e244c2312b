"""The zones of a map by district, catchment or other unit: what a municipality asks for."""

import warnings

import numpy as np
import pandas as pd
from sklearn.utils._param_validation import validate_params

from sklearn_landslide._optional import import_optional
from sklearn_landslide._words import listed, nearest
from sklearn_landslide.mapping import grid_of, pixel_area, read_shapes
from sklearn_landslide.terrain._unit_statistics import extracted


def _names(shapes, name):
    """Names of the units: of a column, or their numbers from 1."""
    if name is None:
        return [str(number) for number in range(1, len(shapes.frame) + 1)]
    columns = [column for column in shapes.frame.columns if column != "geometry"]
    if name not in columns:
        raise ValueError(
            f"{shapes.where} has no column {name!r}.{nearest(name, columns)} Its columns are "
            f"{listed(columns)}."
        )
    return ["(no name)" if pd.isna(one) else str(one) for one in shapes.frame[name]]


def _joined(shapes, names):
    """Join the polygons of each name, in the order of their first."""
    geopandas = import_optional("geopandas", extra="map")
    shapely = import_optional("shapely", extra="map")
    if (shapely.get_dimensions(shapes.geometry) != 2).any():
        raise ValueError(f"{shapes.where} has shapes that are not polygons: units are polygons.")
    order = list(dict.fromkeys(names))
    names = np.asarray(names)
    polygons = [shapely.union_all(shapes.geometry[names == one]) for one in order]
    return order, geopandas.GeoSeries(polygons)


def _landslides_in(polygons, landslides):
    """Count the points in each polygon; one on a border counts in the first."""
    shapely = import_optional("shapely", extra="map")
    points = np.asarray(landslides, dtype=float).reshape(-1, 2)
    points = shapely.points(points[np.isfinite(points).all(axis=1)])
    tree = shapely.STRtree(polygons.to_numpy())
    place, unit = tree.query(points, predicate="intersects")
    first = pd.Series(unit).groupby(place).min()
    return np.bincount(first, minlength=len(polygons)), len(points) - len(first)


@validate_params({"name": [str, None]}, prefer_skip_nested_validation=True)
def zones_by_unit(zones, probability, units, *, name=None, landslides=None, crs=None):
    """Area of each susceptibility zone, landslides and mean susceptibility by unit.

    Units are districts, catchments, or any other polygons. A cell counts with the share of it that
    lies in the unit, so that the areas of units without overlap add up to those of the map.

    Parameters
    ----------
    zones : xarray.DataArray of shape (rows, columns), uint8
        The zones, from :meth:`~sklearn_landslide.mapping.SusceptibilityZones.transform`; 0 is
        nodata.
    probability : xarray.DataArray of shape (rows, columns)
        The probabilities, on the same grid.
    units : str, path-like or GeoDataFrame
        Polygons; they are brought into the map's coordinate reference system.
    name : str, default=None
        Their column of names. Polygons of one name are one unit. None: they are numbered from 1.
    landslides : array-like of shape (n_landslides, 2), default=None
        x and y of landslides in the map's system, each of which counts once.
    crs : str, int or CRS, default=None
        The coordinate reference system of units that state none.

    Returns
    -------
    table : DataFrame
        One row per unit and zone, units in their order: ``unit``, ``zone``, ``name``, ``area_km2``,
        ``area_share`` (of the mapped ground of the unit), and of the unit as a whole
        ``unit_area_km2`` (mapped ground), ``unit_mean_probability``, and with landslides
        ``unit_landslides``. A unit without mapped ground has an area of 0 and no shares.

    Raises
    ------
    ValueError
        If there is no such column, units are not polygons or lie elsewhere, or the map is in
        degrees.

    Warns
    -----
    UserWarning
        If landslides lie in no unit.

    See Also
    --------
    sklearn_landslide.mapping.zone_table : The same of the whole map.
    aggregate_to_units : Factors by unit, for a model.

    Notes
    -----
    Coverage of cells is that of exactextract. Map and zones are read into memory.

    Examples
    --------
    >>> import geopandas as gpd, numpy as np, rioxarray, xarray as xr
    >>> from shapely import box
    >>> from sklearn_landslide.terrain import zones_by_unit
    >>> cells = {"y": [1500.0, 500.0], "x": [500.0, 1500.0]}
    >>> probability = xr.DataArray([[0.1, 0.2], [0.3, 0.9]], cells, ["y", "x"])
    >>> zones = xr.DataArray(
    ...     np.array([[1, 1], [1, 2]], dtype=np.uint8), cells, attrs={"zone_names": ["low", "high"]}
    ... )
    >>> districts = gpd.GeoDataFrame(
    ...     {"district": ["west", "east"]},
    ...     geometry=[box(0, 0, 500, 2000), box(500, 0, 2000, 2000)],
    ...     crs="EPSG:32717",
    ... )
    >>> zones, probability = (one.rio.write_crs("EPSG:32717") for one in (zones, probability))
    >>> table = zones_by_unit(zones, probability, districts, name="district")
    >>> table[["unit", "name", "area_km2"]].to_numpy().tolist()
    [['west', 'low', 1.0], ['west', 'high', 0.0], ['east', 'low', 2.0], ['east', 'high', 1.0]]
    """
    grid = grid_of(zones)
    cell = pixel_area(grid)
    shapes = read_shapes(units, grid.crs, what="units", crs=crs)
    order, polygons = _joined(shapes, _names(shapes, name))
    frame = polygons.set_crs(grid.crs).to_frame("geometry")
    values = np.asarray(zones.values)
    names = zones.attrs.get("zone_names") or [str(one) for one in range(1, values.max() + 1)]
    layers = [((values == zone).astype(float), [("sum", {})]) for zone in range(1, len(names) + 1)]
    layers.append((np.where(values > 0, probability.values, np.nan), [("mean", {})]))
    *cells, [mean] = extracted(layers, grid, frame)
    areas = np.nan_to_num(np.column_stack([part for [part] in cells]).astype(float)) * cell
    whole = areas.sum(axis=1)
    if not whole.any():
        raise ValueError(f"{shapes.where} lies beside the map: no unit has mapped ground.")
    table = {
        "unit": np.repeat(order, len(names)),
        "zone": np.tile(np.arange(1, len(names) + 1), len(order)),
        "name": np.tile(names, len(order)),
        "area_km2": areas.ravel(),
        "area_share": (areas / np.where(whole > 0, whole, np.nan)[:, None]).ravel(),
        "unit_area_km2": np.repeat(whole, len(names)),
        "unit_mean_probability": np.repeat(mean.astype(float), len(names)),
    }
    if landslides is not None:
        counts, n_lost = _landslides_in(polygons, landslides)
        table["unit_landslides"] = np.repeat(counts, len(names))
        if n_lost:
            warnings.warn(f"{n_lost} landslides lie in no unit of {shapes.where}.", stacklevel=2)
    return pd.DataFrame(table)
