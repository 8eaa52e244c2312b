"""How a command speaks to its console: lines that may go unread, errors in one line, codes."""

import contextlib
import os
import signal
import sys
import threading
import time
import warnings
from concurrent.futures import BrokenExecutor
from functools import partial
from importlib import import_module

from sklearn_landslide._escaping import escaped

DEBUG = "SKLEARN_LANDSLIDE_DEBUG"
# A broken executor: the system ended a process, mostly for its memory.
_EXPECTED = (ValueError, OSError, ImportError, MemoryError, BrokenExecutor)


class LenientStream:
    """A text stream that lets nothing go wrong when it can take no more.

    A reader that stops (``| head``) must not cost the results, nor must a full disk behind the
    stream, or a terminal without ``±``.

    Parameters
    ----------
    stream : text stream
        The real one.

    Attributes
    ----------
    failure : OSError or None
        Why the text is not all there, unless it was the reader who stopped.
    """

    def __init__(self, stream):
        self._stream = stream
        self.failure = None

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
        except OSError as error:
            if not isinstance(error, BrokenPipeError):
                self.failure = self.failure or error
            # What is still in the buffer, and all that follows, goes nowhere.
            nowhere = os.open(os.devnull, os.O_WRONLY)
            with contextlib.suppress(OSError):
                os.dup2(nowhere, self._stream.fileno())
            os.close(nowhere)


def _words_of(text):
    """Bring a text on one line, without what steers a terminal."""
    return escaped(" ".join(str(text).split()))


def _notes_of(error):
    return [_words_of(note) for note in getattr(error, "__notes__", ())]


def _one_line(error):
    """Bring an error and the notes added to it on one line."""
    words = str(error) if str(error).split() else type(error).__name__
    if isinstance(error, OSError) and error.strerror:
        words = f"{error.strerror}: {error.filename}" if error.filename else error.strerror
    return _words_of(words) + "".join(f" ({note})" for note in _notes_of(error))


def _show_warning(message, category, filename, lineno, file=None, line=None):
    """Show a warning in one line."""
    print(f"warning: {_words_of(message)}", file=sys.stderr)


@contextlib.contextmanager
def results_in(folder):
    """Tell whoever hears of an error in this block that the results are there.

    Parameters
    ----------
    folder : path-like
        The folder that holds them, complete.

    Examples
    --------
    >>> from sklearn_landslide.cli._console import results_in, run_command
    >>> def command():
    ...     with results_in("results"):
    ...         print("done")
    >>> run_command(command)
    done
    0
    """
    try:
        yield
        if sys.stdout is not None:
            sys.stdout.flush()
            if (failure := getattr(sys.stdout, "failure", None)) is not None:
                raise failure
    except BaseException as error:
        error.add_note(f"the results are complete in {folder}")
        raise


def _show(text):
    """Write a line to stderr, if there is one."""
    with contextlib.suppress(OSError, ValueError):
        print(text, file=sys.stderr, flush=True)


def timed_log():
    """Make a function that says on stderr that a step is done, and how long after this call."""
    started = time.monotonic()

    def log(line):
        print(f"{time.monotonic() - started:7.1f} s  {escaped(line)}", file=sys.stderr, flush=True)

    return log


def _start_workers(n_jobs):
    """Start joblib's worker processes, and import in each what fits need."""
    from joblib import Parallel, delayed, effective_n_jobs

    if n_jobs == 1 or threading.current_thread() is not threading.main_thread():
        # In another thread no interrupt arrives, and none may be redirected.
        return
    # A process that is started while interrupts are ignored goes on ignoring them. Starting
    # takes milliseconds; the workers' imports come after.
    handler = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        # One task for each, so that no fit waits for imports, and none is timed with them. And
        # the first task's memory is what joblib compares later ones with: a process that grows
        # by 300 MB, as by these imports, it takes for leaking and ends.
        imports = [delayed(import_module)("sklearn_landslide.nn")] * effective_n_jobs(n_jobs)
        started = Parallel(n_jobs, return_as="generator")(imports)
    finally:
        signal.signal(signal.SIGINT, handler)
    list(started)


@contextlib.contextmanager
def quiet_workers(n_jobs, *, at_once=True):
    """Start joblib's worker processes so that they say nothing about an interrupt.

    From the keyboard it reaches all processes. The first one ends the others, and the one
    that clears up after them does so without a warning.

    Parameters
    ----------
    n_jobs : int
        The number of processes, as joblib counts them.
    at_once : bool, default=True
        Whether to start them now. Otherwise what the block is given is called to start them.

    Examples
    --------
    >>> from joblib import Parallel, delayed
    >>> from sklearn_landslide.cli._console import quiet_workers
    >>> with quiet_workers(1):
    ...     Parallel(n_jobs=1)(delayed(abs)(number) for number in (-1, 2))
    [1, 2]
    """
    from joblib import parallel_config

    before = os.environ.get("PYTHONWARNINGS")
    quiet = "ignore:resource_tracker:UserWarning"
    os.environ["PYTHONWARNINGS"] = f"{before},{quiet}" if before else quiet
    try:
        with parallel_config("loky", max_nbytes=None), warnings.catch_warnings():
            # It starts another one.
            warnings.filterwarnings("ignore", "A worker stopped while some jobs", UserWarning)
            if at_once:
                _start_workers(n_jobs)
            yield partial(_start_workers, n_jobs)
    finally:
        if before is None:
            del os.environ["PYTHONWARNINGS"]
        else:
            os.environ["PYTHONWARNINGS"] = before


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
    >>> from sklearn_landslide.cli._console import run_command
    >>> run_command(lambda: print("done"))
    done
    0
    """
    with contextlib.ExitStack() as stack:
        out = None
        if sys.stdout is not None:
            out = stack.enter_context(contextlib.redirect_stdout(LenientStream(sys.stdout)))
        if sys.stderr is not None:
            stack.enter_context(contextlib.redirect_stderr(LenientStream(sys.stderr)))
        stack.enter_context(warnings.catch_warnings())
        warnings.showwarning = _show_warning
        # An interrupt pulls the ground from under the threads that serve other processes,
        # and what they say then is noise: kept until it is known how the command ended.
        usual_hook, failures = threading.excepthook, []
        threading.excepthook = failures.append
        try:
            command()
            if out is not None:
                out.flush()
                if out.failure is not None:
                    raise out.failure
        except SystemExit as request:  # how argparse ends
            return request.code or 0
        except KeyboardInterrupt as interrupt:
            usual_hook, failures = failures.append, []
            _show(f"interrupted: {'; '.join(_notes_of(interrupt)) or 'nothing was written'}")
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
        finally:
            threading.excepthook = usual_hook
            for failure in failures:
                usual_hook(failure)
    return 0
