r"""What the rows and the landslides of a class say: frequency ratio, information value, weights.

With n landslides and m other rows in a table, of which n_b and m_b are in class b,

.. math::

    \mathrm{FR} = \frac{n_b / n}{(n_b + m_b) / (n + m)}, \quad
    \mathrm{IV} = \ln \mathrm{FR}, \quad
    W^+ = \ln \frac{n_b / n}{m_b / m}, \quad
    W^- = \ln \frac{(n - n_b) / n}{(m - m_b) / m}, \quad
    C = W^+ - W^-

The variance of a weight is one over its landslides plus one over its other rows; that of C is the
sum of both.
"""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Weights:
    """Weights of evidence of each class of a factor.

    Parameters
    ----------
    plus, minus : ndarray of shape (n_classes,)
        Weight of being in the class, and of not being in it; 0 where the class or all that is
        outside of it is empty.
    plus_variance, minus_variance : ndarray of shape (n_classes,)
        Their variances, 0 where the weight is 0 for that reason.
    """

    plus: np.ndarray
    minus: np.ndarray
    plus_variance: np.ndarray
    minus_variance: np.ndarray


def filled(landslides, others, total_landslides, total_others, smoothing):
    """Put something into the empty one of two counts.

    Where a class has no landslides, or nothing but landslides, it is given so many more of them,
    and as many other rows as go with them in the whole table. That draws it to no evidence, the
    more so the fewer rows it has; classes that have both stay as they are.

    Parameters
    ----------
    landslides, others : ndarray of shape (n_classes,)
        Landslides and other rows of each class.
    total_landslides, total_others : float
        Those of the table, above 0.
    smoothing : float
        Landslides that are added.

    Returns
    -------
    landslides, others : ndarray of shape (n_classes,)
        A class without any row stays empty.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.baselines._evidence import filled
    >>> filled(np.array([3.0, 0.0]), np.array([5.0, 7.0]), 3.0, 12.0, 0.5)
    (array([3. , 0.5]), array([5., 9.]))
    """
    is_short = ((landslides == 0) | (others == 0)) & (landslides + others > 0)
    more = np.where(is_short, smoothing, 0.0)
    return landslides + more, others + more * (total_others / total_landslides)


def frequency_ratios(rows, landslides):
    """Share of the landslides over share of the rows; 1 for a class without rows.

    Parameters
    ----------
    rows, landslides : ndarray of shape (n_classes,)
        All rows of each class, and its landslides.

    Returns
    -------
    ratios : ndarray of shape (n_classes,)

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.baselines._evidence import frequency_ratios
    >>> frequency_ratios(np.array([60.0, 40.0, 0.0]), np.array([3.0, 3.0, 0.0]))
    array([0.83333333, 1.25      , 1.        ])
    """
    if landslides.sum() == 0:
        return np.ones(len(rows))
    shares = landslides / landslides.sum()
    return np.divide(shares * rows.sum(), rows, out=np.ones(len(rows)), where=rows > 0)


def information_values(rows, landslides, smoothing):
    """Logarithm of the frequency ratio; 0 for a class without rows.

    Parameters
    ----------
    rows, landslides : ndarray of shape (n_classes,)
        All rows of each class, and its landslides.
    smoothing : float
        Landslides that are added to a class without any, with the rows that go with them.

    Returns
    -------
    values : ndarray of shape (n_classes,)

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.baselines._evidence import information_values
    >>> values = information_values(np.array([50.0, 40.0, 10.0]), np.array([0.0, 6.0, 4.0]), 0.5)
    >>> values.round(3)
    array([-2.398,  0.405,  1.386])
    """
    n_landslides, n_rows = landslides.sum(), rows.sum()
    if n_landslides == 0:
        return np.zeros(len(rows))
    more = np.where((landslides == 0) & (rows > 0), smoothing, 0.0)
    there = landslides + more
    expected = rows * (n_landslides / n_rows) + more
    ratio = np.divide(there, expected, out=np.ones(len(rows)), where=rows > 0)
    return np.log(ratio)


def weights_of_evidence(rows, landslides, smoothing):
    """Weights of each class, with their variances.

    Parameters
    ----------
    rows, landslides : ndarray of shape (n_classes,)
        All rows of each class, and its landslides.
    smoothing : float
        Landslides that are added where there are none, or nothing else, with the other rows that
        go with them.

    Returns
    -------
    weights : Weights

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.baselines._evidence import weights_of_evidence
    >>> found = weights_of_evidence(np.array([60.0, 40.0]), np.array([10.0, 20.0]), 0.5)
    >>> found.plus.round(3), found.minus.round(3)
    (array([-0.762,  0.847]), array([ 0.847, -0.762]))
    """
    others = rows - landslides
    n, m = landslides.sum(), others.sum()
    nothing = np.zeros(len(rows))
    # A class that holds everything, or nothing, has nothing to be told from.
    is_part = (rows > 0) & (rows < rows.sum())
    if n == 0 or m == 0 or not is_part.any():
        return Weights(nothing, nothing, nothing, nothing)

    def weigh(in_class, of_others):
        in_class, of_others = filled(in_class[is_part], of_others[is_part], n, m, smoothing)
        weight, variance = nothing.copy(), nothing.copy()
        weight[is_part] = np.log(in_class / n) - np.log(of_others / m)
        variance[is_part] = 1 / in_class + 1 / of_others
        return weight, variance

    plus, plus_variance = weigh(landslides, others)
    minus, minus_variance = weigh(n - landslides, m - others)
    return Weights(plus, minus, plus_variance, minus_variance)
