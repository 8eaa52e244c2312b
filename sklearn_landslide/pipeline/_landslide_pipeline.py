"""A pipeline whose probabilities are those of the study area, whatever resampling did."""

from contextlib import suppress
from numbers import Real

import numpy as np
from imblearn.pipeline import Pipeline
from scipy.special import log_softmax
from sklearn.base import ClassifierMixin
from sklearn.exceptions import NotFittedError
from sklearn.metrics import accuracy_score, check_scoring
from sklearn.model_selection import FixedThresholdClassifier, TunedThresholdClassifierCV
from sklearn.utils import get_tags
from sklearn.utils._metadata_requests import _routing_enabled
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils._set_output import _safe_set_output
from sklearn.utils.metadata_routing import process_routing
from sklearn.utils.metaestimators import available_if

from sklearn_landslide._class_counts import counted_classes
from sklearn_landslide._classes import told_labels
from sklearn_landslide._table_columns import told_columns
from sklearn_landslide.pipeline._metadata import (
    check_rows_of_metadata,
    give_weights_to_samplers,
    rows_with_weight,
    take_resampled_weights,
)
from sklearn_landslide.pipeline._output import hand_out, hands_on_pandas, warn_of_lost_categories
from sklearn_landslide.pipeline._prior import class_shares, move_prior, stated_shares
from sklearn_landslide.pipeline._sequences import (
    sequences_in_steps,
    shared_sequences,
    takes_sequences,
)
from sklearn_landslide.preprocessing import FactorImputer


def model_has(method):
    """Make a check for `available_if`: the last step must have the method."""

    def check(pipeline):
        # Where it is missing, the model's own AttributeError says why.
        getattr(pipeline._final_estimator, method)
        return True

    return check


def takes_gaps(steps):
    """Say whether missing values may come: every step takes them, up to one that fills them."""
    for _, step in steps:
        if isinstance(step, FactorImputer):
            return True
        if step not in (None, "passthrough") and not get_tags(step).input_tags.allow_nan:
            return False
    return True


