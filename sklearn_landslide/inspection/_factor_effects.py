"""What the effects of factors are returned as: tables, and what they mean in words."""

from dataclasses import dataclass, field

import pandas as pd

from sklearn_landslide._escaping import without_formulas
from sklearn_landslide._shown import html_of, plain_rows, text_of
from sklearn_landslide._whole_file import whole_file
from sklearn_landslide.inspection._effect_words import sentences


@dataclass(frozen=True, eq=False, repr=False)
class FactorEffects:
    """How a model's prediction changes with each factor, and with pairs of factors.

    Returned by :func:`factor_effects`. Print it for a description in words.

    Parameters
    ----------
    factors : pandas.DataFrame
        One row per factor, the strongest first: ``kind`` (quantity or classes); ``strength``, the
        standard deviation of its effect over the rows, with its ``standard_error``; ``lowest``
        and ``highest`` effect, and ``shape``, the course as far as it is clearer than the scatter
        over the folds, with the value of its ``turn``, of a quantity without its least and its
        greatest value; ``agreement``, the correlation of the effect
        with the logarithm of the frequency ratio, missing where landslides are as frequent
        everywhere; ``n_missing``, rows without a value.
    effects : pandas.DataFrame
        The curves, one row per point: ``factor``, ``value`` of a quantity or ``class``,
        ``effect``, its ``standard_error``, ``low`` and ``high`` (two standard errors), ``share``
        of the rows at the point, ``n_folds`` with rows there; ``partial_dependence`` and
        ``partial_dependence_error`` where they were asked for. The mean over the rows is 0.
    folds : pandas.DataFrame
        The curves of the single folds: ``factor``, ``value``, ``class``, ``fold``, ``effect``,
        missing where the fold has no rows.
    interactions : pandas.DataFrame
        All pairs, the strongest first: ``first``, ``second``, ``strength`` (standard deviation over
        the rows), its ``standard_error``, and ``h_squared``, its share in the variance of all that
        the two do: Friedman's H statistic, squared, 0 for factors that add up and 1 for those that
        do nothing alone.
    surfaces : pandas.DataFrame
        The surfaces of the requested pairs, one row per pair of points: ``first``, ``second``,
        ``first_value``, ``first_class``, ``second_value``, ``second_class``, ``effect`` beyond
        that of each, and ``share`` of the rows there.
    frequency_ratios : pandas.DataFrame
        Frequency ratios, counted without the model: ``factor``, ``lower`` and ``upper`` or
        ``class``, ``n_rows``, ``n_landslides``, ``frequency_ratio``, and the mean ``effect`` at
        these rows.
    rug : pandas.DataFrame
        Some rows, for marks along an axis: ``factor``, ``value``, ``landslide``.
    response : {"log_odds", "probability"}
        The scale.
    n_folds, n_rows, n_predictions : int
        Folds, held-out rows that were moved, and predictions for it.
    clipped : float, default=0.0
        Share of the rows whose log-odds are bounded.
    skipped : dict of str to str, default={}
        Factors that were left out, with the reason.

    See Also
    --------
    sklearn_landslide.plotting.FactorEffectsDisplay : A picture of it.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn_landslide.inspection import factor_effects
    >>> rng = np.random.default_rng(0)
    >>> X = pd.DataFrame(rng.normal(size=(200, 2)), columns=["slope", "twi"])
    >>> y = (X["slope"] + rng.normal(size=200) > 0).astype(int)
    >>> effects = factor_effects(LogisticRegression(), X, y, cv=5, random_state=0)
    >>> effects.factors["strength"].idxmax(), effects.factors.loc["slope", "shape"]
    ('slope', 'rises')
    """

    factors: pd.DataFrame
    effects: pd.DataFrame
    folds: pd.DataFrame
    interactions: pd.DataFrame
    surfaces: pd.DataFrame
    frequency_ratios: pd.DataFrame
    rug: pd.DataFrame
    response: str
    n_folds: int
    n_rows: int
    n_predictions: int
    clipped: float = 0.0
    skipped: dict = field(default_factory=dict)

    def in_words(self):
        """Say what was found in plain sentences.

        Returns
        -------
        sentences : list of str
            For a reader who is not a statistician.
        """
        return sentences(self)

    def to_dict(self):
        """Return all results as plain numbers, strings, lists and dicts.

        Returns
        -------
        facts : dict
            Ready for JSON; missing values are None.
        """
        return {
            "response": self.response,
            "n_folds": self.n_folds,
            "n_rows": self.n_rows,
            "n_predictions": self.n_predictions,
            "clipped": self.clipped,
            "skipped": dict(self.skipped),
            "in_words": self.in_words(),
            "factors": plain_rows(self.factors.reset_index()),
            "effects": plain_rows(self.effects),
            "interactions": plain_rows(self.interactions),
            "surfaces": plain_rows(self.surfaces),
            "frequency_ratios": plain_rows(self.frequency_ratios),
        }

    def to_csv(self, path):
        """Write the curves, :attr:`effects`, to a CSV file.

        Parameters
        ----------
        path : str or path-like
            The file. An existing file is replaced once the new one is complete.
        """
        with whole_file(path) as hidden:
            without_formulas(self.effects).to_csv(hidden, index=False, lineterminator="\n")

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
        return text_of("FactorEffects", self.in_words(), self._table(), width)

    def _table(self):
        """Return the factors as they are shown."""
        columns = ["kind", "strength", "standard_error", "lowest", "highest", "shape", "agreement"]
        return self.factors[columns].reset_index().round(3)

    def __repr__(self):
        return self.to_text()

    def _repr_html_(self):
        return html_of("FactorEffects", self.in_words(), self._table())
