"""Arrays and texts in a file of the safetensors format."""

import json

import numpy as np

from sklearn_landslide._whole_file import whole_file

_DTYPES = {"F32": np.float32, "I64": np.int64, "BOOL": np.bool_}
_CODES = {np.dtype(dtype): code for code, dtype in _DTYPES.items()}
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
    except DAMAGE:
        raise damaged(path) from None
    return tensors, metadata
