"""The Python code of the README and of the user guide runs, and says what they say."""

import re
from configparser import ConfigParser
from contextlib import suppress

import numpy as np
import pytest
import sklearn
from readme_blocks import README, blocks, commands

from sklearn_landslide import __version__
from sklearn_landslide.cli import main

ROOT = README.parent
PAGES = [*sorted((ROOT / "docs").glob("*.md")), *sorted((ROOT / "docs/user_guide").glob("*.md"))]
# Run elsewhere: the code of the first page is that of the README, and the output of thresholds.md
# is compared in tests/warning/test_thresholds_page.py.
RUN_ELSEWHERE = ("index.md", "thresholds.md")
WITH_PYTHON = [page for page in PAGES if blocks("python", page) and page.name not in RUN_ELSEWHERE]
WITH_COMMANDS = [page for page in (README, *PAGES) if commands(page)]


def test_the_python_of_the_readme_gives_the_numbers_that_it_promises(capsys):
    # One after the other in the same names, as a reader types them. Not the last digit: it is not
    # the same on every processor.
    names, promises = {}, 0
    for code in blocks("python"):
        exec(compile(code, "README.md", "exec"), names)
        printed = re.findall(r"\d\.\d+", capsys.readouterr().out)
        promised = re.findall(r"# (\d\.\d+)$", code, re.M)
        assert len(printed) == len(promised)
        np.testing.assert_allclose(np.float64(printed), np.float64(promised), atol=0.011)
        promises += len(promised)
    assert promises == 2
    assert names["scores"]["test_score"].mean() > names["search"].best_score_


def test_the_first_page_shows_code_of_the_readme():
    shown = blocks("python", ROOT / "docs" / "index.md")
    assert shown == blocks("python")[:1]


@pytest.mark.parametrize("page", WITH_PYTHON, ids=lambda page: page.name)
def test_the_user_guide_runs(page):
    if page.name == "cluster.md" and sklearn.__version__.startswith("1.7."):
        pytest.skip("searches on a cluster need scikit-learn 1.8, as the page says")
    names = {}
    for code in blocks("python", page):
        exec(compile(code, page.name, "exec"), names)


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", ".ci/run"])
def test_the_make_targets_that_are_named_exist(page):
    makefile = (ROOT / "Makefile").read_text()
    targets = re.findall(r"^make ([\w-]+)|`make ([\w-]+)`", (ROOT / page).read_text(), re.M)
    assert targets
    for target in map("".join, targets):
        assert re.search(rf"^{target}:", makefile, re.M), target


@pytest.mark.parametrize("page", WITH_COMMANDS, ids=lambda page: page.name)
def test_the_commands_that_are_shown_have_options_that_exist(page, capsys):
    for command, *arguments in commands(page):
        with suppress(SystemExit):
            main([command, "--help"])
        known = set(re.findall(r"--[\w-]+", capsys.readouterr().out))
        assert {word for word in arguments if word.startswith("--")} <= known


def test_the_citation_names_this_version_and_the_authors():
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    setup = ConfigParser(interpolation=None)
    setup.read(ROOT / "setup.cfg", encoding="utf-8")
    assert re.findall(r"^version: (.+)$", citation, re.M) == [__version__]
    assert re.findall(r"^  - name: (.+)$", citation, re.M) == [setup["metadata"]["author"]]
    assert re.findall(r"^license: (.+)$", citation, re.M) == [setup["metadata"]["license"]]
