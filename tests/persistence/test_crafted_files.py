"""Files that say what no model says: refused before compiled code follows their numbers.

They are loaded, and asked for predictions, in a process of their own; a crash fails the test.
"""

from functools import partial
from inspect import isfunction

import numpy as np
import pytest
from sklearn.cluster import KMeans
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import (
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder
from sklearn.svm import SVC, SVR, NuSVC, OneClassSVM
from sklearn.tree import DecisionTreeClassifier

skops = pytest.importorskip("skops.io")

from persistence.crafted import outcomes, write_file  # noqa: E402

from sklearn_landslide.persistence._stand_ins import with_stand_ins  # noqa: E402

RNG = np.random.default_rng(0)
X = RNG.uniform(0, 3, (90, 4)).round()
Y = (X[:, 0] + RNG.normal(size=90) > 1.5).astype(int)
Y3 = Y + (X[:, 1] > 2)


def set_to(*path, to):
    """Change one thing: names of attributes, numbers and keys of items lead to it."""

    def change(plain):
        *way, last = path
        for step in way:
            plain = getattr(plain, step) if hasattr(plain, "__dict__") else plain[step]
        value = to(plain) if isfunction(to) else to
        if isinstance(last, str) and hasattr(plain, "__dict__"):
            setattr(plain, last, value)
        else:
            plain[last] = value

    return change


def cut(name, **slices):
    """Keep less of an array."""

    def change(plain):
        array = getattr(plain, name)
        keep = tuple(slices.get(f"axis{axis}", slice(None)) for axis in range(array.ndim))
        setattr(plain, name, np.ascontiguousarray(array[keep]))

    return change


def boosting():
    return HistGradientBoostingClassifier(max_iter=2, min_samples_leaf=3).fit(X, Y)


def categorical_boosting():
    model = HistGradientBoostingClassifier(
        max_iter=2, min_samples_leaf=3, categorical_features=[0, 1]
    )
    return model.fit(X, Y)


def forest():
    return RandomForestClassifier(2, random_state=0).fit(X, Y)


def tree():
    return DecisionTreeClassifier(random_state=0).fit(X, Y)


def gradient_boosting(y=Y3):
    return GradientBoostingClassifier(n_estimators=2, random_state=0).fit(X, y)


def vectors(**params):
    return SVC(**params).fit(X, Y)


def neighbors(**params):
    return KNeighborsClassifier(**params).fit(X, Y)


def one_hot(**params):
    return OneHotEncoder(sparse_output=False, handle_unknown="ignore", **params).fit(X)


NODES = ("_predictors", 0, 0, "arguments", 0)
TREE = ("estimators_", 0, "tree_", "arguments")
FAR = 2**30


def leaf_of_two_parents(plain):
    nodes = plain.tree_.arguments[3]["nodes"]
    inner = np.flatnonzero(nodes["left_child"] >= 0)
    nodes["left_child"][inner[0]] = nodes["right_child"][inner[0]]


def wider_trees(plain):
    plain.estimators_ = np.hstack([plain.estimators_] * 3)


def tree_of_more_factors(plain):
    more = DecisionTreeClassifier(random_state=0).fit(np.hstack([X, X, X]), Y)
    more.tree_ = with_stand_ins(more).tree_
    nodes = more.tree_.arguments[3]["nodes"]
    nodes["feature"][nodes["left_child"] >= 0] = 11
    plain.estimators_[0].tree_ = more.tree_


def regression_tree_of_more_factors(plain):
    arguments = plain.estimators_[0, 0].tree_.arguments
    nodes = arguments[3]["nodes"]
    nodes["feature"][nodes["left_child"] >= 0] = FAR
    plain.estimators_[0, 0].tree_.arguments = (FAR + 1, *arguments[1:])


def other_generator(plain):
    plain._feature_subsample_rng = np.random.Generator(np.random.MT19937(0))


def far_position(plain):
    state = plain.random_state.get_state(legacy=False)
    state["state"]["pos"] = FAR
    plain.random_state.set_state(state)


CRAFTED = {
    "boosting asks for a factor far away": (boosting, set_to(*NODES, "feature_idx", to=FAR)),
    "boosting asks for factor 20 of 4": (boosting, set_to(*NODES, "feature_idx", to=20)),
    "boosting goes to a node far away": (boosting, set_to(*NODES, "left", 0, to=FAR)),
    "boosting goes in a circle": (boosting, set_to(*NODES, "right", 0, to=0)),
    "boosting predicts NaN": (boosting, set_to(*NODES, "value", to=np.nan)),
    "boosting has a number for a category": (boosting, set_to(*NODES, "is_categorical", to=1)),
    "boosting has three trees a round": (
        boosting,
        set_to("n_trees_per_iteration_", to=3),
    ),
    "boosting guesses in the wrong shape": (
        boosting,
        set_to("_baseline_prediction", to=np.zeros((1, 2))),
    ),
    "boosting has a generator of another kind": (boosting, other_generator),
    "a category has code 70000": (
        categorical_boosting,
        set_to("_bin_mapper", "bin_thresholds_", 0, to=np.array([7e4])),
    ),
    "a category is not known": (
        categorical_boosting,
        set_to("_bin_mapper", "is_categorical_", to=np.zeros(4, np.uint8)),
    ),
    "bins of fewer factors": (
        categorical_boosting,
        set_to("_bin_mapper", "is_categorical_", to=np.ones(2, np.uint8)),
    ),
    "a set of categories far away": (
        categorical_boosting,
        set_to(*NODES, "bitset_idx", to=10**6),
    ),
    "a column is lost before boosting": (
        categorical_boosting,
        set_to(
            "_preprocessor",
            "transformers_",
            1,
            to=lambda steps: (*steps[1][:2], steps[1][2] & False),
        ),
    ),
    "forest asks for a factor far away": (forest, set_to(*TREE, 3, "nodes", "feature", to=FAR)),
    "forest has a tree of more factors": (forest, tree_of_more_factors),
    "forest has more classes": (forest, set_to("n_classes_", to=FAR)),
    "tree is deeper than it says": (tree, set_to("tree_", "arguments", 3, "max_depth", to=1)),
    "tree has a leaf of two parents": (tree, leaf_of_two_parents),
    "tree predicts NaN": (tree, set_to("tree_", "arguments", 3, "values", 0, to=np.nan)),
    "tree has lost values": (
        tree,
        set_to("tree_", "arguments", 3, "values", to=lambda state: state["values"][:1]),
    ),
    "boosted tree asks for a factor far away": (gradient_boosting, regression_tree_of_more_factors),
    "boosting writes beyond its classes": (gradient_boosting, wider_trees),
    "boosting guesses fewer classes": (
        gradient_boosting,
        set_to("init_", to=DummyClassifier(strategy="prior").fit(X, Y)),
    ),
    "boosting has the loss of two classes": (
        gradient_boosting,
        set_to("_loss", to=gradient_boosting(Y)._loss),
    ),
    "vectors beyond the last": (vectors, set_to("_n_support", to=np.array([FAR, FAR], np.int32))),
    "vectors before the first": (
        vectors,
        set_to("_n_support", to=lambda m: np.array([FAR, len(m.support_) - FAR], np.int32)),
    ),
    "vectors of a class too many": (vectors, set_to("_n_support", to=np.full(50, 2, np.int32))),
    "vectors of fewer factors": (vectors, cut("support_vectors_", axis1=slice(1))),
    "fewer vectors": (vectors, cut("support_vectors_", axis0=slice(1))),
    "fewer coefficients": (vectors, cut("_dual_coef_", axis1=slice(1))),
    "coefficients of NaN": (vectors, set_to("_dual_coef_", to=lambda m: m._dual_coef_ * np.nan)),
    "no intercept": (vectors, cut("_intercept_", axis0=slice(0))),
    "fewer probabilities": (
        lambda: SVC().fit(X, Y3),
        lambda m: (set_to("_probA", to=np.zeros(1))(m), set_to("_probB", to=np.zeros(1))(m)),
    ),
    "a kernel that is a function": (vectors, set_to("kernel", to=np.add)),
    "vectors that are said to be sparse": (vectors, set_to("_sparse", to=True)),
    "another kind of vectors": (vectors, set_to("_impl", to="one_class")),
    "a column of a kernel far away": (
        lambda: SVC(kernel="precomputed").fit(X @ X.T, Y),
        set_to("support_", to=lambda m: m.support_ + np.int32(FAR)),
    ),
    "regression of more vectors": (
        lambda: SVR().fit(X, Y),
        set_to("_n_support", to=np.array([FAR, FAR], np.int32)),
    ),
    "nu vectors beyond the last": (
        lambda: NuSVC(nu=0.2).fit(X, Y),
        set_to("_n_support", to=lambda m: np.array([len(m.support_) - FAR, FAR], np.int32)),
    ),
    "one class of fewer coefficients": (
        lambda: OneClassSVM().fit(X),
        cut("_dual_coef_", axis1=slice(1)),
    ),
    "labels far away": (
        partial(neighbors, algorithm="brute"),
        set_to("_y", to=np.full(90, FAR)),
    ),
    "rows of fewer factors": (partial(neighbors, algorithm="brute"), cut("_fit_X", axis1=slice(1))),
    "more rows than there are": (
        partial(neighbors, algorithm="brute"),
        set_to("n_samples_fit_", to=FAR),
    ),
    "a search tree of fewer rows": (
        partial(neighbors, algorithm="kd_tree"),
        set_to(
            "_tree",
            to=lambda _: (
                with_stand_ins(KNeighborsClassifier(algorithm="kd_tree").fit(X[:9], Y[:9]))._tree
            ),
        ),
    ),
    "fewer labels than rows": (partial(neighbors, algorithm="kd_tree"), cut("_y", axis0=slice(3))),
    "centers of fewer factors": (
        lambda: KMeans(2, n_init=1, random_state=0).fit(X),
        cut("cluster_centers_", axis1=slice(1)),
    ),
    "a million threads": (
        lambda: KMeans(2, n_init=1, random_state=0).fit(X),
        set_to("_n_threads", to=10**6),
    ),
    "fewer columns than categories": (one_hot, set_to("_n_features_outs", to=[1, 0, 0, 0])),
    "categories out of order": (one_hot, set_to("categories_", 3, to=np.array([3.0, 2, 1, 0]))),
    "a category far away is dropped": (
        partial(one_hot, drop="first"),
        set_to("_drop_idx_after_grouping", 3, to=FAR),
    ),
    "merged into a category far away": (
        partial(one_hot, max_categories=2),
        set_to("_default_to_infrequent_mappings", 3, to=np.full(4, FAR)),
    ),
    "random numbers from far away": (
        lambda: DummyClassifier(strategy="stratified", random_state=np.random.RandomState(0)).fit(
            X, Y
        ),
        far_position,
    ),
    "coefficients of a regression are NaN": (
        lambda: LogisticRegression().fit(X, Y),
        set_to("coef_", to=np.full((1, 4), np.nan)),
    ),
    "a method is a value": (
        lambda: LogisticRegression().fit(X, Y),
        set_to("predict_proba", to=np.exp),
    ),
    "a function that nothing keeps": (
        lambda: FunctionTransformer().fit(X),
        set_to("func", to=partial(np.add, 1)),
    ),
}


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    folder, paths = tmp_path_factory.mktemp("crafted"), {}
    for number, (name, (make, change)) in enumerate(CRAFTED.items()):
        plain = with_stand_ins(make())
        change(plain)
        paths[name] = folder / f"{number}.zip"
        write_file(plain, paths[name])
    for name in (
        "boosting",
        "categorical_boosting",
        "forest",
        "tree",
        "gradient_boosting",
        "vectors",
    ):
        paths[name] = folder / f"{name}.zip"
        write_file(with_stand_ins(globals()[name]()), paths[name])
    return dict(zip(paths, outcomes(paths.values()), strict=True))


@pytest.mark.parametrize("name", CRAFTED)
def test_a_crafted_file_is_refused_in_one_line(results, name):
    word, message = results[name]
    assert word == "refused", message
    assert "is damaged, or of other versions" in message


@pytest.mark.parametrize(
    "name", ["boosting", "categorical_boosting", "forest", "tree", "gradient_boosting", "vectors"]
)
def test_the_same_file_is_loaded_where_nothing_was_changed(results, name):
    assert results[name] == ["predicted", ""]
