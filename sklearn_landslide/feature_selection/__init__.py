"""Which factors to keep: mRMR selection and variance inflation."""

from sklearn_landslide.feature_selection._mrmr import MRMRSelector
from sklearn_landslide.feature_selection._variance_inflation import variance_inflation

__all__ = ["MRMRSelector", "variance_inflation"]
