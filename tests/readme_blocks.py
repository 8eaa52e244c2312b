"""The code that the README and the pages show."""

import re
from pathlib import Path

README = Path(__file__).parents[1] / "README.md"


def blocks(language, page=README):
    """Text of the code blocks of a page in one language, in order."""
    text = page.read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.M | re.S)


def commands(page=README):
    """Arguments of the ``sklearn-landslide`` commands that a page shows, in order."""
    text = "\n".join(blocks("bash", page)).replace("\\\n", " ")
    shown = [line.split("#")[0].split() for line in text.splitlines()]
    return [words[1:] for words in shown if words[:1] == ["sklearn-landslide"]]
