"""How far a model can be trusted whose factors, labels or positions are poor."""

# Redundant aliases: for the other rooms, and no part of what the package promises.
from sklearn_landslide.robustness._default_perturbations import default_perturbations
from sklearn_landslide.robustness._factors import (
    FactorNoise,
    NoiseFactors,
    NoiseInOneFactor,
    WithoutFactor,
)
from sklearn_landslide.robustness._fit import UNPERTURBED as UNPERTURBED
from sklearn_landslide.robustness._fit import generator_for as generator_for
from sklearn_landslide.robustness._fit import perturbed as perturbed
from sklearn_landslide.robustness._fit import with_seeds as with_seeds
from sklearn_landslide.robustness._inventory import UnmappedLandslides, WrongLabels
from sklearn_landslide.robustness._perturbation import FoldRows, Perturbation
from sklearn_landslide.robustness._places import OtherAbsences, ShiftedPositions
from sklearn_landslide.robustness._result import HEADINGS as HEADINGS
from sklearn_landslide.robustness._result import SensitivityResult
from sklearn_landslide.robustness._rows import ClassRatio, FewerRows
from sklearn_landslide.robustness._sensitivity import sensitivity
from sklearn_landslide.robustness._zone_changes import ZoneChanges

__all__ = [
    "ClassRatio",
    "FactorNoise",
    "FewerRows",
    "FoldRows",
    "NoiseFactors",
    "NoiseInOneFactor",
    "OtherAbsences",
    "Perturbation",
    "SensitivityResult",
    "ShiftedPositions",
    "UnmappedLandslides",
    "WithoutFactor",
    "WrongLabels",
    "ZoneChanges",
    "default_perturbations",
    "sensitivity",
]
