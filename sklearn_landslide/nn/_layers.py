"""Layers that the paths of the network share, in plain torch.

Tensors are columns: the rows of a batch lie along the last axis, so that every operation runs
over memory in order, however few channels there are. Shapes are written with B rows of a batch,
K members, P positions, C channels, F features and Y classes.
"""

import math

import torch
from torch import nn

from sklearn_landslide.nn._kernels import Normalize, random_mask


def uniform(*shape, fan_in):
    """Draw weights with the spread that keeps the variance of a layer's output near one.

    Parameters
    ----------
    *shape : int
        Shape of the weights.
    fan_in : int
        Number of inputs of the layer.

    Returns
    -------
    weights : Tensor
        Evenly distributed up to ``fan_in ** -0.5`` on either side of 0.
    """
    bound = 1 / math.sqrt(fan_in)
    return torch.empty(*shape).uniform_(-bound, bound)


def signs(*shape):
    """Draw random signs, which make the members differ from the start.

    Parameters
    ----------
    *shape : int
        Shape of the signs.

    Returns
    -------
    signs : Tensor
        Values of -1 and 1.
    """
    return torch.randint(0, 2, shape) * 2.0 - 1.0


class ByteDropout(nn.Module):
    """Dropout by random bytes.

    Parameters
    ----------
    p : float
        Probability of a value to be dropped, rounded to a multiple of 1/256.

    Notes
    -----
    Shape: any -> the same

    Examples
    --------
    >>> import torch
    >>> dropped = ByteDropout(0.5)(torch.ones(1000, 3))
    >>> dropped.unique()
    tensor([0., 2.])
    """

    def __init__(self, p):
        super().__init__()
        self.p = round(256 * p) / 256

    def forward(self, x):
        if not (self.training and self.p):
            return x
        return x * random_mask(x, self.p)


class ColumnLinear(nn.Linear):
    """A linear layer on columns.

    Parameters
    ----------
    in_features, out_features : int
        Number of features F that come in and G that go out.

    Notes
    -----
    Shape: (F, B) or (P, F, B) -> (G, B) or (P, G, B)

    Examples
    --------
    >>> import torch
    >>> ColumnLinear(4, 5)(torch.randn(3, 4, 7)).shape
    torch.Size([3, 5, 7])
    """

    def forward(self, x):
        bias = self.bias.unsqueeze(1)
        if x.ndim == 2:
            return torch.addmm(bias, self.weight, x)
        return torch.baddbmm(bias, self.weight.expand(len(x), -1, -1), x)


class ColumnNorm(nn.Module):
    """Layer normalization of columns, behind a map without bias whose kernel it centers.

    A centered kernel removes the mean over the channels at little cost: there are fewer weights
    than values.

    Parameters
    ----------
    channels : int
        Number of channels C.
    eps : float, default=1e-5
        Added to the variance, so that constant values do no harm.

    Notes
    -----
    Shape: (P, C, B) with mean 0 over the channels -> the same

    Examples
    --------
    >>> import torch
    >>> norm = ColumnNorm(4)
    >>> x = norm.center(torch.eye(4)) @ torch.arange(1200.0).reshape(3, 4, 100)
    >>> norm(x).square().mean(dim=1).allclose(torch.ones(3, 100), atol=1e-3)
    True
    """

    def __init__(self, channels, eps=1e-5):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))
        self.eps = eps

    @staticmethod
    def center(kernel):
        """Subtract the mean over the channels from a kernel, (C, ...) -> the same."""
        return kernel - kernel.mean(dim=0, keepdim=True)

    def forward(self, x):
        return Normalize.apply(x, self.weight.unsqueeze(1), self.bias.unsqueeze(1), self.eps)


class MemberHeads(nn.Module):
    """A linear classifier for each member, on features of its own or on shared ones.

    Parameters
    ----------
    n_members, n_inputs, n_classes : int
        Number of members K, features F and classes Y.

    Notes
    -----
    Shape: (K, F, B) or (F, B) -> (K, Y, B)

    Examples
    --------
    >>> import torch
    >>> MemberHeads(8, 5, 2)(torch.randn(5, 100)).shape
    torch.Size([8, 2, 100])
    """

    def __init__(self, n_members, n_inputs, n_classes):
        super().__init__()
        self.weight = nn.Parameter(uniform(n_members, n_classes, n_inputs, fan_in=n_inputs))
        self.bias = nn.Parameter(torch.zeros(n_members, n_classes, 1))

    def forward(self, features):
        if features.ndim == 3:
            return torch.baddbmm(self.bias, self.weight, features)
        logits = torch.addmm(self.bias.flatten(0, 1), self.weight.flatten(0, 1), features)
        return logits.unflatten(0, self.weight.shape[:2])


class SharedHeads(MemberHeads):
    """Heads of the members on shared features, of which each member drops its own.

    Parameters
    ----------
    n_members, n_inputs, n_classes : int
        Number of members K, features F and classes Y.
    dropout : float
        Probability of a feature to be dropped.

    Notes
    -----
    Shape: (F, B) -> (K, Y, B)

    Examples
    --------
    >>> import torch
    >>> SharedHeads(8, 5, 2, dropout=0.3)(torch.randn(5, 100)).shape
    torch.Size([8, 2, 100])
    """

    def __init__(self, n_members, n_inputs, n_classes, dropout):
        super().__init__(n_members, n_inputs, n_classes)
        self.dropout = ByteDropout(dropout)

    def forward(self, features):
        if self.training:
            features = self.dropout(features.expand(len(self.weight), -1, -1))
        return super().forward(features)
