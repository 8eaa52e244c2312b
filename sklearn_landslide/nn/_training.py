"""Batches in memory, the learning-rate schedule, the progress bar and the seed bubble."""

import math
import threading
from contextlib import contextmanager

import numpy as np
import torch
from skorch.callbacks import Callback
from skorch.dataset import get_len
from torch import nn
from torch.optim.swa_utils import AveragedModel
from torch.utils.data import Subset
from tqdm.auto import tqdm

# What the rows of a batch are filled up to in a prediction: products of whole blocks sum in one
# order, and values at the end of a block are computed like all others, so a row's probability
# does not depend on its neighbors in the batch.
ROW_MULTIPLE = 64

# Just below the largest block that glibc learns from, 32 MiB.
_KEPT_BYTES = 31 * 2**20

# torch's generators belong to the process: two threads inside would take each other's numbers.
_GENERATORS = threading.RLock()


@contextmanager
def seed_bubble(seed=None, *, state=None, device="cpu"):
    """Draw from torch's generators inside, and leave them outside as they were.

    Parameters
    ----------
    seed : int or None
        Seed of the generators inside, where no ``state`` is given.
    state : Tensor or None
        State of the processor's generator that an earlier bubble left; goes on from there.
    device : str or torch.device, default="cpu"
        Device whose generator is used besides the processor's, which seeds it.
    """
    device = torch.device(device)
    devices = [device] if device.type == "cuda" else []
    with _GENERATORS, torch.random.fork_rng(devices=devices):
        # torch.manual_seed would seed every device, those outside the bubble as well.
        if state is None:
            torch.default_generator.manual_seed(seed)
        else:
            torch.default_generator.set_state(state)
        if devices:
            with torch.cuda.device(device):
                torch.cuda.manual_seed(int(torch.randint(2**31 - 1, ())))
        yield


class _ThreadSetting:
    """torch's number of threads, lowered to one while anybody is inside.

    A new thread starts with the number that was set last, anywhere in the process, so each
    thread that enters must find the number of the host program, not that of its neighbor.
    """

    def __init__(self):
        self.lock = threading.Lock()
        self.n_inside = 0
        self.n_threads = None

    def enter(self):
        with self.lock:
            if self.n_inside == 0:
                self.n_threads = torch.get_num_threads()
            self.n_inside += 1
            torch.set_num_threads(1)

    def leave(self):
        with self.lock:
            self.n_inside -= 1
            torch.set_num_threads(self.n_threads)


_THREADS = _ThreadSetting()


@contextmanager
def one_thread():
    """Compute each operation in one thread inside, and leave torch's number of threads as it was.

    The operations of a fit on a table are too small to be shared: on two idle cores a second
    thread gains a tenth, and where other work holds a core it costs many times the fit. One
    thread also sums in one order, so the result is the same in a worker process as at home.
    """
    _THREADS.enter()
    try:
        yield
    finally:
        _THREADS.leave()


def keep_freed_memory():
    """Show the C library that blocks of some megabytes come and go.

    glibc hands a freed block back to the system until it has seen one of that size freed, and then
    keeps it. Before, every step would fetch its tensors page by page anew, a tenth of a fit. A
    block that is never written to costs nothing; other libraries take no notice.
    """
    torch.empty(_KEPT_BYTES, dtype=torch.uint8)


def _rows_of(dataset):
    """Tensors of the rows and the labels behind a skorch Dataset or a Subset of one."""
    if isinstance(dataset, Subset):
        X, y = _rows_of(dataset.dataset)
        indices = torch.as_tensor(np.asarray(dataset.indices))
        return X[indices], y[indices]
    X = torch.as_tensor(dataset.X)
    # skorch, too, hands out zeros where there are no labels.
    y = torch.zeros(len(X)) if dataset.y is None else torch.as_tensor(dataset.y)
    return X, y


class TensorBatches:
    """Batches sliced from tensors in memory: a stand-in for a data loader on tables.

    Parameters
    ----------
    dataset : skorch.dataset.Dataset or torch.utils.data.Subset of one
        The table; X as an array of shape (n_samples, n_factors).
    batch_size : int
        Rows of a batch; the last batch of a pass may be smaller.
    shuffle : bool, default=False
        Whether each pass takes the rows in a new random order.

    Examples
    --------
    >>> import numpy as np
    >>> from skorch.dataset import Dataset
    >>> from sklearn_landslide.nn import TensorBatches
    >>> X, y = np.arange(6.0).reshape(3, 2), np.array([0, 1, 1])
    >>> for batch, labels in TensorBatches(Dataset(X, y), batch_size=2):
    ...     print(batch.tolist(), labels.tolist())
    [[0.0, 1.0], [2.0, 3.0]] [0, 1]
    [[4.0, 5.0]] [1]
    """

    def __init__(self, dataset, batch_size, shuffle=False):
        self.X, self.y = _rows_of(dataset)
        self.batch_size = batch_size
        self.shuffle = shuffle

    def __len__(self):
        return math.ceil(len(self.X) / self.batch_size)

    def __iter__(self):
        if not self.shuffle:
            yield from zip(
                self.X.split(self.batch_size), self.y.split(self.batch_size), strict=True
            )
            return
        for rows in torch.randperm(len(self.X)).split(self.batch_size):
            yield self.X[rows], self.y[rows]


