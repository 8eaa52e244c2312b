"""Weights of evidence: what each class adds to the log-odds of a landslide."""

import numpy as np

from sklearn_landslide._frames import fitted_names
from sklearn_landslide.baselines._class_evidence import ClassEvidence
from sklearn_landslide.baselines._evidence import weights_of_evidence
from sklearn_landslide.baselines._independence import (
    ConditionalIndependence,
    predicted_landslides,
)


class WeightsOfEvidence(ClassEvidence):
    r"""Weights of evidence of each class of each factor, and the log-odds that they add up to.

    With n landslides and m other rows, of which :math:`n_b` and :math:`m_b` are in a class,

    .. math::

        W^+ = \ln \frac{n_b / n}{m_b / m}, \quad
        W^- = \ln \frac{(n - n_b) / n}{(m - m_b) / m}, \quad
        C = W^+ - W^-, \quad
        s^2(C) = \frac{1}{n_b} + \frac{1}{m_b} + \frac{1}{n - n_b} + \frac{1}{m - m_b}

    (Bonham-Carter et al. [1]_ [2]_). Each place is in one class of each factor. The
    index is the log-odds of a landslide by Bayes' rule, :math:`\ln (n / m) + \sum W^+` over the
    classes of the place, for factors that are independent of each other given the landslides.

    Parameters
    ----------
    n_bins : int, default=8
        Number of classes of each quantity; there are fewer where it has fewer different values.
    binning : {"quantile", "natural_breaks"}, default="quantile"
        Where a quantity is cut: into classes with the same number of rows, as well as its values
        allow, or where the squared deviations from the means of the classes are least
        (Fisher-Jenks). Learned from the rows of ``fit`` alone.
    bins : dict of str to array-like, default=None
        Edges of quantities by hand, by factor: ``{"slope": [5, 15, 30]}`` makes the classes up to
        5, 5 to 15, 15 to 30 and above 30; the upper end belongs to the class. Factors that are
        not named are cut by `binning`. Columns of an array are named x0, x1 and so on.
    categorical_features : "from_dtype", array-like or None, default="from_dtype"
        Which factors are categories (soil, land use, lithology), whose codes are the classes: by
        pandas' category dtype, or names, positions or a mask; None for none.
    smoothing : float, default=0.5
        Landslides that are added to a class without any, or with nothing else, with the other
        rows that go with them in the whole table, so that its weights are finite: nearer to 0 the
        fewer rows the class has. All other classes are as they are counted.
    calibrate : bool, default=True
        Whether ``predict_proba`` gives what a logistic regression on the index, over the rows of
        ``fit``, makes of it: places keep their order, and the mean over these rows is their share
        of landslides. False: the posterior probability itself, which is too sure where factors
        depend on each other.

    Attributes
    ----------
    classes_ : ndarray of shape (2,)
        The labels, sorted. Which of them is a landslide is known from numbers and words; of other
        labels it is taken to be the second one.
    edges_ : dict of str to ndarray
        Inner edges of the classes of each quantity.
    categories_ : dict of str to pandas.Index
        Codes of each category.
    rows_, landslides_ : dict of str to ndarray
        All rows and the landslides of each class, by weight.
    n_rows_, n_landslides_ : float
        Those of the table.
    intercept_, slope_ : float
        The log-odds of a landslide are ``intercept_ + slope_ * index``.
    n_features_in_ : int
        Number of factors.
    feature_names_in_ : ndarray of str, shape (n_features,)
        Names of the factors, if fit got a frame with names.
    predicted_landslides_, predicted_landslides_std_ : float
        Sum T of the posterior probabilities of the rows of ``fit``, and its standard deviation.

    See Also
    --------
    InformationValue : The same against all rows, without a theory of their sum.
    ConditionalIndependence : What :meth:`conditional_independence` returns.

    Notes
    -----
    - A missing value, a code that ``fit`` has not seen and a class without rows say nothing:
      they add 0. Shares are of the rows that have a value. Whether values are missing more often
      at landslides is not used.
    - Values are classes, so scaling them changes nothing but the units of the tables, and rows
      that SMOTE makes up would be counted as landslides:
      :func:`~sklearn_landslide.make_landslide_pipeline` leaves out both.
    - Factors that say the same are counted as often as there are of them.
    - That is what :meth:`conditional_independence` tests. Calibrated, the model is the weights of
      evidence "modified" by one logistic regression on their sum, after Agterberg [3]_.

    References
    ----------
    .. [1] G. F. Bonham-Carter, F. P. Agterberg and D. F. Wright, "Weights of evidence modelling: a
       new approach to mapping mineral potential", Statistical Applications in the Earth Sciences,
       Geological Survey of Canada Paper 89-9, 171-183, 1989.
    .. [2] G. F. Bonham-Carter, Geographic Information Systems for Geoscientists: Modelling with
       GIS, Pergamon, chapter 9, 1994.
    .. [3] F. P. Agterberg, "A modified weights-of-evidence method for regional mineral resource
       estimation", Natural Resources Research 20, 95-101, 2011.

    Examples
    --------
    Of 100 places on four classes of slope 15 slid:

    >>> import numpy as np
    >>> import pandas as pd
    >>> from sklearn_landslide.baselines import WeightsOfEvidence
    >>> X = pd.DataFrame({"slope": np.repeat([3.0, 10.0, 20.0, 40.0], [40, 30, 20, 10])})
    >>> y = np.concatenate([np.arange(n) < slid for n, slid in zip([40, 30, 20, 10], [1, 3, 6, 5])])
    >>> model = WeightsOfEvidence(bins={"slope": [5, 15, 30]}).fit(X, y.astype(int))
    >>> table = model.class_table("slope")
    >>> table[["weight_plus", "weight_minus", "contrast", "studentized_contrast"]].round(3)
              weight_plus  weight_minus  contrast  studentized_contrast
    class
    up to 5        -1.929         0.545    -2.474                -2.339
    5 to 15        -0.463         0.159    -0.622                -0.906
    15 to 30        0.887        -0.331     1.218                 2.021
    above 30        1.735        -0.345     2.079                 2.905
    """

    _parameter_constraints: dict = {
        **ClassEvidence._parameter_constraints,
        "calibrate": ["boolean"],
    }

    def __init__(
        self,
        n_bins=8,
        *,
        binning="quantile",
        bins=None,
        categorical_features="from_dtype",
        smoothing=0.5,
        calibrate=True,
    ):
        super().__init__(
            n_bins,
            binning=binning,
            bins=bins,
            categorical_features=categorical_features,
            smoothing=smoothing,
        )
        self.calibrate = calibrate

    def _evidence(self, rows, landslides):
        return weights_of_evidence(rows, landslides, self.smoothing).plus

    def _start(self):
        return float(np.log(self.n_landslides_ / (self.n_rows_ - self.n_landslides_)))

    def _fit_probability(self, index, places, weights, landslide):
        self.intercept_, self.slope_ = 0.0, 1.0
        if self.calibrate:
            super()._fit_probability(index, places, weights, landslide)
        variance = np.zeros(len(places))
        for name, own in zip(fitted_names(self), places.T, strict=True):
            found = weights_of_evidence(self.rows_[name], self.landslides_[name], self.smoothing)
            variance += np.append(found.plus_variance, 0.0)[own]
        self.predicted_landslides_, self.predicted_landslides_std_ = predicted_landslides(
            index, variance, places, weights, self.n_landslides_
        )

    def conditional_independence(self):
        """Test whether the factors are independent of each other, given the landslides.

        Returns
        -------
        test : ConditionalIndependence
            Landslides of the rows of ``fit`` against the sum of their posterior probabilities.
        """
        return ConditionalIndependence(
            self.n_landslides_, self.predicted_landslides_, self.predicted_landslides_std_
        )
