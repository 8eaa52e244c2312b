"""From rasters to a map: the stack of factors, tables from it, and what is predicted on it.

The room's libraries (rasterio, rioxarray, xarray, dask, geopandas) come with
``pip install ".[map]"`` and are imported where they are first needed.
"""

from importlib import import_module

# Public name -> the module that holds it, imported when the name is first touched.
_HOMES = {
    "AreaOfApplicability": "_prediction._applicability",
    "interpolate_gauges": "_rain._gauges",
    "MapScore": "_scores._map_score",
    "mask_stack": "_rasters._mask",
    "merge_small_patches": "_zones._merging",
    "open_rain": "_rain._open",
    "open_stack": "_rasters._stack",
    "predict_events": "_events._predict_events",
    "predict_map": "_prediction._predict",
    "prediction_spread": "_prediction._spread",
    "rain_at": "_rain._windows",
    "region_stack": "_rasters._region_stack",
    "sample_absences": "_rasters._absences",
    "sample_events": "_rain._events",
    "sample_stack": "_rasters._sample",
    "score_map": "_scores._score_map",
    "score_map_folder": "_scores._map_folder",
    "SusceptibilityZones": "_zones._zones",
    "write_map": "_prediction._write",
    "write_stack": "_prediction._write_stack",
    "write_zone_polygons": "_zones._zone_polygons",
    "zone_colors": "_zones._zone_colors",
    "zone_polygons": "_zones._zone_polygons",
    "zone_table": "_zones._zone_table",
}
# What other rooms need besides; these names may change.
_FOR_OTHER_ROOMS = {
    "applicability_style": "_zones._raster_style",
    "burn": "_rasters._burn",
    "classes_style": "_zones._raster_style",
    "contributions_style": "_zones._raster_style",
    "categorical_factors": "_rasters._check_stack",
    "cells_of_units": "_events._hour_files",
    "check_members": "_prediction._spread",
    "check_rain": "_rain._check_rain",
    "check_space": "_prediction._write",
    "check_stack": "_rasters._check_stack",
    "check_target": "_prediction._write",
    "code_categories": "_rasters._codes",
    "compute": "_rasters._sample",
    "counts_by_share": "_zones._zones",
    "crs_name": "_rasters._grids",
    "ELEVATIONS": "_rasters._polygons",
    "FACTS_FORMAT": "_scores._map_folder",
    "factor_names": "_prediction._pixel_rows",
    "files_by_factor": "_rasters._raster_files",
    "first_difference": "_prediction._partial",
    "fitted_parts": "_prediction._pixel_rows",
    "Grid": "_rasters._grids",
    "grid_like": "_rasters._like",
    "grid_of": "_rasters._grids",
    "ground_of": "_rasters._ground",
    "halved_shares": "_zones._zones",
    "HourFiles": "_events._hour_files",
    "inventory_parts": "_rasters._parts",
    "known_codes": "_prediction._pixel_rows",
    "landslides_on": "_scores._score_map",
    "lazy_raster": "_rasters._like",
    "map_rows": "_prediction._row_maps",
    "MapFolder": "_scores._map_folder",
    "meters_per_unit": "_rasters._meters",
    "n_workers": "_prediction._workers",
    "near_tile": "_rasters._burn",
    "neighbor_tree": "_prediction._neighbor_tree",
    "noted_range": "_rasters._ground",
    "pixel_area": "_rasters._meters",
    "polygons_of": "_rasters._shapes",
    "positive_column": "_prediction._spread",
    "ranks_on": "_scores._ranks",
    "raster_parts": "_rasters._parts",
    "read_inventory": "_rasters._inventory",
    "read_shapes": "_rasters._shapes",
    "rows_of_map": "_prediction._row_maps",
    "simple_parts": "_rasters._shapes",
    "source_window": "_rasters._align",
    "susceptibility_style": "_zones._raster_style",
    "TILE": "_prediction._predict",
    "tiles_of": "_rasters._like",
    "true_scale": "_rasters._meters",
    "uncertainty_style": "_zones._raster_style",
    "utm_zone": "_rasters._meters",
    "where_they_lie": "_rasters._shapes",
    "why_no_meters": "_rasters._meters",
    "write_event_netcdf": "_events._hour_files",
    "writes_netcdf": "_events._hour_files",
    "write_layer": "_events._hour_files",
    "zone_names": "_zones._zones",
    "zones_raster_style": "_zones._raster_style",
}

__all__ = [
    "AreaOfApplicability",
    "MapScore",
    "SusceptibilityZones",
    "interpolate_gauges",
    "mask_stack",
    "merge_small_patches",
    "open_rain",
    "open_stack",
    "predict_events",
    "predict_map",
    "prediction_spread",
    "rain_at",
    "region_stack",
    "sample_absences",
    "sample_events",
    "sample_stack",
    "score_map",
    "score_map_folder",
    "write_map",
    "write_stack",
    "write_zone_polygons",
    "zone_colors",
    "zone_polygons",
    "zone_table",
]


def __getattr__(name):
    home = (_HOMES | _FOR_OTHER_ROOMS).get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{home}"), name)


def __dir__():
    return sorted(__all__)