class MemberCrossEntropy(nn.CrossEntropyLoss):
    """Mean over the heads of the cross-entropy of each.

    Every head learns by itself, so that the average of their probabilities is that of an
    ensemble.

    Parameters
    ----------
    weight : Tensor of shape (n_classes,) or None, default=None
        Weights of the classes.
    label_smoothing : float, default=0.0
        Share of the label that is spread evenly over all classes.

    Notes
    -----
    Shape: logits (B, heads, Y), labels (B,) -> scalar

    Examples
    --------
    >>> import torch
    >>> from sklearn_landslide.nn import MemberCrossEntropy
    >>> sure, unsure = [0.0, 20.0], [0.0, 0.0]
    >>> MemberCrossEntropy()(torch.tensor([[sure, unsure]]), torch.tensor([1])).item()
    0.34657...
    """

    def __init__(self, weight=None, label_smoothing=0.0):
        super().__init__(weight=weight, label_smoothing=label_smoothing)

    def forward(self, logits, labels):
        if logits.ndim == 3:
            labels = labels.repeat_interleave(logits.shape[1])
            logits = logits.flatten(0, 1)
        return super().forward(logits, labels)


def pool_heads(logits, linear_weight=None):
    """Turn the logits of all heads into one probability.

    The heads of the network are averaged as probabilities. The linear path, the last head, is
    then averaged with them as log-odds.

    Parameters
    ----------
    logits : Tensor of shape (B, heads, Y) or (B, Y)
        One softmax a head.
    linear_weight : float or None, default=None
        Share of the last head in the log-odds; None says that there is no linear path.

    Returns
    -------
    probabilities : Tensor of shape (B, Y), float64
    """
    if logits.ndim == 2:
        return logits.double().softmax(dim=-1)
    return _join_linear(logits, linear_weight, lambda shares: shares.mean(dim=0)).T


def pool_members(logits, n_members, linear_weight=None):
    """Turn the logits of all heads into one probability for each member.

    Each member has one head in each path of the network; all share the linear path.

    Parameters
    ----------
    logits : Tensor of shape (B, heads, Y)
        One softmax a head.
    n_members : int
        Number of members K.
    linear_weight : float or None, default=None
        Share of the last head in the log-odds; None says that there is no linear path.

    Returns
    -------
    probabilities : Tensor of shape (K, B, Y), float64
    """

    def pool(shares):
        return shares.unflatten(0, (-1, n_members)).mean(dim=0)

    return _join_linear(logits, linear_weight, pool).transpose(-1, -2)


def _join_linear(logits, linear_weight, pool):
    """Pool the probabilities of the network's heads; average the log-odds with the linear path's.

    Rows lie along the last axis here, as the network hands them out: over an axis of few
    classes a softmax is many times slower. From there on it is in double precision, so that
    scikit-learn's metrics find that rows sum to one.

    Notes
    -----
    Shape: logits (B, heads, Y) -> (..., Y, B); ``pool`` gets (heads, Y, B)
    """
    n_rows = len(logits)
    columns = logits.permute(1, 2, 0)
    if missing := -n_rows % ROW_MULTIPLE:
        columns = nn.functional.pad(columns, (0, missing))
    heads = columns if linear_weight is None else columns[:-1]
    pooled = pool(heads.softmax(dim=1).double())
    logs = pooled.clamp(min=torch.finfo(pooled.dtype).tiny).log()
    if linear_weight is not None:
        linear = columns[-1].double().log_softmax(dim=0)
        logs = (1 - linear_weight) * logs + linear_weight * linear
    return logs.softmax(dim=-2)[..., :n_rows]


class _StepCounter(Callback):
    """What the schedule and the progress bar share: how many steps a fit takes."""

    def on_train_begin(self, net, **kwargs):
        self.step_ = 0

    def on_epoch_begin(self, net, dataset_train=None, **kwargs):
        if self.step_ == 0:
            batch_size = net.resolved_batch_size(get_len(dataset_train))
            self.n_steps_ = net.resolved_max_epochs() * math.ceil(
                get_len(dataset_train) / batch_size
            )


