"""From one region to the next: factors matched, regions compared, models adapted.

A module is imported when a name of it is first touched, so that regions can be compared without
torch.
"""

from importlib import import_module

# Public name -> the module that holds it, imported when the name is first touched.
_HOMES = {
    "KShotCurve": "_k_shot_result",
    "MatchedFactors": "_matched",
    "PooledRegions": "_pooled_regions",
    "RegionComparison": "_region_comparison",
    "RegionScaler": "_region_scaler",
    "SourceStacking": "_source_stacking",
    "TransferNet": "_transfer_net",
    "compare_regions": "_compare_regions",
    "k_shot_curve": "_k_shot_curve",
    "known_pairs": "_known_pairs",
    "match_factors": "_match_factors",
}
# What other rooms need besides; these names may change.
_FOR_OTHER_ROOMS = {
    "make_adapter": "_adapter",
}

__all__ = [
    "KShotCurve",
    "MatchedFactors",
    "PooledRegions",
    "RegionComparison",
    "RegionScaler",
    "SourceStacking",
    "TransferNet",
    "compare_regions",
    "k_shot_curve",
    "known_pairs",
    "match_factors",
]


def __getattr__(name):
    home = (_HOMES | _FOR_OTHER_ROOMS).get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{home}"), name)


def __dir__():
    return sorted(__all__)
