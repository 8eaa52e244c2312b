"""TransferNet: a network of one region, adapted to the landslides of the next."""

import math
from copy import deepcopy
from dataclasses import asdict
from numbers import Integral, Real

import numpy as np
from sklearn.utils._param_validation import HasMethods, Interval, Options, StrOptions
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from sklearn_landslide._classes import label_key
from sklearn_landslide._random_state import draw_seeds
from sklearn_landslide.pipeline import LandslidePipeline, make_landslide_pipeline, move_prior
from sklearn_landslide.transfer._prior_shift import (
    blended,
    learned_shift,
    log_odds,
    stated_shift,
    unlabeled_share,
)
from sklearn_landslide.transfer._source import Source, read_source
from sklearn_landslide.transfer._source_classifier import SourceClassifier, in_pipeline, seeded
from sklearn_landslide.transfer._transfer_recipe import transfer_recipe

_AT_LEAST_0 = Interval(Real, 0, None, closed="left")
_SHARE = Interval(Real, 0, 1, closed="both")
_SHARES = ("linear_weight", "memory_weight")


def _has_members(estimator):
    return hasattr(Source(estimator.pipeline_).last, "predict_proba_members")


class TransferNet(SourceClassifier):
    """A network that was fitted to one region, adapted to the landslides of the next.

    The source's weights, its quantiles and codes and the steps before its network stay; with the
    landslides of the target the frequency of landslides is learned, then the weights go on from
    where they are and are drawn back to it [1]_, and trees of the memory and the straight line
    follow. The more landslides the target has, the more a model of the target alone counts beside
    it.

    It takes a table as it is read: the source's own steps fill gaps and scale. So
    :func:`~sklearn_landslide.make_landslide_pipeline` puts nothing before it.

    Parameters
    ----------
    source : fitted pipeline or LandslideNet, str, path-like or None, default=None
        A pipeline that ends with a :class:`~sklearn_landslide.LandslideNet`, such a network
        alone, or the file of one or of a map's model. It stays the same object in
        :func:`sklearn.base.clone`, and is never changed. None: there is no source, and a network
        is fitted to the target as it is.
    adapt : {"auto", "none", "prior", "head", "fine_tune"}, default="auto"
        What is learned from the labels of the target. ``"none"``: nothing; ``"prior"``: how
        frequent landslides are; ``"head"``: that, and the weights of the last layers;
        ``"fine_tune"``: all weights. "auto" chooses by the number of landslides.
    lr : "auto" or float, default="auto"
        Learning rate.
    max_epochs : "auto" or int, default="auto"
        Passes over the target's rows.
    batch_size : "auto" or int, default="auto"
        Rows of a batch, as in :class:`~sklearn_landslide.LandslideNet`.
    l2_sp : "auto" or float, default="auto"
        How strongly the weights are drawn back to those of the source in each step; 0 lets them
        go. Nothing is drawn towards zero.
    linear_l2_sp : "auto" or float, default="auto"
        The same for the logistic regression beside the network, which is solved again; 1 is as
        strong as scikit-learn's ``C=1``, and infinity leaves the source's.
    memory_share : "auto" or float, default="auto"
        Share of the memory's trees that are grown on the target's rows.
    linear_weight, memory_weight : "auto" or float, default="auto"
        Shares of the straight line and of the memory in the log-odds. "auto": the line gets more
        than in the source and the memory nothing, as the target is other ground, unless the source
        was told its shares or ``adapt="none"``.
    target_weight : "auto" or float, default="auto"
        Share in the log-odds of a model that is fitted to the target alone.
    target_estimator : classifier or None, default=None
        That model; a bare classifier gets the steps of
        :func:`~sklearn_landslide.make_landslide_pipeline`. None: the source's pipeline, fitted
        again, without resampling.
    own_scale : "auto" or bool, default="auto"
        Whether the steps that scale each region by itself, such as a ``RegionScaler``, are fitted
        to the target's rows; that takes no labels. "auto": where the source has such steps.
    prevalence : float, dict of label to float, "source", "em" or None, default=None
        Share of landslides in the target, to which the probabilities refer. None: the share in
        the rows of ``fit``, and without labels the source's. ``"source"``: the source's.
        ``"em"``: estimated from all rows of ``fit`` without their labels [2]_.
    missing : {"error", "impute"}, default="error"
        What is done about a factor that the source knows and the target lacks: ``"impute"``
        leaves gaps, which the source's steps fill. Factors that the source does not know are
        left out.
    random_state : int, RandomState instance or None, default=None
        Seed of the batches, the dropout, the trees and the model of the target alone.
    verbose : int, default=0
        1 shows a progress bar.

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
    recipe_ : dict
        What "auto" stood for.
    pipeline_ : fitted classifier
        The adapted source; without a source, the model of the target.
    target_model_ : fitted classifier or None
        The model of the target alone, where it counts.
    shift_ : float
        Added to the log-odds of ``pipeline_``.
    prevalence_shift_ : float
        Added to the log-odds of all, for a share of landslides that was stated or estimated.

    Raises
    ------
    TypeError
        If the source is not a network.
    ValueError
        If the source is not fitted, a factor of it is missing, or the labels are of one class.

    See Also
    --------
    SourceStacking : For sources that are not networks.
    PooledRegions : Fits one model to the rows of both regions.

    Notes
    -----
    Labels that differ from those of the source, such as 0 and 1 for none and landslide, are known
    by their meaning.

    A source that is one of several values of a search is copied unfitted by scikit-learn: give
    paths, or :class:`~sklearn.frozen.FrozenEstimator`.

    References
    ----------
    .. [1] Li, X., Grandvalet, Y., Davoine, F. (2018). Explicit inductive bias for transfer
       learning with convolutional networks. ICML. https://arxiv.org/abs/1802.01483
    .. [2] Saerens, M., Latinne, P., Decaestecker, C. (2002). Adjusting the outputs of a classifier
       to new a priori probabilities: a simple procedure. Neural Computation 14 (1), 21-41.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide import LandslideNet
    >>> from sklearn_landslide.transfer import TransferNet
    >>> rng = np.random.default_rng(0)
    >>> def region(n_rows, angle):
    ...     X = rng.normal(size=(n_rows, 3))
    ...     return X, (X[:, 0] > angle + 0.3 * X[:, 1]).astype(int)
    >>> source = LandslideNet(max_epochs=5, random_state=0).fit(*region(500, 0.5))
    >>> net = TransferNet(source, max_epochs=2, random_state=0).fit(*region(60, 1.0))
    >>> net.recipe_["adapt"], net.n_landslides_ > 0
    ('fine_tune', True)
    """

    _parameter_constraints: dict = {
        # Looked at by read_source, which says more.
        "source": "no_validation",
        "adapt": [StrOptions({"auto", "none", "prior", "head", "fine_tune"})],
        "lr": [StrOptions({"auto"}), Interval(Real, 0, None, closed="neither")],
        "max_epochs": [StrOptions({"auto"}), Interval(Integral, 0, None, closed="left")],
        "batch_size": [
            StrOptions({"auto"}),
            Interval(Integral, 1, None, closed="left"),
            Options(Integral, {-1}),
        ],
        "l2_sp": [StrOptions({"auto"}), _AT_LEAST_0],
        "linear_l2_sp": [StrOptions({"auto"}), Interval(Real, 0, None, closed="both")],
        "memory_share": [StrOptions({"auto"}), _SHARE],
        "linear_weight": [StrOptions({"auto"}), _SHARE],
        "memory_weight": [StrOptions({"auto"}), _SHARE],
        "target_weight": [StrOptions({"auto"}), _SHARE],
        "target_estimator": [HasMethods(["fit", "predict_proba"]), None],
        "own_scale": [StrOptions({"auto"}), "boolean"],
        "prevalence": [
            Interval(Real, 0, 1, closed="neither"),
            dict,
            StrOptions({"source", "em"}),
            None,
        ],
        "missing": [StrOptions({"error", "impute"})],
        "random_state": ["random_state"],
        "verbose": ["verbose"],
    }

    def __init__(
        self,
        source=None,
        *,
        adapt="auto",
        lr="auto",
        max_epochs="auto",
        batch_size="auto",
        l2_sp="auto",
        linear_l2_sp="auto",
        memory_share="auto",
        linear_weight="auto",
        memory_weight="auto",
        target_weight="auto",
        target_estimator=None,
        own_scale="auto",
        prevalence=None,
        missing="error",
        random_state=None,
        verbose=0,
    ):
        self.source = source
        self.adapt = adapt
        self.lr = lr
        self.max_epochs = max_epochs
        self.batch_size = batch_size
        self.l2_sp = l2_sp
        self.linear_l2_sp = linear_l2_sp
        self.memory_share = memory_share
        self.linear_weight = linear_weight
        self.memory_weight = memory_weight
        self.target_weight = target_weight
        self.target_estimator = target_estimator
        self.own_scale = own_scale
        self.prevalence = prevalence
        self.missing = missing
        self.random_state = random_state
        self.verbose = verbose

    def _fitted_source(self):
        return Source(self.pipeline_)

    def _as_source(self):
        return self.pipeline_

    def fit(self, X, y=None):
        """Adapt the source to the rows of the target.

        Parameters
        ----------
        X : array-like or frame of shape (n_samples, n_features)
            The factors of the target, as the source's steps take them.
        y : array-like of shape (n_samples,) or None, default=None
            The labels; None for a region without any.

        Returns
        -------
        self : TransferNet
        """
        self._validate_params()
        net_seed, alone_seed = draw_seeds(self.random_state, 2)
        if self.source is None:
            self.recipe_, self.target_model_ = {}, None
            self.shift_ = self.prevalence_shift_ = 0.0
            return self._fit_alone(self._alone(alone_seed), X, y)
        source = self._network_source()
        X, labels = self._read_target(source, X, y)
        self.recipe_ = self._recipe(labels)
        self.pipeline_, rows = self._own_scaled(source, X)
        self._set_shares()
        self.shift_ = self.prevalence_shift_ = 0.0
        self.target_model_ = None
        if labels.codes is not None:
            self._learn(source, X, rows, labels, net_seed)
            if self.recipe_["target_weight"] > 0:
                self.target_model_ = self._fit_target_model(source, X, labels, alone_seed)
        self.prevalence_shift_ = self._prevalence_shift(source, X, labels)
        return self

    def _alone(self, seed):
        """Return a model of the target, unfitted, as there is no source."""
        if isinstance(self.prevalence, str):
            raise ValueError(f"prevalence={self.prevalence!r} needs a source, and source is None.")
        if self.target_estimator is not None:
            return in_pipeline(self.target_estimator, seed)
        # torch is loaded here, and only where a network is wanted.
        from sklearn_landslide.nn import LandslideNet

        given = {"lr": self.lr, "max_epochs": self.max_epochs, "batch_size": self.batch_size}
        given = {name: value for name, value in given.items() if value != "auto"}
        net = LandslideNet(random_state=seed, verbose=self.verbose, **given)
        return make_landslide_pipeline(net, resample=None, prevalence=self.prevalence)

    def _network_source(self):
        from sklearn_landslide.nn import LandslideNet, check_adaptable

        source = read_source(self.source)
        if not isinstance(source.last, LandslideNet):
            raise TypeError(
                f"The source ends with a {type(source.last).__name__}, which is not a network: "
                "take SourceStacking, which adapts any model."
            )
        check_adaptable(source.last)
        return source

    def _recipe(self, labels):
        """Return what is done, by the names of the parameters."""
        usual = transfer_recipe(labels.n_landslides, self.adapt)
        given = {name: getattr(self, name) for name in asdict(usual)}
        chosen = {name: given[name] for name in given if given[name] != "auto"}
        if labels.codes is None:
            # What is to be learned has nothing to learn from.
            chosen = {name: chosen[name] for name in _SHARES if name in chosen}
            usual = transfer_recipe(0, "none" if self.adapt == "none" else "auto")
        return {**asdict(usual), **chosen}

    def _set_shares(self):
        """Give the paths beside the network their shares on new ground."""
        adapted = self._fitted_source()
        usual = adapted.last.usual_shares()
        shares = {}
        for name in _SHARES:
            share, is_open = usual[name]
            # What the source was told to count stays, unless this estimator is told otherwise.
            if share is not None and (is_open or getattr(self, name) != "auto"):
                shares[name] = self.recipe_[name]
        if any(share is not None for share in shares.values()):
            net = deepcopy(adapted.last).set_shares(**shares)
            self.pipeline_ = adapted.with_steps(adapted.steps, net)

    def _learn(self, source, X, rows, labels, seed):
        """Learn what the recipe says from the labels."""
        from sklearn_landslide.nn import NetAdaptation, adapt_net

        recipe = self.recipe_
        if recipe["adapt"] == "none":
            return
        adapted = self._fitted_source()
        trained = recipe["adapt"] if recipe["adapt"] in ("head", "fine_tune") else None
        other = recipe["memory_share"] > 0 or math.isfinite(recipe["linear_l2_sp"])
        if trained is None and not other:
            scores = log_odds(self.pipeline_.predict_proba(X)[:, source.positive])
            self.shift_ = learned_shift(scores, labels.codes)
            return
        net = adapted.last
        scores = log_odds(net.predict_proba(rows)[:, source.positive])
        shift = learned_shift(scores, labels.codes)
        y = np.where(labels.codes == 1, *source.classes[[source.positive, 1 - source.positive]])
        how = NetAdaptation(
            trained=trained,
            lr=recipe["lr"],
            max_epochs=recipe["max_epochs"],
            batch_size=self.batch_size,
            l2_sp=recipe["l2_sp"],
            linear_l2_sp=recipe["linear_l2_sp"],
            memory_share=recipe["memory_share"],
        )
        # The shift is that of the net's second class.
        signed = shift if source.positive else -shift
        net = adapt_net(net, rows, y, how, shift=signed, seed=seed, verbose=self.verbose)
        self.pipeline_ = adapted.with_steps(adapted.steps, net)
        if isinstance(self.pipeline_, LandslidePipeline):
            # The network refers to the target's shares now: there is nothing left to correct.
            share = float(np.mean(labels.codes))
            shares = [share, 1 - share] if source.positive == 0 else [1 - share, share]
            own = dict(zip(source.classes.tolist(), shares, strict=True))
            self.pipeline_.sample_prior_ = self.pipeline_.resampled_prior_ = own
            self.pipeline_.prevalence = None

    def _fit_target_model(self, source, X, labels, seed):
        if self.target_estimator is not None:
            model = in_pipeline(self.target_estimator, seed)
        else:
            model = seeded(source.unfitted_copy(), seed)
            if isinstance(model, LandslidePipeline):
                model.set_params(prevalence=None)
        return model.fit(X, labels.classes[self._places(labels)])

    @staticmethod
    def _places(labels):
        return labels.codes if labels.positive else 1 - labels.codes

    def _prevalence_shift(self, source, X, labels):
        """Return the shift to the share of landslides that was stated or asked for."""
        asked = self.prevalence
        if asked is None:
            return 0.0
        is_learned = labels.codes is not None and self.recipe_["adapt"] != "none"
        if asked == "source" and not is_learned:
            return 0.0
        share = float(np.mean(labels.codes)) if is_learned else source.landslide_share
        new = source.landslide_share if asked == "source" else asked
        if share is None or new is None:
            raise ValueError(
                f"prevalence={asked!r} needs the share of landslides that the source's "
                "probabilities refer to, and a bare network does not know it: give a pipeline of "
                "make_landslide_pipeline."
            )
        if asked == "em":
            scores = log_odds(self._probability(X)[:, labels.positive])
            new = unlabeled_share(scores, share)
        if isinstance(asked, dict):
            new = self._stated(asked, labels)
        return stated_shift(new, share)

    def _stated(self, prevalence, labels):
        """Return the share of landslides in a dict."""
        shares = {label_key(label): share for label, share in prevalence.items()}
        keys = [label_key(label) for label in labels.classes.tolist()]
        given = [shares.get(key) for key in keys]
        right = set(shares) == set(keys) and all(
            isinstance(share, Real) and 0 < share < 1 for share in given
        )
        if not right or not math.isclose(sum(given), 1, rel_tol=1e-6):
            raise ValueError(
                f"prevalence={prevalence!r} must give shares between 0 and 1, which sum to 1, for "
                f"the classes {labels.classes.tolist()}."
            )
        return given[labels.positive]

    def _moved(self, probability, shift):
        """Shift the log-odds of a landslide; without a shift no bit changes."""
        if shift == 0:
            return probability
        ratio = np.ones(2)
        ratio[self._positive] = math.exp(shift)
        return move_prior(probability, ratio)

    @property
    def _positive(self):
        """Place of the landslides among the classes."""
        # Of the two orders of columns one begins with the source's landslides.
        return self._columns.index(self._fitted_source().positive)

    def _with_target(self, probability, beside):
        """Blend probabilities with those of the model of the target alone."""
        if beside is None:
            return probability
        second = blended(probability[:, 1], beside[:, 1], self.recipe_["target_weight"])
        return np.column_stack([1 - second, second])

    def _probability(self, X):
        """Return the probabilities before the last shift, of rows as the source takes them."""
        own = self._moved(self._in_order(self.pipeline_.predict_proba(X)), self.shift_)
        return self._with_target(own, self._beside(X))

    def _beside(self, X):
        return None if self.target_model_ is None else self.target_model_.predict_proba(X)

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
        probability = self._probability(self._rows_of(X))
        return self._moved(probability, self.prevalence_shift_)

    @property
    def n_members_(self):
        """Number of members of the network."""
        return self._fitted_source().last.module_.n_members

    @available_if(_has_members)
    def predict_proba_members(self, X):
        """Probability of each class by each member of the network.

        Parameters
        ----------
        X : array-like or frame of shape (n_samples, n_features)
            The factors.

        Returns
        -------
        probabilities : ndarray of shape (n_members, n_samples, n_classes)
            All members share the straight line, the memory and the model of the target alone.
        """
        check_is_fitted(self)
        X = rows = self._rows_of(X)
        adapted = self._fitted_source()
        for _, step in adapted.steps:
            if hasattr(step, "transform"):
                rows = step.transform(rows)
        ratio = None
        if isinstance(self.pipeline_, LandslidePipeline):
            ratio = self.pipeline_._prior_ratio()
        beside, found = self._beside(X), []
        for member in adapted.last.predict_proba_members(rows):
            own = member if ratio is None else move_prior(member, ratio)
            own = self._with_target(self._moved(self._in_order(own), self.shift_), beside)
            found.append(self._moved(own, self.prevalence_shift_))
        return np.array(found)
