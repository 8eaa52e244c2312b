"""What susceptibility was mapped with before networks: models that a reader can follow by hand."""

from sklearn_landslide.baselines._gam import GAM
from sklearn_landslide.baselines._slope import Slope

__all__ = ["GAM", "Slope"]
