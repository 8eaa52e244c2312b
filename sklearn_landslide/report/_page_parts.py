"""What a page is made of: sections of paragraphs, tables, pictures and lists."""

from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True)
class Paragraph:
    """A paragraph of plain text; the page escapes it, as it does all texts here."""

    text: str
    kind: str = "paragraph"


@dataclass(frozen=True)
class Table:
    """A table of texts with a row header; the first `n_text` columns are words, not numbers."""

    caption: str
    headings: list
    rows: list
    n_text: int = 1
    kind: str = "table"


@dataclass(frozen=True)
class Tables:
    """Small tables side by side."""

    tables: list
    kind: str = "tables"


@dataclass(frozen=True)
class Picture:
    """A picture as a data URI, with what it shows in words for those who do not see it."""

    src: str
    alt: str
    caption: str


@dataclass(frozen=True)
class Pictures:
    """Pictures side by side where there is room; wide ones take the whole width."""

    pictures: list
    wide: bool = False
    kind: str = "pictures"


@dataclass(frozen=True)
class Items:
    """A list of short texts, folded away under a heading."""

    heading: str
    items: list
    kind: str = "items"


@dataclass(frozen=True)
class Bullets:
    """Sentences as a list, under a heading unless it is empty."""

    heading: str
    items: list
    kind: str = "bullets"

    def __post_init__(self):
        # The page goes through them more than once.
        object.__setattr__(self, "items", list(self.items))


@dataclass(frozen=True)
class Section:
    """A part of the page under a heading, which the table of contents links to."""

    name: str
    title: str
    blocks: list = field(default_factory=list)


def number(value, digits=4):
    """Write a number in few digits, whole where it is large, nothing if it is missing."""
    if np.isnan(value):
        return "–"
    if np.isinf(value):
        return "infinite"
    return f"{value:.0f}" if 10**digits <= abs(value) < 1e15 else f"{value:.{digits}g}"


def pvalue(value):
    """Write a p-value with three decimals."""
    if np.isnan(value):
        return "–"
    return "< 0.001" if value < 0.001 else f"{value:.3f}"
