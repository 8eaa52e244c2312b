"""Warnings of landslides: rain events, and the thresholds above which warning centers warn."""

from sklearn_landslide.warning._rain_events import rain_events
from sklearn_landslide.warning._rainfall_threshold import RainfallThreshold

__all__ = ["RainfallThreshold", "rain_events"]
