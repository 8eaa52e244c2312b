"""Results appear together or not at all, whatever goes wrong while they are written."""

import os
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
