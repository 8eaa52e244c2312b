"""LandslideNet: the network as a scikit-learn classifier."""

import math
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import replace
from functools import partial
from inspect import signature
from numbers import Integral, Real

import numpy as np
import pandas as pd
import torch
from sklearn.utils import _safe_indexing
from sklearn.utils._param_validation import (
    Interval,
    Options,
    StrOptions,
    validate_parameter_constraints,
)
from sklearn.utils.validation import check_consistent_length
from skorch.dataset import Dataset, get_len, unpack_data
from skorch.exceptions import NotInitializedError
from skorch.utils import is_dataset, to_tensor
from torch import nn

from sklearn_landslide._class_counts import counted_classes
from sklearn_landslide._frames import take_rows
from sklearn_landslide._random_state import draw_seeds
from sklearn_landslide._sample_weight import weighted_rows
from sklearn_landslide.nn._attention_weights import attention_weights
from sklearn_landslide.nn._batches import TensorBatches
from sklearn_landslide.nn._callbacks import default_callbacks
from sklearn_landslide.nn._datasets import (
    holds_encoded_rows,
    innermost,
    table_of,
    weights_in,
)
from sklearn_landslide.nn._file_checks import check_weights
from sklearn_landslide.nn._heads import MemberCrossEntropy, pool_heads
from sklearn_landslide.nn._labels import read_labels
from sklearn_landslide.nn._learned import learn
from sklearn_landslide.nn._memory import without_memory
from sklearn_landslide.nn._modules import LandslideModule, is_landslide_module
from sklearn_landslide.nn._persistence import load_net, save_net
from sklearn_landslide.nn._prediction import (
    as_precise_as,
    forward_in_blocks,
    predict_path_logs,
    predict_table,
    rows_of_a_batch,
)
from sklearn_landslide.nn._row_order import canonical_order, may_reorder, with_weights
from sklearn_landslide.nn._rows import as_numpy, read_rows, read_training_rows
from sklearn_landslide.nn._scikit_net import ScikitNet
from sklearn_landslide.nn._shards import GradientShards
from sklearn_landslide.nn._user_callbacks import sets_learning_rate
from sklearn_landslide.nn._weight_decay import decay_matrices_only


def _module_defaults():
    """Return the parameters of the module that the net's constructor names."""
    named = signature(LandslideNet).parameters.items()
    return {
        name.removeprefix("module__"): parameter.default
        for name, parameter in named
        if name.startswith("module__")
    }


