"""Results appear together or not at all, whatever goes wrong while they are written."""

import os
import signal
import sys
from pathlib import Path

import pytest

from sklearn_landslide._output_folder import OutputFolder

NAMES = ["table.csv", "folds.csv", "curves.png"]


def writers(text):
    return {name: lambda path, name=name: path.write_text(f"{text} {name}") for name in NAMES}


def contents(folder):
    return {
        str(path.relative_to(folder)): path.read_text() if path.is_file() else None
        for path in folder.rglob("*")
    }


def expected(text):
    return {name: f"{text} {name}" for name in NAMES}


def test_missing_parents_are_made(tmp_path):
    OutputFolder(tmp_path / "a" / "b" / "c", NAMES).write(writers("new"))
    assert contents(tmp_path / "a" / "b" / "c") == expected("new")
    assert {path.name for path in tmp_path.iterdir()} == {"a"}


def test_checking_writes_nothing(tmp_path):
    OutputFolder(tmp_path / "a" / "b", NAMES)
    assert contents(tmp_path) == {}


def test_a_new_folder_has_the_permissions_of_any_other(tmp_path):
    OutputFolder(tmp_path / "a" / "b", NAMES).write(writers("new"))
    (tmp_path / "other").mkdir()
    (tmp_path / "other.csv").touch()
    for path in ("a", "a/b"):
        assert (tmp_path / path).stat().st_mode == (tmp_path / "other").stat().st_mode
    for name in NAMES:
        mode = (tmp_path / "a" / "b" / name).stat().st_mode
        assert mode == (tmp_path / "other.csv").stat().st_mode


@pytest.mark.parametrize("error", [OSError, KeyboardInterrupt, MemoryError])
@pytest.mark.parametrize("number", range(3))
@pytest.mark.parametrize("there", [False, True])
def test_a_failure_while_writing_changes_nothing(tmp_path, error, number, there):
    out = tmp_path / "results"
    if there:
        OutputFolder(out, NAMES).write(writers("old"))
    before = contents(tmp_path)
    faulty = writers("new")

    def fail(path):
        path.write_text("half")
        raise error("planted")

    faulty[NAMES[number]] = fail
    with pytest.raises(error, match="planted"):
        OutputFolder(out, NAMES, overwrite=True).write(faulty)
    assert contents(tmp_path) == before


