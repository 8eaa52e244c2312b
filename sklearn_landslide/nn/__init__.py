"""The CNN-LSTM network with spatial attention and self-attention, as a classifier."""

from sklearn_landslide.nn._batches import TensorBatches
from sklearn_landslide.nn._bubble import one_thread as one_thread
from sklearn_landslide.nn._callbacks import WarmupCosine, WeightAverage
from sklearn_landslide.nn._encoding import FactorEncoding, learn_encoding
from sklearn_landslide.nn._heads import MemberCrossEntropy
from sklearn_landslide.nn._modules import LandslideModule
from sklearn_landslide.nn._net import LandslideNet

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
