"""The CNN-LSTM network with spatial attention and self-attention, as a classifier."""

import sys

if sys.flags.optimize > 1:
    # skorch takes its own docstrings apart when it is imported.
    raise ImportError(
        "LandslideNet needs skorch, which needs docstrings: run Python without -OO "
        "(PYTHONOPTIMIZE=2)."
    )

from sklearn_landslide.nn._adaptation import NetAdaptation as NetAdaptation
from sklearn_landslide.nn._adaptation import adapt_net as adapt_net
from sklearn_landslide.nn._adaptation import check_adaptable as check_adaptable
from sklearn_landslide.nn._batches import TensorBatches
from sklearn_landslide.nn._bubble import one_thread as one_thread
from sklearn_landslide.nn._callbacks import WarmupCosine, WeightAverage
from sklearn_landslide.nn._encoding import FactorEncoding, learn_encoding
from sklearn_landslide.nn._heads import MemberCrossEntropy
from sklearn_landslide.nn._modules import LandslideModule
from sklearn_landslide.nn._net import LandslideNet
from sklearn_landslide.nn._net_cv import LandslideNetCV
from sklearn_landslide.nn._shares import choose_shares as choose_shares

__all__ = [
    "FactorEncoding",
    "LandslideModule",
    "LandslideNet",
    "LandslideNetCV",
    "MemberCrossEntropy",
    "TensorBatches",
    "WarmupCosine",
    "WeightAverage",
    "learn_encoding",
]
