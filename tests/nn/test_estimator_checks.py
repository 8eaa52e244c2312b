"""LandslideNet passes every check of scikit-learn, by default and in variants."""

from sklearn.utils.estimator_checks import parametrize_with_checks
from skorch.callbacks import EarlyStopping
from skorch.dataset import ValidSplit

from sklearn_landslide import LandslideNet

VARIANTS = [
    LandslideNet(),
    LandslideNet(class_weight="balanced"),
    LandslideNet(module__cnn=False),
    LandslideNet(module__sam=False),
    LandslideNet(module__lstm=False),
    LandslideNet(module__attention=False),
    LandslideNet(module__wide=False),
    LandslideNet(module__deep=False),
    LandslideNet(
        train_split=ValidSplit(0.2, stratified=True), callbacks=[EarlyStopping(patience=10)]
    ),
]


@parametrize_with_checks(VARIANTS)
def test_scikit_learn_check(estimator, check):
    check(estimator)
