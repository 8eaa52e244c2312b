"""Every public estimator passes every check of scikit-learn, but for those that are named here."""

from unittest import SkipTest

import pytest
from imblearn.utils.estimator_checks import estimator_checks_generator
from sklearn.base import BaseEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold
from sklearn.utils.estimator_checks import parametrize_with_checks
from skorch.callbacks import EarlyStopping
from skorch.dataset import ValidSplit
from test_docstrings import PUBLIC

from sklearn_landslide import (
    LandslideNet,
    LandslideNetCV,
    MRMRSelector,
    PlausibleRange,
    make_landslide_pipeline,
)
from sklearn_landslide.baselines import (
    GAM,
    FrequencyRatio,
    InformationValue,
    Slope,
    WeightsOfEvidence,
)
from sklearn_landslide.inspection import UnseenImportance
from sklearn_landslide.mapping import AreaOfApplicability
from sklearn_landslide.over_sampling import FactorSMOTE
from sklearn_landslide.pipeline import LandslidePipeline
from sklearn_landslide.preprocessing import FactorImputer, FactorScaler, RainfallSums
from sklearn_landslide.transfer import PooledRegions, RegionScaler, SourceStacking, TransferNet
from sklearn_landslide.warning import RainfallThreshold


class NamedSplit(ValidSplit):
    """A split without its address in memory in its name, which test runners compare."""

    def __repr__(self):
        return f"ValidSplit({self.cv})"


class NamedStop(EarlyStopping):
    def __repr__(self):
        return f"EarlyStopping(patience={self.patience})"


ESTIMATORS = [
    LandslideNet(),
    # Short fits of few trees: a check fits several, and this many epochs pass where eight do. Each
    # part is switched off in one of them, and the deep path in two more below.
    LandslideNet(
        max_epochs=2,
        n_trees=4,
        n_members=2,
        module__cnn=False,
        module__lstm=False,
        class_weight="balanced",
    ),
    LandslideNet(max_epochs=2, n_trees=4, n_members=2, module__sam=False, module__attention=False),
    LandslideNet(max_epochs=2, n_trees=4, n_members=2, module__wide=False),
    LandslideNet(max_epochs=2, n_members=2, module__memory=False),
    # The straight line is what learns the weights of the classes soonest.
    LandslideNet(max_epochs=3, n_members=2, module__linear=False),
    # Half of its fits stop early.
    LandslideNet(
        max_epochs=8,
        n_trees=4,
        n_members=2,
        module__deep=False,
        train_split=NamedSplit(0.2, stratified=True),
        callbacks=[NamedStop(patience=2)],
    ),
    # Each fit is three. One share to choose: five scores of a fold, and 35 of two.
    LandslideNetCV(
        cv=2, max_epochs=2, n_members=1, n_trees=4, module__deep=False, module__linear_weight=0.45
    ),
    MRMRSelector(),
    MRMRSelector(normalize=False, debias=False, bins="three_states"),
    MRMRSelector(scheme="miq"),
    MRMRSelector(scheme="fcd"),
    MRMRSelector(scheme="fcq"),
    MRMRSelector(scheme="rfcq", random_state=0),
    MRMRSelector(sequences={"rain": [0]}),
    MRMRSelector(sequences={"rain": [0]}, sequence_blocks="judge"),
    PlausibleRange(),
    PlausibleRange({0: (-1, 1)}),
    PlausibleRange({0: (-1, 1)}, action="clip"),
    FactorImputer(),
    FactorImputer(strategy="mean"),
    FactorImputer(sequences={"rain": [0]}),
    FactorScaler(),
    FactorScaler({"rain": [0]}),
    RainfallSums(),
    RainfallSums([1, 2], maximum=False, keep_hours=True),
    RainfallSums(log=True, sequences={"rain": [0]}),
    RegionScaler(),
    RegionScaler(keep=[0], n_quantiles=5),
    FactorSMOTE(random_state=0),
    FactorSMOTE(random_state=0, sequences={"rain": [0]}),
    TransferNet(target_estimator=LogisticRegression()),
    SourceStacking(),
    PooledRegions(),
    UnseenImportance(LogisticRegression(), cv=2, n_repeats=1),
    UnseenImportance(LogisticRegression(), cv=2, n_repeats=1, conditional=True),
    FrequencyRatio(),
    InformationValue(binning="natural_breaks", n_bins=5),
    WeightsOfEvidence(),
    WeightsOfEvidence(calibrate=False),
    GAM(),
    GAM(penalty=1.0),
    # Arrays have no names by which a slope is found.
    Slope(factors=[0, 1]),
    RainfallThreshold(n_bootstrap=20),
    RainfallThreshold("antecedent", residuals="normal", n_bootstrap=0),
    AreaOfApplicability(),
    AreaOfApplicability(cv=KFold(3)),
    LandslidePipeline([("scale", FactorScaler()), ("model", LogisticRegression())]),
    # One check has three rows of a class, and SMOTE's default needs six. Without the step that
    # codes categories, whose name holds an address.
    make_landslide_pipeline(
        LogisticRegression(), resample=FactorSMOTE(k_neighbors=1, random_state=0), encode=False
    ),
    make_landslide_pipeline(
        LogisticRegression(), resample=None, encode=False, sequences={"rain": [0]}
    ),
]
# What cannot hold: as in every pipeline, of scikit-learn and imbalanced-learn, `steps` holds the
# fitted steps after fit. These two checks want it as it was before.
FAIL_IN_PIPELINES = {"check_dont_overwrite_parameters", "check_estimators_overwrite_params"}


@parametrize_with_checks(ESTIMATORS)
def test_scikit_learn_check(estimator, check):
    if isinstance(estimator, LandslidePipeline) and check.func.__name__ in FAIL_IN_PIPELINES:
        with pytest.raises(AssertionError, match=r"parameter steps|steps changed$"):
            check(estimator)
        return
    try:
        check(estimator)
    except SkipTest as skipped:
        pytest.fail(f"skipped: {skipped}")


# imblearn's own parametrize_with_checks hands pytest a generator, which pytest 9 deprecates.
@pytest.mark.parametrize(
    ("estimator", "check"),
    list(estimator_checks_generator(FactorSMOTE(random_state=0))),
    ids=lambda value: value.func.__name__ if hasattr(value, "func") else None,
)
def test_imbalanced_learn_check(estimator, check):
    check(estimator)


def test_no_public_estimator_is_left_out():
    public = {
        thing
        for thing in PUBLIC.values()
        if isinstance(thing, type) and issubclass(thing, BaseEstimator)
    }
    assert public == {type(estimator) for estimator in ESTIMATORS}
