"""Feature selection by minimum redundancy and maximum relevance."""

import warnings
from numbers import Integral

import numpy as np
from scipy.stats import false_discovery_control
from sklearn.base import BaseEstimator, _fit_context
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_selection import SelectorMixin
from sklearn.utils._param_validation import Interval, RealNotInt, StrOptions
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from sklearn_landslide._categories import categorical_mask, column_positions
from sklearn_landslide.feature_selection._association import (
    anova_f,
    indicators,
    pairwise_association,
    standardized,
)
from sklearn_landslide.feature_selection._columns import category_codes, numeric_column
from sklearn_landslide.feature_selection._discretize import discretize
from sklearn_landslide.feature_selection._greedy import greedy_path
from sklearn_landslide.feature_selection._mutual_information import pairwise_information

# Share of false discoveries among the features that count as relevant beyond chance.
FALSE_DISCOVERY = 0.05


def ratio(numerator, denominator):
    """Divide, with 0 where the denominator is 0.

    Parameters
    ----------
    numerator, denominator : ndarray
        Of the same shape.

    Returns
    -------
    quotient : ndarray
        At most 1.
    """
    quotient = np.zeros(numerator.shape)
    np.divide(numerator, denominator, out=quotient, where=denominator > 0)
    return np.minimum(quotient, 1)


