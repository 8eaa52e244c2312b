"""A fitted net in one file, without pickle: safetensors, with the parameters as JSON."""

import json
from collections.abc import Mapping
from dataclasses import fields

import numpy as np
import torch
from skorch.history import History

from sklearn_landslide._sequences import resolve_sequences
from sklearn_landslide._version import __version__
from sklearn_landslide.nn._encoding import FactorEncoding
from sklearn_landslide.nn._learned import Learned
from sklearn_landslide.nn._linear import LogisticSolution
from sklearn_landslide.nn._rows import TableColumns
from sklearn_landslide.nn._safetensors import DAMAGE, damaged, read_tensors, write_tensors
from sklearn_landslide.nn._sequence_encoding import SequenceEncoding

# Raised whenever an older version could not read the file rightly: 2 has sequences, and a net
# without them is still written as 1.
_FORMAT = 2
_KEY = "sklearn_landslide"
# Where the module holds what was learned of each group of sequences.
_READERS = "sequences.table.readers."
# What concerns training alone, and what the loading call says anew.
_NOT_KEPT = {
    "callbacks",
    "compile",
    "train_split",
    "optimizer",
    "iterator_train",
    "iterator_valid",
    "dataset",
    "torch_load_kwargs",
    "device",
    "random_state",
}
_NOT_KEPT_PREFIXES = ("callbacks__", "optimizer__", "iterator_", "dataset__")


def _as_json(name, value):
    """Return a parameter in a form that JSON can hold, or say that none exists."""
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    if isinstance(value, tuple):
        value = list(value)
    try:
        json.dumps(value)
    except TypeError:
        raise ValueError(
            f"{name}={value!r} cannot be saved without code: only numbers, texts, lists and "
            "dicts can. Set it to its default, or keep the object in a script."
        ) from None
    return value


def _kept_params(net):
    """Parameters that the file holds: those that differ from the default."""
    default = type(net)().get_params(deep=False)
    kept = {}
    for name, value in net.get_params(deep=False).items():
        if name in _NOT_KEPT or name.startswith(_NOT_KEPT_PREFIXES):
            continue
        if name not in default or value is not default[name]:
            if name == "class_weight" and isinstance(value, dict):
                # JSON turns keys into texts; labels may be numbers.
                value = {
                    "labels": np.array(list(value)).tolist(),
                    "weights": np.array(list(value.values())).tolist(),
                }
            if name == "sequences":
                value = _plain_columns(value)
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
    state = {name: tensor.cpu().numpy() for name, tensor in module.state_dict().items()}
    about = {
        "format": _FORMAT if net._sequences else 1,
        "version": __version__,
        "params": _kept_params(net),
        "classes": _as_json("classes_", net.classes_),
        "class_weights": None if net._class_weights is None else net._class_weights.tolist(),
        "n_members": net._n_members,
        "n_features_in": net.n_features_in_,
        "feature_names_in": getattr(net, "feature_names_in_", np.array([])).tolist() or None,
        "is_categorical": net.is_categorical_.tolist(),
        "categories": [_as_json("categories", values) for values in net.categories_],
        "history": net.history.to_list(),
    }
    write_tensors(path, state, {_KEY: json.dumps(about, default=_plain)})


def load_net(cls, path, device):
    """Read a net from a file; see :meth:`LandslideNet.load`."""
    tensors, metadata = read_tensors(path)
    if _KEY not in metadata:
        raise ValueError(f"{path} holds tensors, but not those of a LandslideNet.")
    # A device that is not there is no fault of the file.
    torch.empty(0, device=device)
    try:
        about = json.loads(metadata[_KEY])
        if about["format"] <= _FORMAT:
            return _restored(cls, tensors, about, device)
    except DAMAGE:
        raise damaged(path) from None
    raise ValueError(
        f"{path} was saved by sklearn-landslide {about.get('version')}, and this is "
        f"{__version__}: upgrade to read it."
    )


def _restored(cls, tensors, about, device):
    """Build the net that a file describes."""
    params = about["params"]
    if isinstance(params.get("class_weight"), dict):
        pairs = params["class_weight"]
        params["class_weight"] = dict(zip(pairs["labels"], pairs["weights"], strict=True))
    net = cls(device=device, **params)
    weights = {name: torch.from_numpy(array) for name, array in tensors.items()}
    net._adopt(_learned(net, tensors, about), weights=weights, history=History(about["history"]))
    return net


def _learned(net, tensors, about):
    """Return what the net had learned of its training table."""
    logistic = class_weights = None
    if any(name.startswith("linear.") for name in tensors):
        logistic = LogisticSolution(**_fields(LogisticSolution, "linear.", tensors))
    if about["class_weights"] is not None:
        class_weights = np.array(about["class_weights"], dtype=np.float32)
    return Learned(
        columns=_columns(net.sequences, tensors, about),
        classes=np.array(about["classes"]),
        encoding=FactorEncoding(**_fields(FactorEncoding, "encoder.", tensors)),
        class_weights=class_weights,
        logistic=logistic,
        n_members=about["n_members"],
    )


def _columns(sequences, tensors, about):
    """Return what the columns of the training table were."""
    names, n_features = about["feature_names_in"], about["n_features_in"]
    if len(about["is_categorical"]) != n_features:
        raise ValueError
    groups = []
    if sequences:
        groups = resolve_sequences(sequences, n_features=n_features, names=names)
    return TableColumns(
        names=np.array(names, dtype=object) if names else None,
        is_categorical=np.array(about["is_categorical"]),
        categories=[np.array(values) for values in about["categories"]],
        groups=groups,
        sequences=[
            SequenceEncoding(**_fields(SequenceEncoding, f"{_READERS}{i}.", tensors))
            for i in range(len(groups))
        ],
    )


def _fields(kind, prefix, tensors):
    """Arrays of a dataclass among the tensors of the module that holds it."""
    return {field.name: tensors[prefix + field.name] for field in fields(kind)}
