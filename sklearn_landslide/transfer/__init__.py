"""From one region to the next: do the factors match, how different are the regions, what helps.

A module is imported when a name of it is first touched, so that regions can be compared without
torch.
"""

from importlib import import_module

# Public name -> the module that holds it, imported when the name is first touched.
_HOMES = {
    "MatchedFactors": "_matched",
    "RegionComparison": "_region_comparison",
    "RegionScaler": "_region_scaler",
    "compare_regions": "_compare_regions",
    "match_factors": "_match_factors",
}

__all__ = [
    "MatchedFactors",
    "RegionComparison",
    "RegionScaler",
    "compare_regions",
    "match_factors",
]


def __getattr__(name):
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{home}"), name)


def __dir__():
    return sorted(__all__)
