"""What is known of a factor besides its values: long name, unit, method, names of classes.

In xarray these are attributes, in a file the tags of a band. A tag holds JSON, which keeps any
character; texts of other programs are taken as they are.
"""

import json
import warnings
from collections.abc import Mapping
from numbers import Real

import numpy as np

from sklearn_landslide._words import listed
from sklearn_landslide.mapping._rasters._ground import RANGE

CLASS_NAMES = "class_names"
CATEGORICAL = "categorical"
_TEXTS = ("long_name", "units", "method")
# The tag of a file that holds the attributes of a whole stack.
STACK_TAG = "stack_attrs"
# A crafted file must not fill memory, nor a page with one name.
_LONGEST_TEXT = 4000
_LONGEST_NAME = 500
_MOST_CLASSES = 65_536
_LONGEST_TAG = 4_000_000


def check_class_names(names):
    """Return names of classes by code, integers where the code is whole.

    Parameters
    ----------
    names : dict of float to str, or str
        Names by code; or JSON of them, as a file holds it. Two codes may have one name.

    Returns
    -------
    names : dict of int or float to str
        Classes without a name are not in it.

    Raises
    ------
    ValueError
        If it is no such dict, or too long.

    Examples
    --------
    >>> from sklearn_landslide.mapping._rasters._facts import check_class_names
    >>> check_class_names('{"1": "marl", "2.0": " granite"}')
    {1: 'marl', 2: 'granite'}
    """
    if isinstance(names, str):
        names = _loads(names)
    if not isinstance(names, Mapping):
        raise ValueError(f"a dict from code to name is needed, got {type(names).__name__}")
    if len(names) > _MOST_CLASSES:
        raise ValueError(f"{len(names)} names, and {_MOST_CLASSES} at most are read")
    found = {}
    for code, name in names.items():
        number = _as_code(code)
        if number is None:
            raise ValueError(f"the code {code!r:.60} is not a number")
        if not isinstance(name, str):
            raise ValueError(f"the name of {number} is not text: {name!r:.60}")
        if len(name) > _LONGEST_NAME:
            raise ValueError(f"the name of {number} has {len(name)} characters")
        if found.setdefault(number, name.strip()) != name.strip():
            raise ValueError(f"the code {number} has two names")
    return {number: name for number, name in sorted(found.items()) if name}


def _as_code(code):
    """Return a code as a number, None if it is none."""
    if isinstance(code, bool) or not isinstance(code, Real | str):
        return None
    try:
        number = float(code)
    except ValueError:
        return None
    if not np.isfinite(number):
        return None
    return int(number) if number.is_integer() else number


def _loads(text):
    """Read JSON of a limited length."""
    if len(text) > _LONGEST_TAG:
        raise ValueError(f"{len(text)} characters, and {_LONGEST_TAG} at most are read")
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _text_of(value):
    """Return the text of a tag: JSON, or what another program wrote as it is."""
    try:
        found = _loads(value) if value.startswith('"') else value
    except ValueError:
        found = value
    return found if isinstance(found, str) else value


def facts_of(attrs, where):
    """Take what is known of a factor from attributes or tags.

    Parameters
    ----------
    attrs : dict
        Attributes of an array, or tags of a band.
    where : str
        What to call it in warnings.

    Returns
    -------
    facts : dict
        ``long_name``, ``units`` and ``method`` (texts), ``categorical`` (True) and
        ``class_names`` (from code to name), as far as they are known.

    Warns
    -----
    UserWarning
        If names of classes or a text cannot be used.
    """
    facts = {}
    for key in _TEXTS:
        if not isinstance(value := attrs.get(key), str) or not value.strip():
            continue
        if len(value) > _LONGEST_TEXT:
            _warn(where, key, f"{len(value)} characters, and {_LONGEST_TEXT} at most are read")
            continue
        facts[key] = value
    if attrs.get(CATEGORICAL) and attrs[CATEGORICAL] not in ("false", "False", "0"):
        facts[CATEGORICAL] = True
    if attrs.get(CLASS_NAMES) is not None:
        try:
            names = check_class_names(attrs[CLASS_NAMES])
        except ValueError as error:
            _warn(where, CLASS_NAMES, error)
            names = {}
        if names:
            # What has names of classes holds codes.
            facts |= {CATEGORICAL: True, CLASS_NAMES: names}
    return facts


