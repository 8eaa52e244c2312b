"""What forward_selection returns: the factors, the path to them, and words."""

from dataclasses import dataclass, field

import pandas as pd

from sklearn_landslide._escaping import without_formulas
from sklearn_landslide._shown import html_of, plain_rows, text_of
from sklearn_landslide._whole_file import whole_file
from sklearn_landslide._words import join_names, plural
from sklearn_landslide.robustness import HEADINGS

_LISTED = 15


@dataclass(frozen=True, eq=False, repr=False)
class ForwardSelection:
    """Factors that were chosen step by step, and what their score is worth.

    Returned by :func:`forward_selection`. Print it for a description in words.

    Parameters
    ----------
    path : pandas.DataFrame
        One row per step: ``step``, ``added``, ``n_factors``, ``score`` (mean over the folds),
        ``sd`` over the folds, and ``factors``, all that were chosen so far.
    tried : pandas.DataFrame
        One row per set: ``step``, ``factors`` and ``score``.
    units : dict of str to tuple of str
        The columns of each factor or group.
    scoring : str
        Name of the score, of which more is better.
    score_of_all : float
        Mean score of all factors together, on the same folds.
    n_fits, most_fits : int
        Number of fits that were done, and the largest possible number.
    outer : pandas.DataFrame or None, default=None
        One row per outer fold: ``fold``, the ``factors`` that were chosen within its training
        rows, their ``score`` on its test rows, ``n_train`` and ``n_test``.
    left_out : dict of int to str, default={}
        Folds that do not count, with the reason.

    See Also
    --------
    forward_selection : Makes it.

    Examples
    --------
    >>> import pandas as pd
    >>> from sklearn_landslide.inspection import ForwardSelection
    >>> path = pd.DataFrame(
    ...     {"step": [1], "added": ["slope, twi"], "n_factors": [2], "score": [0.8],
    ...      "sd": [0.02], "factors": [("slope", "twi")]}
    ... )
    >>> units = {"slope": ("slope",), "twi": ("twi",), "ndvi": ("ndvi",)}
    >>> ForwardSelection(path, pd.DataFrame(), units, "roc_auc", 0.79, 20, 25).selected
    ('slope', 'twi')
    """

    path: pd.DataFrame
    tried: pd.DataFrame
    units: dict
    scoring: str
    score_of_all: float
    n_fits: int
    most_fits: int
    outer: pd.DataFrame | None = None
    left_out: dict = field(default_factory=dict)

    @property
    def selected(self):
        """Names of the chosen factors or groups, in the order of the path."""
        return self.path["factors"].iloc[-1]

    @property
    def columns(self):
        """Columns of the chosen factors."""
        return tuple(column for name in self.selected for column in self.units[name])

    @property
    def score(self):
        """Mean score of the chosen factors on the folds that chose them: too high."""
        return float(self.path["score"].iloc[-1])

    def in_words(self):
        """Say what was found in plain sentences.

        Returns
        -------
        sentences : list of str
            For a reader who is not a statistician.
        """
        heading = HEADINGS.get(self.scoring, self.scoring)
        first = self.path.iloc[0]
        said = [
            f"Chosen are {len(self.selected)} of {len(self.units)} factors: "
            f"{join_names(self.selected, _LISTED)}.",
            f"The best pair, {first['added']}, has a {heading} of {first['score']:.3f}, "
            + (f"all that are chosen {self.score:.3f}, " if len(self.path) > 1 else "")
            + f"all {len(self.units)} factors {self.score_of_all:.3f}, on the same folds.",
            f"The {self.score:.3f} is too high: it is the best of "
            f"{plural(len(self.tried), 'set')} that were tried on these folds. Do not report it as "
            "the skill of the model.",
        ]
        if self.outer is None:
            said.append(
                "For a score that can be reported, choose within the training rows of outer "
                "folds: outer_cv=5 takes about 5 times as many fits."
            )
        else:
            said.append(self._of_outer(heading))
        for fold, why in self.left_out.items():
            said.append(f"Fold {fold} does not count, as {why}.")
        said.append(f"It took {self.n_fits} fits, of {self.most_fits} that there could have been.")
        return said

    def _of_outer(self, heading):
        """Say what the choice is worth on rows that it has not seen, and how stable it is."""
        n_folds, mean = len(self.outer), self.outer["score"].mean()
        times = pd.Series([name for one in self.outer["factors"] for name in one]).value_counts()
        always = [name for name in self.units if times.get(name, 0) == n_folds]
        text = (
            f"Chosen again within each of {n_folds} outer folds, the factors have a {heading} of "
            f"{mean:.3f} on rows that no choice has seen: this one can be reported."
        )
        if always:
            return f"{text} In every one of them were {join_names(always, _LISTED)}."
        return f"{text} No factor was in every one of them: the choice is a matter of chance."

    def to_dict(self):
        """Return all results as plain numbers, strings, lists and dicts.

        Returns
        -------
        facts : dict
            Ready for JSON; missing values are None.
        """
        return {
            "selected": list(self.selected),
            "columns": list(self.columns),
            "scoring": self.scoring,
            "score": self.score,
            "score_of_all": self.score_of_all,
            "n_fits": self.n_fits,
            "most_fits": self.most_fits,
            "in_words": self.in_words(),
            "path": plain_rows(self.path),
            "tried": plain_rows(self.tried),
            "outer": None if self.outer is None else plain_rows(self.outer),
            "units": {name: list(columns) for name, columns in self.units.items()},
            "left_out": {str(fold): why for fold, why in self.left_out.items()},
        }

    def to_csv(self, path):
        """Write :attr:`path` to a CSV file, complete or not at all.

        Parameters
        ----------
        path : str or path-like
            The file; one that is there is replaced.
        """
        table = self.path.assign(factors=[", ".join(one) for one in self.path["factors"]])
        with whole_file(path) as hidden:
            without_formulas(table).to_csv(hidden, index=False, lineterminator="\n")

    def to_text(self, width=100):
        """Return what was found as text: sentences, and the path.

        Parameters
        ----------
        width : int, default=100
            Longest line of a sentence, in characters.

        Returns
        -------
        text : str
            The text, without a newline at the end.
        """
        table = self.path.drop(columns="factors").round(4)
        return text_of("ForwardSelection", self.in_words(), table, width)

    def __repr__(self):
        return self.to_text()

    def _repr_html_(self):
        return html_of("ForwardSelection", self.in_words(), self.path.drop(columns="factors"))
