"""What a check of a table returns: findings and how to fix them, the serious ones first."""

import textwrap
from dataclasses import asdict, dataclass, field

import numpy as np

from sklearn_landslide._hints import spelled
from sklearn_landslide._shown import listed_html, listed_text
from sklearn_landslide._words import landslides_said, plural

SERIOUS, WARNING, NOTE = "serious", "warning", "note"
SEVERITIES = (SERIOUS, WARNING, NOTE)
# What findings of each severity are called, beside their number.
_NOUNS = {SERIOUS: "serious finding", WARNING: "warning", NOTE: "note"}

BLIND_SPOT = (
    "A check reads the table, not how it was made: factors chosen, or gaps filled in, on all rows "
    "leave no trace."
)


@dataclass(frozen=True)
class TableFinding:
    """One thing that looks wrong in a table.

    Parameters
    ----------
    code : str
        The kind of finding, named the same for every table, such as ``"id"``.
    severity : {"serious", "warning", "note"}
        How much it matters: ``"serious"`` where scores or maps are likely to be wrong,
        ``"warning"`` where somebody should look, ``"note"`` where all may be well.
    columns : tuple of str
        The columns that it concerns; may be empty.
    finding : str
        What was found, in a sentence with numbers.
    advice : str, default=""
        What it means, or what to do.
    option : str, default=""
        The option of the command line that fixes it, such as ``--drop id``; empty if there is
        none.
    python : str, default=""
        The same in Python, as an argument of :func:`~sklearn_landslide.tables.read_table`,
        :func:`~sklearn_landslide.map_products.make_training_table` or a splitter: ``drop=['id']``.
    numbers : dict of str to float, default={}
        The numbers in the sentence.

    See Also
    --------
    check_table : Finds them.

    Examples
    --------
    >>> from sklearn_landslide.checks import TableFinding
    >>> finding = TableFinding("constant", "note", ("year",), "'year' is 2012 in every row.")
    >>> finding.severity
    'note'
    """

    code: str
    severity: str
    columns: tuple
    finding: str
    advice: str = ""
    option: str = ""
    python: str = ""
    numbers: dict = field(default_factory=dict)

    def in_words(self, remedy="python"):
        """Describe the finding in one paragraph.

        Parameters
        ----------
        remedy : {"python", "option", "both"}, default="python"
            How the remedy is spelled.

        Returns
        -------
        text : str
        """
        mend = self.option if remedy == "option" else self.python
        if remedy == "both" and mend:
            mend = f"{self.option}, or in Python {self.python}"
        parts = [f"{self.severity.capitalize()}, {self.code}: {self.finding}", self.advice]
        return " ".join(filter(None, [*parts, mend and f"To fix it: {mend}"]))


