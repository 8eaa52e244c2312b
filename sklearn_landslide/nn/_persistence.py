"""A fitted net in one file, without pickle: safetensors, with the parameters as JSON."""

import json
import os
import tempfile
from dataclasses import fields
from pathlib import Path

import numpy as np
import torch
from skorch.history import History

from sklearn_landslide._version import __version__
from sklearn_landslide.nn._encoding import FactorEncoding

# Raised whenever an older version could not read the file rightly.
_FORMAT = 1
_KEY = "sklearn_landslide"
_ENCODER = "encoder."
_DTYPES = {"F32": np.float32, "I64": np.int64, "BOOL": np.bool_}
_CODES = {np.dtype(dtype): code for code, dtype in _DTYPES.items()}
# What concerns training alone, and what the loading call says anew.
_NOT_KEPT = {
    "callbacks",
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
    path = Path(path)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(len(text).to_bytes(8, "little") + text)
            file.writelines(parts)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


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
    data = Path(path).read_bytes()
    length = int.from_bytes(data[:8], "little")
    if len(data) < 8 or data[8:9] != b"{":
        raise ValueError(f"{path} is not a saved LandslideNet: write one with LandslideNet.save.")
    body = memoryview(data)[8 + length :]
    try:
        header = json.loads(data[8 : 8 + length])
        metadata = header.pop("__metadata__", {})
        spans = {name: entry["data_offsets"] for name, entry in header.items()}
        if max((end for _, end in spans.values()), default=0) != len(body):
            raise ValueError
        tensors = {
            name: np.frombuffer(body[slice(*spans[name])], _DTYPES[entry["dtype"]])
            .reshape(entry["shape"])
            .copy()
            for name, entry in header.items()
        }
    except (ValueError, KeyError, TypeError, AttributeError):
        raise ValueError(f"{path} is truncated or damaged: save the net again.") from None
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
                value = {"labels": list(value), "weights": list(value.values())}
            kept[name] = _as_json(name, value)
    return kept


def save_net(net, path):
    """Write a fitted net to a file; see :meth:`LandslideNet.save`."""
    net.check_is_fitted()
    state = {name: tensor.cpu().numpy() for name, tensor in net.module_.state_dict().items()}
    about = {
        "format": _FORMAT,
        "version": __version__,
        "params": _kept_params(net),
        "classes": _as_json("classes_", net.classes_),
        "n_members": net._n_members,
        "n_features_in": net.n_features_in_,
        "feature_names_in": getattr(net, "feature_names_in_", np.array([])).tolist() or None,
        "is_categorical": net.is_categorical_.tolist(),
        "categories": [_as_json("categories", values) for values in net.categories_],
        "history": net.history.to_list(),
    }
    write_tensors(path, state, {_KEY: json.dumps(about)})


def load_net(cls, path, device):
    """Read a net from a file; see :meth:`LandslideNet.load`."""
    tensors, metadata = read_tensors(path)
    if _KEY not in metadata:
        raise ValueError(f"{path} holds tensors, but not those of a LandslideNet.")
    about = json.loads(metadata[_KEY])
    if about["format"] > _FORMAT:
        raise ValueError(
            f"{path} was saved by sklearn-landslide {about['version']}, and this is {__version__}: "
            "upgrade to read it."
        )
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
    net.encoding_ = FactorEncoding(
        **{field.name: tensors[_ENCODER + field.name] for field in fields(FactorEncoding)}
    )
    net._initialize_untrained(about["n_members"])
    net.module_.load_state_dict({name: torch.from_numpy(array) for name, array in tensors.items()})
    net.history_ = History(about["history"])
    return net
