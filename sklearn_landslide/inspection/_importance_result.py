"""What factor_importance returns: losses, their means with intervals, and words."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from sklearn_landslide._escaping import without_formulas
from sklearn_landslide._shown import html_of, plain_rows, text_of
from sklearn_landslide._whole_file import whole_file
from sklearn_landslide._words import join_names, plural
from sklearn_landslide.metrics import corrected_resampled_ttest
from sklearn_landslide.robustness import HEADINGS

_CONFIDENCE = 0.95
_SHOWN, _LISTED = 5, 12
# With fewer folds the interval of a mean is wide whatever the spread.
_MANY_FOLDS = 8
# Share of rows alone in their stratum from which it is said.
_MANY_UNMOVED = 0.1


def intervals(values, n_train, n_test):
    """Mean, spread and interval of one value a fold.

    Parameters
    ----------
    values : ndarray of shape (n_folds,)
        The values.
    n_train, n_test : ndarray of shape (n_folds,)
        Rows of the folds.

    Returns
    -------
    facts : dict of str to float
        ``mean``, ``sd``, ``low``, ``high``; all but the first are missing for a single fold.
    """
    facts = {"mean": float(np.mean(values)), "sd": np.nan, "low": np.nan, "high": np.nan}
    if len(values) > 1:
        test = corrected_resampled_ttest(
            values, np.zeros(len(values)), n_train=n_train, n_test=n_test
        )
        facts["sd"] = float(np.std(values, ddof=1))
        facts["low"], facts["high"] = test.confidence_interval(_CONFIDENCE)
    return facts


@dataclass(frozen=True, eq=False, repr=False)
class FactorImportance:
    """What each factor is worth to a model on rows that it has not seen.

    Returned by :func:`factor_importance`. Print it for a description in words.

    Parameters
    ----------
    losses : pandas.DataFrame
        One row per factor or group, fold and draw: ``factor``, ``conditional`` (whether it was
        shuffled within strata of the other factors), ``fold``, ``repeat`` and ``loss``: the score
        of the test rows less that of the same rows with the factor shuffled.
    folds : pandas.DataFrame
        One row per fold: ``fold``, ``score`` of the test rows as they are, ``n_train``, ``n_test``.
    pairs : pandas.DataFrame
        Factors that go together: ``first``, ``second`` and their ``association``, from 0.7 to 1.
    units : dict of str to tuple of str
        The columns of each factor or group.
    scoring : str
        Name of the score, of which more is better.
    left_out : dict of int to str, default={}
        Folds that do not count, with the reason.
    unmoved : dict of str to float, default={}
        For each factor the share of test rows that were alone in their stratum and so kept its
        value, where it was shuffled within strata.

    See Also
    --------
    factor_importance : Makes it.
    sklearn_landslide.plotting.FactorImportanceDisplay : Draws it.

    Examples
    --------
    >>> import pandas as pd
    >>> from sklearn_landslide.inspection import FactorImportance
    >>> losses = pd.DataFrame(
    ...     {"factor": "slope", "conditional": False, "fold": [0, 1], "repeat": 0,
    ...      "loss": [0.10, 0.12]}
    ... )
    >>> folds = pd.DataFrame(
    ...     {"fold": [0, 1], "score": [0.8, 0.9], "n_train": 100, "n_test": 100}
    ... )
    >>> pairs = pd.DataFrame(columns=["first", "second", "association"])
    >>> result = FactorImportance(losses, folds, pairs, {"slope": ("slope",)}, "roc_auc")
    >>> result.table["mean"].round(2).tolist()
    [0.11]
    """

    losses: pd.DataFrame
    folds: pd.DataFrame
    pairs: pd.DataFrame
    units: dict
    scoring: str
    left_out: dict = field(default_factory=dict)
    unmoved: dict = field(default_factory=dict)

    @property
    def table(self):
        """Mean loss of each factor, the greatest first.

        Columns are ``factor``, ``conditional``, ``mean`` over the folds, whose draws are averaged
        first, ``sd`` over the folds, ``low`` and ``high`` (the 95 % interval of the mean,
        corrected for training rows that folds share) and ``rank``, 1 for the greatest mean.
        """
        sizes = self.folds.set_index("fold")
        by_fold = self.losses.groupby(["conditional", "factor", "fold"], sort=False)["loss"].mean()
        lines = []
        for (conditional, factor), part in by_fold.groupby(
            level=["conditional", "factor"], sort=False
        ):
            values = part.droplevel(["conditional", "factor"])
            rows = sizes.loc[values.index]
            facts = intervals(values.to_numpy(), rows["n_train"], rows["n_test"])
            lines.append({"factor": factor, "conditional": bool(conditional), **facts})
        table = pd.DataFrame(lines)
        ranks = table.groupby("conditional")["mean"].rank(ascending=False, method="min")
        table["rank"] = ranks.astype(int)
        return table.sort_values(["conditional", "rank"], kind="stable", ignore_index=True)

    @property
    def score(self):
        """Mean score of the test rows as they are."""
        return float(self.folds["score"].mean())

    def in_words(self):
        """Say what was found in plain sentences.

        Returns
        -------
        sentences : list of str
            For a reader who is not a statistician.
        """
        table = self.table
        said = [self._of_score()]
        for conditional, part in table.groupby("conditional"):
            said += self._of_factors(part, bool(conditional))
        said += self._of_both(table)
        said += self._of_pairs(table)
        said += self._of_strata()
        for fold, why in self.left_out.items():
            said.append(f"Fold {fold} does not count, as {why}.")
        return said

    def _heading(self):
        return HEADINGS.get(self.scoring, self.scoring)

    def _of_score(self):
        tested = int(self.folds["n_test"].sum())
        return (
            f"On rows that it was not fitted on, the model has a {self._heading()} of "
            f"{self.score:.3f} (mean of {plural(len(self.folds), 'fold')}, {tested:,} test rows)."
        )

    def _of_factors(self, part, conditional):
        """Say which factors count, which do not, and which do harm."""
        how = "beyond what the others tell" if conditional else "shuffled alone"
        clear, none, harmful = _sorted_out(part)
        if part["low"].isna().all():
            best = [f"{row.factor} ({_number(row.mean)})" for row in part.head(_SHOWN).itertuples()]
            yield f"By one fold, {how}: {join_names(best)}. One fold says nothing of the spread."
            return
        if clear.empty:
            advice = ""
            if len(self.folds) < _MANY_FOLDS:
                advice = f" With {len(self.folds)} folds intervals are wide: take more."
            yield f"No factor is worth clearly more than nothing, {how}.{advice}"
        else:
            best = [
                f"{row.factor} ({_number(row.mean)}, {_number(row.low)} to {_number(row.high)})"
                for row in clear.head(_SHOWN).itertuples()
            ]
            rest = clear["factor"].iloc[_SHOWN:]
            more = f" Less, but clearly: {join_names(rest, _LISTED)}." if len(rest) else ""
            yield (
                f"What the model rests on, {how} (loss of {self._heading()} with its 95 % "
                f"interval): {join_names(best)}.{more}"
            )
        if len(none):
            yield (
                f"No clear loss, {how}: {join_names(none['factor'], _LISTED)}. The model may "
                "react to them, but on unseen rows that does not clearly help."
            )
        if len(harmful):
            yield (
                f"Shuffled, the score rises: {join_names(harmful['factor'], _LISTED)}. What the "
                "model learned of them does not hold on unseen rows."
            )

    def _of_both(self, table):
        """Say of which factors others tell the same."""
        if table["conditional"].nunique() < 2:
            return
        alone, beyond = (
            set(_sorted_out(table[table["conditional"] == kind])[0]["factor"])
            for kind in (False, True)
        )
        same = [name for name in self.units if name in alone - beyond]
        if same:
            yield (
                f"Other factors carry the same information: {join_names(same, _LISTED)}. Shuffled "
                "alone they are missed; beyond the other factors they add nothing that is clear."
            )

    def _of_pairs(self, table):
        """Say which factors share what they are worth."""
        if self.pairs.empty:
            return
        shown = [
            f"{row.first} and {row.second} ({row.association:.2f})"
            for row in self.pairs.head(_SHOWN).itertuples()
        ]
        more = len(self.pairs) - len(shown)
        rest = f" and {plural(more, 'more pair')}" if more else ""
        text = f"These are correlated: {', '.join(shown)}{rest}."
        if False in set(table["conditional"]):
            text += (
                " Shuffled one at a time, the one stands in for the other, so that both look less "
                "important than they are as a pair: put them into one of factor_groups."
            )
        yield text

    def _of_strata(self):
        many = {name: share for name, share in self.unmoved.items() if share > _MANY_UNMOVED}
        if many:
            worst = max(many, key=many.get)
            yield (
                f"Of {join_names(many, _LISTED)} some test rows are like no other in the rest of "
                f"the factors ({100 * many[worst]:.0f} % for {worst}) and kept their value: what "
                "is said of them beyond the others is too small."
            )

    def to_dict(self):
        """Return all results as plain numbers, strings, lists and dicts.

        Returns
        -------
        facts : dict
            Ready for JSON; missing values are None.
        """
        return {
            "scoring": self.scoring,
            "score": self.score,
            "in_words": self.in_words(),
            "table": plain_rows(self.table),
            "folds": plain_rows(self.folds),
            "pairs": plain_rows(self.pairs),
            "units": {name: list(columns) for name, columns in self.units.items()},
            "left_out": {str(fold): why for fold, why in self.left_out.items()},
            "unmoved": dict(self.unmoved),
        }

    def to_csv(self, path):
        """Write :attr:`losses` to a CSV file, complete or not at all.

        Parameters
        ----------
        path : str or path-like
            The file; one that is there is replaced.
        """
        with whole_file(path) as hidden:
            without_formulas(self.losses).to_csv(hidden, index=False, lineterminator="\n")

    def to_text(self, width=100):
        """Return what was found as text: sentences, and the table.

        Parameters
        ----------
        width : int, default=100
            Longest line of a sentence, in characters.

        Returns
        -------
        text : str
            The text, without a newline at the end.
        """
        return text_of("FactorImportance", self.in_words(), self.table.round(4), width)

    def __repr__(self):
        return self.to_text()

    def _repr_html_(self):
        return html_of("FactorImportance", self.in_words(), self.table)


def _sorted_out(part):
    """Split a table: clearly above 0, not told from 0, clearly below."""
    clear, harmful = part["low"] > 0, part["high"] < 0
    return part[clear], part[~clear & ~harmful & part["low"].notna()], part[harmful]


def _number(value):
    text = f"{value:.3f}"
    return text.lstrip("-") if float(text) == 0 else text
