"""From one region to the next: a fitted model adapted to the landslides of another region."""

from sklearn_landslide.transfer._transfer_net import TransferNet

__all__ = ["TransferNet"]
