"""A skorch classifier that keeps scikit-learn's contract for estimators."""

from contextlib import contextmanager
from copy import copy
from functools import partial

import torch
from sklearn.base import BaseEstimator
from skorch import NeuralNetClassifier
from skorch.dataset import ValidSplit

from sklearn_landslide._random_state import draw_seeds
from sklearn_landslide.nn._bubble import keep_freed_memory, one_thread, seed_bubble


class _StoppedByCallback(Exception):
    """A callback such as skorch's EarlyStopping asked to stop."""


class ScikitNet(NeuralNetClassifier):
    """What skorch and scikit-learn see differently, settled scikit-learn's way.

    ``__init__`` only stores; parameters that are passed in are never changed; callbacks that
    score see labels and not their codes; random numbers come from the net's own stream; what
    ``fit`` is given besides the table goes to the split and not to the module.

    A class that is derived from it has the parameter ``random_state`` and lists its parameters
    in ``_parameter_constraints``, as scikit-learn's estimators do. It calls
    ``_initialize_anew`` and ``_train`` in ``fit``.
    """

    # skorch keeps these on the instance from __init__ on, and finds the components as they
    # are first set. Here the components are known, so the class can say it once and
    # __init__ only stores.
    initialized_ = False
    history_ = None
    virtual_params_: dict = {}
    prefixes_ = [*NeuralNetClassifier.prefixes_, "module", "criterion", "optimizer"]
    cuda_dependent_attributes_ = ["module_", "criterion_", "optimizer_"]
    _modules = ["module"]
    _criteria = ["criterion"]
    _optimizers = ["optimizer"]

    _in_fit_loop = False

    def _get_params_callbacks(self, deep=True):
        own = {name: value for name, value in vars(self).items() if name.startswith("callbacks__")}
        return super()._get_params_callbacks(deep=deep) | own

    @property
    def _params_to_validate(self):
        return {name for name in self._get_param_names() if "__" in name} | (
            set(self._get_param_names()) - set(self._parameter_constraints)
        )

    def _get_param_names(self):
        return [name for name in super()._get_param_names() if not name.startswith("_")]

    def set_params(self, **params):
        """Set parameters; those of a fitted net's module build a new, untrained module.

        Parameters
        ----------
        **params : dict
            Parameters by name, also with the prefixes of the constructor.

        Returns
        -------
        self : estimator instance
        """
        # Read anew whenever they are used: storing them is enough. skorch would build the
        # callbacks at once, and refuses the others once the net is fitted.
        lazy = ("iterator_train__", "iterator_valid__", "dataset__", "callbacks")
        stored = {name: params.pop(name) for name in list(params) if name.startswith(lazy)}
        vars(self).update(stored)
        if not self.initialized_:
            return super().set_params(**params)
        if any(name.startswith("callbacks") for name in stored):
            self._initialize_callbacks()
        with self._random_numbers():
            return super().set_params(**params)

    def _yield_callbacks(self):
        # A callback keeps state as it runs; the parameter that holds it must not change.
        # What the callback holds is shared: a writer or a lock cannot be copied.
        for name, callback, named_by_user in super()._yield_callbacks():
            yield name, callback if isinstance(callback, type) else copy(callback), named_by_user

    def initialize_callbacks(self):
        """Build the callbacks; those that score get labels to compare, not their codes.

        Returns
        -------
        self : estimator instance
        """
        names = [name for name, _ in self._uniquely_named_callbacks()]
        for param in vars(self):
            if param.startswith("callbacks__") and param.split("__")[1] not in names:
                raise ValueError(f"{param} names no callback: choose from {names}.")
        super().initialize_callbacks()
        # Copied once more for those that come as callbacks__name=instance.
        self.callbacks_ = [(name, copy(callback)) for name, callback in self.callbacks_]
        for _, callback in self.callbacks_:
            if hasattr(callback, "target_extractor"):
                callback.target_extractor = partial(self._extract_labels, callback.target_extractor)
        return self

    def _extract_labels(self, extractor, codes):
        return self.classes_[extractor(codes)]

    @property
    def classes_(self):
        """The labels, sorted."""
        return self.classes_inferred_

    def check_data(self, X, y=None):
        """Do nothing: skorch's check would take the label codes for the classes."""

    def _initialize_anew(self):
        """Build the components with fresh weights, and seed the net's own random numbers."""
        (self._seed,) = draw_seeds(self.random_state, 1)
        # Otherwise skorch prints that it builds a second time.
        self.initialized_ = False
        with seed_bubble(self._seed, device=self.device):
            self.initialize()
            self._torch_state = torch.get_rng_state()

    @contextmanager
    def _random_numbers(self):
        """Draw the net's own random numbers inside, from where it last stopped."""
        with seed_bubble(state=self._torch_state, device=self.device), one_thread():
            yield
            self._torch_state = torch.get_rng_state()

    def resolved_max_epochs(self):
        """Return the passes over the training table in one call of ``fit``.

        Returns
        -------
        max_epochs : int
        """
        return self.max_epochs

    def _train(self, rows, codes, groups):
        """Train from the present weights on."""
        fit_params = {} if groups is None else {"groups": groups}
        keep_freed_memory()
        with self._random_numbers():
            self._in_fit_loop = True
            try:
                self.notify("on_train_begin", X=rows, y=codes)
                self.fit_loop(rows, codes, epochs=self.resolved_max_epochs(), **fit_params)
            except _StoppedByCallback:
                pass
            finally:
                del self._in_fit_loop
                self.notify("on_train_end", X=rows, y=codes)

    def notify(self, method_name, **cb_kwargs):
        """Call a method of all callbacks.

        Parameters
        ----------
        method_name : str
            Name of the method, such as ``"on_epoch_end"``.
        **cb_kwargs : dict
            Its arguments.
        """
        try:
            super().notify(method_name, **cb_kwargs)
        except KeyboardInterrupt as stop:
            # skorch's way to stop early. A person's Ctrl-C must go on instead: a net that
            # is half trained is not to be taken for a fitted one by a cross-validation.
            raise _StoppedByCallback from stop

    def get_split_datasets(self, X, y=None, **fit_params):
        """Split off the validation rows, with the net's own seed where the split has none.

        Parameters
        ----------
        X : ndarray of shape (n_samples, n_features)
            Validated rows.
        y : ndarray of shape (n_samples,)
            Label codes.
        **fit_params : dict
            ``groups``, if any.

        Returns
        -------
        dataset_train, dataset_valid : Dataset or None
        """
        split = self.train_split
        is_random = isinstance(split, ValidSplit) and isinstance(split.cv, float)
        if is_random and split.random_state is None:
            split = ValidSplit(split.cv, split.stratified, random_state=self._seed)
        dataset = self.get_dataset(X, y)
        return (dataset, None) if split is None else split(dataset, y, **fit_params)

    def __getstate__(self):
        # A checkpoint may pickle the net while it trains.
        state = super().__getstate__()
        state.pop("_in_fit_loop", None)
        return state

    def __repr__(self):
        return BaseEstimator.__repr__(self)
