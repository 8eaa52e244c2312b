"""From one region to the next: a fitted model adapted to the landslides of another region.

A module is imported when a name of it is first touched, so that regions can be compared without
torch.
"""

from importlib import import_module

# Public name -> the module that holds it, imported when the name is first touched.
_HOMES = {
    "PooledRegions": "_pooled_regions",
    "SourceStacking": "_source_stacking",
    "TransferNet": "_transfer_net",
}
# What other rooms need besides; these names may change.
_FOR_OTHER_ROOMS = {
    "make_adapter": "_adapter",
}

__all__ = [
    "PooledRegions",
    "SourceStacking",
    "TransferNet",
]


def __getattr__(name):
    home = (_HOMES | _FOR_OTHER_ROOMS).get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{home}"), name)


def __dir__():
    return sorted(__all__)
