"""Frequency ratio: share of the landslides over share of the area, added over the factors."""

from sklearn_landslide.baselines._class_evidence import ClassEvidence
from sklearn_landslide.baselines._evidence import frequency_ratios


class FrequencyRatio(ClassEvidence):
    r"""Frequency ratio of each class of each factor, and their sum.

    The ratio of a class is its share of the landslides over its share of the rows: 1 where
    landslides are as frequent as everywhere. The susceptibility index of a place is the sum of the
    ratios of its classes [1]_.

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
        Landslides that are added to a class without any, with the rows that go with them, in the
        logarithms of the class tables. The ratio of such a class is 0.

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

    See Also
    --------
    InformationValue : The sum of the logarithms.
    WeightsOfEvidence : Weights that add up to log-odds.
    sklearn_landslide.metrics.frequency_ratio_table : The same table for the zones of a map.

    Notes
    -----
    - A sum of ratios is not a probability. ``predict_proba`` gives what a logistic regression on
      the index, over the rows of ``fit``, makes of it: places keep their order, and the mean over
      these rows is their share of landslides. ``susceptibility_index`` is the sum itself.
    - A missing value, a code that ``fit`` has not seen and a class without rows say nothing:
      they add the ratio 1. Shares are of the rows that have a value. Whether values are
      missing more often at landslides is not used.
    - Values are classes, so scaling them changes nothing but the units of the tables, and rows
      that SMOTE makes up would be counted as landslides:
      :func:`~sklearn_landslide.make_landslide_pipeline` leaves out both.
    - Factors that say the same are counted as often as there are of them.

    References
    ----------
    .. [1] S. Lee and B. Pradhan, "Landslide hazard mapping at Selangor, Malaysia using frequency
       ratio and logistic regression models", Landslides 4, 33-41, 2007.

    Examples
    --------
    Of 100 places on four classes of slope 15 slid:

    >>> import numpy as np
    >>> import pandas as pd
    >>> from sklearn_landslide.baselines import FrequencyRatio
    >>> X = pd.DataFrame({"slope": np.repeat([3.0, 10.0, 20.0, 40.0], [40, 30, 20, 10])})
    >>> y = np.concatenate([np.arange(n) < slid for n, slid in zip([40, 30, 20, 10], [1, 3, 6, 5])])
    >>> model = FrequencyRatio(bins={"slope": [5, 15, 30]}).fit(X, y.astype(int))
    >>> model.class_table("slope")[["rows", "landslides", "frequency_ratio"]].round(3)
              rows  landslides  frequency_ratio
    class
    up to 5   40.0         1.0            0.167
    5 to 15   30.0         3.0            0.667
    15 to 30  20.0         6.0            2.000
    above 30  10.0         5.0            3.333
    >>> model.susceptibility_index(pd.DataFrame({"slope": [2.0, 25.0, None]})).round(3)
    array([0.167, 2.   , 1.   ])
    """

    _neutral = 1.0

    def _evidence(self, rows, landslides):
        return frequency_ratios(rows, landslides)
