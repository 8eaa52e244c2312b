"""What is learned from the training table before the first weight moves."""

from dataclasses import dataclass

import numpy as np
from scipy.stats import norm

# A normal score beyond this many standard deviations tells no more than one at the limit.
MAX_SCORE = 4.0


@dataclass(frozen=True)
class FactorEncoding:
    """How raw factor values become network inputs.

    A numeric factor is mapped to a normal distribution by its quantiles: linearly between
    ``knots``, flat beyond the first and the last. A factor that takes few distinct values
    and a categorical factor have codes too: the position of the value among the knots.

    Parameters
    ----------
    knots : ndarray of shape (n_factors, n_knots), float32
        Increasing values of each factor, filled up with infinity.
    scores : ndarray of shape (n_factors, n_knots), float32
        Normal score of each knot; all 0 for a categorical factor.
    n_codes : ndarray of shape (n_factors,), int64
        Number of codes of each factor, 0 where it has none.
    is_categorical : ndarray of shape (n_factors,), bool
        Which factors are codes and no quantities.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.nn import learn_encoding
    >>> table = np.array([[31.5, 0], [12.0, 1], [45.0, 0]], dtype=np.float32)
    >>> learn_encoding(table, n_categories=[0, 2]).is_categorical
    array([False,  True])
    """

    knots: np.ndarray
    scores: np.ndarray
    n_codes: np.ndarray
    is_categorical: np.ndarray

    @property
    def n_factors(self):
        """Number of factors."""
        return len(self.knots)

    @property
    def first_code(self):
        """Number of each factor's first code among the codes of all; 0 is for "none"."""
        return 1 + np.cumsum(self.n_codes) - self.n_codes

    def to_arrays(self):
        """Return the fields as a dict of arrays."""
        return dict(vars(self))


def _normal_scores(values, max_knots, weights=None):
    """Knots of one factor and their normal scores: mid-ranks, so that ties share one score."""
    if weights is not None:
        return _weighted_scores(values, max_knots, weights)
    ordered = np.sort(values)
    knots = np.unique(ordered)
    if len(knots) > max_knots:
        ranks = np.linspace(0, len(ordered) - 1, max_knots).round().astype(int)
        knots = np.unique(ordered[ranks])
    below = np.searchsorted(ordered, knots, side="left")
    up_to = np.searchsorted(ordered, knots, side="right")
    share = (below + up_to) / (2 * len(ordered))
    return knots, np.clip(norm.ppf(share), -MAX_SCORE, MAX_SCORE)


def _weighted_scores(values, max_knots, weights):
    """Do the same where a row counts as much as it weighs."""
    order = np.argsort(values, kind="stable")
    ordered, up_to = values[order], np.cumsum(weights[order])
    knots = np.unique(ordered)
    if len(knots) > max_knots:
        ranks = np.searchsorted(up_to, np.linspace(0, up_to[-1], max_knots))
        knots = np.unique(ordered[np.minimum(ranks, len(ordered) - 1)])
    masses = np.append(0, up_to)
    below = masses[np.searchsorted(ordered, knots, side="left")]
    above = masses[np.searchsorted(ordered, knots, side="right")]
    share = (below + above) / (2 * up_to[-1])
    return knots, np.clip(norm.ppf(share), -MAX_SCORE, MAX_SCORE)


def learn_encoding(X, n_categories, *, max_knots=1000, max_codes=20, weights=None):
    """Learn the encoding of a training table.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_factors), float32
        Training rows; a categorical factor holds its codes 0 ... k - 1.
    n_categories : sequence of int of length n_factors
        Number of categories of each factor, 0 for a numeric factor.
    max_knots : int, default=1000
        The most quantiles kept for a factor.
    max_codes : int, default=20
        A numeric factor with at most this many distinct values gets codes as well.
    weights : ndarray of shape (n_samples,) or None, default=None
        How much each row counts in the quantiles; None: all the same.

    Returns
    -------
    encoding : FactorEncoding

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.nn import learn_encoding
    >>> slope = np.array([[10.0], [20.0], [20.0], [30.0]], dtype=np.float32)
    >>> encoding = learn_encoding(slope, n_categories=[0])
    >>> print(encoding.knots, encoding.scores.round(2))
    [[10. 20. 30.]] [[-1.15  0.    1.15]]
    """
    n_categories = np.asarray(n_categories, dtype=np.int64)
    is_categorical = n_categories > 0
    columns, n_codes = [], n_categories.copy()
    for j, k in enumerate(n_categories):
        if is_categorical[j]:
            columns.append((np.arange(k), np.zeros(k)))
            continue
        columns.append(_normal_scores(X[:, j], max_knots, weights))
        n_distinct = len(columns[-1][0])
        n_codes[j] = n_distinct if 1 < n_distinct <= max_codes else 0
    width = max(len(knots) for knots, _ in columns)
    knots = np.full((len(columns), width), np.inf, dtype=np.float32)
    scores = np.empty((len(columns), width), dtype=np.float32)
    for j, (values, score) in enumerate(columns):
        knots[j, : len(values)] = values
        scores[j, : len(values)] = score
        scores[j, len(values) :] = score[-1]
    return FactorEncoding(
        knots=knots,
        scores=scores,
        n_codes=n_codes,
        is_categorical=is_categorical,
    )
