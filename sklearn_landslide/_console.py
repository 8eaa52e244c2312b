"""How a command speaks to its console: lines that may go unread, errors in one line, codes."""

import contextlib
import os
import sys
import warnings

DEBUG = "SKLEARN_LANDSLIDE_DEBUG"
_EXPECTED = (ValueError, OSError, ImportError, MemoryError)


class LenientStream:
    """A text stream that lets nothing go wrong when nobody reads it any more.

    A reader that stops (``| head``) must not cost the results, and a terminal without
    ``±`` not either.
    """

    def __init__(self, stream):
        self._stream = stream

    def write(self, text):
        """Write a text, if anybody reads it."""
        with self._forgiving():
            try:
                self._stream.write(text)
            except UnicodeEncodeError:
                encoding = self._stream.encoding
                self._stream.write(text.encode(encoding, "replace").decode(encoding))
        return len(text)

    def flush(self):
        """Flush the stream, if anybody reads it."""
        with self._forgiving():
            self._stream.flush()

    def __getattr__(self, name):
        return getattr(self._stream, name)

    @contextlib.contextmanager
    def _forgiving(self):
        try:
            yield
        except BrokenPipeError:
            # What is still in the buffer, and all that follows, goes nowhere.
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self._stream.fileno())
            os.close(nowhere)


def _one_line(error):
    """Bring an error and the notes added to it on one line."""
    words = str(error).split() or [type(error).__name__]
    if isinstance(error, OSError) and error.strerror:
        words = [f"{error.strerror}: {error.filename}" if error.filename else error.strerror]
    notes = "".join(f" ({' '.join(note.split())})" for note in getattr(error, "__notes__", ()))
    return " ".join(words) + notes


def _show_warning(message, category, filename, lineno, file=None, line=None):
    """Show a warning in one line."""
    print(f"warning: {' '.join(str(message).split())}", file=sys.stderr)


def _show(text):
    """Write a line to stderr, if there is one."""
    with contextlib.suppress(OSError, ValueError):
        print(text, file=sys.stderr, flush=True)


def run_command(command):
    """Run a command, and turn how it ends into an exit code and at most one line.

    Parameters
    ----------
    command : callable
        Called without arguments. What it prints may go unread; its warnings come out in
        one line each.

    Returns
    -------
    code : int
        0 for success; 2 for an error of the input or the surroundings; 1 for one of this
        package; 130 for an interrupt. What argparse ends with stays as it is.

    Examples
    --------
    >>> from sklearn_landslide._console import run_command
    >>> run_command(lambda: print("done"))
    done
    0
    """
    with contextlib.ExitStack() as stack:
        if sys.stdout is not None:
            stack.enter_context(contextlib.redirect_stdout(LenientStream(sys.stdout)))
        if sys.stderr is not None:
            stack.enter_context(contextlib.redirect_stderr(LenientStream(sys.stderr)))
        stack.enter_context(warnings.catch_warnings())
        warnings.showwarning = _show_warning
        try:
            command()
            if sys.stdout is not None:
                sys.stdout.flush()
        except SystemExit as request:  # how argparse ends
            return request.code or 0
        except KeyboardInterrupt:
            _show("interrupted: nothing was written")
            return 130
        except Exception as error:
            if os.environ.get(DEBUG):
                raise
            if isinstance(error, _EXPECTED):
                _show(f"error: {_one_line(error)}")
                return 2
            _show(
                f"internal error: {type(error).__name__}: {_one_line(error)} "
                f"(please report it; {DEBUG}=1 shows where)"
            )
            return 1
    return 0
