"""Feature selection by minimum redundancy and maximum relevance."""

import warnings
from numbers import Integral
from typing import NamedTuple

import numpy as np
from scipy.stats import false_discovery_control
from sklearn.base import BaseEstimator, _fit_context
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_selection import SelectorMixin
from sklearn.utils._param_validation import Interval, RealNotInt, StrOptions
from sklearn.utils._set_output import _get_output_config
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from sklearn_landslide._categories import categorical_mask, column_positions
from sklearn_landslide._classes import told_labels
from sklearn_landslide._factor_tables import from_polars
from sklearn_landslide._handing_on import hand_on
from sklearn_landslide._sequences import resolve_sequences
from sklearn_landslide.feature_selection._association import (
    anova_f,
    indicators,
    pairwise_association,
    standardized,
)
from sklearn_landslide.feature_selection._candidates import find_candidates, most_telling_sum
from sklearn_landslide.feature_selection._columns import (
    category_codes,
    codes_in_frame,
    numeric_column,
    with_exact_codes,
)
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


class Ranking(NamedTuple):
    """What mRMR finds about its candidates: columns, and sequences as blocks.

    Attributes
    ----------
    order : ndarray of shape (n_candidates,), dtype=int64
        Candidate of each step.
    scores : ndarray of shape (n_candidates,)
        Score of each step.
    n_selected : int
        How many steps are selected.
    relevance, p_values : ndarray of shape (n_candidates,)
        Of each candidate.
    redundancy : ndarray of shape (n_candidates, n_candidates)
        Of each pair.
    """

    order: np.ndarray
    scores: np.ndarray
    n_selected: int
    relevance: np.ndarray
    redundancy: np.ndarray
    p_values: np.ndarray


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
    different scales and because chance alone produces redundancy. `normalize` and `debias` repair
    this and are on by default; with both off, the criteria are the published ones. See Notes.

    Parameters
    ----------
    n_features_to_select : int, float, "auto" or None, default="auto"
        How many features to select.

        - int: that many.
        - float in (0, 1]: that share of the features, rounded down, at least one.
        - "auto": stop before the first step whose feature is not worth it: its relevance cannot be
          told from chance (G-test of its bins against the target, at a false discovery rate of 5 %
          over all features [4]_), or nine tenths of its entropy are found in one feature selected
          before. At least one feature is selected. This removes useless features, not merely
          correlated ones; to go further, choose a number by cross-validation.
        - None: all features that are not constant, which gives the whole ranking.

        A constant feature is never selected unless `always_keep` names it. If you ask for more
        features than vary, all that vary are selected, with a warning.
    scheme : {"mid", "miq", "fcd", "fcq", "rfcq"}, default="mid"
        The criterion.
    categorical_features : "from_dtype", array-like or None, default="from_dtype"
        The categorical features: the columns of a pandas or polars frame with a categorical dtype
        ("from_dtype"); or names, indices or a mask; None for none. Their categories, numbers or
        text, are used as they are.
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
        Whether to remove the share of chance, to rank features whose relevance cannot be told from
        chance behind all others, and to pool categories with fewer than 5 rows.
    n_jobs : int, default=None
        Number of jobs for the random forest of "rfcq". It does not change the result.
    random_state : int, RandomState instance or None, default=None
        Seed of the random forest of "rfcq"; the other schemes are deterministic.
    sequences : dict or None, default=None
        Which columns are one variable over time: by the name of each group a list of columns in
        order of time, names or positions, or a dict of such lists for several variables. A
        group is selected or dropped whole. None: every column is a feature of its own.
    sequence_blocks : {"keep", "judge"}, default="keep"
        What happens to the groups. "keep": they are always selected, do not count in
        `n_features_to_select`, and are not compared with the other features. "judge": each
        competes as one feature; see Notes.

    Attributes
    ----------
    path_ : ndarray of shape (n_features,), dtype=int64
        All features in the order of their selection. The first `k` are the selection for `k`.
        Columns of a sequence follow each other; sequences that are kept come first.
    scores_ : ndarray of shape (n_features,)
        Score of each step of `path_`: the relevance in the first step, the criterion after it.
        May be infinite in a quotient without `debias`. A judged sequence has one score, a kept
        one NaN.
    ranking_ : ndarray of shape (n_features,), dtype=int64
        Rank of each feature, 1 for the first selected. Columns of a judged sequence share one
        rank; those of a kept sequence have 0.
    support_ : ndarray of shape (n_features,), dtype=bool
        The selected features.
    n_features_ : int
        Number of selected features, columns of sequences included.
    relevance_ : ndarray of shape (n_features,)
        V(f) of each feature, 0 to 1 with `normalize`; mutual information without it is in nats.
        Columns of a judged sequence have the value of their block, here and below; those of a kept
        sequence have NaN.
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
    `normalize` changes the scale. The redundancy of "mid" and "miq" becomes :math:`I(f; s) /
    \min(H(f), H(s))`, 0 to 1 [5]_; otherwise it can reach the logarithm of the number of bins,
    while the relevance for two classes never exceeds ln 2 and for a rare class not even that. The
    relevance becomes :math:`I(f; c) / H(c)`, the share of the target's entropy that the feature
    explains. The relevance of "fcd" and "fcq" becomes the correlation ratio of feature and class,
    which for two classes is the absolute Pearson correlation; F itself grows without limit as rows
    are added.

    `debias` removes what independent columns would show on average: from mutual information by
    the correction of Miller and Madow, from squared correlations as in the adjusted R². In a
    quotient, redundancy counts as at least this chance level: otherwise the quotient follows
    the smallest denominator, which is noise. Without it 0 / 0 is 0 and anything else divided
    by 0 is infinite.

    With a category, the Pearson correlation is replaced by the correlation ratio, between two
    categories by Cramér's V; the F of a category is computed from Cramér's V in the same way.

    Ties are broken by the larger relevance, then by the leftmost column. Duplicates of a feature
    share its information: "rfcq" splits the importance between them.

    Single hours of rain say little, and nearly the same, so mRMR by column would tear a storm
    apart. A judged sequence is represented by one number per row: the sum of the last steps of one
    of its variables, with the variable and the length of the window chosen so that the mutual
    information with the target is the largest (as intensity and duration thresholds do). Because
    the best of `m` sums looks better than it is, its p-value is multiplied by `m`; its relevance
    is not lowered.

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

    The first two columns as the hours of a storm, which stay together:

    >>> selector = MRMRSelector(1, sequences={"rain": ["slope", "relief"]}).fit(X, y)
    >>> selector.ranking_, list(selector.get_feature_names_out())
    (array([0, 0, 2, 1]), ['slope', 'relief', 'ndvi'])
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
        "sequences": [dict, None],
        "sequence_blocks": [StrOptions({"keep", "judge"})],
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
        sequences=None,
        sequence_blocks="keep",
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
        self.sequences = sequences
        self.sequence_blocks = sequence_blocks

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
        is_categorical = self._find_categories(X)
        if is_categorical is not None:
            X = codes_in_frame(from_polars(X), is_categorical)
        y = y if y is None else told_labels(y)
        X, y = validate_data(self, X, y, dtype=None, ensure_min_samples=2)
        check_classification_targets(y)
        target = np.unique(y, return_inverse=True)[1]
        if target.max() == 0:
            raise ValueError(f"y has one class, {y[0]}: at least two are needed.")
        if is_categorical is None:
            is_categorical = categorical_mask(X, self.categorical_features)
        self.is_categorical_ = is_categorical
        names = getattr(self, "feature_names_in_", None)
        keep = column_positions(
            self.always_keep,
            n_features=self.n_features_in_,
            names=names,
            parameter="always_keep",
        )
        groups = resolve_sequences(
            self.sequences,
            n_features=self.n_features_in_,
            names=names,
            is_categorical=self.is_categorical_,
        )
        candidates = find_candidates(
            groups, n_features=self.n_features_in_, compete=self.sequence_blocks == "judge"
        )
        for j in np.flatnonzero(candidates.idle):
            numeric_column(X[:, j], j if names is None else names[j])
        # A column of a kept sequence needs no other reason to stay.
        first = [candidate for candidate in candidates.of_column[keep] if candidate >= 0]
        ranking = self._rank(X, target, candidates, list(dict.fromkeys(first)))
        self.relevance_ = candidates.per_column(ranking.relevance)
        self.redundancy_ = candidates.per_pair(ranking.redundancy)
        self.pvalues_ = candidates.per_column(ranking.p_values)
        idle = np.flatnonzero(candidates.idle)
        members = [candidates.members[pick] for pick in ranking.order]
        self.path_ = np.concatenate([idle, *members])
        scores = np.repeat(ranking.scores, [columns.size for columns in members])
        self.scores_ = np.concatenate([np.full(idle.size, np.nan), scores])
        place = np.empty(len(members), dtype=np.int64)
        place[ranking.order] = np.arange(1, len(members) + 1)
        self.ranking_ = np.zeros(self.n_features_in_, dtype=np.int64)
        self.ranking_[~candidates.idle] = place[candidates.of_column[~candidates.idle]]
        self.support_ = self.ranking_ <= ranking.n_selected
        self.n_features_ = int(self.support_.sum())
        return self

    def _find_categories(self, X):
        """Categories of a frame, before their types meet in one array; None for an array."""
        if not hasattr(X, "columns"):
            return None
        return categorical_mask(X, self.categorical_features)

    def _rank(self, X, target, candidates, first):
        """Order the candidates and find how many are selected."""
        if not candidates.members:
            none = np.zeros(0)
            return Ranking(none.astype(np.int64), none, 0, none, none[:, None], none)
        columns, codes, n_tried = [], [], []
        names = getattr(self, "feature_names_in_", range(self.n_features_in_))
        is_categorical = [self.is_categorical_[members[0]] for members in candidates.members]
        for members, group, categorical in zip(
            candidates.members, candidates.groups, is_categorical, strict=True
        ):
            tried, j = 1, members[0]
            if group is not None:
                column, code, tried = most_telling_sum(
                    X, group, target, names=names, bins=self.bins, debias=self.debias
                )
            elif categorical:
                column = code = category_codes(X[:, j], pool_rare=self.debias)
            else:
                column = numeric_column(X[:, j], names[j])
                code = discretize(column, self.bins)
            columns.append(column)
            codes.append(code)
            n_tried.append(tried)
        bits = pairwise_information(np.column_stack([*codes, target]), debias=self.debias)
        entropy = np.diag(bits.information)[:-1]
        information = bits.information[:-1, :-1]
        constant = np.array([code.max() == 0 for code in codes])
        if constant.all() and not first and not candidates.idle.any():
            raise ValueError(f"All {constant.size} features are constant: nothing to select.")

        if self.scheme in ("mid", "miq"):
            relevance = bits.information[:-1, -1]
            redundancy, chance_level = information, bits.chance_level[:-1, :-1]
            if self.normalize:
                smaller = np.minimum.outer(entropy, entropy)
                redundancy, chance_level = ratio(redundancy, smaller), ratio(chance_level, smaller)
                # By the target's entropy only: a smaller one would favor rare categories.
                relevance = np.minimum(relevance / bits.information[-1, -1], 1)
        else:
            relevance, redundancy, chance_level = self._correlations(
                columns, is_categorical, target
            )
        # The best of many sums is more often far from chance.
        p_values = np.minimum(bits.p_values[:-1, -1] * n_tried, 1)

        quotient = self.scheme in ("miq", "fcq", "rfcq")
        path = greedy_path(
            relevance,
            np.maximum(redundancy, chance_level) if quotient and self.debias else redundancy,
            quotient=quotient,
            constant=constant,
            by_chance=false_discovery_control(p_values) > FALSE_DISCOVERY,
            overlap=ratio(information, np.broadcast_to(entropy[:, None], information.shape)),
            tiers=(self.debias, self.normalize),
            first=first,
        )
        n_varying = int(np.sum(~constant)) + int(np.sum(constant[first]))
        n_selected = self._resolve_n_features(path.worthwhile, n_varying, len(first))
        return Ranking(path.order, path.scores, n_selected, relevance, redundancy, p_values)

    def _correlations(self, columns, is_categorical, target):
        """Relevance, redundancy and chance level of "fcd", "fcq" and "rfcq"."""
        blocks = [
            indicators(column) if categorical else standardized(column)
            for column, categorical in zip(columns, is_categorical, strict=True)
        ]
        blocks.append(indicators(target))
        squared, chance_level = pairwise_association(blocks, debias=self.debias)
        if self.scheme == "rfcq":
            forest = RandomForestClassifier(random_state=self.random_state, n_jobs=self.n_jobs)
            forest.fit(np.column_stack(columns), target)
            relevance = forest.feature_importances_
        elif self.normalize:
            relevance = np.sqrt(squared[:-1, -1])
        else:
            plain = pairwise_association(blocks, debias=False).squared[:-1, -1]
            relevance = anova_f(plain, n_samples=target.size, n_classes=target.max() + 1)
        return relevance, np.sqrt(squared[:-1, :-1]), np.sqrt(chance_level[:-1, :-1])

    def _resolve_n_features(self, worthwhile, n_varying, n_kept):
        """Turn `n_features_to_select` into a number."""
        wanted, n_features = self.n_features_to_select, worthwhile.size
        if wanted is None:
            return n_varying
        if isinstance(wanted, str):
            useless = np.flatnonzero(~worthwhile[n_kept:])
            n_selected = max(1, n_kept + int(useless[0]) if useless.size else n_varying)
            # Beside kept sequences there may be nothing that varies.
            return min(n_selected, n_varying)
        if not isinstance(wanted, Integral):
            wanted = max(1, int(wanted * n_features))
        if wanted > n_features:
            whose = "of X" if n_features == self.n_features_in_ else "that compete in X"
            raise ValueError(
                f"n_features_to_select={wanted} is more than the {n_features} features {whose}."
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
                stacklevel=5,
            )
        return min(wanted, n_varying)

    def transform(self, X):
        """Reduce a table to the selected features.

        Parameters
        ----------
        X : {array-like, DataFrame} of shape (n_samples, n_features)
            The table.

        Returns
        -------
        X_selected : {ndarray, DataFrame} of shape (n_samples, n_selected)
            The selected columns.
        """
        X = hand_on(self, from_polars(X))
        if _get_output_config("transform", self)["dense"] == "default":
            X = with_exact_codes(X)
        return super().transform(X)

    def _get_support_mask(self):
        check_is_fitted(self)
        return self.support_

    def __sklearn_tags__(self):
        """Say that a target is needed and that there may be categories of text."""
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        tags.input_tags.categorical = True
        return tags
