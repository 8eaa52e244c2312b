"""A fitted net in one file, without pickle: safetensors, with the parameters as JSON."""

import json
from collections.abc import Mapping
from dataclasses import asdict, fields

import numpy as np
import torch
from skorch.history import History

from sklearn_landslide._sequences import resolve_sequences
from sklearn_landslide._version import __version__
from sklearn_landslide.nn._devices import check_device
from sklearn_landslide.nn._encoding import FactorEncoding
from sklearn_landslide.nn._file_checks import (
    check_columns,
    check_encoding,
    check_forest,
    check_logistic,
    check_monotone,
    check_params,
    check_recipe,
    require,
    require_array,
    scalars,
)
from sklearn_landslide.nn._learned import Learned
from sklearn_landslide.nn._linear import LogisticSolution
from sklearn_landslide.nn._memory import Forest
from sklearn_landslide.nn._monotone import resolve_monotonic
from sklearn_landslide.nn._recipe import Recipe
from sklearn_landslide.nn._rows import EncodedRows, TableColumns
from sklearn_landslide.nn._safetensors import (
    DAMAGE,
    KEY,
    damaged,
    not_a_net,
    read_tensors,
    write_tensors,
)
from sklearn_landslide.nn._sequence_encoding import SequenceEncoding

# Raised whenever another version could not read the file rightly. Nets of the formats before 3
# had other layers.
_FORMAT = 3
# Where the file holds the forest, which is not a part of the module's weights.
_FOREST = "memory."
# Where the module holds what was learned of each group of sequences.
_READERS = "sequences.table.readers."
# What concerns training alone, and what the loading call says again.
_NOT_KEPT = {
    "callbacks",
    "compile",
    "cv",
    "scoring",
    "train_split",
    "optimizer",
    "iterator_train",
    "iterator_valid",
    "dataset",
    "torch_load_kwargs",
    "device",
    "random_state",
}
_NOT_KEPT_PREFIXES = ("callbacks__", "compile__", "optimizer__", "iterator_", "dataset__")
# Rows that a net that was read must give probabilities for.
_PROBE_ROWS = 64


def _as_json(name, value):
    """Return a parameter in a form that JSON can hold, or say that none exists."""
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    if isinstance(value, tuple):
        value = list(value)
    try:
        json.dumps(value)
    except TypeError:
        raise _not_kept(name, value) from None
    return value


def _not_kept(name, value):
    """Return the error of a parameter that no file can hold."""
    return ValueError(
        f"{name}={value!r} cannot be saved without code: only numbers, texts, lists and "
        "dicts can. Set it to its default, or keep the object in a script."
    )


def _concerns_training(name):
    return name in _NOT_KEPT or name.startswith(_NOT_KEPT_PREFIXES)


def _same(value, default):
    """Say whether a value is the default, or a text equal to it, as of another process."""
    return value is default or (isinstance(value, str) and value == default)


def _kept_params(net):
    """Parameters that the file holds: those that differ from the default."""
    default = type(net)().get_params(deep=False)
    kept = {}
    for name, value in net.get_params(deep=False).items():
        if _concerns_training(name) or (name == "criterion" and value is None):
            # A net that was trimmed for prediction has no loss.
            continue
        if name not in default or not _same(value, default[name]):
            if name == "class_weight" and isinstance(value, dict):
                # JSON turns keys into texts; labels may be numbers.
                value = {
                    "labels": np.array(list(value)).tolist(),
                    "weights": np.array(list(value.values())).tolist(),
                }
            if name == "sequences":
                value = _plain_columns(value)
            if name == "monotonic_cst" and isinstance(value, Mapping):
                value = {factor: int(sign) for factor, sign in value.items()}
            if name == "predict_nonlinearity":
                # None leaves the outputs of the heads, which are not probabilities.
                raise _not_kept(name, value)
            kept[name] = _as_json(name, value)
    return kept


def _plain_columns(listed):
    """Return lists of columns, in dicts or not, in a form that JSON can hold."""
    if isinstance(listed, Mapping):
        return {str(name): _plain_columns(columns) for name, columns in listed.items()}
    return np.asarray(listed).tolist()


