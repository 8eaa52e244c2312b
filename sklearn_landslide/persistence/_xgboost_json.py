"""The trees of XGBoost as JSON: taken from a model, and checked number by number."""

import json
import math
import re

import numpy as np

from sklearn_landslide._tree_arrays import check_branches, check_factors
from sklearn_landslide.persistence._json_facts import (
    floats_of,
    is_whole,
    known,
    sound,
    texts_of,
    wholes_of,
)

_BINARY, _SEVERAL = "binary:logistic", "multi:softprob"
_FLOATS = ("base_weights", "loss_changes", "split_conditions", "sum_hessian")
_WHOLES = ("left_children", "right_children", "parents", "split_indices", "default_left")
_NO_CATEGORIES = ("categories", "categories_nodes", "categories_segments", "categories_sizes")
_NUMBER = r"-?\d+(\.\d+)?([eE][-+]?\d+)?"
_BASE = re.compile(rf"\[{_NUMBER}(,{_NUMBER})*\]|{_NUMBER}")
# Where a node without a parent has its parent.
_NOWHERE = 2**31 - 1
_TYPES = ("float", "int", "i", "q")


def check_xgboost_params(params):
    """Raise if a model with these parameters would have parts that are not kept."""
    for name, usual in (("booster", (None, "gbtree")), ("enable_categorical", (False, None))):
        if params.get(name, usual[0]) not in usual:
            raise TypeError(f"an XGBClassifier with {name}={params[name]!r} is not kept in a file")
    if params.get("objective") not in (None, _BINARY, _SEVERAL, "multi:softmax"):
        raise TypeError(f"an XGBClassifier for {params['objective']!r} is not kept in a file")


def xgboost_json(model):
    """Return the JSON of a fitted XGBClassifier as XGBoost writes it."""
    return json.loads(bytes(model.get_booster().save_raw("json")))


def _tree(plain, number, n_factors):
    """Check a tree, and return what of it is read."""
    n_nodes = len(plain["left_children"])
    wholes = {name: wholes_of(plain[name], n_nodes) for name in _WHOLES}
    floats = {name: floats_of(plain[name], n_nodes) for name in _FLOATS}
    left, right = wholes["left_children"], wholes["right_children"]
    is_leaf = left == -1
    sound(np.array_equal(is_leaf, right == -1), "a tree has nodes of one branch")
    check_branches(left, right, is_leaf)
    check_factors(wholes["split_indices"], n_factors)
    sound(np.isin(wholes["default_left"], (0, 1)).all(), "a tree has directions that are none")
    sound(not wholes_of(plain["split_type"], n_nodes).any(), "a tree asks for categories")
    for name in _NO_CATEGORIES:
        sound(plain[name] == [], "a tree asks for categories")
    parents = np.full(n_nodes, _NOWHERE)
    inner = np.flatnonzero(~is_leaf)
    parents[left[inner]] = parents[right[inner]] = inner
    wholes["parents"] = parents
    sound(plain["tree_param"]["size_leaf_vector"] in ("0", "1"), "a tree has leaves of several")
    return (
        {name: values.tolist() for name, values in (wholes | floats).items()}
        | {name: [] for name in _NO_CATEGORIES}
        | {"id": number, "split_type": [0] * n_nodes}
        | {
            "tree_param": {
                "num_deleted": "0",
                "num_feature": str(n_factors),
                "num_nodes": str(n_nodes),
                "size_leaf_vector": plain["tree_param"]["size_leaf_vector"],
            }
        }
    )


def _objective(plain, n_classes):
    """Check what the model is for, and return it."""
    if n_classes:
        sound(plain["name"] == _SEVERAL, "boosted trees are for something else than classes")
        return {"name": _SEVERAL, "softmax_multiclass_param": {"num_class": str(n_classes)}}
    sound(plain["name"] == _BINARY, "boosted trees are for something else than classes")
    weight = float(plain["reg_loss_param"]["scale_pos_weight"])
    sound(math.isfinite(weight) and weight > 0, "boosted trees have weights that are none")
    return {
        "name": _BINARY,
        "reg_loss_param": {"scale_pos_weight": plain["reg_loss_param"]["scale_pos_weight"]},
    }


def checked_xgboost(plain):
    """Check the JSON of a model, and write what is sound of it again.

    Parameters
    ----------
    plain : dict
        Of `xgboost_json`, or anything else.

    Returns
    -------
    checked : dict
        For XGBoost to read.
    n_classes : int
        Number of classes.

    Raises
    ------
    ValueError
        If a number does not fit the rest; a KeyError or TypeError, if something is missing.
    """
    learner = plain["learner"]
    known(plain, "learner", "version")
    version = wholes_of(plain["version"], 3)
    sound(np.all((version >= 0) & (version < 1000)), "boosted trees are of no version")
    said, booster = learner["learner_model_param"], learner["gradient_booster"]
    n_factors, n_classes = is_whole(said["num_feature"]), is_whole(said["num_class"])
    sound(0 < n_factors < 2**20 and n_classes < 2**10, "boosted trees have too many factors")
    sound(is_whole(said.get("num_target", "1")) == 1, "boosted trees have several answers")
    sound(booster["name"] == "gbtree", "boosted trees are of another kind")
    model, n_each = booster["model"], max(1, n_classes)
    base = said["base_score"]
    sound(isinstance(base, str) and _BASE.fullmatch(base), "boosted trees begin at no number")
    first = [float(number) for number in base.strip("[]").split(",")]
    sound(np.isfinite(first).all() and len(first) in (1, n_each), "boosted trees begin nowhere")
    sound(n_classes or 0 < first[0] < 1, "boosted trees begin at no probability")
    n_parallel = is_whole(model["gbtree_model_param"]["num_parallel_tree"])
    n_trees, n_round = len(model["trees"]), n_each * n_parallel
    sound(n_parallel > 0 and n_trees % n_round == 0, "boosted trees have lost trees")
    classes = wholes_of(model["tree_info"], n_trees)
    sound(np.all((classes >= 0) & (classes < n_each)), "boosted trees are of unknown classes")
    trees = [_tree(tree, number, n_factors) for number, tree in enumerate(model["trees"])]
    inner = {
        "gbtree_model_param": {"num_parallel_tree": str(n_parallel), "num_trees": str(n_trees)},
        "iteration_indptr": list(range(0, n_trees + 1, n_round)),
        "tree_info": classes.tolist(),
        "trees": trees,
    }
    if "cats" in model:
        inner["cats"] = {"enc": [], "feature_segments": [], "sorted_idx": []}
        sound(model["cats"] == inner["cats"], "boosted trees ask for categories")
    attributes = {}
    if "best_iteration" in learner["attributes"]:
        best = is_whole(learner["attributes"]["best_iteration"])
        sound(best < n_trees // n_round, "boosted trees have lost trees")
        attributes["best_iteration"] = str(best)
    checked = {
        "attributes": attributes,
        "feature_names": texts_of(learner["feature_names"], (0, n_factors)),
        "feature_types": texts_of(learner["feature_types"], (0, n_factors), _TYPES),
        "gradient_booster": {"model": inner, "name": "gbtree"},
        "learner_model_param": {
            "base_score": base,
            "boost_from_average": "1",
            "num_class": str(n_classes),
            "num_feature": str(n_factors),
            "num_target": "1",
        },
        "objective": _objective(learner["objective"], n_classes),
    }
    return {"learner": checked, "version": version.tolist()}, n_classes or 2
