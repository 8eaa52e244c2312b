"""Balancing of landslide and non-landslide rows."""

from sklearn_landslide.over_sampling._factor_smote import FactorSMOTE

# Redundant alias: for the other rooms, and no part of what the package promises.
from sklearn_landslide.over_sampling._factor_smote import check_neighbors as check_neighbors

__all__ = ["FactorSMOTE"]
