"""The perturbations that a study takes when it is given none."""

from sklearn_landslide.robustness._factors import FactorNoise, NoiseFactors, WithoutFactor
from sklearn_landslide.robustness._inventory import UnmappedLandslides, WrongLabels
from sklearn_landslide.robustness._places import OtherAbsences, ShiftedPositions
from sklearn_landslide.robustness._rows import ClassRatio, FewerRows


def default_perturbations():
    """Return one perturbation of each kind, with its default levels.

    Returns
    -------
    perturbations : list of Perturbation
        Noise in the factors, factors of noise, each factor left out, wrong labels, landslides not
        mapped, fewer rows, other class ratios, shifted landslides and other absences. The last two
        need rasters.

    Examples
    --------
    >>> from sklearn_landslide.robustness import default_perturbations
    >>> [perturbation.name for perturbation in default_perturbations()][:3]
    ['noise in all factors', 'factors of noise added', 'factor left out']
    """
    return [
        FactorNoise(),
        NoiseFactors(),
        WithoutFactor(),
        WrongLabels(),
        UnmappedLandslides(),
        FewerRows(),
        ClassRatio(),
        ShiftedPositions(),
        OtherAbsences(),
    ]
