"""A fitted net in one file, without pickle: safetensors, with the parameters as JSON."""

import json
from collections.abc import Mapping
from dataclasses import fields

import numpy as np
import torch
from skorch.history import History

from sklearn_landslide._sequences import resolve_sequences
from sklearn_landslide._version import __version__
from sklearn_landslide._whole_file import whole_file
from sklearn_landslide.nn._encoding import FactorEncoding
from sklearn_landslide.nn._linear import LogisticSolution
from sklearn_landslide.nn._sequence_encoding import SequenceEncoding

# Raised whenever an older version could not read the file rightly: 2 has sequences, and a net
# without them is still written as 1.
_FORMAT = 2
_KEY = "sklearn_landslide"
# Where the module holds what was learned of each group of sequences.
_READERS = "sequences.table.readers."
_DTYPES = {"F32": np.float32, "I64": np.int64, "BOOL": np.bool_}
_CODES = {np.dtype(dtype): code for code, dtype in _DTYPES.items()}
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

# What reading and building raise where the file does not hold what was written.
_DAMAGE = (
    ArithmeticError,
    AttributeError,
    LookupError,
    MemoryError,
    RuntimeError,
    TypeError,
    ValueError,
)


def _damaged(path):
    return ValueError(f"{path} is truncated or damaged: save the net again.")


def write_tensors(path, tensors, metadata):
    """Write arrays to a safetensors file: under a temporary name first, then renamed.

    Parameters
    ----------
    path : str or path-like
        The file.
    tensors : dict of str to ndarray
        Arrays of type float32, int64 or bool.
    metadata : dict of str to str
        Texts kept beside the arrays.
    """
    header, parts, offset = {"__metadata__": metadata}, [], 0
    for name, array in tensors.items():
        data = np.ascontiguousarray(array).tobytes()
        header[name] = {
            "dtype": _CODES[array.dtype],
            "shape": list(array.shape),
            "data_offsets": [offset, offset + len(data)],
        }
        parts.append(data)
        offset += len(data)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with whole_file(path) as hidden, open(hidden, "xb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        file.writelines(parts)


def read_tensors(path):
    """Read the arrays and the texts of a safetensors file.

    Parameters
    ----------
    path : str or path-like
        The file.

    Returns
    -------
    tensors : dict of str to ndarray
    metadata : dict of str to str

    Raises
    ------
    ValueError
        If the file is truncated or is no safetensors file.
    """
    with open(path, "rb") as file:
        start = file.read(9)
        # Looked at before the rest is read: a wrong file may be large.
        if start[8:] != b"{":
            raise ValueError(
                f"{path} is not a saved LandslideNet: write one with LandslideNet.save."
            )
        data = start[8:] + file.read()
    length = int.from_bytes(start[:8], "little")
    body = memoryview(data)[length:]
    try:
        header = json.loads(data[:length])
        metadata = dict(header.pop("__metadata__", {}))
        spans = {name: entry["data_offsets"] for name, entry in header.items()}
        n_bytes = max((end for _, end in spans.values()), default=0)
        if length > len(data) or n_bytes != len(body):
            raise ValueError
        tensors = {
            name: np.frombuffer(body[slice(*spans[name])], _DTYPES[entry["dtype"]])
            .reshape(entry["shape"])
            .copy()
            for name, entry in header.items()
        }
    except _DAMAGE:
        raise _damaged(path) from None
    return tensors, metadata


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
    except _DAMAGE:
        raise _damaged(path) from None
    raise ValueError(
        f"{path} was saved by sklearn-landslide {about.get('version')}, and this is "
        f"{__version__}: upgrade to read it."
    )


def _fields(kind, prefix, tensors):
    """Arrays of a dataclass among the tensors of the module that holds it."""
    return {field.name: tensors[prefix + field.name] for field in fields(kind)}


def _restored(cls, tensors, about, device):
    """Build the net that a file describes."""
    params = about["params"]
    if isinstance(params.get("class_weight"), dict):
        pairs = params["class_weight"]
        params["class_weight"] = dict(zip(pairs["labels"], pairs["weights"], strict=True))
    net = cls(device=device, **params)
    net.classes_inferred_ = np.array(about["classes"])
    net.n_features_in_ = about["n_features_in"]
    if about["feature_names_in"]:
        net.feature_names_in_ = np.array(about["feature_names_in"], dtype=object)
    net.is_categorical_ = np.array(about["is_categorical"])
    net.categories_ = [np.array(values) for values in about["categories"]]
    net.encoding_ = FactorEncoding(**_fields(FactorEncoding, "encoder.", tensors))
    if net.sequences:
        net._groups = resolve_sequences(
            net.sequences, n_features=net.n_features_in_, names=about["feature_names_in"]
        )
        net._sequences = [
            SequenceEncoding(**_fields(SequenceEncoding, f"{_READERS}{i}.", tensors))
            for i in range(len(net._groups))
        ]
    if any(name.startswith("linear.") for name in tensors):
        net._logistic = LogisticSolution(**_fields(LogisticSolution, "linear.", tensors))
    if about["class_weights"] is not None:
        net._class_weights = np.array(about["class_weights"], dtype=np.float32)
    net._initialize_untrained(about["n_members"])
    net.module_.load_state_dict({name: torch.from_numpy(array) for name, array in tensors.items()})
    net.history_ = History(about["history"])
    return net
