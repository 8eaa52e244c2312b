"""skorch's own tests of its net and its classifier, run against LandslideNet.

They are taken from the installed skorch. The constructor's defaults are set to skorch's, which its
tests count on, and its two callbacks that they look for come last; all else is LandslideNet.
"""

import sys
from types import ModuleType

import numpy as np
import pytest
import skorch
import torch
from skorch.callbacks import EpochScoring, PrintLog
from skorch.dataset import ValidSplit

from sklearn_landslide import LandslideNet
from sklearn_landslide._random_state import draw_seeds
from sklearn_landslide.nn import _scikit_net

if not skorch.__version__.startswith("1.4."):
    pytest.skip("the list below is that of skorch 1.4", allow_module_level=True)
with pytest.MonkeyPatch.context() as patch:
    if "flaky" not in sys.modules:
        # skorch repeats one test with it, which passes at once.
        stand_in = ModuleType("flaky")
        stand_in.flaky = lambda **options: lambda test: test
        patch.setitem(sys.modules, "flaky", stand_in)
    conftest = pytest.importorskip(
        "skorch.tests.conftest", reason="this skorch is installed without its tests"
    )
    from skorch.tests import test_classifier, test_net

pytestmark = pytest.mark.filterwarnings("ignore")

classifier_module = conftest.classifier_module
classifier_data = conftest.classifier_data
multiouput_module = conftest.multiouput_module

# Why a test cannot hold: every test named here fails, and every other one passes.
CANNOT_HOLD = {
    "keyword arguments of fit other than groups are refused, epochs among them": [
        "test_train_net_after_copy[pickle]",
        "test_train_net_after_copy[copy.deepcopy]",
        "test_fit_params_passed_to_module",
        "test_fit_params_passed_to_module_in_pipeline",
        "test_fit_params_passed_to_train_split",
        "test_data_dict_and_fit_params",
        "test_data_dict_and_fit_params_conflicting_names_raises",
        "test_fit_with_extra_params_and_routing",
        "test_partial_fit_with_extra_params_and_routing",
        "test_fit_with_extra_params_does_not_break_valid_split",
        "test_backward_compat_fit_params_to_train_split",
    ],
    "Python's own words refuse an argument that is not there": [
        "test_undeclared_param_rejected_by_routing"
    ],
    "a prediction has batches of a size of its own, larger than those of the training": [
        "test_callback_is_called[on_batch_begin-90]",
        "test_callback_is_called[on_batch_end-90]",
        "test_multioutput_forward_iter",
        "test_batch_size_neg_1_uses_whole_dataset[net_kwargs0-800-200]",
        "test_batch_size_neg_1_uses_whole_dataset[net_kwargs1-800-128]",
        "test_batch_count[40]",
        "test_batch_count[100]",
        "test_predict_nonlinearity_called_with_predict",
        "test_predict_nonlinearity_called_with_predict_proba",
    ],
    "a callback is copied before it is used, as scikit-learn does with what is passed in": [
        "test_callback_same_inferred_name_twice"
    ],
    "the default callbacks are others": ["test_callback_keeps_order"],
    "the default callbacks read and set the optimizer's groups, which a Mock does not have": [
        f"test_gradient_accumulation[{steps}]" for steps in (1, 2, 3, 5, 10)
    ],
    "history is not a parameter": ["test_initializing_net_with_custom_history"],
    "a second fit builds again without a message": ["test_message_fit_with_initialized_net"],
    "set_params only stores before a fit": [
        "test_setting_callback_to_none_and_more_params_later_raises"
    ],
    "the representation is scikit-learn's": [
        "test_repr_uninitialized_works",
        "test_repr_initialized_works",
        "test_repr_fitted_works",
    ],
    "a dataset is read once, as a table, and checked": ["test_predefined_split"],
    "dataset must be a class, since an instance would take the place of what is passed to fit": [
        "test_net_initialized_with_initalized_dataset_and_kwargs_raises"
    ],
    "labels are one for each row": [
        "test_net_variable_prediction_lengths",
        "test_net_variable_label_lengths",
    ],
    "labels must be among classes, which must hold two or more": [
        "test_pass_classes_explicitly_overrides",
        "test_pass_empty_classes_raises[classes0]",
        "test_pass_empty_classes_raises[classes1]",
    ],
    "the classes are read from any dataset": ["test_error_when_classes_could_not_be_inferred"],
    "a device that does not exist is refused at once": [
        "test_moving_custom_modules_to_device",
        "test_set_params_on_custom_module_preserves_its_device",
    ],
    "sparse tables are refused, as scikit-learn's estimators without support for them do": [
        "test_fit_sparse_csr_learns"
    ],
}
NOT_RUN = {
    "skorch does not install the file that it reads": [
        "test_pickle_load",
        "test_load_cuda_params_to_cpu",
    ],
    "a fifth of the time of all; test_skorch_traps.py searches a grid too": [
        "test_grid_search_works",
    ],
    "compiles for a minute; the tests beside it show what is compiled, and when": [
        "test_fit_and_predict_with_compile",
        "test_binary_classifier_with_compile",
    ],
    "LBFGS without a line search diverges from some first weights, and the net draws its own": [
        "test_fit_lbfgs_optimizer",
    ],
    "two nets begin with other weights there, and all nets have one seed here": [
        "test_save_load_state_dict_custom_module",
    ],
}
REASONS = {name: reason for reason, names in CANNOT_HOLD.items() for name in names}


