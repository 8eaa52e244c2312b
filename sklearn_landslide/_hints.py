"""Errors that name a parameter, for callers who know it by another name.

The library says ``overwrite=True``; its command line has an option ``--overwrite`` for it. So
that neither needs to know of the other, an error carries the parameters that its message names,
and a caller has them named as its own user knows them.
"""

import ast
import re
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True)
class Hint:
    """A parameter with a value, as a message names it.

    Parameters
    ----------
    text : str
        What the message says, such as ``overwrite=True`` or ``crs=...``.

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
        """Its value; Ellipsis where the message leaves it open; text that is no literal as it is.

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
        return f"{name}={self.text.partition('=')[2]}"


def hinting(error, *hints):
    """Mark the parameters that the message of an error names.

    Parameters
    ----------
    error : Exception
        With a message as its only argument.
    *hints : str
        Parts of the message, such as ``overwrite=True``.

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
    error.hints = hints
    return error


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
    try:
        yield
    except Exception as error:
        spelled = {text: spell(Hint(text)) or text for text in getattr(error, "hints", ())}
        if spelled:
            # The longest first: buffer=0 is also how buffer=0.5 begins.
            texts = "|".join(map(re.escape, sorted(spelled, key=len, reverse=True)))
            (message,) = error.args
            error.args = (re.sub(rf"\b({texts})", lambda found: spelled[found[0]], message),)
            error.hints = tuple(spelled.values())
        raise


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
