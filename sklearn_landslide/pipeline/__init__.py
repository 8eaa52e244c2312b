"""The whole chain from a factor table to a model, with probabilities of the study area."""

# LandslidePipeline is what make_landslide_pipeline returns, and no name of its own to begin with:
# like every pipeline it changes `steps` in fit, which two of scikit-learn's checks forbid.
from sklearn_landslide.pipeline._landslide_pipeline import LandslidePipeline as LandslidePipeline
from sklearn_landslide.pipeline._make import check_classifier as check_classifier
from sklearn_landslide.pipeline._make import make_landslide_pipeline
from sklearn_landslide.pipeline._make import takes_categories as takes_categories
from sklearn_landslide.pipeline._sequences import model_sequences as model_sequences
from sklearn_landslide.pipeline._sequences import tell_sequences as tell_sequences

__all__ = ["make_landslide_pipeline"]
