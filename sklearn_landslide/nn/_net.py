"""LandslideNet: the network as a scikit-learn classifier."""

import math
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from inspect import signature
from numbers import Integral, Real

import numpy as np
import pandas as pd
import torch
from sklearn.utils import Bunch, _safe_indexing
from sklearn.utils._param_validation import (
    HasMethods,
    Interval,
    Options,
    StrOptions,
    validate_parameter_constraints,
)
from sklearn.utils.class_weight import compute_class_weight
from sklearn.utils.validation import check_consistent_length, check_is_fitted
from skorch.callbacks import EpochTimer, GradientNormClipping, PassthroughScoring
from skorch.dataset import Dataset, get_len
from skorch.utils import is_dataset, to_numpy, to_tensor

from sklearn_landslide._random_state import draw_seeds
from sklearn_landslide.nn._encoding import learn_encoding
from sklearn_landslide.nn._linear import solve_logistic
from sklearn_landslide.nn._modules import LandslideModule
from sklearn_landslide.nn._persistence import load_net, save_net
from sklearn_landslide.nn._rows import EncodedRows, read_labels, read_rows
from sklearn_landslide.nn._scikit_net import ScikitNet
from sklearn_landslide.nn._sequence_encoding import factor_names
from sklearn_landslide.nn._sequence_modules import step_shares, summarize
from sklearn_landslide.nn._training import (
    ROW_MULTIPLE,
    MemberCrossEntropy,
    TensorBatches,
    TrainingProgress,
    WarmupCosine,
    WeightAverage,
    keep_freed_memory,
    one_thread,
    pool_heads,
    pool_members,
    seed_bubble,
)

# Rows that are validated and converted at a time: a map of any size costs little more memory
# than its probabilities.
_READ_ROWS = 65_536
# Values of a prediction batch, and the rows that it has at least and at most: larger ones leave the
# processor's cache, smaller ones spend their time between operations.
_PREDICT_VALUES, _FEWEST_ROWS, _MOST_ROWS = 2**15, 512, 2048
# Rows from which on a table of the embedding pays.
_TABULATED_ROWS = 8192


def _forward_in_blocks(module, x):
    """Run a module in blocks of whole rows; see ``ROW_MULTIPLE``."""
    missing = -len(x) % ROW_MULTIPLE
    return module(torch.nn.functional.pad(x, (0, 0, 0, missing)))[: len(x)]


