"""The CNN-LSTM network with spatial attention and self-attention, as a classifier."""

from sklearn_landslide.nn._encoding import FactorEncoding, learn_encoding
from sklearn_landslide.nn._modules import LandslideModule
from sklearn_landslide.nn._net import LandslideNet
from sklearn_landslide.nn._training import (
    MemberCrossEntropy,
    TensorBatches,
    WarmupCosine,
    WeightAverage,
)

__all__ = [
    "FactorEncoding",
    "LandslideModule",
    "LandslideNet",
    "MemberCrossEntropy",
    "TensorBatches",
    "WarmupCosine",
    "WeightAverage",
    "learn_encoding",
]