class MRMRSelector(SelectorMixin, BaseEstimator):
    r"""Select relevant features that do not repeat each other (mRMR).

    Features are picked one by one. The first is the most relevant to the target. Each next one
    is the feature :math:`f` whose relevance :math:`V(f)`, weighed against its mean redundancy
    :math:`W(f, s)` with the features :math:`s` selected so far, is the largest:

    ========= ==================== ========================== ====================
    scheme    relevance V(f)       redundancy W(f, s)         criterion
    ========= ==================== ========================== ====================
    ``mid``   mutual information   mutual information         V - mean W [1]_ [2]_
    ``miq``   mutual information   mutual information         V / mean W [1]_
    ``fcd``   F of an ANOVA        absolute Pearson           V - mean W [1]_
    ``fcq``   F of an ANOVA        absolute Pearson           V / mean W [1]_
    ``rfcq``  forest importance    absolute Pearson           V / mean W [3]_
    ========= ==================== ========================== ====================

    As published, these criteria often pick noise or a duplicate second, because V and W have
    different scales and because chance alone gives redundancy. `normalize` and `debias` repair
    that and are on by default; with both off the criteria are the published ones. See Notes.

    Parameters
    ----------
    n_features_to_select : int, float, "auto" or None, default="auto"
        How many features to select.

        - int: that many.
        - float in (0, 1]: that share of the features, rounded down, at least one.
        - "auto": stop before the first step whose feature is not worth it: its relevance cannot
          be told from chance (G-test of its bins against the target, at a false discovery rate
          of 5 % over all features [4]_), or nine tenths of its entropy are found in one
          feature selected before. At least one feature is selected. This removes what is
          useless, not what is merely correlated; choose a number by cross-validation to go
          further.
        - None: all features that are not constant; of use to get the whole ranking.

        A constant feature is never selected unless `always_keep` names it. If more features
        are asked for than vary, all that vary are selected, with a warning.
    scheme : {"mid", "miq", "fcd", "fcq", "rfcq"}, default="mid"
        The criterion.
    categorical_features : "from_dtype", array-like or None, default="from_dtype"
        The categorical features: the columns of a pandas or polars frame with a categorical
        dtype; or names, indices or a mask; or none. Their categories, numbers or text, are
        used as they are.
    always_keep : array-like of str or int, default=None
        Names or indices of features to select first, in this order, whatever their score.
    bins : {"auto", "three_states"} or int, default="auto"
        How quantities are cut for mutual information. "auto": into quantile bins, an odd
        number near the cube root of the number of rows, 3 to 15. An int of at least 2: into
        that many quantile bins. "three_states": at the mean plus and minus half a standard
        deviation [1]_. Equal values always share a bin.
    normalize : bool, default=True
        Whether to bring relevance and redundancy to comparable scales and to rank duplicates
        behind all other features that vary.
    debias : bool, default=True
        Whether to remove what chance alone gives, to rank features whose relevance cannot be
        told from chance behind those where it can, and to pool categories with fewer than 5
        rows.
    n_jobs : int, default=None
        Number of jobs for the random forest of "rfcq", which gives the same result for any.
    random_state : int, RandomState instance or None, default=None
        Seed of the random forest of "rfcq"; the other schemes are deterministic.

    Attributes
    ----------
    path_ : ndarray of shape (n_features,), dtype=int64
        All features in the order of their selection. The first `k` are the selection for `k`.
    scores_ : ndarray of shape (n_features,)
        Score of each step of `path_`: the relevance in the first step, the criterion after it.
        May be infinite in a quotient without `debias`.
    ranking_ : ndarray of shape (n_features,), dtype=int64
        Place of each feature in `path_`, 1 for the first selected.
    support_ : ndarray of shape (n_features,), dtype=bool
        The selected features.
    n_features_ : int
        Number of selected features.
    relevance_ : ndarray of shape (n_features,)
        V(f) of each feature, 0 to 1 with `normalize`; mutual information without it is in nats.
    redundancy_ : ndarray of shape (n_features, n_features)
        W(f, s) of each pair, symmetric.
    pvalues_ : ndarray of shape (n_features,)
        p-value of the G-test of each feature's bins against the target.
    is_categorical_ : ndarray of shape (n_features,), dtype=bool
        The features taken as categories.
    n_features_in_ : int
        Number of features seen in fit.
    feature_names_in_ : ndarray of shape (n_features,), dtype=object
        Names of the features, if X had any.

    Raises
    ------
    ValueError
        In fit, if X has missing or infinite values, text in a column that is not categorical,
        or only constant features; if the target has one class or is continuous; if a named
        feature does not exist; or if the number of features does not fit X or `always_keep`.

    See Also
    --------
    variance_inflation : How well the other factors predict each factor.

    Notes
    -----
    `normalize` changes the scale. The redundancy of "mid" and "miq" becomes
    :math:`I(f; s) / \min(H(f), H(s))`, 0 to 1 [5]_; otherwise it can reach the logarithm of the
    number of bins, while the relevance for two classes never exceeds ln 2 and for a rare class
    not even that. The relevance becomes :math:`I(f; c) / H(c)`, the share of the target's
    entropy that the feature explains. The relevance of "fcd" and "fcq" becomes the correlation
    ratio of feature and class, which for two classes is the absolute Pearson correlation; F
    itself grows with the number of rows without limit.

    `debias` removes what independent columns would show on average: from mutual information by
    the correction of Miller and Madow, from squared correlations as in the adjusted R². In a
    quotient, redundancy counts as at least this chance level: otherwise the quotient follows
    the smallest denominator, which is noise. Without it 0 / 0 is 0 and anything else divided
    by 0 is infinite.

    With a category, the Pearson correlation is replaced by the correlation ratio, between two
    categories by Cramér's V; the F of a category is computed from Cramér's V in the same way.

    Equal scores are decided by the larger relevance, then by the column further left. Duplicates
    of a feature share their information: "rfcq" splits the importance between them.

    References
    ----------
    .. [1] C. Ding and H. Peng, "Minimum redundancy feature selection from microarray gene
       expression data", J. Bioinform. Comput. Biol. 3(2), 185-205, 2005.
    .. [2] H. Peng, F. Long and C. Ding, "Feature selection based on mutual information:
       criteria of max-dependency, max-relevance, and min-redundancy", IEEE TPAMI 27(8),
       1226-1238, 2005, eq. 7.
    .. [3] Z. Zhao, R. Anand and M. Wang, "Maximum relevance and minimum redundancy feature
       selection methods for a marketing machine learning platform", arXiv:1908.05376, 2019.
    .. [4] Y. Benjamini and Y. Hochberg, "Controlling the false discovery rate", J. R. Stat.
       Soc. B 57(1), 289-300, 1995.
    .. [5] P. A. Estévez, M. Tesmer, C. A. Perez and J. M. Zurada, "Normalized mutual
       information feature selection", IEEE Trans. Neural Netw. 20(2), 189-201, 2009.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from sklearn_landslide.feature_selection import MRMRSelector
    >>> rng = np.random.default_rng(0)
    >>> slope, ndvi, noise = rng.normal(size=(3, 500))
    >>> X = pd.DataFrame({"slope": slope, "relief": 9 * slope, "noise": noise, "ndvi": ndvi})
    >>> y = 2 * slope - ndvi + rng.logistic(size=500) > 0
    >>> selector = MRMRSelector().set_output(transform="pandas").fit(X, y)
    >>> list(selector.transform(X).columns)
    ['slope', 'ndvi']
    >>> selector.ranking_
    array([1, 4, 3, 2])
    """

    _parameter_constraints: dict = {
        "n_features_to_select": [
            StrOptions({"auto"}),
            Interval(Integral, 1, None, closed="left"),
            Interval(RealNotInt, 0, 1, closed="right"),
            None,
        ],
        "scheme": [StrOptions({"mid", "miq", "fcd", "fcq", "rfcq"})],
        "categorical_features": [StrOptions({"from_dtype"}), "array-like", None],
        "always_keep": ["array-like", None],
        "bins": [
            StrOptions({"auto", "three_states"}),
            Interval(Integral, 2, None, closed="left"),
        ],
        "normalize": ["boolean"],
        "debias": ["boolean"],
        "n_jobs": [Integral, None],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        n_features_to_select="auto",
        *,
        scheme="mid",
        categorical_features="from_dtype",
        always_keep=None,
        bins="auto",
        normalize=True,
        debias=True,
        n_jobs=None,
        random_state=None,
    ):
        self.n_features_to_select = n_features_to_select
        self.scheme = scheme
        self.categorical_features = categorical_features
        self.always_keep = always_keep
        self.bins = bins
        self.normalize = normalize
        self.debias = debias
        self.n_jobs = n_jobs
        self.random_state = random_state

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y):
        """Rank all features and select the first of them.

        Parameters
        ----------
        X : {array-like, DataFrame} of shape (n_samples, n_features)
            Features without missing values.
        y : array-like of shape (n_samples,)
            Class labels, numbers or text; two or more classes.

        Returns
        -------
        self : MRMRSelector
            The fitted selector.
        """
        table = X
        X, y = validate_data(self, X, y, dtype=None, ensure_min_samples=2)
        check_classification_targets(y)
        target = np.unique(y, return_inverse=True)[1]
        if target.max() == 0:
            raise ValueError(f"y has one class, {y[0]}: at least two are needed.")
        self.is_categorical_ = categorical_mask(table, self.categorical_features)
        names = getattr(self, "feature_names_in_", None)
        keep = column_positions(
            self.always_keep,
            n_features=self.n_features_in_,
            names=names,
            parameter="always_keep",
        )
        columns, codes = [], []
        for j, categorical in enumerate(self.is_categorical_):
            if categorical:
                columns.append(category_codes(X[:, j], pool_rare=self.debias))
                codes.append(columns[j])
            else:
                columns.append(numeric_column(X[:, j], j if names is None else names[j]))
                codes.append(discretize(columns[j], self.bins))
        bits = pairwise_information(np.column_stack([*codes, target]), debias=self.debias)
        entropy = np.diag(bits.information)[:-1]
        information = bits.information[:-1, :-1]
        constant = np.array([code.max() == 0 for code in codes])
        if constant.all() and not keep:
            raise ValueError(f"All {constant.size} features are constant: nothing to select.")

        if self.scheme in ("mid", "miq"):
            self.relevance_ = bits.information[:-1, -1]
            redundancy, chance = information, bits.chance[:-1, :-1]
            if self.normalize:
                smaller = np.minimum.outer(entropy, entropy)
                redundancy, chance = ratio(redundancy, smaller), ratio(chance, smaller)
                # By the target's entropy only: a smaller one would favour rare categories.
                self.relevance_ = np.minimum(self.relevance_ / bits.information[-1, -1], 1)
        else:
            redundancy, chance = self._correlations(columns, target)
        self.redundancy_ = redundancy
        self.pvalues_ = bits.p_values[:-1, -1]

        quotient = self.scheme in ("miq", "fcq", "rfcq")
        path = greedy_path(
            self.relevance_,
            np.maximum(redundancy, chance) if quotient and self.debias else redundancy,
            quotient=quotient,
            constant=constant,
            by_chance=false_discovery_control(self.pvalues_) > FALSE_DISCOVERY,
            overlap=ratio(information, np.broadcast_to(entropy[:, None], information.shape)),
            tiers=(self.debias, self.normalize),
            first=keep,
        )
        self.path_, self.scores_ = path.order, path.scores
        self.ranking_ = np.empty_like(self.path_)
        self.ranking_[self.path_] = np.arange(1, self.path_.size + 1)
        n_varying = int(np.sum(~constant)) + int(np.sum(constant[keep]))
        self.n_features_ = self._resolve_n_features(path.worthwhile, n_varying, len(keep))
        self.support_ = self.ranking_ <= self.n_features_
        return self

    def _correlations(self, columns, target):
        """Set the relevance of "fcd", "fcq" and "rfcq"; return redundancy and chance level."""
        blocks = [
            indicators(column) if categorical else standardized(column)
            for column, categorical in zip(columns, self.is_categorical_, strict=True)
        ]
        blocks.append(indicators(target))
        squared, chance = pairwise_association(blocks, debias=self.debias)
        if self.scheme == "rfcq":
            forest = RandomForestClassifier(random_state=self.random_state, n_jobs=self.n_jobs)
            forest.fit(np.column_stack(columns), target)
            self.relevance_ = forest.feature_importances_
        elif self.normalize:
            self.relevance_ = np.sqrt(squared[:-1, -1])
        else:
            plain = pairwise_association(blocks, debias=False).squared[:-1, -1]
            self.relevance_ = anova_f(plain, n_samples=target.size, n_classes=target.max() + 1)
        return np.sqrt(squared[:-1, :-1]), np.sqrt(chance[:-1, :-1])

    def _resolve_n_features(self, worthwhile, n_varying, n_kept):
        """Turn `n_features_to_select` into a number."""
        wanted, n_features = self.n_features_to_select, self.n_features_in_
        if wanted is None:
            return n_varying
        if isinstance(wanted, str):
            useless = np.flatnonzero(~worthwhile[n_kept:])
            return max(1, n_kept + int(useless[0]) if useless.size else n_varying)
        if not isinstance(wanted, Integral):
            wanted = max(1, int(wanted * n_features))
        if wanted > n_features:
            raise ValueError(
                f"n_features_to_select={wanted} is more than the {n_features} features of X."
            )
        if wanted < n_kept:
            raise ValueError(
                f"n_features_to_select={self.n_features_to_select} leaves {wanted} features, "
                f"but always_keep names {n_kept}."
            )
        if wanted > n_varying:
            warnings.warn(
                f"{wanted} features were asked for, but {n_features - n_varying} of "
                f"{n_features} are constant: {n_varying} are selected.",
                stacklevel=4,
            )
        return min(wanted, n_varying)

    def _get_support_mask(self):
        check_is_fitted(self)
        return self.support_

    def __sklearn_tags__(self):
        """Say that a target is needed and that there may be categories of text."""
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        tags.input_tags.categorical = True
        return tags
