"""Balancing of landslide and non-landslide rows."""

from sklearn_landslide.over_sampling._factor_smote import FactorSMOTE

__all__ = ["FactorSMOTE"]
