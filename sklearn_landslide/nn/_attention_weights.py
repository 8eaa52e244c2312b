"""What the network looked at, named by factor and by step in time."""

from functools import partial

import numpy as np
import pandas as pd
import torch
from sklearn.utils import Bunch
from skorch.utils import to_tensor

from sklearn_landslide.nn._heads import pool_heads
from sklearn_landslide.nn._sequence_encoding import factor_names


def attention_weights(net, rows, index=None):
    """Return the weights of a fitted net; see :meth:`LandslideNet.attention`.

    Parameters
    ----------
    net : LandslideNet
        The fitted net.
    rows : EncodedRows of shape (n_samples, n_features)
        Validated rows.
    index : pandas.Index or None, default=None
        Names of the rows.

    Returns
    -------
    weights : Bunch
    """
    spatial, matrix, *hours = _weights_by_row(net, rows)
    columns = getattr(net, "feature_names_in_", [f"x{j}" for j in range(net.n_features_in_)])
    names = factor_names(columns, net._groups, net._sequences)
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
            group.name: frame(weights, columns=[columns[j] for j in group.positions[0]])
            for group, weights in zip(net._groups, hours, strict=True)
        },
    )


def _weights_by_row(net, rows):
    """Weights of SAM and of the self-attention, and the shares of each group's steps."""
    module = net.module_

    def probabilities(x):
        shares = {"linear_weight": module.linear_weight, "memory_weight": module.memory_weight}
        # On the processor: not every device has double precision.
        return pool_heads(module(x).cpu(), **shares, n_heads=module.n_heads)

    net._set_training(False)
    parts = []
    with torch.no_grad():
        for batch, _ in net.get_iterator(net.get_dataset(rows)):
            batch = to_tensor(batch, device=net.device)
            weights = [*module.attention_weights(batch)]
            if net._sequences:
                weights += step_shares(module.sequences.table.readers, batch, probabilities)
            parts.append([None if w is None else w.cpu().numpy() for w in weights])
    return [None if p[0] is None else np.concatenate(p) for p in zip(*parts, strict=True)]


def step_shares(readers, x, probabilities):
    """Return the share of each step in the log-odds of the likeliest class.

    The share is the gradient of the whole network times the step, measured from 0 where the
    variable is never negative, else from its mean.

    Parameters
    ----------
    readers : iterable of SequenceReader
        The groups of sequences.
    x : Tensor of shape (B, n_features)
        Table rows.
    probabilities : callable
        From rows to probabilities (B, Y).

    Returns
    -------
    shares : list of Tensor of shape (B, N)
        One for each group; rows sum to one.
    """
    x = x.detach().clone().requires_grad_()
    with torch.enable_grad():
        logs = probabilities(x).log()
        odds = logs.amax(dim=1) - logs.mean(dim=1)
        (gradient,) = torch.autograd.grad(odds.sum(), x)
    shares = []
    for reader in readers:
        steps = x.detach()[:, reader.positions]
        start = reader.mean.where(reader.unit == 0, torch.zeros_like(reader.mean))
        effect = (gradient[:, reader.positions] * (steps - start.unsqueeze(-1))).abs().sum(dim=1)
        # Where no step has an effect, all have the same.
        effect = effect + torch.finfo(effect.dtype).tiny
        shares.append(effect / effect.sum(dim=1, keepdim=True))
    return shares
