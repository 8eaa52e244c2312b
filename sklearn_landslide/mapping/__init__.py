"""From rasters to a map: the stack of factors, tables from it, and what is predicted on it.

The room's libraries (rasterio, rioxarray, xarray, dask, geopandas) come with
``pip install "sklearn-landslide[map]"`` and are imported where they are first needed.
"""

from importlib import import_module

# Public name -> the module that holds it, imported when the name is first touched.
_HOMES = {
    "AreaOfApplicability": "_prediction._applicability",
    "SusceptibilityZones": "_zones._zones",
    "open_stack": "_rasters._stack",
    "predict_map": "_prediction._predict",
    "prediction_spread": "_prediction._spread",
    "sample_absences": "_rasters._absences",
    "sample_stack": "_rasters._sample",
    "write_map": "_prediction._write",
    "write_zone_polygons": "_zones._zone_polygons",
    "zone_colors": "_zones._zone_colors",
    "zone_polygons": "_zones._zone_polygons",
    "zone_table": "_zones._zone_table",
}

__all__ = [
    "AreaOfApplicability",
    "SusceptibilityZones",
    "open_stack",
    "predict_map",
    "prediction_spread",
    "sample_absences",
    "sample_stack",
    "write_map",
    "write_zone_polygons",
    "zone_colors",
    "zone_polygons",
    "zone_table",
]


def __getattr__(name):
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__():
    return sorted(__all__)
