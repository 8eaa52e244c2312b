"""Commands as a person types them: quoted for the shell, and found from where they are typed."""

import os
import shlex
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from sklearn_landslide._typed import quoted, typed, typed_here

WORDS = ["compare", "my table.csv", "--nodata", "-9999", "it's"]


def test_a_command_in_a_page_is_that_of_the_installed_program():
    assert shlex.split(typed(WORDS)) == ["sklearn-landslide", *WORDS]


def test_a_command_is_quoted_as_the_shell_of_windows_takes_it(monkeypatch):
    monkeypatch.setattr(os, "name", "nt")
    assert quoted(["a", "my table.csv"]) == 'a "my table.csv"'


@pytest.mark.skipif(os.name == "nt", reason="words are taken apart by a POSIX shell here")
@pytest.mark.parametrize("on_path", [True, False])
def test_a_printed_command_runs_as_it_is_in_the_terminal_it_is_printed_to(
    on_path, monkeypatch, tmp_path
):
    # Another program of this name comes first on the path, or that of this environment does.
    other = tmp_path / "bin" / "sklearn-landslide"
    other.parent.mkdir()
    other.write_text("#!/bin/sh\necho another program\n", encoding="utf-8")
    other.chmod(0o755)
    first = sysconfig.get_path("scripts") if on_path else str(other.parent)
    monkeypatch.setenv("PATH", first + os.pathsep + os.environ["PATH"])
    monkeypatch.chdir(Path(sys.prefix).parent)
    line = typed_here(["--version"])
    assert line.startswith("sklearn-landslide ") is on_path
    done = subprocess.run(line, shell=True, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("sklearn-landslide ")
