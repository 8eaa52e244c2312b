"""The classes and functions that a model file may hold; all others are refused.

A class is on the list only if nothing that it does with its attributes can harm: it predicts in
Python and NumPy, where a wrong index is an error, or ``_native.py`` checks what compiled code
reads.
"""

from functools import cache
from importlib import import_module
from inspect import isabstract, isclass

from sklearn.base import BaseEstimator
from sklearn.gaussian_process import kernels
from sklearn.metrics import get_scorer, get_scorer_names

from sklearn_landslide._optional import import_optional
from sklearn_landslide.persistence._public_paths import public_module
from sklearn_landslide.persistence._stand_ins import STAND_INS

# Rooms whose public estimators are trusted.
_ROOMS = (
    "sklearn.calibration",
    "sklearn.cluster",
    "sklearn.compose",
    "sklearn.covariance",
    "sklearn.cross_decomposition",
    "sklearn.decomposition",
    "sklearn.discriminant_analysis",
    "sklearn.dummy",
    "sklearn.ensemble",
    "sklearn.feature_selection",
    "sklearn.frozen",
    "sklearn.gaussian_process",
    "sklearn.impute",
    "sklearn.isotonic",
    "sklearn.kernel_approximation",
    "sklearn.kernel_ridge",
    "sklearn.linear_model",
    "sklearn.mixture",
    "sklearn.model_selection",
    "sklearn.multiclass",
    "sklearn.multioutput",
    "sklearn.naive_bayes",
    "sklearn.neighbors",
    "sklearn.neural_network",
    "sklearn.pipeline",
    "sklearn.preprocessing",
    "sklearn.semi_supervised",
    "sklearn.svm",
    "sklearn.tree",
    "imblearn.over_sampling",
    "imblearn.under_sampling",
    "imblearn.combine",
    "imblearn.ensemble",
    "imblearn.pipeline",
    "sklearn_landslide.preprocessing",
    "sklearn_landslide.feature_selection",
    "sklearn_landslide.over_sampling",
    "sklearn_landslide.pipeline",
    "sklearn_landslide.baselines",
    "sklearn_landslide.warning",
    "sklearn_landslide.mapping",
)
# Of these rooms, only these: compiled code follows what is in the others, or no table of factors
# needs them.
_ONLY = {
    "sklearn.cluster": ("KMeans", "MiniBatchKMeans"),
    "sklearn.covariance": ("EmpiricalCovariance", "LedoitWolf", "OAS", "ShrunkCovariance"),
    "sklearn.decomposition": (
        "FactorAnalysis",
        "FastICA",
        "IncrementalPCA",
        "KernelPCA",
        "PCA",
        "TruncatedSVD",
    ),
    "sklearn.neighbors": (
        "KNeighborsClassifier",
        "KNeighborsRegressor",
        "NearestCentroid",
        "NearestNeighbors",
    ),
    "sklearn.semi_supervised": ("SelfTrainingClassifier",),
}
_LEFT_OUT = {
    "HalvingGridSearchCV",
    "HalvingRandomSearchCV",
    "IterativeImputer",
    "MultiLabelBinarizer",
    "SplineTransformer",
}
# Parts of fitted estimators, in Python. Where other packages keep theirs is their business; ours
# are named by public paths.
_PARTS = (
    "sklearn._loss.link.HalfLogitLink",
    "sklearn._loss.link.IdentityLink",
    "sklearn._loss.link.Interval",
    "sklearn._loss.link.LogLink",
    "sklearn._loss.link.LogitLink",
    "sklearn._loss.link.MultinomialLogit",
    "sklearn._loss.loss.AbsoluteError",
    "sklearn._loss.loss.ExponentialLoss",
    "sklearn._loss.loss.HalfBinomialLoss",
    "sklearn._loss.loss.HalfGammaLoss",
    "sklearn._loss.loss.HalfMultinomialLoss",
    "sklearn._loss.loss.HalfPoissonLoss",
    "sklearn._loss.loss.HalfSquaredError",
    "sklearn._loss.loss.HalfTweedieLoss",
    "sklearn._loss.loss.HalfTweedieLossIdentity",
    "sklearn._loss.loss.HuberLoss",
    "sklearn._loss.loss.PinballLoss",
    "sklearn.calibration._CalibratedClassifier",
    "sklearn.calibration._SigmoidCalibration",
    "sklearn.calibration._TemperatureScaling",
    "sklearn.compose._column_transformer.make_column_selector",
    "sklearn.ensemble._hist_gradient_boosting.binning._BinMapper",
    "sklearn.gaussian_process._gpc._BinaryGaussianProcessClassifierLaplace",
    "sklearn.metrics._scorer._CurveScorer",
    "sklearn.metrics._scorer._MultimetricScorer",
    "sklearn.metrics._scorer._PassthroughScorer",
    "sklearn.metrics._scorer._Scorer",
    "sklearn.model_selection._split.KFold",
    "sklearn.model_selection._split.StratifiedKFold",
    "sklearn.multiclass._ConstantPredictor",
    "sklearn.neural_network._stochastic_optimizers.AdamOptimizer",
    "sklearn.neural_network._stochastic_optimizers.SGDOptimizer",
    "sklearn.utils._metadata_requests.MetadataRequest",
    "sklearn.utils._metadata_requests.MethodMetadataRequest",
    "sklearn_landslide.map_products.MapModel",
    "sklearn_landslide.mapping.SusceptibilityZones",
    # Named, as their rooms are further up.
    "sklearn_landslide.inspection.UnseenImportance",
    "sklearn_landslide.transfer.PooledRegions",
    "sklearn_landslide.transfer.RegionScaler",
    "sklearn_landslide.transfer.SourceStacking",
    "sklearn_landslide.transfer.TransferNet",
)
# Compiled, and of use in fit only.
_LOSSES = (
    "sklearn._loss._loss.CyAbsoluteError",
    "sklearn._loss._loss.CyExponentialLoss",
    "sklearn._loss._loss.CyHalfBinomialLoss",
    "sklearn._loss._loss.CyHalfGammaLoss",
    "sklearn._loss._loss.CyHalfMultinomialLoss",
    "sklearn._loss._loss.CyHalfPoissonLoss",
    "sklearn._loss._loss.CyHalfSquaredError",
    "sklearn._loss._loss.CyHalfTweedieLoss",
    "sklearn._loss._loss.CyHalfTweedieLossIdentity",
    "sklearn._loss._loss.CyHuberLoss",
    "sklearn._loss._loss.CyPinballLoss",
    "sklearn.linear_model._sgd_fast.EpsilonInsensitive",
    "sklearn.linear_model._sgd_fast.Hinge",
    "sklearn.linear_model._sgd_fast.ModifiedHuber",
    "sklearn.linear_model._sgd_fast.SquaredEpsilonInsensitive",
    "sklearn.linear_model._sgd_fast.SquaredHinge",
)
_FUNCTIONS = (
    "sklearn.feature_selection._mutual_info.mutual_info_classif",
    "sklearn.feature_selection._univariate_selection.chi2",
    "sklearn.feature_selection._univariate_selection.f_classif",
    # HistGradientBoosting keeps it.
    "sklearn.utils.validation.check_array",
)


