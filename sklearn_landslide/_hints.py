"""Errors that name a parameter, for callers who know it by another name.

The library says ``overwrite=True``; its command line has an option ``--overwrite`` for it. So
that neither needs to know of the other, an error carries the parameters that its message names,
and a caller has them named as its own user knows them.
"""

import ast
import re
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

# How parameters are spelled in the blocks that are open, the innermost last.
_spellings = ContextVar("spellings", default=())


@dataclass(frozen=True)
class Hint:
    """A parameter, with a value or alone, as a message names it.

    Parameters
    ----------
    text : str
        What the message says, such as ``overwrite=True``, ``crs=...`` or ``n_splits``.

    Examples
    --------
    >>> from sklearn_landslide._hints import Hint
    >>> hint = Hint("align='slope'")
    >>> hint.name, hint.value
    ('align', 'slope')
    """

    text: str

    @property
    def name(self):
        """Name of the parameter."""
        return self.text.partition("=")[0]

    @property
    def value(self):
        """Its value; Ellipsis where the message leaves it open; text that is not a literal as is.

        ``[...]`` is open, too.
        """
        text = self.text.partition("=")[2]
        try:
            value = ast.literal_eval(text)
        except (ValueError, SyntaxError):
            return text
        return ... if value == [...] else value

    def renamed(self, name):
        """Return the same value for another parameter."""
        return name + self.text.removeprefix(self.name)


def hinting(error, *hints, instead=None):
    """Mark the parameters that the message of an error names.

    Parameters
    ----------
    error : Exception
        With a message as its only argument.
    *hints : str
        Parts of the message, such as ``overwrite=True``.
    instead : dict of str to str, default=None
        Parts of the message that are of use in Python only, and what is said in their place to
        somebody who has no option for them.

    Returns
    -------
    error : Exception
        The same one, to be raised.

    Examples
    --------
    >>> from sklearn_landslide._hints import hinting
    >>> raise hinting(ValueError("a.tif exists: set overwrite=True."), "overwrite=True")
    Traceback (most recent call last):
        ...
    ValueError: a.tif exists: set overwrite=True.
    """
    error.hints = (*hints, *(instead or {}))
    error.instead = instead or {}
    return error


def spelled(message, *hints, instead=None):
    """Return the message of a warning, its parameters named as the caller's user knows them.

    Parameters
    ----------
    message : str
        The message.
    *hints : str
        Parts of it, as in :func:`hinting`.
    instead : dict of str to str, default=None
        As in :func:`hinting`.

    Returns
    -------
    message : str
        The same outside all blocks of :func:`hints_spelled`.

    Examples
    --------
    >>> from sklearn_landslide._hints import hints_spelled, spelled
    >>> with hints_spelled(lambda hint: f"--{hint.name}"):
    ...     spelled("declare it: nodata=-9999.", "nodata=-9999")
    'declare it: --nodata.'
    """
    instead = instead or {}
    hints = (*hints, *instead)
    for spell in reversed(_spellings.get()):
        texts = _respellings(hints, spell, instead)
        message, hints = _respell(message, texts), texts.values()
        instead = {texts[text]: said for text, said in instead.items()}
    return message


def _respellings(hints, spell, instead):
    """Say for each hint what stands in its place."""
    return {text: spell(Hint(text)) or instead.get(text, text) for text in hints}


def _respell(message, texts):
    """Return a message with its hints spelled in another way; what is not text stays."""
    if not texts or not isinstance(message, str):
        return message
    # The longest first: buffer=0 is also how buffer=0.5 begins.
    pattern = "|".join(map(re.escape, sorted(texts, key=len, reverse=True)))
    return re.sub(rf"\b({pattern})", lambda found: texts[found[0]], message)


@contextmanager
def hints_spelled(spell):
    """Have the parameters that errors name in this block named in another way.

    Parameters
    ----------
    spell : callable
        Called with each :class:`Hint`; returns what is to be said in its place, or None to
        leave it.

    Examples
    --------
    >>> from sklearn_landslide._hints import hinting, hints_spelled
    >>> with hints_spelled(lambda hint: f"--{hint.name}"):
    ...     raise hinting(ValueError("a.tif exists: set overwrite=True."), "overwrite=True")
    Traceback (most recent call last):
        ...
    ValueError: a.tif exists: set --overwrite.
    """
    token = _spellings.set((*_spellings.get(), spell))
    try:
        yield
    except Exception as error:
        if hints := getattr(error, "hints", ()):
            instead = getattr(error, "instead", {})
            texts = _respellings(hints, spell, instead)
            error.args = tuple(_respell(part, texts) for part in error.args)
            # Under the names that they have now.
            error.hints = tuple(texts.values())
            error.instead = {texts[text]: said for text, said in instead.items()}
        raise
    finally:
        _spellings.reset(token)


def renaming(**names):
    """Name parameters of a function that is called as those of the one that calls it.

    Parameters
    ----------
    **names : str
        For a parameter of the function, the caller's.

    Returns
    -------
    context : context manager
        As of :func:`hints_spelled`.

    Examples
    --------
    >>> from sklearn_landslide._hints import hinting, renaming
    >>> with renaming(buffer="absence_buffer"):
    ...     raise hinting(ValueError("pass buffer=0."), "buffer=0")
    Traceback (most recent call last):
        ...
    ValueError: pass absence_buffer=0.
    """
    return hints_spelled(lambda hint: hint.renamed(names.get(hint.name, hint.name)))


def note_hinting(error, note, *hints):
    """Add a note to an error, and mark the parameters that the note names.

    Parameters
    ----------
    error : BaseException
        Whatever was raised.
    note : str
        What else there is to say.
    *hints : str
        Parts of the note, such as ``resume=True``.

    Examples
    --------
    >>> from sklearn_landslide._hints import note_hinting
    >>> error = KeyboardInterrupt()
    >>> note_hinting(error, "go on with resume=True", "resume=True")
    >>> error.__notes__
    ['go on with resume=True']
    """
    error.add_note(note)
    error.note_hints = (*getattr(error, "note_hints", ()), *hints)


@contextmanager
def notes_spelled(spell):
    """Have the parameters that notes of errors name in this block named in another way.

    Parameters
    ----------
    spell : callable
        As in :func:`hints_spelled`.

    Examples
    --------
    >>> from sklearn_landslide._hints import note_hinting, notes_spelled
    >>> error = KeyboardInterrupt()
    >>> note_hinting(error, "go on with resume=True", "resume=True")
    >>> try:
    ...     with notes_spelled(lambda hint: f"--{hint.name}"):
    ...         raise error
    ... except KeyboardInterrupt as interrupt:
    ...     print(interrupt.__notes__)
    ['go on with --resume']
    """
    try:
        yield
    except BaseException as error:
        for text in getattr(error, "note_hints", ()):
            spelled = spell(Hint(text)) or text
            error.__notes__ = [note.replace(text, spelled) for note in error.__notes__]
        raise
