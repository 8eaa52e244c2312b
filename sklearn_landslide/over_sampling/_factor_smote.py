"""SMOTE that looks at the factors before it chooses its variant."""

import warnings
from numbers import Integral

import numpy as np
import pandas as pd
from imblearn.over_sampling import SMOTE, SMOTEN, SMOTENC
from imblearn.over_sampling.base import BaseOverSampler
from imblearn.utils import check_target_type
from scipy.sparse import issparse
from sklearn import config_context
from sklearn.utils._param_validation import HasMethods, Interval, StrOptions
from sklearn.utils.validation import _num_samples, check_consistent_length, validate_data

from sklearn_landslide._categories import categorical_mask
from sklearn_landslide._classes import told_labels
from sklearn_landslide._factor_tables import from_polars
from sklearn_landslide._hints import hinting
from sklearn_landslide._sample_weight import read_sample_weight
from sklearn_landslide._sequences import absent_groups, quantity_series
from sklearn_landslide.over_sampling._category_codes import original_values, small_codes
from sklearn_landslide.over_sampling._drawn_neighbors import DrawnNeighbors
from sklearn_landslide.over_sampling._drawn_parents import noted_parents, resampled_weights
from sklearn_landslide.over_sampling._series_smote import resample_with_series


def check_neighbors(y, sampling_strategy, k_neighbors):
    """Raise if a class that SMOTE grows has no `k_neighbors` neighbors.

    Parameters
    ----------
    y : ndarray of shape (n_samples,)
        The labels.
    sampling_strategy : dict
        How many samples each class is to get, by class.
    k_neighbors : int or estimator
        The neighbors that SMOTE uses.

    Raises
    ------
    ValueError
        Names the class, how many rows it has and how many it needs.
    """
    if isinstance(k_neighbors, Integral):
        needed = k_neighbors + 1
    else:
        needed = getattr(k_neighbors, "n_neighbors", 1)
    for label, n_new in sampling_strategy.items():
        count = int(np.sum(y == label))
        if n_new > 0 and count < needed:
            # An array's scalar would print as np.int64(1).
            label = getattr(label, "item", lambda label=label: label)()
            in_python = "lower k_neighbors, or do not resample (resample=None in the pipeline)"
            error = ValueError(
                f"class {label!r} has {count} rows, and SMOTE with "
                f"k_neighbors={needed - 1} needs at least {needed}: "
                f"add rows of that class, {in_python}."
            )
            raise hinting(
                error,
                instead={
                    in_python: "or use fewer folds",
                    f"k_neighbors={needed - 1}": f"{needed - 1} neighbors",
                },
            )


