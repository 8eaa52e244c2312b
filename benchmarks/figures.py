"""Figures that the README and the user guide copy from benchmarks/results/.

    python benchmarks/figures.py            # says where a page differs, exit code 1
    python benchmarks/figures.py --write    # brings the pages up to date

What each page copies is listed in _figures.py: tables, by their first line or the words before it;
sentences, as templates with a place for each figure; and claims, which hold only while a comparison
of figures does. A claim that no longer holds is reported, for a person to rewrite.
"""

import argparse
import re
import sys
from pathlib import Path

from _figures import ELSEWHERE, claims, sentences, tables

ROOT = Path(__file__).parents[1]
NUMBER = r"[+-]?\d[\d,]*(?:\.\d+)?(?:\s+±\s+\d+\.\d+)?"
# A figure with two decimals or more is a result, and has to come from somewhere.
RESULT = re.compile(r"(?<![\w.])[+-]?\d+\.\d{2,}")


def read_pages():
    """Text of the README and of each page of the user guide, by its path from the root."""
    paths = [ROOT / "README.md", *sorted((ROOT / "docs" / "user_guide").glob("*.md"))]
    return {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in paths}


def pattern(template):
    """Expression that finds a template in a page, whatever its figures and line breaks are."""
    words = [re.sub(r"(\\ |\\\n)+", r"\\s+", re.escape(part)) for part in template.split("{}")]
    return f"({NUMBER})".join(words)


def find_sentence(text, template):
    """Return the one match of a template in a text, or an error that names it."""
    found = list(re.finditer(pattern(template), text))
    if len(found) != 1:
        raise LookupError(f"{len(found)} times, not once: {template!r}")
    return found[0]


def find_table(text, words):
    """Return start and end of the rows of the first table at or after some words."""
    if text.count(words) != 1:
        raise LookupError(f"{text.count(words)} times, not once: {words!r}")
    found = re.compile(r"^\|.*\n\|[-| :]+\n((?:\|.*\n)*)", re.M).search(text, text.index(words))
    return found.span(1)


def replacements(page, text):
    """Spans of a page that copy results, each with what it should say."""
    for where, words, rows in tables():
        if where == page:
            yield *find_table(text, words), "".join(f"| {' | '.join(row)} |\n" for row in rows)
    for where, template, figures in sentences():
        if where != page:
            continue
        match = find_sentence(text, template)
        for number, figure in enumerate(figures, 1):
            yield *match.span(number), figure


def updated(page, text):
    """Return the text of a page with its figures as the results have them."""
    for start, end, figure in sorted(replacements(page, text), reverse=True):
        if text[start:end].split() != figure.split():
            text = text[:start] + figure + text[end:]
    return text


def unknown_figures(page, text):
    """Figures of a page that neither come from the results nor are listed as from elsewhere."""
    blank = list(text)
    for start, end, _ in replacements(page, text):
        blank[start:end] = " " * (end - start)
    text = re.sub(r"^```.*?^```", "", "".join(blank), flags=re.M | re.S)
    known = [start for where, start in ELSEWHERE if where == page]
    for block in re.split(r"\n\s*\n", text):
        if not any(block.startswith(start) for start in known):
            yield from RESULT.findall(re.sub(r"`[^`]*`|\(http[^)]*\)", "", block))


def problems(pages):
    """One line for each way in which the pages and the results differ."""
    for page, text in pages.items():
        for line, should in zip(text.splitlines(), updated(page, text).splitlines(), strict=True):
            if line != should:
                yield f"{page} says    {line}\n{' ' * len(page)} instead of {should}"
        for figure in unknown_figures(page, text):
            yield f"{page}: {figure} comes from no result; list it in benchmarks/_figures.py"
    for page, words, holds in claims():
        if not re.search(pattern(words), pages[page]):
            yield f"{page} no longer says {words!r}: take the claim out of benchmarks/_figures.py"
        elif not holds:
            yield f"{page} claims {words!r}, which the results do not show: rewrite it"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--write", action="store_true", help="bring the pages up to date")
    args = parser.parse_args()
    pages = read_pages()
    if args.write:
        for page, text in pages.items():
            pages[page] = updated(page, text)
            if pages[page] != text:
                (ROOT / page).write_text(pages[page], encoding="utf-8")
                print(f"{page}: brought up to date")
    found = list(problems(pages))
    print("\n".join(found) or "Every figure is as in benchmarks/results/.")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
