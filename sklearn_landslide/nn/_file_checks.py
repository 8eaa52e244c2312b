"""What the parts of a saved net must be, to fit each other: looked at before anything is built.

Each check raises ValueError without words; whoever reads the file says that it is damaged.
"""

from inspect import signature

import numpy as np
import torch
from sklearn.utils._param_validation import validate_parameter_constraints

from sklearn_landslide._tree_arrays import check_branches, check_factors
from sklearn_landslide.nn._bubble import seed_bubble
from sklearn_landslide.nn._encoding import MAX_SCORE
from sklearn_landslide.nn._heads import MemberCrossEntropy
from sklearn_landslide.nn._memory import count_columns, holds_monotone
from sklearn_landslide.nn._modules import LandslideModule

# What the net itself gives to its module and its loss, and so no parameter of a file.
_LEARNED = {"encoding", "n_classes", "n_members", "logistic", "forest", "sequences"}
_LEARNED |= {"monotone", "weight"}
# More convolutions than any net has: their widths grow with the powers of 2.
_MOST_CONVOLUTIONS = 16


def require(condition):
    """Raise where a condition does not hold.

    Parameters
    ----------
    condition : bool
        What must hold.
    """
    if not condition:
        raise ValueError


def require_array(array, shape, dtype):
    """Raise where an array has another shape or type, or decimal numbers that are not finite.

    Parameters
    ----------
    array : ndarray
        What a file holds.
    shape : tuple of int
        What its shape must be.
    dtype : type
        What its type must be.
    """
    require(array.shape == shape and array.dtype == dtype)
    require(np.isfinite(array).all())


def scalars(values):
    """Return the labels or the codes of a file as an array: of one type, none of them twice.

    Parameters
    ----------
    values : list
        Texts, numbers or booleans.

    Returns
    -------
    values : ndarray of shape (n_values,)
    """
    array = np.array(values)
    require(isinstance(values, list) and array.ndim == 1)
    require(not values or array.dtype.kind in "biufU")
    require(all(isinstance(value, str) == (array.dtype.kind == "U") for value in values))
    require(array.dtype.kind != "f" or np.isfinite(array).all())
    require(len(set(values)) == len(values))
    return array


def check_params(net, params):
    """Check that the parameters in a file are some that a net writes.

    Parameters
    ----------
    net : LandslideNet
        A net of that class, without parameters.
    params : dict
        The parameters of the file, without those that concern training alone.
    """
    of_module = signature(LandslideModule).parameters
    known = {f"module__{name}" for name in set(of_module) - _LEARNED}
    known |= {f"criterion__{n}" for n in set(signature(MemberCrossEntropy).parameters) - _LEARNED}
    of_code = {"module", "criterion", "predict_nonlinearity"}
    known |= set(net.get_params(deep=False)) - of_code
    require(isinstance(params, dict) and set(params) <= known)
    own = net._parameter_constraints
    validate_parameter_constraints(own, {k: v for k, v in params.items() if k in own}, "")
    widths = params.get("module__conv_widths", [1])
    require(isinstance(widths, list) and 0 < len(widths) <= _MOST_CONVOLUTIONS)
    for name in set(params) - set(own):
        if name.startswith("module__"):
            if params[name] == of_module[name.removeprefix("module__")].default == "auto":
                continue
            sizes = widths if name == "module__conv_widths" else [params[name]]
            require(all(type(size) is int and size > 0 for size in sizes))


def check_encoding(encoding):
    """Check the quantiles and the codes of the factors.

    Parameters
    ----------
    encoding : FactorEncoding
        What a file holds.
    """
    knots, n_factors = encoding.knots, len(encoding.n_codes)
    require(knots.ndim == 2 and knots.dtype == np.float32 and knots.size > 0)
    require_array(encoding.scores, (n_factors, knots.shape[1]), np.float32)
    require((np.abs(encoding.scores) <= MAX_SCORE).all())
    require_array(encoding.n_codes, (n_factors,), np.int64)
    require_array(encoding.is_categorical, (n_factors,), np.bool_)
    n_knots = np.isfinite(knots).sum(axis=1)
    inside = np.arange(knots.shape[1]) < n_knots[:, None]
    require(len(knots) == n_factors and (n_knots > 0).all())
    require(np.isfinite(knots[inside]).all() and (knots[~inside] == np.inf).all())
    require((knots[:, 1:] > knots[:, :-1])[inside[:, 1:]].all())
    coded = encoding.n_codes > 0
    require((encoding.n_codes[coded] == n_knots[coded]).all() and (encoding.n_codes >= 0).all())
    require(coded[encoding.is_categorical].all())
    codes = np.broadcast_to(np.arange(knots.shape[1]), knots.shape)
    fixed = inside & encoding.is_categorical[:, None]
    require((knots[fixed] == codes[fixed]).all())


