"""Boosted trees of other packages in a file: the same predictions, and nothing that crashes."""

import json
import re
import sys

import numpy as np
import pytest

pytest.importorskip("skops.io")

from persistence.crafted import outcomes, write_file

from sklearn_landslide.persistence import check_can_be_saved, load_model, save_model
from sklearn_landslide.persistence._stand_ins import with_stand_ins

RNG = np.random.default_rng(0)
X = RNG.uniform(0, 3, (90, 4))
Y = (X[:, 0] + RNG.normal(size=90) > 1.5).astype(int)
FAR = 2**30


def xgboost(**params):
    package = pytest.importorskip("xgboost")
    return package.XGBClassifier(n_estimators=4, max_depth=3, n_jobs=1, **params)


def catboost(**params):
    package = pytest.importorskip("catboost")
    return package.CatBoostClassifier(
        iterations=4, depth=3, verbose=0, allow_writing_files=False, thread_count=1, **params
    )


def lightgbm(**params):
    package = pytest.importorskip("lightgbm")
    params = {"min_child_samples": 5, "verbose": -1} | params
    return package.LGBMClassifier(n_estimators=4, num_leaves=5, n_jobs=1, **params)


@pytest.mark.parametrize("make", [xgboost, catboost, lightgbm])
@pytest.mark.parametrize("labels", ["two", "three", "gaps"])
def test_a_loaded_model_predicts_the_same_to_the_last_bit(tmp_path, make, labels):
    y, rows = Y + (X[:, 1] > 2) * (labels == "three"), X.copy()
    if labels == "gaps":
        rows[::7, 2] = np.nan
    model = make().fit(rows, y)
    save_model(model, tmp_path / "model.zip")
    again = load_model(tmp_path / "model.zip")
    assert (again.predict_proba(rows) == model.predict_proba(rows)).all()
    assert (again.predict(rows) == model.predict(rows)).all()
    # "missing" of XGBoost is NaN.
    assert repr(again.get_params()) == repr(model.get_params())
    assert again.n_features_in_ == model.n_features_in_
    # A loaded model can be saved again.
    save_model(again, tmp_path / "again.zip")


def test_early_stopping_is_kept(tmp_path):
    model = xgboost(early_stopping_rounds=1, learning_rate=1.0)
    model.fit(X, Y, eval_set=[(X[::-1], Y)], verbose=False)
    assert model.best_iteration < 3
    save_model(model, tmp_path / "model.zip")
    again = load_model(tmp_path / "model.zip")
    assert (again.predict_proba(X) == model.predict_proba(X)).all()


@pytest.mark.parametrize(
    ("make", "params"),
    [
        (xgboost, {"booster": "dart"}),
        (xgboost, {"objective": "binary:hinge"}),
        (lightgbm, {"linear_tree": True}),
        (lightgbm, {"objective": "cross_entropy"}),
        (catboost, {"grow_policy": "Lossguide"}),
        (catboost, {"cat_features": [0]}),
    ],
)
def test_what_is_not_kept_is_said_before_the_fit(make, params):
    with pytest.raises(TypeError, match="cannot be saved"):
        check_can_be_saved(make(**params))
    check_can_be_saved(make())


def test_a_package_that_is_missing_is_named(tmp_path, monkeypatch):
    save_model(xgboost().fit(X, Y), tmp_path / "model.zip")
    monkeypatch.setitem(sys.modules, "xgboost", None)
    with pytest.raises(ImportError, match="pip install xgboost"):
        load_model(tmp_path / "model.zip")


def at(*path, to):
    """Change one value of the JSON."""

    def change(plain):
        *way, last = path
        for step in way:
            plain = plain[step]
        plain[last] = to

    return change


