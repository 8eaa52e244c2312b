"""Arrays and texts in a file of the safetensors format, with a digest of all its bytes."""

import hashlib
import json
import os
from itertools import pairwise

import numpy as np

from sklearn_landslide._whole_file import whole_file

_DTYPES = {"F32": np.float32, "I64": np.int64, "I32": np.int32, "BOOL": np.bool_}
_CODES = {np.dtype(dtype): code for code, dtype in _DTYPES.items()}
# Name of the text that describes the net.
KEY = "sklearn_landslide"
# The header begins so, and the digest follows at once: it can be checked before anything is
# parsed. It is that of the file with zeros in its place.
_OPENING = b'{"__metadata__": {"sha256": "'
_NO_DIGEST = b"0" * 64
_DIGEST = slice(8 + len(_OPENING), 8 + len(_OPENING) + len(_NO_DIGEST))
# What reading and building raise where the file does not hold what was written.
DAMAGE = (
    ArithmeticError,
    AttributeError,
    LookupError,
    MemoryError,
    RuntimeError,
    TypeError,
    ValueError,
)


def damaged(path):
    """Return the error of a file that does not hold what was written."""
    return ValueError(f"{path} is truncated or damaged: save the net again.")


def not_a_net(path):
    """Return the error of a safetensors file of another kind."""
    return ValueError(f"{path} holds tensors, but not those of a LandslideNet.")


def _digest(data):
    """Return the digest of a file's bytes, as they stand with zeros in its place."""
    found = hashlib.sha256(data[: _DIGEST.start])
    found.update(_NO_DIGEST)
    found.update(data[_DIGEST.stop :])
    return found.hexdigest().encode()


def write_tensors(path, tensors, metadata):
    """Write arrays to a safetensors file: under a temporary name first, then renamed.

    Parameters
    ----------
    path : str or path-like
        The file.
    tensors : dict of str to ndarray
        Arrays of type float32, int64, int32 or bool.
    metadata : dict of str to str
        Texts kept beside the arrays.
    """
    header = {"__metadata__": {"sha256": _NO_DIGEST.decode()} | metadata}
    parts, offset = [], 0
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
    data = bytearray(b"".join([len(text).to_bytes(8, "little"), text, *parts]))
    data[_DIGEST] = _digest(memoryview(data))
    with whole_file(path) as hidden, open(hidden, "xb") as file:
        file.write(data)


def read_tensors(path):
    """Read the arrays and the texts of a file that ``write_tensors`` has written.

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
        If the file is not a safetensors file, or is not, bit by bit, what was written.
    """
    with open(path, "rb") as file:
        start = file.read(9)
        length = int.from_bytes(start[:8], "little")
        # Looked at before the rest is read: a wrong file may be large.
        if start[8:] != b"{":
            raise ValueError(
                f"{path} is not a saved LandslideNet: write one with LandslideNet.save."
            )
        if length > os.fstat(file.fileno()).st_size - 8:
            raise damaged(path)
        data = memoryview(start + file.read())
    is_signed = data[8 : _DIGEST.start] == _OPENING
    if is_signed and data[_DIGEST] != _digest(data):
        raise damaged(path)
    try:
        header = json.loads(bytes(data[8 : 8 + length]))
        metadata = dict(header.pop("__metadata__", {}))
        tensors = _tensors_of(header, data[8 + length :])
    except DAMAGE:
        raise damaged(path) from None
    if not is_signed:
        raise damaged(path) if KEY in metadata else not_a_net(path)
    metadata.pop("sha256", None)
    return tensors, metadata


def _tensors_of(header, body):
    """Return the arrays that a header describes."""
    spans = [entry["data_offsets"] for entry in header.values()]
    # One after the other, so that they take no more memory than the file.
    edges = [0, *(end for _, end in spans)]
    if [list(span) for span in spans] != [list(span) for span in pairwise(edges)]:
        raise ValueError
    sizes = [
        size for entry in header.values() for size in [*entry["data_offsets"], *entry["shape"]]
    ]
    if edges[-1] != len(body) or not all(type(size) is int and size >= 0 for size in sizes):
        raise ValueError
    tensors = {}
    for name, entry in header.items():
        data = body[slice(*entry["data_offsets"])]
        if entry["dtype"] == "BOOL" and max(data, default=0) > 1:
            raise ValueError
        array = np.frombuffer(data, _DTYPES[entry["dtype"]])
        tensors[name] = array.reshape(entry["shape"]).copy()
    return tensors
