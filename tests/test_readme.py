"""The Python code of the README and of the user guide runs, and says what they say."""

import re
from configparser import ConfigParser
from contextlib import suppress

import pytest
import sklearn
from readme_blocks import README, blocks, commands

from sklearn_landslide import __version__
from sklearn_landslide.cli import main

ROOT = README.parent
GUIDE = sorted((ROOT / "docs" / "user_guide").glob("*.md"))


def test_the_first_example_has_ten_lines_and_gives_a_good_score(capsys):
    code = blocks("python")[0]
    names = {}
    exec(compile(code, "README.md", "exec"), names)
    assert code.count("\n") <= 11
    printed = float(capsys.readouterr().out.split()[-1])
    assert printed == round(names["scores"]["test_score"].mean(), 3)
    assert printed > 0.75
    assert names["susceptibility"].shape == (1000,)


def test_every_other_example_runs():
    for code in blocks("python")[1:]:
        exec(compile(code, "README.md", "exec"), {})


@pytest.mark.parametrize("page", GUIDE, ids=lambda page: page.name)
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


@pytest.mark.parametrize("page", [README, *GUIDE], ids=lambda page: page.name)
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
