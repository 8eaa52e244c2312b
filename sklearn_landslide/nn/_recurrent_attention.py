"""SAM, pooling, LSTM and self-attention: what follows the convolutions of a path.

Tensors are columns, as in the layers. Shapes are written with B rows of a batch, P positions,
T positions after pooling, C channels, A values of a query and H values of the LSTM.
"""

import torch
from torch import nn

from sklearn_landslide.nn._kernels import Attend, Recurrence, few_products
from sklearn_landslide.nn._layers import ColumnLinear, uniform


class SpatialAttention(nn.Module):
    """SAM: mean and maximum over the channels, fused, convolved, sigmoid, multiplied back.

    The weights lie between 0 and 2, so that an untrained module changes nothing on average.

    Parameters
    ----------
    width : odd int
        Width of the convolution over the positions.

    Notes
    -----
    Shape: (P, C, B) -> features (P, C, B), weights (P, B)

    Examples
    --------
    >>> import torch
    >>> features, weights = SpatialAttention(7)(torch.randn(9, 24, 100))
    >>> features.shape, weights.shape
    (torch.Size([9, 24, 100]), torch.Size([9, 100]))
    """

    def __init__(self, width):
        super().__init__()
        self.conv = nn.Conv1d(2, 1, width, padding=width // 2)

    def _band(self, n_positions):
        """Return the convolution as a matrix, (P, 2 P): for one channel far faster."""
        width = self.conv.weight.shape[-1]
        position = torch.arange(n_positions, device=self.conv.weight.device)
        tap = position - position[:, None] + width // 2
        outside = (tap < 0) | (tap >= width)
        band = self.conv.weight[0][:, tap.clamp(0, width - 1)].masked_fill(outside, 0)
        return band.transpose(0, 1).flatten(1)

    def forward(self, features):
        pooled = torch.cat([features.mean(dim=1), features.amax(dim=1)])
        weights = 2 * torch.sigmoid(torch.addmm(self.conv.bias, self._band(len(features)), pooled))
        return features * weights.unsqueeze(1), weights


def pool_pairs(features):
    """Maximum over neighboring pairs of positions.

    Parameters
    ----------
    features : Tensor of shape (P, C, B)
        With an odd number of positions, the last one stands alone.

    Returns
    -------
    pooled : Tensor of shape (T, C, B)
        T is ``ceil(P / 2)``.
    """
    if len(features) % 2:
        features = torch.cat([features, features[-1:]])
    return torch.maximum(*features.unflatten(0, (-1, 2)).unbind(1))


class LSTM(nn.Module):
    """A long short-term memory along the positions.

    Parameters
    ----------
    channels, hidden : int
        Number of channels C, and of values H of the state.

    Notes
    -----
    Shape: (T, C, B) -> (T, H, B)

    Examples
    --------
    >>> import torch
    >>> LSTM(24, 16)(torch.randn(5, 24, 100)).shape
    torch.Size([5, 16, 100])
    """

    def __init__(self, channels, hidden):
        super().__init__()
        self.weight_input = nn.Parameter(uniform(4 * hidden, channels, fan_in=hidden))
        self.weight_hidden = nn.Parameter(uniform(4 * hidden, hidden, fan_in=hidden))
        self.bias = nn.Parameter(uniform(4 * hidden, 1, fan_in=hidden))

    def forward(self, features):
        return Recurrence.apply(features, self.weight_input, self.weight_hidden, self.bias)


class ResidualLSTM(nn.Module):
    """An LSTM along the positions, added to a linear map of each position.

    Parameters
    ----------
    channels, hidden : int
        Number of channels C, and of values H of the state.
    lstm : bool
        Whether there is an LSTM beside the linear map.

    Notes
    -----
    Shape: (T, C, B) -> (T, H, B)

    Examples
    --------
    >>> import torch
    >>> ResidualLSTM(24, 16, lstm=True)(torch.randn(5, 24, 100)).shape
    torch.Size([5, 16, 100])
    """

    def __init__(self, channels, hidden, lstm):
        super().__init__()
        self.shortcut = ColumnLinear(channels, hidden)
        self.lstm = LSTM(channels, hidden) if lstm else None

    def forward(self, features):
        linear = self.shortcut(features)
        return linear if self.lstm is None else linear + self.lstm(features)


class SelfAttention(nn.Module):
    """One head of scaled dot-product self-attention with a residual connection.

    Parameters
    ----------
    hidden, key_size : int
        Number of values H of a position, and A of its query and its key.

    Notes
    -----
    Shape: (T, H, B) -> features (T, H, B), weights (B, T, T) whose rows sum to one; no gradient
    is to be taken through them

    Examples
    --------
    >>> import torch
    >>> features, weights = SelfAttention(16, key_size=8)(torch.randn(5, 16, 100))
    >>> weights.sum(dim=2).allclose(torch.ones(100, 5))
    True
    """

    def __init__(self, hidden, key_size):
        super().__init__()
        self.project = ColumnLinear(hidden, 2 * key_size + hidden)
        self.key_size = key_size

    def forward(self, features):
        sizes = [self.key_size, self.key_size, features.shape[1]]
        query, key, value = self.project(features).split(sizes, dim=1)
        if self.training and few_products(key, value):
            # torch's own gradient leaves the interpreter to the other shards of the batch.
            logits = (query.unsqueeze(1) * key).sum(2) * self.key_size**-0.5
            powers = (logits - logits.detach().amax(dim=1, keepdim=True)).exp()
            weights = powers / powers.sum(dim=1, keepdim=True)
            mixed = (weights.unsqueeze(2) * value).sum(1)
        else:
            mixed, weights = Attend.apply(query, key, value)
        return features + mixed, weights.permute(2, 0, 1)


class RecurrentAttention(nn.Module):
    """SAM -> pooling -> LSTM -> self-attention: what follows the convolutions of a path.

    Parameters
    ----------
    channels : int
        Number of channels C.
    sam, lstm, attention : bool
        Switches of the spatial attention, the LSTM and the self-attention.
    sam_width : odd int
        Width of the convolution in the spatial attention.
    lstm_hidden : int
        Size H of the LSTM's state.
    attention_size : int
        Size A of queries and keys.

    Notes
    -----
    Shape: (P, C, B) -> features (T H, B), SAM weights (B, P) or None, self-attention weights
    (B, T, T) or None, where T = ceil(P / 2)

    Examples
    --------
    >>> import torch
    >>> sizes = {"sam_width": 7, "lstm_hidden": 16, "attention_size": 8}
    >>> reader = RecurrentAttention(24, sam=True, lstm=True, attention=True, **sizes)
    >>> features, spatial, weights = reader(torch.randn(9, 24, 100))
    >>> features.shape, spatial.shape, weights.shape
    (torch.Size([80, 100]), torch.Size([100, 9]), torch.Size([100, 5, 5]))
    """

    def __init__(self, channels, *, sam, sam_width, lstm, lstm_hidden, attention, attention_size):
        super().__init__()
        self.sam = SpatialAttention(sam_width) if sam else None
        self.lstm = ResidualLSTM(channels, lstm_hidden, lstm)
        self.attention = SelfAttention(lstm_hidden, attention_size) if attention else None

    def forward(self, features):
        spatial = weights = None
        if self.sam is not None:
            features, spatial = self.sam(features)
            spatial = spatial.T
        features = self.lstm(pool_pairs(features))
        if self.attention is not None:
            features, weights = self.attention(features)
        return features.flatten(0, 1), spatial, weights
