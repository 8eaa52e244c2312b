"""Commands as a person types them: in pages that are written, and in hints."""

import os
import shlex
import shutil
import subprocess
import sys
import sysconfig

PROGRAM = "sklearn-landslide"


def quoted(words):
    """Join words to what the shell of this system takes apart again.

    Parameters
    ----------
    words : sequence of str

    Returns
    -------
    line : str
    """
    return subprocess.list2cmdline(words) if os.name == "nt" else shlex.join(words)


def typed(arguments):
    """Return the command of these arguments, for a page that may be read on another machine.

    Parameters
    ----------
    arguments : sequence of str
        The name of the command and its options.

    Returns
    -------
    line : str

    Examples
    --------
    >>> from sklearn_landslide._typed import typed
    >>> typed(["compare", "my table.csv"])
    "sklearn-landslide compare 'my table.csv'"
    """
    return quoted([PROGRAM, *arguments])


def typed_here(arguments):
    """Return the command of these arguments, for the terminal that it is printed to.

    Where the program of this environment is not the one that the terminal would find, as after
    `make demo`, its Python is named.
    """
    found = shutil.which(PROGRAM)
    if found and os.path.dirname(os.path.abspath(found)) == sysconfig.get_path("scripts"):
        return typed(arguments)
    python = sys.executable
    # On another drive of Windows there is no way from here to there.
    if os.path.splitdrive(python)[0] == os.path.splitdrive(os.getcwd())[0]:
        way = os.path.relpath(python)
        python = python if way.startswith("..") else way
    return quoted([python, "-m", "sklearn_landslide", *arguments])
