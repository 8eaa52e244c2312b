"""Warnings of landslides: rain events, and the thresholds above which warning centers warn."""

from sklearn_landslide.warning._rain_events import rain_events

__all__ = ["rain_events"]