def check_logistic(logistic, encoding, n_classes):
    """Check the logistic regression beside the network.

    Parameters
    ----------
    logistic : LogisticSolution
        What a file holds.
    encoding : FactorEncoding
        The factors.
    n_classes : int
        Number of classes.
    """
    n_factors, n_codes = encoding.n_factors, int(encoding.n_codes.sum())
    for array in (logistic.low, logistic.high, logistic.mean, logistic.scale):
        require_array(array, (n_factors,), np.float32)
    require_array(logistic.weight, (n_factors, n_classes), np.float32)
    require_array(logistic.code_weight, (1 + n_codes, n_classes), np.float32)
    require_array(logistic.bias, (n_classes,), np.float32)
    require((logistic.scale > 0).all() and (logistic.low <= logistic.high).all())


def check_forest(forest, encoding, n_classes):
    """Check the trees of the memory, node by node.

    Parameters
    ----------
    forest : Forest
        What a file holds.
    encoding : FactorEncoding
        The factors.
    n_classes : int
        Number of classes.
    """
    n_nodes = len(forest.feature)
    for array in (forest.feature, forest.left, forest.right):
        require_array(array, (n_nodes,), np.int32)
    require_array(forest.threshold, (n_nodes,), np.float32)
    require_array(forest.share, (n_nodes, n_classes), np.float32)
    require((forest.share >= 0).all() and (np.abs(forest.share.sum(axis=1) - 1) < 1e-3).all())
    require_array(forest.first_node, forest.first_node.shape[:1], np.int32)
    require(len(forest.first_node) > 0 and forest.first_node[0] == 0)
    require((np.diff(forest.first_node, append=n_nodes) > 0).all())
    is_leaf = forest.feature == -1
    check_factors(forest.feature[~is_leaf], count_columns(encoding))
    require((forest.left[is_leaf] == -1).all() and (forest.right[is_leaf] == -1).all())
    for nodes in forest.slices():
        check_branches(forest.left[nodes], forest.right[nodes], is_leaf[nodes])


def check_monotone(monotone, logistic, forest, encoding):
    """Check that the line and the trees keep to what a factor may do.

    Parameters
    ----------
    monotone : ndarray of shape (n_factors,), int8, or None
        As of :func:`resolve_monotonic`.
    logistic : LogisticSolution or None
        What a file holds.
    forest : Forest or None
        What a file holds.
    encoding : FactorEncoding
        The factors.
    """
    if monotone is None:
        return
    if logistic is not None:
        slopes = logistic.weight[:, 1].astype(float) - logistic.weight[:, 0]
        require((monotone * slopes >= 0).all())
    require(forest is None or holds_monotone(forest, encoding, monotone))


def check_recipe(recipe):
    """Check what "auto" stood for in a fit.

    Parameters
    ----------
    recipe : Recipe
        What a file holds.
    """
    require(type(recipe.n_members) is int and recipe.n_members > 0)
    require(type(recipe.max_epochs) is int and recipe.max_epochs >= 0)
    require(type(recipe.wide_hidden) is int and recipe.wide_hidden > 0)
    for weight in (recipe.linear_weight, recipe.memory_weight):
        require(weight is None or (type(weight) in (int, float) and 0 <= weight <= 1))


def check_columns(columns, encoding):
    """Check that the columns of a table give the factors that were encoded.

    Parameters
    ----------
    columns : TableColumns
        What a file says of the columns.
    encoding : FactorEncoding
        The factors.
    """
    for group, sequence in zip(columns.groups, columns.sequences, strict=True):
        shape = group.positions.shape
        require_array(sequence.positions, shape, np.int64)
        require((sequence.positions == group.positions).all())
        require_array(sequence.fill, shape, np.float32)
        for array in (sequence.unit, sequence.mean, sequence.scale):
            require_array(array, shape[:1], np.float32)
        require((sequence.unit >= 0).all() and (sequence.scale > 0).all())
    n_codes = np.zeros(columns.n_features, dtype=np.int64)
    require(len(columns.categories) == columns.is_categorical.sum())
    n_codes[columns.is_categorical] = [len(values) for values in columns.categories]
    static = np.ones(columns.n_features, dtype=bool)
    for sequence in columns.sequences:
        static[sequence.positions] = False
    n_codes = n_codes[static]
    n_summaries = sum(sequence.n_summaries for sequence in columns.sequences)
    require(encoding.n_factors == len(n_codes) + n_summaries)
    is_code = np.pad(n_codes > 0, (0, n_summaries))
    require((encoding.is_categorical == is_code).all())
    require((encoding.n_codes[is_code] == n_codes[n_codes > 0]).all())


def check_weights(module, params, weights):
    """Check that a module would have the tensors of a file, before it takes any memory.

    Parameters
    ----------
    module : torch module class
        The module.
    params : dict
        Its parameters.
    weights : dict of str to Tensor
        The tensors of the file.
    """
    # What is made on "meta" has a shape and no values.
    with seed_bubble(0), torch.device("meta"):
        expected = module(**params).state_dict()
    require(expected.keys() == weights.keys())
    for name, tensor in weights.items():
        require(tensor.shape == expected[name].shape and tensor.dtype == expected[name].dtype)
        # Knots are filled up with infinity.
        require(name == "encoder.knots" or tensor.isfinite().all())