def _warn(where, key, why):
    warnings.warn(f"{key} of {where} is left out: {why}.", UserWarning, stacklevel=5)


def facts_of_tags(tags, units, where):
    """Take what is known of a band from its tags and its unit.

    Parameters
    ----------
    tags : dict of str to str
        The tags of the band.
    units : str or None
        Its unit.
    where : str
        What to call it in warnings.

    Returns
    -------
    facts : dict
        As of :func:`facts_of`.
    """
    found = {"units": units} if units else {}
    found |= {key: _text_of(tags[key]) for key in _TEXTS if key in tags}
    found |= {key: tags[key] for key in (CATEGORICAL, CLASS_NAMES) if key in tags}
    return facts_of(found, where)


def tags_of_facts(facts):
    r"""Write what is known of a factor as the tags of a band.

    Parameters
    ----------
    facts : dict
        As of :func:`facts_of`.

    Returns
    -------
    tags : dict of str to str
        JSON in ASCII.

    Examples
    --------
    >>> from sklearn_landslide.mapping._rasters._facts import tags_of_facts
    >>> tags_of_facts({"units": "m²", "class_names": {1: "marl"}})
    {'units': '"m\\u00b2"', 'class_names': '{"1": "marl"}'}
    """
    return {key: json.dumps(value) for key, value in facts.items()}


def class_names_of(array):
    """Names of the classes of a factor, by code; empty if there are none.

    Parameters
    ----------
    array : xarray.DataArray
        The factor.
    """
    names = array.attrs.get(CLASS_NAMES)
    if names is None:
        return {}
    try:
        return check_class_names(names)
    except ValueError as error:
        raise ValueError(f"class_names of {array.name!r} cannot be used: {error}.") from None


def _plain(value):
    """Turn numbers and arrays of NumPy into those that JSON knows."""
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    raise TypeError(type(value).__name__)


def tag_of_stack(attrs):
    """Write the attributes of a stack as one tag.

    Parameters
    ----------
    attrs : dict
        Texts, numbers, truth values, lists and dicts of these.

    Returns
    -------
    tags : dict of str to str
        Empty without attributes.

    Raises
    ------
    ValueError
        If an attribute is of another kind, or all together are too long.
    """
    if not attrs:
        return {}
    found = {}
    for name, value in attrs.items():
        try:
            found[str(name)] = json.dumps(value, default=_plain)
        except (TypeError, ValueError, RecursionError) as error:
            raise ValueError(
                f"the attribute {name!r} of the stack cannot be kept in a file ({error}): texts, "
                "numbers, lists and dicts can."
            ) from None
    text = "{" + ", ".join(f"{json.dumps(name)}: {value}" for name, value in found.items()) + "}"
    if len(text) > _LONGEST_TAG:
        longest = max(found, key=lambda name: len(found[name]))
        raise ValueError(
            f"the attributes of the stack have {len(text)} characters as JSON, and {_LONGEST_TAG} "
            f"at most can be kept: shorten {listed([longest])}."
        )
    return {STACK_TAG: text}


def stack_of_tags(tags, where):
    """Read the attributes of a stack back.

    Parameters
    ----------
    tags : dict of str to str
        The tags of a file.
    where : str
        What to call it in warnings.

    Returns
    -------
    attrs : dict
        Empty if the file has none.
    """
    if STACK_TAG not in tags:
        return {}
    try:
        attrs = _loads(tags[STACK_TAG])
        if not isinstance(attrs, dict):
            raise ValueError(f"a JSON object is needed, got {type(attrs).__name__}")
    except ValueError as error:
        _warn(where, STACK_TAG, error)
        return {}
    return attrs


def range_of_tags(tags):
    """Read a plausible range that a stack noted; None if there is none.

    Parameters
    ----------
    tags : dict of str to str
        The tags of a band.
    """
    try:
        low, high = _loads(tags[RANGE])
        return (float(low), float(high)) if low <= high else None
    except (KeyError, ValueError, TypeError):
        return None
