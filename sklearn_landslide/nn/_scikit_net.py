"""A skorch classifier that keeps scikit-learn's contract for estimators."""

from contextlib import contextmanager, suppress
from copy import deepcopy
from functools import partial
from inspect import signature

import torch
from sklearn.base import BaseEstimator
from skorch import NeuralNetClassifier
from skorch.callbacks import ProgressBar
from skorch.dataset import ValidSplit
from skorch.exceptions import SkorchException

from sklearn_landslide._random_state import draw_seeds
from sklearn_landslide.nn._bubble import keep_freed_memory, one_thread, seed_bubble
from sklearn_landslide.nn._callbacks import StepCounter
from sklearn_landslide.nn._devices import check_device, device_of
from sklearn_landslide.nn._user_callbacks import (
    copy_callbacks,
    explain_monitor,
    needs_validation_rows,
)

# What is there while a net trains.
_OF_A_FIT = ("_in_fit_loop", "_shards")


class _StoppedByCallback(Exception):
    """A callback such as skorch's EarlyStopping asked to stop."""


class ScikitNet(NeuralNetClassifier):
    """What skorch and scikit-learn see differently, settled scikit-learn's way.

    ``__init__`` only stores; parameters that are passed in are never changed; callbacks that
    score see labels and not their codes; random numbers come from the net's own stream; what
    ``fit`` is given besides the table goes to the split and not to the module.

    A class that is derived from it has the parameter ``random_state`` and lists its parameters
    in ``_parameter_constraints``, as scikit-learn's estimators do. It calls
    ``initialize`` and ``_train`` in ``fit``.
    """

    # skorch keeps these on the instance from __init__ on. Here __init__ only stores.
    initialized_ = False
    history_ = None
    virtual_params_: dict = {}

    _in_fit_loop = False

    def _get_params_callbacks(self, deep=True):
        own = {name: value for name, value in vars(self).items() if name.startswith("callbacks__")}
        return super()._get_params_callbacks(deep=deep) | own

    @property
    def _params_to_validate(self):
        # A class that is derived from this one may name parameters of its own.
        named = set(self._parameter_constraints) | set(signature(type(self)).parameters)
        return {
            name
            for name in self._get_param_names()
            # A method may be replaced on the net itself.
            if name not in named and not callable(getattr(type(self), name, None))
        }

    def __setattr__(self, name, value):
        # A constructor stores what it is given, be it a module of torch's, which skorch takes
        # for a component. The last parameter says where it ends.
        if [*self._parameter_constraints][-1] in vars(self):
            super().__setattr__(name, value)
        else:
            object.__setattr__(self, name, value)

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
        # Read again whenever they are used: storing them is enough. skorch would build the
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

    def _chosen_callbacks(self):
        """Return the callbacks by name as they were given; None for one that is dropped."""
        given = dict(self._uniquely_named_callbacks())
        for param in vars(self):
            if param.startswith("callbacks__") and param.split("__")[1] not in given:
                raise ValueError(f"{param} names no callback: choose from {list(given)}.")
        return {name: getattr(self, f"callbacks__{name}", given[name]) for name in given}

    def initialize_callbacks(self):
        """Build the callbacks; those that score get labels to compare, not their codes.

        Returns
        -------
        self : estimator instance
        """
        self.callbacks_ = []
        for name, callback in copy_callbacks(self._chosen_callbacks()).items():
            params = self.get_params_for(f"callbacks__{name}")
            if callback is None:
                if params:
                    # The words are skorch's.
                    raise ValueError(
                        f"Trying to set a parameter for callback {name} which does not exist."
                    )
                continue
            if isinstance(callback, type):
                callback = callback(**params)
            else:
                callback.set_params(**params)
            callback.initialize()
            if hasattr(callback, "target_extractor"):
                callback.target_extractor = partial(self._extract_labels, callback.target_extractor)
            self.callbacks_.append((name, callback))
        return self

    def _extract_labels(self, extractor, codes):
        return self.classes_[extractor(codes)]

    @property
    def classes_(self):
        """The labels, sorted."""
        return self.classes_inferred_

    def check_data(self, X, y=None):
        """Do nothing: skorch's check would take the label codes for the classes."""

    def initialize(self):
        """Build the components with fresh weights, and seed the net's own random numbers.

        Returns
        -------
        self : estimator instance
        """
        check_device(self.device)
        (self._seed,) = draw_seeds(self.random_state, 1)
        # Otherwise skorch prints that it builds a second time.
        self.initialized_ = False
        with seed_bubble(self._seed, device=device_of(self)):
            super().initialize()
            self._torch_state = torch.get_rng_state().numpy()
        return self

    @contextmanager
    def _random_numbers(self):
        """Draw the net's own random numbers inside, from where it last stopped."""
        self.check_training_readiness()
        state = torch.from_numpy(self._torch_state)
        with seed_bubble(state=state, device=device_of(self)), one_thread():
            yield
            self._torch_state = torch.get_rng_state().numpy()

    def resolved_max_epochs(self):
        """Return the passes over the training table in one call of ``fit``.

        Returns
        -------
        max_epochs : int
        """
        return self.max_epochs

    def fit_loop(self, X, y=None, epochs=None, **fit_params):
        """Go through the training table so many times.

        Parameters
        ----------
        X : ndarray of shape (n_samples, n_features)
            Validated rows.
        y : ndarray of shape (n_samples,)
            Label codes.
        epochs : int or None, default=None
            Passes over the table; None takes ``max_epochs``.
        **fit_params : dict
            ``groups``, if any.

        Returns
        -------
        self : estimator instance
        """
        epochs = self.resolved_max_epochs() if epochs is None else epochs
        return super().fit_loop(X, y, epochs=epochs, **fit_params)

    def _train(self, rows, codes, groups):
        """Train from the present weights on."""
        check_device(self.device)
        fit_params = {} if groups is None else {"groups": groups}
        keep_freed_memory()
        with self._random_numbers():
            self._in_fit_loop = True
            try:
                self._refuse_monitors_without_validation()
                self.notify("on_train_begin", X=rows, y=codes)
                self.fit_loop(rows, codes, **fit_params)
            except _StoppedByCallback:
                pass
            except BaseException as error:
                self._clean_up_after(error, X=rows, y=codes)
                raise
            finally:
                del self._in_fit_loop
            with suppress(_StoppedByCallback):
                self.notify("on_train_end", X=rows, y=codes)

    def _refuse_monitors_without_validation(self):
        if not self.train_split:
            for name, callback in self.callbacks_:
                if needs_validation_rows(callback):
                    raise explain_monitor(name, callback)

    def _clean_up_after(self, error, **data):
        """Tell callbacks that a fit has ended with an error, which stays the one that is raised."""
        # A checkpoint of the user's must not take a failed fit for a finished one; one that
        # a person has stopped is to be gone on with.
        stopped = isinstance(error, KeyboardInterrupt)
        for _, callback in self.callbacks_:
            if stopped or isinstance(callback, StepCounter):
                try:
                    callback.on_train_end(self, **data)
                except Exception as second:
                    error.add_note(f"{type(callback).__name__}.on_train_end failed too: {second!r}")

    def notify(self, method_name, **cb_kwargs):
        """Call a method of all callbacks.

        Parameters
        ----------
        method_name : str
            Name of the method, such as ``"on_epoch_end"``.
        **cb_kwargs : dict
            Its arguments.
        """
        getattr(self, method_name)(self, **cb_kwargs)
        for name, callback in self.callbacks_:
            try:
                getattr(callback, method_name)(self, **cb_kwargs)
            except KeyboardInterrupt as stop:
                # skorch's way to stop early. A person's Ctrl-C must go on instead: a net that
                # is half trained is not to be taken for a fitted one by a cross-validation.
                raise _StoppedByCallback from stop
            except (KeyError, SkorchException, ValueError):
                explained = None
                if method_name in ("on_epoch_end", "on_batch_end"):
                    explained = explain_monitor(name, callback, self.history)
                if explained is None:
                    raise
                raise explained from None

    def on_epoch_begin(self, net, dataset_train=None, dataset_valid=None, **kwargs):
        """Begin an epoch in the history, and tell progress bars how many batches it has.

        Parameters
        ----------
        net : ScikitNet
            This net.
        dataset_train, dataset_valid : Dataset or None
            The rows.
        **kwargs : dict
            Ignored.
        """
        super().on_epoch_begin(net, dataset_train, dataset_valid, **kwargs)
        for _, callback in self.callbacks_:
            # skorch's would divide by the net's batch size, which may be "auto".
            if isinstance(callback, ProgressBar):
                counted = getattr(callback, "counted_by_net_", False)
                if counted or callback.batches_per_epoch == "auto":
                    callback.counted_by_net_ = True
                    callback.batches_per_epoch = self._count_batches(dataset_train, dataset_valid)

    def _count_batches(self, dataset_train, dataset_valid):
        """Return the batches of an epoch, those of the validation included."""
        pairs = [(dataset_train, True), (dataset_valid, False)]
        try:
            return sum(len(self.get_iterator(d, training=t)) for d, t in pairs if d is not None)
        except TypeError:
            # An iterator without a length; a bar without an end is shown.
            return None

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
        return split(dataset, y, **fit_params) if split else (dataset, None)

    def __deepcopy__(self, memo):
        # Through a file in memory, as skorch would, it takes many times as long.
        copied = object.__new__(type(self))
        memo[id(self)] = copied
        kept = {name: value for name, value in vars(self).items() if name not in _OF_A_FIT}
        vars(copied).update(deepcopy(kept, memo))
        return copied

    def __getstate__(self):
        # A checkpoint may pickle the net while it trains.
        state = super().__getstate__()
        state.pop("_in_fit_loop", None)
        return state

    def __repr__(self):
        return BaseEstimator.__repr__(self)