_INNER = ("learner", "gradient_booster", "model")
_TREE = (*_INNER, "trees", 0)
_OF_MODEL = ("learner", "learner_model_param")
_LEVEL = ("oblivious_trees", 0, "splits", 0)
_FACTOR = ("features_info", "float_features", 0)
CRAFTED = {
    "xgboost goes to a node far away": (xgboost, at(*_TREE, "left_children", 0, to=FAR)),
    "xgboost goes in a circle": (xgboost, at(*_TREE, "right_children", 0, to=0)),
    "xgboost goes before the first": (xgboost, at(*_TREE, "left_children", 0, to=-7)),
    "xgboost asks for a factor far away": (xgboost, at(*_TREE, "split_indices", 0, to=FAR)),
    "xgboost asks for factor 4 of 4": (xgboost, at(*_TREE, "split_indices", 0, to=4)),
    "xgboost asks for categories": (xgboost, at(*_TREE, "split_type", 0, to=1)),
    "xgboost has lost values": (xgboost, at(*_TREE, "split_conditions", to=[0.5])),
    "xgboost predicts NaN": (xgboost, at(*_TREE, "split_conditions", 0, to=float("nan"))),
    "xgboost has a word for a number": (xgboost, at(*_TREE, "base_weights", 0, to="far")),
    "xgboost has leaves of several": (
        xgboost,
        at(*_TREE, "tree_param", "size_leaf_vector", to="9"),
    ),
    "xgboost has a tree of another class": (xgboost, at(*_INNER, "tree_info", 0, to=FAR)),
    "xgboost has rounds of no tree": (
        xgboost,
        at(*_INNER, "gbtree_model_param", "num_parallel_tree", to="0"),
    ),
    "xgboost has lost all trees but a part": (
        xgboost,
        at(*_INNER, "gbtree_model_param", "num_parallel_tree", to="3"),
    ),
    "xgboost has more factors than there are": (
        xgboost,
        at(*_OF_MODEL, "num_feature", to=str(FAR)),
    ),
    "xgboost begins at no number": (xgboost, at(*_OF_MODEL, "base_score", to="[nan]")),
    "xgboost has a million classes": (xgboost, at(*_OF_MODEL, "num_class", to="1000000")),
    "xgboost is a line": (xgboost, at("learner", "gradient_booster", "name", to="gblinear")),
    "xgboost is for ranking": (xgboost, at("learner", "objective", "name", to="rank:ndcg")),
    "xgboost says more": (xgboost, at("config", to={"nthread": 10**6})),
    "xgboost stops after the last": (
        xgboost,
        at("learner", "attributes", to={"best_iteration": "900"}),
    ),
    "catboost asks for a factor far away": (catboost, at(*_LEVEL, "float_feature_index", to=FAR)),
    "catboost asks for a border that is not there": (catboost, at(*_LEVEL, "border", to=0.123)),
    "catboost asks for categories": (catboost, at(*_LEVEL, "split_type", to="OneHotFeature")),
    "catboost has lost leaves": (catboost, at("oblivious_trees", 0, "leaf_values", to=[0.5])),
    "catboost predicts NaN": (
        catboost,
        at("oblivious_trees", 0, "leaf_values", 0, to=float("nan")),
    ),
    "catboost is too deep": (
        catboost,
        at("oblivious_trees", 0, "splits", to=[{}] * 40),
    ),
    "catboost has borders out of order": (catboost, at(*_FACTOR, "borders", to=[2.0, 1.0])),
    "catboost has factors out of order": (catboost, at(*_FACTOR, "flat_feature_index", to=FAR)),
    "catboost has gaps of no kind": (catboost, at(*_FACTOR, "nan_value_treatment", to="Far")),
    "catboost has no factors": (catboost, at("features_info", "float_features", to=[])),
    "catboost has no trees": (catboost, at("oblivious_trees", to=[])),
    "catboost has too many answers": (catboost, at("scale_and_bias", to=[1.0, [0.0] * 7])),
    "catboost has a class too few": (
        catboost,
        at("model_info", "class_params", "class_names", to=[0]),
    ),
    "catboost is for something else": (
        catboost,
        at("model_info", "params", "loss_function", "type", to="YetiRank"),
    ),
}