class FactorSMOTE(BaseOverSampler):
    """Over-sample with the variant of SMOTE that the factors call for.

    SMOTE interpolates between neighbors of the same class, which has no
    meaning for a soil or lithology code. This sampler looks at the table in
    ``fit_resample``: only quantities, :class:`~imblearn.over_sampling.SMOTE`;
    quantities and categories, :class:`~imblearn.over_sampling.SMOTENC`; only
    categories, :class:`~imblearn.over_sampling.SMOTEN`.

    The mean of two storms makes no sense either: it has half the intensity and twice the wet
    hours, and no place ever saw it. With `sequences` a new row is made as by SMOTE or SMOTENC, but
    takes all its series, whole and together, from one of its two parents.

    Parameters
    ----------
    categorical_features : "from_dtype", array-like or None, default="from_dtype"
        Which factors are categories, as in
        :class:`~sklearn.ensemble.HistGradientBoostingClassifier`: by pandas'
        category dtype, or names, positions or a mask; None for none.
    sampling_strategy : float, str, dict or callable, default="auto"
        How far to balance, as in :class:`~imblearn.over_sampling.SMOTE`.
        ``"auto"`` brings every class to the size of the largest.
    k_neighbors : int or estimator, default=5
        Neighbors between which new rows are made. A class that is grown needs
        one row more.
    random_state : int, RandomState instance or None, default=None
        Seed of the new rows.
    sequences : dict or None, default=None
        Which columns are one variable over time: by the name of each group a list of columns in
        order of time, names or positions, or a dict of such lists for several variables. None:
        every column is a factor of its own. A group of which a named table has no column, because
        a selector dropped it, is passed over with a warning.

    Attributes
    ----------
    sampler_ : SMOTE, SMOTENC, SMOTEN or None
        The variant that was chosen, fitted. None where there are sequences, for which
        imbalanced-learn has no variant.
    is_categorical_ : ndarray of bool, shape (n_features,)
        Which factors were taken as categories.
    sampling_strategy_ : dict
        How many rows each class gets, by class.
    sample_weight_ : ndarray of shape (n_samples_new,)
        Weights of the rows afterwards, if ``fit_resample`` was given weights: a new row lies
        between two, and so does its weight, by the same fraction. A table of categories alone has
        no fraction: there a new row gets the mean weight of its class.
    n_features_in_ : int
        Number of factors.
    feature_names_in_ : ndarray of str, shape (n_features,)
        Names of the factors, if fit got a frame with names.

    See Also
    --------
    make_landslide_pipeline : Applies it to the training rows only.

    Notes
    -----
    Frames keep names, dtypes and categories. The rows of the input come first
    and unchanged. Balancing raises every predicted probability: afterwards they
    rank places but are not frequencies.

    With `sequences`, the closer a new row lies to a parent, the likelier it takes that parent's
    series. Among neighbors a variable over time counts as much as one factor, whatever its
    number of steps: its squared difference is the mean over the steps. As for all factors, that
    presumes a common scale, as the pipeline provides.

    References
    ----------
    Chawla, N. V., Bowyer, K. W., Hall, L. O., Kegelmeyer, W. P. (2002). SMOTE:
    synthetic minority over-sampling technique. Journal of Artificial
    Intelligence Research 16, 321-357.

    Examples
    --------
    >>> import pandas as pd
    >>> from sklearn_landslide.over_sampling import FactorSMOTE
    >>> X = pd.DataFrame({"slope": range(9), "soil": pd.Categorical([1, 2, 2] * 3)})
    >>> y = [1, 1, 1, 0, 0, 0, 0, 0, 0]
    >>> sampler = FactorSMOTE(k_neighbors=2, random_state=0)
    >>> X_balanced, y_balanced = sampler.fit_resample(X, y)
    >>> type(sampler.sampler_).__name__, sum(y_balanced), len(y_balanced)
    ('SMOTENC', 6, 12)

    New places have the slope of none and the rain of one of the three landslides:

    >>> X = pd.DataFrame({"slope": range(9), "rain_0": range(9), "rain_1": [7, 0, 3] * 3})
    >>> sampler = FactorSMOTE(
    ...     k_neighbors=2, random_state=0, sequences={"rain": ["rain_0", "rain_1"]}
    ... )
    >>> sampler.fit_resample(X.astype(float), y)[0][9:].round(1)
        slope  rain_0  rain_1
    9     0.8     1.0     0.0
    10    0.4     0.0     7.0
    11    0.4     1.0     0.0
    """

    # With metadata routing it gets the weights that the model has asked for.
    __metadata_request__fit_resample = {"sample_weight": True}

    _parameter_constraints = {
        **BaseOverSampler._parameter_constraints,
        "categorical_features": [StrOptions({"from_dtype"}), "array-like", None],
        "k_neighbors": [
            Interval(Integral, 1, None, closed="left"),
            HasMethods(["kneighbors", "kneighbors_graph"]),
        ],
        "sequences": [dict, None],
    }

    def __init__(
        self,
        *,
        categorical_features="from_dtype",
        sampling_strategy="auto",
        k_neighbors=5,
        random_state=None,
        sequences=None,
    ):
        super().__init__(sampling_strategy=sampling_strategy)
        self.categorical_features = categorical_features
        self.k_neighbors = k_neighbors
        self.random_state = random_state
        self.sequences = sequences

    def fit_resample(self, X, y, sample_weight=None):
        """Return the table with new rows for the smaller classes.

        Parameters
        ----------
        X : {array-like, DataFrame} of shape (n_samples, n_factors)
            The table, without missing values.
        y : array-like of shape (n_samples,)
            The labels.
        sample_weight : array-like of shape (n_samples,) or None, default=None
            Weights of the rows. They do not change what is drawn; ``sample_weight_`` says what
            the rows weigh afterwards.

        Returns
        -------
        X_resampled : {ndarray, DataFrame} of shape (n_samples_new, n_factors)
            The rows of `X`, then the new ones.
        y_resampled : ndarray or Series of shape (n_samples_new,)
            Their labels.

        Raises
        ------
        ValueError
            If a class that is grown has fewer than ``k_neighbors + 1`` rows, or `sequences` does
            not fit the table.
        """
        vars(self).pop("sample_weight_", None)
        weights = {}
        if sample_weight is not None:
            weights["weights"] = read_sample_weight(sample_weight, _num_samples(X)).astype(float)
        y = y if y is None else told_labels(y)
        return super().fit_resample(from_polars(X), y, **weights)

    def _check_X_y(self, X, y):
        if not (hasattr(X, "shape") and len(X.shape) == 2):
            table = np.asarray(X, dtype=object)
        else:
            table = X
        # A table that is not two-dimensional is reported by the checks below.
        mask = (
            categorical_mask(table, self.categorical_features)
            if table.ndim == 2
            else np.zeros(1, dtype=bool)
        )
        if not mask.any():
            X, y, binarize_y = super()._check_X_y(X, y)
        else:
            y, binarize_y = check_target_type(y, indicate_one_vs_all=True)
            check_consistent_length(X, y)
            if isinstance(X, pd.DataFrame):
                validate_data(self, X=X, skip_check_array=True, reset=True)
            else:
                X = validate_data(self, X=X, dtype=None, reset=True)
        self.is_categorical_ = mask
        return X, y, binarize_y

    def _fit_resample(self, X, y, weights=None):
        check_neighbors(y, self.sampling_strategy_, self.k_neighbors)
        drawn = []
        resampled = self._grow(X, y, drawn)
        if weights is not None:
            self.sample_weight_ = resampled_weights(weights, y, self.sampling_strategy_, drawn)
        return resampled

    def _grow(self, X, y, drawn):
        """Return the table with new rows, and add to `drawn` between which rows these lie."""
        if series := self._find_series(X):
            self.sampler_ = None
            return resample_with_series(
                X,
                y,
                wanted=self.sampling_strategy_,
                series=series,
                is_categorical=self.is_categorical_,
                k_neighbors=self.k_neighbors,
                random_state=self.random_state,
                drawn=drawn,
            )
        params = {
            "sampling_strategy": self.sampling_strategy,
            "k_neighbors": self.k_neighbors,
            "random_state": self.random_state,
        }
        fast = params
        if isinstance(self.k_neighbors, Integral):
            # Each row is its own nearest neighbor.
            fast = params | {"k_neighbors": DrawnNeighbors(n_neighbors=self.k_neighbors + 1)}
        # Their encoders would follow the user's settings, and make what they cannot read again.
        with config_context(transform_output="default"):
            if not self.is_categorical_.any():
                self.sampler_ = SMOTE(**fast)
                with noted_parents(self.sampler_) as parents:
                    grown = self.sampler_.fit_resample(X, y)
                drawn += parents
                return grown
            if self.is_categorical_.all():
                self.sampler_ = SMOTEN(**params)
            else:
                self.sampler_ = SMOTENC(np.flatnonzero(self.is_categorical_).tolist(), **fast)
            # Categories of any type travel as small numbers, which no conversion changes.
            table = small_codes(X, self.is_categorical_)
            if self.is_categorical_.all():
                resampled, y = self.sampler_.fit_resample(table, y)
            else:
                with noted_parents(self.sampler_) as parents:
                    resampled, y = self.sampler_.fit_resample(table, y)
                drawn += parents
        return original_values(X, table, resampled, self.is_categorical_), y

    def _find_series(self, X):
        """Columns of each variable over time, without the groups that a selector dropped."""
        if not self.sequences:
            return []
        if issparse(X):
            raise ValueError(
                "X is a sparse matrix, and sequences are read from dense tables only: "
                "pass X.toarray()."
            )
        names = getattr(self, "feature_names_in_", None)
        absent = absent_groups(self.sequences, names)
        if absent:
            # A selector before may have dropped them, but so may a mistake in a name.
            warnings.warn(
                f"sequences has {', '.join(map(repr, absent))}, of which the table has no column: "
                "the rows are resampled without.",
                stacklevel=2,
            )
        return quantity_series(
            {group: self.sequences[group] for group in self.sequences if group not in absent},
            n_features=self.n_features_in_,
            names=names,
            is_categorical=self.is_categorical_,
        )

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.categorical = True
        return tags
