"""What a model has learned: which factors carry it, measured on places that it has not seen."""

from sklearn_landslide.inspection._effects import factor_effects
from sklearn_landslide.inspection._factor_effects import FactorEffects
from sklearn_landslide.inspection._factor_importance import factor_importance
from sklearn_landslide.inspection._importance_result import FactorImportance
from sklearn_landslide.inspection._residual_result import ResidualAutocorrelation
from sklearn_landslide.inspection._residuals import residual_autocorrelation
from sklearn_landslide.inspection._unseen_importance import UnseenImportance

__all__ = [
    "FactorEffects",
    "FactorImportance",
    "ResidualAutocorrelation",
    "UnseenImportance",
    "factor_effects",
    "factor_importance",
    "residual_autocorrelation",
]
