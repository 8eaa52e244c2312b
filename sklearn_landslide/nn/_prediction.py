"""How a prediction is spread over the hardware: parts, batches, blocks, threads, a table."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np
import torch
from sklearn.utils import _safe_indexing
from skorch.utils import is_dataset, to_numpy, to_tensor

from sklearn_landslide._codes import codes_may_be_unknown
from sklearn_landslide.nn._bubble import keep_freed_memory, one_thread
from sklearn_landslide.nn._datasets import holds_encoded_rows, table_of
from sklearn_landslide.nn._devices import check_device, device_of
from sklearn_landslide.nn._heads import ROW_MULTIPLE, path_logs, pool_heads, pool_members
from sklearn_landslide.nn._modules import is_landslide_module, rows_of_a_block
from sklearn_landslide.nn._rows import EncodedRows, check_codes, read_rows

# Rows that are validated and converted at a time: a map of any size costs little more memory
# than its probabilities.
_READ_ROWS = 65_536
# Blocks of a prediction batch, which go through the trees of the memory together, and its fewest
# rows.
_BLOCKS_OF_A_BATCH, _FEWEST_ROWS = 4, 512
# Rows from which on a table of the embedding pays.
_TABULATED_ROWS = 8192


def forward_in_blocks(module, x):
    """Run a module in blocks of whole rows; see ``ROW_MULTIPLE``.

    Parameters
    ----------
    module : callable
        From rows to logits.
    x : Tensor of shape (B, n_features)
        Table rows.

    Returns
    -------
    logits : Tensor of shape (B, ...)
    """
    missing = -len(x) % ROW_MULTIPLE
    output = module(torch.nn.functional.pad(x, (0, 0, 0, missing)))
    # Of several outputs nobody knows which have a value for each row.
    return output[: len(x)] if torch.is_tensor(output) else module(x)


def as_precise_as(module, x):
    """Return rows in the precision of a module's weights.

    Parameters
    ----------
    module : torch module
        The module.
    x : Tensor or object
        Table rows.

    Returns
    -------
    x : Tensor or object
        What is not a tensor of decimal numbers is left as it is.
    """
    if not (torch.is_tensor(x) and x.is_floating_point()):
        return x
    weights = (p.dtype for p in module.parameters() if p.is_floating_point())
    return x.to(next(weights, x.dtype))


def rows_of_a_batch(dataset, n_features):
    """Return the rows of a prediction batch, in whole blocks; see ``ROW_MULTIPLE``.

    Parameters
    ----------
    dataset : Dataset
        The rows; a stream of rows has no length.
    n_features : int
        Number of columns.

    Returns
    -------
    n_rows : int
    """
    n_rows = _BLOCKS_OF_A_BATCH * rows_of_a_block(n_features)
    if hasattr(dataset, "__len__"):
        # Each thread gets a batch.
        n_rows = min(n_rows, len(dataset) // torch.get_num_threads())
    return max(n_rows - n_rows % ROW_MULTIPLE, _FEWEST_ROWS)


def predict_table(net, X, *, with_members=False):
    """Return the probabilities of a table's rows; see :meth:`LandslideNet.predict_proba`.

    Parameters
    ----------
    net : LandslideNet
        The fitted net.
    X : array-like, frame or Dataset of shape (n_samples, n_features)
        The table.
    with_members : bool, default=False
        Whether those of each member are wanted as well.

    Returns
    -------
    probabilities : ndarray of shape (n_samples, n_classes)
        With members (1 + n_members, n_samples, n_classes), of which the first are those of the
        net; each row is read and computed once.
    """
    check_device(net.device)
    pool = _pooling(net)
    if with_members:
        pool = _pooling_with_members(net, pool)
    if is_dataset(X):
        if holds_encoded_rows(X):
            return _predict_rows(net, X, pool)
        X, _ = table_of(X)
    n_rows = len(X) if hasattr(X, "shape") and len(X.shape) == 2 else 0
    if n_rows <= _READ_ROWS or isinstance(X, EncodedRows):
        return _refuse_nan(net, _predict_rows(net, read_rows(net, X), pool))
    check_codes(net, X)
    probabilities = None
    evaluate = _evaluator(net, n_rows)
    for start in range(0, n_rows, _READ_ROWS):
        part = slice(start, min(start + _READ_ROWS, n_rows))
        with codes_may_be_unknown():
            rows = read_rows(net, _safe_indexing(X, part))
        found = _refuse_nan(net, _predict_rows(net, rows, pool, evaluate))
        axis = _axis_of_rows(found)
        if probabilities is None:
            shape = list(found.shape)
            shape[axis] = n_rows
            probabilities = np.empty(shape)
        np.moveaxis(probabilities, axis, 0)[part] = np.moveaxis(found, axis, 0)
    return probabilities


def _refuse_nan(net, probabilities):
    """Return the probabilities, or raise where one of them is not a number."""
    if probabilities.dtype.kind == "f" and np.isnan(probabilities).any():
        raise ValueError(
            f"{type(net).__name__} gives no probability for some rows: its weights have diverged "
            "or are damaged. Fit it again, with a lower lr."
        )
    return probabilities


def predict_path_logs(net, X):
    """Take a prediction apart into its paths; see :meth:`LandslideNet.predict_path_logs`.

    Parameters
    ----------
    net : LandslideNet
        The fitted net.
    X : array-like or frame of shape (n_samples, n_features)
        The table.

    Returns
    -------
    logs : PathLogs
    """
    module = getattr(net.module_, "_orig_mod", net.module_)
    if not is_landslide_module(module):
        raise TypeError(f"The module {type(module).__name__} is your own: its paths are not known.")
    check_device(net.device)
    logits = torch.cat([part.cpu() for part in net.forward_iter(X)])
    # While the net trains there is no memory.
    has_memory = module.memory is not None and logits.shape[1] == module.n_heads
    return path_logs(logits, has_linear=module.linear is not None, has_memory=has_memory)


def _predict_rows(net, rows, pool, evaluate=None):
    """Return what a pool makes of the logits of validated rows."""
    if "forward_iter" in vars(net):
        # A scoring callback of skorch passes what the epoch has computed, in its order.
        return _joined([pool(logits) for logits in net.forward_iter(rows)])
    batches = net.get_iterator(net.get_dataset(rows))
    n_threads = torch.get_num_threads()
    keep_freed_memory()
    if evaluate is None:
        evaluate = _evaluator(net, len(rows))

    def probability(batch):
        return pool(evaluate(batch))

    if n_threads == 1 or not _may_use_threads(net):
        return _joined([probability(batch) for batch in batches])
    with one_thread(), ThreadPoolExecutor(n_threads) as threads:
        return _joined(list(threads.map(probability, batches)))


def _axis_of_rows(probabilities):
    """Return the axis of the rows: the last but that of the classes, if there are such."""
    return max(probabilities.ndim - 2, 0)


def _joined(parts):
    """Put the probabilities of batches together."""
    return np.concatenate(parts, axis=_axis_of_rows(parts[0]))


def _pooling(net):
    """Return what turns the module's output for a batch into probabilities."""
    nonlinearity = net._get_predict_nonlinearity()
    pooled_by_us = getattr(nonlinearity, "func", None) is pool_heads

    def pool(logits):
        logits = logits[0] if isinstance(logits, tuple) else logits
        logits = logits.cpu()
        # In double precision, so that scikit-learn's metrics find that rows sum to one.
        return to_numpy(nonlinearity(logits if pooled_by_us else logits.double()))

    return pool


