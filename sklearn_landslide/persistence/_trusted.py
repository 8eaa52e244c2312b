"""The kinds of objects that a model file may hold; all others are refused."""

from importlib import import_module
from inspect import isclass

from sklearn.base import BaseEstimator

from sklearn_landslide.persistence._public_paths import public_module
from sklearn_landslide.persistence._stand_ins import STAND_INS

# Rooms of imbalanced-learn and of this package whose public estimators are trusted.
_ROOMS = (
    "imblearn.over_sampling",
    "imblearn.under_sampling",
    "imblearn.combine",
    "imblearn.ensemble",
    "imblearn.pipeline",
    "sklearn_landslide.preprocessing",
    "sklearn_landslide.feature_selection",
    "sklearn_landslide.over_sampling",
    "sklearn_landslide.pipeline",
    "sklearn_landslide.mapping",
)
# Parts of fitted estimators, without code of their own in their state. Where other packages keep
# theirs is their business; ours are named by public paths.
_PARTS = (
    "functools.partial",
    "numpy.dtype",
    "scipy.sparse._csr.csr_matrix",
    "sklearn.calibration._CalibratedClassifier",
    "sklearn.calibration._SigmoidCalibration",
    "sklearn.calibration._TemperatureScaling",
    "sklearn.compose._column_transformer.make_column_selector",
    "sklearn.model_selection._split.KFold",
    "sklearn.model_selection._split.StratifiedKFold",
    "sklearn.utils._bunch.Bunch",
    # The one function that scikit-learn's models keep (HistGradientBoosting).
    "sklearn.utils.validation.check_array",
    "sklearn_landslide.map_products.MapModel",
    "sklearn_landslide.mapping.SusceptibilityZones",
)


def _path(kind):
    """Name a class as a file does."""
    return f"{public_module(kind.__module__, kind.__name__)}.{kind.__name__}"


def trusted_types():
    """List the full names of the types that are trusted besides those of skops itself.

    Returns
    -------
    names : list of str
        skops adds the public estimators of scikit-learn, arrays and plain values of Python.
        Functions are not among them, but for ufuncs.
    """
    names = {*_PARTS, *map(_path, STAND_INS)}
    for room in map(import_module, _ROOMS):
        for public in getattr(room, "__all__", dir(room)):
            kind = getattr(room, public)
            if isclass(kind) and issubclass(kind, BaseEstimator):
                names.add(_path(kind))
    return sorted(names)
