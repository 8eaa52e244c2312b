"""From one region to the next: a fitted model adapted to the landslides of another region."""

from sklearn_landslide.transfer._pooled_regions import PooledRegions
from sklearn_landslide.transfer._source_stacking import SourceStacking
from sklearn_landslide.transfer._transfer_net import TransferNet

__all__ = ["PooledRegions", "SourceStacking", "TransferNet"]
