"""What a model file says that it holds, looked through before anything is made of it."""

import io
import json
import math

import numpy as np

from sklearn_landslide.persistence._json_facts import check_depth
from sklearn_landslide.persistence._trusted import trusted_classes, trusted_functions

SCHEMA = "schema.json"
# A forest of a thousand trees has 8 MB and 60,000 objects.
_MOST_BYTES, _MOST_OBJECTS = 2**26, 500_000
# Files of older protocols are read by other code of skops, and we never wrote any.
_OLDEST_PROTOCOL = 2

_NUMBERS = ("__id__", "file")
_SCALARS = {
    f"numpy.{name}"
    for name in (
        *("bool", "bool_", "str_", "float16", "float32", "float64"),
        *(f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)),
    )
}
_PLAIN = {f"builtins.{name}" for name in ("int", "float", "str", "bool")}
# By the kind of node: what it may make.
_KINDS = {
    "DictNode": {"builtins.dict", "collections.OrderedDict", "sklearn.utils._bunch.Bunch"},
    "ListNode": {"builtins.list"},
    "SetNode": {"builtins.set"},
    "TupleNode": {"builtins.tuple"},
    "SliceNode": {"builtins.slice"},
    "JsonNode": {"builtins.str"},
    "TypeNode": _PLAIN | _SCALARS,
    "NdArrayNode": {"numpy.ndarray"} | _SCALARS,
    "MaskedArrayNode": {"numpy.ma.MaskedArray", "numpy.ma.core.MaskedArray"},
    "DTypeNode": {"numpy.dtype"},
    "RandomStateNode": {"numpy.random.mtrand.RandomState"},
    "RandomGeneratorNode": {"numpy.random._generator.Generator"},
    "PartialNode": {"functools.partial"},
}


def read_schema(content):
    """Parse the description of a model, if it is no deeper and no larger than those of models.

    Parameters
    ----------
    content : bytes
        JSON.

    Returns
    -------
    schema : dict
        As skops writes it.
    """
    check_depth(content)
    if len(content) > _MOST_BYTES or content.count(b'"__loader__"') > _MOST_OBJECTS:
        raise ValueError(
            f"the model has more than {_MOST_OBJECTS:,} parts or a description of more than "
            f"{_MOST_BYTES >> 20} MB"
        )
    schema = json.loads(content)
    protocol = schema.get("protocol")
    if type(protocol) is not int or protocol < _OLDEST_PROTOCOL:
        raise ValueError("the model is of a protocol that was never written")
    return schema


# scikit-learn before 1.8 lets its losses say that they are of this module.
_SHORT_MODULES = {"_loss": "sklearn._loss._loss"}


def name_of(node):
    """Full name of what a node makes."""
    module = node.get("__module__")
    if isinstance(module, str):
        module = _SHORT_MODULES.get(module, module)
    return f"{module}.{node.get('__class__')}"


class Audit:
    """A look through all nodes of a schema.

    Parameters
    ----------
    schema : dict
        The schema.
    parts : dict of str to bytes
        The other parts of the archive, by name.

    Attributes
    ----------
    untrusted : set of str
        Full names of what may not be made.
    trusted : set of str
        Full names of the classes and functions that may.
    """

    def __init__(self, schema, parts):
        self.parts = parts
        self.untrusted, self.trusted = set(), set()
        self._classes, self._functions = trusted_classes(), trusted_functions()
        self._by_id = {}
        self._look(schema)

    def _look(self, value):
        """Look through a value and return a number that stands for its content."""
        if isinstance(value, list):
            return hash(tuple(map(self._look, value)))
        if not isinstance(value, dict):
            return hash(value)
        looked = {key: self._look(item) for key, item in value.items()}
        # A node's number and the names of files differ between equal nodes.
        content = hash(tuple((key, looked[key]) for key in looked if key not in _NUMBERS))
        if isinstance(value.get("__loader__"), str):
            self._check(value)
            # A node whose number came before is not read: skops takes the first one instead. In
            # a file of skops they are equal, so a short file can't stand for a large model.
            number = value.get("__id__")
            if number and self._by_id.setdefault(number, content) != content:
                raise ValueError("two objects have one number")
        return content

    def _check(self, node):
        loader, name = node["__loader__"], name_of(node)
        if loader in ("ObjectNode", "ConstructorFromReduceNode", "LossNode"):
            known = name in self._classes.get(loader, ())
        elif loader == "FunctionNode":
            known = name in self._functions
        else:
            known = name in _KINDS.get(loader, ())
        (self.trusted if known else self.untrusted).add(name)
        if loader == "JsonNode" and str(node["content"])[:1] in ("[", "{"):
            raise ValueError("a plain value is none")
        if loader == "RandomGeneratorNode":
            _check_generator(node)
        if loader == "NdArrayNode" and node["type"] == "numpy":
            check_array_file(self.parts[node["file"]])


def _check_generator(node):
    """Raise unless a generator is of NumPy's usual kind and size."""
    seed = node["content"]["seed_seq"]["content"]
    kind = node["content"]["bit_generator"]["content"]["bit_generator"]["content"]
    if kind != '"PCG64"' or seed["pool_size"]["content"] != "4":
        raise ValueError("a random generator is of an unusual kind")


def check_array_file(content):
    """Raise unless an array in NumPy's format has as many bytes as its shape says."""
    file = io.BytesIO(content)
    version = np.lib.format.read_magic(file)
    read = {
        (1, 0): np.lib.format.read_array_header_1_0,
        (2, 0): np.lib.format.read_array_header_2_0,
    }[version]
    shape, _, dtype = read(file)
    size = math.prod(shape)
    if dtype.hasobject or (dtype.itemsize == 0 and size > 0) or min(shape, default=0) < 0:
        raise ValueError("an array is of a kind that no model has")
    if len(content) - file.tell() != size * dtype.itemsize:
        raise ValueError("an array has another size than it says")
