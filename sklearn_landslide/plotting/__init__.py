"""Pictures, in the manner of scikit-learn's Display objects; matplotlib comes with ``[plot]``."""

# Redundant aliases: for the other rooms, and no part of what the package promises.
from sklearn_landslide.plotting._calibration import CalibrationCurvesDisplay
from sklearn_landslide.plotting._comparison_curves import (
    ComparisonCurvesDisplay,
    save_comparison_curves,
)
from sklearn_landslide.plotting._comparison_curves import figure_class as figure_class
from sklearn_landslide.plotting._contributions import ContributionsDisplay
from sklearn_landslide.plotting._data_uri import as_data_uri as as_data_uri
from sklearn_landslide.plotting._event_pictures import MOST_FRAMES as MOST_FRAMES
from sklearn_landslide.plotting._event_pictures import draws_pictures as draws_pictures
from sklearn_landslide.plotting._event_pictures import save_event_animation as save_event_animation
from sklearn_landslide.plotting._event_pictures import save_event_map as save_event_map
from sklearn_landslide.plotting._factor_effects import (
    FactorEffectsDisplay,
    save_factor_effects,
)
from sklearn_landslide.plotting._factor_importance import (
    FactorImportanceDisplay,
    save_factor_importance,
)
from sklearn_landslide.plotting._folds import FoldMapDisplay
from sklearn_landslide.plotting._k_shot import KShotDisplay
from sklearn_landslide.plotting._legend import add_legend as add_legend
from sklearn_landslide.plotting._map_score import MapScoreDisplay, save_map_score
from sklearn_landslide.plotting._neighbor_distances import NeighborDistanceDisplay
from sklearn_landslide.plotting._rainfall_threshold import RainfallThresholdDisplay
from sklearn_landslide.plotting._rate_curve import RateCurveDisplay
from sklearn_landslide.plotting._region_shift import RegionShiftDisplay
from sklearn_landslide.plotting._region_shift import region_shift_axes as region_shift_axes
from sklearn_landslide.plotting._residuals import ResidualDisplay, save_residuals
from sklearn_landslide.plotting._sensitivity import SensitivityDisplay, save_sensitivity
from sklearn_landslide.plotting._susceptibility_map import SusceptibilityMapDisplay
from sklearn_landslide.plotting._warning_scores import WarningScoresDisplay, WarningValueDisplay
from sklearn_landslide.plotting._warning_timeline import WarningTimelineDisplay

__all__ = [
    "CalibrationCurvesDisplay",
    "ComparisonCurvesDisplay",
    "ContributionsDisplay",
    "FactorEffectsDisplay",
    "FactorImportanceDisplay",
    "FoldMapDisplay",
    "KShotDisplay",
    "MapScoreDisplay",
    "NeighborDistanceDisplay",
    "RainfallThresholdDisplay",
    "RateCurveDisplay",
    "RegionShiftDisplay",
    "ResidualDisplay",
    "SensitivityDisplay",
    "SusceptibilityMapDisplay",
    "WarningScoresDisplay",
    "WarningTimelineDisplay",
    "WarningValueDisplay",
    "save_comparison_curves",
    "save_factor_effects",
    "save_factor_importance",
    "save_map_score",
    "save_residuals",
    "save_sensitivity",
]
