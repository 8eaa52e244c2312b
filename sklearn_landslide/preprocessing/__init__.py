"""Cleaning of factor tables: plausible ranges and missing values."""

from sklearn_landslide.preprocessing._factor_imputer import FactorImputer
from sklearn_landslide.preprocessing._field_bounds import field_bounds
from sklearn_landslide.preprocessing._plausible_range import PlausibleRange

__all__ = ["FactorImputer", "PlausibleRange", "field_bounds"]
