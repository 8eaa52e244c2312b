"""Models compared by cross-validation on the same folds."""

from sklearn_landslide.comparison._compare import compare_models
from sklearn_landslide.comparison._models import default_models
from sklearn_landslide.comparison._result import ModelComparison

__all__ = ["ModelComparison", "compare_models", "default_models"]