class LandslideNet(ScikitNet):
    """Landslide susceptibility by a CNN-LSTM network with spatial and self-attention.

    Each factor becomes a token, so that a table row becomes a small map. Convolutions of
    several widths, a spatial attention module (SAM), an LSTM and self-attention read the
    tokens, beside a wide hidden layer; several members share all weights but their adapters
    and heads. The probability is the mean of their softmaxes, averaged as log-odds with a
    logistic regression. Columns that ``sequences`` names are read over time by a path of the
    same four modules, which the static factors condition. The network follows [1]_, the
    embedding [2]_, the members [3]_; the wide and the linear path are ours.

    It is a :class:`skorch.NeuralNetClassifier`: callbacks, ``module__*``, ``optimizer__*``,
    ``history`` and ``save_params`` work as there. Factors need no scaling; missing values
    are refused, so impute them before.

    Parameters
    ----------
    module : torch module class, default=LandslideModule
        The network. Its parameters are set with the prefix ``module__``, for instance
        ``module__lstm_hidden=32`` or ``module__sam=False``. A module of your own gets
        ``encoding``, ``n_classes`` and ``n_members`` if its constructor names them.
    categorical_features : "from_dtype", array-like or None, default="from_dtype"
        Factors that are codes (lithology, soil, land use), not quantities: by the data type
        of a frame's columns, none, by name, by position or as a mask. Each code gets a
        learned embedding. A code that the training table did not hold, and a missing one,
        add nothing: the other factors decide.
    sequences : dict or None, default=None
        Groups of columns that are one variable over time, oldest step first:
        ``{"rain": ["rain_000", "rain_001", ...]}``, or several variables over the same steps:
        ``{"weather": {"rain": [...], "temperature": [...]}}``. By name in a frame, by position
        in an array. All other columns are static. Missing steps are filled: linearly
        between known ones, else by the mean of the step in the training table.
    class_weight : "balanced", dict of label to float, or None, default=None
        Weights of the classes in the loss; "balanced" weights by the inverse of the counts.
    n_members : "auto" or int, default="auto"
        Number of members. "auto" takes 8 up to 20,000 training rows, else 4, and 4 with
        ``sequences``.
    random_state : int, RandomState instance or None, default=None
        Seed of the first weights, the batches and the dropout. None draws a fresh seed from
        the operating system. Global random state is neither read nor changed.
    lr : float, default=6e-3
        Learning rate, reached after the warm-up; with ``sequences`` a third of it is reached.
    max_epochs : "auto" or int, default="auto"
        Passes over the training table. "auto" takes 20, and 10 with ``sequences``: a network
        that also reads the time learns the seasons of the training years by heart sooner.
    batch_size : "auto" or int, default="auto"
        Rows of a training batch. "auto" takes an eighth of the rows, at least 32 and at most
        256; beyond 4,096 rows a sixteenth, at most 512. -1 takes all rows.
    optimizer : torch optimizer class, default=torch.optim.AdamW
        With AdamW, betas are (0.9, 0.99) and the weight decay is 1e-2 on matrices only,
        unless ``optimizer__betas`` and ``optimizer__weight_decay`` say otherwise.
    criterion : torch loss class, default=MemberCrossEntropy
        Called with logits of shape (batch, heads, classes) and label codes.
    callbacks : None, "disable" or list of skorch callbacks, default=None
        Callbacks besides the default ones, which are ``epoch_timer``, ``train_loss``,
        ``valid_loss``, ``schedule`` (:class:`WarmupCosine`; with ``sequences`` an even third of
        ``lr``), ``average`` (:class:`WeightAverage` of the last third of the steps; with
        ``sequences`` of the last half), ``clip`` (the gradient's norm, at 1) and ``progress``.
        One is dropped by ``callbacks__schedule=None``.
    train_split : None or callable, default=None
        Internal validation split, such as ``skorch.dataset.ValidSplit``. The default recipe
        needs none. After SMOTE a random split holds synthetic twins of training rows: do
        not stop early on it.
    iterator_train, iterator_valid : class, default=TensorBatches
        Iterators over batches; ``torch.utils.data.DataLoader`` works too.
    dataset : class, default=skorch.dataset.Dataset
        Dataset that the iterators read.
    predict_nonlinearity : "auto", None or callable, default="auto"
        From the module's output to probabilities; "auto" averages the heads' softmaxes, and
        their mean with the linear path as log-odds.
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
    module__deep, module__wide, module__linear : bool, default=True
        Switches of the path that holds these four, of the wide hidden layer beside it, and of
        the logistic regression beside both.
    module__linear_weight : "auto" or float, default="auto"
        Share of the logistic regression in the log-odds. "auto" takes 0.3, and leaves it
        out with ``sequences``: on what windows of rain sum up to, a straight line is far behind.
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
    feature_names_in_ : ndarray of shape (n_features,)
        Names of the factors, where ``X`` had names that are all strings.
    is_categorical_ : ndarray of shape (n_features,), bool
        Which factors were taken as categories.
    encoding_ : FactorEncoding
        Quantiles and codes of the factors.
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
    .. [1] Landslide susceptibility prediction based on a CNN-LSTM-SAM-Attention hybrid model
       (2025). Applied Sciences 15(13):7245, sections 2 and 5.3. doi:10.3390/app15137245
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
        # Looked at by resolve_sequences, which says more.
        "sequences": "no_validation",
        "class_weight": [StrOptions({"balanced"}), dict, None],
        "n_members": [StrOptions({"auto"}), Interval(Integral, 1, None, closed="left")],
        "random_state": ["random_state"],
        "lr": [Interval(Real, 0, None, closed="neither")],
        "max_epochs": [StrOptions({"auto"}), Interval(Integral, 0, None, closed="left")],
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
        "module__linear": ["boolean"],
        "module__linear_weight": [StrOptions({"auto"}), Interval(Real, 0, 1, closed="both")],
        "module__lstm_hidden": [Interval(Integral, 1, None, closed="left")],
        "module__dropout": [Interval(Real, 0, 1, closed="left")],
    }

    def __init__(
        self,
        module=LandslideModule,
        *,
        categorical_features="from_dtype",
        sequences=None,
        class_weight=None,
        n_members="auto",
        random_state=None,
        lr=6e-3,
        max_epochs="auto",
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
        module__linear=True,
        module__linear_weight="auto",
        module__lstm_hidden=16,
        module__dropout=0.3,
        **kwargs,
    ):
        self.module = module
        self.categorical_features = categorical_features
        self.sequences = sequences
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
        self.module__linear = module__linear
        self.module__linear_weight = module__linear_weight
        self.module__lstm_hidden = module__lstm_hidden
        self.module__dropout = module__dropout
        vars(self).update(kwargs)

    # --- parameters -----------------------------------------------------------------------

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
                "logistic": self._logistic,
                "sequences": self._sequences,
            } | {
                name: params.pop(name)
                for name in list(params)
                if f"module__{name}" in self._parameter_constraints
            }
            known["linear_weight"] = self._resolved_linear_weight()
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
        schedule, average = WarmupCosine(), WeightAverage()
        if isinstance(self.sequences, Mapping) and self.sequences:
            # New storms differ more from those of the training table than new places do: there
            # the mean along an even path holds better than its end.
            schedule, average = WarmupCosine(peak=1 / 3, final=1 / 3), WeightAverage(share=0.5)
        return [
            ("epoch_timer", EpochTimer()),
            ("train_loss", PassthroughScoring(name="train_loss", on_train=True)),
            ("valid_loss", PassthroughScoring(name="valid_loss")),
            ("schedule", schedule),
            ("average", average),
            ("clip", GradientNormClipping(1.0)),
            ("progress", TrainingProgress()),
        ]

    # --- fitting --------------------------------------------------------------------------

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
        """Go on fitting from the present weights, for another `max_epochs` epochs.

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
        rows = read_rows(self, X, reset=anew)
        check_consistent_length(rows, y)
        codes = read_labels(self, y, reset=anew, classes=classes)
        if anew:
            n_categories = np.zeros(rows.shape[1], dtype=np.int64)
            n_categories[self.is_categorical_] = [len(c) for c in self.categories_]
            factors = rows
            if self._sequences:
                factors, n_categories = summarize(rows, n_categories, self._sequences)
            self.encoding_ = learn_encoding(factors, n_categories)
            self._class_weights = self._logistic = None
            if self.class_weight is not None:
                self._class_weights = compute_class_weight(
                    self.class_weight, classes=self.classes_, y=self.classes_[codes]
                ).astype(np.float32)
            if self.module__linear and self._resolved_linear_weight() is not None:
                self._logistic = solve_logistic(
                    factors, codes, self.encoding_, len(self.classes_), self._class_weights
                )
            n_members = self.n_members
            if n_members == "auto":
                n_members = 4 if self._sequences or len(rows) > 20_000 else 8
            self._initialize_untrained(n_members)
        self._train(rows, codes, groups)
        return self

    def _initialize_untrained(self, n_members):
        """Build the components from what was learned of the table, with fresh weights."""
        self._n_members = n_members
        (self._seed,) = draw_seeds(self.random_state, 1)
        # Otherwise skorch prints that it builds a second time.
        self.initialized_ = False
        with seed_bubble(self._seed, device=self.device):
            self.initialize()
            self._torch_state = torch.get_rng_state()

    def _resolved_linear_weight(self):
        """Share of the logistic regression; None leaves it out."""
        if self.module__linear_weight == "auto":
            return None if self._sequences else 0.3
        return self.module__linear_weight

    def resolved_max_epochs(self):
        """Return the passes over the training table in one call of ``fit``.

        Returns
        -------
        max_epochs : int
        """
        if self.max_epochs == "auto":
            return 10 if self._sequences else 20
        return self.max_epochs

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
            # Rounded up: a last batch of a few rows would take as large a step as the others.
            return max(32, min(256, math.ceil(n_rows / 8)), min(512, math.ceil(n_rows / 16)))
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
        params = self.get_params_for("iterator_valid")
        params.setdefault("batch_size", self._prediction_rows(dataset))
        return self.iterator_valid(dataset, **params)

    def _prediction_rows(self, dataset):
        """Rows of a prediction batch, in whole blocks; see ``ROW_MULTIPLE``."""
        # A module of the user's own may be run before there was a fit.
        n_rows = min(_PREDICT_VALUES // getattr(self, "n_features_in_", 1), _MOST_ROWS)
        # Each thread shall have a batch; a stream of rows has no length.
        if hasattr(dataset, "__len__"):
            n_rows = min(n_rows, len(dataset) // torch.get_num_threads())
        return max(n_rows - n_rows % ROW_MULTIPLE, _FEWEST_ROWS)

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
        return self.module_(x) if self.module_.training else _forward_in_blocks(self.module_, x)

    # --- prediction -----------------------------------------------------------------------

    def _get_predict_nonlinearity(self):
        if self.predict_nonlinearity == "auto":
            # A module of the user's own may have no linear path.
            return partial(pool_heads, linear_weight=getattr(self.module_, "linear_weight", None))
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

        Notes
        -----
        From 8,192 rows on the tokens of the factors are looked up, on the processor, in a table
        that is made before, instead of computed for every row. That changes a probability by
        less than 1e-4; on a real table, by 7e-7 at most.
        """
        check_is_fitted(self)
        if is_dataset(X):
            return self._probabilities(X)
        n_rows = len(X) if hasattr(X, "shape") and len(X.shape) == 2 else 0
        if n_rows <= _READ_ROWS or isinstance(X, EncodedRows):
            return self._probabilities(read_rows(self, X, reset=False))
        probabilities = np.empty((n_rows, len(self.classes_)))
        evaluate = self._evaluator(n_rows)
        for start in range(0, n_rows, _READ_ROWS):
            part = slice(start, min(start + _READ_ROWS, n_rows))
            rows = read_rows(self, _safe_indexing(X, part), reset=False)
            probabilities[part] = self._probabilities(rows, evaluate)
        return probabilities

    def _pooled_module(self, x):
        """Turn a batch into probabilities, with a gradient if one is asked for."""
        # On the processor: not every device has double precision.
        return pool_heads(self.module_(x).cpu(), self.module_.linear_weight)

    def _probabilities(self, rows, evaluate=None):
        nonlinearity = self._get_predict_nonlinearity()
        pooled_by_us = self.predict_nonlinearity == "auto"

        def pooled(logits):
            logits = logits[0] if isinstance(logits, tuple) else logits
            logits = logits.cpu()
            # In double precision, so that scikit-learn's metrics find that rows sum to one.
            return to_numpy(nonlinearity(logits if pooled_by_us else logits.double()))

        if "forward_iter" in vars(self):
            # A scoring callback of skorch hands in what the epoch has computed, in its order.
            return np.concatenate([pooled(logits) for logits in self.forward_iter(rows)])
        batches = self.get_iterator(self.get_dataset(rows))
        n_threads = torch.get_num_threads()
        keep_freed_memory()
        # What a module or a function of the user's own does in threads, nobody knows.
        ours = type(self.module_) is LandslideModule and pooled_by_us
        if evaluate is None:
            evaluate = self._evaluator(len(rows))

        def probability(batch):
            return pooled(evaluate(batch))

        if n_threads == 1 or not ours or torch.device(self.device).type != "cpu":
            return np.concatenate([probability(batch) for batch in batches])
        with one_thread(), ThreadPoolExecutor(n_threads) as pool:
            return np.concatenate(list(pool.map(probability, batches)))

    def _evaluator(self, n_rows):
        """Return what turns a batch into logits; for many rows the embedding is tabulated."""
        few = n_rows < _TABULATED_ROWS
        # Off the processor a look-up is no faster, and not every device has it.
        elsewhere = torch.device(self.device).type != "cpu"
        if few or elsewhere or type(self.module_) is not LandslideModule:
            return self.evaluation_step
        self._set_training(False)
        module = self.module_.tabulated()

        def evaluate(batch):
            with torch.inference_mode():
                return _forward_in_blocks(module, to_tensor(batch[0], device=self.device))

        return evaluate

    def predict_proba_members(self, X):
        """Probability of each class by each member: how far the ensemble agrees.

        Parameters
        ----------
        X : array-like or frame of shape (n_samples, n_features)
            The factors.

        Returns
        -------
        probabilities : ndarray of shape (n_members, n_samples, n_classes)
            All members share the logistic regression. The mean over the members is not quite
            that of ``predict_proba``, which averages before it adds the logistic regression.

        Raises
        ------
        TypeError
            If ``module`` is one of your own, without members.
        """
        check_is_fitted(self)
        n_members = getattr(self.module_, "n_members", None)
        if n_members is None:
            raise TypeError(f"The module {type(self.module_).__name__} has no members.")
        pool = partial(pool_members, n_members=n_members, linear_weight=self.module_.linear_weight)
        rows = read_rows(self, X, reset=False)
        parts = [to_numpy(pool(logits.cpu())) for logits in self.forward_iter(rows)]
        return np.concatenate(parts, axis=1)

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
                Weight of the spatial attention for each factor, between 0 and 2; 1 changes
                nothing. None with ``module__sam=False``.
            ``self_attention`` : DataFrame of shape (n_samples, n_features) or None
                Share of the self-attention that falls on each factor; rows sum to one.
                Pooling joins neighboring factors, which share what falls on the pair.
            ``matrix`` : ndarray of shape (n_samples, n_positions, n_positions) or None
                The self-attention weights: row i says where position i looks. Both None
                with ``module__attention=False``.
            ``positions`` : list of tuple of str
                The one or two factors that each position stands for.

            ``hours`` : dict of DataFrame of shape (n_samples, n_steps)
                By group of ``sequences``, how much each step in time weighed: its share in the
                log-odds of the likeliest class, by gradient times value, so that the windows and
                every module of every path count; rows sum to one. The
                columns are those of the group's first variable. A value counts from 0 where the
                variable is never negative, so that a dry hour has no weight, else from its mean.

            With ``module__deep=False`` the first three are None. With ``sequences`` the factors
            are the static columns, and then the windows that each variable sums up to.
        """
        check_is_fitted(self)
        index = X.index if isinstance(X, pd.DataFrame) else None
        rows = read_rows(self, X, reset=False)
        self._set_training(False)
        parts = []
        with torch.no_grad():
            for batch, _ in self.get_iterator(self.get_dataset(rows)):
                batch = to_tensor(batch, device=self.device)
                weights = [*self.module_.attention_weights(batch)]
                if self._sequences:
                    readers = self.module_.sequences.table.readers
                    weights += step_shares(readers, batch, self._pooled_module)
                parts.append([None if w is None else w.cpu().numpy() for w in weights])
        spatial, matrix, *steps = (
            None if p[0] is None else np.concatenate(p) for p in zip(*parts, strict=True)
        )
        columns = getattr(self, "feature_names_in_", [f"x{j}" for j in range(self.n_features_in_)])
        names = factor_names(columns, self._groups, self._sequences)
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
            hours={
                group.name: pd.DataFrame(
                    weights, columns=[columns[j] for j in group.positions[0]], index=index
                )
                for group, weights in zip(self._groups, steps, strict=True)
            },
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