@dataclass(frozen=True, eq=False, repr=False)
class TableCheck:
    """What :func:`check_table` found, in plain words and with numbers.

    Printing it gives a text for the console, and a notebook shows it as a list.

    Parameters
    ----------
    findings : tuple of TableFinding
        Serious ones first; empty if nothing looks wrong.
    n_rows, n_landslides, n_factors : int
        Size of the table.
    n_groups : int or None, default=None
        Number of groups of the landslide rows; None: there are no groups.
    source : {"table", "rasters"}, default="table"
        Where the table comes from: in a table made from rasters, groups are landslides.

    Attributes
    ----------
    passed : bool
        True if nothing serious was found.

    See Also
    --------
    check_table : Makes it.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from sklearn_landslide.checks import check_table
    >>> X = pd.DataFrame({"slope": np.arange(40) % 7 + 0.5, "id": np.arange(40)})
    >>> check = check_table(X, np.arange(40) >= 20)
    >>> check.passed
    False
    >>> [(one.code, one.option) for one in check.findings]
    [('id', '--drop id')]
    """

    findings: tuple
    n_rows: int
    n_landslides: int
    n_factors: int
    n_groups: int | None = None
    source: str = "table"

    @property
    def passed(self):
        """Whether nothing serious was found."""
        return not any(one.severity == SERIOUS for one in self.findings)

    def _title(self):
        is_landslide = np.arange(self.n_rows) < self.n_landslides
        known = (self.n_groups, None) if self.source == "rasters" else (None, self.n_groups)
        return (
            f"{plural(self.n_rows, 'row')}, {landslides_said(is_landslide, *known)}, "
            f"{plural(self.n_factors, 'factor')}: {self.summary()}"
        )

    def summary(self):
        """Count the findings.

        Returns
        -------
        text : str
            Such as ``"1 serious finding, 2 warnings"``.
        """
        severities = [one.severity for one in self.findings]
        counts = [
            plural(severities.count(severity), _NOUNS[severity])
            for severity in SEVERITIES
            if severity in severities
        ]
        return ", ".join(counts) or "nothing looks wrong"

    def in_words(self, remedy="python"):
        """Say what was found in plain sentences.

        Parameters
        ----------
        remedy : {"python", "option", "both"}, default="python"
            How remedies are spelled: in Python, as options of the command line, or both.

        Returns
        -------
        sentences : list of str
            One per finding; the last one says what no check of a table can see.
        """
        return [*(one.in_words(remedy) for one in self.findings), BLIND_SPOT]

    def to_text(self, width=100, remedy="python"):
        """Return everything as text.

        Parameters
        ----------
        width : int, default=100
            Longest line, in characters.
        remedy : {"python", "option", "both"}, default="python"
            How remedies are spelled.

        Returns
        -------
        text : str
            Without a newline at the end.
        """
        title = textwrap.fill(self._title(), width)
        return listed_text(title, self.in_words(remedy), width)

    def to_html(self, remedy="python"):
        """Return everything as a piece of HTML.

        Parameters
        ----------
        remedy : {"python", "option", "both"}, default="python"
            How remedies are spelled.

        Returns
        -------
        html : str
            Names from the table are escaped.
        """
        return listed_html(self._title(), self.in_words(remedy))

    def to_dict(self):
        """Return all results as plain numbers, strings, lists and dicts.

        Returns
        -------
        facts : dict
            Ready for JSON.
        """
        return {
            "passed": self.passed,
            "n_rows": self.n_rows,
            "n_landslides": self.n_landslides,
            "n_groups": self.n_groups,
            "n_factors": self.n_factors,
            "findings": [_plain(asdict(one)) for one in self.findings],
        }

    def __repr__(self):
        return f"TableCheck of {self.to_text()}"

    def _repr_html_(self):
        return self.to_html()


def headlines(check, *, most=5, skip=()):
    """Return the lines to print before the work begins: the first few findings, without notes.

    Parameters
    ----------
    check : TableCheck
        What was found.
    most : int, default=5
        The most findings that get a line.
    skip : collection of str, default=()
        Codes of findings that were already reported.

    Returns
    -------
    lines : list of str
        Arguments are spelled the way that the caller's users give them. Empty if nothing is wrong.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from sklearn_landslide.checks import check_table, headlines
    >>> X = pd.DataFrame({"fid": np.arange(40), "slope": np.arange(40) % 7 + 0.5})
    >>> (line,) = headlines(check_table(X, np.arange(40) % 2))
    >>> line[:28], line[-23:]
    ("check: 'fid' looks like an i", "To fix it: drop=['fid']")
    """
    found = [one for one in check.findings if one.severity != NOTE and one.code not in skip]
    lines = [f"check: {one.finding} {_what_to_do(one)}".rstrip() for one in found[:most]]
    if more := len(found) - most if len(found) > most else 0:
        lines.append(f"check: {more} more; the command check names all of them.")
    return lines


def _what_to_do(finding):
    if not finding.python:
        return finding.advice
    return spelled(f"To fix it: {finding.python}", finding.python)


def _plain(value):
    """Return numbers and lists as JSON takes them."""
    if isinstance(value, dict):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value.item() if isinstance(value, np.generic) else value
