"""Figures for susceptibility models, and tests that tell whether two of them differ.

ROC-AUC, average precision, log loss and the Brier score are scikit-learn's
(:mod:`sklearn.metrics`); here is what the field needs besides them.
"""

# Redundant aliases: for the other rooms, and no part of what the package promises.
from sklearn_landslide.metrics._calibration import (
    BrierDecomposition,
    brier_decomposition,
    expected_calibration_error,
)
from sklearn_landslide.metrics._calibration import bin_means as bin_means
from sklearn_landslide.metrics._calibration import bin_numbers as bin_numbers
from sklearn_landslide.metrics._capture import CAPTURE_SHARES as CAPTURE_SHARES
from sklearn_landslide.metrics._capture import landslide_capture
from sklearn_landslide.metrics._checks import check_labels as check_labels
from sklearn_landslide.metrics._checks import check_scores as check_scores
from sklearn_landslide.metrics._delong import DeLongResult, delong_covariance, delong_test
from sklearn_landslide.metrics._friedman import FriedmanNemenyiResult, friedman_nemenyi
from sklearn_landslide.metrics._holm import holm_adjusted as holm_adjusted
from sklearn_landslide.metrics._moran import MoranResult, moran_test
from sklearn_landslide.metrics._rate_curve import (
    RateCurveBand,
    rate_curve,
    rate_curve_auc,
    rate_curve_band,
)
from sklearn_landslide.metrics._resampled_ttest import (
    CorrectedTTestResult,
    corrected_resampled_ttest,
)
from sklearn_landslide.metrics._spatial_weights import check_edges as check_edges
from sklearn_landslide.metrics._susceptibility_classes import frequency_ratio_table
from sklearn_landslide.metrics._susceptibility_classes import with_ratios as with_ratios

__all__ = [
    "BrierDecomposition",
    "CorrectedTTestResult",
    "DeLongResult",
    "FriedmanNemenyiResult",
    "MoranResult",
    "RateCurveBand",
    "brier_decomposition",
    "corrected_resampled_ttest",
    "delong_covariance",
    "delong_test",
    "expected_calibration_error",
    "frequency_ratio_table",
    "friedman_nemenyi",
    "landslide_capture",
    "moran_test",
    "rate_curve",
    "rate_curve_auc",
    "rate_curve_band",
]
