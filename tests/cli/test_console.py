"""The console: what an error, an interrupt or a reader that stops leave behind."""

import gc
import os
import signal
import subprocess
import sys
import threading

import pytest
from cli.commands import QUICK, ROLES, make_places, tree

from sklearn_landslide.cli._comparison import FILES

COMMAND = [sys.executable, "-m", "sklearn_landslide"]


def test_an_error_of_the_package_is_one_line_unless_debugging(capsys, monkeypatch):
    from sklearn_landslide.cli._console import run_command

    def broken():
        raise KeyError("slope")

    assert run_command(broken) == 1
    line = "internal error: KeyError: 'slope' (please report it; SKLEARN_LANDSLIDE_DEBUG=1 shows"
    assert capsys.readouterr().err.startswith(line)
    monkeypatch.setenv("SKLEARN_LANDSLIDE_DEBUG", "1")
    with pytest.raises(KeyError):
        run_command(broken)


def test_notes_and_line_breaks_of_an_error_come_in_one_line(capsys):
    from sklearn_landslide.cli._console import run_command

    def broken():
        error = ValueError("two\n  lines")
        error.add_note("while cross-validating\n'RF'")
        raise error

    assert run_command(broken) == 2
    assert capsys.readouterr().err == "error: two lines (while cross-validating 'RF')\n"


@pytest.mark.parametrize("interrupted", [False, True])
def test_a_failing_thread_is_heard_of_unless_the_command_was_interrupted(interrupted, monkeypatch):
    from sklearn_landslide.cli._console import run_command

    def command():
        thread = threading.Thread(target=lambda: [][0])
        thread.start()
        thread.join()
        if interrupted:
            raise KeyboardInterrupt

    heard = []
    monkeypatch.setattr(threading, "excepthook", heard.append)
    assert run_command(command) == (130 if interrupted else 0)
    assert [failure.exc_type for failure in heard] == ([] if interrupted else [IndexError])


def test_the_real_command_survives_readers_that_stop(places, tmp_path):
    """Nobody reads stdout or stderr, and the terminal knows ASCII only."""
    out = tmp_path / "results"
    command = [*COMMAND, "compare", str(places), *ROLES, *QUICK, "--out", str(out)]
    reading, writing = os.pipe()
    os.close(reading)
    env = {**os.environ, "PYTHONIOENCODING": "ascii"}
    result = subprocess.run(command, stdout=writing, stderr=writing, env=env)
    os.close(writing)
    assert result.returncode == 0
    assert sorted(path.name for path in out.iterdir()) == sorted(FILES)


