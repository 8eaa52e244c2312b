"""Boosted trees of other packages in a file: in their own text, every number of it checked.

The text that a package reads back is written again from what was found sound, so nothing else of a
file reaches the package, whose compiled code follows the numbers of trees without looking.
"""

import json
import os
import sys
import tempfile
from contextlib import contextmanager

import numpy as np
from sklearn.preprocessing import LabelEncoder

from sklearn_landslide.persistence._catboost_json import (
    catboost_json,
    check_catboost_params,
    checked_catboost,
)
from sklearn_landslide.persistence._json_facts import check_depth
from sklearn_landslide.persistence._lightgbm_text import (
    check_lightgbm_params,
    checked_lightgbm,
)
from sklearn_landslide.persistence._stand_in import StandIn
from sklearn_landslide.persistence._xgboost_json import (
    check_xgboost_params,
    checked_xgboost,
    xgboost_json,
)

_MOST_THREADS = 1024
_THREADS = ("n_jobs", "thread_count")


class MissingPackage(ImportError):
    """A package that a model in a file is of, and that is not installed."""


@contextmanager
def _named(package):
    """Say which package is missing, if it is."""
    try:
        yield
    except ImportError as error:
        raise MissingPackage(
            f"the model is one of {package}, which is not installed: pip install {package}"
        ) from error


def _check_params(params):
    """Raise unless parameters are plain, and do not ask for more threads than there may be."""
    waiting = [params]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            waiting.extend([*value, *value.values()])
        elif isinstance(value, list | tuple):
            waiting.extend(value)
        elif not (value is None or isinstance(value, str | int | float | np.number | np.bool_)):
            raise ValueError("a parameter of boosted trees is none that a file can hold")
    for name in _THREADS:
        number = params.get(name)
        if number is not None and not (isinstance(number, int) and number <= _MOST_THREADS):
            raise ValueError("boosted trees ask for more threads than there are")


def _as_text(content):
    return np.asarray(content, dtype=np.uint8).tobytes().decode()


def _read(content):
    """Parse JSON that was kept as an array of bytes."""
    text = np.asarray(content, dtype=np.uint8).tobytes()
    check_depth(text)
    return json.loads(text)


def _as_bytes(plain):
    return np.frombuffer(json.dumps(plain).encode(), dtype=np.uint8)


class _StoredBoosting(StandIn):
    """A classifier of boosted trees: its parameters, and its content once it is fitted.

    A subclass names `package` and `classifier`, imports the package in `imported`, and says how a
    fitted model becomes content (`content_of`) and content a fitted model again (`fill`).
    """

    def __new__(cls, params, content):
        _check_params(params)
        with _named(cls.package):
            package = cls.imported()
        model = getattr(package, cls.classifier)(**params)
        if content is not None:
            cls.fill(package, model, params, content)
        return model

    @classmethod
    def arguments_of(cls, model):
        """Take a model apart."""
        params = model.get_params(deep=False)
        cls.check_params(params)
        try:
            _check_params(params)
            return params, cls.content_of(model)
        except (ValueError, KeyError) as error:
            raise TypeError(f"{type(model).__name__}: {error}") from error


class StoredXGBoost(_StoredBoosting):
    """An XGBClassifier."""

    package, classifier = "xgboost", "XGBClassifier"
    check_params = staticmethod(check_xgboost_params)

    @staticmethod
    def imported():
        """Import the package."""
        import xgboost

        return xgboost

    @staticmethod
    def fill(xgboost, model, params, content):
        """Make a model the fitted one."""
        checked, n_classes = checked_xgboost(_read(content))
        booster = xgboost.Booster({"nthread": model.n_jobs})
        booster.load_model(bytearray(json.dumps(checked), "utf-8"))
        model._Booster, model.n_classes_ = booster, n_classes

    @staticmethod
    def content_of(model):
        """Return the JSON of a fitted model; None for one that is not."""
        if not hasattr(model, "_Booster"):
            return None
        plain = xgboost_json(model)
        checked_xgboost(plain)
        return _as_bytes(plain)