def _plain(value):
    """Return what a callback has recorded in a form that JSON can hold."""
    return value.tolist() if hasattr(value, "tolist") else repr(value)


def save_net(net, path):
    """Write a fitted net to a file; see :meth:`LandslideNet.save`."""
    net.check_is_fitted()
    # torch.compile wraps the module, and so renames its tensors.
    module = getattr(net.module_, "_orig_mod", net.module_)
    params = _kept_params(net)
    state = {name: _precise(tensor, net, name) for name, tensor in module.state_dict().items()}
    for name, array in state.items():
        if name != "encoder.knots" and not np.isfinite(array).all():
            raise ValueError(
                f"{name} of the net is not finite, so it would predict nothing: it diverged. "
                "Fit it again, with a lower lr."
            )
    if net._forest is not None:
        state |= {_FOREST + name: array for name, array in vars(net._forest).items()}
    about = {
        "format": _FORMAT,
        "version": __version__,
        "params": params,
        "classes": _as_json("classes_", net.classes_),
        "class_weights": None if net._class_weights is None else net._class_weights.tolist(),
        "recipe": asdict(net.recipe_),
        "n_members": net._n_members,
        "n_features_in": net.n_features_in_,
        "feature_names_in": getattr(net, "feature_names_in_", np.array([])).tolist() or None,
        "is_categorical": net.is_categorical_.tolist(),
        "categories": [_as_json("categories", values) for values in net.categories_],
        "history": net.history.to_list(),
    }
    write_tensors(path, state, {KEY: json.dumps(about, default=_plain)})


def _precise(tensor, net, name):
    """Return a tensor as an array in single precision; of the table, as it was learned."""
    tensor = tensor.cpu()
    if not tensor.is_floating_point() or tensor.dtype == torch.float32:
        return tensor.numpy()
    learned = {f"encoder.{k}": v for k, v in vars(net.encoding_).items()}
    if net._logistic is not None:
        learned |= {f"linear.{k}": v for k, v in vars(net._logistic).items()}
    for i, sequence in enumerate(net._sequences):
        learned |= {f"{_READERS}{i}.{k}": v for k, v in vars(sequence).items()}
    # A module in half precision has lost digits, and quantiles beyond 65,504.
    if name in learned and torch.equal(torch.from_numpy(learned[name]).to(tensor.dtype), tensor):
        return learned[name]
    return tensor.float().numpy()


def load_net(cls, path, device):
    """Read a net from a file; see :meth:`LandslideNet.load`."""
    check_device(device)
    tensors, metadata = read_tensors(path)
    if KEY not in metadata:
        raise not_a_net(path)
    try:
        about = json.loads(metadata[KEY])
        file_format = about["format"]
        require(type(file_format) is int and file_format > 0)
        if file_format == _FORMAT:
            # A number that is too large is not a fault to warn of: it is refused.
            with np.errstate(all="ignore"):
                return _restored(cls, tensors, about, device)
    except DAMAGE:
        raise damaged(path) from None
    advice = "upgrade to read it"
    if file_format < _FORMAT:
        advice = "its network had other layers, so fit it again and save it"
    raise ValueError(
        f"{path} was saved by sklearn-landslide {ascii(about.get('version'))[1:-1]} in format "
        f"{file_format}, and this is {__version__} with format {_FORMAT}: {advice}."
    )


def _restored(cls, tensors, about, device):
    """Build the net that a file describes."""
    params = about["params"]
    require(isinstance(params, dict) and not any(map(_concerns_training, params)))
    if isinstance(params.get("class_weight"), dict):
        pairs = params["class_weight"]
        params["class_weight"] = dict(zip(pairs["labels"], pairs["weights"], strict=True))
    check_params(cls(), params)
    net = cls(device=device, **params)
    weights = {
        name: torch.from_numpy(array)
        for name, array in tensors.items()
        if not name.startswith(_FOREST)
    }
    rows = about["history"]
    require(isinstance(rows, list))
    require(all(isinstance(row, dict) and isinstance(row["batches"], list) for row in rows))
    learned = _learned(net, tensors, about)
    net._adopt(learned, weights=weights, history=History(rows))
    # Weights that are finite may still be so large that nothing comes of them.
    net.predict_proba(_probe(learned))
    return net


