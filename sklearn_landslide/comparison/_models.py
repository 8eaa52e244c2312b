"""The models that a comparison takes when it is given none, and all that have a name."""

from importlib.util import find_spec

from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import (
    ExtraTreesClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.svm import SVC

from sklearn_landslide.baselines import (
    GAM,
    FrequencyRatio,
    InformationValue,
    Slope,
    WeightsOfEvidence,
)
from sklearn_landslide.warning import RainfallThreshold


def default_models(random_state=None):
    """Return the five models of the paper's Table 3, unfitted.

    Parameters
    ----------
    random_state : int or None, default=None
        Seed of each model.

    Returns
    -------
    models : dict of str to classifier
        ``"LandslideNet"``; ``"RF"``, a random forest of 300 trees; ``"SVM"``, a support vector
        machine with RBF kernel; ``"LR"``, logistic regression; ``"CNN"``, LandslideNet with its
        convolutions only.

    Notes
    -----
    A support vector machine does not give probabilities itself. They come from a logistic curve
    over its decision values, fitted on 3 internal folds. The curve does not change the order of
    the places, so it changes neither ROC-AUC nor PR-AUC.

    Examples
    --------
    >>> from sklearn_landslide.comparison import default_models
    >>> list(default_models(random_state=0))
    ['LandslideNet', 'RF', 'SVM', 'LR', 'CNN']
    """
    return {name: _MAKERS[name](random_state) for name in _DEFAULT}


def all_models(random_state=None, names=None):
    """Return every model that has a name on the command line, unfitted.

    Parameters
    ----------
    random_state : int or None, default=None
        Seed of each model that draws random numbers.
    names : iterable of str or None, default=None
        Return only these, in this order. Libraries of the others are not loaded.

    Returns
    -------
    models : dict of str to classifier
        The five of :func:`default_models`; then the classical methods: ``"FR"``,
        :class:`~sklearn_landslide.baselines.FrequencyRatio`; ``"IV"``,
        :class:`~sklearn_landslide.baselines.InformationValue`; ``"WoE"``,
        :class:`~sklearn_landslide.baselines.WeightsOfEvidence`; ``"GAM"``,
        :class:`~sklearn_landslide.baselines.GAM`; ``"Slope"``,
        :class:`~sklearn_landslide.baselines.Slope`, which needs a factor that is slope or relief;
        ``"Threshold"``, :class:`~sklearn_landslide.warning.RainfallThreshold` without samples for
        its uncertainty, which needs hours of rain; then ``"ExtraTrees"``, 300 extremely randomized
        trees, and ``"HistGB"``, boosting on histograms. ``"CatBoost"``, ``"XGBoost"`` and
        ``"LightGBM"`` follow where these packages are installed.

    Examples
    --------
    >>> from sklearn_landslide.comparison import all_models
    >>> list(all_models(random_state=0))[5:13]
    ['FR', 'IV', 'WoE', 'GAM', 'Slope', 'Threshold', 'ExtraTrees', 'HistGB']
    """
    if names is None:
        packages = {"CatBoost": "catboost", "XGBoost": "xgboost", "LightGBM": "lightgbm"}
        names = [name for name in _MAKERS if name not in packages or find_spec(packages[name])]
    return {name: _MAKERS[name](random_state) for name in names}


def _network(random_state):
    # torch is loaded here, and only where the networks are wanted.
    from sklearn_landslide.nn import LandslideNet

    return LandslideNet(random_state=random_state)


def _convolutions(random_state):
    from sklearn_landslide.nn import LandslideNet

    return LandslideNet(
        random_state=random_state,
        module__sam=False,
        module__lstm=False,
        module__attention=False,
        module__wide=False,
        module__linear=False,
        module__memory=False,
        n_members=1,
    )


def _support_vectors(random_state):
    # SMOTE appends its rows, so folds in the order of the rows would be unlike each other.
    folds = StratifiedKFold(3, shuffle=True, random_state=random_state)
    return CalibratedClassifierCV(SVC(), ensemble=False, cv=folds)


# One thread each: folds are fitted at the same time.
def _catboost(random_state):
    from catboost import CatBoostClassifier

    return CatBoostClassifier(
        iterations=500,
        random_seed=random_state,
        verbose=0,
        allow_writing_files=False,
        thread_count=1,
    )


def _xgboost(random_state):
    from xgboost import XGBClassifier

    return XGBClassifier(
        n_estimators=300,
        learning_rate=0.05,
        max_depth=5,
        subsample=0.8,
        colsample_bytree=0.8,
        random_state=random_state,
        n_jobs=1,
    )


def _lightgbm(random_state):
    from lightgbm import LGBMClassifier

    return LGBMClassifier(
        n_estimators=300, learning_rate=0.05, random_state=random_state, n_jobs=1, verbose=-1
    )


# By the names of the command line, in the order in which they are shown.
_MAKERS = {
    "LandslideNet": _network,
    "RF": lambda random_state: RandomForestClassifier(300, random_state=random_state),
    "SVM": _support_vectors,
    "LR": lambda random_state: LogisticRegression(max_iter=1000),
    "CNN": _convolutions,
    "FR": lambda random_state: FrequencyRatio(),
    "IV": lambda random_state: InformationValue(),
    "WoE": lambda random_state: WeightsOfEvidence(),
    "GAM": lambda random_state: GAM(),
    "Slope": lambda random_state: Slope(),
    "Threshold": lambda random_state: RainfallThreshold(n_bootstrap=0),
    "ExtraTrees": lambda random_state: ExtraTreesClassifier(300, random_state=random_state),
    "HistGB": lambda random_state: HistGradientBoostingClassifier(
        max_iter=200, learning_rate=0.05, random_state=random_state
    ),
    "CatBoost": _catboost,
    "XGBoost": _xgboost,
    "LightGBM": _lightgbm,
}
_DEFAULT = ("LandslideNet", "RF", "SVM", "LR", "CNN")
