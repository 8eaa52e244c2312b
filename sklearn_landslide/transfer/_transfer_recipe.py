"""What "auto" stands for in a transfer, by the landslides of the target.

Between five regions of which each pair shares 2 to 11 factors: ``benchmarks/transfer.py``. Rate,
share of the line with trained weights and share of the target's own net were chosen without each
region in turn, five times the same; the rest is not tuned.
"""

import math
from dataclasses import dataclass

# With fewer landslides nothing of the network is trained, and there is no net of the target alone.
_FEWEST = 10
_EPOCHS, _LR = 10, 3e-3
# Pull of the weights, and of the straight line, towards the source's.
_L2_SP, _LINEAR_L2_SP = 0.1, 10.0
# Share of a net of the target alone in the log-odds.
_TARGET = 0.7
# Share of the straight line on other ground: of the source as it is, and with trained weights. The
# memory remembers the source's places, and is left out.
_LINE, _LINE_TRAINED = 0.7, 0.5
# With so many landslides of the target a row of the source counts half, where rows are pooled.
_HALF_POOL = 300


@dataclass(frozen=True)
class TransferRecipe:
    """What "auto" stands for with a target.

    Parameters
    ----------
    adapt : {"prior", "head", "fine_tune", "none"}
        What is learned from the target.
    lr : float
        Learning rate.
    max_epochs : int
        Passes over the target's rows.
    l2_sp, linear_l2_sp : float
        Pull of the network's weights and of the straight line towards the source's.
    linear_weight, memory_weight : float or None
        Shares of the straight line and of the memory; None leaves those of the source.
    memory_share : float
        Share of the memory's trees that grow on the target's rows.
    target_weight : float
        Share of a model of the target alone in the log-odds.
    """

    adapt: str
    lr: float
    max_epochs: int
    l2_sp: float
    linear_l2_sp: float
    linear_weight: float | None
    memory_weight: float | None
    memory_share: float
    target_weight: float


def transfer_recipe(n_landslides, adapt="auto"):
    """Choose the recipe for a target.

    Parameters
    ----------
    n_landslides : int
        Landslides among the rows of the target; 0 without labels.
    adapt : {"auto", "none", "prior", "head", "fine_tune"}, default="auto"
        What is learned, where it was said; "none" leaves the source as it is.

    Returns
    -------
    recipe : TransferRecipe

    Examples
    --------
    >>> from sklearn_landslide.transfer._transfer_recipe import transfer_recipe
    >>> transfer_recipe(0).adapt, transfer_recipe(300).adapt
    ('none', 'fine_tune')
    """
    as_it_is = adapt == "none"
    if adapt == "auto":
        adapt = "fine_tune" if n_landslides >= _FEWEST else "prior" if n_landslides else "none"
    is_trained = adapt in ("head", "fine_tune")
    return TransferRecipe(
        adapt=adapt,
        lr=_LR,
        max_epochs=_EPOCHS,
        l2_sp=_L2_SP,
        linear_l2_sp=_LINEAR_L2_SP if is_trained else math.inf,
        linear_weight=None if as_it_is else _LINE_TRAINED if is_trained else _LINE,
        memory_weight=None if as_it_is else 0.0,
        memory_share=0.0,
        target_weight=_TARGET if is_trained and n_landslides >= _FEWEST else 0.0,
    )


def source_row_weight(n_landslides):
    """Return what a row of the source counts beside one of the target, where rows are pooled.

    Parameters
    ----------
    n_landslides : int
        Landslides of the target.

    Returns
    -------
    weight : float

    Examples
    --------
    >>> from sklearn_landslide.transfer._transfer_recipe import source_row_weight
    >>> source_row_weight(0), source_row_weight(300)
    (1.0, 0.5)
    """
    return _HALF_POOL / (_HALF_POOL + n_landslides)
