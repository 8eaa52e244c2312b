"""The memory beside the network: extremely randomized trees, which remember near neighbors.

A network smooths; trees know the training places one by one. Their share in the log-odds helps
where the places to predict lie among those of the training table, and costs nothing elsewhere.
"""

from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import torch
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.tree import ExtraTreeClassifier
from sklearn.tree._tree import NODE_DTYPE, Tree
from torch import nn

from sklearn_landslide._tree_arrays import check_branches
from sklearn_landslide.nn._recipe import leaf_rows
from sklearn_landslide.nn._tree_draws import draw_rows, row_chances

# Share of the factors among which a split chooses.
_FACTORS_OF_A_SPLIT = 0.6
# Bits of a column's range where the trees grow. scikit-learn's take a column for constant whose
# values differ by 1e-7 or less, in whatever unit.
_RANGE_BITS = 24
# A forest is never surer than that.
_LEAST_PROBABILITY = 1e-3
# What a share in single precision may be off.
_ROUNDING = 1e-6


@dataclass(frozen=True)
class Forest:
    """Trees as arrays, one after the other.

    Parameters
    ----------
    first_node : ndarray of shape (n_trees,), int32
        Where each tree begins.
    feature : ndarray of shape (n_nodes,), int32
        Column that a node asks for: first the numeric factors, then one for each code of the
        categorical ones, which is 1 for its rows and 0 for others; -1 for a leaf.
    threshold : ndarray of shape (n_nodes,), float32
        A row goes to the left if its value is not above.
    left, right : ndarray of shape (n_nodes,), int32
        Nodes that follow, counted from the tree's first; -1 for a leaf.
    share : ndarray of shape (n_nodes, n_classes), float32
        Share of each class among the training rows of a node.
    """

    first_node: np.ndarray
    feature: np.ndarray
    threshold: np.ndarray
    left: np.ndarray
    right: np.ndarray
    share: np.ndarray

    def slices(self):
        """Return where each tree's nodes are."""
        ends = np.append(self.first_node[1:], len(self.feature))
        return [slice(start, end) for start, end in zip(self.first_node, ends, strict=True)]


def grow_forest(
    rows,
    labels,
    encoding,
    n_classes,
    *,
    n_trees,
    seed,
    class_weights=None,
    counts=None,
    weights=None,
    monotone=None,
):
    """Grow the memory of a training table.

    Parameters
    ----------
    rows : ndarray of shape (n_samples, n_factors), float32
        Training rows; a categorical factor holds its codes 0 ... k - 1, and -1 for none.
    labels : ndarray of shape (n_samples,), int
        Label codes.
    encoding : FactorEncoding
        Which factors are categorical, and how many codes each has.
    n_classes : int
        Number of classes.
    n_trees : int
        Number of trees.
    seed : int
        Seed of the trees.
    class_weights : ndarray of shape (n_classes,) or None, default=None
        Weights of the classes.
    counts : (ndarray, ndarray) of shape (n_classes,), int, or None, default=None
        Rows and places of each class without those that a sampler made; None counts the labels.
    weights : ndarray of shape (n_samples,) or None, default=None
        Weights of the rows: each tree sees a row as often as :func:`draw_rows` says. None: every
        tree sees all rows.
    monotone : ndarray of shape (n_factors,), int8, or None, default=None
        1 where the share of the second class may only rise with a factor, -1 where it may only
        fall, else 0.

    Returns
    -------
    forest : Forest or None
        None if the rows lack a class, as the first part of a table may.
    """
    present = np.bincount(labels, minlength=n_classes)
    if present.min() == 0:
        return None
    columns = _columns(rows, encoding)
    # By powers of 2, so that no digit changes.
    extent = columns.max(axis=0).astype(float) - columns.min(axis=0)
    exponent = np.where(extent > 0, np.frexp(extent)[1] - _RANGE_BITS, 0)
    counts = (present, present) if counts is None else counts
    if weights is not None:
        # As many as a tree sees of each class on average.
        chances = row_chances(weights)[0]
        seen = np.bincount(labels, chances, minlength=n_classes) / present
        counts = [seen * of_class for of_class in counts]
    trees = _grow_trees(
        np.ldexp(columns, -exponent),
        labels,
        weights,
        n_trees,
        seed,
        max_features=_FACTORS_OF_A_SPLIT,
        min_samples_leaf=leaf_rows(*counts),
        class_weight=None if class_weights is None else dict(enumerate(class_weights.tolist())),
        # A list: of an array of int8 every tree would turn the signs around, for all that follow.
        monotonic_cst=None if monotone is None else _of_columns(monotone, encoding).tolist(),
    )
    is_leaf = np.concatenate([tree.children_left for tree in trees]) == -1
    joined = {
        "feature": np.where(is_leaf, -1, np.concatenate([tree.feature for tree in trees])),
        "left": np.concatenate([tree.children_left for tree in trees]),
        "right": np.concatenate([tree.children_right for tree in trees]),
        "first_node": np.cumsum([0, *(tree.node_count for tree in trees[:-1])]),
    }
    threshold = np.where(is_leaf, 0, np.concatenate([tree.threshold for tree in trees]))
    threshold = np.ldexp(threshold, np.where(is_leaf, 0, exponent[joined["feature"]]))
    share = np.concatenate([tree.value[:, 0] for tree in trees])
    return Forest(
        threshold=_rounded_down(threshold),
        share=(share / share.sum(axis=1, keepdims=True)).astype(np.float32),
        **{name: array.astype(np.int32) for name, array in joined.items()},
    )


