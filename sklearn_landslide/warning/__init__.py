"""From rain and probabilities to warnings, and whether the warnings were right."""

from sklearn_landslide.warning._contingency import contingency_scores, relative_value
from sklearn_landslide.warning._duration import DurationMatrix
from sklearn_landslide.warning._levels import WarningLevels
from sklearn_landslide.warning._rain_events import rain_events
from sklearn_landslide.warning._rainfall_threshold import RainfallThreshold
from sklearn_landslide.warning._scores import WarningScores
from sklearn_landslide.warning._verify import verify_warnings

__all__ = [
    "DurationMatrix",
    "RainfallThreshold",
    "WarningLevels",
    "WarningScores",
    "contingency_scores",
    "rain_events",
    "relative_value",
    "verify_warnings",
]
