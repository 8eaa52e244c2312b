"""Cleaning of factor tables: plausible ranges, missing values, scales, sums of rain."""

# Redundant alias: for the other rooms, and no part of what the package promises.
from sklearn_landslide.preprocessing._factor_imputer import FactorImputer
from sklearn_landslide.preprocessing._factor_scaler import FactorScaler
from sklearn_landslide.preprocessing._field_bounds import field_bounds
from sklearn_landslide.preprocessing._plausible_range import PlausibleRange
from sklearn_landslide.preprocessing._rainfall_sums import RainfallSums
from sklearn_landslide.preprocessing._rainfall_sums import numbered_columns as numbered_columns

__all__ = ["FactorImputer", "FactorScaler", "PlausibleRange", "RainfallSums", "field_bounds"]
