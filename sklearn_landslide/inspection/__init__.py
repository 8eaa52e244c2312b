"""What a model has learned: which factors carry it, and why it gives a place its probability."""

# Redundant aliases: for the other rooms, and no part of what the package promises.
from sklearn_landslide.inspection._attention_agreement import (
    AttentionAgreement,
    attention_agreement,
)
from sklearn_landslide.inspection._contributions import Contributions
from sklearn_landslide.inspection._explain import explain
from sklearn_landslide.inspection._factor_importance import factor_importance
from sklearn_landslide.inspection._forward_selection import forward_selection
from sklearn_landslide.inspection._importance_result import FactorImportance
from sklearn_landslide.inspection._quick import quick_contributions as quick_contributions
from sklearn_landslide.inspection._selection_result import ForwardSelection
from sklearn_landslide.inspection._unseen_importance import UnseenImportance

__all__ = [
    "AttentionAgreement",
    "Contributions",
    "FactorImportance",
    "ForwardSelection",
    "UnseenImportance",
    "attention_agreement",
    "explain",
    "factor_importance",
    "forward_selection",
]
