"""LandslideNet passes every check of scikit-learn, by default and in variants."""

from sklearn.utils.estimator_checks import parametrize_with_checks
from skorch.callbacks import EarlyStopping
from skorch.dataset import ValidSplit

from sklearn_landslide import LandslideNet


class NamedSplit(ValidSplit):
    """A split without its address in memory in its name, which test runners compare."""

    def __repr__(self):
        return f"ValidSplit({self.cv})"


class NamedStop(EarlyStopping):
    def __repr__(self):
        return f"EarlyStopping(patience={self.patience})"


VARIANTS = [
    LandslideNet(),
    LandslideNet(class_weight="balanced"),
    LandslideNet(module__cnn=False),
    LandslideNet(module__sam=False),
    LandslideNet(module__lstm=False),
    LandslideNet(module__attention=False),
    LandslideNet(module__wide=False),
    LandslideNet(module__deep=False),
    LandslideNet(train_split=NamedSplit(0.2, stratified=True), callbacks=[NamedStop(patience=10)]),
]


@parametrize_with_checks(VARIANTS)
def test_scikit_learn_check(estimator, check):
    check(estimator)
