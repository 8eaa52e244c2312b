"""scikit-learn for landslide susceptibility.

The public names are loaded when they are first touched, so that
``import sklearn_landslide`` stays light and torch is imported only with
:class:`LandslideNet`.
"""

from importlib import import_module

from sklearn_landslide._version import __version__

_HOME = {
    "LandslideNet": "nn",
    "LandslideNetCV": "nn",
    "MRMRSelector": "feature_selection",
    "PlausibleRange": "preprocessing",
    "compare_models": "comparison",
    "make_landslide_pipeline": "pipeline",
}

__all__ = [
    "LandslideNet",
    "LandslideNetCV",
    "MRMRSelector",
    "PlausibleRange",
    "__version__",
    "compare_models",
    "make_landslide_pipeline",
]


def __getattr__(name):
    if name in _HOME:
        return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__():
    return sorted({*globals(), *__all__})
