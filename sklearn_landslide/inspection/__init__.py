"""What a model has learned: which factors carry it, and why it gives a place its probability."""

from sklearn_landslide.inspection._contributions import Contributions
from sklearn_landslide.inspection._explain import explain
from sklearn_landslide.inspection._factor_importance import factor_importance
from sklearn_landslide.inspection._importance_result import FactorImportance

__all__ = ["Contributions", "FactorImportance", "explain", "factor_importance"]
