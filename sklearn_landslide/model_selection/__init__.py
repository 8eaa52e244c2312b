"""Honest validation: folds that are as far from their training rows as the map is."""

# Redundant aliases: for the other rooms, and no part of what the package promises.
from sklearn_landslide.model_selection._audit._aftermath import check_aftermath as check_aftermath
from sklearn_landslide.model_selection._audit._arguments import random_folds as random_folds
from sklearn_landslide.model_selection._audit._audit import audit
from sklearn_landslide.model_selection._audit._folds import check_places as check_places
from sklearn_landslide.model_selection._audit._folds import row_codes as row_codes
from sklearn_landslide.model_selection._audit._oversampling import (
    check_oversampling as check_oversampling,
)
from sklearn_landslide.model_selection._audit._pieces import find_patches as find_patches
from sklearn_landslide.model_selection._audit._result import LEAK as LEAK
from sklearn_landslide.model_selection._audit._result import OK as OK
from sklearn_landslide.model_selection._audit._result import WARNING as WARNING
from sklearn_landslide.model_selection._audit._result import LeakageAudit
from sklearn_landslide.model_selection._audit._table import check_place as check_place
from sklearn_landslide.model_selection._audit._table import check_scaled as check_scaled
from sklearn_landslide.model_selection._autocorrelation_range import autocorrelation_range
from sklearn_landslide.model_selection._distances import distances_to_train as distances_to_train
from sklearn_landslide.model_selection._distances import (
    fold_distances,
    nearest_neighbor_distances,
)
from sklearn_landslide.model_selection._distances import map_distances as map_distances
from sklearn_landslide.model_selection._knndm import KNNDM
from sklearn_landslide.model_selection._out_of_fold import out_of_fold as out_of_fold
from sklearn_landslide.model_selection._range_result import AutocorrelationRange
from sklearn_landslide.model_selection._rows import check_rows as check_rows
from sklearn_landslide.model_selection._side_information import (
    check_coordinates as check_coordinates,
)
from sklearn_landslide.model_selection._side_information import check_meters as check_meters
from sklearn_landslide.model_selection._side_information import matching_rows as matching_rows
from sklearn_landslide.model_selection._side_information import perhaps_degrees as perhaps_degrees
from sklearn_landslide.model_selection._spatial_blocks import SpatialBlockKFold, spatial_blocks
from sklearn_landslide.model_selection._strata import LeaveOneStratumOut, LeaveRegionAndPeriodOut
from sklearn_landslide.model_selection._variogram import band_edges as band_edges

__all__ = [
    "KNNDM",
    "AutocorrelationRange",
    "LeakageAudit",
    "LeaveOneStratumOut",
    "LeaveRegionAndPeriodOut",
    "SpatialBlockKFold",
    "audit",
    "autocorrelation_range",
    "fold_distances",
    "nearest_neighbor_distances",
    "spatial_blocks",
]
