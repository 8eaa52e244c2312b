"""What an audit returns: one line a check, readable on a console and in a page."""

import html
import textwrap
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd

from sklearn_landslide._escaping import escaped, without_formulas
from sklearn_landslide._whole_file import whole_file

OK, WARNING, LEAK, NOT_CHECKED = "ok", "warning", "leak", "not checked"
COLUMNS = ["check", "verdict", "finding", "advice", "numbers"]

BLIND_SPOT = (
    "No audit of a table sees what was done to it with the labels before: factors chosen, or "
    "missing values filled in, on all rows leave no trace. Make every such step a step of the "
    "pipeline."
)


def _shown(text):
    """Show a text on one line, whatever names are in it."""
    return escaped(" ".join(str(text).split()))


@dataclass(frozen=True)
class Finding:
    """One line of an audit: what was checked, the verdict, the numbers, and what to do."""

    check: str
    verdict: str
    finding: str
    advice: str
    numbers: dict


def not_checked(check, reason, advice):
    """Return the finding of a check that had nothing to work on."""
    return Finding(check, NOT_CHECKED, reason, advice, {})


@dataclass(frozen=True, eq=False, repr=False)
class LeakageAudit:
    """What :func:`audit` found, in plain words and with numbers.

    Printing it gives a text for the console, and a notebook shows it as a table.

    Parameters
    ----------
    findings : pandas.DataFrame of shape (n_checks, 4)
        One row per check, indexed by its name (``check``). ``verdict`` is one of ``"ok"``,
        ``"warning"``, ``"leak"`` and ``"not checked"``; ``finding`` says in one sentence what was
        seen; ``advice`` what to do about it (empty if nothing); ``numbers`` is a dict with the
        figures behind the sentence.

    Attributes
    ----------
    passed : bool
        True if no verdict is ``"leak"`` or ``"warning"``. Checks that were not made do not count.

    See Also
    --------
    audit : Makes it.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn_landslide.model_selection import audit
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(80, 3))
    >>> y = np.repeat([0, 1], 40)
    >>> X = np.vstack([X, X[:8]])
    >>> y = np.append(y, y[:8])
    >>> result = audit(LogisticRegression(), X, y, random_state=0)
    >>> result.passed
    False
    >>> result.findings.loc["duplicate rows", "verdict"]
    'leak'
    >>> result.findings.loc["duplicate rows", "numbers"]["n_test_rows"]
    16
    """

    findings: pd.DataFrame

    @classmethod
    def _from_list(cls, findings):
        table = pd.DataFrame([asdict(finding) for finding in findings], columns=COLUMNS)
        return cls(table.set_index("check"))

    @property
    def passed(self):
        """Whether no check ended in ``"leak"`` or ``"warning"``."""
        return not self.findings["verdict"].isin([LEAK, WARNING]).any()

    def in_words(self):
        """Say what was found in plain sentences.

        Returns
        -------
        sentences : list of str
            The verdict, then each leak or warning with what to do, and finally what no audit can
            see.
        """
        said = [f"The audit is {self._summary()}."]
        for verdict in (LEAK, WARNING):
            for check, row in self.findings[self.findings["verdict"] == verdict].iterrows():
                text = f"{verdict.capitalize()}, {check}: {row['finding']} {row['advice']}"
                said.append(text.rstrip())
        return [*said, BLIND_SPOT]

    def to_dict(self):
        """Return all results as plain numbers, strings, lists and dicts.

        Returns
        -------
        facts : dict
            Ready for JSON; missing values are None.
        """
        return {
            "passed": bool(self.passed),
            "in_words": self.in_words(),
            "findings": [_plain(one) for one in self.findings.reset_index().to_dict("records")],
        }

    def to_csv(self, path):
        """Write verdicts, findings and advice to a CSV file, complete or not at all.

        Parameters
        ----------
        path : str or path-like
            The file; one that is there is replaced.
        """
        table = without_formulas(self.findings.drop(columns="numbers").reset_index())
        with whole_file(path) as hidden:
            table.to_csv(hidden, index=False, lineterminator="\n")

    def to_text(self, width=100):
        """Return the audit as text, one paragraph per check.

        Parameters
        ----------
        width : int, default=100
            Longest line, in characters.

        Returns
        -------
        text : str
            The text, without a newline at the end.
        """
        lines = [f"LeakageAudit: {self._summary()}"]
        margin = " " * 13
        for check, row in self.findings.iterrows():
            said = _shown(f"{check}: {row['finding']}")
            lines += _wrap(said, width, f"{row['verdict']:<{len(margin)}}", margin)
            if row["advice"]:
                lines += _wrap(_shown(row["advice"]), width, f"{margin}-> ", margin + "   ")
        return "\n".join([*lines, *_wrap(BLIND_SPOT, width, "", "")])

    def to_html(self):
        """Return the audit as a piece of HTML: a summary, a table, a note.

        Returns
        -------
        html : str
            Everything that came from the table, such as column names, is escaped.
        """
        rows = "\n".join(
            f'<tr class="audit-{row["verdict"].replace(" ", "-")}">'
            f'<th scope="row">{html.escape(_shown(check))}</th>'
            + "".join(
                f"<td>{html.escape(_shown(row[name]))}</td>"
                for name in ("verdict", "finding", "advice")
            )
            + "</tr>"
            for check, row in self.findings.iterrows()
        )
        return (
            f"<p>LeakageAudit: {html.escape(_shown(self._summary()))}</p>\n"
            '<table class="leakage-audit">\n'
            "<thead><tr><th>Check</th><th>Verdict</th><th>Finding</th><th>What to do</th></tr>"
            f"</thead>\n<tbody>\n{rows}\n</tbody>\n</table>\n<p>{html.escape(BLIND_SPOT)}</p>"
        )

    def _summary(self):
        counts = self.findings["verdict"].value_counts()
        said = ", ".join(
            f"{counts[verdict]} {verdict}"
            for verdict in (LEAK, WARNING, OK, NOT_CHECKED)
            if verdict in counts
        )
        return f"{'passed' if self.passed else 'not passed'} ({said})"

    def __repr__(self):
        return self.to_text()

    def _repr_html_(self):
        return self.to_html()


def _plain(value):
    """Return numbers as JSON takes them; None for what is missing."""
    if isinstance(value, dict):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple | np.ndarray):
        return [_plain(one) for one in value]
    value = value.item() if isinstance(value, np.generic) else value
    return None if isinstance(value, float) and not np.isfinite(value) else value


def _wrap(text, width, first, other):
    """Break a text into lines, with what stands before the first line and the others."""
    return textwrap.wrap(
        text,
        width,
        initial_indent=first,
        subsequent_indent=other,
        break_long_words=False,
        break_on_hyphens=False,
    )
