"""PooledRegions: one model of the rows of both regions, weighted."""

from numbers import Real

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.utils import _safe_indexing, assert_all_finite, column_or_1d
from sklearn.utils._param_validation import HasMethods, Interval, StrOptions
from sklearn.utils.validation import check_is_fitted, has_fit_parameter, validate_data

from sklearn_landslide._categories import column_names
from sklearn_landslide._classes import label_key, landslide_label, told_labels
from sklearn_landslide._codes import as_codes
from sklearn_landslide._factor_tables import from_polars
from sklearn_landslide._frames import as_frame
from sklearn_landslide._random_state import draw_seeds
from sklearn_landslide._words import listed
from sklearn_landslide.pipeline import move_prior
from sklearn_landslide.transfer._prior_shift import stated_shift
from sklearn_landslide.transfer._source_classifier import SourceClassifier, in_pipeline
from sklearn_landslide.transfer._transfer_recipe import source_row_weight

# A row is repeated so often at most, where a model takes no weights.
_MOST_COPIES = 20


class PooledRegions(SourceClassifier):
    """A classifier that is fitted to the rows of two regions, one of which counts less.

    Parameters
    ----------
    estimator : classifier or None, default=None
        The classifier to fit. A bare classifier gets the steps of
        :func:`~sklearn_landslide.make_landslide_pipeline`, without resampling; a pipeline is used
        as it is. None is a logistic regression.
    source_X : array-like or frame of shape (n_source_rows, n_columns) or None, default=None
        The factors of the other region. Like `source_y` it stays the same object in
        :func:`sklearn.base.clone`, and it is not kept in a model file. None: there is no other
        region.
    source_y : array-like of shape (n_source_rows,) or None, default=None
        Its labels. They may be spelled differently from those of the target, such as 0 and 1 for
        none and landslide.
    source_weight : "auto" or float, default="auto"
        Weight of a row of the other region; a row of the target has 1. "auto" falls with the
        number of landslides of the target.
    missing : {"error", "impute"}, default="error"
        What to do about a factor of the target that the other region lacks: ``"impute"`` leaves
        gaps, which the estimator must accept or fill. Factors that only the other region has are
        left out.
    random_state : int, RandomState instance or None, default=None
        Seed of `estimator`.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The labels of the target, sorted.
    n_features_in_ : int
        Number of factors.
    feature_names_in_ : ndarray of str, shape (n_features,)
        Their names, if the target is a frame with names.
    n_landslides_ : int
        Landslides of the target.
    pipeline_ : fitted classifier
        The estimator.
    source_weight_ : float
        What "auto" stood for.
    repeats_ : tuple of int or None
        How often each row of the other region and of the target was repeated, where the estimator
        takes no weights.
    prior_shift_ : float
        Added to the log-odds of the estimator.

    Raises
    ------
    ValueError
        If the regions have no common factors, a factor is missing, or the labels of one region
        are of one class.

    See Also
    --------
    TransferNet : Adapts a fitted network; needs no rows of the other region.
    SourceStacking : The same for any model.

    Notes
    -----
    If the last step of the estimator takes ``sample_weight`` and no step before it resamples, rows
    are weighted. Otherwise they are repeated: those of the target ``round(1 / weight)`` times, at
    most 20 times, or with a weight above 1 those of the other region ``round(weight)`` times; a
    weight of 0 leaves the other region out.

    Probabilities refer to the share of landslides among the rows of the target: the share in the
    pool is replaced by it in closed form, as
    :class:`~sklearn_landslide.pipeline.LandslidePipeline` does, unless the estimator is a pipeline
    with a `prevalence`.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.ensemble import RandomForestClassifier
    >>> from sklearn_landslide.transfer import PooledRegions
    >>> rng = np.random.default_rng(0)
    >>> def region(n_rows, angle):
    ...     X = rng.normal(size=(n_rows, 3))
    ...     return X, (X[:, 0] > angle + 0.3 * X[:, 1]).astype(int)
    >>> forest = RandomForestClassifier(50, random_state=0)
    >>> model = PooledRegions(forest, *region(500, 0.5), source_weight=0.2)
    >>> model.fit(*region(60, 1.0)).predict([[3.0, 0.0, 0.0]])
    array([1])
    """

    _parameter_constraints: dict = {
        "estimator": [HasMethods(["fit", "predict_proba"]), None],
        # Looked at in fit, which says more.
        "source_X": "no_validation",
        "source_y": "no_validation",
        "source_weight": [StrOptions({"auto"}), Interval(Real, 0, None, closed="left")],
        "missing": [StrOptions({"error", "impute"})],
        "random_state": ["random_state"],
    }
    _kept = ("source_X", "source_y")
    # Persistence leaves these out of a file.
    rows_of_training = _kept

    def __init__(
        self,
        estimator=None,
        source_X=None,
        source_y=None,
        *,
        source_weight="auto",
        missing="error",
        random_state=None,
    ):
        self.estimator = estimator
        self.source_X = source_X
        self.source_y = source_y
        self.source_weight = source_weight
        self.missing = missing
        self.random_state = random_state

    def fit(self, X, y=None):
        """Fit the estimator to the rows of both regions.

        Parameters
        ----------
        X : array-like or frame of shape (n_samples, n_features)
            The factors of the target.
        y : array-like of shape (n_samples,) or None, default=None
            Its labels; None for a region without any: the rows of the other region are all that
            there is to learn from.

        Returns
        -------
        self : PooledRegions
        """
        self._validate_params()
        (seed,) = draw_seeds(self.random_state, 1)
        model = LogisticRegression(max_iter=1000) if self.estimator is None else self.estimator
        model = in_pipeline(model, seed)
        self.source_weight_, self.repeats_, self.prior_shift_ = 0.0, None, 0.0
        if self.source_X is None:
            return self._fit_alone(model, X, y)
        self._check_source()
        X = from_polars(X)
        validate_data(self, X, skip_check_array=True, reset=True)
        if y is None:
            return self._fit_other_region(model, X)
        classes, codes = _labels_of(y, "y")
        source_classes, source_codes = _labels_of(self.source_y, "source_y")
        positive = _positive(classes, source_classes, "y")
        if positive != _positive(source_classes, classes, "source_y"):
            source_codes = 1 - source_codes
        self.classes_, self._columns = classes, None
        self.n_landslides_ = int((codes == positive).sum())
        weight = self.source_weight
        if weight == "auto":
            weight = source_row_weight(self.n_landslides_)
        self.source_weight_ = float(weight)
        frame, source = _frame(X), self._source_frame(X)
        if len(source) != len(source_codes):
            raise ValueError(
                f"source_X has {len(source)} rows and source_y has {len(source_codes)}: they must "
                "match."
            )
        pool = _pooled(source, frame) if hasattr(X, "columns") else np.vstack([source, frame])
        self._fit_pool(model, pool, source_codes, codes)
        if getattr(self.pipeline_, "prevalence", None) is None:
            share = np.array([(source_codes == 1).sum(), len(source_codes)]) * self._mass[0]
            share = share + np.array([codes.sum(), len(codes)]) * self._mass[1]
            self.prior_shift_ = stated_shift(float(codes.mean()), float(share[0] / share[1]))
        return self

    def _fit_other_region(self, model, X):
        """Fit the estimator to the rows of the other region alone."""
        source, frame = self._source_frame(X), _frame(X)
        self.classes_, codes = _labels_of(self.source_y, "source_y")
        self._columns, self.n_landslides_, self.source_weight_ = None, 0, 1.0
        # Codes become the categories that they are with labels.
        rows = (
            _pooled(source, frame)[: len(source)] if hasattr(X, "columns") else np.asarray(source)
        )
        self.pipeline_ = model.fit(rows, self.classes_[codes])
        return self

    def _check_source(self):
        if isinstance(self.source_X, str):
            raise ValueError(
                "source_X is not in the model file: set it and source_y again before fit."
            )
        if self.source_y is None:
            raise ValueError("source_X is given and source_y is None: give the labels, too.")

    def _source_frame(self, X):
        """Return the rows of the other region with the columns of the target."""
        source = from_polars(self.source_X)
        names, own = column_names(X), column_names(source)
        if names is None or own is None:
            source = _frame(source)
            if source.shape[1] != self.n_features_in_:
                raise ValueError(
                    f"X has {self.n_features_in_} features and source_X has {source.shape[1]}: "
                    "give the same, or frames, whose columns are found by name."
                )
            return source.set_axis(_frame(X).columns, axis=1)
        lacking = [name for name in names if name not in own]
        if len(lacking) == len(names) or (lacking and self.missing == "error"):
            raise ValueError(
                f"source_X has no factor {listed(lacking, 5)}, which X has: leave it out of X, or "
                "set missing='impute'."
            )
        gaps = {name: np.full(len(source), np.nan) for name in lacking}
        return source[[name for name in names if name in own]].assign(**gaps)[names]

    def _fit_pool(self, model, pool, source_codes, codes):
        """Fit the estimator, by weights or by repeated rows."""
        weight = self.source_weight_
        y = self.classes_[np.concatenate([source_codes, codes])]
        n_source = len(source_codes)
        steps = model.steps if hasattr(model, "steps") else [("", model)]
        is_resampled = any(hasattr(step, "fit_resample") for _, step in steps)
        self._mass = (weight, 1.0)
        if weight == 0:
            rows = np.arange(n_source, len(y))
            self.pipeline_ = model.fit(_safe_indexing(pool, rows), y[rows])
        elif has_fit_parameter(steps[-1][1], "sample_weight") and not is_resampled:
            name = f"{steps[-1][0]}__sample_weight".removeprefix("__")
            weights = np.repeat([weight, 1.0], [n_source, len(codes)])
            self.pipeline_ = model.fit(pool, y, **{name: weights})
        else:
            copies = (max(1, round(weight)), 1) if weight >= 1 else (1, round(1 / weight))
            self.repeats_ = tuple(min(n, _MOST_COPIES) for n in copies)
            self._mass = tuple(map(float, self.repeats_))
            rows = np.repeat(np.arange(len(y)), np.repeat(self.repeats_, [n_source, len(codes)]))
            self.pipeline_ = model.fit(_safe_indexing(pool, rows), y[rows])

    def predict_proba(self, X):
        """Probability of each class.

        Parameters
        ----------
        X : array-like or frame of shape (n_samples, n_features)
            The factors.

        Returns
        -------
        probabilities : ndarray of shape (n_samples, n_classes)
            In the order of ``classes_``.
        """
        check_is_fitted(self)
        if self.source_X is not None:
            X = from_polars(X)
            validate_data(self, X, skip_check_array=True, reset=False)
        probability = self.pipeline_.predict_proba(X)
        if self.prior_shift_ == 0:
            return probability
        return move_prior(probability, np.array([1.0, np.exp(self.prior_shift_)]))