@pytest.mark.parametrize(
    ("old", "moves"),
    [
        (old, moves)
        for old in (NAMES, NAMES[:1], NAMES[1:], [])
        for moves in range(len(old) + len(NAMES))
    ],
)
def test_a_failure_between_two_renames_is_undone(tmp_path, monkeypatch, old, moves):
    """The fault is planted before each rename in turn, as an interrupt would come."""
    out = tmp_path / "results"
    out.mkdir()
    (out / "notes.txt").write_text("mine")
    for name in old:
        (out / name).write_text(f"old {name}")
    before = contents(tmp_path)
    replace, count = os.replace, iter(range(100))

    def interrupted(source, target):
        if next(count) == moves:
            raise KeyboardInterrupt
        replace(source, target)

    monkeypatch.setattr(os, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        OutputFolder(out, NAMES, overwrite=True).write(writers("new"))
    assert contents(tmp_path) == before


def test_the_first_file_is_taken_away_first_and_comes_last(tmp_path, monkeypatch):
    """Killed at any time, a folder with the first file holds files of one run only."""
    out = tmp_path / "results"
    OutputFolder(out, NAMES).write(writers("old"))
    replace, states = os.replace, []

    def watched(source, target):
        replace(source, target)
        states.append({name: text for name, text in contents(out).items() if name in NAMES})

    monkeypatch.setattr(os, "replace", watched)
    OutputFolder(out, NAMES, overwrite=True).write(writers("new"))
    assert len(states) == 6
    assert states[-1] == expected("new")
    assert all(NAMES[0] not in state for state in states[:-1])


def test_files_that_came_in_the_meantime_are_not_replaced(tmp_path):
    out = tmp_path / "results"
    folder = OutputFolder(out, NAMES)
    OutputFolder(out, NAMES).write(writers("other"))
    with pytest.raises(ValueError, match=r"already holds table\.csv, folds\.csv, curves\.png"):
        folder.write(writers("new"))
    assert contents(out) == expected("other")


def test_a_folder_in_the_place_of_a_file_is_refused(tmp_path):
    (tmp_path / "folds.csv").mkdir()
    with pytest.raises(ValueError, match=r"folds\.csv is a folder where a file would be"):
        OutputFolder(tmp_path, NAMES, overwrite=True)


def test_a_relative_folder_is_the_one_it_was_at_first(tmp_path, monkeypatch):
    (tmp_path / "home").mkdir()
    monkeypatch.chdir(tmp_path / "home")
    folder = OutputFolder(Path("results"), NAMES)
    monkeypatch.chdir(tmp_path)
    folder.write(writers("new"))
    assert contents(tmp_path / "home" / "results") == expected("new")


def test_two_runs_that_write_at_the_same_time_do_not_mix_their_files(tmp_path):
    """Many times over, into a folder that is there and one that is not."""
    from threading import Barrier, Thread

    for number in range(30):
        out = tmp_path / str(number)
        if number % 2:
            OutputFolder(out, NAMES).write(writers("old"))
        start, failures = Barrier(3), []

        def run(text, out=out, start=start, failures=failures):
            folder = OutputFolder(out, NAMES, overwrite=True)
            start.wait()
            try:
                folder.write(writers(text))
            except Exception as error:
                failures.append(error)

        threads = [Thread(target=run, args=(text,)) for text in "abc"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failures == []
        assert contents(out) in [expected(text) for text in "abc"]
    assert {path.name for path in tmp_path.iterdir()} == set(map(str, range(30)))


def test_two_runs_into_one_new_parent_do_not_hinder_each_other(tmp_path):
    one, other = (OutputFolder(tmp_path / "a" / name, NAMES) for name in "bc")
    one.write(writers("one"))
    other.write(writers("other"))
    assert contents(tmp_path / "a" / "b") == expected("one")
    assert contents(tmp_path / "a" / "c") == expected("other")


def test_a_file_that_is_read_is_not_replaced(tmp_path):
    (tmp_path / "table.csv").write_text("mine")
    (tmp_path / "link.csv").symlink_to("table.csv")
    folder = OutputFolder(tmp_path, NAMES, overwrite=True)
    folder.check_sources([tmp_path / "other.csv", "nowhere"])
    with pytest.raises(ValueError, match=r"table\.csv is read by this run and would be replaced"):
        folder.check_sources([tmp_path / "link.csv"])


def test_links_to_nothing_are_neither_folders_nor_free_places(tmp_path):
    (tmp_path / "out").symlink_to("nowhere")
    with pytest.raises(ValueError, match="is a link to nowhere, which does not exist"):
        OutputFolder(tmp_path / "out" / "deeper", NAMES)
    (tmp_path / "folds.csv").symlink_to("nowhere")
    with pytest.raises(ValueError, match=r"already holds folds\.csv"):
        OutputFolder(tmp_path, NAMES)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs processes that can be forked")
@pytest.mark.parametrize("at", range(1, 7))
def test_a_kill_while_files_are_put_in_place_loses_no_file_that_was_replaced(tmp_path, at):
    """So no later run may remove the hidden folders that a killed one leaves."""
    OutputFolder(tmp_path, NAMES).write(writers("old"))
    child = os.fork()
    if child == 0:
        count = []

        def kill(event, args):
            if event == "os.rename":
                count.append(event)
                if len(count) == at:
                    os.kill(os.getpid(), signal.SIGKILL)

        try:
            sys.addaudithook(kill)
            OutputFolder(tmp_path, NAMES, overwrite=True).write(writers("new"))
        finally:
            os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    found = {path.read_text() for path in tmp_path.rglob("*") if path.is_file()}
    both = {*expected("old").values(), *expected("new").values()}
    assert both <= found
    # The first name stands for the whole.
    assert (tmp_path / NAMES[0]).exists() == (at == 1)
    OutputFolder(tmp_path, NAMES, overwrite=True).write(writers("later"))
    assert {name: (tmp_path / name).read_text() for name in NAMES} == expected("later")
