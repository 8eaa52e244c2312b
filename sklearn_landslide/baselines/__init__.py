"""What landslide agencies have mapped with for thirty years, as classifiers."""

# Redundant aliases: for the other rooms, and no part of what the package promises.
from sklearn_landslide.baselines._calibration_line import fit_line as fit_line
from sklearn_landslide.baselines._class_evidence import ClassEvidence as ClassEvidence
from sklearn_landslide.baselines._frequency_ratio import FrequencyRatio
from sklearn_landslide.baselines._gam import GAM
from sklearn_landslide.baselines._independence import ConditionalIndependence
from sklearn_landslide.baselines._information_value import InformationValue
from sklearn_landslide.baselines._labels import landslide_place as landslide_place
from sklearn_landslide.baselines._labels import read_counted_labels as read_counted_labels
from sklearn_landslide.baselines._slope import Slope
from sklearn_landslide.baselines._slope import slope_factors as slope_factors
from sklearn_landslide.baselines._weights_of_evidence import WeightsOfEvidence

__all__ = [
    "GAM",
    "ConditionalIndependence",
    "FrequencyRatio",
    "InformationValue",
    "Slope",
    "WeightsOfEvidence",
]
