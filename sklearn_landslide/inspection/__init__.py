"""What a model has learned: what its factors are worth and do, and why a place is as it is."""

from sklearn_landslide.inspection._attention_agreement import (
    AttentionAgreement,
    attention_agreement,
)
from sklearn_landslide.inspection._contributions import Contributions
from sklearn_landslide.inspection._effects import factor_effects
from sklearn_landslide.inspection._explain import explain
from sklearn_landslide.inspection._factor_effects import FactorEffects
from sklearn_landslide.inspection._factor_importance import factor_importance
from sklearn_landslide.inspection._forward_selection import forward_selection
from sklearn_landslide.inspection._importance_result import FactorImportance

# Redundant aliases: for the other rooms, and no part of what the package promises.
from sklearn_landslide.inspection._quick import quick_contributions as quick_contributions
from sklearn_landslide.inspection._residual_result import ResidualAutocorrelation
from sklearn_landslide.inspection._residuals import residual_autocorrelation
from sklearn_landslide.inspection._selection_result import ForwardSelection
from sklearn_landslide.inspection._unseen_importance import UnseenImportance

__all__ = [
    "AttentionAgreement",
    "Contributions",
    "FactorEffects",
    "FactorImportance",
    "ForwardSelection",
    "ResidualAutocorrelation",
    "UnseenImportance",
    "attention_agreement",
    "explain",
    "factor_effects",
    "factor_importance",
    "forward_selection",
    "residual_autocorrelation",
]
