"""Whether weights of evidence may be added: the omnibus tests of conditional independence."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import expit
from scipy.stats import norm

# Below this ratio, Bonham-Carter (1994) speaks of a problem.
_LEAST_RATIO = 0.85
_LEVEL = 0.05


def predicted_landslides(index, variance, places, weights, n_landslides):
    r"""Sum the posterior probabilities, and estimate the standard deviation of the sum.

    Rows of the same classes are one unique condition k, with :math:`N_k` rows and posterior
    :math:`P_k`:

    .. math::

        T = \sum_k N_k P_k, \quad s^2(T) = \sum_k N_k^2 s^2(P_k), \quad
        s^2(P_k) = P_k^2 \left( \frac{1}{n} + \sum_j s^2(W_{jk}) \right)

    Parameters
    ----------
    index : ndarray of shape (n_samples,)
        Posterior log-odds.
    variance : ndarray of shape (n_samples,)
        Sum of the variances of the weights of each row.
    places : ndarray of shape (n_samples, n_features), int64
        Classes of each row.
    weights : ndarray of shape (n_samples,)
        What each row counts.
    n_landslides : float
        Number n of landslides.

    Returns
    -------
    total, std : float
        T and s(T).

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.baselines._independence import predicted_landslides
    >>> places = np.array([[0], [0], [1]])
    >>> predicted_landslides(np.zeros(3), np.zeros(3), places, np.ones(3), 1.0)
    (1.5, 1.118033988749895)
    """
    posterior = expit(index)
    condition = pd.DataFrame(places).groupby(list(range(places.shape[1])), sort=False).ngroup()
    sums = np.bincount(condition, weights * posterior)
    first = np.unique(condition, return_index=True)[1]
    std = np.sqrt(np.sum(sums**2 * (1 / n_landslides + variance[first])))
    return float(sums.sum()), float(std)


@dataclass(frozen=True)
class ConditionalIndependence:
    """The omnibus tests of conditional independence for weights of evidence.

    If the factors are independent of each other given the landslides, the posterior probabilities
    of all rows sum to the number of landslides. Usually the sum is larger: factors that say the
    same are counted twice.

    Parameters
    ----------
    observed : float
        Number n of landslides.
    predicted : float
        Sum T of the posterior probabilities.
    predicted_std : float
        Its standard deviation s(T).

    Attributes
    ----------
    ratio : float
        n / T, the overall test of Bonham-Carter [1]_: 1 under independence; below 0.85 there is a
        problem.
    statistic : float
        (T - n) / s(T), the new omnibus test of Agterberg and Cheng [2]_, a standard normal
        variable under independence.
    p_value : float
        Of the one-sided test against T > n: small values speak against independence.

    Notes
    -----
    s(T) takes the posteriors of different combinations of classes as independent of each other.
    With many classes they share most of their weights, and s(T) is too small: the p-value is then
    a lower bound, and the ratio the better guide.

    References
    ----------
    .. [1] G. F. Bonham-Carter, Geographic Information Systems for Geoscientists: Modelling with
       GIS, Pergamon, chapter 9, 1994.
    .. [2] F. P. Agterberg and Q. Cheng, "Conditional independence test for weights-of-evidence
       modeling", Natural Resources Research 11, 249-255, 2002.

    Examples
    --------
    >>> from sklearn_landslide.baselines import ConditionalIndependence
    >>> test = ConditionalIndependence(observed=68, predicted=80, predicted_std=10)
    >>> print(test)
    Observed landslides n: 68, sum of the posterior probabilities T: 80.0, s(T): 10.000.
    Overall test: n / T = 0.850. New omnibus test: (T - n) / s(T) = 1.200, p = 0.115.
    """

    observed: float
    predicted: float
    predicted_std: float

    @property
    def ratio(self):
        """The number of landslides over the sum of the posterior probabilities."""
        return self.observed / self.predicted

    @property
    def statistic(self):
        """Excess of the sum over the number of landslides, in standard deviations."""
        # One class each and no error at all: nothing to be tested.
        return (self.predicted - self.observed) / self.predicted_std if self.predicted_std else 0.0

    @property
    def p_value(self):
        """Probability of such an excess under independence."""
        return float(norm.sf(self.statistic))

    def in_words(self):
        """Say what was found in plain sentences.

        Returns
        -------
        sentences : list of str
            For a reader who is not a statistician.
        """
        text = (
            f"The posterior probabilities add up to {self.predicted:.1f} landslides, and there are "
            f"{self.observed:.10g}"
        )
        if self.ratio < _LEAST_RATIO:
            return [
                f"{text}: factors say the same thing more than once, and the posterior "
                f"probabilities are too high by {100 * (1 / self.ratio - 1):.0f} % in the sum.",
                "Leave out factors that repeat others, or use calibrated probabilities "
                "(calibrate=True); the order of the places suffers, too.",
            ]
        if self.p_value < _LEVEL:
            return [
                f"{text}: more than by chance (p = {self.p_value:.2g}), so some factors depend on "
                "each other, but the sum is not far off."
            ]
        return [f"{text}: nothing speaks against factors that are independent of each other."]

    def to_text(self):
        """Print both tests.

        Returns
        -------
        text : str
        """
        p_value = "p < 0.001" if self.p_value < 0.001 else f"p = {self.p_value:.3f}"
        return (
            f"Observed landslides n: {self.observed:.10g}, sum of the posterior probabilities T: "
            f"{self.predicted:.1f}, s(T): {self.predicted_std:.3f}.\n"
            f"Overall test: n / T = {self.ratio:.3f}. New omnibus test: (T - n) / s(T) = "
            f"{self.statistic:.3f}, {p_value}."
        )

    __str__ = to_text

    def to_dict(self):
        """Return everything as plain numbers.

        Returns
        -------
        facts : dict
            Ready for JSON.
        """
        names = ("observed", "predicted", "predicted_std", "ratio", "statistic", "p_value")
        return {name: float(getattr(self, name)) for name in names}
