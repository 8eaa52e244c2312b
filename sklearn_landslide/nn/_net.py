"""LandslideNet: the network as a scikit-learn classifier."""

from contextlib import contextmanager
from copy import copy
from functools import partial
from inspect import signature
from numbers import Integral, Real

import numpy as np
import pandas as pd
import torch
from sklearn.base import BaseEstimator
from sklearn.utils import Bunch, _safe_indexing, assert_all_finite, column_or_1d
from sklearn.utils._param_validation import (
    HasMethods,
    Interval,
    Options,
    StrOptions,
    validate_parameter_constraints,
)
from sklearn.utils.class_weight import compute_class_weight
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import (
    _num_samples,
    check_array,
    check_consistent_length,
    check_is_fitted,
    check_random_state,
    validate_data,
)
from skorch import NeuralNetClassifier
from skorch.callbacks import EpochTimer, GradientNormClipping, PassthroughScoring
from skorch.dataset import Dataset, ValidSplit, get_len
from skorch.utils import is_dataset, to_numpy, to_tensor

from sklearn_landslide._categories import categorical_mask
from sklearn_landslide.nn._encoding import learn_encoding
from sklearn_landslide.nn._modules import LandslideModule
from sklearn_landslide.nn._persistence import load_net, save_net
from sklearn_landslide.nn._training import (
    MemberCrossEntropy,
    TensorBatches,
    TrainingProgress,
    WarmupCosine,
    average_heads,
    seed_bubble,
)

# Rows of a prediction batch, and the multiple that every batch is filled up to: matrix
# products of one shape sum in one order, so a row's probability does not depend on its
# neighbours in the batch.
_PREDICT_ROWS = 1024
_ROW_MULTIPLE = 64


class EncodedRows(np.ndarray):
    """Rows that are validated and encoded: skorch hands them back to the net as they are."""


def distinct_codes(column):
    """Sorted distinct values of a categorical column; missing ones do not count."""
    # By value, not by the order in which a frame declares its categories.
    values = pd.Index(np.asarray(pd.Index(column).unique().dropna()))
    try:
        return values.sort_values().to_numpy()
    except TypeError:
        raise ValueError(
            f"Categorical column {getattr(column, 'name', None)!r} mixes types, "
            f"such as {values[0]!r} and {values[-1]!r}: give all codes one type."
        ) from None


def _draw_seed(random_state):
    """Seed of a fit; None takes fresh entropy and leaves NumPy's global state alone."""
    if random_state is None:
        return int(np.random.default_rng().integers(2**31 - 1))
    return int(check_random_state(random_state).randint(2**31 - 1))


class _StoppedByCallback(Exception):
    """A callback such as skorch's EarlyStopping asked to stop."""


