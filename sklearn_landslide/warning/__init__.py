"""From probabilities to warnings, and whether the warnings were right."""

from sklearn_landslide.warning._contingency import contingency_scores, relative_value
from sklearn_landslide.warning._duration import DurationMatrix
from sklearn_landslide.warning._levels import WarningLevels
from sklearn_landslide.warning._scores import WarningScores
from sklearn_landslide.warning._verify import verify_warnings

__all__ = [
    "DurationMatrix",
    "WarningLevels",
    "WarningScores",
    "contingency_scores",
    "relative_value",
    "verify_warnings",
]
