"""What later landslides say of a map: numbers, and the words for them."""

from dataclasses import dataclass

import pandas as pd

from sklearn_landslide._escaping import without_formulas
from sklearn_landslide._shown import listed_html, listed_text, plain_rows
from sklearn_landslide._whole_file import whole_file
from sklearn_landslide._words import plural

# Below so many landslides the interval is wide, and bootstrap intervals are too narrow.
_FEW = 30
_SAID = (0.1, 0.2, 0.3)


def percent(share):
    """Write a share in percent, without decimals where it is not small."""
    return f"{100 * share:.0f}%" if share >= 0.095 or share == 0 else f"{100 * share:.1f}%"


@dataclass(frozen=True, eq=False, repr=False)
class MapScore:
    """What landslides of a later event say about a map; returned by :func:`score_map`.

    Parameters
    ----------
    scores : pandas.DataFrame
        Indexed by ``score``, with ``value``, ``lower`` and ``upper``: ``roc_auc`` of the scored
        landslides against all mapped cells; ``roc_auc with known places``, the same with those at
        places of the training; ``folds``, the mean of the fold scores; ``difference``, the first
        minus the third. What is not known is missing.
    capture : pandas.DataFrame
        ``area_share``, and of the landslides in that much of the most susceptible ground
        ``landslide_share``, ``lower`` and ``upper``.
    curve : pandas.DataFrame
        The same at 101 shares: the prediction-rate curve.
    zones : pandas.DataFrame or None
        The table of :func:`zone_table` with the scored landslides; None without zones.
    outside : dict of str to float or None
        Share of the scored ``landslides``, and of the ``ground``, outside the area of
        applicability; None without one.
    landslides : pandas.DataFrame
        One row per landslide of the later inventory: ``x``, ``y``, ``susceptibility``, with zones
        ``zone``, with an area of applicability ``inside``, and ``status``: ``"scored"``, ``"known
        place"`` or ``"not on the map"``.
    fold_scores : tuple of float
        ROC-AUC of each fold in which the model was tested; empty if not known.
    folds : str
        What these folds are.
    knows_training : bool
        Whether the landslides of the training were given.
    confidence_level : float
        Level of all intervals.

    Examples
    --------
    >>> import numpy as np, rioxarray, xarray
    >>> from sklearn_landslide.mapping import score_map
    >>> cells = {"y": [25.0, 15.0, 5.0], "x": [5.0, 15.0, 25.0]}
    >>> probability = xarray.DataArray(np.arange(9.0).reshape(3, 3) / 9, cells, ["y", "x"])
    >>> score = score_map(probability.rio.write_crs("EPSG:32717"), [[25, 5], [15, 5]])
    >>> round(float(score.scores.loc["roc_auc", "value"]), 3)
    0.889
    """

    scores: pd.DataFrame
    capture: pd.DataFrame
    curve: pd.DataFrame
    zones: pd.DataFrame | None
    outside: dict | None
    landslides: pd.DataFrame
    fold_scores: tuple
    folds: str
    knows_training: bool
    confidence_level: float

    @property
    def n_scored(self):
        """Number of landslides that were scored."""
        return self._count("scored")

    def _count(self, status):
        return int((self.landslides["status"] == status).sum())

    def in_words(self):
        """Say what was found, in sentences.

        Returns
        -------
        sentences : list of str
            For a reader who is not a statistician.
        """
        sentences = [self._of_landslides(), self._of_auc(), self._of_capture()]
        sentences += [self._of_zones(), self._of_outside(), self._of_folds()]
        return [one for one in sentences if one]

    def _of_landslides(self):
        n_all, n_lost, n_known = (
            len(self.landslides),
            self._count("not on the map"),
            self._count("known place"),
        )
        verb = "is" if self.n_scored == 1 else "are"
        text = (
            f"The later inventory has {plural(n_all, 'landslide')}; {self.n_scored} {verb} scored."
        )
        if n_lost:
            text += f" Outside the map or on ground without a value, so not scored: {n_lost}."
        if n_known:
            text += (
                " At the place of a landslide that the model was trained on, so no independent "
                f"test and left out: {n_known}."
            )
        if not self.knows_training:
            text += (
                " It is not known which landslides the model was trained on: if some of them are "
                "among these, the scores are optimistic."
            )
        if self.n_scored < _FEW:
            text += " They are few: take the intervals as rough."
        return text

    def _of_auc(self):
        value, lower, upper = self.scores.loc["roc_auc"]
        return (
            f"ROC-AUC against all mapped cells: {value:.3f} ({percent(self.confidence_level)} "
            f"interval {lower:.3f} to {upper:.3f}). So of a landslide and a cell, each drawn at "
            f"random, the landslide has the higher susceptibility {percent(value)} of the time; "
            "50% would be chance."
        )

    def _of_capture(self):
        table = self.capture.set_index("area_share")["landslide_share"]
        said = [f"{percent(share)} hold {percent(table[share])}" for share in _SAID]
        return (
            f"Of the ground, the most susceptible {', '.join(said[:-1])} and {said[-1]} of the "
            "landslides."
        )

    def _of_zones(self):
        if self.zones is None:
            return ""
        top = self.zones.iloc[-2:] if len(self.zones) > 3 else self.zones.iloc[-1:]
        names = " and ".join(f"“{name}”" for name in top["name"])
        return (
            f"{percent(top['landslide_share'].sum())} of the landslides lie in {names}, which "
            f"{'cover' if len(top) > 1 else 'covers'} {percent(top['area_share'].sum())} of the "
            "ground."
        )

    def _of_outside(self):
        if self.outside is None:
            return ""
        return (
            f"{percent(self.outside['landslides'])} of the landslides, and "
            f"{percent(self.outside['ground'])} of the ground, lie outside the area of "
            "applicability, where nothing like the training places was seen."
        )

    def _of_folds(self):
        if not self.fold_scores:
            return "There are no scores of folds to compare with."
        mean = self.scores.loc["folds", "value"]
        value, lower, upper = self.scores.loc["difference"]
        verdict = "no clear difference"
        if upper < 0:
            verdict = "worse than the folds had said"
        elif lower > 0:
            verdict = "better than the folds had said"
        more = "more" if value >= 0 else "less"
        return (
            f"The folds had said {mean:.3f} (mean of {len(self.fold_scores)} {self.folds}). The "
            f"later landslides score {abs(value):.3f} {more} (interval of the difference "
            f"{lower:+.3f} to {upper:+.3f}): {verdict}. The folds compared landslides with the "
            "other places of the training table, this score with all mapped cells: where those "
            "places were chosen, on slopes for instance, the two differ for that reason, too."
        )

    def to_dict(self):
        """Return all results as plain numbers, strings, lists and dicts.

        Returns
        -------
        facts : dict
            Ready for JSON; missing values are None.
        """
        return {
            "n_landslides": len(self.landslides),
            "n_scored": self.n_scored,
            "n_not_on_map": self._count("not on the map"),
            "n_known_places": self._count("known place"),
            "knows_training": self.knows_training,
            "confidence_level": self.confidence_level,
            "in_words": self.in_words(),
            "scores": plain_rows(self.scores.reset_index()),
            "capture": plain_rows(self.capture),
            "curve": plain_rows(self.curve),
            "zones": None if self.zones is None else plain_rows(self.zones.reset_index()),
            "outside": self.outside,
            "fold_scores": list(self.fold_scores),
            "folds": self.folds,
        }

    def to_csv(self, path):
        """Write the landslides, with what the map says of each, to a CSV file.

        Parameters
        ----------
        path : str or path-like
            The file. An existing file is replaced once the new one is complete.
        """
        with whole_file(path) as hidden:
            without_formulas(self.landslides).to_csv(hidden, index=False, lineterminator="\n")

    def to_text(self, width=100):
        """Return what was found as text: sentences, and the table of captures.

        Parameters
        ----------
        width : int, default=100
            Longest line of a sentence, in characters.

        Returns
        -------
        text : str
            The text, without a newline at the end.
        """
        table = self.capture.round(3).to_string(index=False)
        return f"{listed_text('MapScore', self.in_words(), width)}\n\n{table}"

    def __repr__(self):
        return self.to_text()

    def _repr_html_(self):
        table = self.capture.to_html(index=False, float_format="{:.3g}".format)
        return f"{listed_html('MapScore', self.in_words())}\n{table}"
