"""What a network attends to, set beside what its factors contribute."""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
from scipy.stats import spearmanr

from sklearn_landslide._escaping import without_formulas
from sklearn_landslide._shown import html_of, plain_rows, text_of
from sklearn_landslide._whole_file import whole_file
from sklearn_landslide._words import join_names, plural

# Measures of attention and of effect, as they are called in words.
_ATTENTION = {
    "spatial": "the spatial attention",
    "self_attention": "the self-attention",
}
_EFFECT = {"contribution": "the contributions", "importance": "the losses of shuffled factors"}
# Rank correlations from which two orders are much alike, and somewhat.
_ALIKE, _SOMEWHAT = 0.8, 0.5
_NAMED = 2


@dataclass(frozen=True, eq=False, repr=False)
class AttentionAgreement:
    """How well attention orders the factors by their effects on the probability.

    Returned by :func:`attention_agreement`. Print it for a description in words.

    Parameters
    ----------
    table : pandas.DataFrame
        One row per factor, the largest contribution first: ``factor``, ``spatial`` (distance of its
        weight from 1, which changes nothing, mean over the places), ``self_attention`` (share that
        falls on it), ``contribution`` (mean absolute, in log-odds), ``importance`` (what the score
        loses, where it was given), and the rank of each, 1 for the greatest: ``rank_spatial`` and
        so on.
    correlations : pandas.DataFrame
        Spearman's rank correlation of each two of these: ``first``, ``second``, ``correlation``.
    n_places : int
        Number of places.

    Examples
    --------
    >>> import pandas as pd
    >>> from sklearn_landslide.inspection import AttentionAgreement
    >>> agreement = AttentionAgreement(
    ...     pd.DataFrame({"factor": ["slope"], "spatial": [0.2], "contribution": [1.0]}),
    ...     pd.DataFrame({"first": ["spatial"], "second": ["contribution"], "correlation": [0.3]}),
    ...     9,
    ... )
    >>> agreement.correlation("spatial", "contribution")
    0.3
    """

    table: pd.DataFrame
    correlations: pd.DataFrame
    n_places: int

    def correlation(self, first, second):
        """Return the rank correlation of two measures.

        Parameters
        ----------
        first, second : {"spatial", "self_attention", "contribution", "importance"}
            The measures.

        Returns
        -------
        correlation : float
            From -1 to 1; NaN if one of them is the same for all factors.

        Raises
        ------
        ValueError
            If there is no such pair.
        """
        for row in self.correlations.itertuples(index=False):
            if {row.first, row.second} == {first, second} and first != second:
                return float(row.correlation)
        raise ValueError(f"there is no correlation of {first!r} and {second!r}.")

    def in_words(self):
        """Say what was found in plain sentences.

        Returns
        -------
        sentences : list of str
            For a reader who is not a statistician.
        """
        said = []
        there = [name for name in _EFFECT if name in self.table]
        for attention, words in _ATTENTION.items():
            if attention not in self.table:
                continue
            for effect in there:
                said.append(self._of_pair(attention, words, effect))
            said += self._of_factors(attention, words)
        if len(there) == 2:
            said.append(self._of_pair("contribution", _EFFECT["contribution"], "importance"))
        said.append(
            "Attention is what the network multiplies inside; the contributions are what a factor "
            "does to the probability. Where they differ, believe the contributions."
        )
        return said

    def _of_pair(self, first, words, second):
        found = self.correlation(first, second)
        start = words[0].upper() + words[1:]
        if np.isnan(found):
            return f"{start} says the same of every factor, so it has no order."
        several = words.endswith("contributions")
        if found < _SOMEWHAT:
            how = f"{'do' if several else 'does'} not order the factors as"
        else:
            how = f"{'order' if several else 'orders'} the factors "
            how += "much as" if found >= _ALIKE else "somewhat as"
        return f"{start} {how} {_EFFECT[second]} do (rank correlation {found:.2f})."

    def _of_factors(self, attention, words):
        """Name the factors whose ranks differ most."""
        if self.table[attention].nunique() < 2:
            return
        ahead = self.table["rank_contribution"] - self.table[f"rank_{attention}"]
        for sign, verb in ((1, "overrates"), (-1, "underrates")):
            far = (sign * ahead)[sign * ahead >= max(2, len(self.table) / 4)]
            far = far.sort_values(ascending=False, kind="stable")[:_NAMED]
            if len(far):
                names = [
                    f"{row.factor} (rank {row[f'rank_{attention}']:.0f} by attention, "
                    f"{row['rank_contribution']:.0f} by contribution)"
                    for _, row in self.table.loc[far.index].iterrows()
                ]
                yield f"{words[0].upper()}{words[1:]} {verb} {join_names(names)}."

    def to_dict(self):
        """Return all results as plain numbers, strings, lists and dicts.

        Returns
        -------
        facts : dict
            Ready for JSON; missing values are None.
        """
        return {
            "n_places": self.n_places,
            "in_words": self.in_words(),
            "factors": plain_rows(self.table),
            "correlations": plain_rows(self.correlations),
        }

    def to_csv(self, path):
        """Write the table of factors to a CSV file.

        Parameters
        ----------
        path : str or path-like
            The file. An existing file is replaced once the new one is complete.
        """
        with whole_file(path) as hidden:
            without_formulas(self.table).to_csv(hidden, index=False, lineterminator="\n")

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
        return text_of(self._title(), self.in_words(), self._shown(), width)

    def _title(self):
        return f"AttentionAgreement: {plural(self.n_places, 'place')}"

    def _shown(self):
        return self.table[[name for name in self.table if not name.startswith("rank_")]].round(3)

    def __repr__(self):
        return self.to_text()

    def _repr_html_(self):
        return html_of(self._title(), self.in_words(), self._shown())


