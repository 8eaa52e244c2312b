"""SourceStacking: any model of one region, corrected by the landslides of the next."""

from numbers import Real

import numpy as np
import pandas as pd
from scipy.special import expit
from sklearn.linear_model import LogisticRegression
from sklearn.utils._param_validation import HasMethods, Interval, StrOptions
from sklearn.utils.validation import check_is_fitted

from sklearn_landslide._frames import as_frame
from sklearn_landslide._random_state import draw_seeds
from sklearn_landslide.pipeline import make_landslide_pipeline
from sklearn_landslide.transfer._offset_logistic import solve_offset
from sklearn_landslide.transfer._prior_shift import log_odds
from sklearn_landslide.transfer._source import Source, read_source
from sklearn_landslide.transfer._source_classifier import SourceClassifier, in_pipeline

_COLUMN = "source_log_odds"
# A source is never surer than that: a forest's 0 and 1 come of few trees.
_LEAST = 1e-3


class SourceStacking(SourceClassifier):
    r"""Any model of one region, corrected with the landslides of the next.

    The log-odds of the source become one more factor beside those of the target. By default, a
    logistic regression starts from them and is pulled back to them:

    .. math:: \operatorname{logit} p = z + a + c z + x b

    with the source's log-odds z and the standardized factors x of the target; c and b are small
    unless many landslides say otherwise, and the intercept a is free. The source itself is not
    fitted again.

    Parameters
    ----------
    source : fitted classifier, str, path-like or None, default=None
        A pipeline or a bare classifier with ``predict_proba``, or the file of one or of a map's
        model. It stays the same object in :func:`sklearn.base.clone`, and is never changed. None:
        there is no source, and `estimator` is fitted to the target as it is.
    estimator : classifier or None, default=None
        What is fitted to the source's log-odds and the factors, instead of the default logistic
        regression. A bare classifier gets the steps of
        :func:`~sklearn_landslide.make_landslide_pipeline`, without resampling.
    l2_sp : float, default=10.0
        How strongly c and b are drawn to 0, and so the model to the source; 1 is as strong as
        scikit-learn's ``C=1``. Not used with an `estimator`.
    own_scale : "auto" or bool, default="auto"
        Whether steps of the source that scale each region by itself are fitted to the target's
        rows; that takes no labels. "auto": where the source has such steps.
    missing : {"error", "impute"}, default="error"
        What is done about a factor that the source knows and the target lacks: ``"impute"``
        leaves gaps, which the source's steps fill. Factors that the source does not know are
        left out.
    random_state : int, RandomState instance or None, default=None
        Seed of `estimator`.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The labels of the target, sorted; without labels the source's.
    n_features_in_ : int
        Number of factors that are used.
    feature_names_in_ : ndarray of str, shape (n_features,)
        Their names, in the order of the source, where they have any. Columns are found by them.
    n_landslides_ : int
        Landslides of the target.
    pipeline_ : fitted classifier
        The source; without a source, the model of the target.
    stacked_ : fitted classifier or None
        The `estimator`; None for the logistic regression.
    intercept_ : float
        The number a.
    coef_ : ndarray of shape (1 + n_columns,)
        The number c, per standard deviation of z, and then b.

    Raises
    ------
    ValueError
        If the source is not fitted, a factor of it is missing, or the labels are of one class.

    See Also
    --------
    TransferNet : Adapts a network, and more of it.

    Notes
    -----
    The source's log-odds of rows that it was fitted to would be too sure: give rows of the target
    only. Without labels, ``fit(X)``, the probabilities are the source's.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.ensemble import RandomForestClassifier
    >>> from sklearn_landslide.transfer import SourceStacking
    >>> rng = np.random.default_rng(0)
    >>> def region(n_rows, angle):
    ...     X = rng.normal(size=(n_rows, 3))
    ...     return X, (X[:, 0] > angle + 0.3 * X[:, 1]).astype(int)
    >>> source = RandomForestClassifier(50, random_state=0).fit(*region(500, 0.5))
    >>> model = SourceStacking(source).fit(*region(60, 1.0))
    >>> model.intercept_ < 0
    True
    """

    _parameter_constraints: dict = {
        # Looked at by read_source, which says more.
        "source": "no_validation",
        "estimator": [HasMethods(["fit", "predict_proba"]), None],
        "l2_sp": [Interval(Real, 0, None, closed="neither")],
        "own_scale": [StrOptions({"auto"}), "boolean"],
        "missing": [StrOptions({"error", "impute"})],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        source=None,
        estimator=None,
        *,
        l2_sp=10.0,
        own_scale="auto",
        missing="error",
        random_state=None,
    ):
        self.source = source
        self.estimator = estimator
        self.l2_sp = l2_sp
        self.own_scale = own_scale
        self.missing = missing
        self.random_state = random_state

    def _fitted_source(self):
        return Source(self.pipeline_)

    def fit(self, X, y=None):
        """Learn what the landslides of the target say beyond the source.

        Parameters
        ----------
        X : array-like or frame of shape (n_samples, n_features)
            The factors of the target, as the source's steps take them.
        y : array-like of shape (n_samples,) or None, default=None
            The labels; None for a region without any.

        Returns
        -------
        self : SourceStacking
        """
        self._validate_params()
        (seed,) = draw_seeds(self.random_state, 1)
        self.stacked_ = self._steps = None
        if self.source is None:
            model = LogisticRegression(max_iter=1000) if self.estimator is None else self.estimator
            return self._fit_alone(in_pipeline(model, seed), X, y)
        source = read_source(self.source)
        X, labels = self._read_target(source, X, y)
        self.pipeline_, _ = self._own_scaled(source, X)
        if labels.codes is None:
            return self
        scores = self._scores(X)
        if self.estimator is not None:
            y = self.classes_[labels.codes if labels.positive else 1 - labels.codes]
            model = in_pipeline(self.estimator, seed)
            self.stacked_ = model.fit(self._with_scores(X, scores), y)
            return self
        # The steps before a logistic regression.
        steps = make_landslide_pipeline(LogisticRegression(), resample=None)[:-1]
        frame = self._frame_of(X)
        design = np.asarray(steps.fit_transform(frame, labels.codes), dtype=float)
        self._steps = steps
        self._center, self._spread = float(scores.mean()), float(scores.std()) or 1.0
        z = (scores - self._center) / self._spread
        found = solve_offset(np.column_stack([z, design]), scores, labels.codes, self.l2_sp)
        self.intercept_, self.coef_ = found.intercept, found.coefficients
        return self

    @property
    def _positive(self):
        """Place of the landslides among the classes."""
        return self._columns.index(self._fitted_source().positive)

    def _scores(self, X):
        return log_odds(self.pipeline_.predict_proba(X)[:, self._fitted_source().positive], _LEAST)

    @staticmethod
    def _frame_of(X):
        return as_frame(X if isinstance(X, pd.DataFrame) else np.asarray(X))

    def _with_scores(self, X, scores):
        frame = self._frame_of(X)
        return frame.assign(**{_COLUMN: scores})

    def predict_proba(self, X):
        """Probability of each class.

        Parameters
        ----------
        X : array-like or frame of shape (n_samples, n_features)
            The factors; those of a frame are found by name.

        Returns
        -------
        probabilities : ndarray of shape (n_samples, n_classes)
            In the order of ``classes_``.
        """
        check_is_fitted(self)
        X = self._rows_of(X)
        if self.stacked_ is not None:
            return self.stacked_.predict_proba(self._with_scores(X, self._scores(X)))
        if self._steps is None:
            return self._in_order(self.pipeline_.predict_proba(X))
        scores = self._scores(X)
        z = (scores - self._center) / self._spread
        design = np.asarray(self._steps.transform(self._frame_of(X)), dtype=float)
        moved = scores + self.intercept_ + np.column_stack([z, design]) @ self.coef_
        landslide = expit(moved)
        columns = [1 - landslide, landslide]
        return np.column_stack(columns if self._positive else columns[::-1])
