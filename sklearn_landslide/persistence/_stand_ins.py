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
from sklearn.neighbors import BallTree, KDTree
from sklearn.tree._tree import Tree

from sklearn_landslide.mapping import neighbor_tree
from sklearn_landslide.persistence._boosted_trees import OF_PACKAGES, boosted_kinds
from sklearn_landslide.persistence._stand_in import StandIn
from sklearn_landslide.persistence._trees import StoredPredictor, StoredTree

_NETS = "sklearn_landslide.nn"
_METRICS = {
    "ChebyshevDistance64": "chebyshev",
    "EuclideanDistance64": "euclidean",
    "HaversineDistance64": "haversine",
    "ManhattanDistance64": "manhattan",
    "MinkowskiDistance64": "minkowski",
    "SEuclideanDistance64": "seuclidean",
}


# What a parameter says in a file: one that held rows of a table, or a net that was not fitted.
LEFT_OUT = "not kept in the file"


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
        return neighbor_tree(points, leafsize)

    @staticmethod
    def arguments_of(tree):
        """Take a tree apart."""
        return np.array(tree.data), int(tree.leafsize)


class StoredSearchTree(StandIn):
    """A tree of scikit-learn's neighbors: its points, from which the same tree is built again."""

    def __new__(cls, kind, points, leaf_size, metric, params):
        if metric not in _METRICS.values():
            raise ValueError("a tree of neighbors has an unknown metric")
        # It sorts the points itself, so no numbers of rows can be wrong, and checks the rest.
        return {"KDTree": KDTree, "BallTree": BallTree}[kind](points, leaf_size, metric, **params)

    @staticmethod
    def arguments_of(tree):
        """Take a tree apart."""
        points, _, _, _, leaf_size, *_, distance, _ = tree.__getstate__()
        p, vector, _ = distance.__getstate__()
        kind = type(distance).__name__
        if kind not in _METRICS:
            raise TypeError(f"{kind}, a metric of neighbors, is not among those that are kept")
        params = {}
        if kind == "MinkowskiDistance64":
            params = {"p": float(p)} | ({"w": np.asarray(vector)} if len(vector) else {})
        if kind == "SEuclideanDistance64":
            params = {"V": np.asarray(vector)}
        return type(tree).__name__, np.asarray(points), int(leaf_size), _METRICS[kind], params


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


_STAND_INS = {
    pd.Index: StoredIndex,
    cKDTree: StoredNeighbors,
    KDTree: StoredSearchTree,
    BallTree: StoredSearchTree,
    Tree: StoredTree,
    TreePredictor: StoredPredictor,
}
STAND_INS = (*dict.fromkeys(_STAND_INS.values()), StoredNet, *OF_PACKAGES)


def _kinds():
    """Types that have a stand-in; some exist only where their package was imported."""
    kinds = _STAND_INS | boosted_kinds()
    if _NETS in sys.modules:
        # One with chosen shares comes back as a net that has them.
        nets = sys.modules[_NETS]
        kinds |= dict.fromkeys((nets.LandslideNet, nets.LandslideNetCV), StoredNet)
    return kinds


def _stand_in(kind, arguments):
    return kind.with_arguments(*arguments)


def _unfitted(kind, params):
    return kind(**params)


def _with_attributes(kind, attributes):
    obj = object.__new__(kind)
    vars(obj).update(attributes)
    return obj


class _Exchanger(pickle.Pickler):
    """Copies a model and exchanges on the way; what it writes never leaves the memory."""

    def __init__(self, file, model, fitted):
        super().__init__(file, protocol=5)
        self.model = model
        self.kinds = _kinds()
        self.fitted = fitted

    def reducer_override(self, obj):
        if isinstance(obj, SamplerMixin):
            # Of use in fit only, and it holds rows of the training table.
            return _unfitted, (type(obj), obj.get_params(deep=False))
        if names := getattr(type(obj), "rows_of_training", ()):
            # Tables that are parameters.
            left_out = {name: LEFT_OUT for name in names if getattr(obj, name) is not None}
            return _with_attributes, (type(obj), vars(obj) | left_out)
        for kind, stand_in in self.kinds.items():
            if isinstance(obj, kind):
                if stand_in is StoredNet and not self.fitted:
                    return dict, ()
                if stand_in is StoredNet and not obj.initialized_ and obj is not self.model:
                    # The parameter of a model that has a fitted one besides.
                    return str, (LEFT_OUT,)
                return _stand_in, (stand_in, stand_in.arguments_of(obj))
        return NotImplemented


def with_stand_ins(model, *, fitted=True):
    """Copy a model, with stand-ins for what skops cannot hold and unfitted samplers.

    Parameters
    ----------
    model : object
        A model; it stays as it is.
    fitted : bool, default=True
        False: nets, which write themselves once they are fitted, are left out.

    Returns
    -------
    copy : object
        The copy, to be written by skops and for nothing else.
    """
    memory = io.BytesIO()
    _Exchanger(memory, model, fitted).dump(model)
    # Written a line above, by this process.
    return pickle.loads(memory.getvalue())
