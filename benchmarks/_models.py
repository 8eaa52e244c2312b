"""The models of the benchmarks, each by the name that the tables print."""

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

from sklearn_landslide import LandslideNet, LandslideNetCV
from sklearn_landslide.baselines import (
    GAM,
    FrequencyRatio,
    InformationValue,
    Slope,
    WeightsOfEvidence,
)
from sklearn_landslide.model_selection import SpatialBlockKFold


def catboost(seed, iterations=500):
    from catboost import CatBoostClassifier

    return CatBoostClassifier(
        iterations=iterations,
        random_seed=seed,
        verbose=0,
        allow_writing_files=False,
        thread_count=1,
    )


def xgboost(seed):
    from xgboost import XGBClassifier

    return XGBClassifier(
        n_estimators=300,
        learning_rate=0.05,
        max_depth=5,
        subsample=0.8,
        colsample_bytree=0.8,
        random_state=seed,
        n_jobs=1,
    )


MODELS = {
    "LandslideNet": lambda seed: LandslideNet(random_state=seed),
    "Wide MLP": lambda seed: LandslideNet(
        random_state=seed,
        module__deep=False,
        module__linear=False,
        module__memory=False,
    ),
    "LR": lambda seed: LogisticRegression(max_iter=2000),
    "SVM": lambda seed: CalibratedClassifierCV(SVC(), ensemble=False, cv=3),
    "RF": lambda seed: RandomForestClassifier(500, random_state=seed, n_jobs=1),
    "ExtraTrees": lambda seed: ExtraTreesClassifier(500, random_state=seed, n_jobs=1),
    "HistGB": lambda seed: HistGradientBoostingClassifier(
        max_iter=200, learning_rate=0.05, random_state=seed
    ),
}
if find_spec("catboost"):
    MODELS["CatBoost"] = catboost
if find_spec("xgboost"):
    MODELS["XGBoost"] = xgboost

# What maps were made with before, and what slope and relief alone can do.
BASELINES = {
    "FR": lambda seed: FrequencyRatio(),
    "IV": lambda seed: InformationValue(),
    "WoE": lambda seed: WeightsOfEvidence(),
    "GAM": lambda seed: GAM(),
    "Slope": lambda seed: Slope(),
}

# Chooses its shares on folds of the training rows, of the kind that tests it; six fits for one.
CHOOSING = "LandslideNetCV"


def build(name, seed, *, table, split, train):
    """Build a model for the training rows of a fold."""
    if name != CHOOSING:
        return (MODELS | BASELINES)[name](seed)
    if split == "spatial":
        cv = SpatialBlockKFold(table.coordinates.iloc[train], 5, random_state=seed)
    else:
        cv = StratifiedKFold(5, shuffle=True, random_state=seed)
    return LandslideNetCV(cv=cv, random_state=seed)