def _path(kind):
    """Name a class as a file does."""
    return f"{public_module(kind.__module__, kind.__name__)}.{kind.__name__}"


def _estimators():
    """Public estimators of the rooms."""
    for room in map(import_module, _ROOMS):
        public = _ONLY.get(room.__name__) or getattr(room, "__all__", dir(room))
        for name in set(public) - _LEFT_OUT:
            kind = getattr(room, name, None)
            is_estimator = (
                isclass(kind) and issubclass(kind, BaseEstimator) and not isabstract(kind)
            )
            if is_estimator and hasattr(kind, "fit"):
                yield kind


def _kernels():
    """Kernels of Gaussian processes."""
    public = [getattr(kernels, name) for name in dir(kernels) if not name.startswith("_")]
    return [kind for kind in public if isclass(kind) and issubclass(kind, kernels.Kernel)]


@cache
def trusted_classes():
    """Full names of the classes that are trusted, by the node of skops that makes them.

    Returns
    -------
    names : dict of str to frozenset of str
        ``"ObjectNode"`` gives a class its attributes, ``"ConstructorFromReduceNode"`` calls it.
    """
    objects = {*_PARTS, *map(_path, _estimators()), *map(_path, _kernels())}
    return {
        "ObjectNode": frozenset(objects),
        "ConstructorFromReduceNode": frozenset(map(_path, STAND_INS)),
        "LossNode": frozenset(_LOSSES),
    }


@cache
def trusted_functions():
    """Full names of the functions that are trusted besides NumPy's and SciPy's ufuncs.

    Returns
    -------
    names : frozenset of str
        The metrics that scorers have are among them.
    """
    # Named as skops names them.
    skops = import_optional("skops.io._trusted_types", extra="save")
    metrics = (get_scorer(name)._score_func for name in get_scorer_names())
    named = {f"{metric.__module__}.{metric.__name__}" for metric in metrics}
    ufuncs = (*skops.NUMPY_UFUNC_TYPE_NAMES, *skops.SCIPY_UFUNC_TYPE_NAMES)
    return frozenset({*_FUNCTIONS, *named, *ufuncs})


def trusted_types():
    """Full names of all classes and functions that are trusted, sorted."""
    return sorted({*trusted_functions()}.union(*trusted_classes().values()))
