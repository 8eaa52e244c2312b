"""Public paths of classes in place of the private ones that skops writes.

A file says ``sklearn_landslide.mapping.SusceptibilityZones``, so the module that defines the class
may be renamed and old models still load.
"""

import json
import sys
from itertools import takewhile

_PACKAGE = __name__.partition(".")[0]


def public_module(module, name):
    """Return the room that offers a class of this package.

    Parameters
    ----------
    module : str
        Full name of the module that defines the class; it must have been imported.
    name : str
        Name of the class.

    Returns
    -------
    room : str
        The nearest package around the module, and public, that has this very class under the
        same name. `module` itself if none has, or if it belongs to another package.

    Examples
    --------
    >>> from sklearn_landslide.persistence._public_paths import public_module
    >>> from sklearn_landslide.preprocessing import FactorScaler
    >>> public_module(FactorScaler.__module__, "FactorScaler")
    'sklearn_landslide.preprocessing'
    """
    parts = module.split(".")
    if parts[0] != _PACKAGE:
        return module
    thing = getattr(sys.modules[module], name)
    rooms = list(takewhile(lambda part: not part.startswith("_"), parts))
    for end in range(len(rooms), 0, -1):
        room = ".".join(rooms[:end])
        if getattr(sys.modules[room], name, None) is thing:
            return room
    return module


def _with_public_module(node):
    """Name the public path in one node of a schema."""
    module, name = node.get("__module__"), node.get("__class__")
    # In a dict that was saved, these are keys like any other.
    if isinstance(module, str) and isinstance(name, str):
        node["__module__"] = public_module(module, name)
    return node


def with_public_paths(schema):
    """Name the public paths in what skops wrote.

    Parameters
    ----------
    schema : bytes
        JSON.

    Returns
    -------
    schema : bytes
        JSON, without line breaks.
    """
    return json.dumps(json.loads(schema, object_hook=_with_public_module)).encode()
