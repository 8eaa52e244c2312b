"""What matching the factors of two regions returns."""

import html
import textwrap
from dataclasses import dataclass

import pandas as pd

from sklearn_landslide._escaping import escaped
from sklearn_landslide._words import plural

COLUMNS = ["source", "target", "kept", "finding", "why"]


@dataclass(frozen=True, eq=False, repr=False)
class MatchedFactors:
    """The factors that two regions share, in the same form, and what happened to the others.

    Returned by :func:`match_factors`.

    Parameters
    ----------
    source : pandas.DataFrame or None
        The source's rows with the factors that are kept. None where the source was a fitted
        model.
    target : pandas.DataFrame
        The target's rows, with the names, the order and the types of the source: floats, and
        categories with the same list of codes.
    table : pandas.DataFrame
        One row per factor: ``source`` and ``target`` (the names of its columns, missing where a
        region has none), ``kept``, ``finding`` and, in words, ``why``.

    Attributes
    ----------
    factors : list of str
        Names of the factors that are kept.
    left_out : list of str
        Names of the factors that are not, by the name in the source where there is one.

    See Also
    --------
    compare_regions : How different the two tables are.

    Examples
    --------
    >>> import pandas as pd
    >>> from sklearn_landslide.transfer import match_factors
    >>> here = pd.DataFrame({"slope": [10.0, 30.0], "altitude": [300.0, 700.0]})
    >>> there = pd.DataFrame({"elev": [250.0, 900.0], "slope_angle": [12.0, 35.0]})
    >>> match_factors(here, there)
    MatchedFactors: 2 factors kept, 0 left out
    kept  slope = slope_angle: another name. slope_angle is a name of slope.
    kept  altitude = elev: another name. altitude and elev are names of elevation.
    """

    source: pd.DataFrame | None
    target: pd.DataFrame
    table: pd.DataFrame

    @property
    def factors(self):
        """Names of the factors that are kept."""
        return self.target.columns.tolist()

    @property
    def left_out(self):
        """Names of the factors that are not kept."""
        out = self.table[~self.table["kept"]]
        return out["source"].fillna(out["target"]).tolist()

    def to_text(self, width=100):
        """Return the findings as text, one paragraph per factor.

        Parameters
        ----------
        width : int, default=100
            Longest line, in characters.

        Returns
        -------
        text : str
            The text, without a newline at the end.
        """
        lines = [f"MatchedFactors: {self._summary()}"]
        for row in self.table.itertuples(index=False):
            names = [name for name in (row.source, row.target) if not pd.isna(name)]
            said = " = ".join(dict.fromkeys(names)) + f": {row.finding}."
            lines += textwrap.wrap(
                escaped(f"{said} {row.why}".strip()),
                width,
                initial_indent="kept  " if row.kept else "out   ",
                subsequent_indent=" " * 6,
                break_long_words=False,
                break_on_hyphens=False,
            )
        return "\n".join(lines)

    def _summary(self):
        return f"{plural(len(self.factors), 'factor')} kept, {len(self.left_out)} left out"

    def __repr__(self):
        return self.to_text()

    def _repr_html_(self):
        cells = self.table.assign(kept=self.table["kept"].map({True: "yes", False: "no"}))
        cells = cells.fillna("").map(escaped)
        return (
            f"<p>MatchedFactors: {html.escape(self._summary())}</p>\n{cells.to_html(index=False)}"
        )
