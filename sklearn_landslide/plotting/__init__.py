"""Pictures, in the manner of scikit-learn's Display objects; matplotlib comes with ``[plot]``."""

from sklearn_landslide.plotting._comparison_curves import (
    ComparisonCurvesDisplay,
    save_comparison_curves,
)

__all__ = ["ComparisonCurvesDisplay", "save_comparison_curves"]
