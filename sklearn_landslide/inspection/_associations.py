"""Which factors go together, so that they share what they are worth."""

from itertools import combinations

import numpy as np
import pandas as pd
from scipy.stats import rankdata

from sklearn_landslide._factor_tables import quantity_values
from sklearn_landslide.feature_selection import indicators, pairwise_association, standardized

# Above this two factors are usually called collinear.
STRONG = 0.7


def _block(column):
    """One column as the association of pairs wants it, by ranks: any monotone relation counts."""
    values = quantity_values(column)
    if values is None:
        codes = pd.factorize(column.astype(object), use_na_sentinel=False)[0]
        return indicators(codes.astype(np.int64))
    known = np.isfinite(values)
    ranks = np.zeros(len(values))
    if known.any():
        ranks[known] = rankdata(values[known])
        ranks[~known] = ranks[known].mean()
    return standardized(ranks)


def correlated_pairs(frame, units):
    """List the pairs of factors of different units that go together.

    Parameters
    ----------
    frame : DataFrame of shape (n_rows, n_columns)
        The factors.
    units : dict of str to list of str
        Columns of each unit.

    Returns
    -------
    pairs : DataFrame
        ``first``, ``second`` (units), ``association`` (the strongest of a column of the one and
        a column of the other) from 0 to 1, the strongest pair first: Spearman's correlation
        without its sign, the root of the correlation ratio of ranks with a category, Cramér's V
        of two categories. Only those of at least ``STRONG``.
    """
    blocks = [_block(frame[name]) for name in frame.columns]
    association = np.sqrt(pairwise_association(blocks, debias=True).squared)
    place = {name: number for number, name in enumerate(frame.columns)}
    found = []
    for first, second in combinations(units, 2):
        rows = [place[name] for name in units[first]]
        columns = [place[name] for name in units[second]]
        strongest = float(association[np.ix_(rows, columns)].max())
        if strongest >= STRONG:
            found.append((first, second, strongest))
    pairs = pd.DataFrame(found, columns=["first", "second", "association"])
    return pairs.sort_values("association", ascending=False, kind="stable", ignore_index=True)