def _grow_trees(columns, labels, weights, n_trees, seed, **params):
    """Grow trees on all rows, or with weights each on rows of its own."""
    if weights is None:
        # scikit-learn's threads would leave the warning filters of the host program changed.
        model = ExtraTreesClassifier(n_trees, random_state=seed, n_jobs=1, **params)
        return [tree.tree_ for tree in model.fit(columns, labels).estimators_]
    seeds = np.random.RandomState(seed).randint(np.iinfo(np.int32).max, size=n_trees)
    return [
        # A row that counts 0 is not there for a tree, but its class is.
        ExtraTreeClassifier(random_state=int(one), **params)
        .fit(columns, labels, sample_weight=counts)
        .tree_
        for one, counts in zip(seeds, draw_rows(weights, n_trees, seed), strict=True)
    ]


def _columns(rows, encoding):
    """Return what the trees read: the numeric factors, then a column for each code."""
    is_categorical = encoding.is_categorical
    columns = [rows[:, ~is_categorical]]
    for j in np.flatnonzero(is_categorical):
        columns.append((rows[:, j, None] == np.arange(encoding.n_codes[j])).astype(np.float32))
    return np.hstack(columns)


def _of_columns(of_factors, encoding):
    """Values of the numeric factors for the columns that the trees read, and 0 for the codes."""
    numeric = of_factors[~encoding.is_categorical]
    return np.pad(numeric, (0, count_columns(encoding) - len(numeric)))


def holds_monotone(forest, encoding, monotone):
    """Say whether a forest keeps to what a factor may do, split by split.

    Parameters
    ----------
    forest : Forest
        The trees; a node comes before those that follow it.
    encoding : FactorEncoding
        The factors.
    monotone : ndarray of shape (n_factors,), int8
        As of :func:`grow_forest`.

    Returns
    -------
    holds : bool
    """
    signs = _of_columns(monotone, encoding)
    for nodes in forest.slices():
        feature, left, right = (a[nodes] for a in (forest.feature, forest.left, forest.right))
        lowest = forest.share[nodes, 1].astype(np.float64)
        highest = lowest.copy()
        for node in np.flatnonzero(feature >= 0)[::-1]:
            a, b = left[node], right[node]
            sign = signs[feature[node]]
            if (sign > 0 and highest[a] > lowest[b] + _ROUNDING) or (
                sign < 0 and lowest[a] < highest[b] - _ROUNDING
            ):
                return False
            lowest[node], highest[node] = min(lowest[a], lowest[b]), max(highest[a], highest[b])
    return True


def count_columns(encoding):
    """Return how many columns the trees read.

    Parameters
    ----------
    encoding : FactorEncoding
        The factors.

    Returns
    -------
    n_columns : int
    """
    is_categorical = encoding.is_categorical
    return int((~is_categorical).sum() + encoding.n_codes[is_categorical].sum())


def _rounded_down(threshold):
    """Thresholds in single precision that send each row of that precision the same way."""
    rounded = threshold.astype(np.float32)
    above = rounded > threshold
    rounded[above] = np.nextafter(rounded[above], np.float32(-np.inf))
    return rounded


def _as_tree(forest, nodes, n_columns):
    """Return one tree as scikit-learn's, which walks through it several times faster than we."""
    n_nodes = nodes.stop - nodes.start
    left, right, feature = (array[nodes] for array in (forest.left, forest.right, forest.feature))
    state = np.zeros(n_nodes, dtype=NODE_DTYPE)
    state["left_child"], state["right_child"] = left, right
    state["feature"], state["threshold"] = feature, forest.threshold[nodes]
    n_classes = forest.share.shape[1]
    tree = Tree(n_columns, np.array([n_classes], dtype=np.intp), 1)
    tree.__setstate__(
        {
            "max_depth": check_branches(left, right, feature < 0),
            "node_count": n_nodes,
            "nodes": state,
            "values": forest.share[nodes][:, None].astype(np.float64),
        }
    )
    return tree


