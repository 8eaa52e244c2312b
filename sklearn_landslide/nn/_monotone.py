"""Factors with which the susceptibility may only rise, or only fall.

Tensors are columns, as in the layers. Shapes are written with B rows of a batch, P factors, D the
token size, M of the factors monotone, R ramps and H hidden values.
"""

import warnings
from collections.abc import Mapping

import numpy as np
import torch
from torch import nn

from sklearn_landslide._classes import landslide_label
from sklearn_landslide._table_columns import was_dropped
from sklearn_landslide._words import nearest
from sklearn_landslide.nn._layers import uniform

# Ramps between normal scores of -2.4 and 2.4, and the hidden values that they reach.
_RAMPS, _STEEPEST, _HIDDEN = 16, 2.4, 16


def resolve_monotonic(monotonic_cst, columns, classes, *, from_file=False):
    """Return in which direction each factor may move the probability of the second class.

    Parameters
    ----------
    monotonic_cst : dict of str to int, array-like of int, or None
        1, -1 or 0 by the names of factors, or one for each column: what the susceptibility does.
    columns : TableColumns
        The columns of the training table.
    classes : ndarray of shape (n_classes,)
        The labels, sorted.
    from_file : bool, default=False
        Whether the net was fitted before, and so all was said then.

    Returns
    -------
    signs : ndarray of shape (n_features,), int8, or None
        None where nothing is constrained.

    Raises
    ------
    ValueError
        If a factor is not there or is a category, or there are sequences or several classes.

    Warns
    -----
    UserWarning
        If a selector before has dropped a factor that is named.
    """
    if monotonic_cst is None:
        return None
    if len(classes) != 2:
        raise ValueError(
            f"monotonic_cst is for two classes, and y has {len(classes)}: leave it out."
        )
    if columns.groups:
        raise ValueError("monotonic_cst is for tables without sequences: leave one of them out.")
    if isinstance(monotonic_cst, Mapping):
        signs = _by_name(monotonic_cst, columns, from_file)
    else:
        signs = np.asarray(monotonic_cst)
        if signs.shape != (columns.n_features,):
            raise ValueError(
                f"monotonic_cst has the shape {signs.shape} and the table {columns.n_features} "
                "columns: give one number for each, or a dict of names."
            )
    if not np.isin(signs, [-1, 0, 1]).all():
        raise ValueError("monotonic_cst holds 1 (rises), -1 (falls) and 0 (free), nothing else.")
    for j in np.flatnonzero((signs != 0) & columns.is_categorical):
        name = j if columns.names is None else repr(columns.names[j])
        raise ValueError(f"monotonic_cst: factor {name} is a category, which has no order.")
    signs = signs.astype(np.int8)
    if _landslides_come_first(classes):
        signs = -signs
    return signs if signs.any() else None


def _by_name(monotonic_cst, columns, from_file):
    if columns.names is None:
        raise ValueError(
            "monotonic_cst names factors, and the table has no names: give one number for each "
            "column."
        )
    names, signs = list(columns.names), np.zeros(columns.n_features)
    for name, sign in monotonic_cst.items():
        if name in names:
            signs[names.index(name)] = sign
        elif was_dropped(name):
            warnings.warn(
                f"monotonic_cst: factor {name!r} was dropped before, so there is nothing to hold.",
                stacklevel=2,
            )
        elif not from_file:
            raise ValueError(f"monotonic_cst: no factor {name!r}.{nearest(name, names)}")
    return signs


def _landslides_come_first(classes):
    """Say whether the first of two sorted labels is a landslide; unknown labels count by order."""
    try:
        return landslide_label(classes.tolist()) == classes[0]
    except ValueError:
        return False


class MonotonePath(nn.Module):
    """What monotone factors add to the log-odds of the second class, depending on the others.

    A partially monotone network (Daniels and Velikova, 2010): ramps of the normal scores enter a
    hidden layer with weights that cannot be negative, next to the tokens of the other factors with
    any weights, and leave it with weights that cannot be negative. Half of the hidden values are
    cut at 0 from below and half from above, so that the sum may bend either way.

    Parameters
    ----------
    signs : ndarray of shape (P,), int8
        1 where the log-odds may only rise with a factor, -1 where they may only fall, else 0.
    token_size : int
        Length D of a token.

    Notes
    -----
    Shape: scores (P, B), tokens (P, D, B) -> (B,)

    References
    ----------
    Daniels, H., Velikova, M. (2010). Monotone and partially monotone neural networks. IEEE
    Transactions on Neural Networks 21 (6), 906-917.

    Examples
    --------
    >>> import numpy as np, torch
    >>> from sklearn_landslide.nn._monotone import MonotonePath
    >>> path = MonotonePath(np.array([0, 1], dtype=np.int8), token_size=4)
    >>> scores = torch.tensor([[0.5, 0.5, 0.5], [-1.0, 0.0, 1.0]])
    >>> rises = path(scores, path.hide(torch.ones(2, 4, 3))).diff() >= 0
    >>> rises.all()
    tensor(True)
    """

    def __init__(self, signs, token_size):
        super().__init__()
        factors = np.flatnonzero(signs)
        n_inputs = len(signs) * token_size
        edges = torch.linspace(-_STEEPEST, _STEEPEST, _RAMPS + 1)
        self.width = 2 * _STEEPEST / _RAMPS
        buffers = {
            "factors": torch.from_numpy(factors),
            "signs": torch.from_numpy(signs[factors].astype(np.float32)).unsqueeze(1),
            "starts": edges[:-1].view(1, -1, 1),
            "free": torch.from_numpy((signs == 0).astype(np.float32)).view(-1, 1, 1),
        }
        for name, tensor in buffers.items():
            self.register_buffer(name, tensor, persistent=False)
        self.others = nn.Parameter(uniform(_HIDDEN, n_inputs, fan_in=n_inputs))
        self.bias = nn.Parameter(uniform(_HIDDEN, 1, fan_in=1))
        # Squares of these are the weights, which so are never negative.
        self.root = nn.Parameter(0.3 * torch.rand(_HIDDEN, len(factors) * _RAMPS))
        self.out_root = nn.Parameter(0.5 * torch.rand(1, _HIDDEN))

    def hide(self, tokens):
        """Return tokens from which nothing is known of the monotone factors."""
        return tokens * self.free

    def forward(self, scores, tokens):
        scores = (scores[self.factors] * self.signs).unsqueeze(1)
        ramps = ((scores - self.starts) / self.width).clamp(0, 1).flatten(0, 1)
        hidden = torch.addmm(self.bias, self.others, tokens.flatten(0, 1))
        hidden = torch.addmm(hidden, self.root.square(), ramps)
        above, below = hidden.tensor_split(2)
        bent = torch.cat([above.clamp(min=0), below.clamp(max=0)])
        return torch.mm(self.out_root.square(), bent)[0]