class NeuralNetClassifier(LandslideNet):
    """LandslideNet with skorch's defaults, by the name that skorch's messages have."""

    def __init__(
        self,
        module,
        *args,
        criterion=torch.nn.NLLLoss,
        optimizer=torch.optim.SGD,
        lr=0.01,
        max_epochs=10,
        batch_size=128,
        train_split=ValidSplit(5, stratified=True),  # noqa: B008
        verbose=1,
        **kwargs,
    ):
        own = {"criterion": criterion, "optimizer": optimizer, "train_split": train_split}
        own |= {"lr": lr, "max_epochs": max_epochs, "batch_size": batch_size, "verbose": verbose}
        super().__init__(module, *args, **own, **kwargs)

    @property
    def _default_callbacks(self):
        accuracy = EpochScoring("accuracy", name="valid_acc", lower_is_better=False)
        return [
            *super()._default_callbacks,
            ("valid_acc", accuracy),
            ("print_log", PrintLog()),
        ]


@pytest.fixture(scope="module", autouse=True)
def in_skorchs_place():
    """skorch's fixtures import the class when they run, and fix the seeds of the process.

    The net does not look at these, so its own are fixed too.
    """
    before = np.random.get_state()  # noqa: NPY002
    with pytest.MonkeyPatch.context() as patch, torch.random.fork_rng():
        patch.setattr(skorch, "NeuralNetClassifier", NeuralNetClassifier)
        patch.setattr(
            _scikit_net,
            "draw_seeds",
            lambda state, n_seeds: draw_seeds(0 if state is None else state, n_seeds),
        )
        yield
    np.random.set_state(before)  # noqa: NPY002


@pytest.fixture(autouse=True)
def expectation(request, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    torch.manual_seed(0)
    np.random.seed(0)  # noqa: NPY002
    if reason := REASONS.get(request.node.name):
        request.applymarker(pytest.mark.xfail(strict=True, reason=reason))


def without_those_not_run(tests):
    for reason, names in NOT_RUN.items():

        @pytest.mark.skip(reason=reason)
        def test(self):
            """Stand in for one that is not run."""

        # In one order, as processes that share the tests must find them alike.
        for name in sorted(set(names) & set(dir(tests))):
            setattr(tests, name, test)
    return tests


@without_those_not_run
class TestNet(test_net.TestNeuralNet):
    pass


class TestSparseInput(test_net.TestNetSparseInput):
    pass


class TestTrimForPrediction(test_net.TestTrimForPrediction):
    pass


@without_those_not_run
class TestTorchCompile(test_net.TestTorchCompile):
    pass


class TestMetadataRouting(test_net.TestMetadataRouting):
    pass


class TestClassifier(test_classifier.TestNeuralNet):
    pass


def test_the_lists_name_tests_that_are_there():
    classes = [TestNet, TestSparseInput, TestTorchCompile, TestMetadataRouting, TestClassifier]
    there = {name for tests in classes for name in dir(tests)}
    listed = {name.split("[")[0] for name in REASONS}
    assert listed | {name for names in NOT_RUN.values() for name in names} <= there
