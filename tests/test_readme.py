"""The README's Python code runs, and says what the README says."""

import re
from pathlib import Path

README = Path(__file__).parents[1] / "README.md"


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```", README.read_text(), re.M | re.S)


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


def test_the_make_targets_of_the_readme_exist():
    makefile = (README.parent / "Makefile").read_text()
    for target in re.findall(r"^make (\w+)", "\n".join(blocks("bash")), re.M):
        assert re.search(rf"^{target}:", makefile, re.M), target