class MemoryPath(nn.Module):
    """The forest beside the network; grown before, and not trained further.

    Parameters
    ----------
    forest : Forest
        The trees.
    encoding : FactorEncoding
        The factors.

    Notes
    -----
    Shape: raw values (P, B), codes (Q, B) -> logits (1, Y, B)

    Its tensors are not among the module's weights: they do not change in a fit, and
    :meth:`LandslideNet.save` writes them from what was learned. While ``is_awake`` is False, as
    in a fit, the network passes it over.

    Examples
    --------
    >>> import numpy as np, torch
    >>> from sklearn_landslide.nn import learn_encoding
    >>> from sklearn_landslide.nn._memory import grow_forest
    >>> table = np.random.default_rng(0).normal(size=(100, 3)).astype(np.float32)
    >>> labels, encoding = (table[:, 0] > 0).astype(int), learn_encoding(table, [0, 0, 0])
    >>> forest = grow_forest(table, labels, encoding, 2, n_trees=8, seed=0)
    >>> path = MemoryPath(forest, encoding)
    >>> logits = path(torch.from_numpy(table.T), torch.zeros(0, 100, dtype=torch.int64))
    >>> (logits[0].argmax(dim=0).numpy() == labels).all()
    np.True_
    """

    def __init__(self, forest, encoding):
        super().__init__()
        self.is_awake = True
        slices = forest.slices()
        starts = np.repeat(forest.first_node, [nodes.stop - nodes.start for nodes in slices])
        tensors = {
            "first_node": forest.first_node.astype(np.int64),
            "feature": forest.feature.astype(np.int64),
            "threshold": forest.threshold,
            "left": forest.left + starts.astype(np.int64),
            "right": forest.right + starts.astype(np.int64),
            "share": forest.share,
        }
        for name, array in tensors.items():
            self.register_buffer(name, torch.from_numpy(array.copy()), persistent=False)
        # Of the factors with codes, in the encoder's order, those that are categorical.
        coded = np.flatnonzero(encoding.n_codes)
        places = {
            "numeric": np.flatnonzero(~encoding.is_categorical),
            "categorical": np.flatnonzero(encoding.is_categorical[coded]),
        }
        codes = [
            first + np.arange(n)
            for first, n, flag in zip(
                encoding.first_code, encoding.n_codes, encoding.is_categorical, strict=True
            )
            if flag
        ]
        places["codes"] = np.concatenate(codes) if codes else np.array([], dtype=np.int64)
        for name, array in places.items():
            self.register_buffer(name, torch.from_numpy(array), persistent=False)
        self.n_codes = 1 + int(encoding.n_codes.sum())
        n_columns = count_columns(encoding)
        self.trees = [_as_tree(forest, nodes, n_columns) for nodes in slices]
        self.tree_shares = [
            [np.ascontiguousarray(forest.share[nodes, k]) for k in range(1, forest.share.shape[1])]
            for nodes in slices
        ]
        self.depth = max(tree.max_depth for tree in self.trees)

    def __getstate__(self):
        # A checkpoint may pickle the net while it trains.
        return vars(self) | {"is_awake": True}

    def _columns(self, values, codes):
        """Return what the trees read, (B, columns)."""
        numbers = values[self.numeric].float().T
        if not len(self.codes):
            return numbers.contiguous()
        is_code = numbers.new_zeros(len(numbers), self.n_codes)
        is_code.scatter_(1, codes[self.categorical].T, 1)
        return torch.cat([numbers, is_code[:, self.codes]], dim=1)

    def _walk_on_processor(self, rows):
        """Sum over the trees of the shares of all classes but the first, (Y - 1, B)."""
        rows = rows.numpy()
        total = np.zeros((len(self.tree_shares[0]), len(rows)), dtype=np.float32)
        for tree, shares in zip(self.trees, self.tree_shares, strict=True):
            leaves = tree.apply(rows)
            for summed, share in zip(total, shares, strict=True):
                summed += share[leaves]
        return torch.from_numpy(total)

    def _walk(self, rows):
        """Do the same on any device, all trees at a time."""
        node = self.first_node[:, None].expand(-1, len(rows))
        for _ in range(self.depth):
            feature = self.feature[node]
            asked = torch.gather(rows.T, 0, feature.clamp(min=0))
            to_left = asked <= self.threshold.float()[node]
            following = torch.where(to_left, self.left[node], self.right[node])
            node = torch.where(feature < 0, node, following)
        return self.share.float()[node][..., 1:].sum(dim=0).T

    def forward(self, values, codes):
        rows = self._columns(values.detach(), codes)
        # A compiler can look into torch's operations alone.
        by_trees = rows.device.type == "cpu" and not torch.compiler.is_compiling()
        total = self._walk_on_processor(rows) if by_trees else self._walk(rows)
        others = total / len(self.trees)
        shares = torch.cat([1 - others.sum(dim=0, keepdim=True), others])
        return shares.clamp_(min=_LEAST_PROBABILITY).log_().to(values.dtype).unsqueeze(0)


@contextmanager
def without_memory(module):
    """Leave the memory out of a network while it trains: it knows the labels of all rows.

    Parameters
    ----------
    module : torch module
        The network, compiled or not, or one of the user's own around it.
    """
    memories = [part for part in module.modules() if isinstance(part, MemoryPath)]
    for memory in memories:
        memory.is_awake = False
    try:
        yield
    finally:
        for memory in memories:
            memory.is_awake = True
