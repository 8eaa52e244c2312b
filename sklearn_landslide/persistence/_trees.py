"""Decision trees in a file, checked node by node before any row goes through them."""

import numpy as np
from sklearn.ensemble._hist_gradient_boosting.predictor import TreePredictor
from sklearn.tree._tree import Tree

from sklearn_landslide._tree_arrays import check_branches, check_factors
from sklearn_landslide.persistence._stand_in import StandIn


class StoredTree(StandIn):
    """A decision tree of scikit-learn."""

    def __new__(cls, n_features, n_classes, n_outputs, state):
        nodes, values = state["nodes"], state["values"]
        is_leaf = nodes["left_child"] == -1
        depth = check_branches(nodes["left_child"], nodes["right_child"], is_leaf)
        check_factors(nodes["feature"][~is_leaf], n_features)
        if len(nodes) != state["node_count"] or len(values) != len(nodes):
            raise ValueError("a tree has lost nodes")
        n_classes = np.asarray(n_classes, dtype=np.intp)
        if n_classes.shape != (n_outputs,) or np.any(n_classes < 1):
            raise ValueError("a tree has lost classes")
        if values.shape[1:] != (n_outputs, n_classes.max()) or not np.isfinite(values).all():
            raise ValueError("a tree has values that are none")
        # The paths of rows are written to places that are counted by it.
        if state["max_depth"] < depth:
            raise ValueError("a tree is deeper than it says")
        tree = Tree(n_features, n_classes, n_outputs)
        tree.__setstate__(state)
        return tree

    @staticmethod
    def arguments_of(tree):
        """Take a tree apart."""
        _, (n_features, n_classes, n_outputs), state = tree.__reduce__()
        return int(n_features), n_classes, int(n_outputs), state


class StoredPredictor(StandIn):
    """A tree of HistGradientBoosting; its factors are checked with the model."""

    def __new__(cls, nodes, binned_bitsets, raw_bitsets):
        left, right = nodes["left"].astype(np.int64), nodes["right"].astype(np.int64)
        is_leaf = nodes["is_leaf"].astype(bool)
        check_branches(left, right, is_leaf)
        check_factors(nodes["feature_idx"][~is_leaf], np.inf)
        asked = nodes["bitset_idx"][~is_leaf & nodes["is_categorical"].astype(bool)]
        if np.any(asked >= min(len(binned_bitsets), len(raw_bitsets))):
            raise ValueError("a tree asks for categories that are not there")
        if not binned_bitsets.shape[1:] == raw_bitsets.shape[1:] == (8,):
            raise ValueError("a tree has sets of categories that are none")
        if not np.isfinite(nodes["value"]).all():
            raise ValueError("a tree has values that are none")
        return TreePredictor(nodes, binned_bitsets, raw_bitsets)

    @staticmethod
    def arguments_of(predictor):
        """Take a predictor apart."""
        return predictor.nodes, predictor.binned_left_cat_bitsets, predictor.raw_left_cat_bitsets
