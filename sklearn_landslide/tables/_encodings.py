"""How the text of a file is encoded: found where that is sure, and asked for where it is not."""

import codecs
import re

import numpy as np

from sklearn_landslide._hints import hinting

_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# Of those in which tables without Unicode are written, the ones that most readers have.
_USUAL = ("cp1252", "gb18030", "shift_jis", "cp949", "big5", "cp1251", "cp1250")
_MOST_SHOWN = 4
_WORD = re.compile(rb"[^\x00-\x2f\x3a-\x40\x5b-\x60\x7b-\x7f]*[\x80-\xff][^\x00-\x2f:;<=>?@]*")


def check_encoding(encoding):
    """Raise if Python knows no encoding of this name.

    Parameters
    ----------
    encoding : str
        The name.
    """
    try:
        # Some that Python knows are for bytes only.
        "".encode(encoding)
    except (LookupError, TypeError, ValueError):
        hint = f"encoding={encoding!r}"
        raise hinting(
            ValueError(f"{hint} is not an encoding; there are utf-8, cp1252, gb18030 and others."),
            hint,
        ) from None


def _wide_without_mark(head):
    """Name the encoding of UTF-16 without a byte order mark; None if it is none.

    Every second byte of what is mostly ASCII is then 0, and hardly any other.
    """
    even, odd = (np.frombuffer(head[start : 4096 + start : 2], np.uint8) == 0 for start in (0, 1))
    if len(even) < 4 or len(odd) < 4:
        return None
    for name, zeros, others in (("utf-16-le", odd, even), ("utf-16-be", even, odd)):
        if zeros.mean() > 0.5 and not others.any():
            return name
    return None


def encoding_of(head):
    """Find how text is encoded by its first bytes, if it is Unicode.

    Parameters
    ----------
    head : bytes
        The first bytes of a file.

    Returns
    -------
    encoding : str or None
        UTF-8 where nothing else is sure; None for binary data.

    Examples
    --------
    >>> from sklearn_landslide.tables._encodings import encoding_of
    >>> encoding_of(b"slope,landslide"), encoding_of("slope,soil".encode("utf-16-le"))
    ('utf-8-sig', 'utf-16-le')
    """
    if head.startswith(_UTF16):
        return "utf-16"
    if b"\0" not in head:
        return "utf-8-sig"
    return _wide_without_mark(head)


def _shown(data):
    """Show what a piece of text would be in the usual encodings."""
    found = {}
    for encoding in _USUAL:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if text.isprintable() and text not in found.values():
            found[encoding] = text
    return [f"{text!r} in {name}" for name, text in list(found.items())[:_MOST_SHOWN]]


def unknown_encoding(path, data, encoding=None):
    """Return the error of text that is not UTF-8: it shows what the text might be.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    data : bytes
        Some of it, with bytes beyond ASCII.
    encoding : str, default=None
        What was said that it is, if anything was.

    Returns
    -------
    error : ValueError

    Examples
    --------
    >>> from sklearn_landslide.tables._encodings import unknown_encoding
    >>> print(unknown_encoding("a.csv", "Gelände".encode("cp1252")))  # doctest: +ELLIPSIS
    a.csv is not UTF-8 text: say what it is, encoding=... (it has 'Gelände' in cp1252, ...).
    """
    word = _WORD.search(data)
    shown = _shown(word[0].strip()[:40]) if word else []
    would_be = f" (it has {', '.join(shown)})" if shown else ""
    stated = "UTF-8" if encoding is None else encoding
    error = ValueError(f"{path} is not {stated} text: say what it is, encoding=...{would_be}.")
    return hinting(error, "encoding=...")
