"""The trees of LightGBM in its own text: taken from a model, and checked number by number."""

import re

import numpy as np

from sklearn_landslide._tree_arrays import check_branches, check_factors
from sklearn_landslide.persistence._json_facts import is_whole, sound

_BINARY = "binary sigmoid:1"
# Of each inner node and of each leaf; what is missing is not needed for a prediction.
_WHOLES = ("split_feature", "decision_type", "left_child", "right_child")
_COUNTS = ("internal_count", "leaf_count")
_FLOATS = ("split_gain", "threshold", "internal_value", "internal_weight")
_OF_LEAVES = ("leaf_value", "leaf_weight", "leaf_count")
# Numbers and no categories; where gaps go, and what is one.
_DECISIONS = (0, 2, 4, 6, 8, 10)
_NAME = re.compile(r"[^\s\x00-\x1f\x7f=\[\]{}\",:]{1,200}")


def check_lightgbm_params(params):
    """Raise if a model with these parameters would have parts that are not kept."""
    usual = {"boosting_type": ("gbdt", "rf", "goss"), "objective": (None, "binary", "multiclass")}
    for name, allowed in usual.items():
        if params.get(name, allowed[0]) not in allowed:
            raise TypeError(f"an LGBMClassifier with {name}={params[name]!r} is not kept in a file")
    if params.get("linear_tree"):
        raise TypeError("an LGBMClassifier with linear_tree is not kept in a file")


def _lines(part):
    """Read the lines of one part of the text, each a name and what it is."""
    pairs = [line.split("=", 1) for line in part.strip().split("\n") if "=" in line]
    sound(len({name for name, _ in pairs}) == len(pairs), "boosted trees say something twice")
    return dict(pairs)


def _numbers(text, length, kind):
    values = text.split()
    sound(len(values) == length, "a tree has lost nodes")
    if kind is int:
        sound(all(re.fullmatch(r"-?\d{1,18}", one) for one in values), "a number is not whole")
        return np.array([int(one) for one in values], dtype=np.int64)
    array = np.array([float(one) for one in values], dtype=np.float64)
    sound(np.isfinite(array).all(), "a number is none")
    return array


def _tree(text, number, n_factors):
    """Check a tree, and write what of it is read."""
    plain = _lines(text)
    n_leaves = is_whole(plain["num_leaves"])
    sound(n_leaves >= 1, "a tree has no leaves")
    sound(plain["num_cat"] == "0" and plain["is_linear"] == "0", "a tree asks for categories")
    found, n_inner = {}, n_leaves - 1
    for name in (*_WHOLES, *_COUNTS, *_FLOATS, *_OF_LEAVES):
        kind = int if name in (*_WHOLES, *_COUNTS) else float
        length = n_leaves if name in _OF_LEAVES else n_inner
        # Of a tree that is one leaf, LightGBM writes no more than its value.
        if name in plain and (plain[name].strip() or length == 0):
            found[name] = _numbers(plain[name], length, kind)
        else:
            sound(n_inner == 0 and name != "leaf_value", "a tree has lost nodes")
    if n_inner:
        children = [
            np.where(found[side] >= 0, found[side], n_inner + ~found[side])
            for side in ("left_child", "right_child")
        ]
        for side, numbers in zip(("left_child", "right_child"), children, strict=True):
            inner = found[side] >= 0
            sound(np.all(numbers[inner] < n_inner), "a tree has branches that lead nowhere")
        both = [np.concatenate([side, np.zeros(n_leaves, np.int64)]) for side in children]
        check_branches(*both, np.arange(n_inner + n_leaves) >= n_inner)
        check_factors(found["split_feature"], n_factors)
        sound(np.isin(found["decision_type"], _DECISIONS).all(), "a tree asks for categories")
    lines = [f"Tree={number}", f"num_leaves={n_leaves}", "num_cat=0"]
    for name, values in found.items():
        lines.append(f"{name}={' '.join(map(repr, values.tolist()))}")
    shrinkage = _numbers(plain.get("shrinkage", "1"), 1, float)
    return "\n".join([*lines, "is_linear=0", f"shrinkage={shrinkage.item()!r}", "", "", ""])


def checked_lightgbm(text):
    """Check the text of a model, and write what is sound of it again.

    Parameters
    ----------
    text : str
        Of ``Booster.model_to_string``, or anything else.

    Returns
    -------
    checked : str
        For LightGBM to read.
    n_classes, n_factors : int
        Numbers of classes and factors.

    Raises
    ------
    ValueError
        If a number does not fit the rest; a KeyError, if something is missing.
    """
    head, *parts = re.split(r"^Tree=\d+$", text.partition("end of trees")[0], flags=re.M)
    said = _lines(head)
    sound(said["version"] in ("v3", "v4"), "boosted trees are of no known version")
    n_factors = is_whole(said["max_feature_idx"]) + 1
    n_each, n_classes = is_whole(said["num_tree_per_iteration"]), is_whole(said["num_class"])
    sound(n_each == n_classes and 1 <= n_classes < 2**10 and n_classes != 2, "unknown classes")
    sound(n_factors < 2**20, "boosted trees have too many factors")
    objective = _BINARY if n_classes == 1 else f"multiclass num_class:{n_classes}"
    sound(said["objective"] == objective, "boosted trees are for something else than classes")
    names = said["feature_names"].split()
    sound(len(names) == n_factors == len(set(names)), "boosted trees have lost factors")
    sound(all(_NAME.fullmatch(name) for name in names), "a name is none")
    sound(parts and len(parts) % n_each == 0, "boosted trees have lost trees")
    is_average = "average_output" in head.split("\n")
    trees = [_tree(part, number, n_factors) for number, part in enumerate(parts)]
    lines = [
        "tree",
        f"version={said['version']}",
        f"num_class={n_classes}",
        f"num_tree_per_iteration={n_each}",
        "label_index=0",
        f"max_feature_idx={n_factors - 1}",
        f"objective={objective}",
        *(["average_output"] if is_average else []),
        f"feature_names={' '.join(names)}",
        f"feature_infos={' '.join(['none'] * n_factors)}",
        f"tree_sizes={' '.join(str(len(tree.encode())) for tree in trees)}",
        "",
        "",
    ]
    text = "\n".join(lines) + "".join(trees) + "end of trees\n\npandas_categorical:null\n"
    return text, max(n_classes, 2), n_factors