def attention_agreement(estimator, X, contributions, *, importance=None):
    """Compare what a network attends to with what its factors contribute to the probability.

    Attention weights are often shown as an explanation. How well they order the factors by their
    effects differs from network to network. This function measures it for one network, and says
    which factors attention overrates.

    Parameters
    ----------
    estimator : LandslideNet or pipeline
        A fitted :class:`~sklearn_landslide.LandslideNet`, or a pipeline that ends in one.
    X : {array-like, DataFrame} of shape (n_places, n_columns)
        Places, as `estimator` takes them.
    contributions : Contributions
        What :func:`explain` found for these or other places.
    importance : FactorImportance or pandas.Series, default=None
        What :func:`factor_importance` found, or a number for each factor by its name.

    Returns
    -------
    agreement : AttentionAgreement
        A table of factors, rank correlations, and both in words.

    Raises
    ------
    TypeError
        If the estimator has no attention.
    ValueError
        If its factors are not those of the contributions.

    See Also
    --------
    sklearn_landslide.LandslideNet.attention : The weights.

    Notes
    -----
    Factors that a step of the pipeline has dropped get no attention, but are listed in the table.
    The windows of a variable over time count together: their shares are summed and their spatial
    weights averaged.

    References
    ----------
    Jain, S., Wallace, B. C. (2019). Attention is not explanation. NAACL-HLT, 3543-3556.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from sklearn_landslide import LandslideNet
    >>> from sklearn_landslide.inspection import attention_agreement, explain
    >>> rng = np.random.default_rng(0)
    >>> X = pd.DataFrame(rng.normal(size=(80, 3)), columns=["slope", "twi", "ndvi"])
    >>> y = (X["slope"] > 0).astype(int)
    >>> net = LandslideNet(max_epochs=2, random_state=0).fit(X, y)
    >>> found = explain(net, X[:5], background=X, n_background=10, random_state=0)
    >>> attention_agreement(net, X, found).table["factor"][0]
    'slope'
    """
    names = list(contributions.values.columns)
    table = pd.DataFrame(_attention_by_factor(estimator, X, names), index=names)
    if not len(table.columns):
        raise TypeError("this network has neither spatial attention nor self-attention.")
    table["contribution"] = contributions.mean_absolute()
    if importance is not None:
        table["importance"] = _losses(importance, names)
    measures = list(table.columns)
    correlations = [
        (first, second, _rank_correlation(table[first], table[second]))
        for first, second in combinations(measures, 2)
    ]
    for name in measures:
        table[f"rank_{name}"] = table[name].rank(ascending=False)
    table = table.sort_values("contribution", ascending=False, kind="stable")
    table = table.rename_axis("factor").reset_index()
    columns = ["first", "second", "correlation"]
    return AttentionAgreement(table, pd.DataFrame(correlations, columns=columns), len(X))


def _attention_by_factor(estimator, X, names):
    """Mean weights of each factor, by kind of attention."""
    steps = getattr(estimator, "steps", [("model", estimator)])
    net = steps[-1][1]
    if not hasattr(net, "attention"):
        raise TypeError(
            f"{type(net).__name__} has no attention: give a LandslideNet, or a pipeline with one."
        )
    for _, step in steps[:-1]:
        if hasattr(step, "transform"):
            X = step.transform(X)
    weights = net.attention(X)
    found = {}
    if weights.spatial is not None:
        # A weight of 1 changes nothing, one of 0 or 2 the most.
        found["spatial"] = _by_name((weights.spatial - 1).abs().mean(), names, "mean")
    if weights.self_attention is not None:
        found["self_attention"] = _by_name(weights.self_attention.mean(), names, "sum")
    return found


def _by_name(weights, names, how):
    """Join the windows of a variable over time; factors that were dropped have 0."""
    owners = [name if name in names else str(name).partition(": ")[0] for name in weights.index]
    if strange := sorted(set(owners) - set(names)):
        raise ValueError(
            f"the network attends to {strange[0]!r}, which the contributions do not have: explain "
            "the same estimator without factor_groups."
        )
    return weights.groupby(owners).agg(how).reindex(names, fill_value=0.0)


def _losses(importance, names):
    """Return one number a factor: of a FactorImportance the loss when it is shuffled alone."""
    if not isinstance(importance, pd.Series):
        table = importance.table
        # Shuffled freely, where both were asked for.
        table = table[table["conditional"] == table["conditional"].min()]
        importance = table.set_index("factor")["mean"]
    if missing := [name for name in names if name not in importance.index]:
        raise ValueError(f"importance has no {missing[0]!r}, which has a contribution.")
    return importance[names]


def _rank_correlation(first, second):
    if first.nunique() < 2 or second.nunique() < 2:
        return np.nan
    return float(spearmanr(first, second).statistic)