@pytest.fixture
def running(request, tmp_path):
    """A comparison in the middle of its second model, in processes of its own."""
    path = tmp_path / "places.csv"
    make_places(2500).to_csv(path, index=False)
    options = ["--models", "LR", "RF", "--n-jobs", request.param, "--out", "results"]
    process = subprocess.Popen(
        [*COMMAND, "compare", str(path), *ROLES, *options],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        # A shell's background jobs ignore interrupts, and so would their children.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    try:
        assert process.stderr.readline().startswith("10 fits: ")
        assert process.stderr.readline().startswith("LR: ")
        yield process
    finally:
        stop(process)


def stop(process):
    """End a process and those that it started, and close its pipes."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


@pytest.mark.parametrize("running", ["2"], indirect=True)
def test_an_interrupt_is_one_line_and_leaves_nothing(running, tmp_path):
    before = tree(tmp_path)
    os.killpg(running.pid, signal.SIGINT)  # as a terminal does: to all processes
    _, err = running.communicate(timeout=30)
    assert running.returncode == 130
    assert err == "interrupted: nothing was written\n"
    assert tree(tmp_path) == before


@pytest.mark.parametrize("running", ["1"], indirect=True)
def test_a_killed_run_leaves_nothing_that_looks_finished(running, tmp_path):
    before = tree(tmp_path)
    os.killpg(running.pid, signal.SIGKILL)
    running.communicate(timeout=30)
    assert running.returncode == -signal.SIGKILL
    assert tree(tmp_path) == before


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a device that is always full")
@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_a_full_disk_behind_a_stream_costs_no_result(places, tmp_path, stream):
    """The exit code says that stdout is not whole; of stderr nobody hears anyway."""
    out = tmp_path / "results"
    command = [*COMMAND, "compare", str(places), *ROLES, *QUICK, "--out", str(out)]
    other = "stderr" if stream == "stdout" else "stdout"
    with open("/dev/full", "w") as full:
        streams = {stream: full, other: subprocess.PIPE}
        result = subprocess.run(command, **streams, text=True)
    assert sorted(path.name for path in out.iterdir()) == sorted(FILES)
    if stream == "stderr":
        assert result.returncode == 0
        return
    assert result.returncode == 2
    line = result.stderr.splitlines()[-1]
    assert line == f"error: No space left on device (the results are complete in {out})"


def test_a_command_in_a_thread_uses_processes_as_well(places, tmp_path):
    """Only the main thread may say what an interrupt does."""
    from sklearn_landslide.cli import main

    codes, options = [], [*QUICK, "--n-jobs", "2", "--out", str(tmp_path / "results")]
    argv = ["compare", str(places), *ROLES, *options]
    thread = threading.Thread(target=lambda: codes.append(main(argv)))
    thread.start()
    thread.join()
    assert codes == [0]
    assert sorted(path.name for path in (tmp_path / "results").iterdir()) == sorted(FILES)


def test_without_docstrings_the_command_says_so_in_one_line(places):
    env = {**os.environ, "PYTHONOPTIMIZE": "2"}
    command = [*COMMAND, "compare", str(places), *ROLES, *QUICK]
    result = subprocess.run(command, env=env, capture_output=True, text=True)
    assert result.returncode == 2
    assert result.stderr.startswith("error: Python runs without docstrings (-OO or PYTHONOPTIMIZE")
    assert result.stderr.count("\n") == 1
    result = subprocess.run([*COMMAND, "--version"], env=env, capture_output=True, text=True)
    assert result.returncode == 0


def test_an_interrupt_says_what_there_is(capsys):
    from sklearn_landslide.cli._console import results_in, run_command

    def late():
        with results_in("a folder"):
            raise KeyboardInterrupt

    assert run_command(late) == 130
    assert capsys.readouterr().err == "interrupted: the results are complete in a folder\n"


@pytest.mark.filterwarnings("always")
def test_an_interrupt_between_two_fits_stays_one_line(capsys):
    """Joblib warns of the fits that nobody waits for any more."""
    from joblib import Parallel, delayed

    from sklearn_landslide.cli._console import run_command

    def command():
        released = threading.Event()
        waits = [False, True, True]
        run = Parallel(2, backend="threading", return_as="generator")
        fits = run(delayed(lambda wait: wait and released.wait(10))(wait) for wait in waits)
        for _ in fits:
            released.set()
            raise KeyboardInterrupt

    assert run_command(command) == 130
    gc.collect()
    assert capsys.readouterr().err == "interrupted: nothing was written\n"


@pytest.mark.filterwarnings("always")
@pytest.mark.parametrize("text", ["a\nb", "a\x1b[31mb", "a\u2028b", "a\x00b"], ids=ascii)
def test_whatever_a_message_names_it_is_one_line_and_steers_no_terminal(text, capsys):
    import warnings

    from sklearn_landslide.cli import main
    from sklearn_landslide.cli._console import run_command

    def broken():
        warnings.warn(f"{text} is odd", UserWarning, stacklevel=1)
        error = ValueError(f"{text} is wrong")
        error.add_note(f"in {text}")
        raise error

    assert run_command(broken) == 2
    assert main(["compare", "a.csv", "--target", "y", text]) == 2
    assert main(["compare", text, "--target", "y"]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 4
    assert all(line.isprintable() for line in lines)
