"""A fitted net brought to the rows of another region, path by path."""

from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, replace

import numpy as np
import torch

from sklearn_landslide._class_counts import real_counts
from sklearn_landslide.nn._bubble import one_thread, seed_bubble
from sklearn_landslide.nn._devices import device_of
from sklearn_landslide.nn._labels import read_labels
from sklearn_landslide.nn._memory import Forest, MemoryPath, grow_forest
from sklearn_landslide.nn._modules import is_landslide_module
from sklearn_landslide.nn._row_order import canonical_order
from sklearn_landslide.nn._rows import read_rows
from sklearn_landslide.nn._sequence_table import summarize
from sklearn_landslide.nn._weight_decay import pulled_to_start

# Weights that are trained, by what their names contain.
TRAINED = {"head": "heads.", "fine_tune": ""}


@dataclass(frozen=True, kw_only=True)
class NetAdaptation:
    """How a net is brought to another region.

    Parameters
    ----------
    trained : {"head", "fine_tune"} or None
        Weights that are trained: those of the heads, all, or none.
    lr : float
        Learning rate.
    max_epochs : int
        Passes over the rows.
    batch_size : "auto" or int
        As of the net.
    l2_sp : float
        Pull of the weights towards the source's; see ``pulled_to_start``.
    linear_l2_sp : float
        The same for the straight line, which is solved; infinity leaves it as it is.
    memory_share : float
        Share of the trees of the memory that are grown on the new rows.
    """

    trained: str | None
    lr: float
    max_epochs: int
    batch_size: str | int
    l2_sp: float
    linear_l2_sp: float
    memory_share: float


def adapt_net(net, X, y, how, *, shift=0.0, seed=0, verbose=0):
    """Bring a copy of a net of two classes to other rows; its encoding stays.

    Parameters
    ----------
    net : LandslideNet
        The fitted net; not changed.
    X : array-like or frame of shape (n_samples, n_features)
        The factors, as the net takes them.
    y : array-like of shape (n_samples,)
        Labels, both of the net's classes among them.
    how : NetAdaptation
        What is trained, solved and grown.
    shift : float, default=0.0
        Added to the log-odds of the second class of every path before, as where it is more
        frequent than it was.
    seed : int, default=0
        Seed of the batches, the dropout and the trees.
    verbose : int, default=0
        As of the net.

    Returns
    -------
    net : LandslideNet
        The adapted copy.
    """
    net = deepcopy(net)
    rows, codes = read_rows(net, X), read_labels(y, net.classes_).codes
    # As in a fit: what is learned does not depend on the order of the rows.
    order = canonical_order(rows, codes)
    rows, codes = rows[order], codes[order]
    module = getattr(net.module_, "_orig_mod", net.module_)
    _shift(net, module, shift)
    if module.memory is not None and how.memory_share > 0:
        _grow(net, module, rows, codes, how.memory_share, seed)
    with one_thread():
        if module.linear is not None and np.isfinite(how.linear_l2_sp):
            _solve_line(net, module, rows, codes, how.linear_l2_sp)
    if how.trained is not None and how.max_epochs:
        _prepare(net, how, seed, verbose)
        with (
            _only_trained(module, TRAINED[how.trained]),
            pulled_to_start(net.optimizer_, how.l2_sp),
        ):
            net._train(rows, codes, None)
    return net


def check_adaptable(net):
    """Raise unless a fitted net can be brought to another region.

    Parameters
    ----------
    net : LandslideNet
        The fitted net.
    """
    module = getattr(net.module_, "_orig_mod", net.module_)
    if net._monotone is not None:
        raise ValueError(
            "The net holds monotonic_cst, which its straight line and its trees would lose on the "
            "way to another region: fit it without, or use PooledRegions."
        )
    if not is_landslide_module(module):
        raise TypeError(
            f"The source's network has a module of your own, {type(module).__name__}: only that "
            "of LandslideNet can be adapted."
        )
    if not hasattr(net, "optimizer_") or net._torch_state is None:
        raise ValueError(
            "The source's network was trimmed for prediction and cannot be trained: give it as it "
            "was fitted or saved."
        )


def _shift(net, module, shift):
    """Add to the log-odds of the second class, path by path."""
    if not shift:
        return
    halves = torch.tensor([-shift / 2, shift / 2])
    with torch.no_grad():
        for name, parameter in module.named_parameters():
            if name.endswith("heads.bias"):
                parameter += halves.to(parameter)[:, None]
        if module.linear is not None:
            module.linear.bias += halves.to(module.linear.bias)
    if module.memory is not None:
        weighted = net._forest.share * np.exp([-shift / 2, shift / 2])
        share = weighted / weighted.sum(axis=1, keepdims=True)
        _remember(net, module, replace(net._forest, share=share.astype(np.float32)))