def of_text(old, new):
    """Change the text of LightGBM's first tree, or of its head."""

    def change(text):
        changed = re.sub(old, new, text, count=1, flags=re.M)
        assert changed != text
        return changed

    return change


CRAFTED_TEXT = {
    "lightgbm goes to a node far away": of_text(r"^left_child=\S+", f"left_child={FAR}"),
    "lightgbm goes to a leaf far away": of_text(r"^left_child=\S+", f"left_child=-{FAR}"),
    "lightgbm goes in a circle": of_text(r"^right_child=\S+", "right_child=0"),
    "lightgbm asks for a factor far away": of_text(r"^split_feature=\S+", f"split_feature={FAR}"),
    "lightgbm asks for factor 4 of 4": of_text(r"^split_feature=\S+", "split_feature=4"),
    "lightgbm asks for categories": of_text(r"^decision_type=\S+", "decision_type=1"),
    "lightgbm has sets of categories": of_text(r"^num_cat=0", "num_cat=1"),
    "lightgbm has lines for leaves": of_text(r"^is_linear=0", "is_linear=1"),
    "lightgbm predicts NaN": of_text(r"^leaf_value=\S+", "leaf_value=nan"),
    "lightgbm has lost values": of_text(r"^leaf_value=\S+ ", "leaf_value="),
    "lightgbm has more leaves than it says": of_text(r"^num_leaves=\d+", "num_leaves=2"),
    "lightgbm has no leaves": of_text(r"^num_leaves=\d+", "num_leaves=0"),
    "lightgbm says a number in words": of_text(r"^threshold=\S+", "threshold=np.float64(1)"),
    "lightgbm has trees of three classes": of_text(r"^num_class=1", "num_class=3"),
    "lightgbm has more factors": of_text(r"^max_feature_idx=3", f"max_feature_idx={FAR}"),
    "lightgbm has names that break a line": of_text(r"^feature_names=\S+", "feature_names=a\x01"),
    "lightgbm is for ranking": of_text(r"^objective=.*$", "objective=lambdarank"),
    "lightgbm has no trees": of_text(r"(?s)^Tree=0.*end of trees", "end of trees"),
}


def crafted_of(package, folder):
    """Write the files of one package, and say what becomes of each."""
    make = {"xgboost": xgboost, "catboost": catboost, "lightgbm": lightgbm}[package]
    plain, paths = with_stand_ins(make().fit(X, Y)), {}
    params, content = plain.arguments

    def write(name, params, content):
        plain.arguments = (params, content)
        paths[name] = folder / f"{len(paths)}.zip"
        write_file(plain, paths[name])

    for name, change in CRAFTED_TEXT.items() if package == "lightgbm" else ():
        text = change(content["trees"].tobytes().decode()).encode()
        write(name, params, content | {"trees": np.frombuffer(text, np.uint8)})
    for name, (kind, change) in CRAFTED.items():
        if kind is make:
            said = json.loads(content.tobytes())
            change(said)
            write(name, params, np.frombuffer(json.dumps(said).encode(), np.uint8))
    threads = "thread_count" if package == "catboost" else "n_jobs"
    write("a million threads", params | {threads: 10**6}, content)
    write("a parameter that is a function", params | {threads: np.exp}, content)
    if package == "catboost":
        # The others take any parameter.
        write("a parameter that there is not", params | {"exec": "1"}, None)
    if package == "lightgbm":
        write("one class", params, content | {"classes": np.array([1])})
        write("classes out of order", params, content | {"classes": np.array([1, 0])})
    write("unchanged", params, content)
    return dict(zip(paths, outcomes(paths.values()), strict=True))


@pytest.mark.parametrize("package", ["xgboost", "catboost", "lightgbm"])
def test_crafted_files_are_refused_in_one_line_and_others_are_not(package, tmp_path):
    found = crafted_of(package, tmp_path)
    assert found.pop("unchanged") == ["predicted", ""]
    assert len(found) > 14
    for name, (word, message) in found.items():
        assert word == "refused", f"{name}: {word}, {message}"
        assert "is damaged, or of other versions" in message, name