class StoredCatBoost(_StoredBoosting):
    """A CatBoostClassifier."""

    package, classifier = "catboost", "CatBoostClassifier"
    check_params = staticmethod(check_catboost_params)

    @staticmethod
    def imported():
        """Import the package."""
        import catboost

        return catboost

    @staticmethod
    def fill(catboost, model, params, content):
        """Make a model the fitted one."""
        checked = checked_catboost(_read(content))
        with tempfile.TemporaryDirectory() as home:
            path = os.path.join(home, "model.json")
            with open(path, "x", encoding="utf-8") as file:
                json.dump(checked, file)
            model.load_model(path, format="json")
        # Its reader of JSON rounds.
        leaves = [leaf for tree in checked["oblivious_trees"] for leaf in tree["leaf_values"]]
        model.set_leaf_values(np.array(leaves))
        scale, bias = checked["scale_and_bias"]
        model.set_scale_and_bias(scale, bias if len(bias) > 1 else bias[0])
        model._init_params = dict(params)
        model._n_features_in = len(checked["features_info"]["float_features"])

    @staticmethod
    def content_of(model):
        """Return the JSON of a fitted model; None for one that is not."""
        if not model.is_fitted():
            return None
        with tempfile.TemporaryDirectory() as home:
            path = os.path.join(home, "model.json")
            model.save_model(path, format="json")
            with open(path, encoding="utf-8") as file:
                plain = catboost_json(model, json.load(file))
        checked_catboost(plain)
        return _as_bytes(plain)


class StoredLightGBM(_StoredBoosting):
    """An LGBMClassifier."""

    package, classifier = "lightgbm", "LGBMClassifier"
    check_params = staticmethod(check_lightgbm_params)

    @staticmethod
    def imported():
        """Import the package."""
        import lightgbm

        return lightgbm

    @staticmethod
    def fill(lightgbm, model, params, content):
        """Make a model the fitted one."""
        classes = content["classes"]
        checked, n_classes, n_factors = checked_lightgbm(_as_text(content["trees"]))
        encoder = LabelEncoder().fit(classes)
        if np.ndim(classes) != 1 or not np.array_equal(encoder.classes_, classes):
            raise ValueError("boosted trees have classes out of order")
        if len(classes) != n_classes:
            raise ValueError("boosted trees have lost classes")
        # As its fit leaves it.
        model._Booster = lightgbm.Booster(model_str=checked)
        model._le, model._classes, model._n_classes = encoder, encoder.classes_, n_classes
        model._class_map = dict(zip(classes.tolist(), range(n_classes), strict=True))
        model._n_features = model._n_features_in = n_factors
        model._objective = "binary" if n_classes == 2 else "multiclass"
        model._fitted_with_feature_names = bool(content["has_names"])
        model._best_iteration, model._best_score, model._evals_result = 0, {}, {}
        model._class_weight, model.fitted_ = model.class_weight, True

    @staticmethod
    def content_of(model):
        """Return the text and the classes of a fitted model; None for one that is not."""
        if not model.__sklearn_is_fitted__():
            return None
        text = model.booster_.model_to_string()
        checked_lightgbm(text)
        return {
            "trees": np.frombuffer(text.encode(), dtype=np.uint8),
            "classes": np.array(model.classes_),
            "has_names": bool(getattr(model, "_fitted_with_feature_names", False)),
        }


OF_PACKAGES = (StoredXGBoost, StoredCatBoost, StoredLightGBM)


def boosted_kinds():
    """Return the classifiers of packages that were imported, each with its stand-in."""
    return {
        getattr(sys.modules[stored.package], stored.classifier): stored
        for stored in OF_PACKAGES
        if stored.package in sys.modules
    }
