"""Callbacks of a fit: learning rate, average of the weights, progress bar."""

import math

import torch
from skorch.callbacks import (
    Callback,
    EpochTimer,
    GradientNormClipping,
    PassthroughScoring,
)
from skorch.dataset import get_len
from tqdm.auto import tqdm


class StepCounter(Callback):
    """Count the steps of a fit: ``step_`` of ``n_steps_`` are done."""

    def on_train_begin(self, net, **kwargs):
        self.step_ = 0

    def on_epoch_begin(self, net, dataset_train=None, **kwargs):
        if self.step_ == 0:
            n_rows = get_len(dataset_train)
            n_batches = math.ceil(n_rows / net.resolved_batch_size(n_rows))
            self.n_steps_ = net.resolved_max_epochs() * n_batches

    def on_batch_end(self, net, training=False, **kwargs):
        if training:
            self.step_ += 1
            self._after_step(net)

    def _after_step(self, net):
        """Do what the callback does once a step has been counted."""


# Where a group of an optimizer's parameters notes its full rate, and the rate that was last set.
_NOTE = "scheduled"


class WarmupCosine(StepCounter):
    """Raise the learning rate from near 0 to a peak, then lower it along a cosine.

    The schedule runs over one call of ``fit`` or ``partial_fit``. It is the net's default one,
    and steps back where a callback of the user's is a schedule too, such as skorch's
    :class:`~skorch.callbacks.LRScheduler`. A rate that anything else sets during the fit, by
    ``net.set_params(lr=...)`` or at the optimizer, stays as it was set.

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
        groups = net.optimizer_.param_groups
        for group in groups:
            # The state of an optimizer may have been saved in the midst of a fit.
            full = group[_NOTE][0] if _is_ours(group) else group["lr"]
            group["lr"], group[_NOTE] = full, (full, full)
        self.had_scheduler_ = _has_scheduler(groups)
        self.steps_back_ = False

    def on_batch_begin(self, net, training=False, **kwargs):
        if not training:
            return
        groups = net.optimizer_.param_groups
        for group in groups:
            # A state that was loaded, or a group that was added.
            group.setdefault(_NOTE, (group["lr"], group["lr"]))
        scheduler_came = self.step_ == 0 and _has_scheduler(groups) and not self.had_scheduler_
        if scheduler_came or not all(map(_is_ours, groups)):
            self.steps_back_ = True
        if self.steps_back_:
            return
        factor = self.factor(self.step_)
        for group in groups:
            full = group[_NOTE][0]
            group["lr"], group[_NOTE] = full * factor, (full, full * factor)

    def on_train_end(self, net, **kwargs):
        for group in net.optimizer_.param_groups:
            if _is_ours(group) and not self.steps_back_:
                group["lr"] = group[_NOTE][0]
            group.pop(_NOTE, None)


def _is_ours(group):
    """Say whether nobody else has set the rate of a group since the schedule did."""
    return _NOTE in group and group["lr"] == group[_NOTE][1]


def _has_scheduler(groups):
    # What torch's schedulers leave at the optimizer that they are built for.
    return any("initial_lr" in group for group in groups)


class WeightAverage(StepCounter):
    """Let a fit end with the mean of its weights over the last steps (Izmailov et al. 2018).

    From the first of these steps on, each epoch ends with the mean in place, so that validation,
    scores and checkpoints see the net that would remain if the fit stopped there. The next epoch
    goes on from the weights of the last step.

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
        self.mean_ = self.last_ = None

    def on_epoch_begin(self, net, **kwargs):
        super().on_epoch_begin(net, **kwargs)
        self._take_out_mean(net)

    def on_batch_begin(self, net, training=False, **kwargs):
        if not training:
            self._put_in_mean(net)

    def _after_step(self, net):
        if self.step_ <= (1 - self.share) * self.n_steps_:
            return
        present = _parameters(net)
        if self.mean_ is None:
            self.mean_, self.n_averaged_ = {n: p.clone() for n, p in present.items()}, 1
            return
        self.n_averaged_ += 1
        for name, parameter in present.items():
            self.mean_[name].lerp_(parameter, 1 / self.n_averaged_)

    def on_epoch_end(self, net, **kwargs):
        self._put_in_mean(net)

    def on_train_end(self, net, **kwargs):
        self._put_in_mean(net)
        self.mean_ = self.last_ = None

    def _put_in_mean(self, net):
        if self.mean_ is None or self.last_ is not None:
            return
        present = _parameters(net)
        self.last_ = {name: parameter.clone() for name, parameter in present.items()}
        for name, parameter in present.items():
            parameter.copy_(self.mean_[name])

    def _take_out_mean(self, net):
        if self.last_ is None:
            return
        for name, parameter in _parameters(net).items():
            # What a callback has changed meanwhile stays changed.
            if torch.equal(parameter, self.mean_[name]):
                parameter.copy_(self.last_[name])
        self.last_ = None


def _parameters(net):
    """Return the module's parameters by name, to read and write without a gradient."""
    return {name: parameter.detach() for name, parameter in net.module_.named_parameters()}


class TrainingProgress(StepCounter):
    """A progress bar over the whole fit with the loss and the time left, if ``verbose``."""

    def on_epoch_begin(self, net, **kwargs):
        super().on_epoch_begin(net, **kwargs)
        if self.step_ == 0 and net.verbose:
            # A net that fits on has epochs of earlier fits in its history.
            self.n_before_ = len(net.history) - 1
            self.bar_ = tqdm(total=self.n_steps_, desc=type(net).__name__, unit="batch")

    def _after_step(self, net):
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


def default_callbacks(*, with_sequences):
    """Return the callbacks of a net's recipe.

    Parameters
    ----------
    with_sequences : bool
        Whether the net reads sequences beside static factors.

    Returns
    -------
    callbacks : list of (str, Callback)
    """
    schedule, average = WarmupCosine(), WeightAverage()
    if with_sequences:
        # New storms differ more from the training table than new places do: there the mean of
        # the weights along an even path holds better than its end.
        schedule, average = WarmupCosine(peak=1 / 5, final=1 / 5), WeightAverage(share=0.5)
    return [
        ("epoch_timer", EpochTimer()),
        ("train_loss", PassthroughScoring(name="train_loss", on_train=True)),
        ("valid_loss", PassthroughScoring(name="valid_loss")),
        ("schedule", schedule),
        ("average", average),
        ("clip", GradientNormClipping(1.0)),
        ("progress", TrainingProgress()),
    ]
