"""A training step on several threads, with the same sums whatever their number."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial

import torch

from sklearn_landslide.nn._devices import device_of
from sklearn_landslide.nn._heads import MemberCrossEntropy
from sklearn_landslide.nn._kernels import random_stream
from sklearn_landslide.nn._modules import is_landslide_module

# Rows of a shard; smaller ones would spend their time between operations. Only a batch of fewer
# than two shards is divided further, so that a second thread has something to do.
_SHARD_ROWS = 256
# With so many factors or fewer, and no sequences, two threads would wait for the interpreter in
# turn, and take longer than one.
_FEW_FACTORS = 32


class GradientShards:
    """Compute the gradient of a batch in shards, each in a thread, and add them up.

    The shards follow from the batch alone, each has its own stream of random numbers, and they
    are added in order, so the result does not depend on the number of threads. Threads of
    torch's own would split each operation, and those of a step on a table are too small for it.

    Parameters
    ----------
    n_threads : int
        Threads that may be used.

    Notes
    -----
    Only for :class:`LandslideModule` and :class:`MemberCrossEntropy` on the processor: another
    module may draw from torch's own generator or change itself in a step, and another loss need
    not be a mean over rows.
    """

    def __init__(self, n_threads):
        self.n_threads = n_threads
        self.pool = None

    def __enter__(self):
        if self.n_threads > 1:
            self.pool = ThreadPoolExecutor(self.n_threads)
        return self

    def __exit__(self, *error):
        if self.pool is not None:
            self.pool.shutdown()
            self.pool = None

    @staticmethod
    def serves(net, X):
        """Say whether a batch of a net is computed in shards."""
        return (
            len(X) >= _SHARD_ROWS
            and device_of(net).type == "cpu"
            and is_landslide_module(net.module_)
            and type(net.criterion_) is MemberCrossEntropy
            and (net.module_.sequences is not None or X.shape[1] > _FEW_FACTORS)
        )

    def step(self, net, X, y):
        """Set the gradient of the module's parameters.

        Parameters
        ----------
        net : LandslideNet
            The net, in training mode.
        X : Tensor of shape (B, P)
            The rows of the batch.
        y : Tensor of shape (B,)
            Their label codes.

        Returns
        -------
        loss : Tensor
            Loss of the batch, a scalar.
        logits : Tensor of shape (B, heads, Y)
            Output of the module, without a gradient.
        """
        n_shards = max(2, len(X) // _SHARD_ROWS)
        class_weight = net.criterion_.weight
        mass = torch.ones(len(y)) if class_weight is None else class_weight[y]
        total = mass.sum()
        shares = [part.sum() / total for part in mass.tensor_split(n_shards)]
        parameters = [p for p in net.module_.parameters() if p.requires_grad]
        seeds = torch.randint(2**62, (n_shards,)).tolist()
        shards = zip(X.tensor_split(n_shards), y.tensor_split(n_shards), shares, seeds, strict=True)
        run = map if self.pool is None else self.pool.map
        results = list(run(partial(_shard, net, parameters), shards))
        losses, logits, gradients = zip(*results, strict=True)
        for parameter, parts in zip(parameters, zip(*gradients, strict=True), strict=True):
            # The sum lies in memory as the parameter does. A part may not, being a piece of a
            # larger gradient, and torch's fused optimizer would take its values in wrong order.
            present = [part for part in parts if part is not None]
            parameter.grad = sum(present[1:], start=present[0]) if present else None
        return torch.stack(losses).sum(), torch.cat(logits)


def _shard(net, parameters, shard):
    """Loss, output and gradient of one shard, weighted by its share of the batch."""
    X, y, share, seed = shard
    with random_stream(seed):
        logits = net.infer(X)
        loss = net.get_loss(logits, y, X=X, training=True) * share
        gradient = torch.autograd.grad(loss, parameters, allow_unused=True)
    return loss.detach(), logits.detach(), gradient