class LandslideNet(ScikitNet):
    """Landslide susceptibility by a CNN-LSTM network with spatial and self-attention.

    Each factor becomes a token, so that a table row becomes a small map. Convolutions of several
    widths, a spatial attention module (SAM), an LSTM and self-attention read the tokens, alongside
    a wide hidden layer; several members share all weights except their adapters and heads. The
    probability is the mean of their softmaxes, averaged as log-odds with a logistic regression and
    with a memory of the training rows, a small forest of extremely randomized trees. Columns named
    by ``sequences`` are read over time by a path of the same four modules, conditioned on the
    static factors. The network follows [1]_, the embedding [2]_, the members [3]_, and the trees
    [4]_; the wide and the linear path are additions of this package.

    It is a :class:`skorch.NeuralNetClassifier`: callbacks, ``module__*``, ``optimizer__*``,
    ``history`` and ``save_params`` work as they do there. Factors need no scaling. Missing values
    are refused, so impute them first.

    Parameters
    ----------
    module : torch module class, default=LandslideModule
        The network. Its parameters are set with the prefix ``module__``, for instance
        ``module__lstm_hidden=32`` or ``module__sam=False``. A module of your own gets
        ``encoding``, ``n_classes`` and ``n_members`` if its constructor names them.
    categorical_features : "from_dtype", array-like or None, default="from_dtype"
        Factors that are codes (lithology, soil, land use), not quantities: taken from the data
        types of a frame's columns, or given by name, by position or as a mask; None for none. Each
        code gets a learned embedding, whatever its type in the table: 1, 1.0 and ``"1"`` are one
        code. Unseen and missing codes add nothing: the other factors decide. Many unseen codes
        give a warning, and a column in which no code is known raises an error.
    sequences : dict or None, default=None
        Groups of columns that are one variable over time, oldest step first: ``{"rain":
        ["rain_000", "rain_001", ...]}``, or several variables over the same steps: ``{"weather":
        {"rain": [...], "temperature": [...]}}``. By name in a frame, by position in an array. All
        other columns are static. Missing steps are filled linearly between known ones, otherwise
        with the mean of the step in the training table.
    monotonic_cst : dict of str to int, array-like of int, or None, default=None
        How the susceptibility may change as a factor rises and all others stay the same: with 1 it
        never falls, with -1 it never rises, and 0 is no constraint. Pass names, ``{"slope": 1}``,
        or one number per column, as in :class:`~sklearn.ensemble.HistGradientBoostingClassifier`;
        in a pipeline use names, because a selector moves columns. The constraint holds exactly,
        for any rows: the deep and the wide path do not see such a factor, a small monotone network
        [5]_ adds to the log-odds of their heads, and the logistic regression and the trees are
        fitted under the constraint. It needs two classes and no ``sequences``. If the labels do
        not say which one is a landslide, it is the second.
    class_weight : "balanced", dict of label to float, or None, default=None
        Weights of the classes in the loss; "balanced" weights by the inverse of the counts.
    n_members : "auto" or int, default="auto"
        Number of members. "auto" takes 8 up to 20,000 training rows, else 4, and 4 with
        ``sequences``.
    n_trees : int, default=32
        Trees of the memory.
    random_state : int, RandomState instance or None, default=None
        Seed of the first weights, the batches, the dropout and the trees. None draws a fresh
        seed from the operating system. Global random state is neither read nor changed.
    lr : float, default=1e-2
        Learning rate after the warm-up; with ``sequences``, a fifth of it is used.
    max_epochs : "auto" or int, default="auto"
        Passes over the training table. "auto" takes 12 for up to 300 rows of the rarest class,
        growing with the square root of their number to at most 40, and 12 for tables of 53,334
        rows or more. With ``sequences`` it takes 10, because a network that also reads time series
        overfits the seasons of the training years sooner.
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
        ``valid_loss``, ``schedule`` (:class:`WarmupCosine`; with ``sequences`` an even fifth of
        ``lr``), ``average`` (:class:`WeightAverage` of the last third of the steps; with
        ``sequences`` of the last half), ``clip`` (the gradient's norm, at 1) and ``progress``.
        ``callbacks__schedule=None`` drops one of them. The ``schedule`` gives way to another
        callback that sets the learning rate, such as skorch's ``LRScheduler``.
    train_split : None or callable, default=None
        Internal validation split, such as ``skorch.dataset.ValidSplit``. The default recipe needs
        none. After SMOTE, a random split holds synthetic twins of training rows, so do not use it
        for early stopping.
    iterator_train, iterator_valid : class, default=TensorBatches
        Iterators over batches; ``torch.utils.data.DataLoader`` works too.
    dataset : class, default=skorch.dataset.Dataset
        Dataset that the iterators read.
    predict_nonlinearity : "auto", None or callable, default="auto"
        Turns the module's output into probabilities. "auto" averages the heads' softmaxes, and
        then their mean with the linear path and the memory, as log-odds.
    warm_start : bool, default=False
        Whether ``fit`` continues from the weights of the last fit.
    verbose : int, default=0
        1 shows a progress bar with the loss and the time left.
    device : str, torch.device or None, default="cpu"
        Where to compute: "cpu", "cuda", "cuda:1", "mps". None leaves the module where it is.
    compile : bool, default=False
        Whether to compile the module with :func:`torch.compile`.
    use_caching : "auto" or bool, default="auto"
        Whether skorch's scoring callbacks reuse the predictions of the epoch.
    torch_load_kwargs : dict or None, default=None
        Passed to :func:`torch.load` by ``load_params``.
    classes : array-like or None, default=None
        The labels, in case the training table lacks some of them. None takes those of ``y``.
    module__cnn, module__sam, module__lstm, module__attention : bool, default=True
        Switches of the convolutions, the spatial attention, the LSTM and the self-attention.
    module__deep, module__wide, module__linear : bool, default=True
        Switches of the path with these four modules, of the wide hidden layer beside it, and of
        the logistic regression beside both.
    module__linear_weight : "auto" or float, default="auto"
        Share of the logistic regression in the log-odds of network and logistic regression. "auto"
        takes 0.3 for 3,000 rows, more for fewer rows (at most 0.45) and less for more
        (proportional to their number to the power -0.3). With ``sequences`` it leaves the
        regression out, because a straight line on sums of rain does far worse.
    module__memory : bool, default=True
        Switch of the memory.
    module__memory_weight : "auto" or float, default="auto"
        Share of the memory in the total log-odds. "auto" takes 0.35, and leaves the memory out
        with ``sequences``. Near the training places a larger share may be better, far from them a
        smaller one: :class:`LandslideNetCV` chooses both shares by cross-validation.
    module__lstm_hidden : "auto" or int, default="auto"
        Size of the LSTM's state; "auto" takes 8, and 16 with ``sequences``.
    module__dropout : float, default=0.3
        Dropout before the heads.
    **kwargs : dict
        Other parameters with a prefix: ``module__*``, ``optimizer__*``, ``criterion__*``,
        ``iterator_train__*``, ``iterator_valid__*``, ``dataset__*``, ``callbacks__*``.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The labels, sorted; with 0 and 1 the susceptibility is ``predict_proba(X)[:, 1]``.
    n_features_in_ : int
        Number of factors seen in ``fit``.
    feature_names_in_ : ndarray of shape (n_features,)
        Names of the factors, if all names in ``X`` were strings.
    is_categorical_ : ndarray of shape (n_features,), bool
        Which factors were taken as categories.
    encoding_ : FactorEncoding
        Quantiles and codes of the factors.
    recipe_ : Recipe
        What "auto" stood for: ``n_members``, ``max_epochs``, ``linear_weight``,
        ``memory_weight``, and the ``wide_hidden`` of the module.
    module_ : torch module
        The fitted network.
    history_ : skorch.History
        Losses and durations, epoch by epoch.

    Raises
    ------
    ValueError
        If ``X`` holds missing or infinite values, or ``y`` only one class; in prediction, if a
        column holds no code that is known from ``fit``.

    Warns
    -----
    UserWarning
        If many codes of a column were not seen in ``fit``.

    References
    ----------
    .. [1] Landslide susceptibility prediction based on a CNN-LSTM-SAM-Attention hybrid model
       (2025). Applied Sciences 15(13):7245, sections 2 and 5.3. doi:10.3390/app15137245
    .. [2] Gorishniy, Y., Rubachev, I., Babenko, A. (2022). On embeddings for numerical
       features in tabular deep learning. NeurIPS 35.
    .. [3] Gorishniy, Y., Kotelnikov, A., Babenko, A. (2025). TabM: advancing tabular deep
       learning with parameter-efficient ensembling. ICLR.
    .. [4] Geurts, P., Ernst, D., Wehenkel, L. (2006). Extremely randomized trees. Machine
       Learning 63:3-42.
    .. [5] Daniels, H., Velikova, M. (2010). Monotone and partially monotone neural networks. IEEE
       Transactions on Neural Networks 21 (6), 906-917. doi:10.1109/TNN.2010.2044803

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
        "monotonic_cst": ["array-like", dict, None],
        "class_weight": [StrOptions({"balanced"}), dict, None],
        "n_members": [StrOptions({"auto"}), Interval(Integral, 1, None, closed="left")],
        "n_trees": [Interval(Integral, 1, None, closed="left")],
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
        "device": [str, torch.device, None],
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
        "module__memory": ["boolean"],
        "module__memory_weight": [StrOptions({"auto"}), Interval(Real, 0, 1, closed="both")],
        "module__lstm_hidden": [StrOptions({"auto"}), Interval(Integral, 1, None, closed="left")],
        "module__dropout": [Interval(Real, 0, 1, closed="left")],
    }

    # Before there was a fit.
    _shards = _class_weights = _logistic = _forest = _monotone = None
    _groups = _sequences = ()

    def __init__(
        self,
        module=LandslideModule,
        *,
        categorical_features="from_dtype",
        sequences=None,
        monotonic_cst=None,
        class_weight=None,
        n_members="auto",
        n_trees=32,
        random_state=None,
        lr=1e-2,
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
        module__memory=True,
        module__memory_weight="auto",
        module__lstm_hidden="auto",
        module__dropout=0.3,
        **kwargs,
    ):
        self.module = module
        self.categorical_features = categorical_features
        self.sequences = sequences
        self.monotonic_cst = monotonic_cst
        self.class_weight = class_weight
        self.n_members = n_members
        self.n_trees = n_trees
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
        self.module__memory = module__memory
        self.module__memory_weight = module__memory_weight
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
        if prefix == "module":
            # A module of the user's own takes what its constructor names. What was set is passed
            # on, and refused by a module that does not know it.
            accepted = signature(self.module).parameters
            for name, default in _module_defaults().items():
                if name not in accepted and params.get(name) == default:
                    params.pop(name, None)
            for name in {"linear_weight", "memory_weight"} & params.keys():
                if (weight := self._resolved(name, params.pop(name))) != "auto":
                    params[name] = weight
            learned = self._learned_for_module()
            params = {name: learned[name] for name in learned if name in accepted} | params
        if prefix == "criterion" and self._class_weights is not None:
            params = {"weight": torch.as_tensor(self._class_weights)} | params
        if prefix == "optimizer" and self.optimizer is torch.optim.AdamW:
            params = {"betas": (0.9, 0.99), "weight_decay": 1e-2, "fused": True} | params
        return params

    def _learned_for_module(self):
        """Return what a module may ask for of what a fit has learned; nothing before a fit."""
        if not hasattr(self, "encoding_"):
            return {}
        return {
            "encoding": self.encoding_,
            "n_classes": len(self.classes_),
            "n_members": self._n_members,
            "logistic": self._logistic,
            "forest": self._forest,
            "wide_hidden": self.recipe_.wide_hidden,
            "sequences": self._sequences,
            "monotone": self._monotone,
        }

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
        return (decay_matrices_only(args[0], named_parameters),), kwargs

    @property
    def _default_callbacks(self):
        return default_callbacks(with_sequences=self._asks_for_sequences())

    def _asks_for_sequences(self):
        return isinstance(self.sequences, Mapping) and bool(self.sequences)

    def _chosen_callbacks(self):
        chosen = super()._chosen_callbacks()
        rivals = [n for n, c in chosen.items() if n != "schedule" and sets_learning_rate(c)]
        if rivals and chosen.get("schedule") is not None:
            own = [param for param in vars(self) if param.startswith("callbacks__schedule")]
            if own:
                raise ValueError(
                    f"{own[0]} and the callback {rivals[0]!r} both set the learning rate: "
                    "keep one of them."
                )
            del chosen["schedule"]
        return chosen

    # --- fitting --------------------------------------------------------------------------

    def fit(self, X, y, sample_weight=None, groups=None):
        """Fit the network to a table.

        Parameters
        ----------
        X : array-like, frame or Dataset of shape (n_samples, n_features)
            The factors; frames from pandas or polars, arrays, tensors, lists, or a dataset of
            torch's or skorch's, which is read once.
        y : array-like of shape (n_samples,) or None
            The labels: integers, strings or booleans, two classes or more. None takes those of
            the dataset.
        sample_weight : array-like of shape (n_samples,) or None, default=None
            How far each row is to be trusted. Decimals are relative: twice as many of all change
            nothing. Whole numbers of an integer type say how often a row is there, and the fit is
            that of the table with so many copies of it. A row of weight 0 is left out.
        groups : array-like of shape (n_samples,) or None, default=None
            Which rows are one place, such as the cells of a polygon: for the recipe, and for
            ``train_split``.

        Returns
        -------
        self : LandslideNet

        Notes
        -----
        With weights a pass over the table holds a row of weight 1.5, where 1 is the mean, once or
        twice, as chance has it. Quantiles, means, the balance of classes and the logistic
        regression take the weights as they are. As a leaf of one row is as sure of it whatever it
        weighs, each tree sees a draw of the rows by their weights: of the heaviest all, of a row
        that weighs half as much every second tree. Whole numbers of an integer type make copies
        instead, and copies of a row that is alone in its leaf change nothing there. The recipe
        counts the rows of a class that would tell as much if all weighed the same, the square of
        the sum of their weights divided by the sum of their squares (Kish, Survey Sampling, 1965,
        section 8.2). Validation rows of ``train_split`` are scored unweighted.

        A fit does not depend on the order of the rows, unless ``train_split`` or
        ``iterator_train`` is one that may count on it.
        """
        anew = not (self.warm_start and self.initialized_)
        return self._fit(X, y, groups, anew=anew, sample_weight=sample_weight)

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
            Which rows are one place, such as the cells of a polygon: for the recipe, and for
            ``train_split``.

        Returns
        -------
        self : LandslideNet
        """
        return self._fit(X, y, groups, anew=not self.initialized_, classes=classes)

    def _fit(self, X, y, groups, *, anew, classes=None, sample_weight=None):
        self.check_training_readiness()
        self._validate_parameters()
        X, y = self._unpack(X, y)
        if y is None:
            raise ValueError(
                f"This {type(self).__name__} estimator requires y to be passed, "
                "but the target y is None."
            )
        X, y, groups, weights = self._take_weighted(X, y, groups, sample_weight)
        has_learned = hasattr(self, "encoding_")
        if anew or not has_learned:
            table = read_training_rows(self, X)
            rows, given = table.rows, self.classes if classes is None else classes
        else:
            rows, given = read_rows(self, X), self.classes_
        check_consistent_length(rows, y)
        labels = read_labels(y, given)
        if may_reorder(self):
            order = canonical_order(rows, labels.codes, weights)
            rows, labels = rows[order], replace(labels, codes=labels.codes[order])
            weights = None if weights is None else weights[order]
            groups = None if groups is None else _safe_indexing(groups, order)
        rows = with_weights(self, rows, weights)
        if anew or not has_learned:
            (seed,) = draw_seeds(self.random_state, 1)
            told = counted_classes(labels.classes[labels.codes], groups)
            with nullcontext() if groups is None else told:
                learned = learn(replace(table, rows=rows), labels, self, seed, weights)
            self._adopt(learned, anew=anew)
        self._train(rows, labels.codes, groups)
        return self

    def _take_weighted(self, X, y, groups, sample_weight):
        """Return the rows that count, as often as they do, and their weights, 1 on average."""
        if sample_weight is None:
            return X, y, groups, None
        X = as_numpy(X)
        rows, weights = weighted_rows(as_numpy(sample_weight), X)
        check_consistent_length(X, y, groups)
        X, y, groups = (take_rows(as_numpy(part), rows) for part in (X, y, groups))
        return X, y, groups, weights

    def _validate_parameters(self):
        validate_parameter_constraints(
            self._parameter_constraints,
            self.get_params(deep=False),
            caller_name=type(self).__name__,
        )

    def _unpack(self, X, y):
        """Return table and labels, which both may come in a dataset."""
        if not is_dataset(X):
            return X, y
        X, own = table_of(X)
        # The words for a split that is to see the labels are skorch's.
        if y is None and getattr(self.train_split, "stratified", False):
            raise ValueError("Stratified CV requires explicitly passing a suitable y.")
        if y is None or own is None:
            return X, own if y is None else y
        if not np.array_equal(np.asarray(own), np.asarray(as_numpy(y))):
            raise ValueError("y differs from the labels of the dataset X: pass y=None.")
        return X, y

    def get_split_datasets(self, X, y=None, **fit_params):
        """Split off the validation rows; those of the user's own are read as X is.

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
        datasets = super().get_split_datasets(X, y, **fit_params)
        if hasattr(X, "weights") and getattr(innermost(datasets[0]), "X", None) is not X:
            raise ValueError(
                "train_split returns rows of its own, which have no sample_weight: leave the "
                "weights out, or take a split that divides the rows of fit."
            )
        return tuple(d if d is None else self._read_dataset(d) for d in datasets)

    def _read_dataset(self, dataset):
        """Return a dataset of validated rows and label codes."""
        if holds_encoded_rows(dataset) or not hasattr(self, "encoding_"):
            return dataset
        X, y = table_of(dataset)
        codes = None if y is None else read_labels(y, self.classes_).codes
        return self.get_dataset(read_rows(self, X), codes)

    def _adopt(self, learned, *, anew=True, weights=None, history=None):
        """Take over what was learned of a table: the one place that writes the fitted state.

        Parameters
        ----------
        learned : Learned
            What a fit or a file found.
        again : bool, default=True
            Whether to build the components. False keeps those that ``initialize`` has built, of
            a module of the user's that asks for nothing of the table.
        weights : dict of str to Tensor or None, default=None
            Weights of the module; None leaves the fresh ones.
        history : History or None, default=None
            Losses and durations of the epochs so far; None begins again.
        """
        columns = learned.columns
        self.n_features_in_ = columns.n_features
        vars(self).pop("feature_names_in_", None)
        if columns.names is not None:
            self.feature_names_in_ = columns.names
        self.is_categorical_, self.categories_ = columns.is_categorical, columns.categories
        self._groups, self._sequences = columns.groups, columns.sequences
        self.classes_inferred_ = learned.classes
        self.encoding_ = learned.encoding
        self._class_weights, self._logistic = learned.class_weights, learned.logistic
        self._forest, self._n_members = learned.forest, learned.n_members
        self.recipe_, self._monotone = learned.recipe, learned.monotone
        if self._monotone is not None and not issubclass(self.module, LandslideModule):
            raise ValueError("monotonic_cst is held by LandslideModule alone: leave it out.")
        if weights is not None:
            check_weights(self.module, self.get_params_for("module"), weights)
        if anew:
            self.initialize()
        elif self._class_weights is not None:
            self._initialize_criterion()
        if weights is not None:
            self.module_.load_state_dict(weights)
        if history is not None:
            self.history_ = history

    def _train(self, rows, codes, groups):
        # Asked before the fit takes all threads of torch's but one.
        with GradientShards(torch.get_num_threads()) as shards, without_memory(self.module_):
            self._shards = shards
            try:
                super()._train(rows, codes, groups)
            finally:
                del self._shards

    def train_step_single(self, batch, **fit_params):
        """Set the gradient for one batch, on as many threads as torch may use.

        Parameters
        ----------
        batch : tuple of Tensor
            Rows and label codes.
        **fit_params : dict
            Ignored, as in ``infer``.

        Returns
        -------
        step : dict
            ``loss`` and ``y_pred``.
        """
        X, y = unpack_data(batch)
        if self._shards is None or not self._shards.serves(self, X):
            return super().train_step_single(batch, **fit_params)
        self._set_training(True)
        loss, logits = self._shards.step(self, X, y)
        return {"loss": loss, "y_pred": logits}

    def __getstate__(self):
        # A checkpoint may pickle the net while it trains.
        state = super().__getstate__()
        state.pop("_shards", None)
        return state

    def usual_shares(self):
        """Return the shares of the paths beside the network, and which are open to choice.

        Returns
        -------
        shares : dict of str to (float or None, bool)
            For ``linear_weight`` and ``memory_weight`` the share, and whether the parameter is
            "auto"; None and False if the net has no such path.
        """
        self.check_is_fitted()
        shares = {}
        for path in ("linear", "memory"):
            given = getattr(self, f"module__{path}_weight")
            is_there = getattr(self._bare_module(), path, None) is not None
            share = (self._resolved(f"{path}_weight", given), given == "auto")
            shares[f"{path}_weight"] = share if is_there else (None, False)
        return shares

    def _bare_module(self):
        """Return the module without the wrapper of torch.compile."""
        return getattr(self.module_, "_orig_mod", self.module_)

    def set_shares(self, *, linear_weight=None, memory_weight=None):
        """Change the shares of the paths beside the network; that takes no new fit.

        Parameters
        ----------
        linear_weight : float or None, default=None
            Share of the logistic regression in the log-odds of network and logistic regression;
            None leaves it as it is.
        memory_weight : float or None, default=None
            Share of the memory in the log-odds of all; None leaves it as it is.

        Returns
        -------
        self : LandslideNet
        """
        self.check_is_fitted()
        module = self._bare_module()
        for path, name, weight in (
            ("linear", "linear_weight", linear_weight),
            ("memory", "memory_weight", memory_weight),
        ):
            if weight is None:
                continue
            if not 0 <= weight <= 1:
                raise ValueError(f"{name} is a share between 0 and 1, got {weight}.")
            if getattr(module, path, None) is None:
                raise ValueError(f"{name}={weight}: this net has no {path} path.")
            setattr(module, name, float(weight))
            self.recipe_ = replace(self.recipe_, **{name: float(weight)})
            if getattr(self, f"module__{name}") != "auto":
                # A file holds the parameter.
                vars(self)[f"module__{name}"] = float(weight)
        return self

    def _resolved(self, name, given):
        """Return a parameter, or what it stands for if it is "auto" and there was a fit."""
        return self.recipe_.or_given(name, given) if hasattr(self, "recipe_") else given

    def resolved_max_epochs(self):
        """Return the passes over the training table in one call of ``fit``.

        Returns
        -------
        max_epochs : int
        """
        return self._resolved("max_epochs", self.max_epochs)

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
            weights = weights_in(dataset)
            if weights is not None:
                params["weights"] = weights
            return self.iterator_train(dataset, **params)
        params = self.get_params_for("iterator_valid")
        # A module of the user's own may be run before there was a fit.
        n_features = getattr(self, "n_features_in_", 1)
        if params.get("batch_size", "auto") == "auto":
            params["batch_size"] = rows_of_a_batch(dataset, n_features)
        elif params["batch_size"] == -1:
            params["batch_size"] = len(dataset)
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
        x = as_precise_as(self.module_, to_tensor(x, device=self.device))
        return self.module_(x) if self.module_.training else forward_in_blocks(self.module_, x)

    def forward_iter(self, X, training=False, device="cpu"):
        """Yield the module's output for each batch.

        Parameters
        ----------
        X : array-like, frame or Dataset of shape (n_samples, n_features)
            The factors, as in ``predict_proba``. To a net that was fitted to a frame, an array is
            rows for the module, whose categories are codes.
        training : bool, default=False
            Whether the module is in training mode.
        device : str, default="cpu"
            Where to keep the output.

        Returns
        -------
        logits : iterator of Tensor of shape (batch, heads, n_classes)
        """
        if is_dataset(X):
            X = self._read_dataset(X)
        elif hasattr(X, "columns") or hasattr(self, "encoding_") != hasattr(
            self, "feature_names_in_"
        ):
            X = read_rows(self, X)
        return super().forward_iter(X, training=training, device=device)

    def initialize_module(self):
        """Build the module from what was learned of the training table.

        Returns
        -------
        self : LandslideNet
        """
        if self.module is LandslideModule and not hasattr(self, "encoding_"):
            raise NotInitializedError(
                f"{type(self).__name__} builds its module from a training table: call fit, with "
                "max_epochs=0 for fresh weights, or read a saved net with LandslideNet.load."
            )
        return super().initialize_module()

    # --- prediction -----------------------------------------------------------------------

    def _get_predict_nonlinearity(self):
        if self.predict_nonlinearity == "auto" and self._gives_logits():
            # A module of the user's own may have neither a linear path nor a memory.
            names = ("linear_weight", "memory_weight", "n_heads")
            return partial(pool_heads, **{n: getattr(self.module_, n, None) for n in names})
        return super()._get_predict_nonlinearity()

    def _gives_logits(self):
        """Say whether the module gives logits, and not what skorch's rules say of its loss."""
        if is_landslide_module(getattr(self, "module_", None)):
            return True
        losses = [getattr(self, f"{name}_") for name in self._criteria]
        losses = [getattr(loss, "_orig_mod", loss) for loss in losses]
        other = (nn.NLLLoss, nn.BCELoss, nn.BCEWithLogitsLoss)
        return len(losses) < 2 and not any(isinstance(loss, other) for loss in losses)

    def trim_for_prediction(self):
        """Drop what only training needs; the net predicts as before, and cannot be fitted."""
        self.check_is_fitted()
        if self.predict_nonlinearity == "auto" and not self._gives_logits():
            # Without the loss nothing would tell.
            self.predict_nonlinearity = self._get_predict_nonlinearity()
        super().trim_for_prediction()
        self._torch_state = None

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
        self.check_is_fitted()
        return predict_table(self, X)

    def predict_proba_members(self, X, *, return_proba=False):
        """Probability of each class by each member: how far the ensemble agrees.

        Parameters
        ----------
        X : array-like or frame of shape (n_samples, n_features)
            The factors.
        return_proba : bool, default=False
            Whether to return what ``predict_proba`` says as well, at no further cost.

        Returns
        -------
        probabilities : ndarray of shape (n_members, n_samples, n_classes)
            All members share the logistic regression and the memory. The mean over the members
            is not quite that of ``predict_proba``, which averages before it adds them.

        probability : ndarray of shape (n_samples, n_classes)
            That of all members together, the same to the last bit as ``predict_proba``'s. Only
            with ``return_proba=True``.

        Raises
        ------
        TypeError
            If ``module`` is one of your own, without members.
        """
        self.check_is_fitted()
        found = predict_table(self, X, with_members=True)
        return (found[1:], found[0]) if return_proba else found[1:]

    def predict_path_logs(self, X):
        """Return what the network and the paths beside it say, each for itself.

        Parameters
        ----------
        X : array-like or frame of shape (n_samples, n_features)
            The factors.

        Returns
        -------
        logs : PathLogs
            ``network``, ``linear`` and ``memory``: logarithms of probabilities, of shape
            (n_samples, n_classes), or None where there is no such path. Its method
            ``joined(linear_weight, memory_weight)`` gives the probabilities for any shares.

        Raises
        ------
        TypeError
            If ``module`` is one of your own.
        """
        self.check_is_fitted()
        return predict_path_logs(self, X)

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
        # A net that was initialized and not fitted has seen no labels.
        return self.classes_[codes] if hasattr(self, "classes_") else codes

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
            are the static columns, and then the summaries of each variable's windows.
        """
        self.check_is_fitted()
        index = X.index if isinstance(X, pd.DataFrame) else None
        return attention_weights(self, read_rows(self, X), index)

    # --- files ----------------------------------------------------------------------------

    def save(self, path):
        """Write the fitted net to one file, without pickle.

        The file is in safetensors format: the weights, in single precision, and beside them the
        parameters, the labels and the factor names as JSON, and a digest. What concerns training
        alone is not kept: callbacks, optimizer, iterators and the split.

        Parameters
        ----------
        path : str or path-like
            The file to write; it is replaced if it exists.

        Raises
        ------
        ValueError
            If ``module``, ``criterion`` or another parameter needed for prediction is an
            object of your own, which no file without code can hold, or if the net diverged.
        """
        save_net(self, path)

    @classmethod
    def load(cls, path, device="cpu"):
        """Read a net that ``save`` wrote; no code is executed.

        Parameters
        ----------
        path : str or path-like
            The file.
        device : str or torch.device, default="cpu"
            Where the net computes.

        Returns
        -------
        net : LandslideNet

        Raises
        ------
        ValueError
            If the file is not a saved net, differs from what was saved by a single bit, or is from
            a newer version, or if the device is not there.
        """
        return load_net(cls, path, device)
