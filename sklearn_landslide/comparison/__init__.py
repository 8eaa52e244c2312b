"""Models compared by cross-validation on the same folds."""

# Redundant aliases: for the other rooms, and no part of what the package promises.
from sklearn_landslide.comparison._checks import make_splits as make_splits
from sklearn_landslide.comparison._compare import compare_models
from sklearn_landslide.comparison._inputs import plain_text as plain_text
from sklearn_landslide.comparison._models import all_models, default_models
from sklearn_landslide.comparison._paired_tests import fold_scores as fold_scores
from sklearn_landslide.comparison._paired_tests import ttest_on_folds as ttest_on_folds
from sklearn_landslide.comparison._ranking import best_model as best_model
from sklearn_landslide.comparison._ranking import less_is_better as less_is_better
from sklearn_landslide.comparison._ranking import ranked as ranked
from sklearn_landslide.comparison._result import ModelComparison
from sklearn_landslide.comparison._scoring import HEADINGS as HEADINGS
from sklearn_landslide.comparison._threshold import threshold_said as threshold_said

__all__ = ["ModelComparison", "all_models", "compare_models", "default_models"]