def _frame(X):
    return as_frame(X if isinstance(X, pd.DataFrame) else np.asarray(X))


def _labels_of(y, name):
    """Return the two labels of a region and the codes of its rows."""
    y = column_or_1d(told_labels(y), warn=True)
    assert_all_finite(y, input_name=name)
    classes, codes = np.unique(y, return_inverse=True)
    if len(classes) != 2:
        found = listed(classes.tolist(), 5)
        raise ValueError(
            f"{name} must have two classes, landslide and not, got {len(classes)} ({found}). Only "
            "binary classification is supported."
        )
    return classes, codes


def _positive(classes, others, name):
    """Return the place of the landslides among two labels; the second where all agree."""
    keys = [label_key(label) for label in classes.tolist()]
    if keys == [label_key(label) for label in others.tolist()]:
        return 1
    return classes.tolist().index(landslide_label(classes.tolist(), of=name))


def _pooled(source, target):
    """Put two frames one below the other; the codes of categories are matched by their meaning."""
    columns = {}
    for name in target.columns:
        parts = [source[name], target[name]]
        if any(isinstance(part.dtype, pd.CategoricalDtype) for part in parts):
            both = [part.astype(object) for part in parts]
            columns[name] = as_codes(pd.concat(both, ignore_index=True))
        else:
            columns[name] = pd.concat(parts, ignore_index=True)
    return pd.DataFrame(columns)
