"""Models whose log-odds are a sum over the factors: their contributions need no sampling."""

import numpy as np
import pandas as pd

from sklearn_landslide._codes import codes_may_be_unknown
from sklearn_landslide.inspection._coalitions import as_columns
from sklearn_landslide.inspection._mixed_rows import MixedRows

# Mixed rows on which the sum is checked: a few, as most models fail at once, then many.
_CHECKED = (16, 400)
# How close the sum must come.
_CLOSE = 1e-7


class AdditiveTerms:
    """The terms of log-odds that are a sum over the factors.

    Each term is read off one row, in which one factor after the other is exchanged.

    Parameters
    ----------
    log_odds : LogOdds
        The model.
    background : pandas.DataFrame of shape (n_rows, n_columns)
        Of its rows the one of the most even odds is taken, where log-odds are known best.
    columns : list of list of int
        Columns of each factor.
    """

    def __init__(self, log_odds, background, columns):
        self.log_odds, self.columns = log_odds, columns
        known = log_odds(background)
        place = int(np.argmin(np.abs(known)))
        self.row, self.start = background.iloc[[place]], known[place]

    def __call__(self, table, n_jobs=None):
        """Return the change of the log-odds by each factor of each row, (n_rows, n_players)."""
        alone = as_columns(np.eye(len(self.columns), dtype=bool), self.columns)
        changed = self.log_odds.of_mixed(MixedRows(table, self.row), alone, n_jobs)
        return (changed - self.start).T

    def are_all(self, frame, background, n_rows, rng):
        """Check on rows that are put together from places and background rows, at random."""
        places = frame.iloc[rng.randint(len(frame), size=n_rows)]
        others = background.iloc[rng.randint(len(background), size=n_rows)]
        own = rng.uniform(size=(n_rows, len(self.columns))) < 0.5
        ours, theirs = np.split(self(pd.concat([places, others])), 2)
        expected = self.start + np.where(own, ours, theirs).sum(axis=1)
        with codes_may_be_unknown():
            numbers, masks = np.arange(n_rows), as_columns(own, self.columns)
            mixed = MixedRows(places, others).put_together(masks, numbers, numbers)
            found = self.log_odds(mixed)
        return bool(np.abs(found - expected).max() <= _CLOSE * (1 + np.abs(found).max()))


def additive_terms(log_odds, frame, background, columns):
    """Return the terms of a model, or None if its log-odds are not a sum over the factors.

    Rows that are put together from two others must have the log-odds that the terms give.

    Parameters
    ----------
    log_odds : LogOdds
        The model.
    frame, background : pandas.DataFrame
        Places, and what they are compared with; columns of the same types.
    columns : list of list of int
        Columns of each factor.

    Returns
    -------
    terms : AdditiveTerms or None
    """
    terms = AdditiveTerms(log_odds, background, columns)
    # Which rows are checked must not depend on a seed that the user gave for something else.
    rng = np.random.RandomState(0)
    passed = all(terms.are_all(frame, background, n_rows, rng) for n_rows in _CHECKED)
    return terms if passed else None
