"""The Python code of the README and of the user guide runs, and says what they say."""

import re
from pathlib import Path

import pytest

README = Path(__file__).parents[1] / "README.md"
GUIDE = sorted((README.parent / "docs" / "user_guide").glob("*.md"))


def blocks(language, page=README):
    text = page.read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.M | re.S)


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
    names = {}
    for code in blocks("python", page):
        exec(compile(code, page.name, "exec"), names)


def test_the_make_targets_of_the_readme_exist():
    makefile = (README.parent / "Makefile").read_text()
    for target in re.findall(r"^make (\w+)", "\n".join(blocks("bash")), re.M):
        assert re.search(rf"^{target}:", makefile, re.M), target
