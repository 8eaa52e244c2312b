"""What a file holds in place of objects that skops cannot write, or cannot check.

To save, each such object is replaced by its stand-in: a class and plain arguments. To load, the
class is called with the arguments, checks them, and returns the object itself.
"""

import io
import os
import pickle
import sys
import tempfile
from importlib import import_module
from pathlib import Path

import numpy as np
import pandas as pd
from imblearn.base import SamplerMixin
from scipy.spatial import cKDTree
from sklearn.ensemble._hist_gradient_boosting.predictor import TreePredictor
from sklearn.tree._tree import Tree

_NETS = "sklearn_landslide.nn"


class StandIn:
    """Base of the stand-ins: an object of this kind exists only while a model is saved."""

    @classmethod
    def with_arguments(cls, *arguments):
        """Make the stand-in itself; calling the class makes what it stands for."""
        stand_in = object.__new__(cls)
        stand_in.arguments = arguments
        return stand_in

    def __reduce__(self):
        # Read by skops, which writes the class's name and the arguments.
        return type(self), self.arguments


class StoredIndex(StandIn):
    """A pandas Index: its values, dtype and name."""

    def __new__(cls, values, dtype, name):
        return pd.Index(values, dtype=dtype, name=name)

    @staticmethod
    def arguments_of(index):
        """Take an index apart."""
        return index.tolist(), str(index.dtype), index.name


class StoredNeighbors(StandIn):
    """A tree of neighbors: its points, from which the same tree is built again."""

    def __new__(cls, points, leafsize):
        return cKDTree(points, leafsize)

    @staticmethod
    def arguments_of(tree):
        """Take a tree apart."""
        return np.array(tree.data), int(tree.leafsize)


class StoredNet(StandIn):
    """A LandslideNet: the bytes that it writes itself."""

    def __new__(cls, content):
        with tempfile.TemporaryDirectory() as home:
            path = Path(home, "net.safetensors")
            path.write_bytes(np.asarray(content, dtype=np.uint8).tobytes())
            # torch is loaded here, and only for a file with a net.
            return import_module(_NETS).LandslideNet.load(path)

    @staticmethod
    def arguments_of(net):
        """Let a net write itself."""
        with tempfile.TemporaryDirectory() as home:
            path = os.path.join(home, "net.safetensors")
            net.save(path)
            return (np.fromfile(path, dtype=np.uint8),)


def _check_nodes(left, right, is_leaf, factor, n_factors):
    """Raise unless every row that enters a tree leaves it, and reads its own factors only.

    scikit-learn follows the numbers in a tree without looking, so wrong ones would read
    whatever lies in memory.
    """
    inner = ~is_leaf
    places = np.arange(len(left))[inner]
    for child in (left[inner], right[inner]):
        # Children come after their parents, so no walk goes round in a circle.
        if not (np.all(child > places) and np.all(child < len(left))):
            raise ValueError("a tree has branches that lead nowhere")
    if len(left) == 0 or np.any(factor[inner] < 0) or np.any(factor[inner] >= n_factors):
        raise ValueError("a tree asks for a factor that is not there")


class StoredTree(StandIn):
    """A decision tree of scikit-learn, checked node by node."""

    def __new__(cls, n_features, n_classes, n_outputs, state):
        nodes = state["nodes"]
        left, right = nodes["left_child"], nodes["right_child"]
        _check_nodes(left, right, left == -1, nodes["feature"], n_features)
        if len(nodes) != state["node_count"] or len(state["values"]) != len(nodes):
            raise ValueError("a tree has lost nodes")
        if np.shape(n_classes) != (n_outputs,):
            raise ValueError("a tree has lost classes")
        tree = Tree(n_features, np.asarray(n_classes, dtype=np.intp), n_outputs)
        tree.__setstate__(state)
        return tree

    @staticmethod
    def arguments_of(tree):
        """Take a tree apart."""
        _, (n_features, n_classes, n_outputs), state = tree.__reduce__()
        return int(n_features), n_classes, int(n_outputs), state


class StoredPredictor(StandIn):
    """A tree of HistGradientBoosting, checked node by node."""

    def __new__(cls, nodes, binned_bitsets, raw_bitsets):
        _check_nodes(
            nodes["left"].astype(np.int64),
            nodes["right"].astype(np.int64),
            nodes["is_leaf"].astype(bool),
            nodes["feature_idx"],
            np.inf,
        )
        asked = nodes["bitset_idx"][nodes["is_categorical"].astype(bool)]
        if np.any(asked >= min(len(binned_bitsets), len(raw_bitsets))):
            raise ValueError("a tree asks for categories that are not there")
        return TreePredictor(nodes, binned_bitsets, raw_bitsets)

    @staticmethod
    def arguments_of(predictor):
        """Take a predictor apart."""
        return predictor.nodes, predictor.binned_left_cat_bitsets, predictor.raw_left_cat_bitsets


_STAND_INS = {
    pd.Index: StoredIndex,
    cKDTree: StoredNeighbors,
    Tree: StoredTree,
    TreePredictor: StoredPredictor,
}
STAND_INS = (*_STAND_INS.values(), StoredNet)


def _kinds():
    """Types that have a stand-in; a net exists only where its room was imported."""
    if _NETS in sys.modules:
        return _STAND_INS | {sys.modules[_NETS].LandslideNet: StoredNet}
    return _STAND_INS


def _stand_in(kind, arguments):
    return kind.with_arguments(*arguments)


def _unfitted(kind, params):
    return kind(**params)


class _Exchanger(pickle.Pickler):
    """Copies a model and exchanges on the way; what it writes never leaves the memory."""

    def __init__(self, file):
        super().__init__(file, protocol=5)
        self.kinds = _kinds()

    def reducer_override(self, obj):
        if isinstance(obj, SamplerMixin):
            # Of use in fit only, and it holds rows of the training table.
            return _unfitted, (type(obj), obj.get_params(deep=False))
        for kind, stand_in in self.kinds.items():
            if isinstance(obj, kind):
                return _stand_in, (stand_in, stand_in.arguments_of(obj))
        return NotImplemented


def with_stand_ins(model):
    """Copy a model, with stand-ins for what skops cannot hold and unfitted samplers.

    Parameters
    ----------
    model : object
        A fitted model; it stays as it is.

    Returns
    -------
    copy : object
        The copy, to be written by skops and for nothing else.
    """
    memory = io.BytesIO()
    _Exchanger(memory).dump(model)
    # Written a line above, by this process.
    return pickle.loads(memory.getvalue())
