"""What comparing two regions returns: numbers, tables, and what they mean in words."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sklearn_landslide._escaping import escaped, without_formulas
from sklearn_landslide._shown import listed_html, listed_text, plain_rows
from sklearn_landslide._whole_file import whole_file
from sklearn_landslide._words import join_names
from sklearn_landslide.transfer._known_pairs import FAR, NEAR, loss_in_words

# Distances of distributions from which a factor differs, and up to which it is similar.
_DIFFERS, _ALIKE = 0.3, 0.1
# Share of the target outside a factor's range that is worth a sentence.
_SOME_OUTSIDE = 0.05
_SHOWN = 3


def percent(share):
    """Write a share in percent; neither 0 nor 100 for what is neither."""
    if np.isnan(share):
        return "unknown"
    for edge, said in ((0, "less than 1 %"), (1, "more than 99 %")):
        if share != edge and round(100 * share) == 100 * edge:
            return said
    return f"{100 * share:.0f} %"


@dataclass(frozen=True, eq=False, repr=False)
class RegionComparison:
    """How different two regions are, by factor and as a whole.

    Returned by :func:`compare_regions`. Print it for a description in words.

    Parameters
    ----------
    factors : pandas.DataFrame
        One row per factor, the most different first: ``kind`` (quantity or classes); ``distance``
        of the distributions from 0, the same, to 1, apart (Kolmogorov-Smirnov of quantities, total
        variation of classes); ``wasserstein``, how far values would have to be moved, in
        interquartile ranges of the source, missing for classes; ``outside``, the share of the
        target outside the source's range, or of classes that the source never had; ``giveaway``,
        the factor's part in telling the regions apart, 1 for all of them; medians and shares of
        missing values in both.
    quantiles : pandas.DataFrame
        One row per quantity and region: ``factor``, ``region``, ``min``, ``q05``, ``q25``,
        ``q50``, ``q75``, ``q95`` and ``max``.
    classes : pandas.DataFrame
        One row per class: ``factor``, ``class`` and its share of the rows in ``source`` and
        ``target``.
    n_source, n_target : int
        Number of rows.
    auc : float
        How well a forest tells which region a row comes from, from 0.5 (guessing) to 1: ROC-AUC on
        rows that it was not fitted on.
    outside_applicability : float
        Share of the target outside the source's area of applicability.
    prevalence_source, prevalence_target : float or None, default=None
        Share of landslides among the labels that were given.
    left_out : tuple of str, default=()
        Columns that were not compared: those of one region only, those without values, labels and
        coordinates.

    See Also
    --------
    sklearn_landslide.plotting.RegionShiftDisplay : A picture of it.
    sklearn_landslide.report.write_region_report : A page of it.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from sklearn_landslide.transfer import compare_regions
    >>> slope = np.arange(40.0)
    >>> comparison = compare_regions(
    ...     pd.DataFrame({"slope": slope}), pd.DataFrame({"slope": slope + 10})
    ... )
    >>> comparison.factors["distance"].round(2).to_dict()
    {'slope': 0.25}
    """

    factors: pd.DataFrame
    quantiles: pd.DataFrame
    classes: pd.DataFrame
    n_source: int
    n_target: int
    auc: float
    outside_applicability: float
    prevalence_source: float | None = None
    prevalence_target: float | None = None
    left_out: tuple = ()

    def in_words(self):
        """Say what was found in plain sentences, and what to do.

        Returns
        -------
        sentences : list of str
            For a reader who is not a statistician.
        """
        said = [self._sizes(), self._apart(), *self._most_different(), self._applicability()]
        return [*said, loss_in_words(self.outside_applicability)]

    def _sizes(self):
        n_rows = f"The source has {self.n_source:,} rows, the target {self.n_target:,}."
        here, there = self.prevalence_source, self.prevalence_target
        if here is None or there is None:
            return n_rows
        text = (
            f"{n_rows} Landslides are {percent(here)} of the one and {percent(there)} of the other."
        )
        if min(here, there) == 0 or max(here, there) < 1.5 * min(here, there):
            return text
        return (
            f"{text} A model of the source gives probabilities for its own share: state that of "
            "the target with prevalence=, but ask first if both samples were drawn the same way."
        )

    def _apart(self):
        words = "cannot be told apart"
        for least, text in (
            (0.6, "can be told apart a little"),
            (0.75, "can be told apart well"),
            (0.95, "can be told apart nearly always"),
        ):
            words = text if self.auc >= least else words
        text = (
            f"From its factors, rows of the two regions {words}: ROC-AUC {self.auc:.2f}, where 0.5 "
            "is guessing and 1 is never wrong"
        )
        if self.auc < 0.6:
            return f"{text}. The two are samples of much the same country."
        givers = self.factors["giveaway"].sort_values(ascending=False)
        few = givers[: max(1, min(_SHOWN, int((givers > 1 / len(givers)).sum())))]
        return f"{text}. What gives them away is mostly {join_names(few.index)}."

    def _most_different(self):
        differs = self.factors[self.factors["distance"] >= _DIFFERS]
        for name, row in differs[:_SHOWN].iterrows():
            yield self._of_factor(name, row)
        if len(differs) > _SHOWN:
            yield f"So do {join_names(differs.index[_SHOWN:], 8)}."
        alike = self.factors.index[self.factors["distance"] < _ALIKE]
        if len(alike):
            yield f"Similar in both regions: {join_names(alike, 8)}."
        if len(differs):
            yield (
                "Of a factor that differs, make sure that both regions measure it the same way: "
                "unit, formula, size of cells (match_factors looks for it). If they do and it is "
                "where a place stands in its own region that counts, RegionScaler takes the "
                "difference away; if the level itself counts, as with rain, that does harm, and "
                "nothing but labels from the target helps. Labels also say which of the two it is."
            )

    def _of_factor(self, name, row):
        """Say how one factor differs."""
        if row["kind"] == "classes":
            text = (
                f"{name} differs: {percent(row['distance'])} of the rows would have to change class"
            )
            outside = "is of classes that the source never had"
        else:
            text = (
                f"{name} differs: its median is {row['source_median']:.4g} in the source and "
                f"{row['target_median']:.4g} in the target"
            )
            outside = "lies outside the range of the source"
        if row["outside"] >= _SOME_OUTSIDE:
            text += f", and {percent(row['outside'])} of the target {outside}"
        return f"{text}."

    def _applicability(self):
        outside = self.outside_applicability
        text = (
            f"{percent(outside)} of the target's rows are less like any row of the source than "
            "rows of the source are like each other (outside its area of applicability)"
        )
        text = text[0].upper() + text[1:]
        if outside < NEAR:
            return f"{text}: scores of the source say something of the target, too."
        if outside < FAR:
            return f"{text}: mark these places in the map, for no score of the source holds there."
        return (
            f"{text}: no score of the source says how good its model is here. Do not use the map "
            "before it was tested with landslides of the target."
        )

    def to_dict(self):
        """Return all results as plain numbers, strings, lists and dicts.

        Returns
        -------
        facts : dict
            Ready for JSON; missing values are None.
        """
        return {
            "n_source": self.n_source,
            "n_target": self.n_target,
            "auc": self.auc,
            "outside_applicability": self.outside_applicability,
            "prevalence_source": self.prevalence_source,
            "prevalence_target": self.prevalence_target,
            "in_words": self.in_words(),
            "factors": plain_rows(self.factors.reset_index()),
            "quantiles": plain_rows(self.quantiles),
            "classes": plain_rows(self.classes),
            "left_out": list(self.left_out),
        }

    def to_csv(self, path):
        """Write the table of factors to a CSV file.

        Parameters
        ----------
        path : str or path-like
            The file. An existing file is replaced once the new one is complete.
        """
        with whole_file(path) as hidden:
            without_formulas(self.factors.reset_index()).to_csv(hidden, index=False)

    def to_text(self, width=100):
        """Return what was found as text: sentences, and the table of factors.

        Parameters
        ----------
        width : int, default=100
            Longest line of a sentence, in characters.

        Returns
        -------
        text : str
            The text, without a newline at the end.
        """
        table = self.factors.rename(index=escaped).round(3).rename_axis(None)
        words = listed_text("RegionComparison", self.in_words(), width)
        return f"{words}\n\n{table.to_string(na_rep='')}"

    def __repr__(self):
        return self.to_text()

    def _repr_html_(self):
        table = self.factors.rename(index=escaped).to_html(na_rep="", float_format="{:.3g}".format)
        return f"{listed_html('RegionComparison', self.in_words())}\n{table}"