def _probe(learned):
    """Return encoded rows from all over the training table's range."""
    rng = np.random.default_rng(0)
    columns, knots = learned.columns, learned.encoding.knots
    n_knots = np.isfinite(knots).sum(axis=1)
    where = rng.uniform(size=(_PROBE_ROWS, len(knots)))
    # The lowest and the highest of all, and some between.
    where[:2] = [[0.0], [1.0]]
    at = (where * (n_knots - 1)).round().astype(int)
    rows = np.zeros((_PROBE_ROWS, columns.n_features), dtype=np.float32)
    static = np.ones(columns.n_features, dtype=bool)
    for sequence in columns.sequences:
        static[sequence.positions] = False
        times = rng.exponential(size=(_PROBE_ROWS, 1, 1)).astype(np.float32)
        rows[:, sequence.positions] = sequence.fill * times
    rows[:, static] = np.take_along_axis(knots, at.T, axis=1)[: static.sum()].T
    return rows.view(EncodedRows)


def _learned(net, tensors, about):
    """Return what the net had learned of its training table."""
    classes = scalars(about["classes"])
    require(len(classes) > 1 and (np.sort(classes) == classes).all())
    encoding = FactorEncoding(**_fields(FactorEncoding, "encoder.", tensors))
    check_encoding(encoding)
    logistic = forest = class_weights = None
    if any(name.startswith("linear.") for name in tensors):
        logistic = LogisticSolution(**_fields(LogisticSolution, "linear.", tensors))
        check_logistic(logistic, encoding, len(classes))
    if any(name.startswith(_FOREST) for name in tensors):
        forest = Forest(**_fields(Forest, _FOREST, tensors))
        check_forest(forest, encoding, len(classes))
    if about["class_weights"] is not None:
        class_weights = np.array(about["class_weights"], dtype=np.float32)
        require_array(class_weights, (len(classes),), np.float32)
        require((class_weights >= 0).all())
    recipe, n_members = Recipe(**about["recipe"]), about["n_members"]
    check_recipe(recipe)
    require(type(n_members) is int and n_members > 0)
    columns = _columns(net.sequences, tensors, about)
    check_columns(columns, encoding)
    monotone = resolve_monotonic(net.monotonic_cst, columns, classes, from_file=True)
    check_monotone(monotone, logistic, forest, encoding)
    return Learned(
        columns=columns,
        classes=classes,
        encoding=encoding,
        class_weights=class_weights,
        logistic=logistic,
        forest=forest,
        recipe=recipe,
        n_members=n_members,
        monotone=monotone,
    )


def _columns(sequences, tensors, about):
    """Return what the columns of the training table were."""
    names, n_features = about["feature_names_in"], about["n_features_in"]
    is_categorical = about["is_categorical"]
    require(isinstance(is_categorical, list) and len(is_categorical) == n_features)
    require(all(type(flag) is bool for flag in is_categorical))
    if names is not None:
        require(isinstance(names, list) and len(names) == n_features)
        require(all(isinstance(name, str) for name in names))
    is_categorical = np.array(is_categorical)
    groups = resolve_sequences(
        sequences, n_features=n_features, names=names, is_categorical=is_categorical
    )
    return TableColumns(
        names=np.array(names, dtype=object) if names else None,
        is_categorical=is_categorical,
        categories=[scalars(values) for values in about["categories"]],
        groups=groups,
        sequences=[
            SequenceEncoding(**_fields(SequenceEncoding, f"{_READERS}{i}.", tensors))
            for i in range(len(groups))
        ],
    )


def _fields(kind, prefix, tensors):
    """Arrays of a dataclass among the tensors of the module that holds it."""
    return {field.name: tensors[prefix + field.name] for field in fields(kind)}
