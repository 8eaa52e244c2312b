"""The heads of the network: their loss, and how their answers become one probability."""

from dataclasses import dataclass

import numpy as np
import torch
from scipy.special import softmax
from torch import nn

# What the rows of a batch are filled up to in a prediction: products of whole blocks sum in one
# order, and values at the end of a block are computed like all others, so a row's probability
# does not depend on its neighbors in the batch.
ROW_MULTIPLE = 64


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
            # Rows lie last in the network's memory: over an axis of few classes a softmax, and
            # the products of its gradient, would take several times as long.
            labels = labels.expand(logits.shape[1], -1)
            logits = logits.permute(1, 2, 0)
        return super().forward(logits, labels)


@dataclass(frozen=True)
class PathLogs:
    """What the network and the paths beside it say of rows, each for itself.

    Parameters
    ----------
    network : ndarray of shape (n_samples, n_classes)
        Logarithms of the probabilities that the network's heads give on average.
    linear, memory : ndarray of shape (n_samples, n_classes) or None
        Those of the linear path and of the memory; None where there is none.
    """

    network: np.ndarray
    linear: np.ndarray | None
    memory: np.ndarray | None

    def joined(self, linear_weight, memory_weight):
        """Return the probabilities of all together.

        Parameters
        ----------
        linear_weight, memory_weight : float or None
            Shares, as in :func:`pool_heads`.

        Returns
        -------
        probabilities : ndarray of shape (n_samples, n_classes)
        """
        beside = ((linear_weight, self.linear), (memory_weight, self.memory))
        return softmax(
            _blend(self.network, [pair for pair in beside if pair[1] is not None]), axis=1
        )


def path_logs(logits, *, has_linear, has_memory):
    """Take the logits of all heads apart.

    Parameters
    ----------
    logits : Tensor of shape (B, heads, Y)
        One softmax a head.
    has_linear, has_memory : bool
        Which paths are there beside the network.

    Returns
    -------
    logs : PathLogs
    """
    logs = logits.double().log_softmax(dim=-1)
    memory = logs[:, -1] if has_memory else None
    logs = logs[:, : logs.shape[1] - has_memory]
    linear = logs[:, -1] if has_linear else None
    heads = logs[:, : logs.shape[1] - has_linear].exp().mean(dim=1)
    network = heads.clamp(min=torch.finfo(heads.dtype).tiny).log()
    return PathLogs(*(None if t is None else t.numpy() for t in (network, linear, memory)))


def pool_heads(logits, linear_weight=None, memory_weight=None, *, n_heads=None):
    """Turn the logits of all heads into one probability.

    The heads of the network are averaged as probabilities. The linear path is then averaged with
    them as log-odds, and the memory with both.

    Parameters
    ----------
    logits : Tensor of shape (B, heads, Y) or (B, Y)
        One softmax a head: those of the network, then the linear path, then the memory.
    linear_weight : float or None, default=None
        Share of the linear path in the log-odds of network and linear path; None says that there
        is none.
    memory_weight : float or None, default=None
        Share of the memory in the log-odds of all; None says that there is none.
    n_heads : int or None, default=None
        Heads with a memory; with fewer the logits are those of a training step, which has none.
        None says that what there is is there.

    Returns
    -------
    probabilities : Tensor of shape (B, Y), float64
    """
    if logits.ndim == 2:
        return logits.double().softmax(dim=-1)
    weights = _weights_beside(logits, linear_weight, memory_weight, n_heads)
    return _join(logits, weights, lambda shares: shares.mean(dim=0)).T


def pool_members(logits, n_members, linear_weight=None, memory_weight=None, *, n_heads=None):
    """Turn the logits of all heads into one probability for each member.

    Each member has one head in each path of the network; all share the linear path and the memory.

    Parameters
    ----------
    logits : Tensor of shape (B, heads, Y)
        One softmax a head.
    n_members : int
        Number of members K.
    linear_weight, memory_weight : float or None, default=None
        As in :func:`pool_heads`.
    n_heads : int or None, default=None
        As in :func:`pool_heads`.

    Returns
    -------
    probabilities : Tensor of shape (K, B, Y), float64
    """

    def pool(shares):
        return shares.unflatten(0, (-1, n_members)).mean(dim=0)

    weights = _weights_beside(logits, linear_weight, memory_weight, n_heads)
    return _join(logits, weights, pool).transpose(-1, -2)


def _weights_beside(logits, linear_weight, memory_weight, n_heads):
    """Shares of the heads beside the network that are there, in their order."""
    if n_heads is not None and logits.shape[1] < n_heads:
        memory_weight = None
    return [weight for weight in (linear_weight, memory_weight) if weight is not None]


def _join(logits, weights, pool):
    """Pool the probabilities of the network's heads; average the log-odds with those beside it.

    Rows lie along the last axis here, as the network returns them: over an axis of few
    classes a softmax is many times slower. What follows is in double precision, so that
    scikit-learn's metrics find that rows sum to one.

    Notes
    -----
    Shape: logits (B, heads, Y) -> (..., Y, B); ``pool`` gets (heads, Y, B)
    """
    n_rows = len(logits)
    columns = logits.permute(1, 2, 0)
    if missing := -n_rows % ROW_MULTIPLE:
        columns = nn.functional.pad(columns, (0, missing))
    heads, beside = columns[: len(columns) - len(weights)], columns[len(columns) - len(weights) :]
    pooled = pool(heads.softmax(dim=1).double())
    logs = pooled.clamp(min=torch.finfo(pooled.dtype).tiny).log()
    others = [other.double().log_softmax(dim=0) for other in beside]
    return _blend(logs, zip(weights, others, strict=True)).softmax(dim=-2)[..., :n_rows]


def _blend(logs, beside):
    """Average log-probabilities with those of each path beside, one after the other."""
    for weight, other in beside:
        logs = (1 - weight) * logs + weight * other
    return logs