class WarmupCosine(_StepCounter):
    """Raise the learning rate from near 0 to a peak, then lower it along a cosine.

    The schedule runs over one call of ``fit`` or ``partial_fit``.

    Parameters
    ----------
    warmup : float, default=0.1
        Share of the steps in which the rate rises.
    peak : float, default=1.0
        Highest rate, as a share of ``lr``.
    final : float, default=0.0
        Last rate, as a share of ``lr``; where it is the highest, the rate stays.

    Examples
    --------
    >>> from sklearn_landslide import LandslideNet
    >>> from sklearn_landslide.nn import WarmupCosine
    >>> net = LandslideNet(callbacks__schedule=WarmupCosine(warmup=0.2))
    """

    def __init__(self, warmup=0.1, peak=1.0, final=0.0):
        self.warmup = warmup
        self.peak = peak
        self.final = final

    def factor(self, step):
        """Share of the full learning rate at a step of the fit."""
        n_warmup = self.warmup * self.n_steps_
        if step < n_warmup:
            return self.peak * (step + 1) / (n_warmup + 1)
        progress = (step - n_warmup) / max(self.n_steps_ - n_warmup, 1)
        height = (1 + math.cos(math.pi * min(progress, 1))) / 2
        return self.final + (self.peak - self.final) * height

    def on_train_begin(self, net, **kwargs):
        super().on_train_begin(net, **kwargs)
        self.full_rates_ = [group["lr"] for group in net.optimizer_.param_groups]

    def on_batch_begin(self, net, training=False, **kwargs):
        if not training:
            return
        for group, rate in zip(net.optimizer_.param_groups, self.full_rates_, strict=True):
            group["lr"] = rate * self.factor(self.step_)
        self.step_ += 1

    def on_train_end(self, net, **kwargs):
        for group, rate in zip(net.optimizer_.param_groups, self.full_rates_, strict=True):
            group["lr"] = rate


class WeightAverage(_StepCounter):
    """Let a fit end with the mean of its weights over the last steps (Izmailov et al. 2018).

    Parameters
    ----------
    share : float, default=0.3333333333333333
        Share of the steps of a fit whose weights are averaged.

    References
    ----------
    Izmailov, P., Podoprikhin, D., Garipov, T., Vetrov, D., Wilson, A. G. (2018). Averaging
    weights leads to wider optima and better generalization. UAI.

    Examples
    --------
    >>> from sklearn_landslide import LandslideNet
    >>> last_weights = LandslideNet(callbacks__average=None)
    """

    def __init__(self, share=1 / 3):
        self.share = share

    def on_train_begin(self, net, **kwargs):
        super().on_train_begin(net, **kwargs)
        self.mean_ = None

    def on_batch_end(self, net, training=False, **kwargs):
        if not training:
            return
        self.step_ += 1
        if self.step_ <= (1 - self.share) * self.n_steps_:
            return
        if self.mean_ is None:
            self.mean_ = AveragedModel(net.module_)
        self.mean_.update_parameters(net.module_)

    def on_train_end(self, net, **kwargs):
        if self.mean_ is not None:
            net.module_.load_state_dict(self.mean_.module.state_dict())
        self.mean_ = None


class TrainingProgress(_StepCounter):
    """A progress bar over the whole fit with the loss and the time left, if ``verbose``."""

    def on_epoch_begin(self, net, **kwargs):
        super().on_epoch_begin(net, **kwargs)
        if self.step_ == 0 and net.verbose:
            # A net that fits on has epochs of earlier fits in its history.
            self.n_before_ = len(net.history) - 1
            self.bar_ = tqdm(total=self.n_steps_, desc=type(net).__name__, unit="batch")

    def on_batch_end(self, net, training=False, **kwargs):
        if not training:
            return
        self.step_ += 1
        if net.verbose:
            self.bar_.update()

    def on_epoch_end(self, net, **kwargs):
        if net.verbose:
            row = net.history[-1]
            names = [name for name in ("train_loss", "valid_loss") if name in row]
            epoch = f"{len(net.history) - self.n_before_}/{net.resolved_max_epochs()}"
            self.bar_.set_postfix({"epoch": epoch, **{name: row[name] for name in names}})

    def on_train_end(self, net, **kwargs):
        if net.verbose and hasattr(self, "bar_"):
            self.bar_.close()

    def __getstate__(self):
        return {name: value for name, value in vars(self).items() if name != "bar_"}
