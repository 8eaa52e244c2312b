"""The network in plain torch: embedding, paths, heads.

Shapes are written with B rows of a batch, K members, P factors, D the token size, T positions
after pooling and Y classes.
"""

import torch
from torch import nn

from sklearn_landslide.nn._embedding import FactorEmbedding, FactorEncoder, tabulate
from sklearn_landslide.nn._heads import ROW_MULTIPLE
from sklearn_landslide.nn._memory import MemoryPath
from sklearn_landslide.nn._monotone import MonotonePath
from sklearn_landslide.nn._paths import DeepPath, LinearPath, WidePath
from sklearn_landslide.nn._sequence_paths import SequencePaths

# Sizes of the deep path that "auto" stands for; rain takes more than a row of factors.
_SIZES = {"n_frequencies": 8, "conv_channels": 4, "lstm_hidden": 8, "attention_size": 4}
_SIZES_WITH_SEQUENCES = {name: 2 * size for name, size in _SIZES.items()}

# Values of a block of a prediction, and the rows that it has at least and at most: larger ones
# leave the processor's cache, smaller ones spend their time between operations.
_BLOCK_VALUES, _FEWEST_ROWS, _MOST_ROWS = 2**16, 512, 4096


def rows_of_a_block(n_features):
    """Return the rows that a network computes at a time in a prediction.

    Parameters
    ----------
    n_features : int
        Number of columns.

    Returns
    -------
    n_rows : int
    """
    n_rows = min(_BLOCK_VALUES // n_features, _MOST_ROWS)
    return max(n_rows - n_rows % ROW_MULTIPLE, _FEWEST_ROWS)


def is_landslide_module(module):
    """Say whether a module is the package's own, of which all is known.

    A class that is derived from it may do anything in ``forward``, in threads of its own or with
    torch's random numbers, so it counts as a module of the user's.

    Parameters
    ----------
    module : torch module
        The module of a net.

    Returns
    -------
    is_own : bool
    """
    return type(module) is LandslideModule


class LandslideModule(nn.Module):
    """The CNN-LSTM network with spatial attention and self-attention.

    A table row becomes a small map, one token per factor. K members share all weights but
    adapters and heads (after Gorishniy et al., 2025). Each member has
    a deep path (CNN -> SAM -> LSTM -> self-attention) and a wide path (one hidden layer);
    each path of each member is a head with a softmax of its own. A linear path, a logistic
    regression on z-scores, is one more head, and so is a memory of the training rows, a small
    forest of extremely randomized trees.

    Parameters
    ----------
    encoding : FactorEncoding
        What was learned from the training table.
    n_classes : int
        Number of classes Y.
    n_members : int, default=4
        Number of members K.
    logistic : LogisticSolution or None, default=None
        The solved logistic regression of the linear path; None leaves the path out.
    forest : Forest or None, default=None
        The grown forest of the memory; None leaves the path out.
    sequences : sequence of SequenceEncoding, default=()
        Groups of columns that are variables over time; each gets a path of its own.
    monotone : ndarray of shape (P,), int8, or None, default=None
        1 for factors with which the log-odds of the second of two classes may only rise, -1
        where they may only fall, else 0. The deep and the wide path do not see these factors: a
        path that holds the constraint adds to the log-odds of their heads.
    token_size : int, default=16
        Length D of a token.
    n_frequencies : "auto" or int, default="auto"
        Frequencies of the periodic embedding; "auto" takes 8, and 16 with sequences.
    cnn, sam, lstm, attention : bool, default=True
        Switches of the four modules of the deep path.
    deep, wide, linear, memory : bool, default=True
        Switches of the four paths.
    linear_weight : float, default=0.3
        Share of the linear path in the log-odds of network and linear path.
    memory_weight : float, default=0.35
        Share of the memory in the log-odds of all.
    conv_widths : tuple of odd int, default=(1, 3, 5)
        Widths of the convolutions over the tokens.
    conv_channels : "auto" or int, default="auto"
        Channels of each convolution; "auto" takes 4, and 8 with sequences.
    sam_width : odd int, default=7
        Width of the convolution in the spatial attention.
    lstm_hidden : "auto" or int, default="auto"
        Size H of the LSTM's state; "auto" takes 8, and 16 with sequences.
    attention_size : "auto" or int, default="auto"
        Size of queries and keys; "auto" takes 4, and 8 with sequences.
    wide_hidden : int, default=64
        Size of the hidden layer of the wide path.
    dropout : float, default=0.3
        Dropout before the heads.

    Notes
    -----
    Shape: (B, P) -> logits (B, heads, Y), where heads = K x (deep + wide + number of groups of
    sequences), and the linear path and the memory come last. In training there is no memory: it
    knows the labels of the training rows.

    References
    ----------
    Gorishniy, Y., Rubachev, I., Babenko, A. (2022). On embeddings for numerical features in
    tabular deep learning. NeurIPS 35.

    Gorishniy, Y., Kotelnikov, A., Babenko, A. (2025). TabM: advancing tabular deep learning
    with parameter-efficient ensembling. ICLR.

    Examples
    --------
    >>> import numpy as np, torch
    >>> from sklearn_landslide.nn import LandslideModule, learn_encoding
    >>> X = np.random.default_rng(0).normal(size=(50, 3)).astype(np.float32)
    >>> module = LandslideModule(learn_encoding(X, n_categories=[0, 0, 0]), n_classes=2)
    >>> module(torch.from_numpy(X)).shape
    torch.Size([50, 8, 2])
    """

    def __init__(
        self,
        encoding,
        n_classes,
        n_members=4,
        logistic=None,
        forest=None,
        sequences=(),
        monotone=None,
        *,
        token_size=16,
        n_frequencies="auto",
        cnn=True,
        sam=True,
        lstm=True,
        attention=True,
        deep=True,
        wide=True,
        linear=True,
        memory=True,
        linear_weight=0.3,
        memory_weight=0.35,
        conv_widths=(1, 3, 5),
        conv_channels="auto",
        sam_width=7,
        lstm_hidden="auto",
        attention_size="auto",
        wide_hidden=64,
        dropout=0.3,
    ):
        super().__init__()
        if not (deep or wide):
            raise ValueError("deep=False and wide=False leave no network: switch one of them on.")
        if even := [w for w in (*conv_widths, sam_width) if w % 2 == 0]:
            raise ValueError(f"Widths of convolutions must be odd, got {even[0]}.")
        sizes = {
            "n_frequencies": n_frequencies,
            "conv_channels": conv_channels,
            "lstm_hidden": lstm_hidden,
            "attention_size": attention_size,
        }
        auto = _SIZES_WITH_SEQUENCES if sequences else _SIZES
        sizes = {name: auto[name] if size == "auto" else size for name, size in sizes.items()}
        n_frequencies = sizes.pop("n_frequencies")
        p = encoding.n_factors
        self.n_members = n_members
        self.encoder = FactorEncoder(encoding)
        n_codes = int(encoding.n_codes.sum())
        coded = self.encoder.coded
        self.embedding = FactorEmbedding(p, n_codes, coded, token_size, n_frequencies)
        self.deep = self.wide = None
        if deep:
            self.deep = DeepPath(
                p,
                n_classes,
                n_members,
                token_size=token_size,
                cnn=cnn,
                conv_widths=conv_widths,
                sam=sam,
                sam_width=sam_width,
                lstm=lstm,
                attention=attention,
                dropout=dropout,
                **sizes,
            )
        if wide:
            self.wide = WidePath(
                p, n_classes, n_members, token_size=token_size, hidden=wide_hidden, dropout=dropout
            )

        self.monotone = None if monotone is None else MonotonePath(monotone, token_size)
        self.linear = LinearPath(logistic) if linear and logistic is not None else None
        self.linear_weight = None if self.linear is None else linear_weight
        self.memory = None
        if memory and forest is not None:
            self.memory = MemoryPath(forest, encoding)
        self.memory_weight = None if self.memory is None else memory_weight
        n_paths = (self.deep is not None) + (self.wide is not None) + len(sequences)
        n_beside = (self.linear is not None) + (self.memory is not None)
        self.n_heads = n_members * n_paths + n_beside
        self.sequences = None
        if sequences:
            self.sequences = SequencePaths(
                sequences,
                p,
                n_classes,
                n_members,
                token_size=token_size,
                cnn=cnn,
                n_branches=len(conv_widths),
                sam=sam,
                sam_width=sam_width,
                lstm=lstm,
                attention=attention,
                dropout=dropout,
                **sizes,
            )

    def _read(self, x, embedding=None):
        """Return values of the factors, their tokens and codes, channels, and what is added."""
        channels = None
        if self.sequences is not None:
            x, channels = self.sequences.read(x)
        values = x.T.contiguous()
        scores, codes = self.encoder(values)
        embedding = self.embedding if embedding is None else embedding
        tokens, lift = embedding(scores, codes), None
        if self.monotone is not None:
            tokens = self.monotone.hide(tokens)
            lift = self.monotone(scores, tokens)
        return values, tokens, codes, channels, lift

    def tabulated_embedding(self):
        """Return the present embedding as a table, which ``forward`` takes for predictions.

        Returns
        -------
        embedding : TabulatedEmbedding or FactorEmbedding
            The embedding itself, where no table of a sensible size is accurate.
        """
        scores = self.encoder.scores
        low, high = scores.amin(dim=1, keepdim=True), scores.amax(dim=1, keepdim=True)
        with torch.no_grad():
            return tabulate(self.embedding, low, high)

    def forward(self, x, embedding=None):
        """Return the logits of all heads.

        Parameters
        ----------
        x : Tensor of shape (B, P)
            Table rows.
        embedding : module or None, default=None
            What makes tokens of the factors in place of the network's own embedding, such as
            the table that ``tabulated_embedding`` returns.

        Returns
        -------
        logits : Tensor of shape (B, heads, Y)
        """
        in_blocks = x.is_cpu and not self.training
        blocks = x.split(rows_of_a_block(x.shape[1])) if in_blocks else [x]
        heads, values, codes = zip(*(self._network(b, embedding) for b in blocks), strict=True)
        logits = torch.cat(heads, dim=2)
        if self.memory is not None and self.memory.is_awake and not self.training:
            # Of all rows at once: each tree is fetched from memory but one time.
            remembered = self.memory(torch.cat(values, dim=1), torch.cat(codes, dim=1))
            logits = torch.cat([logits, remembered])
        return logits.permute(2, 0, 1)

    def _network(self, x, embedding):
        """Return the logits of all heads but the memory, (heads, Y, B), and values and codes."""
        values, tokens, codes, channels, lift = self._read(x, embedding)
        heads = []
        if self.deep is not None:
            heads.append(self.deep(tokens)[0])
        if self.wide is not None:
            heads.append(self.wide(tokens))
        if self.sequences is not None:
            heads += [logits for logits, _, _ in self.sequences(channels, tokens)]
        if lift is not None:
            # Half of the log-odds to each class.
            heads = [logits + torch.stack([-lift, lift]) / 2 for logits in heads]
        if self.linear is not None:
            heads.append(self.linear(values, codes))
        return torch.cat(heads), values, codes

    def attention_weights(self, x):
        """Return the weights of SAM and of the self-attention over the factors.

        Parameters
        ----------
        x : Tensor of shape (B, n_features)
            Table rows.

        Returns
        -------
        spatial : Tensor of shape (B, P) or None
            Weights of SAM; None without it.
        weights : Tensor of shape (B, T, T) or None
            Weights of the self-attention; None without it.
        """
        if self.deep is None:
            return None, None
        _, tokens, *_ = self._read(x)
        return self.deep(tokens)[1:]
