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
    # torch is loaded here, and only where the networks are wanted.
    from sklearn_landslide.nn import LandslideNet

    only_convolutions = {
        "module__sam": False,
        "module__lstm": False,
        "module__attention": False,
        "module__wide": False,
        "module__linear": False,
        "module__memory": False,
        "n_members": 1,
    }
    # SMOTE appends its rows, so folds in the order of the rows would be unlike each other.
    folds = StratifiedKFold(3, shuffle=True, random_state=random_state)
    return {
        "LandslideNet": LandslideNet(random_state=random_state),
        "RF": RandomForestClassifier(300, random_state=random_state),
        "SVM": CalibratedClassifierCV(SVC(), ensemble=False, cv=folds),
        "LR": LogisticRegression(max_iter=1000),
        "CNN": LandslideNet(random_state=random_state, **only_convolutions),
    }


def all_models(random_state=None):
    """Return every model that has a name on the command line, unfitted.

    Parameters
    ----------
    random_state : int or None, default=None
        Seed of each model that draws random numbers.

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
    models = {
        **default_models(random_state),
        "FR": FrequencyRatio(),
        "IV": InformationValue(),
        "WoE": WeightsOfEvidence(),
        "GAM": GAM(),
        "Slope": Slope(),
        "Threshold": RainfallThreshold(n_bootstrap=0),
        "ExtraTrees": ExtraTreesClassifier(300, random_state=random_state),
        "HistGB": HistGradientBoostingClassifier(
            max_iter=200, learning_rate=0.05, random_state=random_state
        ),
    }
    boosting = {"catboost": _catboost, "xgboost": _xgboost, "lightgbm": _lightgbm}
    for package, make in boosting.items():
        if find_spec(package):
            name, model = make(random_state)
            models[name] = model
    return models


# One thread each: folds are fitted at the same time.
def _catboost(random_state):
    from catboost import CatBoostClassifier

    return "CatBoost", CatBoostClassifier(
        iterations=500,
        random_seed=random_state,
        verbose=0,
        allow_writing_files=False,
        thread_count=1,
    )


def _xgboost(random_state):
    from xgboost import XGBClassifier

    return "XGBoost", XGBClassifier(
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

    return "LightGBM", LGBMClassifier(
        n_estimators=300, learning_rate=0.05, random_state=random_state, n_jobs=1, verbose=-1
    )
