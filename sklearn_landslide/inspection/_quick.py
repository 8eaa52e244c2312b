"""Contributions to many places, each of which may cost little: the cells of a map."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sklearn_landslide._codes import codes_may_be_unknown
from sklearn_landslide.inspection._additive import AdditiveTerms, additive_terms
from sklearn_landslide.inspection._coalitions import as_columns
from sklearn_landslide.inspection._explain import explained_inputs
from sklearn_landslide.inspection._log_odds import LogOdds
from sklearn_landslide.inspection._mixed_rows import MixedRows, of_one_type

# Walks from a background row to a place.
_WALKS = 8
# Mixed rows that are predicted at once at the most.
_AT_ONCE = 50_000


@dataclass(frozen=True, eq=False)
class SumOfTerms:
    """Contributions of a model whose log-odds are a sum over the factors; exact.

    Parameters
    ----------
    terms : AdditiveTerms
        What reads off the terms.
    usual : ndarray of shape (n_factors,)
        Their means over the background.
    """

    terms: AdditiveTerms
    usual: np.ndarray
    how = "in closed form"

    def __call__(self, frame):
        """Return the contributions, (n_rows, n_factors), and no standard errors."""
        with codes_may_be_unknown():
            return self.terms(_like(frame, self.terms.row)) - self.usual, None


@dataclass(frozen=True, eq=False)
class Walks:
    """Contributions by walks from a few background rows to a place, factor by factor.

    Each walk has a background row and an order of its own, and is gone both ways. Its steps sum
    to the difference of the log-odds of the place and of the row.

    Parameters
    ----------
    log_odds : LogOdds
        The model.
    background : pandas.DataFrame of shape (n_walks, n_columns)
        A row for each walk.
    orders : ndarray of int, shape (n_walks, n_factors)
        The order of each.
    columns : list of list of int
        Columns of each factor.
    """

    log_odds: LogOdds
    background: pd.DataFrame
    orders: np.ndarray
    columns: list

    @property
    def how(self):
        """Say how it is done."""
        return f"by {len(self.orders)} walks"

    def __call__(self, frame):
        """Return the contributions, (n_rows, n_factors), and their standard errors."""
        n_walks, n_factors = self.orders.shape
        frame, background = of_one_type(frame, self.background)
        rows = MixedRows(frame, background)
        sets, numbers = self._sets()
        n_sets = len(sets)
        step = max(_AT_ONCE // max(n_sets, 1), 1)
        worth = np.empty((len(frame), n_sets))
        with codes_may_be_unknown():
            at_rows, at_places = self.log_odds(background), self.log_odds(frame)
            for start in range(0, len(frame) if n_sets else 0, step):
                places = np.arange(start, min(start + step, len(frame)))
                mixed = rows.put_together(
                    np.tile(sets, (len(places), 1)),
                    np.repeat(places, n_sets),
                    np.tile(numbers, len(places)),
                )
                worth[places] = self.log_odds(mixed).reshape(len(places), n_sets)
        values = np.zeros((n_walks, len(frame), n_factors))
        worth = worth.reshape(len(frame), n_walks, 2, n_factors - 1)
        for walk, order in enumerate(self.orders):
            for way, there in enumerate((order, order[::-1])):
                path = np.column_stack(
                    [np.full(len(frame), at_rows[walk]), worth[:, walk, way], at_places]
                )
                values[walk][:, there] += np.diff(path, axis=1) / 2
        return values.mean(axis=0), values.std(axis=0, ddof=1) / np.sqrt(n_walks)

    def _sets(self):
        """Columns taken from the place on the way, and the background row of each such set."""
        n_walks, n_factors = self.orders.shape
        sets = np.zeros((n_walks, 2, n_factors - 1, n_factors), dtype=bool)
        for walk, order in enumerate(self.orders):
            for way, there in enumerate((order, order[::-1])):
                for size in range(1, n_factors):
                    sets[walk, way, size - 1, there[:size]] = True
        numbers = np.repeat(np.arange(n_walks), 2 * (n_factors - 1))
        return as_columns(sets.reshape(-1, n_factors), self.columns), numbers


def _like(frame, row):
    """Give a table the types of a row that it is mixed with; new classes are kept."""
    return of_one_type(frame, row)[0]


def quick_contributions(model, background, *, random_state=0):
    """Find what gives the contributions of a model to many places at the least cost.

    Parameters
    ----------
    model : fitted classifier or pipeline
        The model.
    background : pandas.DataFrame of shape (n_rows, n_columns)
        What the places are compared with.
    random_state : int, default=0
        Draws rows and orders, where they are few.

    Returns
    -------
    function : callable
        From a table of places to contributions of shape (n_places, n_factors) in log-odds and
        their standard errors, None where they are exact; its attribute ``how`` says how.
    names : list of str
        The factors.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn_landslide.inspection import quick_contributions
    >>> X = pd.DataFrame({"slope": np.arange(40.0), "twi": np.tile([4.0, 8.0], 20)})
    >>> model = LogisticRegression(C=0.001).fit(X, X["slope"] > 25)
    >>> function, names = quick_contributions(model, X)
    >>> function.how, names, float(np.round(function(X[:1])[0][0, 0] / model.coef_[0, 0], 6))
    ('in closed form', ['slope', 'twi'], -19.5)
    """
    inputs = explained_inputs(
        model, background, background, factor_groups=None, clip="auto", positive_class=None
    )
    columns, names = list(inputs.players.values()), list(inputs.players)
    rng = np.random.RandomState(random_state)
    terms = additive_terms(inputs.log_odds, inputs.frame, inputs.background, columns)
    if terms is not None:
        return SumOfTerms(terms, terms(inputs.background).mean(axis=0)), names
    n_rows = len(inputs.background)
    # A row a walk; of a small background some twice.
    places = np.concatenate([rng.permutation(n_rows) for _ in range(-(-_WALKS // n_rows))])
    orders = np.array([rng.permutation(len(columns)) for _ in range(_WALKS)])
    drawn = inputs.background.iloc[places[:_WALKS]]
    return Walks(inputs.log_odds, drawn, orders, columns), names