class LandslidePipeline(Pipeline):
    r"""Pipeline of imbalanced-learn whose probabilities refer to the true class shares.

    A model that learns from resampled rows gives probabilities for the resampled classes. This
    pipeline remembers the share of each class before and after resampling, and undoes the
    difference in closed form, for any classifier. :func:`make_landslide_pipeline` builds it.

    Parameters
    ----------
    steps : list of (str, estimator)
        Names and steps: transformers, samplers, and a classifier at the end.
    transform_input : list of str, default=None
        As in :class:`imblearn.pipeline.Pipeline`.
    memory : str or joblib.Memory, default=None
        Where fitted steps are cached.
    verbose : bool, default=False
        Whether to print the time of each step.
    correct_prior : bool, default=True
        Whether probabilities and predictions are corrected. If not, they are the model's own, and
        `prevalence` is not used.
    prevalence : float, dict of label to float, or None, default=None
        Share of each class in the study area, where the rows of ``fit`` were
        not drawn in that proportion (case-control samples). A number is the
        share of landslides, where the two labels say which class that is (0 and 1, none
        and landslide); a dict holds every class. None: the shares in the rows of ``fit``.
    sequences : "from_model", dict or None, default="from_model"
        Which columns are one variable over time, for every step that has a parameter
        `sequences` and no value of its own there: by the name of each group a list of
        columns in order of time, names or positions, or a dict of such lists for several
        variables. ``"from_model"``: what the last step's own parameter says. None: each
        step knows only what it was given itself.

    Attributes
    ----------
    sample_prior_ : dict of label to float
        Share of each class in the labels that ``fit`` got.
    resampled_prior_ : dict of label to float
        Share of each class in the labels that the model got.
    class_prior_ : dict of label to float
        Share of each class that ``predict_proba`` refers to: `prevalence` where
        it is given, else ``sample_prior_``; without correction
        ``resampled_prior_``.
    classes_ : ndarray of shape (n_classes,)
        The labels.
    n_features_in_ : int
        Number of columns of the table.
    feature_names_in_ : ndarray of shape (n_features,)
        Their names, if they have any.

    See Also
    --------
    make_landslide_pipeline : Builds it with the steps of this package.
    sklearn.calibration.CalibratedClassifierCV : Learns a correction from held-out rows.

    Notes
    -----
    With :math:`\pi_k` the true share of class k, :math:`\rho_k` its share among
    the rows that the model got and :math:`q_k` the model's probability,

    .. math:: p_k = \frac{q_k \pi_k / \rho_k}{\sum_j q_j \pi_j / \rho_j}

    (Saerens et al., 2002, eq. 2.4). For two classes the odds are multiplied by one constant, so
    the order of places does not change; 0 and 1 stay 0 and 1. The correction is exact for a model
    whose probabilities are right for new rows drawn like the resampled ones. Random under-sampling
    comes close to that for any model, SMOTE for models that cannot memorize rows. A model that can
    (forest, boosting, a large network) is shifted less than the formula assumes, and the
    correction goes too far.

    - ``predict`` takes the most probable class under the corrected probabilities, so it hardly
      ever predicts a rare one. A threshold set inside the pipeline, with
      ``FixedThresholdClassifier`` as the model, applies to the corrected probability; one that
      ``TunedThresholdClassifierCV`` learned inside keeps its decisions. Around the pipeline, both
      see corrected probabilities.
    - ``score`` follows ``predict``; a search as the model scores the corrected
      predictions by its own metric.
    - ``decision_function``, and everything from a model without ``predict_proba``, is the model's
      own.
    - Weights (``class_weight``, ``sample_weight``) are a part of the model and
      are not undone: what they do to probabilities differs from model to model.
    - ``set_output`` decides what ``transform`` and ``fit_transform`` return. Steps that pass on
      pandas tables, like those of :func:`make_landslide_pipeline`, still do so among each other,
      because only pandas has categories that are numbers.
    - ``fit(X, y, sample_weight=...)`` leaves out rows of weight 0 and passes the weights to the
      model; a model that takes none is refused. The steps before it treat all rows equally. The
      weight of a row made by :class:`~sklearn_landslide.over_sampling.FactorSMOTE` lies between
      those of its two parents, a sampler that selects rows keeps their weights, and any other
      sampler is refused. With metadata routing, the model must have requested ``sample_weight``.
    - Groups do not match the rows that a sampler has made, so a step after a sampler cannot be
      given groups, and ``fit`` says so.
    - ``set_params(correct_prior=..., prevalence=...)`` takes effect on a fitted pipeline at once,
      without another fit.
    - The steps get `sequences` while they are fitted and have None again afterwards, so there is
      one place to read and to change them: ``set_params(sequences=...)``, which reaches a model
      with sequences of its own, too, or ``set_params(model__sequences=...)`` with
      ``"from_model"``. :class:`~sklearn_landslide.preprocessing.RainfallSums` does not get them,
      because it finds its own.
    - The probabilities of ``CalibratedClassifierCV`` around the pipeline refer to the rows that it
      is fitted on, which cancels `prevalence`; inside, as the model, it does not.

    References
    ----------
    Saerens, M., Latinne, P., Decaestecker, C. (2002). Adjusting the outputs of a
    classifier to new a priori probabilities: a simple procedure. Neural
    Computation 14 (1), 21-41. https://doi.org/10.1162/089976602753284446

    Dal Pozzolo, A., Caelen, O., Johnson, R. A., Bontempi, G. (2015). Calibrating
    probability with undersampling for unbalanced classification. IEEE Symposium
    Series on Computational Intelligence, 159-166.
    https://doi.org/10.1109/SSCI.2015.33

    Examples
    --------
    >>> import numpy as np
    >>> from imblearn.over_sampling import SMOTE
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn_landslide.pipeline import LandslidePipeline
    >>> rng = np.random.default_rng(0)
    >>> y = np.repeat([0, 1], [900, 100])
    >>> X = rng.normal(size=(1000, 2)) + y[:, None]
    >>> steps = [("resample", SMOTE(random_state=0)), ("model", LogisticRegression())]
    >>> pipeline = LandslidePipeline(steps).fit(X, y)
    >>> pipeline.sample_prior_, pipeline.resampled_prior_
    ({0: 0.9, 1: 0.1}, {0: 0.5, 1: 0.5})
    >>> round(float(pipeline.predict_proba(X)[:, 1].mean()), 2)
    0.1
    >>> uncorrected = pipeline.set_params(correct_prior=False).predict_proba(X)
    >>> round(float(uncorrected[:, 1].mean()), 2)
    0.36
    """

    # What hands weights to pipelines asks this one for the table's, whatever its steps.
    weighs_rows = True

    _parameter_constraints: dict = {
        **Pipeline._parameter_constraints,
        "correct_prior": ["boolean"],
        "prevalence": [Interval(Real, 0, 1, closed="neither"), dict, None],
        "sequences": [StrOptions({"from_model"}), dict, None],
    }

    def __init__(
        self,
        steps,
        *,
        transform_input=None,
        memory=None,
        verbose=False,
        correct_prior=True,
        prevalence=None,
        sequences="from_model",
    ):
        super().__init__(steps, transform_input=transform_input, memory=memory, verbose=verbose)
        self.correct_prior = correct_prior
        self.prevalence = prevalence
        self.sequences = sequences

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        # Steps that are none are reported by fit.
        with suppress(AttributeError, TypeError, ValueError):
            tags.input_tags.allow_nan = takes_gaps(self.steps)
        return tags

    def set_params(self, **params):
        """Set parameters of the pipeline and of its steps; `sequences` reaches the model, too.

        Parameters
        ----------
        **params : dict
            By name, or by ``<step>__<name>``, as in :class:`imblearn.pipeline.Pipeline`.

        Returns
        -------
        self : LandslidePipeline
            This pipeline.
        """
        before = self.sequences
        super().set_params(**params)
        is_new = self.sequences is not before and not isinstance(self.sequences, str)
        if is_new and takes_sequences(self._final_estimator):
            # What is said of the model itself in the same breath holds.
            own = f"{self.steps[-1][0]}__sequences"
            self._final_estimator.set_params(sequences=params.get(own, self.sequences))
        return self

    def __getitem__(self, ind):
        part = super().__getitem__(ind)
        if isinstance(ind, slice):
            if hasattr(self, "_sklearn_output_config"):
                part._sklearn_output_config = self._sklearn_output_config
            part.correct_prior, part.prevalence = self.correct_prior, self.prevalence
            has_model = bool(part.steps) and part.steps[-1] is self.steps[-1]
            part.sequences = self.sequences if has_model else shared_sequences(self)
            # The model goes with the shares that it learned from, the steps before it without.
            if has_model and hasattr(self, "sample_prior_"):
                part.sample_prior_ = self.sample_prior_
                part.resampled_prior_ = self.resampled_prior_
        return part

    def set_output(self, *, transform=None):
        """Set what ``transform`` and ``fit_transform`` return.

        Parameters
        ----------
        transform : {"default", "pandas", "polars"}, default=None
            "default": an array. None: nothing changes.

        Returns
        -------
        self : LandslidePipeline
            This pipeline.
        """
        if transform is None:
            return self
        for _, step in self.steps:
            if transform == "pandas" or not hands_on_pandas(step):
                _safe_set_output(step, transform=transform)
        self._sklearn_output_config = {"transform": transform}
        return self

    @available_if(Pipeline._can_transform)
    def transform(self, X, **params):
        """Transform the table by all steps.

        Parameters
        ----------
        X : {array-like, DataFrame} of shape (n_samples, n_features)
            The table.
        **params : dict
            Passed on to the steps, as in :class:`imblearn.pipeline.Pipeline`.

        Returns
        -------
        X_transformed : {ndarray, DataFrame} of shape (n_samples, n_columns)
            As ``set_output`` says, or else as the last step returns it.
        """
        return hand_out(self, super().transform(X, **params))

    @available_if(Pipeline._can_fit_transform)
    def fit_transform(self, X, y=None, **params):
        """Fit all steps and transform the table, with the rows that samplers made.

        Parameters
        ----------
        X : {array-like, DataFrame} of shape (n_samples, n_features)
            The table.
        y : array-like of shape (n_samples,), default=None
            The labels.
        **params : dict
            Passed on to the steps, as in :class:`imblearn.pipeline.Pipeline`.

        Returns
        -------
        X_transformed : {ndarray, DataFrame} of shape (n_rows, n_columns)
            As ``set_output`` says, or else as the last step returns it.
        """
        return hand_out(self, super().fit_transform(X, y, **params))

    def fit(self, X, y=None, **params):
        """Fit all steps; the model is told how many rows each class had before the samplers.

        Parameters
        ----------
        X : {array-like, DataFrame} of shape (n_samples, n_features)
            The table.
        y : array-like of shape (n_samples,), default=None
            The labels.
        **params : dict
            ``sample_weight``, one for each row, and what is passed on to the steps, as in
            :class:`imblearn.pipeline.Pipeline`.

        Returns
        -------
        self : LandslidePipeline

        Raises
        ------
        ValueError
            If the model takes no ``sample_weight``, or a sampler does not say what its rows weigh.
        """
        if params.get("sample_weight") is None:
            params.pop("sample_weight", None)
        else:
            X, y, params = rows_with_weight(self, X, y, params)
            if not _routing_enabled():
                params[f"{self.steps[-1][0]}__sample_weight"] = params.pop("sample_weight")
        with counted_classes(y), told_columns(X):
            return super().fit(X, y, **params)

    # Every kind of fit goes through here, and only here are the labels seen on both sides of
    # the samplers.
    def _fit(self, X, y=None, routed_params=None, raw_params=None):
        self.steps = list(self.steps)
        self._validate_steps()
        y = y if y is None else told_labels(y)
        warn_of_lost_categories(X, self.steps)
        weights = give_weights_to_samplers(self.steps, routed_params)
        with sequences_in_steps(self):
            X_model, y_model = super()._fit(X, y, routed_params, raw_params)
        if weights is not None:
            take_resampled_weights(self.steps, routed_params, weights)
        check_rows_of_metadata(self.steps, routed_params, y, y_model)
        self.sample_prior_ = class_shares(y)
        self.resampled_prior_ = class_shares(y_model)
        # Before the model, which may take long.
        stated_shares(self.prevalence, list(self.sample_prior_))
        return X_model, y_model

    @property
    def class_prior_(self):
        """Share of each class that ``predict_proba`` refers to, by label."""
        if not hasattr(self, "sample_prior_"):
            raise NotFittedError(
                f"This {type(self).__name__} has not seen the labels that its model learned "
                "from: call fit, or set correct_prior=False."
            )
        if not self.correct_prior:
            return self.resampled_prior_
        return stated_shares(self.prevalence, list(self.sample_prior_)) or self.sample_prior_

    def _prior_ratio(self):
        """Divide the true shares by those that the model learned from; None if nothing changes."""
        if not self.correct_prior or not hasattr(self._final_estimator, "predict_proba"):
            return None
        new, old = self.class_prior_, self.resampled_prior_
        if new == old:
            return None
        return np.array([new[label] / old[label] for label in self.classes_.tolist()])

    @available_if(model_has("predict_proba"))
    def predict_proba(self, X, **params):
        """Probability of each class under the true class shares.

        Parameters
        ----------
        X : {array-like, DataFrame} of shape (n_samples, n_features)
            The table.
        **params : dict
            Passed on to the steps, as in :class:`imblearn.pipeline.Pipeline`.

        Returns
        -------
        probability : ndarray of shape (n_samples, n_classes)
            In the order of ``classes_``.
        """
        probability = super().predict_proba(X, **params)
        ratio = self._prior_ratio()
        return probability if ratio is None else move_prior(probability, ratio)

    @available_if(model_has("predict_log_proba"))
    def predict_log_proba(self, X, **params):
        """Logarithm of the probability of each class under the true class shares.

        Parameters
        ----------
        X : {array-like, DataFrame} of shape (n_samples, n_features)
            The table.
        **params : dict
            Passed on to the steps, as in :class:`imblearn.pipeline.Pipeline`.

        Returns
        -------
        log_probability : ndarray of shape (n_samples, n_classes)
            In the order of ``classes_``.
        """
        log_probability = super().predict_log_proba(X, **params)
        ratio = self._prior_ratio()
        if ratio is None:
            return log_probability
        return log_softmax(np.asarray(log_probability, np.float64) + np.log(ratio), axis=1)

    @available_if(model_has("predict"))
    def predict(self, X, **params):
        """Class of each row: the most probable one, or that of the model's threshold.

        Parameters
        ----------
        X : {array-like, DataFrame} of shape (n_samples, n_features)
            The table.
        **params : dict
            Passed on to the steps, as in :class:`imblearn.pipeline.Pipeline`.

        Returns
        -------
        labels : ndarray of shape (n_samples,)
            The predicted classes.
        """
        # A search predicts by the best of its candidates.
        model = getattr(self._final_estimator, "best_estimator_", self._final_estimator)
        learned = isinstance(model, TunedThresholdClassifierCV)
        fixed = isinstance(model, FixedThresholdClassifier)
        on_scores = fixed and model.response_method == "decision_function"
        if learned or on_scores or self._prior_ratio() is None:
            return super().predict(X, **params)
        probability = self.predict_proba(X, **params)
        if not fixed:
            return self.classes_[probability.argmax(axis=1)]
        positive = 1 if model.pos_label is None else self.classes_.tolist().index(model.pos_label)
        threshold = 0.5 if model.threshold == "auto" else model.threshold
        chosen = np.where(probability[:, positive] >= threshold, positive, 1 - positive)
        return self.classes_[chosen]

    @available_if(model_has("score"))
    def score(self, X, y=None, sample_weight=None, **params):
        """Accuracy of ``predict``; for a search as the model, its own metric.

        Parameters
        ----------
        X : {array-like, DataFrame} of shape (n_samples, n_features)
            The table.
        y : array-like of shape (n_samples,), default=None
            The labels.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows.
        **params : dict
            Passed on to the steps, as in :class:`imblearn.pipeline.Pipeline`.

        Returns
        -------
        score : float
            The score.
        """
        model = self._final_estimator
        scoring = getattr(model, "scoring", None)
        is_accuracy = type(model).score is ClassifierMixin.score or (
            scoring is None
            and type(getattr(model, "best_estimator_", model)).score is ClassifierMixin.score
        )
        scored_by_model = not (is_accuracy or isinstance(scoring, str) or callable(scoring))
        if scored_by_model or self._prior_ratio() is None:
            return super().score(X, y, sample_weight, **params)
        weight = {} if sample_weight is None else {"sample_weight": sample_weight}
        if _routing_enabled():
            # Refuses what no step has asked for.
            routed = process_routing(self, "score", **weight, **params)
            weight = routed[self.steps[-1][0]].score
            asked = self.get_metadata_routing().consumes("predict", params)
            params = {name: params[name] for name in asked}
        if is_accuracy:
            return accuracy_score(y, self.predict(X, **params), **weight)
        return check_scoring(self, scoring)(self, X, y, **weight)
