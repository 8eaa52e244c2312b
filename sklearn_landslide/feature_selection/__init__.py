"""Which factors to keep: mRMR selection and variance inflation."""

# Redundant aliases: for the other rooms, and no part of what the package promises.
from sklearn_landslide.feature_selection._association import indicators as indicators
from sklearn_landslide.feature_selection._association import (
    pairwise_association as pairwise_association,
)
from sklearn_landslide.feature_selection._association import standardized as standardized
from sklearn_landslide.feature_selection._mrmr import MRMRSelector
from sklearn_landslide.feature_selection._variance_inflation import variance_inflation

__all__ = ["MRMRSelector", "variance_inflation"]
