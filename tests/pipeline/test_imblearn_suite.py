"""imbalanced-learn's own tests of its pipeline, run with ours in its place."""

import importlib.util
import sys
from unittest import mock

import pytest
from imblearn import pipeline as imblearn_pipeline
from sklearn.pipeline import _name_estimators

from sklearn_landslide.pipeline import LandslidePipeline

SUITE = "imblearn.tests.test_pipeline"
_PARAMS = "it compares get_params with the parameters of imbalanced-learn's pipeline alone"
_NOT_FITTED = "NotFittedError is raised already, which imbalanced-learn announces for 0.15"
CANNOT_HOLD = {
    "test_set_pipeline_step_passthrough[None]": _PARAMS,
    "test_set_pipeline_step_passthrough[passthrough]": _PARAMS,
    "test_pipeline_param_error": "fit takes sample_weight, and hands it to the model",
    "test_pipeline_param_validation": "it looks for the class's name, 'Pipeline', in messages",
    "test_pipeline_warns_not_fitted[predict]": _NOT_FITTED,
    "test_pipeline_warns_not_fitted[predict_proba]": _NOT_FITTED,
    "test_pipeline_warns_not_fitted[predict_log_proba]": _NOT_FITTED,
}


def make_pipeline(*steps, **params):
    return LandslidePipeline(_name_estimators(steps), **params)


def load_suite():
    """Tests of the suite by name, with our pipeline wherever it says Pipeline."""
    try:
        spec = importlib.util.find_spec(SUITE)
    except ModuleNotFoundError:
        spec = None
    if spec is None:
        pytest.skip("imbalanced-learn is installed without its tests", allow_module_level=True)
    module = importlib.util.module_from_spec(spec)
    # A cache of steps finds its classes by their module.
    sys.modules[SUITE] = module
    # Some tests are parametrized with pipelines, so it must be exchanged before they are read.
    with mock.patch.multiple(
        imblearn_pipeline, Pipeline=LandslidePipeline, make_pipeline=make_pipeline
    ):
        spec.loader.exec_module(module)
    assert module.Pipeline is LandslidePipeline
    tests = {name: test for name, test in vars(module).items() if name.startswith("test_")}
    for test in tests.values():
        test.pytestmark = [with_list(mark) for mark in getattr(test, "pytestmark", [])]
    return tests


def with_list(mark):
    """A generator of parameters, which pytest no longer likes, as a list."""
    if mark.name != "parametrize":
        return mark
    names, values, *rest = mark.args
    return pytest.mark.parametrize(names, list(values), *rest, **mark.kwargs).mark


# Warnings are the suite's own business.
pytestmark = pytest.mark.filterwarnings("ignore")
SUITE_TESTS = load_suite()
globals().update(SUITE_TESTS)


@pytest.fixture(autouse=True)
def expect_what_cannot_hold(request):
    if reason := CANNOT_HOLD.get(request.node.name):
        request.applymarker(pytest.mark.xfail(strict=True, reason=reason))


def test_the_suite_was_found(request):
    names = {item.name for item in request.session.items if item.path == request.path}
    assert len(SUITE_TESTS) > 50
    if len(names) > len(SUITE_TESTS):
        assert set(CANNOT_HOLD) <= names