class LandslideNet(NeuralNetClassifier):
    """Landslide susceptibility by a CNN-LSTM network with spatial and self-attention.

    Each factor becomes a token, so that a table row becomes a small map. Convolutions of
    several widths, a spatial attention module (SAM), an LSTM and self-attention read the
    tokens, beside a wide hidden layer; several members share all weights but their adapters
    and heads, and the probability is the mean of their softmaxes. The network follows [1]_;
    the embedding follows [2]_, the members follow [3]_.

    It is a :class:`skorch.NeuralNetClassifier`: callbacks, ``module__*``, ``optimizer__*``,
    ``history`` and ``save_params`` work as there. Factors need no scaling; missing values
    are refused, so impute them before.

    Parameters
    ----------
    module : torch module class, default=LandslideModule
        The network. Its parameters are set with the prefix ``module__``, for instance
        ``module__lstm_hidden=32`` or ``module__sam=False``. A module of your own gets
        ``encoding``, ``n_classes`` and ``n_members`` if its constructor names them.
    categorical_features : "from_dtype", None or array-like of str, int or bool, \
            default="from_dtype"
        Factors that are codes (lithology, soil, land use), not quantities: by the data type
        of a frame's columns, none, by name, by position or as a mask. Each code gets a
        learned embedding. A code that the training table did not hold, and a missing one,
        add nothing: the other factors decide.
    class_weight : "balanced", dict of label to float, or None, default=None
        Weights of the classes in the loss; "balanced" weights by the inverse of the counts.
    n_members : "auto" or int, default="auto"
        Number of members. "auto" takes 8 below 2,000 training rows, else 4.
    random_state : int, RandomState instance or None, default=None
        Seed of the first weights, the batches and the dropout. None draws a fresh seed from
        the operating system. Global random state is neither read nor changed.
    lr : float, default=6e-3
        Learning rate, reached after the warm-up.
    max_epochs : int, default=20
        Passes over the training table.
    batch_size : "auto" or int, default="auto"
        Rows of a training batch. "auto" takes an eighth of the rows, at least 32 and at most
        256. -1 takes all rows.
    optimizer : torch optimizer class, default=torch.optim.AdamW
        With AdamW, betas are (0.9, 0.99) and the weight decay is 1e-2 on matrices only,
        unless ``optimizer__betas`` and ``optimizer__weight_decay`` say otherwise.
    criterion : torch loss class, default=MemberCrossEntropy
        Called with logits of shape (batch, heads, classes) and label codes.
    callbacks : None, "disable" or list of skorch callbacks, default=None
        Callbacks besides the default ones, which are ``epoch_timer``, ``train_loss``,
        ``valid_loss``, ``schedule`` (warm-up, then a cosine to 0), ``clip`` (the gradient's
        norm, at 1) and ``progress``. One is dropped by ``callbacks__schedule=None``.
    train_split : None or callable, default=None
        Internal validation split, such as ``skorch.dataset.ValidSplit``. The default recipe
        needs none. After SMOTE a random split holds synthetic twins of training rows: do
        not stop early on it.
    iterator_train, iterator_valid : class, default=TensorBatches
        Iterators over batches; ``torch.utils.data.DataLoader`` works too.
    dataset : class, default=skorch.dataset.Dataset
        Dataset that the iterators read.
    predict_nonlinearity : "auto", None or callable, default="auto"
        From the module's output to probabilities; "auto" averages the heads' softmaxes.
    warm_start : bool, default=False
        Whether ``fit`` goes on from the weights of the last fit.
    verbose : int, default=0
        1 shows a progress bar with the loss and the time left.
    device : str, default="cpu"
        Where to compute: "cpu", "cuda", "cuda:1", "mps".
    compile : bool, default=False
        Whether to compile the module with :func:`torch.compile`.
    use_caching : "auto" or bool, default="auto"
        Whether skorch's scoring callbacks reuse the predictions of the epoch.
    torch_load_kwargs : dict or None, default=None
        Passed to :func:`torch.load` by ``load_params``.
    classes : array-like or None, default=None
        The labels, where the training table may lack some. None takes those of ``y``.
    module__cnn, module__sam, module__lstm, module__attention : bool, default=True
        Switches of the convolutions, the spatial attention, the LSTM and the self-attention.
    module__deep, module__wide : bool, default=True
        Switches of the path that holds these four, and of the wide hidden layer beside it.
    module__lstm_hidden : int, default=16
        Size of the LSTM's state.
    module__dropout : float, default=0.3
        Dropout before the heads.
    **kwargs : dict
        Further parameters with a prefix: ``module__*``, ``optimizer__*``, ``criterion__*``,
        ``iterator_train__*``, ``iterator_valid__*``, ``dataset__*``, ``callbacks__*``.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The labels, sorted; with 0 and 1 the susceptibility is ``predict_proba(X)[:, 1]``.
    n_features_in_ : int
        Number of factors seen in ``fit``.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the factors, where ``X`` had names that are all strings.
    is_categorical_ : ndarray of shape (n_features_in_,), bool
        Which factors were taken as categories.
    encoding_ : FactorEncoding
        Quantiles, means and codes of the factors.
    module_ : torch module
        The fitted network.
    history_ : skorch.History
        Losses and durations, epoch by epoch.

    Raises
    ------
    ValueError
        In ``fit``: if ``y`` has one class, or ``X`` holds missing or infinite values.

    References
    ----------
    .. [1] CNN-LSTM-SAM-Attention network for landslide prediction, Kumamoto 2020, sections
       2.1 to 2.4 and 5.3.
    .. [2] Gorishniy, Y., Rubachev, I., Babenko, A. (2022). On embeddings for numerical
       features in tabular deep learning. NeurIPS 35.
    .. [3] Gorishniy, Y., Kotelnikov, A., Babenko, A. (2025). TabM: advancing tabular deep
       learning with parameter-efficient ensembling. ICLR.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide import LandslideNet
    >>> rng = np.random.default_rng(0)
    >>> slope, rainfall = rng.uniform(0, 60, 300), rng.uniform(0, 400, 300)
    >>> X = np.column_stack([slope, rainfall])
    >>> y = (slope + rainfall / 10 > 50).astype(int)
    >>> net = LandslideNet(random_state=0).fit(X, y)
    >>> net.predict([[55.0, 350.0], [5.0, 20.0]])
    array([1, 0])
    """

    _parameter_constraints: dict = {
        "module": [callable],
        "categorical_features": ["array-like", StrOptions({"from_dtype"}), None],
        "class_weight": [StrOptions({"balanced"}), dict, None],
        "n_members": [StrOptions({"auto"}), Interval(Integral, 1, None, closed="left")],
        "random_state": ["random_state"],
        "lr": [Interval(Real, 0, None, closed="neither")],
        "max_epochs": [Interval(Integral, 0, None, closed="left")],
        "batch_size": [
            StrOptions({"auto"}),
            Interval(Integral, 1, None, closed="left"),
            Options(Integral, {-1}),
        ],
        "optimizer": [callable],
        "criterion": [callable],
        "callbacks": [list, StrOptions({"disable"}), None],
        "train_split": [callable, None],
        "iterator_train": [callable],
        "iterator_valid": [callable],
        "dataset": [callable],
        "predict_nonlinearity": [StrOptions({"auto"}), callable, None],
        "warm_start": ["boolean"],
        "verbose": ["verbose"],
        "device": [str, HasMethods(["type", "index"])],
        "compile": ["boolean"],
        "use_caching": [StrOptions({"auto"}), "boolean"],
        "torch_load_kwargs": [dict, None],
        "classes": ["array-like", None],
        "module__cnn": ["boolean"],
        "module__sam": ["boolean"],
        "module__lstm": ["boolean"],
        "module__attention": ["boolean"],
        "module__deep": ["boolean"],
        "module__wide": ["boolean"],
        "module__lstm_hidden": [Interval(Integral, 1, None, closed="left")],
        "module__dropout": [Interval(Real, 0, 1, closed="left")],
    }

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
    _class_weights = None

    def __init__(
        self,
        module=LandslideModule,
        *,
        categorical_features="from_dtype",
        class_weight=None,
        n_members="auto",
        random_state=None,
        lr=6e-3,
        max_epochs=20,
        batch_size="auto",
        optimizer=torch.optim.AdamW,
        criterion=MemberCrossEntropy,
        callbacks=None,
        train_split=None,
        iterator_train=TensorBatches,
        iterator_valid=TensorBatches,
        dataset=Dataset,
        predict_nonlinearity="auto",
        warm_start=False,
        verbose=0,
        device="cpu",
        compile=False,
        use_caching="auto",
        torch_load_kwargs=None,
        classes=None,
        module__cnn=True,
        module__sam=True,
        module__lstm=True,
        module__attention=True,
        module__deep=True,
        module__wide=True,
        module__lstm_hidden=16,
        module__dropout=0.3,
        **kwargs,
    ):
        self.module = module
        self.categorical_features = categorical_features
        self.class_weight = class_weight
        self.n_members = n_members
        self.random_state = random_state
        self.lr = lr
        self.max_epochs = max_epochs
        self.batch_size = batch_size
        self.optimizer = optimizer
        self.criterion = criterion
        self.callbacks = callbacks
        self.train_split = train_split
        self.iterator_train = iterator_train
        self.iterator_valid = iterator_valid
        self.dataset = dataset
        self.predict_nonlinearity = predict_nonlinearity
        self.warm_start = warm_start
        self.verbose = verbose
        self.device = device
        self.compile = compile
        self.use_caching = use_caching
        self.torch_load_kwargs = torch_load_kwargs
        self.classes = classes
        self.module__cnn = module__cnn
        self.module__sam = module__sam
        self.module__lstm = module__lstm
        self.module__attention = module__attention
        self.module__deep = module__deep
        self.module__wide = module__wide
        self.module__lstm_hidden = module__lstm_hidden
        self.module__dropout = module__dropout
        vars(self).update(kwargs)

    # --- parameters -----------------------------------------------------------------------

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
        self : LandslideNet
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

    def get_params_for(self, prefix):
        """Return the parameters of a component, completed by what ``fit`` has learned.

        Parameters
        ----------
        prefix : str
            Name of the component, such as ``"module"``.

        Returns
        -------
        params : dict
        """
        params = super().get_params_for(prefix)
        if prefix == "module" and hasattr(self, "encoding_"):
            known = {
                "encoding": self.encoding_,
                "n_classes": len(self.classes_),
                "n_members": self._n_members,
            } | {
                name: params.pop(name)
                for name in list(params)
                if f"module__{name}" in self._parameter_constraints
            }
            # A module of the user's own takes what its constructor names.
            accepted = signature(self.module).parameters
            params = {k: v for k, v in known.items() if k in accepted} | params
        if prefix == "criterion" and self._class_weights is not None:
            params = {"weight": torch.as_tensor(self._class_weights)} | params
        if prefix == "optimizer" and self.optimizer is torch.optim.AdamW:
            params = {"betas": (0.9, 0.99), "weight_decay": 1e-2, "fused": True} | params
        return params

    def get_params_for_optimizer(self, prefix, named_parameters):
        """Return the optimizer's parameters; only matrices are decayed.

        Parameters
        ----------
        prefix : str
            Name of the optimizer.
        named_parameters : iterable of (str, Parameter)
            The parameters to optimize.

        Returns
        -------
        args : tuple
        kwargs : dict
        """
        named_parameters = list(named_parameters)
        args, kwargs = super().get_params_for_optimizer(prefix, named_parameters)
        if not kwargs.get("weight_decay"):
            return args, kwargs
        name_of = {id(parameter): name for name, parameter in named_parameters}
        groups = []
        for group in args[0]:
            decayed, free = [], []
            for parameter in group["params"]:
                is_matrix = "weight" in name_of[id(parameter)] and parameter.ndim > 1
                (decayed if is_matrix else free).append(parameter)
            groups += [
                {**group, "params": decayed},
                {"weight_decay": 0.0, **group, "params": free},
            ]
        return ([group for group in groups if group["params"]],), kwargs

    @property
    def _default_callbacks(self):
        return [
            ("epoch_timer", EpochTimer()),
            ("train_loss", PassthroughScoring(name="train_loss", on_train=True)),
            ("valid_loss", PassthroughScoring(name="valid_loss")),
            ("schedule", WarmupCosine()),
            ("clip", GradientNormClipping(1.0)),
            ("progress", TrainingProgress()),
        ]

    def _yield_callbacks(self):
        # A callback keeps state as it runs; the parameter that holds it must not change.
        # What the callback holds is shared: a writer or a lock cannot be copied.
        for name, callback, named_by_user in super()._yield_callbacks():
            yield name, callback if isinstance(callback, type) else copy(callback), named_by_user

    def initialize_callbacks(self):
        """Build the callbacks; those that score get labels to compare, not their codes.

        Returns
        -------
        self : LandslideNet
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

    # --- the rows -------------------------------------------------------------------------

    @property
    def classes_(self):
        """The labels, sorted."""
        return self.classes_inferred_

    def _rows(self, X, *, reset):
        """Return validated float32 rows: categories as codes from 0, -1 for an unknown one."""
        if isinstance(X, EncodedRows):
            return X
        is_categorical = None if reset else self.is_categorical_
        is_frame = hasattr(X, "columns")
        by_dtype = self.categorical_features is None or isinstance(self.categorical_features, str)
        if reset and (is_frame or not by_dtype):
            is_categorical = categorical_mask(X, self.categorical_features)
        if is_categorical is None or not is_categorical.any():
            # torch takes no arrays that are read-only, as those of a float32 frame are.
            rows = validate_data(self, X, dtype=np.float32, force_writeable=True, reset=reset)
            if reset:
                self.is_categorical_ = np.zeros(rows.shape[1], dtype=bool)
                self.categories_ = []
            return rows.view(EncodedRows)
        if not is_frame:
            X = check_array(X, dtype=None, ensure_all_finite=False)
        validate_data(self, X, skip_check_array=True, reset=reset)
        if not _num_samples(X):
            raise ValueError(f"Found array with 0 sample(s) (shape={X.shape}): pass some rows.")
        at = np.flatnonzero(is_categorical)
        columns = [_safe_indexing(X, int(j), axis=1) for j in at]
        if reset:
            self.is_categorical_ = is_categorical
            self.categories_ = [distinct_codes(column) for column in columns]
        rows = np.empty((len(X), len(is_categorical)), dtype=np.float32)
        for j, column, categories in zip(at, columns, self.categories_, strict=True):
            rows[:, j] = pd.Index(categories).get_indexer(pd.Index(column))
        if not is_categorical.all():
            numbers = _safe_indexing(X, np.flatnonzero(~is_categorical), axis=1)
            rows[:, ~is_categorical] = check_array(
                numbers, dtype=np.float32, estimator=self, input_name="X"
            )
        return rows.view(EncodedRows)

    def _labels(self, y, *, reset, classes=None):
        """Labels as codes; learns the classes if ``reset``."""
        y = column_or_1d(y, warn=True)
        assert_all_finite(y, input_name="y")
        check_classification_targets(y)
        if reset:
            given = classes if classes is not None else self.classes
            self.classes_inferred_ = np.unique(y if given is None else given)
            if len(self.classes_) < 2:
                raise ValueError(
                    f"y has one class, {self.classes_.tolist()[0]!r}: LandslideNet needs "
                    "places with and without landslides."
                )
        if unknown := sorted(set(np.unique(y).tolist()) - set(self.classes_.tolist())):
            raise ValueError(
                f"y has the label {unknown[0]!r}, which is not among the classes "
                f"{self.classes_.tolist()}."
            )
        return np.searchsorted(self.classes_, y)

    # --- fitting --------------------------------------------------------------------------

    def check_data(self, X, y=None):
        """Do nothing: skorch's check would take the label codes for the classes."""

    def fit(self, X, y, groups=None):
        """Fit the network to a table.

        Parameters
        ----------
        X : array-like or frame of shape (n_samples, n_features)
            The factors; frames from pandas or polars, arrays or lists.
        y : array-like of shape (n_samples,)
            The labels: integers, strings or booleans, two classes or more.
        groups : array-like of shape (n_samples,) or None, default=None
            Groups of the rows, passed to ``train_split``.

        Returns
        -------
        self : LandslideNet
        """
        anew = not (self.warm_start and self.initialized_)
        return self._fit(X, y, groups, anew=anew)

    def partial_fit(self, X, y, classes=None, groups=None):
        """Go on fitting from the present weights, for ``max_epochs`` more epochs.

        Parameters
        ----------
        X : array-like or frame of shape (n_samples, n_features)
            The factors.
        y : array-like of shape (n_samples,)
            The labels.
        classes : array-like or None, default=None
            All labels, where the first part of the table may lack some.
        groups : array-like of shape (n_samples,) or None, default=None
            Groups of the rows, passed to ``train_split``.

        Returns
        -------
        self : LandslideNet
        """
        return self._fit(X, y, groups, anew=not self.initialized_, classes=classes)

    def _fit(self, X, y, groups, *, anew, classes=None):
        validate_parameter_constraints(
            self._parameter_constraints,
            self.get_params(deep=False),
            caller_name=type(self).__name__,
        )
        if y is None:
            raise ValueError(
                f"This {type(self).__name__} estimator requires y to be passed, "
                "but the target y is None."
            )
        rows = self._rows(X, reset=anew)
        check_consistent_length(rows, y)
        codes = self._labels(y, reset=anew, classes=classes)
        if anew:
            n_categories = np.zeros(rows.shape[1], dtype=np.int64)
            n_categories[self.is_categorical_] = [len(c) for c in self.categories_]
            self.encoding_ = learn_encoding(rows, n_categories)
            self._class_weights = None
            if self.class_weight is not None:
                self._class_weights = compute_class_weight(
                    self.class_weight, classes=self.classes_, y=self.classes_[codes]
                ).astype(np.float32)
            n_members = self.n_members
            if n_members == "auto":
                n_members = 8 if len(rows) < 2000 else 4
            self._initialize_untrained(n_members)
        with self._random_numbers():
            self._train(rows, codes, groups)
        return self

    @contextmanager
    def _random_numbers(self):
        """Draw the net's own random numbers inside, from where it last stopped."""
        with seed_bubble(state=self._torch_state, device=self.device):
            yield
            self._torch_state = torch.get_rng_state()

    def _initialize_untrained(self, n_members):
        """Build the components from what was learned of the table, with fresh weights."""
        self._n_members = n_members
        self._seed = _draw_seed(self.random_state)
        # Otherwise skorch prints that it builds a second time.
        self.initialized_ = False
        with seed_bubble(self._seed, device=self.device):
            self.initialize()
            self._torch_state = torch.get_rng_state()

    def _train(self, rows, codes, groups):
        fit_params = {} if groups is None else {"groups": groups}
        self._in_fit_loop = True
        try:
            self.notify("on_train_begin", X=rows, y=codes)
            self.fit_loop(rows, codes, **fit_params)
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

    def resolved_batch_size(self, n_rows):
        """Rows of a training batch for a table of ``n_rows`` rows.

        Parameters
        ----------
        n_rows : int
            Rows of the training table.

        Returns
        -------
        batch_size : int
        """
        size = self.get_params_for("iterator_train").get("batch_size", self.batch_size)
        if size == "auto":
            return min(256, max(32, n_rows // 8))
        return n_rows if size == -1 else size

    def get_iterator(self, dataset, training=False):
        """Return an iterator over the batches of a dataset; training batches are shuffled.

        Parameters
        ----------
        dataset : Dataset
            The rows.
        training : bool, default=False
            Whether the batches are for training.

        Returns
        -------
        iterator : iterable of (X, y)
        """
        if training:
            params = self.get_params_for("iterator_train")
            params["batch_size"] = self.resolved_batch_size(get_len(dataset))
            params.setdefault("shuffle", self._in_fit_loop)
            return self.iterator_train(dataset, **params)
        params = {"batch_size": _PREDICT_ROWS} | self.get_params_for("iterator_valid")
        return self.iterator_valid(dataset, **params)

    def infer(self, x, **fit_params):
        """Run the module on a batch.

        Parameters
        ----------
        x : Tensor of shape (batch, n_features)
            Validated rows.
        **fit_params : dict
            Ignored: what ``fit`` was given is for the split, not for the module.

        Returns
        -------
        logits : Tensor of shape (batch, heads, n_classes)
        """
        x = to_tensor(x, device=self.device)
        if self.module_.training:
            return self.module_(x)
        missing = -len(x) % _ROW_MULTIPLE
        return self.module_(torch.nn.functional.pad(x, (0, 0, 0, missing)))[: len(x)]

    # --- prediction -----------------------------------------------------------------------

    def _get_predict_nonlinearity(self):
        if self.predict_nonlinearity == "auto":
            return average_heads
        return super()._get_predict_nonlinearity()

    def predict_proba(self, X):
        """Probability of each class.

        Parameters
        ----------
        X : array-like or frame of shape (n_samples, n_features)
            The factors, with the names and in the order of ``fit``.

        Returns
        -------
        probabilities : ndarray of shape (n_samples, n_classes)
            In the order of ``classes_``; rows sum to one.
        """
        check_is_fitted(self)
        if not is_dataset(X):
            X = self._rows(X, reset=False)
        nonlinearity = self._get_predict_nonlinearity()
        parts = []
        for batch in self.forward_iter(X):
            logits = batch[0] if isinstance(batch, tuple) else batch
            # In double precision, so that scikit-learn's metrics find that rows sum to one.
            parts.append(to_numpy(nonlinearity(logits.cpu().double())))
        return np.concatenate(parts)

    def predict(self, X):
        """Predict the label of each row.

        Parameters
        ----------
        X : array-like or frame of shape (n_samples, n_features)
            The factors.

        Returns
        -------
        labels : ndarray of shape (n_samples,)
        """
        codes = self.predict_proba(X).argmax(axis=1)
        return self.classes_[codes]

    def attention(self, X):
        """Return what the network looked at, row by row: weights of SAM and self-attention.

        Parameters
        ----------
        X : array-like or frame of shape (n_samples, n_features)
            The factors.

        Returns
        -------
        weights : Bunch
            ``spatial`` : DataFrame of shape (n_samples, n_features) or None
                Weight of the spatial attention for each factor, between 0 and 2, averaged
                over the members; 1 changes nothing. None with ``module__sam=False``.
            ``self_attention`` : DataFrame of shape (n_samples, n_features) or None
                Share of the self-attention that falls on each factor; rows sum to one.
                Pooling joins neighbouring factors, which share what falls on the pair.
            ``matrix`` : ndarray of shape (n_samples, n_positions, n_positions) or None
                The self-attention weights: row i says where position i looks. Both None
                with ``module__attention=False``.
            ``positions`` : list of tuple of str
                The one or two factors that each position stands for.
        """
        check_is_fitted(self)
        index = X.index if isinstance(X, pd.DataFrame) else None
        rows = self._rows(X, reset=False)
        self._set_training(False)
        parts = []
        with torch.no_grad():
            for batch, _ in self.get_iterator(self.get_dataset(rows)):
                weights = self.module_.attention_weights(to_tensor(batch, device=self.device))
                parts.append([None if w is None else w.cpu().numpy() for w in weights])
        spatial, matrix = (
            None if p[0] is None else np.concatenate(p) for p in zip(*parts, strict=True)
        )
        names = getattr(self, "feature_names_in_", [f"x{j}" for j in range(self.n_features_in_)])
        positions = [tuple(names[j : j + 2]) for j in range(0, len(names), 2)]
        shares = None
        if matrix is not None:
            received = matrix.mean(axis=1) / [len(position) for position in positions]
            shares = np.repeat(received, 2, axis=1)[:, : len(names)]
        frame = partial(pd.DataFrame, columns=list(names), index=index)
        return Bunch(
            spatial=None if spatial is None else frame(spatial),
            self_attention=None if shares is None else frame(shares),
            matrix=matrix,
            positions=positions,
        )

    # --- files ----------------------------------------------------------------------------

    def save(self, path):
        """Write the fitted net to one file, without pickle.

        The file is in safetensors format: the weights, and beside them the parameters, the
        labels and the factor names as JSON. What concerns training alone is not kept:
        callbacks, optimizer, iterators and the split.

        Parameters
        ----------
        path : str or path-like
            The file to write; it is replaced if it exists.

        Raises
        ------
        ValueError
            If ``module``, ``criterion`` or another parameter needed for prediction is an
            object of your own, which no file without code can hold.
        """
        save_net(self, path)

    @classmethod
    def load(cls, path, device="cpu"):
        """Read a net that ``save`` wrote; no code is executed.

        Parameters
        ----------
        path : str or path-like
            The file.
        device : str, default="cpu"
            Where the net shall compute.

        Returns
        -------
        net : LandslideNet

        Raises
        ------
        ValueError
            If the file is truncated, is no saved net, or is from a newer version.
        """
        return load_net(cls, path, device)

    def __getstate__(self):
        # A checkpoint may pickle the net while it trains.
        state = super().__getstate__()
        state.pop("_in_fit_loop", None)
        return state

    def __repr__(self):
        return BaseEstimator.__repr__(self)
