"""What a fitted model makes of its factors, and where it fails."""

from sklearn_landslide.inspection._effects import factor_effects
from sklearn_landslide.inspection._factor_effects import FactorEffects

__all__ = ["FactorEffects", "factor_effects"]
