"""The whole chain from a factor table to a model, with probabilities of the study area."""

# Redundant aliases: for the other rooms, and no part of what the package promises.
from sklearn_landslide.pipeline._landslide_pipeline import LandslidePipeline
from sklearn_landslide.pipeline._make import check_classifier as check_classifier
from sklearn_landslide.pipeline._make import counts_rows as counts_rows
from sklearn_landslide.pipeline._make import make_landslide_pipeline
from sklearn_landslide.pipeline._make import takes_categories as takes_categories
from sklearn_landslide.pipeline._prior import move_prior as move_prior
from sklearn_landslide.pipeline._resampling import RESAMPLING as RESAMPLING
from sklearn_landslide.pipeline._resampling import resample_by_name as resample_by_name
from sklearn_landslide.pipeline._sequences import model_sequences as model_sequences
from sklearn_landslide.pipeline._sequences import step_sequences as step_sequences
from sklearn_landslide.pipeline._sequences import takes_sequences as takes_sequences

__all__ = ["LandslidePipeline", "make_landslide_pipeline"]