def _pooling_with_members(net, pool):
    """Return what turns the output for a batch into the probabilities of the net and members."""
    names = ("n_members", "linear_weight", "memory_weight", "n_heads")
    about = {name: getattr(net.module_, name, None) for name in names}
    if about["n_members"] is None:
        raise TypeError(f"The module {type(net.module_).__name__} has no members.")

    def pool_both(logits):
        return np.stack([pool(logits), *to_numpy(pool_members(logits.cpu(), **about))])

    return pool_both


def _may_use_threads(net):
    # Nobody knows what a module or a function of the user's own does in threads.
    is_own = is_landslide_module(net.module_) and net.predict_nonlinearity == "auto"
    return is_own and _on_processor(net)


def _on_processor(net):
    return device_of(net).type == "cpu"


def _evaluator(net, n_rows):
    """Return what turns a batch into logits; for many rows the embedding is tabulated."""
    # Off the processor a look-up is no faster, and not every device has it.
    tabulated = n_rows >= _TABULATED_ROWS and _on_processor(net)
    if not (tabulated and is_landslide_module(net.module_)):
        return net.evaluation_step
    net._set_training(False)
    module = partial(net.module_, embedding=net.module_.tabulated_embedding())

    def evaluate(batch):
        with torch.inference_mode():
            rows = as_precise_as(net.module_, to_tensor(batch[0], device=net.device))
            return forward_in_blocks(module, rows)

    return evaluate