def _remember(net, module, forest):
    """Put another forest into a net."""
    device = device_of(net)
    net._forest = forest
    module.memory = MemoryPath(forest, net.encoding_).to(device)


def _grow(net, module, rows, codes, share, seed):
    """Exchange some trees for ones that know the new rows; at least one of each kind stays."""
    old = net._forest
    n_trees = len(old.first_node)
    n_new = n_trees if share == 1 else int(np.clip(round(share * n_trees), 1, n_trees - 1))
    if not n_new:
        return
    factors = rows
    if net._sequences:
        factors, _ = summarize(rows, np.zeros(net.n_features_in_, dtype=int), net._sequences)
    grown = grow_forest(
        np.asarray(factors),
        codes,
        net.encoding_,
        len(net.classes_),
        n_trees=n_new,
        seed=seed,
        counts=real_counts(net.classes_, np.bincount(codes, minlength=len(net.classes_))),
    )
    kept = old.slices()[: n_trees - n_new]
    _remember(net, module, _joined([(old, kept), (grown, grown.slices())]))


def _joined(forests):
    """Join trees of several forests into one."""
    arrays = {name: [] for name in ("feature", "threshold", "left", "right", "share")}
    sizes = []
    for forest, slices in forests:
        for nodes in slices:
            sizes.append(nodes.stop - nodes.start)
            for name, parts in arrays.items():
                parts.append(getattr(forest, name)[nodes])
    first = np.cumsum([0, *sizes[:-1]]).astype(np.int32)
    return Forest(
        first_node=first, **{name: np.concatenate(parts) for name, parts in arrays.items()}
    )


def _solve_line(net, module, rows, codes, strength):
    """Solve the logistic regression again, its coefficients drawn towards those that it has."""
    line = deepcopy(module.linear).double()
    x = torch.as_tensor(np.asarray(rows), device=device_of(net))
    with torch.no_grad():
        values, _, places, *_ = module._read(x)
    values, target = values.double(), torch.as_tensor(codes, device=device_of(net))
    names = ("weight", "code_weight", "bias")
    start = {name: getattr(line, name).clone() for name in names}
    solved = {name: start[name].clone().requires_grad_() for name in names}
    optimizer = torch.optim.LBFGS(
        list(solved.values()), max_iter=500, tolerance_grad=1e-9, line_search_fn="strong_wolfe"
    )

    def closure():
        optimizer.zero_grad()
        logits = torch.func.functional_call(line, solved, (values, places))[0].T
        loss = torch.nn.functional.cross_entropy(logits, target, reduction="sum")
        for name in ("weight", "code_weight"):
            loss = loss + strength / 2 * (solved[name] - start[name]).square().sum()
        loss = loss / len(target)
        loss.backward()
        return loss

    optimizer.step(closure)
    with torch.no_grad():
        for name in names:
            getattr(module.linear, name).copy_(solved[name])


def _prepare(net, how, seed, verbose):
    """Give a net what it trains with, as if it began to."""
    for name in list(vars(net)):
        if name.startswith(("callbacks__", "optimizer__")):
            del vars(net)[name]
    vars(net).update(
        lr=how.lr,
        max_epochs=how.max_epochs,
        batch_size=how.batch_size,
        callbacks=None,
        train_split=None,
        class_weight=None,
        optimizer=torch.optim.AdamW,
        optimizer__weight_decay=0.0,
        random_state=seed,
        # skorch would print that it builds a second time.
        verbose=0,
        _class_weights=None,
        _seed=seed,
    )
    with seed_bubble(seed, device=device_of(net)):
        net._torch_state = torch.get_rng_state().numpy()
    net._initialize_criterion()
    net._initialize_optimizer()
    net._initialize_callbacks()
    net._initialize_history()
    net.verbose = verbose


@contextmanager
def _only_trained(module, part):
    """Leave all weights alone but those whose names contain a text."""
    frozen = [p for name, p in module.named_parameters() if part not in name and p.requires_grad]
    for parameter in frozen:
        parameter.requires_grad_(False)
    try:
        yield
    finally:
        for parameter in frozen:
            parameter.requires_grad_(True)
