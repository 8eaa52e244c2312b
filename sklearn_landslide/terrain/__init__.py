"""From an elevation model, lines and polygons to factors, and to slope units.

The functions on arrays need the core libraries alone. Those on rasters need
``pip install ".[terrain]"``, whose libraries are imported where they are needed.
"""

from importlib import import_module

# Public name -> the module that holds it, imported when the name is first touched.
_HOMES = {
    "FactorSources": "_factor_sources",
    "aggregate_to_units": "_units",
    "delineate_slope_units": "_slope_units",
    "distance_to": "_distance",
    "Drainage": "_drainage",
    "drainage": "_drainage",
    "factor_recipe": "_recipe",
    "flow_factors": "_flow_factors",
    "flow_memory": "_drainage",
    "rasterize_classes": "_classes",
    "replay_recipe": "_replay",
    "river_cells": "_flow_factors",
    "terrain_factors": "_terrain_factors",
    "units_to_raster": "_units_raster",
    "zones_by_unit": "_zones_by_unit",
}
# What other rooms need besides; these names may change.
_FOR_OTHER_ROOMS = {
    "RECIPE": "_factor_sources",
    "fill_pits": "_flow_graph",
    "flow_accumulation": "_flow_graph",
    "graph_of_edges": "_flow_graph",
    "grid_edges": "_flow_graph",
    "hold": "_hold",
    "is_raster": "_factor_sources",
    "split_column": "_factor_sources",
    "surface_derivatives": "_surface",
    "surface_factors": "_surface",
    "warn_of_cells_unlike": "_factor_sources",
    "wetness_factors": "_wetness",
}

__all__ = [
    "Drainage",
    "FactorSources",
    "aggregate_to_units",
    "delineate_slope_units",
    "distance_to",
    "drainage",
    "factor_recipe",
    "flow_factors",
    "flow_memory",
    "rasterize_classes",
    "replay_recipe",
    "river_cells",
    "terrain_factors",
    "units_to_raster",
    "zones_by_unit",
]


def __getattr__(name):
    home = (_HOMES | _FOR_OTHER_ROOMS).get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{home}"), name)


def __dir__():
    return sorted(__all__)
