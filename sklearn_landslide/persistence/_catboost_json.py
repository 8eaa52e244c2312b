"""The trees of CatBoost as JSON: taken from a model, and checked number by number."""

import numpy as np

from sklearn_landslide.persistence._json_facts import floats_of, sound, texts_of, wholes_of

_MOST_LEVELS = 16
_TREATMENTS = ("AsIs", "AsFalse", "AsTrue")
_LOSSES = ("Logloss", "CrossEntropy", "MultiClass")
# What makes trees of another kind, or factors that are not numbers.
_REFUSED = ("cat_features", "text_features", "embedding_features")


def check_catboost_params(params):
    """Raise if a model with these parameters would have parts that are not kept."""
    refused = [name for name in _REFUSED if params.get(name)]
    if params.get("grow_policy") not in (None, "SymmetricTree"):
        refused.append("grow_policy")
    for name in refused:
        raise TypeError(f"a CatBoostClassifier with {name} is not kept in a file")


def catboost_json(model, plain):
    """Return what is kept of a fitted CatBoostClassifier.

    Parameters
    ----------
    model : CatBoostClassifier
        The model.
    plain : dict
        Its JSON, as CatBoost writes it: with rounded numbers.

    Returns
    -------
    plain : dict
        With the numbers of the model itself.
    """
    if list(plain["features_info"]) != ["float_features"] or "oblivious_trees" not in plain:
        raise TypeError("a CatBoostClassifier with categories or other trees is not kept in a file")
    leaves, at = model.get_leaf_values(), 0
    for tree in plain["oblivious_trees"]:
        end = at + len(tree["leaf_values"])
        tree["leaf_values"], at = leaves[at:end].tolist(), end
    scale, bias = model.get_scale_and_bias()
    return {
        "features_info": plain["features_info"],
        "model_info": {
            "class_params": plain["model_info"]["class_params"],
            "params": {"loss_function": plain["model_info"]["params"]["loss_function"]},
        },
        "oblivious_trees": plain["oblivious_trees"],
        "scale_and_bias": [scale, np.atleast_1d(bias).astype(float).tolist()],
    }


def _factor(plain, number):
    """Check the borders of a factor."""
    borders = floats_of(plain["borders"], len(plain["borders"]))
    sound(len(borders) < 2**16 and np.all(np.diff(borders) > 0), "borders are out of order")
    sound(np.all(np.abs(borders) <= np.finfo(np.float32).max), "a border is not a number")
    for name in ("feature_index", "flat_feature_index"):
        sound(plain[name] == number, "factors are out of order")
    sound(isinstance(plain["has_nans"], bool), "a factor has gaps that are none")
    texts_of([plain["nan_value_treatment"]], (1,), _TREATMENTS)
    texts_of([plain["feature_id"]], (1,))
    names = ("feature_id", "has_nans", "nan_value_treatment")
    return {name: plain[name] for name in names} | {
        "borders": borders.tolist(),
        "feature_index": number,
        "flat_feature_index": number,
    }


def _tree(plain, borders, first, n_answers):
    """Check a tree: each level asks for one border of one factor."""
    depth = len(plain["splits"])
    sound(depth <= _MOST_LEVELS, "a tree is too deep")
    splits = []
    for split in plain["splits"]:
        (factor,) = wholes_of([split["float_feature_index"]], 1).tolist()
        sound(0 <= factor < len(borders), "a tree asks for a factor that is not there")
        sound(split["split_type"] == "FloatFeature", "a tree asks for categories")
        where = np.flatnonzero(np.asarray(borders[factor]) == split["border"])
        sound(len(where) == 1, "a tree asks for a border that is not there")
        splits.append(
            {
                "border": borders[factor][where[0]],
                "float_feature_index": factor,
                "split_index": first[factor] + int(where[0]),
                "split_type": "FloatFeature",
            }
        )
    leaves = floats_of(plain["leaf_values"], n_answers * 2**depth)
    weights = floats_of(plain["leaf_weights"], 2**depth)
    return {
        "leaf_values": leaves.tolist(),
        "leaf_weights": weights.tolist(),
        "splits": splits,
    }


def _classes(plain, n_answers):
    """Check the names of the classes."""
    names, kind = plain["class_names"], plain["class_label_type"]
    n_classes = 2 if n_answers == 1 else n_answers
    if kind == "Integer":
        wholes_of(names, n_classes)
    elif kind == "Float":
        floats_of(names, n_classes)
    else:
        sound(kind == "String", "classes are of no kind")
        texts_of(names, (n_classes,))
    order = wholes_of(plain["class_to_label"], n_classes)
    sound(np.array_equal(order, np.arange(n_classes)), "classes are out of order")
    sound(len(set(names)) == n_classes, "two classes have one name")
    return {
        "class_label_type": kind,
        "class_names": names,
        "class_to_label": order.tolist(),
        "classes_count": 0,
    }


def checked_catboost(plain):
    """Check the JSON of a model, and write what is sound of it again.

    Parameters
    ----------
    plain : dict
        Of `catboost_json`, or anything else.

    Returns
    -------
    checked : dict
        For CatBoost to read.

    Raises
    ------
    ValueError
        If a number does not fit the rest; a KeyError or TypeError, if something is missing.
    """
    factors = [
        _factor(factor, number)
        for number, factor in enumerate(plain["features_info"]["float_features"])
    ]
    sound(0 < len(factors) < 2**20, "boosted trees have no factors")
    borders = [factor["borders"] for factor in factors]
    first = np.cumsum([0, *map(len, borders)]).tolist()
    scale, bias = plain["scale_and_bias"]
    n_answers = len(bias)
    sound(n_answers == 1 or 3 <= n_answers < 2**10, "boosted trees have too many answers")
    floats_of([scale, *bias], 1 + n_answers)
    loss = plain["model_info"]["params"]["loss_function"]["type"]
    texts_of([loss], (1,), _LOSSES)
    sound((loss == "MultiClass") == (n_answers > 1), "boosted trees have too many answers")
    trees = [_tree(tree, borders, first, n_answers) for tree in plain["oblivious_trees"]]
    sound(trees, "boosted trees have no trees")
    return {
        "features_info": {"float_features": factors},
        "model_info": {
            "class_params": _classes(plain["model_info"]["class_params"], n_answers),
            "params": {"flat_params": {}, "loss_function": {"params": {}, "type": loss}},
        },
        "oblivious_trees": trees,
        "scale_and_bias": [float(scale), [float(number) for number in bias]],
    }
