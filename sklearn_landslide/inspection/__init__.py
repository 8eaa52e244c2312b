"""What a model has learned: why it gives a place the probability that it gives."""

from sklearn_landslide.inspection._contributions import Contributions
from sklearn_landslide.inspection._explain import explain

__all__ = ["Contributions", "explain"]
