"""The page on rainfall thresholds shows what its code prints, and its code runs."""

from pathlib import Path

from readme_blocks import blocks

PAGE = Path(__file__).parents[2] / "docs" / "user_guide" / "thresholds.md"


def test_the_page_shows_what_its_code_prints(capsys):
    names, printed = {}, []
    for code in blocks("python", PAGE):
        exec(compile(code, PAGE.name, "exec"), names)
        printed.append(capsys.readouterr().out)
    assert printed == blocks("text", PAGE)
