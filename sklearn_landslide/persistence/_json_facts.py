"""What must hold of the numbers and texts in JSON before compiled code reads them."""

import re

import numpy as np

_MOST_LEVELS = 200


def check_depth(content):
    """Raise if JSON is nested deeper than models are; parsers recurse.

    Examples
    --------
    >>> from sklearn_landslide.persistence._json_facts import check_depth
    >>> check_depth(b'{"slope": [31.5, "[[["]}')
    """
    brackets = np.frombuffer(re.sub(rb'"(?:[^"\\]|\\.)*"', b"", content, flags=re.S), np.uint8)
    steps = np.isin(brackets, list(b"[{")).astype(np.int8) - np.isin(brackets, list(b"]}"))
    if len(steps) and np.cumsum(steps, dtype=np.int64).max() > _MOST_LEVELS:
        raise ValueError(f"it is nested deeper than {_MOST_LEVELS} levels")


def sound(fact, what):
    """Raise with these words unless a fact holds."""
    if not fact:
        raise ValueError(what)


def known(plain, *names):
    """Raise unless a dict has these items and no others."""
    sound(isinstance(plain, dict) and set(plain) == set(names), "a model says more than is known")


def is_whole(text):
    """Return the whole number, not below 0, that a text states."""
    sound(isinstance(text, str) and re.fullmatch(r"\d{1,9}", text), "a count is none")
    return int(text)


def wholes_of(values, length):
    """Return a list of whole numbers as an array, if it has this length."""
    is_list = isinstance(values, list) and len(values) == length
    sound(is_list and all(type(value) in (int, bool) for value in values), "a number is not whole")
    return np.array(values, dtype=np.int64)


def floats_of(values, length):
    """Return a list of finite numbers as an array, if it has this length."""
    is_list = isinstance(values, list) and len(values) == length
    sound(is_list and all(type(value) in (int, float) for value in values), "a number is none")
    array = np.array(values, dtype=np.float64)
    sound(np.isfinite(array).all(), "a number is none")
    return array


def texts_of(values, lengths, allowed=None):
    """Return a list of texts, if it has one of these lengths and they are allowed."""
    is_list = isinstance(values, list) and len(values) in lengths
    sound(is_list and all(isinstance(value, str) for value in values), "a name is none")
    sound(allowed is None or set(values) <= set(allowed), "a name is unknown")
    return values
