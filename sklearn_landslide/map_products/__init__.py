"""From an inventory and rasters to all that a susceptibility map consists of, in one call.

The room's libraries come with ``pip install ".[map,plot]"``.
"""

from importlib import import_module

# Public name -> the module that holds it, imported when the name is first touched.
_HOMES = {
    "MapModel": "_map_model",
    "make_susceptibility_map": "_make_map",
    "make_training_table": "_training_table",
}
# What the command line makes a map with, besides.
_FOR_COMMANDS = {
    "MapRequest": "_request",
    "TableRequest": "_request",
    "make_map": "_make_map",
    "map_work_folder": "_work_folder",
    "prepare": "_prepare",
    "make_nowcast": "_nowcast._run",
    "make_table": "_training_table",
    "make_table_and_stack": "_training_table",
    "NowcastRequest": "_nowcast._request",
    "Progress": "_progress",
}

__all__ = ["MapModel", "make_susceptibility_map", "make_training_table"]


def __getattr__(name):
    home = (_HOMES | _FOR_COMMANDS).get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{home}"), name)


def __dir__():
    return sorted(__all__)
