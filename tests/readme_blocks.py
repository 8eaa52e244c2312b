"""The code that the README and the pages show."""

import re
from pathlib import Path

README = Path(__file__).parents[1] / "README.md"


def blocks(language, page=README):
    """Text of the code blocks of a page in one language, in order."""
    text = page.read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.M | re.S)


def commands(page=README):
    """Arguments of the ``sklearn_landslide`` commands that a page shows, in order."""
    text = "\n".join(blocks("bash", page)).replace("\\\n", " ")
    return [
        line.split("#")[0].split()[3:]
        for line in text.splitlines()
        if line.startswith("python -m sklearn_landslide ")
    ]
